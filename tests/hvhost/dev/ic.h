/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's ends of the integration components: services that are a channel
 * each, on which the host asks and the guest answers.
 *
 * What all have in common is in ic.c: negotiation, transactions, one request
 * at a time, checks of the frame of each answer.  A service is a table of what
 * it sends and how it judges an answer, and its verbs.
 *
 * Threads: the channel's worker sends and receives; threads of hvctl's clients
 * queue requests and sleep until they are answered.
 *
 * Locking: lock protects all of struct ic.  Services' functions run with it
 * held, but for their verbs.  It nests inside the server's lock.
 */
#ifndef HVHOST_IC_H
#define HVHOST_IC_H

#include <pthread.h>

#include <lis/proto/ic.h>

#include "device.h"

#define IC_BODY_MAX	(LIS_IC_MESSAGE_MAX - sizeof(struct lis_ic_header))
#define IC_HEAD		(sizeof(struct lis_ic_pipe) + sizeof(struct lis_ic_header))
#define IC_TEXT		1024		/* of an error */

struct ic;

/* A version, and the first VMBus that hosts with it speak */
struct ic_since {
	struct lis_ic_version version;
	uint32_t vmbus;
};

struct ic_service {
	const char *name;		/* also the device's */
	struct lis_guid class_id, instance_id;
	uint16_t type;			/* enum lis_ic_type */
	unsigned int period_ms;		/* of messages unasked for, 0 = none */
	unsigned int period_unit;	/* of the number after --ic's "NAME=" */
	const struct ic_since *versions;	/* ends with major 0 */
	/* A guest has agreed on versions (may be NULL) */
	void (*ready)(struct ic *ic);
	/* The body of a periodic message; its length */
	uint32_t (*periodic)(struct ic *ic, uint8_t *body);
	/* Last touch before a body goes out (may be NULL) */
	void (*stamp)(struct ic *ic, uint8_t *body, uint32_t bytes);
	/* Judge an answer to what was @sent, of the same length (may be NULL).
	 * NULL, or what is wrong with it.
	 */
	const char *(*answer)(struct ic *ic, const uint8_t *sent,
			      const uint8_t *body, uint32_t bytes,
			      uint32_t status);
	/* A harmless request, for bursts; its length (NULL: none is) */
	uint32_t (*harmless)(struct ic *ic, uint8_t *body);
	void (*describe)(struct ic *ic, struct json_object *to);
};

enum ic_state {
	IC_CLOSED,		/* the guest has not opened the channel */
	IC_NEGOTIATING,		/* versions are offered */
	IC_READY,
	IC_REFUSED,		/* the guest knows none of them */
};

/* A request of hvctl's, by the thread that waits for it */
struct ic_ask {
	uint8_t *body;		/* replaced by the answer's */
	uint32_t bytes;
	uint32_t status;	/* of the answer */
	enum { ASK_QUEUED, ASK_SENT, ASK_ANSWERED, ASK_LOST } state;
};

struct ic_counts {
	uint64_t sent, answered;
	uint64_t missed;	/* no answer in time */
	uint64_t late;		/* answers after that */
	uint64_t failed;	/* answers with a status that is not 0 */
	uint64_t negotiations;
	uint64_t lies, odd;	/* told; answers that were odd after that */
};

/* The message that an answer is waited for */
struct ic_pending {
	bool valid;
	uint8_t transaction;
	uint16_t before;	/* as many older ones of that number are owed */
	uint16_t type;
	uint64_t sent_ms, limit_ms;	/* limit 0: none */
	struct ic_ask *ask;		/* NULL: periodic, or negotiation */
	uint32_t bytes;
	uint8_t body[IC_BODY_MAX];
};

struct ic {
	struct device dev;		/* first: the ops cast */
	const struct ic_service *service;
	pthread_mutex_t lock;
	pthread_cond_t changed;		/* state, answer, place for a request */
	struct vmbus_channel *ch;	/* NULL: closed */
	enum ic_state state;
	struct lis_ic_version framework, version;	/* agreed on */
	unsigned int period_ms;
	uint64_t next_ms;		/* when the next periodic one is due */
	bool periodic_now;		/* and one is due at once */
	bool negotiate;			/* offer versions, as soon as possible */
	bool lied;			/* since the channel was opened */
	uint8_t transaction;		/* the latest */
	uint16_t owed[256];		/* answers, by transaction */
	struct ic_pending pending;
	struct ic_ask *ask;		/* queued or sent */
	uint64_t contact_ms;		/* the latest answer, 0: none yet */
	uint32_t last_status;
	unsigned int missed;		/* answers in a row */
	struct ic_counts counts;
	uint8_t packet[IC_HEAD + LIS_IC_MESSAGE_MAX];	/* being built */

