"""The control matrix for spreadsheets: a line for each control, check of a control, manual requirement, attestation.

Beside the other formats; the first column says what a line is, and the lines `about` what the table rests on.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from .controls_matrix import KINDS, STATE_WORDS, Matrix, Tally
from .csv_report import cell
from .provenance import Provenance
from .report import Report
from .rows import diagnostic_row, printable

COLUMNS = (
    "line", "control", "title", "safeguard", "status", "state", "check", "severity", "because", "examined", *KINDS,
    "not_applicable", "who", "evidence", "owner", "date", "until", "proposed", "note",
)  # fmt: skip


def render(report: Report) -> str:
    """With a header. A check stands below each control that it serves; `total` counts every result once."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in _lines(report, Matrix(report)):
        writer.writerow([cell(line.get(name, "")) for name in COLUMNS])
    return stream.getvalue()


def _lines(report: Report, matrix: Matrix) -> Iterator[dict[str, object]]:
    for row in matrix.rows:
        control = row.control
        yield {
            "line": "control",
            "control": control.id,
            "title": printable(control.title),
            "safeguard": control.safeguard,
            "status": control.status,
            "state": STATE_WORDS[row.state],
            "proposed": printable(control.proposed),
            "note": printable(control.note),
            **_counts(row.tally),
        }
        for check, because in row.checks:
            yield {
                "line": "check",
                "control": control.id,
                "title": printable(check.title),
                "check": check.id,
                "severity": check.severity,
                "because": printable(because),
                "state": STATE_WORDS[matrix.checks[check.id].state()],
                **_counts(matrix.checks[check.id]),
            }
        for one in row.manual:
            yield {
                "line": "manual",
                "control": control.id,
                "title": printable(one.title),
                "check": one.id,
                "state": STATE_WORDS["by hand"],
                "who": one.who,
                "evidence": printable(one.shown_by),
            }
        for each in row.attestations:
            yield {
                "line": "attestation",
                "control": control.id,
                "title": printable(", ".join(each.subjects)),
                "state": "open" if each.is_open(matrix.today) else "attested",
                "evidence": printable(each.evidence),
                "owner": printable(each.owner),
                "date": each.date,
                "until": each.until or "",
                "note": printable(each.note),
            }
    yield {"line": "total", **_counts(matrix.total)}
    for diagnostic in report.diagnostics:
        found = diagnostic_row(diagnostic)
        place = f"{found['file']}:{found['line'] or 1}" if found["file"] else ""
        yield {"line": "message", "severity": found["severity"], "title": place, "note": found["message"]}
    for what, which in Provenance(report).statements():
        yield {"line": "about", "title": what, "note": which}


def _counts(tally: Tally) -> dict[str, object]:
    return {"examined": tally.examined, **tally.kinds, "not_applicable": tally.not_applicable}
