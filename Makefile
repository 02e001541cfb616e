# `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup run sandbox test lint audit format schema bench lock pages clients clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/run.stamp ## create .venv with the locked packages the gateway needs

run: .venv/run.stamp ## start the embedded sandbox and the gateway on http://127.0.0.1:8000
	$(BIN)/upgrade-gateway serve --sandbox

sandbox: .venv/run.stamp ## start the sandbox alone
	$(BIN)/upgrade-gateway sandbox

test: lint audit ## lint, types, import contracts, known vulnerabilities and all tests
	$(BIN)/pytest -n auto --dist loadfile --cov --cov-report=term --cov-fail-under=95

lint: .venv/test.stamp ## ruff, mypy and the import contracts
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy
	$(BIN)/lint-imports

audit: .venv/test.stamp ## ask PyPI for known vulnerabilities of what is locked
	$(BIN)/pip-audit --progress-spinner off --require-hashes --disable-pip -r requirements/run.txt

format: .venv/test.stamp ## format and fix what can be fixed
	$(BIN)/ruff check --fix-only . ; $(BIN)/ruff format .

schema: .venv/test.stamp ## print the graph into schema/schema.graphql
	$(BIN)/upgrade-gateway schema print > schema/schema.graphql

bench: .venv/test.stamp ## run all benches, about a quarter of an hour
	$(BIN)/python -m benches

lock: ## resolve the locked versions anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --extra fast --group build pyproject.toml -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --extra fast --group build --group test -c requirements/run.txt pyproject.toml -o requirements/test.txt

pages: ## rebuild the browser bundles in gateway/static (needs node)
	cd pages && npm ci --no-audit --no-fund && npm run build

clients: ## install the public clients that tests run against the gateway (needs node)
	cd tests/clients && npm ci --no-audit --no-fund

clean: ## remove what the targets made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@echo "Installing what is locked into .venv, once."
	@$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python requirements/run.txt pyproject.toml
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements/test.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
