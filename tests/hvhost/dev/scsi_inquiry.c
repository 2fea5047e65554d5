// SPDX-License-Identifier: GPL-2.0-only
/*
 * INQUIRY: standard data and vital product data pages, and MODE SENSE.
 * Locking: see scsi.h.
 */
#include <string.h>

#include "scsi.h"
#include "scsi_ops.h"

#define STANDARD_BYTES	36
#define VPD_HEADER	4

static const char vendor[8] = "Msft    ";
static const char disk_product[16] = "Virtual Disk    ";
static const char dvd_product[16] = "Virtual DVD-ROM ";

#define TYPE_DVD	0x05
#define MEDIUM_REMOVABLE 0x80

static uint32_t standard(struct scsi_request *r)
{
	uint8_t *b = r->buffer;

	memset(b, 0, STANDARD_BYTES);
	b[0] = r->lun->dvd ? TYPE_DVD : 0;
	b[1] = r->lun->removable ? MEDIUM_REMOVABLE : 0;
	b[2] = r->lun->old ? 0x04 : 0x05;	/* SPC-2, SPC-3 */
	b[3] = 0x02;				/* response data format */
	b[4] = STANDARD_BYTES - 5;
	b[7] = 0x02;				/* command queueing */
	memcpy(b + 8, vendor, sizeof(vendor));
	memcpy(b + 16, r->lun->dvd ? dvd_product : disk_product,
	       sizeof(disk_product));
	memcpy(b + 32, "1.0 ", 4);
	return STANDARD_BYTES;
}

/* --- VPD pages: fill after the header, return the bytes after it ---------- */

static uint32_t vpd_serial(const struct scsi_lun *lun, uint8_t *b)
{
	memcpy(b, lun->serial, sizeof(lun->serial));
	return sizeof(lun->serial);
}

