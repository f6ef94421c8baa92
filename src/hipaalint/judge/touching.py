"""Findings that have to do with some files: for a hook, which is told what changed.

After the baseline, before the gate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..policy.finding import Finding


def touching(findings: Iterable[Finding], paths: Collection[str]) -> list[Finding]:
    """Those that stand in one of the paths (files, or folders with all below), are about a resource that does, or whose
    value comes from there."""
    return [finding for finding in findings if any(_lies_in(file, paths) for file in _files(finding))]


def _lies_in(file: str, paths: Collection[str]) -> bool:
    return "." in paths or any(file == path or file.startswith(f"{path}/") for path in paths)


def _files(finding: Finding) -> set[str]:
    places = [finding.range, *(related.range for related in finding.related)]
    if finding.resource is not None:
        for written in (finding.resource.written, *finding.resource.folded):
            places += [written.header, *([written.call] if written.call is not None else [])]
    return {place.file.path for place in places}
