"""A summary in Markdown: for a job's page or a comment on a change.

Long lists are cut, and say so: the places it is meant for have limits.
"""

from __future__ import annotations

import re
from collections import Counter

from ..policy.check import SEVERITIES
from ..policy.finding import FAIL, UNKNOWN, Finding
from .groups import addresses, same_place
from .report import CONDITIONAL, Report, kind
from .rows import Row, diagnostic_row, printable
from .text import closing

ROWS = 200  # of the table of findings
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#!&])")


def render(report: Report) -> str:
    """Figures, then a table of live findings (the most severe first), then what went wrong."""
    counts = report.counts()
    severities = Counter(finding.severity for finding in report.findings if finding.fails)
    lines = ["# hipaalint", "", f"{escaped(closing(report)[0])}", ""]
    lines += ["| severity | failures |", "| --- | --- |"]
    lines += [f"| {name} | {severities[name]} |" for name in reversed(SEVERITIES)]
    live = [each for each in report.shown if kind(each) in (FAIL, CONDITIONAL, UNKNOWN)]
    groups = same_place(live)
    groups.sort(key=lambda group: (kind(group[0]) != FAIL, -SEVERITIES.index(group[0].severity)))
    if groups:
        lines += ["", "| | check | resource | place | finding | controls |", "| --- | --- | --- | --- | --- | --- |"]
        lines += [_row(group) for group in groups[:ROWS]]
        if len(groups) > ROWS:
            lines += ["", f"{len(groups) - ROWS} more rows are left out; the other formats have them."]
    elif not counts["fail"]:
        lines += ["", "No failures."]
    for title, severity in (("Errors", "error"), ("Warnings", "warning"), ("Notes", "note")):
        rows = [row for row in map(diagnostic_row, report.diagnostics) if row["severity"] == severity]
        if rows:
            lines += ["", f"## {title}", ""]
            lines += [f"- {_place(row)}{escaped(row['message'])}" for row in rows[:ROWS]]
    rest = closing(report)[1:]
    if rest:
        lines += ["", *(f"- {escaped(line.strip())}" for line in rest)]
    return "\n".join(lines) + "\n"


def _place(row: Row) -> str:
    return _code(f"{row['file']}:{row['line']}") + ": " if row["file"] else ""


def _row(group: list[Finding]) -> str:
    finding = group[0]
    names = addresses(group)
    resource = _code(printable(names[0])) + (f" and {len(names) - 1} more" if len(names) > 1 else "")
    when = f" ({finding.when})" if finding.when else ""
    name = kind(finding)
    cells = [
        finding.severity if name == FAIL else name,
        _code(finding.check.id),
        resource,
        _code(printable(f"{finding.range.file.path}:{finding.range.line}")),
        escaped(printable(finding.message + when)),
        ", ".join(_code(link.id) for link in finding.check.controls),
    ]
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """A text in which nothing is taken for Markdown."""
    return _SPECIAL.sub(r"\\\1", text)


def _code(text: str) -> str:
    # In a table a bar ends the cell even inside of code.
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text.replace('|', '&#124;')}{pad}{fence}"
