"""The parser of one command's options: argparse, with the nearest valid name in its errors.

Used by cli/__init__.py, and filled by the commands.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from ..judge.configuration import ConfigurationError, nearest
from ..source import Diagnostic


class UsageError(Exception):
    """The command cannot be carried out as given: what is wrong, and what to do."""


class CommandParser(argparse.ArgumentParser):
    """Options are never abbreviated; `parse` raises UsageError."""

    def __init__(self, command: str, what: str, examples: str) -> None:
        super().__init__(
            prog=f"hipaalint {command}",
            description=f"{what[0].upper()}{what[1:]}.",
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options; UsageError for what is wrong with them. `--help` prints and ends the process."""
        namespace, rest = self.parse_known_intermixed_args(arguments)
        if rest:
            known = [name for action in self._actions for name in action.option_strings]
            name = rest[0].partition("=")[0]
            raise UsageError(f'there is no option "{name}"{nearest(name, known) or "; --help lists them"}')
        return namespace

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; --help says more")


class Choice(argparse.Action):
    """Appends a value that must be one of `names`, to the list at `dest`; comma-separated ones where `several`."""

    def __init__(self, *args: Any, names: Sequence[str], several: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.names = names
        self.several = several

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        chosen = [part.strip() for part in values.split(",")] if self.several else [values]
        for name in chosen:
            if name not in self.names:
                hint = nearest(name, self.names) or f"; there are {', '.join(self.names)}"
                raise UsageError(f'{option_string} has no "{name}"{hint}')
        setattr(namespace, self.dest, chosen if self.several else values)


def explained(error: ConfigurationError) -> UsageError:
    """The mistakes of a configuration, for the reader of a terminal: one a line, each with its place."""
    lines = [described(diagnostic) for diagnostic in error.diagnostics]
    return UsageError(lines[0] if len(lines) == 1 else "\n  " + "\n  ".join(lines))


def described(diagnostic: Diagnostic) -> str:
    """A diagnostic in one line."""
    if diagnostic.range is not None and diagnostic.range.file.text:
        return f"{diagnostic.path}:{diagnostic.line}:{diagnostic.column}: {diagnostic.message}"
    return f"{diagnostic.path}: {diagnostic.message}" if diagnostic.path else diagnostic.message
