# Everything a newcomer or CI needs; each target sets up what it uses.
PYTHON ?= python3
BIN := .venv/bin
WHEEL_BIN := build/venv/bin
MODEL ?= authored

.PHONY: help demo test check lint coverage mutants wheel-test node browser screenshots reference record pins bench clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/.ready ## compare the two example tools from a recording: no key, no network
	$(BIN)/panelsynth demo -o out

test: .venv/.ready ## run every test (loopback only, no key); says which are skipped, and why
	$(BIN)/python -m pytest -rs

lint: .venv/.ready ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml

COVERED := test_agreement test_injection test_language test_samples test_generators test_model_client test_model_faults test_model_replies test_page_frame test_pages test_reply_rules test_status test_store test_store_upkeep test_streams test_tally test_workspace_build test_workspace_reviews test_writing

coverage: .venv/.ready ## measure what reads, counts, escapes and keeps: every branch, or it fails
	$(BIN)/coverage run -m pytest $(COVERED:%=tests/%.py)
	$(BIN)/coverage report

mutants: .venv/.ready ## change tally and reply reader in every small way: which change does no test notice?
	$(BIN)/mutmut run
	$(BIN)/mutmut results

wheel-test: build/venv/.ready ## run every test against the built wheel
	PANELSYNTH_TESTS_WHEEL=1 $(WHEEL_BIN)/python -m pytest

check: lint wheel-test ## everything that CI runs

node: tests/node/node_modules/.ready ## install what some tests read pages back with (needs npm)

reference: .venv/.ready ## write every command's help into docs/reference.md
	$(BIN)/python scripts/reference.py

browser: .venv/.ready ## test pages in Chromium, which it installs on Debian (needs root and npm once)
	@if ! command -v npm >/dev/null; then \
		echo "Browser tests skipped: they need npm, for axe-core and an HTML validator."; \
	elif ! command -v chromium >/dev/null && ! { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; }; then \
		echo "Browser tests skipped: there is no chromium here, and apt-get as root is needed to install it."; \
	else \
		{ command -v chromium >/dev/null || $(CHROMIUM); } && $(MAKE) -s node && $(BIN)/python -m pytest tests/test_browser.py tests/test_browser_site.py; \
	fi

screenshots: .venv/.ready ## photograph every page of the tests at three widths in both schemes, into out/
	$(BIN)/python scripts/screenshots.py

record: .venv/.ready ## record the demo again: authored replies, or live with MODEL=... and a key
	$(BIN)/python scripts/record.py --model $(MODEL)

pins: ## refresh requirements/dev.txt from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade --group dev pyproject.toml -o requirements/dev.txt

bench: .venv/.ready ## measure CPU, latency and memory against the SDK and three frameworks; about 15 minutes
	$(BIN)/python benchmarks/bench.py $(BENCH)

clean: ## remove what these commands made
	rm -rf .venv .bench build dist out mutants .coverage tests/node/node_modules

CHROMIUM := { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-core fonts-noto-cjk; } >/dev/null

INSTALL := -m pip install -q --disable-pip-version-check

.venv/.ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python $(INSTALL) --require-hashes --only-binary :all: -r requirements/dev.txt
	$(BIN)/python $(INSTALL) --no-index --no-deps --no-build-isolation -e .
	@touch $@

# Without scripts: what is installed here only reads text. Tests that need it are skipped where it is not.
tests/node/node_modules/.ready: tests/node/package.json tests/node/package-lock.json
	cd tests/node && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# What ships is what is tested: the wheel, in an environment of its own, without the checkout's package.
build/venv/.ready: requirements/dev.txt pyproject.toml $(shell find src prompts examples/tools cassettes -type f)
	rm -rf build/dist
	$(PYTHON) -m venv --clear build/venv
	$(WHEEL_BIN)/python $(INSTALL) --require-hashes --only-binary :all: -r requirements/dev.txt
	$(WHEEL_BIN)/python -m pip wheel -q --disable-pip-version-check --no-index --no-deps --no-build-isolation -w build/dist .
	$(WHEEL_BIN)/python $(INSTALL) --no-index --no-deps build/dist/*.whl
	@touch $@
