"""What changed from one JSON report to another: new, repaired and changed findings, and the controls that they serve.

Used by `hipaalint diff`; works on the documented form alone.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from .rows import Row, printable

COUNTED = ("fail", "unknown")
COMPARED = ("verdict", "severity", "when", "suppressed")


class Difference:
    """new, fixed: rows. changed: pairs of rows, before and after. Findings are the same if their fingerprint is."""

    __slots__ = ("changed", "fixed", "new")

    def __init__(self, before: Row, after: Row) -> None:
        old, new = _live(before), _live(after)
        everything_old, everything_new = _all(before), _all(after)
        self.new = [row for name, row in new.items() if name not in everything_old]
        self.fixed = [row for name, row in old.items() if name not in everything_new]
        both = [(everything_old[name], everything_new[name]) for name in everything_new if name in everything_old]
        self.changed = [
            (was, now)
            for was, now in both
            if any(was.get(key) != now.get(key) for key in COMPARED) and (_counts(was) or _counts(now))
        ]

    def closes(self) -> bool:
        """Whether something is worse: a new failure, or one that is live only now."""
        return any(_fails(row) for row in self.new) or any(_fails(now) and not _fails(was) for was, now in self.changed)

    def controls(self) -> dict[str, tuple[int, int]]:
        """Control → how many new and how many repaired failures it has."""
        new = Counter(id for row in self.new if _fails(row) for id in row["controls"])
        fixed = Counter(id for row in self.fixed if _fails(row) for id in row["controls"])
        return {id: (new[id], fixed[id]) for id in sorted(new.keys() | fixed.keys())}


def is_report(document: Any) -> bool:
    """Whether data has the documented form of version 1."""
    return (
        isinstance(document, dict)
        and document.get("version") == 1
        and isinstance(document.get("results"), list)
        and all(
            isinstance(row, dict) and {"fingerprint", "verdict", "controls"} <= row.keys()
            for row in document["results"]
        )
    )


def as_text(difference: Difference) -> str:
    """For people."""
    lines = []
    for title, rows in (("new", difference.new), ("fixed", difference.fixed)):
        lines += [f"{title}: {_described(row)}" for row in rows]
    for was, now in difference.changed:
        changes = [
            f"{key} {_state(was.get(key))} → {_state(now.get(key))}" for key in COMPARED if was.get(key) != now.get(key)
        ]
        lines.append(f"changed: {_described(now)} ({', '.join(changes)})")
    controls = difference.controls()
    if controls:
        width = max(map(len, controls))
        lines += ["", *(f"{id:<{width}}  {new} new, {fixed} fixed" for id, (new, fixed) in controls.items())]
    counts = f"{len(difference.new)} new · {len(difference.fixed)} fixed · {len(difference.changed)} changed"
    return "\n".join([*lines, "", counts] if lines else [counts]) + "\n"


def as_data(difference: Difference) -> Row:
    """For programs: rows as in the reports."""
    return {
        "version": 1,
        "new": difference.new,
        "fixed": difference.fixed,
        "changed": [{"before": was, "after": now} for was, now in difference.changed],
        "controls": {id: {"new": new, "fixed": fixed} for id, (new, fixed) in difference.controls().items()},
    }


def _all(document: Row) -> dict[str, Row]:
    return {row["fingerprint"]: row for row in document["results"]}


def _live(document: Row) -> dict[str, Row]:
    return {name: row for name, row in _all(document).items() if _counts(row)}


def _counts(row: Row) -> bool:
    return row["verdict"] in COUNTED and row.get("suppressed") is None


def _fails(row: Row) -> bool:
    return row["verdict"] == "fail" and row.get("suppressed") is None and row.get("when") is None


def _described(row: Row) -> str:
    place = f"{row.get('file')}:{row.get('line')}"
    return printable(f"{row['verdict']}[{row.get('check')}] {row.get('severity')} {place}: {row.get('message')}")


def _state(value: Any) -> str:
    if isinstance(value, dict):
        return printable(f"suppressed ({value.get('kind')})")
    return "none" if value is None else printable(str(value))
