"""`hipaalint scan`: options to a configuration, the run itself, its reports, the exit code.

The one command that most people use.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from ..judge.configuration import Configuration, ConfigurationError
from ..policy.check import SEVERITIES
from ..policy.finding import FAIL, VERDICTS
from ..report import FORMATS, render
from .output import STANDARD_OUTPUT, write
from .parser import Choice, CommandParser, UsageError, explained

EXAMPLES = """\
examples:
  hipaalint scan                                         judge everything below this folder
  hipaalint scan infra --var-file prod.tfvars            one Terraform root, with the values of production
  hipaalint scan --format text --format sarif -o found.sarif
                                                         text on the terminal, SARIF into a file
  hipaalint scan --select 's3-*' --ignore low            some checks, by id, severity or control
  hipaalint scan --include unknown --fail-on high        show the undecided too; only high and critical close the gate

exit code:
  0  nothing at or above the gate     1  findings     2  not everything could be done (2 wins over 1)"""

SUFFIXES = {".sarif": "sarif", ".json": "json", ".xml": "junit", ".md": "markdown", ".csv": "csv", ".txt": "text"}
SARIF_PROFILES = ("github", "full")


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


class _Variable(argparse.Action):
    """Notes --var and --var-file in the order in which they are given: later ones win."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        if self.dest == "var" and "=" not in values:
            raise UsageError(f'--var takes NAME=VALUE, not "{values}"')
        given = ("var", values) if self.dest == "var" else ("file", Path(values))
        namespace.variables = [*(namespace.variables or []), given]


def add_arguments(parser: CommandParser) -> None:
    """The options of DESIGN's interface that have a meaning yet."""
    parser.set_defaults(reports=None, variables=None)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this folder)")
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
    output.add_argument("--date", metavar="DATE", help="the time of the run (default: SOURCE_DATE_EPOCH, or now)")
    checks = parser.add_argument_group("checks")
    checks.add_argument("--profile", metavar="NAME", help="default, strict (safe defaults must be written), all, …")
    checks.add_argument(
        "--select",
        action="append",
        metavar="NAME",
        help="run only these: ids (with *), severities, controls; comma-separated or repeated",
    )
    checks.add_argument("--ignore", action="append", metavar="NAME", help="run these not; comma-separated or repeated")
    checks.add_argument(
        "--config", metavar="FILE", help="instead of the hipaalint.yaml or pyproject.toml that is found"
    )
    gate = parser.add_argument_group("gate")
    gate.add_argument(
        "--fail-on", action=Choice, names=SEVERITIES, metavar="SEVERITY", help="lowest that counts (default: medium)"
    )
    gate.add_argument(
        "--fail-on-unknown", action="store_true", default=None, help="what could not be decided or loaded counts too"
    )
    inputs = parser.add_argument_group("inputs")
    inputs.add_argument("--var", action=_Variable, metavar="NAME=VALUE", help="a Terraform variable; repeatable")
    inputs.add_argument(
        "--var-file", action=_Variable, metavar="FILE", help="a file of Terraform variables; repeatable"
    )
    inputs.add_argument(
        "--parameters", action="append", metavar="FILE", help="a file of CloudFormation parameters; repeatable"
    )
    inputs.add_argument(
        "--assume",
        action=Choice,
        names=("nothing",),
        metavar="nothing",
        help="take no default of an input for its value",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="accepted for the future: one process does all the work yet"
    )


def run(options: argparse.Namespace) -> int:
    """Scan, write the reports, return the exit code."""
    reports = pair_reports(options.reports or [])
    if options.jobs < 1:
        raise UsageError("--jobs takes a number of at least 1")
    from ..judge.surroundings import configuration_for, repository_of
    from ..pipeline import scan  # the options are right: now it is worth loading

    targets = [Path(path) for path in options.paths or ["."]]
    try:
        config = Path(options.config) if options.config else None
        configuration = configuration_for(config, targets, repository_of(targets[0]))
        _override(configuration, options)
        report = scan(targets, configuration)
    except ConfigurationError as error:
        raise explained(error) from None
    for format, target in reports:
        color = format == "text" and target == STANDARD_OUTPUT and _is_colored()
        write(render(report, format, sarif_profile=options.sarif_profile, color=color), target)
    if all(target != STANDARD_OUTPUT for _, target in reports):
        from ..report.text import closing

        print("\n".join(closing(report)), file=sys.stderr)
    return report.exit_code


def _override(configuration: Configuration, options: argparse.Namespace) -> None:
    """What the command line says wins over the file, key by key."""
    for name in ("profile", "select", "ignore", "fail_on", "fail_on_unknown", "date"):
        value = getattr(options, name)
        if value is not None:
            if isinstance(value, list):
                value = tuple(part.strip() for text in value for part in text.split(","))
            setattr(configuration, name, value)
            configuration.ranges.pop(name, None)
    if options.include is not None:
        configuration.include = frozenset({FAIL, *options.include})
    configuration.variables = options.variables or []
    configuration.parameter_files = [Path(path) for path in options.parameters or []]
    configuration.assume_nothing = options.assume is not None


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
