"""The platform's word: ways in which a change of the repository could open its own gate, none of which do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hipaalint.cli import main

from .command import BAD_TEMPLATE, BAD_VOLUME, CHECK, DATE, GOOD_VOLUME, write_tree

POLICY = f"select: [{CHECK}, rds-backup-enabled]\nfail_on: medium\n"
IGNORE = f'# hipaalint: ignore[{CHECK}] reason="it is fine"'
SHORT = 'resource "aws_db_instance" "d" {\n  backup_retention_period = 0\n}\n'
FROM_VARIABLE = BAD_VOLUME.replace("false", "var.encrypted") + 'variable "encrypted" {\n  type = bool\n}\n'
MAYBE = {"infra/main.tf": FROM_VARIABLE}
METADATA = BAD_TEMPLATE.replace(
    "    Properties:", f"    Metadata: {{hipaalint: {{ignore: [{CHECK}], reason: x}}}}\n    Properties:"
)
OWN = """\
id: {id}
title: Nothing is asked
severity: low
controls: [{{id: "hipaa:164.312(b)", because: it says so}}]
risk: None.
resource: AWS::EC2::Volume
condition: |-
  true
message: |-
  never
remediation: None.
aliases: [{alias}]
examples: {{}}
"""


def own(id: str, alias: str) -> dict[str, str]:
    return {f"own/ebs/{id}.yaml": OWN.format(id=id, alias=alias), "hipaalint.yaml": "checks: [own]\n"}


def config(text: str, **files: str) -> dict[str, str]:
    return {"hipaalint.yaml": text, **files}


# name → files beside the bad volume, options, lines of the policy. Each opens the gate where there is no policy.
WAYS: dict[str, tuple[dict[str, str], list[str], str]] = {
    "ignore": (config(f"ignore: [{CHECK}]\n"), [], ""),
    "ignore by severity": (config("ignore: [low, medium, high, critical]\n"), [], ""),
    "ignore by control": (config('ignore: ["hipaa:*"]\n'), [], ""),
    "select something else": (config("select: [sqs-encrypted]\n"), [], ""),
    "in a file further in": ({"infra/hipaalint.yaml": f"ignore: [{CHECK}]\n"}, [], ""),
    "in pyproject.toml": ({"pyproject.toml": f'[tool.hipaalint]\nignore = ["{CHECK}"]\n'}, [], ""),
    "by extends": (config("extends: base.yaml\n", **{"base.yaml": f"ignore: [{CHECK}]\n"}), [], ""),
    "by another configuration": ({"other.yaml": "fail_on: critical\n"}, ["--config", "other.yaml"], ""),
    "fail on critical": (config("fail_on: critical\n"), [], ""),
    "fail on critical, by option": ({}, ["--fail-on", "critical"], ""),
    "ignore, by option": ({}, ["--ignore", CHECK], ""),
    "select, by option": ({}, ["--select", "sqs-encrypted"], ""),
    "exclude the folder": (config("exclude: [infra]\n"), [], ""),
    "exclude everything": (config('exclude: ["*"]\n'), [], ""),
    "lower the severity": (config(f"severity: {{{CHECK}: low}}\n"), [], ""),
    "lower all severities": (config("severity: {high: low, medium: low}\n"), [], ""),
    "off for a path": (config(f"overrides: [{{paths: [infra], ignore: [{CHECK}]}}]\n"), [], ""),
    "lower for a path": (config("overrides: [{paths: ['*'], severity: {high: low}}]\n"), [], ""),
    "a comment": ({"infra/main.tf": BAD_VOLUME.replace("false", f"false {IGNORE}")}, [], ""),
    "a comment for all checks": (
        {"infra/main.tf": BAD_VOLUME.replace("{", '{ # hipaalint: ignore[*] reason="all of it"', 1)},
        [],
        "",
    ),
    "a comment without reason": (
        {
            "infra/main.tf": BAD_VOLUME.replace("false", f"false # hipaalint: ignore[{CHECK}]"),
            "hipaalint.yaml": 'suppression_rules: {"*": allow}\n',
        },
        [],
        'suppression_rules: {"*": require-reason}\n',
    ),
    "metadata": ({"infra/main.tf": GOOD_VOLUME, "data.yaml": METADATA}, [], ""),
    "suppressed by address": (config("suppressions: [{check: '*', address: '*', reason: x}]\n"), [], ""),
    "suppressed by path": (config("suppressions: [{check: ebs-*, path: infra*, reason: x}]\n"), [], ""),
    "rules about suppressions": (
        {
            "infra/main.tf": BAD_VOLUME.replace("false", f"false {IGNORE}"),
            "hipaalint.yaml": 'suppression_rules: {"*": allow}\n',
        },
        [],
        "suppression_rules: {low: allow}\n",
    ),
    "assume": (config("assume: {aws_ebs_encryption_by_default: {enabled: true, reason: x}}\n"), [], ""),
    "a parameter": (
        {
            "infra/main.tf": SHORT,
            "hipaalint.yaml": "parameters: {rds-backup-enabled: {minimum_days: 0}}\nselect: [rds-backup-enabled]\n",
        },
        [],
        "",
    ),
    "a parameter out of bounds": (
        {
            "infra/main.tf": SHORT,
            "hipaalint.yaml": "parameters: {rds-backup-enabled: {minimum_days: 0}}\nselect: [rds-backup-enabled]\n",
        },
        [],
        "allow: {parameters: {rds-backup-enabled: {minimum_days: {at_least: 1}}}}\n",
    ),
    "inputs of its own": (
        {**MAYBE, "hipaalint.yaml": "roots: {infra: {prod: {variables: {encrypted: true}}}}\nfail_on_unknown: true\n"},
        [],
        "fail_on_unknown: true\n",
    ),
    "unknown may pass": ({**MAYBE, "hipaalint.yaml": "fail_on_unknown: false\n"}, [], "fail_on_unknown: true\n"),
    "a baseline": ({}, ["--baseline", "baseline.json"], ""),
    "a baseline in the configuration": (config("baseline: baseline.json\n"), [], ""),
    "ignored by git": ({".gitignore": "infra/\n"}, [], ""),
    "since what is there already": ({}, ["--since", "HEAD"], ""),
    "touching something else": ({"docs/notes.yaml": "a: 1\n"}, ["--touching", "docs/notes.yaml"], ""),
}
NOT_ALONE = {"touching something else"}  # the path that is scanned is the caller's word


def run(folder: Path, options: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["scan", "--date", DATE, "--format", "json", *options])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write_tree(tmp_path / "repository", {})
    (folder / ".git").rmdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("HIPAALINT_POLICY", raising=False)
    return folder


def prepare(folder: Path, files: dict[str, str]) -> None:
    """The bad volume, a baseline that knows it, and what the way adds; all of it committed."""
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    write_tree(folder, {"infra/main.tf": BAD_VOLUME})
    assert main(["baseline", "-o", "baseline.json", "--select", CHECK, "--date", DATE]) == 0
    write_tree(folder, files)
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    subprocess.run(["git", "add", "--all", "--force"], cwd=folder, check=True)
    subprocess.run(["git", *identity, "commit", "--quiet", "-m", "change"], cwd=folder, check=True)


@pytest.mark.parametrize("name", WAYS)
def test_a_change_of_the_repository_does_not_open_its_gate(
    name: str, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, options, lines = WAYS[name]
    prepare(repository, files)
    capsys.readouterr()
    start = ["infra"] if name == "in a file further in" else []
    opened, shown = run(repository, [*start, *options, *([] if "--select" in options else _only(files))], capsys)
    assert opened == 0, f"without a policy this opens the gate: {shown}"

    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY + lines, encoding="utf-8")
    if name in NOT_ALONE:
        options = [*options, "infra/main.tf"]
    closed, shown = run(repository, [*start, *options, "--policy", str(policy)], capsys)
    assert closed == 1, shown
    report = json.loads(shown)
    assert [row["check"] for row in report["results"] if row["suppressed"] is None] or report["summary"]["unknown"]
    if name != "ignored by git":
        refused = [
            each
            for each in report["diagnostics"]
            if "refused by" in each["message"] or "not permitted" in each["message"]
        ]
        assert refused or name == "a comment without reason", shown
        in_file = [each for each in refused if each["file"] is not None]
        assert in_file or options or name == "a comment without reason"


def _only(files: dict[str, str]) -> list[str]:
    """The check that the bad volume fails, unless the configuration says what runs."""
    if any("select" in text for text in files.values()):
        return []
    return ["--select", CHECK]


@pytest.mark.parametrize(("id", "alias"), [(CHECK, "ebs-nothing"), ("aaa-nothing", CHECK)])
def test_a_check_of_its_own_takes_no_name_that_is_taken(
    id: str, alias: str, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(repository, own(id, alias))
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    code, shown = run(repository, ["--policy", str(tmp_path / "policy.yaml")], capsys)
    assert code == 2
    assert "is taken by" in shown or "no check, control or severity" in shown


def test_the_environment_names_a_policy_that_no_option_replaces(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(repository, {"hipaalint.yaml": f"ignore: [{CHECK}]\n"})
    for name, text in (("policy.yaml", POLICY), ("weak.yaml", "fail_on: critical\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("HIPAALINT_POLICY", str(tmp_path / "policy.yaml"))
    assert run(repository, [], capsys)[0] == 1
    code, shown = run(repository, ["--policy", str(tmp_path / "weak.yaml")], capsys)
    assert (code, "name different files" in shown) == (2, True)
    monkeypatch.setenv("HIPAALINT_POLICY", str(tmp_path / "absent.yaml"))
    assert run(repository, [], capsys)[0] == 2


def test_a_policy_lies_outside(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(repository, {"policy.yaml": POLICY})
    code, shown = run(repository, ["--policy", "policy.yaml"], capsys)
    assert (code, "must lie outside" in shown) == (2, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fail_onn: low\n", 'there is no key "fail_onn"'),
        ("allow: {ignor: [low]}\n", 'there is no key "ignor"; did you mean "ignore"?'),
        ("allow: {ignore: [ebs-volume-encryptd]}\n", 'named "ebs-volume-encryptd"'),
        ("allow: {parameters: {rds-backup-enabled: [days]}}\n", "no parameter days"),
        ("allow: {baseline: sometimes}\n", '"baseline" must be true or false'),
        ("roots: {infra: {prod: {}}}\n", '"roots" is about paths of one repository'),
        ("- a\n", "a policy must be a map"),
    ],
)
def test_a_policy_with_a_mistake_closes_the_gate(
    text: str, message: str, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(repository, {"infra/main.tf": GOOD_VOLUME})
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    code, shown = run(repository, ["--policy", str(tmp_path / "policy.yaml")], capsys)
    assert (code, message in shown) == (2, True), shown


ALLOWED: dict[str, tuple[dict[str, str], list[str], str]] = {
    "ignore": (config(f"ignore: [{CHECK}]\n"), [], f"allow: {{ignore: [{CHECK}]}}\n"),
    "severity": (config(f"severity: {{{CHECK}: low}}\n"), [], "allow: {severity: [high]}\n"),
    "exclude": (
        config("exclude: [infra/old]\n", **{"infra/old/main.tf": BAD_VOLUME, "infra/main.tf": GOOD_VOLUME}),
        [],
        "allow: {exclude: [infra]}\n",
    ),
    "suppress": (
        {"infra/main.tf": BAD_VOLUME.replace("false", f"false {IGNORE}")},
        [],
        "suppression_rules: {high: require-reason}\n",
    ),
    "the platform suppresses": ({}, [], "suppressions: [{check: ebs-*, path: infra, reason: agreed}]\n"),
    "assume": (
        config("assume: {aws_ebs_encryption_by_default: {enabled: true, reason: x}}\n"),
        [],
        "allow: {assume: [aws_ebs_encryption_by_default]}\n",
    ),
    "the platform assumes": ({}, [], "assume: {aws_ebs_encryption_by_default: {enabled: true, reason: x}}\n"),
    "baseline": ({}, ["--baseline", "baseline.json"], "allow: {baseline: true}\n"),
    "since": ({}, ["--since", "HEAD"], "allow: {since: true}\n"),
    "roots": (
        {**MAYBE, "hipaalint.yaml": "roots: {infra: {prod: {variables: {encrypted: true}}}}\n"},
        [],
        "fail_on_unknown: true\nallow: {roots: [infra]}\n",
    ),
    "a parameter within bounds": (
        {"infra/main.tf": SHORT, "hipaalint.yaml": "parameters: {rds-backup-enabled: {minimum_days: 0}}\n"},
        [],
        "allow: {parameters: {rds-backup-enabled: {minimum_days: {at_least: 0}}}}\n",
    ),
    "a parameter by name": (
        {"infra/main.tf": SHORT, "hipaalint.yaml": "parameters: {rds-backup-enabled: {minimum_days: 0}}\n"},
        [],
        "allow: {parameters: {rds-backup-enabled: [minimum_days]}}\n",
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_the_policy_allows_holds(
    name: str, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, options, lines = ALLOWED[name]
    prepare(repository, files)
    (tmp_path / "policy.yaml").write_text(POLICY + lines, encoding="utf-8")
    capsys.readouterr()
    code, shown = run(repository, [*options, "--policy", str(tmp_path / "policy.yaml"), *_only(files)], capsys)
    report: dict[str, Any] = json.loads(shown)
    assert [each["message"] for each in report["diagnostics"] if "refused" in each["message"]] in (
        [],
        ["refused by the platform's policy: rds-backup-enabled cannot be left out"],
    )
    assert code == 0, shown


def test_tightening_is_free(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tight = "select: [sqs-encrypted, ebs-volume-encrypted, rds-backup-enabled]\nfail_on: low\nfail_on_unknown: true\n"
    prepare(repository, {"infra/main.tf": GOOD_VOLUME, "hipaalint.yaml": f"{tight}severity: {{low: high}}\n"})
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    capsys.readouterr()
    code, shown = run(repository, ["--policy", str(tmp_path / "policy.yaml")], capsys)
    report = json.loads(shown)
    assert (code, report["diagnostics"]) == (0, [])
    assert (report["summary"]["checks"], report["summary"]["fail_on"]) == (3, "low")
