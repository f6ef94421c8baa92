"""Which resource a text names when a part of the text is unknown."""

from __future__ import annotations

import pytest

from hipaalint.expression.values import NO_VALUE, STRING, Known, Unknown, Value, known
from hipaalint.expression.world import Input
from hipaalint.model.matching import _names_in, _whole_step, signature
from hipaalint.source import SourceFile, SourceRange


def variable(name: str) -> Unknown:
    value = Unknown(NO_VALUE, f"{name} has no value", STRING)
    value.input = Input(name, value, lambda constant: known(constant))
    return value


def made_of(text: str, parts: tuple[str | None, ...] | None, *sources: Value) -> Unknown:
    file = SourceFile("main.tf", text)
    return Unknown(NO_VALUE, "", STRING, True, parts, range=SourceRange(file, 0, len(text)), sources=sources)


NAME, REGION = variable("name"), variable("region")


def test_an_input_is_itself_wherever_it_is_written() -> None:
    assert signature(NAME) == signature(NAME.copy()) is not None
    assert signature(NAME) != signature(REGION)
    copied = NAME.copy()
    copied.sources = (NAME,)
    assert signature(copied) == signature(NAME)


def test_a_text_is_equal_by_pieces_inputs_and_expression() -> None:
    first = made_of('"${var.name}-logs"', (None, "-logs"), NAME)
    assert signature(first) == signature(made_of('"${var.name}-logs"', (None, "-logs"), NAME))
    assert signature(first) == signature(made_of('bucket = "${var.name}-logs"', (None, "-logs"), NAME))
    assert signature(first) != signature(made_of('"${var.name}-data"', (None, "-data"), NAME))
    assert signature(first) != signature(made_of('"${var.name}-logs"', (None, "-logs"), REGION))
    assert signature(made_of("lower(var.name)", (None,), NAME)) != signature(made_of("upper(var.name)", (None,), NAME))
    copied = made_of("local.bucket", (None, "-logs"), first)
    assert signature(copied) == signature(first)


def test_what_comes_from_nowhere_equals_nothing() -> None:
    assert signature(made_of("uuid()", (None,))) is None
    assert signature(made_of('"${uuid()}-logs"', (None, "-logs"), made_of("uuid()", None))) is None
    assert signature(made_of('"${var.name}-${1}"', (None, "-1"), NAME, Known(1, "number"))) is not None


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("table/", None), True),
        (("table/", None, "/index/by-date"), True),
        (("arn:aws:s3:::", None), True),
        ((None,), True),
        ((None, "-logs"), False),
        (("logs-", None), False),
        (("table/", None, "/index/", None), False),
        (("arn:aws:apigateway:", None, "::/restapis/", None, "/stages/", None), True),
        (("arn:aws:s3:::", None, "-", None), False),
        (("arn:aws:s3:::", None, None), False),
        (("table",), False),
        (None, False),
    ],
)
def test_a_hole_that_is_a_whole_step(parts: tuple[str | None, ...] | None, whole: bool) -> None:
    assert _whole_step(parts) is whole


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("records", ["records"]),
        ("/aws/lambda/records", ["/aws/lambda/records"]),
        ("arn:aws:s3:::records", ["arn:aws:s3:::records", "records"]),
        ("table/records/index/by-date", ["table/records/index/by-date", "by-date", "table", "records", "index"]),
        (
            "arn:aws:dynamodb:us-east-1:1:table/records",
            ["arn:aws:dynamodb:us-east-1:1:table/records", "records", "table"],
        ),
    ],
)
def test_what_a_text_may_name(text: str, names: list[str]) -> None:
    assert _names_in(text) == names
