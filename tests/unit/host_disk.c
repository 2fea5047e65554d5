// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's back ends of disks: images that qemu-nbd opens, and the cache that
 * forgets at a power loss.  What reached the file is asked of qemu-img, or read
 * past the disk.
 *
 * srcs: tests/hvhost/dev/disk.c tests/hvhost/dev/disk_map.c
 * srcs: tests/hvhost/dev/disk_cache.c tests/hvhost/dev/disk_image.c tests/hvhost/dev/disk_inbox.c
 * libs: -luring -lnbd
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dev/disk.h"
#include "dev/disk_image.h"

#define PATIENCE_MS	60000
#define MIB		(1u << 20)
#define BYTES		(8 * MIB)
#define PAGE		4096u

static char *dir;
static struct disk_queue *queue;
static unsigned int ended;

static void count_end(void *ctx, struct disk_io *io)
{
	(void)ctx;
	(void)io;
	ended++;
}

static const char *in_dir(const char *name)
{
	static char path[2][96];
	static unsigned int n;

	n ^= 1;
	snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);
	return path[n];
}

__attribute__((format(printf, 1, 2)))
static int shell(const char *fmt, ...)
{
	char command[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return system(command);
}

/* As a channel's worker does: sleep on the queue's fd while it is busy */
static void run_to_end(unsigned int want)
{
	struct pollfd p = { .events = POLLIN };

	while (!disk_queue_run(queue) || ended < want) {
		p.fd = disk_queue_fd(queue);
		if (disk_queue_pending(queue) && p.fd >= 0)
			assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	}
	assert_int_equal(disk_queue_pending(queue), 0);
}

static int run_one(struct disk *d, enum disk_op op, bool fua, uint64_t offset,
		   void *data, uint64_t bytes)
{
	/* Two pieces, the first an odd one */
	struct iovec iov[2] = {
		{ data, bytes > 700 ? 700 : bytes },
		{ (char *)data + 700, bytes > 700 ? bytes - 700 : 0 },
	};
	struct disk_io io = {
		.op = op, .fua = fua, .disk = d, .offset = offset,
		.bytes = bytes, .iov = data ? iov : NULL,
		.iov_count = data ? 1 + (bytes > 700) : 0, .result = 1,
	};

	ended = 0;
	disk_queue_add(queue, &io);
	run_to_end(1);
	return io.result;
}

static struct disk *open_or_fail(const char *path, bool read_only)
{
	char *error = NULL;
	struct disk *d = disk_open(path, disk_image_format(path), read_only,
				   &error);

	if (!d)
		fail_msg("%s", error);
	return d;
}

static void fill(uint8_t *data, size_t bytes, unsigned int seed)
{
	while (bytes--)
		*data++ = rand_r(&seed) >> 4;
}

/* --- images ----------------------------------------------------------------- */

struct kind {
	const char *file, *create;
};

static const struct kind kinds[] = {
	{ "dynamic.vhd", "-f vpc -o subformat=dynamic,force_size=on" },
	{ "fixed.VHD", "-f vpc -o subformat=fixed,force_size=on" },
	{ "a,comma.vhdx", "-f vhdx -o subformat=dynamic" },
	{ "a:colon.qcow2", "-f qcow2" },
};

static const char *create(const struct kind *k)
{
	const char *path = in_dir(k->file);

	assert_int_equal(shell("rm -f '%s'; qemu-img create -q %s '%s' 8M",
			       path, k->create, path), 0);
	return path;
}

/* What others read from the image */
static void read_outside(const char *path, uint8_t *to)
{
	char raw[96], spec[256], *s = spec;
	static const char * const drivers[] = {
		"raw", "vpc", "vhdx", "qcow2" };
	int fd;

	s += sprintf(s, "driver=%s,file.driver=file,file.filename=",
		     drivers[disk_image_format(path)]);
	for (; *path; path++) {
		if (*path == ',')
			*s++ = ',';
		*s++ = *path;
	}
	*s = 0;
	snprintf(raw, sizeof(raw), "%s/raw", dir);
	assert_int_equal(shell("qemu-img convert --image-opts -O raw '%s' %s",
			       spec, raw), 0);
	fd = open(raw, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, to, BYTES), BYTES);
	close(fd);
}

