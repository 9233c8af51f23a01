# Tessera. `make help` lists the commands.
MODE ?= $(if $(SANITIZE),asan,release)
OUT  ?= build/$(MODE)
CC   ?= gcc
PKGS := libuv librabbitmq libmicrohttpd jansson sqlite3 libcurl libcbor openssl

WARN := -Wall -Wextra -Werror -Wundef -Wshadow -Wvla -Wformat=2 -Wmissing-prototypes -Wstrict-prototypes
BASE := -std=gnu17 -D_GNU_SOURCE -g -fno-omit-frame-pointer -fstack-protector-strong -MMD -MP -Icommon
CFLAGS.release := -O2 -D_FORTIFY_SOURCE=2
CFLAGS.asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS.asan   := -fsanitize=address,undefined
ALL_CFLAGS = $(BASE) $(WARN) $(CFLAGS.$(MODE)) $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(CFLAGS)
ALL_LIBS   = -Wl,--as-needed $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpthread -lm

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
	$(CC) $(ALL_CFLAGS) -I$(firstword $(subst /, ,$*))/$(word 2,$(subst /, ,$*)) -c -o $@ $<

$(COMMON): $(call objects,$(wildcard common/*.c common/*/*.c))
	@rm -f $@
	ar rcs $@ $^

define service_rules
$(OUT)/bin/$(call program,$(1)): $(OUT)/obj/services/$(1)/main.o $(OUT)/lib$(1).a $(COMMON)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS.$$(MODE)) -o $$@ $$^ $$(ALL_LIBS)
$(OUT)/lib$(1).a: $(call objects,$(call sources,$(1)))
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach s,$(SERVICES),$(eval $(call service_rules,$(s))))

# tests/unit/NAME/test_X.c tests the service (or common) NAME.
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/*/test_*.c))
$(OUT)/unit/%: tests/unit/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Iservices/$(firstword $(subst /, ,$*)) -o $@ $< $(filter %.a,$^) $(LDFLAGS.$(MODE)) $(ALL_LIBS) $$(pkg-config --libs check)
define unit_rule
$(OUT)/unit/$(1): $(if $(filter common,$(firstword $(subst /, ,$(1)))),,$(OUT)/lib$(firstword $(subst /, ,$(1))).a) $(COMMON)
endef
$(foreach u,$(patsubst $(OUT)/unit/%,%,$(UNIT)),$(eval $(call unit_rule,$(u))))

unit: $(UNIT)

.PHONY: all unit
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
