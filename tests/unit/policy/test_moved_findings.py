"""A finding keeps its name where a resource moves: the new one knows the fingerprints that it had."""

from __future__ import annotations

from pathlib import Path

import hipaalint
from hipaalint.policy.finding import Finding

VOLUME = 'resource "aws_ebs_volume" "{name}" {{\n  availability_zone = "eu-central-1a"\n  size = 1\n}}\n'


def finding(folder: Path, text: str) -> Finding:
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "main.tf").write_text(text, encoding="utf-8")
    report = hipaalint.scan(folder, {"select": ["ebs-volume-encrypted"]})
    (found,) = report.findings
    return found


def test_a_moved_resource_keeps_its_fingerprint(tmp_path: Path) -> None:
    before = finding(tmp_path, VOLUME.format(name="old"))
    moved = "moved {\n  from = aws_ebs_volume.old\n  to   = aws_ebs_volume.new\n}\n"
    after = finding(tmp_path, moved + VOLUME.format(name="new"))
    assert before.former_fingerprints == []
    assert after.fingerprint != before.fingerprint
    assert after.former_fingerprints == [before.fingerprint]
