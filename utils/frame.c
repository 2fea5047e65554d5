// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all integration services have in common: the frame of a message, the
 * negotiation of versions, the form of an answer.
 *
 * Pure: computes from a private copy of what the host sent.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include "pure.h"

const char *utils_check_frame(const struct utils_frame *f, u32 len)
{
	if (len < sizeof(f->pipe) + sizeof(f->head))
		return "message shorter than its header";
	if (f->pipe.type != LIS_IC_PIPE_DATA)
		return "message that is no data of a pipe";
	if (f->pipe.bytes < sizeof(f->head) ||
	    f->pipe.bytes > len - sizeof(f->pipe) ||
	    f->pipe.bytes > LIS_IC_MESSAGE_MAX)
		return "message whose pipe header has a wrong length";
	if (f->head.bytes > f->pipe.bytes - sizeof(f->head))
		return "message whose body is longer than itself";
	if (f->head.flags & LIS_IC_FLAG_RESPONSE)
		return "an answer that nobody asked for";
	return NULL;
}

u32 utils_answer(struct utils_frame *f, u32 status)
{
	f->head.status = status;
	f->head.flags = LIS_IC_FLAG_TRANSACTION | LIS_IC_FLAG_RESPONSE;
	return sizeof(f->pipe) + f->pipe.bytes;
}

/* The best of ours that is among @count of theirs; 0.0 if none is. */
static struct lis_ic_version
best_common(const struct utils_versions *ours, const u8 *theirs, u32 count)
{
	struct lis_ic_version v;
	u32 i, j;

	for (i = 0; i < ours->count; i++) {
		for (j = 0; j < count; j++) {
			memcpy(&v, theirs + j * sizeof(v), sizeof(v));
			if (utils_version(v) == utils_version(ours->version[i]))
				return v;
		}
	}
	return (struct lis_ic_version){};
}

static const struct utils_versions frameworks = {
	.count = 2, .version = { { 3, 0 }, { 1, 0 } },
};

static const char *check_offer(const struct utils_frame *f,
			       struct lis_ic_negotiate *n)
{
	u32 room;

	if (f->head.bytes < sizeof(*n))
		return "negotiation that is too short";
	memcpy(n, f->body, sizeof(*n));
	if (!n->frameworks || n->frameworks > LIS_IC_VERSIONS_MAX ||
	    !n->messages || n->messages > LIS_IC_VERSIONS_MAX)
		return "negotiation of no or too many versions";
	room = (f->head.bytes - sizeof(*n)) / sizeof(struct lis_ic_version);
	if ((u32)n->frameworks + n->messages > room)
		return "negotiation of more versions than it has";
	return NULL;
}

/* The answer has one version of each kind, or none. */
static void write_choice(struct utils_frame *f, const struct utils_terms *t,
			 bool agreed)
{
	struct lis_ic_negotiate n = {
		.frameworks = agreed, .messages = agreed,
	};

	f->head.bytes = sizeof(n);
	memcpy(f->body, &n, sizeof(n));
	if (agreed) {
		memcpy(f->body + sizeof(n), t, sizeof(*t));
		f->head.bytes += sizeof(*t);
	}
	f->pipe.bytes = sizeof(f->head) + f->head.bytes;
}

bool utils_negotiate(struct utils_frame *f, const struct utils_versions *ours,
		     struct utils_terms *terms, const char **wrong)
{
	struct lis_ic_negotiate n = {};
	const u8 *list = f->body + sizeof(n);
	bool agreed;

	memset(terms, 0, sizeof(*terms));
	*wrong = check_offer(f, &n);
	if (!*wrong) {
		terms->framework = best_common(&frameworks, list, n.frameworks);
		list += n.frameworks * sizeof(terms->framework);
		terms->message = best_common(ours, list, n.messages);
	}
	agreed = utils_version(terms->framework) &&
		 utils_version(terms->message);
	if (!agreed)
		memset(terms, 0, sizeof(*terms));
	/* No room for an answer: what is too short stays as it is. */
	if (f->head.bytes >= sizeof(n))
		write_choice(f, terms, agreed);
	return agreed;
}
