// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files from the host: an honest one, a lying one, one that wants out of
 * where it may write, full disks.
 */
/* srcs: tools/fcopy/copy.c tools/fcopy/place.c tools/fcopy/policy.c */
/* srcs: tools/lib/file.c tools/lib/text.c tools/lib/config.c */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/tool_scratch.h"
#include "tools/fcopy/copy.h"
#include "tools/fcopy/place.h"

static struct fcopy_policy policy;
static struct fcopy f;
static struct hv_do_fcopy piece;

static int begin(void **state)
{
	char why[128];

	if (scratch_begin(state))
		return -1;
	fcopy_policy_default(&policy);
	if (fcopy_policy_parse(&policy, "# test\nallow = /in/\nallow=/other\n",
			       why, sizeof(why)))
		return -1;
	policy.owner = getuid();
	policy.group = getgid();
	fcopy_init(&f, &policy, scratch);
	return file_make_dirs(below("/in"), 0755) ||
	       file_make_dirs(below("/out"), 0755);
}

static int end(void **state)
{
	fcopy_drop(&f);
	fcopy_policy_free(&policy);
	return scratch_end(state);
}

static uint32_t start(const char *dir, const char *name, uint32_t flags,
		      uint64_t size)
{
	struct hv_start_fcopy msg = {
		.hdr.operation = START_FILE_COPY,
		.copy_flags = flags,
		.file_size = size,
	};

	strcpy((char *)msg.path_name, dir);
	strcpy((char *)msg.file_name, name);
	return fcopy_answer(&f, &msg, sizeof(msg));
}

static uint32_t write_at(uint64_t offset, const char *data, uint32_t size)
{
	memset(&piece, 0, sizeof(piece));
	piece.hdr.operation = WRITE_TO_FILE;
	piece.offset = offset;
	piece.size = size;
	if (data)
		memcpy(piece.data, data, size);
	return fcopy_answer(&f, &piece, sizeof(piece));
}

static uint32_t simple(uint32_t operation)
{
	struct hv_fcopy_hdr hdr = { .operation = operation };

	return fcopy_answer(&f, &hdr, sizeof(hdr));
}

static uint32_t copy(const char *dir, const char *name, uint32_t flags,
		     const char *text)
{
	uint32_t status = start(dir, name, flags, strlen(text));

	if (!status && *text)
		status = write_at(0, text, (uint32_t)strlen(text));
	return status ? status : simple(COMPLETE_FCOPY);
}

