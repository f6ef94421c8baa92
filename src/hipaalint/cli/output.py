"""Where reports go: standard output, or a file that is written whole or not at all.

Used by the commands that make files.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from .parser import UsageError

STANDARD_OUTPUT = "-"


def write(text: str, target: str) -> None:
    """Write a text to a path, or to standard output for `-`. A file that was there stays until all is written.

    Raises UsageError where that cannot be.
    """
    if target == STANDARD_OUTPUT:
        data = text.encode("utf-8", "backslashreplace")
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    if path.exists() and not path.is_file() and not path.is_dir():
        # A pipe or a device (/dev/stdout): there is nothing to replace.
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    temporary = ""
    try:
        # A link keeps pointing where it points: the file behind it is replaced.
        path = Path(os.path.realpath(path))
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise UsageError(f"{target} cannot be written: {error.strerror or error}") from None


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those a new file gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
