# `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup setup-bench build demo test test-valkey chaos bench bench-flow figures lint format clean

SECONDS ?= 60
KILLS ?= 20
BIN := .build/release

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what is missing: Debian packages and the embedding model (says what and why first)
	@scripts/setup.sh >&2

setup-bench: setup ## Install the peers that `make bench` compares with
	@scripts/setup-bench.sh >&2

build: setup ## Build the executables (release): .build/release/worker and .build/release/enqueue
	swift build -c release --product worker >&2
	swift build -c release --product enqueue >&2

demo: build ## Ingest sample documents with two workers, kill one, search: the whole path in under 90 s
	@scripts/demo.sh

test: setup ## Run all tests against real servers: unit, script, model, integration, a short chaos run
	@scripts/test.sh

test-valkey: setup ## Run the tests that talk to a store against Valkey 8.1 instead of Redis
	@scripts/test-valkey.sh

chaos: setup ## Inject faults for SECONDS with KILLS, then check: 0 jobs lost, 0 settled twice
	@swift build -c release --product chaos >&2
	@$(BIN)/chaos --seconds $(SECONDS) --kills $(KILLS)

bench: setup-bench ## Measure beside Redis' ceilings, Sidekiq and Celery; figures as JSON lines
	@swift build -c release --product bench >&2
	@$(BIN)/bench $(BENCH_FLAGS)
	@scripts/bench-embedder.sh

bench-flow: setup ## Measure limits, tenants, caps and keys: figures as JSON lines, costs as ratios in one run
	@swift build -c release --product bench >&2
	@$(BIN)/bench --flow $(BENCH_FLAGS)

figures: setup-bench ## Run the benchmarks and a chaos run, and write docs/figures.md
	@scripts/figures.sh

lint: ## Check the Swift format and the shell syntax
	swift format lint --strict --recursive --parallel Package.swift Sources jobs Tests Benchmarks examples
	for script in scripts/*.sh deploy/scripts/*.sh .ci/run; do bash -n $$script || exit 1; done

format: ## Format the Swift sources
	swift format --in-place --recursive --parallel Package.swift Sources jobs Tests Benchmarks examples

clean: ## Remove build folders and the demo's data
	rm -rf .build .build-outside .packhorse/demo
