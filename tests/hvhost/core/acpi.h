/* SPDX-License-Identifier: GPL-2.0-only */
/* ACPI tables in guest memory; written before each boot, no lock. */
#ifndef HVHOST_ACPI_H
#define HVHOST_ACPI_H

#include "core/memory.h"

/* Returns the guest address of the RSDP. */
uint64_t acpi_build(const struct memory *mem, uint32_t cpus);

#endif
