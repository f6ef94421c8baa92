"""The gate: which findings close it, and what the exit code says.

Last in judge/: pipeline.py asks it once all findings are judged.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..policy.check import SEVERITIES
from ..policy.finding import FAIL, UNKNOWN, Finding
from ..source import Diagnostic

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 2


def exit_code(
    findings: Iterable[Finding],
    diagnostics: Iterable[Diagnostic],
    *,
    fail_on: str,
    fail_on_unknown: bool,
    assume_nothing: bool,
    unloaded: bool,
) -> int:
    """2: not everything could be done; 1: something closes the gate; 0: neither.

    `assume_nothing`: what fails with some value of an input counts. `unloaded`: something was not loaded and so not
    judged, which counts as an unknown does.
    """
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        return INCOMPLETE
    if any(closes(finding, fail_on, fail_on_unknown, assume_nothing) for finding in findings) or (
        fail_on_unknown and unloaded
    ):
        return FINDINGS
    return CLEAN


def closes(finding: Finding, fail_on: str, fail_on_unknown: bool, assume_nothing: bool) -> bool:
    """Whether one finding closes the gate: live, of the severity or above, and of a kind that counts."""
    if finding.suppressed is not None or SEVERITIES.index(finding.severity) < SEVERITIES.index(fail_on):
        return False
    if finding.verdict not in (FAIL, UNKNOWN):
        return False
    return (
        finding.fails
        or (fail_on_unknown and finding.verdict == UNKNOWN)
        or (assume_nothing and finding.when is not None)
    )
