"""What is known of a result when arguments are unknown: values, types, pieces of texts, sizes, where they come from."""

from __future__ import annotations

from typing import Any

import pytest

from hipaalint import UNKNOWN, ExpressionError, evaluate
from hipaalint.expression.equality import equal
from hipaalint.expression.evaluator import evaluate as evaluate_expression
from hipaalint.expression.functions import TERRAFORM_FUNCTIONS
from hipaalint.expression.functions.function import CallContext
from hipaalint.expression.scope import Scope
from hipaalint.expression.values import (
    DYNAMIC,
    GIVEN,
    IMPURE,
    NUMBER,
    STRING,
    EvaluationError,
    Known,
    Type,
    Unknown,
    Value,
    all_references,
    known,
    plain,
    walk,
)
from hipaalint.expression.world import Input, Part, World
from hipaalint.source import SourceRange
from hipaalint.syntax.hcl import parse_expression

U = UNKNOWN

# (expression, result), with u = UNKNOWN
ROWS: list[tuple[str, object]] = [
    ("length([u, u])", 2),
    ("length({a = u})", 1),
    ("can(tonumber(u))", U),
    ("can(u + 1)", U),
    ("can([u])", True),
    ('try(tonumber(u), "x")', U),
    ("u || [][0]", U),
    ("u ? [][0] : 1", U),
    ("u ? [] : [1]", U),
    ("length(u)", U),
    ('length(split("/", "a/b/${u}"))', U),
    ("length(range(3))", 3),
    ('length(sort(["b", u]))', 2),
    ('contains(["a", u], "a")', True),
    ('contains(["b", u], "a")', U),
    ('contains(["b", "c"], "x${u}")', False),
    ('contains(["b", "xc"], "x${u}")', U),
    ('contains(u, "a")', U),
    ("contains([], u)", False),
    ("alltrue([u, false])", False),
    ("alltrue([u, true])", U),
    ("anytrue([u, true])", True),
    ("anytrue([u, false])", U),
    ("anytrue(u)", U),
    ("keys({a = u, b = u})", ["a", "b"]),
    ("values({a = u, b = 1})", [U, 1]),
    ('lookup({a = u}, "a", 1)', U),
    ('lookup({a = u}, "b", 1)', 1),
    ("lookup({a = 1}, u, 1)", U),
    ("lookup({}, u, 1)", 1),
    ("lookup({}, u)", U),
    ("merge({a = u}, {b = 1})", {"a": U, "b": 1}),
    ("merge({a = u}, {a = 1})", {"a": 1}),
    ("merge(u, {a = 1})", U),
    ("concat([u], [1])", [U, 1]),
    ("concat(u, [1])", U),
    ('flatten([["a", [1, "${u}x"]]])', ["a", 1, U]),
    ("flatten([u])", U),
    ("element([1, u], 0)", 1),
    ("element([1, u], 1)", U),
    ("element([1, 2], u)", U),
    ('index(["a", u], "a")', 0),
    ('index([u, "a"], "a")', U),
    ("reverse([1, u])", [U, 1]),
    ("slice([1, u, 2], 0, 2)", [1, U]),
    ("distinct([1, u])", U),
    ('sort(["b", "x${u}"])', [U, U]),
    ('compact(["a", "", "x${u}"])', ["a", U]),
    ('compact(["a", u])', U),
    ('chunklist(["a", u, "b"], 2)', [["a", U], ["b"]]),
    ('coalesce(null, "a", u)', "a"),
    ('coalesce(u, "a")', U),
    ('coalesce("x${u}", "a")', U),
    ("coalescelist([], [u])", [U]),
    ("one([u])", U),
    ("one([])", None),
    ("zipmap([u], [1])", U),
    ('zipmap(["a"], [u])', {"a": U}),
    ("setunion([1], [u])", [1, U]),
    ('setintersection(["a"], [])', []),
    ('setintersection(["a", "b"], ["x${u}"])', []),
    ('setintersection(["xa"], ["x${u}"])', U),
    ('setsubtract(["a", "b"], ["x${u}", "b"])', ["a"]),
    ('setsubtract(["a"], [u])', U),
    ("setproduct([u], [1])", [[U, 1]]),
    ("setproduct([], u)", []),
    ('matchkeys(["a", "b"], ["x", "y"], ["z${u}"])', []),
    ('matchkeys(["a", "b"], ["x", "y"], [u])', U),
    ("transpose({a = [u]})", U),
    ("sum([1, u])", U),
    ("max(1, u)", U),
    ("range(u)", U),
    ('upper("a${u}")', U),
    ('join(",", ["a", u])', U),
    ('split(",", "a,${u}")', U),
    ('startswith("abc${u}", "ab")', True),
    ('startswith("abc${u}", "x")', False),
    ('startswith("ab${u}", "abc")', U),
    ('startswith(u, "")', True),
    ('endswith("${u}abc", "bc")', True),
    ('endswith("${u}abc", "x")', False),
    ('strcontains("a${u}b*c", "b*")', True),
    ('strcontains("a${u}b", "x")', U),
    ('substr("abcdef${u}", 0, 3)', "abc"),
    ('substr("abc${u}", 0, 3)', U),
    ('trimprefix("arn:${u}", "arn:") == "x"', U),
    ('regex("^a(.)", u)', U),
    ('format("%s", "a")', "a"),
    ('formatlist("%s-%s", ["a", "b"], u)', [U, U]),
    ('formatlist("%s", u)', U),
    ('formatlist("x%s", ["a", u])', ["xa", U]),
    ("tostring(u)", U),
    ("tolist([1, u])", [1, U]),
    ("toset([u])", [U]),
    ("jsonencode({a = u})", U),
    ("jsondecode(jsonencode({a = u, b = [1, {c = u}]}))", {"a": U, "b": [1, {"c": U}]}),
    ("yamldecode(yamlencode({a = u, b = toset([1])}))", {"a": U, "b": [1]}),
    ('jsondecode("${jsonencode([u])}")', [U]),
    ('jsondecode("${jsonencode([u])} ")', U),
    ("jsondecode(yamlencode([u]))", U),
    ("jsondecode(upper(jsonencode([u])))", U),
    ("jsondecode(u)", U),
    ("try(u.a, 1)", U),
    ("timestamp()", U),
    ("uuid()", U),
    ("plantimestamp()", U),
    ('bcrypt("a")', U),
    ('pathexpand("~/x")', U),
    ('abspath("x")', U),
    ('base64gzip("xxxxxxxx")', U),
    ('provider::aws::arn_parse("x")', U),
    ('startswith(base64gzip("x"), "H4sI")', True),
    ('endswith(abspath("a/../b"), "/b")', True),
    ('startswith(assumestringprefix(u, "vpc-"), "vpc-")', True),
    ("assumenotnull(u) == null", False),
    ("length(assumelistlength(u, 3))", 3),
    ("assumeequal(u, 4)", 4),
    ("sensitive(u)", U),
    ("issensitive(u)", U),
    ("issensitive(sensitive(u))", True),
]


