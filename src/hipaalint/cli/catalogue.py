"""The catalogue that a command shows: the checks that come with hipaalint and those of the configuration at hand.

Shared by the commands that describe checks.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..judge.configuration import ConfigurationError
from ..policy.catalogue import Catalogue
from ..source import Diagnostic
from .parser import CommandParser, explained


def add_catalogue_arguments(parser: CommandParser) -> None:
    """--config, as `scan` has it."""
    parser.add_argument(
        "--config", metavar="FILE", help="instead of the hipaalint.yaml or pyproject.toml that is found"
    )


def read_catalogue(options: argparse.Namespace, examples: bool = False) -> Catalogue:
    """All checks, on demand with their examples. Raises UsageError if the configuration or a check file has a mistake."""
    from ..judge.surroundings import catalogue_for, configuration_for, repository_of

    here = Path()
    try:
        config = Path(options.config) if options.config else None
        configuration = configuration_for(config, [here], repository_of(here))
        catalogue = catalogue_for(configuration, examples)
        errors: list[Diagnostic] = [each for each in catalogue.diagnostics if each.severity == "error"]
        if errors:
            raise ConfigurationError(errors)
    except ConfigurationError as error:
        raise explained(error) from None
    return catalogue
