"""`hipaalint explain CHECK`: what it asks, why, which controls it serves, how to repair, with its own examples.

For the reader of a finding.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator

from ..judge.configuration import nearest
from ..policy.catalogue import Catalogue
from ..policy.check import Check
from .catalogue import add_catalogue_arguments, read_catalogue
from .output import STANDARD_OUTPUT, write
from .parser import CommandParser, UsageError

EXAMPLES = """\
examples:
  hipaalint explain rds-storage-encrypted"""
WIDTH = 100


def add_arguments(parser: CommandParser) -> None:
    """The id, and where the configuration is."""
    parser.add_argument("check", metavar="CHECK", help="the id or an alias of a check")
    add_catalogue_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print the page."""
    catalogue = read_catalogue(options, examples=True)
    check = catalogue.find(options.check)
    if check is None:
        hint = nearest(options.check, [*catalogue.checks, *catalogue.aliases]) or "; `hipaalint checks` lists them"
        raise UsageError(f'there is no check "{options.check}"{hint}')
    write("\n".join(page(check, catalogue)) + "\n", STANDARD_OUTPUT)
    return 0


def page(check: Check, catalogue: Catalogue) -> Iterator[str]:
    """The lines of the page."""
    yield f"{check.id}: {check.title}"
    yield f"severity {check.severity} · {', '.join(check.types)} · profiles {', '.join([*check.profiles, 'all'])}"
    yield ""
    yield from textwrap.wrap(check.risk, WIDTH)
    yield from ("", "Controls")
    for link in check.controls:
        control = catalogue.controls.get(link.id)
        yield f"  {link.id}" + (f"  {control.title}" if control is not None else "")
        yield from textwrap.wrap(link.because, WIDTH, initial_indent="    ", subsequent_indent="    ")
    for part in (check, *check.also):
        if check.also:
            yield from ("", *textwrap.wrap(", ".join(part.resources), WIDTH))
        for title, text in (("Applies where", part.filter), ("Condition", part.condition)):
            if text:
                yield from ("", title, *textwrap.indent(text, "  ").splitlines())
    yield from ("", "Repair", *textwrap.wrap(check.remediation, WIDTH, initial_indent="  ", subsequent_indent="  "))
    if check.parameters:
        yield from ("", "Parameters")
        for parameter in check.parameters.values():
            yield f"  {parameter.name} ({parameter.type}, {parameter.default!r}): {parameter.description}"
    for verdict in ("pass", "fail"):
        for example in check.examples.get(verdict, [])[:1]:
            for language, files in example.texts.items():
                yield from ("", f"Example: {verdict} ({language})")
                for text in files.values():
                    yield from textwrap.indent(text.replace(" # <-", "").rstrip(), "  ").splitlines()
    if check.references:
        yield from ("", "References", *(f"  {reference}" for reference in check.references))
