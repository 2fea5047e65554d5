// SPDX-License-Identifier: GPL-2.0-only
/*
 * tests/box/box keeps its time limits whatever its QEMU does.  The QEMUs here
 * are shell scripts that speak the machine's words ("up", "beat", "exit N") on
 * its control port; nothing is emulated.
 */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define BEAT_LIMIT	2	/* seconds; 180 without $LIS_BEAT_LIMIT */
#define GRACE		3	/* 30 without $LIS_GRACE */
#define SLACK		20	/* a loaded machine's, and a look at the monitor */

static char dir[64];

static void put(const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, 0755);
}

/* What box asks its QEMU: a version; else the words on the control port, whose
 * name is in the arguments.
 */
static void put_qemu(const char *does)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "#!/bin/bash\n"
		 "[ \"$1\" != --version ] || { echo version 10.0; exit; }\n"
		 "for a; do case $a in file,id=*,path=*)\n"
		 "	id=${a#*id=} exec=${a##*path=}\n"
		 "	case ${id%%%%,*} in\n"
		 "	ctl) exec 9>\"$exec\" ;;\n"
		 "	out) exec 8>\"$exec\" ;;\n"
		 "	err) exec 7>\"$exec\" ;;\n"
		 "	esac\n"
		 "esac; done\n"
		 "%s\n", does);
	put("qemu", text);
}

static int prepare(void **state)
{
	char text[PATH_MAX];

	(void)state;
	strcpy(dir, "/tmp/openlis-unit-box-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(text, sizeof(text),
		 "mkdir -p %s/bin %s/cache/openlis/kernels/0.0-fake", dir, dir);
	assert_int_equal(system(text), 0);
	snprintf(text, sizeof(text), "%s/bin:%s", dir, getenv("PATH"));
	setenv("PATH", text, 1);
	snprintf(text, sizeof(text), "%s/cache", dir);
	setenv("XDG_CACHE_HOME", text, 1);
	snprintf(text, sizeof(text), "%s/qemu", dir);
	setenv("LIS_QEMU", text, 1);
	setenv("TMPDIR", dir, 1);
	snprintf(text, sizeof(text), "%d", BEAT_LIMIT);
	setenv("LIS_BEAT_LIMIT", text, 1);
	snprintf(text, sizeof(text), "%d", GRACE);
	setenv("LIS_GRACE", text, 1);
	put("cache/openlis/kernels/0.0-fake/KVER", "0.0-fake\n");
	put("bin/modprobe", "#!/bin/sh\necho insmod $0\n");
	return 0;
}

static int clean(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* box run --timeout LIMIT with that QEMU: its status; what it said in @said */
static int run(const char *limit, char *said, size_t size)
{
	static const char box[] = "timeout -k 5 100 tests/box/box";
	char command[256];
	size_t len;
	FILE *f;

	snprintf(command, sizeof(command),
		 "%s run --nested --kernel 0.0-fake --timeout %s -- true 2>&1",
		 box, limit);
	f = popen(command, "r");
	assert_non_null(f);
	len = fread(said, 1, size - 1, f);
	said[len] = '\0';
	return WEXITSTATUS(pclose(f));
}

static void the_status_is_the_commands(void **state)
{
	char said[4096];

	(void)state;
	put_qemu("echo up >&9; echo hello >&8; echo exit 7 >&9");
	assert_int_equal(run("60", said, sizeof(said)), 7);
	assert_string_equal(said, "hello\n");
}

static void a_machine_that_dies_ends_it(void **state)
{
	char said[4096];

	(void)state;
	put_qemu("echo up >&9; exit 1");
	assert_int_equal(run("60", said, sizeof(said)), 125);
}

static void a_machine_without_heartbeat_ends_it(void **state)
{
	time_t began = time(NULL);
	char said[4096];

	(void)state;
	put_qemu("echo up >&9; trap '' TERM; exec sleep 90");
	assert_int_equal(run("80", said, sizeof(said)), 125);
	assert_non_null(strstr(said, "does not answer"));
	assert_in_range(time(NULL) - began, 0, BEAT_LIMIT + GRACE + SLACK);
}

static void a_heartbeat_does_not_prolong_the_limit(void **state)
{
	time_t began = time(NULL);
	char said[4096];

	(void)state;
	put_qemu("echo up >&9; while echo beat >&9; do sleep 1; done");
	assert_int_equal(run("1", said, sizeof(said)), 125);
	assert_non_null(strstr(said, "does not answer"));
	assert_in_range(time(NULL) - began, 0, 1 + GRACE + SLACK);
}

static void a_heartbeat_keeps_a_silent_command_alive(void **state)
{
	char said[4096];

	(void)state;
	put_qemu("echo up >&9\n"
		 "for i in 1 2 3 4 5 6 7 8; do echo beat >&9; sleep 1; done\n"
		 "echo exit 0 >&9");
	assert_int_equal(run("60", said, sizeof(said)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_status_is_the_commands),
		cmocka_unit_test(a_machine_that_dies_ends_it),
		cmocka_unit_test(a_machine_without_heartbeat_ends_it),
		cmocka_unit_test(a_heartbeat_does_not_prolong_the_limit),
		cmocka_unit_test(a_heartbeat_keeps_a_silent_command_alive),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
