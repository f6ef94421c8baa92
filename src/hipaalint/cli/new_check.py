"""`hipaalint new-check ID`: the beginnings of a check file, complete in form; its examples fail until it is written.

For authors of checks, ours and the users' own.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from .output import write
from .parser import CommandParser, UsageError

EXAMPLES = """\
examples:
  hipaalint new-check sqs-dead-letter-queue --folder policy/checks
  hipaalint test policy/checks                       run its examples"""

TEMPLATE = """\
id: {id}
title: Say the good state, as in "SQS queues have a dead-letter queue"
severity: medium
controls:
  - id: hipaa:164.312(a)(1)
    because: Say why this check serves that control.
risk: Say what goes wrong, in one sentence for a reader who is no AWS specialist.
resource: AWS::{service}::TYPE
condition: |-
  PROPERTY != null
message: |-
  ${{resource}} does not …
remediation: Say what to write.
examples:
  pass:
    - cloudformation: |
        Resources:
          Good:
            Type: AWS::{service}::TYPE
      terraform: |
        resource "aws_TYPE" "good" {{
        }}
  fail:
    - cloudformation: |
        Resources:
          Bad:
            Type: AWS::{service}::TYPE # <-
      terraform: |
        resource "aws_TYPE" "bad" {{ # <-
        }}
references: []
"""


def add_arguments(parser: CommandParser) -> None:
    """The id, and the folder of the checks."""
    parser.add_argument("id", metavar="ID", help="service first, then the good state: sqs-dead-letter-queue")
    parser.add_argument("--folder", default="checks", metavar="DIR", help="the folder of your checks (default: checks)")


def run(options: argparse.Namespace) -> int:
    """Write the file, which must not be there yet."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", options.id):
        raise UsageError(
            f'"{options.id}" is no id: write small letters and digits, words joined by -, the service first'
        )
    service = options.id.partition("-")[0]
    path = Path(options.folder) / service / f"{options.id}.yaml"
    if path.exists():
        raise UsageError(f"{path} is there already")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path.parent} cannot be made: {error.strerror}") from None
    write(TEMPLATE.format(id=options.id, service=service.upper()), str(path))
    print(f"{path}: written. Next: fill it in, then hipaalint test {options.folder}")
    return 0
