// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freezing and thawing with made-up file systems that write down what is done
 * to them: order, failures, limits, the guard, hooks; and with real ones.
 */
/* srcs: tools/vss/vss.c tools/vss/freeze.c tools/vss/hooks.c tools/vss/mounts.c */
/* srcs: tools/vss/plan.c tools/vss/backing.c tools/lib/file.c tools/lib/text.c */
/* srcs: tools/lib/run.c tools/lib/service.c tools/lib/device.c tools/lib/say.c */
/* srcs: tools/lib/config.c */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/tool_scratch.h"
#include "tools/vss/vss.h"

#define TABLE \
	"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n" \
	"21 20 8:2 / /a rw - xfs /dev/sda2 rw\n" \
	"22 21 8:3 / /a/b rw - btrfs /dev/sda3 rw\n"

/* Shared with the guard, which is another process */
static struct {
	char done[1024];
	int frozen[8];			/* by minor number */
	int fail_freeze[8];
	int fail_open;
} *disk;

static struct vss v;
static struct hv_vss_msg msg;

static void wrote(const char *what, int fd)
{
	size_t used = strlen(disk->done);

	snprintf(disk->done + used, sizeof(disk->done) - used, "%s%d ", what,
		 fd);
}

static int fake_open(const struct vss_mount *m)
{
	wrote("o", (int)m->minor);
	return disk->fail_open == (int)m->minor ? -EIO : (int)m->minor;
}

static void fake_flush(int fd)
{
	(void)fd;
}

static int fake_freeze(int fd)
{
	wrote("f", fd);
	if (disk->fail_freeze[fd])
		return disk->fail_freeze[fd];
	if (disk->frozen[fd])
		return -EBUSY;
	disk->frozen[fd] = 1;
	return 0;
}

static int fake_thaw(int fd)
{
	wrote("t", fd);
	if (!disk->frozen[fd])
		return -EINVAL;
	disk->frozen[fd] = 0;
	return 0;
}

static void fake_close(int fd)
{
	wrote("c", fd);
}

static const struct vss_fs_ops fake = {
	.open = fake_open,
	.flush = fake_flush,
	.freeze = fake_freeze,
	.thaw = fake_thaw,
	.close = fake_close,
};

static int begin(void **state)
{
	if (scratch_begin(state))
		return -1;
	disk = mmap(NULL, sizeof(*disk), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (disk == MAP_FAILED || vss_init(&v, scratch, VSS_CONFIG))
		return -1;
	put_file("/mountinfo", TABLE);
	v.freezer.ops = &fake;
	snprintf(v.mountinfo, sizeof(v.mountinfo), "%s/mountinfo", scratch);
	strcpy(v.sysfs, scratch);
	return 0;
}

static int end(void **state)
{
	vss_thaw(&v.freezer);
	vss_hooks_thaw(&v.hooks);
	vss_end(&v);
	munmap(disk, sizeof(*disk));
	return scratch_end(state);
}

static uint32_t request(int operation)
{
	uint32_t status;

	memset(&msg, 0, sizeof(msg));
	msg.vss_hdr.operation = (__u8)operation;
	status = vss_answer(&v, &msg);
	assert_int_equal((uint32_t)msg.error, status);
	return status;
}

static void hook(const char *name, const char *script, mode_t mode)
{
	char path[128], text[512];

	snprintf(path, sizeof(path), "/etc/openlis/vss.d/%s", name);
	snprintf(text, sizeof(text), "#!/bin/sh\ncd '%s' || exit 9\n%s\n",
		 scratch, script);
	put_file(path, text);
	assert_int_equal(chmod(below(path), mode), 0);
}

static void test_order(void **state)
{
	(void)state;
	assert_int_equal(request(VSS_OP_HOT_BACKUP), HV_S_OK);
	assert_int_equal(msg.vss_cf.flags, VSS_HBU_NO_AUTO_RECOVERY);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_string_equal(disk->done, "o3 o2 o1 f3 f2 f1 ");
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);	/* again */
	assert_string_equal(disk->done, "o3 o2 o1 f3 f2 f1 ");
	disk->done[0] = '\0';
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_string_equal(disk->done, "t1 t2 t3 c3 c2 c1 ");
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);	/* again */
	assert_string_equal(disk->done, "t1 t2 t3 c3 c2 c1 ");
	assert_int_equal(request(VSS_OP_CREATE), HV_ERROR_NOT_SUPPORTED);
	assert_int_equal(request(200), HV_ERROR_NOT_SUPPORTED);
	assert_int_equal(v.freezer.guard, 0);
}

