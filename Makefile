# Executable documentation of the development workflow; .ci/run calls nothing else.
PYTHON ?= python

.PHONY: install lint types floors test proof golden check

install:
	$(PYTHON) -m pip install --quiet --upgrade "pip>=25.1"
	$(PYTHON) -m pip install --quiet --editable . --group dev

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m codespell_lib feeds tests benchmarks README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md

types:
	$(PYTHON) -m mypy

floors:
	lint-imports --no-cache

test:
	$(PYTHON) -m pytest -n auto

# What takes minutes and a machine of its own.
proof:
	FEEDS_PROOF=1 $(PYTHON) -m pytest -q tests/test_kills.py tests/test_world.py tests/test_crash.py

golden:
	GOLDEN=write FEEDS_GOLDEN=1 $(PYTHON) -m pytest -q tests/test_golden.py tests/test_render.py tests/test_markdown.py

check: lint types floors test