@pytest.mark.parametrize(("expression", "result"), ROWS, ids=[row[0] for row in ROWS])
def test_keeps_what_is_known(expression: str, result: object) -> None:
    value = evaluate(expression, {"u": U})
    assert value == result
    assert type(value) is type(result)


@pytest.mark.parametrize(
    "expression",
    [
        "length(1 + u)",
        'upper([u], "x")',
        "max([u])",
        "keys([u])",
        'lookup([u], "a")',
        "element([], u)",
        "join(u)",
        'format("%d", "x", u)',
        'format("%s", u, u)',
        'regex("(", u)',
        "merge([u])",
        'concat("a", u)',
        "flatten(tostring(u))",
        "sum(tostring(u))",
        "setproduct(u)",
        "slice([1], 2, u)",
        "index([], u)",
        'cidrsubnet("x", 1, 1)',
    ],
)
def test_refuses_whatever_the_unknown_part_is(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, {"u": U})


class Names(Scope):
    __slots__ = ("names",)

    def __init__(self, names: dict[str, Value], world: World | None = None) -> None:
        world = world or World()
        super().__init__(world, TERRAFORM_FUNCTIONS, CallContext(world))
        self.names = names

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        return self.names[name]


def text(*parts: str | None, **more: Any) -> Unknown:
    return Unknown(GIVEN, "given", STRING, True, parts, **more)


def value_of(expression: str, **names: Value) -> Value:
    return evaluate_expression(parse_expression(expression), Names(names))


ARN = text("arn:aws:s3:::", None, "/*")

