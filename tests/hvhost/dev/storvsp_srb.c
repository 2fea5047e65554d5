// SPDX-License-Identifier: GPL-2.0-only
/*
 * storvsp's SCSI requests: guest memory mapped, commands run, replies sent.
 *
 * Locking: each channel's state belongs to its worker; the controller's lock
 * is held for reading while packets are served.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scsi_ops.h"
#include "storvsp_int.h"

#define NT_BUSY			0x80000011u
#define NT_NO_DEVICE		0xc00000c0u
#define NT_IO_ERROR		0xc0000185u
/* LUNs beyond all limits, when they are ordered */
#define TOO_MANY_LUNS		4

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

/* --- replies -------------------------------------------------------------- */

/* Recently used ones first: the cache knows them.  NULL: all in flight. */
struct request *storvsp_request_new(struct storvsp *v)
{
	struct request *r = v->free;

	if (r)
		v->free = r->next;
	else if (v->touched < REQUESTS)
		r = &v->requests[v->touched++];
	return r;
}

void storvsp_request_free(struct storvsp *v, struct request *r)
{
	if (r->scsi.lun && r->scsi.lun->removable && r->scsi.disk)
		disk_put(r->scsi.disk);
	if (r->scsi.lun)
		lun_put(r->scsi.lun);
	r->scsi.lun = NULL;
	r->scsi.disk = NULL;
	r->next = v->free;
	v->free = r;
}

static bool send_reply(struct storvsp *v, struct request *r)
{
	return vmbus_channel_send(v->ch, LIS_PKT_COMPLETION, 0,
				  r->transaction_id, &r->packet,
				  r->packet_bytes);
}

void storvsp_reply(struct storvsp *v, struct request *r, uint32_t status)
{
	r->packet.operation = LIS_STOR_COMPLETE_IO;
	r->packet.flags = 0;
	r->packet.status = status;
	if (!r->want_completion) {
		storvsp_request_free(v, r);
		return;
	}
	/* Keep the order: nobody overtakes what waits for room */
	if (!v->unsent && send_reply(v, r)) {
		storvsp_request_free(v, r);
		return;
	}
	r->next = NULL;
	*v->unsent_end = r;
	v->unsent_end = &r->next;
}

void storvsp_send_waiting(struct storvsp *v)
{
	while (v->unsent && send_reply(v, v->unsent)) {
		struct request *r = v->unsent;

		v->unsent = r->next;
		if (!v->unsent)
			v->unsent_end = &v->unsent;
		storvsp_request_free(v, r);
	}
}

static uint32_t nt_status(uint8_t srb_code)
{
	switch (srb_code) {
	case LIS_SRB_SUCCESS:
		return LIS_NT_SUCCESS;
	case LIS_SRB_BUSY:
		return NT_BUSY;
	case LIS_SRB_INVALID_LUN:
	case LIS_SRB_INVALID_TARGET:
	case LIS_SRB_NO_DEVICE:
		return NT_NO_DEVICE;
	default:
		return NT_IO_ERROR;
	}
}

static void reply_srb(struct storvsp *v, struct request *r, uint8_t srb_status,
		      uint8_t scsi_status)
{
	struct lis_stor_packet *pkt = &r->packet;

	pkt->srb.srb_status = srb_status;
	pkt->srb.scsi_status = scsi_status;
	pkt->srb.transfer_length = r->scsi.done_bytes;
	if (!(srb_status & LIS_SRB_F_AUTOSENSE))
		pkt->srb.sense_length = 0;
	if (vmbus_channel_mischief(v->ch, MISCHIEF_TRANSFER_TOO_LONG))
		pkt->srb.transfer_length += LIS_HV_PAGE_SIZE;
	if (vmbus_channel_mischief(v->ch, MISCHIEF_BAD_SENSE_LENGTH)) {
		pkt->srb.srb_status = LIS_SRB_ERROR | LIS_SRB_F_AUTOSENSE;
		pkt->srb.scsi_status = SCSI_CHECK_CONDITION;
		pkt->srb.sense_length = 0xff;
	}
	storvsp_reply(v, r, nt_status(LIS_SRB_CODE(srb_status)));
}

/* Room for sense data is less on old hosts, or none. */
static void put_sense(struct request *r, uint32_t what)
{
	struct lis_stor_packet *pkt = &r->packet;
	uint8_t sense[LIS_STOR_SENSE_MAX] = { 0 };

	scsi_sense_fill(sense, what);
	pkt->srb.sense_length = r->sense_room < SCSI_SENSE_BYTES ?
				r->sense_room : SCSI_SENSE_BYTES;
	memcpy(pkt->srb.sense, sense, r->packet_bytes == LIS_STOR_PACKET_BYTES ?
	       LIS_STOR_SENSE_MAX : LIS_STOR_SENSE_MAX_OLD);
}

