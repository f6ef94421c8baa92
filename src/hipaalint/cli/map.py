"""`hipaalint map [PATH …]`: the inventory of assets, and the map of where PHI is kept and how it moves.

What a risk analysis starts from; the graph of `hipaalint graph`, seen from its data.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from ..judge.configuration import ConfigurationError
from .output import STANDARD_OUTPUT, write
from .parser import Choice, CommandParser, explained

EXAMPLES = """\
examples:
  hipaalint map infra -o map.svg                          the picture
  hipaalint map infra --format mermaid                    for a README or a pull request
  hipaalint map infra --format csv -o inventory.csv       the inventory of assets"""

# format → (module of report/, function)
FORMATS = {
    "svg": ("map_svg", "render_svg"),
    "mermaid": ("map_text", "render_mermaid"),
    "dot": ("map_text", "render_dot"),
    "json": ("map_text", "render_json"),
    "csv": ("map_text", "render_csv"),
}
SUFFIXES = {".svg": "svg", ".mmd": "mermaid", ".dot": "dot", ".gv": "dot", ".json": "json", ".csv": "csv"}


def add_arguments(parser: CommandParser) -> None:
    """The paths, the format, and where it goes."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this folder)")
    parser.add_argument(
        "--format", action=Choice, names=tuple(FORMATS), metavar="FORMAT",
        help="svg, mermaid, dot (the map), csv (the inventory), json (both); default: as FILE is named, else mermaid",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", default=STANDARD_OUTPUT, metavar="FILE", help="where it goes (default: standard output)"
    )
    parser.add_argument("--config", metavar="FILE", help="instead of the configuration that is found")


def run(options: argparse.Namespace) -> int:
    """Write it; 2 if something could not be read."""
    from ..pipeline import understand

    try:
        graph, diagnostics = understand(
            [Path(path) for path in options.paths or ["."]], Path(options.config) if options.config else None
        )
    except ConfigurationError as error:
        raise explained(error) from None
    from ..report.map_condense import condensed
    from ..report.resource_map import map_of

    format = options.format or SUFFIXES.get(Path(options.output).suffix.lower(), "mermaid")
    module, function = FORMATS[format]
    text: str = getattr(import_module(f"..report.{module}", __package__), function)(condensed(map_of(graph)))
    write(text, options.output)
    return 2 if any(diagnostic.severity == "error" for diagnostic in diagnostics) else 0
