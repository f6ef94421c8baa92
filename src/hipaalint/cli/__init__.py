"""The command line: the only place that prints, and that ends the process with an exit code.

Last in the flow; one module a command, imported when it is asked for, so that `--version` starts at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .. import __version__

# command → (module, what it does)
COMMANDS = {
    "scan": ("scan", "judge CloudFormation and Terraform"),
    "baseline": ("baseline", "write down the findings there are, so that only new ones count"),
    "diff": ("diff", "compare two JSON reports: what is new, repaired, changed"),
    "checks": ("checks", "list the checks"),
    "explain": ("explain", "say what a check asks, why, and how to repair what it finds"),
    "controls": ("controls", "list the controls and the checks that serve them"),
    "test": ("test", "run the examples of check files"),
    "new-check": ("new_check", "write the beginnings of a check file"),
    "init": ("init", "write a configuration, a hook and a workflow for this repository"),
    "schema": ("schema", "print the JSON schema of configurations, policies or check files"),
    "completion": ("completion", "print the completion script for a shell"),
    "graph": ("graph", "dump what was understood: resources, values, edges"),
    "map": ("map", "list the assets, draw where PHI is kept and how it moves"),
}
USAGE_ERROR = 2
EPILOG = """\
examples:
  hipaalint scan                                     judge everything below this folder
  hipaalint scan infra --format sarif -o found.sarif
  hipaalint explain rds-storage-encrypted

`hipaalint COMMAND --help` has the rest."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (default: the process's own arguments) and return the exit code."""
    try:
        return _main(list(sys.argv[1:] if arguments is None else arguments))
    except BrokenPipeError:
        # Whoever read the output has seen enough; keep Python from complaining when it closes it.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return USAGE_ERROR


def _main(given: list[str]) -> int:
    if not given or given[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if given else USAGE_ERROR
    if given[0] == "--version":
        print(f"hipaalint {__version__}")
        return 0
    if given[0] not in COMMANDS:
        from ..judge.configuration import nearest

        hint = nearest(given[0], [*COMMANDS, "--version", "--help"]) or "; hipaalint --help lists them"
        print(f'hipaalint: there is no command "{given[0]}"{hint}', file=sys.stderr)
        return USAGE_ERROR
    return _run(given[0], given[1:])


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [
        "usage: hipaalint COMMAND [options]",
        "",
        "CloudFormation and Terraform, judged against the HIPAA Security Rule.",
        "",
    ]
    lines += ["commands:", *(f"  {name:<{width}}  {what}" for name, (_, what) in COMMANDS.items()), ""]
    lines += ["options:", f"  {'--version':<{width}}  the version", f"  {'--help':<{width}}  this", "", EPILOG]
    return "\n".join(lines)


def _run(command: str, arguments: list[str]) -> int:
    from importlib import import_module

    from .parser import CommandParser, UsageError

    module_name, what = COMMANDS[command]
    module = import_module(f".{module_name}", __name__)
    parser = CommandParser(command, what, module.EXAMPLES)
    module.add_arguments(parser)
    try:
        code: int = module.run(parser.parse(arguments))
    except UsageError as error:
        print(f"hipaalint {command}: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        print("hipaalint: interrupted", file=sys.stderr)
        return 130
    return code
