"""References between instances, directly and through splats, loops, locals and modules."""

from __future__ import annotations

import pytest

from tests.unit.load.terraform.loading import Load

TEXT = """
resource "aws_b" "one" { name = "n1" }
resource "aws_b" "many" {
  count = 2
  name  = "m${count.index}"
}
resource "aws_b" "keyed" {
  for_each = { a = "x", b = "y" }
  name     = each.value
}
resource "aws_b" "some" {
  for_each = toset(data.aws_d.d.names)
  name     = "s"
}
resource "aws_b" "few" {
  count = length(data.aws_d.d.names)
  name  = "f"
}
data "aws_d" "d" { filter = "z" }
locals {
  names = { for k, v in aws_b.keyed : k => v.name }
  again = local.again
}
"""


@pytest.mark.parametrize(
    ("expression", "value", "references"),
    [
        ("aws_b.one.name", "n1", ["aws_b.one.name"]),
        ("aws_b.one.arn", "?computed", ["aws_b.one.arn"]),
        ('"${aws_b.one.arn}/*"', "?/*", ["aws_b.one.arn"]),
        ("aws_b.one", {"name": "n1"}, ["aws_b.one."]),
        ("aws_b.many[1].name", "m1", ["aws_b.many[1].name"]),
        ("aws_b.many.1.name", "m1", ["aws_b.many[1].name"]),
        ("aws_b.many[*].name", ["m0", "m1"], ["aws_b.many[0].name", "aws_b.many[1].name"]),
        ("aws_b.many.*.id", ["?computed", "?computed"], ["aws_b.many[0].id", "aws_b.many[1].id"]),
        ("aws_b.one[*].name", ["n1"], ["aws_b.one.name"]),
        ('aws_b.keyed["b"].name', "y", ['aws_b.keyed["b"].name']),
        ("[for k, v in aws_b.keyed : v.name]", ["x", "y"], ['aws_b.keyed["a"].name', 'aws_b.keyed["b"].name']),
        ("values(aws_b.keyed)[*].name", ["x", "y"], ['aws_b.keyed["a"].name', 'aws_b.keyed["b"].name']),
        ('local.names["a"]', "x", ['aws_b.keyed["a"].name']),
        ('aws_b.some["k"].name', "s", ["aws_b.some[*].name"]),
        ("aws_b.some[data.aws_d.d.key].name", "s", ["aws_b.some[*].name"]),
        ("aws_b.keyed[data.aws_d.d.key].name", "?data-source", ['aws_b.keyed["a"].', 'aws_b.keyed["b"].']),
        ("aws_b.few[3].name", "f", ["aws_b.few[*].name"]),
        ("data.aws_d.d.filter", "z", ["data.aws_d.d.filter"]),
        ("data.aws_d.d.other", "?data-source", ["data.aws_d.d.other"]),
        ("aws_b.nowhere.name", "?unresolved-reference", []),
        ("data.aws_d.nowhere.name", "?unresolved-reference", []),
        ("aws_b.nowhere[0].name", "?unresolved-reference", []),
        ("aws_b.nowhere[*].name", "?unresolved-reference", []),
        ("length(aws_b.nowhere)", "?unresolved-reference", []),
        ("module.nowhere.name", "?unresolved-reference", []),
        ("var.nowhere", "?unresolved-reference", []),
        ("local.nowhere", "?unresolved-reference", []),
        ("aws_b.many[5].name", "?evaluation-error", []),
        ("local.again", "?evaluation-error", []),
        ("{ (aws_b.one) = 1 }", "?evaluation-error", []),
        ("{ for n in [1] : aws_b.one => n }", "?evaluation-error", []),
        ("each.key", "?evaluation-error", []),
        ("aws_x.y.other", "o", ["aws_x.y.other"]),
        ("path.module", ".", []),
        ("path.root", ".", []),
        ("path.cwd", "?impure-function", []),
        ("terraform.workspace", "?no-value", []),
        ("provider::aws::arn_parse(aws_b.one.arn)", "?impure-function", []),
        ('templatestring("${local.names.a}-", {})', "x-", ['aws_b.keyed["a"].name']),
    ],
)
def test_what_an_expression_gives(load: Load, expression: str, value: object, references: list[str]) -> None:
    loaded = load(TEXT + f'resource "aws_x" "y" {{\n  z = {expression}\n  other = "o"\n}}\n')
    assert loaded.shown("aws_x.y", "z") == value
    found = loaded.names("aws_x.y", "z")
    assert [name for name in references if name not in found] == []
    if expression != "aws_b.one":  # a whole resource is shared, and stands where it is declared
        assert loaded.line("aws_x.y", "z").endswith(f"z = {expression}")


