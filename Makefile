# The doors of the project: `make help`. Each line names a tool that does the work.

PYTHON ?= python3
PORT ?= 8080
SIMULATOR_PORT ?= 8090
DATA ?= .data
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up demo secrets smoke test check chaos format dist clean

##@ Try it
up: .venv/.ready ## Start everything here, no Docker (PORT=, SIMULATOR_PORT=, DATA=); Ctrl-C stops it
	@exec $(BIN)/python -m tools.devstack --port $(PORT) --simulator-port $(SIMULATOR_PORT) --data $(DATA)

demo: .venv/.ready ## A login approved on a phone, told step by step (URL=, SIMULATOR_URL= for a running system)
	@exec $(BIN)/python -m tools.demo $(if $(URL),--url $(URL)) $(if $(SIMULATOR_URL),--simulator-url $(SIMULATOR_URL))

##@ Deploy it
secrets: .venv/.ready ## Write .env and secrets/ for docker-compose.yml, once; never overwrites
	@$(BIN)/python -m tools.secrets

smoke: .venv/.ready ## The demo against the running compose system
	@exec $(BIN)/python -m tools.demo --url $(or $(URL),http://127.0.0.1:8080) --simulator-url $(or $(SIMULATOR_URL),http://127.0.0.1:8090)

##@ Work on it
test: .venv/.ready ## All suites, a browser included (BROWSER=none leaves that one out)
	@$(BIN)/python -m tools.browser
	$(BIN)/pytest -n 2 --dist loadfile $(ARGS)

check: .venv/.ready ## Format, lint, types, borders, unit tests: under a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/unit tests/architecture

format: .venv/.ready ## Put the code in its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

chaos: .venv/.ready ## One fault after the other in a system under load, and a table (NAMES="Valkey" for some of them)
	@exec $(BIN)/python -m tests.chaos $(NAMES)

dist: .venv/.ready ## Build the wheel of the SDK into dist/: `countersign` and nothing else
	$(BIN)/python -m hatchling build -t wheel -d dist

clean: ## Remove what was built and the data of `make up`
	rm -rf .venv .data dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis screenshots

##@ Find your way
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ready: pyproject.toml uv.lock tools/bootstrap.py
	@echo "installing what uv.lock names into .venv" >&2
	@$(PYTHON) tools/bootstrap.py
	@touch $@
