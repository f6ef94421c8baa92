"""What a run finds below its paths: root modules, templates, plans; and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.load.discover import Discovery, discover
from hipaalint.load.ignored import parse_rule

TF = 'resource "aws_x" "y" {}\n'
TEMPLATE = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n"
PLAN = '{"format_version": "1.2", "planned_values": {}}'


def call(source: str) -> str:
    return f'module "m" {{\n  source = "{source}"\n}}\n'


def found(tmp_path: Path, files: dict[str, str], *paths: str) -> Discovery:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return discover([tmp_path / path for path in paths or (".",)], tmp_path)


def names(tmp_path: Path, paths: list[Path]) -> list[str]:
    return [path.relative_to(tmp_path).as_posix() for path in paths]


@pytest.mark.parametrize(
    ("files", "paths", "modules"),
    [
        ({"main.tf": TF}, ["."], ["."]),
        ({"a/main.tf": TF, "b/main.tofu": TF, "c/x.tf.json": "{}", "d/x.tofu.json": "{}"}, ["."], ["a", "b", "c", "d"]),
        ({"a/main.tf": call("../m"), "m/main.tf": TF}, ["."], ["a"]),
        ({"a/main.tf": call("../m"), "m/main.tf": TF}, [".", "m"], ["a", "m"]),
        ({"a/main.tf": call("../m"), "m/main.tf": TF}, ["m"], ["m"]),
        ({"a/main.tf": call("../m"), "m/main.tf": TF}, ["m/main.tf"], ["m"]),
        ({"a/main.tf": call("../m"), "m/main.tf": TF}, ["a/main.tf", "m/main.tf"], ["a"]),
        ({"main.tf": TF, "examples/e/main.tf": call("../../")}, ["."], [".", "examples/e"]),
        ({"m/main.tf": TF, "m/examples/e/main.tf": call("../../")}, ["."], ["m/examples/e"]),
        ({"a/main.tf.json": '{"module": {"m": {"source": "../m"}}}', "m/main.tf": TF}, ["."], ["a"]),
        ({"a/main.tf": call("../b"), "b/main.tf": call("../a")}, ["."], ["a"]),
        ({"a/main.tf": call("../b"), "b/main.tf": call("../c"), "c/main.tf": TF}, ["."], ["a"]),
        ({".terraform/modules/m/main.tf": TF, "node_modules/x/main.tf": TF, ".git/x.tf": TF}, ["."], []),
        ({"t.tftest.hcl": "", "terragrunt.hcl": "", "x.tfvars": "a = 1"}, ["."], []),
        ({"build/x.tf": TF, ".gitignore": "build/\n", "src/x.tf": TF}, ["."], ["src"]),
        ({"build/x.tf": TF, ".gitignore": "build/\n"}, ["build"], ["build"]),
    ],
)
def test_root_modules(tmp_path: Path, files: dict[str, str], paths: list[str], modules: list[str]) -> None:
    assert names(tmp_path, found(tmp_path, files, *paths).modules) == modules


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.yaml", TEMPLATE, "template"),
        ("a.yml", TEMPLATE, "template"),
        ("a.template", TEMPLATE, "template"),
        ("a.json", '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}', "template"),
        ("a.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: [broken\n", "template"),
        ("a.yaml", "on: push\nResources: none\n", ""),
        ("a.txt", TEMPLATE, ""),
        ("plan.json", PLAN, "plan"),
        ("state.json", '{"format_version": "1.0", "values": {}}', ""),
        ("x.tfvars.json", PLAN, ""),
    ],
)
def test_templates_and_plans(tmp_path: Path, name: str, text: str, kind: str) -> None:
    result = found(tmp_path, {name: text})
    assert names(tmp_path, result.templates) == ([name] if kind == "template" else [])
    assert names(tmp_path, result.plans) == ([name] if kind == "plan" else [])
    assert result.diagnostics == []


def test_a_file_that_is_named_but_nothing_we_know(tmp_path: Path) -> None:
    (said,) = found(tmp_path, {"a.txt": "hello", "b.yaml": TEMPLATE}, "a.txt", "b.yaml").diagnostics
    assert (said.severity, said.path) == ("warning", "a.txt")


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    (said,) = found(tmp_path, {}, "missing").diagnostics
    assert (said.severity, said.path) == ("error", "missing")


def test_terragrunt_is_said_once_a_file(tmp_path: Path) -> None:
    result = found(tmp_path, {"live/terragrunt.hcl": "inputs = {}", "live/main.tf": TF})
    assert [(each.severity, each.path) for each in result.diagnostics] == [("note", "live/terragrunt.hcl")]
    assert names(tmp_path, result.modules) == ["live"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    assert names(tmp_path, found(tmp_path, {"main.tf": TF}).modules) == ["."]


@pytest.mark.parametrize(
    ("line", "path", "folder", "ignored"),
    [
        ("build", "build", True, True),
        ("build", "a/build", False, True),
        ("build/", "build", False, False),
        ("/build", "a/build", True, False),
        ("a/b", "a/b", True, True),
        ("a/b", "x/a/b", True, False),
        ("*.json", "x/y.json", False, True),
        ("*.json", "x/y.jsonl", False, False),
        ("a/*", "a/b", False, True),
        ("a/*", "a/b/c", False, False),
        ("a/**", "a/b/c", False, True),
        ("**/c", "a/b/c", False, True),
        ("a/**/c", "a/c", False, True),
        ("?.tf", "a.tf", False, True),
        ("[ab].tf", "b.tf", False, True),
        ("[!ab].tf", "b.tf", False, False),
        ("\\#x", "#x", False, True),
        ("x   ", "x", False, True),
    ],
)
def test_rules_of_gitignore(line: str, path: str, folder: bool, ignored: bool) -> None:
    rule = parse_rule(line)
    assert rule is not None
    assert (bool(rule.pattern.fullmatch(path)) and (folder or not rule.folders_only)) is ignored


def test_later_and_deeper_rules_win(tmp_path: Path) -> None:
    files = {
        ".gitignore": "*.yaml\n!keep.yaml\n# comment\n",
        "a.yaml": TEMPLATE,
        "keep.yaml": TEMPLATE,
        "sub/.gitignore": "!b.yaml\nkeep.yaml\n",
        "sub/b.yaml": TEMPLATE,
        "sub/keep.yaml": TEMPLATE,
    }
    assert names(tmp_path, found(tmp_path, files).templates) == ["keep.yaml", "sub/b.yaml"]
