"""Templates: quoted strings, heredocs, template files; their text, interpolations and directives.

The first reader above hcl_reader.py: reads a template into pieces, then makes one expression of them.
"""

from __future__ import annotations

import sys
from typing import Final

from ..expression.tree import Conditional, Expression, Literal, Template, TemplateFor
from ..source import SyntaxFault
from . import hcl_scanner as scan
from .hcl_reader import MakeRange, Reader
from .hcl_scanner import FREE, MAX_NESTING, TOO_DEEP, BadLiteral, normalized

SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What HCL takes for blank; Python's own idea of it has a few control characters more."""


class Piece:
    """kind: "text", "value" (an interpolation), "if", "else", "endif", "for" or "endfor".

    In files and heredocs each line is a text of its own: `~` trims at most to the next line end.
    """

    __slots__ = ("end", "expression", "key", "kind", "name", "start", "text")

    def __init__(self, kind: str, start: int, end: int, text: str = "", expression: Expression | None = None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.text = text
        self.expression = expression
        self.key: str | None = None
        self.name = ""


def without_indentation(pieces: list[Piece]) -> None:
    """Takes from the lines of a `<<-` heredoc the indentation that all of them have; blank lines do not count."""
    least = sys.maxsize
    lines: list[Piece] = []
    line_begins = True
    for piece in pieces:
        if line_begins:
            line_begins = False
            spaces = 0
            if piece.kind == "text":
                rest = piece.text.lstrip(SPACE)
                if not rest and piece.text.endswith("\n"):
                    spaces = sys.maxsize
                else:
                    spaces = len(piece.text) - len(rest)
                    lines.append(piece)
            least = min(least, spaces)
        if piece.kind == "text" and piece.text.endswith("\n"):
            line_begins = True
    for piece in lines:
        piece.text = piece.text[least:]
        piece.start += least


def _melded(pieces: list[Piece], make_range: MakeRange) -> list[Piece | Literal]:
    """Neighbouring texts become one literal, empty ones none."""
    result: list[Piece | Literal] = []
    texts: list[str] = []
    start = end = 0
    for piece in pieces:
        if piece.kind == "text":
            if piece.text:
                if not texts:
                    start = piece.start
                texts.append(piece.text)
                end = piece.end
            continue
        if texts:
            result.append(Literal(normalized("".join(texts)), make_range(start, end)))
            texts = []
        result.append(piece)
    if texts:
        result.append(Literal(normalized("".join(texts)), make_range(start, end)))
    return result


class _Open:
    """A directive whose end has not come yet, and the parts read since its last keyword."""

    __slots__ = ("otherwise", "parts", "piece", "then")

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.parts: list[Expression] = []
        self.then: Expression | None = None
        self.otherwise: Piece | None = None


def _body(parts: list[Expression], start: int, end: int, make_range: MakeRange) -> Expression:
    """The text that parts make; never the value of a single interpolation, since a branch is always a string."""
    if not parts:
        return Literal("", make_range(start, end))
    if len(parts) == 1 and isinstance(parts[0], Literal) and isinstance(parts[0].value, str):
        return parts[0]
    return Template(parts, make_range(start, end))


def assemble(pieces: list[Piece], start: int, end: int, make_range: MakeRange, unwrap: bool) -> Expression:
    """The expression for all pieces of a template that fills start:end. Raises SyntaxFault.

    With `unwrap` a template that is one interpolation and nothing else has the interpolation's own value.
    """
    if unwrap and len(pieces) == 1 and pieces[0].kind == "value" and pieces[0].expression is not None:
        return pieces[0].expression
    top: list[Expression] = []
    parts = top
    stack: list[_Open] = []
    for piece in _melded(pieces, make_range):
        if isinstance(piece, Literal):
            parts.append(piece)
            continue
        kind = piece.kind
        if kind == "value":
            assert piece.expression is not None
            parts.append(piece.expression)
        elif kind in ("if", "for"):
            if len(stack) == MAX_NESTING:
                raise SyntaxFault(TOO_DEEP, make_range(piece.start, piece.end))
            stack.append(_Open(piece))
            parts = stack[-1].parts
        else:
            opener = stack[-1] if stack else None
            fits = opener is not None and opener.piece.kind == ("for" if kind == "endfor" else "if")
            if opener is None or not fits or (kind == "else" and opener.otherwise is not None):
                message = f"Unexpected {kind} directive: it does not fit the directive that is open here, if any."
                raise SyntaxFault(message, make_range(piece.start, piece.end))
            body = _body(parts, (opener.otherwise or opener.piece).end, piece.start, make_range)
            if kind == "else":
                opener.then, opener.otherwise, opener.parts = body, piece, []
                parts = opener.parts
            else:
                stack.pop()
                parts = stack[-1].parts if stack else top
                parts.append(_closed(opener, body, piece, make_range))
    if stack:
        opened = stack[-1].piece
        message = f"Unexpected end of template: this %{{ {opened.kind} }} has no %{{ end{opened.kind} }}."
        raise SyntaxFault(message, make_range(opened.start, opened.end))
    if len(top) == 1 and isinstance(top[0], Literal) and isinstance(top[0].value, str):
        return Literal(top[0].value, make_range(start, end))
    return Literal("", make_range(start, end)) if not top else Template(top, make_range(start, end))


def _closed(opener: _Open, body: Expression, closer: Piece, make_range: MakeRange) -> Expression:
    """The node for a directive that has come to its end; `body` is what stands before `closer`."""
    piece = opener.piece
    whole = make_range(piece.start, closer.end)
    assert piece.expression is not None
    if piece.kind == "for":
        return TemplateFor(piece.key, piece.name, piece.expression, body, whole)
    if opener.then is not None:
        return Conditional(piece.expression, opener.then, body, whole)
    return Conditional(piece.expression, body, Literal("", make_range(closer.start, closer.start)), whole)


class TemplateReader(Reader):
    """Adds templates to the plain reader."""

    __slots__ = ()

    def template(self, start: int) -> Expression:
        """A quoted string, from behind its quote."""
        text = self.text
        pieces: list[Piece] = []
        trim = False
        while True:
            found = scan.quoted_piece(text, self.pos)
            assert found is not None  # the pattern matches everywhere
            literal, opener = found[1], found[2]
            if literal:
                self.add_text(pieces, self.quoted(literal, self.pos), found.start(1), found.end(1), trim)
            self.pos = found.end()
            if opener == '"':
                return assemble(pieces, start, self.pos, self.make_range, unwrap=True)
            if not opener:
                if self.pos == len(text):
                    raise self.fault("Unterminated template string: the closing quote is missing.", start)
                if text[self.pos] == "\\":
                    raise self.fault("Invalid escape sequence: a backslash ends the line.", self.pos)
                message = "Invalid multi-line string: a quoted string ends on its line; use \\n or a heredoc (<<EOT)."
                raise self.fault(message, start, self.pos)
            trim = self.sequence(pieces, opener, found.start(2))

    def quoted(self, literal: str, start: int) -> str:
        """The characters of the inside of a quoted string at `start`."""
        try:
            return scan.quoted_value(literal)
        except BadLiteral as bad:
            raise self.fault(bad.message, start + bad.offset, start + bad.offset + bad.length) from None

    def heredoc(self, marker: str, flush: bool, start: int) -> Expression:
        """A heredoc, from its first line on, up to and without the newline behind its end marker."""
        text = self.text
        if not marker.isascii():
            self.check_name(text.index(marker, start), text.index(marker, start) + len(marker))
        pieces: list[Piece] = []
        trim = False
        line_begins = True
        while True:
            found = scan.bare_piece(text, self.pos)
            assert found is not None  # the pattern matches everywhere
            line, opener = found[1], found[2]
            if opener == "\n":
                if line_begins and line.strip(SPACE) == marker:
                    self.pos += len(line.rstrip(SPACE))
                    if flush:
                        without_indentation(pieces)
                    return assemble(pieces, start, self.pos, self.make_range, unwrap=False)
                line += "\n"
            elif not opener:
                message = f"Unterminated heredoc: no line consists of {marker} alone and ends with a newline."
                raise self.fault(message, start, text.index("\n", start))
            if line:
                self.add_text(pieces, scan.bare_value(line), self.pos, self.pos + len(line), trim)
            line_begins = opener == "\n"
            self.pos = found.end()
            trim = False
            if not line_begins:
                trim = self.sequence(pieces, opener, found.start(2))

    def bare_template(self) -> Expression:
        """A template that is the whole text."""
        text = self.text
        pieces: list[Piece] = []
        trim = False
        while self.pos < len(text):
            found = scan.bare_piece(text, self.pos)
            assert found is not None  # the pattern matches everywhere
            line, opener = found[1], found[2]
            if opener == "\n":
                line += opener
            if line:
                self.add_text(pieces, scan.bare_value(line), self.pos, self.pos + len(line), trim)
            self.pos = found.end()
            trim = bool(opener) and opener != "\n" and self.sequence(pieces, opener, found.start(2))
        return assemble(pieces, 0, len(text), self.make_range, unwrap=True)

    @staticmethod
    def add_text(pieces: list[Piece], text: str, start: int, end: int, trim: bool) -> None:
        """A literal piece; `trim` if `~` stood before it."""
        pieces.append(Piece("text", start, end, text.lstrip(SPACE) if trim else text))

    def sequence(self, pieces: list[Piece], opener: str, start: int) -> bool:
        """`${…}` or `%{…}`, from behind its brace; whether `~` stands before its end."""
        if opener.endswith("~") and pieces and pieces[-1].kind == "text":
            pieces[-1].text = pieces[-1].text.rstrip(SPACE)
        piece = Piece("value", start, start)
        if opener[0] == "%":
            found = scan.name(self.text, self.pos)
            kind = found[1] if found else ""
            if found is None or kind not in ("if", "else", "endif", "for", "endfor"):
                message = "Invalid template control keyword: if, else, endif, for or endfor is expected after %{."
                raise self.unexpected(FREE, message, start)
            self.pos = found.end()
            piece.kind = kind
            if kind == "for":
                piece.key, piece.name = self.loop_names("Invalid 'for' directive")
        if piece.kind in ("value", "if", "for"):
            piece.expression = self.expression(FREE)
        close = scan.template_close(self.text, self.pos)
        if close is None:
            raise self.unexpected(FREE, "Extra characters in a template sequence: } is expected here.", start)
        self.pos = piece.end = close.end()
        pieces.append(piece)
        return len(close[1]) == 2
