# Tessera. `make help` lists the commands.
.DEFAULT_GOAL := all
MODE ?= $(if $(SANITIZE),asan,release)
OUT  ?= build/$(MODE)
CC   := $(if $(filter default,$(origin CC)),gcc,$(CC))
PKGS := libuv librabbitmq libmicrohttpd gnutls jansson sqlite3 libcurl libcbor openssl geos rasqal raptor2 libwebsockets libcoap-3-gnutls

WARN := -Wall -Wextra -Werror -Wundef -Wshadow -Wvla -Wformat=2 -Wmissing-prototypes -Wstrict-prototypes
BASE := -std=gnu17 -D_GNU_SOURCE -g -fno-omit-frame-pointer -fstack-protector-strong -MMD -MP -Icommon
CFLAGS.release := -O2 -D_FORTIFY_SOURCE=2
CFLAGS.asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS.asan   := -fsanitize=address,undefined
CFLAGS.fuzz    := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LDFLAGS.fuzz   := -fsanitize=address,undefined
ALL_CFLAGS = $(BASE) $(WARN) $(CFLAGS.$(MODE)) $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(CFLAGS)
ALL_LIBS   = -Wl,--as-needed $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpaho-mqtt3as -lpthread -lm

SERVICES := $(patsubst services/%/main.c,%,$(wildcard services/*/main.c))
# A service's program is tessera-NAME; the command line itself is tessera.
program   = $(if $(filter cli,$(1)),tessera,tessera-$(1))
BINARIES := $(foreach s,$(SERVICES),$(OUT)/bin/$(call program,$(s)))
sources   = $(filter-out services/$(1)/main.c,$(wildcard services/$(1)/*.c services/$(1)/*/*.c))
objects   = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
COMMON   := $(OUT)/libcommon.a

all: $(BINARIES)

$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "CC $@"
	@$(CC) $(ALL_CFLAGS) -I$(firstword $(subst /, ,$*))/$(word 2,$(subst /, ,$*)) -c -o $@ $<

# The specializations of flexContainer become part of the library: they need no path at run time.
FLEXCONTAINERS := $(OUT)/obj/common/types/flexcontainers.o
$(FLEXCONTAINERS): $(sort $(wildcard common/types/flexcontainers/*.json))
	@mkdir -p $(@D)
	@cat $^ >$(@D)/flexcontainers.json
	@cd $(@D) && ld -r -b binary -z noexecstack -o flexcontainers.o flexcontainers.json

$(COMMON): $(call objects,$(wildcard common/*.c common/*/*.c)) $(FLEXCONTAINERS)
	@rm -f $@
	@ar rcs $@ $^

define service_rules
$(OUT)/bin/$(call program,$(1)): $(OUT)/obj/services/$(1)/main.o $(OUT)/lib$(1).a $(COMMON)
	@mkdir -p $$(@D)
	@echo "LD $$@"
	@$$(CC) $$(LDFLAGS.$$(MODE)) -o $$@ $$^ $$(ALL_LIBS)
$(OUT)/lib$(1).a: $(call objects,$(call sources,$(1)))
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach s,$(SERVICES),$(eval $(call service_rules,$(s))))

