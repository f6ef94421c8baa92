"""Dates: formatdate, timeadd, timecmp over RFC 3339 texts. The functions that read a clock are in logic.py.

Part of functions/.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

from .function import Call, function

_TIME = r"(?a)(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})"
MAX_PATTERN = 10_000
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _parse(call: Call, parameter: str, text: str) -> tuple[datetime, Fraction]:
    """The time in whole seconds with its zone, and the fraction of a second."""
    match = re.fullmatch(_TIME, text)
    if match is None:
        reason = "missing required time introducer 'T'" if "T" not in text else f"cannot use {text[:60]!r}"
        call.bad(parameter, f"not a valid RFC3339 timestamp: {reason}.")
    zone = UTC
    if match[8] != "Z":
        hours, minutes = int(match[8][1:3]), int(match[8][4:6])
        if hours > 23 or minutes > 59:
            call.bad(parameter, "not a valid RFC3339 timestamp: bad time zone.")
        offset = timedelta(hours=hours, minutes=minutes)
        zone = timezone(-offset if match[8][0] == "-" else offset)
    try:
        time = datetime(*(int(match[group]) for group in range(1, 7)), tzinfo=zone)  # type: ignore[arg-type,misc]
    except ValueError as error:
        call.bad(parameter, f"not a valid RFC3339 timestamp: {error}.")
    return time, Fraction(int(match[7]), 10 ** len(match[7])) if match[7] and len(match[7]) < 100 else Fraction(0)


def _offset(time: datetime, colon: bool) -> str:
    seconds = int((time.utcoffset() or timedelta(0)).total_seconds())
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    return f"{sign}{minutes // 60:02d}{':' if colon else ''}{minutes % 60:02d}"


def _rfc3339(time: datetime) -> str:
    zone = _offset(time, True)
    return f"{time.year:04d}{time:-%m-%dT%H:%M:%S}{'Z' if zone == '+00:00' else zone}"


_UNITS = {
    "ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "µs": Fraction(1, 10**6), "μs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60), "h": Fraction(3600),
}  # fmt: skip
_PART = r"(?a)(\d+\.?\d*|\.\d+)([^\d.]*)"


def _duration(call: Call, text: str) -> Fraction:
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return Fraction(0)
    if not rest or len(rest) > 100:
        call.fail(f'time: invalid duration "{text[:60]}"')
    total = Fraction(0)
    position = 0
    while position < len(rest):
        match = re.match(_PART, rest[position:])
        if match is None:
            call.fail(f'time: invalid duration "{text}"')
        if not match[2]:
            call.fail(f'time: missing unit in duration "{text}"')
        if match[2] not in _UNITS:
            call.fail(f'time: unknown unit "{match[2]}" in duration "{text}"')
        total += Fraction(match[1]) * _UNITS[match[2]]
        position += match.end()
    if total >= Fraction(2**63, 10**9):
        call.fail(f'time: invalid duration "{text}"')
    return sign * total


@function("timeadd(timestamp: string, duration: string) -> string")
def _timeadd(call: Call, timestamp: str, duration: str) -> str:
    time, fraction = _parse(call, "timestamp", timestamp)
    seconds = (fraction + _duration(call, duration)).__floor__()
    try:
        return _rfc3339(time + timedelta(seconds=seconds))
    except OverflowError:
        call.fail("the result is out of range")


@function("timecmp(timestamp_a: string, timestamp_b: string) -> number")
def _timecmp(call: Call, a: str, b: str) -> int:
    first, second = _parse(call, "timestamp_a", a), _parse(call, "timestamp_b", b)
    return (first > second) - (first < second)


_VERBS = r"'|([a-zA-Z])\1*|[^a-zA-Z']+"


@function("formatdate(format: string, time: string) -> string")
def _formatdate(call: Call, pattern: str, text: str) -> str:
    time, _ = _parse(call, "time", text)
    if len(pattern) > MAX_PATTERN:
        call.bad("format", f"longer than the limit of {MAX_PATTERN:,} characters.")
    result: list[str] = []
    position = 0
    while position < len(pattern):
        match = re.compile(_VERBS).match(pattern, position)
        assert match is not None
        position = match.end()
        if match[0] == "'":
            literal, position = _literal(call, pattern, position)
            result.append(literal)
        elif match[1]:
            result.append(_verb(call, match[0], time))
        else:
            result.append(match[0])
    return "".join(result)


def _literal(call: Call, pattern: str, position: int) -> tuple[str, int]:
    """A text in single quotes, of which two stand for one; position is behind the first."""
    if pattern[position : position + 1] == "'":
        return "'", position + 1
    text = ""
    while True:
        end = pattern.find("'", position)
        if end < 0:
            call.bad("format", "unterminated literal '.")
        text += pattern[position:end]
        if pattern[end + 1 : end + 2] != "'":
            return text, end + 1
        text += "'"
        position = end + 2


_REQUIREMENTS = {
    "Y": 'year must either be "YY" or "YYYY"',
    "M": 'month must be "M", "MM", "MMM", or "MMMM"',
    "D": 'day of month must either be "D" or "DD"',
    "E": 'day of week must either be "EEE" or "EEEE"',
    "h": '24-hour must either be "h" or "hh"',
    "H": '12-hour must either be "H" or "HH"',
    "A": 'must be "AA"',
    "a": 'must be "aa"',
    "m": 'minute must either be "m" or "mm"',
    "s": 'second must either be "s" or "ss"',
    "Z": "timezone must be Z, ZZZZ, or ZZZZZ",
}


def _verb(call: Call, verb: str, time: datetime) -> str:
    twelve = (time.hour - 1) % 12 + 1
    offset = _offset(time, False)
    texts = {
        "YY": f"{time.year % 100:02d}", "YYYY": f"{time.year:04d}", "M": str(time.month), "MM": f"{time.month:02d}",
        "MMM": _MONTHS[time.month - 1][:3], "MMMM": _MONTHS[time.month - 1], "D": str(time.day),
        "DD": f"{time.day:02d}", "EEE": _DAYS[time.weekday()][:3], "EEEE": _DAYS[time.weekday()],
        "h": str(time.hour), "hh": f"{time.hour:02d}", "H": str(twelve), "HH": f"{twelve:02d}",
        "AA": "PM" if time.hour >= 12 else "AM", "aa": "pm" if time.hour >= 12 else "am", "m": str(time.minute),
        "mm": f"{time.minute:02d}", "s": str(time.second), "ss": f"{time.second:02d}",
        "Z": "Z" if offset == "+0000" else _offset(time, True), "ZZZ": "UTC" if offset == "+0000" else offset,
        "ZZZZ": offset, "ZZZZZ": _offset(time, True),
    }  # fmt: skip
    text = texts.get(verb)
    if text is None:
        requirement = _REQUIREMENTS.get(verb[0])
        call.bad("format", f'invalid date format verb "{verb}"{f": {requirement}" if requirement else ""}.')
    return text
