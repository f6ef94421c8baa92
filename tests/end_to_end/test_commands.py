"""The commands beside `scan`: lists, explanations, the scaffold, the dump, the version and its speed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import hipaalint as package
from hipaalint.cli import COMMANDS

from .command import BAD_VOLUME, hipaalint, write_tree


def test_version_and_help(tmp_path: Path) -> None:
    assert hipaalint("--version", cwd=tmp_path).stdout == f"hipaalint {package.__version__}\n"
    for arguments in (["--help"], ["help"], ["-h"]):
        result = hipaalint(*arguments, cwd=tmp_path)
        assert result.returncode == 0
        assert all(f"  {command} " in result.stdout for command in COMMANDS)
    assert hipaalint(cwd=tmp_path).returncode == 2


def test_every_command_has_help_with_examples(tmp_path: Path) -> None:
    for command in COMMANDS:
        result = hipaalint(command, "--help", cwd=tmp_path)
        assert result.returncode == 0
        assert f"  hipaalint {command}" in result.stdout.partition("examples:")[2]


def test_the_version_loads_next_to_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from hipaalint.cli import main; main(['--version']);"
        "print(*sorted(m for m in sys.modules if m.startswith(('hipaalint', 'yaml', 'argparse', 'json'))))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[1] == "hipaalint hipaalint.cli"


def test_checks_and_controls_are_listed(tmp_path: Path) -> None:
    checks = json.loads(hipaalint("checks", "--format", "json", cwd=tmp_path).stdout)
    assert [check["id"] for check in checks] == sorted(check["id"] for check in checks)
    assert "ebs-volume-encrypted" in hipaalint("checks", cwd=tmp_path).stdout
    controls = json.loads(hipaalint("controls", "--format", "json", cwd=tmp_path).stdout)
    served = {id for control in controls for id in control["checks"]}
    assert served == {check["id"] for check in checks}
    assert "hipaa:164.312(a)(2)(iv)" in hipaalint("controls", cwd=tmp_path).stdout


def test_a_check_is_explained(tmp_path: Path) -> None:
    text = hipaalint("explain", "ebs-volume-encrypted", cwd=tmp_path).stdout
    for part in (
        "ebs-volume-encrypted: ",
        "severity high",
        "Controls",
        "Condition",
        "Repair",
        "Example: fail (terraform)",
    ):
        assert part in text


def test_a_new_check_can_be_read_and_fails_until_it_is_written(tmp_path: Path) -> None:
    made = hipaalint("new-check", "ebs-volume-small", "--folder", "policy", cwd=tmp_path)
    assert made.returncode == 0
    assert (tmp_path / "policy/ebs/ebs-volume-small.yaml").is_file()
    again = hipaalint("new-check", "ebs-volume-small", "--folder", "policy", cwd=tmp_path)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    tested = hipaalint("test", "policy", cwd=tmp_path)
    assert tested.returncode == 1, tested.stdout
    assert "error:" not in tested.stdout


def test_the_graph_shows_what_was_understood(tmp_path: Path) -> None:
    text = BAD_VOLUME + 'variable "secret" {\n  sensitive = true\n  default = "hush"\n}\n'
    text = text.replace("size ", "snapshot_id = var.secret\n  size ")
    result = hipaalint("graph", cwd=write_tree(tmp_path, {"main.tf": text}))
    assert result.returncode == 0
    (resource,) = json.loads(result.stdout)["resources"]
    assert resource["address"] == "aws_ebs_volume.data"
    assert resource["type"] == "AWS::EC2::Volume"
    assert resource["properties"]["Encrypted"] is False
    assert resource["properties"]["SnapshotId"] == "(sensitive)"
    assert "hush" not in result.stdout


def test_the_function_of_the_package_does_the_same(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": BAD_VOLUME})
    report = package.scan([tmp_path], {"select": ["ebs-volume-encrypted"], "include": ["fail"]})
    (finding,) = report.shown
    assert (finding.check.id, finding.address, report.exit_code) == ("ebs-volume-encrypted", "aws_ebs_volume.data", 1)
    assert package.scan(str(tmp_path), {"select": ["ebs-*"], "ignore": ["ebs-*"]}).exit_code == 0
