"""Baselines, revisions and reports compared: which findings are new, and that nothing else is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hipaalint.cli import main

from .command import BAD_TEMPLATE, BAD_VOLUME, DATE, GOOD_VOLUME, ONLY, UNREADABLE, write_tree

MODULE = {
    "main.tf": 'module "disk" {\n  source    = "./modules/disk"\n  encrypted = false\n}\n',
    "modules/disk/main.tf": BAD_VOLUME.replace("false", "var.encrypted") + 'variable "encrypted" {\n  type = bool\n}\n',
}
IDENTITY = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HIPAALINT_POLICY", raising=False)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def live(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[tuple[str, str]]]:
    """The exit code of a scan, and file and address of what counts."""
    code, shown = run(capsys, "scan", *arguments, *ONLY, "--date", DATE, "--format", "json")
    rows = json.loads(shown)["results"]
    return code, [(row["file"], row["resource"]) for row in rows if row["suppressed"] is None]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_baseline_lives_with_what_is_there(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(here, {"a/main.tf": BAD_VOLUME, "data.yaml": BAD_TEMPLATE})
    assert run(capsys, "baseline", *ONLY)[0] == 0
    text = (here / "hipaalint-baseline.json").read_text(encoding="utf-8")
    entries = json.loads(text)["findings"]
    assert [(each["file"], each["resource"]) for each in entries] == [
        ("a/main.tf", "aws_ebs_volume.data"),
        ("data.yaml", "Data"),
    ]
    assert live(capsys, "--baseline", "hipaalint-baseline.json") == (0, [])
    (here / "hipaalint.yaml").write_text("baseline: hipaalint-baseline.json\n", encoding="utf-8")
    assert live(capsys) == (0, [])
    # Edited elsewhere: known. The same address in another file: new.
    write_tree(here, {"a/main.tf": f"# one\n# two\n{BAD_VOLUME}", "b/main.tf": BAD_VOLUME, "more.yaml": BAD_TEMPLATE})
    assert live(capsys) == (1, [("b/main.tf", "aws_ebs_volume.data"), ("more.yaml", "Data")])
    shown = run(capsys, "scan", *ONLY, "--format", "sarif", "--sarif-profile", "full")[1]
    suppressions = [result.get("suppressions") for result in json.loads(shown)["runs"][0]["results"]]
    assert suppressions.count([{"kind": "external", "justification": "in the baseline"}]) == 2


def test_a_baseline_is_updated_and_pruned(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(here, {"a/main.tf": BAD_VOLUME, "b/main.tf": BAD_VOLUME})
    run(capsys, "baseline", *ONLY)
    code, shown = run(capsys, "baseline", *ONLY)
    assert (code, "is there already" in shown) == (2, True)
    write_tree(here, {"a/main.tf": GOOD_VOLUME, "c/main.tf": BAD_VOLUME})
    code, shown = run(capsys, "scan", *ONLY, "--baseline", "hipaalint-baseline.json")
    assert code == 1
    (here / "hipaalint.yaml").write_text("baseline: hipaalint-baseline.json\n", encoding="utf-8")
    assert "1 entry of the baseline meets nothing" in run(capsys, "scan", *ONLY)[1]

    assert "1 findings, 0 new, 1 removed" in run(capsys, "baseline", "--prune", *ONLY)[1]
    assert live(capsys)[1] == [("c/main.tf", "aws_ebs_volume.data")]
    assert "2 findings, 1 new, 0 removed" in run(capsys, "baseline", "--update", *ONLY)[1]
    assert live(capsys) == (0, [])


def test_what_moves_stays_known(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(here, {"main.tf": BAD_VOLUME, "hipaalint.yaml": "baseline: hipaalint-baseline.json\n"})
    run(capsys, "baseline", *ONLY)
    renamed = BAD_VOLUME.replace('"data"', '"records"')
    write_tree(here, {"main.tf": renamed})
    assert live(capsys)[0] == 1
    moved = "moved {\n  from = aws_ebs_volume.data\n  to   = aws_ebs_volume.records\n}\n"
    write_tree(here, {"main.tf": renamed + moved})
    assert live(capsys) == (0, [])
    assert "meets nothing" not in run(capsys, "scan", *ONLY)[1]
    assert "1 findings, 0 new, 0 removed" in run(capsys, "baseline", "--update", *ONLY)[1]
    write_tree(here, {"main.tf": renamed})
    assert live(capsys) == (0, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the baseline is no JSON"),
        ("[]", "no baseline of version 1"),
        ('{"version": 2, "findings": []}', "no baseline of version 1"),
        ('{"version": 1, "findings": [{"check": "x"}]}', "has no fingerprint"),
        (None, "the baseline cannot be read: No such file"),
    ],
)
def test_a_baseline_that_cannot_be_read(
    here: Path, capsys: pytest.CaptureFixture[str], text: str | None, message: str
) -> None:
    write_tree(here, {"main.tf": BAD_VOLUME, **({} if text is None else {"known.json": text})})
    code, shown = run(capsys, "scan", "--baseline", "known.json")
    assert (code, message in shown) == (2, True), shown


def test_no_baseline_of_what_cannot_be_judged(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(here, {"main.tf": UNREADABLE})
    code, shown = run(capsys, "baseline")
    assert (code, "no baseline was written" in shown) == (2, True)
    assert not (here / "hipaalint-baseline.json").exists()


def test_since_a_revision(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(here, "init", "--quiet", "--initial-branch", "main")
    files = {"a/main.tf": BAD_VOLUME, "b/main.tf": GOOD_VOLUME, ".gitattributes": "a export-ignore\n"}
    for name, text in files.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(text, encoding="utf-8")
    git(here, "add", "--all")
    git(here, "commit", "--quiet", "-m", "first")
    assert live(capsys, "--since", "HEAD") == (0, [])
    # Lines that change do not make a finding new, what stands in another root does.
    for name, text in {
        "a/main.tf": f"# edited\n{BAD_VOLUME}",
        "b/main.tf": BAD_VOLUME,
        "c/main.tf": BAD_VOLUME,
    }.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(text, encoding="utf-8")
    new = [("b/main.tf", "aws_ebs_volume.data"), ("c/main.tf", "aws_ebs_volume.data")]
    assert live(capsys, "--since", "main") == (1, new)
    assert live(capsys, "b", "--since", "HEAD") == (1, new[:1])
    assert live(capsys, "c", "--since", "HEAD") == (1, new[1:])
    assert sorted(path.name for path in here.iterdir()) == [".git", ".gitattributes", "a", "b", "c"]
    for revision in ("nonsense", "--upload-pack=x", "HEAD:a"):
        code, shown = run(capsys, "scan", f"--since={revision}")
        assert (code, f'there is no revision "{revision}"' in shown) == (2, True), shown


def test_a_suppression_that_goes_away_is_new(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(here, "init", "--quiet")
    comment = '# hipaalint: ignore[ebs-volume-encrypted] reason="scratch"'
    (here / "main.tf").write_text(BAD_VOLUME.replace("false", f"false {comment}"), encoding="utf-8")
    git(here, "add", "--all")
    git(here, "commit", "--quiet", "-m", "first")
    (here / "main.tf").write_text(BAD_VOLUME, encoding="utf-8")
    assert live(capsys, "--since", "HEAD") == (1, [("main.tf", "aws_ebs_volume.data")])


def test_since_judges_the_inputs_of_that_tree(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(here, "init", "--quiet")
    text = BAD_VOLUME.replace("false", "var.encrypt") + 'variable "encrypt" {\n  type = bool\n}\n'
    config = "roots:\n  .:\n    prod: {var_files: [env/prod.tfvars]}\n"
    write_tree(here, {"main.tf": text, "env/prod.tfvars": "encrypt = true\n", "hipaalint.yaml": config})
    git(here, "add", "--all")
    git(here, "commit", "--quiet", "-m", "first")
    write_tree(here, {"env/prod.tfvars": "encrypt = false\n"})
    assert live(capsys, "--since", "HEAD") == (1, [("main.tf", "aws_ebs_volume.data")])


TOUCHED: list[tuple[dict[str, str], list[str], list[str]]] = [
    (
        {"a/main.tf": BAD_VOLUME, "a/b/main.tf": BAD_VOLUME, "c/main.tf": BAD_VOLUME},
        ["a"],
        ["a/b/main.tf", "a/main.tf"],
    ),
    ({"a/main.tf": BAD_VOLUME, "b/main.tf": BAD_VOLUME}, ["a/main.tf"], ["a/main.tf"]),
    ({"a/main.tf": BAD_VOLUME, "a/other.tf": "# nothing\n"}, ["a/other.tf"], []),
    (MODULE, ["modules/disk/main.tf"], ["modules/disk/main.tf"]),
    (MODULE, ["main.tf"], ["modules/disk/main.tf"]),
    ({"a.yaml": BAD_TEMPLATE, "b.yaml": BAD_TEMPLATE, "notes.yaml": "a: 1\n"}, ["a.yaml", "notes.yaml"], ["a.yaml"]),
    ({"a/main.tf": BAD_VOLUME, "gone.tf": ""}, ["a/main.tf", "was/here.tf"], ["a/main.tf"]),
    ({"notes.yaml": "a: 1\n", "package.json": "{}"}, ["notes.yaml", "package.json"], []),
    (
        {"main.tf": MODULE["modules/disk/main.tf"], "terraform.tfvars": "encrypted = false\n"},
        ["terraform.tfvars"],
        ["main.tf"],
    ),
    (
        {
            "infra/main.tf": MODULE["modules/disk/main.tf"],
            "env/prod.tfvars": "encrypted = false\n",
            "hipaalint.yaml": "roots:\n  infra:\n    prod: {var_files: [env/prod.tfvars]}\n",
        },
        ["env/prod.tfvars"],
        ["infra/main.tf"],
    ),
    (
        {
            "main.tf": BAD_VOLUME.replace("false", 'jsondecode(file("${path.module}/settings.json")).encrypted'),
            "settings.json": '{"encrypted": false}\n',
        },
        ["main.tf", "settings.json"],
        ["main.tf"],
    ),
]


@pytest.mark.parametrize(("files", "changed", "found"), TOUCHED)
def test_what_changed_files_have_to_do_with(
    here: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], changed: list[str], found: list[str]
) -> None:
    write_tree(here, files)
    code, shown = run(capsys, "scan", "--touching", *changed, *ONLY, "--format", "json")
    report: dict[str, Any] = json.loads(shown)
    assert [row["file"] for row in report["results"]] == found
    assert (code, report["diagnostics"]) == (1 if found else 0, [])


def test_a_nested_template_is_judged_with_what_its_parent_gives(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    child = BAD_TEMPLATE.replace("false", "!Ref Encrypt").replace(
        "Resources:", "Parameters:\n  Encrypt: {Type: String}\nResources:"
    )
    parent = """\
