"""No secret in any output: canaries in every form of input, looked for in every format, the graph, the cache, a baseline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hipaalint.model.provider_schema import provider_schema
from hipaalint.model.registry import registry
from hipaalint.model.tables import read_yaml_folder
from hipaalint.report import FORMATS

from .bounded import run, write

TERRAFORM = """\
variable "given" {
  type      = string
  sensitive = true
  default   = "CANARY01"
}
variable "plain" {
  type    = string
  default = "CANARY02xyz"
}
locals {
  derived = "prefix-${var.given}-suffix"
  api     = "CANARY03xyz"
}
output "o" {
  value     = "CANARY04"
  sensitive = true
}
resource "aws_db_instance" "a" {
  engine              = "postgres"
  password            = "CANARY06xyz"
  publicly_accessible = true
}
resource "aws_db_instance" "b" {
  engine   = "postgres"
  password = var.plain
}
resource "aws_db_instance" "c" {
  engine              = "postgres"
  password            = var.plain == "" ? "CANARY05xyz" : local.api
  publicly_accessible = var.given
  storage_encrypted   = local.derived
}
resource "aws_instance" "i" {
  user_data = <<-EOT
    #!/bin/sh
    export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYCANARY07xx
    export DB_PASSWORD=CANARY08xyz
  EOT
}
resource "aws_instance" "j" {
  user_data = "export DB_PASSWORD=CANARY22xyz"
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  environment {
    variables = {
      DB_PASSWORD           = "CANARY09xyz"
      API_TOKEN             = "CANARY10xyz"
      AWS_SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYCANARY11xx"
    }
  }
}
resource "aws_secretsmanager_secret_version" "v" {
  secret_id     = "x"
  secret_string = jsonencode({ user = "u", pin = "CANARY12xyz" })
}
resource "aws_ssm_parameter" "p" {
  name  = "x"
  type  = "String"
  value = "CANARY13xyz"
}
resource "aws_ssm_parameter" "s" {
  name  = "db-password"
  type  = "SecureString"
  value = "CANARY14xyz"
}
resource "aws_elasticache_replication_group" "r" {
  auth_token = "CANARY15xyz"
}
resource "aws_redshift_cluster" "r" {
  cluster_identifier = "x"
  master_password    = "CANARY16xyz"
}
resource "aws_ecs_task_definition" "t" {
  family                = "x"
  container_definitions = jsonencode([{ name = "a", environment = [{ name = "DB_PASSWORD", value = "CANARY17xyz" }] }])
}
resource "aws_mq_broker" "m" {
  broker_name = "b"
  user {
    username = "u"
    password = "CANARY18xyz"
  }
}
resource "aws_dms_endpoint" "d" {
  endpoint_id = "x"
  password    = "CANARY19xyz"
}
resource "aws_ebs_volume" "v" {
  encrypted   = false
  tags        = { Owner = var.given }
  snapshot_id = sensitive("CANARY20xyz")
}
"""
CLOUDFORMATION = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Pw: {Type: String, NoEcho: true, Default: CANARY31xyz}
  Plain:
    Type: String
    Default: CANARY32xyz
Resources:
  A:
    Type: AWS::RDS::DBInstance
    Properties:
      MasterUserPassword: CANARY33xyz
      PubliclyAccessible: true
  B:
    Type: AWS::RDS::DBInstance
    Properties:
      MasterUserPassword: !Ref Plain
      PubliclyAccessible: !Ref Pw
      StorageEncrypted: !Sub "x${Pw}"
  D:
    Type: AWS::EC2::Instance
    Properties:
      UserData:
        Fn::Base64: !Sub |
          #!/bin/sh
          export DB_PASSWORD=CANARY34xyz
          export X=${Pw}
  S:
    Type: AWS::SecretsManager::Secret
    Properties:
      SecretString: CANARY35xyz
  T:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      AuthToken:
        CANARY36xyz
  U:
    Type: AWS::IAM::User
    Properties:
      LoginProfile:
        Password: CANARY37xyz
  E:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: a
          Environment:
            - Name: DB_PASSWORD
              Value: CANARY38xyz
  L:
    Type: AWS::Lambda::Function
    Properties:
      Environment:
        Variables: {API_TOKEN: CANARY39xyz, PASSWORD: !Ref Pw}
  R:
    Type: AWS::Redshift::Cluster
    Properties: {MasterUserPassword: "CANARY40xyz", PubliclyAccessible: true}
"""
VALUES = '"password":"%s","storage_encrypted":false,"publicly_accessible":true'
PLAN = (
    '{"format_version":"1.2","terraform_version":"1.9.0","variables":{"db":{"value":"CANARY51xyz"}},'
    '"planned_values":{"outputs":{"o":{"sensitive":true,"value":"CANARY52xyz"}},"root_module":{"resources":['
    '{"address":"aws_db_instance.x","mode":"managed","type":"aws_db_instance","name":"x","provider_name":'
    '"registry.terraform.io/hashicorp/aws","values":{'
    + VALUES
    % "CANARY53xyz"
    + '},"sensitive_values":{"password":true}},'
    '{"address":"aws_db_instance.y","mode":"managed","type":"aws_db_instance","name":"y","provider_name":'
    '"registry.terraform.io/hashicorp/aws","values":{' + VALUES % "CANARY56xyz" + '},"sensitive_values":{}}]}},'
    '"resource_changes":[{"address":"aws_db_instance.x","mode":"managed","type":"aws_db_instance","name":"x","change":'
    '{"actions":["create"],"before":null,"after":{'
    + VALUES
    % "CANARY53xyz"
    + '},"after_sensitive":{"password":true}}}],'
    '"configuration":{"root_module":{"variables":{"db":{"sensitive":true,"default":"CANARY54xyz"}}}}}'
)
FILES: dict[str, str | bytes] = {
    "main.tf": TERRAFORM,
    "t.yaml": CLOUDFORMATION,
    "p.json": PLAN,
    "prod.tfvars": 'given = "CANARY61xyz"\nplain = "CANARY62xyz"\n',
}
EVERYTHING = ("--include", "pass,unknown,not_applicable", "--sarif-profile", "full", "--var-file", "prod.tfvars")


