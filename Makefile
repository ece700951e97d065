# Touchstone's commands. `make up` is the one to begin with; every flag is a variable:
#
#   make up SUPERSET=0            the doors alone, without dashboards
#   make up PORT=9000             the doors on another port
#   make up LEADS=20000 SEED=3    another simulated company
#   make up TOUCHSTONE_HOME=/srv/touchstone    any setting of docs/settings.md

PYTHON ?= python3
SUPERSET ?= 1
CHROMIUM ?= 1
BIN := .venv/bin
export PYTHON
export SQLMESH__DISABLE_ANONYMIZED_ANALYTICS := true
export RUNTIME__DLTHUB_TELEMETRY := false

flags := $(if $(PORT),--port $(PORT)) $(if $(LEADS),--leads $(LEADS)) $(if $(SEED),--seed $(SEED)) \
         $(if $(filter 0 no false,$(SUPERSET)),--no-superset)
dashboards := $(if $(filter 0 no false,$(SUPERSET)),,.venv-superset/.ready chromium)

.DEFAULT_GOAL := help
.PHONY: help up setup test check fmt bench fuzz mutate truth docs lock clean chromium postgres

help:  ## Show these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 10

up: setup  ## Set up everything, load the sandbox company, serve the doors and Superset; Ctrl-C stops it
	@exec $(BIN)/touchstone up $(flags)

setup:  # What `up` needs, side by side
	@$(MAKE) --no-print-directory --silent -j3 .venv/.ready $(dashboards)

test: check .venv-superset/.ready chromium postgres  ## Everything: check, then every test
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: .venv/.dev  ## Format, lint, types, import contracts (seconds)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: .venv/.dev  ## Format the code and put right what the linter can
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: .venv/.dev .venv-bench/.ready  ## Measure against MetricFlow and hand-written SQL; writes docs/benchmarks.md
	$(BIN)/python -m tests.bench $(ARGS)

fuzz: .venv/.dev  ## The property tests with many more, and new, worlds than `make test` draws
	TOUCHSTONE_FUZZ=$(or $(FUZZ),20) $(BIN)/python -m pytest -n 2 --timeout 7200 tests/oracle $(ARGS)

mutate: .venv/.dev  ## Break each rule of the compiler in turn, in a copy: does the suite notice?
	$(BIN)/python -m tests.mutations $(ARGS)

truth: .venv/.dev  ## Every metric against the truth of a simulated company: make truth SEED=3 LEADS=600
	$(BIN)/python -m tests.truth $(if $(SEED),--seed $(SEED)) $(if $(LEADS),--leads $(LEADS)) $(ARGS)

docs: .venv/.ready  ## Write the pages that are made from code: settings, commands, errors
	$(BIN)/python -m infra.docs

lock: .venv/.dev  ## Compile requirements/*.in into hash-pinned *.txt, naming no index
	cd requirements && for name in bootstrap app dev bench; do \
	  ../.cache/bootstrap/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url $$name.in -o $$name.txt; done
	cd requirements && ../.cache/bootstrap/bin/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --exclude-newer 2026-05-15 superset.in -o superset.txt

clean:  ## Remove what make built; the data in TOUCHSTONE_HOME stays
	rm -rf .venv .venv-superset .venv-bench .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

chromium:  # Draws the pictures of dashboards in mails
	@$(if $(filter 0 no false,$(CHROMIUM)),true,infra/setup/debian.sh chromium chromium chromium-driver -- \
	  mails come without pictures)

postgres:  # A second real database for the compiler's tests
	@infra/setup/debian.sh '/usr/lib/postgresql/*/bin/postgres' postgresql -- the PostgreSQL tests are skipped

# --- Stamps: each says that its environment matches the files it was built from ---

.cache:
	@mkdir -p $@

.venv/.ready: requirements/app.txt requirements/bootstrap.txt pyproject.toml | .cache
	infra/setup/environment.sh .venv requirements/app.txt
	infra/setup/project.sh .venv . --editable
	@touch $@

.venv/.dev: .venv/.ready requirements/dev.txt
	infra/setup/environment.sh .venv requirements/dev.txt
	@touch $@

.venv-superset/.ready: requirements/superset.txt requirements/bootstrap.txt $(wildcard superset/driver/pyproject.toml) | .cache
	infra/setup/environment.sh .venv-superset requirements/superset.txt
	$(if $(wildcard superset/driver/pyproject.toml),infra/setup/project.sh .venv-superset superset/driver --editable)
	@touch $@

.venv-bench/.ready: requirements/bench.txt requirements/bootstrap.txt | .cache
	infra/setup/environment.sh .venv-bench requirements/bench.txt
	@touch $@
