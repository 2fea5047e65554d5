// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's shutdown, time, backup and file copy: what each verb sends, what it
 * makes of the answer.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c tests/hvhost/vmbus/hostile.c
 * srcs: tests/hvhost/vmbus/map.c tests/hvhost/dev/nic.c tests/hvhost/dev/nic_buffer.c tests/hvhost/dev/nic_spec.c
 * srcs: tests/hvhost/dev/netvsp.c tests/hvhost/dev/netvsp_init.c tests/hvhost/dev/netvsp_rx.c tests/hvhost/dev/netvsp_lies.c tests/hvhost/dev/netvsp_tx.c
 * srcs: tests/hvhost/dev/net_backend.c tests/hvhost/dev/net_user.c tests/hvhost/dev/rndis.c tests/hvhost/dev/rndis_query.c tests/hvhost/dev/rndis_set.c
 * srcs: tests/hvhost/dev/rndis_packet.c tests/hvhost/dev/net_frame.c tests/hvhost/dev/net_send.c
 * srcs: tests/hvhost/dev/ic.c tests/hvhost/dev/ic_spec.c tests/hvhost/dev/ic_ctl.c tests/hvhost/dev/ic_args.c tests/hvhost/dev/ic_text.c
 * srcs: tests/hvhost/dev/ic_lies.c tests/hvhost/dev/ic_heartbeat.c tests/hvhost/dev/ic_shutdown.c tests/hvhost/dev/ic_timesync.c
 * srcs: tests/hvhost/dev/ic_kvp.c tests/hvhost/dev/ic_kvp_ip.c tests/hvhost/dev/ic_vss.c tests/hvhost/dev/ic_fcopy.c
 * libs: -ljson-c -lslirp
 */
#include "host_ic.h"

#include <fcntl.h>
#include <lis/proto/ic_files.h>

/* --- shutdown ------------------------------------------------------------------ */

static int start_shutdown(void **state)
{
	(void)state;
	start_with("ws2022", "shutdown");
	agree(3, 0, 3, 2);
	expect_state("shutdown", "ready");
	return 0;
}

static void expect_flags(const char *command, uint32_t flags)
{
	struct lis_ic_shutdown m;
	struct lis_ic_header h;

	ask(command);
	take(&h);
	assert_int_equal(h.type, LIS_IC_SHUTDOWN);
	assert_int_equal(h.bytes, sizeof(m));
	memcpy(&m, body(), sizeof(m));
	assert_int_equal(m.flags, flags);
	assert_memory_equal(m.text, "h\0v\0c\0t\0l\0", 10);
	answer(LIS_IC_S_OK);
	expect_done();
}

static void test_shutdown(void **state)
{
	struct lis_ic_header h;

	(void)state;
	expect_flags("ic shutdown", 0);
	expect_flags("ic shutdown --force", LIS_IC_SHUT_FORCE);
	expect_flags("ic shutdown --force --reboot",
		     LIS_IC_SHUT_FORCE | LIS_IC_SHUT_RESTART);
	expect_flags("ic shutdown --hibernate", LIS_IC_SHUT_HIBERNATE);
	say_no("ic shutdown --hibernate --reboot", "not both");
	say_no("ic shutdown now", "expected");
	ask("ic shutdown");
	take(&h);
	answer(LIS_IC_E_NOT_SUPPORTED);
	expect_refusal("not supported");
	/* A guest of an older version cannot tell what is wanted */
	say("ic negotiate shutdown");
	agree(3, 0, 3, 0);
	expect_state("shutdown", "ready");
	say_no("ic shutdown --reboot", "has not agreed to version 3.1");
	say_no("ic shutdown --hibernate", "has not agreed to version 3.2");
	expect_flags("ic shutdown --reboot --anyway", LIS_IC_SHUT_RESTART);
	assert_clean(bench->g);
}

/* --- time ------------------------------------------------------------------------ */

#define REFERENCE	0x123456789aull

static uint64_t fx_reference(void *ctx)
{
	(void)ctx;
	return REFERENCE;
}

static uint64_t now(void)
{
	return LIS_IC_EPOCH_DELTA + time(NULL) * 10000000ull;
}

static int start_time(void **state)
{
	(void)state;
	start_with("ws2022", "timesync=0");
	bench->g->fx.reference_time = fx_reference;
	return 0;
}

