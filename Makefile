# Recipes only; what takes more than a few lines is in scripts/.

SHELL := /bin/sh
SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS ?= 60
ROUNDS ?= 15

export SWIFT PREFIX DESTDIR ROUNDS

STRICT := --explicit-target-dependency-import-check error
RELEASE := -c release --static-swift-stdlib $(STRICT)

.DEFAULT_GOAL := help
.PHONY: help setup build run test test-systemd check-allocations bench-reads fuzz check demo install uninstall clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what the build needs and this machine lacks (apt; asks sudo when not root)
	@scripts/setup.sh

build: setup ## Build the release programs: .build/release/{sessiond,sessionctl,sessiondemo,sessionbench}
	$(SWIFT) build $(RELEASE)

run: build ## Start the daemon in the foreground and say what to type next
	@scripts/run.sh

test: setup ## Run every test: units, injected errors, the real programs, kills, damage, sanitizers
	@scripts/test.sh

test-systemd: build ## Try the installation, and the units in a container that boots systemd (as root)
	@Tests/Systemd/install.sh
	@Tests/Systemd/boot.sh

check-allocations: build ## Count what the release daemon allocates for GET and SET: nothing
	@Tests/Allocations/run

bench-reads: build ## Measure reads beside LMDB and Redis, ROUNDS=15 times (installs liblmdb-dev)
	@scripts/bench-reads.sh

fuzz: setup ## Fuzz the request parser for SECONDS=60
	@Tests/Fuzz/run $(SECONDS)

check: setup ## Format, warnings, units and house rules
	@scripts/check.sh

demo: build ## Two programs share one cart through a private daemon
	@scripts/demo.sh

install: ## Install programs, units and an example configuration (DESTDIR= PREFIX=/usr/local)
	@scripts/install.sh

uninstall: ## Remove what install put there
	@scripts/install.sh --remove

clean: ## Remove everything that was built
	rm -rf .build .build-tsan .build-asan .build-fuzz
