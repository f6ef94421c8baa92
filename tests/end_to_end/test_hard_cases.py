"""Configurations in which peers go wrong, each with all that must be found in it: fixtures/hard-cases/<language>/<case>.

expected.yaml names the checks that are run, and every result they have: check, resource, verdict, where a place
matters file and line (`at`), and for what depends on an input the words that say how (`when`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.command import scan_json

PROJECT = Path(__file__).parents[2]
CASES = sorted(file.parent for file in (PROJECT / "fixtures" / "hard-cases").glob("*/*/expected.yaml"))


def row(result: dict[str, Any], folder: str) -> dict[str, Any]:
    """A result of the report in the form of an expectation."""
    place = f"{result['file'].removeprefix(folder + '/')}:{result['line']}"
    return {**{name: result[name] for name in ("check", "resource", "verdict", "when")}, "at": place}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_hard_case(case: Path) -> None:
    expected = yaml.safe_load((case / "expected.yaml").read_text(encoding="utf-8"))
    folder = case.relative_to(PROJECT).as_posix()
    selection = [option for check in expected["checks"] for option in ("--select", check)]
    report = scan_json(
        folder, "--profile", "all", *selection, "--include", "pass,fail,unknown,not_applicable", cwd=PROJECT
    )
    assert report["diagnostics"] == []
    found = {(each["check"], each["resource"]): row(each, folder) for each in report["results"]}
    wanted = {(each["check"], each["resource"]): each for each in expected["results"]}
    assert len(found) == len(report["results"])
    assert len(wanted) == len(expected["results"])
    for key, each in wanted.items():
        each.setdefault("when", None)
        each.setdefault("at", found.get(key, {}).get("at"))
    assert found == wanted
    assert {check for check, _ in wanted} == set(expected["checks"])


def test_there_are_hard_cases() -> None:
    assert len([case for case in CASES if case.parent.name == "terraform"]) >= 6
