// SPDX-License-Identifier: GPL-2.0-only
/* srcs: utils/kvp_msg.c utils/vss_msg.c utils/fcopy_msg.c utils/text.c */
/* Between the host's form of key/value pairs, backup and file copy and that of
 * the daemons; either may say anything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "utils/pure.h"

static struct utils_frame f;
static struct lis_kvpd_message m;

static u8 *body_of(u16 bytes)
{
	memset(&f, 0, sizeof(f));
	f.head.bytes = bytes;
	return f.body;
}

/* ASCII as UTF-16; bytes with the NUL */
static u32 wide(u8 *to, const char *text)
{
	u32 n = 0;

	do {
		to[n++] = *text;
		to[n++] = 0;
	} while (*text++);
	return n;
}

/* --- text ------------------------------------------------------------------ */

static void utf8_and_back(void **state)
{
	/* a, ä, euro, a smile: 1 to 4 bytes */
	static const u8 utf16[] = { 'a', 0, 0xe4, 0, 0xac, 0x20,
				    0x3d, 0xd8, 0x00, 0xde, 0, 0 };
	static const u8 utf8[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
	u8 out[16], back[16];

	(void)state;
	assert_int_equal(utils_to_utf8(utf16, 6, out, sizeof(out)), 11);
	assert_memory_equal(out, utf8, 11);
	assert_int_equal(utils_to_utf16(utf8, sizeof(utf8), back, 16), 12);
	assert_memory_equal(back, utf16, 12);
	/* without the NUL the length ends it */
	assert_int_equal(utils_to_utf8(utf16, 5, out, sizeof(out)), 11);
	assert_int_equal(utils_to_utf16(utf8, 10, back, 16), 12);
}

static void text_that_does_not_fit(void **state)
{
	static const u8 utf16[] = { 'a', 0, 'b', 0, 0, 0 };
	u8 out[4], wideout[6];

	(void)state;
	assert_int_equal(utils_to_utf8(utf16, 3, out, 3), 3);
	assert_int_equal(utils_to_utf8(utf16, 3, out, 2), 0);
	assert_int_equal(utils_to_utf8(utf16, 0, out, 0), 0);
	/* cut at a whole character */
	assert_int_equal(utils_to_utf16((const u8 *)"abc", 4, wideout, 6), 6);
	assert_memory_equal(wideout, utf16, 6);
	assert_int_equal(utils_to_utf16((const u8 *)"\xf0\x9f\x98\x80", 5,
					wideout, 4), 2);
	assert_int_equal(wideout[0] | wideout[1], 0);
}

static void text_that_is_none(void **state)
{
	static const char * const bad[] = {
		"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3", "\xe2\x82",
		"\xc3(", "\xff",
	};
	static const u8 lone[][4] = { { 0x00, 0xd8, 'a', 0 },
				      { 0x00, 0xdc, 'a', 0 } };
	u8 out[32];
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		utils_to_utf16((const u8 *)bad[i], strlen(bad[i]), out, 32);
		assert_int_equal(out[0] | out[1] << 8, 0xfffd);
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(utils_to_utf8(lone[i], 2, out, 32), 5);
		assert_memory_equal(out, "\xef\xbf\xbd\x61", 5);
	}
	assert_int_equal(utils_to_utf8(lone[0], 1, out, 32), 4);
}

