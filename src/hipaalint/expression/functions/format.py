"""`format` and `formatlist`: the verbs of Go's fmt that Terraform knows, over values that may be unknown.

Part of functions/. A verb whose argument is unknown is a hole in a text that is otherwise known.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from ..convert import binary, to_bool, to_number, to_string
from ..types import kind_of
from ..values import (
    BOOL,
    DYNAMIC,
    LIST,
    MAX_TEXT,
    NULL,
    NUMBER,
    SEQUENCES,
    STRING,
    EvaluationError,
    Known,
    Unknown,
    Value,
    wholly_known,
)
from .function import Call, pieces, value_function
from .json_text import json_pieces, quoted
from .text import graphemes

_VERB = re.compile(r"%([-+ #0]*+)([0-9]*+)(?:\.([0-9]*+))?(?:\[([0-9]+)\])?([a-zA-Z%])")


class Verb:
    """One `%…` of a format string; offset: where it stands; width and precision: None where not given."""

    __slots__ = ("flags", "index", "mode", "offset", "precision", "raw", "width")

    def __init__(self, match: re.Match[str]) -> None:
        self.raw = match[0]
        self.offset = match.start()
        self.flags = frozenset(match[1])
        self.width = int(match[2]) if match[2] else None
        self.precision = None if match[3] is None else int(match[3] or 0)
        self.index = int(match[4]) if match[4] else None
        self.mode = match[5]


@lru_cache(maxsize=512)
def _parse(text: str) -> tuple[str | Verb, ...] | str:
    """Literal texts and verbs; a message where the format string is wrong."""
    parts: list[str | Verb] = []
    position = 0
    while True:
        percent = text.find("%", position)
        if percent < 0:
            parts.append(text[position:])
            return tuple(parts)
        parts.append(text[position:percent])
        match = _VERB.match(text, percent)
        if match is None:
            broken = re.compile(r"%[-+ #0]*+[0-9]*+(?:\.[0-9]*+)?(?:\[[0-9]*+\]?)?").match(text, percent)
            end = broken.end() if broken else percent + 1
            if end >= len(text):
                return f"invalid format string starting at offset {percent}"
            return f"unrecognized format character {text[end]!r} at offset {end}"
        if len(match[2]) > 7 or len(match[3] or "") > 7 or len(match[4] or "") > 7:
            return f"a number in {match[0][:40]!r} is too large"
        parts.append("%" if match[0] == "%%" else Verb(match))
        position = match.end()


def render(call: Call, text: str, arguments: list[Value]) -> list[str | None]:
    """The pieces of a formatted string. Raises EvaluationError."""
    parts = _parse(text)
    if isinstance(parts, str):
        call.fail(parts)
    result: list[str | None] = []
    following = highest = size = 0
    for part in parts:
        if isinstance(part, str):
            result.append(part)
            continue
        index = part.index - 1 if part.index is not None else following
        following = index + 1
        highest = max(highest, following)
        if index < 0 or index >= len(arguments):
            problem = f'not enough arguments for "{part.raw}" at {part.offset}: need index {index + 1}'
            call.fail(f"{problem} but have {len(arguments)} total")
        size += (part.width or 0) + (part.precision or 0)
        call.limit(text=size)
        result.extend(_apply(call, part, arguments[index]))
    if highest < len(arguments):
        used = f"only {highest} used by format string" if highest else "no verbs in format string"
        call.bad("args", f"too many arguments; {used}.")
    return result


def _apply(call: Call, verb: Verb, value: Value) -> tuple[str | None, ...]:
    mode = verb.mode
    wanted = {"t": BOOL, "s": STRING, "q": STRING, "v": DYNAMIC}.get(mode, NUMBER if mode in "bdoxXeEfgG" else None)
    if wanted is None:
        call.fail(f'unsupported format verb {mode!r} in "{verb.raw}" at offset {verb.offset}')
    where = f'unsupported value for "{verb.raw}" at {verb.offset}'
    if isinstance(value, Known) and value.kind == NULL and mode != "v":
        call.fail(f"{where}: null value cannot be formatted")
    if mode == "v":
        return _general(call, verb, value)
    convert_to, requirement = {
        BOOL: (to_bool, "bool required"),
        STRING: (to_string, "string required"),
        NUMBER: (to_number, "a number is required"),
    }[wanted]
    try:
        value = convert_to(value)
    except EvaluationError:
        call.fail(f"{where}: {requirement}")
    if not isinstance(value, Known):
        return pieces(value) if mode == "s" and verb.width is None and verb.precision is None else (None,)
    if mode == "t":
        return ("true" if value.data else "false",)
    if mode in "sq":
        return (_text(verb, value.data),)
    if mode in "bdoxX":
        if not isinstance(value.data, int):
            call.fail(f"{where}: an integer is required")
        return (_integer(verb, value.data),)
    return (_padded(verb, float_text(value.data, mode, 6 if mode in "eEf" else None, verb.precision)),)


def _general(call: Call, verb: Verb, value: Value) -> tuple[str | None, ...]:
    if isinstance(value, Known) and value.kind == STRING and "#" not in verb.flags:
        return (_text(verb, value.data),)
    if isinstance(value, Known) and value.kind == NUMBER:
        return (_padded(verb, float_text(value.data, "g", None, None)),)
    if not wholly_known(value):
        if isinstance(value, Known):
            return tuple(json_pieces(value))
        return pieces(value) if kind_of(value.type if isinstance(value, Unknown) else DYNAMIC) == STRING else (None,)
    return (_pad(verb, "".join(piece or "" for piece in json_pieces(value))),)


def _text(verb: Verb, text: str) -> str:
    if verb.precision is not None and verb.mode != "v":
        text = "".join(graphemes(text)[: verb.precision])
    if verb.mode == "q":
        text = quoted(text)
    return _pad(verb, text)


def _pad(verb: Verb, text: str) -> str:
    if verb.width is None:
        return text
    missing = verb.width - len(graphemes(text))
    if missing <= 0:
        return text
    if "-" in verb.flags:
        return text + " " * missing
    return ("0" if "0" in verb.flags else " ") * missing + text


def _integer(verb: Verb, data: int) -> str:
    digits = format(abs(data), verb.mode)
    if verb.precision is not None:
        digits = digits.zfill(verb.precision)
    prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(verb.mode, "") if "#" in verb.flags else ""
    return _padded(verb, f"-{digits}" if data < 0 else digits, prefix)


def _padded(verb: Verb, text: str, prefix: str = "") -> str:
    """A number with its sign and its width; zeros go between sign and digits."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    if not sign and verb.mode != "v":
        sign = "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    sign += prefix
    width = verb.width or 0
    if "-" in verb.flags:
        return (sign + digits).ljust(width)
    if "0" in verb.flags:
        return sign + digits.zfill(width - len(sign))
    return (sign + digits).rjust(width)


