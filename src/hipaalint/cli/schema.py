"""`hipaalint schema NAME`: the JSON schema of configurations, policies or check files.

For editors, which complete and check while one writes.
"""

from __future__ import annotations

import argparse
import json

from .output import STANDARD_OUTPUT, write
from .parser import Choice, CommandParser

EXAMPLES = """\
examples:
  hipaalint schema configuration -o hipaalint.schema.json
  hipaalint schema check

in the first line of a YAML file, for editors with the YAML language server:
  # yaml-language-server: $schema=hipaalint.schema.json"""
NAMES = ("configuration", "policy", "check")


def add_arguments(parser: CommandParser) -> None:
    """Which schema, and where it goes."""
    parser.add_argument("name", action=Choice, names=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("-o", "--output", default=STANDARD_OUTPUT, metavar="FILE", help="where it goes")


def run(options: argparse.Namespace) -> int:
    """Write the schema."""
    from ..judge.schemas import schemas

    write(json.dumps(schemas()[options.name], indent=2) + "\n", options.output)
    return 0
