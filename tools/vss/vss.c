// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backup requests: see vss.h.  One thread; no locks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/config.h"
#include "tools/lib/file.h"
#include "tools/lib/say.h"
#include "tools/lib/text.h"
#include "vss.h"

#define THAW_AFTER_S	60
#define HOOK_LIMIT_S	30
#define SECONDS_MAX	3600

static bool seconds(const char *value, int *ms)
{
	uint64_t n;

	if (!config_number(value, 10, SECONDS_MAX, &n) || !n)
		return false;
	*ms = (int)n * 1000;
	return true;
}

static const char *add_skip(struct vss_skip *skip, const char *value)
{
	char **more = realloc(skip->names, (skip->count + 1) * sizeof(*more));

	if (!more)
		return "out of memory";
	skip->names = more;
	more[skip->count] = strdup(value);
	if (!more[skip->count])
		return "out of memory";
	skip->count++;
	return NULL;
}

const char *vss_config_take(void *ctx, const char *name, const char *value)
{
	struct vss *v = ctx;

	if (!strcmp(name, "skip"))
		return *value ? add_skip(&v->freezer.skip, value) :
			"skip wants a mount point, a device or a type";
	if (!strcmp(name, "thaw-after"))
		return seconds(value, &v->freezer.limit_ms) ? NULL :
			"thaw-after wants 1 to 3600 seconds";
	if (!strcmp(name, "hook-limit"))
		return seconds(value, &v->hooks.limit_ms) ? NULL :
			"hook-limit wants 1 to 3600 seconds";
	return "skip, thaw-after and hook-limit are known";
}

int vss_init(struct vss *v, const char *root, const char *config)
{
	memset(v, 0, sizeof(*v));
	v->freezer.ops = &vss_kernel_ops;
	v->freezer.limit_ms = THAW_AFTER_S * 1000;
	v->hooks.limit_ms = HOOK_LIMIT_S * 1000;
	if (!file_path(v->hooks_dir, sizeof(v->hooks_dir), root, VSS_HOOKS) ||
	    !file_path(v->mountinfo, sizeof(v->mountinfo), "",
		       "/proc/self/mountinfo") ||
	    !file_path(v->sysfs, sizeof(v->sysfs), "", "/sys") ||
	    !file_path(v->mark, sizeof(v->mark), root, VSS_MARK))
		return -1;
	v->hooks.dir = v->hooks_dir;
	v->freezer.mountinfo = v->mountinfo;
	v->freezer.sysfs = v->sysfs;
	return config_read("hv_vss_daemon", root, config,
			   strcmp(config, VSS_CONFIG), vss_config_take, v);
}

void vss_end(struct vss *v)
{
	struct vss_skip *skip = &v->freezer.skip;

	while (skip->count)
		free(skip->names[--skip->count]);
	free(skip->names);
	skip->names = NULL;
}

const char *vss_operation(unsigned int operation)
{
	switch (operation) {
	case VSS_OP_HOT_BACKUP:
		return "HOT_BACKUP";
	case VSS_OP_FREEZE:
		return "FREEZE";
	case VSS_OP_THAW:
		return "THAW";
	}
	return "unknown";
}

static uint32_t failed(struct vss *v, const char *why)
{
	/* the first reason counts, what follows comes from it */
	if (!v->error[0])
		text_cut(v->error, sizeof(v->error), why);
	return HV_E_FAIL;
}

/* For a process that comes after this one; see vss_recover() */
static void leave_mark(const struct vss *v)
{
	char dir[sizeof(v->mark)];

	text_cut(dir, sizeof(dir), v->mark);
	*strrchr(dir, '/') = '\0';
	/* without one a backup is no worse */
	if (!file_make_dirs(dir, 0755))
		file_replace(v->mark, "", 0, 0644);
}

static uint32_t freeze(struct vss *v)
{
	uint32_t status = HV_S_OK;

	if (v->freezer.frozen)
		return HV_S_OK;		/* it asks twice */
	v->broken = false;
	leave_mark(v);
	if (vss_hooks_freeze(&v->hooks)) {
		status = failed(v, v->hooks.error);
	} else if (vss_freeze(&v->freezer)) {
		status = failed(v, v->freezer.error);
		if (vss_hooks_thaw(&v->hooks))
			failed(v, v->hooks.error);
	}
	if (status)
		unlink(v->mark);
	return status;
}

/* File systems first, then hooks: these may want to write. */
static uint32_t thaw(struct vss *v)
{
	uint32_t status = HV_S_OK;

	if (v->broken) {
		v->broken = false;
		return failed(v, "the host says thaw, but all was thawed before: its copy is not consistent");
	}
	if (vss_thaw(&v->freezer))
		status = failed(v, v->freezer.error);
	/* Of the copy that is no word: a hook that fails to go on is logged. */
	if (vss_hooks_thaw(&v->hooks))
		failed(v, v->hooks.error);
	unlink(v->mark);
	return status;
}

/* What is said comes last: the log may be on what was frozen. */
void vss_recover(struct vss *v)
{
	int thawed, err;

	if (access(v->mark, F_OK))
		return;
	thawed = vss_thaw_left(&v->freezer);
	err = vss_hooks_thaw_left(&v->hooks);
	v->broken = true;
	unlink(v->mark);
	say(LOG_WARNING, "VSS: the daemon before this one ended during a backup: %d file systems thawed",
	    thawed < 0 ? 0 : thawed);
	if (thawed < 0)
		say(LOG_ERR, "VSS: %s", v->freezer.error);
	if (err)
		say(LOG_ERR, "VSS: %s", v->hooks.error);
}

void vss_give_up(struct vss *v, const char *why)
{
	v->error[0] = '\0';
	thaw(v);
	v->broken = true;
	v->error[0] = '\0';
	failed(v, why);
}

uint32_t vss_answer(struct vss *v, struct hv_vss_msg *msg)
{
	uint32_t status;

	v->error[0] = '\0';
	switch (msg->vss_hdr.operation) {
	case VSS_OP_HOT_BACKUP:
		msg->vss_cf.flags = VSS_HBU_NO_AUTO_RECOVERY;
		status = HV_S_OK;
		break;
	case VSS_OP_FREEZE:
		status = freeze(v);
		break;
	case VSS_OP_THAW:
		status = thaw(v);
		break;
	default:
		failed(v, "a request that is not known");
		status = HV_ERROR_NOT_SUPPORTED;
	}
	msg->error = (int)status;
	return status;
}

int vss_show_plan(struct vss *v, void (*line)(const char *text))
{
	if (vss_tell_plan(&v->freezer, line)) {
		line(v->freezer.error);
		return 1;
	}
	return 0;
}
