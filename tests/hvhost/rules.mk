# SPDX-License-Identifier: GPL-2.0-only
# hvhost, our Hyper-V host, and hvctl, its remote control: user space only.
#help make hvhost             build/hvhost, build/hvctl and their man pages

HVHOST_DIR    := tests/hvhost
HVHOST_OUT    := build/hvhost.d
HVHOST_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror \
	-pthread -MMD -MP -I$(HVHOST_DIR) -I$(HVHOST_DIR)/include -Iinclude \
	-I$(HVHOST_OUT)
HVHOST_LIBS    = $(shell pkg-config --libs liburing libnbd json-c) -lslirp
HVCTL_LIBS     = $(shell pkg-config --libs json-c)
HVHOST_SRCS   := $(wildcard $(addprefix $(HVHOST_DIR)/, \
	core/*.c hv/*.c vmbus/*.c dev/*.c)) $(HVHOST_DIR)/ctl.c $(HVHOST_DIR)/main.c
HVHOST_OBJS   := $(HVHOST_SRCS:$(HVHOST_DIR)/%.c=$(HVHOST_OUT)/%.o)
HVHOST_MAN    := $(patsubst $(HVHOST_DIR)/man/%.scd,build/man/%,$(wildcard $(HVHOST_DIR)/man/*.scd))

hvhost: build/hvhost build/hvctl $(HVHOST_MAN)

build/hvhost: $(HVHOST_OBJS)
	$(CC) -pthread -o $@ $^ $(HVHOST_LIBS)

build/hvctl: $(HVHOST_OUT)/hvctl.o
	$(CC) -o $@ $^ $(HVCTL_LIBS)

$(HVHOST_OUT)/%.o: $(HVHOST_DIR)/%.c
	@mkdir -p $(@D)
	$(CC) $(HVHOST_CFLAGS) $(shell pkg-config --cflags liburing libnbd json-c) -c -o $@ $<

# iasl turns the DSDT into a C array; cpp first, for the shared addresses.
$(HVHOST_OUT)/core/acpi.o: $(HVHOST_OUT)/dsdt.hex
$(HVHOST_OUT)/dsdt.hex: $(HVHOST_DIR)/core/dsdt.asl $(HVHOST_DIR)/core/layout.h
	@mkdir -p $(@D)
	$(CC) -E -P -x c -I$(HVHOST_DIR) -o $(HVHOST_OUT)/dsdt.pre.asl $<
	iasl -vs -tc -p $(HVHOST_OUT)/dsdt $(HVHOST_OUT)/dsdt.pre.asl >$(HVHOST_OUT)/iasl.log || \
		{ cat $(HVHOST_OUT)/iasl.log; false; }

build/man/%: $(HVHOST_DIR)/man/%.scd
	@mkdir -p $(@D)
	scdoc <$< >$@

-include $(HVHOST_OBJS:.o=.d) $(HVHOST_OUT)/hvctl.d
.PHONY: hvhost
