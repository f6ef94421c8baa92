"""`hipaalint scan` as it is used: exit codes, formats, places, configuration, suppressions, determinism."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import jsonschema
import pytest

from hipaalint.report import FORMATS

from .command import (
    BAD_TEMPLATE,
    BAD_VOLUME,
    DATE,
    GOOD_VOLUME,
    ONLY,
    UNREADABLE,
    hipaalint,
    scan_json,
    write_tree,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"
SCHEMA = Path(__file__).parents[1] / "data" / "sarif-2.1.0.json"


@pytest.mark.parametrize(
    ("files", "arguments", "code"),
    [
        ({"main.tf": GOOD_VOLUME}, [], 0),
        ({"main.tf": BAD_VOLUME}, [], 1),
        ({"template.yaml": BAD_TEMPLATE}, [], 1),
        ({"main.tf": BAD_VOLUME}, ["--fail-on", "critical"], 0),
        ({"main.tf": BAD_VOLUME}, ["--ignore", "ebs-volume-encrypted"], 0),
        ({"main.tf": BAD_VOLUME}, ["--ignore", "s3-*,ebs-*"], 0),
        ({"main.tf": BAD_VOLUME, "other/bad.tf": UNREADABLE}, [], 2),
        ({"main.tf": GOOD_VOLUME}, ["absent"], 2),
        ({"main.tf": GOOD_VOLUME}, ["--profile", "nonsense"], 2),
        ({"main.tf": GOOD_VOLUME}, ["--no-such-option"], 2),
        ({"main.tf": GOOD_VOLUME, "hipaalint.yaml": "profil: all\n"}, [], 2),
        ({"main.tf": BAD_VOLUME.replace("false", "var.e") + 'variable "e" { type = bool }\n'}, [], 0),
        (
            {"main.tf": BAD_VOLUME.replace("false", "var.e") + 'variable "e" { type = bool }\n'},
            ["--fail-on-unknown"],
            1,
        ),
        ({}, [], 0),
    ],
)
def test_exit_codes(tmp_path: Path, files: dict[str, str], arguments: list[str], code: int) -> None:
    result = hipaalint("scan", *ONLY, *arguments, cwd=write_tree(tmp_path, files))
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_both_languages_say_the_same(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/main.tf": BAD_VOLUME, "stacks/data.yaml": BAD_TEMPLATE})
    results = scan_json(cwd=tmp_path)["results"]
    assert [(each["check"], each["verdict"], each["resource"], each["file"], each["line"]) for each in results] == [
        ("ebs-volume-encrypted", "fail", "aws_ebs_volume.data", "infra/main.tf", 4),
        ("ebs-volume-encrypted", "fail", "Data", "stacks/data.yaml", 8),
    ]
    assert {each["type"] for each in results} == {"AWS::EC2::Volume"}


@pytest.mark.parametrize("format", FORMATS)
def test_what_cannot_be_read_is_in_every_format(tmp_path: Path, format: str) -> None:
    write_tree(tmp_path, {"good/main.tf": BAD_VOLUME, "bad/main.tf": UNREADABLE})
    result = hipaalint("scan", "--format", format, cwd=tmp_path)
    assert result.returncode == 2
    assert "bad/main.tf" in result.stdout
    # What could be read is judged all the same.
    assert "ebs-volume-encrypted" in result.stdout
    # The lists of controls count findings and name no places.
    assert "good/main.tf" in result.stdout or format.startswith("controls-")


@pytest.mark.parametrize("profile", ["github", "full"])
def test_sarif_of_the_example_systems_is_valid(profile: str) -> None:
    include = "pass,fail,unknown,not_applicable"
    arguments = ["--format", "sarif", "--sarif-profile", profile, "--include", include, "--date", DATE]
    result = hipaalint("scan", "fixtures", *arguments, cwd=FIXTURES.parent)
    document = json.loads(result.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    (run,) = document["runs"]
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]}
    assert uris
    assert all((FIXTURES.parent / uri).is_file() for uri in uris)


def test_the_same_bytes_whatever_the_order_of_files_and_jobs(tmp_path: Path) -> None:
    files = {
        str(path.relative_to(FIXTURES)): path.read_text(encoding="utf-8")
        for path in sorted(FIXTURES.rglob("*"))
        if path.is_file()
    }
    forward = write_tree(tmp_path / "a" / "repository", files)
    backward = write_tree(tmp_path / "b" / "repository", dict(reversed(files.items())))

    def reports(name: str, cwd: Path, *arguments: str, seed: str = "0") -> dict[str, bytes]:
        targets = {format: tmp_path / f"{name}.{format}" for format in FORMATS}
        pairs = [part for format, target in targets.items() for part in ("--format", format, "-o", str(target))]
        given = ["--date", DATE, "--include", "pass,fail,unknown,not_applicable", *pairs, *arguments]
        result = hipaalint("scan", *given, cwd=cwd, environment={"PYTHONHASHSEED": seed})
        assert result.returncode == 1, result.stderr
        return {format: target.read_bytes() for format, target in targets.items()}

    first = reports("first", forward, "--jobs", "1")
    assert all(first.values())
    assert reports("second", backward, "--jobs", "2") == first
    assert reports("third", forward, seed="7") == first


def test_the_date_comes_from_the_option_or_the_environment(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": GOOD_VOLUME})
    arguments = ["scan", "--format", "json"]
    epoch = {"SOURCE_DATE_EPOCH": "86400"}
    given = json.loads(hipaalint(*arguments, cwd=tmp_path, environment=epoch).stdout)
    assert given["summary"]["date"] == "1970-01-02T00:00:00Z"
    given = json.loads(
        hipaalint(*arguments, "--date", "2027-01-31T12:00:00+02:00", cwd=tmp_path, environment=epoch).stdout
    )
    assert given["summary"]["date"] == "2027-01-31T10:00:00Z"
    wrong = hipaalint(*arguments, "--date", "soon", cwd=tmp_path)
    assert wrong.returncode == 2
    assert '"soon" is no date; write 2027-01-31' in wrong.stderr


def test_paths_are_relative_to_the_repository(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/b/main.tf": BAD_VOLUME})
    for cwd, target in (
        (tmp_path, "a"),
        (tmp_path / "a", "."),
        (tmp_path / "a" / "b", "main.tf"),
        (Path("/"), str(tmp_path)),
    ):
        (result,) = scan_json(target, cwd=cwd)["results"]
        assert (result["file"], result["root"]) == ("a/b/main.tf", "a/b")


def test_verdicts_are_included_as_asked(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/main.tf": GOOD_VOLUME, "b/main.tf": BAD_VOLUME})
    verdicts = {each["verdict"] for each in scan_json("--include", "pass", cwd=tmp_path)["results"]}
    assert verdicts == {"pass", "fail"}


def test_variables_decide(tmp_path: Path) -> None:
    text = BAD_VOLUME.replace("false", "var.encrypt") + 'variable "encrypt" {\n  type = bool\n}\n'
    write_tree(tmp_path, {"main.tf": text, "on.tfvars": "encrypt = true\n", "off.tfvars": "encrypt = false\n"})
    for arguments, verdict in (
        (["--var", "encrypt=true"], "pass"),
        (["--var-file", "off.tfvars"], "fail"),
        (["--var-file", "off.tfvars", "--var", "encrypt=true"], "pass"),
        (["--var", "encrypt=true", "--var-file", "off.tfvars"], "fail"),
        ([], "unknown"),
    ):
        results = scan_json(
            "--select", "ebs-volume-encrypted", "--include", "pass,fail,unknown", *arguments, cwd=tmp_path
        )
        assert [each["verdict"] for each in results["results"]] == [verdict], arguments


def test_defaults_count_as_such_only_if_nothing_is_to_be_assumed(tmp_path: Path) -> None:
    text = BAD_VOLUME.replace("false", 'var.env == "prod"') + 'variable "env" {\n  default = "prod"\n}\n'
    write_tree(tmp_path, {"main.tf": text})
    document = scan_json("--select", "ebs-volume-encrypted", cwd=tmp_path)
    assert document["summary"]["exit_code"] == 0
    opened = scan_json("--select", "ebs-volume-encrypted", "--assume", "nothing", cwd=tmp_path)
    (result,) = opened["results"]
    assert result["when"] == 'fails when var.env ≠ "prod"'
    assert opened["summary"]["exit_code"] == 1


def test_parameters_decide(tmp_path: Path) -> None:
    template = BAD_TEMPLATE.replace("false", "!Ref Encrypt").replace(
        "Resources:", "Parameters:\n  Encrypt: {Type: String}\nResources:"
    )
    given = json.dumps([{"ParameterKey": "Encrypt", "ParameterValue": "false"}])
    write_tree(tmp_path, {"data.yaml": template, "given.json": given})
    (result,) = scan_json("--parameters", "given.json", cwd=tmp_path)["results"]
    assert result["verdict"] == "fail"


def test_deployments_are_judged_apart(tmp_path: Path) -> None:
    text = BAD_VOLUME.replace("false", "var.encrypt") + 'variable "encrypt" {\n  type = bool\n}\n'
    config = "roots:\n  infra:\n    prod: {variables: {encrypt: true}}\n    dev: {var_files: [dev.tfvars]}\n"
    write_tree(tmp_path, {"infra/main.tf": text, "hipaalint.yaml": config, "dev.tfvars": "encrypt = false\n"})
    results = scan_json("--include", "pass", "--select", "ebs-volume-encrypted", cwd=tmp_path)["results"]
    assert {(each["deployment"], each["verdict"]) for each in results} == {("prod", "pass"), ("dev", "fail")}
    assert len({each["fingerprint"] for each in results}) == 2


def test_the_configuration_is_found_and_options_win(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/main.tf": BAD_VOLUME, "pyproject.toml": '[tool.hipaalint]\nignore = ["ebs-*"]\n'})
    assert scan_json("infra", cwd=tmp_path)["results"] == []
    assert len(scan_json("infra", "--ignore", "low", cwd=tmp_path)["results"]) == 1
    (tmp_path / "other.yaml").write_text("fail_on: critical\n")
    assert scan_json("infra", "--config", "other.yaml", cwd=tmp_path)["summary"]["exit_code"] == 0


def test_mistakes_in_the_configuration_are_explained(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": BAD_VOLUME, "hipaalint.yaml": "profile: all\nselct: [x]\n"})
    result = hipaalint("scan", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == ('hipaalint scan: hipaalint.yaml:2:1: there is no key "selct"; did you mean "select"?\n')


def test_excluded_paths_are_left_out_unless_named(tmp_path: Path) -> None:
    config = "exclude: [examples, '*.draft.yaml']\n"
    files = {"hipaalint.yaml": config, "examples/a/main.tf": BAD_VOLUME, "x/data.draft.yaml": BAD_TEMPLATE}
    write_tree(tmp_path, files)
    assert scan_json(cwd=tmp_path)["results"] == []
    assert len(scan_json("examples/a", "x/data.draft.yaml", cwd=tmp_path)["results"]) == 2


def test_suppressions_are_marked_and_do_not_count(tmp_path: Path) -> None:
    comment = '# hipaalint: ignore[ebs-volume-encrypted] reason="a scratch volume" until=2027-01-31'
    write_tree(tmp_path, {"main.tf": BAD_VOLUME.replace("false", f"false {comment}")})
    document = scan_json(cwd=tmp_path)
    (result,) = document["results"]
    assert result["suppressed"] == {"kind": "inline", "reason": "a scratch volume", "until": "2027-01-31"}
    assert (document["summary"]["exit_code"], document["summary"]["suppressed"]) == (0, 1)
    later = hipaalint("scan", *ONLY, "--date", "2027-02-01", cwd=tmp_path)
    assert later.returncode == 1
    assert "this suppression ended on 2027-01-31" in later.stdout


def test_suppression_in_the_metadata_of_a_template(tmp_path: Path) -> None:
    metadata = "    Metadata:\n      hipaalint: {ignore: [ebs-volume-encrypted], reason: a scratch volume}\n"
    write_tree(tmp_path, {"data.yaml": BAD_TEMPLATE.replace("    Properties:", metadata + "    Properties:")})
    (result,) = scan_json(cwd=tmp_path)["results"]
    assert result["suppressed"]["kind"] == "metadata"


def test_suppression_by_address_in_the_configuration(tmp_path: Path) -> None:
    config = "suppressions:\n  - {check: ebs-*, address: aws_ebs_volume.*, reason: scratch}\n"
    write_tree(tmp_path, {"main.tf": BAD_VOLUME, "hipaalint.yaml": config})
    (result,) = scan_json(cwd=tmp_path)["results"]
    assert result["suppressed"] == {"kind": "configuration", "reason": "scratch", "until": None}


def test_own_checks_run_beside_ours(tmp_path: Path) -> None:
    check = """\
