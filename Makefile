# The front desk. CMake and Ninja do the work (CMakePresets.json); this file only says what for.
.DEFAULT_GOAL := help
.PHONY: help deps build test check demo bench fuzz lint fmt clean install deb
SHELL := /bin/sh
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-9s %s\n", $$1, $$2 }'

deps: ## install everything that is needed (Debian 12; root or sudo)
	@tools/deps

build: ## the program, optimised, as build/weft
	@tools/build release weft
	@ln -sfn release/weft build/weft

test: ## the fast tests, in a debug build
	@tools/build debug
	@cd build/debug && ctest -L '^fast$$' -j "$$(nproc)" --output-on-failure --no-tests=error

check: ## everything: dependencies, lint, release build, all tests, sanitizers
	@tools/check

demo: ## a demo mesh from public data; installs only what the program needs
	@WEFT_NO_TESTS=1 tools/deps
	@$(MAKE) --no-print-directory build
	@demo/run

bench: deps build ## our figures beside those of plain DuckDB
	@bench/run

fuzz: ## every fuzzer for FUZZ_SECONDS (60) each, mutants of queries for ten times as long
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tools/fuzz

lint: ## format, clang-tidy, include direction, symbols, sizes, words
	@tools/lint

fmt: ## put the sources into the one format
	@git ls-files -z '*.c' '*.h' | xargs -0 -r clang-format-16 -i

clean: ## remove build/ (what make deps installed stays)
	@rm -rf build

install: build ## the program, manual page and completions below PREFIX (/usr/local)
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)" --strip

deb: build ## a Debian package, build/weft_VERSION_ARCH.deb
	@umask 022 && cd build/release && SOURCE_DATE_EPOCH="$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || echo 0)}" \
	    cpack -B .. >/dev/null && ls ../weft_*.deb