static void address_texts(void **state)
{
	static const char * const good[] = {
		"", "10.0.0.1;fe80::1%eth0", "255.255.255.0", "/64",
		"{0A-b_}", "00:15:5D:01:02:03",
	};
	static const char * const bad[] = {
		"$(reboot)", "`x`", "a|b", "a&b", "a>b", "a'b", "a\"b", "a\nb",
		"a\\b", "*", "\xc3\xa4", "a#b", "!x", "a=b", "~",
	};
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(utils_is_address_text((const u8 *)good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utils_is_address_text((const u8 *)bad[i]));
}

/* --- key/value pairs ------------------------------------------------------- */

static struct lis_kvp_value *pair(u8 op, u8 pool, u32 bytes, u32 at,
				  const char *key, const char *value)
{
	u8 *body = body_of(bytes);
	struct lis_kvp_value *v = (void *)(body + at);

	body[0] = op;
	body[1] = pool;
	v->type = LIS_KVP_SZ;
	v->key_bytes = wide(v->key, key);
	v->value_bytes = wide(v->value, value);
	return v;
}

static struct lis_kvp_value *set_of(const char *key, const char *value)
{
	return pair(LIS_KVP_SET, LIS_KVP_EXTERNAL,
		    sizeof(struct lis_kvp_exchange), 4, key, value);
}

static void kvp_set(void **state)
{
	(void)state;
	set_of("name", "some value");
	assert_null(utils_kvp_request(&f, &m));
	assert_int_equal(m.op, LIS_KVP_SET);
	assert_int_equal(m.pool, LIS_KVP_EXTERNAL);
	assert_int_equal(m.value.type, LIS_KVPD_SZ);
	assert_int_equal(m.value.key_bytes, 5);
	assert_string_equal(m.value.key, "name");
	assert_int_equal(m.value.value_bytes, 11);
	assert_string_equal(m.value.value, "some value");
	/* an empty value is a value */
	set_of("name", "")->value_bytes = 0;
	assert_null(utils_kvp_request(&f, &m));
	assert_int_equal(m.value.value_bytes, 1);
}

static void kvp_numbers(void **state)
{
	static const u8 ones[8] = { 255, 255, 255, 255, 255, 255, 255, 255 };
	struct lis_kvp_value *v = set_of("n", "");

	(void)state;
	memcpy(v->value, ones, 8);
	v->type = LIS_KVP_DWORD;
	assert_null(utils_kvp_request(&f, &m));
	assert_string_equal(m.value.value, "4294967295");
	v->type = LIS_KVP_QWORD;
	assert_null(utils_kvp_request(&f, &m));
	assert_string_equal(m.value.value, "18446744073709551615");
	assert_int_equal(m.value.value_bytes, 21);
	v->type = 3;
	assert_non_null(utils_kvp_request(&f, &m));
}

static void kvp_other_requests(void **state)
{
	struct lis_kvp_delete *d = (void *)body_of(sizeof(*d));

	(void)state;
	d->head.op = LIS_KVP_DELETE;
	d->head.pool = LIS_KVP_GUEST;
	d->key_bytes = wide(d->key, "old");
	assert_null(utils_kvp_request(&f, &m));
	assert_int_equal(m.del.key_bytes, 4);
	assert_string_equal(m.del.key, "old");

	pair(LIS_KVP_GET, LIS_KVP_AUTO, sizeof(struct lis_kvp_exchange), 4,
	     "which", "");
	assert_null(utils_kvp_request(&f, &m));
	assert_string_equal(m.value.key, "which");
	assert_int_equal(m.value.value_bytes, LIS_KVP_VALUE_MAX);

	pair(LIS_KVP_ENUMERATE, LIS_KVP_AUTO, sizeof(struct lis_kvp_enumerate),
	     8, "", "");
	f.body[4] = 9;
	assert_null(utils_kvp_request(&f, &m));
	assert_int_equal(m.enumerate.index, 9);
}

static void kvp_lies(void **state)
{
	struct lis_kvp_value *v;
	u32 i;

	(void)state;
	v = set_of("key", "value");
	v->key_bytes = 514;
	assert_non_null(utils_kvp_request(&f, &m));
	v->key_bytes = ~0u;
	assert_non_null(utils_kvp_request(&f, &m));
	v = set_of("key", "value");
	v->value_bytes = 2050;
	assert_non_null(utils_kvp_request(&f, &m));
	set_of("", "value");
	assert_non_null(utils_kvp_request(&f, &m));
	/* a key without its NUL takes its field and no more */
	v = set_of("key", "value");
	for (i = 0; i < 512; i += 2)
		memcpy(v->key + i, "k", 2);
	v->key_bytes = 512;
	assert_null(utils_kvp_request(&f, &m));
	assert_int_equal(m.value.key_bytes, 257);
	/* 256 characters of three bytes each are too many for a daemon */
	memset(v->key, 0x20, 512);
	assert_non_null(utils_kvp_request(&f, &m));

	set_of("key", "value");
	f.body[1] = LIS_KVP_POOLS;
	assert_non_null(utils_kvp_request(&f, &m));
	for (i = 0; i <= 255; i++) {
		set_of("key", "value");
		f.body[0] = i;
		f.head.bytes = i == LIS_KVP_DELETE ? 519 : 2575;
		assert_non_null(utils_kvp_request(&f, &m));
	}
	body_of(1);
	assert_non_null(utils_kvp_request(&f, &m));
}

static void kvp_answers(void **state)
{
	struct lis_kvp_value *v;

	(void)state;
	v = pair(LIS_KVP_ENUMERATE, LIS_KVP_AUTO,
		 sizeof(struct lis_kvp_enumerate), 8, "rubbish", "rubbish");
	f.body[4] = 3;
	memset(&m, 0, sizeof(m));
	strcpy((char *)m.enumerate.value.key, "OSName");
	strcpy((char *)m.enumerate.value.value, "Debian");
	assert_int_equal(utils_kvp_answer(&f, &m, false), 0);
	assert_int_equal(f.body[0], LIS_KVP_ENUMERATE);
	assert_int_equal(f.body[4], 3);
	assert_int_equal(v->type, LIS_KVP_SZ);
	assert_int_equal(v->key_bytes, 14);
	assert_int_equal(v->value_bytes, 14);
	assert_int_equal(v->key[0], 'O');
	assert_int_equal(v->key[2], 'S');
	/* nothing of what was there stays behind the text */
	assert_int_equal(v->key[14], 0);

	/* neither text ends: cut to what the host has room for */
	memset(&m.enumerate.value.key, 'k', LIS_KVP_KEY_MAX);
	memset(&m.enumerate.value.value, 'v', LIS_KVP_VALUE_MAX);
	assert_int_equal(utils_kvp_answer(&f, &m, false), 0);
	assert_int_equal(v->key_bytes, 512);
	assert_int_equal(v->value_bytes, 2048);
	assert_int_equal(v->value[2046] | v->value[2047], 0);

	m.status = LIS_IC_E_NO_MORE;
	assert_int_equal(utils_kvp_answer(&f, &m, false), LIS_IC_E_NO_MORE);
	/* an old daemon has its operation there, and an empty key for "no" */
	m.status = 0x203;
	assert_int_equal(utils_kvp_answer(&f, &m, true), 0);
	m.enumerate.value.key[0] = 0;
	assert_int_equal(utils_kvp_answer(&f, &m, true), LIS_IC_E_NO_MORE);

	v = pair(LIS_KVP_GET, 0, sizeof(struct lis_kvp_exchange), 4, "k", "");
	memset(&m, 0, sizeof(m));
	strcpy((char *)m.value.value, "found");
	assert_int_equal(utils_kvp_answer(&f, &m, false), 0);
	assert_int_equal(v->value_bytes, 12);
	assert_int_equal(v->key_bytes, 4);
}

static void kvp_addresses(void **state)
{
	struct lis_kvp_ip *ip = (void *)body_of(sizeof(*ip));
	u32 i;

	(void)state;
	ip->head.op = LIS_KVP_SET_IP;
	wide((u8 *)ip + offsetof(struct lis_kvp_ip, adapter), "00:15:5D:0:1:2");
	wide((u8 *)ip + offsetof(struct lis_kvp_ip, addresses), "10.0.0.2;fe80::1");
	wide((u8 *)ip + offsetof(struct lis_kvp_ip, dns), "10.0.0.1");
	ip->family = 3;
	ip->dhcp = 1;
	assert_null(utils_kvp_request(&f, &m));
	assert_string_equal(m.ip.adapter, "00:15:5D:0:1:2");
	assert_string_equal(m.ip.addresses, "10.0.0.2;fe80::1");
	assert_string_equal(m.ip.dns, "10.0.0.1");
	assert_int_equal(m.ip.family, 3);
	assert_int_equal(m.ip.dhcp, 1);
	/* what a script would run is not handed on */
	wide((u8 *)ip + offsetof(struct lis_kvp_ip, gateways), "`reboot`");
	assert_non_null(utils_kvp_request(&f, &m));
	/* who only asks may leave rubbish there, but not in the name */
	ip->head.op = LIS_KVP_GET_IP;
	assert_null(utils_kvp_request(&f, &m));
	wide((u8 *)ip + offsetof(struct lis_kvp_ip, adapter), "$x");
	assert_non_null(utils_kvp_request(&f, &m));

	/* and the answer: to the name that was asked for */
	wide((u8 *)ip + offsetof(struct lis_kvp_ip, adapter), "who");
	memset(&m, 0, sizeof(m));
	strcpy((char *)m.ip.addresses, "192.168.0.7");
	m.ip.family = LIS_KVP_IP_V4;
	assert_int_equal(utils_kvp_answer(&f, &m, false), 0);
	assert_int_equal(ip->adapter[0], 'w');
	assert_int_equal(ip->addresses[0], '1');
	assert_int_equal(ip->gateways[0], 0);
	assert_int_equal(ip->family, LIS_KVP_IP_V4);
	/* as long as they can be */
	memset(m.ip.addresses, '1', sizeof(m.ip.addresses));
	assert_int_equal(utils_kvp_answer(&f, &m, false), 0);
	assert_int_equal(ip->addresses[1022], '1');
	assert_int_equal(ip->addresses[1023], 0);

	for (i = sizeof(*ip) - 1; i; i = i / 2) {
		f.head.bytes = i;
		assert_non_null(utils_kvp_request(&f, &m));
	}
}

/* --- backup ---------------------------------------------------------------- */

#define V5	UTILS_VERSION(5, 0)

static enum utils_vss_step vss(struct utils_vss *v, u8 op, u32 version,
			       u8 *asked, u32 *status)
{
	struct lis_vssd_message out = {};
	const char *wrong;
	enum utils_vss_step step;

	body_of(12)[0] = op;
	step = utils_vss_request(v, &f, version, &out, status, &wrong);
	*asked = out.head.op;
	return step;
}

static void vss_operations(void **state)
{
	struct utils_vss v = {};
	u32 status, i;
	u8 asked;

	(void)state;
	assert_int_equal(vss(&v, LIS_VSS_HOT_BACKUP, V5, &asked, &status),
			 UTILS_VSS_ASK);
	assert_int_equal(utils_vss_answer(&v, &f, asked, 0), 0);
	assert_int_equal(f.body[8], 5);
	assert_int_equal(utils_vss_answer(&v, &f, asked, 7), 7);
	assert_int_equal(vss(&v, LIS_VSS_DM_INFO, V5, &asked, &status),
			 UTILS_VSS_ANSWER);
	assert_int_equal(status, 0);
	assert_int_equal(vss(&v, LIS_VSS_BACKUP_DONE, V5, &asked, &status),
			 UTILS_VSS_ANSWER);
	assert_int_equal(status, 0);
	assert_int_equal(vss(&v, LIS_VSS_CREATE, V5, &asked, &status),
			 UTILS_VSS_ANSWER);
	for (i = LIS_VSS_AUTO_RECOVER; i <= 255; i++) {
		assert_int_equal(vss(&v, i, V5, &asked, &status),
				 UTILS_VSS_ANSWER);
		assert_int_equal(status, LIS_IC_E_NOT_SUPPORTED);
	}
	/* before 5.0 under other names */
	assert_int_equal(vss(&v, LIS_VSS_CREATE, UTILS_VERSION(4, 0), &asked,
			     &status), UTILS_VSS_ASK);
	assert_int_equal(asked, LIS_VSS_FREEZE);
	assert_int_equal(vss(&v, LIS_VSS_DELETE, UTILS_VERSION(4, 0), &asked,
			     &status), UTILS_VSS_ASK);
	assert_int_equal(asked, LIS_VSS_THAW);
}

static void vss_states(void **state)
{
	struct utils_vss v = {};
	struct lis_vssd_message out;
	const char *wrong;
	u32 status;
	u8 asked;

	(void)state;
	assert_int_equal(vss(&v, LIS_VSS_FREEZE, V5, &asked, &status),
			 UTILS_VSS_ASK);
	utils_vss_answer(&v, &f, asked, LIS_IC_E_FAIL);
	assert_false(v.frozen);
	vss(&v, LIS_VSS_FREEZE, V5, &asked, &status);
	utils_vss_answer(&v, &f, asked, 0);
	assert_true(v.frozen);
	/* twice is once too often */
	assert_int_equal(vss(&v, LIS_VSS_FREEZE, V5, &asked, &status),
			 UTILS_VSS_ANSWER);
	assert_int_equal(status, LIS_IC_E_FAIL);
	/* a thaw that fails leaves it frozen */
	vss(&v, LIS_VSS_THAW, V5, &asked, &status);
	utils_vss_answer(&v, &f, asked, LIS_IC_E_FAIL);
	assert_true(v.frozen);
	vss(&v, LIS_VSS_THAW, V5, &asked, &status);
	utils_vss_answer(&v, &f, asked, 0);
	assert_false(v.frozen);

	/* thawed without the host: its own is told so, once */
	v.let_go = true;
	assert_int_equal(vss(&v, LIS_VSS_THAW, V5, &asked, &status),
			 UTILS_VSS_ANSWER);
	assert_int_equal(status, LIS_IC_E_FAIL);
	assert_int_equal(vss(&v, LIS_VSS_THAW, V5, &asked, &status),
			 UTILS_VSS_ASK);
	/* a new backup does not inherit that */
	v.let_go = true;
	vss(&v, LIS_VSS_FREEZE, V5, &asked, &status);
	utils_vss_answer(&v, &f, asked, 0);
	assert_int_equal(vss(&v, LIS_VSS_THAW, V5, &asked, &status),
			 UTILS_VSS_ASK);

	body_of(7);
	assert_int_equal(utils_vss_request(&v, &f, V5, &out, &status, &wrong),
			 UTILS_VSS_ANSWER);
	assert_non_null(wrong);
	assert_int_equal(status, LIS_IC_E_INVALID);
}

/* --- file copy ------------------------------------------------------------- */

static u8 fout[sizeof(struct lis_fcopy_write)];

static const char *copy(struct utils_fcopy *c, u32 *len)
{
	u32 status;
	const char *wrong = utils_fcopy_request(c, &f, fout, len, &status);

	assert_true(!wrong || status);
	return wrong;
}

static const char *begin(struct utils_fcopy *c, const char *path,
			 const char *name, u64 bytes)
{
	u8 *body = body_of(sizeof(struct lis_fcopy_start));
	u32 len;

	wide(body + offsetof(struct lis_fcopy_start, name), name);
	wide(body + offsetof(struct lis_fcopy_start, path), path);
	memcpy(body + offsetof(struct lis_fcopy_start, bytes), &bytes, 8);
	body[offsetof(struct lis_fcopy_start, flags)] = LIS_FCOPY_OVERWRITE;
	return copy(c, &len);
}

static const char *part(struct utils_fcopy *c, u64 offset, u32 bytes, u32 has,
			u32 *len)
{
	u8 *body = body_of(offsetof(struct lis_fcopy_write, data) + has);

	body[0] = LIS_FCOPY_WRITE;
	memcpy(body + offsetof(struct lis_fcopy_write, offset), &offset, 8);
	memcpy(body + offsetof(struct lis_fcopy_write, bytes), &bytes, 4);
	memset(body + offsetof(struct lis_fcopy_write, data), 0x5a, has);
	return copy(c, len);
}

static void fcopy_names(void **state)
{
	static const char * const bad_path[] = {
		"", "tmp", "./tmp", "/tmp/..", "/../etc", "/tmp/../etc", "..",
	};
	static const char * const bad_name[] = { "", ".", "..", "a/b", "/a" };
	struct lis_fcopy_start *s = (void *)fout;
	struct utils_fcopy c = {};
	u32 i;

	(void)state;
	assert_null(begin(&c, "/tmp/in", "file", 10));
	assert_true(c.open);
	assert_string_equal((char *)s->name, "file");
	assert_string_equal((char *)s->path, "/tmp/in");
	assert_int_equal(s->flags, LIS_FCOPY_OVERWRITE);
	assert_int_equal(s->bytes, 10);
	assert_null(begin(&c, "/tmp/a..b/...", "..x", 0));
	for (i = 0; i < sizeof(bad_path) / sizeof(bad_path[0]); i++) {
		assert_non_null(begin(&c, bad_path[i], "file", 1));
		assert_false(c.open);
	}
	for (i = 0; i < sizeof(bad_name) / sizeof(bad_name[0]); i++)
		assert_non_null(begin(&c, "/tmp", bad_name[i], 1));
}

static void fcopy_pieces(void **state)
{
	struct lis_fcopy_write *w = (void *)fout;
	struct utils_fcopy c = {};
	u32 len;

	(void)state;
	assert_non_null(part(&c, 0, 1, 1, &len));	/* of nothing */
	assert_null(begin(&c, "/tmp", "file", 10000));
	assert_null(part(&c, 0, 6144, 6144, &len));
	assert_int_equal(len, sizeof(*w));
	assert_int_equal(w->data[6143], 0x5a);
	assert_null(part(&c, 6144, 3856, 6144, &len));
	assert_int_equal(len, 52 + 3856);
	assert_null(part(&c, 10000, 0, 0, &len));
	assert_non_null(part(&c, 6144, 3857, 6144, &len));
	assert_non_null(part(&c, 10001, 0, 0, &len));
	assert_non_null(part(&c, ~0ULL, 2, 2, &len));
	assert_non_null(part(&c, 0, 6145, 6200, &len));
	assert_non_null(part(&c, 0, 100, 99, &len));
	assert_non_null(part(&c, 0, ~0u, 6144, &len));
	assert_true(c.open);
	body_of(sizeof(struct lis_fcopy_head))[0] = LIS_FCOPY_COMPLETE;
	assert_null(copy(&c, &len));
	assert_int_equal(len, 36);
	utils_fcopy_answer(&c, LIS_FCOPY_COMPLETE, 0);
	assert_false(c.open);
	assert_non_null(copy(&c, &len));
	body_of(36)[0] = LIS_FCOPY_OPS;
	assert_non_null(copy(&c, &len));
	body_of(35);
	assert_non_null(copy(&c, &len));
	body_of(51)[0] = LIS_FCOPY_WRITE;
	c.open = true;
	assert_non_null(copy(&c, &len));
}

static void fcopy_failures(void **state)
{
	struct utils_fcopy c = {};

	(void)state;
	begin(&c, "/tmp", "file", 1);
	utils_fcopy_answer(&c, LIS_FCOPY_START, LIS_IC_E_EXISTS);
	assert_false(c.open);
	begin(&c, "/tmp", "file", 1);
	utils_fcopy_answer(&c, LIS_FCOPY_WRITE, LIS_IC_E_DISK_FULL);
	assert_true(c.open);		/* for the host to cancel */
	utils_fcopy_answer(&c, LIS_FCOPY_CANCEL, 0);
	assert_false(c.open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_and_back),
		cmocka_unit_test(text_that_does_not_fit),
		cmocka_unit_test(text_that_is_none),
		cmocka_unit_test(address_texts),
		cmocka_unit_test(kvp_set),
		cmocka_unit_test(kvp_numbers),
		cmocka_unit_test(kvp_other_requests),
		cmocka_unit_test(kvp_lies),
		cmocka_unit_test(kvp_answers),
		cmocka_unit_test(kvp_addresses),
		cmocka_unit_test(vss_operations),
		cmocka_unit_test(vss_states),
		cmocka_unit_test(fcopy_names),
		cmocka_unit_test(fcopy_pieces),
		cmocka_unit_test(fcopy_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
