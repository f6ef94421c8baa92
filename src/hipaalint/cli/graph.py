"""`hipaalint graph [PATH …]`: what was understood, as JSON: resources, the values of their properties, their edges.

For whoever asks why a check said what it said.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..judge.configuration import ConfigurationError
from .output import STANDARD_OUTPUT, write
from .parser import CommandParser, explained

EXAMPLES = """\
examples:
  hipaalint graph infra
  hipaalint graph template.yaml -o graph.json"""


def add_arguments(parser: CommandParser) -> None:
    """The paths, and where the dump goes."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this folder)")
    parser.add_argument(
        "-o", "--output", default=STANDARD_OUTPUT, metavar="FILE", help="where it goes (default: standard output)"
    )
    parser.add_argument("--config", metavar="FILE", help="instead of the configuration that is found")


def run(options: argparse.Namespace) -> int:
    """Write the dump; 2 if something could not be read."""
    from ..pipeline import understand

    try:
        graph, diagnostics = understand(
            [Path(path) for path in options.paths or ["."]], Path(options.config) if options.config else None
        )
    except ConfigurationError as error:
        raise explained(error) from None
    from ..report.graph_dump import dump

    write(json.dumps(dump(graph, diagnostics), indent=2, ensure_ascii=False) + "\n", options.output)
    return 2 if any(diagnostic.severity == "error" for diagnostic in diagnostics) else 0
