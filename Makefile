# `make help` lists what there is. Everything happens in .venv and, for data, in $AURUM_HOME (var).
PYTHON ?= python3
PORT ?= 8000
export AURUM_HOME ?= var
BIN = .venv/bin
RUN_LOCKS = requirements/api.txt requirements/ingest.txt

.PHONY: help run test client lint format lock deps-check bench-quick bench clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# A stamp is written last, so that an installation that was interrupted starts again.
.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit("Aurum needs Python 3.11 or later, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.run: .venv/.python $(RUN_LOCKS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(RUN_LOCKS:%=-r %)
	@touch $@

.venv/.test: .venv/.python requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/test.txt
	@touch $@ .venv/.run

.venv/.dev: .venv/.python requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@ .venv/.test .venv/.run

.venv/.bench: .venv/.python requirements/bench.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	@touch $@ .venv/.dev .venv/.test .venv/.run

# For development: whoever is on this machine may read without a key.
run: export AURUM_AUTH ?= anonymous,key
run: .venv/.run  ## demo data and a server on 127.0.0.1:$PORT
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@$(BIN)/python manage.py demo --port $(PORT)
	@exec $(BIN)/python manage.py serve --port $(PORT)

test: .venv/.test  ## the tests that need nothing but Python
	$(BIN)/python -m pytest -n 2

client: .venv/.dev  ## the tests of the Python client, against a server of their own
	$(BIN)/python -m pytest -q clients/python/tests

lint: .venv/.dev  ## style, types, who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev  ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/.dev  ## write requirements/*.txt anew from requirements/*.in
	.ci/deps lock

deps-check: .venv/.dev  ## locks current, complete, without conflict on every Python present
	.ci/deps check

bench-quick: .venv/.bench  ## instructions beside the peers'; WRITE=1 writes their ratios
	$(BIN)/python -m benchmarks.quick $(if $(WRITE),--write)

bench: .venv/.bench  ## all that is measured into docs/benchmarks.md; SINCE=ref or GROWTH=1 instead
	$(BIN)/python -m benchmarks.bench $(if $(SINCE),--since $(SINCE)) $(if $(GROWTH),--growth)

clean:  ## remove the virtual environment and all data
	rm -rf .venv $(AURUM_HOME)
