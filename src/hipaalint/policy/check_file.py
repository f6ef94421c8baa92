"""One check file to a Check: which fields there are, what each may hold, and what to do where that is not so.

Called by policy/catalogue.py; docs/writing-checks.md describes the same fields for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from typing import Any

from ..source import Diagnostic, SourceFile, SourceRange
from ..syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, scalar_value
from .check import MISSING, PARAMETER_TYPES, SEVERITIES, Check, ControlLink, Example, Parameter, has_type

VERDICT_KEYS = ("pass", "fail", "unknown", "not_applicable")
LANGUAGES = ("cloudformation", "terraform")
FIELDS = (
    "id", "title", "severity", "controls", "risk", "resource", "missing", "scope", "filter", "condition", "message",
    "also", "remediation", "parameters", "profiles", "aliases", "only", "examples", "references",
)  # fmt: skip
REQUIRED = ("id", "title", "severity", "controls", "risk", "message", "remediation", "examples")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")

Fields = dict[str, Node]


class Reader:
    """Takes nodes apart and notes what is wrong with them; reading goes on, so that one run shows every error."""

    __slots__ = ("diagnostics", "file")

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.diagnostics: list[Diagnostic] = []

    def error(self, message: str, range: SourceRange) -> None:
        self.diagnostics.append(Diagnostic("error", message, range))

    def fields(self, node: Node, allowed: tuple[str, ...], required: tuple[str, ...] = ()) -> Fields:
        """The entries of a map; every other key and every missing one is an error."""
        if not isinstance(node, MapNode):
            self.error(f"this must be a map with the keys {', '.join(allowed)}", node.range)
            return {}
        fields: Fields = {}
        for key, value in node.entries:
            if key.text in allowed:
                fields[key.text] = value
            else:
                self.error(f'there is no key "{key.text}"{_nearest(key.text, allowed)}', key.range)
        for name in required:
            if name not in fields:
                place = node.entries[0][0].range if node.entries else node.range
                self.error(f'"{name}" is missing; add it', place)
        return fields

    def text(self, fields: Fields, name: str) -> str:
        """A text that is not empty; "" where the field is left out or wrong."""
        node = fields.get(name)
        if node is None:
            return ""
        if not isinstance(node, ScalarNode) or not node.text.strip():
            self.error(f'"{name}" must be a text', node.range)
            return ""
        return node.text.strip()

    def block(self, fields: Fields, name: str) -> str | None:
        """A text written as a `|-` block: in any other form YAML would take `!`, `? :`, quotes and brackets for its own."""
        node = fields.get(name)
        if node is None:
            return None
        if not isinstance(node, ScalarNode) or not self.file.text.startswith("|-", node.start):
            self.error(
                f'"{name}" must be a block: write `{name}: |-` and the text indented on the lines below', node.range
            )
            return None
        if not node.text.strip():
            self.error(f'"{name}" is empty', node.range)
        return node.text

    def items(self, fields: Fields, name: str) -> list[Node]:
        node = fields.get(name)
        if node is None:
            return []
        if not isinstance(node, ListNode):
            self.error(f'"{name}" must be a list; put "- " before its entries', node.range)
            return []
        return node.items

    def texts(self, fields: Fields, name: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        node = fields.get(name)
        if isinstance(node, ScalarNode):
            return (self.text(fields, name),)
        found = []
        for item in self.items(fields, name):
            if isinstance(item, ScalarNode) and item.text:
                found.append(item.text)
            else:
                self.error(f'"{name}" must hold texts', item.range)
        return tuple(found)

    def choice(self, fields: Fields, name: str, allowed: tuple[str, ...], default: str) -> str:
        text = self.text(fields, name) or default
        if text not in allowed:
            self.error(f'"{name}" must be one of {", ".join(allowed)}', fields[name].range)
        return text

    def entries(self, fields: Fields, name: str) -> Iterator[tuple[ScalarNode, Node]]:
        node = fields.get(name)
        if isinstance(node, MapNode):
            yield from node.entries
        elif node is not None:
            self.error(f'"{name}" must be a map of names', node.range)

    def data(self, node: Node) -> Any:
        """Plain data of a scalar or a list of scalars."""
        if isinstance(node, ScalarNode):
            return scalar_value(node)
        if isinstance(node, ListNode):
            return [self.data(item) for item in node.items]
        self.error("a number, a text, true, false or a list of texts belongs here", node.range)
        return None


def _nearest(name: str, allowed: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # only for a message

    near = get_close_matches(name, allowed, 1)
    return f'; did you mean "{near[0]}"?' if near else f"; the keys are {', '.join(allowed)}"


def read_check(reader: Reader, node: Node) -> Check | None:
    """The check of a file; None if the file is no map at all. What is wrong stands in the reader's diagnostics."""
    fields = reader.fields(node, FIELDS, REQUIRED)
    if not fields:
        return None
    check = Check()
    check.file = reader.file
    check.ranges = {name: field.range for name, field in fields.items()}
    check.ranges.setdefault("id", node.range)
    check.id = reader.text(fields, "id")
    if check.id and not _ID.fullmatch(check.id):
        reader.error("an id is two or more words in small letters, joined by -; service first", fields["id"].range)
    check.title = reader.text(fields, "title")
    check.severity = reader.choice(fields, "severity", SEVERITIES, "medium")
    check.risk = reader.text(fields, "risk")
    check.remediation = reader.text(fields, "remediation")
    check.filter = reader.block(fields, "filter")
    check.condition = reader.block(fields, "condition")
    check.message = reader.block(fields, "message") or ""
    _read_subject(reader, fields, check, node)
    check.controls = tuple(_controls(reader, fields, check))
    check.parameters = dict(_parameters(reader, fields))
    if "profiles" in fields:
        check.profiles = reader.texts(fields, "profiles")
    check.aliases = reader.texts(fields, "aliases")
    check.references = reader.texts(fields, "references")
    for key, why in reader.entries(fields, "only"):
        if key.text not in LANGUAGES or not isinstance(why, ScalarNode) or not why.text:
            reader.error(
                "`only` says for one language why there are no examples in the other: `terraform: because …`", key.range
            )
        else:
            check.only[key.text] = why.text
    _examples(reader, fields, check)
    check.also = tuple(_part(reader, node, check) for node in reader.items(fields, "also"))
    return check


