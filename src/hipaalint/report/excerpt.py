"""Lines of a user's file with the text that decided marked: as they fit on a terminal, harmless to it.

Used by the text report.
"""

from __future__ import annotations

import unicodedata

from ..source import SourceFile, SourceRange
from .rows import place, printable

LINES = 4  # of a range that spans more
WIDTH = 160  # of one line
BEFORE_MARK = 60  # what stays of a line that is cut, in front of the marked text
TAB = "    "


class ExcerptLine:
    """One line: its number (None for lines left out), its text, and which part is marked (from, width; 0 for none)."""

    __slots__ = ("mark", "mark_width", "number", "text")

    def __init__(self, number: int | None, text: str, mark: int = 0, mark_width: int = 0) -> None:
        self.number = number
        self.text = text
        self.mark = mark
        self.mark_width = mark_width


def excerpt(marked: SourceRange, header: SourceRange | None = None) -> list[ExcerptLine]:
    """The lines of `marked`, the first one marked; before them the line of `header` if it stands above in that file."""
    file = marked.file
    line, column, end_line, end_column = place(marked)
    lines = []
    if header is not None and header.file is file and header.line < line:
        lines.append(ExcerptLine(header.line, _fitted(file.line_text(header.line), 0)[0]))
        if header.line + 1 < line:
            lines.append(ExcerptLine(None, ""))
    first_end = end_column if end_line == line else len(file.line_text(line)) + 1
    lines.append(_marked(file, line, column, first_end))
    last = min(end_line, line + LINES - 1)
    for number in range(line + 1, last + 1):
        lines.append(ExcerptLine(number, _fitted(file.line_text(number), 0)[0]))
    if last < end_line:
        lines.append(ExcerptLine(None, ""))
    return lines


def _marked(file: SourceFile, line: int, column: int, end_column: int) -> ExcerptLine:
    text = file.line_text(line)
    shown, cut = _fitted(text, column - 1)
    lead = "…" if cut else ""
    before = width(lead + _clean(text[cut : column - 1]))
    marked = width(_clean(text[column - 1 : end_column - 1]))
    return ExcerptLine(line, shown, before, max(1, min(marked, width(shown) - before)))


def _fitted(text: str, mark: int) -> tuple[str, int]:
    """The line as it is shown, and how many characters were cut in front."""
    cut = max(0, mark - BEFORE_MARK) if len(text) > WIDTH else 0
    shown = _clean(text[cut : cut + WIDTH])
    return ("…" if cut else "") + shown + ("…" if cut + WIDTH < len(text) else ""), cut


def _clean(text: str) -> str:
    return printable(text.replace("\t", TAB))


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    columns = 0
    for character in text:
        if not unicodedata.combining(character):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns
