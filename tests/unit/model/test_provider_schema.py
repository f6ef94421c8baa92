"""The provider's index: it is what the distiller makes, and every part of it can be asked for."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from hipaalint.model import distill
from hipaalint.model.index_file import IndexFile, index_path
from hipaalint.model.provider_schema import ProviderSchema, provider_schema

ROWS = Path(__file__).parents[2] / "data" / "terraform_schema_rows.json.gz"


def test_provider_index_is_what_its_rows_give() -> None:
    committed = Path(index_path("terraform.json")).read_text("ascii")
    assert committed.split("\n") == distill.provider_index(ROWS).split("\n")


def test_provider_arguments() -> None:
    database = provider_schema().type("aws_db_instance")
    assert database is not None
    encrypted = database.argument(["storage_encrypted"])
    assert encrypted is not None
    assert (encrypted.kind, encrypted.required, encrypted.computed) == ("bool", False, False)
    assert database.argument(["storage_encryptd"]) is None
    instance_class = database.argument(["instance_class"])
    assert instance_class is not None
    assert instance_class.required
    group = provider_schema().type("aws_security_group")
    assert group is not None
    for path in (["ingress", "cidr_blocks"], ["ingress", "0", "cidr_blocks"], ["ingress", "[]", "cidr_blocks", "0"]):
        ranges = group.argument(path)
        assert ranges is not None
        assert (ranges.kind, ranges.element) == ("list", "string")
    block = group.argument(["ingress"])
    assert block is not None
    assert (block.kind, block.many, block.required) == ("block", True, False)
    assert group.argument(["tags", "Owner"]) is not None
    assert group.argument(["ingress", "nonsense"]) is None
    firewall = provider_schema().type("aws_wafv2_web_acl")
    assert firewall is not None
    assert firewall.argument(["rule", "statement", "not_statement", "anything"]) is not None


def test_provider_types_and_data_sources() -> None:
    assert provider_schema().source == {"provider": "hashicorp/aws", "version": "6.62.0", "computed": "left out"}
    assert {"aws_s3_bucket", "aws_lb_listener", "data.aws_iam_policy_document"} <= set(provider_schema())
    assert provider_schema().type("aws_iam_policy_document") is None
    document = provider_schema().type("data.aws_iam_policy_document")
    assert document is not None
    assert document.argument(["statement", "principals", "identifiers"]) is not None


def test_every_provider_argument_has_a_known_kind() -> None:
    seen = 0
    for name in provider_schema():
        schema = provider_schema().type(name)
        assert schema is not None
        stack = [schema.argument([argument]) for argument in schema.arguments or ()]
        while stack:
            here = stack.pop()
            assert here is not None
            assert here.kind in {"string", "number", "bool", "list", "set", "map", "any", "block"}, f"{name} {here}"
            stack += [here.argument([argument]) for argument in here.arguments or ()]
            seen += 1
    assert seen > 5000


RAW: dict[str, Any] = {
    "format_version": "1.0",
    "provider_schemas": {
        "example.test/hashicorp/aws": {
            "resource_schemas": {
                "aws_thing": {
                    "version": 0,
                    "block": {
                        "attributes": {
                            "arn": {"type": "string", "computed": True},
                            "name": {"type": "string", "required": True},
                            "tags_all": {"type": ["map", "string"], "optional": True, "computed": True},
                            "zones": {"type": ["set", "string"], "optional": True},
                            "rules": {"type": ["list", ["object", {"port": "number"}]], "optional": True},
                            "extra": {"type": "dynamic", "optional": True},
                            "status": {
                                "nested_type": {"nesting_mode": "single", "attributes": {"code": {"type": "number"}}},
                                "computed": True,
                            },
                        },
                        "block_types": {
                            "logging": {
                                "nesting_mode": "list",
                                "min_items": 1,
                                "max_items": 1,
                                "block": {"attributes": {"bucket": {"type": "string", "required": True}}},
                            },
                            "grant": {"nesting_mode": "set", "block": {}},
                            "timeouts": {
                                "nesting_mode": "single",
                                "block": {"attributes": {"create": {"type": "string"}}},
                            },
                        },
                    },
                },
                "aws_other": {"version": 0, "block": {}},
            },
            "data_source_schemas": {
                "aws_thing": {"version": 0, "block": {"attributes": {"id": {"type": "string", "required": True}}}},
                "aws_list": {
                    "version": 0,
                    "block": {"attributes": {"ids": {"type": ["list", "string"], "computed": True}}},
                },
            },
        }
    },
}


def test_provider_index_from_terraform_s_own_output(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(RAW))
    index = IndexFile(distill.provider_index(file, version="9.0.0").encode())
    assert index.source == {"provider": "hashicorp/aws", "version": "9.0.0", "computed": "listed"}
    assert index.decode("aws_thing") == {
        "arn": "string computed",
        "name": "string required",
        "tags_all": "map",
        "zones": "set(string)",
        "rules": {"block": {"port": "number"}, "many": True},
        "extra": "any",
        "status": {"block": {"code": "number"}, "computed": True},
        "logging": {"block": {"bucket": "string required"}, "required": True},
        "grant": {"block": {}, "many": True},
        "timeouts": {"block": {"create": "string"}},
    }
    thing = ProviderSchema(index).type("aws_thing")
    assert thing is not None
    arn, zones = thing.argument(["arn"]), thing.argument(["zones"])
    assert arn is not None
    assert arn.computed
    assert zones is not None
    assert (zones.kind, zones.element) == ("set", "string")


def test_provider_index_keeps_the_types_that_texts_name(tmp_path: Path) -> None:
    file, text = tmp_path / "schema.json.gz", tmp_path / "table.yaml"
    file.write_bytes(gzip.compress(json.dumps(RAW).encode()))
    text.write_text("aws_thing: and the data source aws_list, not some_aws_other\n")
    assert list(IndexFile(distill.provider_index(file, [text], "9").encode())) == ["aws_thing", "data.aws_list"]
    text.write_text("data.aws_thing.this\n")
    assert list(IndexFile(distill.provider_index(file, [text], "9").encode())) == ["data.aws_thing"]


@pytest.mark.parametrize("document", [RAW, {}, {"provider_schemas": {}}])
def test_provider_index_rejects_what_it_cannot_use(tmp_path: Path, document: dict[str, Any]) -> None:
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(document))
    with pytest.raises(ValueError, match=r"version|neither"):
        distill.provider_index(file)
