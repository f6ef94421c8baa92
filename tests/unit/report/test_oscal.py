"""The OSCAL that is written loads and validates with compliance-trestle, and says of controls what the results say."""

from __future__ import annotations

import json
import warnings
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that trestle stands on
    from trestle.common.model_utils import ModelUtils
    from trestle.core.validator_factory import validator_factory
    from trestle.oscal.assessment_results import AssessmentResults
    from trestle.oscal.catalog import Catalog

from hipaalint import scan
from hipaalint.policy.catalogue import load_catalogue
from hipaalint.policy.finding import PASS, UNKNOWN, Suppression
from hipaalint.report import render
from hipaalint.report.oscal_catalog import control_id, render_catalog

from .builders import HOSTILE, make_finding, make_report

PORTAL = Path(__file__).parents[3] / "fixtures" / "patient-portal"


def loaded(text: str, kind: Any, path: Path) -> Any:
    """The model, once it was read from a file and every validator of trestle has agreed to it."""
    path.write_text(text, encoding="utf-8")
    model = kind.oscal_read(path)
    assert model is not None
    assert validator_factory.get(Namespace(mode="all")).model_is_valid(model, True, path.parent)
    assert ModelUtils.has_no_duplicate_values_by_name(model, "uuid")
    return model


def the_result(text: str) -> Any:
    return json.loads(text)["assessment-results"]["results"][0]


def test_the_catalogue_holds_every_control_once(tmp_path: Path) -> None:
    controls = load_catalogue().controls
    model = loaded(render_catalog(controls.values()), Catalog, tmp_path / "catalog.json")
    ids = [
        control.id
        for group in model.groups
        for part in (group, *(getattr(group, "groups", None) or []))
        for control in getattr(part, "controls", None) or []
    ]
    assert sorted(ids) == sorted(map(control_id, controls))
    assert len(set(ids)) == len(ids)
    assert "hipaa-164.312-a-2-iv" in ids


def test_a_real_run_validates_and_refers_to_the_catalogue(tmp_path: Path) -> None:
    report = scan([PORTAL], {"include": ["pass"]})
    model = loaded(render(report, "oscal"), AssessmentResults, tmp_path / "results.json")
    result = model.results[0]
    counts = report.counts()
    assert len(result.observations) == sum(number for name, number in counts.items() if name != "not_applicable")
    known = json.dumps(json.loads(render_catalog(report.controls.values())))
    assert result.findings
    for finding in result.findings:
        assert f'"{finding.target.target_id}"' in known
    items = {item.uuid for item in result.local_definitions.inventory_items}
    assert {subject.subject_uuid for each in result.observations for subject in each.subjects} == items


def test_two_runs_are_the_same() -> None:
    config = {"fail_on": "high"}
    first, second = (render(scan([PORTAL], config), "oscal") for _ in range(2))
    left, right = (json.loads(text)["assessment-results"]["results"][0]["observations"] for text in (first, second))
    assert [each["uuid"] for each in left] == [each["uuid"] for each in right]


@pytest.mark.parametrize(
    ("findings", "state", "reason"),
    [
        ([{}], "not-satisfied", "fail"),
        ([{"verdict": UNKNOWN}], "not-satisfied", "other"),
        ([{"when": "var.x = 1"}], "not-satisfied", "other"),
        ([{"suppressed": Suppression("inline", "migrating", "2027-06-30")}], "not-satisfied", "other"),
        ([{"verdict": PASS}], "satisfied", "pass"),
        ([{"verdict": PASS}, {"verdict": UNKNOWN, "address": "aws_sqs_queue.b"}], "not-satisfied", "other"),
    ],
)
def test_states(findings: list[dict[str, Any]], state: str, reason: str, tmp_path: Path) -> None:
    text = render(make_report(*(make_finding(**each) for each in findings)), "oscal")
    loaded(text, AssessmentResults, tmp_path / "results.json")
    for finding in the_result(text)["findings"]:
        assert finding["target"]["status"] == {"state": state, "reason": reason}
        undetermined = any(each["value"] == "not-determined" for each in finding["props"])
        assert undetermined == (reason == "other")


def test_nothing_examined_is_valid_and_finds_nothing(tmp_path: Path) -> None:
    text = render(make_report(), "oscal")
    loaded(text, AssessmentResults, tmp_path / "results.json")
    assert "findings" not in the_result(text)


def test_hostile_texts_stay_valid(tmp_path: Path) -> None:
    finding = make_finding(address=HOSTILE, message="\n\x00 <script>\n", note="\u2028", when=" ")
    loaded(render(make_report(finding), "oscal"), AssessmentResults, tmp_path / "results.json")
