"""Texts and repeated blocks where the registry has structure: JSON texts as lists, blocks as maps, tags by any name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hipaalint.expression.evaluator import attribute_of
from hipaalint.expression.values import Absent, Known, Lazy, Unknown, Value
from hipaalint.graph.graph import ResourceGraph, build_graph
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from hipaalint.policy.tags import entries

Lifted = Callable[[str], ResourceGraph]
TASK, DOMAIN = "AWS::ECS::TaskDefinition", "AWS::OpenSearchService::Domain"


@pytest.fixture
def terraform(tmp_path: Path) -> Lifted:
    def load(text: str) -> ResourceGraph:
        (tmp_path / "main.tf").write_text(text)
        return build_graph([load_module_root(tmp_path, LoadOptions(tmp_path))])

    return load


def at(graph: ResourceGraph, type: str, path: str) -> Value:
    """The value at a dotted path of the first resource of a type; a number is an index."""
    value: Value = graph.view(graph.of_type(type)[0])
    for name in path.split("."):
        if name.isdecimal():
            assert isinstance(value, Known)
            value = value.data[int(name)]
        else:
            value = attribute_of(value, name, None, condition=True)
    return value


@pytest.mark.parametrize(
    "definitions",
    [
        'jsonencode([{ name = "web", readonlyRootFilesystem = true, environment = [{ name = "A", value = var.x }] }])',
        '"[{\\"name\\": \\"web\\", \\"readonlyRootFilesystem\\": true, \\"environment\\": [{\\"value\\": \\"${var.x}\\"}]}]"',
        '<<E\n[{"name": "web", "cpu": ${var.x}, "readonlyRootFilesystem": true, "environment": [{"value": "${var.x}"}]}]\nE',
    ],
)
def test_json_text_where_the_registry_has_a_list(terraform: Lifted, definitions: str) -> None:
    graph = terraform(
        f'variable "x" {{}}\nresource "aws_ecs_task_definition" "t" {{\n  container_definitions = {definitions}\n}}\n'
    )
    assert getattr(at(graph, TASK, "ContainerDefinitions.0.ReadonlyRootFilesystem"), "data", None) is True
    assert getattr(at(graph, TASK, "ContainerDefinitions.0.Name"), "data", None) == "web"
    assert isinstance(at(graph, TASK, "ContainerDefinitions.0.Environment.0.Value"), Unknown)
    assert isinstance(at(graph, TASK, "ContainerDefinitions.0.User"), Absent)
    default = at(graph, TASK, "ContainerDefinitions.0.Privileged")
    assert isinstance(default, Absent)
    assert getattr(default.default, "data", None) is False


@pytest.mark.parametrize("definitions", ["var.x", '"${var.x}]"', '"no json"'])
def test_text_that_is_no_json_stays_what_it_is(terraform: Lifted, definitions: str) -> None:
    graph = terraform(
        f'variable "x" {{}}\nresource "aws_ecs_task_definition" "t" {{\n  container_definitions = {definitions}\n}}\n'
    )
    value = at(graph, TASK, "ContainerDefinitions")
    assert not (isinstance(value, Known) and isinstance(value.data, list) and isinstance(value.data[0], Lazy))


BLOCK = 'log_publishing_options {{\n    log_type = {}\n    cloudwatch_log_group_arn = "arn"\n    {}\n  }}\n'


@pytest.mark.parametrize("count", [1, 2])
def test_blocks_become_a_map(terraform: Lifted, count: int) -> None:
    blocks = [BLOCK.format('"AUDIT_LOGS"', "enabled = false"), BLOCK.format('"ES_APPLICATION_LOGS"', "")][:count]
    graph = terraform(f'resource "aws_opensearch_domain" "d" {{\n  {"".join(blocks)}\n}}\n')
    assert getattr(at(graph, DOMAIN, "LogPublishingOptions.AUDIT_LOGS.Enabled"), "data", None) is False
    assert (
        getattr(at(graph, DOMAIN, "LogPublishingOptions.AUDIT_LOGS.CloudWatchLogsLogGroupArn"), "data", None) == "arn"
    )
    other = at(graph, DOMAIN, "LogPublishingOptions.ES_APPLICATION_LOGS.Enabled")
    assert isinstance(other, Absent)
    # The provider turns a log on whose block is there.
    assert getattr(other.default, "data", None) is (True if count == 2 else None)


def test_a_map_with_a_key_that_nobody_knows(terraform: Lifted) -> None:
    graph = terraform(
        f'variable "x" {{}}\nresource "aws_opensearch_domain" "d" {{\n  {BLOCK.format("var.x", "")}\n}}\n'
    )
    assert isinstance(at(graph, DOMAIN, "LogPublishingOptions.AUDIT_LOGS.Enabled"), Unknown)


def test_objects_in_a_map_have_the_types_of_the_schema(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        f'Resources: {{D: {{Type: "{DOMAIN}", Properties: {{LogPublishingOptions: {{AUDIT_LOGS: {{Enabled: "true"}}}}}}}}}}'
    )
    graph = build_graph([load_template(tmp_path / "t.yaml", LoadOptions(tmp_path))])
    assert getattr(at(graph, DOMAIN, "LogPublishingOptions.AUDIT_LOGS.Enabled"), "data", None) is True


@pytest.mark.parametrize(
    ("resource", "type", "tags"),
    [
        ("aws_efs_file_system", "AWS::EFS::FileSystem", "FileSystemTags"),
        ("aws_backup_plan", "AWS::Backup::BackupPlan", "BackupPlanTags"),  # a map in the registry
        ("aws_ebs_volume", "AWS::EC2::Volume", "Tags"),
    ],
)
def test_tags_by_any_name_have_those_of_the_provider(terraform: Lifted, resource: str, type: str, tags: str) -> None:
    graph = terraform(
        'provider "aws" {\n  default_tags {\n    tags = { owner = "clinic", stage = "test" }\n  }\n}\n'
        f'resource "{resource}" "r" {{\n  tags = {{ stage = "production" }}\n}}\n'
    )
    found = {getattr(key, "data", ""): getattr(value, "data", "") for key, value in entries(at(graph, type, tags))}
    assert found == {"stage": "production", "owner": "clinic"}


def test_blocks_that_may_be_none_may_be_no_object(terraform: Lifted) -> None:
    graph = terraform(
        'variable "realms" {\n  type = list(string)\n}\nresource "aws_emr_cluster" "c" {\n'
        '  dynamic "kerberos_attributes" {\n    for_each = var.realms\n    content {\n      realm = "x"\n    }\n  }\n}\n'
    )
    value = at(graph, "AWS::EMR::Cluster", "KerberosAttributes")
    assert isinstance(value, Unknown)
    assert not value.not_null