static void test_an_image_holds_what_was_written(void **state)
{
	uint8_t *data = malloc(BYTES), *found = malloc(BYTES);

	(void)state;
	for (unsigned int k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		char *path = strdup(create(&kinds[k]));
		struct disk *d = open_or_fail(path, false);

		assert_int_equal(atomic_load(&d->bytes), BYTES);
		memset(data, 0, BYTES);
		fill(data + MIB, MIB, k);
		fill(data + 7 * MIB, MIB, k + 100);
		assert_int_equal(run_one(d, DISK_WRITE, false, MIB, data + MIB,
					 MIB), 0);
		assert_int_equal(run_one(d, DISK_WRITE, true, 7 * MIB,
					 data + 7 * MIB, MIB), 0);
		assert_int_equal(run_one(d, DISK_ZERO, false, MIB + 512, NULL,
					 100 * 512), 0);
		memset(data + MIB + 512, 0, 100 * 512);
		assert_int_equal(run_one(d, DISK_FLUSH, false, 0, NULL, 0), 0);
		assert_int_equal(run_one(d, DISK_READ, false, 0, found, MIB), 0);
		assert_memory_equal(found, data, MIB);
		assert_int_equal(run_one(d, DISK_READ, false, MIB, found, MIB),
				 0);
		assert_memory_equal(found, data + MIB, MIB);
		assert_int_equal(disk_resize(d, 2 * BYTES), -EOPNOTSUPP);
		disk_put(d);
		read_outside(path, found);
		assert_memory_equal(found, data, BYTES);
		free(path);
	}
	free(data);
	free(found);
}

static void test_many_at_a_time(void **state)
{
	enum { MANY = 64 };
	struct disk *d = open_or_fail(create(&kinds[2]), false);
	struct disk *raw;
	uint8_t *data = malloc(MANY * PAGE);
	struct disk_io io[MANY + 1];
	struct iovec iov[MANY + 1];

	(void)state;
	/* A raw disk in the same queue: both kinds of completions are seen */
	assert_int_equal(shell("truncate -s 8M %s", in_dir("beside")), 0);
	raw = open_or_fail(in_dir("beside"), false);
	fill(data, MANY * PAGE, 7);
	ended = 0;
	for (unsigned int i = 0; i <= MANY; i++) {
		iov[i] = (struct iovec){ data + i % MANY * PAGE, PAGE };
		io[i] = (struct disk_io){
			.op = DISK_WRITE, .disk = i < MANY ? d : raw,
			.offset = i % MANY * (uint64_t)PAGE * 2, .bytes = PAGE,
			.iov = &iov[i], .iov_count = 1, .result = 1 };
		disk_queue_add(queue, &io[i]);
	}
	run_to_end(MANY + 1);
	for (unsigned int i = 0; i <= MANY; i++)
		assert_int_equal(io[i].result, 0);
	for (unsigned int i = 0; i < MANY; i++) {
		uint8_t found[PAGE];

		assert_int_equal(run_one(d, DISK_READ, false,
					 i * (uint64_t)PAGE * 2, found, PAGE),
				 0);
		assert_memory_equal(found, data + i * PAGE, PAGE);
	}
	free(data);
	disk_put(raw);
	disk_put(d);
}

static void assert_refused(const char *path, enum disk_format format,
			   const char *why)
{
	char *error = NULL;

	assert_null(disk_open(path, format, false, &error));
	assert_non_null(error);
	if (!strstr(error, why) || strchr(error, '\n'))
		fail_msg("%s: %s", path, error);
	free(error);
}

static void test_what_is_no_image_is_refused(void **state)
{
	char *path = strdup(getenv("PATH"));

	(void)state;
	assert_refused(in_dir("none.vhdx"), DISK_VHDX, "No such file");
	assert_int_equal(shell("truncate -s 64K %s/empty.vhdx", dir), 0);
	assert_refused(in_dir("empty.vhdx"), DISK_VHDX, "not a vhdx image");
	assert_int_equal(shell(": >%s/nothing.vhd", dir), 0);
	assert_refused(in_dir("nothing.vhd"), DISK_VHD, "not a vhd image");
	setenv("PATH", dir, 1);
	assert_refused(in_dir("empty.vhdx"), DISK_VHDX, "qemu-utils");
	setenv("PATH", path, 1);
	free(path);
	assert_int_equal(disk_image_format("a.vhd/b"), DISK_RAW);
	assert_int_equal(disk_image_format("vhdx"), DISK_RAW);
}

