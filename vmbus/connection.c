// SPDX-License-Identifier: GPL-2.0-only
/*
 * Talking to the host: posting, agreeing on a version, and saying goodbye.
 * bus.connected says whether messages may be posted; connecting and
 * disconnecting are serialized by the driver core.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/jiffies.h>

#include "trace.h"
#include "vmbus_int.h"

/* Newest first */
static const u32 versions[] = {
	LIS_VMBUS_V5_3, LIS_VMBUS_V5_2, LIS_VMBUS_V5_1, LIS_VMBUS_V5_0,
	LIS_VMBUS_V4_1, LIS_VMBUS_V4_0, LIS_VMBUS_V3_0, LIS_VMBUS_V2_4,
};

/* --- posting ------------------------------------------------------------- */

static int post_on(u32 conn, const void *msg, u32 len, unsigned long no_conn)
{
	unsigned long start = jiffies;
	unsigned int pause = 50;

	for (;;) {
		u32 status = lis_hv_post(conn, msg, len);

		switch (status) {
		case LIS_HV_SUCCESS:
			return 0;
		case LIS_HV_INVALID_CONNECTION_ID:
			/* a host may need a moment to make the port */
			if (time_after(jiffies, start + no_conn))
				return -ENXIO;
			break;
		case LIS_HV_INSUFFICIENT_BUFFERS:
		case LIS_HV_INSUFFICIENT_MEMORY:
		case LIS_HV_TIME_OUT:
			if (time_after(jiffies, start + LIS_ANSWER_TIME))
				return -ETIMEDOUT;
			break;
		default:
			lis_host_warn("the host refuses messages: status 0x%x\n",
					   status);
			return -EPROTO;
		}
		lis_count(LIS_CNT_POST_RETRIES);
		usleep_range(pause, 2 * pause);
		pause = min(2 * pause, 20000u);
	}
}

/**
 * lis_post - post a control message.
 * @msg: the message
 * @len: its length
 *
 * Context: process, may sleep for a bounded time.
 * Return: 0, -ETIMEDOUT, -EPROTO, or -ENODEV when not connected.
 */
int lis_post(const void *msg, u32 len)
{
	int err;

	if (!READ_ONCE(lis_bus.connected))
		return -ENODEV;
	err = post_on(lis_bus.msg_conn, msg, len, LIS_ANSWER_TIME);
	return err == -ENXIO ? -EPROTO : err;
}

/* --- connecting ---------------------------------------------------------- */

/* Before 3.0 the host knows one CPU for messages: the one with VP 0. */
static int message_cpu(u32 version)
{
	int cpu;

	if (version >= LIS_VMBUS_V3_0)
		return cpumask_first(lis_bus.synic_cpus);
	for_each_cpu(cpu, lis_bus.synic_cpus)
		if (lis_hv_vp(cpu) == 0)
			return cpu;
	return -1;
}

static void fill_contact(struct lis_msg_initiate_contact *m, u32 version)
{
	*m = (struct lis_msg_initiate_contact){
		.hdr.type = LIS_MSG_INITIATE_CONTACT,
		.version = version,
		.target_vp = lis_hv_vp(lis_bus.connect_cpu),
		.monitor_p2c = virt_to_phys(lis_bus.monitor[0]),
		.monitor_c2p = virt_to_phys(lis_bus.monitor[1]),
	};
	if (version >= LIS_VMBUS_V5_0)
		m->target_sint = LIS_HV_SINT_VMBUS;
}

static int judge_response(const struct lis_msg_version_response *r, u32 version)
{
	if (!r->supported)
		return -EPROTONOSUPPORT;
	if (r->state) {
		pr_err("the host refuses the connection: state %u\n", r->state);
		return -ECONNREFUSED;
	}
	if (version < LIS_VMBUS_V5_0)
		return 0;
	if (!r->connection_id || r->connection_id >> 24) {
		pr_warn("the host names message connection 0x%x, trying an older version\n",
			r->connection_id);
		return -EPROTONOSUPPORT;
	}
	lis_bus.msg_conn = r->connection_id;
	return 0;
}

/* 0, -EPROTONOSUPPORT (try older), -ENXIO (no such port) or final -errno */
static int try_version(u32 version)
{
	struct lis_waiter w = { .type = LIS_MSG_VERSION_RESPONSE };
	struct lis_msg_initiate_contact m;
	bool new_port = version >= LIS_VMBUS_V5_0;
	int err;

	lis_bus.connect_cpu = message_cpu(version);
	if (lis_bus.connect_cpu < 0)
		return -EPROTONOSUPPORT;
	lis_bus.msg_conn = new_port ? LIS_CONN_MESSAGE_5 : LIS_CONN_MESSAGE;
	WRITE_ONCE(lis_bus.version, version);
	fill_contact(&m, version);

	lis_wait_start(&w);
	err = post_on(lis_bus.msg_conn, &m, sizeof(m),
		      new_port ? HZ / 10 : 2 * HZ);
	trace_vmbus_negotiate_version(&m, err);
	err = lis_wait_end(&w, err);
	if (err)
		return err;
	return judge_response(&w.msg.version.base, version);
}

