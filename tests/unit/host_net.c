// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's network device without a bus: data messages read and written,
 * frames made ready for the back end, the hash, and RNDIS control.
 *
 * srcs: tests/hvhost/dev/rndis.c tests/hvhost/dev/rndis_query.c tests/hvhost/dev/rndis_set.c
 * srcs: tests/hvhost/dev/rndis_packet.c tests/hvhost/dev/net_frame.c tests/hvhost/dev/net_send.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dev/net_send.h"

#define TCP4_BYTES	(14 + 20 + 20)

static atomic_bool link_up = true;
static struct rndis_counts counts;

static struct rndis fresh(bool offload)
{
	struct rndis r = {
		.permanent_mac = { 2, 0, 0, 0, 0, 1 }, .mac = { 2, 0, 0, 0, 0, 1 },
		.offload = offload, .queues = 4, .rss = true,
		.large_objects = true, .frame_bytes = 1514,
		.link_up = &link_up, .counts = &counts,
	};

	rndis_reset(&r);
	return r;
}

/* --- data messages --------------------------------------------------------- */

static uint32_t build(uint8_t *message, const struct rndis_data *d)
{
	memset(message, 0, d->message_bytes);
	rndis_packet_build(d, message);
	return d->message_bytes;
}

static const struct rndis_data usual = {
	.message_bytes = 256 + 60, .data_at = 256, .data_bytes = 60,
	.has = 1 << INFO_CSUM | 1 << INFO_HASH,
	.info = { [INFO_CSUM] = 0x28, [INFO_HASH] = 0x12345678 },
};

static void test_a_written_message_reads_the_same(void **state)
{
	uint8_t m[512];
	struct rndis_data d;

	(void)state;
	assert_null(rndis_packet_parse(&d, m, build(m, &usual)));
	assert_memory_equal(&d, &usual, sizeof(d));
}

static void assert_bad(uint32_t at, uint32_t value, const char *words)
{
	uint8_t m[512];
	uint32_t bytes = build(m, &usual);
	struct rndis_data d;
	const char *wrong;

	memcpy(m + at, &value, sizeof(value));
	wrong = rndis_packet_parse(&d, m, bytes);
	assert_non_null(wrong);
	assert_string_equal(wrong, words);
}

#define AT(field) offsetof(struct lis_rndis_packet, field)
#define PPI (sizeof(struct lis_rndis_packet))

static void test_lies_in_a_message_are_found(void **state)
{
	(void)state;
	assert_bad(AT(hdr.type), 2, "not a data message");
	assert_bad(AT(hdr.length), 317, "message length");
	assert_bad(AT(hdr.length), 43, "message length");
	assert_bad(AT(data_offset), 249, "data outside of the message");
	assert_bad(AT(data_offset), 0xfffffff0, "data outside of the message");
	assert_bad(AT(data_offset), 35, "data outside of the message");
	assert_bad(AT(data_length), 0xffffffff, "data outside of the message");
	assert_bad(AT(data_length), 13,
		   "data shorter than an Ethernet header");
	assert_bad(AT(oob_length), 4, "out-of-band data");
	assert_bad(AT(vc_handle), 1, "reserved field");
	assert_bad(AT(ppi_length), 0xffffff00,
		   "per-packet information outside of the message");
	assert_bad(AT(ppi_offset), 244, "per-packet information in the data");
	assert_bad(AT(ppi_length), 20, "per-packet information cut short");
	assert_bad(PPI, 0, "size of per-packet information");
	assert_bad(PPI, 17, "size of per-packet information");
	assert_bad(PPI, 0x10000, "size of per-packet information");
	assert_bad(PPI + 8, 17, "offset in per-packet information");
	assert_bad(PPI + 8, 16, "per-packet information too short");
	assert_bad(PPI + 4, LIS_PPI_HASH, "per-packet information twice");
}

/* --- frames ---------------------------------------------------------------- */

/* IPv4 TCP with @payload zeroes behind its headers, all sums left out */
static uint32_t tcp4(uint8_t *frame, uint32_t payload)
{
	static const uint8_t start[] = {
		2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00,
		0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, NET_TCP, 0, 0,
		66, 9, 149, 187, 161, 142, 100, 80,
		0x0a, 0xea, 0x06, 0xe6, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10,
	};

	memset(frame, 0, TCP4_BYTES + payload);
	memcpy(frame, start, sizeof(start));
	net_put_be16(frame + 16, 40 + payload);
	return TCP4_BYTES + payload;
}

