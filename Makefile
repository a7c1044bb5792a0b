# Everything here calls a script in scripts/, which says what it does. Each target first installs what is
# missing (scripts/setup.sh) and does nothing twice.

SHELL := bash
.NOTPARALLEL:
.PHONY: help setup serve build test check bench bench-engine bench-browser clean

PORT ?= 8080
SOURCES := $(shell find src crates locales public .cargo -type f) \
	index.html build.rs Cargo.toml Cargo.lock Trunk.toml scripts/versions.env scripts/env.sh scripts/build.sh

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

setup: ## install what building needs
	@scripts/setup.sh

serve: build ## build the page and serve it on http://127.0.0.1:PORT (8080)
	@scripts/serve.sh $(PORT)

build: setup dist/index.html ## build the page into dist/, plain files for any static host

dist/index.html: $(SOURCES)
	@scripts/build.sh

check: setup ## format, lints and docs, warnings denied
	@scripts/check.sh

test: build ## run every test, natively and in a headless browser
	@scripts/test.sh

bench: bench-engine bench-browser ## run both benchmarks

bench-engine: setup ## the engine natively
	@scripts/bench-engine.sh

bench-browser: build ## the page in a browser, beside TensorFlow.js and (TORCH=1 fetches it) PyTorch
	@scripts/bench-browser.sh

clean: ## remove what was built (the tools stay in the cache)
	rm -rf target dist