static void expect_ref(uint8_t flags, int64_t offset)
{
	struct lis_ic_time_ref t;
	struct lis_ic_header h;
	int64_t off;

	take(&h);
	assert_int_equal(h.type, LIS_IC_TIMESYNC);
	assert_int_equal(h.bytes, sizeof(t));
	memcpy(&t, body(), sizeof(t));
	assert_int_equal(t.flags, flags);
	assert_int_equal(t.reference_time, REFERENCE);
	off = t.host_time - now() - offset * 10000000;
	assert_true(off > -100000000 && off < 100000000);
	answer(LIS_IC_S_OK);
}

static void test_time(void **state)
{
	(void)state;
	agree(3, 0, 4, 0);
	/* Unasked, once, to set the clock */
	expect_ref(LIS_IC_TIME_SYNC, 0);
	ask("ic time --offset -3600 --sample");
	expect_ref(LIS_IC_TIME_SAMPLE, -3600);
	expect_done();
	expect_text("timesync", "offset_seconds", "-3600.0");
	ask("ic time --probe");
	expect_ref(LIS_IC_TIME_PROBE, -3600);
	expect_done();
	say("ic time --offset 0");
	say("ic period timesync 20");
	for (int i = 0; i < 3; i++)
		expect_ref(LIS_IC_TIME_SAMPLE, 0);
	say_no("ic time", "nothing to do");
	say_no("ic time --sync --sample", "one of");
	say_no("ic time --offset x", "want a number");
	assert_clean(bench->g);
}

static void test_time_old(void **state)
{
	struct lis_ic_time_old t;
	struct lis_ic_header h;

	(void)state;
	agree(3, 0, 3, 0);
	take(&h);
	assert_int_equal(h.bytes, sizeof(t));
	memcpy(&t, body(), sizeof(t));
	assert_int_equal(t.flags, LIS_IC_TIME_SYNC);
	assert_true(t.host_time + 100000000 > now());
	answer(LIS_IC_E_FAIL);
	assert_violation(bench->g, "status that is not 0");
}

/* --- backup ------------------------------------------------------------------------ */

static int start_vss(void **state)
{
	(void)state;
	start_with("ws2022", "vss");
	agree(3, 0, 5, 0);
	return 0;
}

static void vss(const char *command, uint8_t op, uint32_t bytes,
		uint32_t status)
{
	struct lis_ic_header h;

	ask(command);
	take(&h);
	assert_int_equal(h.type, LIS_IC_VSS);
	assert_int_equal(h.bytes, bytes);
	assert_int_equal(body()[0], op);
	if (op == LIS_VSS_HOT_BACKUP)
		body()[8] = LIS_VSS_HBU_POSSIBLE | LIS_VSS_HBU_NO_AUTO_RECOVERY;
	answer(status);
	if (status)
		expect_refusal("0x80");
	else
		expect_done();
}

static void test_backup(void **state)
{
	struct lis_ic_header h;

	(void)state;
	vss("vss check", LIS_VSS_HOT_BACKUP, 12, LIS_IC_S_OK);
	assert_reply("\"flags\":5");
	vss("vss dm-info", LIS_VSS_DM_INFO, 12, LIS_IC_S_OK);
	vss("vss freeze", LIS_VSS_FREEZE, 20, LIS_IC_S_OK);
	expect_text("vss", "frozen", "true");
	vss("vss thaw", LIS_VSS_THAW, 12, LIS_IC_S_OK);
	expect_text("vss", "frozen", "false");
	vss("vss freeze --luns 260", LIS_VSS_FREEZE, 6260, LIS_IC_E_FAIL);
	expect_text("vss", "frozen", "false");
	vss("vss complete", LIS_VSS_BACKUP_DONE, 12, LIS_IC_S_OK);
	vss("vss auto-recover", LIS_VSS_AUTO_RECOVER, 20,
	    LIS_IC_E_NOT_SUPPORTED);
	say_no("vss melt", "no such verb");
	say_no("vss freeze --luns 261", "from 0 to 260");
	assert_clean(bench->g);
	ask("vss thaw");
	take(&h);
	body()[0] = LIS_VSS_FREEZE;
	answer(LIS_IC_S_OK);
	expect_done();
	assert_violation(bench->g, "another operation");
}

/* --- file copy ----------------------------------------------------------------------- */

#define FILE_BYTES	(2 * LIS_FCOPY_FRAGMENT + 100)

static char source[32];

static int start_fcopy(void **state)
{
	uint8_t data[FILE_BYTES];
	int fd;

	(void)state;
	memset(data, 'x', sizeof(data));
	strcpy(source, "/tmp/host_ic-XXXXXX");
	fd = mkstemp(source);
	assert_int_equal(write(fd, data, sizeof(data)), sizeof(data));
	close(fd);
	start_with("ws2022", "fcopy");
	agree(3, 0, 1, 1);
	return 0;
}

