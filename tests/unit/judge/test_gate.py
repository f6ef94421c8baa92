"""The gate: exit code 2 wins over 1, and only what counts closes it."""

from __future__ import annotations

import pytest

from hipaalint.expression.world import World
from hipaalint.judge.gate import exit_code
from hipaalint.policy.check import Check
from hipaalint.policy.finding import Finding, Suppression
from hipaalint.resource import TERRAFORM, Root
from hipaalint.source import Diagnostic, SourceFile, SourceRange

ROOT = Root(TERRAFORM, ".", "", World())
PLACE = SourceRange(SourceFile("main.tf", "x"), 0, 1)


def finding(verdict: str = "fail", severity: str = "medium", when: str | None = None, hidden: bool = False) -> Finding:
    check = Check()
    check.severity, check.resources = severity, ("AWS::S3::Bucket",)
    made = Finding(check, ROOT, None, verdict, PLACE)
    made.when = when
    made.suppressed = Suppression("inline", "why") if hidden else None
    return made


@pytest.mark.parametrize(
    ("findings", "fail_on", "fail_on_unknown", "unloaded", "code"),
    [
        ([], "medium", False, False, 0),
        ([finding()], "medium", False, False, 1),
        ([finding(severity="low")], "medium", False, False, 0),
        ([finding(severity="critical")], "high", False, False, 1),
        ([finding(severity="medium")], "high", False, False, 0),
        ([finding(when="fails when x")], "low", True, False, 0),
        ([finding(hidden=True)], "low", True, False, 0),
        ([finding("pass")], "low", True, False, 0),
        ([finding("unknown")], "medium", False, False, 0),
        ([finding("unknown")], "medium", True, False, 1),
        ([finding("unknown", severity="low")], "medium", True, False, 0),
        ([finding("unknown", hidden=True)], "medium", True, False, 0),
        ([], "medium", False, True, 0),
        ([], "medium", True, True, 1),
    ],
)
def test_what_closes_the_gate(
    findings: list[Finding], fail_on: str, fail_on_unknown: bool, unloaded: bool, code: int
) -> None:
    notes = [Diagnostic("warning", "w"), Diagnostic("note", "n")]
    options = {"assume_nothing": False, "fail_on": fail_on, "fail_on_unknown": fail_on_unknown, "unloaded": unloaded}
    assert exit_code(findings, notes, **options) == code  # type: ignore[arg-type]
    assert exit_code(findings, [*notes, Diagnostic("error", "e")], **options) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (finding(when="fails when x"), 1),
        (finding("unknown", when="fails when x"), 1),
        (finding("unknown"), 0),
        (finding("pass"), 0),
        (finding(when="fails when x", severity="low"), 0),
        (finding(when="fails when x", hidden=True), 0),
    ],
)
def test_who_assumes_nothing_counts_what_can_fail(found: Finding, code: int) -> None:
    options = {"fail_on": "medium", "fail_on_unknown": False, "unloaded": False}
    assert exit_code([found], [], assume_nothing=True, **options) == code  # type: ignore[arg-type]
