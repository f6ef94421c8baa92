"""What a load is told: where the repository ends, which inputs are given, and what has been read already.

Made by the pipeline, one for all roots of a run; handed to load/terraform, load/cloudformation and load/discover.py.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..source import SourceFile, SourceRange, SyntaxFault
from ..syntax.yaml_json import read_text

FILE_LIMIT = 64 << 20  # bytes; the largest plan seen had 30 MB


class LoadOptions:
    """Options and the cache of one run.

    repository: nothing above it is read. variables: ("var", "NAME=VALUE") or ("file", Path), in the order given.
    parameters: CloudFormation's parameter files. assume_nothing: no default of an input is taken for its value.
    deployment: the name of this set of inputs, "" if there is only one. identifier: the property whose value `Ref`
    gives, by registry type. environment: where TF_VAR_… are looked up; empty unless the user asks for it.
    nested_blocks: (Terraform type, dotted path of a block in it or "") → the names that are blocks there; only JSON
    syntax needs it, which does not tell a block from an object.
    files: what each file was parsed to; modules: what each folder was lowered to; both by resolved path.
    stacks: CloudFormation's outermost stacks, for what they import from each other.
    """

    __slots__ = (
        "assume_nothing",
        "deployment",
        "environment",
        "files",
        "identifier",
        "modules",
        "nested_blocks",
        "parameters",
        "repository",
        "sources",
        "stacks",
        "variables",
    )

    def __init__(
        self,
        repository: Path,
        *,
        variables: Sequence[tuple[str, str | Path]] = (),
        parameters: Sequence[Path] = (),
        assume_nothing: bool = False,
        deployment: str = "",
        identifier: Callable[[str], str | None] = lambda type: None,
        environment: Mapping[str, str] | None = None,
        nested_blocks: Callable[[str, str], frozenset[str]] = lambda type, path: frozenset(),
    ) -> None:
        self.repository = repository.resolve()
        self.variables = list(variables)
        self.parameters = list(parameters)
        self.assume_nothing = assume_nothing
        self.deployment = deployment
        self.identifier = identifier
        self.environment: Mapping[str, str] = environment if environment is not None else {}
        self.nested_blocks = nested_blocks
        self.files: dict[Path, Any] = {}
        self.modules: dict[Path, Any] = {}
        self.sources: dict[Path, SourceFile] = {}
        self.stacks: list[Any] = []

    def for_deployment(self, name: str, variables: Sequence[tuple[str, str | Path]]) -> LoadOptions:
        """The same run with another set of inputs; what was read and lowered is shared."""
        twin = LoadOptions(
            self.repository,
            variables=variables,
            parameters=self.parameters,
            assume_nothing=self.assume_nothing,
            deployment=name,
            identifier=self.identifier,
            environment=self.environment,
            nested_blocks=self.nested_blocks,
        )
        twin.files, twin.modules, twin.sources, twin.stacks = self.files, self.modules, self.sources, self.stacks
        return twin

    def contains(self, path: Path) -> bool:
        """Whether a path, with all links followed, lies in the repository."""
        return Path(os.path.realpath(path)).is_relative_to(
            self.repository
        )  # resolve() raises where links go in circles

    def display(self, path: Path) -> str:
        """A path as people see it: relative to the repository, with `/`; "." for the repository itself."""
        try:
            return path.relative_to(self.repository).as_posix()
        except ValueError:
            return Path(os.path.relpath(path, self.repository)).as_posix()

    def read(self, path: Path, limit: int = FILE_LIMIT) -> SourceFile:
        """The text of a file, read once. Raises SyntaxFault (also for what is no regular file or too large) and OSError."""
        found = self.sources.get(path)
        if found is None:
            status = path.stat()
            shown = self.display(path)
            if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
                too_large = f"larger than {limit >> 20} MiB, which is the limit; split it"
                problem = "it is no regular file" if not stat.S_ISREG(status.st_mode) else too_large
                raise SyntaxFault(f"not read: {problem}", SourceRange(SourceFile(shown, ""), 0, 0))
            found = self.sources[path] = SourceFile(shown, read_text(path.read_bytes(), shown))
        return found
