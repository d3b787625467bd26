# Everything a newcomer or a machine types. Needs Python >= 3.11, git and make; brings the rest (tools/bootstrap.py).

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
MIGRATIONS := $(sort $(wildcard migrations/*.sql))
# Files of tests run side by side; `make test WORKERS=0` runs them in one process, which is quicker for a few.
WORKERS ?= 2
# Tests of some seconds take turns by commits; TURN=3 takes another tenth, `make test TURN=` takes all (tests/turns.py).
# A clone without history counts one commit: there the commit's second stands for the count.
TURN ?= $(shell test "$$(git rev-parse --is-shallow-repository 2>/dev/null)" = true && git log -1 --format=%ct || git rev-list --count HEAD 2>/dev/null)
# Extra words for the program or for pytest: make demo ARGS="--count 1000", make test ARGS="-k receipt"
ARGS ?=

.PHONY: help demo test test-slow campaigns check lint types fmt bench seed-cases spectral axe accessibility annulled-charges docs reference wheel sbom scan clean

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

demo: $(INSTALLED) ## Start everything, send generated parcels, show the decisions and a page
	$(BIN)/serai demo $(ARGS)

# Tests start some hundred processes of the same program: without byte code each compiles it anew.
test test-slow: export PYTHONDONTWRITEBYTECODE =

# Files go to the workers in the order of tests/conftest.py, not those of many tests first: few are long.
test: $(INSTALLED) ## Run the quick tests, with a real PostgreSQL and a real browser
	@$(BIN)/python -m tools.accessibility bring || true
	@chromium="$$($(BIN)/python tools/find_chromium.py || test $$? = 1)" && set -x && \
		TESTS_TURN="$(TURN)" SERAI_CHROMIUM="$$chromium" $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-slow: $(INSTALLED) ## Run the tests that take longer
	@$(BIN)/python -m tools.accessibility bring || true
	@chromium="$$($(BIN)/python tools/find_chromium.py || test $$? = 1)" && set -x && \
		SERAI_CHROMIUM="$$chromium" $(BIN)/pytest -m "slow or in_turn" $(ARGS)

campaigns: $(INSTALLED) ## Run a hundredth of each campaign; docs/reference has the figures of the whole
	@folder="$$(mktemp -d)" && trap 'rm -rf "$$folder"' EXIT && set -x && \
		$(BIN)/python -m tools.campaign readers --count 180 --seed 5 --figures "$$folder/campaigns.json" && \
		$(BIN)/python -m tools.campaign wrong-parties --reads 1000 --writes 100 --pairs 20 --seed 5 \
			--figures "$$folder/campaigns.json" && \
		$(BIN)/python -m tools.campaign audiences --reads 1000 --cases 30 --seed 5 \
			--figures "$$folder/campaigns.json" && \
		$(BIN)/python -m tests.faults.kill_storm --count 3 --seed 5 --figures "$$folder/kill-storm.json" && \
		$(BIN)/python -m tests.faults.money_storm --rounds 1 --seed 5 --figures "$$folder/money-storm.json"

check: lint types ## Lint, format, import contracts, spelling, translations, migrations, types

lint: $(INSTALLED) ## Everything of `check` but the types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m tools.languages check
	$(if $(MIGRATIONS),$(BIN)/squawk $(MIGRATIONS))

types: $(INSTALLED) ## Check the types
	$(BIN)/mypy
	$(BIN)/mypy -p tools

fmt: $(INSTALLED) ## Put the code into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED) ## Measure the main job against the floor (ARGS=--quick for the short run)
	$(BIN)/serai bench $(ARGS)

seed-cases: $(INSTALLED) ## Fill a small store and one with two million cases below .serai/page-speed, and time the pages
	$(BIN)/python -m tools.page_speed seed .serai/page-speed/small --count 2000
	$(BIN)/python -m tools.page_speed seed .serai/page-speed/large --count 2000000
	$(BIN)/python -m tools.page_speed measure .serai/page-speed/small .serai/page-speed/large

annulled-charges: $(INSTALLED) ## Make three million charges of an annulled duty, and time their repayment
	cd benchmarks && ../$(BIN)/python annulled_charges.py --counts 300000 1000000 3000000

declaration-time: $(INSTALLED) ## Time a filing on a phone at 400 kbit/s
	$(BIN)/python -m tools.declaration_time

reference: $(INSTALLED) ## Write docs/reference and the index of decisions from the code
	$(BIN)/python -m tools.reference write

spectral: ## Bring the linter of the API's description (needs node)
	npm install --no-audit --no-fund --prefix .tools/node @stoplight/spectral-cli@6.16.3

axe: $(INSTALLED) ## Bring axe-core, by which the tests look at every page (needs npm)
	@$(BIN)/python -m tools.accessibility bring

accessibility: $(INSTALLED) ## Look at every page in every language, and write docs/reference/accessibility.md
	$(BIN)/python -m tools.accessibility

docs: reference ## Build the documents into site/
	$(BIN)/zensical build --clean --strict

wheel: $(INSTALLED) ## Build the wheel into dist/, the same bytes from the same source
	SOURCE_DATE_EPOCH="$${SOURCE_DATE_EPOCH:-1577836800}" "$$($(PYTHON) tools/bootstrap.py | tail -n 1)" build --wheel \
		--build-constraints deploy/build-constraints.txt --require-hashes

sbom: ## Write what the image holds, as CycloneDX, to dist/sbom.cdx.json
	@mkdir -p dist
	"$$($(PYTHON) tools/bootstrap.py | tail -n 1)" export --quiet --frozen --no-dev --extra traces --format cyclonedx1.5 \
		--preview-features sbom-export --output-file dist/sbom.cdx.json

scan: $(INSTALLED) ## Hold what is locked against published advisories; not run where none is reached
	@$(BIN)/python -m tools.vulnerabilities $(ARGS)

clean: ## Remove what was built; data in .serai and the environment stay
	rm -rf site dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# A file, so that a second `make` costs nothing; newer lock, newer environment.
$(INSTALLED): uv.lock pyproject.toml tools/bootstrap.py
	@$(PYTHON) tools/bootstrap.py
	@touch $@