Resources:
  Disk:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: child.yaml
      Parameters: {Encrypt: "false"}
"""
    write_tree(here, {"parent.yaml": parent, "child.yaml": child})
    code, shown = run(capsys, "scan", "--touching", "child.yaml", *ONLY, "--format", "json")
    assert "Disk/Data" in [row["resource"] for row in json.loads(shown)["results"]]
    assert code == 1


def test_two_reports_are_compared(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def report(name: str) -> None:
        run(capsys, "scan", *ONLY, "--date", DATE, "--format", "json", "-o", str(here.parent / name))

    write_tree(here, {"a/main.tf": BAD_VOLUME, "b/main.tf": BAD_VOLUME})
    report("before.json")
    comment = '# hipaalint: ignore[ebs-volume-encrypted] reason="scratch"'
    write_tree(here, {
        "a/main.tf": GOOD_VOLUME, "b/main.tf": BAD_VOLUME.replace("false", f"false {comment}"), "c/main.tf": BAD_VOLUME,
    })  # fmt: skip
    report("after.json")
    before, after = str(here.parent / "before.json"), str(here.parent / "after.json")
    code, shown = run(capsys, "diff", before, after)
    assert code == 1
    assert "new: fail[ebs-volume-encrypted] high c/main.tf:4" in shown
    assert "fixed: fail[ebs-volume-encrypted] high a/main.tf:4" in shown
    assert "(suppressed none → suppressed (inline))" in shown
    assert "hitrust:06.d                1 new, 1 fixed" in shown
    assert shown.endswith("1 new · 1 fixed · 1 changed\n")
    code, shown = run(capsys, "diff", after, before, "--format", "json")
    data = json.loads(shown)
    assert [row["file"] for row in data["new"]] == ["a/main.tf"]
    assert data["controls"]["hipaa:164.312(a)(2)(iv)"] == {"new": 1, "fixed": 1}
    assert [pair["after"]["suppressed"] for pair in data["changed"]] == [None]
    assert run(capsys, "diff", before, before) == (0, "0 new · 0 fixed · 0 changed\n")
    (here / "x.json").write_text("[]", encoding="utf-8")
    for wrong, message in (("x.json", "is no report of version 1"), ("y.json", "cannot be read")):
        code, shown = run(capsys, "diff", before, wrong)
        assert (code, message in shown) == (2, True)
