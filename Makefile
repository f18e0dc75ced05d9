# Two words do all the set-up: `make demo` and `make test`. PYTHON names the interpreter to set up with.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Test processes of the whole suite at one time: two more than the smallest machine has cores, since stacks often wait.
CORES ?= 4
# Hundreds of processes are started: none is to compile again what the one before it did.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup tools demo test fast check lint types layers acceptance bench clean

help: ## list these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) tools ## make .venv with everything in it, and borg where it may

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "error: $(PYTHON) is not Python 3.11, 3.12 or 3.13: say make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "error: $(PYTHON) cannot make virtual environments: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		--config-settings editable_mode=compat -e '.[dev,host]'
	@touch $(READY)

tools: ## install borg, which keeps backups, as root with apt-get; else say what is missing
	@command -v borg >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get -qq update && apt-get -qq install -y --no-install-recommends borgbackup >/dev/null; } || \
		echo "note: backups need borg, and their tests fail without it: apt-get install borgbackup" >&2

demo: $(READY) tools ## provision a batch of volumes on a simulated array, from nothing to nothing
	@$(BIN)/vnx-jobs demo

test: $(READY) tools ## run every test, but for those in full size
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile --no-loadscope-reorder

fast: $(READY) tools ## run the tests that need no worker, stack, state server or long walk
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not real and not server and not slow and not full"

check: lint types layers test ## everything that a change must pass: linters, types, layers, tests

lint: $(READY) ## ruff: rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY) ## mypy --strict
	$(BIN)/mypy

layers: $(READY) ## import-linter: imports go down only
	$(BIN)/lint-imports

acceptance: $(READY) ## the acceptance tests in full size (slower)
	$(BIN)/python -m pytest -m full

bench: $(READY) ## measure what things cost, as ratios in one run, and write docs/performance.md
	$(BIN)/python -m bench.run

clean: ## remove the virtual environment and all caches; a stack in .vnx-jobs stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
