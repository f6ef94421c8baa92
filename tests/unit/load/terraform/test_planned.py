"""A configuration with most of what modules do, against the values that Terraform itself plans for it.

tests/data/terraform_planned.json holds the files, and the planned values of every resource (of `terraform_data`).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from tests.unit.load.terraform.loading import Loaded

DATA = json.loads((Path(__file__).parents[3] / "data" / "terraform_planned.json").read_text(encoding="utf-8"))


def values(files: dict[str, str]) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        loaded = Loaded(load_module_root(Path(folder), LoadOptions(Path(folder))))
        assert loaded.said() == []
        return {
            address: {name: loaded.shown(address, name) for name in loaded.resource(address).body.names()}
            for address in loaded.addresses
            if loaded.exists(address)
        }


def test_values_are_those_that_terraform_plans() -> None:
    assert values(DATA["files"]) == DATA["planned"]


def blocks(text: str) -> list[str]:
    """The top-level blocks of a file: whatever begins at the margin with a word."""
    return [part for part in re.split(r"^(?=\w)", text, flags=re.MULTILINE) if part]


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_order_and_files_change_nothing(data: st.DataObject) -> None:
    files = dict(DATA["files"])
    for folder in ("", "m/"):
        parts = data.draw(st.permutations(blocks(files.pop(f"{folder}main.tf"))))
        for index, part in enumerate(parts):
            name = f"{folder}{data.draw(st.sampled_from('abc'))}.tf"
            files[name] = files.get(name, "") + f"# {index}\n" + part
    assert values(files) == DATA["planned"]
