"""A check as read from its YAML file, and the control references that it serves.

Made by policy/catalogue.py, run by policy/engine.py, described by the reports and `hipaalint explain`.
"""

from __future__ import annotations

from typing import Any

from ..source import SourceFile

SEVERITIES = ("low", "medium", "high", "critical")  # ascending


class ControlLink:
    """One reference that a check serves (`hipaa:164.312(a)(2)(iv)`, `hitrust:06.d`) and why."""

    __slots__ = ("because", "id")

    def __init__(self, id: str, because: str) -> None:
        self.id = id
        self.because = because


class Parameter:
    """A number, text or list that a configuration may override: `param.NAME` in the condition."""

    __slots__ = ("default", "description", "name", "type")

    def __init__(self, name: str, type: str, default: Any, description: str = "") -> None:
        self.name = name
        self.type = type
        self.default = default
        self.description = description


class Check:
    """What is asked of a resource, why, and how to repair it.

    kind: "resource" (judges each resource of `resources`) or "missing" (a root lacks the types of `resources`).
    filter, condition, message: HCL text; None for a condition that the Python function `function` stands for.
    profiles: names of the profiles besides `all` in which it is on; `default` unless it is advisory.
    examples: verdict → list of {language → text}; only read for tests and documentation.
    """

    __slots__ = (
        "aliases",
        "condition",
        "controls",
        "examples",
        "file",
        "filter",
        "function",
        "id",
        "kind",
        "message",
        "parameters",
        "profiles",
        "references",
        "remediation",
        "resources",
        "risk",
        "scope",
        "service",
        "severity",
        "title",
    )

    def __init__(self) -> None:
        self.id = ""
        self.title = ""
        self.service = ""
        self.severity = "medium"
        self.kind = "resource"
        self.scope = "resource"  # or "account": judged as missing only in an account baseline
        self.resources: tuple[str, ...] = ()
        self.filter: str | None = None
        self.condition: str | None = None
        self.function: str | None = None
        self.message = ""
        self.risk = ""
        self.remediation = ""
        self.controls: tuple[ControlLink, ...] = ()
        self.parameters: dict[str, Parameter] = {}
        self.profiles: tuple[str, ...] = ("default",)
        self.aliases: tuple[str, ...] = ()
        self.references: tuple[str, ...] = ()
        self.examples: dict[str, list[dict[str, Any]]] = {}
        self.file: SourceFile | None = None
