// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_kvp_daemon: key/value exchange with the host, by way of hv_utils.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ip.h"
#include "kvp.h"
#include "tools/lib/config.h"
#include "tools/lib/run.h"
#include "tools/lib/say.h"
#include "tools/lib/service.h"
#include "tools/lib/text.h"

#define KVP_CONFIG	"/etc/openlis/kvp.conf"
/* The host and the kernel wait for half a minute. */
#define PROGRAM_MS	12000
#define SETTLE_MS	6000

static struct ip_way way = {
	.backend = "auto",
	.limit_ms = PROGRAM_MS,
	.settle_ms = SETTLE_MS,
	.run = run_program,
	.there = ip_there,
};

static const char *take_setting(void *ctx, const char *name, const char *value)
{
	int i;

	(void)ctx;
	if (strcmp(name, "network"))
		return "network is known";
	for (i = 0; ip_backends[i]; i++)
		if (!strcmp(value, ip_backends[i])) {
			way.backend = ip_backends[i];
			return NULL;
		}
	return "network wants auto, script, networkmanager, netplan, networkd, ifupdown, ifcfg or none";
}

static size_t hello(struct service *s, void *buf)
{
	struct hv_kvp_msg *msg = buf;

	(void)s;
	memset(msg, 0, sizeof(*msg));
	msg->kvp_hdr.operation = KVP_OP_REGISTER1;
	return sizeof(*msg);
}

static bool welcome(struct service *s, const void *buf, size_t len)
{
	const struct hv_kvp_msg *msg = buf;
	struct kvp *k = s->state;
	char version[KVP_KEY_MAX];

	if (len < sizeof(*msg) || msg->kvp_hdr.operation != KVP_OP_REGISTER1)
		return false;
	if (text_take(version, sizeof(version), msg->body.kvp_register.version,
		      sizeof(msg->body.kvp_register.version)) > 0) {
		text_printable(s->version, sizeof(s->version), version);
		text_cut(k->services, sizeof(k->services), s->version);
		k->facts_ms = 0;
	}
	return true;
}

static size_t answer(struct service *s, void *buf, size_t len)
{
	struct hv_kvp_msg *msg = buf;
	struct kvp *k = s->state;
	unsigned int pool;

	if (len < sizeof(*msg)) {
		service_failed(s, "a message of %zu bytes from the kernel is too short",
			       len);
		return 0;
	}
	s->last_op = kvp_operation(msg->kvp_hdr.operation);
	pool = msg->kvp_hdr.pool;
	kvp_answer(k, msg, service_now());
	if (k->error[0])
		service_failed(s, "%s, pool %u: %s", s->last_op, pool,
			       k->error);
	return sizeof(*msg);
}

static void gone(struct service *s)
{
	kvp_end(s->state);
}

static const struct service_ops ops = {
	.hello = hello,
	.welcome = welcome,
	.answer = answer,
	.gone = gone,
};

static void usage(FILE *out)
{
	fputs("usage: hv_kvp_daemon [-n] [OPTION]...\n"
	      "Exchanges key/value pairs with the Hyper-V host, and tells it the guest's\n"
	      "name, system and addresses.  Pairs are in " KVP_DIR "/.kvp_pool_N.\n"
	      "\n"
	      "      --config FILE     another configuration file than " KVP_CONFIG "\n"
	      SERVICE_OPTIONS_HELP, out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		SERVICE_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	static struct kvp k;
	struct service s = {
		.name = "hv_kvp_daemon",
		.release = LIS_VERSION,
		.ops = &ops,
		.state = &k,
		.device = "/dev/vmbus/hv_kvp",
		.root = "",
		.status_file = "/run/openlis/hv_kvp_daemon",
	};
	const char *config = KVP_CONFIG;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "nhV", options, NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (opt == 'c') {
			config = optarg;
		} else if (!service_option(&s, opt)) {
			fputs("Try hv_kvp_daemon --help.\n", stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "hv_kvp_daemon: unexpected argument '%s'\nTry hv_kvp_daemon --help.\n",
			argv[optind]);
		return 2;
	}
	umask(022);
	err = kvp_init(&k, s.root);
	if (err) {
		fprintf(stderr, "hv_kvp_daemon: cannot make the pools in %s" KVP_DIR ": %s\n",
			s.root, strerror(-err));
		return 1;
	}
	way.root = s.root;
	k.ip = &kvp_ip_ops;
	k.way = &way;
	if (config_read(s.name, s.root, config, strcmp(config, KVP_CONFIG),
			take_setting, NULL))
		return 1;
	return service_run(&s);
}
