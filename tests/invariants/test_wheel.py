"""What is installed is what is in the tree: packages, data files and every check.

Built as a release is (a source archive, the wheel out of that), from a copy; without isolation, hence without network.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "src", "checks")
NOT_SOURCE = shutil.ignore_patterns("__pycache__", "*.egg-info")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the working tree, unpacked: the folder that would be site-packages."""
    directory = tmp_path_factory.mktemp("wheel")
    project = directory / "project"
    project.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, project / part, ignore=NOT_SOURCE)
        else:
            shutil.copy(ROOT / part, project / part)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(directory / "dist"), str(project)]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    (archive,) = (directory / "dist").glob("*.whl")
    with zipfile.ZipFile(archive) as content:
        content.extractall(directory / "installed")
    return directory / "installed"


def files(directory: Path, pattern: str = "*") -> set[str]:
    """The files below a directory that pip would install, relative to it, with `/`."""
    found = (path.relative_to(directory) for path in directory.rglob(pattern) if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_wheel_holds_every_check_and_control(wheel: Path) -> None:
    tree = files(ROOT / "checks", "*.yaml")
    controls = {path for path in tree if path.startswith("controls/")}
    checks = tree - controls
    installed = files(wheel / "hipaalint" / "checks", "*.yaml")
    assert len(installed - controls) == len(checks) > 0
    assert installed == tree
    assert controls


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    installed = {path for path in files(wheel / "hipaalint") if not path.startswith("checks/")}
    assert installed == files(ROOT / "src" / "hipaalint") | {"prepared.json"}
    assert "py.typed" in installed


def test_the_installed_package_finds_its_checks(wheel: Path) -> None:
    code = (
        "import hipaalint, importlib.resources as resources\n"
        "print(hipaalint.__file__)\n"
        "root = resources.files('hipaalint.checks')\n"
        "print(sum(1 for folder in root.iterdir() if folder.is_dir()\n"
        "          for file in folder.iterdir() if file.name.endswith('.yaml')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    command = [sys.executable, "-P", "-c", code]
    result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=wheel)
    place, count = result.stdout.splitlines()
    assert Path(place).is_relative_to(wheel)
    assert int(count) == len(list((ROOT / "checks").glob("*/*.yaml"))) > 0


def test_the_index_in_the_wheel_says_what_its_files_say(wheel: Path) -> None:
    code = (
        "from hipaalint import prepared\n"
        "from hipaalint.policy.catalogue import load_catalogue, prepared_catalogue\n"
        "from hipaalint.policy.check import data_of\n"
        "assert 'checks' in prepared._packaged()\n"
        "short, whole = prepared_catalogue(), load_catalogue()\n"
        "assert [data_of(c) for c in short.checks.values()] == [data_of(c) for c in whole.checks.values()]\n"
        "assert short.controls.keys() == whole.controls.keys()\n"
        "print(len(short.checks))"
    )
    environment = {**os.environ, "PYTHONPATH": str(wheel), "HOME": "/nowhere", "XDG_CACHE_HOME": "/nowhere"}
    command = [sys.executable, "-P", "-c", code]
    result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=wheel)
    assert int(result.stdout) > 0


def test_the_wheel_installs_the_command_under_its_version(wheel: Path) -> None:
    (metadata,) = wheel.glob("*.dist-info")
    scripts = ConfigParser()
    scripts.read(metadata / "entry_points.txt")
    assert scripts["console_scripts"]["hipaalint"] == "hipaalint.cli:main"
    code = "import hipaalint; print(hipaalint.__version__)"
    version = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    assert metadata.name == f"hipaalint-{version}.dist-info"
