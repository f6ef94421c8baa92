"""Type constraints, conversions to them, the type that several types become, equality."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hipaalint.expression.convert import (
    convert,
    equal,
    number_text,
    parse_number,
    rounded,
    set_order,
    to_bool,
    to_number,
    to_string,
)
from hipaalint.expression.evaluator import evaluate
from hipaalint.expression.scope import Scope
from hipaalint.expression.types import describe, parse_type, spell, type_of, unify
from hipaalint.expression.values import (
    BOOL,
    DYNAMIC,
    GIVEN,
    NULL,
    NUMBER,
    STRING,
    Absent,
    EvaluationError,
    Known,
    Namespace,
    Type,
    Unknown,
    known,
    plain,
)
from hipaalint.expression.world import Input, World
from hipaalint.source import SourceFile, SourceRange
from hipaalint.syntax.hcl import parse_expression

ROWS = [
    json.loads(line, parse_float=Decimal)
    for line in (Path(__file__).parents[2] / "data" / "conversions.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]


def written(text: str) -> Any:
    return evaluate(parse_expression(text), Scope(World(), {}))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['type']} <- {row['value']}")
def test_converts_as_terraform_does(row: dict[str, Any]) -> None:
    """A variable of that type with that default, as Terraform sees it."""
    if row.get("error"):
        with pytest.raises(EvaluationError):
            convert(written(row["value"]), *parse_type(parse_expression(row["type"])))
    else:
        value = convert(written(row["value"]), *parse_type(parse_expression(row["type"])))
        assert json.dumps(plain(value), default=str, sort_keys=True) == json.dumps(
            row["result"], default=str, sort_keys=True
        )


@pytest.mark.parametrize(
    ("text", "spelled", "described"),
    [
        ("string", "string", "string"),
        ("any", "any", "any type"),
        ("list(any)", "list(any)", "list of any single type"),
        ("map(list(bool))", "map(list(bool))", "map of list of bool"),
        ("tuple([string, number])", "tuple([string, number])", "tuple"),
        ('object({b = number, a = optional(string, "x")})', "object({a = optional(string), b = number})", "object"),
        ('"list"', "list(any)", "list of any single type"),
        ('"string"', "string", "string"),
    ],
)
def test_reads_and_spells_types(text: str, spelled: str, described: str) -> None:
    type, _ = parse_type(parse_expression(text))
    assert (spell(type), describe(type)) == (spelled, described)


def test_errors_of_types_name_their_place() -> None:
    with pytest.raises(EvaluationError) as caught:
        parse_type(parse_expression("list(foo)"))
    assert caught.value.range is not None
    assert caught.value.range.text == "foo"


LIST_S, LIST_N, MAP_S = ("list", STRING), ("list", NUMBER), ("map", STRING)


@pytest.mark.parametrize(
    ("types", "unified"),
    [
        ([], DYNAMIC),
        ([STRING, STRING], STRING),
        ([NUMBER, STRING], STRING),
        ([BOOL, STRING], STRING),
        ([BOOL, NUMBER], None),
        ([NUMBER, DYNAMIC], NUMBER),
        ([DYNAMIC, DYNAMIC], DYNAMIC),
        ([LIST_N, LIST_S], LIST_S),
        ([LIST_N, DYNAMIC], DYNAMIC),
        ([LIST_N, ("tuple", (STRING, BOOL))], LIST_S),
        ([("set", STRING), ("tuple", (NUMBER,))], ("set", STRING)),
        ([("tuple", (NUMBER,)), ("tuple", (STRING,))], ("tuple", (STRING,))),
        ([("tuple", (NUMBER,)), ("tuple", (STRING, BOOL))], LIST_S),
        ([("tuple", ()), ("object", ())], None),
        ([MAP_S, ("object", (("a", NUMBER, False),))], MAP_S),
        (
            [("object", (("a", NUMBER, False),)), ("object", (("a", STRING, False),))],
            ("object", (("a", STRING, False),)),
        ),
        ([("object", (("a", NUMBER, False),)), ("object", (("b", STRING, False),))], MAP_S),
        ([LIST_S, STRING], None),
        ([LIST_S, ("set", STRING)], LIST_S),
    ],
)
def test_unifies(types: list[Type], unified: Type | None) -> None:
    assert unify(types) == unified
    assert unify(types[::-1]) == unified


def test_knows_the_types_of_values() -> None:
    assert type_of(known([1, {"a": None}])) == ("tuple", (NUMBER, ("object", (("a", DYNAMIC, False),))))
    assert type_of(convert(known([]), LIST_S)) == LIST_S
    assert type_of(to_string(known(None))) == STRING
    assert type_of(Unknown(GIVEN, type=MAP_S)) == MAP_S
    assert type_of(Known([known(1), known("a")], "list")) == LIST_S
    assert type_of(Absent("x")) == DYNAMIC


def test_conversions_carry_over_where_a_value_comes_from() -> None:
    place = SourceRange(SourceFile("f", "5"), 0, 1)
    source = known("before")
    resource = object()
    value = Known(5, NUMBER, place, (source,), ((resource, "id"),), True)
    unknown = Unknown(GIVEN, "given", STRING)
    value.input = Input("var.x", unknown, known)
    converted = to_string(value)
    assert isinstance(converted, Known)
    assert (converted.data, converted.kind) == ("5", STRING)
    assert (converted.range, converted.sources, converted.references) == (place, (source,), ((resource, "id"),))
    assert (converted.sensitive, converted.input) == (True, value.input)
    assert to_number(value) is value


def test_unknown_values_get_the_type_and_keep_the_rest() -> None:
    unknown = Unknown(GIVEN, "given", DYNAMIC, True, ("a", None))
    text = to_string(unknown)
    assert isinstance(text, Unknown)
    assert (text.type, text.not_null, text.parts) == (STRING, True, ("a", None))
    number = to_number(unknown)
    assert isinstance(number, Unknown)
    assert (number.type, number.parts) == (NUMBER, None)
    items = convert(Unknown(GIVEN, "", LIST_S, False, None, (2, 3)), ("set", STRING))
    assert isinstance(items, Unknown)
    assert (items.type, items.length) == (("set", STRING), (1, 3))
    with pytest.raises(EvaluationError):
        to_number(Unknown(GIVEN, "", LIST_S))
    with pytest.raises(EvaluationError):
        convert(Unknown(GIVEN, "", STRING), LIST_S)


def test_null_and_absent() -> None:
    for convert_to in (to_string, to_number, to_bool):
        null = convert_to(known(None))
        assert isinstance(null, Known)
        assert null.kind == NULL
        absent = convert_to(Absent("x"))
        assert isinstance(absent, Known)
        assert absent.kind == NULL
    default = to_string(Absent("x", known(7)))
    assert isinstance(default, Known)
    assert default.data == "7"


def test_elements_that_need_no_conversion_stay_the_same_values() -> None:
    a, b = known("a"), known(1)
    value = convert(known([a, b]), LIST_S)
    assert isinstance(value, Known)
    assert value.data[0] is a
    assert value.data[1].data == "1"
    assert convert(value, LIST_S) is value
    structure = known({"x": [a]})
    assert convert(structure, ("object", (("x", ("tuple", (STRING,)), False),))) is structure


def test_objects_read_on_demand_are_converted_whole() -> None:
    lazy = Namespace(lambda name, range: known(1), lambda: ["a", "b"])
    assert plain(convert(lazy, MAP_S)) == {"a": "1", "b": "1"}
    with pytest.raises(EvaluationError):
        to_string(lazy)


def test_errors_name_the_element() -> None:
    with pytest.raises(EvaluationError, match="element 1"):
        convert(known([1, "x"]), LIST_N)
    with pytest.raises(EvaluationError, match='element "b"'):
        convert(known({"b": []}), MAP_S)
    with pytest.raises(EvaluationError, match='"a" is required'):
        convert(known({}), ("object", (("a", STRING, False),)))


U = Unknown(GIVEN, "given")
NOT_NULL = Unknown(GIVEN, "given", STRING, True)


def text(*parts: str | None) -> Unknown:
    return Unknown(GIVEN, "given", STRING, True, parts)


EQUALITY: list[tuple[Any, Any, bool | None]] = [
    (known(1), known(1), True),
    (known(1), known("1"), False),
    (known(True), known(1), False),
    (known(None), known(None), True),
    (known(None), known(""), False),
    (known([1]), convert(known([1]), LIST_N), False),
    (known({"a": 1}), known({"a": 1}), True),
    (known({"a": 1}), known({"b": 1}), False),
    (known([1, 2]), known([1]), False),
    (convert(known(["a"]), ("set", STRING)), convert(known(["a"]), ("set", STRING)), True),
    (convert(known([]), LIST_N), convert(known([]), LIST_S), False),
    (U, known(1), None),
    (U, known(None), None),
    (NOT_NULL, known(None), False),
    (NOT_NULL, known("a"), None),
    (NOT_NULL, known(1), False),
    (text("a", None), known("b"), False),
    (text("a", None), known("ab"), None),
    (text(None, "b"), known("ba"), False),
    (text("a", None, "a"), known("a"), False),
    (text("a", None, "a"), known("aa"), None),
    (text(None, "x", None), known("abc"), False),
    (text(None, "x", None), known("axc"), None),
    (text("a", None, "x", None, "b"), known("axb"), None),
    (text("ax", None, "x", None, "b"), known("axb"), False),
    (text("a", None), text("b", None), False),
    (text("a", None), text("ab", None), None),
    (text(None, "a"), text(None, "b"), False),
    (NOT_NULL, Unknown(GIVEN, type=NUMBER), False),
    (known([1, U]), known([2, 3]), False),
    (known([1, U]), known([1, 3]), None),
    (known({"a": U}), known({"b": 1}), False),
    (known({"a": text("x", None)}), known({"a": "y"}), False),
    (Unknown(GIVEN, type=LIST_S, length=(2, 3)), convert(known(["a"]), LIST_S), False),
    (Unknown(GIVEN, type=LIST_S, length=(0, 3)), convert(known(["a"]), LIST_S), None),
    (Unknown(GIVEN, type=LIST_S), known(["a"]), False),
    (convert(known([text("x", None)]), ("set", STRING)), convert(known(["a"]), ("set", STRING)), False),
    (convert(known([U]), ("set", STRING)), convert(known(["a"]), ("set", STRING)), None),
    (Absent("x"), known(None), True),
    (Absent("x"), known(1), None),
    (Absent("x"), Absent("y"), True),
    (Absent("x", known(1)), known(1), True),
    (Absent("x", known(1)), known(2), False),
    (Namespace(lambda name, range: known(1), lambda: ["a"]), known({"a": 1}), True),
]


@pytest.mark.parametrize(("a", "b", "same"), EQUALITY)
def test_equality(a: Any, b: Any, same: bool | None) -> None:
    assert equal(a, b) is same
    assert equal(b, a) is same


def test_orders_sets_as_terraform_does() -> None:
    assert [plain(v) for v in set_order([known("b"), known("É"), known("a"), known("Z")])] == ["Z", "a", "b", "É"]
    assert [plain(v) for v in set_order([known(None), known(10), known(9)])] == [9, 10, None]
    mixed = set_order([U, known("b"), known("a")])
    assert mixed[-1] is U


@pytest.mark.parametrize(
    ("written_as", "data"),
    [
        ("1", 1),
        ("-1.50", Decimal("-1.5")),
        ("1e3", 1000),
        (".5", Decimal("0.5")),
        ("5.", 5),
        ("+2", 2),
        ("1E-2", Decimal("0.01")),
    ],
)
def test_reads_numbers(written_as: str, data: object) -> None:
    assert parse_number(written_as) == data


@pytest.mark.parametrize("text", ["", " 1", "0x1", "1_0", "inf", "NaN", "1e", "e1", ".", "٣", "1e99999", "9" * 5000])
def test_refuses_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None


def test_writes_and_rounds_numbers() -> None:
    assert number_text(Decimal("1E+3")) == "1000"
    assert number_text(Decimal("0.10")) == "0.1"
    assert number_text(Decimal("0")) == "0"
    third = rounded(Fraction(1, 3))
    assert str(third).endswith("3335")
    assert rounded(Fraction(third) * 3) == 1
    assert rounded(Fraction(5, 2)) == Decimal("2.5")
    with pytest.raises(EvaluationError):
        rounded(Fraction(10**20000))
