// SPDX-License-Identifier: GPL-2.0-only
/*
 * Media that can be changed, and what only DVD drives are asked for: tray,
 * lock, events, table of contents, configuration (SPC, MMC).
 * Locking: see scsi.h.
 */
#include <string.h>

#include "scsi.h"
#include "scsi_ops.h"

/* --- tray and lock -------------------------------------------------------- */

/* Events of the media class, as they are on the wire */
enum media_event {
	MEDIA_NO_CHANGE	= 0,
	MEDIA_NEW	= 2,
	MEDIA_REMOVED	= 3,
};

void scsi_medium_changed(struct scsi_lun *lun)
{
	atomic_store(&lun->tray_open, false);
	atomic_store(&lun->media_event, lun->disk ? MEDIA_NEW : MEDIA_REMOVED);
	atomic_fetch_and(&lun->attention, ~(UA_CAPACITY | UA_MEDIUM));
	if (lun->disk)
		atomic_fetch_or(&lun->attention, UA_MEDIUM);
}

void scsi_unlock(struct scsi_lun *lun)
{
	atomic_store(&lun->locked, false);
}

#define START		0x01
#define LOAD_EJECT	0x02

static enum scsi_next load(struct scsi_request *r)
{
	if (!atomic_exchange(&r->lun->tray_open, false) || !r->disk)
		return SCSI_DONE;
	atomic_store(&r->lun->media_event, MEDIA_NEW);
	atomic_fetch_or(&r->lun->attention, UA_MEDIUM);
	return SCSI_DONE;
}

static enum scsi_next eject(struct scsi_request *r)
{
	if (atomic_load(&r->lun->locked))
		return scsi_check(r, SENSE_REMOVAL_PREVENTED);
	if (!atomic_exchange(&r->lun->tray_open, true) && r->disk)
		atomic_store(&r->lun->media_event, MEDIA_REMOVED);
	return SCSI_DONE;
}

enum scsi_next scsi_start_stop(struct scsi_request *r)
{
	if (!r->lun->removable || !(r->cdb[4] & LOAD_EJECT))
		return SCSI_DONE;
	return r->cdb[4] & START ? load(r) : eject(r);
}

enum scsi_next scsi_prevent_removal(struct scsi_request *r)
{
	atomic_store(&r->lun->locked, r->cdb[4] & 1);
	return SCSI_DONE;
}

/* --- events --------------------------------------------------------------- */

#define POLLED		0x01
#define CLASS_MEDIA	4
#define NO_EVENT	0x80

enum scsi_next scsi_event_status(struct scsi_request *r)
{
	uint16_t allocated = get_be16(r->cdb + 7);
	bool open = atomic_load(&r->lun->tray_open);
	uint8_t *b = r->buffer;

	if (!(r->cdb[1] & POLLED))
		return scsi_check(r, SENSE_INVALID_FIELD);
	memset(b, 0, 8);
	b[3] = 1 << CLASS_MEDIA;		/* the class there is */
	if (!(r->cdb[4] & 1 << CLASS_MEDIA)) {
		put_be16(b, 2);
		b[2] = NO_EVENT;
		return scsi_answer(r, 4, allocated);
	}
	put_be16(b, 6);
	b[2] = CLASS_MEDIA;
	/* An event is told once, to whoever has room for it. */
	if (allocated >= 8)
		b[4] = atomic_exchange(&r->lun->media_event, MEDIA_NO_CHANGE);
	b[5] = (open ? 0x01 : 0) | (r->disk && !open ? 0x02 : 0);
	return scsi_answer(r, 8, allocated);
}

/* --- table of contents ---------------------------------------------------- */

#define TOC_TRACKS	0
#define TOC_SESSIONS	1
#define TOC_MSF		0x02
#define LEAD_OUT	0xaa
#define DATA_TRACK	0x14		/* Q sub-channel gives position; data */
#define FRAMES		75		/* in a second */
#define PREGAP		(2 * FRAMES)

static void toc_address(uint8_t *to, uint64_t lba, bool msf)
{
	if (!msf) {
		put_be32(to, lba > UINT32_MAX ? UINT32_MAX : lba);
		return;
	}
	lba += PREGAP;
	to[0] = 0;
	to[3] = lba % FRAMES;
	to[2] = lba / FRAMES % 60;
	lba /= FRAMES * 60;
	to[1] = lba > 255 ? 255 : lba;
}