/* Microsoft's own example of a verification suite */
static void test_hash_is_toeplitz(void **state)
{
	static const uint8_t key[LIS_NDIS_RSS_KEY_BYTES] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
		0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
		0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4,
		0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
		0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	};
	uint8_t frame[64];
	struct net_frame f;
	uint32_t hash;

	(void)state;
	net_frame_parse(&f, frame, tcp4(frame, 0));
	assert_true(net_toeplitz(&f, key, LIS_NDIS_HASH_IP4 |
				 LIS_NDIS_HASH_TCP4, &hash));
	assert_int_equal(hash, 0x51ccc178);
	assert_true(net_toeplitz(&f, key, LIS_NDIS_HASH_IP4, &hash));
	assert_int_equal(hash, 0x323e8fc2);
	assert_false(net_toeplitz(&f, key, LIS_NDIS_HASH_UDP4, &hash));
}

static const char *prepare(struct net_send *out, const struct rndis *r,
			   uint8_t *frame, uint32_t bytes, unsigned int kind,
			   uint32_t info)
{
	struct rndis_data d = { .data_bytes = bytes, .has = 1u << kind };

	d.info[kind] = info;
	return net_send_prepare(out, r, &d, frame);
}

static void test_checksum_is_left_to_the_back_end(void **state)
{
	const uint32_t info = LIS_CSUM_TX_IP4 | LIS_CSUM_TX_TCP |
			      34 << LIS_CSUM_TX_HDR_SHIFT;
	uint8_t buffer[256], *frame = buffer + NET_HEADROOM;
	struct rndis r = fresh(true);
	struct net_send out;
	struct net_frame f;
	uint32_t bytes = tcp4(frame, 101);

	(void)state;
	net_frame_parse(&f, frame, bytes);
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_CSUM, info),
			    "checksum: not switched on");
	r.offloads = OFFLOAD_TX_TCP4 | OFFLOAD_TX_IP4;
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_CSUM, info),
			    "checksum: no sum of the pseudo header in its place");
	net_put_be16(frame + 50, net_pseudo_sum(&f, f.l4_bytes));
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_CSUM,
				    info + (1 << LIS_CSUM_TX_HDR_SHIFT)),
			    "checksum: offset of the transport header");
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_CSUM,
				    (info & ~LIS_CSUM_TX_TCP) |
				    LIS_CSUM_TX_UDP),
			    "checksum: the frame has no such header");
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_CSUM,
				    info ^ (LIS_CSUM_TX_IP4 | LIS_CSUM_TX_IP6)),
			    "checksum: IP version");
	assert_null(prepare(&out, &r, frame, bytes, INFO_CSUM,
			    info | LIS_CSUM_TX_IP_HDR));
	assert_int_equal(out.h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(out.h.csum_start, 34);
	assert_int_equal(out.h.csum_offset, 16);
	assert_true(net_ip_checksum_ok(&f));
	/* What a back end does with it makes a good frame */
	net_put_be16(frame + 50, ~net_sum(frame + 34, bytes - 34, 0));
	assert_true(net_l4_checksum_ok(&f));
	frame[80] ^= 1;
	assert_false(net_l4_checksum_ok(&f));
}

static void test_large_send_gets_its_lengths(void **state)
{
	const uint32_t info = 1460 | LIS_LSO_V2 | 34u << LIS_LSO_HDR_SHIFT;
	static uint8_t buffer[65536];
	uint8_t *frame = buffer + NET_HEADROOM;
	struct rndis r = fresh(true);
	struct net_send out;
	struct net_frame f;
	uint32_t bytes = tcp4(frame, 5000);

	(void)state;
	net_put_be16(frame + 16, 0);
	net_frame_parse(&f, frame, bytes);
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_LSO, info),
			    "LSO: not switched on");
	r.offloads = OFFLOAD_LSO4;
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_LSO, info),
			    "LSO: no sum of the pseudo header without length");
	net_put_be16(frame + 50, net_pseudo_sum(&f, 0));
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_LSO,
				    info | LIS_LSO_IP6),
			    "LSO: no TCP of that IP version");
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_LSO,
				    info & ~LIS_LSO_V2), "LSO: version 1");
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_LSO,
				    info & ~LIS_LSO_MSS_MASK),
			    "LSO: segment size");
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_LSO,
				    (info & ~LIS_LSO_MSS_MASK) | 5000),
			    "LSO: a single segment");
	assert_null(prepare(&out, &r, frame, bytes, INFO_LSO, info));
	assert_int_equal(out.h.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(out.h.gso_size, 1460);
	assert_int_equal(out.h.hdr_len, TCP4_BYTES);
	assert_int_equal(net_be16(frame + 16), 5040);
	assert_int_equal(net_be16(frame + 50), net_pseudo_sum(&f, 5020));
	assert_true(net_ip_checksum_ok(&f));
}

