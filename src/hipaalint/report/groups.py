"""Findings that say the same of many instances, taken together.

Used by the text report and by SARIF for code scanning, where each place should appear once.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..policy.finding import Finding
from .report import kind


def same_place(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Groups equal in check, kind, range, reason and circumstances; in the order of their first members."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (
            finding.check.id,
            kind(finding),
            finding.severity,
            finding.range.file.path,
            finding.range.start,
            finding.range.end,
            finding.reason,
            finding.when,
            finding.note,
        )
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def addresses(group: list[Finding]) -> list[str]:
    """What the members are about, each once; with the deployment, and of what is missing the root, if there are several."""
    deployments = len({finding.root.deployment for finding in group}) > 1
    roots = len({finding.root.path for finding in group}) > 1
    names = []
    for finding in group:
        name = finding.address
        if finding.resource is None and roots:
            name += f" in {finding.root.path}"
        if deployments and finding.root.deployment:
            name += f" ({finding.root.deployment})"
        names.append(name)
    return list(dict.fromkeys(names))
