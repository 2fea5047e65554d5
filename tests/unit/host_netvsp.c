// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's netvsp: negotiation by version, buffers, frames both ways, the
 * receive buffer's parts, queues, and what a guest may not do.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c
 * srcs: tests/hvhost/vmbus/map.c tests/hvhost/dev/nic.c tests/hvhost/dev/nic_buffer.c tests/hvhost/dev/nic_spec.c
 * srcs: tests/hvhost/dev/netvsp.c tests/hvhost/dev/netvsp_init.c tests/hvhost/dev/netvsp_rx.c tests/hvhost/dev/netvsp_lies.c tests/hvhost/dev/netvsp_tx.c tests/hvhost/dev/net_backend.c
 * srcs: tests/hvhost/dev/net_user.c tests/hvhost/dev/rndis.c tests/hvhost/dev/rndis_query.c tests/hvhost/dev/rndis_set.c
 * srcs: tests/hvhost/dev/rndis_packet.c tests/hvhost/dev/net_frame.c tests/hvhost/dev/net_send.c
 * libs: -ljson-c -lslirp
 */
#include "host_netvsp.h"

/* --- tests ----------------------------------------------------------------- */

static void test_versions_above_the_generation_are_refused(void **state)
{
	(void)state;
	assert_int_not_equal(init(LIS_NVSP_V6_1), 1);
	assert_int_not_equal(init(LIS_NVSP_V6), 1);
	assert_int_not_equal(init(0x00050001), 1);
	assert_int_equal(init(LIS_NVSP_V5), 1);
	share_buffers();
	assert_clean(bench->g);
}

static void test_first_version_has_neither_config_nor_queues(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_SUBCHANNEL,
				  .subchannel = { 1, 2 } };

	(void)state;
	assert_int_not_equal(init(LIS_NVSP_V2), 1);
	assert_int_equal(init(LIS_NVSP_V1), 1);
	assert_int_equal(bench->reply.init_complete.deprecated_version, 2);
	share_buffers();
	start_rndis();
	send_inband(bench->g, &bench->c, ++bench->id, &m, 32);
	assert_violation(bench->g, "SUB_CHANNEL: not in version 0x2");
}

static void test_messages_out_of_order_are_named(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_SEND_RECV_BUF };

	(void)state;
	send_inband(bench->g, &bench->c, 1, &m, 40);
	assert_violation(bench->g, "SEND_RECEIVE_BUFFER: out of order");
	assert_int_equal(init(LIS_NVSP_V6_1), 1);
	m.type = LIS_NVSP_RNDIS;
	send_inband(bench->g, &bench->c, 2, &m, 40);
	assert_violation(bench->g, "RNDIS: out of order");
	send_inband(bench->g, &bench->c, 3, &m, 32);
	assert_violation(bench->g, "payload: 32 bytes");
	m.type = 110;
	send_inband(bench->g, &bench->c, 4, &m, 40);
	assert_violation(bench->g, "NVSP message 110");
}

static void test_mtu_sizes_the_receive_buffer(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_SEND_NDIS_CONFIG,
				  .ndis_config = { .mtu = 9014 } };

	(void)state;
	assert_int_equal(init(LIS_NVSP_V6_1), 1);
	tell(&m);
	share_buffers();
	assert_int_equal(nic()->rndis.frame_bytes, 9014);
	assert_true(nic()->recv->section_bytes >= 256 + 9014);
	assert_clean(bench->g);
}

static void test_frames_leave_from_sections_and_pages(void **state)
{
	struct lis_nvsp_msg n = { .type = LIS_NVSP_RNDIS,
		.rndis = { 0, LIS_NVSP_NO_SECTION, 0 } };
	uint8_t m[256];
	uint32_t bytes;

	(void)state;
	bytes = data_message(m, 0x11);
	assert_int_equal(send_section(0, 3, m, bytes), 1);
	expect_frame(0x11);
	bytes = data_message(m, 0x22);
	/* Over the end of a page */
	memcpy(bench->g->ram + DATA_GPA + PAGE - 50, m, bytes);
	send_gpa_direct(bench->g, &bench->c, ++bench->id,
			DATA_GPA + PAGE - 50, bytes, &n, 40);
	take_completion(LIS_NVSP_RNDIS_COMPLETE);
	assert_int_equal(bench->reply.rndis_complete.status, 1);
	expect_frame(0x22);
	/* Header in a section, frame in a page */
	n.rndis.section_index = 1;
	n.rndis.section_bytes = 48;
	memcpy(bench->g->ram + SEND_PAGE * PAGE + bench->section_bytes, m, 48);
	memset(bench->g->ram + DATA_GPA, 0x33, FRAME_BYTES);
	send_gpa_direct(bench->g, &bench->c, ++bench->id, DATA_GPA,
			FRAME_BYTES, &n, 40);
	take_completion(LIS_NVSP_RNDIS_COMPLETE);
	expect_frame(0x33);
	assert_clean(bench->g);
}

