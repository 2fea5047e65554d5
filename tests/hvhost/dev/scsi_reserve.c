// SPDX-License-Identifier: GPL-2.0-only
/*
 * PERSISTENT RESERVE IN and OUT (SPC-3), as far as clusters use them: no
 * registration for others' paths, and nothing survives a power loss.
 * Locking: see scsi_reserve.h.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "scsi.h"
#include "scsi_ops.h"
#include "scsi_reserve.h"

#define REGISTRANTS	32

struct registrant {
	struct scsi_lun *lun;		/* NULL: free */
	uint64_t key;
};

struct scsi_reservation {
	struct scsi_reservation *next;	/* of those with a name */
	char *name;
	unsigned int refs;
	uint32_t generation;
	_Atomic uint8_t type;		/* 0: not reserved */
	struct registrant *holder;	/* of ALL REGISTRANTS: the first one */
	struct registrant who[REGISTRANTS];
};

/* Protects the list of named ones and all of each reservation; type is also
 * read without, to see that there is none.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct scsi_reservation *named;

enum reservation_type {
	WRITE_EXCLUSIVE		= 1,
	EXCLUSIVE_ACCESS	= 3,
	WRITE_REGISTRANTS	= 5,
	ACCESS_REGISTRANTS	= 6,
	WRITE_ALL_REGISTRANTS	= 7,
	ACCESS_ALL_REGISTRANTS	= 8,
};

static bool type_known(uint8_t type)
{
	return type == WRITE_EXCLUSIVE || type == EXCLUSIVE_ACCESS ||
	       (type >= WRITE_REGISTRANTS && type <= ACCESS_ALL_REGISTRANTS);
}

static bool held_by_all(const struct scsi_reservation *res)
{
	return res->type >= WRITE_ALL_REGISTRANTS;
}

/* --- disks ---------------------------------------------------------------- */

struct scsi_reservation *reservation_get(const char *name)
{
	struct scsi_reservation *res;

	pthread_mutex_lock(&lock);
	for (res = name ? named : NULL; res; res = res->next)
		if (!strcmp(res->name, name))
			break;
	if (!res) {
		res = calloc(1, sizeof(*res));
		if (!res)
			abort();
		if (name) {
			res->name = strdup(name);
			if (!res->name)
				abort();
			res->next = named;
			named = res;
		}
	}
	res->refs++;
	pthread_mutex_unlock(&lock);
	return res;
}

static void forget(struct scsi_reservation *res)
{
	struct scsi_reservation **at = &named;

	while (*at && *at != res)
		at = &(*at)->next;
	if (*at)
		*at = res->next;
	free(res->name);
	free(res);
}

/* --- registrants ---------------------------------------------------------- */

static struct registrant *registrant_of(struct scsi_reservation *res,
					const struct scsi_lun *lun)
{
	for (unsigned int i = 0; i < REGISTRANTS; i++)
		if (res->who[i].lun == lun)
			return &res->who[i];
	return NULL;
}

/* Everybody else who is registered hears of it with the next command. */
static void tell_others(struct scsi_reservation *res,
			const struct scsi_lun *me, unsigned int attention)
{
	for (unsigned int i = 0; i < REGISTRANTS; i++)
		if (res->who[i].lun && res->who[i].lun != me)
			atomic_fetch_or(&res->who[i].lun->attention,
					attention);
}

static void set_type(struct scsi_reservation *res, uint8_t type,
		     struct registrant *holder)
{
	res->type = type;
	res->holder = type ? holder : NULL;
}

/* The reservation ends; registrants that shared it are told. */
static void release(struct scsi_reservation *res, const struct scsi_lun *me)
{
	bool shared = res->type >= WRITE_REGISTRANTS;

	set_type(res, 0, NULL);
	if (shared)
		tell_others(res, me, UA_RESERVATION_RELEASED);
}

/* @r is no longer registered, and holds nothing any more. */
static void unregister(struct scsi_reservation *res, struct registrant *r)
{
	const struct scsi_lun *lun = r->lun;
	struct registrant *heir = NULL;

	r->lun = NULL;
	r->key = 0;
	if (res->holder != r)
		return;
	for (unsigned int i = 0; held_by_all(res) && i < REGISTRANTS; i++)
		if (res->who[i].lun)
			heir = &res->who[i];
	if (heir)
		res->holder = heir;
	else
		release(res, lun);
}

void reservation_put(struct scsi_reservation *res, struct scsi_lun *lun)
{
	struct registrant *r;

	pthread_mutex_lock(&lock);
	r = registrant_of(res, lun);
	if (r)
		unregister(res, r);
	if (!--res->refs)
		forget(res);
	pthread_mutex_unlock(&lock);
}

