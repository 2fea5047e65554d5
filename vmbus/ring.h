/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our two ends of a channel: the producer of the guest->host ring and the
 * consumer of the host->guest ring.  Pure: no kernel services, no locks; the
 * caller serializes each end (channel.c says how).
 */
#ifndef LIS_VMBUS_RING_H
#define LIS_VMBUS_RING_H

#include <linux/types.h>
#include <lis/proto/ring.h>

#define LIS_RING_TRAILER	((u32)sizeof(struct lis_pkt_trailer))

/**
 * struct lis_ring_out - producer end of the guest->host ring.
 * @ctl:	control page, shared with the host
 * @data:	data area, mapped twice in a row so that no packet ever wraps
 * @size:	bytes of the data area
 * @write:	where the next packet goes; ours alone
 * @published:	write index the host was last told
 * @blocked:	pending_send_size is set
 * @owed:	a signal was put off
 * @owed_at:	read index at which the host was idle then
 */
struct lis_ring_out {
	struct lis_ring_control *ctl;
	u8 *data;
	u32 size;
	u32 write;
	u32 published;
	bool blocked;
	bool owed;
	u32 owed_at;
};

/**
 * struct lis_ring_in - consumer end of the host->guest ring.
 * @ctl:	control page, shared with the host
 * @data:	data area, mapped twice in a row
 * @size:	bytes of the data area
 * @read:	next packet; ours alone
 * @published:	read index the host was last told
 * @limit:	write index of the host when we last looked
 */
struct lis_ring_in {
	struct lis_ring_control *ctl;
	const u8 *data;
	u32 size;
	u32 read;
	u32 published;
	u32 limit;
};

void lis_ring_out_init(struct lis_ring_out *r, struct lis_ring_control *ctl,
		       void *data, u32 size);
int lis_ring_out_room(const struct lis_ring_out *r, u32 *room);
int lis_ring_out_reserve(struct lis_ring_out *r, u32 len, void **at);
void lis_ring_out_commit(struct lis_ring_out *r, u32 len);
bool lis_ring_out_publish(struct lis_ring_out *r);
void lis_ring_out_publish_quiet(struct lis_ring_out *r);
bool lis_ring_out_settle(struct lis_ring_out *r);
void lis_ring_out_block(struct lis_ring_out *r, u32 len);
void lis_ring_out_unblock(struct lis_ring_out *r);

void lis_ring_in_init(struct lis_ring_in *r, struct lis_ring_control *ctl,
		      const void *data, u32 size);
int lis_ring_in_avail(struct lis_ring_in *r, u32 *avail);
void lis_ring_in_consume(struct lis_ring_in *r, u32 len);
bool lis_ring_in_release(struct lis_ring_in *r);
void lis_ring_in_mask(struct lis_ring_in *r);
bool lis_ring_in_unmask(struct lis_ring_in *r);

static inline const void *lis_ring_in_at(const struct lis_ring_in *r)
{
	return r->data + r->read;
}

/* Bytes the producer is waiting to publish */
static inline u32 lis_ring_out_unpublished(const struct lis_ring_out *r)
{
	return r->write >= r->published ? r->write - r->published :
	       r->write + r->size - r->published;
}

/* Bytes consumed that the host does not know of yet */
static inline u32 lis_ring_in_unreleased(const struct lis_ring_in *r)
{
	return r->read >= r->published ? r->read - r->published :
	       r->read + r->size - r->published;
}

#endif
