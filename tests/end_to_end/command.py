"""Runs the real command, in a process of its own, over small repositories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

DATE = "2027-01-31"
CHECK = "ebs-volume-encrypted"  # what the files below are good or bad at; others may find fault with both
ONLY = ("--select", CHECK)
BAD_VOLUME = """\
resource "aws_ebs_volume" "data" {
  availability_zone = "eu-central-1a"
  size              = 10
  encrypted         = false
}
"""
GOOD_VOLUME = BAD_VOLUME.replace("false", "true")
BAD_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Data:
    Type: AWS::EC2::Volume
    Properties:
      AvailabilityZone: eu-central-1a
      Size: 10
      Encrypted: false
"""
UNREADABLE = 'resource "aws_ebs_volume" "x" {\n  encrypted = = true\n}\n'


def hipaalint(
    *arguments: str, cwd: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command with its output, its errors and its exit code; SOURCE_DATE_EPOCH is unset unless given."""
    variables = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    return subprocess.run(
        [sys.executable, "-m", "hipaalint", *arguments],
        cwd=cwd,
        env={**variables, **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def scan_json(*arguments: str, cwd: Path, select: str | None = CHECK) -> dict[str, Any]:
    """The JSON report of a scan with one check, or (select=None) with those of its configuration and arguments."""
    selected = () if select is None or "--select" in arguments else ("--select", select)
    result = hipaalint("scan", *arguments, *selected, "--format", "json", "--date", DATE, cwd=cwd)
    assert result.stderr == ""
    document: dict[str, Any] = json.loads(result.stdout)
    assert document["summary"]["exit_code"] == result.returncode
    return document


def write_tree(folder: Path, files: dict[str, str]) -> Path:
    """A repository with these files, made in this order."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
