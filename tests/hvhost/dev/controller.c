// SPDX-License-Identifier: GPL-2.0-only
/*
 * SCSI controllers and their LUNs: created from --disk, changed by `hvctl
 * disk`.
 * Locking: see controller.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vmbus/generation.h"
#include "../vmbus/server.h"
#include "controller.h"

#define CONTROLLERS 4		/* of a Windows VM */

struct disk_spec {
	char *path;
	unsigned int controller, lun, sectors;
	bool lun_given, read_only;
};

/* --- LUNs ----------------------------------------------------------------- */

struct scsi_lun *lun_get(struct scsi_lun *lun)
{
	atomic_fetch_add_explicit(&lun->refs, 1, memory_order_relaxed);
	return lun;
}

void lun_put(struct scsi_lun *lun)
{
	if (atomic_fetch_sub(&lun->refs, 1) != 1)
		return;
	disk_put(lun->disk);
	free(lun);
}

/* The same file at the same place has the same identity, always. */
static void make_serial(struct scsi_lun *lun, unsigned int controller)
{
	uint64_t hash = 0xcbf29ce484222325ull;
	char text[17];

	for (const char *p = lun->disk->path; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 0x100000001b3ull;
	hash = (hash ^ (controller << 8 | lun->number)) * 0x100000001b3ull;
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)hash);
	memcpy(lun->serial, text, sizeof(lun->serial));
}

/* --- controllers ---------------------------------------------------------- */

static struct controller *controller_find(struct vmbus_server *s,
					  unsigned int number)
{
	struct device *dev;
	char name[16];

	snprintf(name, sizeof(name), "scsi%u", number);
	dev = vmbus_device_find(s, name);
	return dev && dev->ops == &storvsp_ops ? (struct controller *)dev :
	       NULL;
}

static struct controller *controller_create(struct vmbus_server *s,
					    unsigned int number)
{
	static const struct lis_guid class_id =
		LIS_GUID(0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2,
			 0xff, 0xb1, 0xdc, 0x7f);
	struct lis_guid instance =
		LIS_GUID(0x4c495300, 0x5c51, 0x4000, 0x80, 0x00, 0x6f, 0x70,
			 0x65, 0x6e, 0x6c, 0x00);
	struct controller *ctl = calloc(1, sizeof(*ctl));

	if (!ctl)
		abort();
	instance.b[15] = number;
	ctl->dev.ops = &storvsp_ops;
	snprintf(ctl->dev.name, sizeof(ctl->dev.name), "scsi%u", number);
	ctl->dev.class_id = class_id;
	ctl->dev.instance_id = instance;
	ctl->dev.offer_flags = LIS_OFFER_ENUMERATE;
	ctl->number = number;
	ctl->newest = vmbus_server_generation(s)->storvsp;
	ctl->max_subchannels = vmbus_server_subchannels(s);
	pthread_rwlock_init(&ctl->lock, NULL);
	return ctl;
}

static void bus_changed(struct controller *ctl)
{
	atomic_store(&ctl->bus_changed, true);
	vmbus_device_kick(&ctl->dev);
}

/* --- specifications ------------------------------------------------------- */

static bool spec_number(const char *text, unsigned int max, unsigned int *to)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || v > max)
		return false;
	*to = v;
	return true;
}

/* @value is what follows "=", NULL without one */
static bool spec_option(struct disk_spec *d, const char *name,
			const char *value)
{
	if (!value) {
		d->read_only = true;
		return !strcmp(name, "ro");
	}
	if (!strcmp(name, "controller"))
		return spec_number(value, CONTROLLERS - 1, &d->controller);
	if (!strcmp(name, "lun")) {
		d->lun_given = true;
		return spec_number(value, SCSI_LUNS - 1, &d->lun);
	}
	if (!strcmp(name, "sectors"))
		return spec_number(value, 4096, &d->sectors) &&
		       (d->sectors == 512 || d->sectors == 4096);
	return false;
}

static void set_error(char **error, const char *spec, const char *what)
{
	if (asprintf(error, "disk %s: %s", spec, what) < 0)
		*error = NULL;
}

