# Recipes of moorage. A bare `make` lists them.
PY := .venv/bin/python
MOOR := .venv/bin/moor
SEEDS ?= 200

.DEFAULT_GOAL := help
.PHONY: help setup demo test sim soak format golden traces bench lock clean

help: ## list the recipes
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages and the virtual environment
	@scripts/setup

demo: setup ## run the main job: a StatefulSet as real containers, step by step
	@$(MOOR) demo $(ARGS)

test: setup ## run every check: format, lint, types, contracts, tests, real containers
	@scripts/check

sim: setup ## play SEEDS=200 simulated stories on all cores; SEED=7 plays one again (KEEP=0,3: only these steps)
	@$(PY) -m moorage.sim $(if $(SEED),--replay $(SEED) $(if $(KEEP),--keep $(KEEP)),--seeds $(SEEDS))

soak: setup ## play 20,000 simulated stories
	@$(PY) -m moorage.sim --seeds 20000

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
