// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsvmbus on a made-up sysfs.
 */
/* srcs: tools/lsvmbus/bus.c tools/lsvmbus/classes.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tools/lsvmbus/bus.h"

#define SCSI	"ba6163d9-04a1-4d29-b605-72e2ffb1dc7f"
#define NIC	"f8615163-df3e-46c5-913f-f2d2f965ed0e"

static char root[64];

static void make_dir(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(mkdir(full, 0700), 0);
}

static void make_file(const char *dev, const char *name, const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/bus/vmbus/devices/%s/%s", root, dev,
		 name);
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void make_device(const char *guid, const char *id, const char *class_id)
{
	char text[128];

	snprintf(text, sizeof(text), "/bus/vmbus/devices/%s", guid);
	make_dir(text);
	make_file(guid, "id", id);
	snprintf(text, sizeof(text), "{%s}\n", class_id);
	make_file(guid, "class_id", text);
	snprintf(text, sizeof(text), "{%s}\n", guid);
	make_file(guid, "device_id", text);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/lsvmbus.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
	char cmd[96];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", root);
	return system(cmd);
}

static void make_bus(void)
{
	make_dir("/bus");
	make_dir("/bus/vmbus");
	make_dir("/bus/vmbus/devices");
}

/* Reads and prints the made-up bus; "@" stands for its devices directory. */
static void assert_prints(int verbose, const char *expected)
{
	char want[2048] = "", why[512], *got = NULL;
	size_t size = 0, used = 0;
	struct bus bus;
	FILE *out;

	for (; *expected; expected++)
		used += (size_t)snprintf(want + used, sizeof(want) - used,
					 *expected == '@' ? "%s/bus/vmbus/devices" : "%.1s",
					 *expected == '@' ? root : expected);
	assert_int_equal(bus_read(&bus, root, why, sizeof(why)), 0);
	out = open_memstream(&got, &size);
	bus_print(&bus, verbose, out);
	fclose(out);
	assert_string_equal(got, want);
	free(got);
	bus_free(&bus);
}

static void no_bus_is_explained(void **state)
{
	char why[512];
	struct bus bus;

	(void)state;
	assert_true(bus_read(&bus, root, why, sizeof(why)) < 0);
	assert_non_null(strstr(why, "/bus/vmbus/devices"));
	assert_non_null(strstr(why, "hv_vmbus"));
	bus_free(&bus);
}

static void empty_bus_prints_nothing(void **state)
{
	(void)state;
	make_bus();
	assert_prints(2, "");
}

static void listed_by_id(void **state)
{
	(void)state;
	make_bus();
	make_device("00000000-0000-0000-0000-00000000000a", "11\n", SCSI);
	make_device("00000000-0000-0000-0000-00000000000b", "2\n", NIC);
	assert_prints(0, "VMBUS ID  2: Synthetic network adapter\n"
			 "VMBUS ID 11: Synthetic SCSI Controller\n");
}

static void channels_by_relid(void **state)
{
	const char *guid = "00000000-0000-0000-0000-00000000000a";

	(void)state;
	make_bus();
	make_device(guid, "1\n", SCSI);
	make_file(guid, "channel_vp_mapping", "9:3\n1:0\n14:1\n");
	assert_prints(1, "VMBUS ID  1: Class_ID = {" SCSI "} - Synthetic SCSI Controller\n"
			 "\tRel_ID=1, target_cpu=0\n"
			 "\tRel_ID=9, target_cpu=3\n"
			 "\tRel_ID=14, target_cpu=1\n\n");
	assert_prints(2, "VMBUS ID  1: Class_ID = {" SCSI "} - Synthetic SCSI Controller\n"
			 "\tDevice_ID = {00000000-0000-0000-0000-00000000000a}\n"
			 "\tSysfs path: @/00000000-0000-0000-0000-00000000000a\n"
			 "\tRel_ID=1, target_cpu=0\n"
			 "\tRel_ID=9, target_cpu=3\n"
			 "\tRel_ID=14, target_cpu=1\n\n");
}

static void half_a_device_is_left_out(void **state)
{
	(void)state;
	make_bus();
	make_device("00000000-0000-0000-0000-00000000000a", "1\n", SCSI);
	make_dir("/bus/vmbus/devices/00000000-0000-0000-0000-00000000000b");
	make_device("00000000-0000-0000-0000-00000000000c", "3\n", "short");
	assert_prints(0, "VMBUS ID  1: Synthetic SCSI Controller\n");
}

static void class_names(void **state)
{
	(void)state;
	assert_string_equal(class_name("{" SCSI "}"), "Synthetic SCSI Controller");
	assert_string_equal(class_name("BA6163D9-04A1-4D29-B605-72E2FFB1DC7F"),
			    "Synthetic SCSI Controller");
	assert_string_equal(class_name("{00000809-facb-11e6-bd58-64006a7986d3}"),
			    "[Hyper-V socket]");
	assert_string_equal(class_name("{11111111-1111-1111-1111-111111111111}"),
			    "Unknown");
	assert_string_equal(class_name(""), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_bus_is_explained, set_up, tear_down),
		cmocka_unit_test_setup_teardown(empty_bus_prints_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(listed_by_id, set_up, tear_down),
		cmocka_unit_test_setup_teardown(channels_by_relid, set_up, tear_down),
		cmocka_unit_test_setup_teardown(half_a_device_is_left_out, set_up, tear_down),
		cmocka_unit_test(class_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
