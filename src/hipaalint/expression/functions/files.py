"""Functions that read files of the repository, and those that only take paths apart.

Part of functions/. Nothing above the root of the repository is read, no device, and nothing large.
"""

from __future__ import annotations

import base64
import os
import posixpath
import re
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..values import IMPURE, SET, STRING, Known, Unknown, Value
from .function import Call, build, function, value_function
from .hashes import digest
from .strings import render_template

MAX_FILE = 1 << 20
MAX_VISITED = 20_000


def _folder(call: Call) -> tuple[Path, Path]:
    """The folder that relative paths start from, and the root; both without symbolic links."""
    base = call.context.base
    if base is None:
        call.fail("no file can be read here")
    real = Path(os.path.realpath(base))
    return real, Path(os.path.realpath(call.context.root)) if call.context.root is not None else real


def _resolve(call: Call, path: str) -> Path:
    """The real place of a path inside the root. Raises EvaluationError outside of it."""
    base, root = _folder(call)
    if "\0" in path or path.startswith("~"):
        call.bad("path", "the path is not inside the repository.")
    real = Path(os.path.realpath(base / path))
    if real != root and root not in real.parents:
        call.bad("path", f"{path[:200]} is not inside the repository.")
    return real


def _read(call: Call, path: str) -> bytes:
    real = _resolve(call, path)
    try:
        # Opened without waiting for a writer, and looked at when open: neither FIFO nor device gets through.
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_BINARY", 0))
    except OSError:
        call.bad("path", f'no file exists at "{path[:200]}".')
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            call.bad("path", f'"{path[:200]}" is no file that can be read.')
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_FILE + 1)
    finally:
        os.close(descriptor)
    if len(data) > MAX_FILE:
        call.fail(f"{path[:200]} is larger than the limit of {MAX_FILE:,} bytes")
    return data


def _read_text(call: Call, path: str) -> str:
    try:
        return _read(call, path).decode("utf-8")
    except UnicodeDecodeError:
        call.fail(f"contents of {path[:200]} are not valid UTF-8; use filebase64 to read them")


@function("file(path: string) -> string")
def _file(call: Call, path: str) -> str:
    return _read_text(call, path)


@function("filebase64(path: string) -> string")
def _filebase64(call: Call, path: str) -> str:
    return base64.b64encode(_read(call, path)).decode("ascii")


@function("fileexists(path: string) -> bool")
def _fileexists(call: Call, path: str) -> bool:
    real = _resolve(call, path)
    if real.is_dir():
        call.fail(f"{path[:200]} is a directory, not a file")
    return real.is_file()


def _register_hash(algorithm: str) -> None:
    @function(f"file{algorithm}(path: string) -> string")
    def hexadecimal(call: Call, path: str) -> str:
        return digest(algorithm, _read(call, path)).hex()


def _register_hash_base64(algorithm: str) -> None:
    @function(f"filebase64{algorithm}(path: string) -> string")
    def in_base64(call: Call, path: str) -> str:
        return base64.b64encode(digest(algorithm, _read(call, path))).decode("ascii")


for _algorithm in ("md5", "sha1", "sha256", "sha512"):
    _register_hash(_algorithm)
for _algorithm in ("sha256", "sha512"):
    _register_hash_base64(_algorithm)


@value_function("templatefile(path: string, vars: any) -> any")
def _templatefile(call: Call, path: Value, variables: Value) -> Value:
    if not isinstance(path, Known) or not isinstance(variables, Known):
        return call.unknown(STRING)
    return render_template(call, _read_text(call, path.data), variables)


@function("fileset(path: string, pattern: string) -> set(string)")
def _fileset(call: Call, path: str, pattern: str) -> Value:
    _, root = _folder(call)
    start = _resolve(call, path)
    alternatives = [_glob(call, alternative) for alternative in _braces(call, posixpath.normpath(pattern))]
    matches: list[str] = []
    for visited, (name, entry) in enumerate(_walk(start, "")):
        if visited >= MAX_VISITED:
            call.fail(f"more than {MAX_VISITED:,} files lie in the folder")
        if not any(matcher.fullmatch(name) for matcher in alternatives):
            continue
        real = Path(os.path.realpath(entry))
        if real.is_file() and (root in real.parents):
            matches.append(name)
    return call.plain(build(sorted(matches), (SET, STRING)), (SET, STRING))


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, str]]:
    """Names (with `/`) and paths of everything below a folder, symbolic links not followed, in one order."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        yield prefix + entry.name, entry.path
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")


def _braces(call: Call, pattern: str) -> list[str]:
    """`{a,b}` as alternatives, written out."""
    done: list[str] = []
    todo = [pattern]
    while todo:
        current = todo.pop()
        match = re.search(r"(?<!\\)\{([^{}]*)\}", current)
        if match is None:
            done.append(current)
        else:
            todo.extend(current[: match.start()] + item + current[match.end() :] for item in match[1].split(","))
        if len(todo) + len(done) > 1000 or len(pattern) > 1000:
            call.bad("pattern", "the pattern is too complex.")
    return done


_GLOB = r"(\*\*/)|(\*\*)|(\*)|(\?)|\[([!^]?)((?:\\.|[^\]\\])+)\]|\\(.)|(.)"


@lru_cache(maxsize=256)
def _glob_pattern(pattern: str) -> re.Pattern[str] | None:
    parts: list[str] = []
    for match in re.finditer(_GLOB, pattern, re.DOTALL):
        folders, all_below, star, question, negative, members, escape, c = match.groups()
        if folders and (match.start() == 0 or pattern[match.start() - 1] == "/"):
            parts.append("(?:[^/]+/)*+")
        elif all_below and (match.start() == 0 or pattern[match.start() - 1] == "/"):
            parts.append(".*+" if match.end() == len(pattern) else "[^/]*")
        elif folders or all_below or star:
            parts.append("[^/]*" + ("/" if folders else ""))
        elif question:
            parts.append("[^/]")
        elif members:
            escaped = re.sub(r"\\(.)|([\[&~|^])", lambda m: re.escape(m[1] or m[2]), members)
            parts.append(f"[{'^' if negative else ''}{escaped}]")
        else:
            parts.append(re.escape(escape or c))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        return None


def _glob(call: Call, pattern: str) -> re.Pattern[str]:
    compiled = _glob_pattern(pattern)
    if compiled is None or pattern.count("*") > 12:
        call.bad("pattern", "failed to glob pattern: syntax error in pattern.")
    return compiled


@function("basename(path: string) -> string")
def _basename(call: Call, path: str) -> str:
    trimmed = path.rstrip("/")
    return trimmed.rpartition("/")[2] if trimmed else "/" if path else "."


@function("dirname(path: string) -> string")
def _dirname(call: Call, path: str) -> str:
    return _clean(path[: path.rfind("/") + 1])


def _clean(path: str) -> str:
    cleaned = posixpath.normpath(path) if path else "."
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


@function("pathexpand(path: string) -> string")
def _pathexpand(call: Call, path: str) -> Value | str:
    if not path.startswith("~"):
        return path
    # Whose home folder that is depends on who deploys.
    return Unknown(IMPURE, "pathexpand() depends on the home folder", STRING, True, range=call.range)


@function("abspath(path: string) -> string")
def _abspath(call: Call, path: str) -> Value | str:
    if path.startswith("/"):
        return _clean(path)
    # Where the repository lies differs between machines; how the path ends does not.
    tail = _clean(path)
    return call.text([None] if tail == "." or tail.startswith("..") else [None, f"/{tail}"])
