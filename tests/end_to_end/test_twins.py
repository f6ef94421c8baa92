"""The same system written in CloudFormation and in Terraform gets the same verdicts, and those that were meant.

Each test scans fixtures/patient-portal through the command, as a user would, with every check switched on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root

PROJECT = Path(__file__).parents[2]
SYSTEM = PROJECT / "fixtures" / "patient-portal"
LANGUAGES = ("terraform", "cloudformation")
ABSENT = frozenset({"absent"})

# (check, role) → verdicts; a failure that needs another value of an input than the one given is "conditional fail"
Verdicts = dict[tuple[str, str], frozenset[str]]


@cache
def read(name: str) -> Any:
    return yaml.safe_load((SYSTEM / name).read_text(encoding="utf-8"))


@cache
def existing_checks() -> frozenset[str]:
    return frozenset(file.stem for file in (PROJECT / "checks").glob("*/*.yaml") if file.parent.name != "controls")


@cache
def scan(language: str) -> Any:
    """The JSON report of one side; any exit code but 0 and 1 is a failure."""
    options = ["--format", "json", "--profile", "all", "--include", "pass,unknown,not_applicable"]
    command = [sys.executable, "-m", "hipaalint", "scan", str(SYSTEM / language), *options, "--date", "2026-01-01"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode in (0, 1), f"exit code {done.returncode}\n{done.stderr}\n{done.stdout[-4000:]}"
    return json.loads(done.stdout)


def findings(language: str) -> list[tuple[str, str, str]]:
    """(check, address, verdict) of every result."""
    return [
        (
            result["check"],
            result["resource"],
            "conditional fail" if result["verdict"] == "fail" and result["when"] is not None else result["verdict"],
        )
        for result in scan(language)["results"]
    ]


def verdicts(language: str) -> Verdicts:
    """Those of the resources that play a role; what has none is the matter of `test_every_finding_has_a_role`."""
    role_of = {pair[language]: role for role, pair in read("roles.yaml")["roles"].items()}
    collected = defaultdict(set)
    for check, address, verdict in findings(language):
        if address in role_of:
            collected[check, role_of[address]].add(verdict)
    # One Terraform resource may be two in the registry (a gateway and its attachment): what concerns one of them counts.
    return {key: frozenset(found - {"not_applicable"} or found) for key, found in collected.items()}


def expected_rows() -> list[dict[str, Any]]:
    rows = read("expected.yaml")
    return [*rows["wrong_on_purpose"], *rows["right"]]


def row_id(row: dict[str, Any]) -> str:
    role = row["role"] if isinstance(row["role"], str) else row["role"][0]
    return f"{row['check']}-{role}-{row['verdict']}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_read(language: str) -> None:
    report = scan(language)
    assert [diagnostic for diagnostic in report["diagnostics"] if diagnostic["severity"] == "error"] == []
    assert {result["check"] for result in report["results"]} <= existing_checks()
    assert report["results"]


def addresses(language: str) -> list[str]:
    options = LoadOptions(PROJECT)
    if language == "terraform":
        root = load_module_root(SYSTEM / "terraform", options)
    else:
        root = load_template(SYSTEM / "cloudformation" / "portal.yaml", options)
    return [resource.address for resource in root.resources if not resource.data]


@pytest.mark.parametrize("language", LANGUAGES)
def test_roles_name_all_resources_and_no_others(language: str) -> None:
    declared = read("roles.yaml")
    named = [pair[language] for pair in declared["roles"].values()] + list(declared["one_sided"][language])
    assert sorted(named) == sorted(addresses(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_a_role(language: str) -> None:
    declared = read("roles.yaml")
    roles = {pair[language] for pair in declared["roles"].values()}
    one_sided = declared["one_sided"][language]
    without_role = {
        (check, address, verdict)
        for check, address, verdict in findings(language)
        # A data source plays no role of its own: CloudFormation has none.
        if address not in roles
        and not ((address in one_sided or address.startswith("data.")) and verdict in ("pass", "not_applicable"))
    }
    assert sorted(without_role) == []


def test_both_languages_give_the_same_verdicts() -> None:
    terraform, cloudformation = verdicts("terraform"), verdicts("cloudformation")
    accepted = {}
    for row in read("roles.yaml")["differs"]:
        assert row["reason"]
        if row["check"] in existing_checks():
            accepted[row["check"], row["role"]] = (frozenset({row["terraform"]}), frozenset({row["cloudformation"]}))
    different = {}
    for key in sorted(terraform.keys() | cloudformation.keys() | accepted.keys()):
        pair = terraform.get(key, ABSENT), cloudformation.get(key, ABSENT)
        # A difference that was declared and is gone is reported too.
        if pair != accepted.get(key, (pair[0], pair[0])):
            different[key] = {"terraform": sorted(pair[0]), "cloudformation": sorted(pair[1])}
    assert different == {}
    assert terraform


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("row", expected_rows(), ids=row_id)
def test_expected_verdict(row: dict[str, Any], language: str) -> None:
    if row["check"] not in existing_checks():
        pytest.skip(f"there is no check {row['check']} yet")
    roles = [row["role"]] if isinstance(row["role"], str) else row["role"]
    found = verdicts(language)
    verdict = "conditional fail" if row.get("conditional") else row["verdict"]
    assert frozenset({verdict}) in [found.get((row["check"], role)) for role in roles], {
        role: sorted(found.get((row["check"], role), ABSENT)) for role in roles
    }


def test_expectations_name_roles() -> None:
    roles = read("roles.yaml")["roles"]
    for row in expected_rows():
        named = [row["role"]] if isinstance(row["role"], str) else row["role"]
        assert [role for role in named if role not in roles] == [], row