/* --- who may do what ------------------------------------------------------ */

static bool allows(struct scsi_reservation *res, const struct scsi_lun *lun,
		   enum scsi_access access)
{
	struct registrant *r = registrant_of(res, lun);

	switch (atomic_load(&res->type)) {
	case WRITE_EXCLUSIVE:
		return access == ACCESS_READ || r == res->holder;
	case EXCLUSIVE_ACCESS:
		return r == res->holder;
	case WRITE_REGISTRANTS:
	case WRITE_ALL_REGISTRANTS:
		return access == ACCESS_READ || r;
	case ACCESS_REGISTRANTS:
	case ACCESS_ALL_REGISTRANTS:
		return r;
	default:
		return true;
	}
}

bool reservation_allows(struct scsi_reservation *res,
			const struct scsi_lun *lun, enum scsi_access access)
{
	bool ok;

	/* Without reservations I/O takes no lock. */
	if (access == ACCESS_NONE ||
	    !atomic_load_explicit(&res->type, memory_order_relaxed))
		return true;
	pthread_mutex_lock(&lock);
	ok = allows(res, lun, access);
	pthread_mutex_unlock(&lock);
	return ok;
}

/* --- PERSISTENT RESERVE OUT ----------------------------------------------- */

enum out_action {
	OUT_REGISTER, OUT_RESERVE, OUT_RELEASE, OUT_CLEAR, OUT_PREEMPT,
	OUT_PREEMPT_AND_ABORT, OUT_REGISTER_AND_IGNORE,
};

#define OUT_BYTES	24
#define OUT_FLAGS	20		/* for others' paths, through power loss */

static enum scsi_next conflict(struct scsi_request *r)
{
	r->status = SCSI_RESERVATION_CONFLICT;
	r->done_bytes = 0;
	return SCSI_DONE;
}

static enum scsi_next do_register(struct scsi_reservation *res,
				  struct scsi_request *r, struct registrant *me,
				  uint64_t fresh)
{
	if (!fresh && me) {
		unregister(res, me);
	} else if (fresh) {
		if (!me)
			me = registrant_of(res, NULL);
		if (!me)
			return scsi_check(r, SENSE_NO_REGISTRATION_ROOM);
		me->lun = r->lun;
		me->key = fresh;
	}
	res->generation++;
	return SCSI_DONE;
}

static enum scsi_next do_reserve(struct scsi_reservation *res,
				 struct scsi_request *r, struct registrant *me,
				 uint8_t type)
{
	if (!res->type)
		set_type(res, type, me);
	else if (res->type != type || !(held_by_all(res) || res->holder == me))
		return conflict(r);
	return SCSI_DONE;
}

static enum scsi_next do_release(struct scsi_reservation *res,
				 struct scsi_request *r, struct registrant *me,
				 uint8_t type)
{
	if (!res->type || !(held_by_all(res) || res->holder == me))
		return SCSI_DONE;
	if (res->type != type)
		return scsi_check(r, SENSE_INVALID_RELEASE);
	release(res, r->lun);
	return SCSI_DONE;
}

static enum scsi_next do_clear(struct scsi_reservation *res,
			       struct scsi_request *r)
{
	tell_others(res, r->lun, UA_RESERVATION_PREEMPTED);
	set_type(res, 0, NULL);
	memset(res->who, 0, sizeof(res->who));
	res->generation++;
	return SCSI_DONE;
}

/* Registrations with @victim (0: all) go, but for @me; how many there were */
static unsigned int expel(struct scsi_reservation *res, struct registrant *me,
			  uint64_t victim)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < REGISTRANTS; i++) {
		struct registrant *who = &res->who[i];

		if (!who->lun || (victim && who->key != victim))
			continue;
		n++;
		if (who == me)
			continue;
		atomic_fetch_or(&who->lun->attention, UA_REGISTRATION_PREEMPTED);
		who->lun = NULL;
		who->key = 0;
	}
	return n;
}

static enum scsi_next do_preempt(struct scsi_reservation *res,
				 struct scsi_request *r, struct registrant *me,
				 uint8_t type, uint64_t victim)
{
	bool take;

	if (!victim && !(res->type && held_by_all(res)))
		return scsi_check(r, SENSE_INVALID_PARAMETER);
	take = res->type && (held_by_all(res) ? !victim :
			     res->holder->key == victim);
	if (!expel(res, me, victim))
		return conflict(r);
	if (take)
		set_type(res, type, me);
	else if (res->type && !res->holder->lun)
		res->holder = me;	/* one of all, and I am left */
	res->generation++;
	return SCSI_DONE;
}

