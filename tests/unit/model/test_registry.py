"""The registry's index: it is what the distiller makes, and every part of it can be asked for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hipaalint.model import distill
from hipaalint.model.cfnlint_schemas import bundle_source, bundled_schemas
from hipaalint.model.index_file import HEADER, IndexFile, index_path, render
from hipaalint.model.registry import PropertySchema, Registry, TypeSchema, normalised, registry
from hipaalint.model.registry_nodes import distil_type

KINDS = {"object", "array", "string", "boolean", "integer", "number", "json"}


def registry_type(name: str) -> TypeSchema:
    schema = registry().type(name)
    assert schema is not None, name
    return schema


def at(type_name: str, path: str) -> PropertySchema:
    found = registry_type(type_name).property(path.split("."))
    assert found is not None, f"{type_name} {path}"
    return found


def type_of(**schema: Any) -> TypeSchema:
    return TypeSchema("X::Y::Z", distil_type(schema))


# --- what is committed is what the distiller makes


def test_registry_index_is_what_the_installed_bundle_gives() -> None:
    committed = Path(index_path("registry.json")).read_text("ascii")
    installed, recorded = bundle_source(), json.loads(committed)[HEADER]
    assert recorded == installed, "made from another cfn-lint: run python -m hipaalint.model.distill"
    # Compared line by line: a difference names the type.
    assert committed.split("\n") == distill.registry_index().split("\n")


def test_distilling_ignores_a_newer_cache_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cfnlint.helpers import get_cache_dir
    from cfnlint.schema.manager import ProviderSchemaManager

    for variable in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    cache = Path(get_cache_dir())
    assert cache.is_relative_to(tmp_path)
    (cache / "providers").mkdir(parents=True)
    (cache / "providers" / "us-east-1.json").write_text('{"AWS::Only::Cached": "0"}')
    (cache / "version.json").write_text('{"schema_date": "2999-01-01T00:00:00Z"}')
    assert ProviderSchemaManager().get_resource_types("us-east-1") == ["AWS::Only::Cached"], "cfn-lint prefers it"
    assert [name for name, _ in bundled_schemas()] == list(registry())


# --- the file format


def test_every_type_is_found_and_nothing_else() -> None:
    names = list(registry())
    assert len(names) > 1800
    assert names == sorted(names)
    assert all(name in registry() and registry_type(name).name == name for name in names)
    for missing in (
        "",
        "A",
        "zzz",
        HEADER[1:],
        "AWS::S3::Bucke",
        "AWS::S3::Buckets",
        'AWS::S3::Bucket"',
        "Custom::Thing",
        "é",
    ):
        assert missing not in registry()
        assert registry().type(missing) is None
    assert HEADER not in names


@pytest.mark.parametrize("count", range(6))
def test_lines_are_found_whatever_their_number(count: int) -> None:
    entries = {f"T{'x' * i}": {"n": i} for i in range(count)}
    index = IndexFile(render({"from": "a test"}, entries).encode())
    assert {name: index.decode(name) for name in index} == entries
    assert index.source == {"from": "a test"}
    assert index.decode("S") is None
    assert index.decode("Tz") is None


def test_the_index_is_one_json_document() -> None:
    document = json.loads(Path(index_path("registry.json")).read_text("ascii"))
    assert list(document)[1:] == list(registry())


# --- the registry's content


@pytest.mark.parametrize(
    ("type_name", "path", "kind"),
    [
        ("AWS::RDS::DBInstance", "StorageEncrypted", "boolean"),
        ("AWS::RDS::DBInstance", "BackupRetentionPeriod", "integer"),
        ("AWS::RDS::DBInstance", "Endpoint.Address", "string"),
        ("AWS::S3::Bucket", "BucketEncryption", "object"),
        ("AWS::S3::Bucket", "BucketEncryption.ServerSideEncryptionConfiguration", "array"),
        (
            "AWS::S3::Bucket",
            "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm",
            "string",
        ),
        (
            "AWS::S3::Bucket",
            "BucketEncryption.ServerSideEncryptionConfiguration.[].ServerSideEncryptionByDefault.SSEAlgorithm",
            "string",
        ),
        ("AWS::EC2::SecurityGroup", "SecurityGroupIngress.0.FromPort", "integer"),
        ("AWS::EC2::SecurityGroup", "Tags.*", "object"),
        ("AWS::S3::BucketPolicy", "PolicyDocument", "json"),
        ("AWS::S3::BucketPolicy", "PolicyDocument.Statement.[].Effect", "json"),
        ("AWS::KMS::Key", "KeyPolicy", "json"),
        ("AWS::IAM::Role", "Policies.PolicyDocument.Version", "json"),
        ("AWS::Lambda::Function", "Environment.Variables", "object"),
        ("AWS::Lambda::Function", "Environment.Variables.DATABASE_URL", "json"),
        ("AWS::CloudFormation::CustomResource", "ServiceToken", "string"),
        ("AWS::Serverless::Function", "Runtime", "string"),
        ("AWS::DynamoDB::Table", "KeySchema.[].AttributeName", "string"),
        # A definition that contains itself, as deep as anyone likes.
        ("AWS::WAFv2::WebACL", "Rules.Statement.NotStatement.Statement.NotStatement.Statement", "object"),
    ],
)
def test_property_kinds(type_name: str, path: str, kind: str) -> None:
    found = at(type_name, path)
    assert found.kind == kind
    assert found.name == next(step for step in reversed(path.split(".")) if step not in ("[]", "*", "0"))


@pytest.mark.parametrize(
    ("type_name", "path"),
    [
        ("AWS::RDS::DBInstance", "StorageEncryption"),
        ("AWS::RDS::DBInstance", "StorageEncrypted.Value"),
        ("AWS::RDS::DBInstance", "[]"),
        ("AWS::EC2::SecurityGroup", "SecurityGroupIngress.Ports"),
        ("AWS::EC2::SecurityGroup", "SecurityGroupIngress.0.0"),
        ("AWS::S3::Bucket", "BucketEncryption.0"),
    ],
)
def test_unknown_properties(type_name: str, path: str) -> None:
    assert registry_type(type_name).property(path.split(".")) is None


def test_what_a_type_says_of_itself() -> None:
    database = registry_type("AWS::RDS::DBInstance")
    assert database.primary_identifier == ("DBInstanceIdentifier",)
    assert {"Endpoint.Address", "DBInstanceArn"} <= database.read_only
    assert registry_type("AWS::IAM::Policy").required == {"PolicyDocument", "PolicyName"}
    assert at("AWS::S3::Bucket", "Tags").items is not None
    assert at("AWS::S3::Bucket", "Tags.[]").required == {"Key", "Value"}
    assert at("AWS::S3::Bucket", "VersioningConfiguration.Status").enum == ("Enabled", "Suspended")
    assert at("AWS::RDS::DBInstance", "PerformanceInsightsRetentionPeriod").enum[:2] == (7, 31)


def test_names_are_found_without_case_and_underscores() -> None:
    assert normalised("kms_key_id") == "kmskeyid" == normalised("KmsKeyId")
    assert registry_type("AWS::RDS::DBInstance").find(normalised("storage_encrypted")) == "StorageEncrypted"
    assert at("AWS::S3::Bucket", "VersioningConfiguration").find("status") == "Status"
    assert registry_type("AWS::RDS::DBInstance").find("storage_encrypted") is None


def test_every_object_of_every_type_is_sound() -> None:
    """Every reference resolves, every kind is one of the seven, no two members of an object share a normalised name."""
    objects = 0
    own = Registry(IndexFile.open(index_path("registry.json")))  # so that this walk does not stay in memory
    for name in own:
        entry = own._index.decode(name)
        schema = own.type(name)
        assert entry is not None
        assert schema is not None
        definitions: dict[str, Any] = entry.get("definitions", {})  # type: ignore[assignment]
        roots = [schema, *(PropertySchema(key, node, definitions) for key, node in definitions.items())]
        # Every object is the root, a definition, or inline in one of them: references are not followed further.
        while roots:
            here = roots.pop()
            assert here.kind in KINDS, f"{name} {here}"
            members = here.properties
            objects += here.kind == "object"
            assert here.required <= members.keys(), f"{name} {here}"
            assert all(here.find(normalised(member)) == member for member in members), f"{name} {here}"
            inline = [*here._nodes.items(), *((here.name, node) for node in (here._items, here._values) if node)]
            for key, node in inline:
                if isinstance(node, str) and node.startswith("#"):
                    assert node[1:] in definitions, f"{name} {node}"
                else:
                    roots.append(PropertySchema(key, node, definitions))
    assert objects > 10_000


def test_every_property_of_a_bundled_schema_is_in_the_index() -> None:
    """Against the source, by a walk that knows nothing of the distiller: no name down to the third level is lost."""
    seen = 0

    def names(
        schema: dict[str, Any], root: dict[str, Any], path: list[str], followed: list[str]
    ) -> Iterator[list[str]]:
        pointer = schema.get("$ref")
        if pointer is not None and pointer not in followed:
            _, section, name = pointer.split("/")
            yield from names(root[section][name], root, path, [*followed, pointer])
        for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
            yield from names(part, root, path, followed)
        if "items" in schema:
            yield from names(schema["items"], root, [*path, "[]"], followed)
        elif len(path) < 3:
            for name, member in schema.get("properties", {}).items():
                yield [*path, name]
                yield from names(member, root, [*path, name], followed)

    for type_name, schema in bundled_schemas():
        indexed = registry_type(type_name)
        for path in names(schema, schema, [], []):
            assert indexed.property(path) is not None, f"{type_name} {path}"
            seen += 1
    assert seen > 30_000


# --- the distiller, on small schemas


def test_alternatives_are_seen_together() -> None:
    schema = type_of(
        properties={
            "Rule": {
                "type": "object",
                "oneOf": [
                    {
                        "properties": {"A": {"type": "string"}, "C": {"enum": ["x"], "type": "string"}},
                        "required": ["A", "C"],
                    },
                    {
                        "properties": {"B": {"type": "integer"}, "C": {"enum": ["y"], "type": "string"}},
                        "required": ["B", "C"],
                    },
                ],
            },
            "Either": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"D": {"type": "boolean"}}}]},
            "Unlike": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            "Bounded": {"type": "string", "enum": ["a", "b", "c"], "anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
            "Loose": {"type": "string", "anyOf": [{"enum": ["a"]}, {"pattern": "b.*"}]},
            "Fixed": {"type": "string", "const": "only"},
            "OneOrMany": {
                "oneOf": [
                    {"type": "object", "properties": {"E": {"type": "string"}}},
                    {"type": "array", "items": {"type": "object", "properties": {"E": {"type": "string"}}}},
                ]
            },
            "NumberOrIntrinsic": {"anyOf": [{"type": "object"}, {"type": "integer"}]},
            "ListOrIntrinsic": {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "string"}}]},
        }
    )
    assert schema.properties["OneOrMany"].kind == "array"
    assert schema.property(["OneOrMany", "E"]) is not None
    assert schema.properties["NumberOrIntrinsic"].kind == "integer"
    assert schema.property(["ListOrIntrinsic", "[]"]) is not None
    rule = schema.properties["Rule"]
    assert {name: each.kind for name, each in rule.properties.items()} == {"A": "string", "B": "integer", "C": "string"}
    assert rule.required == {"C"}
    assert rule.properties["C"].enum == ("x", "y")
    assert schema.property(["Either", "D"]) is not None
    assert schema.properties["Unlike"].kind == "json"
    assert schema.properties["Bounded"].enum == ("a", "b")
    assert schema.properties["Loose"].enum == ()
    assert schema.properties["Fixed"].enum == ("only",)


def test_references_are_followed_and_recursion_ends() -> None:
    schema = type_of(
        definitions={
            "Tree": {
                "type": "object",
                "properties": {"Leaf": {"$ref": "#/definitions/Name"}, "Next": {"$ref": "#/definitions/Tree"}},
            },
            "Name": {"type": "string"},
            "Alias": {"$ref": "#/definitions/Tree"},
            "Loop": {"$ref": "#/definitions/Loop"},
            "Mixed": {
                "type": "object",
                "properties": {"Again": {"$ref": "#/definitions/Mixed"}},
                "anyOf": [{"properties": {"Again": {"maxProperties": 1}}}],
            },
        },
        properties={
            "Tree": {"$ref": "#/definitions/Tree"},
            "Alias": {"allOf": [{"$ref": "#/definitions/Alias"}]},
            "Loop": {"$ref": "#/definitions/Loop"},
            "Mixed": {"$ref": "#/definitions/Mixed"},
            "Same": {"$ref": "#/properties/Tree"},
        },
    )
    for first in ("Tree", "Alias", "Same"):
        leaf = schema.property([first, *["Next"] * 20, "Leaf"])
        assert leaf is not None
        assert leaf.kind == "string"
    assert schema.properties["Loop"].kind == "json"
    assert schema.property(["Mixed", *["Again"] * 5]) is not None


def test_open_objects() -> None:
    schema = type_of(
        properties={
            "Free": {"type": "object"},
            "FreeOrText": {"type": ["object", "string"]},
            "Map": {"type": "object", "patternProperties": {".*": {"type": "integer"}}},
            "MapToo": {"type": "object", "additionalProperties": {"type": "boolean"}},
            "More": {"type": "object", "properties": {"A": {"type": "string"}}, "additionalProperties": True},
            "Nothing": {},
            "List": {"type": "array"},
        }
    )
    kinds = {name: each.kind for name, each in schema.properties.items()}
    assert kinds == {
        "Free": "json",
        "FreeOrText": "json",
        "Map": "object",
        "MapToo": "object",
        "More": "object",
        "Nothing": "json",
        "List": "array",
    }
    values = {name: each.values.kind for name, each in schema.properties.items() if each.values}
    assert values == {"Map": "integer", "MapToo": "boolean", "More": "json"}
    assert schema.property(["Map", "any-key"]) is not None
    assert schema.property(["Map", "any-key", "deeper"]) is None
    assert schema.properties["Map"].properties == {}
