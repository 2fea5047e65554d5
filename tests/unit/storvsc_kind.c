// SPDX-License-Identifier: GPL-2.0-only
/* srcs: storvsc/kind.c */
/* Where disks are, from what a host says that may say anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "storvsc/pure.h"

static void limits_of_every_kind(void **state)
{
	unsigned long kind;

	(void)state;
	for (kind = 0; kind < STORVSC_KINDS; kind++) {
		const struct storvsc_limits *l = storvsc_limits(kind);

		/* the wire has a byte for each of them */
		assert_in_range(l->paths, 1, 256);
		assert_in_range(l->targets, 1, 256);
		assert_in_range(l->luns, 1, 256);
		assert_in_range(l->transfer, 65536, STORVSC_MOST_TRANSFER);
		assert_non_null(l->name);
	}
	assert_ptr_equal(storvsc_limits(STORVSC_KINDS),
			 storvsc_limits(STORVSC_SCSI));
	assert_ptr_equal(storvsc_limits(-1ul), storvsc_limits(STORVSC_SCSI));
	assert_false(storvsc_limits(STORVSC_IDE)->subchannels);
	assert_int_equal(storvsc_limits(STORVSC_IDE)->luns, 1);
}

static void ide_places(void **state)
{
	u8 instance[16] = { 1, 0, 0, 0, 1, 0, 0x99, 0x88, 1, 2, 3, 4 };
	struct storvsc_place place = {};

	(void)state;
	assert_null(storvsc_ide_place(instance, &place));
	assert_int_equal(place.path, 1);
	assert_int_equal(place.target, 1);
	instance[0] = 255;
	instance[4] = 0;
	assert_null(storvsc_ide_place(instance, &place));
	assert_int_equal(place.path, 255);
	assert_int_equal(place.target, 0);
}

/* What does not fit the wire must not be cut to fit it. */
static void ide_places_out_of_range(void **state)
{
	static const u8 good[16] = { 1, 0, 0, 0, 1, 0, 0x99, 0x88 };
	struct storvsc_place place = { 77, 78 };
	u32 i;

	(void)state;
	for (i = 0; i < 8; i++) {
		u8 bad[16];

		if (i == 0 || i == 4)
			continue;
		memcpy(bad, good, sizeof(bad));
		bad[i] ^= 0x40;
		assert_non_null(storvsc_ide_place(bad, &place));
	}
	assert_int_equal(place.path, 77);
	assert_int_equal(place.target, 78);
}

static void fc_names(void **state)
{
	struct lis_stor_fc_wwn wwn = {
		.primary_active = 1,
		.primary_port = { 1, 2, 3, 4, 5, 6, 7, 8 },
		.primary_node = { 0xff, 0, 0, 0, 0, 0, 0, 0xfe },
		.secondary_port = { 0, 0, 0, 0, 0, 0, 0, 1 },
		.secondary_node = { 0x80 },
	};
	struct storvsc_names names;

	(void)state;
	assert_null(storvsc_fc_names(&wwn, &names));
	assert_true(names.port == 0x0102030405060708ull);
	assert_true(names.node == 0xff000000000000feull);
	wwn.primary_active = 0;
	assert_null(storvsc_fc_names(&wwn, &names));
	assert_true(names.port == 1);
	assert_true(names.node == 1ull << 63);
	wwn.primary_active = 0xff;
	assert_null(storvsc_fc_names(&wwn, &names));
	assert_true(names.port == 0x0102030405060708ull);
}

/* Nobody is called 0 or ffffffffffffffff. */
static void fc_names_of_nobody(void **state)
{
	struct lis_stor_fc_wwn wwn;
	struct storvsc_names names;

	(void)state;
	memset(&wwn, 0, sizeof(wwn));
	assert_non_null(storvsc_fc_names(&wwn, &names));
	assert_true(!names.node && !names.port);
	memset(&wwn, 0xff, sizeof(wwn));
	assert_non_null(storvsc_fc_names(&wwn, &names));
	assert_true(!names.node && !names.port);
	wwn.primary_port[3] = 0;
	assert_non_null(storvsc_fc_names(&wwn, &names));
	assert_true(!names.node && names.port);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_every_kind),
		cmocka_unit_test(ide_places),
		cmocka_unit_test(ide_places_out_of_range),
		cmocka_unit_test(fc_names),
		cmocka_unit_test(fc_names_of_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
