"""AWS::Serverless by lifting against what AWS's own transform makes of the same template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hipaalint.expression.values import all_references, plain
from hipaalint.expression.world import Part
from hipaalint.graph.graph import build_graph
from hipaalint.load.cloudformation import load_template
from hipaalint.load.cloudformation.serverless_calls import IMPLICIT
from hipaalint.load.cloudformation.serverless_policies import policy_templates
from hipaalint.load.options import LoadOptions
from hipaalint.model.loader_hooks import identifier
from hipaalint.report.graph_dump import dump
from hipaalint.resource import Root

TEMPLATE = Path("fixtures/hard-cases/cloudformation/serverless/template.yaml")
# Nothing of these can be judged, and their names hold hashes.
NOT_MADE = {
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::AppSync::GraphQLSchema",
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

# The transform writes them into the body of their API.
CALLS = {"AWS::ApiGateway::Method": "HttpMethod", "AWS::ApiGatewayV2::Route": "RouteKey"}


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
    # `Function[Role]` here is FunctionRole there: people find their own name first.
    made = {name.replace("[", "").replace("]", ""): each for name, each in resources(TEMPLATE).items()}
    ours = {name: each for name, each in made.items() if each["type"] not in CALLS}
    assert {name: each["type"] for name, each in ours.items()} == {name: each["type"] for name, each in theirs.items()}
    for name, each in theirs.items():
        expected = {key: value for key, value in each["properties"].items() if key not in OTHERWISE}
        found = {key: value for key, value in ours[name]["properties"].items() if key not in OTHERWISE}
        assert comparable(found) == comparable(expected), name


def test_calls_ask_whom_the_body_of_the_transform_asks(translated: dict[str, Any]) -> None:
    theirs: set[tuple[str, bool]] = set()
    for each in translated["Resources"].values():
        for path, methods in each.get("Properties", {}).get("Body", {}).get("paths", {}).items():
            for method, operation in methods.items():
                verb = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
                rest = each["Type"] == "AWS::ApiGateway::RestApi"
                security = [name for one in operation.get("security", []) for name in one if name != "NONE"]
                theirs.add((verb if rest else f"{verb} {path}", security != []))
    ours = {
        (each["properties"][CALLS[each["type"]]], each["properties"]["AuthorizationType"] != "NONE")
        for each in resources(TEMPLATE).values()
        if each["type"] in CALLS
    }
    assert ours == theirs
    assert {secured for _, secured in ours} == {True, False}


def test_policy_templates_are_those_of_the_transform() -> None:
    from importlib.resources import files

    theirs = json.loads((files("samtranslator") / "policy_templates_data" / "policy_templates.json").read_text())
    assert policy_templates() == {name: each["Definition"]["Statement"] for name, each in theirs["Templates"].items()}


def written(tmp_path: Path, text: str) -> Root:
    path = tmp_path / "template.yaml"
    path.write_text("Transform: AWS::Serverless-2016-10-31\n" + text, encoding="utf-8")
    return load_template(path, LoadOptions(tmp_path, identifier=identifier))


def test_an_api_of_events_is_there_with_one_of_their_functions(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        """
Parameters: {Env: {Type: String, Default: dev}, Size: {Type: String, Default: s}}
Conditions: {Prod: !Equals [!Ref Env, prod], Large: !Equals [!Ref Size, l]}
Resources:
  A: {Type: AWS::Serverless::Function, Condition: Prod, Properties: {Events: {E: {Type: Api, Properties: {Path: /}}}}}
  B: {Type: AWS::Serverless::Function, Condition: Large, Properties: {Events: {E: {Type: Api, Properties: {Path: /}}}}}
""",
    )
    api, stage = (
        next(r for r in root.resources if r.name == name) for name in (IMPLICIT["Api"], "ServerlessRestApiProdStage")
    )
    inputs = {each.label: each for each in root.inputs}
    assert api.implied_by is not None
    for assignment, there in (({}, False), ({"Env": "prod"}, True), ({"Size": "l"}, True)):
        with root.world.scenario({inputs[name]: Part(value) for name, value in assignment.items()}):
            assert (plain(api.exists.force()), plain(stage.exists.force())) == (there, there)


def test_what_is_written_goes_before_what_is_implied(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        """
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Policies: AdministratorAccess}}
  FRole: {Type: AWS::IAM::Role, Properties: {Path: /mine/}}
  C: {Type: AWS::Serverless::Connector}
""",
    )
    (role,) = (each for each in root.resources if each.name == "FRole")
    assert plain(role.body.get("Path", None)) == "/mine/"
    assert [each.message for each in root.diagnostics] == ["what C (AWS::Serverless::Connector) grants was not judged"]


def test_a_stage_can_be_named_by_its_api(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        """
Resources:
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: v1}}
  P: {Type: T, Properties: {A: !Ref Api.Stage, B: !Sub '/${Api.Stage}', C: !GetAtt Api.RootResourceId}}
""",
    )
    body = next(each for each in root.resources if each.name == "P").body
    found = [
        [(resource.name, attribute) for resource, attribute in all_references(body.get(name, None))] for name in "ABC"
    ]
    assert [each[0] for each in found] == [("Apiv1Stage", "Ref"), ("Apiv1Stage", "Ref"), ("Api", "RootResourceId")]
