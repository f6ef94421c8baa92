"""Configuration: where it is found, what it means in YAML and TOML, and that each mistake names place and repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.judge.configuration import (
    Configuration,
    ConfigurationError,
    configuration_of,
    find_configuration,
    read_configuration,
)

YAML = """\
profile: strict
select: [s3-*, high]
ignore: [s3-versioning-enabled]
fail_on: high
fail_on_unknown: true
include: [unknown]
exclude: ["examples/*"]
checks: [policy/checks]
scope: account-baseline
parameters:
  rds-backup-enabled:
    minimum_days: 30
    names: [a, b]
roots:
  infra/app:
    prod:
      var_files: [prod.tfvars]
      variables: {region: eu-central-1}
    dev:
      parameters: [dev.json]
suppressions:
  - check: s3-*
    address: module.logs.*
    reason: holds no ePHI
    until: 2027-01-31
  - check: [sqs-encrypted, ebs-volume-encrypted]
    path: legacy/*
    reason: is being replaced
"""
TOML = """\
[project]
name = "x"

[tool.hipaalint]
profile = "strict"
select = ["s3-*", "high"]
ignore = ["s3-versioning-enabled"]
fail-on = "high"
fail-on-unknown = true
include = ["unknown"]
exclude = ["examples/*"]
checks = ["policy/checks"]
scope = "account-baseline"

[tool.hipaalint.parameters.rds-backup-enabled]
minimum_days = 30
names = ["a", "b"]

[tool.hipaalint.roots."infra/app".prod]
var_files = ["prod.tfvars"]
variables = {region = "eu-central-1"}

[tool.hipaalint.roots."infra/app".dev]
parameters = ["dev.json"]

[[tool.hipaalint.suppressions]]
check = "s3-*"
address = "module.logs.*"
reason = "holds no ePHI"
until = 2027-01-31

[[tool.hipaalint.suppressions]]
check = ["sqs-encrypted", "ebs-volume-encrypted"]
path = "legacy/*"
reason = "is being replaced"
"""


def read(tmp_path: Path, text: str, name: str = "hipaalint.yaml") -> Configuration:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_configuration(path, name)


def mistakes(tmp_path: Path, text: str, name: str = "hipaalint.yaml") -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text, name)
    return [f"{each.path}:{each.line}: {each.message}" for each in caught.value.diagnostics]


@pytest.mark.parametrize(("name", "text"), [("hipaalint.yaml", YAML), ("pyproject.toml", TOML)])
def test_both_forms_mean_the_same(tmp_path: Path, name: str, text: str) -> None:
    found = read(tmp_path, text, name)
    assert found.profile == "strict"
    assert found.select == ("s3-*", "high")
    assert found.ignore == ("s3-versioning-enabled",)
    assert (found.fail_on, found.fail_on_unknown) == ("high", True)
    assert found.include == {"fail", "unknown"}
    assert found.exclude == ("examples/*",)
    assert found.checks == (tmp_path / "policy/checks",)
    assert found.account_baseline is not None
    values = {name: value for name, (value, _) in found.parameters["rds-backup-enabled"].items()}
    assert values == {"minimum_days": 30, "names": ["a", "b"]}
    prod, dev = found.roots[(tmp_path / "infra/app").resolve()]
    assert prod.name == "prod"
    assert prod.variables == [("file", tmp_path / "prod.tfvars"), ("var", "region=eu-central-1")]
    assert (dev.name, dev.parameters) == ("dev", [tmp_path / "dev.json"])
    first, second = found.suppressions
    assert (first.checks, first.address, first.path) == (("s3-*",), "module.logs.*", "*")
    assert (first.reason, first.until) == ("holds no ePHI", "2027-01-31")
    assert (second.checks, second.path, second.until) == (("sqs-encrypted", "ebs-volume-encrypted"), "legacy/*", None)


def test_a_mapping_is_a_configuration_too(tmp_path: Path) -> None:
    found = configuration_of({"profile": "all", "parameters": {"a-b": {"x": 1.5}}}, tmp_path)
    assert found.profile == "all"
    with pytest.raises(ConfigurationError, match='no key "profil"; did you mean "profile"'):
        configuration_of({"profil": "all"}, tmp_path)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_an_empty_file_is_the_default(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert (found.profile, found.fail_on, found.include) == ("default", "medium", frozenset({"fail"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("profile: all\nignor: [x]\n", 'hipaalint.yaml:2: there is no key "ignor"; did you mean "ignore"?'),
        ("fail_on: hihg\n", 'hipaalint.yaml:1: "fail_on" must be one of low, medium, high, critical'),
        ("fail_on_unknown: maybe\n", 'hipaalint.yaml:1: "fail_on_unknown" must be true or false'),
        ("\ninclude: [unkown]\n", 'hipaalint.yaml:2: "include" has no "unkown"; did you mean "unknown"?'),
        ("scope: account\n", 'hipaalint.yaml:1: "scope" must be one of'),
        ("suppressions:\n  - check: a-b\n    address: x\n", 'hipaalint.yaml:2: "reason" is missing; add it'),
        ("suppressions:\n  - check: a-b\n    reason: x\n", "hipaalint.yaml:2: name the `address`"),
        (
            "suppressions:\n  - {check: a-b, path: x, reason: y, until: soon}\n",
            'hipaalint.yaml:2: "soon" is no date; write it as 2027-01-31',
        ),
        (
            "roots:\n  a:\n    prod:\n      varfiles: [x]\n",
            'hipaalint.yaml:4: there is no key "varfiles"; did you mean',
        ),
        ("- a\n", "hipaalint.yaml:1: this must be a map"),
        ("a: [\n", "hipaalint.yaml:"),
    ],
)
def test_mistakes_name_line_key_and_repair(tmp_path: Path, text: str, expected: str) -> None:
    (message,) = mistakes(tmp_path, text)
    assert message.startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[project]\nname = "x"\n[tool.hipaalint]\nprofile = "all"\nselct = ["a"]\n',
            'pyproject.toml:5: there is no key "selct"; did you mean "select"?',
        ),
        ('[tool.hipaalint]\nfail-on = "hihg"\n', 'pyproject.toml:2: "fail_on" must be one of'),
        ("[tool.hipaalint.roots.a.prod]\nvarfiles = 1\n", 'pyproject.toml:2: there is no key "varfiles"; did you mean'),
        ("[tool.hipaalint]\nprofile = \n", "pyproject.toml:2: no valid TOML: "),
    ],
)
def test_mistakes_in_toml_have_their_line_too(tmp_path: Path, text: str, expected: str) -> None:
    (message,) = mistakes(tmp_path, text, "pyproject.toml")
    assert message.startswith(expected)


def test_every_mistake_is_shown_at_once(tmp_path: Path) -> None:
    assert len(mistakes(tmp_path, "profil: x\nfail_on: y\n")) == 2


def test_it_is_found_upwards_and_not_above_the_repository(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    target = repository / "infra" / "app"
    target.mkdir(parents=True)
    (tmp_path / "hipaalint.yaml").write_text("profile: all\n")
    assert find_configuration(target, repository) is None
    (repository / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert find_configuration(target, repository) is None
    (repository / "pyproject.toml").write_text("[tool.hipaalint]\n")
    assert find_configuration(target, repository) == repository / "pyproject.toml"
    (repository / "infra" / "hipaalint.yaml").write_text("profile: all\n")
    file = target / "main.tf"
    file.write_text("")
    assert find_configuration(file, repository) == repository / "infra" / "hipaalint.yaml"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.yaml.*cannot be read: No such file"):
        read_configuration(tmp_path / "absent.yaml", "absent.yaml")
