"""The report for a person: each finding with the lines that decided it, why it matters and how to repair it.

Read on a terminal or in the log of a hook.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from ..policy.finding import NOT_APPLICABLE, PASS, Finding
from ..source import Diagnostic
from .excerpt import ExcerptLine, excerpt, opening
from .groups import addresses, same_place
from .report import CONDITIONAL, Report, kind
from .rows import printable

WIDTH = 110  # of running text; fixed, so that the same report has the same bytes on every terminal
ADDRESSES = 8  # of a group that are named
NOT_LOADED = 10  # of what was not judged that is named
COLORS = {
    "fail": "1;31",
    CONDITIONAL: "1;33",
    "unknown": "1;33",
    "pass": "32",
    "not_applicable": "2",
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "gutter": "34",
    "heading": "1",
}


class _Paint:
    """Colours a text for a terminal, or leaves it alone."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, name: str, text: str) -> str:
        return f"\x1b[{COLORS[name]}m{text}\x1b[0m" if self.color and text else text


def render(report: Report, color: bool = False) -> str:
    """Findings grouped by file and resource, then diagnostics, then the closing lines."""
    paint = _Paint(color)
    lines: list[str] = []
    heading = ""
    live = [finding for finding in report.shown if finding.suppressed is None]
    for group in sorted(same_place(live), key=_reading_order):
        first = group[0]
        names = addresses(group)
        more = f" (and {len(names) - 1} more like it)" if len(names) > 1 else ""
        own = first.resource.header.file.path if first.resource is not None else first.range.file.path
        title = printable(f"{own}: {names[0]}{more}")
        if title != heading:
            lines += [paint("heading", title), ""]
            heading = title
        if first.verdict in (PASS, NOT_APPLICABLE):
            lines += [*_settled(group, paint), ""]
        else:
            lines += [*_finding(group, names, paint), ""]
    for diagnostic in report.diagnostics:
        lines += _diagnostic(diagnostic, paint)
    if report.diagnostics:
        lines.append("")
    lines += closing(report)
    return "\n".join(lines) + "\n"


def closing(report: Report) -> list[str]:
    """What was judged, what came out, and what was not judged and why."""
    counts = report.counts()
    parts = [
        _count(report.resource_count(), "resource"),
        f"{report.judged_count()} judged by {_count(len(report.checks), 'check')}",
        f"{counts['fail']} fail",
        f"{counts[CONDITIONAL]} conditional",
        f"{counts['unknown']} unknown",
        f"{counts['suppressed']} suppressed",
    ]
    lines = [" · ".join(parts)]
    if counts["unknown"] > sum(1 for finding in report.shown if kind(finding) == "unknown"):
        lines.append("Not shown: unknown (--include unknown shows them)")
    missing = report.not_judged()
    if missing:
        lines.append(f"Not judged, since not loaded: {len(missing)}")
        lines += [f"  {printable(text)}" for text in missing[:NOT_LOADED]]
        if len(missing) > NOT_LOADED:
            lines.append(f"  … and {len(missing) - NOT_LOADED} more")
    errors = report.error_count()
    if errors:
        lines.append(f"Not everything could be done: {_count(errors, 'error')} above")
    return lines


def _reading_order(group: list[Finding]) -> tuple[object, ...]:
    first = group[0]
    if first.resource is None:
        return (first.range.file.path, 0, "", first.range.start, first.check.id)
    header = first.resource.header
    return (header.file.path, header.start, first.address, first.range.start, first.check.id)


def _finding(group: list[Finding], names: list[str], paint: _Paint) -> Iterable[str]:
    first = group[0]
    name = kind(first)
    tag = paint(name, f"{name}[{first.check.id}]")
    yield f"{tag} {first.severity}: {printable(first.message)}"
    lines = [] if first.sensitive else excerpt(first.range, opening(first))
    yield from _excerpt(lines, first.range.file.path, first.range.line, first.range.column, paint)
    gutter = paint("gutter", "   =")
    for related in first.related:
        where = f"{related.range.file.path}:{related.range.line}"
        yield f"{gutter} {printable(related.message)}: {printable(where)}"
    if first.when is not None:
        yield f"{gutter} {printable(first.when)}"
    if first.note is not None:
        yield from _wrapped("note", first.note, gutter)
    if len(names) > 1:
        rest = names[1 : 1 + ADDRESSES]
        more = len(names) - 1 - len(rest)
        yield from _wrapped("also", ", ".join(rest) + (f" and {more} more" if more else ""), gutter)
    if first.check.controls:
        yield from _wrapped("controls", ", ".join(link.id for link in first.check.controls), gutter)
    if first.check.remediation:
        yield from _wrapped("repair", first.check.remediation, gutter)


def _settled(group: list[Finding], paint: _Paint) -> Iterable[str]:
    for finding in group:
        note = f" ({printable(finding.note)})" if finding.note else ""
        where = printable(f"{finding.range.file.path}:{finding.range.line}")
        tag = paint(finding.verdict, f"{finding.verdict}[{finding.check.id}]")
        yield f"{tag} {printable(finding.address)}: {where}{note}"


def _diagnostic(diagnostic: Diagnostic, paint: _Paint) -> Iterable[str]:
    tag = paint(diagnostic.severity, diagnostic.severity)
    if diagnostic.range is None:
        where = f"{printable(diagnostic.path)}: " if diagnostic.path else ""
        yield f"{tag}: {where}{printable(diagnostic.message)}"
        return
    yield f"{tag}: {printable(diagnostic.message)}"
    lines = excerpt(diagnostic.range)[:1]
    yield from _excerpt(lines, diagnostic.range.file.path, diagnostic.line, diagnostic.column, paint)


def _excerpt(lines: list[ExcerptLine], path: str, line: int, column: int, paint: _Paint) -> Iterable[str]:
    digits = max((len(str(each.number)) for each in lines if each.number is not None), default=1)
    yield f"{paint('gutter', ' ' * digits + ' -->')} {printable(path)}:{line}:{column}"
    for each in lines:
        if each.number is None:
            yield paint("gutter", " " * (digits + 1) + "…")
            continue
        number = paint("gutter", f" {each.number:>{digits}} |")
        yield f"{number} {each.text}".rstrip()
        if each.mark_width:
            gutter = paint("gutter", " " * (digits + 1) + " |")
            yield f"{gutter} {' ' * each.mark}{paint('fail', '^' * each.mark_width)}"


def _wrapped(label: str, text: str, gutter: str) -> Iterable[str]:
    words = printable(" ".join(text.split()))
    lines = textwrap.wrap(f"{label}: {words}", WIDTH, break_long_words=False, break_on_hyphens=False) or [label]
    yield f"{gutter} {lines[0]}"
    for line in lines[1:]:
        yield f"     {line}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
