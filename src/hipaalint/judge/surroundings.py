"""What a run finds around it: the repository, its configuration, the catalogue of checks, the date.

First step of pipeline.py; the commands that only describe checks stop after it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..policy.catalogue import Catalogue, builtin_folder, load_catalogue, prepared_catalogue
from ..source import Diagnostic
from .configuration import (
    Configuration,
    ConfigurationError,
    configuration_of,
    find_configuration,
    read_configuration,
)

Given = Configuration | Mapping[str, Any] | str | Path | None


def repository_of(path: Path) -> Path:
    """What paths in reports are relative to: the folder with the nearest `.git` above, else the working directory.

    A path outside the working directory and of no repository is its own: the folder itself, or that of the file.
    """
    resolved = path.resolve()
    folder = resolved if resolved.is_dir() else resolved.parent
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    here = Path.cwd().resolve()
    return here if folder.is_relative_to(here) else folder


def configuration_for(config: Given, targets: Sequence[Path], repository: Path) -> Configuration:
    """The configuration of a run: as given, or found upwards from the first target. Raises ConfigurationError."""
    if isinstance(config, Configuration):
        return config
    if isinstance(config, Mapping):
        return configuration_of(config, Path.cwd())
    found = Path(config) if config is not None else find_configuration(targets[0].resolve(), repository)
    if found is None:
        return Configuration()
    found = found.resolve()
    shown = found.relative_to(repository).as_posix() if found.is_relative_to(repository) else str(found)
    return read_configuration(found, shown)


def catalogue_for(configuration: Configuration, examples: bool = False) -> Catalogue:
    """The checks that come with hipaalint and those of the configuration. Raises ConfigurationError.

    examples: with their examples and places, which only people need and which take longer.
    """
    for folder in configuration.checks:
        if not folder.is_dir():
            message = f'"checks" names no folder: {folder}'
            raise ConfigurationError([Diagnostic("error", message, configuration.ranges.get("checks"))])
    folders = [builtin_folder(), *configuration.checks]
    return load_catalogue(folders) if examples else prepared_catalogue(folders)


def run_date(given: str | None) -> str:
    """The time of the run in UTC, as `2027-01-31T00:00:00Z`: as given, by SOURCE_DATE_EPOCH, or now.

    Raises ConfigurationError for what is no date.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        if given is not None:
            moment = datetime.fromisoformat(given)
        elif epoch:
            moment = datetime.fromtimestamp(int(epoch), UTC)
        else:
            moment = datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        wrong = f'"{given}" is no date' if given is not None else f'SOURCE_DATE_EPOCH="{epoch}" is no time'
        message = f"{wrong}; write 2027-01-31 or 2027-01-31T12:00:00Z, or seconds since 1970 in SOURCE_DATE_EPOCH"
        raise ConfigurationError([Diagnostic("error", message)]) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
