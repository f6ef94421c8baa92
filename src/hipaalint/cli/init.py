"""`hipaalint init`: a configuration, a hook and a workflow for the repository at hand, after a look at it.

Never changes a file that is there: what would belong into it is printed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .. import __version__
from .output import STANDARD_OUTPUT, write
from .parser import CommandParser, UsageError

EXAMPLES = """\
examples:
  hipaalint init                 in the root of the repository
  hipaalint init --dry-run       only show what would be written"""

SOURCE = "https://github.com/OWNER/hipaalint"  # OWNER: whoever hosts it for this repository's users
CONFIGURATION = """\
# Every key: docs/configuration.md of hipaalint, or `hipaalint schema configuration`.
profile: default
fail_on: medium
"""
HOOK = """\
  - repo: {source}
    rev: v{version}
    hooks:
      - id: hipaalint
"""
WORKFLOW = """\
name: hipaalint
on:
  pull_request:
  push:
    branches: [{branch}]
permissions:
  contents: read
jobs:
  scan:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write
    steps:
      - uses: actions/checkout@v4
      - uses: {action}@v{version}
"""
GITLAB = """\
hipaalint:
  image: python:3.12-slim
  script:
    - pip install hipaalint=={version}
    - hipaalint scan --format text --format gitlab -o hipaalint.json
  artifacts:
    when: always
    reports:
      codequality: hipaalint.json
"""


def add_arguments(parser: CommandParser) -> None:
    """The repository."""
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: this folder)")
    parser.add_argument(
        "--source", default=SOURCE, metavar="URL", help=f"the git repository that hooks come from (default: {SOURCE})"
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing, show what would be written")


def run(options: argparse.Namespace) -> int:
    """Look, write, and say what was done and what comes next."""
    from ..judge.surroundings import repository_of
    from ..load.discover import discover

    start = Path(options.path)
    if not start.is_dir():
        raise UsageError(f"{start} is no folder")
    repository = repository_of(start)
    found = discover([repository], repository)
    counts = [
        (len(found.modules), "Terraform root"),
        (len(found.templates), "CloudFormation template"),
        (len(found.assemblies), "CDK assembly"),
        (len(found.plans), "plan"),
    ]
    seen = ", ".join(f"{number} {what}{'s' if number != 1 else ''}" for number, what in counts if number)
    lines = [f"{repository}: {seen or 'neither Terraform nor CloudFormation yet'}"]
    for name, text, fragment in _files(repository, options.source.rstrip("/")):
        path = repository / name
        if path.exists():
            lines += [
                f"{name}: is there already; what belongs into it:",
                *(f"  {line}" for line in fragment.splitlines()),
            ]
        elif options.dry_run:
            lines += [f"{name}: would be written:", *(f"  {line}" for line in text.splitlines())]
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(text, str(path))
            lines.append(f"{name}: written")
    if options.source == SOURCE:
        lines += ["", "OWNER stands for whoever hosts hipaalint for you; --source names the repository at once."]
    lines += ["", "Next: `hipaalint scan`; `hipaalint baseline` if there is more than can be repaired at once."]
    write("\n".join(lines) + "\n", STANDARD_OUTPUT)
    return 0


def _files(repository: Path, source: str) -> list[tuple[str, str, str]]:
    """(name, the whole file, what to add to one that is there)."""
    hook = HOOK.format(version=__version__, source=source)
    files = [
        ("hipaalint.yaml", CONFIGURATION, CONFIGURATION),
        (".pre-commit-config.yaml", f"repos:\n{hook}", hook),
    ]
    if _has_configuration(repository):
        del files[0]
    gitlab = GITLAB.format(version=__version__)
    if (repository / ".gitlab-ci.yml").exists():
        files.append((".gitlab-ci.yml", gitlab, gitlab))
    else:
        action = "/".join(source.split("/")[-2:])
        workflow = WORKFLOW.format(version=__version__, branch=_branch(repository), action=action)
        files.append((".github/workflows/hipaalint.yml", workflow, workflow))
    return files


def _has_configuration(repository: Path) -> bool:
    from ..judge.configuration import find_configuration

    return find_configuration(repository, repository) is not None


def _branch(repository: Path) -> str:
    """The branch that is checked out, if it is one of the usual names; else main."""
    from ..report.revision import revision_of

    revision = revision_of(repository)
    return revision.branch if revision is not None and revision.branch in ("main", "master", "trunk") else "main"
