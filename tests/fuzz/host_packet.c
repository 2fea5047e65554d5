// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's SCSI channel on any bytes that a guest may put into its ring: raw
 * ring contents and indices, or well-formed packets with arbitrary requests,
 * before and after the handshake.  The provider runs here, without a worker;
 * whatever happens, no request may be left and no memory touched that is not
 * the guest's.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c
 * srcs: tests/hvhost/dev/controller.c tests/hvhost/dev/storvsp.c tests/hvhost/dev/storvsp_srb.c tests/hvhost/dev/scsi.c
 * srcs: tests/hvhost/dev/scsi_block.c tests/hvhost/dev/scsi_inquiry.c tests/hvhost/dev/disk.c tests/hvhost/dev/disk_map.c
 * srcs: tests/hvhost/dev/disk_cache.c tests/hvhost/dev/disk_image.c tests/hvhost/dev/disk_inbox.c
 * srcs: tests/hvhost/dev/scsi_medium.c tests/hvhost/dev/disk_spec.c tests/hvhost/dev/controller_ctl.c tests/hvhost/dev/scsi_reserve.c
 * srcs: tests/hvhost/dev/fc.c
 * libs: -luring -lnbd -ljson-c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lis/proto/storvsp.h>

#include "vmbus/server_int.h"

#define PAGE		4096
#define RAM_PAGES	64
#define RING_PAGES	5		/* control page and data, each way */
#define RING_BYTES	((RING_PAGES - 1) * PAGE)
#define DISK_BYTES	(256 << 10)
#define RUNS		4		/* the disk is in memory: no waiting */

static uint8_t *ram;
static struct vmbus_server *server;
static struct device *dev;

/* --- a world without a VM --------------------------------------------------- */

static void no_message(void *ctx, uint32_t vp, uint32_t sint, const void *m,
		       size_t len)
{
	(void)ctx, (void)vp, (void)sint, (void)m, (void)len;
}

static bool no_event(void *ctx, uint32_t vp, uint32_t sint, uint32_t flag)
{
	(void)ctx, (void)vp, (void)sint, (void)flag;
	return true;
}

static void *memory(void *ctx, uint64_t gpa, size_t len)
{
	uint64_t end = RAM_PAGES * PAGE;

	(void)ctx;
	return gpa <= end && len <= end - gpa ? ram + gpa : NULL;
}

static void no_violation(void *ctx, const char *fmt, ...)
{
	(void)ctx, (void)fmt;
}

static const struct hv_effects fx = {
	.post_message = no_message, .set_event = no_event,
	.guest_memory = memory, .violation = no_violation, .vp_count = 2,
};

static void build_world(void)
{
	static const struct vmbus_server_config cfg = { .max_subchannels = 2 };
	char path[] = "/dev/shm/host_packet.XXXXXX", *error;
	static uint8_t zeroes[DISK_BYTES];
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, zeroes, sizeof(zeroes)) != sizeof(zeroes))
		abort();
	close(fd);
	ram = aligned_alloc(PAGE, RAM_PAGES * PAGE);
	server = vmbus_server_new(&fx, &cfg);
	if (!ram || !server || !vmbus_server_add_disk(server, path, &error))
		abort();
	unlink(path);
	dev = vmbus_device_find(server, "scsi0");
}

/* --- the guest -------------------------------------------------------------- */

struct input {
	const uint8_t *at;
	size_t left;
};

static void take(struct input *in, void *to, size_t n)
{
	size_t k = n < in->left ? n : in->left;

	memset(to, 0, n);
	memcpy(to, in->at, k);
	in->at += k;
	in->left -= k;
}

static void put(struct vmbus_channel *ch, const void *from, uint32_t len)
{
	uint8_t *ring = ch->pages[1];
	uint32_t w = ch->in.ctl->write_index;

	for (uint32_t i = 0; i < len; i++, w = (w + 1) % RING_BYTES)
		ring[w] = ((const uint8_t *)from)[i];
	ch->in.ctl->write_index = w;
}

static void put_packet(struct vmbus_channel *ch, const void *packet,
		       uint32_t len)
{
	struct lis_pkt_trailer t = { .start = ch->in.ctl->write_index };

	put(ch, packet, len);
	put(ch, &t, sizeof(t));
}

static void put_request(struct vmbus_channel *ch,
			const struct lis_stor_packet *p)
{
	struct {
		struct lis_pkt_desc d;
		struct lis_stor_packet p;
	} m = { .d = { LIS_PKT_INBAND, 2, 10, 1, 1 }, .p = *p };

	put_packet(ch, &m, sizeof(m));
}

static void handshake(struct vmbus_channel *ch)
{
	static const uint32_t ops[] = {
		LIS_STOR_BEGIN_INIT, LIS_STOR_QUERY_VERSION,
		LIS_STOR_QUERY_PROPERTIES, LIS_STOR_END_INIT };

	for (unsigned int i = 0; i < 4; i++) {
		struct lis_stor_packet p = { .operation = ops[i], .flags = 1 };

		if (ops[i] == LIS_STOR_QUERY_VERSION)
			p.version.version = LIS_STOR_V6_2;
		put_request(ch, &p);
	}
}

/* A SCSI request that gets as far as its command */
static void put_command(struct vmbus_channel *ch, struct input *in)
{
	struct {
		struct lis_pkt_gpa_direct g;
		struct lis_gpa_range range;
		uint64_t pfns[3];
		struct lis_stor_packet p;
	} m = { .g = { { LIS_PKT_GPA_DIRECT, 7, 15, 1, 2 }, 0, 1 } };
	uint8_t shape[4];

	take(in, shape, sizeof(shape));
	m.range.byte_offset = shape[0] * 16;
	m.range.byte_count = 3 * PAGE - m.range.byte_offset;
	m.p.operation = LIS_STOR_EXECUTE_SRB;
	m.p.flags = 1;
	m.p.srb.length = 52;
	m.p.srb.cdb_length = shape[1] % 17;
	m.p.srb.sense_length = shape[1] % 21;
	m.p.srb.direction = shape[2] % 3;
	m.p.srb.lun = shape[2] >> 7;
	m.p.srb.transfer_length = shape[3] * 64 % m.range.byte_count;
	for (unsigned int i = 0; i < 3; i++)
		m.pfns[i] = (shape[3] + i * shape[2]) % RAM_PAGES;
	take(in, m.p.srb.cdb, LIS_STOR_CDB_MAX);
	put_packet(ch, &m, sizeof(m));
}

/* Any bytes as a packet; the descriptor's length is made to fit */
static void put_any(struct vmbus_channel *ch, struct input *in)
{
	uint64_t packet[40] = { 0 };
	struct lis_pkt_desc *d = (void *)packet;
	uint8_t n;

	take(in, &n, 1);
	n = 2 + n % 38;
	take(in, packet, n * 8);
	d->length8 = n;
	put_packet(ch, packet, n * 8);
}

static void fill_ring(struct vmbus_channel *ch, struct input *in)
{
	uint8_t kind;

	take(in, &kind, 1);
	if (kind & 1) {
		uint32_t index;

		take(in, &index, 4);
		take(in, ch->pages[1], in->left < RING_BYTES ? in->left :
		     RING_BYTES);
		ch->in.ctl->write_index = kind & 2 ? index : index % RING_BYTES;
		return;
	}
	if (!(kind & 2))
		handshake(ch);
	/* As much as is sure to fit */
	for (unsigned int i = 0; i < 24 && in->left; i++) {
		take(in, &kind, 1);
		if (kind & 1)
			put_any(ch, in);
		else
			put_command(ch, in);
	}
}

/* --- one input -------------------------------------------------------------- */

static void run_provider(struct vmbus_channel *ch)
{
	void *state = dev->ops->open(dev, ch);

	if (!state)
		abort();
	for (unsigned int i = 0; i < RUNS; i++) {
		dev->ops->run(state);
		vmbus_channel_flush(ch);
	}
	atomic_store(&ch->stopping, true);
	dev->ops->run(state);
	if (!dev->ops->idle(state))
		abort();
	dev->ops->close(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t *pages[2 * RING_PAGES], *rings;
	struct vmbus_channel ch = {
		.dev = NULL, .relid = 1, .signal_fd = -1, .watch_fd = -1 };

	if (!server)
		build_world();
	rings = aligned_alloc(PAGE, 2 * RING_PAGES * PAGE);
	memset(rings, 0, 2 * RING_PAGES * PAGE);
	for (unsigned int i = 0; i < 2 * RING_PAGES; i++)
		pages[i] = rings + i * PAGE;
	ch.dev = dev;
	ch.server = server;
	ch.pages = pages;
	ch.packet = malloc(RING_PAGES * PAGE);
	ring_attach(&ch.in, RING_CONSUMER, pages, RING_PAGES);
	ring_attach(&ch.out, RING_PRODUCER, pages + RING_PAGES, RING_PAGES);
	fill_ring(&ch, &in);
	run_provider(&ch);
	free(ch.packet);
	free(rings);
	return 0;
}
