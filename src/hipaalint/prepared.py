"""Folders of YAML made ready once: from the installed package's index, or from the user's cache while nothing changed.

Below everything that reads such folders (model/tables.py, policy/catalogue.py); knows nothing of what they hold. What is
kept is plain JSON: nothing in it can be executed, and what does not look right is made anew. The cache is a matter of
speed alone: where it cannot be read or written, everything works without.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from . import __version__

INDEX_FILE = "prepared.json"  # beside this module in an installed wheel; setup.py has it written
_LARGEST = 64 << 20


def prepared(name: str, folder: Path, make: Callable[[], Any]) -> Any:
    """What `make` gives for a folder: JSON data that depends on the YAML files below it alone.

    `make` may give None for what must not be kept. Keys of objects come back as texts, dates as ISO texts.
    """
    packaged = _packaged()
    if packaged is not None and name in packaged and folder.is_relative_to(Path(__file__).parent):
        return packaged[name]
    try:
        key = _key(folder, make)
        kept = _cache_folder() / f"{_digest(name, str(folder))}.json"
    except OSError:
        return make()
    with suppress(OSError, ValueError, LookupError, TypeError):
        if kept.stat().st_size <= _LARGEST:
            content = json.loads(kept.read_bytes())
            if content["key"] == key:
                return content["data"]
    data = make()
    if data is not None:
        text = _dumped({"key": key, "data": data})
        with suppress(OSError):
            _write(kept, text)
        return json.loads(text)["data"]  # the same whether or not it was kept
    return data


def write_index(path: Path, contents: dict[str, Any]) -> None:
    """Write what an installed package needs not make again: name → data."""
    path.write_text(_dumped(contents), encoding="utf-8")


def yaml_files(folder: Path) -> Iterator[Path]:
    """The YAML files below a folder, sorted."""
    for directory, names, files in os.walk(folder):
        names.sort()
        for file in sorted(files):
            path = Path(directory, file)
            if file.endswith(".yaml") and path.is_file():
                yield path


@cache
def _packaged() -> dict[str, Any] | None:
    try:
        content = json.loads(Path(__file__).with_name(INDEX_FILE).read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _key(folder: Path, make: Callable[[], Any]) -> str:
    """Names, sizes and times of the files and of the modules that read them, and the version."""
    parts = [__version__]
    readers = Path(make.__code__.co_filename).parent.glob("*.py")
    for path in (*sorted(readers), *yaml_files(folder)):
        status = path.stat()
        parts.append(f"{path}\0{status.st_size}\0{status.st_mtime_ns}")
    return _digest(*parts)


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or ""
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "hipaalint"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _dumped(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat is not None else float(value)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, also when several runs write at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
