"""`load`: a folder from a table of texts, loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from tests.unit.load.terraform.loading import Load, Loaded


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """load({"main.tf": "…", "modules/a/main.tf": "…"}, root="env/prod", **options of LoadOptions)"""

    def make(files: dict[str, str] | str, root: str = ".", **options: Any) -> Loaded:
        for name, text in ({"main.tf": files} if isinstance(files, str) else files).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Loaded(load_module_root(tmp_path / root, LoadOptions(tmp_path, **options)))

    return make
