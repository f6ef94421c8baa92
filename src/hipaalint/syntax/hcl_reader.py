"""What every reader of HCL text needs: the text, the place in it, and faults that name a place.

The readers of templates, collections, expressions and bodies are built on each other, in this order, from here on.
"""

from __future__ import annotations

from collections.abc import Callable
from re import Match
from typing import Final

from ..expression.tree import Expression
from ..source import SourceRange, SyntaxFault
from . import hcl_scanner as scan
from .hcl_scanner import FREE, LINE, Mode

MakeRange = Callable[[int, int], SourceRange]

CLOSING: Final = {"(": ")", "[": "]", "{": "}"}


class Reader:
    """Reads `text` from `pos` on; every method leaves `pos` behind what it has read.

    All methods of all readers raise SyntaxFault for a text that Terraform would reject too.
    """

    __slots__ = ("begin", "depth", "make_range", "pos", "tall", "text")

    def __init__(self, text: str, make_range: MakeRange) -> None:
        self.text = text
        self.make_range = make_range
        self.pos = 0
        self.depth = 0
        self.begin = 0  # where the last term began, its parentheses and operators included
        self.tall = False  # whether the tree may be higher than MAX_HEIGHT

    def expression(self, mode: Mode) -> Expression:
        """The expression at `pos`; the reader of expressions defines it."""
        raise NotImplementedError

    def fault(self, message: str, start: int, end: int | None = None) -> SyntaxFault:
        """The fault to raise for start:end, by default for one character."""
        return SyntaxFault(message, self.make_range(start, min(start + 1, len(self.text)) if end is None else end))

    def unexpected(self, mode: Mode, message: str, opener: int | None = None) -> SyntaxFault:
        """The fault for what stands at `pos` instead of what was expected there.

        At the end of the text it is the bracket at `opener` that lacks its end.
        """
        found = mode.skip(self.text, self.pos)
        at = found.end() if found else self.pos
        if self.text.startswith("/*", at):
            return self.fault("Unterminated comment: this /* has no */.", at, at + 2)
        if at == len(self.text) and opener is not None:
            bracket = self.text[opener]
            closer = CLOSING.get(bracket, "}")
            bracket = bracket if bracket in CLOSING else f"{bracket}{{"
            return self.fault(f"Unclosed {bracket}: the text ends without its {closer}.", opener)
        character = self.text[at : at + 1]
        if (character and character in "'`;^~&|\ufeff") or (character > "\x7f" and not character.isidentifier()):
            hint = " Strings stand in double quotes." if character in "'`“”" else ""
            return self.fault(f"Invalid character: {character!r} has no meaning here.{hint}", at)
        return self.fault(message, at)

    def check_name(self, start: int, end: int) -> None:
        """A name with characters beyond ASCII must consist of letters, digits, `_` and `-` nevertheless."""
        really = scan.identifier_end(self.text, start, end)
        if really < end:
            raise self.fault(f"Invalid character: {self.text[really]!r} cannot be part of a name.", really)

    def name(self, pattern: Callable[[str, int], Match[str] | None], message: str) -> str:
        """The identifier at `pos`."""
        found = pattern(self.text, self.pos)
        if found is None:
            raise self.unexpected(FREE if pattern is scan.name else LINE, message)
        if not found[1].isascii():
            self.check_name(*found.span(1))
        self.pos = found.end()
        return found[1]

    def close(self, closer: str, mode: Mode, opener: int, message: str) -> None:
        """Reads the bracket that must stand here."""
        found = mode.punctuation(self.text, self.pos)
        if found is None or found[1] != closer:
            raise self.unexpected(mode, message, opener)
        self.pos = found.end()

    def loop_names(self, title: str) -> tuple[str | None, str]:
        """`value in` or `key, value in`, of a `for` in an expression or a template."""
        message = f"{title}: the name of a variable is expected after for."
        key = None
        value = self.name(scan.name, message)
        found = FREE.punctuation(self.text, self.pos)
        if found is not None and found[1] == ",":
            self.pos = found.end()
            key, value = value, self.name(scan.name, message)
        before = self.pos
        message = f"{title}: after the names of the variables `in` is expected."
        if self.name(scan.name, message) != "in":
            self.pos = before
            raise self.unexpected(FREE, message)
        return key, value
