"""The data of the HTML report: compact JSON in which texts that occur often stand once.

Made from a Report for html.py; templates/report.js turns it into what is seen.
"""

from __future__ import annotations

from typing import Any

from ..judge.assumptions import assumable_of
from ..policy.check import SEVERITIES, Check
from ..policy.finding import NOT_APPLICABLE, Finding
from .controls_matrix import KINDS, STATE_WORDS, ControlRow, Matrix, Tally, attestations_of, manual_of
from .excerpt import excerpt, opening
from .provenance import Provenance
from .report import Report, kind
from .rows import Row, diagnostic_row, printable, summary

FRAMEWORKS = {"hipaa": "HIPAA Security Rule", "hitrust": "HITRUST CSF"}


class _Texts:
    """Texts by number."""

    __slots__ = ("_numbers", "list")

    def __init__(self) -> None:
        self.list: list[str] = []
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.list)
            self.list.append(text)
        return number


def data_of_report(report: Report, matrix: Matrix) -> Row:
    """All that the page shows. A result is a list; its columns are named in `columns`, texts are numbers in `texts`."""
    texts = _Texts()
    resources = _Resources(texts)
    checks = {check.id: number for number, check in enumerate(report.checks)}
    results = [
        _result(finding, checks[finding.check.id], resources, texts)
        for finding in report.findings
        if kind(finding) != NOT_APPLICABLE and finding.check.id in checks
    ]
    manual = {one.id: number for number, one in enumerate(manual_of(report))}
    attestations = attestations_of(report)
    return {
        "about": [list(pair) for pair in Provenance(report).statements()],
        "summary": summary(report),
        "kinds": list(KINDS),
        "severities": list(reversed(SEVERITIES)),
        "states": STATE_WORDS,
        "frameworks": {name: FRAMEWORKS.get(name, name) for name in matrix.frameworks()},
        "checks": [_check(check, matrix.checks[check.id]) for check in report.checks],
        "controls": [_control(row, checks, manual, attestations) for row in matrix.rows],
        "manual": [
            {
                "id": one.id,
                "title": printable(one.title),
                "who": one.who,
                "shown_by": printable(one.shown_by),
                "attested": [number for number, each in enumerate(attestations) if one.id in each.subjects],
            }
            for one in manual_of(report)
        ],
        "attestations": [
            {
                "subjects": [printable(subject) for subject in each.subjects],
                "owner": printable(each.owner),
                "date": each.date,
                "evidence": printable(each.evidence),
                "until": each.until,
                "note": printable(each.note),
                "open": each.is_open(matrix.today),
            }
            for each in attestations
        ],
        "assumptions": _assumptions(report),
        "diagnostics": [diagnostic_row(each) for each in report.diagnostics],
        "columns": COLUMNS,
        "results": results,
        "resources": resources.rows,
        "texts": texts.list,
    }


COLUMNS = (
    "check", "kind", "severity", "resource", "file", "line", "message", "note", "when", "reason", "property",
    "excerpt", "related", "suppressed", "fingerprint",
)  # fmt: skip


class _Resources:
    """Resources by number, in the order in which results name them; something missing counts as one."""

    __slots__ = ("_numbers", "_texts", "rows")

    def __init__(self, texts: _Texts) -> None:
        self.rows: list[list[int]] = []
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._texts = texts

    def __call__(self, finding: Finding) -> int:
        root = finding.root
        key = (root.path, root.deployment, finding.address)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.rows)
            resource = finding.resource
            place = resource.header if resource is not None else finding.range
            shown = (
                finding.address,
                resource.type if resource is not None else finding.check.resources[0],
                root.path,
                root.deployment,
                place.file.path,
            )
            self.rows.append([*(self._texts(printable(text)) for text in shown), place.line])
        return number


def _result(finding: Finding, check: int, resources: _Resources, texts: _Texts) -> list[Any]:
    def text(value: str | None) -> int:
        return texts(printable(value)) if value else -1

    suppressed = finding.suppressed
    row: list[Any] = [
        check,
        KINDS.index(kind(finding)),
        SEVERITIES.index(finding.severity),
        resources(finding),
        text(finding.range.file.path),
        finding.range.line,
        text(finding.message),
        text(finding.note),
        text(finding.when),
        text(finding.reason),
        text(finding.path),
        [] if finding.sensitive else _excerpt(finding, texts),
        [[text(each.range.file.path), each.range.line, text(each.message)] for each in finding.related],
        0
        if suppressed is None
        else [text(suppressed.kind), text(suppressed.reason), suppressed.until and text(suppressed.until)],
        finding.fingerprint,
    ]
    return row


def _excerpt(finding: Finding, texts: _Texts) -> list[list[int]]:
    """[line, text, mark, width]: line 0 for lines left out."""
    lines = excerpt(finding.range, opening(finding))
    return [[line.number or 0, texts(line.text), line.mark, line.mark_width] for line in lines]


def _check(check: Check, tally: Tally) -> Row:
    return {
        "id": check.id,
        "title": printable(check.title),
        "severity": check.severity,
        "risk": printable(check.risk),
        "remediation": printable(check.remediation),
        "references": [printable(each) for each in check.references],
        "types": list(check.types),
        "counts": list(tally.kinds.values()),
        "not_applicable": tally.not_applicable,
    }


def _control(row: ControlRow, checks: dict[str, int], manual: dict[str, int], attestations: list[Any]) -> Row:
    control = row.control
    return {
        "id": control.id,
        "framework": control.framework,
        "title": printable(control.title),
        "safeguard": control.safeguard,
        "kind": control.kind,
        "status": control.status,
        "note": printable(control.note),
        "proposed": printable(control.proposed),
        "state": row.state,
        "counts": list(row.tally.kinds.values()),
        "checks": [[checks[check.id], printable(because)] for check, because in row.checks],
        "elsewhere": row.elsewhere,
        "manual": [manual[one.id] for one in row.manual],
        "attested": [attestations.index(each) for each in row.attestations],
    }


def _assumptions(report: Report) -> list[Row]:
    configuration = report.configuration
    if configuration is None:
        return []
    return [
        {
            "type": printable(each.type),
            "reason": printable(each.reason),
            "checks": [check.id for check in report.checks if each.type in assumable_of(check)],
        }
        for each in configuration.assumptions
    ]
