# Every target makes the virtual environment it needs. Needed beforehand: make, Python >= 3.11.
#   make test PYTHON=python3.13 VENV=.venv-3.13     with another Python, beside the first
#   make test PYTEST='-k relu'                      with arguments for pytest
#   make torture TORTURE='--minutes 10 --only files'   some of the long trials

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
PYTHON := $(or $(PYTHON),python3)
VENV := .venv
BENCH_VENV := .venv-bench
JOBS := 2
PYTEST :=
BENCH :=
TORTURE :=

# Stamps: an extra that is installed in an environment, and the Python it was made by.
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
DEMO := $(VENV)/.installed-demo-$(VERSION)
TEST := $(VENV)/.installed-test-$(VERSION)
BENCHMARK := $(BENCH_VENV)/.installed-bench-$(VERSION)
PACKAGING := pyproject.toml setup.py tools/environment.py

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint format bench torture clean

help:
	@echo 'make demo     handwritten digits: gradients checked, drawn, trained, saved as C and NumPy'
	@echo 'make test     lint, then all tests'
	@echo 'make lint     ruff, strict mypy, layers'
	@echo 'make format   let ruff format the code and mend what it can'
	@echo 'make bench    training steps beside PyTorch and JAX (installs them: large)'
	@echo 'make torture  what is left of the long trials (hours); Ctrl-C stops, the next run goes on'
	@echo 'make clean    remove environments, caches and what was built'

demo: $(DEMO)
	$(VENV)/bin/python examples/digits.py

# Both run whatever the first says; pytest's closing line is the last one.
test: $(TEST)
	@status=0; \
	$(VENV)/bin/python -m tools.lint || status=1; \
	$(VENV)/bin/python -m pytest -n $(JOBS) $(PYTEST) || status=1; \
	exit $$status

lint: $(TEST)
	@$(VENV)/bin/python -m tools.lint

format: $(TEST)
	$(VENV)/bin/python -m ruff check --fix .
	$(VENV)/bin/python -m ruff format .

bench: $(BENCHMARK)
	$(BENCH_VENV)/bin/python -m benchmarks $(BENCH)

# State is kept in build/torture.json, results go to the page.
torture: $(TEST)
	$(VENV)/bin/python -m torture --jobs $(JOBS) --report docs/reliability.md $(TORTURE)

# Installing anew happens only when the packaging or the interpreter has changed.
$(DEMO) $(TEST) $(BENCHMARK): $(PACKAGING)
	@echo 'Preparing $(@D) (once) ...'
	@$(PYTHON) tools/environment.py $(@D) $(patsubst .installed-%-$(VERSION),%,$(@F))
	@touch $@

clean:
	rm -rf $(VENV) $(BENCH_VENV) build dist out *.egg-info .cache .hypothesis \
		.import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
