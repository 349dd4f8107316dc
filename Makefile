# Recipes only; what takes more than a few lines is in scripts/.

SHELL := /bin/sh
SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS ?= 60
SOAK_SECONDS ?= 3600

# What the benchmarks take besides (ROUNDS=5, JSON=FILE, …) is told by their scripts; make hands on what it is given.
export SWIFT PREFIX DESTDIR

STRICT := --explicit-target-dependency-import-check error
# Checks of exclusive access while the program runs are left to the debug programs, which all tests run: they took 16 % of
# the instructions of a SET, and 25 % of those of a GET.
RELEASE := -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked $(STRICT)

.DEFAULT_GOAL := help
.PHONY: help setup build run test soak example test-systemd check-allocations check-perf profile bench bench-reads bench-store bench-manager bench-scale fuzz check demo install uninstall pictures man deb lint-deb clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what the build needs and this machine lacks (apt; asks sudo when not root)
	@scripts/setup.sh

build: setup ## Build the release programs: .build/release/{sessiond,sessionctl,sessiondemo,sessionbench}
	$(SWIFT) build $(RELEASE)

run: build ## Start the daemon in the foreground and say what to type next
	@scripts/run.sh

test: setup ## Run the tests: units, injected errors, the real programs, kills, damage, sanitizers
	@scripts/test.sh

soak: setup ## Let sessions and connections come and go for SOAK_SECONDS=3600: nothing may grow
	$(SWIFT) build --build-tests $(STRICT)
	SESSIOND_SOAK_SECONDS=$(SOAK_SECONDS) $(SWIFT) test --skip-build --filter SystemTests.ChurnTests

example: build ## Build Examples/visits without the daemon's libraries in sight, and run it
	@scripts/example.sh

test-systemd: build ## Try the installation, and the units in a container that boots systemd (as root)
	@Tests/Systemd/install.sh
	@Tests/Systemd/manual.sh
	@Tests/Systemd/hardening.sh
	@Tests/Systemd/boot.sh

check-allocations: build ## Count what the release daemon allocates for GET and SET: nothing
	@Tests/Allocations/run

check-perf: build ## Count instructions and allocations of the hot paths: no more than before (installs valgrind)
	@scripts/check-perf.sh

profile: build ## Show where the time of a GET, a SET and a mapped read goes
	@scripts/profile.sh

bench: build ## Measure beside Redis and memcached, ROUNDS=5 times; JSON=FILE, SVG=FILE, WRITE=1 (installs them)
	@scripts/bench.sh

bench-reads: build ## Measure reads beside LMDB and Redis, ROUNDS=15 times (installs liblmdb-dev)
	@scripts/bench-reads.sh

bench-store: build ## Measure what a store behind the cache costs and does, ROUNDS=15 times
	@scripts/bench-store.sh

bench-manager: build ## The original Session Manager's tests: speed, cache effectiveness, memory
	@scripts/bench-manager.sh

bench-scale: build ## Measure from 1,000 to 5,000,000 sessions, and from 1 to 10,000 connections
	@scripts/bench-scale.sh

fuzz: setup ## Fuzz the request parser for SECONDS=60
	@Tests/Fuzz/run $(SECONDS)

check: setup ## Format, warnings, units, house rules and pictures
	@scripts/check.sh

pictures: ## Draw the pictures of README.md anew from the tables in pictures/
	@scripts/pictures.sh

demo: build ## Two programs share one cart through a private daemon
	@scripts/demo.sh

man: build ## Make the manual pages and the completions of shells: build/man
	@scripts/man.sh build/man

deb: build ## Make the Debian package: build/sessiond_VERSION_ARCHITECTURE.deb
	@scripts/setup.sh dpkg-dev binutils
	@scripts/deb.sh

lint-deb: deb ## Ask lintian about the package (installs lintian)
	@scripts/setup.sh lintian
	@scripts/lint-deb.sh

install: ## Install programs, units, manual pages and an example configuration (DESTDIR= PREFIX=/usr/local)
	@scripts/install.sh

uninstall: ## Remove what install put there
	@scripts/install.sh --remove

clean: ## Remove everything that was built
	rm -rf .build .build-tsan .build-asan .build-fuzz build