static void test_several_frames_leave_from_one_section(void **state)
{
	uint8_t m[1024];
	uint32_t bytes = 0;

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		uint32_t one = data_message(m + bytes, 0x40 + i);
		uint32_t padded = (one + 7) & ~7u;

		memcpy(m + bytes + 4, &padded, sizeof(padded));
		bytes += padded;
	}
	assert_int_equal(send_section(0, 2, m, bytes), 1);
	for (uint8_t i = 0; i < 3; i++)
		expect_frame(0x40 + i);
	assert_clean(bench->g);
}

/* The last of several messages in a section has its frame in pages. */
static void test_the_last_of_several_goes_on_in_pages(void **state)
{
	struct lis_nvsp_msg n = { .type = LIS_NVSP_RNDIS, .rndis = { 0, 2 } };
	uint8_t *section = bench->g->ram + SEND_PAGE * PAGE +
			   2 * bench->section_bytes;
	uint8_t m[256];
	uint32_t bytes = data_message(m, 0x51), padded = (bytes + 7) & ~7u;

	(void)state;
	memcpy(m + 4, &padded, sizeof(padded));
	memcpy(section, m, bytes);
	data_message(m, 0x52);
	memcpy(section + padded, m, 48);
	memset(bench->g->ram + DATA_GPA, 0x52, FRAME_BYTES);
	n.rndis.section_bytes = padded + 48;
	send_gpa_direct(bench->g, &bench->c, ++bench->id, DATA_GPA,
			FRAME_BYTES, &n, 40);
	take_completion(LIS_NVSP_RNDIS_COMPLETE);
	assert_int_equal(bench->reply.rndis_complete.status, 1);
	expect_frame(0x51);
	expect_frame(0x52);
	/* Its head must not be in two pieces */
	n.rndis.section_bytes = padded + 40;
	memset(bench->g->ram + DATA_GPA, 0, 8);
	send_gpa_direct(bench->g, &bench->c, ++bench->id, DATA_GPA,
			FRAME_BYTES + 8, &n, 40);
	take_completion(LIS_NVSP_RNDIS_COMPLETE);
	assert_int_equal(bench->reply.rndis_complete.status, 5);
	assert_violation(bench->g, "RNDIS: header in more than one piece");
}

static void test_wrong_sends_are_named_and_answered(void **state)
{
	struct lis_nvsp_msg n = { .type = LIS_NVSP_RNDIS,
		.rndis = { 0, LIS_NVSP_NO_SECTION, 0 } };
	static uint8_t m[8192];
	uint32_t bytes = data_message(m, 0x11);

	(void)state;
	assert_int_equal(send_section(0, 10, m, bytes), 5);
	assert_violation(bench->g, "RNDIS: section index");
	assert_int_equal(send_section(0, 9, m, bench->section_bytes + 1), 5);
	assert_violation(bench->g, "RNDIS: section size");
	assert_int_equal(send_section(0, 1, m, bytes - 1), 5);
	assert_violation(bench->g, "RNDIS: message length");
	assert_int_equal(send_section(2, 1, m, bytes), 5);
	assert_violation(bench->g, "RNDIS: channel type");
	assert_int_equal(send_section(0, LIS_NVSP_NO_SECTION, m, 0), 5);
	assert_violation(bench->g, "RNDIS: neither section nor pages");
	send_gpa_direct(bench->g, &bench->c, ++bench->id,
			(uint64_t)RAM_PAGES * PAGE, bytes, &n, 40);
	take_completion(LIS_NVSP_RNDIS_COMPLETE);
	assert_int_equal(bench->reply.rndis_complete.status, 5);
	assert_violation(bench->g, "RNDIS: a page is not RAM");
	assert_int_equal(nic()->counts.tx_frames, 0);
}

static void test_frames_arrive_and_their_room_is_given_back(void **state)
{
	uint32_t all = nic()->recv->sections - NIC_CONTROL_SUBALLOCS;
	struct rndis_data d;
	const uint8_t *m;
	uint64_t id;

	(void)state;
	for (uint32_t i = 0; i < 3 * all; i++) {
		put_frame(i);
		m = take_message(0, &id);
		assert_null(rndis_packet_parse(&d, m, 256 + FRAME_BYTES));
		assert_int_equal(d.data_bytes, FRAME_BYTES);
		assert_int_equal(m[d.data_at], (uint8_t)i);
		give_back(id);
	}
	give_back(id);
	assert_violation(bench->g, "is not outstanding");
}

