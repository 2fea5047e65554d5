// SPDX-License-Identifier: GPL-2.0-only
/*
 * The wire headers as bytes: that every structure sits where protocol.md puts
 * it, and that GUIDs are written in wire order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <lis/proto/ic_files.h>
#include <lis/proto/ic_kvp.h>
#include <lis/proto/ring.h>
#include <lis/proto/storvsp.h>
#include <lis/proto/vmbus.h>

static void guid_wire_order(void **state)
{
	/* ba6163d9-04a1-4d29-b605-72e2ffb1dc7f, the SCSI controller class */
	static const struct lis_guid scsi =
		LIS_GUID(0xba6163d9, 0x04a1, 0x4d29,
			 0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f);
	static const unsigned char wire[16] = {
		0xd9, 0x63, 0x61, 0xba, 0xa1, 0x04, 0x29, 0x4d,
		0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f,
	};

	(void)state;
	assert_memory_equal(&scsi, wire, sizeof(wire));
}

static void ring_offsets(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct lis_ring_control, write_index), 0);
	assert_int_equal(offsetof(struct lis_ring_control, read_index), 4);
	assert_int_equal(offsetof(struct lis_ring_control, interrupt_mask), 8);
	assert_int_equal(offsetof(struct lis_ring_control, pending_send_size),
			 12);
	assert_int_equal(offsetof(struct lis_ring_control, features), 64);
}

/* Where protocol.md says that fields of the unaligned structures are */
static void ic_offsets(void **state)
{
	static const struct lis_guid vss = LIS_IC_VSS_INSTANCE;
	static const unsigned char wire[] = { 0x40, 0xee, 0x50, 0x24 };

	(void)state;
	assert_memory_equal(&vss, wire, sizeof(wire));
	assert_int_equal(offsetof(struct lis_ic_header, status), 12);
	assert_int_equal(offsetof(struct lis_ic_header, flags), 17);
	assert_int_equal(offsetof(struct lis_ic_time_old, flags), 24);
	assert_int_equal(offsetof(struct lis_ic_time_ref, flags), 16);
	assert_int_equal(offsetof(struct lis_kvp_ip, adapter), 2);
	assert_int_equal(offsetof(struct lis_kvp_exchange, data), 4);
	assert_int_equal(offsetof(struct lis_fcopy_start, path), 556);
	assert_int_equal(offsetof(struct lis_fcopy_start, bytes), 1080);
	assert_int_equal(offsetof(struct lis_fcopy_write, offset), 40);
	assert_int_equal(offsetof(struct lis_fcopy_write, data), 52);
}

static void version_numbers(void **state)
{
	(void)state;
	assert_int_equal(LIS_VMBUS_V4_0, 0x00040000);
	assert_int_equal(LIS_VMBUS_V5_3, 0x00050003);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guid_wire_order),
		cmocka_unit_test(ring_offsets),
		cmocka_unit_test(ic_offsets),
		cmocka_unit_test(version_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
