// SPDX-License-Identifier: GPL-2.0-only
/*
 * `hvctl disk ...`: what can be done to LUNs while the guest runs.
 * Locking: see controller.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vmbus/server.h"
#include "controller.h"
#include "disk_image.h"
#include "disk_spec.h"

/* --- one LUN -------------------------------------------------------------- */

/* Find the LUN that "CONTROLLER:LUN" names; takes a reference. */
static struct scsi_lun *lun_by_name(struct vmbus_server *s, const char *name,
				    struct controller **ctl)
{
	struct scsi_lun *lun = NULL;
	struct disk_place at;

	*ctl = NULL;
	if (!disk_place_parse(&at, name))
		return NULL;
	*ctl = controller_find(s, at.bus, at.controller);
	if (!*ctl)
		return NULL;
	pthread_rwlock_rdlock(&(*ctl)->lock);
	lun = (*ctl)->luns[LUN_PLACE(at.target, at.lun)];
	if (lun)
		lun_get(lun);
	pthread_rwlock_unlock(&(*ctl)->lock);
	return lun;
}

static void lun_detach(struct controller *ctl, struct scsi_lun *lun)
{
	unsigned int place = LUN_PLACE(lun->target, lun->number);
	bool mine;

	pthread_rwlock_wrlock(&ctl->lock);
	mine = ctl->luns[place] == lun;
	if (mine)
		ctl->luns[place] = NULL;
	for (unsigned int i = 0; i < LUN_PLACES; i++)
		if (ctl->luns[i])
			atomic_fetch_or(&ctl->luns[i]->attention, UA_LUNS);
	pthread_rwlock_unlock(&ctl->lock);
	if (mine)
		lun_put(lun);
	controller_bus_changed(ctl);
}

/* SRB_STATUS SCSI_STATUS SENSE [COUNT [OPCODE]], all but COUNT as in protocol
 * tables
 */
static const char *order_answer(struct scsi_lun *lun, int argc,
				const char *const *argv)
{
	static const unsigned long max[] = { 0xff, 0xff, 0xffffff, 1000000,
					     0xff };
	unsigned long n[] = { 0, 0, 0, 1, ANSWER_TRANSFERS };

	if (argc < 3 || argc > 5)
		return "expected SRB_STATUS SCSI_STATUS SENSE [COUNT [OPCODE]]";
	for (int i = 0; i < argc; i++) {
		char *end;

		if (i == 4 && !strcmp(argv[i], "all")) {
			n[i] = ANSWER_ALL;
			continue;
		}
		n[i] = strtoul(argv[i], &end, i == 3 ? 10 : 16);
		if (end == argv[i] || *end || n[i] > max[i])
			return "SRB_STATUS and SCSI_STATUS are two hex digits, SENSE six, OPCODE two or \"all\"";
	}
	/* Nobody may count down from the new number with the old answer */
	atomic_store(&lun->answer_left, 0);
	atomic_store(&lun->answer, SCSI_ANSWER(n[0], n[1], n[2], n[4]));
	atomic_store(&lun->answer_left, n[3]);
	return NULL;
}

static const char *resize(struct controller *ctl, struct scsi_lun *lun,
			  uint64_t bytes)
{
	struct disk *disk;
	const char *wrong = NULL;
	int err;

	pthread_rwlock_rdlock(&ctl->lock);
	disk = lun->disk ? disk_get(lun->disk) : NULL;
	pthread_rwlock_unlock(&ctl->lock);
	if (!disk)
		return "there is no medium";
	err = bytes < lun->sector ? -EINVAL : disk_resize(disk, bytes);
	if (err == -EOPNOTSUPP)
		wrong = "only raw files without a cache of their own can be resized";
	else if (err)
		wrong = "the file cannot be resized";
	else
		atomic_fetch_or(&lun->attention, UA_CAPACITY);
	disk_put(disk);
	return wrong;
}

/* @fresh may be NULL: nothing is in the drive then.  The old medium goes when
 * the last request to it has ended.
 */
static void change_medium(struct controller *ctl, struct scsi_lun *lun,
			  struct disk *fresh)
{
	struct disk *old;

	pthread_rwlock_wrlock(&ctl->lock);
	old = lun->disk;
	lun->disk = fresh;
	scsi_medium_changed(lun);
	pthread_rwlock_unlock(&ctl->lock);
	if (old)
		disk_put(old);
}

static const char *lun_medium(struct controller *ctl, struct scsi_lun *lun,
			      const char *path)
{
	struct disk *fresh = NULL;
	char *error;

	if (!lun->removable)
		return "its medium cannot be removed";
	if (path) {
		fresh = controller_open_file(path, disk_image_format(path),
					     lun->read_only, lun->sector,
					     &error);
		if (!fresh) {
			free(error);
			return "the file cannot be opened, or is too small";
		}
	}
	change_medium(ctl, lun, fresh);
	return NULL;
}

static const char *lun_number(struct controller *ctl, struct scsi_lun *lun,
			      const char *verb, uint64_t n)
{
	if (!strcmp(verb, "resize"))
		return resize(ctl, lun, n);
	atomic_store(&lun->fail_count, 0);
	atomic_store(&lun->fail_every, n);
	return NULL;
}

