"""The command line: the only place that prints and decides the exit code.

Last in the flow; one module a command.
"""

import argparse
from collections.abc import Sequence

from hipaalint import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (default: the process's own arguments) and return the exit code."""
    parser = argparse.ArgumentParser(prog="hipaalint")
    parser.add_argument("--version", action="version", version=f"hipaalint {__version__}")
    parser.parse_args(arguments)
    parser.print_help()
    return 2
