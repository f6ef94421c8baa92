"""The tree of a git revision as files, for `--since`: what was found there is not new.

Called by pipeline.py. git is the only program that hipaalint ever runs, and only here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..source import Diagnostic
from .configuration import Configuration, ConfigurationError, Deployment

# Nothing that the configuration of a repository could name is run along the way.
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never")


@contextmanager
def tree_of(repository: Path, revision: str) -> Iterator[Path]:
    """A temporary folder with the files of a revision. Raises ConfigurationError."""
    import tempfile  # most runs need neither this nor another process

    commit = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        message = f'there is no revision "{revision}" here; fetch it (a shallow clone lacks most), or name another'
        raise ConfigurationError([Diagnostic("error", message)])
    with tempfile.TemporaryDirectory(prefix="hipaalint-") as name:
        folder = Path(name).resolve()
        index, tree = folder / "index", folder / "tree"
        tree.mkdir()
        environment = {"GIT_INDEX_FILE": str(index)}
        if (
            _git(repository, "read-tree", commit, environment=environment) is None
            or _git(repository, "checkout-index", "--all", f"--prefix={tree}/", environment=environment) is None
        ):
            raise ConfigurationError([Diagnostic("error", f'git could not lay out the files of "{revision}"')])
        yield tree


def _git(repository: Path, *arguments: str, environment: dict[str, str] | None = None) -> str | None:
    """What git prints; None where it fails."""
    import subprocess

    command = ["git", *_QUIET, *arguments]
    variables = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", **(environment or {})}
    try:
        result = subprocess.run(command, cwd=repository, env=variables, capture_output=True, check=False)
    except OSError as error:
        raise ConfigurationError(
            [Diagnostic("error", f"git cannot be run: {error.strerror}; --since needs it")]
        ) from None
    return result.stdout.decode("utf-8", "replace").strip() if result.returncode == 0 else None


def relocated(configuration: Configuration, old: Path, new: Path) -> Configuration:
    """The same configuration for another copy of the repository. Files outside of it stay where they are."""
    from copy import copy

    def moved(path: Path) -> Path:
        path = path.resolve()
        return new / path.relative_to(old) if path.is_relative_to(old) else path

    def inputs(given: list[tuple[str, str | Path]]) -> list[tuple[str, str | Path]]:
        return [(kind, moved(value) if isinstance(value, Path) else value) for kind, value in given]

    twin = copy(configuration)
    twin.folder = moved(configuration.folder) if configuration.folder is not None else None
    twin.variables = inputs(configuration.variables)
    twin.parameter_files = [moved(path) for path in configuration.parameter_files]
    twin.roots = {
        moved(path): [
            Deployment(
                each.name, inputs(each.variables), [moved(file) for file in each.parameters], each.account_baseline
            )
            for each in deployments
        ]
        for path, deployments in configuration.roots.items()
    }
    return twin