static uint8_t hex_digit(uint8_t c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* NAA 6 with Microsoft's company id 00-22-48 */
static void naa_id(const struct scsi_lun *lun, uint8_t *id)
{
	static const uint8_t company[4] = { 0x60, 0x02, 0x24, 0x80 };

	memset(id, 0, 16);
	memcpy(id, company, sizeof(company));
	for (unsigned int i = 0; i < sizeof(lun->serial) / 2; i++)
		id[8 + i] = hex_digit(lun->serial[2 * i]) << 4 |
			    hex_digit(lun->serial[2 * i + 1]);
}

static uint32_t vpd_identification(const struct scsi_lun *lun, uint8_t *b)
{
	uint8_t *t10 = b, *naa = b + 4 + 8 + 16;

	t10[0] = 0x02;				/* ASCII */
	t10[1] = 0x01;				/* T10 vendor id, this unit */
	t10[3] = 8 + 16;
	memcpy(t10 + 4, vendor, 8);
	memcpy(t10 + 12, lun->serial, 16);
	naa[0] = 0x01;				/* binary */
	naa[1] = 0x03;				/* NAA, this unit */
	naa[3] = 16;
	naa_id(lun, naa + 4);
	return 4 + 24 + 4 + 16;
}

static uint32_t vpd_block_limits(const struct scsi_lun *lun, uint8_t *b)
{
	uint32_t blocks = SCSI_MAX_TRANSFER / lun->sector;

	memset(b, 0, 0x3c);
	put_be16(b + 2, 4096 / lun->sector);	/* granularity */
	put_be32(b + 4, blocks);		/* maximum transfer */
	put_be32(b + 8, blocks);		/* optimal transfer */
	put_be32(b + 16, UINT32_MAX);		/* most blocks per UNMAP */
	put_be32(b + 20, SCSI_UNMAP_RANGES);
	put_be32(b + 24, (lun->unmap_granule ?: 4096) / lun->sector);
	if (lun->unmap_offset)			/* valid, first granule */
		put_be32(b + 28, 1u << 31 | lun->unmap_offset / lun->sector);
	put_be64(b + 32, UINT32_MAX);		/* most blocks WRITE SAME */
	return 0x3c;
}

static uint32_t vpd_characteristics(const struct scsi_lun *lun, uint8_t *b)
{
	(void)lun;
	memset(b, 0, 0x3c);
	put_be16(b, 1);				/* non-rotating */
	return 0x3c;
}

static uint32_t vpd_provisioning(const struct scsi_lun *lun, uint8_t *b)
{
	(void)lun;
	memset(b, 0, 4);
	/* UNMAP, WRITE SAME 16 and 10 unmap, and unmapped blocks are zero */
	b[1] = 0x80 | 0x40 | 0x20 | 0x04;
	b[2] = 0x02;				/* thin */
	return 4;
}

static const struct vpd_page {
	uint8_t code;
	bool modern;	/* not on SPC-2 targets, nor on DVD drives */
	uint32_t (*fill)(const struct scsi_lun *lun, uint8_t *b);
} pages[] = {
	{ 0x80, false, vpd_serial },
	{ 0x83, false, vpd_identification },
	{ 0xb0, true, vpd_block_limits },
	{ 0xb1, true, vpd_characteristics },
	{ 0xb2, true, vpd_provisioning },
};

#define PAGES (sizeof(pages) / sizeof(pages[0]))

static bool has_page(const struct scsi_lun *lun, const struct vpd_page *p)
{
	return !p->modern || !(lun->old || lun->dvd);
}

static uint32_t vpd_list(const struct scsi_lun *lun, uint8_t *b)
{
	uint32_t n = 0;

	b[n++] = 0x00;
	for (unsigned int i = 0; i < PAGES; i++)
		if (has_page(lun, &pages[i]))
			b[n++] = pages[i].code;
	return n;
}

static enum scsi_next vpd(struct scsi_request *r, uint8_t code,
			  uint16_t allocated)
{
	uint8_t *b = r->buffer;
	uint32_t n = 0;

	memset(b, 0, VPD_HEADER);
	b[1] = code;
	if (!code)
		n = vpd_list(r->lun, b + VPD_HEADER);
	for (unsigned int i = 0; i < PAGES; i++)
		if (pages[i].code == code && has_page(r->lun, &pages[i]))
			n = pages[i].fill(r->lun, b + VPD_HEADER);
	if (!n)
		return scsi_check(r, SENSE_INVALID_FIELD);
	put_be16(b + 2, n);
	return scsi_answer(r, VPD_HEADER + n, allocated);
}

enum scsi_next scsi_inquiry(struct scsi_request *r)
{
	uint16_t allocated = get_be16(r->cdb + 3);

	if (r->cdb[1] & 0x01)
		return vpd(r, r->cdb[2], allocated);
	if (r->cdb[1] || r->cdb[2])
		return scsi_check(r, SENSE_INVALID_FIELD);
	return scsi_answer(r, standard(r), allocated);
}

enum scsi_next scsi_inquiry_absent(struct scsi_request *r)
{
	r->status = SCSI_GOOD;
	memset(r->buffer, 0, STANDARD_BYTES);
	r->buffer[0] = 0x7f;		/* qualifier 3, type 0x1f */
	r->buffer[2] = 0x05;
	r->buffer[3] = 0x02;
	r->buffer[4] = STANDARD_BYTES - 5;
	return scsi_answer(r, STANDARD_BYTES, get_be16(r->cdb + 3));
}

/* --- MODE SENSE ----------------------------------------------------------- */

#define PAGE_CACHING	0x08
#define PAGE_CONTROL	0x0a
#define PAGE_CAPABILITIES 0x2a
#define PAGE_ALL	0x3f
#define CONTROL_CURRENT	0
#define CONTROL_CHANGEABLE 1
#define CONTROL_SAVED	3

static uint32_t caching_page(uint8_t *b, unsigned int control)
{
	memset(b, 0, 20);
	b[0] = PAGE_CACHING;
	b[1] = 18;
	if (control != CONTROL_CHANGEABLE)
		b[2] = 0x04;		/* write cache enabled */
	return 20;
}

static uint32_t control_page(uint8_t *b, unsigned int control)
{
	memset(b, 0, 12);
	b[0] = PAGE_CONTROL;
	b[1] = 10;
	if (control != CONTROL_CHANGEABLE)
		b[3] = 0x10;		/* unrestricted reordering */
	return 12;
}

static uint32_t block_descriptor(const struct scsi_request *r, uint8_t *b)
{
	uint64_t blocks = scsi_blocks(r);

	memset(b, 0, 8);
	put_be32(b, blocks > UINT32_MAX ? UINT32_MAX : blocks);
	put_be32(b + 4, r->lun->sector);	/* 24 bits, top byte reserved */
	return 8;
}

/* Pages of this kind of unit that were asked for; 0 bytes: there are none */
static uint32_t mode_pages(const struct scsi_lun *lun, uint8_t *b,
			   unsigned int page, unsigned int control)
{
	uint32_t n = 0;

	if (lun->dvd) {
		if (page == PAGE_CAPABILITIES || page == PAGE_ALL)
			n = scsi_capabilities_page(b, control ==
						   CONTROL_CHANGEABLE);
		return n;
	}
	if (page == PAGE_CACHING || page == PAGE_ALL)
		n += caching_page(b, control);
	if (page == PAGE_CONTROL || page == PAGE_ALL)
		n += control_page(b + n, control);
	return n;
}

enum scsi_next scsi_mode_sense(struct scsi_request *r)
{
	bool six = r->cdb[0] == OP_MODE_SENSE_6;
	unsigned int control = r->cdb[2] >> 6, page = r->cdb[2] & 0x3f;
	uint32_t header = six ? 4 : 8, n = header, descriptor = 0, pages;
	uint8_t *b = r->buffer, flags = 0;

	if (control == CONTROL_SAVED)
		return scsi_check(r, SENSE_SAVING_PARAMETERS);
	if (!r->lun->dvd)
		flags = 0x10;		/* DPO and FUA work */
	if (r->lun->read_only && !r->lun->dvd)
		flags |= 0x80;
	if (!(r->cdb[1] & 0x08) && !r->lun->dvd)
		descriptor = block_descriptor(r, b + n);
	n += descriptor;
	pages = mode_pages(r->lun, b + n, page, control);
	if (!pages)
		return scsi_check(r, SENSE_INVALID_FIELD);
	n += pages;
	memset(b, 0, header);
	if (six) {
		b[0] = n - 1;
		b[2] = flags;
		b[3] = descriptor;
		return scsi_answer(r, n, r->cdb[4]);
	}
	put_be16(b, n - 2);
	b[3] = flags;
	put_be16(b + 6, descriptor);
	return scsi_answer(r, n, get_be16(r->cdb + 7));
}
