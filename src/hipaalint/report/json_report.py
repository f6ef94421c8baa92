"""The report as JSON, in the documented form that other programs may rely on.

`version` is that of the form; a key may be added under the same version, none is changed or removed.
"""

from __future__ import annotations

import json

from .. import __version__
from .report import Report
from .rows import diagnostic_row, result, summary

VERSION = 1


def render(report: Report) -> str:
    """The whole report; `results` are those whose verdict was asked for, suppressed ones marked."""
    document = {
        "version": VERSION,
        "tool": {"name": "hipaalint", "version": __version__},
        "summary": summary(report),
        "results": [result(finding) for finding in report.shown],
        "diagnostics": [diagnostic_row(diagnostic) for diagnostic in report.diagnostics],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
