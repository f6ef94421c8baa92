"""Variables: types, defaults, precedence of given values, inputs and their domains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.load.terraform.loading import Load

USE = '\nresource "aws_x" "y" {\n  z = var.v\n}\n'


@pytest.mark.parametrize(
    ("declaration", "value"),
    [
        ("default = 1", 1),
        ("type = string\n default = 1", "1"),
        ('type = number\n default = "5"', 5),
        ("type = list(string)\n default = [1, true]", ["1", "true"]),
        ('type = set(string)\n default = ["b", "a", "b"]', ["a", "b"]),
        ('type = object({ a = optional(string, "x"), b = optional(number) })\n default = {}', {"a": "x", "b": None}),
        ("type = map(object({ on = optional(bool, true) }))\n default = { k = {} }", {"k": {"on": True}}),
        ("type = string", "?no-value"),
        ("type = string\n default = null", None),
        ('type = "string"\n default = "old"', "old"),
        ("", "?no-value"),
        ('type = number\n default = "x"', "?no-value"),
    ],
)
def test_values_that_nobody_gave(load: Load, declaration: str, value: Any) -> None:
    loaded = load(f'variable "v" {{\n {declaration}\n}}{USE}')
    assert loaded.shown("aws_x.y", "z") == value
    assert loaded.value("aws_x.y", "z").input is loaded.input("var.v")


def test_an_unknown_variable_has_its_type(load: Load) -> None:
    loaded = load('variable "v" {\n type = list(string)\n nullable = false\n}' + USE)
    value = loaded.value("aws_x.y", "z")
    assert value.type == ("list", "string")  # type: ignore[attr-defined]
    assert value.not_null is True  # type: ignore[attr-defined]


PLACES = {
    "terraform.tfvars": 'v = "1"',
    "terraform.tfvars.json": '{"v": "2"}',
    "a.auto.tfvars.json": '{"v": "3"}',
    "b.auto.tfvars": 'v = "4"',
    "c.auto.tfvars.json": '{"v": "5"}',
    "other.tfvars": 'v = "6"',
}


@pytest.mark.parametrize(
    ("files", "options", "value"),
    [
        ([], [], "0"),
        (["terraform.tfvars"], [], "1"),
        (["terraform.tfvars", "terraform.tfvars.json"], [], "2"),
        (["terraform.tfvars.json", "a.auto.tfvars.json"], [], "3"),
        (["a.auto.tfvars.json", "b.auto.tfvars"], [], "4"),
        (["b.auto.tfvars", "c.auto.tfvars.json"], [], "5"),
        (["c.auto.tfvars.json", "other.tfvars"], [], "5"),
        (["c.auto.tfvars.json", "other.tfvars"], ["file"], "6"),
        (["other.tfvars"], ["file", "var"], "7"),
        (["other.tfvars"], ["var", "file"], "6"),
    ],
)
def test_precedence(load: Load, tmp_path: Path, files: list[str], options: list[str], value: str) -> None:
    given = {"file": ("file", tmp_path / "other.tfvars"), "var": ("var", "v=7")}
    loaded = load(
        {"main.tf": 'variable "v" {\n default = "0"\n}' + USE, **{name: PLACES[name] for name in files}},
        variables=[given[option] for option in options],
    )
    assert loaded.shown("aws_x.y", "z") == value
    fixed = bool(options) or any(name != "other.tfvars" for name in files)
    assert ("var.v" in [input.label for input in loaded.root.inputs]) is not fixed


def test_the_environment_counts_only_where_it_is_asked_for(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_v", "from the environment")
    text = 'variable "v" {\n default = "0"\n}' + USE
    assert load(text).shown("aws_x.y", "z") == "0"
    assert load(text, environment={"TF_VAR_v": "e", "HOME": "/"}).shown("aws_x.y", "z") == "e"
    files = {"main.tf": text, "terraform.tfvars": 'v = "f"'}
    assert load(files, environment={"TF_VAR_v": "e"}).shown("aws_x.y", "z") == "f"


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        ("string", "[1]", "[1]"),
        ("number", "5", 5),
        ("bool", "true", True),
        ("list(string)", '["a", "b"]', ["a", "b"]),
        ("map(number)", "{ a = 1 }", {"a": 1}),
        ("any", "[1]", [1]),
        ("string", "a=b", "a=b"),
    ],
)
def test_values_of_options_are_read_by_type(load: Load, type: str, text: str, value: Any) -> None:
    loaded = load(f'variable "v" {{\n type = {type}\n}}{USE}', variables=[("var", f"v={text}")])
    assert loaded.shown("aws_x.y", "z") == value


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"terraform.tfvars": "v = [1]"}, "terraform.tfvars:1: the value given for var.v cannot be used: "),
        ({"terraform.tfvars": "v = var.w"}, "terraform.tfvars:1: the value given for var.v cannot be used: "),
        ({"terraform.tfvars": "b {\n}"}, "terraform.tfvars:1: a file of variable values has no blocks"),
        ({"terraform.tfvars": "v = "}, "terraform.tfvars:1: "),
        ({"terraform.tfvars.json": "[]"}, "terraform.tfvars.json:1: "),
    ],
)
def test_a_value_that_cannot_be_used_is_an_error(load: Load, files: dict[str, str], said: str) -> None:
    loaded = load({"main.tf": 'variable "v" {\n type = string\n default = "d"\n}' + USE, **files})
    (message,) = loaded.said("error")
    assert message.startswith(said)
    assert loaded.addresses == ["aws_x.y"]


def test_a_type_that_is_none_is_an_error(load: Load) -> None:
    loaded = load('variable "v" {\n  type = strin\n  default = "d"\n}' + USE)
    (message,) = loaded.said("error")
    assert message.startswith("main.tf:2: ")
    assert loaded.shown("aws_x.y", "z") == "d"


@pytest.mark.parametrize(
    ("condition", "domain"),
    [
        ('contains(["a", "b"], var.v)', ("a", "b")),
        ('length(var.v) > 0 && contains(["a", "b"], var.v)', ("a", "b")),
        ('var.v == "a" || "b" == var.v', ("a", "b")),
        ('contains(["a", "b"], lower(var.v))', None),
        ('contains(["a", "b"], var.w)', None),
        ("contains(local.all, var.v)", None),
        ('contains(["a"], var.v) || length(var.v) > 9', None),
        ("length(var.v) > 0", None),
    ],
)
def test_the_domain_of_a_validation(load: Load, condition: str, domain: tuple[str, ...] | None) -> None:
    text = f'variable "v" {{\n type = string\n validation {{\n condition = {condition}\n error_message = "x"\n }}\n}}'
    assert load(text).input("var.v").domain == domain


def test_a_scenario_gives_a_value_of_the_variables_type(load: Load) -> None:
    loaded = load('variable "v" {\n type = string\n default = "x"\n}' + USE)
    assert loaded.when({"var.v": 5}, "aws_x.y", "z") == "5"


def test_nothing_assumed_opens_the_defaults(load: Load) -> None:
    loaded = load('variable "v" {\n type = bool\n default = true\n}' + USE, assume_nothing=True)
    assert loaded.shown("aws_x.y", "z") == "?no-value"
    assert loaded.when({"var.v": True}, "aws_x.y", "z") is True


def test_sensitive_values_stay_so(load: Load) -> None:
    text = """
    variable "v" {
      sensitive = true
      default   = { password = "p" }
    }
    variable "w" {
      sensitive = true
    }
    resource "aws_x" "y" {
      a = var.v.password
      b = "x${var.v.password}"
      c = var.w
      d = "open"
    }
    """
    loaded = load(text)
    marks = {name: loaded.value("aws_x.y", name).sensitive for name in "abcd"}
    assert marks == {"a": True, "b": True, "c": True, "d": False}
    assert load(text, variables=[("var", "w=s")]).value("aws_x.y", "c").sensitive