static int negotiate(u32 newest, u32 oldest)
{
	bool no_new_port = false;
	unsigned int i;
	int err = -EPROTONOSUPPORT;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		u32 v = versions[i];

		if (v > newest || v < oldest)
			continue;
		if (no_new_port && v >= LIS_VMBUS_V5_0)
			continue;
		err = try_version(v);
		if (err == -ENXIO && v >= LIS_VMBUS_V5_0) {
			/* the host is older than that port */
			no_new_port = true;
			err = -EPROTONOSUPPORT;
		}
		if (err != -EPROTONOSUPPORT)
			break;
	}
	return err;
}

static void free_monitor(void)
{
	free_page((unsigned long)lis_bus.monitor[0]);
	free_page((unsigned long)lis_bus.monitor[1]);
	lis_bus.monitor[0] = NULL;
	lis_bus.monitor[1] = NULL;
}

/* The host may still read and write them. */
static void leak_monitor(void)
{
	atomic64_add(2 * PAGE_SIZE, &lis_bus.counter[LIS_CNT_LEAKED_BYTES]);
	lis_bus.monitor[0] = NULL;
	lis_bus.monitor[1] = NULL;
}

/**
 * lis_connect - agree on a version; offers are not asked for yet.
 * @same_version: after hibernation; no other version will do
 *
 * Return: 0 or -errno, after one line that says what happened.
 */
int lis_connect(bool same_version)
{
	u32 newest = same_version ? lis_bus.version : lis_max_version;
	u32 oldest = same_version ? lis_bus.version : 0;
	int err = -ENOMEM;

	lis_bus.monitor[0] = (void *)get_zeroed_page(GFP_KERNEL);
	lis_bus.monitor[1] = (void *)get_zeroed_page(GFP_KERNEL);
	if (lis_bus.monitor[0] && lis_bus.monitor[1])
		err = negotiate(newest, oldest);
	if (err) {
		if (err == -EPROTONOSUPPORT)
			pr_err("the host supports no version of VMBus from %u.%u down\n",
			       newest >> 16, newest & 0xffff);
		else
			pr_err("no connection to the host: %d\n", err);
		/* the host may have taken the pages without telling us */
		if (err == -ETIMEDOUT)
			leak_monitor();
		else
			free_monitor();
		return err;
	}
	WRITE_ONCE(lis_bus.connected, true);
	pr_info("Vmbus version:%u.%u\n", lis_bus.version >> 16,
		lis_bus.version & 0xffff);
	return 0;
}

/**
 * lis_request_offers - ask for the devices and wait until all came in.
 *
 * A host that never says that it is finished costs a warning: what it did
 * offer is used, and more may come at any time.
 *
 * Return: 0 or -errno of posting.
 */
int lis_request_offers(void)
{
	struct lis_msg_hdr m = { .type = LIS_MSG_REQUEST_OFFERS };
	int err;

	err = lis_post(&m, sizeof(m));
	trace_vmbus_request_offers(err);
	if (err) {
		pr_err("cannot ask the host for its devices: %d\n", err);
		return err;
	}
	if (!wait_for_completion_timeout(&lis_bus.all_offers, LIS_ANSWER_TIME))
		pr_warn("the host did not say that all devices were offered, going on\n");
	return 0;
}

/**
 * lis_say_goodbye - tell the host that we go, and wait until it knows.
 *
 * Return: 0 when nothing is shared any more, else what is shared stays so.
 */
int lis_say_goodbye(void)
{
	struct lis_waiter w = { .type = LIS_MSG_UNLOAD_COMPLETE };
	struct lis_msg_hdr m = { .type = LIS_MSG_UNLOAD };
	int err;

	lis_wait_start(&w);
	err = lis_wait_end(&w, lis_post(&m, sizeof(m)));
	WRITE_ONCE(lis_bus.connected, false);
	if (err)
		pr_err("the host did not confirm the end of the connection: %d\n",
		       err);
	return err;
}

/**
 * lis_disconnect - end the connection; nothing is shared afterwards.
 *
 * All channels are closed.  Without the host's confirmation its monitor pages
 * stay allocated for ever.
 */
void lis_disconnect(void)
{
	if (!lis_bus.connected)
		return;
	if (lis_say_goodbye()) {
		leak_monitor();
		return;
	}
	free_monitor();
	lis_wait_no_more();
}

/**
 * lis_vmbus_version - the version of VMBus spoken with this host.
 *
 * Context: any.
 * Return: LIS_VMBUS_V*.
 */
u32 lis_vmbus_version(void)
{
	return lis_bus.version;
}
EXPORT_SYMBOL_GPL(lis_vmbus_version);
