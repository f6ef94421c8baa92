"""The page that lists the functions of conditions, made from their docstrings: docs/functions.md.

Written with `python -m hipaalint.policy.reference docs/functions.md`; a test compares it.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from .functions import DOMAIN_FUNCTIONS

HEAD = """\
# Functions for checks

What the conditions of checks can call beside Terraform's own functions. All are three-valued: where the text does not
decide, the result is unknown. This page is made from the code; see [writing-checks.md](writing-checks.md) for how
conditions work.
"""


def functions_page() -> str:
    """The page as Markdown, functions by name."""
    parts = [HEAD]
    for name, function in sorted(DOMAIN_FUNCTIONS.items()):
        text = inspect.cleandoc(function.__doc__ or "")
        parts.append(f"## `{name}({_parameters(function)})`\n\n{text}\n")
    return "\n".join(parts)


def _parameters(function: object) -> str:
    """`tags, key[, values]`"""
    assert callable(function)
    shown = ""
    for parameter in inspect.signature(function).parameters.values():
        name = f"{parameter.name}…" if parameter.kind is parameter.VAR_POSITIONAL else parameter.name
        name = f", {name}" if shown else name
        shown += name if parameter.default is parameter.empty else f"[{name}]"
    return shown


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(functions_page(), encoding="utf-8")
