"""`hipaalint test [DIR]`: the examples of check files, each run as a scan; what differs from its marks is printed.

For authors of checks, ours and the users' own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..policy.catalogue import CONTROLS_FOLDER, builtin_folder, load_catalogue
from ..policy.check import Check
from ..source import Diagnostic, SyntaxFault
from .parser import CommandParser, UsageError, described

EXAMPLES = """\
examples:
  hipaalint test                       the checks that come with hipaalint
  hipaalint test policy/checks         your own"""


def add_arguments(parser: CommandParser) -> None:
    """The folder."""
    parser.add_argument("folder", nargs="?", metavar="DIR", help="a folder of check files (default: hipaalint's own)")


def run(options: argparse.Namespace) -> int:
    """0 if every example gives what it says, 1 if one does not, 2 if a check file has a mistake."""
    builtin = builtin_folder()
    folder = Path(options.folder) if options.folder else builtin
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; name the one that holds the check files")
    # A user's checks serve the controls that come with hipaalint, too.
    folders = [folder] if folder.resolve() == builtin.resolve() else [builtin / CONTROLS_FOLDER, folder]
    catalogue = load_catalogue(folders)
    diagnostics = [*catalogue.diagnostics, *_names(catalogue.checks.values())]
    for diagnostic in diagnostics:
        print(f"error: {described(diagnostic)}")
    ran, failed = 0, 0
    for check in catalogue.checks.values():
        count, wrong = _try(check)
        ran += count
        failed += wrong
    print(f"{ran} examples of {len(catalogue.checks)} checks, {failed} not as they say")
    if diagnostics:
        return 2
    return 1 if failed else 0


def _names(checks: Iterable[Check]) -> Iterator[Diagnostic]:
    """Names in conditions that mean nothing, and conditions that cannot be read."""
    from ..policy.paths import unknown_names

    for check in checks:
        try:
            yield from unknown_names(check)
        except SyntaxFault as fault:
            yield Diagnostic("error", fault.message, fault.range)


def _try(check: Check) -> tuple[int, int]:
    """How many examples a check has, and how many give something else than they say; these are printed."""
    from ..policy.examples import cases, differences

    count = failed = 0
    for case in cases(check):
        count += 1
        wrong = differences(case)
        if wrong:
            failed += 1
            print(f"{check.id}: {case.name}")
            for line in wrong:
                print(f"  {line}")
    return count, failed
