"""The hooks, run by the real pre-commit in a repository of its own, installed from a clone of this project.

Installing needs the package index; everything else is local.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .command import BAD_TEMPLATE, BAD_VOLUME, CHECK, GOOD_VOLUME, UNREADABLE

PROJECT = Path(__file__).parents[2]
PARTS = (".pre-commit-hooks.yaml", "pyproject.toml", "setup.py", "README.md", "LICENSE", "src", "checks")
NOT_SOURCE = shutil.ignore_patterns("__pycache__", "*.egg-info")


class Repository:
    """A git repository in which pre-commit is set up with our hooks."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in it; its output and errors together."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=900,
        )

    def git(self, *arguments: str) -> str:
        result = self.run("git", *arguments)
        assert result.returncode == 0, result.stdout
        return result.stdout.strip()

    def commit(self, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Stages files and commits them, which runs the hook."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        return self.run("git", "commit", "-m", "change")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A git and a pre-commit that know nothing of this machine's user."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    identity = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Somebody"), ("EMAIL", "somebody@example.org"))
    }
    return {
        **kept,
        **identity,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")]),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
    }


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> str:
    """The configuration of pre-commit: our hook comes from a git repository with this working tree, as from a host."""
    ours = Repository(tmp_path_factory.mktemp("hooks"), environment)
    for part in PARTS:
        if (PROJECT / part).is_dir():
            shutil.copytree(PROJECT / part, ours.folder / part, ignore=NOT_SOURCE)
        else:
            shutil.copy(PROJECT / part, ours.folder / part)
    ours.git("init", "--quiet")
    ours.git("add", "--all")
    ours.git("commit", "--quiet", "-m", "the project")
    revision = ours.git("rev-parse", "HEAD")
    return f"""\
repos:
  - repo: {ours.folder}
    rev: {revision}
    hooks:
      - id: hipaalint
      - id: hipaalint-all
        stages: [manual]
      - id: hipaalint-pre-push
"""


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str], hooks: str) -> Repository:
    """An empty one; pre-commit builds the hook's environment once for all tests."""
    theirs = Repository(tmp_path, environment)
    theirs.git("init", "--quiet")
    (tmp_path / ".pre-commit-config.yaml").write_text(hooks, encoding="utf-8")
    (tmp_path / "hipaalint.yaml").write_text(f"select: [{CHECK}]\n", encoding="utf-8")
    installed = theirs.run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    assert installed.returncode == 0, installed.stdout
    return theirs


def test_the_hook_lets_the_good_pass_and_stops_the_bad(repository: Repository) -> None:
    good = repository.commit({"infra/main.tf": GOOD_VOLUME, "notes/list.yaml": "a: 1\n", "package.json": "{}\n"})
    assert good.returncode == 0, good.stdout

    bad = repository.commit({"infra/main.tf": BAD_VOLUME, "stacks/data.template": BAD_TEMPLATE})
    assert bad.returncode == 1, bad.stdout
    assert "fail[ebs-volume-encrypted]" in bad.stdout
    assert "--> infra/main.tf:4:3" in bad.stdout
    assert "--> stacks/data.template:8:7" in bad.stdout

    broken = repository.commit({"infra/main.tf": UNREADABLE, "stacks/data.template": "Resources: {}\n"})
    assert broken.returncode == 1, broken.stdout
    assert "infra/main.tf:2:15" in broken.stdout

    mended = repository.commit({"infra/main.tf": GOOD_VOLUME + "# mended\n"})
    assert mended.returncode == 0, mended.stdout


def test_the_hook_judges_a_file_with_its_whole_root(repository: Repository) -> None:
    """The changed file alone says nothing of the variable's value."""
    text = GOOD_VOLUME.replace("true", "var.encrypted")
    first = repository.commit(
        {"root/main.tf": text, "root/variables.tf": 'variable "encrypted" {\n  default = true\n}\n'}
    )
    assert first.returncode == 0, first.stdout
    second = repository.commit({"root/variables.tf": 'variable "encrypted" {\n  default = false\n}\n'})
    assert second.returncode == 1, second.stdout
    assert "fail[ebs-volume-encrypted]" in second.stdout


def test_the_hook_judges_the_root_whose_values_change(repository: Repository) -> None:
    files = {"main.tf": GOOD_VOLUME.replace("true", "var.encrypted"), "variables.tf": 'variable "encrypted" {}\n'}
    first = repository.commit({**files, "terraform.tfvars": "encrypted = true\n"})
    assert first.returncode == 0, first.stdout
    second = repository.commit({"terraform.tfvars": "encrypted = false\n"})
    assert second.returncode == 1, second.stdout
    assert "fail[ebs-volume-encrypted]" in second.stdout


def test_the_hook_judges_the_callers_of_a_module_and_says_nothing_of_the_rest(repository: Repository) -> None:
    module = GOOD_VOLUME.replace("true", "var.encrypted") + 'variable "encrypted" {\n  type = bool\n}\n'
    call = 'module "disk" {\n  source    = "../modules/disk"\n  encrypted = false\n}\n'
    old = {"old/main.tf": BAD_VOLUME, "modules/disk/main.tf": GOOD_VOLUME, "app/main.tf": call}
    repository.git("config", "core.hooksPath", "/dev/null")
    first = repository.commit(old)
    assert first.returncode == 0, first.stdout
    repository.git("config", "--unset", "core.hooksPath")
    changed = repository.commit({"modules/disk/main.tf": module, "notes.yaml": "a: 1\n"})
    assert changed.returncode == 1, changed.stdout
    assert "module.disk.aws_ebs_volume.data" in changed.stdout
    assert "old/main.tf" not in changed.stdout
    assert "notes.yaml" not in changed.stdout

    everything = repository.run(
        sys.executable, "-m", "pre_commit", "run", "hipaalint-all", "--hook-stage", "manual", "--all-files"
    )
    assert everything.returncode == 1, everything.stdout
    assert "old/main.tf" in everything.stdout
    pushed = repository.run(sys.executable, "-m", "pre_commit", "run", "--hook-stage", "pre-push", "--all-files")
    assert pushed.returncode == 1, pushed.stdout
    assert "hipaalint (before a push)" in pushed.stdout
    assert "old/main.tf" in pushed.stdout
