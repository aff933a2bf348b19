# One command for everything, the same here and in CI. `make help` lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile -q

.PHONY: help setup demo test test-quick test-faults test-documents check format format-check lint types imports run bench fidelity docs clean lock

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $(STAMP)

setup: $(STAMP)  ## make .venv from the lock file

demo: setup  ## two pull requests, three official SDKs, one gateway
	@$(BIN)/python -m demo

test: setup  ## every test
	$(PYTEST)

test-quick: setup  ## the tests that take milliseconds
	$(PYTEST) -m "not slow and not browser"

test-faults: setup  ## every step of the ledger x every fault of a provider x kill -9, as a table
	@$(BIN)/python -m tests.faults

test-documents: setup  ## mocks of thirty public OpenAPI documents, ten of them with generated requests
	$(BIN)/python -m pytest -q tests/documents --all-documents

check: setup format-check lint types imports test  ## format, lint, types, import rules, tests

format: setup  ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only -q .

format-check: setup
	$(BIN)/ruff format --check -q .

lint: setup  ## ruff, hadolint
	$(BIN)/ruff check -q .
	$(BIN)/hadolint Dockerfile

types: setup  ## mypy --strict on the packages
	$(BIN)/mypy

imports: setup  ## the floors of the house
	$(BIN)/lint-imports --no-logo

run: setup  ## serve on http://127.0.0.1:4600
	$(BIN)/broker serve

bench: setup  ## throughput, latency and memory, as ratios in one run
	$(BIN)/python -m bench

fidelity: setup  ## how true the mocks are, measured against the stand-ins and written down
	@$(BIN)/python -m tests.standins.fidelity
	$(BIN)/python -m tests.house.reference

docs: setup  ## write the generated parts of the documentation again
	$(BIN)/python -m tests.house.reference

# Development first: its tools narrow some versions, and what is tested is what the image gets.
LOCKED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q
lock: setup  ## resolve the dependencies again
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --extra sources --group dev $(LOCKED) -o requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml --constraint requirements-dev.lock $(LOCKED) -o requirements.lock
	echo setuptools | $(BIN)/uv pip compile - --constraint requirements-dev.lock $(LOCKED) -o requirements-build.lock

clean:  ## forget the virtual environment and caches
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