id: ebs-volume-named
title: EBS volumes are small
severity: medium
controls:
  - id: hipaa:164.312(a)(1)
    because: Small volumes are easier to find.
risk: Nobody knows what a large volume holds.
resource: AWS::EC2::Volume
condition: |-
  Size <= param.most
parameters:
  most: {type: number, default: 100}
message: |-
  ${resource} is large
remediation: Make it small.
examples:
  fail:
    - terraform: |
        resource "aws_ebs_volume" "v" {
          size = 200 # <-
        }
"""
    write_tree(tmp_path, {
        "main.tf": GOOD_VOLUME,
        "policy/ebs/ebs-volume-named.yaml": check,
        "hipaalint.yaml": "checks: [policy]\nparameters:\n  ebs-volume-named: {most: 5}\n",
    })  # fmt: skip
    (result,) = scan_json(cwd=tmp_path, select="ebs-volume-named")["results"]
    assert (result["check"], result["line"]) == ("ebs-volume-named", 3)
    assert hipaalint("test", "policy", cwd=tmp_path).returncode == 0
    (tmp_path / "policy/ebs/ebs-volume-named.yaml").write_text(check.replace("size = 200", "size = 20"))
    failed = hipaalint("test", "policy", cwd=tmp_path)
    assert failed.returncode == 1
    assert "ebs-volume-named: fail 1 (terraform)" in failed.stdout


def test_reports_go_where_they_are_sent(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": BAD_VOLUME})
    result = hipaalint("scan", *ONLY, "--format", "text", "--format", "sarif", "-o", "out.sarif", cwd=tmp_path)
    assert result.stdout.startswith("main.tf: aws_ebs_volume.data\n")
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    result = hipaalint("scan", *ONLY, "-o", "out.json", "-o", "out.md", cwd=tmp_path)
    assert result.stdout == ""
    assert "1 fail" in result.stderr
    assert json.loads((tmp_path / "out.json").read_text())["summary"]["fail"] == 1
    assert (tmp_path / "out.md").read_text().startswith("# hipaalint\n")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": BAD_VOLUME, "out.json": "before"})
    (tmp_path / "out.json").chmod(0o640)
    assert hipaalint("scan", *ONLY, "-o", "out.json", cwd=tmp_path).returncode == 1
    assert json.loads((tmp_path / "out.json").read_text())["summary"]["fail"] == 1
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o640
    result = hipaalint("scan", "--format", "json", "-o", "absent/out.json", cwd=tmp_path)
    assert result.returncode == 2
    assert "absent/out.json cannot be written: No such file or directory" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "main.tf", "out.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scna"], 'there is no command "scna"; did you mean "scan"?'),
        (["scan", "--formt", "json"], 'there is no option "--formt"; did you mean "--format"?'),
        (["scan", "--format", "sarf"], 'there is no format "sarf"; did you mean "sarif"?'),
        (["scan", "--format", "json", "--format", "sarif"], "two reports would go to standard output"),
        (["scan", "--format", "json", "-o", "a", "-o", "b"], 'no --format stands before "--output b"'),
        (["scan", "--include", "pas"], '--include has no "pas"; did you mean "pass"?'),
        (["scan", "--fail-on", "hihg"], '--fail-on has no "hihg"; did you mean "high"?'),
        (
            ["scan", "--select", "ebs-volume-encryptd"],
            'named "ebs-volume-encryptd"; did you mean "ebs-volume-encrypted"?',
        ),
        (["scan", "--profile", "strickt"], 'there is no profile "strickt"; did you mean "strict"?'),
        (["scan", "--var", "x"], '--var takes NAME=VALUE, not "x"'),
        (["scan", "--touching"], "--touching needs the files that changed"),
        (["scan", "--category", "a b"], "--category takes letters"),
        (["scan", "--jobs", "0"], "--jobs takes a number of at least 1"),
        (
            ["scan", "--config", "absent.yaml"],
            "absent.yaml: the configuration cannot be read: No such file or directory",
        ),
        (["explain", "ebs-volume-encryptd"], 'there is no check "ebs-volume-encryptd"; did you mean'),
        (["test", "absent"], "absent is no folder"),
        (["new-check", "Bad Id"], '"Bad Id" is no id'),
    ],
)
def test_usage_errors_say_what_is_right(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = hipaalint(*arguments, cwd=write_tree(tmp_path, {"main.tf": GOOD_VOLUME}))
    assert result.returncode == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_plan_is_judged_with_the_values_that_it_holds(tmp_path: Path) -> None:
    volume = {"address": "aws_ebs_volume.v", "mode": "managed", "type": "aws_ebs_volume", "name": "v"}
    values = {"encrypted": False, "size": 1}
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    provider = {"provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0}
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.11.0",
        "planned_values": {"root_module": {"resources": [{**volume, **provider, "values": values}]}},
        "resource_changes": [{**volume, "change": change}],
        "configuration": {"root_module": {"resources": [{**volume, "expressions": {}}]}},
    }
    write_tree(tmp_path, {"plan.json": json.dumps(plan, indent=1)})
    (result,) = scan_json("--select", "ebs-volume-encrypted", cwd=tmp_path)["results"]
    assert (result["resource"], result["verdict"], result["file"]) == ("aws_ebs_volume.v", "fail", "plan.json")


def test_what_an_account_lacks_is_found_where_its_scope_is_declared(tmp_path: Path) -> None:
    check = """\