# tests/unit/NAME/test_X.c tests the service (or common) NAME.
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/*/test_*.c))
$(OUT)/unit/%: tests/unit/%.c
	@mkdir -p $(@D)
	@echo "CC $@"
	@$(CC) $(ALL_CFLAGS) -Iservices/$(firstword $(subst /, ,$*)) -o $@ $< $(filter %.a,$^) $(LDFLAGS.$(MODE)) $(ALL_LIBS) $$(pkg-config --libs check)
define unit_rule
$(OUT)/unit/$(1): $(if $(filter common,$(firstword $(subst /, ,$(1)))),,$(OUT)/lib$(firstword $(subst /, ,$(1))).a) $(COMMON)
endef
$(foreach u,$(patsubst $(OUT)/unit/%,%,$(UNIT)),$(eval $(call unit_rule,$(u))))

unit: $(UNIT)

# What the tables of the library say, for docs/onem2m-coverage.md.
TYPES := $(OUT)/coverage/types
$(TYPES): tests/coverage/types.c $(COMMON)
	@mkdir -p $(@D)
	@echo "CC $@"
	@$(CC) $(ALL_CFLAGS) -o $@ $< $(COMMON) $(LDFLAGS.$(MODE)) $(ALL_LIBS)
unit: $(TYPES)

# ---- commands -------------------------------------------------------------------------------------------------------

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 25

up: ## install what is missing, build, start everything in the background, wait until healthy
	@services/supervisor/install run
	@mkdir -p $(OUT) # and one build at a time
	@flock -o $(OUT)/build.lock $(MAKE) --no-print-directory -s -j2 all
	@OUT=$(OUT) services/supervisor/up $(MODE)

down: ## stop exactly what `make up` started; data stays
	@services/supervisor/down

status: ## show every process and its health
	@$(OUT)/bin/tessera status

logs: ## follow the log of all services
	@tail -n 50 -F $${TESSERA_STATE_DIR:-var}/log/tessera.log

deploy: ## bring up an environment of containers: ENV=development or production, TARGET=compose or kubernetes
	@services/environments/run deploy "$(ENV)" $(or $(TARGET),compose)

undeploy: ## take that environment down and keep its data (DELETE_DATA=ENV deletes them)
	@DELETE_DATA="$(DELETE_DATA)" services/environments/run undeploy "$(ENV)" $(or $(TARGET),compose)

test: ## install what tests need; unit, contract and system tests on a private stack (SANITIZE=1: under ASan and UBSan)
	@services/supervisor/install run test
	@$(MAKE) --no-print-directory -s -j2 all unit
	@OUT=$(OUT) MODE=$(MODE) tests/run

CLIENTS := tests/clients/node_modules
$(CLIENTS)/.installed: tests/clients/package-lock.json
	@cd tests/clients && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@$(CLIENTS)/.bin/tsc -p $(CLIENTS)/ncube-thyme-typescript/tsconfig.json
	@touch $@

test-clients: ## programs of others against it: a page in Chromium, npm packages (installs some 500 MB the first time)
	@services/supervisor/install run test clients
	@$(MAKE) --no-print-directory -s -j2 all $(CLIENTS)/.installed
	@OUT=$(OUT) MODE=$(MODE) /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/clients

test-kubernetes: ## the manifests of docs/kubernetes: built, held against the types of Kubernetes and against the programs (no cluster)
	@services/supervisor/install run test kubernetes
	@$(MAKE) --no-print-directory -s -j2 all
	@OUT=$(OUT) tests/kubernetes/check

test-monitoring: ## every query of the dashboards and every alert against a real Prometheus beside a live installation
	@services/supervisor/install run test monitoring
	@$(MAKE) --no-print-directory -s -j2 all
	@OUT=$(OUT) MODE=$(MODE) tests/run tests/monitoring

lint: ## compile with gcc and clang, clang-format, clang-tidy, cppcheck, shellcheck
	@services/supervisor/install run test lint
	@OUT=$(OUT) tests/lint

fuzz: ## run every fuzz target for FUZZ_SECONDS (default 20) each
	@services/supervisor/install run fuzz
	@$(MAKE) --no-print-directory -s -j2 MODE=fuzz CC=clang fuzzers
	@OUT=build/fuzz tests/fuzz/run

compose-check: ## try the way with Docker for real: build, start, tour, scale, kill, cut off, roll back, upgrade, restore, cluster, production (root, 1.5 GB)
	@tests/compose/check

bench: ## measure: rates and latencies beside the machine's own ceilings (OLD=COMMIT: beside that commit instead)
	@services/supervisor/install run test bench
	@$(MAKE) --no-print-directory -s -j2 all benches
	@OUT=$(OUT) MODE=$(MODE) $(if $(OLD),tests/bench/compare $(OLD),tests/bench/run)

docs: all $(TYPES) ## write docs/configuration.md and docs/onem2m-coverage.md from the programs' own tables
	@OUT=$(OUT) docs/generate
	@OUT=$(OUT) tests/coverage/generate

fmt: ## format the C sources
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

# tests/fuzz/NAME/fuzz_X.c fuzzes the service (or common) NAME.
FUZZERS := $(patsubst tests/fuzz/%.c,$(OUT)/fuzz/%,$(wildcard tests/fuzz/*/fuzz_*.c))
$(OUT)/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	@echo "CC $@"
	@$(CC) $(ALL_CFLAGS) -Iservices/$(firstword $(subst /, ,$*)) -c -o $@ $<
$(OUT)/fuzz/%: $(OUT)/fuzz/%.o
	@echo "LD $@"
	@$(CC) -fsanitize=fuzzer -o $@ $< $(filter %.a,$^) $(LDFLAGS.$(MODE)) $(ALL_LIBS)
define fuzz_rule
$(OUT)/fuzz/$(1): $(if $(filter common,$(firstword $(subst /, ,$(1)))),,$(OUT)/lib$(firstword $(subst /, ,$(1))).a) $(COMMON)
endef
$(foreach f,$(patsubst $(OUT)/fuzz/%,%,$(FUZZERS)),$(eval $(call fuzz_rule,$(f))))
fuzzers: $(FUZZERS)
fuzz-objects: $(FUZZERS:%=%.o)

BENCHES := $(patsubst tests/bench/%.c,$(OUT)/bench/%,$(wildcard tests/bench/*.c))
$(OUT)/bench/binding_load: $(wildcard tests/bench/load/*.[ch])
$(OUT)/bench/mqtt_echo: tests/bench/load/packet.c tests/bench/load/packet.h
$(OUT)/bench/%: tests/bench/%.c $(COMMON)
	@mkdir -p $(@D)
	@echo "CC $@"
	@$(CC) $(ALL_CFLAGS) -o $@ $(filter %.c,$^) $(COMMON) $(LDFLAGS.$(MODE)) $(ALL_LIBS)
benches: $(BENCHES)

.PHONY: all unit help up down status logs deploy undeploy test test-kubernetes test-monitoring test-clients lint fuzz compose-check bench docs fmt fuzzers fuzz-objects benches
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
