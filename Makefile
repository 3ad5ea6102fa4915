# Millrace: `make` shows what there is to make.
# Tests run one after the other: some block threads or fill the processors on purpose.
SHELL := /bin/bash
.DEFAULT_GOAL := help
SWIFT ?= swift
PICTURES ?=
DEMO_DATA ?= demo-data
JOBS ?= 100000

.PHONY: help packages build release demo test check fuzz format generate bench bench-thumbnails bench-memory \
  bench-latency bench-coalesce bench-peers bench-servers bench-events bench-pickup bench-full bench-redis \
  bench-alone bench-failover bench-flow clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

packages: ## Install the Debian packages that building and testing need
	@scripts/packages.sh

build: packages ## Build the programs for development
	@$(SWIFT) build --product millrace
	@$(SWIFT) build --product millrace-imaging

release: packages ## Build the programs for use, in .build/release
	$(SWIFT) build -c release --product millrace
	$(SWIFT) build -c release --product millrace-imaging

demo: build ## Run the main job on real input and say what it did (PICTURES=FOLDER for your own)
	@python3 scripts/demo.py --programs .build/debug --data "$(DEMO_DATA)" $(if $(PICTURES),--pictures "$(PICTURES)")

test: packages ## Run every test; what they need is installed and started
	$(SWIFT) build --build-tests
	@SWIFT=$(SWIFT) scripts/test.sh 2700
	@scripts/check-demo.sh

check: ## Format, tidy rules and fast tests: under 3 minutes after a build
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests benchmarks
	$(SWIFT) build --build-tests
	@MILLRACE_TEST_SERVERS=embedded SWIFT=$(SWIFT) scripts/test.sh 600 \
	  --skip "EndToEndTests|ImagingTests|MediaTests|ProcessDriverTests|RecoveryTests|PostgreSQLDriverTests|RedisDriverTests"

fuzz: packages ## Fuzz envelopes, headers, JSON, patterns, YAML and schemas, a million inputs each (INPUTS=1000000)
	$(SWIFT) build --build-tests
	MILLRACE_FUZZ=$(or $(INPUTS),1000000) nice $(SWIFT) test --skip-build --no-parallel --filter FuzzTests

format: ## Format every Swift file
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests benchmarks

generate: build ## Write what is made from the code: docs/workers, docs/telemetry.md, the schema of pipeline files
	.build/debug/millrace workers docs --output docs/workers
	.build/debug/millrace telemetry docs > docs/telemetry.md
	.build/debug/millrace pipelines schema > pipelines/pipeline.schema.json

bench: packages ## Measure the no-op drain beside raw sqlite3 doing the same writes (JOBS=100000)
	@scripts/bench.sh $(JOBS)

bench-thumbnails: packages ## Measure thumbnails through the pipeline beside vipsthumbnail
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace-imaging
	@python3 benchmarks/thumbnails.py --programs .build-bench/release

bench-memory: packages ## Measure the server's memory: idle, and with a million jobs waiting
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace
	@python3 benchmarks/memory.py --programs .build-bench/release

bench-latency: packages ## Measure how soon a job is begun, at 300 events a second over HTTP
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace
	@python3 benchmarks/latency.py --programs .build-bench/release --connections 4

bench-coalesce: packages ## Measure what coalesce makes of many saves, on the folder and on PostgreSQL and Redis
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace
	@python3 benchmarks/coalesce.py --programs .build-bench/release
	@python3 benchmarks/coalesce.py --programs .build-bench/release --production

bench-peers: packages ## Measure no-op jobs on PostgreSQL and Redis beside other job systems (JOBS=50000)
	@JOBS=$(if $(filter command line environment,$(origin JOBS)),$(JOBS),50000) scripts/bench-peers.sh

bench-servers: bench-events bench-pickup bench-full bench-redis bench-flow ## Measure all that follows, on PostgreSQL and Redis

bench-events: packages ## Measure events taken in over HTTP by a dispatcher, in arrays of 100
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace
	@python3 benchmarks/events.py --programs .build-bench/release

bench-pickup: packages ## Measure how soon a worker begins a job, at 300 and at 2,000 events a second
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace
	@python3 benchmarks/latency.py --programs .build-bench/release --production --rate 300 --rate 2000

bench-full: packages ## Measure the drain beside 5,000,000 ended and 1,000,000 waiting jobs, and in empty tables
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace-bench
	@python3 benchmarks/full.py --program .build-bench/release/millrace-bench

bench-redis: packages ## Measure how much of Redis 1,000,000 waiting jobs take up
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace-bench-queue
	@python3 benchmarks/redis_memory.py --program .build-bench/release/millrace-bench-queue

bench-alone: packages ## Measure the drain and the pickup on PostgreSQL alone, beside PostgreSQL and Redis
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace-bench
	@python3 benchmarks/alone.py --program .build-bench/release/millrace-bench

bench-failover: packages ## Measure a failover of Redis under 5,000 jobs a second, by Sentinels and in a cluster (RATE=5000)
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace-bench
	@python3 benchmarks/failover.py --program .build-bench/release/millrace-bench --rate $(or $(RATE),5000)

bench-flow: packages ## Measure what limits cost, a quiet tenant beside a busy one, and 10,000 limited keys
	$(SWIFT) build -c release --scratch-path .build-bench --product millrace-bench
	@python3 benchmarks/flow.py --program .build-bench/release/millrace-bench

clean: ## Remove what was built, and the demo's data
	rm -rf .build .build-* "$(DEMO_DATA)"
