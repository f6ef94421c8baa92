"""aws_iam_policy_document: the policy that its blocks say, as an object with ranges, and the JSON text of it.

Used by data_sources.py. A reader of policies takes the object (`sources[0]` of the text), so unknown parts stay in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...expression.evaluator import unknown_from
from ...expression.values import (
    DYNAMIC,
    MAPPINGS,
    OBJECT,
    SEQUENCES,
    STRING,
    TUPLE,
    Absent,
    EvaluationError,
    Known,
    Lazy,
    Unknown,
    Value,
    is_null,
    known,
)
from ...expression.world import Deferred
from ...resource import WrittenResource
from ...source import SourceRange

if TYPE_CHECKING:
    from .module_instance import ModuleInstance

VERSION = "2012-10-17"
_LISTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)


def policy_json(resource: WrittenResource, module: ModuleInstance) -> Value:
    """The `json` attribute: a string, known or not, whose first source is the policy as an object."""
    found = module.load.policies.get(resource)
    if found is None:
        found = module.load.policies[resource] = Deferred(resource.root.world, lambda: _encoded(resource, module))
    return found.force()


def _encoded(resource: WrittenResource, module: ModuleInstance) -> Value:
    policy = _Document(resource, module).policy()
    text = module.load.functions["jsonencode"](module.load.context, [policy], resource.header)
    text.range = resource.header
    text.sources = (policy,)
    return text


class _Document:
    def __init__(self, resource: WrittenResource, module: ModuleInstance) -> None:
        self.get = _getter(resource.body)
        self.header = resource.header
        self.fields: dict[str, Value] = {}
        self.decode: Callable[[Value], Value] = lambda text: module.load.functions["jsondecode"](
            module.load.context, [text], text.range
        )

    def policy(self) -> Value:
        version = self.get("version")
        self.fields["Version"] = known(VERSION, self.header) if _missing(version) else version
        statements: list[Value] = []
        for document in self._documents("source_json", "source_policy_documents"):
            _merge(statements, self._statements_of(document))
        identifier = self.get("policy_id")
        if not _missing(identifier):
            self.fields["Id"] = identifier
        _merge(statements, self._own_statements())
        for document in self._documents("override_policy_documents", "override_json"):
            _merge(statements, self._statements_of(document), override=True)
        self.fields["Statement"] = Known(statements, TUPLE, self.header)
        return Known(self.fields, OBJECT, self.header)

    def _documents(self, *names: str) -> list[Value]:
        """The texts of other policies that this one takes in: single ones, or lists of them."""
        documents: list[Value] = []
        for name in names:
            value = self.get(name)
            if isinstance(value, Known) and value.kind in SEQUENCES:
                documents.extend(value.data)
            elif not _missing(value):
                documents.append(value)
        return documents

    def _statements_of(self, document: Value) -> list[Value]:
        if isinstance(document, Unknown) and document.type not in (STRING, DYNAMIC):
            return [unknown_from((document,), DYNAMIC, range=document.range, not_null=True)]
        policy = structure_of(document)
        if policy is None and isinstance(document, Known) and document.data in (None, ""):
            return []
        try:
            policy = policy or self.decode(document)
        except EvaluationError as error:
            raise EvaluationError(f"no policy document in JSON: {error.message}", document.range) from error
        if not isinstance(policy, Known) or policy.kind not in MAPPINGS:
            return [unknown_from((policy,), DYNAMIC, range=document.range, not_null=True)]
        identifier, version = policy.data.get("Id"), policy.data.get("Version")
        if not _missing(identifier) and not (isinstance(identifier, Known) and identifier.data == ""):
            self.fields["Id"] = identifier
        if _later(version, self.fields["Version"]):
            self.fields["Version"] = version
        statements = policy.data.get("Statement")
        if isinstance(statements, Known) and statements.kind in SEQUENCES:
            return list(statements.data)
        return [] if statements is None else [statements]

    def _own_statements(self) -> list[Value]:
        blocks = self.get("statement")
        if isinstance(blocks, Unknown):
            return [blocks]
        if not isinstance(blocks, Known) or not isinstance(blocks.data, list):
            return []
        return [self._statement(block) for block in blocks.data]

    def _statement(self, block: Value) -> Value:
        get = _getter(block)
        fields: dict[str, Value] = {}
        sid, effect = get("sid"), get("effect")
        if not _missing(sid) and not (isinstance(sid, Known) and sid.data == ""):
            fields["Sid"] = sid
        fields["Effect"] = known("Allow", block.range) if _missing(effect) else effect
        for name, key in _LISTS:
            texts = _texts(get(name), block.range, "resource" in name)
            if texts is not None:
                fields[key] = texts
        for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            principals = _principals(get(name))
            if principals is not None:
                fields[key] = principals
        conditions = _conditions(get("condition"))
        if conditions is not None:
            fields["Condition"] = conditions
        return Known(fields, OBJECT, block.range)


def _later(version: Value | None, other: Value) -> bool:
    """A document that is taken in raises the version, it does not lower it."""
    return (
        isinstance(version, Known)
        and isinstance(version.data, str)
        and (not isinstance(other, Known) or version.data > str(other.data))
    )


def structure_of(text: Value) -> Value | None:
    """The object that a JSON text was made from, where it still is that text; None where it is only a text."""
    value = text
    for _ in range(100):
        if isinstance(value, Known) and value.kind in MAPPINGS:
            return value
        if not isinstance(value, (Known, Unknown)) or not value.sources or not _opens_object(value):
            return None
        source = value.sources[0]
        if not (isinstance(source, Known) and source.kind in MAPPINGS) and not _same_text(value, source):
            return None
        value = source
    return None


def _opens_object(value: Known | Unknown) -> bool:
    if isinstance(value, Known):
        return isinstance(value.data, str) and value.data.startswith("{")
    return value.parts is not None and (value.parts[0] or "").startswith("{")


def _same_text(value: Value, other: Value) -> bool:
    if isinstance(value, Known):
        return isinstance(other, Known) and other.data == value.data
    return isinstance(value, Unknown) and isinstance(other, Unknown) and other.parts == value.parts


def _merge(into: list[Value], statements: list[Value], override: bool = False) -> None:
    """Adds statements; one with the Sid of one that is there takes its place.

    An unknown document that overrides may replace any statement with a Sid: these become unknown.
    """
    for statement in statements:
        if isinstance(statement, Unknown) and override:
            for index, earlier in enumerate(into):
                if _sid(earlier):
                    into[index] = unknown_from((statement,), DYNAMIC, range=earlier.range, not_null=True)
        sid = _sid(statement)
        place = next((index for index, earlier in enumerate(into) if sid and _sid(earlier) == sid), None)
        if place is None:
            into.append(statement)
        else:
            into[place] = statement


def _sid(statement: Value) -> str:
    if isinstance(statement, Known) and statement.kind in MAPPINGS:
        sid = statement.data.get("Sid")
        if isinstance(sid, Known) and isinstance(sid.data, str):
            return sid.data
    return ""


def _getter(block: Value) -> Callable[[str], Value]:
    """Reads the arguments of a block, also of one that is written as an object of an attribute."""
    if isinstance(block, Lazy):
        return lambda name: block.get(name, None)
    data: dict[str, Value] = block.data if isinstance(block, Known) and block.kind in MAPPINGS else {}
    return lambda name: data.get(name) or Absent(name, range=block.range)


def _missing(value: Value | None) -> bool:
    return value is None or isinstance(value, Absent) or is_null(value)


def _texts(value: Value, range: SourceRange | None, variables: bool = True) -> Value | None:
    """A set of strings as the provider writes it: one alone, several in falling order, none not at all."""
    if _missing(value):
        return None
    if not isinstance(value, Known) or value.kind not in SEQUENCES:
        return value
    items = [_with_variables(item) for item in value.data] if variables else list(value.data)
    if not items:
        return None
    if len(items) == 1:
        return items[0].at(value.range)
    if all(isinstance(item, Known) and isinstance(item.data, str) for item in items):
        distinct = {item.data: item for item in reversed(items) if isinstance(item, Known)}
        items = [distinct[text] for text in sorted(distinct, reverse=True)]
    return Known(items, TUPLE, value.range or range, (value,))


def _with_variables(item: Value) -> Value:
    """`&{aws:username}` stands for a policy variable, which Terraform's own syntax would take for a template."""
    if isinstance(item, Known) and isinstance(item.data, str) and "&{" in item.data:
        return Known(item.data.replace("&{", "${"), STRING, item.range, (item,), item.references, item.sensitive)
    return item