static void test_failures(void **state)
{
	(void)state;
	/* one that cannot be frozen: all thawed, the host is told */
	disk->fail_freeze[2] = -EIO;
	assert_int_equal(request(VSS_OP_FREEZE), HV_E_FAIL);
	assert_string_equal(disk->done, "o3 o2 o1 f3 f2 t3 c3 c2 c1 ");
	assert_non_null(strstr(v.error, "cannot freeze /a:"));
	/* one that is gone: nothing is frozen */
	disk->fail_freeze[2] = 0;
	disk->fail_open = 1;
	disk->done[0] = '\0';
	assert_int_equal(request(VSS_OP_FREEZE), HV_E_FAIL);
	assert_string_equal(disk->done, "o3 o2 o1 c3 c2 ");
	/* one that has nothing to freeze, one that somebody else froze */
	disk->fail_open = 0;
	disk->fail_freeze[3] = -EOPNOTSUPP;
	disk->frozen[2] = 1;
	disk->done[0] = '\0';
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_string_equal(disk->done, "o3 o2 o1 f3 f2 f1 t1 c3 c2 c1 ");
	assert_int_equal(disk->frozen[2], 1);
	/* no mount table at all */
	unlink(below("/mountinfo"));
	assert_int_equal(request(VSS_OP_FREEZE), HV_E_FAIL);
}

/* The daemon's own limit: the host hears of it. */
static void test_silent_host(void **state)
{
	(void)state;
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	vss_give_up(&v, "no word");
	assert_string_equal(v.error, "no word");
	assert_false(disk->frozen[1] || disk->frozen[2] || disk->frozen[3]);
	assert_int_equal(request(VSS_OP_THAW), HV_E_FAIL);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
}

static void wait_thawed(void)
{
	while (disk->frozen[1] || disk->frozen[2] || disk->frozen[3])
		poll(NULL, 0, 10);	/* the test's limit ends it */
}

