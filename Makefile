# Everything runs in .venv, which is made on first use and refreshed when pyproject.toml changes.

PYTHON ?= python3
WORKERS ?= 2

VENV := .venv
LOWEST := .venv-lowest
# What reads pandas and pyarrow, fits with SciPy, and draws with Matplotlib.
SLOW_WITH_LOWEST := tests/unit/data tests/unit/render/test_plot.py \
  tests/unit/render/test_sweep_files.py
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test test-long test-quick test-lowest test-lowest-data fuzz mutation lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "Python 3.11 or newer is needed; choose one with, say, make PYTHON=python3.12 demo"

demo: $(VENV)/.installed ## compare the modality subsets of a published study
	@$(BIN)/boundcalc compare examples/iemocap.toml

test: lint ## lint, check the types, run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long"

test-long: $(VENV)/.test-installed ## run the laws on thousands of random inputs
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long

test-quick: $(VENV)/.test-installed ## the quick tests (PYTHON=python3.13 VENV=.venv-3.13)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow"

# Not the pasted answers: a last digit may be another one.
test-lowest: $(LOWEST)/.installed ## the quick tests with the lowest versions of the dependencies
	@$(LOWEST)/bin/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow"

test-lowest-data: $(LOWEST)/.installed ## slow tests of files, fits and pictures with those versions
	@$(LOWEST)/bin/python -m pytest -n $(WORKERS) --dist worksteal -m "slow and not long" \
	  $(SLOW_WITH_LOWEST)

fuzz: $(VENV)/.test-installed ## try spoiled inputs of every kind for an hour (SECONDS=3600)
	@$(BIN)/python tests/bad_input/fuzzing.py $(or $(SECONDS),3600)

mutation: $(VENV)/.test-installed ## make the package wrong in one place at a time (SAMPLE=0: all)
	@$(BIN)/python tests/mutation.py --sample $(or $(SAMPLE),0)

lint: $(VENV)/.test-installed ## ruff check, ruff format --check, mypy (strict)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict boundcalc

bench: $(VENV)/.test-installed ## times beside what they are measured against: build/bench.md and .json
	@$(BIN)/python benchmarks/table.py

docs: $(VENV)/.docs-installed ## build the documentation site in docs/_build/html
	@$(BIN)/python -m sphinx -q -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

clean: ## remove .venv, caches and build outputs
	rm -rf .venv* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist docs/_build docs/generated
	find . -type d -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "boundcalc needs Python 3.11 or newer; '$(PYTHON) --version' says:" >&2; \
	  $(PYTHON) --version >&2; echo "Name another one: make PYTHON=python3.12 demo" >&2; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot create a virtual environment: is its venv module installed?" >&2; exit 1; }
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.created
	@echo "Installing boundcalc"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test-installed: pyproject.toml $(VENV)/.created
	@echo "Installing boundcalc and its test tools"
	@$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(LOWEST)/.installed: pyproject.toml tests/lowest.py
	@echo "Installing the lowest versions that pyproject.toml allows"
	@$(PYTHON) -m venv $(LOWEST)
	@$(PYTHON) tests/lowest.py > $(LOWEST)/constraints.txt
	@$(LOWEST)/bin/python -m pip --quiet --quiet --disable-pip-version-check install --no-compile \
	  --constraint $(LOWEST)/constraints.txt --editable '.[test]'
	@touch $@

$(VENV)/.docs-installed: pyproject.toml $(VENV)/.created
	@echo "Installing boundcalc and its documentation tools"
	@$(PIP) install --editable '.[docs]'
	@touch $@ $(VENV)/.installed
