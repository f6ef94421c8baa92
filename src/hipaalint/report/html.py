"""One page that holds everything: the controls, the checks, the resources, the evidence; opened from disk, no network.

Beside the other formats. The data is JSON, shown by templates/report.js, which writes texts only and never markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from .controls_matrix import Matrix
from .html_data import data_of_report
from .provenance import NO_CERTIFICATION
from .report import Report
from .rows import printable

if TYPE_CHECKING:
    from .resource_map import Link


def render(report: Report) -> str:
    """The page. Same report, same bytes."""
    matrix = Matrix(report)
    data = json.dumps(data_of_report(report, matrix), ensure_ascii=False, separators=(",", ":"))
    style, script = (_template(name) for name in ("report.css", "report.js"))
    figures = ", ".join(f"{number} {name}" for name, number in matrix.total.kinds.items())
    parts = {
        "policy": f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(style)}'; "
        f"script-src 'sha256-{_digest(script)}'; base-uri 'none'; form-action 'none'",
        "style": style,
        "script": script,
        "summary": escape(f"{matrix.total.examined} results examined: {figures}. {NO_CERTIFICATION}"),
        "data": json_in_html(data),
        "map": _map(report),
    }
    page = _template("report.html")
    for name, text in parts.items():
        before, _, after = page.partition(f"<!--{name}-->")
        page = before + text + after
    return page


def json_in_html(text: str) -> str:
    """JSON that can stand in a script element: nothing in it ends the element or opens a comment."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _map(report: Report) -> str:
    """The picture of the graph and, for whoever cannot see it, the same as a table; empty where there is nothing to draw."""
    if report.graph is None:
        return ""
    from .map_condense import condensed
    from .map_svg import key_of, render_svg
    from .resource_map import map_of

    found = condensed(map_of(report.graph))
    if not found.nodes:
        return ""
    failures = Counter(
        key_of(finding.resource) for finding in report.findings if finding.fails and finding.resource is not None
    )
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(printable(text))}</td>' for text in _way(link))}</tr>" for link in found.links
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("From", "To", "What", "Encryption on the way", "Crosses")
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Map">{render_svg(found, failures, links=True)}</div>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="Ways"><table><caption>Ways that data may take</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _way(link: Link) -> tuple[str, ...]:
    source = link.source.first.resource.address if link.source is not None else "Internet"
    sure = "" if link.sure else " (perhaps)"
    return source, link.sink.first.resource.address, link.what + sure, link.encryption, ", ".join(link.crosses)


def _template(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
