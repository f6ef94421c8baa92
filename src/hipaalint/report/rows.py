"""Findings and diagnostics as plain data, with nothing in them that could harm a terminal or break a format.

The documented form of the JSON report; the other formats are made of it.
"""

from __future__ import annotations

import re
from typing import Any

from ..policy.finding import Finding
from ..source import Diagnostic, SourceRange
from .report import Report

Row = dict[str, Any]

# Control characters, line and paragraph separators, marks that turn the direction of text, lone surrogates.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

# A literal that is given to a name which ends as those of secrets do; references and dynamic references are none.
_NAME = r"(?:password|passwd|passphrase|secret(?:[_-]?(?:string|key|value))?|token|(?:private|api|access)[_-]?key)"
_REFERENCE = r"(?!arn:|\{\{resolve:)"
_SECRET = re.compile(
    rf"""(?ix)
    (?P<quoted> {_NAME} ["']? \s* [:=] \s* (?: "{_REFERENCE} (?: [^"\\$] | \\. )+ " | '{_REFERENCE} [^'$]+ ' ))
    | (?P<plain> {_NAME} : \s+ {_REFERENCE} (?! (?:true|false|null) \s* (?: [,}}\]\#] | $ ))
        [^\s"'{{}}\[\],!$*&\#|>] [^\s,}}\]]* )
    | (?P<given> \bsensitive\( \s* "(?: [^"\\$] | \\. )+ ")
    | (?P<script> {_NAME} = (?! var\. | local\. | data\. | module\. ) [^\s"'\\;&|$(){{}}<>,]{{4,}} )
    | (?P<id> (?<![A-Z0-9]) (?-i:AKIA|ASIA) [A-Z0-9]{{16}} (?![A-Z0-9]) )""",
)
_VALUE = re.compile(r"""(?P<before>(?:.*?[:=(]\s*)?)(?P<value>.*)""", re.DOTALL)
_CODE = re.compile(r"(?<=`)[^`]+(?=`)")


def without_secrets(code: str) -> str:
    """A line of a file, as long as before, with `*` for what is written where a secret belongs: `password = "***"`."""
    return _SECRET.sub(_masked, code)


def _masked(match: re.Match[str]) -> str:
    parts = _VALUE.fullmatch(match.group())
    assert parts is not None
    return parts["before"] + re.sub(r"[^\"']", "*", parts["value"])


def printable(text: str) -> str:
    """A text as reports may show it: harmful characters spelled out (`\\n`, `\\x1b`), secrets in quoted code masked."""
    if "`" in text:
        text = _CODE.sub(lambda match: without_secrets(match.group()), text)
    return _HARMFUL.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match.group()
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if short is not None:
        return short
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def place(range: SourceRange) -> tuple[int, int, int, int]:
    """Line, column, end line, end column (exclusive), 1-based, without blank text at the end."""
    end = range.start + len(range.text.rstrip())
    file = range.file
    return (*file.line_and_column(range.start), *file.line_and_column(end))


def result(finding: Finding) -> Row:
    """One element of `results`."""
    line, column, end_line, end_column = place(finding.range)
    suppressed = finding.suppressed
    return {
        "check": finding.check.id,
        "verdict": finding.verdict,
        "severity": finding.severity,
        "root": printable(finding.root.path),
        "deployment": printable(finding.root.deployment),
        "resource": printable(finding.address),
        "type": printable(finding.resource.type if finding.resource is not None else finding.check.resources[0]),
        "file": printable(finding.range.file.path),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "message": printable(finding.message),
        "note": None if finding.note is None else printable(finding.note),
        "when": None if finding.when is None else printable(finding.when),
        "reason": finding.reason,
        "controls": [link.id for link in finding.check.controls],
        "fingerprint": finding.fingerprint,
        "related": [
            {
                "file": printable(related.range.file.path),
                "line": related.range.line,
                "message": printable(related.message),
            }
            for related in finding.related
        ],
        "suppressed": None
        if suppressed is None
        else {"kind": suppressed.kind, "reason": printable(suppressed.reason), "until": suppressed.until},
    }


def diagnostic_row(diagnostic: Diagnostic) -> Row:
    """One element of `diagnostics`. `file` is null where no file is to blame."""
    return {
        "severity": diagnostic.severity,
        "file": None if diagnostic.path is None else printable(diagnostic.path),
        "line": diagnostic.line,
        "column": diagnostic.column,
        "message": printable(diagnostic.message),
    }


def summary(report: Report) -> Row:
    """The figures of a run; `exit_code` is what the gate decided, `errors` what could not be done."""
    return {
        "exit_code": report.exit_code,
        "date": report.date,
        "profile": report.profile,
        "fail_on": report.gate,
        "fail_on_unknown": report.fail_on_unknown,
        "checks": len(report.checks),
        "roots": len(report.roots),
        "resources": report.resource_count(),
        "judged": report.judged_count(),
        **report.counts(),
        "errors": report.error_count(),
        "not_judged": [printable(text) for text in report.not_judged()],
    }
