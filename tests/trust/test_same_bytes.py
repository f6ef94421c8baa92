"""The same input gives the same bytes: whatever the order of files, the jobs, the cache, the seed of hashes."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from .bounded import TEMPLATE, run, write

FOLDERS = ("a", "b", "modules/m", "z")
TEXT = """\
variable "on" {{
  type = bool
}}
resource "aws_s3_bucket" "b{name}" {{
  for_each = toset(["z", "a", "m"])
  bucket   = each.key
}}
resource "aws_s3_bucket_public_access_block" "b{name}" {{
  bucket            = aws_s3_bucket.b{name}["a"].id
  block_public_acls = var.on
}}
resource "aws_security_group" "g" {{
  ingress {{
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0", "::/0"]
  }}
}}
module "m" {{
  source = "../modules/m"
}}
"""


def files() -> dict[str, str | bytes]:
    found: dict[str, str | bytes] = {
        f"{folder}/main.tf": TEXT.format(name=folder[0]).replace(
            'module "m"' if folder.startswith("modules") else "\0", 'check "m"'
        )
        for folder in FOLDERS
    }
    found |= {f"{name}.yaml": TEMPLATE for name in ("one", "two", "drei")}
    return found


def report(folder: Path, format: str, *arguments: str, **environment: str) -> bytes:
    every = ("--include", "pass,unknown,not_applicable", "--sarif-profile", "full", "--date", "2027-01-31")
    return run("scan", ".", "--format", format, *every, *arguments, cwd=folder, environment=environment).stdout


@pytest.mark.parametrize("format", ["json", "sarif", "text", "html"])
def test_same_bytes(tmp_path: Path, format: str) -> None:
    cache = str(tmp_path / "cache")
    texts = files()
    folder = write(tmp_path / "here", texts)
    first = report(folder, format, XDG_CACHE_HOME=cache)  # cold
    assert len(first) > 1000
    assert report(folder, format, XDG_CACHE_HOME=cache) == first  # warm
    for kept in (tmp_path / "cache").rglob("*.json"):
        kept.write_text(kept.read_text()[:1000])  # as a killed run might leave it if it did not rename
    assert report(folder, format, XDG_CACHE_HOME=cache) == first
    assert report(folder, format, XDG_CACHE_HOME="/dev/null/none", HOME="/dev/null") == first  # cannot be written
    assert report(folder, format, "--jobs", "3", XDG_CACHE_HOME=cache) == first
    for seed in ("0", "1", "4242"):
        assert report(folder, format, XDG_CACHE_HOME=cache, PYTHONHASHSEED=seed) == first
    names = list(texts)
    random.Random(1).shuffle(names)
    other = write(tmp_path / "there" / "here", {name: texts[name] for name in names})
    for name in names:
        os.utime(other / name, (1, 1))
    assert report(other, format, XDG_CACHE_HOME=cache, LC_ALL="C", TZ="Asia/Kathmandu") == first
