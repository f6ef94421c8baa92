"""Other severities than the checks' own, and checks that are off for some paths, as a configuration says.

After policy/engine.py, before suppressions.py; a severity that changes here changes neither check nor rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..policy.check import Check
from ..policy.finding import Finding
from .configuration import Configuration
from .rules import Severities, matches


def overridden(findings: Iterable[Finding], configuration: Configuration) -> list[Finding]:
    """The findings that the configuration's overrides leave, each with the severity that it gives them."""
    if not configuration.overrides and not configuration.severities:
        return list(findings)
    kept = []
    for finding in findings:
        finding.severity = severity_of(finding.check, configuration.severities) or finding.severity
        off = False
        for override in configuration.overrides:
            if override.covers(finding):
                off = off or any(matches(finding.check, pattern) for pattern in override.ignore)
                finding.severity = severity_of(finding.check, override.severities) or finding.severity
        if not off:
            kept.append(finding)
    return kept


def severity_of(check: Check, severities: Severities) -> str | None:
    """What the last rule that means a check says; None without one."""
    return next((severity for pattern, severity, _ in reversed(severities) if matches(check, pattern)), None)
