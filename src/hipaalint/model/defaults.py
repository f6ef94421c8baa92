"""What the service or the provider does with a property that nobody wrote: tables/defaults/*.yaml, one row a fact.

Asked by model/lift.py for every Absent property. A row:

  AWS::RDS::DBInstance:
    - path: PubliclyAccessible         dotted, list levels left out
      origin: aws                      cloudformation | aws (Terraform's provider) | awscc; a list; awscc follows cloudformation
      provider: "<5"                   majors of the Terraform provider; left out: all
      parent: absent                   absent | written: whether the object that would hold it is there; left out: either
      when: Engine == "aurora"         a condition over the resource's other properties; left out: always
      value: false
      since: 2023-01-05                the service has made the setting safe since then (the finding says so)
      source: https://…                where that is documented
      checked: 2026-11-22
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..expression.values import BOOL, NULL, NUMBER, OBJECT, STRING, TUPLE, Known, Value
from .tables import TableError, read_yaml_folder

NEWEST_MAJOR = 6
MAJORS = range(2, NEWEST_MAJOR + 1)


class DefaultValue(Known):
    """A documented default. since: ISO date from which the service itself is safe, "" if there is none."""

    __slots__ = ("since",)
    since: str

    def copy(self) -> DefaultValue:
        twin = DefaultValue(self.data, self.kind, self.range, self.sources, self.references, self.sensitive)
        twin.since = self.since
        return twin


def default_value(data: Any, since: str) -> DefaultValue:
    """A row's value, with its date at every depth."""
    kind = (
        NULL
        if data is None
        else BOOL
        if isinstance(data, bool)
        else STRING
        if isinstance(data, str)
        else OBJECT
        if isinstance(data, dict)
        else TUPLE
        if isinstance(data, list)
        else NUMBER
    )
    if isinstance(data, dict):
        data = {name: default_value(item, since) for name, item in data.items()}
    elif isinstance(data, list):
        data = [default_value(item, since) for item in data]
    value = DefaultValue(data, kind)
    value.since = since
    return value


class DefaultRow:
    """One row, compiled."""

    __slots__ = ("majors", "origins", "parent", "raw", "value", "when")

    def __init__(self, type: str, raw: Mapping[str, Any]) -> None:
        unknown = set(raw) - {
            "path",
            "origin",
            "provider",
            "parent",
            "when",
            "value",
            "since",
            "source",
            "checked",
            "setting",
            "note",
        }
        if unknown or "path" not in raw or ("value" not in raw):
            raise TableError(
                f"defaults of {type}: a row takes path, value and the keys that the module names; not {unknown}"
            )
        origins = raw.get("origin") or ["cloudformation", "aws"]
        self.origins = frozenset([origins] if isinstance(origins, str) else origins)
        self.majors = permitted_majors(raw.get("provider", ""))
        self.parent: str | None = raw.get("parent")
        self.when: str | None = raw.get("when")
        self.value = default_value(raw["value"], str(raw.get("since") or ""))
        self.raw = raw


def permitted_majors(constraint: str) -> frozenset[int]:
    """The provider majors (2 to the newest known) that a version constraint such as `~> 5.0, < 5.40` admits."""
    majors = set(MAJORS)
    for part in filter(None, (piece.strip() for piece in constraint.split(","))):
        match = re.fullmatch(r"(~>|>=|<=|!=|=|>|<)?\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-[\w.]+)?", part)
        if match is None:
            continue
        operator, major = match[1] or "=", int(match[2])
        exact = not any(int(piece or 0) for piece in match.groups()[2:])
        if operator == "~>":
            # `~> 5.1` admits 5.x; `~> 5` alone admits every later major too
            majors &= {major} if match[3] is not None else {m for m in majors if m >= major}
        elif operator in (">=", ">"):
            majors &= {m for m in majors if m >= major}
        elif operator == "<":
            majors &= {m for m in majors if m < major or (m == major and not exact)}
        elif operator == "<=":
            majors &= {m for m in majors if m <= major}
        elif operator == "=":
            majors &= {major}
    return frozenset(majors)


@cache
def default_rows() -> dict[str, dict[str, list[DefaultRow]]]:
    """Registry type → dotted path → rows, in the order of the file: the first that fits holds."""
    found: dict[str, dict[str, list[DefaultRow]]] = {}
    for _file, content in read_yaml_folder("defaults"):
        for type, rows in (content or {}).items():
            for raw in rows:
                found.setdefault(type, {}).setdefault(raw["path"], []).append(DefaultRow(type, raw))
    return found


def candidates(
    type: str, path: str, origin: str, constraint: str, parent_written: bool
) -> list[tuple[str | None, Value]]:
    """(condition or None, value) of the rows that may hold for an absent property, in order.

    constraint: the version constraint of the root for hashicorp/aws; the newest major it admits decides.
    """
    rows = default_rows().get(type, {}).get(path, [])
    if not rows:
        return []
    origin = "cloudformation" if origin == "awscc" else origin
    major = max(permitted_majors(constraint), default=NEWEST_MAJOR)
    return [
        (row.when, row.value)
        for row in rows
        if origin in row.origins
        and (origin != "aws" or major in row.majors)
        and (row.parent is None or (row.parent == "written") is parent_written)
    ]