/* The SCSI target has made up its mind. */
static void scsi_finished(struct storvsp *v, struct request *r)
{
	if (r->scsi.broken) {
		vmbus_channel_violation(v->ch, "packet EXECUTE_SRB: opcode %#04x: %s",
					r->scsi.cdb[0], r->scsi.broken);
		r->scsi.done_bytes = 0;
		reply_srb(v, r, LIS_SRB_INVALID_REQUEST, SCSI_GOOD);
		return;
	}
	if (r->scsi.status == SCSI_GOOD) {
		reply_srb(v, r, LIS_SRB_SUCCESS, SCSI_GOOD);
		return;
	}
	if (r->scsi.status != SCSI_CHECK_CONDITION) {
		reply_srb(v, r, LIS_SRB_ERROR, r->scsi.status);
		return;
	}
	put_sense(r, r->scsi.sense);
	reply_srb(v, r, LIS_SRB_ERROR | (r->sense_room ?
					 LIS_SRB_F_AUTOSENSE : 0),
		  r->scsi.status);
}

static void run_scsi(struct storvsp *v, struct request *r)
{
	if (scsi_execute(&r->scsi) == SCSI_START_IO)
		disk_queue_add(v->queue, &r->scsi.io);
	else
		scsi_finished(v, r);
}

void storvsp_io_done(void *ctx, struct disk_io *io)
{
	struct request *r = (void *)((char *)io -
				     offsetof(struct request, scsi.io));
	struct storvsp *v = ctx;

	if (scsi_io_done(&r->scsi) == SCSI_START_IO)
		disk_queue_add(v->queue, &r->scsi.io);
	else
		scsi_finished(v, r);
}

/* --- delayed requests ----------------------------------------------------- */

/* One less of what was ordered for so many requests; false: none was left */
static bool count_down(atomic_uint *n)
{
	unsigned int left = atomic_load_explicit(n, memory_order_relaxed);

	while (left && !atomic_compare_exchange_weak(n, &left, left - 1))
		;
	return left;
}

static void delay(struct storvsp *v, struct request *r, unsigned int ms)
{
	struct request **at = &v->delayed;

	r->due = now_ms() + ms;
	while (*at && (*at)->due <= r->due)
		at = &(*at)->next;
	r->next = *at;
	*at = r;
	v->delayed_count++;
}

void storvsp_run_delayed(struct storvsp *v, bool drop)
{
	uint64_t now = v->delayed ? now_ms() : 0;

	while (v->delayed && (drop || v->delayed->due <= now)) {
		struct request *r = v->delayed;

		v->delayed = r->next;
		v->delayed_count--;
		if (drop)	/* the channel goes away: nobody waits */
			storvsp_request_free(v, r);
		else
			run_scsi(v, r);
	}
}

int storvsp_delay_left(const struct storvsp *v)
{
	uint64_t now;

	if (!v->delayed)
		return -1;
	now = now_ms();
	return v->delayed->due > now ? v->delayed->due - now : 0;
}

/* --- SCSI requests -------------------------------------------------------- */

/* Turn the packet's range into host memory; NULL or what is wrong with it. */
static const char *map_data(struct storvsp *v, struct request *r,
			    const struct vmbus_packet *p, uint32_t bytes)
{
	uint32_t offset = p->range_offset, i = 0;
	struct scsi_request *sr = &r->scsi;

	while (bytes) {
		uint64_t first, pfn, gpa;
		uint32_t run = LIS_HV_PAGE_SIZE - offset;
		void *memory;

		memcpy(&first, p->pfns + 8 * i++, 8);
		for (pfn = first; run < bytes; run += LIS_HV_PAGE_SIZE, i++) {
			uint64_t next;

			memcpy(&next, p->pfns + 8 * i, 8);
			if (next != pfn + 1)
				break;
			pfn = next;
		}
		if (run > bytes)
			run = bytes;
		gpa = (first << LIS_HV_PAGE_SHIFT) + offset;
		memory = first >> 52 ? NULL :
			 vmbus_channel_memory(v->ch, gpa, run);
		if (!memory)
			return "a page of the range is not RAM";
		sr->iov[sr->iov_count].iov_base = memory;
		sr->iov[sr->iov_count++].iov_len = run;
		bytes -= run;
		offset = 0;
	}
	return NULL;
}

static const char *srb_error(struct storvsp *v, struct request *r,
			     const struct vmbus_packet *p)
{
	const struct lis_stor_packet *pkt = &r->packet;
	bool old = r->packet_bytes == LIS_STOR_PACKET_BYTES_OLD;

	(void)v;
	if (pkt->srb.length != (old ? LIS_STOR_SRB_BYTES_OLD : sizeof(pkt->srb)))
		return "length";
	if (!pkt->srb.cdb_length || pkt->srb.cdb_length > LIS_STOR_CDB_MAX)
		return "CDB length";
	if (pkt->srb.sense_length > (old ? LIS_STOR_SENSE_MAX_OLD :
				 LIS_STOR_SENSE_MAX))
		return "sense length";
	if (pkt->srb.direction > LIS_STOR_DIR_NONE)
		return "direction";
	if (p->range_count > 1)
		return "more than one range";
	if (pkt->srb.transfer_length > SCSI_MAX_TRANSFER)
		return "transfer length over the maximum";
	if (pkt->srb.transfer_length > p->range_bytes)
		return "transfer length over the range's";
	return NULL;
}

