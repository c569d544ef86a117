# Every target sets up what it needs: a machine with make and Python 3.11 or newer is enough.
#   make test PYTHON=python3.12      another Python
#   make test WORKERS=8              more test processes

PYTHON  ?= python3
VENV    ?= .venv
WORKERS ?= 2
RUN     := $(VENV)/bin/python
READY   := $(VENV)/.ready

export OMP_NUM_THREADS ?= 1   # several processes with several threads each are many times slower than with one
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo setup test test-all test-exhaustive test-integrations coverage check docs format bench bench-check bench-record benchmark-clients benchmark-learning benchmark-selfish benchmark-scaling release-check clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## train networks at three levels, compare them with the centre, and write the report (minutes)
	$(RUN) train.py study=quick workers=2
	$(RUN) evaluate.py study=quick

setup: $(READY)  ## only the virtual environment

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "orderup needs Python 3.11 or newer, and $(PYTHON) is not: try make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(RUN) || { echo "Creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing into $(VENV), once (PyTorch is the large one):"
	@$(RUN) -m pip install --editable '.[dev,docs,cluster]' --constraint constraints.txt \
	  | awk '/^Collecting / {printf "%s ", $$2; fflush()} END {print ""}'
	@touch $@

test: $(READY)  ## every test that takes seconds
	$(RUN) -m pytest -n $(WORKERS) --dist loadgroup

test-all: $(READY)  ## the slow tests too
	$(RUN) -m pytest -n $(WORKERS) --dist loadgroup -m 'not exhaustive'

test-exhaustive: $(READY)  ## really all, on three times as many random networks (an hour): large products too, of which test-all tries a part
	ORDERUP_EXAMPLES=all $(RUN) -m pytest -n $(WORKERS) --dist loadgroup -m ''

test-integrations: $(READY)  ## the clients of other libraries, each in an environment of its own (downloads them)
	VENV=$(VENV) .ci/integrations

coverage: $(READY)  ## the tests that take seconds, and what share of each module's lines and branches they reach
	$(RUN) -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered

check: $(READY)  ## format, lint and types
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy

docs: $(READY)  ## build the documentation into site/; fails on a warning or a link to nowhere
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet

format: $(READY)  ## put the code into shape
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

benchmark-learning: $(READY)  ## how close learning comes to what is known, five seeds each (hours), into docs/learning.md
	$(RUN) benchmarks/learning.py

benchmark-clients: $(READY)  ## what each library's client learns in a minute on each kind of scenario, and what those that choose come to, into docs/clients.md
	BENCHMARK=60 VENV=$(VENV) .ci/integrations

benchmark-scaling: $(READY)  ## whether optimised levels are beaten by themselves scaled, on every scenario (an hour), into docs/scaling.md
	nice $(RUN) -m benchmarks.scaling

benchmark-selfish: $(READY)  ## what sites come to that learn for themselves, beside theory, five seeds each (half an hour)
	$(RUN) benchmarks/selfish.py

bench: $(READY)  ## periods per second, and the interactive loop beside two public environments (minutes)
	$(RUN) -m benchmarks.bench
	$(RUN) -m benchmarks.peers

bench-check: $(READY)  ## whether anything has become slow, by ratios to calibrating workloads (under a minute)
	$(RUN) -m benchmarks.pace

bench-record: $(READY)  ## write these ratios down, in benchmarks/pace.json
	$(RUN) -m benchmarks.pace --record

release-check: $(READY)  ## sdist and wheel, installed and used as by somebody without a checkout; OFFLINE=1 downloads nothing
	PYTHON=$(PYTHON) .ci/release-check

clean:  ## remove what tools left behind; keeps .venv, runs/ and reports/
	rm -rf build dist site *.egg-info .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -path './$(VENV)' -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
