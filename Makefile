# make run and make test need nothing but Python 3.11 or newer: both first make the virtual environment they use.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PINS := constraints.txt pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help run test check venv clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.train ## train PMD with the nano model and evaluate it
	@echo "==> python benchmarks/run.py --agent pmd"
	@$(BIN)/python benchmarks/run.py --agent pmd

test: $(VENV)/.dev ## run the tests
	@echo "==> python -m pytest"
	@$(BIN)/python -m pytest

check: $(VENV)/.dev ## formatting, lint, types, import contracts and documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_project_docs.py

venv: $(VENV)/.dev ## make the virtual environment with everything that development needs

clean: ## delete the virtual environment and all caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# An empty file in the environment says what is installed in it, and is older than the pins when they change.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "PMD Gym needs Python 3.11 or newer, and '$(PYTHON)' is not. Name one: make PYTHON=python3.12 run" >&2; \
		exit 1; }
	@echo "==> making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { \
		echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu it needs the package python3-venv." >&2; \
		exit 1; }
	@touch $@

$(VENV)/.train: $(VENV)/.made $(PINS)
	@echo "==> installing the pinned packages (once; some minutes)"
	@$(INSTALL) -e ".[train]"
	@touch $@

$(VENV)/.dev: $(VENV)/.made $(PINS)
	@echo "==> installing the pinned packages and the development tools (once; some minutes)"
	@$(INSTALL) -e ".[train,dev]"
	@touch $@ $(VENV)/.train