static enum scsi_next out(struct scsi_reservation *res, struct scsi_request *r,
			  uint64_t key, uint64_t other)
{
	struct registrant *me = registrant_of(res, r->lun);
	unsigned int action = r->cdb[1] & 0x1f;
	uint8_t type = r->cdb[2] & 0x0f;

	if (action == OUT_REGISTER_AND_IGNORE)
		return do_register(res, r, me, other);
	if (key != (me ? me->key : 0) || (!me && action != OUT_REGISTER))
		return conflict(r);
	switch (action) {
	case OUT_REGISTER:
		return do_register(res, r, me, other);
	case OUT_RESERVE:
		return do_reserve(res, r, me, type);
	case OUT_RELEASE:
		return do_release(res, r, me, type);
	case OUT_CLEAR:
		return do_clear(res, r);
	default:
		return do_preempt(res, r, me, type, other);
	}
}

static bool needs_type(unsigned int action)
{
	return action == OUT_RESERVE || action == OUT_RELEASE ||
	       action == OUT_PREEMPT || action == OUT_PREEMPT_AND_ABORT;
}

enum scsi_next scsi_reserve_out(struct scsi_request *r)
{
	unsigned int action = r->cdb[1] & 0x1f;
	enum scsi_next next;

	if (action > OUT_REGISTER_AND_IGNORE || r->cdb[2] >> 4 ||
	    (needs_type(action) && !type_known(r->cdb[2] & 0x0f)))
		return scsi_check(r, SENSE_INVALID_FIELD);
	if (get_be32(r->cdb + 5) != OUT_BYTES)
		return scsi_check(r, SENSE_PARAMETER_LENGTH);
	if (!r->data_out || scsi_fetch(r, OUT_BYTES) < OUT_BYTES) {
		r->broken = "the CDB moves more than the data buffer holds";
		return SCSI_DONE;
	}
	if (r->buffer[OUT_FLAGS])
		return scsi_check(r, SENSE_INVALID_PARAMETER);
	r->done_bytes = OUT_BYTES;
	pthread_mutex_lock(&lock);
	next = out(r->lun->reservation, r, get_be64(r->buffer),
		   get_be64(r->buffer + 8));
	pthread_mutex_unlock(&lock);
	return next;
}

/* --- PERSISTENT RESERVE IN ------------------------------------------------ */

enum in_action { IN_KEYS, IN_RESERVATION, IN_CAPABILITIES };

static uint32_t read_keys(const struct scsi_reservation *res, uint8_t *b)
{
	uint32_t n = 8;

	for (unsigned int i = 0; i < REGISTRANTS; i++) {
		if (!res->who[i].lun)
			continue;
		put_be64(b + n, res->who[i].key);
		n += 8;
	}
	return n;
}

static uint32_t read_reservation(const struct scsi_reservation *res, uint8_t *b)
{
	if (!res->type)
		return 8;
	put_be64(b + 8, held_by_all(res) ? 0 : res->holder->key);
	b[21] = res->type;
	return 24;
}

static uint32_t capabilities(uint8_t *b)
{
	put_be16(b, 8);
	b[3] = 0x80;			/* the types below are valid */
	b[4] = 1 << WRITE_ALL_REGISTRANTS | 1 << ACCESS_REGISTRANTS |
	       1 << WRITE_REGISTRANTS | 1 << EXCLUSIVE_ACCESS |
	       1 << WRITE_EXCLUSIVE;
	b[5] = 1 << (ACCESS_ALL_REGISTRANTS - 8);
	return 8;
}

enum scsi_next scsi_reserve_in(struct scsi_request *r)
{
	struct scsi_reservation *res = r->lun->reservation;
	unsigned int action = r->cdb[1] & 0x1f;
	uint8_t *b = r->buffer;
	uint32_t n;

	if (action > IN_CAPABILITIES)
		return scsi_check(r, SENSE_INVALID_FIELD);
	memset(b, 0, 8 + 8 * REGISTRANTS);
	if (action == IN_CAPABILITIES) {
		n = capabilities(b);
	} else {
		pthread_mutex_lock(&lock);
		n = action == IN_KEYS ? read_keys(res, b) :
					read_reservation(res, b);
		put_be32(b, res->generation);
		pthread_mutex_unlock(&lock);
		put_be32(b + 4, n - 8);
	}
	return scsi_answer(r, n, get_be16(r->cdb + 7));
}
