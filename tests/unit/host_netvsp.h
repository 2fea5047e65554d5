/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's netvsc in user space, for unit tests of hvhost's netvsp: its
 * messages, its buffers, and the other end of the cable.
 * Locking: none, one test thread.
 */
#ifndef HOST_NETVSP_H
#define HOST_NETVSP_H

#include "host_guest_ring.h"

#include <errno.h>
#include <sys/socket.h>
#include <linux/virtio_net.h>

#include <lis/proto/netvsp.h>

#include "dev/nic.h"
#include "dev/rndis_packet.h"

#define RECV_PAGE	1024		/* of guest RAM */
#define RECV_PAGES	64
#define SEND_PAGE	2048
#define SEND_PAGES	16
#define DATA_GPA	((uint64_t)4096 * PAGE)
#define RING_PAGES	8
#define FRAME_BYTES	60

static struct bench {
	struct guest *g;
	struct guest_channel c;
	struct lis_msg_offer offer;
	int cable;			/* our end */
	uint32_t version, recv, send, id;
	uint32_t section_bytes;
	struct lis_nvsp_msg reply;
	struct packet packet;
} *bench;

static uint32_t nvsp_bytes(void)
{
	return bench->version >= LIS_NVSP_V6_1 ? 40 : 32;
}

static inline struct nic *nic(void)
{
	return nic_find(bench->g->server, 0);
}

/* --- the guest's side ------------------------------------------------------ */

static void take_completion(uint32_t type)
{
	struct packet *p = &bench->packet;

	assert_true(ring_wait(bench->g, &bench->c, p, PATIENCE));
	assert_int_equal(p->desc.type, LIS_PKT_COMPLETION);
	assert_int_equal(p->desc.transaction_id, bench->id);
	assert_int_equal(p->body_bytes, nvsp_bytes());
	memset(&bench->reply, 0, sizeof(bench->reply));
	memcpy(&bench->reply, p->body, p->body_bytes);
	assert_int_equal(bench->reply.type, type);
}

static void ask(struct lis_nvsp_msg *m, uint32_t type)
{
	send_inband(bench->g, &bench->c, ++bench->id, m, nvsp_bytes());
	take_completion(type);
}

static void tell(struct lis_nvsp_msg *m)
{
	struct packet p = { .desc = { .type = LIS_PKT_INBAND, .offset8 = 2,
				      .length8 = 2 + nvsp_bytes() / 8 } };

	memcpy(p.body, m, nvsp_bytes());
	assert_true(ring_write(&bench->c, &p, 16 + nvsp_bytes()));
	signal_host(bench->g, &bench->c);
}

static uint32_t init(uint32_t version)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_INIT,
				  .init = { version, version } };
	struct packet *p = &bench->packet;

	send_inband(bench->g, &bench->c, ++bench->id, &m, 32);
	assert_true(ring_wait(bench->g, &bench->c, p, PATIENCE));
	memcpy(&bench->reply, p->body, p->body_bytes);
	assert_int_equal(bench->reply.type, LIS_NVSP_INIT_COMPLETE);
	if (bench->reply.init_complete.status == LIS_NVSP_STATUS_SUCCESS)
		bench->version = version;
	return bench->reply.init_complete.status;
}

static void share_buffers(void)
{
	struct lis_nvsp_msg ndis = { .type = LIS_NVSP_SEND_NDIS_VERSION,
		.ndis_version = { 6, bench->version >= LIS_NVSP_V5 ? 30 : 1 } };
	struct lis_nvsp_msg recv = { .type = LIS_NVSP_SEND_RECV_BUF };
	struct lis_nvsp_msg send = { .type = LIS_NVSP_SEND_SEND_BUF };
	const struct lis_nvsp_section *s =
		&bench->reply.recv_buf_complete.section;

	tell(&ndis);
	bench->recv = recv.send_buf.gpadl =
		gpadl_create(bench->g, bench->c.relid, RECV_PAGE, RECV_PAGES);
	bench->send = send.send_buf.gpadl =
		gpadl_create(bench->g, bench->c.relid, SEND_PAGE, SEND_PAGES);
	recv.send_buf.id = LIS_NVSP_RECV_BUF_ID;
	ask(&recv, LIS_NVSP_SEND_RECV_BUF_COMPLETE);
	assert_int_equal(bench->reply.recv_buf_complete.status,
			 LIS_NVSP_STATUS_SUCCESS);
	assert_int_equal(bench->reply.recv_buf_complete.section_count, 1);
	assert_int_equal(s->offset, 0);
	assert_true(s->suballoc_bytes >= 256 + 1514);
	assert_true(s->suballocs * s->suballoc_bytes <= RECV_PAGES * PAGE);
	ask(&send, LIS_NVSP_SEND_SEND_BUF_COMPLETE);
	assert_int_equal(bench->reply.send_buf_complete.status,
			 LIS_NVSP_STATUS_SUCCESS);
	bench->section_bytes = bench->reply.send_buf_complete.section_bytes;
	assert_true(bench->section_bytes);
}

/* Take a transfer-page packet of one range: its message, and its id. */
static const uint8_t *take_message(uint32_t channel_type, uint64_t *id)
{
	struct packet *p = &bench->packet;
	struct lis_pkt_xfer_range r;
	uint32_t words[4];

	assert_true(ring_wait(bench->g, &bench->c, p, PATIENCE));
	assert_int_equal(p->desc.type, LIS_PKT_TRANSFER_PAGES);
	assert_int_equal(p->desc.flags, LIS_PKT_WANT_COMPLETION);
	assert_int_equal(p->desc.offset8, 4);
	memcpy(words, p->body, 8);
	assert_int_equal(words[0], LIS_NVSP_RECV_BUF_ID);
	assert_int_equal(words[1], 1);
	memcpy(&r, p->body + 8, sizeof(r));
	memcpy(words, p->body + 16, 16);
	assert_int_equal(words[0], LIS_NVSP_RNDIS);
	assert_int_equal(words[1], channel_type);
	assert_true(r.byte_offset + r.byte_count <= RECV_PAGES * PAGE);
	*id = p->desc.transaction_id;
	return bench->g->ram + RECV_PAGE * PAGE + r.byte_offset;
}