static void test_tag_goes_into_the_frame(void **state)
{
	uint8_t buffer[256], *frame = buffer + NET_HEADROOM;
	struct rndis r = fresh(true);
	struct net_send out;
	uint32_t bytes = tcp4(frame, 8);

	(void)state;
	assert_null(prepare(&out, &r, frame, bytes, INFO_VLAN,
			    5 | LIS_VLAN_DEI | 7 << LIS_VLAN_ID_SHIFT));
	assert_ptr_equal(out.frame, buffer);
	assert_int_equal(out.bytes, bytes + 4);
	assert_int_equal(net_be16(out.frame + 12), 0x8100);
	assert_int_equal(net_be16(out.frame + 14), 5 << 13 | 1 << 12 | 7);
	assert_int_equal(net_be16(out.frame + 16), 0x0800);
	assert_int_equal(out.frame[5], 2);
	assert_string_equal(prepare(&out, &r, frame, bytes, INFO_VLAN, 0xfff0),
			    "VLAN: id 4095");
	assert_string_equal(prepare(&out, &r, frame, 1519, INFO_HASH, 0),
			    "frame longer than the MTU allows");
}

/* --- control --------------------------------------------------------------- */

static uint8_t answer[RNDIS_ANSWER_MAX];
static const char *error;

static uint32_t ask(struct rndis *r, uint32_t type, uint32_t oid,
		    const void *info, uint32_t bytes)
{
	uint8_t m[1024] = { 0 };
	struct lis_rndis_request q = {
		.hdr = { type, sizeof(q) + bytes },
		.request_id = 77, .oid = oid, .info_length = bytes,
		.info_offset = bytes ? sizeof(q) - LIS_RNDIS_BODY : 0,
	};
	struct lis_rndis_done done;

	memcpy(m, &q, sizeof(q));
	if (bytes)
		memcpy(m + sizeof(q), info, bytes);
	assert_true(rndis_control(r, m, sizeof(q) + bytes, answer, &error) >=
		    sizeof(done));
	memcpy(&done, answer, sizeof(done));
	assert_int_equal(done.hdr.type, type | LIS_RNDIS_COMPLETION);
	assert_int_equal(done.request_id, 77);
	return done.status;
}

static void initialize(struct rndis *r)
{
	struct lis_rndis_initialize m = {
		.hdr = { LIS_RNDIS_INITIALIZE, sizeof(m) }, .major = 1,
		.max_transfer = 0x4000 };

	assert_int_equal(rndis_control(r, (void *)&m, sizeof(m), answer,
				       &error),
			 sizeof(struct lis_rndis_initialize_done));
	assert_null(error);
	assert_true(r->initialized);
}

static void test_nothing_is_answered_before_initialize(void **state)
{
	struct rndis r = fresh(true);

	(void)state;
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_PACKET_FILTER, "\1\0\0",
			     4), LIS_RNDIS_STATUS_FAILURE);
	assert_string_equal(error, "QUERY or SET: not initialized");
	initialize(&r);
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_PACKET_FILTER, "\1\0\0",
			     4), LIS_RNDIS_STATUS_SUCCESS);
	assert_null(error);
	assert_int_equal(ask(&r, LIS_RNDIS_QUERY, 0x4711, NULL, 0),
			 LIS_RNDIS_STATUS_NOT_SUPPORTED);
	assert_null(error);
}

static void test_filter_decides_what_passes(void **state)
{
	static const uint8_t own[] = { 2, 0, 0, 0, 0, 1 };
	static const uint8_t other[] = { 2, 0, 0, 0, 0, 9 };
	static const uint8_t group[] = { 1, 0, 0x5e, 0, 0, 1 };
	static const uint8_t all[] = { 255, 255, 255, 255, 255, 255 };
	struct rndis r = fresh(true);

	(void)state;
	initialize(&r);
	assert_false(rndis_wants(&r, own));
	ask(&r, LIS_RNDIS_SET, LIS_OID_PACKET_FILTER, "\x0b\0\0", 4);
	assert_true(rndis_wants(&r, own));
	assert_true(rndis_wants(&r, all));
	assert_false(rndis_wants(&r, other));
	assert_false(rndis_wants(&r, group));
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_MULTICAST_LIST, group,
			     6), LIS_RNDIS_STATUS_SUCCESS);
	assert_true(rndis_wants(&r, group));
	ask(&r, LIS_RNDIS_SET, LIS_OID_PACKET_FILTER, "\x20\0\0", 4);
	assert_true(rndis_wants(&r, other));
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_PACKET_FILTER,
			     "\0\0\1", 4), LIS_RNDIS_STATUS_INVALID_DATA);
	assert_non_null(error);
}

