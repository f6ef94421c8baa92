"""Suppressions in comments: `# hipaalint: ignore[check-id] reason="…" until=2027-01-31`, and which lines each covers.

Used by judge/suppressions.py. Only files that hold such a comment are read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from ..syntax.hcl import Body, parse_body
from ..syntax.yaml_json import ListNode, MapNode, Node, entry_range, parse
from .configuration import is_date

MARK = "hipaalint:"
EXAMPLE = '# hipaalint: ignore[check-id] reason="why"'

_COMMENT = re.compile(r"(?:#|//|/\*)\s*hipaalint:(?P<text>.*)")
_IGNORE = re.compile(
    r"""\s*ignore\[(?P<ids>[^\]]*)\]
    (?:\s+(?:reason="(?P<reason>(?:[^"\\]|\\.)*)"|until=(?P<until>\S+?)))*
    \s*(?:\*/)?\s*$""",
    re.VERBOSE,
)
_NO_CODE = re.compile(r"\s*(?:(?:#|//).*|/\*.*\*/\s*)?$")
_HCL_SUFFIXES = (".tf", ".tofu", ".tfvars", ".hcl")


class IgnoreComment:
    """Checks that do not count on lines `first` to `last` of a file, and on resources whose header is among these."""

    __slots__ = ("checks", "file", "first", "last", "range", "reason", "until")

    def __init__(
        self, file: SourceFile, range: SourceRange, checks: tuple[str, ...], reason: str, until: str | None
    ) -> None:
        self.file = file
        self.range = range
        self.checks = checks
        self.reason = reason
        self.until = until
        self.first = self.last = range.line


def ignore_comments(file: SourceFile) -> tuple[list[IgnoreComment], list[Diagnostic]]:
    """The comments of a file that suppress something, each with its lines; warnings for those nobody can follow."""
    comments: list[IgnoreComment] = []
    diagnostics: list[Diagnostic] = []
    if MARK not in file.text:
        return comments, diagnostics
    extents: dict[int, int] | None = None
    for line, start in enumerate(file.line_starts, 1):
        text = file.line_text(line)
        match = _COMMENT.search(text) if MARK in text else None
        if match is None:
            continue
        range = SourceRange(file, start + match.start(), start + len(text))
        problem, comment = _read(file, range, match["text"])
        if comment is None:
            diagnostics.append(Diagnostic("warning", problem, range))
            continue
        if extents is None:
            extents = _extents(file)
        comment.first = line
        # Alone on its line, it speaks of what comes next.
        if not text[: match.start()].strip():
            comment.first = _next_line_of_code(file, line)
        comment.last = extents.get(comment.first, comment.first)
        comments.append(comment)
    return comments, diagnostics


def _read(file: SourceFile, range: SourceRange, text: str) -> tuple[str, IgnoreComment | None]:
    match = _IGNORE.match(text)
    if match is None:
        return f"this suppression is not understood and not applied; write {EXAMPLE}", None
    checks = tuple(name for name in (part.strip() for part in match["ids"].split(",")) if name)
    reason = (match["reason"] or "").replace('\\"', '"').strip()
    if not checks:
        return f"this suppression names no check and is not applied; write {EXAMPLE}", None
    if match["until"] and not is_date(match["until"]):
        return "this suppression is not applied: its end is no date; write until=2027-01-31", None
    return "", IgnoreComment(file, range, checks, reason, match["until"])


def _next_line_of_code(file: SourceFile, line: int) -> int:
    for number in range(line + 1, len(file.line_starts) + 1):
        if not _NO_CODE.match(file.line_text(number)):
            return number
    return line


def _extents(file: SourceFile) -> dict[int, int]:
    """First line → last line of the largest thing that begins there: a block, an attribute, an entry, an item."""
    extents: dict[int, int] = {}
    if file.path.endswith(_HCL_SUFFIXES):
        body, _ = parse_body(file)
        ranges = _hcl_ranges(body)
    else:
        try:
            ranges = _yaml_ranges(parse(file))
        except SyntaxFault:
            return extents
    for each in ranges:
        first, last = each.line, each.file.line_and_column(max(each.start, each.end - 1))[0]
        extents[first] = max(last, extents.get(first, last))
    return extents


def _hcl_ranges(body: Body) -> Iterator[SourceRange]:
    for attribute in body.attributes.values():
        yield attribute.range
    for block in body.blocks:
        yield block.range
        yield from _hcl_ranges(block.body)


def _yaml_ranges(root: Node) -> Iterator[SourceRange]:
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, MapNode):
            for key, value in node.entries:
                yield entry_range(key, value)
                stack.append(value)
        elif isinstance(node, ListNode):
            for item in node.items:
                yield item.range
                stack.append(item)
