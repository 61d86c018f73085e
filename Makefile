# make          installs and builds
# make demo      a real recorded call through the pipeline, beside Asterisk's own queue_log
# make demo-live a recorded call, played at real speed to the daemon by a server; with CONTROL=/tmp/ami-track.sock again and again
#               until ^C, with this control socket for ami-track status, top and tap
# make test     lint, types, tests, with the node in PATH, or NODE=22, NODE=24.21.0, NODE=/path/to/node, or the one that is
#               in packages: NODE=embedded; of what takes long a fair sample, all of it with EVERY=1
# make test-fast lint, types, the units, and the recordings in one process; make watch runs the units on each change, without lint
# make coverage which lines of lib the fast tests reach, or TESTS='dist/test/connection/*.test.js' and the programs that those start;
#               a page for each file in dist/coverage
# make mutants  changes lib/calls, lib/trackers and lib/state in a thousand places, one at a time, and sees whether a test
#               fails (docs/testing.md; MUTATE=lib/calls/holds.ts for less)
# make compiler installs gcc (root, Debian): the tests of failing disks are skipped where it is missing
# make fixtures writes the golden files anew: a change of behaviour shows as a git diff
# make api      writes the reports of the library's API in api/ anew: a change of it shows as a git diff
# make kill-loop kills the daemon KILLS=200 times for each of SEEDS=1,2,3, and resets its connection as often
# make fuzz     faults in PACKETS=1000000 of recordings, SEED=…, through all that reads them, for SECONDS=… at most
# make lab      unpacks and configures the real Asterisk servers (root, Debian)
# make e2e      plays calls on them and checks their queue_log (FLOW=name,name and SERVER=name for less)
# make soak     calls on a real server, RATE=20 a second for MINUTES=30, while daemons end in all ways; SERVER=asterisk-22, SEED=…
# make browser-test looks at the pages of ami-track explain and of --live in a real browser (chromium, poppler: root, Debian)
# make terminal-test runs ami-track top in a real terminal (tmux)
# make rules-test fires each alert of docs/alert-rules.yml in Prometheus' own promtool (Debian; nothing is installed)
# make databases-test starts real servers, MariaDB and PostgreSQL (root, Debian): reads a realtime queue_log back from them,
#               ships a queue_log into them, also through nats-server, and counts the calls of all recordings in the manner of reporting tools
# make services the same servers and nats-server, which is taken out of its package, for the tests of qlog-ship
# make ship-loop kills qlog-ship, databases and nodes of NATS KILLS=200 times for each of SEEDS=1,2,3, while the file is
#               rotated, and compares each table with the file (SINK=mysql for one)
# make fleet-loop kills and disturbs the members of a fleet for MINUTES=20 for each of SEEDS=1,2,3, and looks for lines that are
#               missing or written twice
# make ship-figures measures how fast LINES=200000 lines are shipped, and how long one takes to its row
# make urls     REPOSITORY=https://… writes the address of the repository wherever it stands
# make pictures writes the pictures of these pages in docs/ anew
# make record   records a flow into fixtures/: FLOW=name, SERVER=name for one server
# make packages a .deb and an .rpm for amd64 and for arm64 in dist/packages (root on Debian, for what it needs)
# make packages-test builds them twice and compares, asks lintian, and installs, upgrades and removes the .deb in a fresh
#               Debian (root), that for arm64 by qemu, and runs docs/examples/ there
# make boot-test boots a Debian 12 and a sid in qemu, installs the .deb as docs/install.md says, and disturbs the service in
#               calls (root on Debian; SUITE=name for one)
# make bench    events/s, MB/s and memory beside other readers of AMI, then the daemon live: 20 minutes (SIZE=269 MB, RUNS=5,
#               GIGABYTES=10); BASE=REV also measures this build and that of a commit by turns
# make bench-fleet one daemon on up to 1,000 PBXs, for SECONDS=20 each; ONLY=busy,many,quiet,flood for less
# make bench-live its latency, CPU and memory (RATE=5000 events/s for SECONDS=30, then EVENTS=10 million); by turns
#               nobody and LOOKERS=50 look at its page

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: all build demo demo-live test test-fast watch coverage urls mutants fuzz fixtures api lab e2e soak browser browser-test terminal-test rules-test databases \
	databases-test services ship-loop fleet-loop ship-figures pictures record packages packages-test boot-test bench bench-live bench-fleet kill-loop compiler format clean

SOURCES := $(shell find lib bin test demo bench mutants packaging -name '*.ts' -not -path '*/node_modules/*' 2>/dev/null) tsconfig.json
BUILT := dist/.built
PACKAGES := dist/packages/.made
NATS_SERVER := dist/nats/usr/sbin/nats-server
PROMTOOL := dist/prometheus/usr/bin/promtool
# Else root's apt-get says that the user who downloads for it may not write here.
DOWNLOAD := apt-get download -qq -o APT::Sandbox::User=root
# Node reads the certificates of this variable at each start, which takes 60 of its 140 ms: npm gets it, and no test does.
CERTIFICATES := $(if $(NODE_EXTRA_CA_CERTS),NODE_EXTRA_CA_CERTS='$(NODE_EXTRA_CA_CERTS)')
unexport NODE_EXTRA_CA_CERTS
NPM := $(CERTIFICATES) npm
NPM_CI := $(NPM) ci --no-audit --no-fund --loglevel=error
EMBEDDED := packaging/node/node_modules
# Asked for when it is used, for `make` has to work where there is nothing yet.
NODE_PACKAGE = node-linux-$(shell node -p process.arch)
EMBEDDED_NODE = $(EMBEDDED)/$(NODE_PACKAGE)/bin/node

