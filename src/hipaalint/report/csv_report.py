"""A table with one line for each finding and each diagnostic, for spreadsheets.

A cell that a spreadsheet would take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io

from .report import Report
from .rows import diagnostic_row, result

COLUMNS = (
    "check", "verdict", "severity", "root", "deployment", "resource", "type", "file", "line", "column", "message",
    "when", "controls", "fingerprint", "suppressed",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(report: Report) -> str:
    """With a header. A diagnostic has no check, and its severity (error, warning, note) as its verdict."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in report.shown:
        row = result(finding)
        row["controls"] = " ".join(row["controls"])
        row["suppressed"] = row["suppressed"]["reason"] if row["suppressed"] else ""
        writer.writerow([cell(row[name]) for name in COLUMNS])
    for row in map(diagnostic_row, report.diagnostics):
        row = {**dict.fromkeys(COLUMNS, ""), **row, "verdict": row["severity"], "severity": ""}
        writer.writerow([cell(row[name]) for name in COLUMNS])
    return stream.getvalue()


def cell(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