/* A large TCP frame, with its checksum left to us as a kernel leaves it */
static void put_large_frame(uint8_t *out, uint32_t bytes)
{
	struct virtio_net_hdr h = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1460,
		.csum_start = 34, .csum_offset = 16,
	};
	uint8_t *frame = out + sizeof(h);
	struct net_frame f;

	memset(frame, 0, 54);
	for (uint32_t i = 54; i < bytes; i++)
		frame[i] = i * 7;
	net_put_be16(frame + 12, 0x0800);
	frame[14] = 0x45;
	net_put_be16(frame + 16, bytes - 14);
	frame[23] = NET_TCP;
	frame[46] = 0x50;
	net_frame_parse(&f, frame, bytes);
	net_ip_checksum_set(&f);
	net_put_be16(frame + 50, net_pseudo_sum(&f, bytes - 34));
	memcpy(out, &h, sizeof(h));
	assert_int_equal(write(bench->cable, out, sizeof(h) + bytes),
			 sizeof(h) + bytes);
}

/* The parts of the packet taken last, joined; their number */
static unsigned int join_parts(uint8_t *frame, uint32_t *bytes)
{
	const uint8_t *body = bench->packet.body;
	uint32_t count;

	memcpy(&count, body + 4, sizeof(count));
	*bytes = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct lis_ppi_packet_id id;
		struct lis_pkt_xfer_range r;
		struct rndis_data d;
		const uint8_t *m;

		memcpy(&r, body + 8 + i * sizeof(r), sizeof(r));
		m = bench->g->ram + RECV_PAGE * PAGE + r.byte_offset;
		assert_null(rndis_packet_parse(&d, m, r.byte_count));
		assert_true(d.has & 1 << INFO_PACKET_ID);
		assert_int_equal(!!(d.has & 1 << INFO_CSUM), !i);
		memcpy(&id, &d.info[INFO_PACKET_ID], sizeof(id));
		assert_int_equal(id.version, 1);
		assert_int_equal(id.flags, LIS_PACKET_ID_SUBALLOC |
				 (i ? 0 : LIS_PACKET_ID_FIRST) |
				 (i + 1 < count ? 0 : LIS_PACKET_ID_LAST));
		memcpy(frame + *bytes, m + d.data_at, d.data_bytes);
		*bytes += d.data_bytes;
	}
	return count;
}

static void test_large_frames_arrive_in_parts(void **state)
{
	static uint8_t out[8192], got[8192];
	struct net_frame f;
	uint32_t bytes;

	(void)state;
	put_large_frame(out, 6000);
	while (!nic()->counts.rx_dropped)	/* nobody wanted it */
		usleep(1000);
	atomic_store(&nic()->rndis.offloads, OFFLOAD_RSC4 |
		     OFFLOAD_TX_TCP4 << OFFLOAD_RX_SHIFT);
	put_large_frame(out, 6000);
	assert_true(ring_wait(bench->g, &bench->c, &bench->packet, PATIENCE));
	assert_int_equal(bench->packet.desc.type, LIS_PKT_TRANSFER_PAGES);
	assert_int_equal(join_parts(got, &bytes), 4);
	assert_int_equal(bytes, 6000);
	assert_memory_equal(got + 54, out + sizeof(struct virtio_net_hdr) + 54,
			    6000 - 54);
	net_frame_parse(&f, got, bytes);
	assert_true(net_l4_checksum_ok(&f));
	give_back(bench->packet.desc.transaction_id);
	assert_clean(bench->g);
}

static void test_no_room_holds_frames_back(void **state)
{
	uint32_t all = nic()->recv->sections - NIC_CONTROL_SUBALLOCS, i;
	uint64_t ids[200], id;

	(void)state;
	assert_true(all < 200);
	for (i = 0; i < all; i++) {
		put_frame(i);
		take_message(0, &ids[i]);
	}
	put_frame(0x77);
	while (!nic()->counts.rx_no_buffer)
		usleep(1000);
	assert_false(ring_take(&bench->c, &bench->packet));
	give_back(ids[5]);
	assert_int_equal(take_message(0, &id)[256], 0x77);
	assert_int_equal(id, ids[5]);
	assert_clean(bench->g);
}

