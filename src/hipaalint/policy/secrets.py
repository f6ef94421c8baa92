"""What texts give away: secrets in them, words that mark something, how long they say that something lasts.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..expression.values import NUMBER, SECRET_REFERENCE, STRING, UNRESOLVED, Known, Unknown, Value
from .decisions import Decision, any_of, domain_function, elements, nothing, pieces, text

_LOOKED_UP = re.compile(r"\{\{resolve:(?:secretsmanager|ssm-secure):")
_PLAIN_PARAMETER = "{{resolve:ssm:"
_ISO_8601 = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_RATE = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)")
_CRON = re.compile(r"cron\(\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*\)")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_SECONDS = (7 * 86400, 86400, 3600, 60, 1)


@domain_function("in_plain_text", 1, 1)
def in_plain_text(value: Value) -> Decision:
    """Whether a secret can be read in the text: a literal, a default, or a parameter that the console shows.

    References to a secret store, values of other resources and variables without default are none.
    """
    if nothing(value) or text(value) == "":
        return Decision(False, value)
    if isinstance(value, Known):
        return Decision(text(value) is not None and not _LOOKED_UP.search(str(text(value))), value)
    leaves = list(_leaves(value, set()))
    # A text that is put together is as secret as its most secret piece.
    return Decision(not any(map(_hidden, leaves)) and any(map(_shown, leaves)), value)


def _leaves(value: Value, seen: set[int]) -> Iterator[Value]:
    """What a value was made from, down to inputs, references and literals."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if value.sources and value.input is None and not (isinstance(value, Unknown) and value.reason == SECRET_REFERENCE):
        for source in value.sources:
            yield from _leaves(source, seen)
    else:
        yield value


def _hidden(leaf: Value) -> bool:
    return leaf.sensitive or (isinstance(leaf, Unknown) and leaf.reason == SECRET_REFERENCE)


def _shown(leaf: Value) -> bool:
    """Whether it is a parameter, of a template or of Systems Manager, that is shown in plain text."""
    if isinstance(leaf, Known):
        return leaf.kind == STRING and _PLAIN_PARAMETER in str(leaf.data)
    return leaf.input is not None and not leaf.input.label.startswith(("var.", "local."))


@domain_function("mentions", 2, 2)
def mentions(texts: Value, word: Value) -> Decision:
    """Whether a word stands in one of the texts as they are written, without regard to capitals; holes say nothing."""
    wanted = (text(word) or "").lower()
    found = (
        Decision(any(wanted in piece.lower() for piece in pieces(item) if piece is not None), item)
        for item in elements(texts)
    )
    return any_of(found, texts)


@domain_function("duration_seconds", 1, 1)
def duration_seconds(value: Value) -> Value:
    """The length of an ISO 8601 duration such as `PT4H30M` in seconds."""
    written = text(value)
    found = _ISO_8601.fullmatch(written or "")
    if found is None or not any(found.groups()):
        detail = "this is no duration such as PT1H" if written is not None else ""
        if isinstance(value, Unknown):
            return Unknown(value.reason, value.detail, NUMBER, True, range=value.range, sources=(value,), input=None)
        return Unknown(UNRESOLVED, detail, NUMBER, True, range=value.range, sources=(value,))
    length = sum(int(number) * unit for number, unit in zip(found.groups(), _SECONDS, strict=True) if number)
    return Known(length, NUMBER, value.range, (value,))


@domain_function("schedule_days", 1, 1)
def schedule_days(value: Value) -> Value:
    """The longest time between two runs of a `rate(…)` or `cron(…)` in days, rounded up."""
    written = text(value)
    days = None if written is None else _days(written.strip())
    if days is None:
        detail = value.detail if isinstance(value, Unknown) else "how often this schedule runs cannot be told"
        reason = value.reason if isinstance(value, Unknown) else UNRESOLVED
        return Unknown(reason, detail, NUMBER, True, range=value.range, sources=(value,))
    return Known(days, NUMBER, value.range, (value,))


def _days(schedule: str) -> int | None:
    rate = _RATE.fullmatch(schedule)
    if rate is not None:
        return -(-int(rate[1]) // {"minute": 1440, "hour": 24, "day": 1}[rate[2]])
    cron = _CRON.fullmatch(schedule)
    if cron is None or cron[6] != "*":
        return None
    _minute, _hour, day, month, weekday, _year = cron.groups()
    step = re.fullmatch(r"(?:\*|1)/(\d+)", month)
    months = int(step[1]) if step else 1 if month == "*" else _months_between(month)
    if months is None:
        return None
    if months > 1:
        return months * 31
    if weekday not in ("*", "?"):
        return 35 if "#" in weekday or "L" in weekday else _between_weekdays(weekday)
    if day in ("*", "?"):
        return 1
    every = re.fullmatch(r"(?:\*|1)/(\d+)", day)
    return int(every[1]) if every else 31


def _between_weekdays(text: str) -> int:
    """The longest gap between the weekdays of a list such as `MON-FRI` or `1,4`; a week where they cannot be told."""
    days: set[int] = set()
    for part in text.upper().split(","):
        first, _, last = part.partition("-")
        ends = [_weekday(end) for end in (first, last or first)]
        if None in ends:
            return 7
        start, end = (int(day) for day in ends if day is not None)
        days.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))
    ordered = sorted(days)
    return max((later - earlier) % 7 or 7 for earlier, later in zip(ordered, [*ordered[1:], ordered[0]], strict=True))


def _weekday(text: str) -> int | None:
    if text in _WEEKDAYS:
        return _WEEKDAYS.index(text)
    return int(text) - 1 if text in ("1", "2", "3", "4", "5", "6", "7") else None


def _months_between(text: str) -> int | None:
    """The longest gap between the months of a list such as `1,4,7,10`."""
    if not re.fullmatch(r"\d{1,2}(?:,\d{1,2})*", text):
        return None
    months = sorted({int(month) for month in text.split(",")})
    return max((later - earlier) % 12 or 12 for earlier, later in zip(months, [*months[1:], months[0]], strict=True))
