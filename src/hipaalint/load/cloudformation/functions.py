"""What CloudFormation's functions mean that have no counterpart in the tree: Fn::Join, Fn::FindInMap, Fn::GetAtt, …

Called by the evaluator with the Stack as context; every function gives a fresh value and keeps what is known in part.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from ...expression.convert import equal, to_number, to_string
from ...expression.evaluator import text_of, unknown_from
from ...expression.scope import Function
from ...expression.values import (
    BOOL,
    DATA_SOURCE,
    ERROR,
    LIST,
    MACRO,
    MAPPINGS,
    NO_VALUE,
    NUMBER,
    OBJECT,
    SECRET_REFERENCE,
    SEQUENCES,
    STRING,
    TUPLE,
    EvaluationError,
    Known,
    Unknown,
    Value,
    wholly_known,
)
from ...source import SourceRange
from .exports import imported
from .lowering import CONDITION_PREFIX

if TYPE_CHECKING:
    from .stack import Stack

_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^{}]*\}\}")
_HOLE = "\0"  # stands for an unknown piece of a text; no template contains it
STRINGS = (LIST, STRING)


def resolve(value: Value) -> Value:
    """A text with `{{resolve:…}}` in it: those pieces are unknown until it is deployed."""
    if isinstance(value, Known) and isinstance(value.data, str):
        text = value.data
    elif isinstance(value, Unknown) and value.parts is not None:
        text = "".join(_HOLE if part is None else part for part in value.parts)
    else:
        return value
    found = _DYNAMIC_REFERENCE.search(text)
    if found is None:
        return value
    parts: list[str | None] = []
    for piece in re.split(f"({_HOLE})", _DYNAMIC_REFERENCE.sub(_HOLE, text)):
        parts.append(None if piece == _HOLE else piece)
    shown = found.group().replace(_HOLE, "…")
    # Parameters of SSM are plain text, but for secure ones.
    plain = all(reference.startswith("{{resolve:ssm:") for reference in _DYNAMIC_REFERENCE.findall(text))
    unknown = Unknown(DATA_SOURCE if plain else SECRET_REFERENCE, f"`{shown}` is looked up when it is deployed")
    result = text_of(parts, (value,), value.range, value.sensitive, unknown)
    result.references = value.references
    return result


def _text(value: Value) -> str | None:
    """The text of a known scalar."""
    if isinstance(value, Known) and value.data is not None and not isinstance(value.data, (list, dict)):
        text = to_string(value)
        assert isinstance(text, Known)
        return str(text.data)
    return None


def _items(value: Value, name: str, range: SourceRange | None) -> list[Value] | None:
    if isinstance(value, Unknown):
        return None
    if not isinstance(value, Known) or value.kind not in SEQUENCES:
        raise EvaluationError(f"{name} takes a list", range)
    return list(value.data)


def _ref(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    name = _text(arguments[0])
    if name is None:
        return unknown_from((arguments[0],), STRING, range=range, not_null=True)
    return stack.lookup(name, range).at(range)


def _condition(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    name = _text(arguments[0])
    if name is None:
        return unknown_from((arguments[0],), BOOL, range=range, not_null=True)
    return stack.lookup(CONDITION_PREFIX + name, range).at(range)


def _get_att(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    resource, attribute = (_text(argument) for argument in arguments)
    if resource is None or attribute is None:
        return unknown_from(tuple(arguments), STRING, range=range, not_null=True)
    return stack.attribute(resource, attribute, range).at(range)


def _as_text(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    value = arguments[0]
    if isinstance(value, Known) and isinstance(value.data, (list, dict)):
        return value.at(range)
    return to_string(value).at(range)


def _join(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    delimiter = _text(arguments[0])
    items = _items(arguments[1], "Fn::Join", range)
    if items is None or delimiter is None:
        # A list of which nothing is known, yet a text.
        return unknown_from((arguments[1], arguments[0]), STRING, range=range, not_null=True)
    parts: list[str | None] = []
    unknown: Unknown | None = None
    for position, item in enumerate(items):
        if position:
            parts.append(delimiter)
        if isinstance(item, Unknown):
            unknown = unknown or item
            parts.extend(item.parts or (None,))
        else:
            text = _text(item)
            if text is None:
                raise EvaluationError("Fn::Join joins texts", item.range or range)
            parts.append(text)
    sensitive = arguments[1].sensitive or any(item.sensitive for item in items)
    return text_of(parts, tuple(items), range, sensitive, unknown)


def _select(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    index = to_number(arguments[0])
    items = _items(arguments[1], "Fn::Select", range)
    if items is None or not isinstance(index, Known):
        element = arguments[1].type if isinstance(arguments[1], Unknown) else None
        return unknown_from(
            (arguments[1], index), element[1] if isinstance(element, tuple) else "dynamic", range=range, not_null=True
        )
    if not isinstance(index.data, int) or not 0 <= index.data < len(items):
        raise EvaluationError(f"Fn::Select: there is no element {index.data} in a list of {len(items)}", range)
    value: Value = items[index.data].at(range)
    value.sensitive = value.sensitive or arguments[1].sensitive
    return value


def _split(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    delimiter, text = _text(arguments[0]), _text(arguments[1])
    if not delimiter or text is None:
        return unknown_from((arguments[1], arguments[0]), STRINGS, range=range, not_null=True)
    sensitive = arguments[1].sensitive
    items = [Known(piece, STRING, range, (arguments[1],), sensitive=sensitive) for piece in text.split(delimiter)]
    return Known(items, TUPLE, range, (arguments[1],), arguments[1].references, sensitive)


def _select_split(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    """Fn::Select of Fn::Split: of a text known in part, the pieces in front of the first hole are known."""
    index, delimiter, source = arguments
    pieces = _split(stack, [delimiter, source], range)
    separator, position = _text(delimiter), to_number(index)
    if isinstance(source, Unknown) and source.parts and separator and isinstance(position, Known):
        first = source.parts[0]
        known = first.split(separator)[:-1] if first is not None else []
        if isinstance(position.data, int) and 0 <= position.data < len(known):
            return Known(known[position.data], STRING, range, (source,), sensitive=source.sensitive)
    return _select(stack, [index, pieces], range)


def _find_in_map(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    names = [_text(argument) for argument in arguments[:3]]
    default = arguments[3] if len(arguments) == 4 else None
    if names[0] is None:
        return unknown_from(tuple(arguments[:3]), "dynamic", range=range, not_null=True)
    mapping = stack.mapping(names[0])
    if mapping is None:
        if default is not None:
            return default.at(range)
        raise EvaluationError(f"Fn::FindInMap: there is no mapping {names[0]}", range)
    found = [mapping]
    for name, argument in zip(names[1:], arguments[1:3], strict=True):
        found = _under(found, name, argument, stack)
    if not found:
        if default is not None:
            return default.at(range)
        path = ".".join(name or "*" for name in names)
        raise EvaluationError(f"Fn::FindInMap: there is no {path} in the mappings", range)
    if all(name is not None for name in names) or (
        default is None and wholly_known(found[0]) and all(equal(other, found[0]) is True for other in found[1:])
    ):
        value = found[0].at(range)
        value.sources = (*value.sources, *arguments[1:3])
        return value
    return unknown_from(tuple(arguments[1:3]), _common_type(found), range=range, not_null=True)


def _under(tables: list[Value], name: str | None, argument: Value, stack: Stack) -> list[Value]:
    """What stands under a key of some tables; under each of their keys if the key is unknown."""
    found: list[Value] = []
    for table in tables:
        if not isinstance(table, Known) or table.kind not in MAPPINGS:
            continue
        if name is not None:
            if name in table.data:
                found.append(table.data[name])
            continue
        keys = list(table.data)
        input = argument.input
        if input is not None and input.default is None:
            # The keys of the mapping are the values its author had in mind.
            if len(keys) <= 8 and not input.label.startswith("AWS::"):
                for key in keys:
                    stack.world.propose(input, key)
            keys = [key for key in keys if not stack.world.excludes(input, key)] or keys
        found.extend(table.data[key] for key in keys)
    return found


def _common_type(values: list[Value]) -> object:
    kinds = {value.kind for value in values if isinstance(value, Known)}
    if len(kinds) == 1 and kinds <= {STRING, NUMBER, "bool"}:
        return kinds.pop()
    return STRINGS if kinds == {TUPLE} else "dynamic"


def _base64(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    text = _text(arguments[0])
    if text is None:
        return unknown_from((arguments[0],), STRING, range=range, not_null=True)
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    return Known(encoded, STRING, range, (arguments[0],), sensitive=arguments[0].sensitive)


def _cidr(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    import ipaddress

    block, count = _text(arguments[0]), to_number(arguments[1])
    if not isinstance(count, Known) or not isinstance(count.data, int):
        return unknown_from((*arguments, count), STRINGS, range=range, not_null=True)
    if not 1 <= count.data <= 256:
        raise EvaluationError("Fn::Cidr makes 1 to 256 blocks", range)
    bits = to_number(arguments[2]) if len(arguments) == 3 else None
    if block is None or isinstance(bits, Unknown):
        result = unknown_from((arguments[0], *arguments[2:]), STRINGS, range=range, not_null=True)
        result.length = (count.data, count.data)
        return result
    try:
        network = ipaddress.ip_network(block, strict=False)
        size = bits.data if isinstance(bits, Known) else (8 if network.version == 4 else 64)
        blocks = network.subnets(new_prefix=network.max_prefixlen - size)
        texts = [str(subnet) for subnet in islice(blocks, count.data)]
    except (ValueError, TypeError) as error:
        raise EvaluationError(f"Fn::Cidr: {error}", range) from error
    if len(texts) < count.data:
        raise EvaluationError(f"Fn::Cidr: {block} has only {len(texts)} such blocks", range)
    return Known([Known(text, STRING, range) for text in texts], TUPLE, range, tuple(arguments))


def _get_azs(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    detail = "the zones of a region are known when it is deployed"
    # No region has less than two.
    return Unknown(NO_VALUE, detail, STRINGS, True, length=(2, None), range=range, sources=tuple(arguments))


def _import_value(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    return imported(stack, arguments[0], range)


def _contains(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    """Fn::Contains of template rules: whether a list has a text."""
    return _all_in(arguments[0], [arguments[1]], range)


def _each_member_in(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    return _all_in(arguments[1], _items(arguments[0], "Fn::EachMemberIn", range), range)


def _each_member_equals(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    wanted = Known([arguments[1]], TUPLE, range)
    return _all_in(wanted, _items(arguments[0], "Fn::EachMemberEquals", range), range)


def _all_in(allowed: Value, members: list[Value] | None, range: SourceRange | None) -> Value:
    """Whether all of some texts are in a list; unknown where an unknown one can decide it."""
    listed = _items(allowed, "a rule", range)
    if listed is None or members is None:
        return unknown_from((allowed, *(members or ())), BOOL, range=range, not_null=True)
    known = [_text(item) for item in listed]
    undecided: list[Value] = []
    for member in members:
        text = _text(member)
        if text is not None and text in known:
            continue
        if text is not None and None not in known:
            return Known(False, BOOL, range, (member,))
        undecided += [item for item in (member, *listed) if isinstance(item, Unknown)]
    return unknown_from(tuple(undecided), BOOL, range=range, not_null=True) if undecided else Known(True, BOOL, range)


def _asked_of_aws(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    return Unknown(NO_VALUE, "asked of AWS when it is deployed", range=range, sources=tuple(arguments))


def _length(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    value = arguments[0]
    if isinstance(value, Known) and isinstance(value.data, (list, dict)):
        return Known(len(value.data), NUMBER, range, (value,))
    if isinstance(value, Unknown) and value.length is not None and value.length[0] == value.length[1]:
        return Known(value.length[0], NUMBER, range, (value,))
    return unknown_from((value,), NUMBER, range=range, not_null=True)


def _to_json_string(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    # Imported here: few templates use it, and Terraform's functions are many.
    from ...expression.functions import TERRAFORM_FUNCTIONS
    from ...expression.functions.function import CallContext

    return TERRAFORM_FUNCTIONS["jsonencode"](CallContext(stack.world), arguments, range)


def _merge(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    """A map some of whose entries come from Fn::ForEach or Fn::Transform."""
    merged: dict[str, Value] = {}
    for argument in arguments:
        if not isinstance(argument, Known) or argument.kind not in MAPPINGS:
            return unknown_from((argument,), "dynamic", range=range, not_null=True)
        merged.update(argument.data)
    return Known(merged, OBJECT, range)


def _transform(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    name = _text(arguments[0])
    return Unknown(MACRO, f"{name} writes this when it is deployed", range=range)


def _alphanumeric(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    text = _text(arguments[0])
    if text is None:
        return unknown_from((arguments[0],), STRING, range=range, not_null=True)
    return Known(re.sub(r"[^A-Za-z0-9]", "", text), STRING, range, (arguments[0],))


def _resolve(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    return resolve(arguments[0].at(range))


def _invalid(stack: Stack, arguments: list[Value], range: SourceRange | None) -> Value:
    return Unknown(ERROR, _text(arguments[0]) or "", range=range)


FUNCTIONS: Mapping[str, Function] = {
    "Fn::Alphanumeric": _alphanumeric,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::Condition": _condition,
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_member_equals,
    "Fn::EachMemberIn": _each_member_in,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::ImportValue": _import_value,
    "Fn::Invalid": _invalid,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Merge": _merge,
    "Fn::Ref": _ref,
    "Fn::RefAll": _asked_of_aws,
    "Fn::Resolve": _resolve,
    "Fn::Select": _select,
    "Fn::SelectSplit": _select_split,
    "Fn::Split": _split,
    "Fn::Text": _as_text,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Transform": _transform,
    "Fn::ValueOf": _asked_of_aws,
    "Fn::ValueOfAll": _asked_of_aws,
}
