"""Files, ranges in them, and diagnostics: the ground that every other module stands on.

First in the flow: imports nothing of ours; every value, resource and finding points back here.
"""

from __future__ import annotations

from bisect import bisect_right


class SourceFile:
    """One text that was read. `path` is shown to people: relative to the repository, with `/`."""

    __slots__ = ("_line_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._line_starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """Offsets (code points) at which lines begin. CRLF counts once, since it ends with LF."""
        if self._line_starts is None:
            starts = [0]
            find = self.text.find
            position = find("\n")
            while position != -1:
                starts.append(position + 1)
                position = find("\n", position + 1)
            self._line_starts = starts
        return self._line_starts

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """1-based line and column (code points) of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a 1-based line, without its line end; empty beyond the end."""
        starts = self.line_starts
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"


class SourceRange:
    """Code points `start` to `end` (exclusive) of a file; lines and columns are computed when asked for."""

    __slots__ = ("end", "file", "start")

    def __init__(self, file: SourceFile, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end

    @property
    def line(self) -> int:
        return self.file.line_and_column(self.start)[0]

    @property
    def column(self) -> int:
        return self.file.line_and_column(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.file.line_and_column(self.end)[0]

    @property
    def end_column(self) -> int:
        return self.file.line_and_column(self.end)[1]

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end]

    def to(self, other: SourceRange) -> SourceRange:
        """The range from the start of this one to the end of the other, in the same file."""
        return SourceRange(self.file, self.start, other.end)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, SourceRange)
            and self.file is other.file
            and self.start == other.start
            and self.end == other.end
        )

    def __hash__(self) -> int:
        return hash((id(self.file), self.start, self.end))

    def __repr__(self) -> str:
        return f"{self.file.path}:{self.line}:{self.column}"


class Diagnostic:
    """What a run has to say about itself: unreadable input, a module that was not loaded, a check that crashed.

    severity: "error" (the job was not done in full: exit code 2), "warning" or "note" (neither counts).
    `message` says what is wrong and what to do; `range` or else `path` says where.
    """

    __slots__ = ("message", "path", "range", "severity")

    def __init__(self, severity: str, message: str, range: SourceRange | None = None, path: str | None = None) -> None:
        self.severity = severity
        self.message = message
        self.range = range
        self.path = path if path is not None or range is None else range.file.path

    @property
    def line(self) -> int:
        return self.range.line if self.range else 1

    @property
    def column(self) -> int:
        return self.range.column if self.range else 1

    def __repr__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.severity}: {self.message}"


class SyntaxFault(Exception):
    """A text that cannot be read: message and place. The loader turns it into a Diagnostic."""

    def __init__(self, message: str, range: SourceRange) -> None:
        super().__init__(message)
        self.message = message
        self.range = range
