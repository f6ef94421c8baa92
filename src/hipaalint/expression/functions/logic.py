"""Conversions, secrecy, assumptions, and the functions whose results nobody can know before deployment.

Part of functions/. `try` and `can` are the evaluator's, since they need their arguments unevaluated.
"""

from __future__ import annotations

from ..convert import convert, to_bool, to_number, to_string
from ..equality import equal
from ..types import spell, type_of
from ..values import (
    BOOL,
    DYNAMIC,
    IMPURE,
    LIST,
    MAP,
    NUMBER,
    SET,
    STRING,
    EvaluationError,
    Known,
    Type,
    Unknown,
    Value,
    is_null,
)
from .function import Call, value_function


def _register_conversion(name: str, type: Type) -> None:
    @value_function(f"to{name}(v?: any) -> any")
    def conversion(call: Call, value: Value) -> Value:
        try:
            if type == STRING:
                return to_string(value)
            if type == NUMBER:
                return to_number(value)
            return to_bool(value) if type == BOOL else convert(value, type)
        except EvaluationError as error:
            call.bad("v", error.message)


for _type in (STRING, NUMBER, BOOL):
    _register_conversion(_type, _type)
for _kind in (LIST, SET, MAP):
    _register_conversion(_kind, (_kind, DYNAMIC))


def _with_secrecy(call: Call, value: Value, sensitive: bool) -> Value:
    if value.sensitive is sensitive:
        return value
    twin = value.at(call.range)
    twin.references = value.references
    twin.sensitive = sensitive
    return twin


@value_function("sensitive(value?: any) -> any")
def _sensitive(call: Call, value: Value) -> Value:
    return _with_secrecy(call, value, True)


@value_function("nonsensitive(value?: any) -> any")
def _nonsensitive(call: Call, value: Value) -> Value:
    return _with_secrecy(call, value, False)


@value_function("flip_sensitive(value?: any) -> any")
def _flip_sensitive(call: Call, value: Value) -> Value:
    return _with_secrecy(call, value, not value.sensitive)


@value_function("issensitive(value?: any) -> bool")
def _issensitive(call: Call, value: Value) -> Value:
    if isinstance(value, Unknown) and not value.sensitive:
        return call.unknown(BOOL)
    return call.result(value.sensitive, BOOL, sensitive=False)


@value_function("ephemeralasnull(value?: any) -> any")
def _ephemeralasnull(call: Call, value: Value) -> Value:
    return value


@value_function("type(value?: any) -> string")
def _type_name(call: Call, value: Value) -> Value:
    type = type_of(value)
    return call.unknown(STRING) if type == DYNAMIC and not is_null(value) else call.result(spell(type), STRING)


def _refined(call: Call, value: Unknown) -> Unknown:
    twin = value.copy()
    twin.range = call.range
    twin.sources = (value,)
    return twin


@value_function("assumenotnull(value?: any) -> any", keeps=True)
def _assumenotnull(call: Call, value: Value) -> Value:
    if is_null(value):
        call.bad("value", "value is null.")
    if isinstance(value, Unknown) and not value.not_null:
        value = _refined(call, value)
        value.not_null = True
    return value


@value_function("assumestringprefix(value: string, prefix: string) -> string", keeps=True)
def _assumestringprefix(call: Call, value: Value, prefix: Value) -> Value:
    if not isinstance(prefix, Known):
        return value
    if isinstance(value, Known):
        if not value.data.startswith(prefix.data):
            call.bad("value", f'the string does not start with "{prefix.data}".')
        return value
    if isinstance(value, Unknown):
        parts = value.parts or (None,)
        first = parts[0] or ""
        if not (first.startswith(prefix.data) or prefix.data.startswith(first)):
            call.bad("value", f'the string does not start with "{prefix.data}".')
        if len(first) < len(prefix.data):
            value = _refined(call, value)
            value.parts = (prefix.data, None, *parts[1:]) if parts[0] is not None else (prefix.data, *parts)
    return value


@value_function("assumeequal(value?: any, other?: any) -> any")
def _assumeequal(call: Call, value: Value, other: Value) -> Value:
    same = equal(value, other)
    if same is False:
        call.fail("the values are not equal")
    return other if isinstance(value, Unknown) and isinstance(other, Known) else value


def _register_lengths(kind: str) -> None:
    for suffix in ("", "min", "max"):
        _register_length(kind, suffix)


def _register_length(kind: str, suffix: str) -> None:
    @value_function(f"assume{kind}length{suffix}(value: {kind}(any), length: number) -> any", keeps=True)
    def assumption(call: Call, value: Value, length: Value) -> Value:
        if not isinstance(length, Known):
            return value
        if not isinstance(length.data, int) or length.data < 0:
            call.bad("length", "must be a whole number and not negative.")
        least, most = (0 if suffix == "max" else length.data), (None if suffix == "min" else length.data)
        if isinstance(value, Known):
            size = len(value.data)
            if size < least or (most is not None and size > most):
                call.bad("value", f"the {kind} has {size} elements.")
            return value
        assert isinstance(value, Unknown)
        before, limit = value.length or (0, None)
        twin = _refined(call, value)
        ends = [end for end in (limit, most) if end is not None]
        twin.length = (max(before, least), min(ends) if ends else None)
        twin.not_null = True
        if ends and twin.length[0] > min(ends):
            call.bad("value", f"the {kind} cannot have that many elements.")
        return twin


for _kind in (LIST, SET, MAP):
    _register_lengths(_kind)


def _register_impure(signature: str, why: str) -> None:
    @value_function(signature)
    def impure(call: Call, *values: Value) -> Value:
        return Unknown(
            IMPURE,
            f"{call.name}() {why}",
            STRING,
            True,
            range=call.range,
            sources=tuple(values),
            sensitive=any(value.sensitive for value in values),
        )


_register_impure("timestamp() -> string", "reads the clock when it is deployed")
_register_impure("plantimestamp() -> string", "reads the clock when it is planned")
_register_impure("uuid() -> string", "is random")
_register_impure("bcrypt(str: string, cost...: number) -> string", "is salted at random")
_register_impure("rsadecrypt(ciphertext: string, privatekey: string) -> string", "decrypts a secret")


def _register_removed(name: str, literal: str) -> None:
    @value_function(f"{name}(vals...?: any) -> any")
    def removed(call: Call, *values: Value) -> Value:
        call.fail(f'the "{name}" function is no longer available; use to{name}({literal})')


_register_removed("list", "[…]")
_register_removed("map", "{…}")