def test_a_whole_list_of_unknown_length_still_names_its_resource(load: Load) -> None:
    loaded = load(TEXT + 'resource "aws_x" "y" {\n  z = length(aws_b.few)\n  s = aws_b.few[*].name\n}\n')
    assert loaded.shown("aws_x.y", "z") == "?data-source"
    assert "aws_b.few[*].name" in loaded.names("aws_x.y", "s")


def test_a_condition_that_nobody_can_decide_leaves_both_branches(load: Load) -> None:
    loaded = load(TEXT + 'resource "aws_x" "y" {\n  z = data.aws_d.d.on ? aws_b.one.arn : aws_b.many[0].arn\n}\n')
    assert loaded.shown("aws_x.y", "z") == "?condition"
    assert {"aws_b.one.arn", "aws_b.many[0].arn"} <= set(loaded.names("aws_x.y", "z"))


def test_a_null_argument_is_computed_for_others(load: Load) -> None:
    loaded = load(
        'resource "aws_b" "p" {\n bucket = null\n bucket_prefix = "x"\n}\nresource "aws_x" "y" { z = aws_b.p.bucket }'
    )
    assert loaded.shown("aws_b.p", "bucket") is None
    assert loaded.shown("aws_x.y", "z") == "?computed"
    assert loaded.names("aws_x.y", "z") == ["aws_b.p.bucket"]


def test_the_trail_leads_through_locals_to_the_default(load: Load) -> None:
    loaded = load(
        'variable "v" {\n  default = "d"\n}\nlocals {\n  l = var.v\n}\nresource "aws_x" "y" {\n  z = local.l\n}'
    )
    values = [loaded.value("aws_x.y", "z")]
    while values[-1].sources:
        values.append(values[-1].sources[0])
    lines = dict.fromkeys(value.range.line for value in values if value.range is not None)
    assert list(lines) == [8, 5, 2]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("length(aws_b.few[*].name) > 0", "?data-source"),
        ("aws_b.few[*].name == []", "?data-source"),
        ("one(aws_b.few[*].name)", "?data-source"),
        ('try(aws_b.few[0].name, "none")', "f"),
    ],
)
def test_nobody_knows_how_many_there_are(load: Load, expression: str, value: object) -> None:
    loaded = load(TEXT + f'resource "aws_x" "y" {{\n  z = {expression}\n}}\n')
    assert loaded.shown("aws_x.y", "z") == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('replace("arn/_ID_/*", "_ID_", aws_b.one.id)', "arn/?/*"),
        ('replace("${aws_b.one.id}/_ID_/*", "_ID_", "x")', "?/x/*"),
        ('replace("${aws_b.one.id}_ID_/*", "_ID_", "x")', "?computed"),  # the hole may end with `_ID`
        ('replace("${aws_b.one.id}D_/*", "_ID_", "x")', "?computed"),
        ('replace("/*_I${aws_b.one.id}", "_ID_", "x")', "?computed"),
        ('replace("a${aws_b.one.id}I${aws_b.one.id}b", "_ID_", "x")', "?computed"),
        ('replace("a-b-${aws_b.one.id}", "/-/", "x")', "?computed"),
    ],
)
def test_replacing_in_what_is_known_of_a_text(load: Load, expression: str, value: str) -> None:
    loaded = load(TEXT + f'resource "aws_x" "y" {{\n  z = {expression}\n}}\n')
    assert loaded.shown("aws_x.y", "z") == value


@pytest.mark.parametrize(
    ("block", "value"),
    [
        ('template = "a-$${name}"\n vars = { name = "b" }', "a-b"),
        ('template = "a"', "a"),
        ('template = "a-$${name}"\n vars = { name = aws_b.one.id }', "a-?"),
        ('template = "a-$${other}"\n vars = { name = "b" }', "?data-source"),
        ('filename = "a.tpl"', "?data-source"),
    ],
)
def test_a_template_of_the_older_provider(load: Load, block: str, value: str) -> None:
    text = (
        f'data "template_file" "t" {{\n {block}\n}}\nresource "aws_x" "y" {{\n  z = data.template_file.t.rendered\n}}\n'
    )
    assert load(TEXT + text).shown("aws_x.y", "z") == value