	/* The services' own */
	struct {
		uint64_t sequence;
		uint32_t application;	/* as the guest said last */
	} heartbeat;
	struct {
		int64_t offset;		/* of the time told, 100 ns */
		uint8_t flags;		/* of the next unasked message */
	} time;
	struct {
		bool busy, cancel;
		uint64_t done, bytes;	/* of the file being copied */
	} fcopy;
	bool frozen;			/* VSS: since it was told to */
};

extern const struct ic_service ic_heartbeat, ic_shutdown, ic_timesync, ic_kvp,
	ic_vss, ic_fcopy;
extern const struct device_ops ic_ops;

/* --- ic.c ----------------------------------------------------------------- */

uint64_t ic_now_ms(void);
/* Has the guest agreed on at least that version? */
bool ic_speaks(const struct ic *ic, unsigned int major, unsigned int minor);
/* Send a message to a guest that was not asked for, now. */
void ic_prompt(struct ic *ic);
/*
 * Ask the guest, @ms at most; the answer replaces @body.  false: it has not
 * answered, @error says so.  Not with the lock held.
 */
bool ic_ask(struct ic *ic, uint8_t *body, uint32_t bytes, uint32_t *status,
	    unsigned int ms, char *error);
/* Build a message in ic->packet; its length with all headers */
uint32_t ic_build(struct ic *ic, uint16_t type, const void *body,
		  uint32_t bytes);

/* --- ic_lies.c ------------------------------------------------------------ */

/* Spoil what is in ic->packet, @bytes long; its new length.  *@repeat: send it
 * twice.
 */
uint32_t ic_lie(struct ic *ic, uint32_t bytes, bool *repeat);
/* Lies that are no change to some other message; false: no room for more. */
bool ic_lie_unasked(struct ic *ic);
/* The same for what negotiates; its length */
uint32_t ic_lie_versions(struct ic *ic, uint8_t *body, uint32_t bytes);

/* --- words of a verb (ic_args.c) ------------------------------------------ */

struct ic_args {
	int argc;
	const char *argv[24];
	const char *verb;		/* for messages */
	char *error;			/* IC_TEXT bytes */
	bool bad;			/* an option was wrong */
};

void ic_args_init(struct ic_args *a, const char *verb, int argc,
		  const char *const *argv, char *error);
/* Take the word @name out; was it there? */
bool ic_flag(struct ic_args *a, const char *name);
/* Take @name and the word behind it out; that, or NULL */
const char *ic_value(struct ic_args *a, const char *name);
/* The same, a number; @missing if it is not there */
long long ic_number(struct ic_args *a, const char *name, long long min,
		    long long max, long long missing);
/* All options are taken: are so many words left? */
bool ic_words(struct ic_args *a, int min, int max, const char *usage);
__attribute__((format(printf, 2, 3)))
bool ic_wrong(struct ic_args *a, const char *fmt, ...);
/* "0x80004005 (failed)" */
const char *ic_status_name(uint32_t status);
/* Is it 0?  If not, an error for @a. */
bool ic_status_ok(struct ic_args *a, uint32_t status);

/* --- text (ic_text.c) ------------------------------------------------------ */

/* @text as UTF-16 with a NUL in @bytes of room; how many it takes, 0: too many,
 * or it is not UTF-8.
 */
uint32_t ic_utf16(uint8_t *to, uint32_t bytes, const char *text);
/* As much of it as is before a NUL, or in @bytes; to be freed.  NULL: it is not
 * UTF-16.
 */
char *ic_utf8(const uint8_t *from, uint32_t bytes);

/* --- verbs ----------------------------------------------------------------- */

/* NULL after saying in @a that it is not offered */
struct ic *ic_service_find(struct vmbus_server *s, const char *name,
			   struct ic_args *a);
struct ic *ic_named(struct vmbus_server *s, const struct ic_service *service,
		    struct ic_args *a);

typedef bool ic_verb(struct vmbus_server *s, int argc, const char *const *argv,
		     struct json_object *reply, char *error, size_t error_size);
ic_verb ic_control, kvp_control, vss_control, fcopy_control;
/* `hvctl ic shutdown` and `hvctl ic time`; the first word is gone */
bool ic_shutdown_verb(struct vmbus_server *s, struct ic_args *a);
bool ic_time_verb(struct vmbus_server *s, struct ic_args *a);
/* `hvctl kvp ip-get` and `ip-set` */
bool kvp_get_ip(struct vmbus_server *s, struct ic_args *a,
		struct json_object *reply);
bool kvp_set_ip(struct vmbus_server *s, struct ic_args *a);

#endif
