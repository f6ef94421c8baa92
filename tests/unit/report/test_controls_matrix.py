"""The control matrix adds up, says the same in every format, and shows attestations beside results, never as one."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hipaalint import scan
from hipaalint.judge.configuration import ConfigurationError, configuration_of
from hipaalint.policy.finding import PASS, UNKNOWN, Suppression
from hipaalint.report import render
from hipaalint.report.controls_matrix import (
    BY_HAND,
    KINDS,
    NO_FINDING,
    NOT_EXAMINED,
    STATE_WORDS,
    SUPPRESSED,
    Matrix,
    Tally,
)
from hipaalint.report.report import Report

from .builders import make_check, make_finding, make_report, make_root

FIXTURES = Path(__file__).parents[3] / "fixtures"
ATTESTED = {
    "requirement": "hipaa:164.310(a)(1)",
    "owner": "facilities",
    "date": "2026-09-01",
    "evidence": "https://wiki.example.org/facility-access",
    "until": "2027-08-31",
}
Figures = dict[str, tuple[int, ...]]  # check → numbers in the order of KINDS


@pytest.fixture(scope="module")
def report() -> Report:
    everything = ["pass", "unknown", "not_applicable"]
    found = scan(
        [FIXTURES], {"include": everything, "suppressions": [{"check": "rds-*", "path": "*", "reason": "test"}]}
    )
    assert all(found.counts()[name] for name in (*KINDS, "not_applicable")), "the fixtures should show every kind"
    return found


def page_data(text: str) -> Any:
    """The data of an HTML report."""
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def test_examined_is_the_sum_of_its_kinds_in_every_format(report: Report) -> None:
    matrix = Matrix(report)
    expected: Figures = {id: tuple(tally.kinds.values()) for id, tally in matrix.checks.items() if tally.examined}

    counted = Counter((row["check"], _kind(row)) for row in json.loads(render(report, "json"))["results"])
    assert {id: tuple(counted[id, name] for name in KINDS) for id in expected} == expected
    assert sum(number for (_, name), number in counted.items() if name in KINDS) == matrix.total.examined

    lines = list(csv.DictReader(io.StringIO(render(report, "controls-csv"))))
    table = {each["check"]: each for each in lines if each["line"] == "check"}
    assert {id: tuple(int(table[id][name]) for name in KINDS) for id in expected} == expected
    for each in lines:
        if each["examined"]:
            assert int(each["examined"]) == sum(int(each[name]) for name in KINDS)
    (total,) = (each for each in lines if each["line"] == "total")
    assert int(total["examined"]) == matrix.total.examined

    data = page_data(render(report, "html"))
    assert {each["id"]: tuple(each["counts"]) for each in data["checks"] if sum(each["counts"])} == expected
    listed = Counter((data["checks"][row[0]]["id"], data["kinds"][row[1]]) for row in data["results"])
    assert {id: tuple(listed[id, name] for name in KINDS) for id in expected} == expected

    observations = json.loads(render(report, "oscal"))["assessment-results"]["results"][0]["observations"]
    facts = [{each["name"]: each["value"] for each in observation["props"]} for observation in observations]
    observed = Counter((each["check"], each["result"]) for each in facts if "check" in each)
    assert {id: tuple(observed[id, name] for name in KINDS) for id in expected} == expected

    rows = re.findall(
        r"^\| ([a-z0-9-]+) \| \w+ \| .*? \|((?: \d+ \|){6})$", render(report, "controls-markdown"), re.MULTILINE
    )
    numbers = {id: tuple(map(int, re.findall(r"\d+", figures))) for id, figures in rows}
    assert {id: figures[1:] for id, figures in numbers.items()} == expected
    assert all(figures[0] == sum(figures[1:]) for figures in numbers.values())


def test_a_control_counts_what_its_checks_found(report: Report) -> None:
    matrix = Matrix(report)
    lines = [each for each in csv.DictReader(io.StringIO(render(report, "controls-csv"))) if each["line"] == "check"]
    for row in matrix.rows:
        own = [each for each in lines if each["control"] == row.control.id]
        assert sum(int(each["examined"]) for each in own) == row.tally.examined
        assert {each["check"] for each in own} == {check.id for check, _ in row.checks}
        assert row.state in STATE_WORDS
    assert any(row.state == BY_HAND for row in matrix.rows)


def _kind(row: dict[str, Any]) -> str:
    if row["suppressed"]:
        return SUPPRESSED
    return "conditional" if row["verdict"] == "fail" and row["when"] else str(row["verdict"])


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ([], NOT_EXAMINED),
        ([{"verdict": PASS}], NO_FINDING),
        ([{"verdict": PASS}, {"suppressed": Suppression("inline", "x")}], NO_FINDING),
        ([{"suppressed": Suppression("inline", "x")}], SUPPRESSED),
        ([{"verdict": PASS}, {"when": "x"}], "conditional"),
        ([{"when": "x"}, {"verdict": UNKNOWN}], "unknown"),
        ([{"verdict": UNKNOWN}, {}], "fail"),
    ],
)
def test_states_are_the_worst_that_is_open(given: list[dict[str, Any]], state: str) -> None:
    tally = Tally()
    for each in given:
        tally.count(make_finding(**each))
    assert tally.state() == state


def attesting(**changes: Any) -> dict[str, Any]:
    return {"attest": [{**ATTESTED, **changes}]}


def test_an_attestation_is_shown_and_passes_nothing() -> None:
    path = FIXTURES / "patient-portal"
    without, attested = scan([path]), scan([path], attesting(requirement=["hipaa:164.312(a)(1)", "ec2-antivirus"]))
    assert without.counts() == attested.counts()
    assert [row.state for row in Matrix(without).rows] == [row.state for row in Matrix(attested).rows]
    rows = {row.control.id: row for row in Matrix(attested).rows}
    assert rows["hipaa:164.312(a)(1)"].attestations
    assert rows["hipaa:164.308(a)(5)(ii)(B)"].attestations, "through the manual requirement"
    for format in ("html", "controls-csv", "oscal"):
        assert "facility-access" in render(attested, format)


@pytest.mark.parametrize(
    ("date", "is_open"), [("2026-08-31", True), ("2026-09-01", False), ("2027-08-31", False), ("2027-09-01", True)]
)
def test_an_expired_attestation_is_open(date: str, is_open: bool) -> None:
    configuration = configuration_of(attesting(), Path())
    configuration.date = date
    report = scan([FIXTURES / "patient-portal"], configuration)
    lines = csv.DictReader(io.StringIO(render(report, "controls-csv")))
    assert [each["state"] for each in lines if each["line"] == "attestation"] == ["open" if is_open else "attested"]
    assert page_data(render(report, "html"))["attestations"][0]["open"] is is_open


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requirement": "hipaa:164.310(a)(9)"}, 'nothing is called "hipaa:164.310(a)(9)"'),
        ({"until": "soon"}, '"soon" is no date'),
        ({"owner": ""}, '"owner" must be a text'),
        ({"requirement": []}, '"requirement" must name'),
    ],
)
def test_mistakes_in_attestations_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        scan([FIXTURES / "patient-portal"], attesting(**changes))


def test_reports_say_what_they_rest_on_and_that_they_certify_nothing(report: Report) -> None:
    for format in ("html", "controls-csv", "controls-markdown", "oscal"):
        text = render(report, format)
        assert "no certification" in text
        assert len(set(re.findall(r"SHA-256 ([0-9a-f]{64})", text))) == 3, "catalogue, inputs, configuration"
        assert report.date in text


def test_no_text_of_a_user_ends_the_script_or_becomes_markup() -> None:
    evil = "</script><script>alert(1)</script><!-- & \u2028"
    finding = make_finding(make_root("in<b>fra"), address=f"aws_sqs_queue.{evil}", message=evil, note=evil)
    text = render(make_report(finding), "html")
    assert text.count("<script") == 2
    assert "alert(1)</script>" not in text
    assert page_data(text)["texts"].count(evil.replace("\u2028", "\\u2028")) == 1


def test_a_sensitive_line_is_not_excerpted() -> None:
    line = "sqs_managed_sse_enabled = false"
    assert line in render(make_report(make_finding()), "html")
    assert line not in render(make_report(make_finding(sensitive=True)), "html")


def test_ten_thousand_results_stay_small() -> None:
    root, checks = make_root(), [make_check(f"sqs-check-{number}") for number in range(20)]
    findings = [make_finding(root, f"module.m.aws_sqs_queue.q{n}", check=checks[n % 20]) for n in range(10_000)]
    assert len(render(make_report(*findings), "html").encode()) < 15 << 20


def test_an_assumed_setting_is_shown_with_its_reason_and_who_asks_for_it() -> None:
    assume = {"aws_ebs_encryption_by_default": {"enabled": True, "reason": "set by the landing zone"}}
    report = scan([FIXTURES / "patient-portal"], {"assume": assume})
    (shown,) = page_data(render(report, "html"))["assumptions"]
    assert (shown["type"], shown["reason"]) == ("aws_ebs_encryption_by_default", "set by the landing zone")
    assert "ebs-volume-encrypted" in shown["checks"]
    assert "set by the landing zone" in render(report, "controls-csv"), "as part of the configuration"
