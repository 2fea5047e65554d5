/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VMBus as drivers see it.
 *
 * A device on the bus is one primary channel; a driver opens it, may ask the
 * host (by its own protocol) for sub-channels, and exchanges packets over
 * pairs of rings.  Rings, host messages and ids stay inside hv_vmbus: what a
 * driver gets is a validated private copy, and what it sends is identified by
 * a small slot number, never by an address.
 *
 * Errors are a closed list: 0, -EAGAIN (ring full), -ENODEV (channel rescinded
 * or closed), -EPROTO (the host broke the protocol; the channel is dead),
 * -ETIMEDOUT (the host did not answer), -ENOMEM, -EINVAL (caller's bug).
 */
#ifndef LIS_VMBUS_H
#define LIS_VMBUS_H

#include <linux/device.h>
#include <linux/ioport.h>
#include <linux/mod_devicetable.h>
#include <linux/scatterlist.h>
#include <linux/uuid.h>
#include <lis/proto/ring.h>

struct lis_channel;		/* opaque */
struct dentry;

/* --- drivers and devices ------------------------------------------------- */

/**
 * struct lis_device - a device the host offered; one primary channel.
 * @dev:	embedded device, on the bus named "vmbus"
 * @class_id:	interface type of the offer
 * @instance_id: instance of the offer, stable across boots; the device's name
 * @channel:	the primary channel, valid while the device exists
 * @user:	device-specific bytes of the offer (private copy)
 */
struct lis_device {
	struct device dev;
	guid_t class_id;
	guid_t instance_id;
	struct lis_channel *channel;
	u8 user[120];
	/* private to hv_vmbus */
	char *driver_override;
};
#define to_lis_device(d) container_of(d, struct lis_device, dev)

/**
 * struct lis_driver - a driver on the VMBus.
 * @driver:	name etc.; owner and bus are filled in at registration
 * @id_table:	class GUIDs, ended by an all-zero entry
 * @probe:	process context; returns 0 or -errno
 * @remove:	process context; must close every channel it opened.  Also
 *		called after a rescind: I/O then ends with -ENODEV.
 * @shutdown:	process context, on reboot and kexec; optional
 * @suspend:	process context; optional
 * @resume:	process context; optional
 */
struct lis_driver {
	struct device_driver driver;
	const struct hv_vmbus_device_id *id_table;
	int (*probe)(struct lis_device *dev, const struct hv_vmbus_device_id *id);
	void (*remove)(struct lis_device *dev);
	void (*shutdown)(struct lis_device *dev);
	int (*suspend)(struct lis_device *dev);
	int (*resume)(struct lis_device *dev);
	/* private to hv_vmbus: dynamic ids */
	struct list_head dynids;
	spinlock_t dynids_lock;
};

int __lis_driver_register(struct lis_driver *drv, struct module *owner,
			  const char *mod_name);
#define lis_driver_register(drv) \
	__lis_driver_register(drv, THIS_MODULE, KBUILD_MODNAME)
void lis_driver_unregister(struct lis_driver *drv);

static inline void lis_set_drvdata(struct lis_device *dev, void *data)
{
	dev_set_drvdata(&dev->dev, data);
}

static inline void *lis_get_drvdata(struct lis_device *dev)
{
	return dev_get_drvdata(&dev->dev);
}

/* Directory of a device in debugfs, gone with the device; for a driver's own
 * files.  Process context, between probe and remove.
 */
struct dentry *lis_device_debugfs(struct lis_device *dev);

/* --- channel life -------------------------------------------------------- */

/**
 * struct lis_channel_ops - what a driver does with a channel.
 * @receive:	packets may be waiting: drain with lis_packet_next().  Called
 *		on the channel's CPU with its ring interrupt masked, never
 *		concurrently for one channel; hard-interrupt context when the
 *		channel was opened with LIS_OPEN_HARDIRQ, softirq otherwise.
 *		Return the number of packets taken; a return of @budget means
 *		"there may be more" and brings another call from softirq.
 * @wake:	the driver polls this channel: packets may be waiting, or there may
 *		be room to send again; lis_channel_poll() soon, then
 *		lis_channel_poll_end() or, until there is room to send,
 *		lis_channel_poll_wait().  Not called again before that.  Any
 *		context, often hard interrupt.  Optional; without it, or with
 *		LIS_OPEN_HARDIRQ, the bus calls @receive itself.  A driver may
 *		poll without being woken, and need not end it: the interrupt
 *		stays masked then.
 * @subchannel:	the host offered sub-channel @sub of @primary; process context,
 *		the driver may open it.  Optional.
 * @gone:	the channel was rescinded (-ENODEV) or broken (-EPROTO): sends
 *		fail from now on and nothing outstanding will complete.  Called
 *		once, process context.  The driver ends what is outstanding.
 * @moved:	lis_channel_cpu() is another one now, by sysfs, by CPU hotplug
 *		or by lis_channel_set_cpu(); the host may use it already.
 *		Process context, the channel's lock is held: take no more than
 *		spin locks, open and close nothing.  Optional.
 */
struct lis_channel_ops {
	unsigned int (*receive)(struct lis_channel *ch, void *ctx,
				unsigned int budget);
	void (*wake)(struct lis_channel *ch, void *ctx);
	void (*subchannel)(struct lis_channel *primary,
			   struct lis_channel *sub, void *ctx);
	void (*gone)(struct lis_channel *ch, void *ctx, int why);
	void (*moved)(struct lis_channel *ch, void *ctx);
};

#define LIS_OPEN_HARDIRQ	0x1	/* ops->receive runs in hard interrupt */

/**
 * struct lis_open_params - how to open a channel.
 * @send_bytes:	size of the guest->host ring, control page included;
 *		a multiple of PAGE_SIZE, at least two pages
 * @recv_bytes:	the same for host->guest
 * @max_packet:	longest packet the host may send here, descriptor included;
 *		a longer one breaks the channel
 * @max_requests: slots 0..n-1 for requests that want a completion
 * @target_cpu:	CPU for its interrupts, or -1 to let the bus choose
 * @flags:	LIS_OPEN_*
 * @ops:	callbacks
 * @ctx:	passed to them
 * @user:	LIS_OPEN_USER_BYTES of device-specific open data, or NULL
 */
struct lis_open_params {
	u32 send_bytes;
	u32 recv_bytes;
	u32 max_packet;
	u32 max_requests;
	int target_cpu;
	u32 flags;
	const struct lis_channel_ops *ops;
	void *ctx;
	const void *user;
};

/* Process context, may sleep; bounded by a time limit and ended by a rescind. */
int lis_channel_open(struct lis_channel *ch, const struct lis_open_params *p);
/* Process context, may sleep.  After return no callback runs.  Idempotent. */
void lis_channel_close(struct lis_channel *ch);

/* The host lied: log once (rate-limited), count, refuse all further traffic,
 * call ops->gone() later.  Any context.
 */
void lis_channel_break(struct lis_channel *ch, const char *why);

/* A sub-channel that was announced may be rescinded and forgotten at any time;
 * held, its memory stays.  Any context.
 */
void lis_channel_hold(struct lis_channel *ch);
void lis_channel_drop(struct lis_channel *ch);

/* 0 while usable, else -ENODEV or -EPROTO.  Any context. */
int lis_channel_error(const struct lis_channel *ch);

struct lis_device *lis_channel_device(struct lis_channel *ch);
u32 lis_channel_relid(const struct lis_channel *ch);
u16 lis_channel_subindex(const struct lis_channel *ch);	/* 0 = primary */
int lis_channel_cpu(const struct lis_channel *ch);
/* Ask the host to interrupt another CPU (VMBus >= 4.1), process context. */
int lis_channel_set_cpu(struct lis_channel *ch, int cpu);
/* What its rings look like goes to the kernel's log.  Any context. */
void lis_channel_log(struct lis_channel *ch);
/* Negotiated VMBus version, LIS_VMBUS_V* */
u32 lis_vmbus_version(void);

/* --- send ---------------------------------------------------------------- */

/* The request slot of a packet that wants no completion */
#define LIS_NO_REQUEST		(~0u)
/* More packets follow at once: do not signal the host yet.  The caller ends
 * the burst with a send without this flag or with lis_channel_kick().
 */
#define LIS_SEND_MORE		0x1
/* The host may see the packet at once, but is not signalled yet: should it look
 * by itself, the signal is saved.  As after LIS_SEND_MORE, the caller sends
 * without this flag or calls lis_channel_kick() some time.
 */
#define LIS_SEND_QUIET		0x2

/**
 * lis_send - queue an in-band packet.
 * @slot: request slot that the completion will carry; must be free; or
 *	  LIS_NO_REQUEST
 * Context: any, callers are serialized inside by the channel's send lock.
 * Return: 0, -EAGAIN (ring full: ops->receive() is called again once there
 *	   may be room), -ENODEV, -EPROTO, -EINVAL.
 */
int lis_send(struct lis_channel *ch, const void *payload, u32 len, u32 slot,
	     u32 flags);

/**
 * lis_send_sg - queue a GPA-direct packet with one range.
 * @sgl: @nents DMA-mapped entries; together one range without holes: only the
 *	 first may start and only the last may end inside a 4 KiB page
 * @bytes: length of the range; at most what the entries hold
 * Context and return as lis_send().
 */
int lis_send_sg(struct lis_channel *ch, const void *payload, u32 len,
		struct scatterlist *sgl, int nents, u32 bytes, u32 slot,
		u32 flags);

/**
 * struct lis_span - memory of a request: contiguous for the device.
 * @addr:	DMA address
 * @bytes:	not 0
 */
struct lis_span {
	u64 addr;
	u32 bytes;
};

/**
 * lis_send_spans - queue a GPA-direct packet with a range for each span.
 * @span: @n of them, at least one
 * Context and return as lis_send().
 */
int lis_send_spans(struct lis_channel *ch, const void *payload, u32 len,
		   const struct lis_span *span, u32 n, u32 slot, u32 flags);

/* Signal the host, if it needs that, about packets that were queued with
 * LIS_SEND_MORE or LIS_SEND_QUIET.  Any context.
 */
void lis_channel_kick(struct lis_channel *ch);

/* Free slot @slot whose completion will never be waited for again (time-out):
 * a late completion of it is then counted and dropped.  True when it was
 * outstanding.  Any context.
 */
bool lis_request_cancel(struct lis_channel *ch, u32 slot);

/* --- receive ------------------------------------------------------------- */

/**
 * struct lis_packet - a validated private copy of one packet.
 * @type:	enum lis_pkt_type: in-band, transfer pages or completion
 * @want_completion: the host asked for one: answer with lis_complete()
 * @id:		host's transaction id (not for completions)
 * @slot:	completions: the request slot, now free again; it was
 *		outstanding and is reported once
 * @set_id:	transfer pages: the host's name for the buffer they are in
 * @ranges:	transfer pages: the ranges, validated to lie in the packet
 * @range_count: their number
 * @payload:	private copy, 8-byte aligned; valid until the next call
 * @len:	payload bytes, rounded up to 8 by the wire format
 */
struct lis_packet {
	u16 type;
	bool want_completion;
	u64 id;
	u32 slot;
	u16 set_id;
	const struct lis_pkt_xfer_range *ranges;
	u32 range_count;
	const void *payload;
	u32 len;
};

/* Next packet, or NULL when the ring is empty or the channel broken.  Only in
 * ops->receive().
 */
const struct lis_packet *lis_packet_next(struct lis_channel *ch);
int lis_complete(struct lis_channel *ch, u64 id, const void *payload, u32 len);
/* The same, as with LIS_SEND_MORE: the caller kicks after the last. */
int lis_complete_more(struct lis_channel *ch, u64 id, const void *payload,
		      u32 len);

/* Channels with ops->wake only: see there.  The driver must have ended its
 * polling before it closes the channel, and before ops->gone() returns.
 */
unsigned int lis_channel_poll(struct lis_channel *ch, unsigned int budget);
bool lis_channel_poll_end(struct lis_channel *ch);
bool lis_channel_poll_wait(struct lis_channel *ch);

/* --- memory shared by handle --------------------------------------------- */

/* @buf: page-aligned, from vmalloc() or the page allocator.  Process context.
 * On -ETIMEDOUT from teardown the host may still use the memory: leak it.
 */
int lis_gpadl_create(struct lis_channel *ch, void *buf, u32 bytes, u32 *handle);
int lis_gpadl_teardown(struct lis_channel *ch, u32 handle);

/* --- MMIO from the bus's ACPI ranges ------------------------------------- */

int lis_mmio_alloc(struct resource **res, struct lis_device *dev,
		   resource_size_t min, resource_size_t max,
		   resource_size_t size, resource_size_t align,
		   bool framebuffer_ok);
void lis_mmio_free(struct resource *res);

#endif
