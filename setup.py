# Finds the packages: those below src/ and the folder checks/, which ships as hipaalint.checks.
# pyproject.toml can list packages or find them in one place, but not add one from elsewhere to those it found.
from setuptools import find_packages, setup

setup(packages=[*find_packages("src"), "hipaalint.checks"])