static void give_back(uint64_t id)
{
	struct packet p = { .desc = { .type = LIS_PKT_COMPLETION, .offset8 = 2,
		.length8 = 2 + nvsp_bytes() / 8, .transaction_id = id } };
	struct lis_nvsp_msg m = { .type = LIS_NVSP_RNDIS_COMPLETE,
				  .rndis_complete = { LIS_NVSP_STATUS_SUCCESS } };

	memcpy(p.body, &m, nvsp_bytes());
	assert_true(ring_write(&bench->c, &p, 16 + nvsp_bytes()));
	signal_host(bench->g, &bench->c);
}

/* An RNDIS message in a section; the status of its completion */
static uint32_t send_section(uint32_t type, uint32_t section, const void *m,
			     uint32_t bytes)
{
	struct lis_nvsp_msg n = { .type = LIS_NVSP_RNDIS,
				  .rndis = { type, section, bytes } };

	if (section < 10)
		memcpy(bench->g->ram + SEND_PAGE * PAGE +
		       section * bench->section_bytes, m, bytes);
	ask(&n, LIS_NVSP_RNDIS_COMPLETE);
	return bench->reply.rndis_complete.status;
}

static void set_filter(uint32_t filter)
{
	struct {
		struct lis_rndis_request q;
		uint32_t filter;
	} m = { { { LIS_RNDIS_SET, sizeof(m) }, 9, LIS_OID_PACKET_FILTER, 4,
		  20, 0 }, filter };
	struct lis_rndis_done done;
	uint64_t id;

	assert_int_equal(send_section(1, 0, &m, sizeof(m)), 1);
	memcpy(&done, take_message(1, &id), sizeof(done));
	assert_int_equal(done.request_id, 9);
	assert_int_equal(done.status, LIS_RNDIS_STATUS_SUCCESS);
	give_back(id);
}

static void start_rndis(void)
{
	struct lis_rndis_initialize m = {
		.hdr = { LIS_RNDIS_INITIALIZE, sizeof(m) }, .request_id = 5,
		.major = 1 };
	struct lis_rndis_initialize_done done;
	uint64_t id;

	assert_int_equal(send_section(1, 0, &m, sizeof(m)), 1);
	memcpy(&done, take_message(1, &id), sizeof(done));
	assert_int_equal(done.hdr.type, LIS_RNDIS_INITIALIZE |
			 LIS_RNDIS_COMPLETION);
	assert_int_equal(done.request_id, 5);
	assert_int_equal(done.status, LIS_RNDIS_STATUS_SUCCESS);
	give_back(id);
}

static inline uint32_t data_message(uint8_t *m, uint8_t fill)
{
	struct rndis_data d = { .message_bytes = 48 + FRAME_BYTES,
				.data_at = 48, .data_bytes = FRAME_BYTES };

	memset(m, 0, 256);
	rndis_packet_build(&d, m);
	memset(m + 48, fill, FRAME_BYTES);
	return d.message_bytes;
}

/* --- the other end of the cable -------------------------------------------- */

static inline void expect_frame(uint8_t fill)
{
	uint8_t got[2048];
	struct pollfd p = { .fd = bench->cable, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENCE * 1000), 1);
	assert_int_equal(read(bench->cable, got, sizeof(got)),
			 sizeof(struct virtio_net_hdr) + FRAME_BYTES);
	assert_int_equal(got[sizeof(struct virtio_net_hdr)], fill);
	assert_int_equal(got[sizeof(struct virtio_net_hdr) + FRAME_BYTES - 1],
			 fill);
}

static void put_frame(uint8_t fill)
{
	uint8_t out[sizeof(struct virtio_net_hdr) + FRAME_BYTES] = { 0 };

	memset(out + sizeof(struct virtio_net_hdr), fill, FRAME_BYTES);
	assert_int_equal(write(bench->cable, out, sizeof(out)), sizeof(out));
}

/* --- life ------------------------------------------------------------------ */

static int start_with(const char *generation, const char *options)
{
	char spec[100], *error;
	int pair[2];

	bench = calloc(1, sizeof(*bench));
	bench->g = guest_new(generation, 4);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	bench->cable = pair[0];
	snprintf(spec, sizeof(spec), "fd=%d,queues=3%s", pair[1], options);
	assert_true(vmbus_server_add_nic(bench->g->server, spec, &error));
	connect_and_take(bench->g, strcmp(generation, "ws2012r2") ?
			 LIS_VMBUS_V5_3 : LIS_VMBUS_V3_0, &bench->offer, 1);
	channel_open_at(bench->g, &bench->c, &bench->offer, 64, RING_PAGES);
	return 0;
}

static inline int start_raw(void **state)
{
	(void)state;
	return start_with("ws2022", "");
}

static inline int start_old(void **state)
{
	(void)state;
	return start_with("ws2012r2", "");
}

static inline int start_first(void **state)
{
	(void)state;
	return start_with("ws2022", ",nvsp=1");
}

static int start(void **state)
{
	start_raw(state);
	assert_int_equal(init(LIS_NVSP_V6_1), 1);
	share_buffers();
	start_rndis();
	set_filter(LIS_NDIS_FILTER_PROMISCUOUS);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	guest_free(bench->g);
	close(bench->cable);
	free(bench);
	return 0;
}

#endif
