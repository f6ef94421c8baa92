"""YAML: values to text as Terraform's emitter lays it out, with holes where they are unknown, and text to values.

Part of functions/. The text is parsed by a parser from the context, since parsers lie above expressions.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from ...source import SyntaxFault
from ..convert import number_text, parse_number
from ..values import (
    BOOL,
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
from .json_text import again, decoded, encoded, scalar_text

_WIDTH = 80
_NAMED = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
          '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P"}  # fmt: skip
_SPECIAL = '["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff\U00010000-\U0010ffff]'
_NO_LITERAL = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff\U00010000-\U0010ffff]"


def _escape(match: re.Match[str]) -> str:
    c = match[0]
    if c in _NAMED:
        return "\\" + _NAMED[c]
    code = ord(c)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


class _Writer:
    """Writes block style: sequences inside mappings are not indented, all strings are quoted or literal."""

    def __init__(self) -> None:
        self.parts: list[str | None] = []
        self.column = 0

    def put(self, text: str | None) -> None:
        self.parts.append(text)
        if text is not None:
            newline = text.rfind("\n")
            self.column = self.column + len(text) if newline < 0 else len(text) - newline - 1

    def node(self, value: Value, indent: int, in_mapping: bool) -> None:
        """A value behind `- ` or behind `key:`; `indent` is the column of the collection it is in."""
        if isinstance(value, Lazy):
            value = value.materialize()
        data: Any = value.data if isinstance(value, Known) else None
        if isinstance(value, Known) and value.kind in SEQUENCES and data:
            start = max(indent, 0) if in_mapping else indent + 2
            for position, item in enumerate(data):
                self.open(start, in_mapping or position > 0)
                self.put("-")
                self.node(item, start, False)
            return
        names = (
            sorted(name for name, item in data.items() if not isinstance(item, Absent))
            if isinstance(data, dict)
            else []
        )
        if names:
            start = indent + 2
            for position, name in enumerate(names):
                self.open(start, in_mapping or position > 0)
                self.key(name, start)
                self.node(data[name], start, True)
            return
        if isinstance(value, Unknown) and not (value.type in (STRING, NUMBER, BOOL) and value.not_null):
            self.put(None)
        else:
            if self.parts:
                self.put(" ")
            self.scalar(value, indent)
        self.put("\n")

    def open(self, column: int, fresh: bool) -> None:
        """Go to where an entry starts: on a line of its own, or right behind the dash of its parent."""
        if not self.parts:
            return
        if fresh:
            last = self.parts[-1]
            if last is None or not last.endswith("\n"):
                self.put("\n")
            self.put(" " * column)
        else:
            self.put(" ")

    def key(self, name: str, indent: int) -> None:
        if len(name) > 128 or "\n" in name:
            self.put("? ")
            self.text(name, indent)
            self.put("\n" + " " * indent + ":")
        else:
            self.put(f'"{re.sub(_SPECIAL, _escape, name)}":')

    def scalar(self, value: Value, indent: int) -> None:
        if isinstance(value, Unknown):
            if value.type != STRING:
                self.put(None)
                return
            # Quoted or literal, folded or not: that depends on the whole text; a word stays the same in all of them.
            for piece in pieces(value):
                self.put(None)
                if piece is not None and not re.search(_SPECIAL, piece) and " " not in piece:
                    self.put(piece)
            self.put(None)
            return
        data = value.data if isinstance(value, Known) else None
        if isinstance(data, str):
            self.text(data, indent)
        elif isinstance(data, (list, dict)):
            self.put("[]" if isinstance(data, list) else "{}")
        elif isinstance(value, Known) and value.kind == NUMBER:
            self.put(number_text(value.data))
        else:
            self.put(scalar_text(data, NULL if data is None else BOOL))

    def text(self, text: str, indent: int) -> None:
        inner = max(indent, 0) + 2 if indent >= 0 else 2
        if "\n" in text and not re.search(_NO_LITERAL, text) and " \n" not in text and not text.endswith(" "):
            chomp = "-" if not text.endswith("\n") else "+" if text == "\n" or text.endswith("\n\n") else ""
            hint = "2" if text[0] in " \n" else ""
            self.put(f"|{hint}{chomp}")
            for line in text.removesuffix("\n").split("\n"):
                self.put("\n" + (" " * inner + line if line else ""))
            return
        self.put('"')
        words = text.split(" ")
        for position, word in enumerate(words):
            if position:
                # A line that is full ends at a space between two words.
                edge = not words[position - 1] or (position == len(words) - 1 and not word)
                if self.column > _WIDTH and not edge:
                    self.put("\n" + " " * inner + ("" if word else "\\"))
                else:
                    self.put(" ")
            self.put(re.sub(_SPECIAL, _escape, word))
        self.put('"')


@value_function("yamlencode(value?: any) -> string")
def _yamlencode(call: Call, value: Value) -> Value:
    writer = _Writer()
    writer.node(value, -2, False)
    if isinstance(value, Known) and not isinstance(value.data, (str, list, dict)):
        writer.put("...\n")
    return encoded(call, "yaml", writer.parts, value)


@value_function("yamldecode(src: string) -> any")
def _yamldecode(call: Call, value: Value) -> Value:
    if not isinstance(value, Known):
        content = decoded(value, "yaml")
        return call.unknown(not_null=False) if content is None else again(call, content, value)
    if call.context.parse_yaml is None:
        call.fail("YAML cannot be read here")
    try:
        node = call.context.parse_yaml(value.data)
    except SyntaxFault as fault:
        call.fail(f"on line {fault.range.line}, column {fault.range.column}: {fault.message.rstrip('.')}")
    if getattr(node, "text", None) == "" and node.plain and node.start == node.end:
        call.fail("on line 1, column 1: missing start of document")
    return call.plain_value(_of_node(call, node, {}))


def _of_node(call: Call, node: Any, done: dict[int, Known]) -> Known:
    """A node as a value; a node that aliases repeat becomes one shared value."""
    found = done.get(id(node))
    if found is not None:
        return found
    _check_tag(call, node)
    if hasattr(node, "entries"):
        items: dict[str, Value] = {}
        for key, item in node.entries:
            if key.text == "<<":
                merged = _of_node(call, item, done)
                if merged.kind != OBJECT:
                    call.fail("a merge key takes a map")
                items.update(merged.data)
                continue
            name = _scalar(call, key)
            if name.data is None or isinstance(name.data, (list, dict)):
                call.fail("only strings are allowed as mapping keys")
            text = name.data if name.kind == STRING else scalar_text(name.data, name.kind)
            items[text] = _of_node(call, item, done)
        value = Known(items, OBJECT)
    elif hasattr(node, "items"):
        value = Known([_of_node(call, item, done) for item in node.items], TUPLE)
    else:
        value = _scalar(call, node)
    done[id(node)] = value
    return value


_CORE = "tag:yaml.org,2002:"
_TAGS = ("str", "int", "float", "bool", "null", "binary", "timestamp", "map", "seq", "merge")


def _check_tag(call: Call, node: Any) -> None:
    tag = node.tag
    if tag and tag != "!" and not (tag.startswith(_CORE) and tag.removeprefix(_CORE) in _TAGS):
        call.fail(f'unsupported tag "{tag[:80]}"')


_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLS = {
    form: truth
    for words, truth in ((("y", "yes", "true", "on"), True), (("n", "no", "false", "off"), False))
    for word in words
    for form in (word, word.capitalize(), word.upper())
}
_INTEGER = r"(?a)[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+"
_FLOAT = r"(?a)[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_INFINITE = r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_TIME = r"(?a)(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.\d*)?(?:[ \t]*(?:Z|([-+])(\d\d?):?(\d\d)?))?)?"


def _scalar(call: Call, node: Any) -> Known:
    text: str = node.text
    tag = (node.tag or "").removeprefix(_CORE)
    if tag == "binary":
        return Known(_binary(call, text), STRING)
    if tag in ("str", "!", "timestamp") or (not node.plain and (not tag or _is_quoted(node))):
        return Known(normalized(text), STRING)
    if tag == "null" or text in _NULLS:
        return known(None)
    if text in _BOOLS:
        return known(_BOOLS[text])
    if re.fullmatch(_INTEGER, text):
        if text[:2] in ("0x", "0o") and len(text) < 1000:
            return known(int(text, 0))
        number = parse_number(text)
        if number is not None:
            return known(number)
    elif re.fullmatch(_FLOAT, text):
        number = parse_number(text)
        if number is not None:
            return known(number)
    elif tag in ("int", "float", "bool"):
        call.fail(f"cannot parse the text as !!{tag}")
    elif re.fullmatch(_INFINITE, text):
        call.fail(f"{text} is no number that can be represented")
    elif (time := re.fullmatch(_TIME, text)) is not None:
        return Known(_timestamp(time) or text, STRING)
    return Known(normalized(text), STRING)


def _is_quoted(node: Any) -> bool:
    """Of a scalar with a tag: quotes make a text of it all the same."""
    return node.file.text[node.end - 1 : node.end] in ("'", '"')


def _binary(call: Call, text: str) -> str:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        call.fail("cannot parse the text as !!binary: not valid base64")
    return text


def _timestamp(match: re.Match[str]) -> str | None:
    numbers = [int(group) if group else 0 for group in match.groups()[:6]]
    zone = UTC
    try:
        if match[7] is not None:
            offset = timedelta(hours=int(match[8]), minutes=int(match[9] or 0))
            zone = timezone(-offset if match[7] == "-" else offset)
        text = datetime(*numbers, tzinfo=zone).isoformat()  # type: ignore[arg-type,misc]
    except ValueError:
        return None
    return text.replace("+00:00", "Z")