PIECES: list[tuple[str, tuple[str | None, ...]]] = [
    ("lower(arn)", ("arn:aws:s3:::", None, "/*")),
    ("upper(arn)", ("ARN:AWS:S3:::", None, "/*")),
    ('trimprefix(arn, "arn:")', ("aws:s3:::", None, "/*")),
    ('trimsuffix(arn, "/*")', ("arn:aws:s3:::", None)),
    ('replace(arn, ":", "/")', ("arn/aws/s3///", None, "/*")),
    ('join(",", [arn, "x"])', ("arn:aws:s3:::", None, "/*,x")),
    ('join(arn, ["a", "b"])', ("aarn:aws:s3:::", None, "/*b")),
    ('format("%s!%d", arn, 3)', ("arn:aws:s3:::", None, "/*!3")),
    ('format("%s-%d", "a", u)', ("a-", None)),
    ('format("%v", [arn])', ('["arn:aws:s3:::', None, '/*"]')),
    ('format("%5s|", u)', (None, "|")),
    ("trimspace(padded)", ("a ", None, " b")),
    ("trimspace(loose)", (None, "a", None)),
    ("chomp(lines)", ("a", None)),
    ('trim(arn, "*a")', ("rn:aws:s3:::", None, "/")),
    ("indent(2, lines)", ("a", None, "\n  \n  ")),
    ("jsonencode(arn)", ('"arn:aws:s3:::', None, '/*"')),
    ("jsonencode({b = arn, a = u})", ('{"a":', None, ',"b":"arn:aws:s3:::', None, '/*"}')),
    ("jsonencode([quote])", ('["\\"\\u003c', None, '"]')),
    ("yamlencode({a = arn})", ('"a": ', None, "arn:aws:s3:::", None, "/*", None, "\n")),
    ("assumestringprefix(assumenotnull(u), arn2)", ("arn:", None)),
    ("base64gzip(u)", ("H4sI", None)),
]


@pytest.mark.parametrize(("expression", "parts"), PIECES, ids=[row[0] for row in PIECES])
def test_keeps_the_known_pieces_of_texts(expression: str, parts: tuple[str | None, ...]) -> None:
    value = value_of(
        expression,
        arn=ARN,
        arn2=known("arn:"),
        u=Unknown(GIVEN, "given"),
        padded=text("  a ", None, " b  "),
        loose=text(None, "  ", "a", " ", None),
        lines=text("a", None, "\n\n"),
        quote=text('"<', None),
    )
    assert isinstance(value, Unknown)
    assert (value.type, value.not_null, value.parts) == (STRING, True, parts)


LIST_OF_STRINGS: Type = ("list", STRING)
SHAPES: list[tuple[str, Type, bool, tuple[int, int | None] | None]] = [
    ("length(u)", NUMBER, True, None),
    ('split(",", text)', LIST_OF_STRINGS, True, (3, None)),
    ("sort(strings)", LIST_OF_STRINGS, True, (2, 4)),
    ('compact(["a", u])', LIST_OF_STRINGS, True, (1, 2)),
    ('distinct(["a", "b", u])', LIST_OF_STRINGS, True, (1, 3)),
    ('concat(tolist(["a"]), strings)', LIST_OF_STRINGS, True, (1, None)),
    ('setunion(["a", "b"], strings)', ("set", STRING), True, (2, None)),
    ("merge(u, {a = 1})", DYNAMIC, True, (1, None)),
    ('regex("(a)(b)", u)', ("tuple", (STRING, STRING)), True, None),
    ('regexall("a", u)', LIST_OF_STRINGS, True, None),
    ("jsondecode(u)", DYNAMIC, False, None),
    ("tostring(u)", STRING, False, None),
    ("one(strings)", STRING, False, None),
    ("sum([1, u])", NUMBER, True, None),
    ("cidrsubnets(u, 1)", LIST_OF_STRINGS, True, None),
    ("coalesce(strings, tolist([1]))", LIST_OF_STRINGS, True, None),
]


@pytest.mark.parametrize(("expression", "type", "not_null", "length"), SHAPES, ids=[row[0] for row in SHAPES])
def test_knows_type_and_size(
    expression: str, type: Type, not_null: bool, length: tuple[int, int | None] | None
) -> None:
    value = value_of(
        expression,
        u=Unknown(GIVEN, "given"),
        text=text("a,b,", None),
        strings=Unknown(GIVEN, "given", LIST_OF_STRINGS, False, length=(2, 4)),
    )
    assert isinstance(value, Unknown)
    assert (value.type, value.not_null, value.length) == (type, not_null, length)


