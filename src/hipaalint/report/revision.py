"""Which commit of which repository was scanned, read from the files in `.git`; no process is run for it.

Asked by pipeline.py, shown in the full SARIF profile.
"""

from __future__ import annotations

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SIZE_LIMIT = 16 << 20  # bytes of packed-refs or config


class Revision:
    """commit: its hash. branch: "" where none is checked out. origin: an https address, "" where there is none."""

    __slots__ = ("branch", "commit", "origin")

    def __init__(self, commit: str, branch: str, origin: str) -> None:
        self.commit = commit
        self.branch = branch
        self.origin = origin


def revision_of(repository: Path) -> Revision | None:
    """The commit that is checked out, None where that cannot be told."""
    folder = _git_folder(repository / ".git")
    head = _read(folder / "HEAD").strip()
    branch = ""
    commit = head
    if head.startswith("ref: "):
        reference = head.removeprefix("ref: ").strip()
        if ".." in reference or not reference.startswith("refs/"):
            return None
        branch = reference.removeprefix("refs/heads/")
        # A worktree keeps its HEAD to itself and shares everything else.
        shared = folder / _read(folder / "commondir").strip() if (folder / "commondir").is_file() else folder
        commit = _read(folder / reference).strip() or _read(shared / reference).strip() or _packed(shared, reference)
        folder = shared
    if not _COMMIT.fullmatch(commit):
        return None
    return Revision(commit, branch, _origin(_read(folder / "config")))


def _git_folder(path: Path) -> Path:
    """`.git` itself, or where the file of that name (of a worktree or a submodule) points."""
    if path.is_file():
        target = _read(path).strip().removeprefix("gitdir: ")
        return path.parent / target
    return path


def _packed(folder: Path, reference: str) -> str:
    for line in _read(folder / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name == reference:
            return commit
    return ""


def _origin(config: str) -> str:
    """The address of the remote `origin`, as one for a browser and without any user name or password."""
    section = re.search(r'^\[remote "origin"\]\s*\n((?:[ \t]+.*\n?)*)', config, re.MULTILINE)
    address = re.search(r"^\s*url\s*=\s*(\S+)\s*$", section[1], re.MULTILINE) if section else None
    if address is None:
        return ""
    match = re.fullmatch(
        r"(?:(?:https?|ssh|git)://)?(?:[^@/]*@)?([A-Za-z0-9][A-Za-z0-9.-]*)(?::\d+)?[:/](.+?)(?:\.git)?/?", address[1]
    )
    return f"https://{match[1]}/{match[2]}" if match and "." in match[1] else ""


def _read(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _SIZE_LIMIT:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
