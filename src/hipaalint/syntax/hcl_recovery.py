"""Where to read on after a broken block of HCL: a tolerant look at lines and brackets.

Used by hcl.py after a fault; never decides what a text means, only what is left out of it.
"""

from __future__ import annotations

import re
from typing import Final

# 1 heredoc marker · 2 opening bracket · 3 closing bracket · 4 newline · 5 /* · 6 the rest of a line behind a quote that
# is not closed in it; or a string or a line comment. The counts bound the work for each quote, whatever the line.
_TOKEN: Final = re.compile(
    r"<<-?([^\W\d][\w-]*)\r?\n"
    r'|"(?:[^"\\\n$%]++|\\.|[$%](?!\{)|[$%]\{(?:[^{}"\n]++|"(?:[^"\\\n]|\\.)*+"|\{[^{}\n"]*+\}){0,99}+\}){0,99}+"'
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|#[^\n]*+|//[^\n]*+|([\[({])|([\])}])|(\n)|(/\*)"
    r'|"((?:[^"\\\n]|\\.)*+)(?=\n|\Z)'
)
# So many different ones are looked for to the end of the text, no more.
_MOST_ENDLESS: Final = 20
_OPENING: Final = {")": "(", "]": "[", "}": "{"}
_HEADER: Final = re.compile(r'([ \t]*)[^\W\d][\w-]*(?:[ \t]+(?:[^\W\d][\w-]*|"[^"\n]*+"))*+[ \t]*\{')
_ITEM: Final = re.compile(r"[ \t]*[^\W\d]")
_INDENTATION: Final = re.compile(r"[ \t]*")
_NEXT_LINE: Final = re.compile(r"[^\n]*\n\s*?([ \t]*)\S")


def resume_offset(text: str, start: int, fault: int) -> int:
    """Where the next item of the top level begins, after a fault in the one that begins at `start`.

    That is the first line behind `fault` that begins with a name while all brackets are closed. Where a bracket was
    never closed, a block header that stands as far left as the broken one counts too, if what the broken one contains
    is indented further; if nothing else is found, it counts however it is indented.
    """
    line_start = text.rfind("\n", 0, start) + 1
    own = text[line_start:start] if text[line_start:start].isspace() else ""
    inner = _NEXT_LINE.match(text, start)
    header_counts = inner is not None and len(inner[1]) > len(own)
    found = _resume(text, start, fault, own if header_counts else None)
    if found is None and not header_counts:
        found = _resume(text, start, fault, own)
    return len(text) if found is None else found


def _resume(text: str, start: int, fault: int, header_indentation: str | None) -> int | None:
    open_brackets: list[str] = []
    endless: set[str] = set()  # heredoc markers and comments without end from here on: looked for only once
    position = start
    while True:
        found = _TOKEN.search(text, position)
        if found is None:
            return None
        position = found.end()
        kind = found.lastindex
        if kind == 1 or kind == 5:
            position = _behind(text, found[kind], position, endless)
        elif kind == 6:
            template = max(found[6].rfind("${"), found[6].rfind("%{"))
            if template >= 0 and "}" not in found[6][template:]:
                open_brackets.append("{")
        elif kind == 2:
            open_brackets.append(found[2])
        elif kind == 3:
            opening = _OPENING[found[3]]
            if opening in open_brackets:
                while open_brackets.pop() != opening:
                    pass
        elif kind == 4 and position > fault:
            if not open_brackets:
                if _ITEM.match(text, position):
                    return position
            elif header_indentation is not None:
                header = _HEADER.match(text, position)
                if header is not None and header[1] == header_indentation:
                    return position


def _behind(text: str, opener: str, position: int, endless: set[str]) -> int:
    """The end of the comment, or of the heredoc with the marker `opener`, that began just before `position`."""
    if opener not in endless and len(endless) < _MOST_ENDLESS:
        end = "\\*/" if opener == "/*" else rf"^[ \t]*{re.escape(opener)}[ \t]*\r?$"
        found = re.compile(end, re.MULTILINE).search(text, position)
        if found is not None:
            return found.end()
        endless.add(opener)
    return position
