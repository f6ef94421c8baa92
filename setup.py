# Finds the packages: those below src/ and the folder checks/, which ships as hipaalint.checks.
# pyproject.toml can list packages or find them in one place, but not add one from elsewhere to those it found.
import subprocess
import sys
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

WRITE_INDEX = "import sys; from hipaalint.policy.index import write; write(sys.argv[1])"


class BuildWithIndex(build_py):
    """Adds the index of checks and tables, so that an installed hipaalint reads no YAML to start."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            built = Path(self.build_lib).resolve()
            index = built / "hipaalint" / "prepared.json"
            subprocess.run([sys.executable, "-c", WRITE_INDEX, str(index)], cwd=built, check=True)


setup(packages=[*find_packages("src"), "hipaalint.checks"], cmdclass={"build_py": BuildWithIndex})
