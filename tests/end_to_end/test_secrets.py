"""No format, no dump, no baseline and no cache holds the value of a sensitive input, or what is made of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hipaalint.cli import main
from hipaalint.report import FORMATS

from .command import DATE, write_tree

CANARY = "cAnArY-7f3"
# Each check asked about a value that a canary went into, as it is, as a part, or under another name.
TERRAFORM = f"""\
variable "given" {{
  type      = string
  sensitive = true
}}
variable "preset" {{
  sensitive = true
  default   = "{CANARY}-preset"
}}
variable "names" {{
  sensitive = true
  default   = {{ first = "{CANARY}-first", list = ["{CANARY}-item"] }}
}}
locals {{
  mixed  = "x-${{var.given}}-${{var.preset}}"
  sealed = sensitive("{CANARY}-local")
}}
module "inner" {{
  source = "./inner"
  secret = local.mixed
}}
resource "aws_db_instance" "d" {{
  identifier                  = local.mixed
  engine                      = var.preset
  username                    = var.names.first
  password                    = "{CANARY}-password"
  kms_key_id                  = local.sealed
  storage_encrypted           = var.preset == "a" ? true : false
  backup_retention_period     = length(var.given)
  allow_major_version_upgrade = upper(var.preset) == "X"
  tags                        = {{ Name = join("-", var.names.list), Secret = nonsensitive(length(var.given)) }}
}}
resource "aws_security_group" "g" {{
  description = base64encode(var.preset)
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.preset, "0.0.0.0/0", split("-", var.given)[0]]
  }}
}}
resource "aws_iam_policy" "p" {{
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "*", Resource = "*", Sid = var.preset }}] }})
}}
resource "aws_s3_bucket" "b" {{
  bucket = "data-${{var.given}}"
  acl    = var.preset
}}
resource "aws_s3_bucket_policy" "b" {{
  bucket = aws_s3_bucket.b.id
  policy = "{{\\"Statement\\": [{{\\"Principal\\": \\"*\\", \\"Sid\\": \\"${{var.preset}}\\"}}]}}"
}}
output "seen" {{
  value     = local.mixed
  sensitive = true
}}
"""
INNER = """\
variable "secret" {}
resource "aws_instance" "i" {
  ami       = var.secret
  user_data = "password=${var.secret}"
  ebs_block_device {
    device_name = var.secret
    encrypted   = false
  }
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  environment {
    variables = { PLAIN = var.secret }
  }
}
"""
TEMPLATE = f"""\
Parameters:
  Preset: {{Type: String, NoEcho: true, Default: {CANARY}-noecho}}
  Given: {{Type: String, NoEcho: "true"}}
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: !Sub "x-${{Preset}}-${{Given}}"
      Engine: !Ref Preset
      MasterUsername: !Join ["-", [a, !Ref Given]]
      MasterUserPassword: {CANARY}-literal
      StorageEncrypted: false
      Tags: [{{Key: Name, Value: !Select [0, !Split ["|", !Ref Preset]]}}]
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: {{"Fn::Base64": !Ref Preset}}
      SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Given}}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {{Variables: {{DB_PASSWORD: !Ref Preset, OTHER: !Sub "a${{Given}}"}}}}
"""
PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.11.0",
    "variables": {"given": {"value": f"{CANARY}-plan"}},
    "planned_values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_db_instance.p",
                    "mode": "managed",
                    "type": "aws_db_instance",
                    "name": "p",
                    "provider_name": "registry.terraform.io/hashicorp/aws",
                    "schema_version": 2,
                    "values": {"storage_encrypted": False, "engine": f"{CANARY}-engine", "password": f"{CANARY}-pw"},
                    "sensitive_values": {"engine": True, "password": True},
                }
            ]
        }
    },
    "resource_changes": [
        {
            "address": "aws_db_instance.p",
            "mode": "managed",
            "type": "aws_db_instance",
            "name": "p",
            "change": {
                "actions": ["create"],
                "before": None,
                "after": {"storage_encrypted": False, "engine": f"{CANARY}-engine", "password": f"{CANARY}-pw"},
                "after_unknown": {},
                "after_sensitive": {"engine": True, "password": True},
            },
        }
    ],
    "configuration": {
        "root_module": {
            "variables": {"given": {"sensitive": True}},
            "resources": [
                {
                    "address": "aws_db_instance.p",
                    "mode": "managed",
                    "type": "aws_db_instance",
                    "name": "p",
                    "expressions": {},
                }
            ],
        }
    },
}  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "repository"
    write_tree(
        folder,
        {
            "tf/main.tf": TERRAFORM,
            "tf/inner/main.tf": INNER,
            "tf/terraform.tfvars": f'given = "{CANARY}-given"\n',
            "stack.yaml": TEMPLATE,
            "plan/plan.json": json.dumps(PLAN),
            "given.json": json.dumps([{"ParameterKey": "Given", "ParameterValue": f"{CANARY}-parameter"}]),
        },
    )
    monkeypatch.chdir(folder)
    return folder


def test_no_format_shows_a_secret(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = repository.parent / "out"
    out.mkdir()
    pairs = [part for format in FORMATS for part in ("--format", format, "-o", str(out / format))]
    common = ["scan", "--profile", "all", "--include", "pass,unknown,not_applicable", "--date", DATE]
    common += ["--parameters", "given.json"]
    assert main([*common, *pairs]) in (1, 2)
    main([*common, "--format", "sarif", "--sarif-profile", "full", "-o", str(out / "full")])
    main([*common, "--assume", "nothing", "--format", "text", "-o", str(out / "nothing")])
    main([*common, "--profile", "strict", "--format", "json", "-o", str(out / "strict")])
    main(["graph", "-o", str(out / "graph")])
    main(["baseline", "-o", str(out / "baseline.json"), "--parameters", "given.json"])
    files = [path for folder in (out, repository.parent / "cache") for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in out.iterdir()} >= {*FORMATS, "graph"}
    shown = capsys.readouterr()
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    texts |= {"standard output": shown.out, "standard error": shown.err}
    assert all(len(texts[name]) > 200 for name in FORMATS)
    encoded = ("Y0FuQXJZ", CANARY.upper(), CANARY)  # base64, upper case, as it is
    leaks = {
        (name, line.strip()[:200])
        for name, text in texts.items()
        for line in text.splitlines()
        for form in encoded
        if form in line
    }
    assert leaks == set()


def test_the_canary_would_be_seen(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same files without any mark of a secret do show the values: the test above looks in the right places."""
    for path in repository.rglob("*.*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8").replace("sensitive = true", "").replace("sensitive   = true", "")
            path.write_text(text.replace("sensitive(", "tostring(").replace("NoEcho: true, ", ""), encoding="utf-8")
    assert main(["graph", "tf"]) == 0
    assert CANARY in capsys.readouterr().out
