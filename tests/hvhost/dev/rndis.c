// SPDX-License-Identifier: GPL-2.0-only
/*
 * RNDIS control messages and the frames that the packet filter lets through.
 * Locking: see rndis.h.
 */
#include "rndis.h"

#include <string.h>

#define MAX_PACKETS	8		/* data messages in one packet */
#define MAX_TRANSFER	0xefffffffu
#define ALIGNMENT_SHIFT	3

void rndis_reset(struct rndis *r)
{
	atomic_store(&r->initialized, false);
	atomic_store(&r->filter, 0);
	atomic_store(&r->offloads, 0);
	memset(&r->hash, 0, sizeof(r->hash));
	r->multicast_count = 0;
}

static size_t answer_done(uint8_t *answer, uint32_t type, uint32_t id,
			  uint32_t status)
{
	struct lis_rndis_done m = {
		.hdr = { type | LIS_RNDIS_COMPLETION, sizeof(m) },
		.request_id = id,
		.status = status,
	};

	memcpy(answer, &m, sizeof(m));
	return sizeof(m);
}

static size_t initialize(struct rndis *r, const uint8_t *message,
			 uint32_t bytes, uint8_t *answer, const char **error)
{
	struct lis_rndis_initialize_done done = {
		.hdr = { LIS_RNDIS_INITIALIZE | LIS_RNDIS_COMPLETION,
			 sizeof(done) },
		.major = 1,
		.device_flags = 1,
		.max_packets = MAX_PACKETS,
		.max_transfer = MAX_TRANSFER,
		.alignment_shift = ALIGNMENT_SHIFT,
	};
	struct lis_rndis_initialize m;

	if (bytes < sizeof(m)) {
		*error = "INITIALIZE: too short";
		return 0;
	}
	memcpy(&m, message, sizeof(m));
	done.request_id = m.request_id;
	if (m.major != 1 || m.minor) {
		done.status = LIS_RNDIS_STATUS_FAILURE;
	} else if (atomic_load(&r->initialized)) {
		*error = "INITIALIZE: sent twice";
		done.status = LIS_RNDIS_STATUS_FAILURE;
	} else {
		rndis_reset(r);
		atomic_store(&r->initialized, true);
	}
	memcpy(answer, &done, sizeof(done));
	return sizeof(done);
}

static size_t query(struct rndis *r, const struct lis_rndis_request *m,
		    uint8_t *answer)
{
	struct lis_rndis_query_done done = {
		.hdr.type = LIS_RNDIS_QUERY | LIS_RNDIS_COMPLETION,
		.request_id = m->request_id,
	};
	uint32_t bytes = 0;

	done.status = rndis_query(r, m->oid, answer + sizeof(done), &bytes);
	done.hdr.length = sizeof(done) + bytes;
	done.info_length = bytes;
	done.info_offset = bytes ? sizeof(done) - LIS_RNDIS_BODY : 0;
	memcpy(answer, &done, sizeof(done));
	return done.hdr.length;
}

static size_t request(struct rndis *r, const uint8_t *message, uint32_t bytes,
		      uint8_t *answer, const char **error)
{
	struct lis_rndis_request m;
	uint32_t body = bytes - LIS_RNDIS_BODY, status;

	if (bytes < sizeof(m)) {
		*error = "QUERY or SET: too short";
		return 0;
	}
	memcpy(&m, message, sizeof(m));
	if (m.info_length && (m.info_offset < sizeof(m) - LIS_RNDIS_BODY ||
			      m.info_offset > body ||
			      m.info_length > body - m.info_offset))
		*error = "QUERY or SET: information outside of the message";
	else if (m.vc_handle)
		*error = "QUERY or SET: reserved field";
	else if (!atomic_load(&r->initialized))
		*error = "QUERY or SET: not initialized";
	if (m.hdr.type == LIS_RNDIS_QUERY && !*error)
		return query(r, &m, answer);
	if (*error)
		status = LIS_RNDIS_STATUS_FAILURE;
	else
		status = rndis_set(r, m.oid, message + LIS_RNDIS_BODY +
				   m.info_offset, m.info_length, error);
	return answer_done(answer, m.hdr.type, m.request_id, status);
}

static size_t keepalive(const uint8_t *message, uint32_t bytes,
			uint8_t *answer, const char **error)
{
	struct lis_rndis_keepalive m;

	if (bytes < sizeof(m)) {
		*error = "KEEPALIVE: too short";
		return 0;
	}
	memcpy(&m, message, sizeof(m));
	return answer_done(answer, m.hdr.type, m.request_id,
			   LIS_RNDIS_STATUS_SUCCESS);
}

size_t rndis_control(struct rndis *r, const uint8_t *message, uint32_t bytes,
		     uint8_t answer[RNDIS_ANSWER_MAX], const char **error)
{
	struct lis_rndis_hdr hdr;

	*error = NULL;
	if (bytes < sizeof(hdr)) {
		*error = "message shorter than its header";
		return 0;
	}
	memcpy(&hdr, message, sizeof(hdr));
	if (hdr.length < sizeof(hdr) || hdr.length > bytes) {
		*error = "message length";
		return 0;
	}
	switch (hdr.type) {
	case LIS_RNDIS_INITIALIZE:
		return initialize(r, message, hdr.length, answer, error);
	case LIS_RNDIS_HALT:
		if (!atomic_load(&r->initialized))
			*error = "HALT: not initialized";
		rndis_reset(r);
		return 0;
	case LIS_RNDIS_QUERY:
	case LIS_RNDIS_SET:
	case LIS_RNDIS_SET_EX:
		return request(r, message, hdr.length, answer, error);
	case LIS_RNDIS_KEEPALIVE:
		return keepalive(message, hdr.length, answer, error);
	case LIS_RNDIS_KEEPALIVE | LIS_RNDIS_COMPLETION:
		return 0;
	}
	*error = "message type";
	return 0;
}

/* --- filter --------------------------------------------------------------- */

static bool on_multicast_list(const struct rndis *r, const uint8_t *mac)
{
	for (unsigned int i = 0; i < r->multicast_count; i++)
		if (!memcmp(r->multicast[i], mac, NET_MAC_BYTES))
			return true;
	return false;
}

/* The first address stays good: a driver that is loaded anew takes it again */
static bool is_own(const struct rndis *r, const uint8_t *mac)
{
	return !memcmp(mac, r->mac, NET_MAC_BYTES) ||
	       !memcmp(mac, r->permanent_mac, NET_MAC_BYTES);
}

bool rndis_wants(const struct rndis *r, const uint8_t *mac)
{
	static const uint8_t broadcast[NET_MAC_BYTES] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint32_t filter = atomic_load_explicit(&r->filter,
					       memory_order_relaxed);

	if (filter & LIS_NDIS_FILTER_PROMISCUOUS)
		return true;
	if (!(mac[0] & 1))
		return filter & LIS_NDIS_FILTER_DIRECTED && is_own(r, mac);
	if (!memcmp(mac, broadcast, NET_MAC_BYTES))
		return filter & LIS_NDIS_FILTER_BROADCAST;
	if (filter & LIS_NDIS_FILTER_ALL_MULTICAST)
		return true;
	return filter & LIS_NDIS_FILTER_MULTICAST && on_multicast_list(r, mac);
}
