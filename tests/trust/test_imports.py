"""What a start costs: the hot path loads nothing that it does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .bounded import TEMPLATE, VOLUME, write

HEAVY = {
    "cfnlint", "hcl2", "networkx", "sympy", "dataclasses", "asyncio", "unittest", "jsonschema", "inspect", "logging", "email",
    "http", "socket", "ssl", "multiprocessing", "concurrent", "sqlite3", "tomllib", "xml", "numpy", "lark", "ast", "pydoc",
}  # fmt: skip


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules that a command imports, by Python's own account."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache")}
    for _ in range(2):  # the first fills the cache
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "hipaalint", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode in (0, 1), done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def bare() -> set[str]:
    """What Python imports for `-m` anyway, and what an editable install adds."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import runpy"], capture_output=True, text=True, check=True
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_the_version_costs_nothing(tmp_path: Path) -> None:
    names = loaded(write(tmp_path / "r", {}), "--version") - bare()
    assert {name for name in names if name.startswith("hipaalint.")} <= {"hipaalint.cli", "hipaalint.__main__"}
    assert len(names) <= 12, sorted(names)
    assert not {"re", "pathlib", "argparse", "yaml", "json"} & names


def test_three_files_load_nothing_heavy(tmp_path: Path) -> None:
    folder = write(tmp_path / "r", {"m.tf": VOLUME, "n.tf": VOLUME.replace('"x"', '"y"'), "t.yaml": TEMPLATE})
    names = loaded(folder, "scan", ".", "--format", "json") - bare()
    assert "hipaalint.pipeline" in names
    assert sorted(name for name in names if name.split(".")[0] in HEAVY) == []