/* Files in a directory, hidden ones too */
static int entries(const char *path)
{
	DIR *dir = opendir(below(path));
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void test_whole(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(copy("/in", "a", 0, "content"), HV_S_OK);
	assert_string_equal(get_file("/in/a"), "content");
	assert_int_equal(stat(below("/in/a"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	assert_int_equal(st.st_uid, getuid());
	assert_int_equal(copy("/in", "empty", 0, ""), HV_S_OK);
	assert_int_equal(stat(below("/in/empty"), &st), 0);
	assert_int_equal(st.st_size, 0);
	/* text like any other */
	assert_int_equal(copy("/in/", "gr\xc3\xbc\xc3\x9f $(id) ;|'\"", 0, "x"),
			 HV_S_OK);
	assert_int_equal(entries("/in"), 3);
	assert_int_equal(entries("/out"), 0);
}

static void test_large(void **state)
{
	const uint64_t size = (5ull << 30) + 17;
	char data[DATA_FRAGMENT];
	uint64_t at;
	struct stat st;

	(void)state;
	/* a few pieces of a large file are enough for the arithmetic */
	memset(data, 'L', sizeof(data));
	assert_int_equal(start("/in", "large", 0, 1000000), HV_S_OK);
	for (at = 0; at < 1000000; at += sizeof(data))
		assert_int_equal(write_at(at, data, 1000000 - at < sizeof(data) ?
					  1000000 - at : sizeof(data)),
				 HV_S_OK);
	assert_int_equal(simple(COMPLETE_FCOPY), HV_S_OK);
	assert_int_equal(stat(below("/in/large"), &st), 0);
	assert_int_equal(st.st_size, 1000000);
	if (start("/in", "huge", 0, size) == HV_S_OK) {
		f.written = size - 17;	/* as if all but the end had come */
		assert_int_equal(write_at(size - 17, data, 17), HV_S_OK);
		assert_int_equal(simple(COMPLETE_FCOPY), HV_S_OK);
		assert_int_equal(stat(below("/in/huge"), &st), 0);
		assert_int_equal(st.st_size, size);
	}
}

static void test_flags(void **state)
{
	(void)state;
	assert_int_equal(copy("/in", "a", 0, "first"), HV_S_OK);
	assert_int_equal(copy("/in", "a", 0, "second"),
			 HV_ERROR_ALREADY_EXISTS);
	assert_string_equal(get_file("/in/a"), "first");
	assert_int_equal(copy("/in", "a", OVER_WRITE, "third"), HV_S_OK);
	assert_string_equal(get_file("/in/a"), "third");

	assert_int_equal(copy("/in/x/y", "a", 0, "deep"), HV_E_FAIL);
	assert_int_equal(entries("/in"), 1);
	assert_int_equal(copy("/in/x/y", "a", CREATE_PATH, "deep"), HV_S_OK);
	assert_string_equal(get_file("/in/x/y/a"), "deep");
	/* the allowed directory itself is not made */
	assert_int_equal(copy("/other/x", "a", CREATE_PATH, "no"), HV_E_FAIL);
	assert_int_equal(copy("/in", "x", OVER_WRITE, "a directory"),
			 HV_E_FAIL);
	/* made by somebody else while it was written */
	assert_int_equal(start("/in", "race", 0, 0), HV_S_OK);
	put_file("/in/race", "theirs");
	assert_int_equal(simple(COMPLETE_FCOPY), HV_ERROR_ALREADY_EXISTS);
	assert_string_equal(get_file("/in/race"), "theirs");
}

static void test_unfinished(void **state)
{
	(void)state;
	/* nothing is seen before the end, and nothing remains */
	assert_int_equal(copy("/in", "a", 0, "old"), HV_S_OK);
	assert_int_equal(start("/in", "a", OVER_WRITE, 100), HV_S_OK);
	assert_int_equal(write_at(0, "new", 3), HV_S_OK);
	assert_string_equal(get_file("/in/a"), "old");
	assert_int_equal(simple(CANCEL_FCOPY), HV_S_OK);
	assert_int_equal(write_at(3, "new", 3), HV_E_FAIL);
	assert_int_equal(simple(COMPLETE_FCOPY), HV_E_FAIL);

	assert_int_equal(start("/in", "b", 0, 100), HV_S_OK);
	assert_int_equal(simple(COMPLETE_FCOPY), HV_E_FAIL);
	/* the host begins another one in the middle */
	assert_int_equal(start("/in", "c", 0, 100), HV_S_OK);
	assert_int_equal(write_at(0, "c", 1), HV_S_OK);
	assert_int_equal(copy("/in", "d", 0, "whole"), HV_S_OK);
	/* a piece twice is no harm */
	assert_int_equal(start("/in", "e", 0, 4), HV_S_OK);
	assert_int_equal(write_at(0, "ab", 2), HV_S_OK);
	assert_int_equal(write_at(0, "ab", 2), HV_S_OK);
	assert_int_equal(write_at(2, "cd", 2), HV_S_OK);
	assert_int_equal(simple(COMPLETE_FCOPY), HV_S_OK);
	assert_string_equal(get_file("/in/e"), "abcd");
	assert_int_equal(entries("/in"), 3);
}

static void test_lies(void **state)
{
	struct hv_start_fcopy msg = { .hdr.operation = START_FILE_COPY };

	(void)state;
	assert_int_equal(fcopy_answer(&f, "", 0), HV_INVALIDARG);
	assert_int_equal(fcopy_answer(&f, &msg, sizeof(msg) - 1),
			 HV_INVALIDARG);
	memset(msg.path_name, 'x', sizeof(msg.path_name));
	assert_int_equal(fcopy_answer(&f, &msg, sizeof(msg)), HV_INVALIDARG);
	assert_int_equal(simple(77), HV_ERROR_NOT_SUPPORTED);

	assert_int_equal(start("/in", "a", 0, 10), HV_S_OK);
	assert_int_equal(write_at(5, "gap", 3), HV_INVALIDARG);
	assert_int_equal(start("/in", "a", 0, 10), HV_S_OK);
	assert_int_equal(write_at(0, "too much for it", 15), HV_INVALIDARG);
	assert_int_equal(start("/in", "a", 0, 10), HV_S_OK);
	assert_int_equal(write_at(UINT64_MAX - 1, "wrap", 4), HV_INVALIDARG);
	assert_int_equal(start("/in", "a", 0, 1u << 20), HV_S_OK);
	assert_int_equal(write_at(0, NULL, DATA_FRAGMENT + 1), HV_INVALIDARG);
	assert_int_equal(start("/in", "a", 0, 10), HV_S_OK);
	piece.size = 6;		/* of which the message has 5 */
	piece.offset = 0;
	assert_int_equal(fcopy_answer(&f, &piece,
				      offsetof(struct hv_do_fcopy, data) + 5),
			 HV_INVALIDARG);
	assert_int_equal(start("/in", "a", 0, UINT64_MAX), HV_ERROR_DISK_FULL);
	assert_int_equal(entries("/in"), 0);
}

static void test_no_escape(void **state)
{
	static const char *const dirs[] = {
		"/out", "/", "", "in", "/in/../out", "/in/x/../../out", "/inn",
		"/in\n", "/in/\x80", "/in/link", "/in/link/deeper",
		"/in/self/out",
	};
	static const char *const names[] = {
		"", ".", "..", "../out/a", "a/b", "new\nline", "\xff", "\x1b[m",
	};
	size_t i;

	(void)state;
	file_make_dirs(below("/out/deeper"), 0755);
	file_make_dirs(below("/inn"), 0755);
	assert_int_equal(symlink("../out", below("/in/link")), 0);
	assert_int_equal(symlink(scratch, below("/in/self")), 0);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_not_equal(copy(dirs[i], "a", CREATE_PATH | OVER_WRITE,
					  "x"), HV_S_OK);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(copy("/in", names[i], OVER_WRITE, "x"),
				 HV_INVALIDARG);
	assert_int_equal(entries("/out"), 1);
	assert_int_equal(entries("/out/deeper"), 0);
	assert_int_equal(entries("/inn"), 0);
	assert_int_equal(entries("/in"), 2);

	/* a link by the file's name is replaced, not followed */
	put_file("/out/victim", "untouched");
	assert_int_equal(symlink("../out/victim", below("/in/a")), 0);
	assert_int_equal(copy("/in", "a", 0, "x"), HV_ERROR_ALREADY_EXISTS);
	assert_int_equal(copy("/in", "a", OVER_WRITE, "mine"), HV_S_OK);
	assert_string_equal(get_file("/out/victim"), "untouched");
	assert_string_equal(get_file("/in/a"), "mine");
	/* so is a second name of a file elsewhere */
	assert_int_equal(link(below("/out/victim"), below("/in/b")), 0);
	assert_int_equal(copy("/in", "b", OVER_WRITE, "mine"), HV_S_OK);
	assert_string_equal(get_file("/out/victim"), "untouched");
	/* harmless spellings */
	assert_int_equal(copy("//in/./", "c", 0, "x"), HV_S_OK);
	assert_string_equal(get_file("/in/c"), "x");
}

/* On a file system of its own, small, then read-only. */
static int on_small_disk(void)
{
	uint32_t full, late, ro;
	char data[DATA_FRAGMENT];
	uint64_t at;

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", below("/in"), "tmpfs", 0, "size=256k"))
		return 100;
	memset(data, 'd', sizeof(data));
	full = start("/in", "too-large", 0, 1 << 20);
	if (start("/in", "fills", 0, 128 << 10) ||
	    start("/in", "b", 0, 200 << 10))
		return 101;
	/* somebody else takes the room that a sparse file would want */
	f.size = 1 << 20;
	late = HV_S_OK;
	for (at = 0; !late && at < 1 << 20; at += sizeof(data))
		late = write_at(at, data, sizeof(data));
	if (entries("/in"))
		return 102;
	if (mount("none", below("/in"), "none", MS_REMOUNT | MS_RDONLY, NULL))
		return 103;
	ro = start("/in", "a", 0, 1);
	return full != HV_ERROR_DISK_FULL ? 1 :
	       late != HV_ERROR_DISK_FULL ? 2 : ro != HV_E_FAIL ? 3 : 0;
}

static void test_full_disk(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(on_small_disk());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_policy(void **state)
{
	static const char *const wrong[] = {
		"allow", "allow = relative", "mode = 4755", "mode = 8",
		"owner = no.such.user", "max-size = -1", "sync = maybe",
		"colour = red", "max-size = 1 2",
	};
	struct fcopy_policy p;
	char why[128];
	size_t i;

	(void)state;
	fcopy_policy_default(&p);
	assert_non_null(fcopy_policy_root(&p, "/tmp"));
	assert_non_null(fcopy_policy_root(&p, "/home/me/x"));
	assert_null(fcopy_policy_root(&p, "/etc"));
	assert_null(fcopy_policy_root(&p, "/tmpx"));
	assert_null(fcopy_policy_root(&p, ""));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(fcopy_policy_parse(&p, wrong[i], why,
						    sizeof(why)), 1);
	assert_int_equal(fcopy_policy_parse(&p, "\n\nbad line\n", why,
					    sizeof(why)), 3);
	assert_int_equal(fcopy_policy_parse(&p, "allow=/\nmode = 600\nsync=yes\n"
					    "owner = root\ngroup=root\nmax-size = 5\n  # end", why,
					    sizeof(why)), 0);
	assert_string_equal(fcopy_policy_root(&p, "/etc"), "");
	assert_int_equal(p.mode, 0600);
	assert_int_equal(p.max_size, 5);
	assert_true(p.sync);
	assert_int_equal(fcopy_policy_parse(&p, "allow = none", why,
					    sizeof(why)), 0);
	assert_null(fcopy_policy_root(&p, "/tmp"));
	fcopy_policy_free(&p);

	policy.max_size = 3;
	assert_int_equal(copy("/in", "a", 0, "four"), HV_ERROR_DISK_FULL);
	policy.sync = true;
	assert_int_equal(copy("/in", "a", 0, "ok"), HV_S_OK);
}

int main(void)
{
#define with_dirs(t) cmocka_unit_test_setup_teardown(t, begin, end)
	const struct CMUnitTest tests[] = {
		with_dirs(test_whole),
		with_dirs(test_large),
		with_dirs(test_flags),
		with_dirs(test_unfinished),
		with_dirs(test_lies),
		with_dirs(test_no_escape),
		with_dirs(test_full_disk),
		with_dirs(test_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
