# What a developer types; CI types the same. `make help` lists it.

VENV     ?= .venv
PYTHONS  := 3.13 3.12 3.11
PACKAGES := shared services/registry-service services/verification-service services/approval-service services/audit-service cli client
SOURCES  := $(addsuffix /src,$(PACKAGES))
# Tests are namespace packages under their folder's path. One of a service has a hyphen in it, so its tests are packages under the
# service, all of one name, and each has a call of mypy for itself.
TESTS_OF_SERVICES := $(filter services/%,$(PACKAGES))
OTHER_TESTS       := conftest.py tests cli/tests client/tests shared/tests
TESTS_OF_TOOLS    := deploy/kafka/tests attack/tests
LOCKS    := requirements/run.txt requirements/demo.txt requirements/formats.txt requirements/dev.txt
COMPILE   = UV_CUSTOM_COMPILE_COMMAND='make lock' $(VENV)/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 \
            --fork-strategy fewest --generate-hashes $(LOCK_FLAGS)
TYPED_TESTS = $(VENV)/bin/mypy --explicit-package-bases
INSTALL   = $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-input

# Those that need nothing but this machine: benchmarks/first_run.py installs packages, over_kafka.py needs Java and Maven.
BENCHMARKS := append shell rest waiting gate rebuild scale inbox replay webhooks timers ingest verification telemetry memory startup

# An interpreter is good when it is 3.11 or newer and can make a virtual environment.
SUITABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))

# Files in the order of `testpaths`, whole installations first: one that came last would keep one process waiting for the other.
BY_FILE  := --dist=loadfile --no-loadscope-reorder

# onnxruntime reports to its maker unless it is told not to.
export ORT_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.PHONY: help run kafka demo formats compose-secrets test faults attack check test-all-pythons bench bench-quick collector promtool docs site lock clean
.DELETE_ON_ERROR:

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-26s %s\n", $$1, $$2 }'

run: $(VENV)/.run $(VENV)/.packages ## start everything on this machine; Ctrl-C stops it
	@exec $(VENV)/bin/placet up

kafka: $(VENV)/.run $(VENV)/.packages ## a Kafka broker on 127.0.0.1:9092 from the official jars (Java 17, Maven); Ctrl-C stops it
	@PYTHONPATH=deploy/kafka exec $(VENV)/bin/python -m kafka_broker

demo: $(VENV)/.demo $(VENV)/.packages ## two models from training to the gate, against a running `make run`
	@exec $(VENV)/bin/placet demo

formats: $(VENV)/.formats ## libraries with which `make run` also runs XGBoost, LightGBM, skops and pickled models

compose-secrets: $(VENV)/.run $(VENV)/.packages ## what docker-compose.yml mounts: passwords, tokens; PEOPLE=demo for people to try things with
	@$(VENV)/bin/python deploy/compose_secrets.py $(if $(filter demo,$(PEOPLE)),--with-demo-people)

test: $(VENV)/.dev $(VENV)/.packages ## every test but the slow ones; TESTS="path -k expression" for some of them
	$(VENV)/bin/python -m pytest --numprocesses=auto $(BY_FILE) -m "not slow" $(TESTS)

faults: $(VENV)/.dev $(VENV)/.packages ## the tests that take minutes: faults under load, long runs
	$(VENV)/bin/python -m pytest --numprocesses=auto $(BY_FILE) -m slow $(TESTS)

attack: $(VENV)/.dev $(VENV)/.packages ## races, faults and restores against an installation of its own, judged afterwards; SEED=7 SECONDS=300
	$(VENV)/bin/python attack/attack.py $(if $(SEED),--seed $(SEED)) --seconds $(or $(SECONDS),300)

check: $(VENV)/.dev $(VENV)/.packages ## lint, format, types, layers and the rules of the house
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy $(SOURCES) deploy/kafka/kafka_broker benchmarks attack/attack.py attack/attacking
	$(TYPED_TESTS) $(OTHER_TESTS)
	$(TYPED_TESTS) $(TESTS_OF_TOOLS)
	@for service in $(TESTS_OF_SERVICES); do MYPYPATH=$$service $(TYPED_TESTS) $$service/tests || exit 1; done
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/python -m pytest --quiet tests/house

test-all-pythons: ## `make test` with every Python from 3.11 to 3.13 that is here
	@found=; \
	for version in $(PYTHONS); do \
	  for python in python$$version "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version.*/bin/python; do \
	    if "$$python" -c "$(SUITABLE)" 2>/dev/null; then \
	      found="$$found $$version"; echo "== Python $$version"; \
	      $(MAKE) --no-print-directory test VENV=.venv-$$version PYTHON="$$python" || exit 1; \
	      break; \
	    fi; \
	  done; \
	done; \
	test -n "$$found" || { echo "No Python from 3.11 to 3.13 was found."; exit 1; }; \
	echo "Tested with$$found"

