"""The parts of a configuration that are lists of rules: severities, paths, asserted settings, what may be suppressed.

Read for judge/configuration.py; followed by overrides.py, assumptions.py, suppressions.py and platform.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..policy.check import SEVERITIES, Check
from ..policy.check_file import Fields, Reader
from ..policy.finding import Finding
from ..source import SourceRange
from ..syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, scalar_value

# How a suppression is treated: as written, only with a reason, or not at all. The later, the stricter.
ALLOW, REQUIRE_REASON, DENY = "allow", "require-reason", "deny"
MODES = (ALLOW, REQUIRE_REASON, DENY)
OVERRIDE_KEYS = ("paths", "ignore", "severity")

Severities = list[tuple[str, str, SourceRange]]  # (pattern, severity, place), a later one wins
SuppressionRules = list[tuple[str, str]]  # (pattern, mode), a later one wins


class Override:
    """What holds for some paths alone. ignore: (pattern, place); severities: as those of the whole configuration."""

    __slots__ = ("ignore", "paths", "range", "severities")

    def __init__(self, paths: Sequence[str], ignore: Sequence[str], severities: Severities, range: SourceRange) -> None:
        self.paths = tuple(paths)
        self.ignore = tuple(ignore)
        self.severities = severities
        self.range = range

    def covers(self, finding: Finding) -> bool:
        """Whether a finding's file or root lies at or below one of the paths."""
        return any(
            below(place, pattern) for pattern in self.paths for place in (finding.range.file.path, finding.root.path)
        )


class Assumption:
    """A setting of the account that somebody vouches for: a type, its members as plain data, and why."""

    __slots__ = ("members", "range", "reason", "type")

    def __init__(self, type: str, members: dict[str, Any], reason: str, range: SourceRange) -> None:
        self.type = type
        self.members = members
        self.reason = reason
        self.range = range


def below(path: str, pattern: str) -> bool:
    """Whether a pattern (with *, which crosses folders too) means a path or a folder above it."""
    pattern = pattern.rstrip("/")
    parts = path.split("/")
    return any(fnmatchcase("/".join(parts[:length]), pattern) for length in range(len(parts), 0, -1))


def matches(check: Check, pattern: str) -> bool:
    """Whether a pattern means a check: its id or alias (with *), its severity, or a control, also one above its own."""
    if pattern in SEVERITIES:
        return check.severity == pattern
    if ":" in pattern:
        return any(
            link.id == pattern or link.id.startswith(f"{pattern}(") or fnmatchcase(link.id, pattern)
            for link in check.controls
        )
    return any(fnmatchcase(name, pattern) for name in (check.id, *check.aliases))


def suppression_mode(finding: Finding, rules: SuppressionRules, otherwise: str) -> str:
    """How a suppression of a finding is treated: by the last rule that means its check or its severity."""
    for pattern, mode in reversed(rules):
        if finding.severity == pattern if pattern in SEVERITIES else matches(finding.check, pattern):
            return mode
    return otherwise


def read_severities(reader: Reader, fields: Fields) -> Severities:
    """`severity: {pattern: severity}`."""
    found = []
    for key, value in reader.entries(fields, "severity"):
        severity = reader.choice({key.text: value}, key.text, SEVERITIES, SEVERITIES[0])
        found.append((key.text, severity, key.range))
    return found


def read_overrides(reader: Reader, fields: Fields) -> list[Override]:
    """`overrides: [{paths, ignore, severity}]`."""
    found = []
    for node in reader.items(fields, "overrides"):
        entry = reader.fields(node, OVERRIDE_KEYS, ("paths",))
        paths = reader.texts(entry, "paths")
        found.append(Override(paths, reader.texts(entry, "ignore"), read_severities(reader, entry), node.range))
    return found


def read_suppression_rules(reader: Reader, fields: Fields) -> SuppressionRules:
    """`suppression_rules: {pattern: mode}`."""
    found = []
    for key, value in reader.entries(fields, "suppression_rules"):
        found.append((key.text, reader.choice({key.text: value}, key.text, MODES, REQUIRE_REASON)))
    return found


def read_assumptions(reader: Reader, fields: Fields) -> list[Assumption]:
    """`assume: {type: {members…, reason}}`."""
    found = []
    for key, node in reader.entries(fields, "assume"):
        if not isinstance(node, MapNode):
            reader.error(f'"{key.text}" must be a map: what is set, and the `reason`', node.range)
            continue
        members = {name.text: value for name, value in node.entries}
        reason = reader.text(members, "reason")
        if not reason:
            reader.error(f'say in `reason` who makes sure of "{key.text}"', key.range)
        values = {name: _plain(value) for name, value in members.items() if name != "reason"}
        found.append(Assumption(key.text, values, reason, key.range))
    return found


def _plain(node: Node) -> Any:
    if isinstance(node, ScalarNode):
        return scalar_value(node)
    if isinstance(node, ListNode):
        return [_plain(item) for item in node.items]
    assert isinstance(node, MapNode)
    return {key.text: _plain(value) for key, value in node.entries}