def test_an_encoded_value_leads_back_to_its_structure() -> None:
    policy = known({"Statement": [{"Action": "*", "Resource": ARN}]})
    value = value_of("jsonencode(policy)", policy=policy)
    assert isinstance(value, Unknown)
    (source,) = value.sources
    assert isinstance(source, Known)
    assert ARN in walk(source)
    again = value_of("jsondecode(text)", text=value)
    assert isinstance(again, Known)
    assert ARN in walk(again)


def test_results_have_the_reason_of_the_unknown_argument() -> None:
    value = value_of('format("%s", concat(["a"], [u])[1])', u=Unknown("no-value", "var.x has no value"))
    assert isinstance(value, Unknown)
    assert (value.reason, value.detail) == ("no-value", "var.x has no value")
    clock = value_of("upper(timestamp())")
    assert isinstance(clock, Unknown)
    assert clock.reason == IMPURE


@pytest.mark.parametrize(
    "expression",
    [
        "lower(id)",
        "tostring(id)",
        "one([id])",
        "element([1, id], 1)",
        "coalesce(id, 1)",
        "tolist([id])[0]",
        "trimspace(id)",
    ],
)
def test_references_pass_through_functions_that_preserve_the_value(expression: str) -> None:
    resource = object()
    value = value_of(expression, id=text(None, references=((resource, "id"),)))
    assert value.references == ((resource, "id"),)


def test_a_text_of_known_size_is_no_shorter_one() -> None:
    identifier = Unknown(GIVEN, "given", STRING, True, length=(1, None))
    assert equal(identifier, known("")) is False
    assert equal(identifier, known("a1b2")) is None


def test_references_stay_reachable_through_other_functions() -> None:
    resource = object()
    value = value_of('format("%s/x", id)', id=text(None, references=((resource, "arn"),)))
    assert all_references(value) == [(resource, "arn")]


def test_elements_stay_the_same_values() -> None:
    item = known({"a": 1})
    value = value_of("concat([x], [1])", x=item)
    assert isinstance(value, Known)
    assert value.data[0].sources == (item,) or value.data[0] is item
    assert plain(value) == [{"a": 1}, 1]


@pytest.mark.parametrize(
    ("expression", "sensitive"),
    [
        ("upper(secret)", True),
        ('format("%s", secret)', True),
        ("length(secret)", True),
        ("[secret][0]", True),
        ("length([secret])", False),
        ("jsonencode([secret])", True),
        ('contains([secret], "a")', True),
        ("element(sensitive([1]), 0)", True),
        ('lookup(sensitive({a = 1}), "a")', True),
        ("keys({a = secret})", False),
        ("nonsensitive(secret)", False),
        ("merge({a = secret}, {}).a", True),
        ("sum([sensitive(1), 2])", True),
        ("upper(sensitive(u))", True),
        ("jsondecode(jsonencode(sensitive([u])))", True),
        ('split(",", secret)', True),
        ('upper("a")', False),
    ],
)
def test_secrets_stay_secret(expression: str, sensitive: bool) -> None:
    secret = known("s3cret")
    secret.sensitive = True
    assert value_of(expression, secret=secret, u=Unknown(GIVEN, "given")).sensitive is sensitive


def test_messages_do_not_show_secrets() -> None:
    secret = known("s3cret")
    secret.sensitive = True
    for expression in (
        "tonumber(secret)",
        "tobool(secret)",
        "jsondecode(secret)",
        "sum([secret])",
        "base64decode(secret)",
    ):
        with pytest.raises(EvaluationError) as caught:
            value_of(expression, secret=secret)
        assert "s3cret" not in caught.value.message


def test_contains_knows_what_the_scenario_excludes() -> None:
    unknown = Unknown("no-value", "var.env has no value", STRING, True)
    env = Input("var.env", unknown, known)
    world = World()
    scope = Names({"env": unknown}, world)
    tree = parse_expression('contains(["prod", "dev"], env)')
    assert isinstance(evaluate_expression(tree, scope), Unknown)
    with world.scenario({env: Part(None, frozenset({"prod", "dev"}))}):
        assert plain(evaluate_expression(tree, scope)) is False