def _part(reader: Reader, node: Node, whole: Check) -> Check:
    """One entry of `also`: other types with a filter and a condition of their own."""
    part = copy(whole)
    part.whole = whole
    fields = reader.fields(node, ("resource", "filter", "condition", "message"), ("resource", "condition"))
    part.ranges = {**whole.ranges, **{name: field.range for name, field in fields.items()}}
    part.resources = reader.texts(fields, "resource")
    part.filter = reader.block(fields, "filter")
    part.condition = reader.block(fields, "condition")
    part.message = reader.block(fields, "message") or whole.message
    if whole.kind == MISSING:
        reader.error("a `missing` check has no `also`; `missing` takes a list of types", node.range)
    return part


def _read_subject(reader: Reader, fields: Fields, check: Check, node: Node) -> None:
    """What the check is about: `resource` with a condition, or `missing`."""
    check.resources = reader.texts(fields, "resource") or reader.texts(fields, "missing")
    if ("resource" in fields) == ("missing" in fields):
        reader.error("name either `resource`, what is judged, or `missing`, what ought to be there", check.ranges["id"])
    elif "missing" in fields:
        check.kind = MISSING
        if "condition" in fields:
            reader.error(
                "a `missing` check has no condition; `filter` says which resources count", fields["condition"].range
            )
    elif "condition" not in fields:
        reader.error('"condition" is missing; add it', check.ranges["id"])
    check.scope = reader.choice(
        fields, "scope", ("resource", "account"), "account" if check.kind == MISSING else "resource"
    )


def _controls(reader: Reader, fields: Fields, check: Check) -> Iterator[ControlLink]:
    nodes = reader.items(fields, "controls")
    if "controls" in fields and not nodes:
        reader.error("a check serves at least one control", fields["controls"].range)
    seen = set()
    for position, node in enumerate(nodes):
        entry = reader.fields(node, ("id", "because"), ("id", "because"))
        link = ControlLink(reader.text(entry, "id"), reader.text(entry, "because"))
        if link.id in seen:
            reader.error(f'the control "{link.id}" is here twice; keep one reason', node.range)
        seen.add(link.id)
        check.ranges[f"controls[{position}]"] = node.range
        yield link


def _parameters(reader: Reader, fields: Fields) -> Iterator[tuple[str, Parameter]]:
    for key, node in reader.entries(fields, "parameters"):
        entry = reader.fields(node, ("type", "default", "description"), ("type", "default"))
        type = reader.choice(entry, "type", PARAMETER_TYPES, "string")
        default = reader.data(entry["default"]) if "default" in entry else None
        if "default" in entry and not has_type(default, type):
            reader.error(f'the default of "{key.text}" is no {type}', entry["default"].range)
        yield key.text, Parameter(key.text, type, default, reader.text(entry, "description"))


def _examples(reader: Reader, fields: Fields, check: Check) -> None:
    if "examples" not in fields:
        return
    verdicts = reader.fields(fields["examples"], VERDICT_KEYS)
    for verdict in verdicts:
        check.examples[verdict] = [_example(reader, node, check) for node in reader.items(verdicts, verdict)]


def _example(reader: Reader, node: Node, check: Check) -> Example:
    example = Example()
    entry = reader.fields(node, ("about", *LANGUAGES, "parameters", "strict", "when"))
    example.about = reader.text(entry, "about")
    example.when = reader.text(entry, "when") or None
    example.strict = reader.text(entry, "strict") == "true"
    for key, value in reader.entries(entry, "parameters"):
        example.parameters[key.text] = reader.data(value)
        if key.text not in check.parameters:
            reader.error(f'the check has no parameter "{key.text}"', key.range)
    for language in LANGUAGES:
        text = entry.get(language)
        if isinstance(text, ScalarNode) and text.text.strip():
            example.texts[language] = {_MAIN[language]: text.text}
            example.ranges[language] = text.range
        elif isinstance(text, MapNode):
            example.texts[language] = {
                name.text: file.text for name, file in text.entries if isinstance(file, ScalarNode)
            }
            example.ranges[language] = text.range
        elif text is not None:
            reader.error("an example is a text (write `|`), or a map of file names to texts", text.range)
    if not example.texts:
        reader.error("an example needs a text in terraform or in cloudformation, best in both", node.range)
    return example


_MAIN = {"cloudformation": "template.yaml", "terraform": "main.tf"}
