/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Port I/O dispatch.  The whole machine has five devices with ports; a chain
 * of comparisons, busiest first, is all the bus there is.
 */
#include "core/io.h"

#include <stdint.h>
#include <string.h>

#include "core/layout.h"
#include "core/vm.h"

static int inside(uint16_t port, uint16_t base, uint16_t len)
{
	return port - base >= 0 && port - base < len;
}

static void out(struct vm *vm, uint16_t port, uint32_t value)
{
	if (inside(port, PORT_COM1, 8))
		uart_write(&vm->com1, port - PORT_COM1, value);
	else if (inside(port, PORT_COM2, 8))
		uart_write(&vm->com2, port - PORT_COM2, value);
	else if (inside(port, PORT_PM_BASE, PORT_PM_LEN))
		power_write(&vm->power, port - PORT_PM_BASE, value);
	else if (inside(port, PORT_CMOS, 2))
		cmos_write(&vm->cmos, port - PORT_CMOS, value);
	else if (port == PORT_KBC_CMD && (value & 0xff) == KBC_RESET)
		vm_request(vm, VM_RESET);
}

static uint32_t in(struct vm *vm, uint16_t port)
{
	if (inside(port, PORT_COM1, 8))
		return uart_read(&vm->com1, port - PORT_COM1);
	if (inside(port, PORT_COM2, 8))
		return uart_read(&vm->com2, port - PORT_COM2);
	if (inside(port, PORT_PM_BASE, PORT_PM_LEN))
		return power_read(&vm->power, port - PORT_PM_BASE);
	if (inside(port, PORT_CMOS, 2))
		return cmos_read(&vm->cmos, port - PORT_CMOS);
	/* "Input buffer empty", for those who wait before they reset; and an
	 * NMI has neither a parity nor a bus error for its reason.
	 */
	if (port == PORT_KBC_CMD || port == PORT_NMI_REASON)
		return 0;
	return 0xffffffff;
}

void io_exit(struct vm *vm, struct kvm_run *run)
{
	uint8_t *data = (uint8_t *)run + run->io.data_offset;
	uint32_t i, value;

	for (i = 0; i < run->io.count; i++, data += run->io.size) {
		value = 0;
		if (run->io.direction == KVM_EXIT_IO_OUT) {
			memcpy(&value, data, run->io.size);
			out(vm, run->io.port, value);
		} else {
			value = in(vm, run->io.port);
			memcpy(data, &value, run->io.size);
		}
	}
}
