// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop that the daemons share, with a service that says everything back:
 * registration, device that comes late, goes and comes again, status file.
 */
/* srcs: tools/lib/service.c tools/lib/device.c tools/lib/file.c */
/* srcs: tools/lib/text.c tools/lib/say.c */
#include "tests/unit/tool_device.h"

static size_t hello(struct service *s, void *msg)
{
	(void)s;
	memcpy(msg, "hello", 5);
	return 5;
}

static bool welcome(struct service *s, const void *msg, size_t len)
{
	strcpy(s->version, "7.1");
	return len == 7 && !memcmp(msg, "welcome", 7);
}

static size_t answer(struct service *s, void *msg, size_t len)
{
	(void)s;
	if (len == 4 && !memcmp(msg, "fail", 4))
		service_failed(s, "it was told to fail, %s", "\x1b[31m");
	return len;
}

static const struct service_ops ops = {
	.hello = hello,
	.welcome = welcome,
	.answer = answer,
};

static struct service make(void)
{
	struct service s = {
		.name = "toy_daemon",
		.ops = &ops,
		.foreground = true,
		.status_file = "/run/openlis/toy",
		.pid_file = "/run/toy.pid",
		.last_op = "echo",
	};

	file_make_dirs(below("/run"), 0755);
	s.device = strdup(below("/dev/hv"));
	s.root = scratch;
	return s;
}

static int greet(void)
{
	char msg[64];
	int fd = device_opened();

	assert_int_equal(device_get(fd, msg, sizeof(msg)), 5);
	assert_memory_equal(msg, "hello", 5);
	device_put(fd, "welcome", 7);
	return fd;
}

static void echo(int fd, const char *text)
{
	char msg[64];

	device_put(fd, text, strlen(text));
	assert_int_equal(device_get(fd, msg, sizeof(msg)), strlen(text));
	assert_memory_equal(msg, text, strlen(text));
}

static void test_requests(void **state)
{
	struct service s = make();
	pid_t pid;
	int fd, i;

	(void)state;
	device_appear();
	pid = daemon_start(&s);
	fd = greet();
	for (i = 0; i < 10000; i++)
		echo(fd, "request");
	echo(fd, "fail");
	assert_int_equal(daemon_end(pid, SIGTERM), 0);
	close(fd);
	device_vanish();
	free((void *)s.device);
}

static void test_comes_and_goes(void **state)
{
	struct service s = make();
	pid_t pid = daemon_start(&s);
	int fd, i;

	(void)state;
	/* the daemon is first, and there is not even the directory */
	for (i = 0; i < 20; i++) {
		device_appear();
		fd = greet();
		echo(fd, "there");
		device_vanish();
		close(fd);
	}
	assert_int_equal(daemon_end(pid, SIGTERM), 0);
	free((void *)s.device);
}

/* Waits until the status file has @text; the test's limit ends the wait. */
static void wait_status(const char *text)
{
	while (!strstr(get_file("/run/openlis/toy"), text))
		poll(NULL, 0, 20);
}

static void test_status(void **state)
{
	struct service s = make();
	char line[64];
	pid_t pid = daemon_start(&s);
	int fd;

	(void)state;
	wait_status("connected=no");
	device_appear();
	fd = greet();
	wait_status("connected=yes");
	wait_status("kernel_version=7.1");
	snprintf(line, sizeof(line), "pid=%d\n", (int)pid);
	wait_status(line);
	assert_string_equal(get_file("/run/toy.pid"), line + 4);
	echo(fd, "one");
	echo(fd, "fail");
	wait_status("requests=2\nerrors=1\nlast_request=echo\n");
	wait_status("last_error=it was told to fail, \\x1b[31m\n");
	device_vanish();
	close(fd);
	wait_status("connected=no");
	assert_int_equal(daemon_end(pid, SIGTERM), 0);
	free((void *)s.device);
}

/* A kernel's side that never answers right: five tries, then the end. */
static void test_refused(void **state)
{
	struct service s = make();
	pid_t pid;
	int fd, i;

	(void)state;
	device_appear();
	pid = daemon_start(&s);
	for (i = 0; i < 5; i++) {
		char msg[64];

		fd = device_opened();
		device_get(fd, msg, sizeof(msg));
		device_put(fd, "go away", 7);
		close(fd);
	}
	assert_int_equal(daemon_end(pid, 0), 1);
	device_vanish();
	free((void *)s.device);
}

int main(void)
{
#define in_scratch(t) \
	cmocka_unit_test_setup_teardown(t, scratch_begin, scratch_end)
	const struct CMUnitTest tests[] = {
		in_scratch(test_requests),
		in_scratch(test_comes_and_goes),
		in_scratch(test_status),
		in_scratch(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
