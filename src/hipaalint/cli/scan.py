"""`hipaalint scan`: options to a configuration, the run itself, its reports, the exit code.

The one command that most people use.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

from ..judge.configuration import ConfigurationError
from ..policy.finding import VERDICTS
from ..report import FORMATS, render
from .output import STANDARD_OUTPUT, write
from .parser import Choice, CommandParser, UsageError, explained
from .run_options import Progress, add_run_arguments, configuration_of

EXAMPLES = """\
examples:
  hipaalint scan                                         judge everything below this folder
  hipaalint scan infra --var-file prod.tfvars            one Terraform root, with the values of production
  hipaalint scan --format text --format sarif -o found.sarif
                                                         text on the terminal, SARIF into a file
  hipaalint scan --select 's3-*' --ignore low            some checks, by id, severity or control
  hipaalint scan --include unknown --fail-on high        show the undecided too; only high and critical close the gate
  hipaalint scan --since origin/main                     what this branch adds to the findings

exit code:
  0  nothing at or above the gate     1  findings     2  not everything could be done (2 wins over 1)"""

SUFFIXES = {
    ".sarif": "sarif", ".json": "json", ".xml": "junit", ".md": "markdown", ".csv": "csv", ".txt": "text", ".html": "html",
}  # fmt: skip
SARIF_PROFILES = ("github", "full")
CATEGORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:/-]*[A-Za-z0-9])?")


class _Report(argparse.Action):
    """Notes --format and --output in the order in which they are given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        namespace.reports = [*(namespace.reports or []), (self.dest, values)]


def add_arguments(parser: CommandParser) -> None:
    """The options of a run, and those of its reports."""
    parser.set_defaults(reports=None)
    add_run_arguments(parser)
    output = parser.add_argument_group("reports")
    output.add_argument(
        "--format", action=_Report, metavar="FORMAT", help=f"{', '.join(FORMATS)} (default: text); may be repeated"
    )
    output.add_argument(
        "-o",
        "--output",
        action=_Report,
        metavar="FILE",
        help="where the --format before it goes (default: standard output)",
    )
    output.add_argument(
        "--include", action=Choice, names=VERDICTS, several=True, metavar="VERDICT,…",
        help="which verdicts are shown besides failures: pass, unknown, not_applicable",
    )  # fmt: skip
    output.add_argument(
        "--sarif-profile", action=Choice, names=SARIF_PROFILES, default="github", metavar="PROFILE",
        help="github: what code scanning can show (default); full: everything",
    )  # fmt: skip
    output.add_argument(
        "--category",
        default="hipaalint",
        metavar="NAME",
        help="of the SARIF log: tells several uploads of a commit apart",
    )
    known = parser.add_argument_group("what is new")
    known.add_argument("--baseline", metavar="FILE", help="findings that do not count (`hipaalint baseline` writes it)")
    known.add_argument("--since", metavar="REV", help="what was there in this git revision does not count")
    known.add_argument(
        "--touching", action="store_true",
        help="the paths are changed files: judge the roots they belong to, report what has to do with them",
    )  # fmt: skip
    parser.add_argument("--validate", action="store_true", help="add cfn-lint's errors on the templates")
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="accepted for the future: one process does all the work yet"
    )


def run(options: argparse.Namespace) -> int:
    """Scan, write the reports, return the exit code."""
    reports = pair_reports(options.reports or [])
    if options.jobs < 1:
        raise UsageError("--jobs takes a number of at least 1")
    if not CATEGORY.fullmatch(options.category):
        raise UsageError(f'--category takes letters, digits and . _ : - / between them, not "{options.category}"')
    if options.touching and not options.paths:
        raise UsageError("--touching needs the files that changed")
    from ..pipeline import scan  # the options are right: now it is worth loading

    progress = Progress()
    try:
        targets, configuration = configuration_of(options)
        configuration.since = options.since
        configuration.only_touching = options.touching
        configuration.validate = options.validate
        report = scan(targets, configuration, progress=progress)
    except ConfigurationError as error:
        raise explained(error) from None
    finally:
        progress.clear()
    for format, target in reports:
        color = format == "text" and target == STANDARD_OUTPUT and _is_colored()
        text = render(report, format, sarif_profile=options.sarif_profile, category=options.category, color=color)
        write(text, target)
    if all(target != STANDARD_OUTPUT for _, target in reports):
        from ..report.text import closing

        print("\n".join(closing(report)), file=sys.stderr)
    return report.exit_code


def pair_reports(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """--format and --output, in the order given, as (format, target) pairs.

    As many outputs as formats go together in their order; else an output belongs to the format before it. An output
    without a format has that of its suffix. Raises UsageError, also where two reports would go to standard output.
    """
    for kind, value in given:
        if kind == "format" and value not in FORMATS:
            from ..judge.configuration import nearest

            hint = nearest(value, list(FORMATS)) or f"; there are {', '.join(FORMATS)}"
            raise UsageError(f'there is no format "{value}"{hint}')
    formats = [value for kind, value in given if kind == "format"]
    outputs = [value for kind, value in given if kind == "output"]
    if len(formats) == len(outputs):
        reports = list(zip(formats, outputs, strict=True))
    elif not formats:
        reports = [(SUFFIXES.get(Path(output).suffix.lower(), "text"), output) for output in outputs]
    else:
        reports = []
        for kind, value in given:
            if kind == "format":
                reports.append((value, STANDARD_OUTPUT))
            elif not reports or reports[-1][1] != STANDARD_OUTPUT:
                raise UsageError(f'no --format stands before "--output {value}"')
            else:
                reports[-1] = (reports[-1][0], value)
    targets = [target for _, target in reports]
    for target in targets:
        if targets.count(target) > 1:
            where = "standard output" if target == STANDARD_OUTPUT else target
            raise UsageError(f"two reports would go to {where}; give each --format an --output of its own")
    return reports or [("text", STANDARD_OUTPUT)]


def _is_colored() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
