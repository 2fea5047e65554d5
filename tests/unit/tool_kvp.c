// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key/value exchange: pools and their files, requests of an honest and of a
 * lying host.
 */
/* srcs: tools/kvp/kvp.c tools/kvp/pool.c tools/kvp/facts.c tools/lib/file.c */
/* srcs: tools/lib/text.c */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/tool_scratch.h"
#include "tools/kvp/kvp.h"

#define POOL1	"/var/lib/hyperv/.kvp_pool_1"

static struct kvp k;
static struct hv_kvp_msg msg;

static int begin(void **state)
{
	return scratch_begin(state) || kvp_init(&k, scratch);
}

static int end(void **state)
{
	kvp_end(&k);
	return scratch_end(state);
}

static void request(int op, int pool)
{
	memset(&msg, 0, sizeof(msg));
	msg.kvp_hdr.operation = op;
	msg.kvp_hdr.pool = pool;
}

static uint32_t set(int pool, const char *key, const char *value)
{
	request(KVP_OP_SET, pool);
	strcpy((char *)msg.body.kvp_set.data.key, key);
	strcpy((char *)msg.body.kvp_set.data.value, value);
	return kvp_answer(&k, &msg, 1000);
}

static uint32_t delete(int pool, const char *key)
{
	request(KVP_OP_DELETE, pool);
	strcpy((char *)msg.body.kvp_delete.key, key);
	return kvp_answer(&k, &msg, 1000);
}

static uint32_t get(int pool, const char *key)
{
	request(KVP_OP_GET, pool);
	strcpy((char *)msg.body.kvp_get.data.key, key);
	return kvp_answer(&k, &msg, 1000);
}

static const char *value(void)
{
	return (const char *)msg.body.kvp_get.data.value;
}

static uint32_t enumerate(int pool, uint32_t index)
{
	request(KVP_OP_ENUMERATE, pool);
	msg.body.kvp_enum_data.index = index;
	return kvp_answer(&k, &msg, 1000);
}

static const char *enumerated(void)
{
	return (const char *)msg.body.kvp_enum_data.data.key;
}

