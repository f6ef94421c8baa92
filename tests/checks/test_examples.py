"""The examples of every check are its tests: verdict, reported line, and nothing else reported."""

from __future__ import annotations

import pytest

from hipaalint.policy.catalogue import load_catalogue
from hipaalint.policy.examples import Case, cases, differences

CASES = [case for check in load_catalogue().checks.values() for case in cases(check)]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.check.id} {case.name}" for case in CASES])
def test_example(case: Case) -> None:
    wrong = differences(case)
    assert not wrong, "\n".join([case.example.about, *wrong])
