"""Which checks run: profiles, patterns, parameters, and the nearest name for what means nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hipaalint.judge.configuration import ConfigurationError, configuration_of
from hipaalint.judge.selection import given_parameters, select_checks
from hipaalint.policy.catalogue import Catalogue
from hipaalint.policy.check import Check, ControlLink, Parameter


def check(id: str, severity: str, control: str, profiles: tuple[str, ...] = ("default",)) -> Check:
    made = Check()
    made.id, made.severity, made.profiles = id, severity, profiles
    made.controls = (ControlLink(control, "because"),)
    return made


def catalogue() -> Catalogue:
    made = Catalogue()
    for each in (
        check("rds-backup-enabled", "medium", "hipaa:164.308(a)(7)(ii)(A)"),
        check("s3-ssl-requests-only", "high", "hipaa:164.312(e)(1)"),
        check("s3-versioning-enabled", "low", "hipaa:164.312(c)(1)"),
        check("tags-required", "low", "hitrust:07.a", profiles=("advisory",)),
    ):
        made.checks[each.id] = each
    made.aliases["s3-https"] = "s3-ssl-requests-only"
    made.checks["s3-ssl-requests-only"].aliases = ("s3-https",)
    made.checks["rds-backup-enabled"].parameters = {"minimum_days": Parameter("minimum_days", "number", 7)}
    return made


def selected(**config: Any) -> list[str]:
    return [each.id for each in select_checks(catalogue(), configuration_of(config, Path()))]


DEFAULT = ["rds-backup-enabled", "s3-ssl-requests-only", "s3-versioning-enabled"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, DEFAULT),
        ({"profile": "strict"}, [*DEFAULT, "tags-required"]),
        ({"profile": "advisory"}, ["tags-required"]),
        ({"profile": "all"}, [*DEFAULT, "tags-required"]),
        ({"select": ["s3-*"]}, ["s3-ssl-requests-only", "s3-versioning-enabled"]),
        ({"select": ["s3-https"]}, ["s3-ssl-requests-only"]),
        ({"select": ["low"]}, ["s3-versioning-enabled", "tags-required"]),
        ({"select": ["hipaa:164.312(e)(1)"]}, ["s3-ssl-requests-only"]),
        ({"select": ["hipaa:164.308(a)(7)"]}, ["rds-backup-enabled"]),
        ({"select": ["hipaa:164.312*"]}, ["s3-ssl-requests-only", "s3-versioning-enabled"]),
        ({"select": ["hitrust:*"]}, ["tags-required"]),
        ({"select": ["s3-*"], "ignore": ["low"]}, ["s3-ssl-requests-only"]),
        ({"ignore": ["s3-*", "rds-backup-enabled"]}, []),
    ],
)
def test_selection(config: dict[str, Any], expected: list[str]) -> None:
    assert selected(**config) == expected


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"select": ["s3-ssl-request-only"]}, 'did you mean "s3-ssl-requests-only"'),
        ({"ignore": ["qqq"]}, "`hipaalint checks` lists them"),
        ({"select": ["hipaa:164.3"]}, 'no check, control or severity is named "hipaa:164.3"'),
        ({"profile": "strickt"}, 'no profile "strickt"; did you mean "strict"'),
    ],
)
def test_names_that_mean_nothing(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message.replace("(", r"\(")):
        selected(**config)


def parameters(given: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return given_parameters(catalogue(), configuration_of({"parameters": given}, Path()))


def test_parameters() -> None:
    assert parameters({"rds-backup-enabled": {"minimum_days": 30}}) == {"rds-backup-enabled": {"minimum_days": 30}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rds-backup": {"minimum_days": 1}}, 'names no check "rds-backup"; did you mean "rds-backup-enabled"'),
        ({"rds-backup-enabled": {"minimum_day": 1}}, 'no parameter "minimum_day"; did you mean "minimum_days"'),
        ({"rds-backup-enabled": {"minimum_days": "many"}}, '"minimum_days" of rds-backup-enabled must be a number'),
        ({"tags-required": {"x": 1}}, "it has none"),
    ],
)
def test_wrong_parameters(given: dict[str, dict[str, Any]], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parameters(given)
