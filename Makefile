# The doors of the project: `make help`. Each line names a tool that does the work.

# The one that .venv stands on, if there is one: whoever named it need not do so again.
PYTHON ?= $(shell .venv/bin/python -c "import sys; print(sys._base_executable)" 2>/dev/null || echo python3)
PORT ?= 8080
SIMULATOR_PORT ?= 8090
DATA ?= .data
WORKERS ?= 3
BIN := .venv/bin
BENCH = QUICK=$(QUICK) SECONDS=$(SECONDS) ROUNDS=$(ROUNDS) USERS=$(USERS) SESSIONS=$(SESSIONS) RECORDS=$(RECORDS) HISTORY=$(HISTORY) PYTHONPATH=.:libs $(BIN)/python -m bench

# Also where Python was told to keep nothing: every worker and every process would compile all of it anew.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help up demo secrets smoke test check chaos format dist clean
.PHONY: bench bench-check bench-nginx bench-proxy bench-login bench-peers bench-hash bench-callback bench-rest bench-history bench-report soak

##@ Try it
up: .venv/.ready ## Start everything here, no Docker (PORT=, SIMULATOR_PORT=, DATA=); Ctrl-C stops it
	@exec $(BIN)/python -m tools.devstack --port $(PORT) --simulator-port $(SIMULATOR_PORT) --data "$(DATA)"

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
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/.ready ## Format, lint, types, borders, unit tests: under a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/pytest -q -n 2 --dist worksteal tests/unit tests/architecture

format: .venv/.ready ## Put the code in its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

chaos: .venv/.ready ## One fault after the other under load, and a table (NAMES="Valkey" for some; FLAWS=1 breaks the product)
	@exec $(BIN)/python -m tests.chaos $(if $(FLAWS),--flaws) $(NAMES)

dist: .venv/.ready ## Build the wheel of the SDK into dist/: `countersign` and nothing else
	$(BIN)/python -m hatchling build -t wheel -d dist

clean: ## Remove what was built and the data of `make up`
	rm -rf .venv .bench-peers .data dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis screenshots

##@ Measure it
bench: .venv/.bench ## Every measurement against floors and peers in the same run, then docs/performance.md (QUICK=1, SECONDS=, ROUNDS=)
	@$(BENCH)
	@$(BIN)/python -m bench.report

bench-check: .venv/.bench ## Bar 1: an authorised check beside an empty answer
	@$(BENCH) check

bench-nginx: .venv/.bench ## Bar 1: the same where nginx asks, if there is one
	@$(BENCH) nginx

bench-proxy: .venv/.bench ## Bar 2: an authorised call beside a bare ClientSession proxy
	@$(BENCH) proxy

bench-login: .venv/.bench ## Bar 3: the CPU of a whole login, its hash made cheap
	@$(BENCH) login

bench-peers: .venv/.bench ## Bars 1 and 3: beside better-auth and django-allauth, which it installs (Node.js, PyPI)
	@$(BENCH) peers

bench-hash: .venv/.bench ## Bars 3 and 4: logins with the real hash, and whom they make wait
	@$(BENCH) hash

bench-callback: .venv/.bench ## Bar 5: from the phone to the browser; ten thousand who wait
	@$(BENCH) callback

bench-rest: .venv/.bench ## Bar 6: memory at rest, a pending challenge, the time of a start
	@$(BENCH) rest

bench-history: .venv/.bench ## Bar 7: a million people with their history (minutes, 20 GB; USERS=, SESSIONS=, RECORDS=, HISTORY= keeps it)
	@$(BENCH) history

soak: .venv/.bench ## Half an hour of mixed load, and whether anything is left of it (MINUTES=)
	@MINUTES=$(MINUTES) $(BENCH) soak

bench-report: .venv/.bench ## docs/performance.md from the last results
	@$(BIN)/python -m bench.report

##@ Find your way
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A Python that was named may be another than the one that .venv stands on: bootstrap looks, and makes it anew.
ifeq ($(origin PYTHON),command line)
.venv/.ready: the-python-named
the-python-named: ;
endif
.venv/.ready: pyproject.toml uv.lock tools/bootstrap.py
	@echo "installing what uv.lock names into .venv" >&2
	@$(PYTHON) tools/bootstrap.py
	@touch $@

.venv/.bench: .venv/.ready
	@UV_PROJECT_ENVIRONMENT=.venv $$(command -v uv || echo $(BIN)/uv) sync --locked --inexact --quiet --group bench
	@touch $@
