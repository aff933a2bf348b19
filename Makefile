# One command for everything, the same here and in CI. `make help` lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup demo test test-quick check format lint types imports run bench clean lock

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(STAMP): requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(STAMP)

setup: $(STAMP)  ## make .venv from the lock file

demo: setup  ## two pull requests, three official SDKs, one gateway
	$(BIN)/python -m demo

test: setup  ## every test
	$(BIN)/python -m pytest -n 2 --dist loadfile -q

test-quick: setup  ## the tests that take milliseconds
	$(BIN)/python -m pytest -n 2 --dist loadfile -q -m "not slow and not browser"

check: setup format-check lint types imports test  ## format, lint, types, import rules, tests

format: setup  ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only -q .

.PHONY: format-check
format-check: setup
	$(BIN)/ruff format --check -q .

lint: setup  ## ruff, hadolint
	$(BIN)/ruff check -q .
	@test ! -f Dockerfile || $(BIN)/hadolint Dockerfile

types: setup  ## mypy --strict on the four packages
	$(BIN)/mypy

imports: setup  ## the floors of the house
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

run: setup  ## serve on http://127.0.0.1:4600
	$(BIN)/broker serve

bench: setup  ## throughput and memory, as ratios in one run
	$(BIN)/python -m bench

# Development first: its tools narrow some versions, and what is tested is what the image gets.
LOCKED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q
lock: setup  ## resolve the dependencies again
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --extra sources --group dev $(LOCKED) -o requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml --constraint requirements-dev.lock $(LOCKED) -o requirements.lock

clean:  ## forget the virtual environment and caches
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
