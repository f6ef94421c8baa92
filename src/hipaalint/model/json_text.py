"""The object behind a text that is JSON: policy documents written with jsonencode, as a heredoc or by a data source.

Called by model/lift.py where the registry's schema has free-form JSON; keeps ranges and unknown parts where it can.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from ..expression.evaluator import text_of
from ..expression.values import MAPPINGS, SEQUENCES, STRING, Known, Lazy, Unknown, Value, known
from ..source import SourceRange

_DEEPEST = 64
# Stands for a hole while a text with unknown parts is read as JSON: private use characters, in no real policy.
_HOLE = "\ue000"


def object_behind(value: Value) -> Value:
    """The object that a JSON text stands for; the value itself where it is no text or no JSON.

    A text made by jsonencode or aws_iam_policy_document has the object as its source, with ranges and unknown parts;
    any other text is read, and a hole in it stays a hole.
    """
    if isinstance(value, Lazy) or not _is_text(value):
        return value
    source: Value = value
    for _ in range(_DEEPEST):
        if not source.sources:
            break
        source = source.sources[0]
        if isinstance(source, Lazy) or (isinstance(source, Known) and source.kind in (*MAPPINGS, *SEQUENCES)):
            if value.sensitive and not source.sensitive:
                source = source.at(source.range)
                source.sensitive = True
            return source
        if not _is_text(source):
            break
    parts: tuple[str | None, ...]
    if isinstance(value, Known):
        parts = (value.data,)
    elif isinstance(value, Unknown) and value.parts:
        parts = value.parts
    else:
        return value
    text = "".join(_HOLE if part is None else part for part in parts)
    if not text.lstrip().startswith(("{", "[")):
        return value
    try:
        # A hole may also stand where JSON wants a whole value; then it is read as a text.
        data = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        try:
            data = json.loads(_quote_bare_holes(text), parse_float=Decimal)
        except (ValueError, RecursionError):
            return value
    return _valued(data, value.range, value)


def _is_text(value: Value) -> bool:
    return (isinstance(value, Known) and value.kind == STRING) or isinstance(value, Unknown)


def _quote_bare_holes(text: str) -> str:
    out: list[str] = []
    quoted = escaped = False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character == _HOLE:
            character = f'"{_HOLE}"'
        out.append(character)
    return "".join(out)


def _valued(data: Any, range: SourceRange | None, source: Value) -> Value:
    if isinstance(data, dict):
        value = known({}, range)
        value.data = {name.replace(_HOLE, "*"): _valued(item, range, source) for name, item in data.items()}
    elif isinstance(data, list):
        value = known([], range)
        value.data = [_valued(item, range, source) for item in data]
    elif isinstance(data, str) and _HOLE in data:
        parts: list[str | None] = []
        for position, piece in enumerate(data.split(_HOLE)):
            if position:
                parts.append(None)
            parts.append(piece)
        hole = source if isinstance(source, Unknown) else None
        text = text_of(parts, (source,), range, source.sensitive, hole)
        return text
    else:
        value = known(data, range)
    value.sources = (source,)
    value.sensitive = source.sensitive
    return value