static void test_offloads_are_switched_one_by_one(void **state)
{
	struct lis_ndis_offload_params p = {
		.hdr = { LIS_NDIS_TYPE_DEFAULT, 3, sizeof(p) },
		.ip4_csum = LIS_NDIS_PARAM_TX, .tcp4_csum = LIS_NDIS_PARAM_BOTH,
		.udp6_csum = LIS_NDIS_PARAM_RX, .lso6 = LIS_NDIS_PARAM_ON };
	struct rndis r = fresh(true);

	(void)state;
	initialize(&r);
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_OFFLOAD_PARAMETERS, &p,
			     sizeof(p)), LIS_RNDIS_STATUS_SUCCESS);
	assert_int_equal(r.offloads, OFFLOAD_TX_IP4 | OFFLOAD_TX_TCP4 |
			 OFFLOAD_TX_TCP4 << OFFLOAD_RX_SHIFT |
			 OFFLOAD_TX_UDP6 << OFFLOAD_RX_SHIFT | OFFLOAD_LSO6);
	p = (struct lis_ndis_offload_params){ .hdr = p.hdr,
		.tcp4_csum = LIS_NDIS_PARAM_OFF };
	ask(&r, LIS_RNDIS_SET, LIS_OID_OFFLOAD_PARAMETERS, &p, sizeof(p));
	assert_int_equal(r.offloads, OFFLOAD_TX_IP4 | OFFLOAD_LSO6 |
			 OFFLOAD_TX_UDP6 << OFFLOAD_RX_SHIFT);
	p.lso4 = 3;
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_OFFLOAD_PARAMETERS, &p,
			     sizeof(p)), LIS_RNDIS_STATUS_INVALID_DATA);

	r = fresh(false);
	initialize(&r);
	p.lso4 = LIS_NDIS_PARAM_ON;
	p.tcp4_csum = LIS_NDIS_PARAM_BOTH;
	ask(&r, LIS_RNDIS_SET, LIS_OID_OFFLOAD_PARAMETERS, &p, sizeof(p));
	assert_int_equal(r.offloads, OFFLOAD_TX_TCP4 << OFFLOAD_RX_SHIFT);
}

static uint8_t rsc_offered(struct rndis *r)
{
	uint8_t info[RNDIS_ANSWER_MAX];
	struct lis_ndis_offload o = { 0 };
	uint32_t bytes = 0;

	assert_int_equal(rndis_query(r, LIS_OID_OFFLOAD_CAPABILITIES, info,
				     &bytes), LIS_RNDIS_STATUS_SUCCESS);
	memcpy(&o, info, bytes < sizeof(o) ? bytes : sizeof(o));
	return o.rsc4;
}

static void test_coalescing_has_to_be_agreed_on(void **state)
{
	struct lis_ndis_offload_params p = {
		.hdr = { LIS_NDIS_TYPE_DEFAULT, 3, LIS_NDIS_PARAMS_BYTES_3 },
		.rsc4 = LIS_NDIS_PARAM_ON, .rsc6 = LIS_NDIS_PARAM_OFF,
	};
	struct rndis r = fresh(true);
	const char *error = NULL;

	(void)state;
	assert_int_equal(rsc_offered(&r), 0);
	rndis_set(&r, LIS_OID_OFFLOAD_PARAMETERS, (void *)&p, sizeof(p),
		  &error);
	assert_string_equal(error, "SET offload parameters: RSC was not agreed on");
	r.rsc = true;
	error = NULL;
	assert_int_equal(rsc_offered(&r), 1);
	assert_int_equal(rndis_set(&r, LIS_OID_OFFLOAD_PARAMETERS, (void *)&p,
				   sizeof(p), &error),
			 LIS_RNDIS_STATUS_SUCCESS);
	assert_int_equal(r.offloads, OFFLOAD_RSC4);
	p.rsc4 = 3;
	rndis_set(&r, LIS_OID_OFFLOAD_PARAMETERS, (void *)&p, sizeof(p),
		  &error);
	assert_string_equal(error, "SET offload parameters: RSC value");
}

