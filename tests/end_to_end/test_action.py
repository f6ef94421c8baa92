"""The composite action: its scripts, run by bash with what a runner would set, over small repositories."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command import BAD_VOLUME, CHECK, GOOD_VOLUME, UNREADABLE, write_tree

ACTION: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


class Runner:
    """What a runner gives to a step's script."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder.parent / "runner"
        self.temporary.mkdir()
        self.files = {name: self.temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}

    def run(self, name: str, **given: str) -> subprocess.CompletedProcess[str]:
        """A step's script; `given` are inputs, with `_` for `-`, and the other values that its `env` asks for."""
        script = self.temporary / "script.sh"
        script.write_text(STEPS[name]["run"], encoding="utf-8")
        defaults = {key: value["default"] for key, value in ACTION["inputs"].items()}
        values = {**defaults, **{key.replace("_", "-"): value for key, value in given.items()}}
        environment = {}
        for key, expression in STEPS[name]["env"].items():
            found = re.fullmatch(
                r"\$\{\{ (?:inputs\.([a-z-]+)|steps\.scan\.outputs\.(exit-code)|(.+)) \}\}", expression
            )
            assert found is not None
            environment[key] = values[found[1] or found[2]] if found[1] or found[2] else given[key]
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("HIPAALINT")},
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
                "RUNNER_TEMP": str(self.temporary),
                **{key: str(path) for key, path in self.files.items()},
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=300,
        )

    def outputs(self) -> dict[str, str]:
        lines = self.files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(write_tree(tmp_path / "repository", {"hipaalint.yaml": f"select: [{CHECK}]\n"}))


@pytest.mark.parametrize(
    ("text", "code", "failures"), [(GOOD_VOLUME, "0", "0"), (BAD_VOLUME, "1", "1"), (UNREADABLE, "2", "0")]
)
def test_scan_and_gate(runner: Runner, text: str, code: str, failures: str) -> None:
    write_tree(runner.folder, {"main.tf": text})
    scanned = runner.run("Scan")
    assert scanned.returncode == 0, scanned.stdout
    outputs = runner.outputs()
    assert (outputs["exit-code"], outputs["failures"], outputs["unknown"]) == (code, failures, "0")
    run = json.loads(Path(outputs["sarif-file"]).read_text(encoding="utf-8"))["runs"][0]
    assert run["automationDetails"]["id"] == "hipaalint/"
    assert json.loads(Path(outputs["json-file"]).read_text(encoding="utf-8"))["summary"]["exit_code"] == int(code)
    assert runner.files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8").startswith("# hipaalint\n")
    assert ("::error file=main.tf,line=" in scanned.stdout) is (code != "0")
    assert runner.run("Gate", exit_code=code).returncode == int(code)


def test_the_gate_is_closed_where_there_was_no_scan(runner: Runner) -> None:
    write_tree(runner.folder, {"hipaalint.yaml": "selct: []\n"})
    scanned = runner.run("Scan")
    assert scanned.returncode == 0, scanned.stdout
    assert "::error title=hipaalint::The scan could not be carried out" in scanned.stdout
    assert runner.outputs() == {"exit-code": "2"}
    assert runner.run("Gate", exit_code="2").returncode == 2
    assert runner.run("Gate", exit_code="").returncode == 2


def test_inputs_reach_the_command_and_are_no_code(runner: Runner) -> None:
    write_tree(runner.folder, {"a b/main.tf": BAD_VOLUME, "c/main.tf": BAD_VOLUME})
    hostile = "$(touch pwned); `touch pwned`"
    scanned = runner.run(
        "Scan", paths="a b\n", fail_on="critical", category="infra/prod", arguments="--include\npass\n"
    )
    assert scanned.returncode == 0, scanned.stdout
    assert (runner.outputs()["exit-code"], runner.outputs()["failures"]) == ("0", "1")
    runner.run("Scan", paths=hostile, category=hostile, config=hostile)
    assert not (runner.folder / "pwned").exists()
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")


def test_what_a_report_quotes_is_no_command(runner: Runner) -> None:
    # A name in a template may hold anything, also what the runner takes for a command.
    name = "x\\n::error::boo"
    template = {"Resources": {"X": {"Type": "AWS::EC2::Volume", "Properties": {"Size": name}}}}
    write_tree(runner.folder, {"data.json": json.dumps(template).replace("\\\\n", "\\n")})
    scanned = runner.run("Scan")
    stop = re.search(r"::stop-commands::(\S+)", scanned.stdout)
    assert stop is not None
    assert f"::{stop[1]}::" in scanned.stdout
    assert not re.search(r"^::error::boo", scanned.stdout, re.MULTILINE)


def test_a_pull_request_takes_files_from_its_base(runner: Runner, tmp_path: Path) -> None:
    (runner.folder / ".git").rmdir()
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]

    def git(*arguments: str) -> str:
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=runner.folder, check=True, capture_output=True, text=True).stdout.strip()

    write_tree(tmp_path / "origin", {})
    (tmp_path / "origin" / ".git").rmdir()
    git("init", "--quiet", "--bare", str(tmp_path / "origin"))
    git("init", "--quiet")
    git("remote", "add", "origin", str(tmp_path / "origin"))
    (runner.folder / "main.tf").write_text(BAD_VOLUME, encoding="utf-8")
    git("add", "--all")
    git("commit", "--quiet", "-m", "base")
    base = git("rev-parse", "HEAD")
    git("push", "--quiet", "origin", "HEAD:main")
    for name in ("hipaalint.yaml", "baseline.json"):
        (runner.folder / name).write_text("ignore: ['*']\n", encoding="utf-8")
    taken = runner.run("Take files from the base branch", from_base="hipaalint.yaml\nbaseline.json\n", BASE=base)
    assert taken.returncode == 0, taken.stdout
    assert (runner.folder / "hipaalint.yaml").read_text(encoding="utf-8") == f"select: [{CHECK}]\n"
    assert not (runner.folder / "baseline.json").exists()


def test_the_upload_may_fail_and_the_gate_comes_last() -> None:
    names = list(STEPS)
    assert names.index("Scan") < names.index("Upload to code scanning") < names.index("Gate")
    assert STEPS["Upload to code scanning"]["continue-on-error"] is True
    assert all("always()" in STEPS[name]["if"] for name in ("Upload to code scanning", "Gate"))
    used = set(re.findall(r"inputs\.([a-z-]+)", yaml.safe_dump(ACTION)))
    assert used == set(ACTION["inputs"])
    outputs = set(re.findall(r"steps\.scan\.outputs\.([a-z-]+)", yaml.safe_dump(ACTION["outputs"])))
    assert outputs == set(ACTION["outputs"])
