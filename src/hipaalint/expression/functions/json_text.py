"""JSON: values to text, with holes where they are unknown, and text to values.

Part of functions/. What was encoded with unknown parts remembers its content, so that decoding gives it back.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from ..convert import number_text, parse_number
from ..values import (
    BOOL,
    MAPPINGS,
    NULL,
    NUMBER,
    OBJECT,
    SEQUENCES,
    STRING,
    TUPLE,
    Absent,
    Known,
    Lazy,
    Unknown,
    Value,
    known,
)
from .function import Call, normalized, pieces, value_function

MAX_DEPTH = 200
_ESCAPE = re.compile('["\\\\\x00-\x1f<>&\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


class Encoded(Unknown):
    """An unknown string of which it is known what it encodes. `encoding`: "json" or "yaml"."""

    __slots__ = ("content", "encoding")

    def __init__(self, text: Unknown, encoding: str, content: Value) -> None:
        super().__init__(
            text.reason,
            text.detail,
            STRING,
            True,
            text.parts,
            None,
            text.range,
            (content,),
            text.references,
            text.sensitive,
        )
        self.encoding = encoding
        self.content = content

    def copy(self) -> Encoded:
        return Encoded(super().copy(), self.encoding, self.content)


def _escape(match: re.Match[str]) -> str:
    c = match[0]
    return _SHORT.get(c) or f"\\u{ord(c):04x}"


def escaped(text: str) -> str:
    """A text as it stands between the quotes of a JSON string, escaped as Go does it."""
    return _ESCAPE.sub(_escape, text)


def quoted(text: str) -> str:
    """A JSON string."""
    return f'"{escaped(text)}"'


def json_pieces(value: Value) -> list[str | None]:
    """The JSON text of a value, None for each part that is unknown."""
    parts: list[str | None] = []
    _write(value, parts)
    return parts


def _write(value: Value, parts: list[str | None]) -> None:
    if isinstance(value, Lazy):
        value = value.materialize()
    if isinstance(value, Unknown):
        if value.type == STRING and value.not_null:
            parts.append('"')
            parts.extend(piece if piece is None else escaped(piece) for piece in pieces(value))
            parts.append('"')
        else:
            parts.append(None)
        return
    data: Any = value.data if isinstance(value, Known) else None
    kind = value.kind if isinstance(value, Known) else NULL
    if kind in SEQUENCES:
        for position, item in enumerate(data):
            parts.append("," if position else "[")
            _write(item, parts)
        parts.append("]" if data else "[]")
    elif kind in MAPPINGS:
        separator = "{"
        for name in sorted(data):
            if isinstance(data[name], Absent):
                continue
            parts.append(f"{separator}{quoted(name)}:")
            _write(data[name], parts)
            separator = ","
        parts.append("}" if separator == "," else "{}")
    else:
        parts.append(scalar_text(data, kind))


def scalar_text(data: Any, kind: str) -> str:
    """A null, bool, number or string as JSON."""
    if kind == STRING:
        return quoted(data)
    if kind == NUMBER:
        return number_text(data)
    return "null" if data is None else "true" if data else "false"


@value_function("jsonencode(val?: any) -> string")
def _jsonencode(call: Call, value: Value) -> Value:
    return encoded(call, "json", json_pieces(value), value)


def encoded(call: Call, encoding: str, parts: list[str | None], content: Value) -> Value:
    """The text of an encoded value, which remembers the value if parts of it are unknown."""
    text = call.text(parts)
    return Encoded(text, encoding, content) if isinstance(text, Unknown) else text


def decoded(value: Value, encoding: str) -> Value | None:
    """What an encoded text was made of; None for any other text."""
    return _as_decoded(value.content) if isinstance(value, Encoded) and value.encoding == encoding else None


def _as_decoded(value: Value) -> Value:
    """Decoding knows neither lists nor maps, only tuples and objects."""
    if isinstance(value, Known) and value.kind in SEQUENCES:
        twin = value.copy()
        twin.kind, twin.element, twin.data = TUPLE, None, [_as_decoded(item) for item in value.data]
        return twin
    if isinstance(value, Known) and value.kind in MAPPINGS:
        twin = value.copy()
        twin.kind, twin.element = OBJECT, None
        twin.data = {name: _as_decoded(item) for name, item in value.data.items()}
        return twin
    return value


@value_function("jsondecode(str: string) -> any")
def _jsondecode(call: Call, value: Value) -> Value:
    if not isinstance(value, Known):
        content = decoded(value, "json")
        return call.unknown(not_null=False) if content is None else again(call, content, value)
    if _depth(value.data) > MAX_DEPTH:  # the decoder's own recursion has no safe limit
        call.fail(f"the text is nested deeper than {MAX_DEPTH} levels")
    try:
        data = _DECODER.decode(value.data)
    except (ValueError, ArithmeticError) as error:
        call.fail(_problem(value, error))
    return call.plain_value(_as_value(data))


def again(call: Call, content: Value, text: Value) -> Value:
    """The content of an encoded text, as the result of decoding it."""
    value = content.at(call.range)
    value.sources = (text, content)
    value.sensitive = content.sensitive or text.sensitive
    return value


def _problem(value: Known, error: Exception) -> str:
    if value.sensitive or not isinstance(error, json.JSONDecodeError):
        return "the text is not valid JSON"
    if error.msg == "Extra data":
        return "extraneous data after JSON object"
    if error.pos >= len(error.doc.rstrip()):
        return "EOF" if not error.doc.strip() else "unexpected EOF"
    return f"invalid character {error.doc[error.pos]!r} at offset {error.pos}"


def _number(text: str) -> int | Decimal:
    parsed = parse_number(text)
    if parsed is None:
        raise ValueError("a number is out of range")
    return parsed


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_constant)


def _depth(text: str) -> int:
    """How deep brackets are nested in a JSON text."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for token in re.findall(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', text):
        if token in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif token in ("]", "}"):
            depth -= 1
    return deepest


def _as_value(data: Any) -> Known:
    if isinstance(data, str):
        return Known(clean(data), STRING)
    if isinstance(data, list):
        return Known([_as_value(item) for item in data], TUPLE)
    if isinstance(data, dict):
        return Known({clean(name): _as_value(item) for name, item in data.items()}, OBJECT)
    value = known(data)
    assert value.kind in (NULL, BOOL, NUMBER)
    return value


def clean(text: str) -> str:
    """Lone halves of surrogate pairs become the replacement character."""
    if text.isascii():
        return text
    return normalized("".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text))