def _blocks(value: Value) -> list[Value] | Unknown | None:
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Known) and isinstance(value.data, list) and value.data:
        return value.data
    return None


def _principals(value: Value) -> Value | None:
    blocks = _blocks(value)
    if blocks is None or isinstance(blocks, Unknown):
        return blocks
    kinds: dict[str, list[Value]] = {}
    for block in blocks:
        get = _getter(block)
        type, identifiers = get("type"), get("identifiers")
        if not isinstance(type, Known) or not isinstance(type.data, str):
            return unknown_from((type,), DYNAMIC, range=block.range, not_null=True)
        items = identifiers.data if isinstance(identifiers, Known) and isinstance(identifiers.data, list) else None
        kinds.setdefault(type.data, []).extend(items if items is not None else [identifiers])
    everyone = kinds.get("*")
    if everyone is not None and len(kinds) == 1 and len(everyone) == 1:
        only = everyone[0]
        if isinstance(only, Known) and only.data == "*":
            return known("*", blocks[0].range)
    fields = {
        kind: _texts(Known(items, TUPLE, blocks[0].range), blocks[0].range) or known([], blocks[0].range)
        for kind, items in kinds.items()
    }
    return Known(fields, OBJECT, blocks[0].range)


def _conditions(value: Value) -> Value | None:
    blocks = _blocks(value)
    if blocks is None or isinstance(blocks, Unknown):
        return blocks
    tests: dict[str, dict[str, Value]] = {}
    for block in blocks:
        get = _getter(block)
        test, variable, values = get("test"), get("variable"), get("values")
        for name in (test, variable):
            if not isinstance(name, Known) or not isinstance(name.data, str):
                return unknown_from((name,), DYNAMIC, range=block.range, not_null=True)
        assert isinstance(test, Known)
        assert isinstance(variable, Known)
        variables = tests.setdefault(test.data, {})
        earlier = variables.get(variable.data)
        if isinstance(values, Known) and isinstance(values.data, list):
            items = [_with_variables(item) for item in values.data]
            if isinstance(earlier, Known):
                items = [*(earlier.data if isinstance(earlier.data, list) else [earlier]), *items]
            one = len(items) == 1
            variables[variable.data] = (
                items[0].at(values.range) if one else Known(items, TUPLE, values.range, (values,))
            )
        else:
            variables[variable.data] = values
    first = blocks[0].range
    return Known({test: Known(variables, OBJECT, first) for test, variables in tests.items()}, OBJECT, first)
