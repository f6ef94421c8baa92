"""Plans: planned values, what is known after apply, edges through modules, places, and no secret in sight."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hipaalint.expression.values import Lazy
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_plan
from hipaalint.resource import PLAN
from tests.unit.load.terraform.loading import Loaded


def resource(address: str, values: dict[str, Any], sensitive: Any = None, **more: Any) -> dict[str, Any]:
    type, name = address.split(".")[-2:]
    base, _, index = name.partition("[")
    shape: dict[str, Any] = {"address": address, "mode": "managed", "type": type, "name": base, "values": values}
    if index:
        shape["index"] = json.loads(index[:-1])
    return {**shape, "sensitive_values": sensitive or {}, **more}


def change(address: str, unknown: Any, actions: tuple[str, ...] = ("create",)) -> dict[str, Any]:
    return {"address": address, "change": {"actions": list(actions), "after_unknown": unknown}}


def written(address: str, expressions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"address": address, "mode": "managed", "provider_config_key": "aws", "expressions": expressions, **more}


def refers(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


PLAN_DOCUMENT: dict[str, Any] = {
    "format_version": "1.2",
    "variables": {"password": {"value": "hunter22"}},
    "planned_values": {
        "root_module": {
            "resources": [
                resource("aws_kms_key.k", {"description": "d", "policy": None, "tags_all": {"Owner": "o"}}),
                resource(
                    "aws_db_instance.db[0]",
                    {
                        "allocated_storage": 5,
                        "publicly_accessible": False,
                        "password": "hunter22",
                        "connection": "user:hunter22@host",
                        "tags": {"a": "b"},
                        "timeouts": None,
                        "vpc_security_group_ids": [],
                    },
                    {"password": True, "tags": {}},
                ),
                resource("aws_s3_bucket.b", {"bucket": "x", "rule": [{"days": 1, "id": None}, {"days": 2}]}),
            ],
            "child_modules": [
                {
                    "address": 'module.m["k"]',
                    "resources": [resource('module.m["k"].aws_ebs_volume.v', {"encrypted": True})],
                    "child_modules": [
                        {
                            "address": 'module.m["k"].module.n',
                            "resources": [resource('module.m["k"].module.n.aws_x.y["a.b"]', {"z": None})],
                        }
                    ],
                }
            ],
        }
    },
    "resource_changes": [
        change("aws_kms_key.k", {"arn": True, "id": True, "policy": True}),
        change(
            "aws_db_instance.db[0]",
            {"kms_key_id": True, "monitoring_role_arn": True, "vpc_security_group_ids": [], "tags": {"z": True}},
        ),
        change("aws_s3_bucket.b", {"rule": [{"id": True}, {}], "policy": True}),
        change('module.m["k"].aws_ebs_volume.v', {"kms_key_id": True}),
        change('module.m["k"].module.n.aws_x.y["a.b"]', {"z": True}),
        change("aws_x.gone", False, ("delete",)),
    ],
    "configuration": {
        "provider_config": {
            "aws": {
                "full_name": "registry.terraform.io/hashicorp/aws",
                "version_constraint": "~> 5.0",
                "expressions": {"region": {"constant_value": "eu-west-1"}},
            }
        },
        "root_module": {
            "variables": {"password": {"sensitive": True}},
            "resources": [
                written("aws_kms_key.k", {"description": {"constant_value": "d"}, "policy": {}}),
                written(
                    "aws_db_instance.db",
                    {
                        "allocated_storage": {"constant_value": 5},
                        "kms_key_id": refers("aws_kms_key.k.arn", "aws_kms_key.k"),
                        "password": refers("var.password"),
                        "vpc_security_group_ids": {"constant_value": []},
                    },
                ),
                written(
                    "aws_s3_bucket.b",
                    {"bucket": {"constant_value": "x"}, "rule": [{"id": refers('module.m["k"].o', "module.m")}, {}]},
                ),
            ],
            "module_calls": {
                "m": {
                    "expressions": {"key": refers("local.key", "aws_kms_key.k.id", "aws_kms_key.k")},
                    "for_each_expression": refers("aws_s3_bucket.b.tags", "aws_s3_bucket.b"),
                    "module": {
                        "variables": {"key": {}},
                        "outputs": {"o": {"expression": refers("aws_ebs_volume.v.id", "aws_ebs_volume.v")}},
                        "resources": [written("aws_ebs_volume.v", {"kms_key_id": refers("var.key")})],
                        "module_calls": {
                            "n": {
                                "expressions": {"deep": refers("var.key")},
                                "module": {
                                    "resources": [
                                        written(
                                            "aws_x.y",
                                            {"z": refers("each.value", "var.deep")},
                                            for_each_expression=refers("var.deep"),
                                        )
                                    ]
                                },
                            }
                        },
                    },
                }
            },
        },
    },
}

LoadPlan = Callable[..., Loaded]


@pytest.fixture
def load(tmp_path: Path) -> LoadPlan:
    def make(document: Any = PLAN_DOCUMENT, **files: str) -> Loaded:
        path = tmp_path / "plan.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document, indent=1))
        for name, text in files.items():
            (tmp_path / f"{name}.tf").write_text(text)
        return Loaded(load_plan(path, LoadOptions(tmp_path)))

    return make


def test_resources_and_values(load: LoadPlan) -> None:
    loaded = load()
    assert loaded.root.kind == PLAN
    assert loaded.addresses == [
        "aws_kms_key.k",
        "aws_db_instance.db[0]",
        "aws_s3_bucket.b",
        'module.m["k"].aws_ebs_volume.v',
        'module.m["k"].module.n.aws_x.y["a.b"]',
    ]
    assert loaded.shown("aws_db_instance.db[0]", "allocated_storage") == 5
    assert loaded.shown("aws_db_instance.db[0]", "publicly_accessible") is False
    assert loaded.shown("aws_db_instance.db[0]", "tags") == {"a": "b", "z": "?computed"}
    assert loaded.shown("aws_s3_bucket.b", "rule") == [{"days": 1, "id": "?computed"}, {"days": 2}]
    assert loaded.exists("aws_kms_key.k") is True
    assert loaded.resource('module.m["k"].module.n.aws_x.y["a.b"]').module == 'module.m["k"].module.n'
    assert loaded.root.provider_versions == {"hashicorp/aws": "~> 5.0"}
    region = loaded.resource("aws_kms_key.k").region
    tags = loaded.resource("aws_kms_key.k").default_tags
    assert region is not None
    assert tags is not None
    assert region.force().data == "eu-west-1"  # type: ignore[attr-defined]
    assert list(tags.force().data) == ["Owner"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "name", "expected"),
    [
        ("aws_db_instance.db[0]", "kms_key_id", "?computed"),  # written, known after apply
        ("aws_db_instance.db[0]", "monitoring_role_arn", "absent"),  # nobody wrote it
        ("aws_db_instance.db[0]", "timeouts", "absent"),
        ("aws_db_instance.db[0]", "vpc_security_group_ids", []),  # written as empty
        ("aws_kms_key.k", "policy", "absent"),  # written as null
        ("aws_kms_key.k", "arn", "absent"),
        ("aws_s3_bucket.b", "policy", "absent"),
    ],
)
def test_what_is_not_written_is_absent(load: LoadPlan, address: str, name: str, expected: Any) -> None:
    assert load().shown(address, name) == expected


@pytest.mark.parametrize(
    ("address", "name", "references"),
    [
        ("aws_db_instance.db[0]", "kms_key_id", ["aws_kms_key.k.arn"]),
        ('module.m["k"].aws_ebs_volume.v', "kms_key_id", ["aws_kms_key.k.id"]),
        ('module.m["k"].module.n.aws_x.y["a.b"]', "z", ["aws_kms_key.k.id"]),
        ("aws_db_instance.db[0]", "allocated_storage", []),
    ],
)
def test_edges(load: LoadPlan, address: str, name: str, references: list[str]) -> None:
    assert load().names(address, name) == references


def test_an_edge_from_a_block_through_an_output(load: LoadPlan) -> None:
    (first, _) = load().value("aws_s3_bucket.b", "rule").data  # type: ignore[attr-defined]
    assert isinstance(first, Lazy)
    references = first.get("id", None).references
    assert [(each.address, name) for each, name in references] == [('module.m["k"].aws_ebs_volume.v', "id")]


def test_places_in_the_plan(load: LoadPlan) -> None:
    loaded = load()
    assert loaded.line("aws_s3_bucket.b", "bucket").endswith('"bucket": "x"')
    assert loaded.line("aws_s3_bucket.b", "bucket").startswith("plan.json:")
    assert loaded.resource("aws_s3_bucket.b").header.text == '"address": "aws_s3_bucket.b"'


def test_places_in_the_configuration_beside(load: LoadPlan) -> None:
    loaded = load(
        main='resource "aws_s3_bucket" "b" {\n  bucket = var.name\n  rule {\n    days = 1\n  }\n  rule {\n    days = 2\n  }\n}\n'
        'resource "aws_db_instance" "db" {\n  count = var.on ? 1 : 0\n  kms_key_id = aws_kms_key.k.arn\n}\n'
    )
    assert loaded.line("aws_s3_bucket.b", "bucket") == "main.tf:2: bucket = var.name"
    assert loaded.resource("aws_s3_bucket.b").header.line == 1
    assert loaded.line("aws_db_instance.db[0]", "kms_key_id").startswith("main.tf:12:")
    assert loaded.line("aws_db_instance.db[0]", "publicly_accessible").startswith("main.tf:10:")
    blocks = loaded.value("aws_s3_bucket.b", "rule").data  # type: ignore[attr-defined]
    assert [block.range.line for block in blocks] == [3, 6]
    assert blocks[1].get("days", None).range.line == 7
    assert loaded.shown("aws_s3_bucket.b", "bucket") == "x"


def test_secrets_are_marked_and_masked(load: LoadPlan) -> None:
    loaded = load()
    assert loaded.value("aws_db_instance.db[0]", "password").sensitive
    assert not loaded.value("aws_db_instance.db[0]", "allocated_storage").sensitive
    (file,) = loaded.root.files
    assert "hunter22" not in file.text
    assert "user:********@host" in file.text
    assert len(file.text) == len(json.dumps(PLAN_DOCUMENT, indent=1))


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("[]", "error"),
        ('{"format_version": "1.2", "planned_values": ', "error"),
        ('{"format_version": "9.0", "planned_values": {}}', "warning"),
        ('{"format_version": "1.0", "planned_values": {"root_module": {"resources": [3, {}]}}}', ""),
    ],
)
def test_odd_plans(load: LoadPlan, text: str, severity: str) -> None:
    assert [each.severity for each in load(text).root.diagnostics] == ([severity] if severity else [])


LOCALS = {
    "format_version": "1.2",
    "planned_values": {
        "root_module": {"resources": [resource("aws_kms_key.k", {}), resource("aws_ebs_volume.v", {"encrypted": True})]}
    },
    "resource_changes": [change("aws_kms_key.k", {"arn": True}), change("aws_ebs_volume.v", {"kms_key_id": True})],
    "configuration": {
        "root_module": {
            "outputs": {"a": {"expression": refers("aws_kms_key.k.arn", "aws_kms_key.k")}, "b": {}},
            "resources": [
                written("aws_kms_key.k", {}),
                written("aws_ebs_volume.v", {"encrypted": {"constant_value": True}, "kms_key_id": refers("local.key")}),
            ],
        }
    },
}


def test_references_through_locals_come_from_the_configuration_beside(load: LoadPlan) -> None:
    text = (
        "locals {\n  key = aws_kms_key.k.arn\n}\n"
        'resource "aws_kms_key" "k" {\n}\n'
        'resource "aws_ebs_volume" "v" {\n  encrypted = true\n  kms_key_id = local.key\n}\n'
        'output "a" {\n  value = aws_ebs_volume.v.id\n}\n'
    )
    alone, beside = load(LOCALS), load(LOCALS, main=text)
    assert alone.names("aws_ebs_volume.v", "kms_key_id") == []
    assert beside.names("aws_ebs_volume.v", "kms_key_id") == ["aws_kms_key.k.arn"]
    assert all(to.root is beside.root for to, _ in beside.value("aws_ebs_volume.v", "kms_key_id").references)


def test_outputs_say_what_is_given_to_others(load: LoadPlan) -> None:
    root = load(LOCALS).root
    assert root.outputs is not None
    assert [[(to.address, name) for to, name in each.force().references] for each in root.outputs] == [
        [("aws_kms_key.k", "arn")]
    ]
    assert load({**LOCALS, "configuration": {}}).root.outputs == []
    assert load({name: each for name, each in LOCALS.items() if name != "configuration"}).root.outputs is None