static bool spec_parse(struct disk_spec *d, const char *spec, char **error)
{
	char *rest, *option;

	memset(d, 0, sizeof(*d));
	d->sectors = 512;
	rest = d->path = strdup(spec);
	if (!rest)
		abort();
	strsep(&rest, ",");
	while ((option = strsep(&rest, ","))) {
		char *value = strchr(option, '=');

		if (value)
			*value++ = 0;
		if (spec_option(d, option, value))
			continue;
		if (asprintf(error, "disk %s: bad option %s%s%s", spec, option,
			     value ? "=" : "", value ?: "") < 0)
			*error = NULL;
		return false;
	}
	if (*d->path)
		return true;
	set_error(error, spec, "no file");
	return false;
}

static bool lun_attach(struct controller *ctl, struct disk_spec *d,
		       struct disk *disk, const char *spec, char **error)
{
	struct scsi_lun *lun = calloc(1, sizeof(*lun));
	bool ok = false;

	if (!lun)
		abort();
	pthread_rwlock_wrlock(&ctl->lock);
	while (!d->lun_given && d->lun < SCSI_LUNS - 1 && ctl->luns[d->lun])
		d->lun++;
	if (ctl->luns[d->lun]) {
		set_error(error, spec, "the LUN is in use");
		goto unlock;
	}
	for (unsigned int i = 0; i < SCSI_LUNS; i++)
		if (ctl->luns[i])
			atomic_fetch_or(&ctl->luns[i]->attention, UA_LUNS);
	lun->disk = disk;
	lun->number = d->lun;
	lun->sector = d->sectors;
	lun->old = ctl->newest < LIS_STOR_V6_0;
	atomic_init(&lun->refs, 1);
	make_serial(lun, ctl->number);
	ctl->luns[d->lun] = lun;
	ok = true;
unlock:
	pthread_rwlock_unlock(&ctl->lock);
	if (!ok)
		free(lun);
	return ok;
}

static bool spec_attach(struct vmbus_server *s, struct disk_spec *d,
			const char *spec, char **error)
{
	struct controller *ctl = controller_find(s, d->controller);
	struct controller *fresh = NULL;
	struct disk *disk = disk_open(d->path, d->read_only, error);

	if (!disk)
		return false;
	if (atomic_load(&disk->bytes) < d->sectors) {
		set_error(error, spec, "the file is smaller than a sector");
		goto put;
	}
	if (!ctl)
		ctl = fresh = controller_create(s, d->controller);
	if (!lun_attach(ctl, d, disk, spec, error)) {
		if (fresh)
			fresh->dev.ops->destroy(&fresh->dev);
		goto put;
	}
	if (fresh)
		vmbus_device_add(s, &fresh->dev);
	else
		bus_changed(ctl);
	return true;
put:
	disk_put(disk);
	return false;
}

bool vmbus_server_add_disk(struct vmbus_server *s, const char *spec,
			   char **error)
{
	struct disk_spec d;
	bool ok;

	*error = NULL;
	ok = spec_parse(&d, spec, error) && spec_attach(s, &d, spec, error);
	free(d.path);
	return ok;
}

/* --- control verbs -------------------------------------------------------- */

/* Find the LUN that "CONTROLLER:LUN" names; takes a reference. */
static struct scsi_lun *lun_by_name(struct vmbus_server *s, const char *name,
				    struct controller **ctl)
{
	struct scsi_lun *lun = NULL;
	unsigned int c, l;
	char end;

	*ctl = NULL;
	if (sscanf(name, "%u:%u%c", &c, &l, &end) != 2 || l >= SCSI_LUNS)
		return NULL;
	*ctl = controller_find(s, c);
	if (!*ctl)
		return NULL;
	pthread_rwlock_rdlock(&(*ctl)->lock);
	if ((*ctl)->luns[l])
		lun = lun_get((*ctl)->luns[l]);
	pthread_rwlock_unlock(&(*ctl)->lock);
	return lun;
}