static void test_rss_parameters_are_checked(void **state)
{
	struct {
		struct lis_ndis_rss_params p;
		uint32_t table[LIS_NDIS_RSS_TABLE_ENTRIES];
		uint8_t key[LIS_NDIS_RSS_KEY_BYTES];
	} m = { .p = {
		.hdr = { LIS_NDIS_TYPE_RSS_PARAMETERS, 2, sizeof(m.p) },
		.hash = LIS_NDIS_HASH_TOEPLITZ | LIS_NDIS_HASH_TCP4,
		.table_bytes = sizeof(m.table), .table_offset = sizeof(m.p),
		.key_bytes = sizeof(m.key),
		.key_offset = sizeof(m.p) + sizeof(m.table),
	} };
	struct rndis r = fresh(true);

	(void)state;
	initialize(&r);
	m.table[5] = 3;
	m.key[39] = 0xaa;
#define SET_RSS() ask(&r, LIS_RNDIS_SET, LIS_OID_RSS_PARAMETERS, &m, sizeof(m))
	assert_int_equal(SET_RSS(), LIS_RNDIS_STATUS_SUCCESS);
	assert_true(r.hash.on);
	assert_int_equal(r.hash.table[5], 3);
	assert_int_equal(r.hash.key[39], 0xaa);
	m.table[6] = 4;
	assert_int_equal(SET_RSS(), LIS_RNDIS_STATUS_INVALID_DATA);
	assert_int_equal(r.hash.table[6], 0);
	m.table[6] = 0;
	m.p.key_bytes = 39;
	assert_int_equal(SET_RSS(), LIS_RNDIS_STATUS_INVALID_DATA);
	m.p.key_bytes = 40;
	m.p.table_offset = 0xfffffff0;
	assert_int_equal(SET_RSS(), LIS_RNDIS_STATUS_INVALID_DATA);
	m.p.flags = LIS_NDIS_RSS_DISABLE;
	assert_int_equal(SET_RSS(), LIS_RNDIS_STATUS_SUCCESS);
	assert_false(r.hash.on);
}

static void test_address_is_changed_by_name(void **state)
{
	static const char name[] = "NetworkAddress", value[] = "0215AbcDEF01";
	uint8_t m[20 + 2 * 14 + 2 * 12] = { 0 };
	struct lis_rndis_config c = { 20, 28, 2, 48, 24 };
	struct rndis r = fresh(true);

	(void)state;
	initialize(&r);
	memcpy(m, &c, sizeof(c));
	for (unsigned int i = 0; i < 14; i++)
		m[20 + 2 * i] = name[i];
	for (unsigned int i = 0; i < 12; i++)
		m[48 + 2 * i] = value[i];
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_RNDIS_CONFIG, m,
			     sizeof(m)), LIS_RNDIS_STATUS_SUCCESS);
	assert_memory_equal(r.mac, "\x02\x15\xab\xcd\xef\x01", 6);
	m[48 + 2] = '3';	/* 03: a group */
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_RNDIS_CONFIG, m,
			     sizeof(m)), LIS_RNDIS_STATUS_INVALID_DATA);
	c.value_length = 0xfffffffe;
	memcpy(m, &c, sizeof(c));
	assert_int_equal(ask(&r, LIS_RNDIS_SET, LIS_OID_RNDIS_CONFIG, m,
			     sizeof(m)), LIS_RNDIS_STATUS_INVALID_DATA);
	assert_memory_equal(r.mac, "\x02\x15\xab\xcd\xef\x01", 6);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_written_message_reads_the_same),
		cmocka_unit_test(test_lies_in_a_message_are_found),
		cmocka_unit_test(test_hash_is_toeplitz),
		cmocka_unit_test(test_checksum_is_left_to_the_back_end),
		cmocka_unit_test(test_large_send_gets_its_lengths),
		cmocka_unit_test(test_tag_goes_into_the_frame),
		cmocka_unit_test(test_nothing_is_answered_before_initialize),
		cmocka_unit_test(test_filter_decides_what_passes),
		cmocka_unit_test(test_offloads_are_switched_one_by_one),
		cmocka_unit_test(test_coalescing_has_to_be_agreed_on),
		cmocka_unit_test(test_rss_parameters_are_checked),
		cmocka_unit_test(test_address_is_changed_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
