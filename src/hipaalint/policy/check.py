"""A check as read from its YAML file, and the controls that it serves.

Made by policy/catalogue.py, run by policy/engine.py, described by the reports and `hipaalint explain`.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from ..source import SourceFile, SourceRange

SEVERITIES = ("low", "medium", "high", "critical")  # ascending
RESOURCE, MISSING = "resource", "missing"


class Control:
    """One citation of a framework: what a ControlLink names.

    id: with its framework (`hipaa:164.312(a)(2)(iv)`). title: in our own words. safeguard: the part of the rule that
    holds it, "" for HITRUST. status: "required" | "addressable" | "". kind: "standard", "control", …
    proposed: what a proposed rule, not in force, would change.
    """

    __slots__ = ("framework", "id", "kind", "note", "proposed", "safeguard", "status", "title")

    def __init__(
        self,
        id: str,
        framework: str,
        title: str,
        *,
        safeguard: str = "",
        status: str = "",
        kind: str = "",
        note: str = "",
        proposed: str = "",
    ) -> None:
        self.id = id
        self.proposed = proposed
        self.framework = framework
        self.title = title
        self.safeguard = safeguard
        self.status = status
        self.kind = kind
        self.note = note


class Manual:
    """What a citation asks for and templates cannot show. who: "runtime" | "organisational". shown_by: the evidence."""

    __slots__ = ("controls", "id", "shown_by", "title", "who")

    def __init__(self, id: str, title: str, who: str, controls: tuple[str, ...], shown_by: str) -> None:
        self.id = id
        self.title = title
        self.who = who
        self.controls = controls
        self.shown_by = shown_by


class ControlLink:
    """One reference that a check serves (`hipaa:164.312(a)(2)(iv)`, `hitrust:06.d`) and why."""

    __slots__ = ("because", "id")

    def __init__(self, id: str, because: str) -> None:
        self.id = id
        self.because = because


class Parameter:
    """A number, text, bool or list that a configuration may override: `param.NAME` in the condition."""

    __slots__ = ("default", "description", "name", "type")

    def __init__(self, name: str, type: str, default: Any, description: str = "") -> None:
        self.name = name
        self.type = type
        self.default = default
        self.description = description

    def accepts(self, value: object) -> bool:
        """Whether a configuration may set it to this."""
        return has_type(value, self.type)


PARAMETER_TYPES = ("number", "string", "bool", "list")


def has_type(value: object, type: str) -> bool:
    """Whether plain data has one of PARAMETER_TYPES; a list holds texts."""
    if type == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if type == "string":
        return isinstance(value, str)
    if type == "bool":
        return isinstance(value, bool)
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)


class Example:
    """A configuration and the verdict it must get. texts: language → text, or path → text for several files."""

    __slots__ = ("about", "parameters", "ranges", "strict", "texts", "when")

    def __init__(self) -> None:
        self.about = ""
        self.texts: dict[str, dict[str, str]] = {}
        self.ranges: dict[str, SourceRange] = {}
        self.parameters: dict[str, Any] = {}
        self.strict = False
        self.when: str | None = None


class Check:
    """What is asked of a resource, why, and how to repair it.

    kind: "resource" (judges each resource of `resources`) or "missing" (a root lacks the types of `resources`).
    filter, condition, message: HCL text; condition is None for a check of kind "missing".
    profiles: names of the profiles besides `all` in which it is on; `default` unless it is advisory.
    only: language → why there are no examples in the other one. ranges: field → where it stands in `file`.
    also: the same question put to other types in other words: checks that share everything with this one (their `whole`)
    but `resources`, `filter`, `condition` and perhaps `message`.
    """

    __slots__ = (
        "aliases",
        "also",
        "condition",
        "controls",
        "examples",
        "file",
        "filter",
        "id",
        "kind",
        "message",
        "only",
        "parameters",
        "profiles",
        "ranges",
        "references",
        "remediation",
        "resources",
        "risk",
        "scope",
        "service",
        "severity",
        "title",
        "whole",
    )

    def __init__(self) -> None:
        self.id = ""
        self.also: tuple[Check, ...] = ()
        self.whole: Check = self
        self.title = ""
        self.service = ""
        self.severity = "medium"
        self.kind = RESOURCE
        self.scope = "resource"  # or "account": judged as missing only in an account baseline
        self.resources: tuple[str, ...] = ()
        self.filter: str | None = None
        self.condition: str | None = None
        self.message = ""
        self.risk = ""
        self.remediation = ""
        self.controls: tuple[ControlLink, ...] = ()
        self.parameters: dict[str, Parameter] = {}
        self.profiles: tuple[str, ...] = ("default",)
        self.aliases: tuple[str, ...] = ()
        self.references: tuple[str, ...] = ()
        self.examples: dict[str, list[Example]] = {}
        self.only: dict[str, str] = {}
        self.file: SourceFile | None = None
        self.ranges: dict[str, SourceRange] = {}

    @property
    def types(self) -> tuple[str, ...]:
        """Every type that is judged, those of `also` included."""
        return tuple(dict.fromkeys(type for part in (self, *self.also) for type in part.resources))

    def __repr__(self) -> str:
        return f"Check({self.id})"


# What an index keeps of a check: neither examples, nor places, nor what is made of the rest.
_KEPT = (
    "id", "title", "service", "severity", "kind", "scope", "resources", "filter", "condition", "message", "risk",
    "remediation", "profiles", "aliases", "references", "only",
)  # fmt: skip
_OWN = ("resources", "filter", "condition", "message")  # of an entry of `also`


def data_of(check: Check) -> dict[str, Any]:
    """A check as JSON data."""
    data = {name: getattr(check, name) for name in _KEPT}
    data["controls"] = [[link.id, link.because] for link in check.controls]
    data["parameters"] = [[p.name, p.type, p.default, p.description] for p in check.parameters.values()]
    data["also"] = [{name: getattr(part, name) for name in _OWN} for part in check.also]
    data["path"] = check.file.path if check.file is not None else ""
    return data


def check_of(data: dict[str, Any]) -> Check:
    """The check that `data_of` took apart."""
    check = Check()
    for name in _KEPT:
        value = data[name]
        setattr(check, name, tuple(value) if isinstance(value, list) else value)
    check.controls = tuple(ControlLink(id, because) for id, because in data["controls"])
    check.parameters = {name: Parameter(name, type, default, text) for name, type, default, text in data["parameters"]}
    check.file = SourceFile(data["path"], "")
    parts = []
    for fields in data["also"]:
        part = copy(check)
        part.resources = tuple(fields["resources"])
        part.filter, part.condition, part.message = fields["filter"], fields["condition"], fields["message"]
        parts.append(part)
    check.also = tuple(parts)
    return check
