# What a person and CI need to build, try and check Slipway. Only Go, make and git
# are asked for; everything else is built from the Go module proxy.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 20s
# 0 takes another seed each time.
CHAOS_SEED ?= 0
# Parts of the bench to run, with commas between them; empty for all.
BENCH ?=
# What the options have in their names that the part "tuning" tries; empty for all.
OPTIONS ?=

# Tools are pinned by modules of their own, and built once for each state of them:
# the folder's name tells which.
key = $(shell cat $(1)/go.mod $(1)/go.sum | git hash-object --stdin | cut -c 1-12)
SERVER_TOOL := .cache/tools/server-$(call key,deploy/tools)
REGISTRY_TOOL := .cache/tools/registry-$(call key,deploy/tools/registry)
LINT_TOOLS := .cache/tools/lint-$(call key,deploy/tools/lint)

# The Temporal on PATH, or else the one of the tool module.
TEMPORAL ?= $(or $(shell command -v temporal 2>/dev/null),$(SERVER_TOOL)/temporal)
# Tests and benches start their servers from it.
export SLIPWAY_TEST_TEMPORAL = $(abspath $(TEMPORAL))
export SLIPWAY_TEST_REGISTRY = $(abspath $(REGISTRY_TOOL)/registry)

# vet remembers results by the name of this file, not by what it holds.
WORKFLOWCHECK = $(abspath .cache)/workflowcheck-$(shell git hash-object .workflowcheck.yaml | cut -c 1-12).yaml

# Modules beside the root one; "go test ./..." and linters do not go into them.
NESTED := deploy/demo/acceptance

# The race detector needs a C compiler, which Slipway itself does not.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; \
		do printf '  make %-14s %s\n' "$$name" "$$what"; done

.PHONY: build
build: ## build bin/starter and bin/worker
	go build -ldflags '-X main.version=$(VERSION)' -o bin/ ./cmd/starter ./cmd/worker

.PHONY: temporal
temporal: $(TEMPORAL) ## build Temporal's dev server, unless one is on PATH

$(SERVER_TOOL)/temporal:
	@echo "Building Temporal's dev server (once, 2 to 4 minutes on 2 cores) ..."
	cd deploy/tools && go build -o $(abspath $@) github.com/temporalio/cli/cmd/temporal

.PHONY: registry
registry: $(REGISTRY_TOOL)/registry ## build the OCI registry that tests run

$(REGISTRY_TOOL)/registry:
	@echo "Building the OCI registry for tests (once, 1 to 3 minutes on 2 cores) ..."
	cd deploy/tools/registry && go build -o $(abspath $@) github.com/distribution/distribution/v3/cmd/registry

.PHONY: demo
demo: demo-programs ## release the sample service to staging and production
	@.cache/demo/run -temporal $(TEMPORAL) up

.PHONY: demo-backout
demo-backout: demo-programs ## the same with a step that fails: see it backed out
	@.cache/demo/run -temporal $(TEMPORAL) backout

.PHONY: demo-down
demo-down: ## stop what a demo left running
	@go build -o .cache/demo/ ./deploy/demo/run
	@.cache/demo/run down

.PHONY: demo-programs
demo-programs: build temporal
	@go build -o .cache/demo/ ./deploy/demo/run ./deploy/demo/host

.PHONY: test
test: temporal registry ## run all tests, end to end ones against a real server too
	GOGC=400 go test $(RACE) -p 4 -timeout 15m ./...

.PHONY: test-chaos
test-chaos: temporal ## kill worker and server 220 times under releases (up to 20 minutes; CHAOS_SEED)
	go test -count 1 -timeout 25m -v ./deploy/chaos -chaos.seed $(CHAOS_SEED) -chaos.kills 220 -chaos.time 15m -chaos.lanes 6

.PHONY: lint
lint: lint-tools ## check format, code, workflow rules and modules
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs ls -d 2>/dev/null | xargs $(LINT_TOOLS)/gofumpt -l); \
		[ -z "$$unformatted" ] || { echo "run gofumpt -w on:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	@mkdir -p .cache && cp .workflowcheck.yaml $(WORKFLOWCHECK)
	go vet -vettool=$(abspath $(LINT_TOOLS)/workflowcheck) -config=$(WORKFLOWCHECK) ./workflows/...
	$(LINT_TOOLS)/golangci-lint run ./...
	go mod tidy -diff
	@for module in $(NESTED); do (set -ex; cd $$module; go vet ./...; go mod tidy -diff; \
		$(abspath $(LINT_TOOLS)/golangci-lint) run ./...) || exit; done

.PHONY: lint-tools
lint-tools: $(LINT_TOOLS)/golangci-lint

$(LINT_TOOLS)/golangci-lint:
	@echo "Building the linters (once, 2 to 5 minutes on 2 cores) ..."
	@mkdir -p $(@D)
	cd deploy/tools/lint && go build -o $(abspath $(@D))/ tool

.PHONY: bench
bench: build temporal ## measure Slipway beside what does the same without it (BENCH=PART,PART)
	go run ./deploy/bench -only '$(BENCH)' -options '$(OPTIONS)'

.PHONY: profile
profile: temporal ## processor and memory of the workers under parts of the bench, into .cache/profile (BENCH=PART,PART)
	@go build -o .cache/ ./deploy/bench
	@for part in $$(echo '$(if $(BENCH),$(BENCH),steps,burst,estates)' | tr , ' '); do \
		folder=$(abspath .cache/profile)/$$part; rm -rf $$folder; mkdir -p $$folder; \
		SLIPWAY_BENCH_PROFILES=$$folder .cache/bench -only $$part -out $$folder/bench.json || exit; \
		for profile in $$folder/slipway.* $$folder/noop.*; do \
			printf '\n%s\n' "$$profile"; go tool pprof -top -nodecount 20 $$profile | cut -c 1-140; \
			go tool pprof -top -cum -show '^slipway/' -nodecount 40 $$profile | cut -c 1-140; \
		done; \
	done

.PHONY: fuzz
fuzz: ## run each fuzz test for FUZZTIME (20s)
	@git grep --untracked -l '^func Fuzz' -- '*_test.go' | while read -r file; do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$file"); do \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "./$$(dirname "$$file")" || exit; \
		done; done

.PHONY: clean
clean: ## remove what was built, and the demo's state
	@[ ! -d .demo ] || $(MAKE) --no-print-directory demo-down
	rm -rf bin .cache .demo
