"""Folders that are traps: links, pipes, devices, what may not be read, names that act; large files; settings."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest

from hipaalint.report import FORMATS

from .bounded import TEMPLATE, VOLUME, run, scan, write

NAMES = [
    "a\nb", "=cmd|' /C calc'!A0", "+1", "@x", "<script>alert(1)<", "\x1b[31m", "\u202eevil", "%0A::error::x", "::warning::y",
    "|`b`|", "[x](javascript:alert(1))", "**bold**", "&amp;", "\\", "--format",
]  # fmt: skip


def messages(folder: Path, *arguments: str) -> dict[str, str]:
    return {each["file"]: each["message"] for each in scan(folder, *arguments)["diagnostics"]}


def test_links_in_circles_and_out_of_the_repository(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "here", {"m.tf": VOLUME + 'module "l" {\n  source = "./a/loop/a/loop"\n}\n', "a/x.txt": ""}
    )
    (folder / "a" / "loop").symlink_to("..")
    for name in ("self.tf", "self.yaml"):
        (folder / name).symlink_to(name)
    write(tmp_path / "away", {"t.yaml": TEMPLATE, "m.tf": VOLUME})
    (folder / "out.tf").symlink_to("../away/m.tf")
    (folder / "out.yaml").symlink_to("../away/t.yaml")
    (folder / "etc").symlink_to("../away")
    report = scan(folder)
    said = {each["message"] for each in report["diagnostics"]}
    assert "not read: Too many levels of symbolic links" in said
    assert "not read: the link leads out of the repository" in said
    assert any("calls itself" in message for message in said)
    assert {result["file"] for result in report["results"]} == {"m.tf"}


def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    folder = write(tmp_path, {"m.tf": VOLUME})
    for name in ("p.tf", "p.yaml", "terraform.tfvars", ".gitignore", "hipaalint.yaml", ".git/HEAD", ".git/config"):
        os.mkfifo(folder / name)
    (folder / "zero.yaml").symlink_to("/dev/zero")
    (folder / "zero.tf").symlink_to("/dev/zero")
    report = scan(folder)
    assert {each["message"] for each in report["diagnostics"]} == {
        "not read: it is no regular file",
        "not read: the link leads out of the repository",
    }
    assert {result["file"] for result in report["results"]} == {"m.tf"}


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to this user")
def test_unreadable_files(tmp_path: Path) -> None:
    folder = write(tmp_path, {"m.tf": VOLUME, "n.tf": VOLUME, "t.yaml": TEMPLATE, "below/m.tf": VOLUME})
    for name in ("n.tf", "t.yaml", "below"):
        (folder / name).chmod(0)
    try:
        assert messages(folder) == dict.fromkeys(("n.tf", "t.yaml", "below"), "not read: Permission denied")
    finally:
        (folder / "below").chmod(0o755)


def test_large_files_are_not_read(tmp_path: Path) -> None:
    line = b"# a comment that fills the file, of which nothing is to be read\n"
    folder = write(tmp_path, {"big/m.tf": line * 800_000, "t.yaml": TEMPLATE.encode() + line * 800_000, "m.tf": VOLUME})
    values = ",".join(f'"R{number}":{{"Type":"AWS::EC2::Volume","Properties":{{}}}}' for number in range(400_000))
    (folder / "t.json").write_text('{"AWSTemplateFormatVersion":"2010-09-09","Resources":{' + values + "}}")
    said = messages(folder)
    assert said["big/m.tf"] == "not read: larger than 8 MiB, which is the limit; split it"
    assert said["t.yaml"] == "not read: larger than 16 MiB, which is the limit; exclude it, or make it smaller"
    assert said["t.json"] == "the file holds more than 1,000,000 values; split it"


@pytest.mark.parametrize("format", FORMATS)
def test_names_that_act_are_text_in_every_format(tmp_path: Path, format: str) -> None:
    files: dict[str, str | bytes] = {}
    for name in NAMES:
        files[f"{name}/m.tf"] = VOLUME.replace("size ", f"for_each = toset([{json.dumps(name)}])\n  size ")
    write(tmp_path, files)
    output = run("scan", ".", "--format", format, "--select", "ebs-volume-encrypted", cwd=tmp_path).stdout.decode()
    assert not [c for c in output if (ord(c) < 32 and c not in "\n\r\t") or c in "\x1b\u202e"]
    if format == "csv":
        cells = [cell for row in csv.reader(io.StringIO(output)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
    elif format == "html":
        assert "<script>alert" not in output
        assert 'href="javascript' not in output
    elif format == "markdown":
        prose = re.sub(r"`[^`\n]*`", "", output)
        assert "<script>" not in prose
        assert "[x](javascript" not in prose
        assert "**bold**" not in prose
    elif format == "github":
        assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in output.splitlines())
        assert not [line for line in output.splitlines() if line.startswith("::warning::y")]


HOSTILE_SETTINGS = {
    "deep": "select: " + "[" * 10_000 + "]" * 10_000,
    "laughs": "a: &a [x, x]\nb: &b [*a, *a]\nselect: *b\n" + "".join(f"k{n}: [*b, *b]\n" for n in range(100)),
    "types": "select: {a: 1}\nexclude: 5\nroots: [[]]\ncontrols: 1\nsuppressions: [1, {}]\n",
    "bytes": "\0\x01",
    "itself": "extends: hipaalint.yaml\n",
    "numbers": "fail-on: 1e999999\n",
    "endless": "exclude: ['" + "*a" * 5000 + "']\n",
}


@pytest.mark.parametrize("text", HOSTILE_SETTINGS.values(), ids=HOSTILE_SETTINGS)
def test_settings(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path, {"m.tf": VOLUME, "hipaalint.yaml": text})
    done = run("scan", ".", cwd=folder)
    assert done.returncode == (2 if text != HOSTILE_SETTINGS["endless"] else 1)
    assert done.stderr or done.stdout


@pytest.mark.parametrize(
    "text", ["[tool.hipaalint]\na = " + "[" * 20_000, "[tool.hipaalint]\n" + "a." * 50_000 + "b = 1", "\0"]
)
def test_settings_in_toml(tmp_path: Path, text: str) -> None:
    run("scan", ".", cwd=write(tmp_path, {"m.tf": VOLUME, "pyproject.toml": text}))


CHECK = """\
id: my-check
title: Own checks
severity: high
controls: [{id: "hipaa:164.312(a)(1)", because: It says so.}]
risk: Some.
resource: AWS::EC2::Volume
condition: %s
message: m
remediation: r
"""


@pytest.mark.parametrize(
    "condition",
    [
        "'" + "(" * 5000 + "true" + ")" * 5000 + "'",
        "'length([for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]) == 1'",
        '\'can(regex("(a{1000}){1000}", "x"))\'',
        '\'file("/etc/passwd") == "x"\'',
        "'nothing(1)'",
        "[1]",
        "''",
    ],
)
def test_checks(tmp_path: Path, condition: str) -> None:
    folder = write(
        tmp_path, {"m.tf": VOLUME, "hipaalint.yaml": "checks: own\n", "own/my/my-check.yaml": CHECK % condition}
    )
    report = run("scan", ".", "--format", "json", cwd=folder)
    assert b"root:" not in report.stdout + report.stderr
    if report.stdout:
        assert any(each["check"] == "ebs-volume-encrypted" for each in json.loads(report.stdout)["results"])


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "null", '{"findings": 7}', "\0", '{"entries": [[]]}'])
def test_baselines(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path, {"m.tf": VOLUME, "b.json": text})
    assert run("scan", ".", "--baseline", "b.json", cwd=folder).returncode == 2


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "null", '{"results": 7}', "\0", '{"results": [[]]}'])
def test_reports_to_compare(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path, {"a.json": text, "b.json": text})
    run("diff", "a.json", "b.json", cwd=folder)