static void test_link_changes_are_indicated(void **state)
{
	struct lis_rndis_indicate m;
	uint64_t id;

	(void)state;
	nic_link(nic(), false);
	memcpy(&m, take_message(1, &id), sizeof(m));
	assert_int_equal(m.hdr.type, LIS_RNDIS_INDICATE);
	assert_int_equal(m.status, LIS_RNDIS_MEDIA_DISCONNECT);
	give_back(id);
	nic_link(nic(), true);
	memcpy(&m, take_message(1, &id), sizeof(m));
	assert_int_equal(m.status, LIS_RNDIS_MEDIA_CONNECT);
	give_back(id);
	assert_clean(bench->g);
}

static void test_subchannels_are_granted_and_tabled(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_SUBCHANNEL,
				  .subchannel = { 1, 7 } };
	struct lis_msg_offer offers[2];
	struct guest_channel sub[2];
	uint32_t words[3], table[16];

	(void)state;
	ask(&m, LIS_NVSP_SUBCHANNEL);
	assert_int_equal(bench->reply.subchannel_complete.status, 1);
	assert_int_equal(bench->reply.subchannel_complete.granted, 2);
	for (unsigned int i = 0; i < 2; i++) {
		offers[i] = *EXPECT(bench->g, LIS_MSG_OFFER_CHANNEL,
				    struct lis_msg_offer);
		assert_int_equal(offers[i].subchannel_index, i + 1);
	}
	for (unsigned int i = 0; i < 2; i++)
		channel_open_at(bench->g, &sub[i], &offers[i], 128 + 64 * i,
				RING_PAGES);
	assert_true(ring_wait(bench->g, &bench->c, &bench->packet, PATIENCE));
	memcpy(words, bench->packet.body, sizeof(words));
	assert_int_equal(words[0], LIS_NVSP_INDIRECTION_TABLE);
	assert_int_equal(words[1], 16);
	assert_int_equal(words[2], 40);
	memcpy(table, bench->packet.body + words[2], sizeof(table));
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(table[i], i % 3);
	for (unsigned int i = 0; i < 2; i++)
		channel_close_all(bench->g, &sub[i]);
	assert_clean(bench->g);
}

static void test_buffers_are_given_back(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_REVOKE_RECV_BUF,
				  .revoke_buf = { LIS_NVSP_RECV_BUF_ID } };

	(void)state;
	tell(&m);
	m.type = LIS_NVSP_REVOKE_SEND_BUF;
	m.revoke_buf.id = 0;
	tell(&m);
	gpadl_destroy(bench->g, bench->c.relid, bench->recv);
	gpadl_destroy(bench->g, bench->c.relid, bench->send);
	channel_close_all(bench->g, &bench->c);
	channel_open_at(bench->g, &bench->c, &bench->offer, 64, RING_PAGES);
	bench->version = 0;
	assert_int_equal(init(LIS_NVSP_V2), 1);
	share_buffers();
	/* Not revoked: the channel's end does it */
	relid_post(bench->g, LIS_MSG_CLOSE_CHANNEL, bench->c.relid);
	gpadl_destroy(bench->g, bench->c.relid, bench->recv);
	gpadl_destroy(bench->g, bench->c.relid, bench->send);
	assert_clean(bench->g);
}

static void test_bad_specifications_are_named(void **state)
{
	static const char *const bad[] = {
		"cable", "sink,mac=01:00:00:00:00:00", "sink,mac=02:00",
		"sink,queues=0", "sink,queues=65", "sink,nvsp=3",
		"sink,link=maybe", "sink,", "fd=", "fd=99999",
	};
	char *error;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(vmbus_server_add_nic(bench->g->server, bad[i],
						  &error));
		assert_non_null(error);
		free(error);
	}
	assert_true(vmbus_server_add_nic(bench->g->server,
			"user,mac=02:00:00:00:00:01,link=down", &error));
	assert_false(nic_find(bench->g->server, 1)->link_up);
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(versions_above_the_generation_are_refused, start_old),
		T(first_version_has_neither_config_nor_queues, start_first),
		T(messages_out_of_order_are_named, start_raw),
		T(mtu_sizes_the_receive_buffer, start_raw),
		T(frames_leave_from_sections_and_pages, start),
		T(several_frames_leave_from_one_section, start),
		T(the_last_of_several_goes_on_in_pages, start),
		T(wrong_sends_are_named_and_answered, start),
		T(frames_arrive_and_their_room_is_given_back, start),
		T(large_frames_arrive_in_parts, start),
		T(no_room_holds_frames_back, start),
		T(link_changes_are_indicated, start),
		T(subchannels_are_granted_and_tabled, start),
		T(buffers_are_given_back, start),
		T(bad_specifications_are_named, start_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
