"""Secrets in plain text, and how long texts say that something lasts."""

from __future__ import annotations

import pytest

from hipaalint.expression.values import (
    COMPUTED,
    DATA_SOURCE,
    NO_VALUE,
    SECRET_REFERENCE,
    STRING,
    Absent,
    Known,
    Unknown,
    Value,
    known,
)
from hipaalint.expression.world import Input
from hipaalint.policy.secrets import duration_seconds, in_plain_text, mentions, schedule_days


def parameter(label: str, sensitive: bool = False) -> Unknown:
    unknown = Unknown(NO_VALUE, f"{label} has no value", STRING, True, sensitive=sensitive)
    Input(label, unknown, known)
    return unknown


def looked_up(reference: str, reason: str = SECRET_REFERENCE) -> Unknown:
    return Unknown(reason, f"`{reference}` is looked up", STRING, True, sources=(known(reference),))


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (known("hunter2"), True),
        (known(1234), True),
        (known(""), False),
        (known(None), False),
        (Absent("Password"), False),
        (known("{{resolve:secretsmanager:x}}"), False),
        (looked_up("{{resolve:secretsmanager:x}}"), False),
        (looked_up("{{resolve:ssm-secure:x}}"), False),
        (looked_up("{{resolve:ssm:x}}", DATA_SOURCE), True),
        (parameter("Password", sensitive=True), False),
        (parameter("Password"), True),
        (parameter("var.password"), False),
        (Unknown(COMPUTED, "random_password.x.result is known after apply", STRING, True), False),
        (Unknown(NO_VALUE, "", STRING, True, ("x", None), sources=(parameter("Shown"),)), True),
        (Unknown(NO_VALUE, "", STRING, True, (None, None), sources=(parameter("A"), parameter("B", True))), False),
        (Unknown(NO_VALUE, "", STRING, True, (None, None), sources=(parameter("A"), looked_up("x"))), False),
    ],
)
def test_plain_text(value: Value, plain: bool) -> None:
    assert in_plain_text(value).holds is plain


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT1H", 3600), ("PT4H30M", 16200), ("PT90S", 90), ("P1D", 86400), ("P1W", 604800), ("P", None), ("4h", None)],
)
def test_durations(text: str, seconds: int | None) -> None:
    found = duration_seconds(known(text))
    assert (found.data if isinstance(found, Known) else None) == seconds


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("rate(10 days)", 10),
        ("rate(1 day)", 1),
        ("rate(4 hours)", 1),
        ("rate(25 hours)", 2),
        ("cron(0 8 * * ? *)", 1),
        ("cron(0 8 ? * MON *)", 7),
        ("cron(0 8 ? * 2#1 *)", 35),
        ("cron(0 16 1,15 * ? *)", 31),
        ("cron(0 0 1/10 * ? *)", 10),
        ("cron(0 0 1 1/3 ? *)", 93),
        ("cron(0 0 1 1,7 ? *)", 186),
        ("cron(0 0 1 1 ? *)", 372),
        ("cron(0 0 1 JAN ? *)", None),
        ("cron(0 0 1 * ? 2027)", None),
        ("daily", None),
    ],
)
def test_schedules(text: str, days: int | None) -> None:
    found = schedule_days(known(text))
    assert (found.data if isinstance(found, Known) else None) == days


def test_what_is_not_known_stays_unknown() -> None:
    unknown = parameter("var.x")
    assert isinstance(duration_seconds(unknown), Unknown)
    assert isinstance(schedule_days(unknown), Unknown)


def test_words_in_texts() -> None:
    assert mentions(known(["key of the Enclave"]), known("enclave")).holds is True
    assert mentions(known([Unknown(NO_VALUE, "", STRING, True, (None, " key"))]), known("enclave")).holds is False
    assert mentions(Absent("Description"), known("enclave")).holds is False
