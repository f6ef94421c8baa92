"""The profiles that come with hipaalint name checks that exist."""

from __future__ import annotations

import pytest

from hipaalint.policy.catalogue import load_catalogue

CATALOGUE = load_catalogue()
SOURCES = ("aws-config-hipaa", "cdk-nag-hipaa", "guard-hipaa", "logicworks", "dome9", "cloudticity", "dash", "qovery")


def test_there_is_a_profile_for_each_source() -> None:
    assert sorted(CATALOGUE.profiles) == sorted(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_its_checks_exist_and_are_in_it(name: str) -> None:
    ids = CATALOGUE.profiles[name]
    assert ids == tuple(sorted(set(ids)))
    assert [id for id in ids if CATALOGUE.find(id) is None] == []
    assert {check.id for check in CATALOGUE.checks.values() if name in check.profiles} == {
        found.id for id in ids if (found := CATALOGUE.find(id)) is not None
    }
