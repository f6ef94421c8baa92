"""SARIF: valid against the official schema in both profiles, and as code scanning needs it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hipaalint.policy.check import ControlLink
from hipaalint.policy.finding import Suppression
from hipaalint.report import render
from hipaalint.report import sarif as sarif_module
from hipaalint.report.report import Report
from hipaalint.report.revision import Revision
from hipaalint.source import Diagnostic, SourceFile, SourceRange

from .builders import HOSTILE, TRAIL, UNREADABLE, make_check, make_finding, make_report, make_root

SCHEMA = Path(__file__).parents[2] / "data" / "sarif-2.1.0.json"
PROFILES = ("github", "full")
EVERYTHING = frozenset({"fail", "unknown", "pass", "not_applicable"})


@cache
def validator() -> Any:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def run_of(report: Report, profile: str = "github") -> dict[str, Any]:
    document = json.loads(render(report, "sarif", sarif_profile=profile))
    validator().validate(document)
    (run,) = document["runs"]
    assert empty_texts(document) == []
    return dict(run)


def empty_texts(data: object, path: str = "$") -> list[str]:
    """Where the document holds an empty text, which code scanning refuses in many places."""
    if isinstance(data, dict):
        return [found for name, each in data.items() for found in empty_texts(each, f"{path}.{name}")]
    if isinstance(data, list):
        return [found for index, each in enumerate(data) for found in empty_texts(each, f"{path}[{index}]")]
    return [path] if data == "" else []


def mixed_report() -> Report:
    root = make_root()
    suppressed = make_finding(root, "aws_sqs_queue.suppressed", related=TRAIL)
    suppressed.suppressed = Suppression("inline", "a test queue", "2027-12-31")
    return make_report(
        make_finding(root, related=TRAIL),
        make_finding(root, "aws_sqs_queue.perhaps", when='fails when Env ≠ "prod"'),
        make_finding(root, HOSTILE, verdict="unknown"),
        make_finding(root, "aws_sqs_queue.good", verdict="pass", note="by service default since 2022-10-04"),
        make_finding(root, "aws_sqs_queue.other", verdict="not_applicable"),
        suppressed,
        diagnostics=(UNREADABLE, Diagnostic("note", "module x is not loaded", path="infra/main.tf")),
        include=EVERYTHING,
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_valid(profile: str) -> None:
    run = run_of(mixed_report(), profile)
    assert run["tool"]["driver"]["name"] == "hipaalint"
    assert len(run["results"]) == {"github": 3, "full": 6}[profile]


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_found_is_valid_too(profile: str) -> None:
    assert run_of(make_report(), profile)["results"] == []


def test_full_tells_kinds_and_suppressions() -> None:
    results = run_of(mixed_report(), "full")["results"]
    kinds = {result["properties"]["resources"][0]: (result["kind"], result["level"]) for result in results}
    assert kinds["aws_sqs_queue.intake"] == ("fail", "error")
    assert kinds["aws_sqs_queue.perhaps"] == ("fail", "note")
    assert kinds["aws_sqs_queue.good"] == ("pass", "none")
    assert kinds["aws_sqs_queue.other"] == ("notApplicable", "none")
    (suppressed,) = (each for each in results if "suppressions" in each)
    assert suppressed["suppressions"] == [{"kind": "inSource", "justification": "a test queue"}]
    assert {kind for kind, _ in kinds.values()} == {"fail", "pass", "notApplicable", "open"}


def test_full_relates_rules_to_taxonomies() -> None:
    run = run_of(mixed_report(), "full")
    assert [taxonomy["name"] for taxonomy in run["taxonomies"]] == ["HIPAA", "HITRUST"]
    assert [taxon["id"] for taxon in run["taxonomies"][0]["taxa"]] == ["164.312(a)(2)(iv)"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert [(each["target"]["toolComponent"]["name"], each["target"]["id"]) for each in rule["relationships"]] == [
        ("HIPAA", "164.312(a)(2)(iv)"),
        ("HITRUST", "06.d"),
    ]


@pytest.mark.parametrize("profile", ["github", "full"])
def test_it_says_what_was_scanned(profile: str) -> None:
    report = make_report(revision=Revision("0" * 40, "main", "https://example.org/a/b"))
    assert run_of(report, profile)["versionControlProvenance"] == [
        {
            "repositoryUri": "https://example.org/a/b",
            "revisionId": "0" * 40,
            "branch": "main",
            "mappedTo": {"uriBaseId": "%SRCROOT%"},
        }
    ]


def test_diagnostics_are_notifications() -> None:
    (invocation,) = run_of(mixed_report())["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["error", "note"]
    assert [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in invocation["toolExecutionNotifications"]
    ] == ["bad.tf", "infra/main.tf"]


def test_github_merges_instances_and_links_the_trail() -> None:
    root = make_root()
    (result,) = run_of(make_report(*[make_finding(root, f"aws_sqs_queue.q[{n}]", related=TRAIL) for n in range(9)]))[
        "results"
    ]
    assert result["message"]["text"] == (
        "aws_sqs_queue.q[0] stores messages without encryption. The same holds for aws_sqs_queue.q[1], "
        "aws_sqs_queue.q[2], aws_sqs_queue.q[3], aws_sqs_queue.q[4], aws_sqs_queue.q[5] and 3 more. "
        "See [default of var.encrypt](1)."
    )
    assert [entry["id"] for entry in result["relatedLocations"]] == list(range(1, 10))
    (flow,) = result["codeFlows"][0]["threadFlows"]
    steps = [step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in flow["locations"]]
    assert steps == ["infra/variables.tf", "infra/queues.tf"]


def test_fingerprints_are_ours_and_differ() -> None:
    root = make_root()
    first, second = make_finding(root), make_finding(root, "aws_sqs_queue.b", reason="not-written")
    results = run_of(make_report(first, second))["results"]
    hashes = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
    assert sorted(hashes) == sorted([first.fingerprint, second.fingerprint])


def test_rules_carry_severity_help_and_few_tags() -> None:
    check = make_check(severity="critical")
    check.controls = tuple(ControlLink(f"hipaa:164.31{n}(a)", "because") for n in range(15))
    (rule,) = run_of(make_report(make_finding(check=check)))["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "9.5"
    assert len(rule["properties"]["tags"]) == 10
    assert all(f"`{link.id}`" in rule["help"]["markdown"] for link in check.controls)
    assert "relationships" not in rule


@pytest.mark.parametrize(
    ("path", "uri"),
    [("infra/a b#c.tf", "infra/a%20b%23c.tf"), ("日本/x.tf", "%E6%97%A5%E6%9C%AC/x.tf"), ("a%20b.tf", "a%2520b.tf")],
)
def test_places_are_relative_and_encoded(path: str, uri: str) -> None:
    (result,) = run_of(make_report(make_finding(marked=SourceRange(SourceFile(path, "x = 1\n"), 0, 5))))["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_a_severity_that_is_raised_changes_level_but_not_the_rule() -> None:
    run = run_of(make_report(make_finding(check=make_check(severity="low"), severity="critical")))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "2.0"
    assert rule["defaultConfiguration"] == {"level": "note"}
    (result,) = run["results"]
    assert (result["level"], result["properties"]["severity"]) == ("error", "critical")


def test_a_category_tells_logs_apart() -> None:
    log = json.loads(render(make_report(), "sarif", category="infra/prod"))
    assert log["runs"][0]["automationDetails"] == {"id": "infra/prod/"}


def test_regions_are_never_empty_and_do_not_reach_the_next_line() -> None:
    file = SourceFile("x.tf", "a = 1\n\nb = 2\n")
    for start, end in ((0, 0), (0, 6), (5, 6), (6, 7), (0, 7)):
        (result,) = run_of(make_report(make_finding(marked=SourceRange(file, start, end))))["results"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] == region["endLine"]
        assert region["endColumn"] > region["startColumn"]


def test_too_many_results_are_cut_with_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_module, "MAX_RESULTS", 3)
    root = make_root()
    findings = [make_finding(root, f"aws_sqs_queue.q{n}", check=make_check(f"sqs-low-{n}", "low")) for n in range(4)]
    findings.append(make_finding(root, check=make_check("sqs-worst", "critical")))
    run = run_of(make_report(*findings))
    assert len(run["results"]) == 3
    assert run["results"][0]["ruleId"] == "sqs-worst"
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"].startswith("2 results of the lowest ranks are left out")


def test_related_locations_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_module, "MAX_RELATED", 4)
    root = make_root()
    (result,) = run_of(make_report(*[make_finding(root, f"aws_sqs_queue.q[{n}]") for n in range(9)]))["results"]
    assert len(result["relatedLocations"]) == 4


def test_text_that_reads_as_a_link_is_none() -> None:
    (result,) = run_of(make_report(make_finding(message="see [this](7)", related=TRAIL)))["results"]
    assert "](7)" not in result["message"]["text"]
