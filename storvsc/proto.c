// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control conversation with the host on the primary channel: version,
 * properties, names, sub-channels, reset.
 *
 * Process context under host->life, one operation at a time.  Every wait ends
 * by the answer, by host->patience, or when the channel goes away.
 */
#include "storvsc_int.h"

static const u16 versions[] = {		/* newest first */
	LIS_STOR_V6_2, LIS_STOR_V6_0, LIS_STOR_V5_1, LIS_STOR_V4_2,
	LIS_STOR_V2_0,
};

/* The answer to a control operation came.  Interrupt context. */
void storvsc_control_done(struct storvsc_host *host,
			  const struct lis_packet *pkt)
{
	struct storvsc_control *ctl = &host->ctl;
	unsigned long flags;

	spin_lock_irqsave(&ctl->lock, flags);
	if (ctl->waiting) {
		ctl->waiting = false;
		ctl->error = 0;
		ctl->len = min_t(u32, pkt->len, sizeof(ctl->reply));
		memcpy(&ctl->reply, pkt->payload, ctl->len);
		complete(&ctl->done);
	}
	spin_unlock_irqrestore(&ctl->lock, flags);
}

/* No answer will come.  Any context. */
void storvsc_control_abort(struct storvsc_host *host, int why)
{
	struct storvsc_control *ctl = &host->ctl;
	unsigned long flags;

	spin_lock_irqsave(&ctl->lock, flags);
	if (ctl->waiting) {
		ctl->waiting = false;
		ctl->error = why;
		complete(&ctl->done);
	}
	spin_unlock_irqrestore(&ctl->lock, flags);
}

static void control_arm(struct storvsc_control *ctl)
{
	unsigned long flags;

	spin_lock_irqsave(&ctl->lock, flags);
	reinit_completion(&ctl->done);
	memset(&ctl->reply, 0, sizeof(ctl->reply));
	ctl->waiting = true;
	spin_unlock_irqrestore(&ctl->lock, flags);
}

/*
 * Send @pkt and wait for its answer, which is then in host->ctl.reply.
 * Return: 0 with the host's NTSTATUS in @status, or -errno.
 */
static int control(struct storvsc_host *host, struct lis_stor_packet *pkt,
		   unsigned long timeout, u32 *status)
{
	struct lis_channel *ch = host->chan[0].ch;
	struct storvsc_control *ctl = &host->ctl;
	const char *wrong;
	int err;

	lockdep_assert_held(&host->life);
	pkt->flags = LIS_STOR_FLAG_WANT_COMPLETION;
	control_arm(ctl);
	err = lis_send(ch, pkt, storvsc_packet_bytes(host->version),
		       host->slots, 0);
	if (!err && !wait_for_completion_timeout(&ctl->done, timeout)) {
		lis_request_cancel(ch, host->slots);
		err = -ETIMEDOUT;
	}
	if (err) {
		storvsc_control_abort(host, err);
		return err;
	}
	if (ctl->error)
		return ctl->error;

	wrong = storvsc_check_control(host->version, &ctl->reply, ctl->len,
				      status);
	if (wrong) {
		lis_channel_break(ch, wrong);
		return -EPROTO;
	}
	return 0;
}

/* An operation that must succeed; says which one did not. */
static int control_ok(struct storvsc_host *host, struct lis_stor_packet *pkt,
		      const char *what)
{
	u32 status = 0;
	int err = control(host, pkt, host->patience, &status);

	if (!err && !status)
		return 0;
	if (err)
		dev_err(&host->dev->dev, "%s failed: %d\n", what, err);
	else
		dev_err(&host->dev->dev, "host refused %s: status 0x%08x\n",
			what, status);
	return err ? err : -EIO;
}

static int negotiate(struct storvsc_host *host)
{
	u32 i;

	/* Short packets until both sides know better (protocol.md 4.2). */
	host->version = 0;
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		struct lis_stor_packet pkt = {
			.operation = LIS_STOR_QUERY_VERSION,
			.version.version = versions[i],
		};
		u32 status = 0;
		int err = control(host, &pkt, host->patience,
				  &status);

		if (err) {
			dev_err(&host->dev->dev, "version query failed: %d\n",
				err);
			return err;
		}
		if (!status) {
			host->version = versions[i];
			return 0;
		}
		if (status != LIS_NT_REVISION_MISMATCH) {
			dev_err(&host->dev->dev,
				"version query: status 0x%08x\n", status);
			return -EIO;
		}
	}
	dev_err(&host->dev->dev, "host knows no protocol version of ours\n");
	return -EIO;
}

static int query_properties(struct storvsc_host *host)
{
	struct lis_stor_packet pkt = {
		.operation = LIS_STOR_QUERY_PROPERTIES,
	};
	const struct lis_stor_properties *p = &host->ctl.reply.properties;
	int err = control_ok(host, &pkt, "properties query");

	if (err)
		return err;
	if (p->max_transfer_bytes < SZ_4K) {
		lis_channel_break(host->chan[0].ch, "maximum transfer is 0");
		return -EPROTO;
	}
	host->max_transfer = min_t(u32, p->max_transfer_bytes,
				   host->limits->transfer);
	host->max_transfer = round_down(host->max_transfer, SZ_4K);
	host->max_subchannels = 0;
	/* Before 5.1 these fields may be garbage. */
	if (host->version >= LIS_STOR_V5_1 && host->limits->subchannels &&
	    (p->flags & LIS_STOR_PROP_MULTI_CHANNEL))
		host->max_subchannels = p->max_subchannels;
	return 0;
}

/* How a Fibre Channel adapter is called, which may change each time. */
static int query_names(struct storvsc_host *host)
{
	struct lis_stor_packet pkt = { .operation = LIS_STOR_FCHBA_DATA };
	int err = control_ok(host, &pkt, "names query");
	const char *odd;

	if (err)
		return err;
	odd = storvsc_fc_names(&host->ctl.reply.wwn, &host->names);
	if (odd) {
		atomic_inc(&host->count[STORVSC_CNT_ODD]);
		dev_warn(&host->dev->dev, "host offers %s\n", odd);
	}
	return 0;
}

/* From BEGIN to the properties and names; the caller goes on with sub-channels. */
int storvsc_handshake(struct storvsc_host *host)
{
	struct lis_stor_packet begin = { .operation = LIS_STOR_BEGIN_INIT };
	int err;

	host->version = 0;
	err = control_ok(host, &begin, "initialization");
	if (!err)
		err = negotiate(host);
	if (!err)
		err = query_properties(host);
	if (!err && host->kind == STORVSC_FC)
		err = query_names(host);
	return err;
}

int storvsc_end_init(struct storvsc_host *host)
{
	struct lis_stor_packet end = { .operation = LIS_STOR_END_INIT };

	return control_ok(host, &end, "end of initialization");
}

int storvsc_create_subchannels(struct storvsc_host *host, u16 count)
{
	struct lis_stor_packet pkt = {
		.operation = LIS_STOR_CREATE_SUBCHANNELS,
		.subchannel_count = count,
	};

	return control_ok(host, &pkt, "sub-channel request");
}

/* Short time limit: the caller has stronger means (eh.c). */
int storvsc_reset_bus(struct storvsc_host *host)
{
	struct lis_stor_packet pkt = { .operation = LIS_STOR_RESET_BUS };
	u32 status = 0;
	int err = control(host, &pkt, 5 * HZ, &status);

	return err ? err : status ? -EIO : 0;
}
