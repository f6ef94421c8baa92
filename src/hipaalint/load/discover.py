"""What there is to judge below some paths: Terraform root modules, CloudFormation templates, CDK assemblies, plans.

First step of a run, called by the pipeline; decides by names and content, and reads nothing above the repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..source import Diagnostic, SyntaxFault
from ..syntax.yaml_json import looks_like_cloudformation, looks_like_plan, read_text
from .ignored import IgnoreRules
from .terraform.files import configuration_suffix

SKIPPED = frozenset({".git", ".terraform", ".terragrunt-cache", "node_modules", ".venv", "__pycache__", ".hg", ".svn"})
TEMPLATE_SUFFIXES = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform")
# Names that are never templates and often large.
_OTHERS = (".tf.json", ".tofu.json", ".tfvars.json", ".tfstate.json", "package-lock.json")
ASSEMBLY = "cdk.out"  # the folder that the CDK writes to unless told otherwise, and a file in every such folder
TEMPLATE_LIMIT = 16 << 20  # bytes; CloudFormation itself takes 1 MB
PLAN_LIMIT = 256 << 20
_SOURCE = re.compile(rb"""\bsource["']?\s*[=:]\s*["'](\.\.?/[^"'$\0]*)["']""")


class Discovery:
    """modules and assemblies: folders; templates and plans: files. All resolved, in the order of their paths."""

    def __init__(self) -> None:
        self.modules: list[Path] = []
        self.templates: list[Path] = []
        self.plans: list[Path] = []
        self.assemblies: list[Path] = []
        self.diagnostics: list[Diagnostic] = []


def discover(paths: Sequence[Path], repository: Path, *, quiet: bool = False, ignored_too: bool = False) -> Discovery:
    """What the paths (folders and files) hold.

    quiet: a file that is named and nothing to judge is none of our business. ignored_too: what git ignores is judged.

    A folder that a root among them calls as a module is no root of its own, unless it is named itself. What git
    ignores is left out unless it is named. A path that cannot be read is a diagnostic of severity "error".
    """
    found = _Finder(repository.resolve(), quiet, ignored_too)
    for path in paths:
        found.take(path.resolve())
    return found.finish()


