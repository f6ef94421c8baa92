"""Writes the index that an installed package reads instead of its YAML: checks, controls and the model's tables.

Called by setup.py when a wheel is built; prepared.py reads it.
"""

from __future__ import annotations

from pathlib import Path

from ..model.tables import TABLES, read_yaml_folder
from ..prepared import write_index
from .catalogue import builtin_folder, folder_data


def write(path: str) -> None:
    """Write the index. Raises ValueError when a check file has errors."""
    checks = folder_data(builtin_folder())
    if checks is None:
        raise ValueError("there are errors in the check files: `hipaalint test` shows them")
    tables = {
        f"tables/{folder.name}": dict(read_yaml_folder(folder.name)) for folder in TABLES.iterdir() if folder.is_dir()
    }
    write_index(Path(path), {"checks": checks, **tables})
