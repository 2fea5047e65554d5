// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which file systems are frozen, and in which order: mount tables of all
 * sorts, with made-up loop devices.
 */
/* srcs: tools/vss/mounts.c tools/vss/plan.c tools/vss/backing.c */
/* srcs: tools/lib/file.c tools/lib/text.c */
#include <errno.h>

#include "tests/unit/tool_scratch.h"
#include "tools/vss/mounts.h"

static struct vss_mounts m;
static struct vss_mount *order[64];
static char planned[4096];

/* What lies in which file, by source */
static const char *const (*loops)[2];

static void backing(void *ctx, const struct vss_mount *mount,
		    void (*found)(void *arg, const char *file), void *arg)
{
	size_t i;

	(void)ctx;
	for (i = 0; loops && loops[i][0]; i++)
		if (!strcmp(loops[i][0], mount->source))
			found(arg, loops[i][1]);
}

/* The plan for a table, as mount points with blanks between them */
static const char *plan(const char *table, const char *skipped)
{
	char *names[1] = { (char *)skipped };
	struct vss_skip skip = { .names = names, .count = skipped ? 1 : 0 };
	size_t n, i;

	vss_mounts_free(&m);
	assert_int_equal(vss_mounts_parse(&m, table), 0);
	n = vss_plan(&m, &skip, backing, NULL, order);
	planned[0] = '\0';
	for (i = 0; i < n; i++) {
		strcat(planned, i ? " " : "");
		strcat(planned, order[i]->point);
	}
	return planned;
}

static int end(void **state)
{
	(void)state;
	vss_mounts_free(&m);
	loops = NULL;
	return 0;
}

#define ROOT	"20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"

static void test_usual(void **state)
{
	(void)state;
	assert_string_equal(plan(
		"18 20 0:16 / /sys rw shared:7 - sysfs none rw\n"
		"19 20 0:4 / /proc rw - proc none rw\n" ROOT
		"30 20 8:2 / /home rw - xfs /dev/sda2 rw\n"
		"31 20 0:40 /@ /data rw - btrfs /dev/sdb rw\n"
		"32 31 8:3 / /data/deep rw master:3 - ext4 /dev/sda3 rw\n"
		"33 20 8:4 / /boot/efi rw - vfat /dev/sda4 rw\n"
		"34 20 7:1 / /snap ro - squashfs /dev/loop1 ro\n"
		"35 20 11:0 / /cd ro - iso9660 /dev/sr0 ro\n"
		"36 20 8:5 / /ro ro - ext4 /dev/sda5 ro\n"
		"37 20 0:41 / /net rw - nfs server:/x rw\n"
		"38 20 0:42 / /fuse rw - fuseblk /dev/sdc1 rw\n", NULL),
		"/data/deep /data /home /");
}

/* A mount that is read-only here may be written elsewhere. */
static void test_bind(void **state)
{
	(void)state;
	assert_string_equal(plan(ROOT
		"30 20 8:1 /srv /a/b/c ro - ext4 /dev/sda1 rw\n"
		"31 20 8:2 / /home rw - xfs /dev/sda2 rw\n"
		"32 20 8:2 /me /me rw - xfs /dev/sda2 rw\n"
		"33 20 0:40 /@ /x rw - btrfs /dev/sdb rw\n"
		"34 20 0:40 /@v /x/y/z rw - btrfs /dev/sdb rw\n", NULL),
		"/x /me /");
}

static void test_skip(void **state)
{
	static const char table[] = ROOT
		"31 20 8:2 / /home rw - xfs /dev/sda2 rw\n"
		"32 20 8:2 /me /me rw - xfs /dev/sda2 rw\n";

	(void)state;
	assert_string_equal(plan(table, NULL), "/me /");
	assert_string_equal(plan(table, "/home"), "/");
	assert_string_equal(plan(table, "/me"), "/");
	assert_string_equal(plan(table, "/dev/sda2"), "/");
	assert_string_equal(plan(table, "ext4"), "/me");
	assert_string_equal(plan(table, "/hom"), "/me /");
}

