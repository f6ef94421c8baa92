"""`hipaalint checks`: every check with its severity, controls and types.

For people who choose, and with --format json for programs.
"""

from __future__ import annotations

import argparse
import json

from ..policy.check import Check
from .catalogue import add_catalogue_arguments, read_catalogue
from .output import STANDARD_OUTPUT, write
from .parser import Choice, CommandParser

EXAMPLES = """\
examples:
  hipaalint checks
  hipaalint checks --format json"""


def add_arguments(parser: CommandParser) -> None:
    """--format, and where the configuration is."""
    parser.add_argument(
        "--format",
        action=Choice,
        names=("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text (default) or json",
    )
    add_catalogue_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print them, by id."""
    checks = sorted(read_catalogue(options).checks.values(), key=lambda check: check.id)
    if options.format == "json":
        text = json.dumps([as_data(check) for check in checks], indent=2, ensure_ascii=False)
    else:
        width = max((len(check.id) for check in checks), default=0)
        text = "\n".join(f"{check.id:<{width}}  {check.severity:<8}  {check.title}" for check in checks)
        text += f"\n\n{len(checks)} checks; `hipaalint explain CHECK` says more about one"
    write(text + "\n", STANDARD_OUTPUT)
    return 0


def as_data(check: Check) -> dict[str, object]:
    """A check without its expressions and examples, as plain data."""
    return {
        "id": check.id,
        "title": check.title,
        "severity": check.severity,
        "service": check.service,
        "resources": list(check.types),
        "profiles": list(check.profiles),
        "aliases": list(check.aliases),
        "controls": [{"id": link.id, "because": link.because} for link in check.controls],
        "risk": check.risk,
        "remediation": check.remediation,
        "parameters": {
            name: {"type": parameter.type, "default": parameter.default, "description": parameter.description}
            for name, parameter in check.parameters.items()
        },
        "references": list(check.references),
    }
