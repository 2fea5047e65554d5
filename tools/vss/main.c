// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_vss_daemon: freezes and thaws the file systems for a backup by the host,
 * by way of hv_utils.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "freeze.h"
#include "hooks.h"
#include "tools/lib/say.h"
#include "tools/lib/service.h"
#include "vss.h"

static size_t hello(struct service *s, void *buf)
{
	struct hv_vss_msg *msg = buf;

	(void)s;
	memset(msg, 0, sizeof(*msg));
	msg->vss_hdr.operation = VSS_OP_REGISTER1;
	return sizeof(*msg);
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

/* Nothing is written, nowhere, from before the first freeze. */
static void hush(struct service *s, bool quiet)
{
	s->quiet = quiet;
	say_hold(quiet);
}

static void report(struct service *s, struct vss *v)
{
	if (v->error[0])
		service_failed(s, "%s", v->error);
}

static void line(const char *text)
{
	say(LOG_DEBUG, "VSS: %s", text);
}

static size_t answer(struct service *s, void *buf, size_t len)
{
	struct hv_vss_msg *msg = buf;
	struct vss *v = s->state;
	unsigned int operation;
	uint32_t status;

	if (len < sizeof(msg->vss_hdr)) {
		service_failed(s, "a message of %zu bytes from the kernel is too short",
			       len);
		return 0;
	}
	operation = msg->vss_hdr.operation;
	s->last_op = vss_operation(operation);
	if (operation == VSS_OP_FREEZE) {
		say(LOG_INFO, "VSS: op=FREEZE: begun");
		hush(s, true);
	}
	status = vss_answer(v, msg);
	if (operation == VSS_OP_FREEZE)
		vss_describe(&v->freezer, line);
	if (!v->freezer.frozen)
		hush(s, false);
	if (operation == VSS_OP_FREEZE || operation == VSS_OP_THAW)
		say(LOG_INFO, "VSS: op=%s: %s", s->last_op,
		    status ? "failed" : "succeeded");
	report(s, v);
	return sizeof(*msg);
}

static int wait_ms(struct service *s)
{
	struct vss *v = s->state;
	int64_t left = v->freezer.deadline - service_now();

	if (!v->freezer.frozen)
		return -1;
	return left < 0 ? 0 : (int)left;
}

static void tick(struct service *s)
{
	struct vss *v = s->state;

	if (v->freezer.frozen && service_now() >= v->freezer.deadline) {
		vss_give_up(v, "the host did not say thaw in time");
		hush(s, false);
		report(s, v);
	}
}

static void gone(struct service *s)
{
	struct vss *v = s->state;

	if (v->freezer.frozen) {
		vss_give_up(v, "the device went away, or this daemon was told to end, while frozen");
		hush(s, false);
		report(s, v);
	}
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
	fputs("usage: hv_vss_daemon [-n] [OPTION]...\n"
	      "Freezes the file systems while the Hyper-V host takes a backup or a checkpoint,\n"
	      "and tells the programs in " VSS_HOOKS " before and after.\n"
	      "\n"
	      "      --config FILE     another configuration file than " VSS_CONFIG "\n"
	      "      --plan            print what would be frozen, in order, and end\n"
	      SERVICE_OPTIONS_HELP, out);
}

static void print_line(const char *text)
{
	puts(text);
}

static int bad_usage(void)
{
	fputs("Try hv_vss_daemon --help.\n", stderr);
	return 2;
}

/* Options; -1 to go on, else the exit status */
static int take_options(int argc, char **argv, struct service *s,
			const char **config, bool *plan)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "plan", no_argument, NULL, 'p' },
		SERVICE_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "nhV", options, NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (opt == 'c')
			*config = optarg;
		else if (opt == 'p')
			*plan = true;
		else if (!service_option(s, opt))
			return bad_usage();
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "hv_vss_daemon: unexpected argument '%s'\n",
		argv[optind]);
	return bad_usage();
}

int main(int argc, char **argv)
{
	static struct vss v;
	struct service s = {
		.name = "hv_vss_daemon",
		.release = LIS_VERSION,
		.ops = &ops,
		.state = &v,
		.device = "/dev/vmbus/hv_vss",
		.root = "",
		.status_file = "/run/openlis/hv_vss_daemon",
	};
	const char *config = VSS_CONFIG;
	bool plan = false;
	int status = take_options(argc, argv, &s, &config, &plan);

	if (status >= 0)
		return status;
	umask(022);
	if (vss_init(&v, s.root, config))
		return 1;
	if (plan) {
		status = vss_show_plan(&v, print_line);
	} else {
		/* Frozen disks hold no pages for us. */
		if (mlockall(MCL_CURRENT | MCL_FUTURE))
			fprintf(stderr, "hv_vss_daemon: cannot lock its memory: %s\n",
				strerror(errno));
		vss_recover(&v);
		status = service_run(&s);
	}
	vss_end(&v);
	return status;
}
