"""Functions over strings: case, trimming, joining and splitting, searching; format and regular expressions lie beside.

Part of functions/. Results of partly unknown strings keep the pieces that are known.
"""

from __future__ import annotations

from collections.abc import Callable

from ...source import SyntaxFault
from ..values import BOOL, LIST, STRING, EvaluationError, Known, Unknown, Value, is_null, known
from . import text as texts
from .function import Call, function, pieces, value_function


def _piecewise(change: Callable[[str], str]) -> Callable[..., Value]:
    """The partial result of a function that changes every character on its own."""

    def partial(call: Call, value: Value, *rest: Value) -> Value:
        return call.text([piece if piece is None else change(piece) for piece in pieces(value)])

    return partial


@function("upper(str: string) -> string", partial=_piecewise(texts.upper), keeps=True)
def _upper(call: Call, text: str) -> str:
    return texts.upper(text)


@function("lower(str: string) -> string", partial=_piecewise(texts.lower), keeps=True)
def _lower(call: Call, text: str) -> str:
    return texts.lower(text)


@function("title(str: string) -> string")
def _title(call: Call, text: str) -> str:
    return texts.title(text)


def _strip_pieces(call: Call, value: Value, cutset: str, left: bool, right: bool) -> Value:
    """Strip the ends of a partly known string: what a hole may leave at an end is no longer sure."""
    parts = list(pieces(value))
    for at_start in (True, False):
        if not (left if at_start else right):
            continue
        order = range(len(parts)) if at_start else range(len(parts) - 1, -1, -1)
        hole = False
        for index in order:
            piece = parts[index]
            if piece is None:
                hole = True
                continue
            piece = piece.lstrip(cutset) if at_start else piece.rstrip(cutset)
            parts[index] = None if hole and not piece else piece
            if piece:
                break
    return call.text(parts)


@function(
    "trimspace(str: string) -> string",
    partial=lambda call, value: _strip_pieces(call, value, texts.SPACE, True, True),
    keeps=True,
)
def _trimspace(call: Call, text: str) -> str:
    return text.strip(texts.SPACE)


def _trim_partial(call: Call, value: Value, cutset: Value) -> Value | None:
    if not isinstance(cutset, Known):
        return None
    return _strip_pieces(call, value, cutset.data, True, True) if cutset.data else value


@function("trim(str: string, cutset: string) -> string", partial=_trim_partial)
def _trim(call: Call, text: str, cutset: str) -> str:
    return text.strip(cutset) if cutset else text


@function(
    "chomp(str: string) -> string",
    partial=lambda call, value: _strip_pieces(call, value, "\r\n", False, True),
    keeps=True,
)
def _chomp(call: Call, text: str) -> str:
    return text.rstrip("\r\n")


def _trimprefix_partial(call: Call, value: Value, prefix: Value) -> Value | None:
    first, *rest = pieces(value)
    if not isinstance(prefix, Known) or first is None:
        return None
    decided = _starts(pieces(value), prefix.data)
    if decided is None:
        return None
    return call.text([first.removeprefix(prefix.data) if decided else first, *rest])


