"""Draws findings at random, to be read as the owner of a repository would read them.

    python bench/sample.py FOLDER [-n 50] [--seed 1] [--verdict fail|unknown] [--profile default] [--select ID …]
                                  [--counts] [--lines 3]

The same folder, options and seed draw the same findings. `--counts` prints how many findings each check has instead.
Suppressed findings, and those that depend on another value of an input than its default, are not live: left out.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

from hipaalint import scan
from hipaalint.policy.finding import Finding
from hipaalint.report.rows import without_secrets


def main() -> int:
    """Print the findings drawn, or the counts; the exit code is 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-n", "--number", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verdict", choices=("fail", "unknown"), default="fail")
    parser.add_argument("--profile", default="default")
    parser.add_argument("--select", action="append", default=[], help="only these checks; repeatable")
    parser.add_argument("--counts", action="store_true", help="findings of each check, without drawing")
    parser.add_argument("--lines", type=int, default=3, help="lines of code from the place of a finding on")
    options = parser.parse_args()
    live = findings_of(options.folder, options.profile, options.verdict, options.select)
    if options.counts:
        for check, number in Counter(finding.check.id for finding in live).most_common():
            print(f"{number:6} {check}")
    else:
        drawn = random.Random(options.seed).sample(live, min(options.number, len(live)))
        for number, finding in enumerate(sorted(drawn, key=place), 1):
            print(described(number, finding, options.lines))
        print(f"{len(drawn)} of {len(live)} drawn, seed {options.seed}")
    return 0


def findings_of(folder: Path, profile: str, verdict: str, select: list[str]) -> list[Finding]:
    """The live findings of a verdict, in an order that depends on nothing but the folder's content."""
    report = scan([folder], {"profile": profile, "include": ["unknown"] if verdict == "unknown" else []})
    live = [
        finding
        for finding in report.findings
        if finding.verdict == verdict
        and finding.when is None
        and finding.suppressed is None
        and (not select or finding.check.id in select)
    ]
    return sorted(live, key=lambda finding: (*place(finding), finding.fingerprint))


def place(finding: Finding) -> tuple[str, int, str, str]:
    """Where a finding stands, then what it says."""
    return finding.range.file.path, finding.range.line, finding.check.id, finding.address


def described(number: int, finding: Finding, lines: int) -> str:
    """A finding with what its reader needs: check, address, place, code, message."""
    file, line = finding.range.file, finding.range.line
    code = [] if finding.sensitive else file.text.splitlines()[line - 1 : line - 1 + lines]
    shown = "".join(f"\n      | {without_secrets(text)[:140]}" for text in code)
    note = f"\n      note: {finding.note}" if finding.note else ""
    related = "".join(f"\n      at {each.range.file.path}:{each.range.line} {each.message}" for each in finding.related)
    head = f"{number:3}. {finding.check.id} ({finding.severity}) {finding.address}"
    return f"{head}\n      {file.path}:{line}{shown}\n      {finding.message}{note}{related}\n"


if __name__ == "__main__":
    raise SystemExit(main())
