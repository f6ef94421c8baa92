"""Marks the findings that somebody has decided to live with, and says which suppressions are expired, wrong or unused.

Last but one in judge/, before the gate; applied after evaluation, the same way for every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from ..expression.values import Absent, Lazy, Value, plain
from ..policy.catalogue import Catalogue
from ..policy.check import Check
from ..policy.finding import FAIL, UNKNOWN, Finding, Suppression
from ..resource import Root, WrittenResource
from ..source import Diagnostic, SourceFile, SourceRange
from .comments import IgnoreComment, ignore_comments
from .configuration import AddressSuppression, is_date, nearest
from .rules import DENY, MODES, REQUIRE_REASON, SuppressionRules, suppression_mode

INLINE, METADATA, CONFIGURATION = "inline", "metadata", "configuration"


class _Entry:
    """One written suppression, of whatever kind, and whether it was of use."""

    __slots__ = ("checks", "expired", "kind", "range", "reason", "refused", "trusted", "until", "used")

    def __init__(
        self, kind: str, checks: tuple[str, ...], reason: str, until: str | None, range: SourceRange, today: str
    ) -> None:
        self.kind = kind
        self.checks = checks
        self.reason = reason
        self.until = until
        self.range = range
        self.expired = until is not None and until < today
        self.used = False
        self.trusted = False
        self.refused: dict[str, None] = {}  # checks that it may not suppress

    def names(self, check: Check) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.checks for name in (check.id, *check.aliases))


class Suppressions:
    """All suppressions that bear on the findings of a run. today: ISO date; the day of `until` itself still counts.

    rules: how suppressions are treated; platform: the same as a policy outside the repository says it, None without one.
    """

    def __init__(
        self,
        roots: Iterable[Root],
        configured: Iterable[AddressSuppression],
        catalogue: Catalogue,
        today: str,
        rules: SuppressionRules | None = None,
        platform: SuppressionRules | None = None,
    ) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._rules = rules or []
        self._platform = platform
        self._catalogue = catalogue
        self._today = today
        self._entries: list[_Entry] = []
        self._comments: dict[str, list[tuple[IgnoreComment, _Entry]]] = {}
        self._configured: list[tuple[AddressSuppression, _Entry]] = []
        self._metadata: dict[int, list[_Entry]] = {}
        for file in _files(roots):
            comments, problems = ignore_comments(file)
            self.diagnostics += problems
            for comment in comments:
                entry = self._entry(INLINE, comment.checks, comment.reason, comment.until, comment.range)
                self._comments.setdefault(file.path, []).append((comment, entry))
        for each in configured:
            entry = self._entry(CONFIGURATION, each.checks, each.reason, each.until, each.range)
            entry.trusted = each.trusted
            self._configured.append((each, entry))

    def apply(self, findings: Iterable[Finding]) -> None:
        """Marks the failures and unknowns that a live suppression means."""
        for finding in findings:
            if finding.verdict not in (FAIL, UNKNOWN) or finding.suppressed is not None:
                continue
            for entry in self._about(finding):
                if not entry.names(finding.check):
                    continue
                entry.used = True
                if not entry.expired and self._permitted(entry, finding):
                    finding.suppressed = Suppression(entry.kind, entry.reason, entry.until)
                    break

    def _permitted(self, entry: _Entry, finding: Finding) -> bool:
        """Whether the rules let an entry suppress a finding; what they do not is said in `leftovers`."""
        if entry.trusted:
            return True
        mode = suppression_mode(finding, self._rules, REQUIRE_REASON)
        if self._platform is not None:
            mode = max(mode, suppression_mode(finding, self._platform, DENY), key=MODES.index)
        if mode == DENY:
            entry.refused[finding.check.id] = None
        return mode != DENY and (bool(entry.reason) or mode != REQUIRE_REASON)

    def leftovers(self, ran: Iterable[Check], whole: bool) -> list[Diagnostic]:
        """Warnings for expired suppressions, notes for those that met nothing although their checks ran.

        `whole`: everything that the configuration is about was scanned, so that its own unused ones are known.
        """
        checks = list(ran)
        found = []
        for entry in self._entries:
            if entry.refused:
                message = f"this suppression is not permitted and not applied: {', '.join(entry.refused)}"
                found.append(Diagnostic("warning", message, entry.range))
            if not entry.reason and not self._reasons_optional():
                continue  # said already
            if entry.expired and entry.used:
                message = f"this suppression ended on {entry.until}: what it covered counts again"
                found.append(Diagnostic("warning", message, entry.range))
            elif not entry.used and (whole or entry.kind != CONFIGURATION):
                meant = all(any(fnmatchcase(check.id, name) for check in checks) for name in self._ids(entry))
                if meant:
                    found.append(Diagnostic("note", "this suppression covers nothing; remove it", entry.range))
        return found

    def _reasons_optional(self) -> bool:
        return any(mode not in (REQUIRE_REASON, DENY) for _, mode in self._rules)

    def _ids(self, entry: _Entry) -> list[str]:
        return [self._catalogue.aliases.get(name, name) for name in entry.checks]

    def _entry(self, kind: str, checks: tuple[str, ...], reason: str, until: str | None, range: SourceRange) -> _Entry:
        entry = _Entry(kind, checks, reason, until, range, self._today)
        self._entries.append(entry)
        if not reason and not self._reasons_optional():
            how = "`reason`" if kind == METADATA else 'reason="…"'
            self._refuse(f"gives no reason and is not applied; add {how}", range)
        known = [*self._catalogue.checks, *self._catalogue.aliases]
        for name in checks:
            if not any(fnmatchcase(id, name) for id in known):
                message = f'this suppression names no check: "{name}"{nearest(name, known)}'
                self.diagnostics.append(Diagnostic("warning", message, range))
        return entry

    def _about(self, finding: Finding) -> Iterable[_Entry]:
        """The suppressions whose place means the finding, whatever their checks."""
        line = finding.range.line
        for comment, entry in self._comments.get(finding.range.file.path, ()):
            if comment.first <= line <= comment.last:
                yield entry
        if finding.resource is not None:
            header = finding.resource.written.header
            for comment, entry in self._comments.get(header.file.path, ()):
                if comment.first <= header.line <= comment.last:
                    yield entry
            yield from self._metadata_of(finding.resource.written)
        for pattern, entry in self._configured:
            if _glob(pattern.address).fullmatch(finding.address) and (
                _glob(pattern.path).fullmatch(finding.range.file.path)
                or _glob(pattern.path).fullmatch(finding.root.path)
            ):
                yield entry

    def _metadata_of(self, written: WrittenResource) -> list[_Entry]:
        """What a CloudFormation resource says of itself: `Metadata: {hipaalint: {ignore: [id], reason: …, until: …}}`."""
        found = self._metadata.get(id(written))
        if found is None:
            found = self._metadata[id(written)] = []
            value = _member(_member(written.meta, "Metadata"), "hipaalint")
            if value is not None:
                self._read_metadata(value, value.range or written.header, found)
        return found

    def _read_metadata(self, value: Value, range: SourceRange, found: list[_Entry]) -> None:
        try:
            data = plain(value)
        except ValueError:
            data = None
        ignored = data.get("ignore") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(ignored, list):
            self._refuse("is not understood and not applied; write {ignore: [check-id], reason: why}", range)
            return
        for item in ignored:
            fields: dict[str, Any] = {**data, "check": item, **(item if isinstance(item, dict) else {})}
            name, reason, until = fields["check"], fields.get("reason"), fields.get("until")
            if not isinstance(name, str):
                self._refuse("names no check and is not applied; write {ignore: [check-id], reason: why}", range)
            elif until is not None and not (isinstance(until, str) and is_date(until)):
                self._refuse("is not applied: its end is no date; write until: 2027-01-31", range)
            else:
                why = reason.strip() if isinstance(reason, str) else ""
                found.append(self._entry(METADATA, (name,), why, until, range))

    def _refuse(self, problem: str, range: SourceRange) -> None:
        self.diagnostics.append(Diagnostic("warning", f"this suppression {problem}", range))


def _files(roots: Iterable[Root]) -> list[SourceFile]:
    files: dict[str, SourceFile] = {}
    for root in roots:
        for file in root.files:
            files.setdefault(file.path, file)
    return list(files.values())


def _member(value: Value | None, name: str) -> Value | None:
    """One member of an object; None where there is none."""
    if isinstance(value, Lazy):
        found = value.get(name, None) if name in value.names() else None
        return None if isinstance(found, Absent) else found
    data: object = getattr(value, "data", None)
    if isinstance(data, Mapping):
        member = data.get(name)
        return member if isinstance(member, Value) else None
    return None


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    """Only `*` is special: addresses hold brackets."""
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
