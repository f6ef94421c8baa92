"""What a run found, in the order in which every format shows it.

Made by pipeline.py, read by every reporter and by callers of `hipaalint.scan`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..graph.graph import ResourceGraph
from ..judge.configuration import Configuration
from ..policy.catalogue import Catalogue
from ..policy.check import Check, Control
from ..policy.finding import FAIL, NOT_APPLICABLE, UNKNOWN, Finding
from ..resource import Root
from ..source import Diagnostic
from .revision import Revision

CONDITIONAL = "conditional"  # how a failure that needs another value of an input is counted


class Report:
    """findings: all verdicts, sorted by path, line, check and address. diagnostics: sorted the same way.

    checks: those that ran, sorted by id. roots: what was scanned. date: ISO time of the run, UTC.
    exit_code: 0, 1 or 2, as the gate decided. gate: lowest severity that counts; fail_on_unknown: whether unknowns
    count too. include: the verdicts that are shown; assume_nothing: and what fails with some value of an input.
    controls: by reference. revision: what is checked out, if known.
    catalogue, configuration, graph: what the run rested on; None in a report that is made by hand.
    """

    __slots__ = (
        "assume_nothing",
        "catalogue",
        "checks",
        "configuration",
        "controls",
        "date",
        "diagnostics",
        "exit_code",
        "fail_on_unknown",
        "findings",
        "gate",
        "graph",
        "include",
        "profile",
        "revision",
        "roots",
    )

    def __init__(
        self,
        findings: Iterable[Finding],
        diagnostics: Iterable[Diagnostic],
        checks: Iterable[Check],
        roots: Iterable[Root],
        *,
        date: str,
        exit_code: int = 0,
        gate: str = "medium",
        fail_on_unknown: bool = False,
        include: frozenset[str] = frozenset({FAIL}),
        assume_nothing: bool = False,
        profile: str = "default",
        controls: Mapping[str, Control] | None = None,
        revision: Revision | None = None,
        catalogue: Catalogue | None = None,
        configuration: Configuration | None = None,
        graph: ResourceGraph | None = None,
    ) -> None:
        self.findings = sorted(findings, key=_finding_order)
        # Roots share files: what is wrong with one is said once.
        distinct = {_diagnostic_order(diagnostic): diagnostic for diagnostic in diagnostics}
        self.diagnostics = [distinct[key] for key in sorted(distinct)]
        self.checks = sorted(checks, key=lambda check: check.id)
        self.roots = sorted(roots, key=lambda root: (root.path, root.deployment))
        self.date = date
        self.exit_code = exit_code
        self.gate = gate
        self.fail_on_unknown = fail_on_unknown
        self.include = include
        self.assume_nothing = assume_nothing
        self.profile = profile
        self.controls = dict(controls or {})
        self.revision = revision
        self.catalogue = catalogue
        self.configuration = configuration
        self.graph = graph

    @property
    def shown(self) -> list[Finding]:
        """The findings whose verdict was asked for, the suppressed ones among them.

        Where nothing is assumed, what fails with some value of an input counts and so is shown, whatever its verdict.
        """
        return [
            finding
            for finding in self.findings
            if finding.verdict in self.include or (self.assume_nothing and finding.when is not None)
        ]

    def counts(self) -> dict[str, int]:
        """How many findings of each kind: verdicts, `conditional` apart from `fail`, `suppressed` apart from all."""
        counts = {"fail": 0, CONDITIONAL: 0, "unknown": 0, "pass": 0, "not_applicable": 0, "suppressed": 0}
        for finding in self.findings:
            counts[kind(finding)] += 1
        return counts

    def resource_count(self) -> int:
        """Resources that were read: instances as far as they are known, without data sources and implied ones."""
        return sum(
            1 for root in self.roots for resource in root.resources if not resource.data and resource.implied_by is None
        )

    def judged_count(self) -> int:
        """Resources that at least one check applied to, with whatever verdict; side-cars count with what they are of,
        and what a transform makes with what it is made of.
        """
        return len(
            {
                (finding.root.path, finding.root.deployment, written.written_as().address)
                for finding in self.findings
                if finding.resource is not None and finding.verdict != NOT_APPLICABLE
                for written in (finding.resource.written, *finding.resource.folded)
            }
        )

    def not_judged(self) -> list[str]:
        """What was not loaded and might hold anything, each once: remote modules, opaque includes."""
        return list(dict.fromkeys(text for root in self.roots for text in root.unjudged))

    def error_count(self) -> int:
        """Diagnostics that say the job was not done in full."""
        return sum(1 for diagnostic in self.diagnostics if diagnostic.severity == "error")


def kind(finding: Finding) -> str:
    """The verdict, or `conditional` or `suppressed` where the finding counts as that instead."""
    if finding.suppressed is not None:
        return "suppressed"
    if finding.verdict == FAIL and finding.when is not None:
        return CONDITIONAL
    return finding.verdict


def is_open(finding: Finding) -> bool:
    """It asks somebody to act: a failure or an unknown that nobody suppressed."""
    return finding.suppressed is None and finding.verdict in (FAIL, UNKNOWN)


def _finding_order(finding: Finding) -> tuple[object, ...]:
    return (
        finding.range.file.path,
        finding.range.start,
        finding.check.id,
        finding.root.path,
        finding.root.deployment,
        finding.address,
        finding.path,
        finding.ordinal,
    )


def _diagnostic_order(diagnostic: Diagnostic) -> tuple[str, int, str, str]:
    start = diagnostic.range.start if diagnostic.range is not None else 0
    return (diagnostic.path or "", start, diagnostic.severity, diagnostic.message)
