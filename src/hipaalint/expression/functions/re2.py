"""Runs the programs of re2_syntax.py: finds leftmost matches as Go's regexp does, within a bounded amount of work.

Part of functions/; `regex`, `regexall` and `replace` are built on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ..values import LIST, NULL, OBJECT, STRING, TUPLE, Known, Type, Value
from .function import Call, function, pieces
from .re2_classes import PatternError
from .re2_syntax import ASSERT, CHAR, JUMP, MATCH, SAVE, SPLIT, Program, compile_pattern

MAX_STEPS = 4_000_000

Slots = list[int]


class TooMuchWorkError(Exception):
    """The search was given up."""


class Search:
    """Searches for one pattern; the work of all searches is counted together."""

    __slots__ = ("program", "steps")

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps = 0

    def find(self, text: str, start: int = 0) -> Slots | None:
        """Start and end of the leftmost match at or behind `start`, then of its groups; -1 where one took no part.

        Raises TooMuchWorkError. A place of the text is tried only once per instruction, whatever the way to it,
        so the work is bounded by the product of their numbers.
        """
        visited: set[int] = set()
        for position in range(start, len(text) + 1):
            slots = self._match(text, position, visited)
            if slots is not None:
                return slots
        return None

    def _match(self, text: str, start: int, visited: set[int]) -> Slots | None:
        instructions = self.program.instructions
        width = len(text) + 1
        size = len(text)
        slots = [-1] * (2 * len(self.program.groups) + 2)
        stack: list[tuple[int, int]] = [(0, start)]
        while stack:
            pc, position = stack.pop()
            if pc < 0:
                slots[~pc] = position  # undo a SAVE of a way that failed
                continue
            while True:
                key = pc * width + position
                if key in visited:
                    break
                visited.add(key)
                self.steps += 1
                if self.steps > MAX_STEPS:
                    raise TooMuchWorkError
                instruction = instructions[pc]
                operation = instruction[0]
                if operation == CHAR:
                    if position >= size or not instruction[1](text[position]):
                        break
                    position += 1
                    pc += 1
                elif operation == SPLIT:
                    stack.append((instruction[2], position))
                    pc = instruction[1]
                elif operation == JUMP:
                    pc = instruction[1]
                elif operation == SAVE:
                    slot = instruction[1]
                    stack.append((~slot, slots[slot]))
                    slots[slot] = position
                    pc += 1
                elif operation == ASSERT:
                    if not _holds(instruction[1], text, position):
                        break
                    pc += 1
                else:
                    assert operation == MATCH
                    return slots
        return None


def _holds(kind: str, text: str, position: int) -> bool:
    if kind == "text start":
        return position == 0
    if kind == "text end":
        return position == len(text)
    if kind == "line start":
        return position == 0 or text[position - 1] == "\n"
    if kind == "line end":
        return position == len(text) or text[position] == "\n"
    before = position > 0 and _is_word(text[position - 1])
    after = position < len(text) and _is_word(text[position])
    return (before != after) is (kind == "word boundary")


def _is_word(c: str) -> bool:
    return c == "_" or (c.isascii() and c.isalnum())


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Program | str:
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        return str(error)


def search_for(call: Call, pattern: str) -> Search:
    """A search for a pattern. Raises EvaluationError for a bad one."""
    program = _compiled(pattern)
    if isinstance(program, str):
        call.bad("pattern", f"invalid regexp pattern: {program}.")
    return Search(program)


def _shape(call: Call, program: Program) -> Type:
    names = program.groups
    if not names:
        return STRING
    if not any(names):
        return (TUPLE, (STRING,) * len(names))
    if not all(names):
        call.bad("pattern", "cannot mix both named and unnamed capture groups.")
    return (OBJECT, tuple((name, STRING, False) for name in sorted(set(names))))


def _captured(program: Program, text: str, slots: Slots) -> Known:
    if not program.groups:
        return Known(text[slots[0] : slots[1]], STRING)
    values: list[Value] = []
    for index in range(2, len(slots), 2):
        start, end = slots[index], slots[index + 1]
        values.append(Known(text[start:end], STRING) if start >= 0 else Known(None, NULL, element=STRING))
    if program.groups[0]:
        return Known(dict(zip(program.groups, values, strict=True)), OBJECT)
    return Known(values, TUPLE)


def _regex_partial(call: Call, pattern: Value, text: Value) -> Value | None:
    if not isinstance(pattern, Known):
        return call.unknown()
    return call.unknown(_shape(call, search_for(call, pattern.data).program))


@function("regex(pattern: string, string: string) -> any", partial=_regex_partial)
def _regex(call: Call, pattern: str, text: str) -> Value:
    search = search_for(call, pattern)
    _shape(call, search.program)
    slots = _find(call, search, text)
    if slots is None:
        call.fail("pattern did not match any part of the given string")
    return call.plain_value(_captured(search.program, text, slots))


def _regexall_partial(call: Call, pattern: Value, text: Value) -> Value | None:
    if not isinstance(pattern, Known):
        return call.unknown((LIST, "dynamic"))
    return call.unknown((LIST, _shape(call, search_for(call, pattern.data).program)))


@function("regexall(pattern: string, string: string) -> any", partial=_regexall_partial)
def _regexall(call: Call, pattern: str, text: str) -> Value:
    search = search_for(call, pattern)
    shape = _shape(call, search.program)
    found: list[Value] = []
    for slots in _matches(call, search, text):
        found.append(_captured(search.program, text, slots))
        call.limit(elements=len(found))
    return call.plain_value(Known(found, LIST, element=shape))


def _find(call: Call, search: Search, text: str, start: int = 0) -> Slots | None:
    try:
        return search.find(text, start)
    except TooMuchWorkError:
        call.fail(f"the search takes more than {MAX_STEPS:,} steps")


def _matches(call: Call, search: Search, text: str) -> Iterator[Slots]:
    """All matches from left to right, without overlap and without an empty one right behind another."""
    position, last_end = 0, -1
    while position <= len(text):
        slots = _find(call, search, text, position)
        if slots is None:
            return
        start, end = slots[0], slots[1]
        if end > start or start != last_end:
            yield slots
        last_end = end
        position = max(position + 1, end)


def _replace_partial(call: Call, text: Value, wanted: Value, replacement: Value) -> Value | None:
    """A plain replacement goes into all known pieces, unless what is searched for could straddle a hole."""
    if (
        not isinstance(wanted, Known)
        or not wanted.data
        or (len(wanted.data) > 1 and wanted.data[0] == wanted.data[-1] == "/")
    ):
        return None
    sought, new = wanted.data, list(pieces(replacement))
    result: list[str | None] = []
    known_pieces = pieces(text)
    for position, piece in enumerate(known_pieces):
        if piece is None:
            result.append(None)
            continue
        before, after = position > 0, position < len(known_pieces) - 1
        if _may_straddle(piece, sought, before, after):
            return None
        first, *others = piece.split(sought)
        result.append(first)
        for other in others:
            result.extend([*new, other])
    return call.text(result)


def _may_straddle(piece: str, sought: str, before: bool, after: bool) -> bool:
    """Whether a text, with a hole before or after it, can hold only a part of what is sought, the hole the rest."""
    if before and after and piece in sought:
        return True
    return any(
        (after and piece.endswith(sought[:size])) or (before and piece.startswith(sought[-size:]))
        for size in range(1, len(sought))
    )


@function("replace(str: string, substr: string, replace: string) -> string", partial=_replace_partial)
def _replace(call: Call, text: str, wanted: str, replacement: str) -> str:
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return _replace_matches(call, text, wanted[1:-1], replacement)
    times = text.count(wanted)
    call.limit(text=len(text) + times * (len(replacement) - len(wanted)))
    return text.replace(wanted, replacement)


def _replace_matches(call: Call, text: str, pattern: str, replacement: str) -> str:
    search = search_for(call, pattern)
    template = _replacement(replacement)
    result: list[str] = []
    size = last_end = 0
    for slots in _matches(call, search, text):
        result.append(text[last_end : slots[0]])
        result.append(_expand(template, search.program, text, slots))
        size += len(result[-2]) + len(result[-1])
        call.limit(text=size)
        last_end = slots[1]
    result.append(text[last_end:])
    return "".join(result)


def _replacement(text: str) -> list[tuple[bool, str]]:
    """A replacement as literal texts and names of groups: (is a name, text)."""
    parts: list[tuple[bool, str]] = []
    while True:
        before, dollar, text = text.partition("$")
        parts.append((False, before))
        if not dollar:
            return parts
        if text.startswith("$"):
            parts.append((False, "$"))
            text = text[1:]
            continue
        braced = text.startswith("{")
        end = 1 if braced else 0
        while end < len(text) and (text[end] == "_" or text[end].isalnum()):
            end += 1
        name = text[1:end] if braced else text[:end]
        if not name or (braced and text[end : end + 1] != "}"):
            parts.append((False, "$"))
            continue
        parts.append((True, name))
        text = text[end + 1 :] if braced else text[end:]


def _expand(template: list[tuple[bool, str]], program: Program, text: str, slots: Slots) -> str:
    result: list[str] = []
    for is_name, part in template:
        if not is_name:
            result.append(part)
            continue
        if part.isascii() and part.isdigit() and len(part) < 6:
            index = int(part)
        else:
            index = program.groups.index(part) + 1 if part in program.groups else -1
        if 0 <= index <= len(program.groups) and slots[2 * index] >= 0:
            result.append(text[slots[2 * index] : slots[2 * index + 1]])
    return "".join(result)