/* MS [COUNT] */
static const char *order_delay(struct scsi_lun *lun, int argc,
			       const char *const *argv)
{
	uint64_t ms, count = UINT_MAX;

	if (argc < 1 || argc > 2 || !disk_spec_bytes(argv[0], &ms) ||
	    ms > UINT_MAX ||
	    (argc == 2 && (!disk_spec_bytes(argv[1], &count) ||
			   count > UINT_MAX)))
		return "expected MS [COUNT]";
	atomic_store(&lun->delay_left, 0);
	atomic_store(&lun->delay_ms, ms);
	atomic_store(&lun->delay_left, count);
	return NULL;
}

static const char *lun_change(struct controller *ctl, struct scsi_lun *lun,
			      const char *verb, int argc,
			      const char *const *argv)
{
	const char *value = argc == 1 ? argv[0] : NULL;
	uint64_t n;

	if (!strcmp(verb, "answer"))
		return order_answer(lun, argc, argv);
	if (!strcmp(verb, "delay"))
		return order_delay(lun, argc, argv);
	if (!strcmp(verb, "remove")) {
		lun_detach(ctl, lun);
		return NULL;
	}
	if (!strcmp(verb, "eject"))
		return lun_medium(ctl, lun, NULL);
	if (!strcmp(verb, "insert"))
		return value ? lun_medium(ctl, lun, value) :
			       "a file is expected after CONTROLLER:LUN";
	if (!value || !disk_spec_bytes(value, &n))
		return "a number is expected after CONTROLLER:LUN";
	return lun_number(ctl, lun, verb, n);
}

static void add_count(struct json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_int64(n));
}

static void add_flag(struct json_object *o, const char *key, bool on)
{
	json_object_object_add(o, key, json_object_new_boolean(on));
}

static struct json_object *describe_lun(struct controller *ctl,
					struct scsi_lun *lun)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "bus", json_object_new_string(
			       disk_bus_name(ctl->bus)));
	add_count(o, "controller", ctl->number);
	if (ctl->bus == DISK_FC)
		add_count(o, "target", lun->target);
	add_count(o, "lun", lun->number);
	if (lun->disk) {
		json_object_object_add(o, "file",
				       json_object_new_string(lun->disk->path));
		add_count(o, "bytes", atomic_load(&lun->disk->bytes));
		add_flag(o, "image", lun->disk->image);
		add_flag(o, "cache", lun->disk->cache);
	}
	add_count(o, "sectors", lun->sector);
	add_flag(o, "ro", lun->read_only);
	add_flag(o, "removable", lun->removable);
	add_flag(o, "dvd", lun->dvd);
	add_flag(o, "locked", atomic_load(&lun->locked));
	add_flag(o, "open", atomic_load(&lun->tray_open));
	add_count(o, "reads", atomic_load(&lun->reads));
	add_count(o, "writes", atomic_load(&lun->writes));
	add_count(o, "fua_writes", atomic_load(&lun->fua_writes));
	add_count(o, "flushes", atomic_load(&lun->flushes));
	add_count(o, "zeroes", atomic_load(&lun->zeroes));
	add_count(o, "answers_left", atomic_load(&lun->answer_left));
	return o;
}

static void list_controller(struct controller *ctl, struct json_object *list)
{
	pthread_rwlock_rdlock(&ctl->lock);
	for (unsigned int i = 0; i < LUN_PLACES; i++)
		if (ctl->luns[i])
			json_object_array_add(list, describe_lun(ctl,
								 ctl->luns[i]));
	pthread_rwlock_unlock(&ctl->lock);
}

struct json_object *controller_disks(struct vmbus_server *s)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < DISK_BUSES * DISK_CONTROLLERS; i++) {
		struct controller *ctl =
			controller_find(s, i / DISK_CONTROLLERS,
					i % DISK_CONTROLLERS);

		if (ctl)
			list_controller(ctl, list);
	}
	return list;
}

static bool lun_verb(const char *verb)
{
	static const char * const verbs[] = {
		"remove", "resize", "fail", "delay", "answer", "eject",
		"insert",
	};

	for (unsigned int i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verb, verbs[i]))
			return true;
	return false;
}

bool controller_control(struct vmbus_server *s, int argc,
			const char *const *argv, struct json_object *reply,
			char *error, size_t error_size)
{
	const char *verb = argc ? argv[0] : "", *wrong;
	struct controller *ctl;
	struct scsi_lun *lun;
	char *text = NULL;

	if (!strcmp(verb, "list") && argc == 1) {
		json_object_object_add(reply, "disks", controller_disks(s));
		return true;
	}
	if (!strcmp(verb, "add") && argc == 2) {
		if (vmbus_server_add_disk(s, argv[1], &text))
			return true;
		snprintf(error, error_size, "%s", text ?: "out of memory");
		free(text);
		return false;
	}
	if (!lun_verb(verb) || argc < 2) {
		snprintf(error, error_size, "disk: expected list, add FILE[,...], remove C:L, resize C:L BYTES, eject C:L, insert C:L FILE, fail C:L EVERY_N, delay C:L MS [COUNT] or answer C:L SRB SCSI SENSE [COUNT [OPCODE]]");
		return false;
	}
	lun = lun_by_name(s, argv[1], &ctl);
	if (!lun) {
		snprintf(error, error_size, "disk %s: no such disk: %s", verb,
			 argv[1]);
		return false;
	}
	wrong = lun_change(ctl, lun, verb, argc - 2, argv + 2);
	lun_put(lun);
	if (wrong)
		snprintf(error, error_size, "disk %s %s: %s", verb, argv[1],
			 wrong);
	return !wrong;
}
