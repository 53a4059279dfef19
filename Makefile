# One entry for people and for CI: make demo, make test. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test quick lint bench docs clean

demo: $(VENV)/installed
	$(BIN)/dilemmas demo

test: $(VENV)/developing lint
	$(BIN)/python -m pytest -n auto

quick: $(VENV)/developing
	$(BIN)/python -m pytest -n auto -m "not slow"

lint: $(VENV)/developing
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

bench: $(VENV)/developing
	$(PIP) install -e '.[bench]'
	$(BIN)/python -m benchmarks

docs: $(VENV)/developing
	$(BIN)/python -m docs.generate

$(VENV)/made:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'dilemmas needs Python 3.11 or newer; set PYTHON=/path/to/python3')"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml
	$(PIP) install -e .
	@touch $@

$(VENV)/developing: $(VENV)/made pyproject.toml
	$(PIP) install -e '.[dev]'
	@touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