static uint32_t toc_entry(uint8_t *b, uint8_t track, uint64_t lba, bool msf)
{
	memset(b, 0, 8);
	b[1] = DATA_TRACK;
	b[2] = track;
	toc_address(b + 4, lba, msf);
	return 8;
}

/* One session of one track */
enum scsi_next scsi_read_toc(struct scsi_request *r)
{
	unsigned int format = r->cdb[2] & 0x0f;
	bool msf = r->cdb[1] & TOC_MSF;
	uint8_t *b = r->buffer, first = r->cdb[6];
	uint32_t n = 4;

	if (!format)
		format = r->cdb[9] >> 6;	/* where it used to be */
	if (format != TOC_TRACKS && format != TOC_SESSIONS)
		return scsi_check(r, SENSE_INVALID_FIELD);
	if (format == TOC_TRACKS && first > 1 && first != LEAD_OUT)
		return scsi_check(r, SENSE_INVALID_FIELD);
	if (format == TOC_SESSIONS || first <= 1)
		n += toc_entry(b + n, 1, 0, msf);
	if (format == TOC_TRACKS)
		n += toc_entry(b + n, LEAD_OUT, scsi_blocks(r), msf);
	put_be16(b, n - 2);
	b[2] = 1;
	b[3] = 1;
	return scsi_answer(r, n, get_be16(r->cdb + 7));
}

/* --- configuration -------------------------------------------------------- */

#define PROFILE_DVD_ROM		0x0010
#define FEATURE_CURRENT		0x01
#define FEATURE_PERSISTENT	0x02

enum which_features { FEATURES_ALL, FEATURES_CURRENT, FEATURES_ONE };

static const struct feature {
	uint16_t code;
	uint8_t flags;			/* version, persistent */
	bool needs_medium;
	uint8_t bytes;
	uint8_t data[8];
} features[] = {
	{ 0x0000, FEATURE_PERSISTENT, false, 4, { 0x00, 0x10, 0, 0 } },
	{ 0x0001, 0x08 | FEATURE_PERSISTENT, false, 8, { 0, 0, 0, 1 } },
	{ 0x0003, 0x04 | FEATURE_PERSISTENT, false, 4, { 0x29, 0, 0, 0 } },
	{ 0x0010, 0x00, true, 8, { 0, 0, 8, 0, 0, 1, 0, 0 } },
	{ 0x001f, 0x04, true, 4, { 0, 0, 0, 0 } },
};

static uint32_t put_feature(uint8_t *b, const struct feature *f, bool medium)
{
	bool current = medium || !f->needs_medium;

	put_be16(b, f->code);
	b[2] = f->flags | (current ? FEATURE_CURRENT : 0);
	b[3] = f->bytes;
	memcpy(b + 4, f->data, f->bytes);
	if (!f->code)			/* the profile list */
		b[6] = medium ? FEATURE_CURRENT : 0;
	return 4 + f->bytes;
}

enum scsi_next scsi_configuration(struct scsi_request *r)
{
	bool medium = r->disk && !atomic_load(&r->lun->tray_open);
	uint16_t from = get_be16(r->cdb + 2);
	unsigned int which = r->cdb[1] & 3;
	uint8_t *b = r->buffer;
	uint32_t n = 8;

	if (which > FEATURES_ONE)
		return scsi_check(r, SENSE_INVALID_FIELD);
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const struct feature *f = &features[i];

		if (which == FEATURES_ONE ? f->code != from : f->code < from)
			continue;
		if (which == FEATURES_CURRENT && f->needs_medium && !medium)
			continue;
		n += put_feature(b + n, f, medium);
	}
	memset(b, 0, 8);
	put_be32(b, n - 4);
	put_be16(b + 6, medium ? PROFILE_DVD_ROM : 0);
	return scsi_answer(r, n, get_be16(r->cdb + 7));
}

/* The mode page that says what the drive can do */
uint32_t scsi_capabilities_page(uint8_t *b, bool changeable)
{
	memset(b, 0, 20);
	b[0] = 0x2a;
	b[1] = 18;
	if (changeable)
		return 20;
	b[2] = 0x08;			/* reads DVD-ROM */
	b[6] = 1 << 5 | 0x08 | 0x01;	/* tray, can be ejected and locked */
	put_be16(b + 8, 22160);		/* KB/s, 16 times a DVD's */
	put_be16(b + 14, 22160);
	return 20;
}