class _Finder:
    def __init__(self, repository: Path, quiet: bool, ignored_too: bool) -> None:
        self.repository = repository
        self.quiet = quiet
        self.ignored_too = ignored_too
        self.result = Discovery()
        self.named: dict[Path, None] = {}  # module folders asked for by name
        self.folders: dict[Path, None] = {}  # all module folders
        self.templates: dict[Path, None] = {}
        self.plans: dict[Path, None] = {}
        self.assemblies: dict[Path, None] = {}
        self.rules = IgnoreRules(repository)

    def take(self, path: Path) -> None:
        if path.is_dir():
            self.named[path] = None
            self._walk(path)
        elif configuration_suffix(path.name) is not None or _gives_variables(path):
            self.folders[path.parent] = None
        elif path.exists():
            self._file(path, named=not self.quiet)
        else:
            self._say("error", "not read: there is no such file or folder", path)

    def finish(self) -> Discovery:
        self.result.modules = sorted(self._roots())
        self.result.templates = sorted(self.templates)
        self.result.plans = sorted(self.plans)
        self.result.assemblies = sorted(self.assemblies)
        return self.result

    def _say(self, severity: str, message: str, path: Path) -> None:
        shown = path.relative_to(self.repository) if path.is_relative_to(self.repository) else path
        self.result.diagnostics.append(Diagnostic(severity, message, path=shown.as_posix()))

    def _ignored(self, path: Path, folder: bool) -> bool:
        return not self.ignored_too and self.rules.ignored(path, folder)

    def _walk(self, top: Path) -> None:
        """Folders are listed in name order, links to folders are not followed."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            if _is_assembly(folder):
                self.assemblies[folder] = None
                continue
            try:
                with os.scandir(folder) as listed:
                    entries = sorted(listed, key=lambda entry: entry.name)
            except OSError as error:
                self._say("error", f"not read: {error.strerror or error}", folder)
                continue
            below: list[Path] = []
            for entry in entries:
                path = folder / entry.name
                if entry.is_dir(follow_symlinks=False):
                    # What the CDK writes is ignored by git in most repositories, and yet it is what is deployed.
                    written = entry.name == ASSEMBLY and _is_assembly(path)
                    if entry.name not in SKIPPED and (written or not self._ignored(path, True)):
                        below.append(path)
                elif self._ignored(path, False):
                    continue
                elif configuration_suffix(entry.name) is not None:
                    self.folders[folder] = None
                elif entry.name in ("terragrunt.hcl", "root.hcl", "terragrunt.stack.hcl"):
                    self._say("note", "Terragrunt's files are not evaluated; scan the plan, or what it generates", path)
                elif entry.name.endswith(TEMPLATE_SUFFIXES) and not entry.name.endswith(_OTHERS):
                    self._file(path, named=False)
            waiting.extend(reversed(below))

    def _file(self, path: Path, named: bool) -> None:
        """A template or a plan, by its content; any other file is none of our business unless it was named."""
        try:
            if not path.is_file():
                return
            if path.is_symlink() and not path.resolve().is_relative_to(self.repository):
                return
            limit = PLAN_LIMIT if path.suffix == ".json" else TEMPLATE_LIMIT
            if path.stat().st_size > limit:
                message = f"not read: larger than {limit >> 20} MiB, which is the limit; exclude it, or make it smaller"
                self._say("warning", message, path)
                return
            data = path.read_bytes()
        except OSError as error:
            self._say("error", f"not read: {error.strerror or error}", path)
            return
        if not named and not _may_matter(data):
            return
        try:
            text = read_text(data, path.as_posix())
        except SyntaxFault as fault:
            if named or b"AWSTemplateFormatVersion" in data:
                self._say("error", fault.message, path)
            return
        if looks_like_plan(text):
            self.plans[path] = None
        elif looks_like_cloudformation(text):
            self.templates[path] = None
        elif named:
            self._say("warning", "neither Terraform nor a CloudFormation template; it was not judged", path)

    def _roots(self) -> Iterator[Path]:
        """Module folders that no other one calls; of a circle of calls the first by name."""
        calls = {
            folder: [called for called in called_modules(folder) if called != folder] for folder in sorted(self.folders)
        }
        called = {target for targets in calls.values() for target in targets}
        roots = [folder for folder in calls if folder in self.named or folder not in called]
        reached = _reachable(roots, calls)
        for folder in calls:
            if folder not in reached:
                roots.append(folder)
                reached |= _reachable([folder], calls)
        yield from roots


def _gives_variables(path: Path) -> bool:
    """Whether a file holds values for the root module in its folder."""
    if not path.name.endswith((".tfvars", ".tfvars.json")) or not path.is_file():
        return False
    return any(configuration_suffix(entry.name) is not None for entry in path.parent.iterdir())


def _is_assembly(folder: Path) -> bool:
    """Whether the CDK wrote a folder."""
    return (folder / ASSEMBLY).is_file() and (folder / "manifest.json").is_file()


def _may_matter(data: bytes) -> bool:
    """Whether bytes can be a template or a plan at all: cheap, before they are decoded."""
    return b"Resources" in data or b"AWSTemplateFormatVersion" in data or b"format_version" in data or b"\x00" in data


def called_modules(folder: Path) -> set[Path]:
    """The local modules that the files of a folder call, by a scan of their bytes."""
    called: set[Path] = set()
    for entry in sorted(folder.iterdir()):
        if configuration_suffix(entry.name) is None:
            continue
        try:
            data = entry.read_bytes() if _is_plain(entry, folder) else b""
        except OSError:
            continue  # the loader says it
        if b"module" in data:
            for match in _SOURCE.finditer(data):
                called.add(Path(os.path.realpath(folder / match[1].decode("utf-8", "replace"))))
    return called


def _is_plain(file: Path, folder: Path) -> bool:
    """A file of a size that the loader reads too, not behind a link that leads elsewhere."""
    if not file.is_file() or (file.is_symlink() and not file.resolve().is_relative_to(folder)):
        return False
    return file.stat().st_size <= TEMPLATE_LIMIT


def _reachable(starts: Iterable[Path], calls: dict[Path, list[Path]]) -> set[Path]:
    reached: set[Path] = set()
    waiting = list(starts)
    while waiting:
        folder = waiting.pop()
        if folder not in reached:
            reached.add(folder)
            waiting.extend(calls.get(folder, ()))
    return reached