id: cloudtrail-declared
title: The account has a trail
severity: high
controls:
  - id: hipaa:164.312(b)
    because: A trail records who did what.
risk: Nobody knows who did what.
missing: AWS::CloudTrail::Trail
message: |-
  nothing declares a trail
remediation: Add one.
examples: {}
"""
    files = {"main.tf": GOOD_VOLUME, "policy/cloudtrail/cloudtrail-declared.yaml": check}
    write_tree(tmp_path, {**files, "hipaalint.yaml": "checks: [policy]\nselect: [cloudtrail-declared]\n"})
    assert scan_json(cwd=tmp_path, select=None)["results"] == []
    with (tmp_path / "hipaalint.yaml").open("a") as config:
        config.write("scope: account-baseline\n")
    (result,) = scan_json(cwd=tmp_path, select=None)["results"]
    assert (result["resource"], result["file"], result["line"]) == ("AWS::CloudTrail::Trail", "hipaalint.yaml", 3)


def test_paths_of_another_repository_are_refused(tmp_path: Path) -> None:
    write_tree(tmp_path / "a", {"main.tf": GOOD_VOLUME})
    write_tree(tmp_path / "b", {"main.tf": BAD_VOLUME})
    document = scan_json(str(tmp_path / "a"), str(tmp_path / "b"), cwd=tmp_path)
    assert document["summary"]["exit_code"] == 2
    assert "outside of the repository of the first path" in document["diagnostics"][0]["message"]
    assert document["results"] == []
