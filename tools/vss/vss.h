/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backup requests of the host turned into hooks, freezes and thaws.
 */
#ifndef VSS_VSS_H
#define VSS_VSS_H

#include <linux/hyperv.h>
#include <stdint.h>

#include "freeze.h"
#include "hooks.h"

#define VSS_CONFIG	"/etc/openlis/vss.conf"
#define VSS_HOOKS	"/etc/openlis/vss.d"
/* There while something is frozen, or about to be; not on a disk */
#define VSS_MARK	"/run/openlis/hv_vss_daemon.frozen"

struct vss {
	struct vss_freezer freezer;
	struct vss_hooks hooks;
	char hooks_dir[4096];
	char mountinfo[4096];
	char sysfs[4096];
	char mark[4096];
	bool broken;		/* thawed before the host said so */
	char error[256];	/* of the last request; empty if good */
};

/* Reads the configuration; 0, or -1 and a sentence is on standard error. */
int vss_init(struct vss *v, const char *root, const char *config);
void vss_end(struct vss *v);

/* A config_take_fn, @ctx is the struct vss */
const char *vss_config_take(void *ctx, const char *name, const char *value);

const char *vss_operation(unsigned int operation);

/* Answers in place; the status, which is in @msg->error, too. */
uint32_t vss_answer(struct vss *v, struct hv_vss_msg *msg);

/* Thaws although the host did not say so; it is told at its next request. */
void vss_give_up(struct vss *v, const char *why);

/* If the one before this process ended while something was frozen: thaws that. */
void vss_recover(struct vss *v);

/* Prints the plan of a freeze; an exit status. */
int vss_show_plan(struct vss *v, void (*line)(const char *text));

#endif
