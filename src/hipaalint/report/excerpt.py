"""Lines of a user's file with the text that decided marked: as they fit on a terminal, harmless to it.

Used by the text and HTML reports.
"""

from __future__ import annotations

import unicodedata

from ..policy.finding import Finding
from ..source import SourceFile, SourceRange
from .rows import place, printable, without_secrets

LINES = 4  # of a range that spans more
WIDTH = 160  # of one line
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
        lines.append(_context(file, header.line))
        if header.line + 1 < line:
            lines.append(ExcerptLine(None, ""))
    first_end = end_column if end_line == line else len(file.line_text(line)) + 1
    lines.append(_marked(file, line, column, first_end))
    last = min(end_line, line + LINES - 1)
    for number in range(line + 1, last + 1):
        lines.append(_context(file, number))
    if last < end_line:
        lines.append(ExcerptLine(None, ""))
    return lines


def opening(finding: Finding) -> SourceRange | None:
    """The line that opens the block around the finding's text: its resource's, or that of a side-car."""
    resource, place = finding.resource, finding.range
    for written in (resource.written, *resource.folded) if resource is not None else ():
        whole = written.range
        if whole.file is place.file and whole.start <= place.start and place.end <= whole.end:
            return written.header
    return None


def _marked(file: SourceFile, line: int, column: int, end_column: int) -> ExcerptLine:
    text = without_secrets(file.line_text(line))
    before, marked = text[: column - 1], text[column - 1 : end_column - 1]
    after = text[end_column - 1 :]
    if len(text) > WIDTH:
        # Of a file in one long line (a plan, a minified template) the neighbours are not shown: they say nothing to
        # the reader, and may be anything, also a secret.
        before, after = "…" * bool(before), "…" * bool(after or len(marked) > WIDTH)
    marked = _clean(marked[:WIDTH])
    return ExcerptLine(line, _clean(before) + marked + _clean(after), width(_clean(before)), max(1, width(marked)))


def _context(file: SourceFile, line: int) -> ExcerptLine:
    """A line with nothing marked."""
    text = without_secrets(file.line_text(line))
    return ExcerptLine(line, _clean(text[:WIDTH]) + "…" * (len(text) > WIDTH))


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
