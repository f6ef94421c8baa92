"""A finding: the verdict of one check on one resource, with the evidence for it.

Made by policy/engine.py; judge/ marks it, reports show it. Never changed in verdict or place afterwards.
"""

from __future__ import annotations

import hashlib

from ..model.resource import Resource
from ..resource import Root
from ..source import SourceRange
from .check import Check

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"
VERDICTS = (PASS, FAIL, UNKNOWN, NOT_APPLICABLE)


class Related:
    """A place that explains the finding: a step of the trail by which the value came, or a resource of the path."""

    __slots__ = ("message", "range")

    def __init__(self, range: SourceRange, message: str) -> None:
        self.range = range
        self.message = message


class Suppression:
    """Why a finding does not count: where it was said, by whom, until when (ISO date or None)."""

    __slots__ = ("kind", "reason", "until")

    def __init__(self, kind: str, reason: str, until: str | None = None) -> None:
        self.kind = kind  # "inline" | "metadata" | "configuration" | "baseline"
        self.reason = reason
        self.until = until


class Finding:
    """verdict: one of VERDICTS.

    range: the narrowest text that decided, in a file of the user's repository.
    message: one sentence in the user's names; note: what should be added to a pass or unknown ("by service default since …").
    when: "fails when Env ≠ "prod"" for a conditional failure (verdict fail, does not close the gate), or the failing
    values of an unknown.
    path: the property that decided, positions in lists left out. reason: code from a closed list (REASONS of values.py,
    and of a failure written-value, not-written or missing).
    value: how the deciding value is written, masked if it is sensitive; sensitive: no excerpt of its line may be shown.
    related: the trail and other places. severity: as in the check unless scope raises it.
    """

    __slots__ = (
        "check",
        "message",
        "note",
        "ordinal",
        "path",
        "range",
        "reason",
        "related",
        "resource",
        "root",
        "sensitive",
        "severity",
        "suppressed",
        "value",
        "verdict",
        "when",
    )

    def __init__(self, check: Check, root: Root, resource: Resource | None, verdict: str, range: SourceRange) -> None:
        self.check = check
        self.root = root
        self.resource = resource
        self.verdict = verdict
        self.range = range
        self.severity = check.severity
        self.message = ""
        self.note: str | None = None
        self.when: str | None = None
        self.path = ""
        self.reason = ""
        self.value = ""
        self.sensitive = False
        self.related: list[Related] = []
        self.suppressed: Suppression | None = None
        self.ordinal = 0

    @property
    def address(self) -> str:
        """The full address of the resource; for something missing, its type."""
        return self.resource.address if self.resource is not None else self.check.resources[0]

    @property
    def fingerprint(self) -> str:
        """Stable name of the finding: 32 hexadecimal digits; no line number, no wording goes into it."""
        return self._fingerprint(self.address)

    @property
    def former_fingerprints(self) -> list[str]:
        """The fingerprints it had under the addresses that `moved` blocks name: a baseline may hold one of them."""
        if self.resource is None:
            return []
        return [self._fingerprint(address) for address in self.root.former_addresses(self.address)]

    def _fingerprint(self, address: str) -> str:
        parts = (
            self.check.id,
            self.root.path,
            self.root.deployment,
            address,
            self.path,
            self.reason,
            str(self.ordinal),
        )
        return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]

    @property
    def fails(self) -> bool:
        """It counts for the gate: a failure that is neither conditional nor suppressed."""
        return self.verdict == FAIL and self.when is None and self.suppressed is None
