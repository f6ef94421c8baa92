"""The hard cases of CloudFormation in fixtures/hard-cases, judged by the checks that come with hipaalint."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hipaalint
from hipaalint.load.cloudformation import load_template
from hipaalint.load.cloudformation.shapes import constant, intrinsic
from hipaalint.load.options import LoadOptions
from hipaalint.policy.finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Finding
from hipaalint.source import SourceFile
from hipaalint.syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, looks_like_cloudformation, parse

CASES = Path("fixtures/hard-cases/cloudformation").resolve()
VOLUME, DATABASE = "ebs-volume-encrypted", "rds-storage-encrypted"
TABLE, VERSIONING = "dynamodb-kms-encryption", "s3-versioning-enabled"


def scanned(path: Path, *checks: str, parameters: tuple[Path, ...] = (), assume_nothing: bool = False) -> list[Finding]:
    """The findings of a scan, which must have no errors."""
    from hipaalint.judge.configuration import Configuration

    configuration = Configuration()
    configuration.profile = "all"
    configuration.select = checks
    configuration.parameter_files = list(parameters)
    configuration.assume_nothing = assume_nothing
    report = hipaalint.scan([path], configuration)
    assert [each for each in report.diagnostics if each.severity == "error"] == []
    return report.findings


def verdicts(findings: list[Finding], check: str) -> dict[str, tuple[str, str | None]]:
    """Address → verdict and what it is conditional on."""
    return {
        each.address: (each.verdict, each.when)
        for each in findings
        if each.check.id == check and each.verdict != NOT_APPLICABLE
    }


def the(findings: list[Finding], address: str) -> Finding:
    return next(each for each in findings if each.address == address)


def test_choices() -> None:
    findings = scanned(CASES / "choices", VOLUME, DATABASE)
    not_prod = 'fails when Env ≠ "prod"'
    assert verdicts(findings, VOLUME) == {
        "BothGood": (PASS, None),
        "DefaultBad": (FAIL, None),
        "OtherBad": (FAIL, not_prod),
        "NoDefault": (UNKNOWN, 'fails when Open ≠ "yes"'),
        "BothBad": (FAIL, None),
        "NothingThere": (FAIL, not_prod),
        "OnlyElsewhere": (FAIL, not_prod),
        "NeverSmall": (PASS, None),
    }
    assert verdicts(findings, DATABASE) == {"SameCondition": (FAIL, not_prod)}
    assert (the(findings, "OppositeConditions").verdict, the(findings, "OppositeConditions").when) == (
        NOT_APPLICABLE,
        None,
    )
    assert the(findings, "OtherBad").range.text.endswith("!If [IsProd, true, false]")


@pytest.mark.parametrize(("given_value", "bad"), [("prod", "DefaultBad"), ("dev", "OtherBad")])
def test_a_given_value_selects(tmp_path: Path, given_value: str, bad: str) -> None:
    parameters = tmp_path / "parameters.json"
    parameters.write_text(json.dumps({"Env": given_value}), encoding="utf-8")
    found = verdicts(scanned(CASES / "choices", VOLUME, parameters=(parameters,)), VOLUME)
    assert {name: found[name] for name in ("DefaultBad", "OtherBad")} == {
        name: (FAIL if name == bad else PASS, None) for name in ("DefaultBad", "OtherBad")
    }


def test_a_nested_stack_takes_what_it_is_passed() -> None:
    findings = scanned(CASES / "nested", VOLUME)
    assert verdicts(findings, VOLUME) == {"Inner/Volume": (FAIL, None), "Others/Volume": (PASS, None)}
    finding = the(findings, "Inner/Volume")
    assert finding.root.path.endswith("nested/template.yaml")
    assert any(related.range.text == '"false"' or "Encrypt" in related.range.text for related in finding.related)


def test_a_nested_template_is_judged_alone_when_it_is_named() -> None:
    assert verdicts(scanned(CASES / "nested" / "child.yaml", VOLUME), VOLUME) == {
        "Volume": (FAIL, 'fails when Encrypt = "false"')
    }


def test_one_of_three_buckets_of_a_loop_is_wrong() -> None:
    findings = scanned(CASES / "loops", VERSIONING, VOLUME)
    assert verdicts(findings, VERSIONING) == {
        "Bucketinvoices": (PASS, None),
        "Bucketrecords": (FAIL, None),
        "Bucketimages": (PASS, None),
    }
    assert verdicts(findings, VOLUME) == {
        "Volumecache": (PASS, None),
        "Volumearchive": (FAIL, 'fails when Env = "prod"'),
    }


def test_rules_refuse_scenarios() -> None:
    assert verdicts(scanned(CASES / "rules", VOLUME), VOLUME) == {
        "Inner": (PASS, None),
        "InProd": (PASS, None),
        # Not in prod; that is no input of this check.
        "Anywhere": (FAIL, 'fails when Encrypt = "false"'),
        "OfKind": (PASS, None),
    }


def test_imports_join_what_only_one_template_can_export() -> None:
    findings = scanned(CASES / "imports", VOLUME)
    assert verdicts(findings, VOLUME) == {
        "Joined": (FAIL, None),
        "Twice": (UNKNOWN, None),
        "Nowhere": (UNKNOWN, None),
        "NameNotKnown": (UNKNOWN, None),
    }
    message = the(findings, "Twice").message
    assert "other.yaml (Double)" in message
    assert "shared.yaml (Double)" in message


def test_serverless() -> None:
    managed = "iam-no-aws-admin-managed-policy"
    findings = scanned(CASES / "serverless", TABLE, managed)
    assert verdicts(findings, TABLE) == dict.fromkeys(("Records", "Counters", "Defaults"), (FAIL, None))
    assert the(findings, "Records").range.text == "SSEEnabled: false"
    roles = verdicts(findings, managed)
    assert roles["Plain[Role]"] == (FAIL, None)
    assert roles["Choosing[Role]"] == (FAIL, 'fails when Wide = "yes"')
    assert {name for name, (verdict, _) in roles.items() if verdict != PASS} == {"Plain[Role]", "Choosing[Role]"}
    assert the(findings, "Plain[Role]").range.text == "AdministratorAccess"


def test_a_cdk_assembly_is_one_root() -> None:
    findings = scanned(CASES / "cdk", VOLUME, DATABASE, "cloudwatch-log-group-encrypted")
    assert {each.root.path for each in findings} == {"fixtures/hard-cases/cloudformation/cdk/cdk.out"}
    assert verdicts(findings, VOLUME) == {
        "Data/InnerNestedStackInnerNestedStackResource7D6A/VolumeD1E2": (PASS, None),
        "Prod-Disk/VolumeA9": (FAIL, None),
    }
    assert verdicts(findings, "cloudwatch-log-group-encrypted") == {"Web/LogsE4F5": (PASS, None)}
    assert "Data/Records/Resource" in the(findings, "Data/RecordsC32E2D7B").message


def templates() -> Iterator[Path]:
    """The templates among the fixtures whose resources can be counted by their keys."""
    for path in sorted(CASES.parent.parent.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if looks_like_cloudformation(text) and "Fn::ForEach" not in text:
            yield path


@pytest.mark.parametrize("path", list(templates()), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_resource_is_found(path: Path) -> None:
    root = load_template(path, LoadOptions(path.parent))
    written = parse(SourceFile("t", path.read_text(encoding="utf-8")))
    assert isinstance(written, MapNode)
    resources = written.get("Resources")
    assert isinstance(resources, MapNode)
    found = [each.name for each in root.resources if each.implied_by is None and not each.module]
    assert found == [key.text for key, _ in resources.entries]


# ---------------------------------------------------------------------------------------------------------------------
# The same template in other words


def plain(node: Node) -> Any:
    """A template as data, its intrinsics in their long form."""
    found = intrinsic(node)
    if found is not None:
        name, argument = found
        inner = plain(argument)
        if name == "Fn::GetAtt" and isinstance(inner, str):
            inner = inner.split(".", 1)
        return {name: inner}
    if isinstance(node, MapNode):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    assert isinstance(node, ScalarNode)
    value = constant(node)
    return value if isinstance(value, str | int | bool | None) else node.text


def flow(data: Any, short: Callable[[], bool], tagged: bool = False) -> str:
    """YAML in flow style; intrinsics in their short form where `short` says so and a tag may stand."""
    if isinstance(data, dict):
        name, argument = next(iter(data.items())) if len(data) == 1 else ("", None)
        known = name == "Ref" or (name.startswith("Fn::") and not name.startswith(("Fn::ForEach", "Fn::Transform")))
        if known and not tagged and short():
            return f"!{name.removeprefix('Fn::')} {flow(argument, short, tagged=True)}"
        return "{" + ", ".join(f"{json.dumps(key)}: {flow(value, short)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(flow(item, short) for item in data) + "]"
    return json.dumps(data)


def what_is_found(path: Path, parameters: tuple[Path, ...] = ()) -> list[tuple[str, str, str, str | None, str]]:
    return sorted(
        (each.check.id, each.address, each.verdict, each.when, each.reason)
        for each in scanned(path, parameters=parameters)
    )


TEMPLATES = ["choices", "nested", "loops", "rules", "serverless"]


@pytest.mark.parametrize("case", TEMPLATES)
def test_one_template_in_all_forms_has_one_set_of_findings(tmp_path: Path, case: str) -> None:
    expected = what_is_found(CASES / case)
    data = plain(parse(SourceFile("t", (CASES / case / "template.yaml").read_text(encoding="utf-8"))))
    randomly = random.Random(case)
    forms = {
        "template.json": json.dumps(data, indent=1),
        "template.yaml": flow(data, lambda: False),
        "template.yml": flow(data, lambda: True),
        "template": flow(data, lambda: randomly.random() < 0.5),
    }
    for name, text in forms.items():
        folder = tmp_path / name.replace(".", "-")
        shutil.copytree(CASES / case, folder)
        (folder / "template.yaml").unlink()
        (folder / name).write_text(text, encoding="utf-8")
        assert what_is_found(folder / name) == expected, text


@pytest.mark.parametrize("case", TEMPLATES)
def test_defaults_in_a_parameter_file_decide_as_before(tmp_path: Path, case: str) -> None:
    data = plain(parse(SourceFile("t", (CASES / case / "template.yaml").read_text(encoding="utf-8"))))
    defaults = {
        name: str(declared.pop("Default"))
        for name, declared in data.get("Parameters", {}).items()
        if "Default" in declared
    }
    folder = tmp_path / case
    shutil.copytree(CASES / case, folder)
    (folder / "template.yaml").write_text(json.dumps(data), encoding="utf-8")
    forms = {
        "flat.json": json.dumps(defaults),
        "list.json": json.dumps([{"ParameterKey": name, "ParameterValue": value} for name, value in defaults.items()]),
        "pairs.json": json.dumps([f"{name}={value}" for name, value in defaults.items()]),
        "pipeline.json": json.dumps({"Parameters": defaults, "StackPolicy": {"Statement": []}}),
        "samconfig.toml": "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = "
        + json.dumps(" ".join(f'{name}="{value}"' for name, value in defaults.items())),
        "samconfig.yaml": json.dumps(
            {"version": 0.1, "default": {"deploy": {"parameters": {"parameter_overrides": [
                f"ParameterKey={name},ParameterValue={value}" for name, value in defaults.items()
            ]}}}}
        ),
    }  # fmt: skip
    # A value that is given is no choice any more: what was wrong with another one only is right.
    before = [each for each in scanned(CASES / case) if each.verdict != FAIL or each.when is None]
    expected = {(each.check.id, each.address): each.verdict for each in before if each.verdict != NOT_APPLICABLE}
    for name, text in forms.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        after = scanned(folder / "template.yaml", parameters=(tmp_path / name,))
        found = {
            (each.check.id, each.address): each.verdict for each in after if (each.check.id, each.address) in expected
        }
        assert found == expected, name


# ---------------------------------------------------------------------------------------------------------------------
# Refinement

CONDITIONS = ["InP", "InQ", "Mixed", "Odd"]
branches = st.recursive(
    st.sampled_from([True, False, "true", "false", {"Ref": "AWS::NoValue"}, {"Ref": "Flag"}]),
    lambda inner: st.builds(
        lambda name, then, other: {"Fn::If": [name, then, other]}, st.sampled_from(CONDITIONS), inner, inner
    ),
    max_leaves=5,
)
comparisons = st.builds(
    lambda name, value: {"Fn::Equals": [{"Ref": name}, value]},
    st.sampled_from(["P", "Q"]),
    st.sampled_from(["a", "b", "c"]),
)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        st.builds(lambda one: {"Fn::Not": [one]}, inner)
        | st.builds(lambda name, one, two: {name: [one, two]}, st.sampled_from(["Fn::And", "Fn::Or"]), inner, inner)
    ),
    max_leaves=4,
)
PARAMETERS = {
    "P": {"Type": "String", "AllowedValues": ["a", "b"]},
    "Q": {"Type": "String", "AllowedValues": ["a", "b", "c"]},
    "Flag": {"Type": "String", "AllowedValues": ["true", "false"]},
}


@settings(max_examples=25, deadline=None)
@given(st.lists(conditions, min_size=4, max_size=4), branches)
def test_refining_an_input_never_flips_an_unconditional_verdict(
    tmp_path_factory: pytest.TempPathFactory, formulas: list[Any], encrypted: Any
) -> None:
    """What holds with nothing known holds with anything known; what holds with everything known holds before."""
    folder = tmp_path_factory.mktemp("refined")
    template = {
        "Parameters": PARAMETERS,
        "Conditions": dict(zip(CONDITIONS, formulas, strict=True)),
        "Resources": {"V": {"Type": "AWS::EC2::Volume", "Properties": {"Encrypted": encrypted}}},
    }
    path = folder / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    (opened,) = scanned(path, VOLUME)
    found = set()
    for p in "ab":
        for q in "abc":
            for flag in ("true", "false"):
                values = folder / "parameters.yaml"
                values.write_text(json.dumps({"P": p, "Q": q, "Flag": flag}), encoding="utf-8")
                (refined,) = scanned(path, VOLUME, parameters=(values,))
                found.add(refined.verdict)
    assert found <= {PASS, FAIL}
    assert opened.verdict == (found.pop() if len(found) == 1 else UNKNOWN)
    assert (opened.when is not None) == (opened.verdict == UNKNOWN)
