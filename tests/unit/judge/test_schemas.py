"""The JSON schemas accept what the readers accept, know every key, and refuse what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from hipaalint.judge.configuration import DEPLOYMENT_KEYS, KEYS, SUPPRESSION_KEYS, ConfigurationError, configuration_of
from hipaalint.judge.platform import ALLOW_KEYS, read_policy
from hipaalint.judge.rules import OVERRIDE_KEYS
from hipaalint.judge.schemas import schemas
from hipaalint.policy.check_file import FIELDS, REQUIRED

PROJECT = Path(__file__).parents[3]
TEXT = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
SCHEMAS = schemas()


def plain(text: str) -> Any:
    """YAML as data, days as texts."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, Loader)


def properties(schema: dict[str, Any]) -> set[str]:
    return set(schema["properties"])


def test_the_schemas_are_schemas_and_know_every_key() -> None:
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    configuration, policy, check = SCHEMAS["configuration"], SCHEMAS["policy"], SCHEMAS["check"]
    assert properties(configuration) == set(KEYS)
    assert properties(policy) == set(KEYS) - {"roots", "overrides"} | {"allow"}
    assert properties(policy["properties"]["allow"]) == set(ALLOW_KEYS)
    assert properties(check) == set(FIELDS)
    assert check["required"] == list(REQUIRED)
    inner = configuration["properties"]
    assert properties(inner["overrides"]["items"]) == set(OVERRIDE_KEYS)
    assert properties(inner["suppressions"]["items"]) == set(SUPPRESSION_KEYS)
    assert properties(inner["roots"]["additionalProperties"]["additionalProperties"]) == set(DEPLOYMENT_KEYS)


def test_what_the_documentation_shows_is_valid(tmp_path: Path) -> None:
    configuration, policy = re.findall(r"```(?:yaml|text)\n(.*?)```", TEXT, re.DOTALL)
    jsonschema.validate(plain(configuration), SCHEMAS["configuration"])
    jsonschema.validate(plain(policy), SCHEMAS["policy"])
    (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
    assert read_policy(tmp_path / "policy.yaml").since
    assert all(f"  {key}:" in policy for key in ALLOW_KEYS)


def test_every_check_file_is_valid() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS["check"])
    found = {
        path.name: [error.message for error in validator.iter_errors(plain(path.read_text(encoding="utf-8")))]
        for path in sorted((PROJECT / "checks").glob("*/*.yaml"))
        if path.parent.name not in ("controls", "profiles")
    }
    assert {name: errors for name, errors in found.items() if errors} == {}
    assert len(found) > 50


@pytest.mark.parametrize(
    "wrong",
    [
        {"profil": "all"},
        {"fail_on": "hihg"},
        {"fail_on_unknown": "maybe"},
        {"include": ["pas"]},
        {"severity": {"s3-*": "hihg"}},
        {"overrides": [{"ignore": ["low"]}]},
        {"overrides": [{"paths": ["a"], "ignor": ["low"]}]},
        {"assume": {"aws_ebs_encryption_by_default": {"enabled": True}}},
        {"assume": {"aws_ebs_encryption_by_default": True}},
        {"suppressions": [{"check": "a-b", "reason": "x", "until": "soon", "path": "a"}]},
        {"suppression_rules": {"low": "never"}},
        {"scope": "account"},
        {"roots": {"a": {"dev": {"var_file": ["x"]}}}},
        {"baseline": ["a"]},
    ],
)
def test_schema_and_reader_refuse_the_same(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMAS["configuration"])
    with pytest.raises(ConfigurationError):
        configuration_of(wrong, tmp_path)
