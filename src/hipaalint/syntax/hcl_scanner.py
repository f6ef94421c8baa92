"""The patterns and the literal rules of HCL text: what one token is, and what the text of a literal means.

Used by hcl_expressions.py and hcl.py; knows characters and offsets only, nothing of the tree.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Context, Decimal
from typing import Final

MAX_NESTING: Final = 128
"""Brackets, templates, conditionals and blocks inside each other; the deepest file seen in public has 16."""

MAX_HEIGHT: Final = 1000
"""Nodes on one path of an expression tree, so also the terms of a chain such as `a + a + …` or `a.b.c…`."""

MAX_DIGITS: Final = 1000
"""Digits of a number, written out without its exponent."""

TOO_DEEP: Final = f"Nesting too deep: more than {MAX_NESTING} levels are not read; split the expression up."
TOO_LONG: Final = f"Expression too long: a chain of more than {MAX_HEIGHT} links is not read; split the expression up."

# Everything from U+0080 up is taken for a letter here and looked at by `identifier_end` afterwards: the rules of
# Unicode are not expressible in a pattern of `re`, and nearly all names are ASCII.
# Said by what is left out, since `re` needs milliseconds to compile a class that reaches up to U+10FFFF.
_IDENTIFIER: Final = r"[^\x00-@\[-\^`{-\x7f][^\x00-,./:-@\[-\^`{-\x7f]*+"
_COMMENT: Final = r"/\*(?:[^*]|\*(?!/))*+\*/"
# Wider than a number, as HCL's own token: `1.2.3` is one bad number, not a number with something behind it.
_NUMBER: Final = r"[0-9]++(?:\.*+(?:[eE][+-]?)?[0-9]++)*+"

# Where a newline ends something, blanks and /* */ are skipped; in brackets line ends and line comments too.
_SKIP_IN_LINE: Final = rf"[ \t]*+(?:{_COMMENT}[ \t]*+)*+"
_SKIP_ALL: Final = rf"(?:[ \t\n]++|\r\n|#[^\n]*+|//[^\n]*+|{_COMMENT})*+"

# `$` and `%` are ordinary unless `{` follows; doubled before `{` they are an escape.
_QUOTED_TEXT: Final = r'(?:[^"\\\n\r$%]++|\\[^\n\r]|\$\$\{|%%\{|[$%](?!\{))*+'
_BARE_LINE: Final = r"(?:[^\n$%]++|\$\$\{|%%\{|[$%](?!\{))*+"


class Mode:
    """The token patterns, once for places where a newline ends the expression and once for those where it does not.

    Each attribute is the bound `match` of a pattern that first skips what may be skipped.
    """

    __slots__ = ("ends_a_term", "operator", "postfix", "punctuation", "skip", "term")

    def __init__(self, skip: str, ends_a_term: str) -> None:
        # What follows most terms and cannot continue one: spares a look for steps.
        self.ends_a_term = frozenset(ends_a_term)
        self.skip = re.compile(skip).match
        # 1 names with dots · 2 number · 3 the inside of a string without templates and escapes · 4 any other quote
        # 5 opening bracket · 6 unary operator · 7 heredoc (8 flush, 9 marker)
        self.term = re.compile(
            rf"{skip}(?:({_IDENTIFIER}(?:\.{_IDENTIFIER})*+)|({_NUMBER})"
            rf'|"((?:[^"\\\n\r$%]++|[$%](?![{{$%]))*+)"|(")|([(\[{{])|([!-])'
            rf"|(<<(-)?({_IDENTIFIER})\r?\n))"
        ).match
        # 1 .name · 2 .number · 3 .* · 4 any other dot · 5 [ (6 and *) · 7 ( · 8 ::
        self.postfix = re.compile(
            rf"{skip}(?:\.(?!\.\.){skip}(?:({_IDENTIFIER})|({_NUMBER})|(\*)|())|(\[)(?:{skip}(\*))?|(\()|(::))"
        ).match
        self.operator = re.compile(rf"{skip}(\|\||&&|==|!=|<=|>=|[<>+\-*%?]|/(?![/*]))").match
        # 1 what stands between the parts of expressions
        self.punctuation = re.compile(rf"{skip}(\.\.\.|=>|==|::|[=:,)\]}}])").match


LINE: Final = Mode(_SKIP_IN_LINE, ",)]}\n")
FREE: Final = Mode(_SKIP_ALL, ",)]}")

_NO_NAME: Final = r"(?![^\x00-,./:-@\[-\^`{-\x7f])"
name_in_line: Final = re.compile(rf"{_SKIP_IN_LINE}({_IDENTIFIER})").match
name: Final = re.compile(rf"{_SKIP_ALL}({_IDENTIFIER})").match
if_keyword: Final = re.compile(rf"{_SKIP_ALL}if{_NO_NAME}").match
# After `[` or `(`, or a comma: 1 `for` · 2 the end · 3 an item
list_item: Final = re.compile(rf"{_SKIP_ALL}(?:(for{_NO_NAME})|([\])])|())").match
# 1 the end · 2 a bare name as key (3 its separator) · 4 another key
object_item: Final = re.compile(rf"{_SKIP_ALL}(?:(\}})|({_IDENTIFIER}){_SKIP_IN_LINE}(=(?![=>])|:(?!:))|())").match
# 1 the end · else a comma or a newline
object_separator: Final = re.compile(rf"{_SKIP_IN_LINE}(?:(\}})|,|(?:(?:#|//)[^\n]*+)?\r?\n)").match

end_of_line: Final = re.compile(rf"{_SKIP_IN_LINE}(?:(?:#|//)[^\n]*+)?(?:\r?\n|\Z)").match
# 1 name (2 `=` · 3 `{` · else a label or an error) · 4 `}` · 5 end of text
body_item: Final = re.compile(rf"{_SKIP_ALL}(?:({_IDENTIFIER}){_SKIP_IN_LINE}(?:(=)(?![=>])|(\{{))?|(\}})|(\Z))").match
# 1 name · 2 the inside of a quoted label · 3 `{`
block_label: Final = re.compile(rf'{_SKIP_IN_LINE}(?:({_IDENTIFIER})|"({_QUOTED_TEXT})"|(\{{))').match
# After `{` or the one argument of a block in one line: 1 `}` · 2 the line ends · 3 something else
one_line: Final = re.compile(rf"{_SKIP_IN_LINE}(?:(\}})|(#|//|\r?\n|\Z)|())").match

# 1 the text; 2 `"`, `${`, `${~`, `%{`, `%{~`, or nothing (a newline or the end of the text: an error)
quoted_piece: Final = re.compile(rf'({_QUOTED_TEXT})("|[$%]\{{~?|)').match
# 1 the text of one line; 2 its newline, an opener, or nothing (the end of the text)
bare_piece: Final = re.compile(rf"({_BARE_LINE})(\n|[$%]\{{~?|)").match
template_close: Final = re.compile(rf"{_SKIP_ALL}(~?\}})").match

_escape: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt\"\\])|(.))|([$%])\5\{", re.DOTALL)
_doubled: Final = re.compile(r"([$%])\1\{")
_number: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?)(?:[eE]([+-]?[0-9]+))?").fullmatch
_EXACT: Final = Context(prec=3 * MAX_DIGITS)
_CONTROL: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class BadLiteral(Exception):
    """A literal that HCL does not know; `offset` is relative to the text that was given."""

    def __init__(self, message: str, offset: int = 0, length: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = length


def _replace_escape(match: re.Match[str]) -> str:
    short, long, control, wrong, doubled = match.groups()
    if control is not None:
        return _CONTROL[control]
    if doubled is not None:
        return f"{doubled}{{"
    if wrong is None:
        code = int(short or long, 16)
        if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code)
        problem = "this is not the number of a Unicode character"
    else:
        problem = 'only \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN are known; write \\\\ for a backslash'
    raise BadLiteral(f"Invalid escape sequence: {problem}.", match.start(), match.end() - match.start())


def quoted_value(text: str) -> str:
    """The characters that the inside of a quoted string stands for. Raises BadLiteral."""
    return _escape.sub(_replace_escape, text) if "\\" in text or "{" in text else text


def bare_value(text: str) -> str:
    """The same for heredocs and template files, where only `$${` and `%%{` are escapes."""
    return _doubled.sub(r"\1{", text) if "{" in text else text


def normalized(text: str) -> str:
    """Strings are compared in Unicode's composed form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def number_value(text: str) -> int | Decimal:
    """An exact number: int when it is integral, else Decimal. Raises BadLiteral."""
    if text.isdecimal() and len(text) <= MAX_DIGITS:
        return int(text)
    found = _number(text)
    if found is None:
        raise BadLiteral("Invalid number literal: digits, one decimal point, one exponent are known.", 0, len(text))
    if len(found[1]) > MAX_DIGITS or len(found[2] or "") > 5 or abs(int(found[2] or 0)) > MAX_DIGITS:
        raise BadLiteral(f"Invalid number literal: more than {MAX_DIGITS} digits are not read.", 0, len(text))
    number = Decimal(text)
    integral = number.to_integral_value()
    return int(integral) if number == integral else number.normalize(_EXACT)


def identifier_end(text: str, start: int, end: int) -> int:
    """Where the identifier that seems to fill start:end really ends; `start` if none begins there."""
    for position in range(start, end):
        character = text[position]
        # After "_" a character is looked at as one that continues a name, without it as one that begins it.
        if position == start and not character.isidentifier():
            return start
        if character != "-" and not f"_{character}".isidentifier():
            return position
    return end