bench: $(VENV)/.dev $(VENV)/.packages ## all of benchmarks/ on this machine, about ten minutes; `make docs` then writes docs/performance.md
	@for name in $(BENCHMARKS); do $(VENV)/bin/python benchmarks/$$name.py --json benchmarks/results/$$name.json || exit 1; done

bench-quick: $(VENV)/.dev $(VENV)/.packages ## whether the benchmarks work; their figures mean nothing then
	@for name in $(BENCHMARKS); do $(VENV)/bin/python benchmarks/$$name.py --quick || exit 1; done

collector: ## the OpenTelemetry Collector that tests send to, built once (Go)
	@deploy/collector/build.sh

promtool: ## Prometheus' own tool, with which tests check alerts and dashboards, built once (Go)
	@deploy/prometheus/build.sh

docs: $(VENV)/.dev $(VENV)/.packages ## the pages that are made from the code and from benchmarks/results/
	$(VENV)/bin/python docs/write_settings.py
	$(VENV)/bin/python docs/write_checks.py
	$(VENV)/bin/python docs/write_codes.py
	$(VENV)/bin/python docs/write_command_reference.py
	$(VENV)/bin/python docs/write_document_fields.py
	$(VENV)/bin/python docs/write_rest.py
	$(VENV)/bin/python docs/write_decisions.py
	$(VENV)/bin/python docs/draw_readme.py
	$(VENV)/bin/python docs/draw_house.py
	$(VENV)/bin/python docs/draw_architecture.py
	$(VENV)/bin/python docs/draw_sign_off.py
	$(VENV)/bin/python docs/write_events.py
	$(VENV)/bin/python docs/write_metrics.py
	$(VENV)/bin/python docs/write_asyncapi.py
	$(VENV)/bin/python docs/write_performance.py

site: $(VENV)/.site ## the documentation as a site in build/site that loads nothing from elsewhere; dead links fail
	@$(VENV)/bin/python docs/build_site.py

lock: $(VENV)/.dev ## requirements/*.in to *.txt; LOCK_FLAGS=--upgrade for newer versions
	$(COMPILE) requirements/run.in -o requirements/run.txt
	$(COMPILE) requirements/demo.in -c requirements/run.txt -o requirements/demo.txt
	$(COMPILE) requirements/formats.in -c requirements/run.txt -c requirements/demo.txt -o requirements/formats.txt
	$(COMPILE) requirements/dev.in -c requirements/run.txt -c requirements/demo.txt -c requirements/formats.txt \
	  --override requirements/dev-overrides.txt -o requirements/dev.txt
	$(COMPILE) requirements/site.in $(addprefix -c ,$(LOCKS)) -o requirements/site.txt
	for image in services worker build client; do $(COMPILE) requirements/$$image.in -c requirements/run.txt -o requirements/$$image.txt || exit 1; done

clean: ## remove virtual environments and caches; the data of `make run` stays
	rm -rf .venv .venv-3.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find $(PACKAGES) tests benchmarks attack -type d -name __pycache__ -prune -exec rm -rf {} +

# pip is what `python -m venv` installs last, so a creation that was interrupted is done again.
$(VENV)/bin/pip:
	@for python in $(or $(PYTHON),$(addprefix python,$(PYTHONS)) python3); do \
	  if "$$python" -c "$(SUITABLE)" 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version)"; \
	    exec "$$python" -m venv $(VENV); \
	  fi; \
	done; \
	echo "Placet needs Python 3.11 or newer with its venv module (Debian and Ubuntu: apt install python3-venv)."; \
	echo "If it is not on the PATH: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; \
	exit 1

$(VENV)/.run: requirements/run.txt | $(VENV)/bin/pip
	@echo "Installing $<"
	@$(INSTALL) --require-hashes -r $<
	@touch $@

$(VENV)/.demo: requirements/demo.txt $(VENV)/.run
	@echo "Installing $<"
	@$(INSTALL) --require-hashes -r $<
	@touch $@

$(VENV)/.formats: requirements/formats.txt $(VENV)/.run
	@echo "Installing $<"
	@$(INSTALL) --require-hashes -r $<
	@touch $@

# The lock is whole, and pip knows nothing of requirements/dev-overrides.txt.
$(VENV)/.dev: requirements/dev.txt $(VENV)/.demo $(VENV)/.formats
	@echo "Installing $<"
	@$(INSTALL) --no-deps --require-hashes -r $<
	@touch $@

$(VENV)/.site: requirements/site.txt | $(VENV)/bin/pip
	@echo "Installing $<"
	@$(INSTALL) --require-hashes -r $<
	@touch $@

# Our own packages are linked, not copied; hatchling comes with run.txt, so nothing is fetched. The client has the script `placet` and
# is installed after all others: where `cli` had it before, replacing `cli` removes it.
$(VENV)/.packages: $(addsuffix /pyproject.toml,$(PACKAGES)) | $(VENV)/.run
	@$(INSTALL) --no-deps --no-build-isolation $(addprefix -e ,$(filter-out client,$(PACKAGES)))
	@$(INSTALL) --no-deps --no-build-isolation -e client
	@touch $@
