"""`hipaalint baseline [PATH …]`: writes the findings there are into a file, so that only new ones count.

The file belongs into the repository; `scan --baseline` and the configuration's `baseline` read it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..judge.configuration import ConfigurationError
from .output import write
from .parser import CommandParser, UsageError, explained
from .run_options import Progress, add_run_arguments, configuration_of

EXAMPLES = """\
examples:
  hipaalint baseline                    everything that is found now, into hipaalint-baseline.json
  hipaalint baseline --update           add what is new, remove what is repaired
  hipaalint baseline --prune            remove what is repaired, add nothing
  hipaalint scan --baseline hipaalint-baseline.json

--update and --prune need the paths that the baseline was written for: what is not scanned counts as repaired."""


def add_arguments(parser: CommandParser) -> None:
    """The options of a run, and what becomes of the file that is there."""
    add_run_arguments(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the baseline (default: as configured, or hipaalint-baseline.json)"
    )
    parser.add_argument(
        "--update", action="store_true", help="the file that is there: add what is new, remove the rest"
    )
    parser.add_argument("--prune", action="store_true", help="the file that is there: only remove what is repaired")


def run(options: argparse.Namespace) -> int:
    """Scan without any baseline, write the file; 2 if not everything could be judged, and then no file."""
    if options.update and options.prune:
        raise UsageError("--update and --prune say different things; give one of them")
    from ..judge.baseline import FILE_NAME, baseline_text, entries_of, read_baseline
    from ..pipeline import scan

    progress = Progress()
    try:
        targets, configuration = configuration_of(options)
        path = Path(options.output) if options.output else configuration.known_findings or Path(FILE_NAME)
        if path.exists() and not (options.update or options.prune):
            raise UsageError(f"{path} is there already; --update or --prune says what is to become of it")
        before = read_baseline(path, str(path)) if options.update or options.prune else {}
        configuration.known_findings = None
        report = scan(targets, configuration, progress=progress)
    except ConfigurationError as error:
        raise explained(error) from None
    finally:
        progress.clear()
    errors = [each for each in report.diagnostics if each.severity == "error"]
    if errors:
        from .parser import described

        lines = "".join(f"\n  {described(each)}" for each in errors)
        raise UsageError(f"not everything could be judged, so no baseline was written:{lines}")
    found = entries_of(report.findings, with_unknown=configuration.fail_on_unknown)
    # An entry whose address has moved is the same entry under its new name.
    moved = {
        old: finding.fingerprint
        for finding in report.findings
        for old in finding.former_fingerprints
        if old in before and finding.fingerprint in found
    }
    kept = {moved.get(name, name) for name in before} & found.keys()
    entries = {name: found[name] for name in kept} if options.prune else found
    write(baseline_text(entries), str(path))
    gone = len(before) - len(kept)
    print(f"{path}: {len(entries)} findings, {len(entries.keys() - kept)} new, {gone} removed", file=sys.stderr)
    return 0