# Which Node builds and tests: without NODE, the one in PATH.
ifeq ($(NODE),embedded)
NODE_READY := $(EMBEDDED)/.installed
NODE_FOLDER := $(CURDIR)/$(dir $(EMBEDDED_NODE))
else ifneq ($(findstring /,$(NODE)),)
NODE_FOLDER := $(abspath $(dir $(NODE)))
else ifneq ($(NODE),)
NODE_READY := dist/node/$(NODE)/.installed
NODE_FOLDER := $(CURDIR)/dist/node/$(NODE)/node_modules/.bin
endif
ifneq ($(NODE),)
export PATH := $(NODE_FOLDER):$(PATH)
endif

all: build

build: $(BUILT)

node_modules/.installed: package.json package-lock.json | $(NODE_READY)
	$(NPM_CI)
	@touch $@

$(EMBEDDED)/.installed: packaging/node/package.json packaging/node/package-lock.json packaging/node/.npmrc
	cd packaging/node && $(NPM_CI)
	@touch $@

dist/node/%/.installed:
	$(NPM) install --prefix $(@D) --no-save --no-package-lock --no-audit --no-fund --loglevel=error $(NODE_PACKAGE)@$*
	@touch $@

$(BUILT): node_modules/.installed $(SOURCES) $(wildcard live-page/*)
	npm run --silent build
	@touch $@

demo: build
	@node dist/demo/demo.js

demo-live: build
	@node dist/demo/demo-live.js

test: build
	node --version
	node_modules/.bin/biome ci --error-on-warnings
	UNITS='$(UNITS)' node --test --test-timeout=600000 --test-concurrency=4 $(IN_ONE_PROCESS) \
		$(filter-out $(UNITS),$(patsubst %.ts,dist/%.js,$(shell find test -name '*.test.ts')))

# What starts no program and waits for nothing. A file of hooks for all of its tests has them for those of other files here.
FAST := $(filter-out %.properties.test.js,$(patsubst %.ts,dist/%.js,$(wildcard \
	$(addsuffix /*.test.ts,$(addprefix test/,ami calls contract options queue-log records text trackers)) \
	$(addsuffix .test.ts,$(addprefix test/,doctor/findings edges/tables election/at-rest election/heartbeat election/own-turns election/resumed \
	resync/lists resync/lost-calls state/compaction-schedule state/compactor state/line-book state/state)))))
RECORDINGS_TEST := dist/test/trackers/fixtures.test.js
UNITS := $(filter-out $(RECORDINGS_TEST),$(FAST))
IN_ONE_PROCESS := dist/test/support/in-one-process.js

test-fast: build
	node_modules/.bin/biome ci --error-on-warnings
	printf '%s\n' '$(UNITS)' '$(RECORDINGS_TEST)' | xargs -P 2 -I FILES bash -c 'node --test-reporter=dot $(IN_ONE_PROCESS) FILES'

watch: build
	node_modules/.bin/tsc --watch --preserveWatchOutput & trap "kill $$!" EXIT; \
	node --test --watch --test-reporter=dot $(FAST)

# Of a program that is one bundle nobody can tell which line of lib ran: here each loads its modules from where tsc wrote them.
# Without source maps c8 finds no line of lib at all.
coverage: build
	rm -rf dist/coverage
	trap 'npm run --silent build' EXIT; \
	node_modules/.bin/tsc --sourceMap; \
	for program in bin/*.ts; do name=$$(basename $$program .ts).js; \
		printf '#!/usr/bin/env node\nimport "../bin/%s"\n' $$name > dist/programs/$$name; done; \
	node_modules/.bin/c8 --all --src lib --include 'lib/**' --exclude-after-remap --temp-directory dist/coverage/raw \
		--reports-dir dist/coverage --reporter text --reporter html \
		node --test --test-reporter=dot --test-timeout=600000 $(or $(TESTS),$(FAST))

# One address for all: that of package.json, so that it can be changed more than once.
urls:
	@[[ "$$REPOSITORY" =~ ^https://[A-Za-z0-9.:/_~-]*[A-Za-z0-9_~-]$$ ]] || { echo 'make urls REPOSITORY=https://HOST/NAME' >&2; exit 2; }
	old=$$(node -p "require('./package.json').homepage") && git grep -zlF "$$old" | xargs -0 sed -i "s|$${old//./\\.}|$${REPOSITORY%.git}|g"

mutants/node_modules/.installed: mutants/package.json mutants/package-lock.json
	cd mutants && $(NPM_CI)
	@touch $@

mutants: build mutants/node_modules/.installed
	CHUNKINGS=whole mutants/node_modules/.bin/stryker run mutants/stryker.config.json $(if $(MUTATE),--mutate $(MUTATE))

compiler:
	command -v gcc || { apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev; }

fixtures: build
	node dist/test/support/write-goldens.js

api: build
	node dist/test/support/write-api.js

lab: build
	node dist/test/lab/set-up.js

# One after the other: each file starts the same servers.
e2e: lab services browser
	timeout --kill-after=20 1500 node --test --test-concurrency=1 --test-reporter=spec $(patsubst %.ts,dist/%.js,$(sort $(shell find test -name '*.e2e.ts')))

soak: lab
	node dist/test/lab/soak/run-soak.js

browser: build
	command -v chromium && command -v pdftotext || { apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core poppler-utils; }

browser-test: browser
	timeout --kill-after=20 600 node --test --test-reporter=spec $(patsubst %.ts,dist/%.js,$(sort $(shell find test -name '*.browser.ts')))

terminal-test: build
	timeout --kill-after=20 300 node --test --test-reporter=spec $(patsubst %.ts,dist/%.js,$(sort $(shell find test -name '*.terminal.ts')))

# Installed, the package would start a server: promtool is taken out of it.
$(PROMTOOL):
	rm -rf dist/prometheus && mkdir -p dist/prometheus
	cd dist/prometheus && { $(DOWNLOAD) prometheus || { apt-get update -qq && $(DOWNLOAD) prometheus; }; }
	dpkg -x dist/prometheus/prometheus_*.deb dist/prometheus

# The tests are skipped where it cannot be run.
rules-test: export PATH := $(PATH):$(CURDIR)/dist/prometheus/usr/bin
rules-test: build $(if $(shell command -v promtool),,$(PROMTOOL))
	promtool --version
	timeout --kill-after=20 120 node --test --test-reporter=spec dist/test/status/docs.test.js

# No server of the system is started, nor a cluster made: the tests start their own. A policy of this machine stays.
databases: build
	command -v mariadbd /usr/sbin/mariadbd && ls /usr/lib/postgresql/*/bin/postgres || { \
		policy=/usr/sbin/policy-rc.d; test -e $$policy || { printf '#!/bin/sh\nexit 101\n' > $$policy && chmod +x $$policy && trap "rm $$policy" EXIT; }; \
		mkdir -p /etc/postgresql-common/createcluster.d && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/ami-track.conf; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends mariadb-server-core mariadb-client-core postgresql; }

# Installed, the package would start a server: the program is taken out of it.
$(NATS_SERVER):
	rm -rf dist/nats && mkdir -p dist/nats
	cd dist/nats && { $(DOWNLOAD) nats-server || { apt-get update -qq && $(DOWNLOAD) nats-server; }; }
	dpkg -x dist/nats/nats-server_*.deb dist/nats

services: databases $(if $(wildcard /usr/sbin/nats-server),,$(NATS_SERVER))

ship-loop: services
	node dist/test/ship/run-ship-loop.js

fleet-loop: services
	node dist/test/fleet/run-fleet-loop.js

ship-figures: services
	node dist/test/ship/run-ship-figures.js

databases-test: services
	timeout --kill-after=20 900 node --test --test-concurrency=2 --test-reporter=spec $(patsubst %.ts,dist/%.js,$(sort $(shell find test -name '*.database.ts')))

pictures: browser
	node dist/test/explain/write-pictures.js
	node dist/test/live/write-pictures.js
	node dist/test/look/write-pictures.js

PACKAGED := $(shell find packaging help live-page docs -type f -not -path '*/node_modules/*') CHANGELOG.md LICENSE README.md package.json

packages: $(PACKAGES)

$(PACKAGES): $(BUILT) $(EMBEDDED)/.installed $(PACKAGED)
	$(EMBEDDED_NODE) dist/packaging/make-packages.js
	@touch $@

packages-test: packages
	command -v mmdebstrap || { apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap; }
	timeout --kill-after=20 2400 node --test --test-concurrency=2 --test-reporter=spec $(patsubst %.ts,dist/%.js,$(sort $(wildcard test/packages/*.chroot.ts)))

boot-test: packages
	timeout --kill-after=20 2400 node --test --test-concurrency=2 --test-reporter=spec dist/test/boot/service.boot.js

record: lab
	node dist/test/lab/record.js

# Without the other readers of AMI, where they can not be had, the rest is measured all the same.
bench/node_modules/.installed: bench/package.json bench/package-lock.json
	-cd bench && $(NPM_CI) && touch node_modules/.installed

bench: build bench/node_modules/.installed
	node dist/bench/bench.js
	$(if $(BASE),node dist/bench/pairs.js)
	node dist/bench/live.js

bench-live: build
	node dist/bench/live.js

bench-fleet: build
	node dist/bench/fleet.js

fuzz: build
	node --expose-gc dist/test/fuzz/run-fuzz.js

kill-loop: build
	node dist/test/state/run-kill-loop.js

format: node_modules/.installed
	node_modules/.bin/biome check --write

clean:
	rm -rf dist node_modules bench/out bench/node_modules mutants/node_modules $(EMBEDDED)