/* The daemon is killed, or stands still, while all is frozen. */
static void test_guard(void **state)
{
	int status, how;
	pid_t pid;

	(void)state;
	for (how = 0; how < 2; how++) {
		disk->done[0] = '\0';
		v.freezer.limit_ms = how ? 300 : 60000;
		pid = fork();
		if (!pid) {
			if (request(VSS_OP_FREEZE))
				_exit(1);
			disk->frozen[0] = 1;
			pause();
			_exit(2);
		}
		while (!disk->frozen[0])
			poll(NULL, 0, 10);
		disk->frozen[0] = 0;
		kill(pid, how ? SIGSTOP : SIGKILL);
		wait_thawed();
		assert_string_equal(disk->done,
				    "o3 o2 o1 f3 f2 f1 t1 t2 t3 ");
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
}

/* Both are killed, and a daemon is started anew. */
static void test_both_killed(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	hook("10-a", "echo a-$1 >> log", 0755);
	pid = fork();
	if (!pid) {
		if (request(VSS_OP_FREEZE))
			_exit(1);
		disk->frozen[7] = v.freezer.guard;
		disk->frozen[0] = 1;
		pause();
		_exit(2);
	}
	while (!disk->frozen[0])
		poll(NULL, 0, 10);
	kill(disk->frozen[7], SIGKILL);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(disk->frozen[1] && disk->frozen[2] && disk->frozen[3]);
	vss_recover(&v);
	assert_false(disk->frozen[1] || disk->frozen[2] || disk->frozen[3]);
	assert_string_equal(get_file("/log"), "a-freeze\na-thaw\n");
	/* the host must not believe its copy, and can make another */
	assert_int_equal(request(VSS_OP_THAW), HV_E_FAIL);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	/* nothing was left: nothing is done */
	disk->done[0] = '\0';
	vss_recover(&v);
	assert_string_equal(disk->done, "");
}

/* The guard was first: the host must not believe its copy. */
static void test_guard_first(void **state)
{
	(void)state;
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	disk->frozen[2] = 0;
	assert_int_equal(request(VSS_OP_THAW), HV_E_FAIL);
	assert_false(disk->frozen[1] || disk->frozen[3]);
}

static void test_hooks(void **state)
{
	(void)state;
	hook("10-a", "echo a-$1 >> log", 0755);
	hook("20-b", "echo b-$1 >> log; sleep 0 & exit 0", 0755);
	hook("30-other", "echo other-$1 >> log", 0777);
	hook("40-off", "echo off-$1 >> log", 0644);
	hook("50-old.dpkg-old", "echo old-$1 >> log", 0755);
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_string_equal(get_file("/log"), "a-freeze\nb-freeze\n");
	assert_int_equal(request(VSS_OP_THAW), HV_S_OK);
	assert_string_equal(get_file("/log"),
			    "a-freeze\nb-freeze\nb-thaw\na-thaw\n");
}

static void test_bad_hooks(void **state)
{
	(void)state;
	hook("10-a", "echo a-$1 >> log", 0755);
	hook("20-bad", "echo bad-$1 >> log; test $1 = thaw || { echo my reason; exit 3; }",
	     0755);
	hook("30-c", "echo c-$1 >> log", 0755);
	assert_int_equal(request(VSS_OP_FREEZE), HV_E_FAIL);
	assert_string_equal(get_file("/log"),
			    "a-freeze\nbad-freeze\nbad-thaw\na-thaw\n");
	assert_non_null(strstr(v.error, "exit status 3: my reason"));
	assert_string_equal(disk->done, "");
	/* one that hangs, with a child that holds the pipe */
	hook("20-bad", "test $1 = thaw || { sleep 1000 & sleep 1000; }", 0755);
	v.hooks.limit_ms = 200;
	assert_int_equal(request(VSS_OP_FREEZE), HV_E_FAIL);
	assert_non_null(strstr(v.error, "timed out"));
	/* a freeze that fails after good hooks */
	unlink(below("/etc/openlis/vss.d/20-bad"));
	unlink(below("/log"));
	v.hooks.limit_ms = 30000;
	disk->fail_freeze[1] = -EIO;
	assert_int_equal(request(VSS_OP_FREEZE), HV_E_FAIL);
	assert_string_equal(get_file("/log"),
			    "a-freeze\nc-freeze\nc-thaw\na-thaw\n");
}

static void test_config(void **state)
{
	(void)state;
	assert_null(vss_config_take(&v, "skip", "/a"));
	assert_null(vss_config_take(&v, "thaw-after", "5"));
	assert_int_equal(v.freezer.limit_ms, 5000);
	assert_non_null(vss_config_take(&v, "thaw-after", "0"));
	assert_non_null(vss_config_take(&v, "hook-limit", "4000"));
	assert_non_null(vss_config_take(&v, "freeze", "yes"));
	assert_int_equal(request(VSS_OP_FREEZE), HV_S_OK);
	assert_string_equal(disk->done, "o3 o1 f3 f1 ");
}

static void run(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		_exit(77);
}

/* Blocked in a write to a frozen file system, until somebody thaws it? */
static bool blocks(const char *path)
{
	int status, i, n = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(open(path, O_CREAT | O_WRONLY, 0600) < 0);
	for (i = 0; !n && i < 25; i++) {
		n = waitpid(pid, &status, WNOHANG);
		poll(NULL, 0, 20);
	}
	if (n)
		return false;
	disk->frozen[7] = pid;
	return true;
}

/* ext4 in a file, and in a file on that ext4 another one; the real ioctls */
static int real_freeze(void)
{
	int status;

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL))
		return 77;
	run("cd %s && mkdir outer inner && truncate -s 40M o.img && mkfs.ext4 -q o.img && mount -o loop o.img outer",
	    scratch);
	run("cd %s && truncate -s 8M outer/i.img && mkfs.ext4 -q outer/i.img && mount -o loop outer/i.img inner && mkdir outer/sub && mount --bind outer outer/sub",
	    scratch);
	run("grep %s /proc/self/mountinfo > %s/mountinfo", scratch, scratch);
	v.freezer.ops = &vss_kernel_ops;
	strcpy(v.sysfs, "/sys");
	if (request(VSS_OP_FREEZE))
		return 1;
	if (v.freezer.count != 2 ||
	    !strstr(v.freezer.order[0]->point, "inner"))
		return 2;
	if (!blocks(below("/outer/file")))
		return 3;
	if (request(VSS_OP_THAW))
		return 4;
	/* the blocked one goes on */
	if (waitpid(disk->frozen[7], &status, 0) < 0 || status)
		return 5;
	/* thawed by hand behind its back */
	if (request(VSS_OP_FREEZE))
		return 6;
	run("fsfreeze -u %s/outer", scratch);
	if (request(VSS_OP_THAW) != HV_E_FAIL)
		return 7;
	run("umount %s/inner && umount %s/outer/sub && umount %s/outer && e2fsck -fn %s/o.img >/dev/null 2>&1",
	    scratch, scratch, scratch, scratch);
	return 0;
}

/* Needs root and loop devices: says so where they are missing. */
static void test_real(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(real_freeze());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("no loop mounts here: only made-up file systems were frozen\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define with_disk(t) cmocka_unit_test_setup_teardown(t, begin, end)
	const struct CMUnitTest tests[] = {
		with_disk(test_order),
		with_disk(test_failures),
		with_disk(test_silent_host),
		with_disk(test_guard),
		with_disk(test_both_killed),
		with_disk(test_guard_first),
		with_disk(test_hooks),
		with_disk(test_bad_hooks),
		with_disk(test_config),
		with_disk(test_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
