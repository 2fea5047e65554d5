// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's VMBus server on any sequence of guest messages: raw ones, and
 * ones whose type, relid and handle are likely to be right.  It must answer
 * or ignore each, and forget everything when it is freed.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c
 * libs: -ljson-c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmbus/server_int.h"

#define PAGE		4096
#define RAM_PAGES	64

static uint8_t *ram;

static void no_message(void *ctx, uint32_t vp, uint32_t sint, const void *m,
		       size_t len)
{
	(void)ctx, (void)sint, (void)m;
	if (vp >= 2 || len > LIS_HV_MSG_PAYLOAD_MAX)
		abort();
}

static void *memory(void *ctx, uint64_t gpa, size_t len)
{
	uint64_t end = RAM_PAGES * PAGE;

	(void)ctx;
	return gpa <= end && len <= end - gpa ? ram + gpa : NULL;
}

/* Opening goes as far as this: no threads here */
static int no_signal(void *ctx, uint32_t connection)
{
	(void)ctx, (void)connection;
	return -1;
}

static void no_violation(void *ctx, const char *fmt, ...)
{
	(void)ctx, (void)fmt;
}

static const struct hv_effects fx = {
	.post_message = no_message, .guest_memory = memory,
	.bind_signal = no_signal, .violation = no_violation, .vp_count = 2,
};

static void nothing(struct device *dev)
{
	(void)dev;
}

static void destroy(struct device *dev)
{
	free(dev);
}

static const struct device_ops ops = {
	.disconnect = nothing, .destroy = destroy };

static void add_device(struct vmbus_server *s, const char *name)
{
	struct device *dev = calloc(1, sizeof(*dev));

	dev->ops = &ops;
	strcpy(dev->name, name);
	vmbus_device_add(s, dev);
}

static void contact(struct vmbus_server *s, uint8_t which)
{
	static const uint32_t versions[] = {
		LIS_VMBUS_V2_4, LIS_VMBUS_V4_1, LIS_VMBUS_V5_0,
		LIS_VMBUS_V5_3, LIS_VMBUS_V6_0 };
	struct lis_msg_initiate_contact m = {
		.hdr.type = LIS_MSG_INITIATE_CONTACT,
		.version = versions[which % 5],
		.target_sint = LIS_HV_SINT_VMBUS };
	struct lis_msg_hdr ask = { .type = LIS_MSG_REQUEST_OFFERS };
	uint32_t port = m.version >= LIS_VMBUS_V5_0 ? LIS_CONN_MESSAGE_5 :
			LIS_CONN_MESSAGE;

	vmbus_server_message(s, 0, port, &m, sizeof(m));
	vmbus_server_message(s, 0, port, &ask, sizeof(ask));
}

/* Give the bytes a header, relid and handle that may exist. */
static void make_likely(uint32_t *words, size_t bytes)
{
	words[0] %= LIS_MSG_COUNT;
	words[1] = 0;
	if (bytes >= 12)
		words[2] = words[2] % 4;
	if (bytes >= 16)
		words[3] = words[3] % 4;
}

static void send(struct vmbus_server *s, uint8_t how, const uint8_t *data,
		 size_t bytes)
{
	uint32_t words[LIS_HV_MSG_PAYLOAD_MAX / 4 + 1] = { 0 };
	uint32_t port = how & 1 ? LIS_CONN_MESSAGE : LIS_CONN_MESSAGE_5;

	memcpy(words, data, bytes);
	if (how & 2)
		make_likely(words, bytes);
	vmbus_server_message(s, how >> 7, port, words, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vmbus_server_config cfg = {
		.generation = "ws2025" };
	struct vmbus_server *s = vmbus_server_new(&fx, &cfg);

	if (!ram)
		ram = aligned_alloc(PAGE, RAM_PAGES * PAGE);
	add_device(s, "a");
	add_device(s, "b");
	while (size >= 2) {
		uint8_t how = data[0];
		size_t bytes = data[1] % (LIS_HV_MSG_PAYLOAD_MAX + 1);

		data += 2;
		size -= 2;
		if ((how & 0x0c) == 0x0c) {
			contact(s, how >> 4);
			continue;
		}
		if (bytes > size)
			bytes = size;
		send(s, how, data, bytes);
		data += bytes;
		size -= bytes;
	}
	vmbus_server_free(s);
	return 0;
}
