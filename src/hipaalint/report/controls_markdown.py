"""The control matrix as Markdown, for a pull request or a wiki: one table a framework, and what is open below it.

Beside the other formats.
"""

from __future__ import annotations

from collections.abc import Iterator

from .controls_matrix import KINDS, STATE_WORDS, STATES, ControlRow, Matrix, Tally
from .html_data import FRAMEWORKS
from .markdown import escaped
from .provenance import Provenance
from .report import Report
from .rows import diagnostic_row, printable


def render(report: Report) -> str:
    """Per framework the controls, then the checks, then what the report rests on."""
    return "\n".join(_lines(report, Matrix(report))) + "\n"


def _lines(report: Report, matrix: Matrix) -> Iterator[str]:
    yield from ("# Controls and how they stand", "")
    for framework in matrix.frameworks():
        states = matrix.states(framework)
        yield from (f"## {FRAMEWORKS.get(framework, framework)}", "")
        yield from (", ".join(f"{states[name]} {STATE_WORDS[name]}" for name in STATES if states[name]) + ".", "")
        yield _heads("Control", "Title", "Status", "State", "Checks", "Examined", *KINDS, "By hand", "Attested")
        yield _rule(4, 4 + len(KINDS))
        for row in matrix.rows:
            if row.control.framework == framework:
                yield _heads(*_control(row, matrix.today))
        yield ""
    yield from ("## Checks", "", _heads("Check", "Severity", "Controls", "Examined", *KINDS), _rule(3, 1 + len(KINDS)))
    for check in report.checks:
        tally = matrix.checks[check.id]
        if tally.examined:
            ids = " ".join(link.id for link in check.controls)
            yield _heads(check.id, check.severity, _text(ids), *_numbers(tally))
    yield _heads("**all**", "", "", *_numbers(matrix.total))
    errors = [row for row in map(diagnostic_row, report.diagnostics) if row["severity"] == "error"]
    if errors:
        yield from ("", "## Not done", "")
        yield from (f"- {_text(row['file'] or '')}: {_text(row['message'])}" for row in errors)
    yield from ("", "## What this rests on", "")
    yield from (f"- {what}: {_text(which)}" for what, which in Provenance(report).statements())


def _control(row: ControlRow, today: str) -> list[str]:
    control = row.control
    open_ones = sum(1 for each in row.attestations if each.is_open(today))
    attested = f"{len(row.attestations) - open_ones}" + (f", {open_ones} not in force" if open_ones else "")
    return [
        _text(control.id),
        _text(control.title),
        control.status,
        STATE_WORDS[row.state],
        str(len(row.checks)),
        *_numbers(row.tally),
        str(len(row.manual)),
        attested if row.attestations else "",
    ]


def _numbers(tally: Tally) -> list[str]:
    return [str(tally.examined), *(str(number) for number in tally.kinds.values())]


def _heads(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(texts: int, numbers: int) -> str:
    return f"|{'---|' * texts}{'--:|' * numbers}"


def _text(text: str) -> str:
    return escaped(printable(text))
