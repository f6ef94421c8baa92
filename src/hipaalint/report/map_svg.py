"""The map as a picture: a frame for each root, in it one for each VPC, in it columns from the internet inwards.

Drawn from a ResourceMap by plain arithmetic; every colour is written out, so that it looks the same wherever it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from ..model.resource import Resource
from .map_layout import Box, Frame, Layout, layout_of
from .resource_map import ENCRYPTED, HOLDS, INTERNET, PLAIN, UNDECIDED, Link, Node, ResourceMap
from .rows import printable

TEXT, QUIET, LINE, GROUND, RAISED = "#1b1f24", "#57606a", "#8c959f", "#ffffff", "#f3f5f8"
# Names that would be too long for a box.
_SHORT = {"ElasticLoadBalancingV2": "ELB", "ElasticLoadBalancing": "ELB", "OpenSearchService": "OpenSearch"}
PHI, PUBLIC, CLEAR = "#0550ae", "#b3121d", "#b3121d"
FONT = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"


Failures = Mapping[tuple[str, str, str], int]


def key_of(resource: Resource) -> tuple[str, str, str]:
    """By which the failures of a resource are found."""
    return resource.root.path, resource.root.deployment, resource.address


def render_svg(found: ResourceMap, failures: Failures | None = None, *, links: bool = False) -> str:
    """The picture. failures: open failures by root, deployment and address, shown on what has them.

    links: each node leads to its page of an HTML report.
    """
    layout = layout_of(found)
    width, height = layout.width, layout.height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="map-title" font-family="{FONT}" font-size="12">',
        '<title id="map-title">Where PHI is kept and how it moves</title>',
        "<defs>",
        *(
            f'<marker id="arrow-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
            f'markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
            f'<path d="M0 0L8 4L0 8z" fill="{color}"/></marker>'
            for name, color in (("quiet", LINE), ("phi", PHI), ("clear", CLEAR))
        ),
        "</defs>",
        f'<rect width="{width}" height="{height}" fill="{GROUND}"/>',
        *(_frame(frame) for frame in layout.frames),
        *(_link(link, layout) for link in found.links),
        *(_node(node, layout.boxes[node.id], failures or {}, links) for node in found.nodes),
        *(_internet(box) for box in layout.internet.values()),
        *_legend(layout),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _frame(frame: Frame) -> str:
    dash = ' stroke-dasharray="5 4"' if frame.level else ""
    return (
        f'<rect x="{frame.box.x}" y="{frame.box.y}" width="{frame.box.width}" height="{frame.box.height}" rx="8" '
        f'fill="{RAISED if frame.level == 0 else GROUND}" stroke="{LINE}"{dash}/>'
        f'<text x="{frame.box.x + 10}" y="{frame.box.y + 18}" fill="{TEXT if frame.level == 0 else QUIET}" '
        f'font-weight="{700 if frame.level == 0 else 400}">{escape(printable(frame.title))}</text>'
    )


def _node(node: Node, box: Box, failures: Failures, links: bool) -> str:
    asset = node.first
    phi = asset.phi in HOLDS
    count = f" ×{len(node.assets)}" if len(node.assets) > 1 else ""
    open_ones = sum(failures.get(key_of(each.resource), 0) for each in node.assets)
    facts = [
        *(each.resource.address for each in node.assets[:5]),
        asset.resource.type,
        f"PHI: {asset.phi}" + (f" ({asset.because})" if asset.because else ""),
        f"reached from the internet: {_yes(asset.internet)}" + (f" on {asset.ports}" if asset.ports else ""),
        *([f"{open_ones} open failures"] if failures else []),
    ]
    stroke = PUBLIC if asset.internet else PHI if phi else LINE
    dash = ' stroke-dasharray="4 3"' if asset.phi == UNDECIDED or asset.internet is None else ""
    label = escape(_cut(printable(node.label), 27)) + count
    badge = ""
    if open_ones:
        x, y = box.x + box.width - 4, box.y + 2
        badge = (
            f'<circle cx="{x}" cy="{y}" r="10" fill="{CLEAR}"/><text x="{x}" y="{y + 4}" fill="{GROUND}" font-size="10" '
            f'font-weight="700" text-anchor="middle">{min(open_ones, 99)}</text>'
        )
    drawn = (
        f"<g><title>{escape(printable(chr(10).join(facts))).replace(chr(92) + 'n', chr(10))}</title>"
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6" '
        f'fill="{"#ddebff" if phi else GROUND}" stroke="{stroke}" stroke-width="{2 if phi or asset.internet else 1}"{dash}/>'
        f'<text x="{box.x + 8}" y="{box.y + 16}" fill="{TEXT}" font-weight="600">{label}</text>'
        f'<text x="{box.x + 8}" y="{box.y + 31}" fill="{QUIET}" font-size="10">{escape(_cut(_service(asset.resource.type), 22))}'
        f"{' · PHI ' + asset.phi if phi or asset.phi == UNDECIDED else ''}</text>{badge}</g>"
    )
    if not links:
        return drawn
    address = quote(printable(asset.resource.address), safe="")
    return f'<a href="#/resources?q={address}" aria-label="{escape(printable(asset.resource.address))}">{drawn}</a>'


def _link(link: Link, layout: Layout) -> str:
    source = layout.boxes[link.source.id] if link.source is not None else layout.internet[link.sink.root]
    sink = layout.boxes[link.sink.id]
    ends_hold = link.sink.first.phi in HOLDS and (link.source is None or link.source.first.phi in HOLDS)
    name, color = ("clear", CLEAR) if link.encryption == PLAIN else ("phi", PHI) if ends_hold else ("quiet", LINE)
    y1, y2 = source.y + source.height / 2, sink.y + sink.height / 2
    if source.x + source.width < sink.x:
        x1, x2 = source.x + source.width, sink.x
        bend = max(24.0, (x2 - x1) / 2)
        path = f"M{x1} {y1}C{x1 + bend:.0f} {y1} {x2 - bend:.0f} {y2} {x2} {y2}"
    else:  # to the same column or back: round the right side
        x1, x2 = source.x + source.width, sink.x + sink.width
        out = max(x1, x2) + 26
        path = f"M{x1} {y1}C{out} {y1} {out} {y2} {x2} {y2}"
    dash = "" if link.sure else ' stroke-dasharray="2 4"'
    wide = 2 if link.encryption in (PLAIN, ENCRYPTED) else 1.2
    crossing = f"; crosses {', '.join(link.crosses)}" if link.crosses else ""
    sure = "" if link.sure else "; perhaps"
    start = link.source.label if link.source is not None else INTERNET
    words = escape(printable(f"{start} {link.what} {link.sink.label} ({link.encryption}{crossing}{sure})"))
    return (
        f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{wide}" stroke-opacity="0.75"{dash} '
        f'marker-end="url(#arrow-{name})"><title>{words}</title></path>'
    )


def _internet(box: Box) -> str:
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="16" fill="{GROUND}" '
        f'stroke="{PUBLIC}" stroke-width="2"/><text x="{box.x + box.width / 2}" y="{box.y + 21}" fill="{PUBLIC}" '
        f'font-weight="700" text-anchor="middle">{INTERNET}</text>'
    )


def _legend(layout: Layout) -> list[str]:
    y = layout.height - 16
    words = (
        (PHI, "holds PHI, or PHI may move"),
        (PUBLIC, "reached from the internet, or a way that is not encrypted"),
        (LINE, "no PHI is known of"),
    )
    drawn, x = [], 16
    for color, text in words:
        drawn.append(f'<path d="M{x} {y - 4}h24" stroke="{color}" stroke-width="3"/>')
        drawn.append(f'<text x="{x + 30}" y="{y}" fill="{QUIET}" font-size="11">{text}</text>')
        x += 52 + 6 * len(text)
    return drawn


def _service(type: str) -> str:
    """`AWS::RDS::DBInstance` as `RDS DBInstance`."""
    service, _, kind = type.removeprefix("AWS::").partition("::")
    return f"{_SHORT.get(service, service)} {kind}".strip()


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else "…" + text[1 - length :]


def _yes(decided: bool | None) -> str:
    return "undecided" if decided is None else "yes" if decided else "no"
