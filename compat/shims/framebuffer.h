/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the firmware left its framebuffer: in a global that changed its name.
 * Included by the one file that asks.
 */
#ifndef LIS_COMPAT_SHIMS_FRAMEBUFFER_H
#define LIS_COMPAT_SHIMS_FRAMEBUFFER_H

#include <linux/screen_info.h>
#ifndef HAVE_SCREEN_INFO		/* v7.0 */
#include <linux/sysfb.h>
#define lis_compat_screen_info	(sysfb_primary_display.screen)
#else
#define lis_compat_screen_info	screen_info
#endif

/**
 * lis_compat_boot_framebuffer - the framebuffer this kernel was booted with.
 * @start: its address
 * @size: its bytes
 *
 * Return: false when there is none with an address of its own.
 */
static inline bool lis_compat_boot_framebuffer(u64 *start, u64 *size)
{
	const struct screen_info *si = &lis_compat_screen_info;

	if (si->orig_video_isVGA != VIDEO_TYPE_EFI &&
	    si->orig_video_isVGA != VIDEO_TYPE_VLFB)
		return false;
	*start = si->lfb_base;
	if (si->capabilities & VIDEO_CAPABILITY_64BIT_BASE)
		*start |= (u64)si->ext_lfb_base << 32;
	*size = si->lfb_size;
	/* VESA counts in units of 64 KiB */
	if (si->orig_video_isVGA == VIDEO_TYPE_VLFB)
		*size <<= 16;
	return *start && *size;
}

#endif