/* What lies in a file comes before the file system with the file. */
static void test_loops(void **state)
{
	static const char *const nested[][2] = {
		{ "/dev/loop0", "/deep/er/disk.img" },
		{ "/dev/loop1", "/l0/disk with blank" },
		{ "/dev/sda1", "/l1/root.img" },
		{ NULL, NULL },
	};
	static const char table[] = ROOT
		"31 20 8:2 / /deep/er rw - xfs /dev/sda2 rw\n"
		"32 20 7:0 / /l0 rw - ext4 /dev/loop0 rw\n"
		"33 20 7:1 / /l1 rw - ext4 /dev/loop1 rw\n";

	(void)state;
	loops = nested;
	assert_string_equal(plan(table, NULL), "/ /l1 /l0 /deep/er");
	/* one that is left out is no reason to leave out others */
	assert_string_equal(plan(table, "/l0"), "/deep/er / /l1");
}

/* Each in a file of the other: nobody made that, but it must end. */
static void test_circle(void **state)
{
	static const char *const circle[][2] = {
		{ "/dev/loop0", "/b/a.img" },
		{ "/dev/loop1", "/a/b.img" },
		{ "/dev/loop0", "/a/self.img" },
		{ NULL, NULL },
	};

	(void)state;
	loops = circle;
	assert_string_equal(plan(
		"32 20 7:0 / /a rw - ext4 /dev/loop0 rw\n"
		"33 20 7:1 / /b rw - ext4 /dev/loop1 rw\n", NULL), "/a /b");
}

static void test_names(void **state)
{
	(void)state;
	plan("32 20 7:0 / /with\\040blank\\134 rw a:1 b:2 - ext4 /dev/x\\011y rw\n",
	     NULL);
	assert_string_equal(order[0]->point, "/with blank\\");
	assert_string_equal(order[0]->source, "/dev/x\ty");
	assert_int_equal(order[0]->major, 7);
}

static void test_bad_tables(void **state)
{
	static const char *const bad[] = {
		"garbage\n", "1 2 3:4 / / rw\n", "1 2 3:4 / / rw - ext4\n",
		"x 2 3:4 / / rw - ext4 /dev/x rw\n",
		"1 2 34 / / rw - ext4 /dev/x rw\n",
	};
	size_t i;

	(void)state;
	vss_mounts_free(&m);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(vss_mounts_parse(&m, bad[i]), -EINVAL);
		vss_mounts_free(&m);
	}
	assert_string_equal(plan("", NULL), "");
}

static char files[256];

static void note(void *arg, const char *file)
{
	(void)arg;
	strcat(files, file);
	strcat(files, ";");
}

static void link_to(const char *target, const char *path)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s%s", scratch, path);
	*strrchr(dir, '/') = '\0';
	assert_int_equal(file_make_dirs(dir, 0755), 0);
	assert_int_equal(symlink(target, below(path)), 0);
}

/* A partition of a loop device below two device-mapper devices */
static void test_sysfs(void **state)
{
	struct vss_mount mount = { .major = 253, .minor = 1, .source = "/x" };

	(void)state;
	put_file("/devices/loop3/loop/backing_file", "/var/my disk.img\n");
	put_file("/devices/loop3/loop3p1/partition", "1\n");
	put_file("/devices/dm-0/size", "1");
	put_file("/devices/dm-1/size", "1");
	link_to("../../loop3/loop3p1", "/devices/dm-0/slaves/loop3p1");
	link_to("../../dm-0", "/devices/dm-1/slaves/dm-0");
	link_to("../../dm-1", "/devices/dm-1/slaves/itself");
	link_to("../../devices/dm-1", "/dev/block/253:1");
	vss_backing_sysfs(scratch, &mount, note, NULL);
	assert_non_null(strstr(files, "/var/my disk.img;"));
	files[0] = '\0';
	mount.minor = 9;
	vss_backing_sysfs(scratch, &mount, note, NULL);
	assert_string_equal(files, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_usual, end),
		cmocka_unit_test_teardown(test_bind, end),
		cmocka_unit_test_teardown(test_skip, end),
		cmocka_unit_test_teardown(test_loops, end),
		cmocka_unit_test_teardown(test_circle, end),
		cmocka_unit_test_teardown(test_names, end),
		cmocka_unit_test_teardown(test_bad_tables, end),
		cmocka_unit_test_setup_teardown(test_sysfs, scratch_begin,
						scratch_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
