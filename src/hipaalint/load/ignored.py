"""What git ignores below a repository, from its `.gitignore` files and `.git/info/exclude`, read as text.

Used by discover.py, so that build output and caches are not judged. git itself is never run.
"""

from __future__ import annotations

import re
from pathlib import Path


class Rule:
    """One line: a pattern of paths relative to the folder of its file."""

    __slots__ = ("folders_only", "negated", "pattern")

    def __init__(self, pattern: re.Pattern[str], negated: bool, folders_only: bool) -> None:
        self.pattern = pattern
        self.negated = negated
        self.folders_only = folders_only


class IgnoreRules:
    """The rules of a repository; each folder's file is read when a path below it is asked for."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._rules: dict[Path, list[Rule]] = {}
        self._extra = _read(repository / ".git" / "info" / "exclude")

    def ignored(self, path: Path, folder: bool) -> bool:
        """Whether a path is ignored by its own name; folders above it are the caller's to ask for."""
        if not path.is_relative_to(self._repository):
            return False
        decision = False
        above = [parent for parent in path.parents if parent.is_relative_to(self._repository)]
        for base in reversed(above):
            relative = path.relative_to(base).as_posix()
            rules = self._of(base)
            for rule in [*self._extra, *rules] if base == self._repository else rules:
                if (folder or not rule.folders_only) and rule.pattern.fullmatch(relative):
                    decision = not rule.negated
        return decision

    def _of(self, folder: Path) -> list[Rule]:
        rules = self._rules.get(folder)
        if rules is None:
            rules = self._rules[folder] = _read(folder / ".gitignore")
        return rules


def _read(path: Path) -> list[Rule]:
    try:
        text = path.read_text("utf-8", "replace") if path.is_file() and not path.is_symlink() else ""
    except OSError:
        return []
    return [rule for rule in map(parse_rule, text.splitlines()) if rule is not None]


def parse_rule(line: str) -> Rule | None:
    """A line of a .gitignore file; None for blank lines and comments."""
    line = re.sub(r"(?<!\\)[ \t]+$", "", line)
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    if negated:
        line = line[1:]
    folders_only = line.endswith("/")
    line = line.rstrip("/")
    anchored = "/" in line
    line = line.lstrip("/")
    if not line:
        return None
    try:
        pattern = re.compile(("" if anchored else "(?:.*/)?") + _expression(line), re.DOTALL)
    except re.error:
        return None
    return Rule(pattern, negated, folders_only)


def _expression(glob: str) -> str:
    """git's wildcards as a regular expression: `*` and `?` stop at `/`, `**` does not."""
    parts: list[str] = []
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position) and (position == 0 or glob[position - 1] == "/"):
            parts.append("(?:.*/)?")
            position += 3
        elif glob.startswith("/**", position) and position + 3 == len(glob):
            parts.append("/.+")
            position += 3
        elif glob[position] == "*":
            while position < len(glob) and glob[position] == "*":
                position += 1
            parts.append("[^/]*")
        elif glob[position] == "?":
            parts.append("[^/]")
            position += 1
        elif glob[position] == "[" and (end := glob.find("]", position + 2)) > 0:
            inner = glob[position + 1 : end]
            inner = ("^" + inner[1:]) if inner.startswith(("!", "^")) else inner
            parts.append(f"[{inner}]".replace("\\", "\\\\"))
            position = end + 1
        else:
            if glob[position] == "\\" and position + 1 < len(glob):
                position += 1
            parts.append(re.escape(glob[position]))
            position += 1
    return "".join(parts)