static void lun_detach(struct controller *ctl, struct scsi_lun *lun)
{
	bool mine;

	pthread_rwlock_wrlock(&ctl->lock);
	mine = ctl->luns[lun->number] == lun;
	if (mine)
		ctl->luns[lun->number] = NULL;
	for (unsigned int i = 0; i < SCSI_LUNS; i++)
		if (ctl->luns[i])
			atomic_fetch_or(&ctl->luns[i]->attention, UA_LUNS);
	pthread_rwlock_unlock(&ctl->lock);
	if (mine)
		lun_put(lun);
	bus_changed(ctl);
}

static bool parse_bytes(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;

	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (errno || end == text)
		return false;
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		*bytes <<= 10 * (unit - units + 1);
		end++;
	}
	return !*end;
}

/* SRB_STATUS SCSI_STATUS SENSE [COUNT], the first three as in protocol tables */
static const char *order_answer(struct scsi_lun *lun, int argc,
				const char *const *argv)
{
	static const unsigned long max[] = { 0xff, 0xff, 0xffffff, 1000000 };
	unsigned long n[] = { 0, 0, 0, 1 };

	if (argc < 3 || argc > 4)
		return "expected SRB_STATUS SCSI_STATUS SENSE [COUNT]";
	for (int i = 0; i < argc; i++) {
		char *end;

		n[i] = strtoul(argv[i], &end, i < 3 ? 16 : 10);
		if (end == argv[i] || *end || n[i] > max[i])
			return "SRB_STATUS and SCSI_STATUS are two hex digits, SENSE six";
	}
	/* Nobody may count down from the new number with the old answer */
	atomic_store(&lun->answer_left, 0);
	atomic_store(&lun->answer, SCSI_ANSWER(n[0], n[1], n[2]));
	atomic_store(&lun->answer_left, n[3]);
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
	if (!strcmp(verb, "remove")) {
		lun_detach(ctl, lun);
		return NULL;
	}
	if (!value || !parse_bytes(value, &n))
		return "a number is expected after CONTROLLER:LUN";
	if (!strcmp(verb, "resize")) {
		if (n < lun->sector || disk_resize(lun->disk, n))
			return "the file cannot be resized";
		atomic_fetch_or(&lun->attention, UA_CAPACITY);
	} else if (!strcmp(verb, "fail")) {
		atomic_store(&lun->fail_count, 0);
		atomic_store(&lun->fail_every, n);
	} else {
		atomic_store(&lun->delay_ms, n);
	}
	return NULL;
}

static void add_count(struct json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_int64(n));
}

static struct json_object *describe_lun(struct controller *ctl,
					struct scsi_lun *lun)
{
	struct json_object *o = json_object_new_object();

	add_count(o, "controller", ctl->number);
	add_count(o, "lun", lun->number);
	json_object_object_add(o, "file",
			       json_object_new_string(lun->disk->path));
	add_count(o, "bytes", atomic_load(&lun->disk->bytes));
	add_count(o, "sectors", lun->sector);
	json_object_object_add(o, "ro",
			       json_object_new_boolean(lun->disk->read_only));
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
	for (unsigned int i = 0; i < SCSI_LUNS; i++)
		if (ctl->luns[i])
			json_object_array_add(list, describe_lun(ctl,
								 ctl->luns[i]));
	pthread_rwlock_unlock(&ctl->lock);
}

static void list_disks(struct vmbus_server *s, struct json_object *reply)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < CONTROLLERS; i++) {
		struct controller *ctl = controller_find(s, i);

		if (ctl)
			list_controller(ctl, list);
	}
	json_object_object_add(reply, "disks", list);
}

static bool lun_verb(const char *verb)
{
	return !strcmp(verb, "remove") || !strcmp(verb, "resize") ||
	       !strcmp(verb, "fail") || !strcmp(verb, "delay") ||
	       !strcmp(verb, "answer");
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
		list_disks(s, reply);
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
		snprintf(error, error_size, "disk: expected list, add FILE[,...], remove C:L, resize C:L BYTES, fail C:L EVERY_N, delay C:L MS or answer C:L SRB SCSI SENSE [COUNT]");
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
