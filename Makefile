# The commands of this project. `make help` lists them.
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help run test bench chaos lint fix lock assets setup clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

run: ## install what is missing and serve http://127.0.0.1:8000 (PORT=… for another)
	@.ci/bootstrap run
	@exec $(PYTHON) -m app.jobs.up

test: ## install what the tests need and run them (ARGS="-k word" for some)
	@.ci/bootstrap test
	@$(PYTHON) -m pytest -n 2 --dist loadgroup -q -rs -m "not chaos" $(ARGS)

bench: ## measure against the targets; one JSON line a figure (DATABASE_URL for PostgreSQL)
	@.ci/bootstrap test
	@$(PYTHON) -m bench $(ARGS)

chaos: ## the long kill tests: 2,000 random cases
	@.ci/bootstrap test
	@$(PYTHON) -m pytest -n 2 -q -rs -m chaos tests/faults $(ARGS)

lint: ## ruff, mypy and the import rules
	@.ci/bootstrap test
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports

fix: ## let ruff correct what it can
	@$(PYTHON) -m ruff check --fix .

lock: ## write the lock files anew from pyproject.toml and assets/package.json
	@.ci/bootstrap tool
	@.ci/lock

assets: ## build style sheets, scripts, icons and fonts
	@.ci/bootstrap run

setup: ## install everything and stop
	@.ci/bootstrap test

clean: ## remove what was installed and built (not var/, which holds data)
	rm -rf .venv .tool app/static/dist app/static/dist.next assets/node_modules *.egg-info .mypy_cache .ruff_cache .import_linter_cache
