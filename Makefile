# Two commands do everything on a fresh machine: `make rehearse` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= 2
WATCH ?= 1
SIDE_BY_SIDE := -n $(WORKERS) --dist loadfile
export PYTHONHASHSEED := 0

.PHONY: setup rehearse test test-core fuzz check lint bench bench-peers bench-long verifier lock sdist wheel kit clean help

help:            ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(VENV)/.run   ## build .venv from the hash-locked list

rehearse: setup  ## the bad night, start to finish: make rehearse ARGS="--residents 2000"
	@$(BIN)/azukari rehearse $(ARGS)

test: $(VENV)/.test   ## every test that runs on this machine; SYSTEM=0 installs no system parts, WATCH= looks for no values
	@tools/system.sh
	@AZUKARI_WATCH=$(WATCH) $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

test-core: $(VENV)/.test   ## the quick tests, for daily work: no processes, no mounts, no whole night
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not real and not night" $(ARGS)

fuzz: $(VENV)/.test  ## 20,000 bent documents of every kind through every door that takes them
	@AZUKARI_FUZZ=20000 $(BIN)/python -m pytest tests/desk/test_fuzz_papers.py $(ARGS)

lint: $(VENV)/.test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/windows src

check: lint test ## lint, types, tests

bench: $(VENV)/.test  ## ratios side by side in one run; writes benches/RESULTS.md
	@$(BIN)/python -m benches $(ARGS)

bench-long: $(VENV)/.test  ## a ledger of ten million entries; writes benches/LONG.md
	@$(BIN)/python -m benches.longer $(ARGS)

bench-peers:     ## environments of their own for OpenFisca (AGPL) and Cedar, which only `make bench` calls
	@for peer in openfisca cedar; do $(PYTHON) -m venv .venv-$$peer && .venv-$$peer/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benches/$$peer.txt || exit 1; done

verifier:        ## dist/azukari-verify: a stranger's program that verifies an exported ledger (needs Go)
	@tools/verifier.sh dist/azukari-verify

lock:            ## write the hash lists anew (needs uv)
	uv pip compile pyproject.toml --extra decide --extra press --extra web --group build --generate-hashes --no-header --no-emit-index-url --universal --python-version 3.11 -q -o requirements/run.txt
	uv pip compile benches/openfisca.in --generate-hashes --no-header --no-emit-index-url --python-version 3.11 -q -o benches/openfisca.txt
	uv pip compile benches/cedar.in --generate-hashes --no-header --no-emit-index-url --python-version 3.11 -q -o benches/cedar.txt
	uv pip compile pyproject.toml --extra decide --extra postgres --extra press --extra web --group build --group test -c requirements/run.txt --generate-hashes --no-header --no-emit-index-url --universal --python-version 3.11 -q -o requirements/test.txt

sdist: setup     ## dist/: the source as one file, with tests and pages
	@$(BIN)/python -m hatchling build -t sdist -d dist

wheel: setup     ## dist/: what is installed, as one file; needs no index
	@$(BIN)/python -m hatchling build -t wheel -d dist

kit: setup       ## dist/kit/: everything to install without an index, signed: make kit ARGS="--key FILE"
	@$(BIN)/python -m tools.kit $(ARGS)

clean:           ## remove .venv and caches (never a rehearsal)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

# Retries stand only around the package install.
INSTALL = for try in 1 2 3; do $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && break; [ $$try = 3 ] && exit 1; echo "make: the install failed; trying again" >&2; sleep 3; done

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "azukari needs Python 3.11 or newer; say which with PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "make: installing requirements/run.txt into $(VENV)" >&2
	@$(call INSTALL,requirements/run.txt)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@echo "make: installing requirements/test.txt into $(VENV)" >&2
	@$(call INSTALL,requirements/test.txt)
	@touch $@
