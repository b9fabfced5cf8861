# Recipes of moorage. A bare `make` lists them.
PY := .venv/bin/python
MOOR := .venv/bin/moor
SEEDS ?= 200

.DEFAULT_GOAL := help
.PHONY: help setup demo test format golden traces bench lock clean

help: ## list the recipes
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages and the virtual environment
	@scripts/setup

demo: setup ## run the main job: a StatefulSet as real containers, step by step
	@$(MOOR) demo $(ARGS)

test: setup ## run every check: format, lint, types, contracts, tests, real containers
	@scripts/check

format: setup ## rewrite the code in the project's format
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

golden: setup ## score the API against recorded answers of a real API server
	@$(PY) scripts/score.py golden $(ARGS)

traces: setup ## score the controllers against recorded behaviour of the real ones
	@$(PY) scripts/score.py traces $(ARGS)

bench: setup ## measure what docs/benchmarks.md promises
	@$(PY) -m benchmarks $(ARGS)

lock: setup ## pin every dependency anew, with hashes
	@scripts/lock

clean: ## remove what the recipes made inside this folder
	rm -rf .venv .setup build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