def canaries(data: bytes) -> set[bytes]:
    return set(re.findall(rb"CANARY\d+", data))


@pytest.mark.parametrize("format", FORMATS)
def test_no_report_shows_a_secret(tmp_path: Path, format: str) -> None:
    write(tmp_path, FILES)
    for options in ((), EVERYTHING):
        done = run("scan", ".", "--format", format, *options, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert canaries(done.stdout + done.stderr) == set()


def test_the_lines_themselves_are_shown(tmp_path: Path) -> None:
    output = run("scan", ".", cwd=write(tmp_path, FILES)).stdout.decode()
    assert re.search(r'password += "\*+"', output)
    assert re.search(r"MasterUserPassword: \*+", output)


def test_neither_graph_nor_baseline_nor_cache_hold_a_secret(tmp_path: Path) -> None:
    folder = write(tmp_path / "repository", FILES)
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert canaries(run("graph", ".", cwd=folder, environment=environment).stdout) == set()
    run("baseline", ".", "-o", "known.json", cwd=folder, environment=environment)
    assert canaries((folder / "known.json").read_bytes()) == set()
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if canaries(path.read_bytes())]


def rows() -> list[tuple[str, str]]:
    ((_, sections),) = read_yaml_folder("secrets")
    return [(type, path) for found in sections.values() for type, paths in found.items() for path in paths]


@pytest.mark.parametrize(("type", "path"), rows())
def test_the_table_names_what_there_is(type: str, path: str) -> None:
    if "::" in type:
        schema = registry().type(type)
        assert schema is not None
        assert schema.property(path.split("."))
    else:
        found = provider_schema().type(type)
        assert found is not None
        assert path in (found.arguments or {})
