/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key/value exchange: requests of the host turned into answers.  The message
 * is the one of the kernel's device, in linux/hyperv.h, and is believed
 * nowhere: strings must end in their fields.
 */
#ifndef KVP_KVP_H
#define KVP_KVP_H

#include <linux/hyperv.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"
#include "pool.h"

struct ip_way;
struct kvp_ip_ops;

struct kvp {
	const char *root;
	char services[32];		/* version of the integration services */
	const struct kvp_ip_ops *ip;	/* NULL: not supported */
	const struct ip_way *way;	/* how @ip does it */
	struct kvp_facts facts;
	int64_t facts_ms;		/* when they were read; 0: never */
	/* The pool that is being enumerated, as it was at index 0 */
	struct kvp_list list;
	int list_pool;			/* -1: none */
	int64_t list_ms;
	char error[256];		/* of the last request; empty if good */
};

/* The two requests about network configuration; each returns a status. */
struct kvp_ip_ops {
	uint32_t (*get)(struct kvp *k, struct hv_kvp_ipaddr_value *ip);
	uint32_t (*set)(struct kvp *k, const struct hv_kvp_ipaddr_value *ip);
};

extern const struct kvp_ip_ops kvp_ip_ops;

/* @root: below which the pools are.  Makes their files; 0 or -errno. */
int kvp_init(struct kvp *k, const char *root);
void kvp_end(struct kvp *k);

/* A name for the log */
const char *kvp_operation(unsigned int operation);

/*
 * Answers in place; the status is in @msg->error afterwards, and returned.
 * @now: monotonic milliseconds.
 */
uint32_t kvp_answer(struct kvp *k, struct hv_kvp_msg *msg, int64_t now);

#endif
