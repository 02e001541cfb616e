# `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
UV := UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv
LOCKED := --locked

.PHONY: help setup run sandbox test lint tools audit pythons installs packages format schema bench lock pages clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/run.stamp ## create .venv with the locked packages the gateway needs

run: .venv/run.stamp ## start the embedded sandbox and the gateway on http://127.0.0.1:8000
	$(BIN)/upgrade-gateway serve --sandbox

sandbox: .venv/run.stamp ## start the sandbox alone
	$(BIN)/upgrade-gateway sandbox

test: lint tools ## lint, types, import contracts and all tests
	$(BIN)/pytest -n auto --dist loadfile --ignore tests/simulation --cov --cov-report=term --cov-fail-under=95
	$(BIN)/pytest -n auto tests/simulation

lint: .venv/test.stamp ## ruff, mypy and the import contracts
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy
	$(BIN)/lint-imports

tools: ## install the public clients that tests use; name the programs that this machine lacks
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory tests/clients/node_modules/.package-lock.json; fi
	@sh .ci/missing | while read -r package; do \
	  echo "$$package is missing, so its tests are skipped: apt-get install -y --no-install-recommends $$package"; done

audit: .venv/run.stamp ## ask PyPI for known vulnerabilities of the locked packages
	@$(UV) export -q $(LOCKED) --no-emit-project -o .venv/audited.txt
	@$(UV) run -q --isolated --locked --only-group audit python .ci/audit.py .venv/audited.txt

pythons: .venv/run.stamp ## test what depends on CPython and SQLite on each CPython of this machine
	@sh .ci/pythons

packages: .venv/run.stamp ## build the wheel and install it with pipx
	@sh .ci/packages

installs: ## install from the lock with old and new pip while newer releases exist
	@$(PYTHON) .ci/installs.py

format: .venv/test.stamp ## format and fix what can be fixed
	$(BIN)/ruff check --fix-only . ; $(BIN)/ruff format .

schema: .venv/test.stamp ## print the graph into schema/schema.graphql
	$(BIN)/upgrade-gateway schema print > schema/schema.graphql

bench: .venv/test.stamp ## run all benches, about a quarter of an hour
	$(BIN)/python -m benches

lock: $(BIN)/uv ## upgrade the locked versions
	$(UV) lock --upgrade

pages: ## rebuild the browser bundles in gateway/static (needs node)
	cd pages && npm ci --no-audit --no-fund && npm run build

clean: ## remove what the targets made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

$(BIN)/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@echo "Installing the locked packages into .venv, once."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/run.stamp: $(BIN)/uv uv.lock pyproject.toml
	@$(UV) sync -q $(LOCKED)
	@touch $@

.venv/test.stamp: .venv/run.stamp
	@$(UV) sync -q $(LOCKED) --group test
	@touch $@

tests/clients/node_modules/.package-lock.json: tests/clients/package-lock.json
	cd tests/clients && npm ci --no-audit --no-fund