static void test_read_only_images_stay_as_they_are(void **state)
{
	struct disk *d = open_or_fail(create(&kinds[2]), true);
	uint8_t data[PAGE] = { 1 };

	(void)state;
	assert_int_equal(run_one(d, DISK_READ, false, 0, data, PAGE), 0);
	assert_int_equal(data[0], 0);
	assert_int_not_equal(run_one(d, DISK_WRITE, false, 0, data, PAGE), 0);
	disk_put(d);
}

/* The processes that this one has started; 0: none */
static pid_t child(void)
{
	char path[64];
	FILE *f;
	int pid;

	/* libnbd forks in the thread that opens the disk: this one */
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", gettid());
	f = fopen(path, "r");
	assert_non_null(f);
	if (fscanf(f, "%d", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid;
}

static void test_a_killed_server_is_an_error_and_no_hang(void **state)
{
	struct disk *d = open_or_fail(create(&kinds[2]), false);
	struct disk_io io[8];
	uint8_t data[PAGE];
	struct iovec iov[8];

	(void)state;
	assert_int_equal(run_one(d, DISK_WRITE, false, 0, data, PAGE), 0);
	/* It stops with work in hand, and then dies */
	assert_int_not_equal(child(), 0);
	kill(child(), SIGSTOP);
	ended = 0;
	for (unsigned int i = 0; i < 8; i++) {
		iov[i] = (struct iovec){ data, PAGE };
		io[i] = (struct disk_io){ .op = DISK_WRITE, .disk = d,
			.bytes = PAGE, .iov = &iov[i], .iov_count = 1 };
		disk_queue_add(queue, &io[i]);
	}
	disk_queue_run(queue);
	assert_int_equal(ended, 0);
	kill(child(), SIGKILL);
	run_to_end(8);
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(io[i].result, -EIO);
	assert_int_equal(run_one(d, DISK_READ, false, 0, data, PAGE), -EIO);
	assert_int_equal(run_one(d, DISK_FLUSH, false, 0, NULL, 0), -EIO);
	disk_put(d);
	assert_int_equal(child(), 0);
}

/* --- volatile caches ---------------------------------------------------------- */

static struct disk *open_cached(enum disk_caching how)
{
	struct disk *d;

	assert_int_equal(shell("rm -f %s/disk; truncate -s 8M %s/disk", dir,
			       dir), 0);
	d = open_or_fail(in_dir("disk"), false);
	assert_true(disk_set_caching(d, how));
	return d;
}

static void in_file(struct disk *d, uint8_t *to, uint64_t offset, size_t bytes)
{
	assert_int_equal(pread(d->fd, to, bytes, offset), bytes);
}

static void test_only_what_was_flushed_is_in_the_file(void **state)
{
	struct disk *d = open_cached(DISK_CACHE_VOLATILE);
	uint8_t data[2 * PAGE], found[2 * PAGE], zero[2 * PAGE] = { 0 };

	(void)state;
	fill(data, sizeof(data), 1);
	assert_int_equal(run_one(d, DISK_WRITE, false, 1024, data,
				 sizeof(data)), 0);
	in_file(d, found, 1024, sizeof(found));
	assert_memory_equal(found, zero, sizeof(found));
	assert_int_equal(run_one(d, DISK_READ, false, 1024, found,
				 sizeof(found)), 0);
	assert_memory_equal(found, data, sizeof(found));
	/* FUA: this and nothing else */
	assert_int_equal(run_one(d, DISK_WRITE, true, MIB, data, 512), 0);
	in_file(d, found, MIB, 512);
	assert_memory_equal(found, data, 512);
	in_file(d, found, 1024, sizeof(found));
	assert_memory_equal(found, zero, sizeof(found));
	assert_int_equal(run_one(d, DISK_FLUSH, false, 0, NULL, 0), 0);
	in_file(d, found, 1024, sizeof(found));
	assert_memory_equal(found, data, sizeof(found));
	/* Half of it anew: old and new side by side when it is read */
	fill(data + 512, PAGE, 2);
	assert_int_equal(run_one(d, DISK_WRITE, false, 1024 + 512, data + 512,
				 PAGE), 0);
	assert_int_equal(run_one(d, DISK_READ, false, 1024, found,
				 sizeof(found)), 0);
	assert_memory_equal(found, data, sizeof(found));
	assert_int_equal(run_one(d, DISK_ZERO, false, 1024, NULL, 1024), 0);
	memset(data, 0, 1024);
	assert_int_equal(run_one(d, DISK_READ, false, 1024, found,
				 sizeof(found)), 0);
	assert_memory_equal(found, data, sizeof(found));
	assert_int_equal(disk_resize(d, 2 * BYTES), -EOPNOTSUPP);
	disk_put(d);
	/* An orderly end writes it all */
	d = open_or_fail(in_dir("disk"), false);
	in_file(d, found, 1024, sizeof(found));
	assert_memory_equal(found, data, sizeof(found));
	disk_put(d);
}

static void test_a_power_loss_takes_some_of_the_rest(void **state)
{
	struct disk *d = open_cached(DISK_CACHE_VOLATILE);
	uint8_t *data = malloc(BYTES), *found = malloc(BYTES);
	unsigned int lost = 0, kept = 0;

	(void)state;
	memset(data, 1, BYTES);
	assert_int_equal(run_one(d, DISK_WRITE, false, 0, data, BYTES), 0);
	assert_int_equal(run_one(d, DISK_FLUSH, false, 0, NULL, 0), 0);
	memset(data, 2, BYTES);
	assert_int_equal(run_one(d, DISK_WRITE, false, MIB, data, MIB), 0);
	disk_power_loss(d);
	assert_int_equal(run_one(d, DISK_READ, false, 0, found, BYTES), 0);
	in_file(d, data, 0, BYTES);
	assert_memory_equal(found, data, BYTES);
	for (uint8_t *p = found; p < found + BYTES; p += PAGE) {
		bool late = p >= found + MIB && p < found + 2 * MIB;

		/* Whole pages, and only those that were not safe */
		assert_memory_equal(p, p + 1, PAGE - 1);
		assert_true(*p == 1 || (late && *p == 2));
		lost += late && *p == 1;
		kept += late && *p == 2;
	}
	/* Of 256: less would be a chance of one in 10^30 */
	assert_true(lost > 32 && kept > 32);
	free(data);
	free(found);
	disk_put(d);
}

static void test_a_liar_keeps_nothing(void **state)
{
	struct disk *d = open_cached(DISK_CACHE_LYING);
	uint8_t data[PAGE] = { 1, 2, 3 }, found[PAGE], zero[PAGE] = { 0 };

	(void)state;
	assert_int_equal(run_one(d, DISK_WRITE, true, 0, data, PAGE), 0);
	assert_int_equal(run_one(d, DISK_FLUSH, false, 0, NULL, 0), 0);
	assert_int_equal(run_one(d, DISK_READ, false, 0, found, PAGE), 0);
	assert_memory_equal(found, data, PAGE);
	disk_power_loss(d);
	assert_int_equal(run_one(d, DISK_READ, false, 0, found, PAGE), 0);
	assert_memory_equal(found, zero, PAGE);
	disk_put(d);
}

static int set_up(void **state)
{
	(void)state;
	queue = disk_queue_new(256, count_end, NULL);
	dir = strdup("/tmp/host_disk-XXXXXX");
	return queue && mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	int status = shell("rm -rf %s", dir);

	(void)state;
	disk_queue_free(queue);
	free(dir);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_image_holds_what_was_written),
		cmocka_unit_test(test_many_at_a_time),
		cmocka_unit_test(test_what_is_no_image_is_refused),
		cmocka_unit_test(test_read_only_images_stay_as_they_are),
		cmocka_unit_test(test_a_killed_server_is_an_error_and_no_hang),
		cmocka_unit_test(test_only_what_was_flushed_is_in_the_file),
		cmocka_unit_test(test_a_power_loss_takes_some_of_the_rest),
		cmocka_unit_test(test_a_liar_keeps_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
