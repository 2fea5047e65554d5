// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of two requests to the VM counts: a guest that asked for power-off or
 * reset has it, whatever its other processors do meanwhile.
 *
 * srcs: tests/hvhost/core/request.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/request.h"

static const enum vm_request all[] = {
	VM_RESET, VM_POWER_OFF, VM_CRASH, VM_INTERNAL_ERROR, VM_TIMEOUT,
	VM_STUCK, VM_SIGNAL, VM_SAVE,
};
#define COUNT	(sizeof(all) / sizeof(all[0]))

static void anything_is_heard_by_a_running_vm(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		assert_true(request_outdoes(VM_RUN, all[i]));
}

static void a_crash_does_not_undo_power_off(void **state)
{
	(void)state;
	assert_false(request_outdoes(VM_POWER_OFF, VM_CRASH));
}

static void a_crash_does_not_undo_a_reset(void **state)
{
	(void)state;
	assert_false(request_outdoes(VM_RESET, VM_CRASH));
}

static void a_reset_yields_to_other_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(request_outdoes(VM_RESET, all[i]),
				 all[i] != VM_RESET && all[i] != VM_CRASH &&
				 all[i] != VM_SAVE);
	assert_false(request_outdoes(VM_RESET, VM_RUN));
}

static void an_end_is_final(void **state)
{
	(void)state;
	for (size_t i = 1; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++)
			assert_false(request_outdoes(all[i], all[j]));
}

static void each_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(request_name(all[i]),
						request_name(all[j]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anything_is_heard_by_a_running_vm),
		cmocka_unit_test(a_crash_does_not_undo_power_off),
		cmocka_unit_test(a_crash_does_not_undo_a_reset),
		cmocka_unit_test(a_reset_yields_to_other_ends),
		cmocka_unit_test(an_end_is_final),
		cmocka_unit_test(each_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
