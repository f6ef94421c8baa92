"""JSON that is not YAML, as the events that libyaml would give: for yaml_json.py, which builds the nodes.

Second in the flow, beside yaml_json.py. Exact (RFC 8259, bar lone surrogates, which become U+FFFD), iterative.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from yaml.error import Mark
from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from ..source import SourceFile, SourceRange, SyntaxFault

_BLANK = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![0-9.])|true\b|false\b|null\b", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")


def json_events(file: SourceFile, start: int) -> Iterator[Event]:
    """Events of the JSON text that begins at `start`. Raises SyntaxFault where it is not JSON."""
    text = file.text
    skip = _BLANK.match
    decode = json.JSONDecoder().raw_decode
    length = len(text)
    open_brackets: list[str] = []
    position = start

    def fault(expected: str) -> SyntaxFault:
        found = repr(text[position]) if position < length else "the end of the file"
        return SyntaxFault(
            f"not JSON: expected {expected}, found {found}", SourceRange(file, position, min(position + 1, length))
        )

    def string() -> ScalarEvent:
        nonlocal position
        begin = position
        try:
            value, position = decode(text, begin)
        except ValueError as error:
            position = min(getattr(error, "pos", begin), length)
            raise fault("a text in double quotes with valid escapes") from None
        value = _SURROGATE.sub("\ufffd", value)
        return ScalarEvent(None, None, (False, True), value, _mark(begin), _mark(position), '"')

    position = _end(skip(text, position))
    expected = "value"
    while True:
        character = text[position : position + 1]
        if expected == "value" or expected == "value or ]":
            if character == "{":
                yield MappingStartEvent(None, None, True, _mark(position), _mark(position + 1), True)
                open_brackets.append("}")
                position += 1
                expected = "key or }"
            elif character == "[":
                yield SequenceStartEvent(None, None, True, _mark(position), _mark(position + 1), True)
                open_brackets.append("]")
                position += 1
                expected = "value or ]"
            elif character == "]" and expected == "value or ]":
                expected = "close"
                continue
            elif character == '"':
                yield string()
                expected = "next"
            else:
                word = _WORD.match(text, position)
                if word is None:
                    raise fault("a value")
                yield ScalarEvent(None, None, (True, False), word[0], _mark(position), _mark(word.end()), "")
                position = word.end()
                expected = "next"
        elif expected == "key" or expected == "key or }":
            if character == "}" and expected == "key or }":
                expected = "close"
                continue
            if character != '"':
                raise fault("a key in double quotes")
            yield string()
            position = _end(skip(text, position))
            if text[position : position + 1] != ":":
                raise fault("`:`")
            position += 1
            expected = "value"
        elif expected == "close":
            kind = MappingEndEvent if open_brackets.pop() == "}" else SequenceEndEvent
            yield kind(_mark(position), _mark(position + 1))
            position += 1
            expected = "next"
        elif not open_brackets:
            if position < length:
                raise fault("the end of the file")
            yield StreamEndEvent(_mark(position), _mark(position))
            return
        elif character == ",":
            position += 1
            expected = "key" if open_brackets[-1] == "}" else "value"
        elif character == open_brackets[-1]:
            expected = "close"
            continue
        else:
            raise fault(f"`,` or `{open_brackets[-1]}`")
        position = _end(skip(text, position))


def _mark(index: int) -> Mark:
    return Mark("", index, 0, 0, None, 0)


def _end(blank: re.Match[str] | None) -> int:
    assert blank is not None  # the pattern matches the empty text too
    return blank.end()
