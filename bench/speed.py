"""Time, processor time and memory of hipaalint and of the peers that are installed, side by side, as whole processes.

    python bench/speed.py FOLDER [--runs 5] [--growth 1000,10000,100000]

Peers are taken from the PATH if they are there: trivy, checkov, cfn-lint. The tools take turns, so that a machine whose speed
drifts drifts for all; what counts are the ratios of medians. --growth generates roots of so many resources instead.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

COMMANDS = {
    "hipaalint": ["hipaalint", "scan", "{folder}", "--format", "json", "--output", os.devnull],
    "trivy": ["trivy", "config", "--quiet", "--skip-check-update", "--format", "json", "{folder}"],
    "checkov": ["checkov", "--directory", "{folder}", "--quiet", "--compact", "--skip-download", "--output", "json"],
}


class Run:
    """One finished process: wall and processor seconds, largest resident memory in MiB."""

    def __init__(self, command: list[str], cwd: Path) -> None:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        self.wall = time.perf_counter() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024


def compare(folder: Path, runs: int) -> None:
    """A line for each tool: medians, and how many times hipaalint's."""
    found = {name: command for name, command in COMMANDS.items() if shutil.which(command[0])}
    commands = {name: [part.format(folder=folder) for part in command] for name, command in found.items()}
    for command in commands.values():
        Run(command, folder)  # not counted: fills the caches of files and bytecode
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(Run(command, folder))
    print(f"{'':12}{'wall s':>9}{'cpu s':>9}{'MiB':>8}{'wall x':>9}{'cpu x':>9}{'memory x':>10}")
    ours = results["hipaalint"]
    for name, done in results.items():
        wall, cpu, memory = (median(getattr(run, field) for run in done) for field in ("wall", "cpu", "memory"))
        base = [median(getattr(run, field) for run in ours) for field in ("wall", "cpu", "memory")]
        ratios = [value / one for value, one in zip((wall, cpu, memory), base, strict=True)]
        print(f"{name:12}{wall:9.2f}{cpu:9.2f}{memory:8.0f}{ratios[0]:9.1f}{ratios[1]:9.1f}{ratios[2]:10.1f}")


def grow(sizes: list[int]) -> None:
    """Time and memory over generated roots: linear if the last column stays where it is."""
    print(f"{'resources':>10}{'wall s':>9}{'cpu s':>9}{'MiB':>8}{'cpu ms each':>13}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            generate(folder, size)
            run = Run([part.format(folder=folder) for part in COMMANDS["hipaalint"]], folder)
            print(f"{size:10}{run.wall:9.2f}{run.cpu:9.2f}{run.memory:8.0f}{run.cpu / size * 1000:13.3f}")


def generate(folder: Path, size: int) -> None:
    """A Terraform root of about `size` resources: buckets with side-cars, volumes, groups with rules, databases, policies."""
    text = []
    for number in range(size // 8):
        secure = "true" if number % 3 else "false"
        text.append(f"""
resource "aws_s3_bucket" "b{number}" {{
  bucket = "records-{number}"
}}
resource "aws_s3_bucket_versioning" "b{number}" {{
  bucket = aws_s3_bucket.b{number}.id
  versioning_configuration {{
    status = "Enabled"
  }}
}}
resource "aws_s3_bucket_public_access_block" "b{number}" {{
  bucket              = aws_s3_bucket.b{number}.id
  block_public_acls   = {secure}
  block_public_policy = {secure}
}}
resource "aws_ebs_volume" "v{number}" {{
  availability_zone = "us-east-1a"
  size              = 100
  encrypted         = {secure}
}}
resource "aws_security_group" "g{number}" {{
  vpc_id = "vpc-1"
}}
resource "aws_security_group_rule" "g{number}" {{
  security_group_id = aws_security_group.g{number}.id
  type              = "ingress"
  from_port         = {number % 1000}
  to_port           = {number % 1000}
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
}}
resource "aws_db_instance" "d{number}" {{
  engine              = "postgres"
  storage_encrypted   = {secure}
  publicly_accessible = false
}}
resource "aws_iam_policy" "p{number}" {{
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "${{aws_s3_bucket.b{number}.arn}}/*" }}]
  }})
}}
""")
        if len(text) == 500:
            (folder / f"part{number}.tf").write_text("".join(text))
            text = []
    (folder / "last.tf").write_text("".join(text))


def main() -> int:
    """Compare on a folder, or measure growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--growth", type=lambda text: [int(part) for part in text.split(",")])
    options = parser.parse_args()
    if options.growth:
        grow(options.growth)
    elif options.folder is not None:
        compare(options.folder.resolve(), options.runs)
    else:
        parser.error("name a folder, or --growth")
    return 0


if __name__ == "__main__":
    sys.exit(main())
