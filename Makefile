# make          installs and builds
# make demo     a real recorded call through the pipeline, beside Asterisk's own queue_log
# make demo-live a recorded call, played at real speed to the daemon by a server
# make test     lint, types, tests
# make fixtures writes the golden files anew: a change of behaviour shows as a git diff
# make kill-loop kills the daemon KILLS=200 times for each of SEEDS=1,2,3, and resets its connection as often
# make bench    events/s, MB/s and memory (SIZE=269 for the size of the dump in MB), then the daemon live
# make bench-live its latency, CPU and memory (RATE=5000 events/s for SECONDS=30, then EVENTS=10 million)

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: all build demo demo-live test fixtures bench bench-live kill-loop format clean

SOURCES := $(shell find lib bin test demo bench -name '*.ts' -not -path '*/node_modules/*' 2>/dev/null) tsconfig.json
BUILT := dist/.built

all: build

build: $(BUILT)

node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): node_modules/.installed $(SOURCES)
	node_modules/.bin/tsc
	@chmod +x dist/bin/*.js
	@touch $@

demo: build
	@node dist/demo/demo.js

demo-live: build
	@node dist/demo/demo-live.js

test: build
	node_modules/.bin/biome ci --error-on-warnings
	node --test --test-timeout=600000 --test-concurrency=2 $(patsubst %.ts,dist/%.js,$(shell find test -name '*.test.ts'))

fixtures: build
	node dist/test/support/write-goldens.js

bench: build
	node dist/bench/bench.js
	node dist/bench/live.js

bench-live: build
	node dist/bench/live.js

kill-loop: build
	node dist/test/state/run-kill-loop.js

format: node_modules/.installed
	node_modules/.bin/biome check --write

clean:
	rm -rf dist node_modules bench/out
