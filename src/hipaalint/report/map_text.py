"""The inventory as CSV and JSON, the map as DOT, Mermaid and JSON.

Written from a ResourceMap, for `hipaalint map`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from .csv_report import cell
from .resource_map import HOLDS, INTERNET, PLAIN, Asset, Link, Node, ResourceMap
from .rows import Row, printable

COLUMNS = (
    "root", "deployment", "resource", "type", "role", "phi", "phi_because", "internet", "ports", "module", "vpc", "subnets",
    "region", "file", "line",
)  # fmt: skip


def asset_row(asset: Asset) -> Row:
    """An asset as plain data; `internet` is null where it cannot be told."""
    resource = asset.resource
    return {
        "root": printable(resource.root.path),
        "deployment": printable(resource.root.deployment),
        "resource": printable(resource.address),
        "type": printable(resource.type),
        "role": asset.role,
        "phi": asset.phi,
        "phi_because": asset.because,
        "internet": asset.internet,
        "ports": asset.ports,
        "module": printable(resource.written.module),
        "vpc": printable(" ".join(asset.vpcs)),
        "subnets": printable(" ".join(asset.subnets)),
        "region": printable(asset.region),
        "file": printable(resource.header.file.path),
        "line": resource.header.line,
    }


def link_row(link: Link) -> Row:
    """A link as plain data; `from` is null for the internet."""
    return {
        "from": None if link.source is None else link.source.id,
        "to": link.sink.id,
        "what": printable(link.what),
        "encryption": link.encryption,
        "crosses": link.crosses,
        "certain": link.sure,
    }


def render_csv(found: ResourceMap) -> str:
    """The inventory, with a header."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    words = {True: "yes", False: "no", None: "undecided"}
    for asset in found.assets:
        row = asset_row(asset)
        writer.writerow([cell(words[row[name]] if name == "internet" else row[name]) for name in COLUMNS])
    return stream.getvalue()


def render_json(found: ResourceMap) -> str:
    """Inventory and map. A node names the resources that it stands for."""
    document: dict[str, Any] = {
        "version": 1,
        "assets": [asset_row(asset) for asset in found.assets],
        "nodes": [
            {
                "id": node.id,
                "label": printable(node.label),
                "root": printable(node.root),
                "vpc": printable(node.vpc),
                "resources": [printable(asset.resource.address) for asset in node.assets],
                "role": node.first.role,
                "phi": node.first.phi,
            }
            for node in found.nodes
        ],
        "links": [link_row(link) for link in found.links],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_dot(found: ResourceMap) -> str:
    """For Graphviz: a cluster for each root, and in it for each VPC."""
    return "\n".join(_dot(found)) + "\n"


def _dot(found: ResourceMap) -> Iterator[str]:
    yield from ("digraph hipaalint {", "  rankdir=LR;", '  node [shape=box, style="rounded,filled", fillcolor=white];')
    if any(link.source is None for link in found.links):
        yield f"  internet [label={_quoted(INTERNET)}, shape=ellipse, color=red];"
    for number, (root, vpcs) in enumerate(_clusters(found.nodes)):
        yield from (f"  subgraph cluster_{number} {{", f"    label={_quoted(root)};")
        for inner, (vpc, nodes) in enumerate(vpcs):
            if vpc:
                yield from (f"    subgraph cluster_{number}_{inner} {{", f"      label={_quoted(vpc)}; style=dashed;")
            for node in nodes:
                color = ", fillcolor=lightblue" if node.first.phi in HOLDS else ""
                edge = ", color=red" if node.first.internet else ""
                yield f"      {node.id} [label={_quoted(_label(node))}{color}{edge}];"
            if vpc:
                yield "    }"
        yield "  }"
    for link in found.links:
        source = link.source.id if link.source is not None else "internet"
        style = (", color=red" if link.encryption == PLAIN else "") + ("" if link.sure else ", style=dotted")
        yield f"  {source} -> {link.sink.id} [label={_quoted(_words(link))}{style}];"
    yield "}"


def render_mermaid(found: ResourceMap) -> str:
    """For a README or a pull request."""
    return "\n".join(_mermaid(found)) + "\n"


def _mermaid(found: ResourceMap) -> Iterator[str]:
    yield "flowchart LR"
    if any(link.source is None for link in found.links):
        yield f'  internet(["{INTERNET}"])'
    for number, (root, vpcs) in enumerate(_clusters(found.nodes)):
        yield f'  subgraph root{number}["{_entity(root)}"]'
        for inner, (vpc, nodes) in enumerate(vpcs):
            if vpc:
                yield f'    subgraph root{number}vpc{inner}["{_entity(vpc)}"]'
            for node in nodes:
                opening, closing = ('[("', '")]') if node.first.role == "store" else ('["', '"]')
                yield f"      {node.id}{opening}{_entity(_label(node))}{closing}"
            if vpc:
                yield "    end"
        yield "  end"
    for link in found.links:
        source = link.source.id if link.source is not None else "internet"
        arrow = "-->" if link.sure else "-.->"
        yield f'  {source} {arrow}|"{_entity(_words(link))}"| {link.sink.id}'
    for name, style, ids in (
        ("phi", "fill:#ddebff,stroke:#0550ae,color:#1b1f24", [n.id for n in found.nodes if n.first.phi in HOLDS]),
        ("exposed", "stroke:#b3121d,stroke-width:3px", [n.id for n in found.nodes if n.first.internet]),
    ):
        if ids:
            yield from (f"  classDef {name} {style}", f"  class {','.join(ids)} {name}")


def _clusters(nodes: Iterable[Node]) -> list[tuple[str, list[tuple[str, list[Node]]]]]:
    """root → VPC → nodes, in the order of the scan; what is outside of VPCs last."""
    roots: dict[str, dict[str, list[Node]]] = {}
    for node in nodes:
        roots.setdefault(node.root, {}).setdefault(node.vpc, []).append(node)
    return [(root, sorted(vpcs.items(), key=lambda item: (item[0] == "", item[0]))) for root, vpcs in roots.items()]


def _label(node: Node) -> str:
    count = f" x{len(node.assets)}" if len(node.assets) > 1 else ""
    return f"{node.label}{count} ({node.first.resource.type.removeprefix('AWS::').replace('::', ' ')})"


def _words(link: Link) -> str:
    crossing = f", crosses {', '.join(link.crosses)}" if link.crosses else ""
    encryption = f", {link.encryption}" if link.encryption != "not told" else ""
    return f"{link.what}{encryption}{crossing}"


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _entity(text: str) -> str:
    """A text as Mermaid takes it in quotes: what could end it or be markup as a numbered entity."""
    return "".join(f"#{ord(c)};" if c in '"#<>&;`|[](){}\\' else c for c in printable(text))
