"""GitHub's workflow commands: annotations on the lines of a change.

A step may make ten of each level; what is beyond them would vanish in silence, so it is counted in the last one.
"""

from __future__ import annotations

from ..policy.check import SEVERITIES
from ..policy.finding import FAIL, UNKNOWN
from .groups import addresses, same_place
from .report import CONDITIONAL, Report, kind
from .rows import Row, diagnostic_row, result
from .sarif_rules import LEVELS

MAX_OF_A_LEVEL = 10
COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """Errors of the run first, then findings, the most severe first."""
    commands: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for row in map(diagnostic_row, report.diagnostics):
        command = COMMANDS[row["severity"]]
        commands[command].append(_command(command, row, "hipaalint", row["message"]))
    live = [each for each in report.shown if kind(each) in (FAIL, CONDITIONAL, UNKNOWN)]
    groups = sorted(same_place(live), key=lambda group: (kind(group[0]) != FAIL, -SEVERITIES.index(group[0].severity)))
    for group in groups:
        row = result(group[0])
        command = COMMANDS[LEVELS[row["severity"]]] if kind(group[0]) == FAIL else "notice"
        text = row["message"] + (f" ({row['when']})" if row["when"] else "")
        others = len(addresses(group)) - 1
        text += f" (and {others} more like it)" if others else ""
        commands[command].append(_command(command, row, f"{row['check']} ({row['severity']})", text))
    shown = {command: lines[:MAX_OF_A_LEVEL] for command, lines in commands.items()}
    total = sum(map(len, commands.values()))
    if total > sum(map(len, shown.values())):
        # One notice may have to give way, so that the count itself is shown.
        del shown["notice"][MAX_OF_A_LEVEL - 1 :]
        left_out = total - sum(map(len, shown.values()))
        text = f"{left_out} more findings are not shown here; the full report has them"
        shown["notice"].append(f"::notice title=hipaalint::{text}")
    lines = [line for each in shown.values() for line in each]
    return "".join(f"{line}\n" for line in lines)


def _command(command: str, row: Row, title: str, text: str) -> str:
    properties = {}
    if row["file"] is not None:
        properties = {"file": row["file"], "line": str(row["line"]), "col": str(row["column"])}
        if row.get("end_line") == row["line"]:
            properties["endColumn"] = str(row["end_column"])
        elif "end_line" in row:
            properties["endLine"] = str(row["end_line"])
    properties["title"] = title
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
