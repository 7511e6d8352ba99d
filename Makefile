# Everything is started from here; each target brings what it needs and does nothing twice.
# Stamps lie inside the folders that they speak of, so that removing a folder is enough to have it made anew.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
NODE_BIN := $(CURDIR)/$(VENV)/node
NPM := PATH="$(NODE_BIN):$$PATH" npm --prefix frontend
WORKERS ?= 2
# Each file goes to one worker as a whole, for some start servers once for all their tests.
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# uv is quicker, but knows nothing of pip's configuration; where it reaches no index, pip does the same.
INSTALL := sh requirements/install.sh $(BIN)

FRONTEND_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -type f -print 2>/dev/null)
TEMPLATES := $(shell find src/guildhall -name '*.html' 2>/dev/null)
CATALOGUES := $(patsubst %.po,%.mo,$(shell find src/guildhall -name '*.po' 2>/dev/null))
FRONTEND := src/guildhall/web/static/dist/.vite/manifest.json

# Fits `check --deploy`, which wants to see a site on the internet.
PRODUCTION := GUILDHALL_MODE=production HTTPS=true ALLOWED_HOSTS=guildhall.example \
	PUBLIC_URL=https://guildhall.example SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(48))')

# Some machines forbid Python to keep what it compiled; then every process would compile all of Django anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run seed test test-long test-docker test-docker-if-can check fix lock client docs build clean

help: ## List what can be made
	@sed -n 's/^\([a-z%-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '  make %-21s %s\n' "$$name" "$$text"; done

run: ## Start the whole site on this machine, with demo data the first time
	@$(MAKE) --no-print-directory -j4 build
	@$(BIN)/guildhall up --seed

seed: build ## Put the demo data into the database of the running site
	@$(BIN)/guildhall seed

build: $(STAMPS)/runtime $(STAMPS)/package $(FRONTEND) $(CATALOGUES)

# --- tests and checks ---------------------------------------------------------------------------------------------

test: $(STAMPS)/dev $(STAMPS)/package $(FRONTEND) $(CATALOGUES) $(STAMPS)/programs ## Run every test; under 90 % of lines in any module fails
	@rm -f .coverage .coverage.*
	$(PYTEST) -m 'not long and not docker' --cov --cov-report=
	$(BIN)/coverage report
	$(BIN)/python tests/coverage_gate.py

test-long: $(STAMPS)/dev $(STAMPS)/package $(FRONTEND) $(CATALOGUES) $(STAMPS)/programs ## Run hundred-round faults and million-row tests
	$(BIN)/pytest -m long --timeout=3600

test-docker: $(STAMPS)/dev $(STAMPS)/package $(STAMPS)/programs ## Build the containers, start them and test them from outside
	$(BIN)/pytest -m docker -s tests/docker

test-docker-if-can: ## The same where a Docker engine answers; where none does, a sentence says so
	@if docker info >/dev/null 2>&1; then $(MAKE) --no-print-directory test-docker; \
	else echo 'The containers were not tested, for no Docker engine answers here: start one and run `make test-docker`.'; fi

check: $(STAMPS)/dev $(STAMPS)/package $(FRONTEND) $(CATALOGUES) ## Look for faults without running the site
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/guildhall migrate --check
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(MAKE) --no-print-directory .build/schema.ts
	@diff -u frontend/src/client/schema.ts .build/schema.ts \
		|| { echo 'The client differs from the API; `make client` writes it anew.' >&2; exit 1; }
	$(NPM) run lint
	$(NPM) run typecheck
	$(NPM) run test

fix: $(STAMPS)/dev $(STAMPS)/package ## Format, and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

client: .build/schema.ts ## Generate the front end's types from the API's schema
	cp .build/schema.ts frontend/src/client/schema.ts

docs: $(STAMPS)/dev $(STAMPS)/package ## Write anew what the documents take from the code
	$(BIN)/python docs/generate.py

.PHONY: .build/schema.ts
.build/schema.ts: $(STAMPS)/dev $(STAMPS)/package frontend/node_modules/.stamp
	@mkdir -p .build
	@$(BIN)/python manage.py spectacular --format openapi-json --file .build/schema.json
	@$(NPM) --silent run client -- "$(CURDIR)/.build/schema.json" "$(CURDIR)/.build/schema.ts"

bench-telemetry-large: ## Run bench-telemetry with a hundred million points
	@$(MAKE) --no-print-directory bench-telemetry POINTS=100M

bench-%: $(STAMPS)/dev $(STAMPS)/package $(FRONTEND) ## Run a benchmark, such as bench-telemetry
	$(BIN)/python -m benchmarks.$(subst -,_,$*)

# --- requirements -------------------------------------------------------------------------------------------------

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(UPGRADE)

lock: $(STAMPS)/bootstrap ## Write the locked requirements anew (UPGRADE=--upgrade takes newer versions)
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	for name in base stack bootstrap node; do \
		$(LOCK) -c requirements/dev.txt requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	cd frontend && PATH="$(NODE_BIN):$$PATH" npm install --package-lock-only

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Guildhall needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version 2>&1 || echo missing)." \
		"Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot make virtual environments here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/bootstrap: requirements/bootstrap.txt | $(STAMPS)/venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(STAMPS)/runtime: requirements/base.txt requirements/stack.txt $(STAMPS)/bootstrap
	@$(INSTALL) requirements/base.txt requirements/stack.txt
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/runtime
	@$(INSTALL) requirements/dev.txt
	@touch $@

$(STAMPS)/package: pyproject.toml requirements/base.in $(STAMPS)/bootstrap
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

# A browser, MQTT's and AMQP's programs, which nobody here wrote; RUNLEVEL keeps servers from being started.
# Where they cannot be installed, the tests that need them say so.
$(STAMPS)/programs: | $(STAMPS)/venv
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		wanted=; \
		command -v chromium >/dev/null || wanted="$$wanted chromium"; \
		command -v mosquitto_pub >/dev/null || wanted="$$wanted mosquitto-clients"; \
		test -x /usr/sbin/mosquitto || wanted="$$wanted mosquitto"; \
		test -x /usr/lib/rabbitmq/bin/rabbitmq-server || wanted="$$wanted rabbitmq-server"; \
		if [ -n "$$wanted" ]; then \
			echo "installing$$wanted"; \
			apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$wanted >/dev/null; \
		fi; \
	fi
	@touch $@

# --- front end and catalogues -------------------------------------------------------------------------------------

$(STAMPS)/node: requirements/node.txt requirements/provide_node.py $(STAMPS)/bootstrap
	@$(BIN)/python requirements/provide_node.py $(NODE_BIN) $(INSTALL) requirements/node.txt
	@touch $@

frontend/node_modules/.stamp: frontend/package.json frontend/package-lock.json $(STAMPS)/node
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(FRONTEND): frontend/node_modules/.stamp $(FRONTEND_SOURCES) $(TEMPLATES)
	@$(NPM) --silent run build -- --logLevel warn
	@touch $@

%.mo: %.po $(STAMPS)/bootstrap
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

clean: ## Remove what was built, but no data
	rm -rf $(VENV) frontend/node_modules src/guildhall/web/static/dist .build
	find src -name '*.mo' -delete
