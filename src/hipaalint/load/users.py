"""Which roots have to do with files that changed: those that call a module, name a file, or nest a template.

Before discover.py, where the paths of a run are changed files; looks at bytes, and parses nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from .discover import SKIPPED, TEMPLATE_LIMIT, TEMPLATE_SUFFIXES, called_modules
from .terraform.files import configuration_suffix

_NESTING = (b"TemplateURL", b"AWS::Include", b"AWS::Serverless::Application")


def with_users(changed: Iterable[Path], repository: Path) -> list[Path]:
    """The changed files that are still there, and the files and folders of the repository whose roots they belong to.

    A module's callers, and theirs in turn; the Terraform folders and templates that mention a file by its name.
    """
    changed = [path.resolve() for path in changed]
    folders, templates = _listed(repository.resolve())
    contents = {folder: b"\n".join(map(_bytes, files)) for folder, files in folders.items()}
    callers: dict[Path, list[Path]] = {}
    for folder in folders:
        for called in called_modules(folder):
            callers.setdefault(called, []).append(folder)
    found: dict[Path, None] = {path: None for path in changed if path.exists()}
    waiting: list[Path] = []
    for path in changed:
        if configuration_suffix(path.name) is not None:
            waiting.append(path.parent)
            continue
        if path.parent in folders and path.name.endswith((".tfvars", ".tfvars.json")):
            waiting.append(path.parent)
        name = os.fsencode(path.name)
        waiting += [folder for folder, content in contents.items() if name in content]
        if path.suffix in TEMPLATE_SUFFIXES:
            found.update((each, None) for each in templates if each != path and _nests(each, name))
    reached: set[Path] = set()
    while waiting:
        folder = waiting.pop()
        if folder in reached or folder not in folders:
            continue
        reached.add(folder)
        above = [caller for caller in callers.get(folder, ()) if caller != folder]
        waiting += above
        if not above:  # a root of its own
            found[folders[folder][0]] = None
    return list(found)


def _listed(repository: Path) -> tuple[dict[Path, list[Path]], list[Path]]:
    """Folders with their Terraform files, and what may be a template by its name."""
    folders: dict[Path, list[Path]] = {}
    templates: list[Path] = []
    for directory, names, files in os.walk(repository):
        names[:] = sorted(name for name in names if name not in SKIPPED)
        for name in sorted(files):
            path = Path(directory, name)
            if configuration_suffix(name) is not None:
                folders.setdefault(path.parent, []).append(path)
            elif name.endswith(TEMPLATE_SUFFIXES):
                templates.append(path)
    return folders, templates


def _nests(template: Path, name: bytes) -> bool:
    content = _bytes(template)
    return name in content and any(mark in content for mark in _NESTING)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= TEMPLATE_LIMIT else b""
    except OSError:
        return b""  # whoever reads it in earnest says so
