"""What is wrong with a YAML or JSON text, in words that say what to do.

Second in the flow, beside yaml_json.py, which raises these.
"""

from __future__ import annotations

import re

import yaml

from ..source import SourceFile, SourceRange, SyntaxFault

# What YAML forbids everywhere; JSON allows some of it inside strings, but no template has a use for it.
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

KEY_IS_NO_TEXT = "a key must be text; if this is a placeholder such as {{ name }}, put quotes round it"

_ADVICE = {
    "found character that cannot start any token": "text cannot start with this character; put it in quotes",
    "mapping values are not allowed in this context": "a `:` is not expected here;"
    " check the indentation, or put quotes round a text that contains `: `",
    "could not find expected ':'": "a `:` is missing behind the key before this place",
    "did not find expected key": "no key starts here; check the indentation and the quotes of the lines above",
    "did not find expected '-' indicator": "the list ends here without its block being left;"
    " check the indentation of this line",
    "did not find expected ',' or ']'": "a `,` or the closing `]` is missing",
    "did not find expected ',' or '}'": "a `,` or the closing `}` is missing",
    "found unexpected end of stream": "the file ends inside a quoted text; close the quotes",
    "found invalid Unicode character escape code": "this escape is no character; write the character itself",
    "found unknown escape character": "unknown escape in a text in double quotes; write `\\\\`, or use single quotes",
    "found a tab character that violates indentation": "a tab cannot indent YAML; use blanks",
    "found a tab character where an indentation space is expected": "a tab cannot indent YAML; use blanks",
}


def fault_at(file: SourceFile, start: int, end: int, message: str) -> SyntaxFault:
    """A fault at code points of a file, kept within it."""
    length = len(file.text)
    start = min(start, length)
    return SyntaxFault(message, SourceRange(file, start, min(max(end, start), length)))


def yaml_fault(file: SourceFile, error: yaml.YAMLError, shift: int) -> SyntaxFault:
    """What libyaml complains about; `shift` code points stood before the text it was given."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    offset = (mark.index if mark is not None else 0) + shift
    message = _ADVICE.get(problem)
    if message is None:
        context = getattr(error, "context", None)
        message = f"not YAML: {problem} {context}" if context else f"not YAML: {problem}"
    elif "cannot start" in problem and file.text[offset : offset + 1] == "\t":
        message = _ADVICE["found a tab character that violates indentation"]
    return fault_at(file, offset, offset + 1, message)


def unreadable(character: str) -> str:
    """What to say of a character that UNREADABLE found."""
    code = ord(character)
    if code == 0:
        return "a NUL character; is this UTF-16 without a byte order mark, or no text? Save it as UTF-8"
    if 0xD800 <= code <= 0xDFFF:
        return f"half of a surrogate pair (U+{code:04X}) is no character; save the file as UTF-8"
    return f"the control character U+{code:04X} cannot stand in YAML or JSON; remove it"


def shown(text: str) -> str:
    """A key as a message shows it."""
    return repr(text if len(text) <= 60 else text[:57] + "…")