def float_text(data: int | Decimal, mode: str, default: int | None, precision: int | None) -> str:
    """A number with %e, %f or %g; without a precision, %g shows all digits."""
    precision = default if precision is None else precision
    sign = "-" if data < 0 else ""
    exact = abs(binary(Fraction(data)))
    lower = mode.lower()
    if lower == "f":
        assert precision is not None
        return sign + _fixed(exact, precision)
    if lower == "g":
        text = _general_text(Decimal(data).copy_abs(), exact, precision)
    else:
        assert precision is not None
        text = _scientific(*_digits(exact, precision + 1))
    return sign + (text.upper() if mode.isupper() else text)


def _fixed(value: Fraction, precision: int) -> str:
    digits = str(round(value * 10**precision)).zfill(precision + 1)
    return f"{digits[:-precision]}.{digits[-precision:]}" if precision else digits


def _digits(value: Fraction, count: int) -> tuple[str, int]:
    """The first `count` digits and the exponent of the first, rounded."""
    if value == 0:
        return "0" * count, 0
    exponent = len(str(value.numerator)) - len(str(value.denominator))
    while Fraction(10) ** exponent > value:
        exponent -= 1
    while Fraction(10) ** (exponent + 1) <= value:
        exponent += 1
    digits = str(round(value * Fraction(10) ** (count - 1 - exponent)))
    return (digits[:count], exponent + 1) if len(digits) > count else (digits, exponent)


def _scientific(digits: str, exponent: int) -> str:
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general_text(data: Decimal, exact: Fraction, precision: int | None) -> str:
    if precision is None:
        digits = "".join(map(str, data.as_tuple().digits)).lstrip("0")
        exponent = data.adjusted() if data else 0
        limit = 6
    else:
        digits, exponent = _digits(exact, precision or 1)
        limit = precision or 1
    digits = digits.rstrip("0") or "0"
    if precision is not None and limit > len(digits) >= exponent + 1:
        limit = len(digits)
    if exponent < -4 or exponent >= limit:
        return _scientific(digits, exponent)
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    return f"{whole}.{digits[exponent + 1 :]}" if len(digits) > exponent + 1 else whole


@value_function("format(format: string, args...?: any) -> string")
def _format(call: Call, text: Value, *arguments: Value) -> Value:
    if not isinstance(text, Known):
        return call.unknown(STRING)
    return call.text(render(call, text.data, list(arguments)))


@value_function("formatlist(format: string, args...?: any) -> list(string)")
def _formatlist(call: Call, text: Value, *arguments: Value) -> Value:
    size: int | None = None
    decisive = 0
    certain = isinstance(text, Known)
    for position, value in enumerate(arguments):
        if isinstance(value, Unknown):
            certain = certain and kind_of(value.type) not in (*SEQUENCES, DYNAMIC)
        elif isinstance(value, Known) and value.kind in SEQUENCES:
            if size is not None and size != len(value.data):
                call.bad(
                    "args",
                    f"argument {position + 1} has length {len(value.data)}, which is inconsistent with argument "
                    f"{decisive + 1} of length {size}.",
                )
            size, decisive = len(value.data), position
    if not certain or not isinstance(text, Known):
        return call.unknown((LIST, STRING), length=None if size is None else (size, size))
    rows: list[Value] = []
    total = 0
    for row in range(1 if size is None else size):
        call.limit(elements=row)
        values = [v.data[row] if isinstance(v, Known) and v.kind in SEQUENCES else v for v in arguments]
        try:
            parts = render(call, text.data, values)
        except EvaluationError as error:
            message = error.message.removeprefix(f'Call to function "{call.name}" failed: ').removesuffix(".")
            call.fail(f"error on format iteration {row}: {message}")
        total += sum(len(part or "") for part in parts)
        if total > MAX_TEXT:
            call.limit(text=total)
        rows.append(call.text(parts))
    return call.result(rows, LIST, STRING)
