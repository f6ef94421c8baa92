"""Findings that have to do with some files: for a hook, which is told what changed.

After the baseline, before the gate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..policy.finding import Finding


def touching(findings: Iterable[Finding], files: Collection[str]) -> list[Finding]:
    """Those that stand in one of the files, are about a resource that does, or whose value comes from there."""
    wanted = frozenset(files)
    return [finding for finding in findings if not wanted.isdisjoint(_files(finding))]


def _files(finding: Finding) -> set[str]:
    places = [finding.range, *(related.range for related in finding.related)]
    if finding.resource is not None:
        for written in (finding.resource.written, *finding.resource.folded):
            places += [written.header, *([written.call] if written.call is not None else [])]
    return {place.file.path for place in places}
