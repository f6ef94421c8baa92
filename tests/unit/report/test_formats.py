"""Every format: what must be in it, what must never be, and that it is what its readers expect."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from typing import Any
from xml.etree import ElementTree

import pytest

from hipaalint.policy.finding import Finding, Suppression
from hipaalint.report import EVIDENCE, FORMATS, render
from hipaalint.report.rows import without_secrets
from hipaalint.source import Diagnostic, SourceFile, SourceRange

from .builders import CHECK, HOSTILE, QUEUES, TRAIL, UNREADABLE, find, make_check, make_finding, make_report, make_root

ALL_VERDICTS = frozenset({"fail", "unknown", "pass", "not_applicable"})


@pytest.mark.parametrize("format", FORMATS)
def test_a_finding_is_in_every_format(format: str) -> None:
    text = render(make_report(make_finding()), format)
    assert "sqs-encrypted" in text
    if format.startswith("controls-"):
        return  # controls and checks are counted there, findings are not listed
    assert "infra/queues.tf" in text
    assert re.search(r"aws\\?_sqs\\?_queue.intake stores messages without encryption", text)


@pytest.mark.parametrize("format", FORMATS)
def test_what_could_not_be_read_is_in_every_format(format: str) -> None:
    text = render(make_report(diagnostics=(UNREADABLE,), exit_code=2), format)
    assert "this block never ends; add }" in text
    assert "bad.tf" in text


@pytest.mark.parametrize("format", FORMATS)
def test_control_characters_are_escaped_in_every_format(format: str) -> None:
    file = SourceFile("in\x1b[2Jfra\r\n.tf", "a = \x1b[31m1\u202e2 \x00\n")
    finding = make_finding(address=HOSTILE, related=TRAIL, when="fails when x = \x9b", marked=SourceRange(file, 0, 12))
    diagnostic = Diagnostic("error", "bad\x1b]0;title\x07 name", SourceRange(file, 0, 3))
    report = make_report(finding, diagnostics=(diagnostic,), include=ALL_VERDICTS)
    text = render(report, format)
    harmful = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert harmful == []
    # A name with a line end in it must not begin a line, which might be a command.
    assert not [line for line in text.splitlines() if line.startswith("::error::")]


@pytest.mark.parametrize("format", [format for format in FORMATS if format not in EVIDENCE])
def test_verdicts_that_nobody_asked_for_are_not_shown(format: str) -> None:
    address = "aws_sqs_queue.undecided"
    report = make_report(make_finding(make_root(), address, verdict="unknown"))
    assert address not in render(report, format).replace("\\", "")
    report.include = frozenset({"unknown"})
    assert address in render(report, format).replace("\\", "")


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_report_has_the_same_bytes(format: str) -> None:
    findings = [make_finding(make_root(f"root{n}"), f"aws_sqs_queue.q{n}", related=TRAIL) for n in range(5)]
    diagnostics = (UNREADABLE, Diagnostic("note", "module x is not loaded", path="a.tf"))
    forward = make_report(*findings, diagnostics=diagnostics)
    backward = make_report(*reversed(findings), diagnostics=diagnostics[::-1])
    assert render(forward, format) == render(backward, format)


def test_json_has_the_documented_form() -> None:
    finding = make_finding(related=TRAIL, when='fails when Env ≠ "prod"')
    finding.suppressed = Suppression("inline", "a test queue", "2027-12-31")
    document = json.loads(render(make_report(finding, diagnostics=(UNREADABLE,)), "json"))
    assert list(document) == ["version", "tool", "summary", "results", "diagnostics"]
    assert document["summary"]["exit_code"] == 1
    assert document["summary"]["errors"] == 1
    assert document["results"] == [
        {
            "check": "sqs-encrypted",
            "verdict": "fail",
            "severity": "high",
            "root": "infra",
            "deployment": "",
            "resource": "aws_sqs_queue.intake",
            "type": "AWS::SQS::Queue",
            "file": "infra/queues.tf",
            "line": 3,
            "column": 3,
            "end_line": 3,
            "end_column": 34,
            "message": "aws_sqs_queue.intake stores messages without encryption",
            "note": None,
            "when": 'fails when Env ≠ "prod"',
            "reason": "value",
            "controls": ["hipaa:164.312(a)(2)(iv)", "hitrust:06.d"],
            "fingerprint": finding.fingerprint,
            "related": [{"file": "infra/variables.tf", "line": 2, "message": "default of var.encrypt"}],
            "suppressed": {"kind": "inline", "reason": "a test queue", "until": "2027-12-31"},
        }
    ]
    assert document["diagnostics"] == [
        {"severity": "error", "file": "bad.tf", "line": 1, "column": 1, "message": "this block never ends; add }"}
    ]


def test_counts_tell_failures_conditions_and_suppressions_apart() -> None:
    root = make_root()
    hidden = make_finding(root, "aws_sqs_queue.hidden")
    hidden.suppressed = Suppression("inline", "why")
    report = make_report(
        make_finding(root, "aws_sqs_queue.bad"),
        make_finding(root, "aws_sqs_queue.perhaps", when="fails when x"),
        make_finding(root, "aws_sqs_queue.unclear", verdict="unknown"),
        make_finding(root, "aws_sqs_queue.good", verdict="pass"),
        hidden,
    )
    assert report.counts() == {
        "fail": 1, "conditional": 1, "unknown": 1, "pass": 1, "not_applicable": 0, "suppressed": 1,
    }  # fmt: skip


def test_a_diagnostic_of_a_shared_file_is_there_once() -> None:
    twin = Diagnostic(UNREADABLE.severity, UNREADABLE.message, UNREADABLE.range)
    assert make_report(diagnostics=(UNREADABLE, twin)).diagnostics == [twin]


def junit(*args: Any, **more: Any) -> ElementTree.Element:
    return ElementTree.fromstring(render(make_report(*args, **more), "junit").encode())


def test_junit_counts_what_it_holds() -> None:
    root = make_root()
    top = junit(
        make_finding(root),
        make_finding(root, "aws_sqs_queue.x", verdict="unknown"),
        make_finding(root, "aws_sqs_queue.y", verdict="pass"),
        diagnostics=(UNREADABLE,),
        include=ALL_VERDICTS,
    )
    assert {name: top.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "4", "failures": "1", "errors": "1",
    }  # fmt: skip
    assert [suite.get("skipped") for suite in top.iter("testsuite")] == ["0", "1"]
    assert [suite.get("name") for suite in top.iter("testsuite")] == ["hipaalint", "infra"]


def test_gitlab_has_the_members_of_code_quality() -> None:
    (issue,) = json.loads(render(make_report(make_finding()), "gitlab"))
    assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
    assert issue["severity"] == "critical"
    assert issue["location"] == {"path": "infra/queues.tf", "lines": {"begin": 3}}


def test_github_annotations_are_escaped_and_capped() -> None:
    root = make_root()
    findings = [
        make_finding(root, f"aws_sqs_queue.q[{n}]", check=make_check(f"sqs-check-{n:02}"), message="50% of: a, b")
        for n in range(14)
    ]
    lines = render(make_report(*findings), "github").splitlines()
    assert len(lines) == 11
    assert lines[0] == (
        "::error file=infra/queues.tf,line=3,col=3,endColumn=34,title=sqs-check-00 (high)::50%25 of: a, b"
    )
    assert lines[-1] == "::notice title=hipaalint::4 more findings are not shown here; the full report has them"


def test_github_keeps_a_notice_for_the_count() -> None:
    root = make_root()
    findings = [make_finding(root, check=make_check(f"sqs-check-{n}"), verdict="unknown") for n in range(12)]
    lines = render(make_report(*findings, include=ALL_VERDICTS), "github").splitlines()
    assert len(lines) == 10
    assert lines[-1] == "::notice title=hipaalint::3 more findings are not shown here; the full report has them"


def test_github_annotates_a_place_once() -> None:
    root = make_root()
    (line,) = render(
        make_report(*[make_finding(root, f"aws_sqs_queue.q[{n}]") for n in range(3)]), "github"
    ).splitlines()
    assert line.endswith("::aws_sqs_queue.q[0] stores messages without encryption (and 2 more like it)")


def test_github_escapes_properties() -> None:
    file = SourceFile("a,b:c%.tf", "x = 1\n")
    (line,) = render(make_report(make_finding(marked=SourceRange(file, 0, 5))), "github").splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac%25.tf,line=1,")


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_csv_cells_are_no_formulas(formula: str) -> None:
    file = SourceFile(formula, "x = 1\n")
    text = render(make_report(make_finding(address=formula, marked=SourceRange(file, 0, 5))), "csv")
    header, row = csv.reader(io.StringIO(text))
    cells = dict(zip(header, row, strict=True))
    assert cells["resource"] == cells["file"] == f"'{formula}"


def test_markdown_cells_stay_in_their_table() -> None:
    check = make_check()
    finding = make_finding(address="aws_sqs_queue.a|b`c", check=check, message="a | b <script> `x` [l](u)")
    line = next(line for line in render(make_report(finding), "markdown").splitlines() if "sqs-encrypted" in line)
    assert len(re.findall(r"(?<!\\)\|", line)) == 7
    assert "<script>" not in line.replace("\\<", "")


def test_markdown_says_what_it_leaves_out() -> None:
    root = make_root()
    findings = [make_finding(root, f"aws_sqs_queue.q{n}", check=make_check(f"sqs-check-{n}")) for n in range(203)]
    assert "3 more rows are left out" in render(make_report(*findings), "markdown")


def test_text_marks_what_decided() -> None:
    lines = render(make_report(make_finding(related=TRAIL)), "text").splitlines()
    assert lines[:12] == [
        "infra/queues.tf: aws_sqs_queue.intake",
        "",
        "fail[sqs-encrypted] high: aws_sqs_queue.intake stores messages without encryption",
        "  --> infra/queues.tf:3:3",
        ' 1 | resource "aws_sqs_queue" "intake" {',
        "  …",
        " 3 |   sqs_managed_sse_enabled = false",
        "   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "   = default of var.encrypt: infra/variables.tf:2",
        "   = controls: hipaa:164.312(a)(2)(iv), hitrust:06.d",
        "   = repair: Set kms_master_key_id, or leave sqs_managed_sse_enabled on.",
        "",
    ]
    assert lines[12] == "1 resource · 1 judged by 1 check · 1 fail · 0 conditional · 0 unknown · 0 suppressed"


def test_text_merges_what_is_the_same_of_many_instances() -> None:
    root = make_root()
    text = render(make_report(*[make_finding(root, f"aws_sqs_queue.q[{n}]") for n in range(12)]), "text")
    assert text.count("fail[sqs-encrypted]") == 1
    assert "aws_sqs_queue.q[0] (and 11 more like it)" in text
    assert "= also: aws_sqs_queue.q[10], aws_sqs_queue.q[11], aws_sqs_queue.q[1], " in text
    assert "and 3 more" in text


def test_text_does_not_merge_other_reasons() -> None:
    root = make_root()
    report = make_report(make_finding(root), make_finding(root, "aws_sqs_queue.b", reason="not-written"))
    assert render(report, "text").count("fail[sqs-encrypted]") == 2


def test_text_shows_no_line_that_holds_a_secret() -> None:
    finding = make_finding(sensitive=True)
    assert "sqs_managed_sse_enabled = false" not in render(make_report(finding), "text")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('password = "hush"', 'password = "****"'),
        ("{MasterUserPassword: hush, Encrypted: false}", "{MasterUserPassword: ****, Encrypted: false}"),
        ('"SecretString": "hu\\"sh",', '"SecretString": "**\\"**",'.replace("\\", "*")),
        ("Password: 1234", "Password: ****"),
        ('auth_token="hush" # hush', 'auth_token="****" # hush'),
        ("password = var.password", None),
        ('password = "${var.password}"', None),
        ("MasterUserPassword: !Ref Password", None),
        ("MasterUserPassword: '{{resolve:secretsmanager:db:SecretString:password}}'", None),
        ("ManageMasterUserPassword: true", None),
        ('http_tokens = "optional"', None),
        ('secret_arn = "arn:aws:secretsmanager:x"', None),
        ('resource "aws_secretsmanager_secret" "x" {', None),
    ],
)
def test_literals_where_secrets_belong_are_masked(line: str, shown: str | None) -> None:
    assert without_secrets(line) == (shown or line)
    file = SourceFile("infra/main.tf", f"{line}\n")
    finding = make_finding(marked=SourceRange(file, 0, len(line)), message=f"it is `{line}`")
    text = render(make_report(finding), "text")
    assert f" 1 | {shown or line}\n" in text
    assert f"it is `{shown or line}`" in text


def test_text_says_what_was_not_judged() -> None:
    root = make_root()
    root.unjudged = ["module.vpc (registry.terraform.io/terraform-aws-modules/vpc/aws)"]
    closing = render(make_report(make_finding(root)), "text").splitlines()[-2:]
    assert closing == [
        "Not judged, since not loaded: 1",
        "  module.vpc (registry.terraform.io/terraform-aws-modules/vpc/aws)",
    ]


def test_text_is_colored_only_when_asked() -> None:
    report = make_report(make_finding())
    assert "\x1b[" not in render(report, "text")
    assert "\x1b[1;31mfail[sqs-encrypted]\x1b[0m" in render(report, "text", color=True)


@pytest.mark.parametrize(
    ("line", "marked", "expected"),
    [
        ("\tx = 1", "x = 1", "    ^^^^^"),
        ('name = "日本" # x', '"日本"', "       ^^^^^^"),
        ("a" * 300 + "MARK" + "b" * 300, "MARK", " ^^^^"),
    ],
)
def test_marks_stand_under_their_text(line: str, marked: str, expected: str) -> None:
    file = SourceFile("infra/queues.tf", line + "\n")
    text = render(make_report(make_finding(marked=find(marked, file))), "text")
    mark = next(line for line in text.splitlines() if "^" in line)
    assert mark.partition("| ")[2] == expected


def test_the_neighbours_in_one_long_line_are_not_shown() -> None:
    file = SourceFile("plan.json", '{"password":"hush",' + " " * 200 + '"encrypted":false,"token":"hush"}')
    text = render(make_report(make_finding(marked=find('"encrypted":false', file))), "text")
    assert ' 1 | …"encrypted":false…\n   |  ^^^^^^^^^^^^^^^^^\n' in text
    assert "hush" not in text


def test_long_ranges_are_cut() -> None:
    whole = SourceRange(QUEUES, 0, len(QUEUES.text))
    file = SourceFile("long.tf", "".join(f"line {n}\n" for n in range(1, 50)))
    text = render(make_report(make_finding(check=CHECK, marked=SourceRange(file, 0, len(file.text)))), "text")
    assert " 4 | line 4\n  …\n" in text
    assert "line 5" not in text
    assert "\n 4 | }\n" in render(make_report(make_finding(marked=whole)), "text")


def test_what_is_missing_in_several_roots_is_told_apart() -> None:
    findings = []
    for name in ("a", "b"):
        finding = Finding(CHECK, make_root(name), None, "fail", find('resource "aws_sqs_queue"'))
        finding.message = "no AWS::SQS::Queue is declared"
        findings.append(finding)
    text = render(make_report(*findings), "text")
    assert text.startswith("infra/queues.tf: AWS::SQS::Queue in a (and 1 more like it)\n")
    assert "   = also: AWS::SQS::Queue in b\n" in text
