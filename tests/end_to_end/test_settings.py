"""Rules of a configuration at work: severities, paths, asserted settings, building on one another; and validation."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hipaalint.cli import COMMANDS, main

from .command import BAD_TEMPLATE, BAD_VOLUME, CHECK, DATE, ONLY, write_tree

BOTH = {"a/main.tf": BAD_VOLUME, "sandbox/b/main.tf": BAD_VOLUME}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HIPAALINT_POLICY", raising=False)
    (tmp_path / ".git").mkdir()
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def scan(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, shown = run(capsys, "scan", *ONLY, "--date", DATE, "--format", "json", *arguments)
    report: dict[str, Any] = json.loads(shown)
    assert report["summary"]["exit_code"] == code
    return report


def severities(report: dict[str, Any]) -> dict[str, str]:
    return {row["file"]: row["severity"] for row in report["results"]}


def test_severities_are_the_configurations(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(here, {**BOTH, "hipaalint.yaml": "severity: {high: low, ebs-*: medium}\n"})
    assert severities(scan(capsys)) == dict.fromkeys(BOTH, "medium")
    override = "overrides: [{paths: [sandbox], severity: {ebs-*: low}}, {paths: ['a*'], severity: {high: critical}}]\n"
    write_tree(here, {"hipaalint.yaml": override})
    report = scan(capsys, "--fail-on", "critical")
    assert severities(report) == {"a/main.tf": "critical", "sandbox/b/main.tf": "low"}
    assert report["summary"]["exit_code"] == 1
    assert scan(capsys, "sandbox")["summary"]["exit_code"] == 0


def test_checks_are_off_for_paths(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(here, {**BOTH, "hipaalint.yaml": f"overrides: [{{paths: [sandbox/b], ignore: [{CHECK}]}}]\n"})
    assert list(severities(scan(capsys))) == ["a/main.tf"]


def test_one_configuration_builds_on_another(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = "fail_on: critical\nexclude: [sandbox]\nseverity: {high: low}\ninclude: [unknown]\n"
    write_tree(here, {**BOTH, "base.yaml": base, "hipaalint.yaml": "extends: base.yaml\nfail_on: low\n"})
    report = scan(capsys)
    assert severities(report) == {"a/main.tf": "low"}
    assert (report["summary"]["fail_on"], report["summary"]["exit_code"]) == ("low", 1)
    write_tree(here, {"base.yaml": "extends: hipaalint.yaml\n"})
    code, shown = run(capsys, "scan")
    assert (code, "cannot build on itself" in shown) == (2, True)
    write_tree(here, {"base.yaml": "fail_onn: low\n"})
    code, shown = run(capsys, "scan")
    assert (code, 'base.yaml:1:1: there is no key "fail_onn"; did you mean "fail_on"?' in shown) == (2, True)


@pytest.mark.parametrize("files", [{"main.tf": BAD_VOLUME}, {"data.yaml": BAD_TEMPLATE}])
def test_asserted_settings_count_as_if_they_were_declared(
    here: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str]
) -> None:
    setting = "assume:\n  aws_ebs_encryption_by_default: {enabled: true, reason: by the landing zone}\n"
    write_tree(here, {**files, "hipaalint.yaml": setting})
    report = scan(capsys, "--include", "pass")
    assert [(row["verdict"], row["type"]) for row in report["results"]] == [("pass", "AWS::EC2::Volume")]
    assert (report["summary"]["resources"], report["summary"]["judged"]) == (1, 1)
    write_tree(here, {"hipaalint.yaml": setting.replace("true", "false")})
    assert scan(capsys)["summary"]["fail"] == 1
    for wrong, message in (
        ("aws_ebs_encryption_by_defalt", 'did you mean "aws_ebs_encryption_by_default"?'),
        ("aws_ebs_encryption_by_default: {enabled: true}\n  aws_x", "say in `reason` who makes sure"),
    ):
        write_tree(here, {"hipaalint.yaml": setting.replace("aws_ebs_encryption_by_default", wrong, 1)})
        code, shown = run(capsys, "scan")
        assert (code, message in shown) == (2, True), shown


def test_reasons_are_optional_where_the_configuration_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comment = f"# hipaalint: ignore[{CHECK}]"
    write_tree(here, {"main.tf": BAD_VOLUME.replace("false", f"false {comment}")})
    report = scan(capsys)
    assert report["summary"]["fail"] == 1
    assert ["gives no reason" in each["message"] for each in report["diagnostics"]] == [True]
    write_tree(here, {"hipaalint.yaml": "suppression_rules: {low: allow}\n"})
    assert scan(capsys)["summary"]["fail"] == 1
    write_tree(here, {"hipaalint.yaml": "suppression_rules: {'*': deny, ebs-*: allow}\n"})
    report = scan(capsys)
    assert (report["summary"]["suppressed"], report["diagnostics"]) == (1, [])
    write_tree(here, {"hipaalint.yaml": "suppression_rules: {ebs-*: allow, high: deny}\n"})
    report = scan(capsys)
    assert report["summary"]["fail"] == 1
    assert report["diagnostics"][0]["message"] == f"this suppression is not permitted and not applied: {CHECK}"


@pytest.mark.parametrize(
    "text",
    [
        "severity: {ebs-volume-encryptd: low}\n",
        "overrides: [{paths: [a], ignore: [ebs-volume-encryptd]}]\n",
        "suppression_rules: {ebs-volume-encryptd: deny}\n",
    ],
)
def test_rules_name_checks_that_there_are(here: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    write_tree(here, {"main.tf": BAD_VOLUME, "hipaalint.yaml": text})
    code, shown = run(capsys, "scan")
    assert (code, 'did you mean "ebs-volume-encrypted"?' in shown) == (2, True), shown


def test_templates_are_validated_and_configure_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """cfn-lint loads rules from where a template or a file of the repository says, unless it is kept from that."""
    rules = "Metadata: {cfn-lint: {config: {append_rules: [rules], ignore_checks: [E]}}}\n"
    code = f"open({str(here / 'executed')!r}, 'w')\n"
    template = BAD_TEMPLATE.replace("false", "true").replace("Resources:", f"{rules}Resources:")
    files = {"data.yaml": template.replace("Size: 10", "Size: 10\n      Sise: 10"), "rules/rule.py": code}
    write_tree(here, {**files, ".cfnlintrc": "append_rules: [rules]\nignore_checks: [E]\n"})
    assert scan(capsys)["summary"]["exit_code"] == 0
    report = scan(capsys, "--validate")
    assert report["summary"]["exit_code"] == 2
    (diagnostic,) = report["diagnostics"]
    assert (diagnostic["file"], diagnostic["line"], diagnostic["severity"]) == ("data.yaml", 9, "error"), report
    assert diagnostic["message"].startswith("E3002: ")
    assert not (here / "executed").exists()


def test_init_writes_what_is_missing_and_changes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(here, {"infra/main.tf": BAD_VOLUME, ".pre-commit-config.yaml": "repos: []\n"})
    assert "hipaalint.yaml: would be written" in run(capsys, "init", "--dry-run")[1]
    assert not (here / "hipaalint.yaml").exists()
    code, shown = run(capsys, "init", "--source", "https://example.org/team/hipaalint")
    assert code == 0
    assert "1 Terraform root" in shown
    assert ".pre-commit-config.yaml: is there already; what belongs into it:\n    - repo: https://example.org" in shown
    assert (here / ".pre-commit-config.yaml").read_text() == "repos: []\n"
    workflow = (here / ".github/workflows/hipaalint.yml").read_text()
    assert "uses: team/hipaalint@v" in workflow
    assert "OWNER" not in workflow + shown
    assert run(capsys, "scan", *ONLY)[0] == 1
    write_tree(here, {".gitlab-ci.yml": "stages: []\n"})
    assert "codequality: hipaalint.json" in run(capsys, "init")[1]
    assert run(capsys, "init", "absent")[0] == 2


def test_schemas_are_printed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("configuration", "policy", "check"):
        code, shown = run(capsys, "schema", name)
        assert (code, json.loads(shown)["type"]) == (0, "object")
    assert run(capsys, "schema", "polcy")[0] == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_and_options(here: Path, capsys: pytest.CaptureFixture[str], shell: str) -> None:
    code, script = run(capsys, "completion", shell)
    assert code == 0
    assert all(command in script for command in COMMANDS)
    assert "sarif-profile" in script
    if shell == "bash" and shutil.which("bash"):
        ask = """
        COMP_WORDS=(hipaalint %s); COMP_CWORD=%d; _hipaalint; echo "${COMPREPLY[*]}"
        """
        for words, position, expected in (
            ("sc", 1, "scan schema"),
            ("scan --sarif-pro", 2, "--sarif-profile"),
            ("scan --fail-on h", 3, "high"),
        ):
            shown = subprocess.run(
                ["bash", "-c", script + ask % (words, position)], capture_output=True, text=True, check=True
            )
            assert shown.stdout.strip() == expected
