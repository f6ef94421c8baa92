"""The options that say what is judged and how: shared by `scan` and `baseline`.

Turned into a Configuration here; what the command line says wins over the file, key by key.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..judge.configuration import Configuration
from ..policy.check import SEVERITIES
from ..policy.finding import FAIL
from .parser import Choice, CommandParser, UsageError

QUIET_SECONDS = 1.0  # before progress is shown


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


def add_run_arguments(parser: CommandParser) -> None:
    """Paths, checks, gate and inputs."""
    parser.set_defaults(variables=None)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this folder)")
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
    checks.add_argument(
        "--policy", metavar="FILE", help="the platform's word, outside of the repository, which may only tighten it"
    )
    checks.add_argument("--date", metavar="DATE", help="the time of the run (default: SOURCE_DATE_EPOCH, or now)")
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


def configuration_of(options: argparse.Namespace) -> tuple[list[Path], Configuration]:
    """The paths of the run and its configuration. Raises ConfigurationError."""
    from ..judge.surroundings import configuration_for, repository_of

    targets = [Path(path) for path in options.paths or ["."]]
    config = Path(options.config) if options.config else None
    configuration = configuration_for(config, targets, repository_of(targets[0]))
    for name in ("profile", "select", "ignore", "fail_on", "fail_on_unknown", "date"):
        value = getattr(options, name)
        if value is not None:
            if isinstance(value, list):
                value = tuple(part.strip() for text in value for part in text.split(","))
            setattr(configuration, name, value)
            configuration.ranges.pop(name, None)
    if getattr(options, "include", None) is not None:
        configuration.include = frozenset({FAIL, *options.include})
    if getattr(options, "baseline", None) is not None:
        configuration.known_findings = Path(options.baseline)
        configuration.ranges.pop("baseline", None)
    configuration.policy = Path(options.policy) if options.policy else None
    configuration.variables = options.variables or []
    configuration.parameter_files = [Path(path) for path in options.parameters or []]
    configuration.assume_nothing = options.assume is not None
    return targets, configuration


class Progress:
    """One line on standard error that says what is being done, once that takes long; only where a person looks on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()
        self._shown = False
        self._on = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __call__(self, text: str) -> None:
        if self._on and self._clock() - self._start >= QUIET_SECONDS:
            from ..report.rows import printable

            print(f"\r\x1b[2K{printable(text)[:100]}", end="", file=sys.stderr, flush=True)
            self._shown = True

    def clear(self) -> None:
        """Take the line away again."""
        if self._shown:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
