"""`hipaalint completion SHELL`: a script that completes commands and options in bash, zsh or fish.

Made from the parsers of the commands, so that it knows what they know.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from .output import STANDARD_OUTPUT, write
from .parser import Choice, CommandParser

EXAMPLES = """\
examples:
  source <(hipaalint completion bash)                                      # in ~/.bashrc
  source <(hipaalint completion zsh)                                       # in ~/.zshrc, after compinit
  hipaalint completion fish > ~/.config/fish/completions/hipaalint.fish"""
SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: CommandParser) -> None:
    """The shell."""
    parser.add_argument("shell", action=Choice, names=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    commands = _commands()
    text = _fish(commands) if options.shell == "fish" else _bash(commands)
    if options.shell == "zsh":
        text = f"autoload -U +X bashcompinit && bashcompinit\n{text}"
    write(text, STANDARD_OUTPUT)
    return 0


def _commands() -> dict[str, tuple[str, dict[str, tuple[str, list[str]]]]]:
    """Command → (what it does, option → (its help, the values it takes))."""
    from . import COMMANDS

    found = {}
    for name, (module_name, what) in COMMANDS.items():
        module = import_module(f".{module_name}", __package__)
        parser = CommandParser(name, what, "")
        module.add_arguments(parser)
        options = {}
        for action in parser._actions:
            values = list(getattr(action, "names", ()))
            for option in action.option_strings:
                if option.startswith("--"):
                    options[option] = (action.help or "", values)
        found[name] = (what, options)
    return found


def _bash(commands: dict[str, tuple[str, dict[str, tuple[str, list[str]]]]]) -> str:
    lines = [
        "_hipaalint() {",
        '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
        '  if [ "$COMP_CWORD" -eq 1 ]; then',
        f'    COMPREPLY=($(compgen -W "{" ".join([*commands, "--help", "--version"])}" -- "$word")); return',
        "  fi",
        '  case "${COMP_WORDS[1]} $before" in',
    ]
    for name, (_, options) in commands.items():
        for option, (_, values) in options.items():
            if values:
                choices = " ".join(values)
                lines.append(f'    "{name} {option}") COMPREPLY=($(compgen -W "{choices}" -- "$word")); return ;;')
    lines += ["  esac", '  if [ "${word:0:1}" = "-" ]; then', '    case "${COMP_WORDS[1]}" in']
    for name, (_, options) in commands.items():
        lines.append(f'      {name}) COMPREPLY=($(compgen -W "{" ".join(options)}" -- "$word")); return ;;')
    lines += [
        "    esac",
        "  fi",
        '  COMPREPLY=($(compgen -f -- "$word"))',
        "}",
        "complete -o filenames -F _hipaalint hipaalint",
    ]
    return "\n".join(lines) + "\n"


def _fish(commands: dict[str, tuple[str, dict[str, tuple[str, list[str]]]]]) -> str:
    lines = []
    for name, (what, options) in commands.items():
        lines.append(f"complete -c hipaalint -n __fish_use_subcommand -f -a {name} -d {_quoted(what)}")
        for option, (text, values) in options.items():
            choices = f" -x -a {_quoted(' '.join(values))}" if values else ""
            lines.append(
                f"complete -c hipaalint -n '__fish_seen_subcommand_from {name}' -l {option[2:]} -d {_quoted(text)}{choices}"
            )
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
