"""What a run found, in the order in which every format shows it.

Made by pipeline.py, read by every reporter and by callers of `hipaalint.scan`.
"""

from __future__ import annotations

from ..policy.check import Check
from ..policy.finding import Finding
from ..resource import Root
from ..source import Diagnostic


class Report:
    """findings: all verdicts, sorted by path, line, check and address. diagnostics: sorted the same way.

    checks: those that ran. roots: what was scanned. date: ISO time of the run, UTC. repository: name of the scanned repository's folder.
    gate: lowest severity that counts; fail_on_unknown: whether unknowns count too.
    """

    __slots__ = ("checks", "date", "diagnostics", "fail_on_unknown", "findings", "gate", "include", "profile", "roots")

    def __init__(
        self,
        findings: list[Finding],
        diagnostics: list[Diagnostic],
        checks: list[Check],
        roots: list[Root],
        *,
        date: str,
        gate: str = "medium",
        fail_on_unknown: bool = False,
        include: frozenset[str] = frozenset({"fail"}),
        profile: str = "default",
    ) -> None:
        self.findings = findings
        self.diagnostics = diagnostics
        self.checks = checks
        self.roots = roots
        self.date = date
        self.gate = gate
        self.fail_on_unknown = fail_on_unknown
        self.include = include
        self.profile = profile
