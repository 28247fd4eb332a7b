# `make help` lists the targets. Everything that is downloaded or built lies in .slipway/, .venv/, dist/ or your cache.
.DEFAULT_GOAL := help
SHELL := /bin/bash
UV := $(shell command -v uv 2>/dev/null || echo .slipway/uv/bin/uv)
RUN := $(UV) run --locked --no-progress
BUILDER ?= docker
IMAGE ?= slipway:0.1.0
# The version that `upgrade-test` upgrades from: a tag, or before the first release a commit.
UPGRADE_FROM ?= 5fb510e371894181a165d9d014af8d4ed4fbd32a

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

setup: ## Make the virtual environment with everything that uv.lock names
	@bash tests/setup.sh

check: setup ui-check ## Lint, types, import contracts, generated files, and all of the UI's checks
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) python -m controller.generate --check

fast-test: setup ## Every test that needs no cluster
	$(RUN) pytest -q -m "not cluster and not upgrade"

test: check ## Every test, those on the real cluster included; model and decide must be covered, every branch
	$(RUN) pytest -q -m "not cluster and not upgrade" --cov=controller/decide --cov=controller/model --cov-branch \
	  --cov-report=term:skip-covered --cov-fail-under=100
	$(RUN) python -m tests.cluster up
	$(RUN) python -m tests.e2e.install
	$(RUN) pytest -q -m cluster --no-skips
	@if git cat-file -e "$(UPGRADE_FROM)^{commit}" 2>/dev/null; then $(MAKE) --no-print-directory upgrade-test; \
	  else echo "upgrade-test is left out: this clone has no history, so not $(UPGRADE_FROM)"; fi

upgrade-test: setup ## On the local cluster: install the version UPGRADE_FROM, upgrade it to this one, and try to go back
	UPGRADE_FROM=$(UPGRADE_FROM) $(RUN) pytest -q -m upgrade --no-skips

cluster: setup ## Bring up a local Kubernetes cluster
	$(RUN) python -m tests.cluster up

cluster-down: setup ## End the local cluster
	$(RUN) python -m tests.cluster down

install: setup ## Build the image from the Dockerfile and install Slipway into the local cluster
	$(RUN) python -m tests.e2e.install

image: setup has-npm ## Build the image IMAGE=REGISTRY/slipway:TAG with BUILDER=docker, or podman
	$(RUN) python -c 'from tests.e2e.install import build_wheel; build_wheel()'
	$(BUILDER) build --tag $(IMAGE) .

demo: setup ## Cluster, image, install, examples: see it all work
	$(RUN) python -m tests.e2e.demo

bench: setup ## Measure Slipway beside bare Pods on the local cluster, the API's lists, and the UI in a browser
	$(RUN) python -m tests.bench
	$(RUN) python -m tests.bench.web_lists
	$(RUN) python -m tests.bench.ui_grid
	$(RUN) python -m tests.bench.ui_live

ui: ui/node_modules/.package-lock.json ## Build the UI into controller/web/static, where `slipway web` finds it
	cd ui && npm run --silent build

ui-check: ui/node_modules/.package-lock.json ## Types, lint, tests and size of the UI
	cd ui && npm test --silent

ui/node_modules/.package-lock.json: ui/package-lock.json | has-npm
	cd ui && npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/.package-lock.json

has-npm:
	@command -v npm >/dev/null || { echo "npm is not here: install Node 20 or later, which the UI is built with" >&2; exit 1; }

# Apart from the virtual environment: what these two bring along would make the tests' imports other than a user's.
APART := $(UV) run --locked --no-progress --isolated --only-group supply-chain

dist/requirements.txt: uv.lock
	mkdir -p dist
	$(UV) export --quiet --locked --no-dev --all-extras --no-emit-project --format requirements-txt --output-file $@

sbom: setup dist/requirements.txt has-npm ## Write the bills of materials (CycloneDX) of wheel and UI to dist/
	$(APART) cyclonedx-py requirements dist/requirements.txt --output-format JSON --output-file dist/sbom-python.json
	cd ui && npm sbom --sbom-format cyclonedx --omit dev --package-lock-only > ../dist/sbom-ui.json

audit: setup dist/requirements.txt has-npm ## Look up what wheel and UI are made of in the databases of known vulnerabilities
	$(APART) python -m tests.audit

pictures: setup ## Take the pictures in docs/images anew
	$(RUN) python -m tests.browser.pictures

generate: setup ## Write the CRDs and the other generated files
	$(RUN) python -m controller.generate

format: setup ## Format the code
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

.PHONY: help setup sbom audit check fast-test test upgrade-test cluster cluster-down install image demo bench ui ui-check has-npm pictures generate format