@function("trimprefix(str: string, prefix: string) -> string", partial=_trimprefix_partial)
def _trimprefix(call: Call, text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def _trimsuffix_partial(call: Call, value: Value, suffix: Value) -> Value | None:
    *rest, last = pieces(value)
    if not isinstance(suffix, Known) or last is None:
        return None
    decided = _ends(pieces(value), suffix.data)
    if decided is None:
        return None
    return call.text([*rest, last.removesuffix(suffix.data) if decided else last])


@function("trimsuffix(str: string, suffix: string) -> string", partial=_trimsuffix_partial)
def _trimsuffix(call: Call, text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


def _starts(parts: tuple[str | None, ...], prefix: str) -> bool | None:
    first = parts[0] or "" if parts else ""
    if first.startswith(prefix):
        return True
    if not prefix.startswith(first) or None not in parts:
        return False
    return None


def _ends(parts: tuple[str | None, ...], suffix: str) -> bool | None:
    last = parts[-1] or "" if parts else ""
    if last.endswith(suffix):
        return True
    if not suffix.endswith(last) or None not in parts:
        return False
    return None


def _contains(parts: tuple[str | None, ...], inner: str) -> bool | None:
    if any(piece is not None and inner in piece for piece in parts):
        return True
    return None if None in parts else False


def _search_partial(search: Callable[[tuple[str | None, ...], str], bool | None]) -> Callable[..., Value | None]:
    def partial(call: Call, value: Value, wanted: Value) -> Value | None:
        if isinstance(wanted, Known):
            decided = search(pieces(value), wanted.data)
        else:
            decided = True if set(pieces(wanted)) == {""} else None
        return None if decided is None else call.plain(decided, BOOL)

    return partial


@function("startswith(str: string, prefix: string) -> bool", partial=_search_partial(_starts))
def _startswith(call: Call, text: str, prefix: str) -> bool:
    return text.startswith(prefix)


@function("endswith(str: string, suffix: string) -> bool", partial=_search_partial(_ends))
def _endswith(call: Call, text: str, suffix: str) -> bool:
    return text.endswith(suffix)


@function("strcontains(str: string, substr: string) -> bool", partial=_search_partial(_contains))
def _strcontains(call: Call, text: str, inner: str) -> bool:
    return inner in text


def _indent_partial(call: Call, spaces: Value, value: Value) -> Value | None:
    if not isinstance(spaces, Known):
        return None
    return call.text([piece and _indent(call, spaces.data, piece) for piece in pieces(value)])


@function("indent(spaces: number, str: string) -> string", partial=_indent_partial)
def _indent(call: Call, spaces: int, text: str) -> str:
    width = whole(call, "spaces", spaces)
    if width < 0:
        call.bad("spaces", "must not be negative.")
    call.limit(text=len(text) + width * text.count("\n"))
    return text.replace("\n", "\n" + " " * width)


def whole(call: Call, parameter: str, data: object) -> int:
    """A number that must be a whole one."""
    if not isinstance(data, int):
        call.bad(parameter, "a whole number is required.")
    return data


@value_function("join(separator: string, lists...: list(string)) -> string")
def _join(call: Call, separator: Value, *lists: Value) -> Value:
    if not lists:
        call.fail("at least one list is required")
    items: list[Value] = []
    for value in lists:
        if not isinstance(value, Known):
            items.append(value)
            continue
        for index, item in enumerate(value.data):
            if is_null(item):
                call.fail(f"element {index} is null; cannot concatenate null values")
            items.append(item)
    call.limit(text=sum(len(piece or "") for item in items for piece in pieces(item)))
    between = pieces(separator)
    result: list[str | None] = []
    glued = False  # whether a separator certainly stands here: an unknown list may be empty
    for item in items:
        whole_list = isinstance(item, Unknown) and item.type != STRING
        if whole_list:
            result.append(None)
            glued = False
            continue
        if glued:
            result.extend(between)
        result.extend(pieces(item))
        glued = True
    return call.text(result)


def _split_partial(call: Call, separator: Value, value: Value) -> Value | None:
    if not isinstance(separator, Known) or not separator.data:
        return None
    least = 1 + sum(piece.count(separator.data) for piece in pieces(value) if piece is not None)
    return call.unknown((LIST, STRING), length=(least, None))


@function("split(separator: string, str: string) -> list(string)", partial=_split_partial)
def _split(call: Call, separator: str, text: str) -> list[str]:
    if not separator:
        return list(text)
    call.limit(elements=text.count(separator) + 1)
    return text.split(separator)


def _substr_partial(call: Call, value: Value, offset: Value, length: Value) -> Value | None:
    first = pieces(value)[0]
    if first is None or not isinstance(offset, Known) or not isinstance(length, Known):
        return None
    if offset.data < 0 or length.data < 0:
        return None
    clusters = texts.graphemes(first)
    if offset.data + length.data >= len(clusters):  # what follows may belong to the last cluster
        return None
    return call.plain("".join(clusters[offset.data : offset.data + length.data]), STRING)


@function("substr(str: string, offset: number, length: number) -> string", partial=_substr_partial)
def _substr(call: Call, text: str, offset: int, length: int) -> str:
    offset, length = whole(call, "offset", offset), whole(call, "length", length)
    clusters = texts.graphemes(text)
    if offset < 0:
        offset = max(offset + len(clusters), 0)
    return "".join(clusters[offset:] if length < 0 else clusters[offset : offset + length])


@function("strrev(str: string) -> string")
def _strrev(call: Call, text: str) -> str:
    return "".join(reversed(texts.graphemes(text)))


@function("parseint(number: any, base: number) -> number")
def _parseint(call: Call, data: object, base: object) -> int:
    if not isinstance(data, str):
        call.bad("number", f"first argument must be a string, not {known(data).kind}.")
    if not isinstance(base, int) or not 2 <= base <= 62:
        call.bad("base", "base must be a whole number between 2 and 62 inclusive.")
    digits = data.removeprefix("-") if data.startswith("-") else data.removeprefix("+")
    values = [_digit(digit, base) for digit in digits]
    if not values or None in values or len(values) > 4096:
        call.bad("number", f"cannot parse {data[:80]!r} as a base {base} integer.")
    total = 0
    for value in values:
        total = total * base + (value or 0)
    return -total if data.startswith("-") else total


def _digit(c: str, base: int) -> int | None:
    if not c.isascii() or not c.isalnum():
        return None
    if c.isdigit():
        value = int(c)
    elif c.islower() or base <= 36:
        value = ord(c.lower()) - ord("a") + 10
    else:
        value = ord(c) - ord("A") + 36
    return value if value < base else None


@value_function("templatestring(template: string, vars: any) -> any")
def _templatestring(call: Call, template: Value, variables: Value) -> Value:
    if not isinstance(template, Known) or not isinstance(variables, Known):
        return call.unknown(STRING)
    return render_template(call, template.data, variables)


def render_template(call: Call, text: str, variables: Known) -> Value:
    """A template's text with its variables."""
    context = call.context
    if context.parse_template is None or context.evaluate_template is None:
        call.fail("templates cannot be read here")
    if not isinstance(variables.data, dict):
        call.bad("vars", "invalid vars value: must be a map.")
    try:
        expression = context.parse_template(text)
    except SyntaxFault as fault:
        call.fail(f"{fault.message} (line {fault.range.line} of the template)")
    if context.rendering:
        call.fail("a template cannot render another template")
    context.rendering = True
    try:
        value = context.evaluate_template(expression, variables.data)
    except EvaluationError as error:
        call.fail(error.message.rstrip("."))
    finally:
        context.rendering = False
    if isinstance(value, (Known, Unknown)):
        value = value.copy()
        value.range = call.range
        value.sources = tuple(call.arguments)
        value.sensitive = value.sensitive or any(argument.sensitive for argument in call.arguments)
    return value
