# `make demo` and `make test` need Python 3.11 or newer and make; they set up .venv themselves, once.

# The first Python that is new enough, or the one that was named: make test PYTHON=/path/to/python
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint pytest format docs clean

help:
	@echo 'make demo    scan the example system in fixtures/; print the findings, write build/demo.sarif'
	@echo 'make test    lint, type check and run the tests'
	@echo 'make lint    lint and type check alone (ruff, mypy)'
	@echo 'make format  rewrite the Python files as ruff wants them'
	@echo 'make docs    make the reference pages in docs/ from the check files and the code'
	@echo 'make clean   remove .venv, build and the caches of the tools'

$(READY): pyproject.toml setup.py
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'hipaalint needs Python 3.11 or newer; found: $(or $(PYTHON),none on the PATH)' >&2; \
	  echo 'Name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11' >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv || { \
	  echo 'Python cannot make a virtual environment (Debian and Ubuntu: install python3-venv)' >&2; exit 1; }
	@echo 'Setting up .venv, once; this takes a minute ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# Findings (exit code 1) are what the demo is to show; exit code 2 is a failure of the demo.
demo: $(READY)
	@mkdir -p build
	@$(BIN)/hipaalint scan fixtures/patient-portal --format text; status=$$?; \
	  echo "Exit code $$status (0: nothing to report, 1: findings, 2: not everything could be done)"; test $$status -le 1
	@$(BIN)/hipaalint scan fixtures/patient-portal --format sarif --output build/demo.sarif; test $$? -le 1
	@echo 'The same findings as SARIF: build/demo.sarif'

test: lint pytest

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

pytest: $(READY)
	$(BIN)/python -m pytest -n 2

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY)
	$(BIN)/python -m hipaalint.report.pages docs
	$(BIN)/python -m hipaalint.policy.reference docs/functions.md

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis hipaalint.egg-info