static void test_files(void **state)
{
	struct stat st;
	char path[128];
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "/var/lib/hyperv/.kvp_pool_%d", i);
		assert_int_equal(stat(below(path), &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0644);
		assert_int_equal(st.st_size, 0);
	}
	assert_int_equal(stat(below("/var/lib/hyperv"), &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
}

static void test_set_get_delete(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(set(0, "one", "1"), HV_S_OK);
	assert_int_equal(msg.error, HV_S_OK);
	assert_int_equal(set(0, "two", "2"), HV_S_OK);
	assert_int_equal(set(0, "one", "uno"), HV_S_OK);
	assert_int_equal(stat(below("/var/lib/hyperv/.kvp_pool_0"), &st), 0);
	assert_int_equal(st.st_size, 2 * 2560);
	assert_int_equal(st.st_mode, S_IFREG | 0644);

	assert_int_equal(get(0, "one"), HV_S_OK);
	assert_string_equal(value(), "uno");
	assert_int_equal(msg.body.kvp_get.data.value_type, REG_SZ);
	assert_int_equal(msg.body.kvp_get.data.key_size, 4);
	assert_int_equal(msg.body.kvp_get.data.value_size, 4);
	assert_int_equal(get(3, "one"), HV_GUID_NOTFOUND);
	assert_int_equal(delete(0, "one"), HV_S_OK);
	assert_int_equal(delete(0, "one"), HV_GUID_NOTFOUND);
	assert_int_equal(get(0, "one"), HV_GUID_NOTFOUND);
	assert_int_equal(get(0, "two"), HV_S_OK);
	assert_string_equal(value(), "2");
}

/* What other programs read: exactly these bytes. */
static void test_format(void **state)
{
	struct kvp_record expected = { .key = "k", .value = "v" };
	struct kvp_record got;
	int fd;

	(void)state;
	assert_int_equal(kvp_pool_set(below(POOL1), "k", "longer than v"), 0);
	assert_int_equal(kvp_pool_set(below(POOL1), "k", "v"), 0);
	fd = open(below(POOL1), O_RDONLY);
	assert_int_equal(read(fd, &got, sizeof(got)), sizeof(got));
	assert_memory_equal(&got, &expected, sizeof(got));
	assert_int_equal(read(fd, &got, 1), 0);
	close(fd);
}

static void test_limits(void **state)
{
	char key[KVP_KEY_MAX + 1], text[KVP_VALUE_MAX + 1];

	(void)state;
	memset(key, 'k', sizeof(key));
	memset(text, 'v', sizeof(text));
	key[KVP_KEY_MAX - 1] = '\0';
	text[KVP_VALUE_MAX - 1] = '\0';
	assert_int_equal(set(0, key, text), HV_S_OK);
	assert_int_equal(get(0, key), HV_S_OK);
	assert_string_equal(value(), text);
	assert_int_equal(msg.body.kvp_get.data.key_size, KVP_KEY_MAX);
	assert_int_equal(msg.body.kvp_get.data.value_size, KVP_VALUE_MAX);
	assert_int_equal(set(0, "", "no key"), HV_INVALIDARG);
	assert_int_equal(set(0, "empty", ""), HV_S_OK);
	assert_int_equal(get(0, "empty"), HV_S_OK);
	assert_string_equal(value(), "");
}

static void test_lies(void **state)
{
	(void)state;
	/* nothing that ends */
	request(KVP_OP_SET, 0);
	memset(&msg.body, 'x', sizeof(msg.body));
	assert_int_equal(kvp_answer(&k, &msg, 0), HV_INVALIDARG);
	request(KVP_OP_DELETE, 0);
	memset(&msg.body, 'x', sizeof(msg.body));
	assert_int_equal(kvp_answer(&k, &msg, 0), HV_INVALIDARG);
	request(KVP_OP_GET, 0);
	memset(&msg.body, 'x', sizeof(msg.body));
	assert_int_equal(kvp_answer(&k, &msg, 0), HV_INVALIDARG);
	/* no UTF-8: overlong, surrogate, cut off */
	assert_int_equal(set(0, "\xc0\xaf", "v"), HV_INVALIDARG);
	assert_int_equal(set(0, "k", "\xed\xa0\x80"), HV_INVALIDARG);
	assert_int_equal(set(0, "k", "\xe2\x82"), HV_INVALIDARG);
	assert_int_equal(set(0, "\xe2\x82\xac", "euro"), HV_S_OK);
	/* pools and requests that do not exist, or are not the host's */
	assert_int_equal(set(5, "k", "v"), HV_INVALIDARG);
	assert_int_equal(set(255, "k", "v"), HV_INVALIDARG);
	assert_int_equal(set(KVP_POOL_GUEST, "k", "v"), HV_INVALIDARG);
	assert_int_equal(set(KVP_POOL_AUTO, "k", "v"), HV_INVALIDARG);
	assert_int_equal(delete(KVP_POOL_GUEST, "k"), HV_INVALIDARG);
	request(200, 0);
	assert_int_equal(kvp_answer(&k, &msg, 0), HV_ERROR_NOT_SUPPORTED);
	request(KVP_OP_SET_IP_INFO, 0);
	assert_int_equal(kvp_answer(&k, &msg, 0), HV_ERROR_NOT_SUPPORTED);
	assert_int_equal(enumerate(0, UINT32_MAX), HV_S_CONT);
}

/* Shell and path characters are characters like others. */
static void test_hostile_text(void **state)
{
	static const char *const hostile[] = {
		"$(touch /tmp/owned)", "`id`", "../../etc/passwd", "a;b|c&d",
		"'\"\\", "%s%n", "line\nbreak", "-rf",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		assert_int_equal(set(0, hostile[i], hostile[i]), HV_S_OK);
		assert_int_equal(get(0, hostile[i]), HV_S_OK);
		assert_string_equal(value(), hostile[i]);
	}
}

static void test_enumerate_many(void **state)
{
	char key[32], text[32];
	int i;

	(void)state;
	for (i = 0; i < 1500; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		snprintf(text, sizeof(text), "value %d", i);
		assert_int_equal(kvp_pool_set(below(POOL1), key, text), 0);
	}
	for (i = 0; i < 1500; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		assert_int_equal(enumerate(1, i), HV_S_OK);
		assert_string_equal(enumerated(), key);
	}
	assert_int_equal(enumerate(1, 1500), HV_S_CONT);
}

/* Pairs go and come while the host counts: it sees what was at its start. */
static void test_enumerate_changing(void **state)
{
	static const char *const keys[] = { "a", "b", "c", "d" };
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(kvp_pool_set(below(POOL1), keys[i], "v"), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(enumerate(1, i), HV_S_OK);
		assert_string_equal(enumerated(), keys[i]);
		assert_int_equal(kvp_pool_delete(below(POOL1), keys[i]), 0);
		assert_int_equal(set(0, keys[i], "moved"), HV_S_OK);
	}
	assert_int_equal(enumerate(1, 4), HV_S_CONT);
	assert_int_equal(enumerate(1, 0), HV_S_CONT);	/* the next one */
	assert_int_equal(enumerate(0, 3), HV_S_OK);
	assert_string_equal(enumerated(), "d");
}

static void test_facts(void **state)
{
	static const char *const names[] = {
		"FullyQualifiedDomainName", "IntegrationServicesVersion",
		"NetworkAddressIPv4", "NetworkAddressIPv6", "OSBuildNumber",
		"OSName", "OSMajorVersion", "OSMinorVersion", "OSVersion",
		"ProcessorArchitecture",
	};
	uint32_t i;

	(void)state;
	put_file("/etc/os-release",
		 "PRETTY_NAME=\"Not this\"\n\nNAME=\"My \\\"OS\\\"\"\nVERSION_ID='9.4'\n");
	for (i = 0; i < 10; i++) {
		assert_int_equal(enumerate(2, i), HV_S_OK);
		assert_string_equal(enumerated(), names[i]);
		if (i != 2 && i != 3)	/* there may be no network */
			assert_true(msg.body.kvp_enum_data.data.value[0]);
	}
	assert_int_equal(enumerate(2, 10), HV_S_CONT);
	assert_int_equal(get(2, "OSName"), HV_S_OK);
	assert_string_equal(value(), "My \"OS\"");
	assert_int_equal(get(2, "OSMajorVersion"), HV_S_OK);
	assert_string_equal(value(), "9");
	assert_int_equal(get(2, "OSMinorVersion"), HV_S_OK);
	assert_string_equal(value(), "4");
	assert_int_equal(get(2, "IntegrationServicesVersion"), HV_S_OK);
	assert_string_equal(value(), "3.1");
	assert_int_equal(get(2, "NoSuchFact"), HV_GUID_NOTFOUND);
}

static void test_full_name(void **state)
{
	static const char hosts[] =
		"127.0.0.1 localhost\n10.0.0.1\tweb.example.org web # web.no\n";
	char name[64];

	(void)state;
	kvp_full_name(name, sizeof(name), "web", hosts, "search other.org\n");
	assert_string_equal(name, "web.example.org");
	kvp_full_name(name, sizeof(name), "db", hosts,
		      "nameserver 1.1.1.1\nsearch first.org second.org\n");
	assert_string_equal(name, "db.first.org");
	kvp_full_name(name, sizeof(name), "db", "", "");
	assert_string_equal(name, "db");
	kvp_full_name(name, sizeof(name), "db.full.org", hosts, "search x\n");
	assert_string_equal(name, "db.full.org");
}

/* Files of others: unfinished records, no NUL at the end, not there, links. */
static void test_foreign_files(void **state)
{
	struct kvp_list list;
	char bytes[2560 + 100];
	int fd;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	fd = open(below(POOL1), O_WRONLY);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	close(fd);
	assert_int_equal(enumerate(1, 0), HV_S_OK);
	assert_int_equal(strlen(enumerated()), 511);
	assert_int_equal(enumerate(1, 1), HV_S_CONT);
	/* the next record takes the place of the unfinished one */
	assert_int_equal(kvp_pool_set(below(POOL1), "k", "v"), 0);
	assert_int_equal(enumerate(1, 1), HV_S_OK);
	assert_string_equal(enumerated(), "k");

	unlink(below(POOL1));
	assert_int_equal(kvp_pool_read(below(POOL1), &list), 0);
	assert_int_equal(list.count, 0);
	kvp_list_free(&list);
	assert_int_equal(symlink("/etc/passwd", below(POOL1)), 0);
	assert_int_equal(kvp_pool_set(below(POOL1), "k", "v"), -ELOOP);
	assert_int_equal(get(1, "k"), HV_E_FAIL);
}

/* Four processes add, change and delete at once: nothing is lost. */
static void work(int who)
{
	char key[32];
	int i;

	for (i = 0; i < 30; i++) {
		snprintf(key, sizeof(key), "%d-%d", who, i);
		if (kvp_pool_set(below(POOL1), key, "first") ||
		    kvp_pool_set(below(POOL1), key, "second") ||
		    (i % 3 == 0 && kvp_pool_delete(below(POOL1), key)))
			_exit(1);
	}
	_exit(0);
}

static void test_many_writers(void **state)
{
	struct kvp_list list;
	int i, status;

	(void)state;
	for (i = 0; i < 4; i++)
		if (!fork())
			work(i);
	for (i = 0; i < 4; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(kvp_pool_read(below(POOL1), &list), 0);
	assert_int_equal(list.count, 4 * 20);
	while (list.count--)
		assert_string_equal(list.records[list.count].value, "second");
	list.count = 0;
	kvp_list_free(&list);
}

int main(void)
{
#define with_pools(t) cmocka_unit_test_setup_teardown(t, begin, end)
	const struct CMUnitTest tests[] = {
		with_pools(test_files),
		with_pools(test_set_get_delete),
		with_pools(test_format),
		with_pools(test_limits),
		with_pools(test_lies),
		with_pools(test_hostile_text),
		with_pools(test_enumerate_many),
		with_pools(test_enumerate_changing),
		with_pools(test_facts),
		with_pools(test_full_name),
		with_pools(test_foreign_files),
		with_pools(test_many_writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
