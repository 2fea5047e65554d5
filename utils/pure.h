/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of hv_utils that only compute: framing and versions, time, text,
 * what a host and a daemon say to each other, who owes whom an answer.  No
 * locks, no kernel objects: tests/unit and tests/fuzz link the same files.
 *
 * Functions that return a text return NULL when all is well, else what is wrong
 * with the message, for the log.
 */
#ifndef UTILS_PURE_H
#define UTILS_PURE_H

#include <linux/types.h>
#include <lis/proto/daemon.h>
#include <lis/proto/ic.h>

/* --- frame.c --------------------------------------------------------------- */

/* A message in its buffer, which becomes the answer's */
struct utils_frame {
	struct lis_ic_pipe pipe;
	struct lis_ic_header head;
	u8 body[LIS_IC_MESSAGE_MAX - sizeof(struct lis_ic_header)];
} LIS_PACKED;

/* Versions that a service speaks, the best one first */
struct utils_versions {
	u32 count;
	struct lis_ic_version version[4];
};

/* What was agreed on; 0.0 when nothing was */
struct utils_terms {
	struct lis_ic_version framework;
	struct lis_ic_version message;
};

/* @len bytes came, padding included. */
const char *utils_check_frame(const struct utils_frame *f, u32 len);
/* Turns a negotiation into its answer; false when nothing is in common. */
bool utils_negotiate(struct utils_frame *f, const struct utils_versions *ours,
		     struct utils_terms *terms, const char **wrong);
/* Turns any other message into its answer.  Return: bytes to send. */
u32 utils_answer(struct utils_frame *f, u32 status);

static inline u32 utils_version(struct lis_ic_version v)
{
	return (u32)v.major << 16 | v.minor;
}

#define UTILS_VERSION(major, minor)	((u32)(major) << 16 | (minor))

/* --- simple.c -------------------------------------------------------------- */

/* @application: enum lis_ic_application, told to the host */
const char *utils_heartbeat(struct utils_frame *f, u32 application);

enum utils_power { UTILS_POWER_OFF, UTILS_REBOOT, UTILS_HIBERNATE };
const char *utils_shutdown(const struct utils_frame *f,
			   enum utils_power *what);

/* --- clock.c --------------------------------------------------------------- */

/**
 * struct utils_sample - what a host said of its clock.
 * @host_ns:	nanoseconds since 1970, UTC
 * @reference:	the guest's reference counter then, 100 ns; 0: just now
 * @flags:	LIS_IC_TIME_*
 */
struct utils_sample {
	s64 host_ns;
	u64 reference;
	u8 flags;
	bool has_reference;
};

const char *utils_read_time(const struct utils_frame *f, u32 version,
			    struct utils_sample *s);
/* The host's time when the reference counter is @reference, and no absurd one */
bool utils_host_now(const struct utils_sample *s, u64 reference, s64 *ns);

/* Is the guest's clock, @behind nanoseconds behind the host's, to be set? */
bool utils_must_step(u8 flags, s64 behind, bool implicit);

/* --- text.c ---------------------------------------------------------------- */

/* At most @units of UTF-16, to its NUL, as UTF-8 with a NUL.  Bytes with it, or
 * 0 when that is more than @room.  What is no character comes out as U+FFFD.
 */
u32 utils_to_utf8(const void *utf16, u32 units, u8 *out, u32 room);
/* The other way round; bytes with the NUL.  What is more than @room, 2 at least,
 * is cut off: an error would end the host's enumeration of what comes behind.
 */
u32 utils_to_utf16(const u8 *utf8, u32 max, void *out, u32 room);
/* Nothing but what addresses and names of adapters consist of? */
bool utils_is_address_text(const u8 *text);

/* --- kvp_msg.c ------------------------------------------------------------- */

/* From the host to the daemon. */
const char *utils_kvp_request(const struct utils_frame *f,
			      struct lis_kvpd_message *out);
/* The daemon's answer to that request, into the host's message; a status.
 * @old: it registered so that its answers have none
 */
u32 utils_kvp_answer(struct utils_frame *f, const struct lis_kvpd_message *in,
		     bool old);

/* --- vss_msg.c ------------------------------------------------------------- */

enum utils_vss_step {
	UTILS_VSS_ANSWER,	/* answered here, with a status */
	UTILS_VSS_ASK,		/* the daemon is to be asked */
};

/**
 * struct utils_vss - where a backup is.
 * @frozen:	file systems are, or may be, frozen
 * @let_go:	they were thawed without the host; it is to know when it asks
 */
struct utils_vss {
	bool frozen;
	bool let_go;
};

/* What to do with a message of the host. */
enum utils_vss_step utils_vss_request(struct utils_vss *v,
				      const struct utils_frame *f, u32 version,
				      struct lis_vssd_message *out,
				      u32 *status, const char **wrong);
/* The daemon has answered @asked with @status: what the host is told. */
u32 utils_vss_answer(struct utils_vss *v, struct utils_frame *f, u8 asked,
		     u32 status);

/* --- fcopy_msg.c ----------------------------------------------------------- */

/**
 * struct utils_fcopy - a copy under way.
 * @open:	begun, neither completed nor given up
 * @bytes:	size that was announced
 */
struct utils_fcopy {
	bool open;
	u64 bytes;
};

/* A message of the host, as the daemon gets it: @len bytes in @out, which has
 * room for struct lis_fcopy_write.  *@status: for the host if something is wrong
 */
const char *utils_fcopy_request(struct utils_fcopy *c,
				const struct utils_frame *f, u8 *out, u32 *len,
				u32 *status);
/* The daemon has answered a request of that kind. */
void utils_fcopy_answer(struct utils_fcopy *c, u32 op, u32 status);

/* --- handoff.c ------------------------------------------------------------- */

enum utils_handoff_state {
	UTILS_ABSENT,		/* no daemon has registered */
	UTILS_GREETING,		/* it has; the greeting waits to be read */
	UTILS_READY,
	UTILS_OFFERED,		/* a request waits to be read */
	UTILS_TAKEN,		/* read; the answer is to come */
	UTILS_OWED,		/* too late, but it is to come all the same */
};

struct utils_handoff {
	enum utils_handoff_state state;
};

enum utils_written {
	UTILS_WROTE_ANSWER,	/* to what was asked */
	UTILS_WROTE_LATE,	/* to what nobody waits for any more */
	UTILS_WROTE_ODD,	/* nothing was asked */
};

/* Has to be read */
static inline bool utils_readable(const struct utils_handoff *h)
{
	return h->state == UTILS_GREETING || h->state == UTILS_OFFERED;
}

void utils_registered(struct utils_handoff *h, bool greet);
bool utils_offer(struct utils_handoff *h);
void utils_was_read(struct utils_handoff *h);
enum utils_written utils_written(struct utils_handoff *h);
void utils_abandon(struct utils_handoff *h);
/* The daemon is gone; true when it had a request. */
bool utils_bye(struct utils_handoff *h);

#endif
