"""GitLab Code Quality: a JSON list, shown in merge requests.

Equal fingerprints are shown once there, so these are the findings' own.
"""

from __future__ import annotations

import hashlib
import json

from ..policy.finding import FAIL, UNKNOWN
from .report import CONDITIONAL, Report, kind
from .rows import Row, diagnostic_row, result

SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}
DIAGNOSTICS = {"error": "blocker", "warning": "minor", "note": "info"}


def render(report: Report) -> str:
    """Live failures and, if asked for, unknowns (as information); diagnostics beside them."""
    issues = []
    for finding in report.shown:
        name = kind(finding)
        if name in (FAIL, CONDITIONAL, UNKNOWN):
            row = result(finding)
            severity = SEVERITIES[row["severity"]] if name == FAIL else "info"
            when = f" ({row['when']})" if row["when"] else ""
            issues.append(_issue(row, row["check"], severity, row["message"] + when, row["fingerprint"]))
    for row in map(diagnostic_row, report.diagnostics):
        name = f"hipaalint-{row['severity']}"
        digest = hashlib.sha256(f"{row['file']}\0{row['message']}".encode()).hexdigest()[:32]
        issues.append(_issue(row, name, DIAGNOSTICS[row["severity"]], row["message"], digest))
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _issue(row: Row, name: str, severity: str, text: str, fingerprint: str) -> Row:
    return {
        "description": text,
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": row["file"] or ".", "lines": {"begin": row["line"]}},
    }
