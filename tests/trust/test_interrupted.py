"""A run that ends before its time leaves no half of a report, of a baseline or of the cache."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .bounded import VOLUME, run, write


def large(folder: Path) -> Path:
    text = "".join(VOLUME.replace('"x"', f'"x{number}"') for number in range(8000))
    return write(folder, {"m.tf": text, "report.json": "before"})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("seconds", [0.15, 1.0])
def test_a_signal(tmp_path: Path, number: signal.Signals, seconds: float) -> None:
    folder = large(tmp_path / "repository")
    cache = tmp_path / "cache"
    process = subprocess.Popen(
        [sys.executable, "-m", "hipaalint", "scan", ".", "--format", "json", "-o", "report.json"],
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    time.sleep(seconds)
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode in (-number, 128 + number), errors
    assert b"Traceback" not in errors or seconds < 1  # before the first line of ours is run, Python itself complains
    assert (folder / "report.json").read_text() == "before"
    assert sorted(path.name for path in folder.iterdir()) == [".git", "m.tf", "report.json"]
    for kept in cache.rglob("*.json"):
        assert "key" in json.loads(kept.read_text())
    # What a killed run left does not harm the next one.
    assert run("checks", cwd=folder, environment={"XDG_CACHE_HOME": str(cache)}).returncode == 0


def test_a_full_disk(tmp_path: Path) -> None:
    folder = write(tmp_path / "repository", {"m.tf": VOLUME, "report.json": "before", "known.json": "{}"})
    cache = tmp_path / "cache"
    environment = {"XDG_CACHE_HOME": str(cache)}
    done = run("scan", ".", "--format", "json", "-o", "report.json", cwd=folder, file_size=100, environment=environment)
    assert done.returncode == 2
    assert b"report.json cannot be written: File too large" in done.stderr
    run("baseline", ".", "-o", "known.json", cwd=folder, file_size=100, environment=environment)
    assert (folder / "report.json").read_text() == "before"
    assert (folder / "known.json").read_text() == "{}"
    assert sorted(path.name for path in folder.iterdir()) == [".git", "known.json", "m.tf", "report.json"]
    assert not [path for path in cache.rglob("*") if path.is_file()]
