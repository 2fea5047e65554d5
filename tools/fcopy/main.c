// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_fcopy_daemon: takes files from the host, by way of hv_utils.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "copy.h"
#include "tools/lib/config.h"
#include "tools/lib/say.h"
#include "tools/lib/service.h"

#define SILENCE_MS	300000	/* a host that does not go on with a file */

struct daemon {
	struct fcopy_policy policy;
	struct fcopy copy;
	int64_t last_ms;
};

static size_t hello(struct service *s, void *msg)
{
	const __u32 version = FCOPY_CURRENT_VERSION;

	(void)s;
	memcpy(msg, &version, sizeof(version));
	return sizeof(version);
}

static bool welcome(struct service *s, const void *msg, size_t len)
{
	__u32 version;

	if (len != sizeof(version))
		return false;
	memcpy(&version, msg, sizeof(version));
	snprintf(s->version, sizeof(s->version), "%u", version);
	return true;
}

static size_t answer(struct service *s, void *msg, size_t len)
{
	struct daemon *d = s->state;
	unsigned int operation = ~0u;
	uint32_t status;

	if (len >= sizeof(operation))
		memcpy(&operation, msg, sizeof(operation));
	status = fcopy_answer(&d->copy, msg, len);
	s->last_op = fcopy_operation(operation);
	d->last_ms = service_now();
	if (d->copy.error[0])
		service_failed(s, "%s", d->copy.error);
	else if (operation == COMPLETE_FCOPY)
		say(LOG_INFO, "%s: %llu bytes from the host", d->copy.shown,
		    (unsigned long long)d->copy.size);
	else if (operation == CANCEL_FCOPY)
		say(LOG_NOTICE, "%s: cancelled by the host", d->copy.shown);
	memcpy(msg, &status, sizeof(status));
	return sizeof(status);
}

static int wait_ms(struct service *s)
{
	struct daemon *d = s->state;
	int64_t left = d->last_ms + SILENCE_MS - service_now();

	if (d->copy.file < 0)
		return -1;
	return left < 0 ? 0 : (int)left;
}

static void tick(struct service *s)
{
	struct daemon *d = s->state;

	if (d->copy.file < 0 || service_now() - d->last_ms < SILENCE_MS)
		return;
	service_failed(s, "%.100s: the host does not go on with it; given up",
		       d->copy.shown);
	fcopy_drop(&d->copy);
}

static void gone(struct service *s)
{
	struct daemon *d = s->state;

	if (d->copy.file >= 0)
		service_failed(s, "%.100s: not finished; given up",
			       d->copy.shown);
	fcopy_drop(&d->copy);
}

static const struct service_ops ops = {
	.hello = hello,
	.welcome = welcome,
	.answer = answer,
	.wait = wait_ms,
	.tick = tick,
	.gone = gone,
};

static void usage(FILE *out)
{
	fputs("usage: hv_fcopy_daemon [-n] [OPTION]...\n"
	      "Takes files that the Hyper-V host copies into this guest (Copy-VMFile), where\n"
	      FCOPY_CONFIG " allows it.\n"
	      "\n"
	      "      --config FILE     another configuration file\n"
	      SERVICE_OPTIONS_HELP, out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		SERVICE_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	static struct daemon d;
	struct service s = {
		.name = "hv_fcopy_daemon",
		.release = LIS_VERSION,
		.ops = &ops,
		.state = &d,
		.device = "/dev/vmbus/hv_fcopy",
		.root = "",
		.status_file = "/run/openlis/hv_fcopy_daemon",
	};
	const char *config = FCOPY_CONFIG;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "nhV", options, NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (opt == 'c') {
			config = optarg;
		} else if (!service_option(&s, opt)) {
			fputs("Try hv_fcopy_daemon --help.\n", stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "hv_fcopy_daemon: unexpected argument '%s'\nTry hv_fcopy_daemon --help.\n",
			argv[optind]);
		return 2;
	}
	umask(022);
	fcopy_policy_default(&d.policy);
	if (config_read(s.name, s.root, config, strcmp(config, FCOPY_CONFIG),
			fcopy_policy_take, &d.policy))
		return 1;
	fcopy_init(&d.copy, &d.policy, s.root);
	status = service_run(&s);
	fcopy_policy_free(&d.policy);
	return status;
}