static void fill_scsi(struct request *r)
{
	const struct lis_stor_packet *pkt = &r->packet;
	struct scsi_request *sr = &r->scsi;

	memcpy(sr->cdb, pkt->srb.cdb, sizeof(sr->cdb));
	sr->cdb_length = pkt->srb.cdb_length;
	sr->data_bytes = pkt->srb.transfer_length;
	sr->data_in = pkt->srb.direction == LIS_STOR_DIR_IN;
	sr->data_out = pkt->srb.direction == LIS_STOR_DIR_OUT;
	sr->iov = r->iov;
	sr->iov_count = 0;
	sr->done_bytes = 0;
	sr->broken = NULL;
	r->sense_room = pkt->srb.sense_length;
}

/* Answered for every path and target, also those where nothing can be: an
 * INVALID_LUN there makes the in-tree driver remove target 0's unit.
 */
static void report_luns(struct storvsp *v, struct request *r)
{
	struct controller *ctl = v->ctl;
	bool here = controller_has_target(ctl, &r->packet.srb);
	uint16_t numbers[DISK_LUNS + TOO_MANY_LUNS];
	unsigned int first = LUN_PLACE(ctl->bus == DISK_FC ?
				       r->packet.srb.target : 0, 0), n = 0;

	for (unsigned int i = 0; here && i < DISK_LUNS; i++) {
		if (!ctl->luns[first + i])
			continue;
		numbers[n++] = i;
		atomic_fetch_and(&ctl->luns[first + i]->attention, ~UA_LUNS);
	}
	if (here && vmbus_channel_mischief(v->ch, MISCHIEF_TOO_MANY_LUNS))
		for (unsigned int i = 0; i < TOO_MANY_LUNS; i++)
			numbers[n++] = DISK_LUNS + i;
	scsi_report_luns(&r->scsi, numbers, n);
	scsi_finished(v, r);
}

static void absent_lun(struct storvsp *v, struct request *r)
{
	if (r->scsi.cdb[0] == OP_INQUIRY) {
		scsi_inquiry_absent(&r->scsi);
		scsi_finished(v, r);
		return;
	}
	reply_srb(v, r, LIS_SRB_INVALID_LUN, SCSI_CHECK_CONDITION);
}

static bool answer_is_for(uint64_t answer, uint8_t opcode)
{
	unsigned int to = SCSI_ANSWER_TO(answer);

	if (to == ANSWER_TRANSFERS)
		return IS_READ(opcode) || IS_WRITE(opcode);
	return to == ANSWER_ALL || to == opcode;
}

/* `hvctl disk answer`: this request is answered as ordered and not run. */
static bool answered_as_ordered(struct storvsp *v, struct request *r)
{
	struct scsi_lun *lun = r->scsi.lun;
	uint64_t answer;

	if (!atomic_load_explicit(&lun->answer_left, memory_order_relaxed))
		return false;
	if (!answer_is_for(atomic_load(&lun->answer), r->scsi.cdb[0]) ||
	    !count_down(&lun->answer_left))
		return false;
	answer = atomic_load(&lun->answer);
	if (SCSI_ANSWER_SENSE(answer))
		put_sense(r, SCSI_ANSWER_SENSE(answer));
	reply_srb(v, r, SCSI_ANSWER_SRB(answer), SCSI_ANSWER_STATUS(answer));
	return true;
}

void storvsp_execute_srb(struct storvsp *v, struct request *r,
			const struct vmbus_packet *p)
{
	const struct lis_stor_packet *pkt = &r->packet;
	const char *error = srb_error(v, r, p);
	struct scsi_lun *lun;
	unsigned int ms;

	fill_scsi(r);
	if (!error)
		error = map_data(v, r, p, pkt->srb.transfer_length);
	if (error) {
		vmbus_channel_violation(v->ch, "packet EXECUTE_SRB: %s (length %u, CDB length %u, sense length %u, direction %u, transfer length %u, ranges %u of %u bytes)",
					error, pkt->srb.length, pkt->srb.cdb_length,
					pkt->srb.sense_length, pkt->srb.direction,
					pkt->srb.transfer_length, p->range_count,
					p->range_bytes);
		reply_srb(v, r, LIS_SRB_INVALID_REQUEST, SCSI_GOOD);
		return;
	}
	lun = controller_lun(v->ctl, &pkt->srb);
	if (lun) {
		r->scsi.lun = lun_get(lun);
		/* What cannot be removed lives as long as its LUN. */
		r->scsi.disk = lun->disk;
		if (lun->removable && lun->disk)
			disk_get(lun->disk);
		if (answered_as_ordered(v, r))
			return;
	}
	if (pkt->srb.cdb[0] == OP_REPORT_LUNS) {
		report_luns(v, r);
		return;
	}
	if (!lun) {
		absent_lun(v, r);
		return;
	}
	ms = atomic_load_explicit(&lun->delay_ms, memory_order_relaxed);
	if (ms && count_down(&lun->delay_left))
		delay(v, r, ms);
	else
		run_scsi(v, r);
}