static int stop_fcopy(void **state)
{
	unlink(source);
	return stop(state);
}

static void copy(const char *rest)
{
	char command[200];

	snprintf(command, sizeof(command), "fcopy %s %s", source, rest);
	ask(command);
}

static void expect_op(uint32_t op, uint32_t bytes, uint32_t status)
{
	struct lis_ic_header h;

	take(&h);
	assert_int_equal(h.type, LIS_IC_FCOPY);
	assert_int_equal(h.bytes, bytes);
	assert_int_equal(body()[0], op);
	answer(status);
}

static void expect_start(const char *path, const char *name, uint32_t flags,
			 uint32_t status)
{
	struct lis_fcopy_start s;
	struct lis_ic_header h;

	take(&h);
	assert_int_equal(h.bytes, sizeof(s));
	memcpy(&s, body(), sizeof(s));
	assert_int_equal(s.head.op, LIS_FCOPY_START);
	assert_int_equal(s.bytes, FILE_BYTES);
	assert_int_equal(s.flags, flags);
	for (size_t i = 0; i <= strlen(path); i++)
		assert_int_equal(s.path[i], path[i]);
	for (size_t i = 0; i <= strlen(name); i++)
		assert_int_equal(s.name[i], name[i]);
	answer(status);
}

static void test_fcopy(void **state)
{
	struct lis_fcopy_write w;
	struct lis_ic_header h;
	uint64_t at = 0;

	(void)state;
	copy("/tmp/in/file --overwrite --create-path");
	expect_start("/tmp/in", "file",
		     LIS_FCOPY_OVERWRITE | LIS_FCOPY_CREATE_PATH, LIS_IC_S_OK);
	while (at < FILE_BYTES) {
		uint64_t left = FILE_BYTES - at;

		take(&h);
		assert_int_equal(h.bytes, sizeof(w));
		memcpy(&w, body(), sizeof(w));
		assert_int_equal(w.head.op, LIS_FCOPY_WRITE);
		assert_int_equal(w.offset, at);
		assert_int_equal(w.bytes, left < LIS_FCOPY_FRAGMENT ? left :
				 LIS_FCOPY_FRAGMENT);
		assert_int_equal(w.data[w.bytes - 1], 'x');
		at += w.bytes;
		answer(LIS_IC_S_OK);
	}
	expect_op(LIS_FCOPY_COMPLETE, sizeof(w.head), LIS_IC_S_OK);
	expect_done();
	assert_int_equal(count_of("fcopy", "bytes_done"), FILE_BYTES);
	assert_clean(bench->g);
}

static void test_fcopy_refused(void **state)
{
	(void)state;
	copy("/file");
	expect_start("/", "file", 0, LIS_IC_E_EXISTS);
	expect_refusal("it exists");
	copy("/tmp/a --name ../../b");
	expect_start("/tmp/a", "../../b", 0, LIS_IC_S_OK);
	expect_op(LIS_FCOPY_WRITE, sizeof(struct lis_fcopy_write),
		  LIS_IC_E_DISK_FULL);
	expect_refusal("disk full");
	copy("/tmp/");
	expect_refusal("want the whole path");
	ask("fcopy /nonexistent /tmp/a");
	expect_refusal("No such file");
	ask("fcopy /tmp /tmp/a");
	expect_refusal("not a file");
	assert_clean(bench->g);
}

static void test_fcopy_cancel(void **state)
{
	(void)state;
	say_no("fcopy cancel", "no file is being copied");
	copy("/tmp/file");
	expect_start("/tmp", "file", 0, LIS_IC_S_OK);
	say("fcopy cancel");
	say_no("fcopy /etc/passwd /tmp/b", "another file is being copied");
	expect_op(LIS_FCOPY_WRITE, sizeof(struct lis_fcopy_write), LIS_IC_S_OK);
	expect_op(LIS_FCOPY_CANCEL, sizeof(struct lis_fcopy_head), LIS_IC_S_OK);
	expect_refusal("cancelled");
	expect_text("fcopy", "copying", "false");
	assert_clean(bench->g);
}

#define S(name, start) cmocka_unit_test_setup_teardown(test_##name, start, stop)
#define F(name) cmocka_unit_test_setup_teardown(test_##name, start_fcopy, \
						stop_fcopy)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		S(shutdown, start_shutdown),
		S(time, start_time),
		S(time_old, start_time),
		S(backup, start_vss),
		F(fcopy),
		F(fcopy_refused),
		F(fcopy_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
