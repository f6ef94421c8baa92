"""AWS::Serverless by lifting against what AWS's own transform makes of the same template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hipaalint.graph.graph import build_graph
from hipaalint.load.cloudformation import load_template
from hipaalint.load.cloudformation.serverless_policies import policy_templates
from hipaalint.load.options import LoadOptions
from hipaalint.model.loader_hooks import identifier
from hipaalint.report.graph_dump import dump

TEMPLATE = Path("fixtures/hard-cases/cloudformation/serverless/template.yaml")
# Nothing of these can be judged, and their names hold hashes.
NOT_MADE = {
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::Scheduler::Schedule",
}
# Where the registry's name for it in the transform's answer has a hash behind it.
HASHED = {"AWS::ApiGateway::DomainName": "ApiDomainName", "AWS::Lambda::LayerVersion": "Layer"}
# Made for the transform's own ends, or said in another way.
OTHERWISE = {
    "Body",
    "Definition",
    "DeploymentId",
    "Parameters",
    "DefinitionString",
    "LambdaConfig",
    "NotificationConfiguration",
    "Tags",
}


@pytest.fixture(scope="module")
def translated() -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        from samtranslator.translator.transform import transform
        from samtranslator.yaml_helper import yaml_parse

        class Managed:
            def load(self) -> dict[str, str]:
                names = ("AmazonS3FullAccess", "AdministratorAccess", "AWSLambdaExecute")
                return {name: f"arn:aws:iam::aws:policy/{name}" for name in names}

        template: dict[str, Any] = transform(yaml_parse(TEMPLATE.read_text(encoding="utf-8")), {}, Managed())
        return template


def resources(path: Path) -> dict[str, dict[str, Any]]:
    root = load_template(path.resolve(), LoadOptions(path.resolve().parent, identifier=identifier))
    assert [each for each in root.diagnostics if each.severity == "error"] == []
    return {each["address"]: each for each in dump(build_graph([root]), [])["resources"]}


def comparable(value: Any) -> Any:
    """What is not known before a deployment is one thing here, whatever it is said to be."""
    if isinstance(value, dict):
        if set(value) == {"unknown"}:
            return "?"
        return {name: comparable(inner) for name, inner in value.items() if name not in ("PolicyName", "Id", "Version")}
    if isinstance(value, list):
        return sorted((comparable(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def test_the_transform_makes_the_same_resources(translated: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "translated.json").write_text(json.dumps(translated), encoding="utf-8")
    theirs = {
        HASHED.get(each["type"], each["address"]): each
        for each in resources(tmp_path / "translated.json").values()
        if each["type"] not in NOT_MADE
    }
    ours = resources(TEMPLATE)
    assert {name: each["type"] for name, each in ours.items()} == {name: each["type"] for name, each in theirs.items()}
    for name, each in theirs.items():
        expected = {key: value for key, value in each["properties"].items() if key not in OTHERWISE}
        found = {key: value for key, value in ours[name]["properties"].items() if key not in OTHERWISE}
        assert comparable(found) == comparable(expected), name


def test_policy_templates_are_those_of_the_transform() -> None:
    from importlib.resources import files

    theirs = json.loads((files("samtranslator") / "policy_templates_data" / "policy_templates.json").read_text())
    assert policy_templates() == {name: each["Definition"]["Statement"] for name, each in theirs["Templates"].items()}
