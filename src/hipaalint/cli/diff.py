"""`hipaalint diff BEFORE.json AFTER.json`: what is new, repaired and changed between two JSON reports.

For reviews and release notes; the scan itself knows --since.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .output import STANDARD_OUTPUT, write
from .parser import Choice, CommandParser, UsageError

EXAMPLES = """\
examples:
  hipaalint diff before.json after.json
  hipaalint diff before.json after.json --format json -o diff.json

exit code:
  0  nothing is worse     1  a new failure, or one that counts only now     2  a report could not be read"""


def add_arguments(parser: CommandParser) -> None:
    """Two reports, and what is made of them."""
    parser.add_argument("before", metavar="BEFORE.json", help="the earlier report (`scan --format json`)")
    parser.add_argument("after", metavar="AFTER.json", help="the later one")
    parser.add_argument(
        "--format",
        action=Choice,
        names=("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text (default) or json",
    )
    parser.add_argument("-o", "--output", default=STANDARD_OUTPUT, metavar="FILE", help="where it goes")


def run(options: argparse.Namespace) -> int:
    """Write the comparison."""
    from ..report.difference import Difference, as_data, as_text

    difference = Difference(_read(options.before), _read(options.after))
    if options.format == "json":
        text = json.dumps(as_data(difference), indent=2, ensure_ascii=False) + "\n"
    else:
        text = as_text(difference)
    write(text, options.output)
    return 1 if difference.closes() else 0


def _read(name: str) -> dict[str, Any]:
    from ..report.difference import is_report

    try:
        document = json.loads(Path(name).read_bytes())
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{name} is no JSON; `hipaalint scan --format json` writes what is wanted here") from None
    if not is_report(document):
        raise UsageError(f"{name} is no report of version 1; `hipaalint scan --format json` writes one")
    found: dict[str, Any] = document
    return found
