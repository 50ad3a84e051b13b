# Everything a checkout needs: `make` lists the targets.
# Settings: PYTHON (the interpreter that makes the environment), PORT (of the page), CHROMIUM (for the browser tests).

PYTHON ?= python3
PORT ?= 8501
VENV := .venv

.DEFAULT_GOAL := help
.PHONY: help app test lint bench live clean

help:
	@echo "make app     install into $(VENV) and open the page on http://localhost:$(PORT)  (PORT=8600 make app)"
	@echo "make test    run all tests"
	@echo "make lint    ruff check, ruff format --check, mypy --strict"
	@echo "make bench   run the benchmarks"
	@echo "make live    ask the providers for today's prices once, into a folder of its own"
	@echo "make clean   remove $(VENV) and everything that was built or cached"

app: $(VENV)/.installed
	@echo "Rig or Rent: http://localhost:$(PORT)   (stop with Ctrl+C)"
	@$(VENV)/bin/rig-or-rent app --port $(PORT)

test: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest

lint: $(VENV)/.installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# The other files of the folder are parts of these.
BENCHMARKS := compare scenarios slider query refresh_aws refresh_azure_gcp refresh_marketplaces refresh_default
bench: $(VENV)/.installed-bench
	@set -e; for name in $(BENCHMARKS); do echo "benchmarks/$$name.py"; $(VENV)/bin/python benchmarks/$$name.py; done

# The page and the command line are not touched by what comes back here.
live: $(VENV)/.installed
	RIG_OR_RENT_CACHE_DIR=$(VENV)/live-prices $(VENV)/bin/rig-or-rent refresh

clean:
	rm -rf $(VENV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made once. The stamps are older than pyproject.toml or constraints.txt exactly when one of
# these changed, and then the package is installed again.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	    || { echo "Rig or Rent needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is none of these; name one: make PYTHON=python3.12 app"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	    || { echo "'$(PYTHON)' cannot make virtual environments; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV): about a minute the first time."
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV): about a minute the first time."
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV): about a minute the first time."
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,bench]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test
