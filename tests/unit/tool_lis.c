// SPDX-License-Identifier: GPL-2.0-only
/*
 * lis on a made-up machine.
 */
/* srcs: tools/lis/status.c tools/lis/kvp.c tools/kvp/pool.c tools/kvp/facts.c */
/* srcs: tools/lib/file.c tools/lib/text.c */
#include <errno.h>

#include "tests/unit/tool_scratch.h"
#include "tools/lis/lis.h"

#define KVP_DEV	"/sys/bus/vmbus/devices/b6650ff7-33bc-4840-8048-e0676786f393"
#define HB_DEV	"/sys/bus/vmbus/devices/fd149e91-82e0-4a7d-afa6-2a4166cbd7c0"

static char *shown;
static size_t shown_size;

static int status(void)
{
	FILE *out;
	int ret;

	free(shown);
	out = open_memstream(&shown, &shown_size);
	assert_non_null(out);
	ret = lis_status(scratch, out);
	fclose(out);
	return ret;
}

static int kvp(const char *a, const char *b, const char *c, const char *d,
	       const char *e)
{
	const char *argv[6] = { a, b, c, d, e, NULL };
	int argc = 0, ret;
	FILE *out;

	while (argv[argc])
		argc++;
	free(shown);
	out = open_memstream(&shown, &shown_size);
	assert_non_null(out);
	ret = lis_kvp(scratch, argc, (char **)argv, out);
	fclose(out);
	return ret;
}

static int end(void **state)
{
	free(shown);
	shown = NULL;
	return scratch_end(state);
}

static void has(const char *text)
{
	if (!strstr(shown, text))
		fail_msg("'%s' is not in:\n%s", text, shown);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(status(), 1);
	has("modules\n  none\n");
	has("heartbeat            not offered by the host\n");
	has("what to do\n  * no Hyper-V module is loaded");
	assert_null(strstr(shown, "systemctl"));
}

static void make_machine(void)
{
	put_file("/sys/module/hv_vmbus/taint", "OE\n");
	put_file("/sys/module/hv_vmbus/version", "9.9\n");
	put_file("/sys/module/hv_storvsc/taint", "\n");
	put_file(HB_DEV "/class_id", "{57164f39-9115-4e78-ab55-382f3bd5422d}\n");
	put_file(HB_DEV "/driver/x", "");
	put_file(KVP_DEV "/class_id", "{A9A0F4E7-5A45-4D96-B827-8A841E8C03E6}\n");
	put_file("/sys/kernel/debug/hyperv/fd149e91-82e0-4a7d-afa6-2a4166cbd7c0/utils",
		 "service            heartbeat\nstate              connected\n"
		 "framework          3.0\nversion            3.1\nlast_message_ms    120\n"
		 "messages           77\nlast_error         none\n");
}

static void test_machine(void **state)
{
	char text[256];

	(void)state;
	make_machine();
	assert_int_equal(status(), 1);
	has("  hv_vmbus             out of tree, version 9.9\n");
	has("  hv_storvsc           the kernel's own\n");
	has("heartbeat            in use\n    connected, version 3.1, 77 messages, the last 120 ms ago\n");
	has("key/value pairs      offered, but no driver has it\n    hv_kvp_daemon does not run\n");
	has("  * key/value pairs: no driver has the device (modprobe hv_utils)\n");
	has("systemctl enable --now hv_kvp_daemon");

	put_file(KVP_DEV "/driver/x", "");
	snprintf(text, sizeof(text),
		 "name=hv_kvp_daemon\npid=%d\nconnected=yes\nkernel_version=3.1\n"
		 "requests=12\nerrors=1\nlast_request=get\nlast_time=1\nlast_error=it was so\n",
		 (int)getpid());
	put_file("/run/openlis/hv_kvp_daemon", text);
	assert_int_equal(status(), 0);
	has("connected, 12 requests, 1 errors, last request 19");
	has("    last error: it was so\n  backup");
	has("all is well\n");
	/* one that left its file behind */
	put_file("/run/openlis/hv_kvp_daemon", "pid=999999999\nconnected=yes\n");
	assert_int_equal(status(), 1);
	has("hv_kvp_daemon does not run");
}

static void test_silent(void **state)
{
	(void)state;
	make_machine();
	put_file("/sys/kernel/debug/hyperv/fd149e91-82e0-4a7d-afa6-2a4166cbd7c0/utils",
		 "state connected\nversion 3.1\nlast_message_ms 90000\nlast_error a lie\n");
	assert_int_equal(status(), 1);
	has("    last error: a lie\n");
	has("no heartbeat for 90 s");
}

static void test_kvp(void **state)
{
	(void)state;
	assert_int_equal(kvp("get", "a", NULL, NULL, NULL), 1);
	assert_int_equal(kvp("set", "a", "our value", NULL, NULL), 0);
	assert_int_equal(kvp("get", "a", NULL, NULL, NULL), 0);
	assert_string_equal(shown, "our value\n");
	assert_int_equal(kvp("set", "--pool", "external", "a", "theirs"), 0);
	assert_int_equal(kvp("get", "a", NULL, NULL, NULL), 0);
	assert_string_equal(shown, "theirs\n");
	assert_int_equal(kvp("get", "-p", "1", "a", NULL), 0);
	assert_string_equal(shown, "our value\n");
	assert_int_equal(kvp("set", "line\nbreak", "tab\there", NULL, NULL), 0);
	assert_int_equal(kvp("list", "--pool", "guest", NULL, NULL), 0);
	assert_string_equal(shown, "a\tour value\nline\\x0abreak\ttab\\x09here\n");
	assert_int_equal(kvp("delete", "a", NULL, NULL, NULL), 0);
	assert_int_equal(kvp("delete", "a", NULL, NULL, NULL), 1);
	assert_int_equal(kvp("list", NULL, NULL, NULL, NULL), 0);
	has("external\ta\ttheirs\nguest\tline");
	has("auto\tOSName\t");
	assert_int_equal(kvp("get", "--pool", "auto", "ProcessorArchitecture",
			     NULL), 0);
}

static void test_kvp_usage(void **state)
{
	(void)state;
	assert_int_equal(kvp("get", NULL, NULL, NULL, NULL), 2);
	assert_int_equal(kvp("set", "a", NULL, NULL, NULL), 2);
	assert_int_equal(kvp("list", "x", NULL, NULL, NULL), 2);
	assert_int_equal(kvp("steal", "x", NULL, NULL, NULL), 2);
	assert_int_equal(kvp("list", "--pool", "7", NULL, NULL), 2);
	assert_int_equal(kvp("set", "", "x", NULL, NULL), 1);
	assert_int_equal(kvp("set", "\xff", "x", NULL, NULL), 1);
	assert_int_equal(kvp("set", "-p", "auto", "x", "y"), 1);
}

int main(void)
{
#define with_root(t) cmocka_unit_test_setup_teardown(t, scratch_begin, end)
	const struct CMUnitTest tests[] = {
		with_root(test_nothing),
		with_root(test_machine),
		with_root(test_silent),
		with_root(test_kvp),
		with_root(test_kvp_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
