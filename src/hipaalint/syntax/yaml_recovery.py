"""Recovery in YAML and JSON: what one entry of a section breaks is left out, and the rest of the file is read.

Around syntax/yaml_json.py, for load/cloudformation/: a template with a mistake in one resource still shows the others.
"""

from __future__ import annotations

import re

from ..source import SourceFile, SyntaxFault
from .yaml_json import Node, parse

LARGEST = 1 << 21  # characters: a larger file is not read again and again
MISTAKES = 10
LOOK_BACK = 30  # entries: an open quote is noticed long after it

_LINE = re.compile(r"^([ \t]*)(?=[^\s#])(.*)$", re.MULTILINE)
_CLOSING = ("}", "]", ",")


class _Entry:
    """One entry of the section: where its text begins and ends, and its key."""

    __slots__ = ("end", "name", "start")

    def __init__(self, start: int, line: str) -> None:
        self.start = start
        self.end = start
        self.name = re.split(r'["\']?\s*:', line.lstrip("\"'"))[0]


def parse_with_recovery(file: SourceFile, section: str) -> tuple[Node, list[SyntaxFault]]:
    """The tree of a file without those entries of a section that cannot be read, and a fault for each of them.

    Entries are told apart by their indentation, so this takes block YAML and JSON that is laid out like it. Raises
    SyntaxFault where the mistake lies elsewhere, where no entry is left, or where there are too many.
    """
    try:
        return parse(file), []
    except SyntaxFault as fault:
        first = current = fault
    whole = file.text
    entries = _entries(whole, section) if len(whole) <= LARGEST else []
    faults: list[SyntaxFault] = []
    try:
        while len(faults) < min(MISTAKES, len(entries) - 1):
            broken, result = _broken(file, entries, current)
            if broken is None:
                raise first
            faults.append(
                SyntaxFault(f"{current.message}. {broken.name} was left out; the rest was read", current.range)
            )
            entries.remove(broken)
            file.text = _without(file.text, broken)
            if isinstance(result, Node):
                return result, faults
            current = result
        raise first
    finally:
        file.text = whole


def _broken(file: SourceFile, entries: list[_Entry], fault: SyntaxFault) -> tuple[_Entry | None, Node | SyntaxFault]:
    """The entry without which the file can be read, or can be read furthest; and what reading it then gives."""
    before = [entry for entry in entries if entry.start <= fault.range.start]
    text = file.text
    best: tuple[_Entry | None, Node | SyntaxFault] = (None, fault)
    reached = fault.range.start
    for entry in before[: -LOOK_BACK - 1 : -1]:
        file.text = _without(text, entry)
        try:
            return entry, parse(file)
        except SyntaxFault as another:
            if another.range.start > reached:
                best, reached = (entry, another), another.range.start
        finally:
            file.text = text
    return best


def _without(text: str, entry: _Entry) -> str:
    """Blanks in place of an entry: every other offset stays what it was."""
    return text[: entry.start] + re.sub(r"[^\r\n]", " ", text[entry.start : entry.end]) + text[entry.end :]


def _entries(text: str, section: str) -> list[_Entry]:
    """The entries of a section, by the indentation of its first one."""
    head = re.search(rf'^(?P<indent>[ \t]*)\{{?[ \t]*"?{section}"?[ \t]*:.*$', text, re.MULTILINE)
    if head is None:
        return []
    found: list[_Entry] = []
    outer, inner = len(head["indent"].expandtabs()), -1
    end = len(text)
    for line in _LINE.finditer(text, head.end()):
        indent = len(line[1].expandtabs())
        if inner < 0:
            inner = indent
        if indent <= outer or indent < inner:
            end = line.start()
            break
        if indent == inner and not line[2].startswith((*_CLOSING, "-")):
            found.append(_Entry(line.start(), line[2]))
    for entry, following in zip(found, [*found[1:], _Entry(end, "")], strict=False):
        entry.end = following.start
    return found
