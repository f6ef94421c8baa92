"""Control by control, what was examined and how it stands: the figures that html, oscal and controls-* show.

Counted from a Report; every result is counted once for each check, so that examined is always the sum of its kinds.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..judge.attestations import Attestation
from ..policy.check import Check, Control, Manual
from ..policy.finding import FAIL, NOT_APPLICABLE, UNKNOWN, Finding
from .report import CONDITIONAL, Report, kind

SUPPRESSED, PASS = "suppressed", "pass"
KINDS = (FAIL, CONDITIONAL, UNKNOWN, SUPPRESSED, PASS)  # of what was examined; the worst first

NOT_EXAMINED, BY_HAND, NO_FINDING = "not examined", "by hand", "no finding"
STATES = (FAIL, UNKNOWN, CONDITIONAL, SUPPRESSED, NO_FINDING, NOT_EXAMINED, BY_HAND)
STATE_WORDS = {
    FAIL: "open failures",
    UNKNOWN: "undecided",
    CONDITIONAL: "fails with other inputs",
    SUPPRESSED: "suppressed only",
    NO_FINDING: "no finding",
    NOT_EXAMINED: "nothing to examine",
    BY_HAND: "by hand only",
}


class Tally:
    """How many results of each kind. not_applicable: judged, but the check does not apply; not among the examined."""

    __slots__ = ("kinds", "not_applicable")

    def __init__(self) -> None:
        self.kinds = dict.fromkeys(KINDS, 0)
        self.not_applicable = 0

    def count(self, finding: Finding) -> None:
        """One result more."""
        name = kind(finding)
        if name == NOT_APPLICABLE:
            self.not_applicable += 1
        else:
            self.kinds[name] += 1

    def add(self, other: Tally) -> None:
        """All results of another one."""
        self.not_applicable += other.not_applicable
        for name, number in other.kinds.items():
            self.kinds[name] += number

    @property
    def examined(self) -> int:
        """All of them."""
        return sum(self.kinds.values())

    def state(self) -> str:
        """One of STATES, for something that has a check."""
        if not self.examined:
            return NOT_EXAMINED
        for name in (FAIL, UNKNOWN, CONDITIONAL):
            if self.kinds[name]:
                return name
        # What nobody suppressed and did not pass has been named: the rest passed, but for what somebody accepted.
        return SUPPRESSED if self.kinds[SUPPRESSED] == self.examined else NO_FINDING


class ControlRow:
    """A control, the checks that serve it (each with why), what has to be shown by hand, and what somebody attested.

    checks: of those that ran. elsewhere: ids of those that serve it and did not run.
    """

    __slots__ = ("attestations", "checks", "control", "elsewhere", "manual", "tally")

    def __init__(self, control: Control) -> None:
        self.control = control
        self.checks: list[tuple[Check, str]] = []
        self.elsewhere: list[str] = []
        self.manual: list[Manual] = []
        self.attestations: list[Attestation] = []
        self.tally = Tally()

    @property
    def state(self) -> str:
        """One of STATES. An attestation changes none: it is shown beside."""
        return self.tally.state() if self.checks or self.elsewhere else BY_HAND


class Matrix:
    """checks: id → Tally, of all that ran. rows: one a control, in the order of the lists. today: ISO date of the run."""

    __slots__ = ("checks", "rows", "today", "total")

    def __init__(self, report: Report) -> None:
        self.today = report.date[:10]
        self.total = Tally()
        self.checks: dict[str, Tally] = {check.id: Tally() for check in report.checks}
        for finding in report.findings:
            self.checks.setdefault(finding.check.id, Tally()).count(finding)
            self.total.count(finding)
        self.rows = list(_rows(report, self.checks))

    def states(self, framework: str) -> dict[str, int]:
        """How many controls of a framework are in each state."""
        found = dict.fromkeys(STATES, 0)
        for row in self.rows:
            if row.control.framework == framework:
                found[row.state] += 1
        return found

    def frameworks(self) -> list[str]:
        """Their names, in the order of the lists."""
        return list(dict.fromkeys(row.control.framework for row in self.rows))


def _rows(report: Report, tallies: dict[str, Tally]) -> Iterable[ControlRow]:
    ran = {check.id for check in report.checks}
    known = report.catalogue.checks.values() if report.catalogue is not None else report.checks
    rows = {id: ControlRow(control) for id, control in report.controls.items()}
    for check in report.checks:
        for link in check.controls:
            if link.id in rows:
                rows[link.id].checks.append((check, link.because))
                rows[link.id].tally.add(tallies[check.id])
    for check in known:
        for link in check.controls:
            if check.id not in ran and link.id in rows:
                rows[link.id].elsewhere.append(check.id)
    for one in manual_of(report):
        for id in one.controls:
            if id in rows:
                rows[id].manual.append(one)
    for attestation in attestations_of(report):
        for row in rows.values():
            if row.control.id in attestation.subjects or any(one.id in attestation.subjects for one in row.manual):
                row.attestations.append(attestation)
    return rows.values()


def manual_of(report: Report) -> list[Manual]:
    """What has to be shown by hand."""
    return report.catalogue.manual if report.catalogue is not None else []


def attestations_of(report: Report) -> list[Attestation]:
    """What the configuration attests."""
    return report.configuration.attestations if report.configuration is not None else []
