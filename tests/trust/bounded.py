"""Runs the real command with bounds on its memory and time, as what hostile input must not reach."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

MEMORY = 1 << 30
SECONDS = 60  # of processor time

VOLUME = """\
resource "aws_ebs_volume" "x" {
  availability_zone = "eu-central-1a"
  size              = 1
  encrypted         = false
}
"""
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Data:
    Type: AWS::EC2::Volume
    Properties:
      Encrypted: false
"""


def run(
    *arguments: str,
    cwd: Path,
    memory: int = MEMORY,
    file_size: int | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """The command's bytes and exit code. Fails the test on a traceback."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    variables = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(
        [sys.executable, "-m", "hipaalint", *arguments],
        cwd=cwd,
        env={**variables, **(environment or {})},
        capture_output=True,
        check=False,
        timeout=600,
        preexec_fn=limited,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert done.returncode in (0, 1, 2), (done.returncode, done.stderr)
    return done


def scan(folder: Path, *arguments: str, memory: int = MEMORY) -> dict[str, Any]:
    """The JSON report of everything below a folder."""
    done = run("scan", ".", "--format", "json", "--date", "2027-01-31", *arguments, cwd=folder, memory=memory)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A repository with these files."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
