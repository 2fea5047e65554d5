// SPDX-License-Identifier: GPL-2.0-only
/*
 * lis status: modules, services and daemons, out of /sys and /run; what is
 * not as it should be comes again at the end, with what to do.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lis.h"
#include "tools/lib/file.h"
#include "tools/lib/text.h"

#define ADVICE_MAX	8192
#define STALE_MS	60000	/* a heartbeat is due every few seconds */

static const char *const modules[] = {
	"hv_vmbus", "lis_vmbus", "hv_storvsc", "hv_netvsc", "hv_utils",
	"hv_balloon", "hv_sock", "hyperv_keyboard", "hid_hyperv", "hyperv_fb",
	"hyperv_drm", "pci_hyperv",
};

static const struct {
	const char *name;
	const char *class_id;
	const char *daemon;	/* NULL: the kernel answers itself */
} services[] = {
	{ "shutdown", "0e0b6031-5213-4934-818b-38d90ced39db", NULL },
	{ "time synchronisation", "9527e630-d0ae-497b-adce-e80ab0175caf", NULL },
	{ "heartbeat", "57164f39-9115-4e78-ab55-382f3bd5422d", NULL },
	{ "key/value pairs", "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6",
	  "hv_kvp_daemon" },
	{ "backup", "35fa2e29-ea23-4236-96ae-3a6ebacba440", "hv_vss_daemon" },
	{ "file copy", "34d14be3-dee4-41c8-9ae7-6b174977c192",
	  "hv_fcopy_daemon" },
};

struct report {
	const char *root;
	FILE *out;
	char advice[ADVICE_MAX];
	int problems;
};

static void advise(struct report *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void advise(struct report *r, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_add(r->advice, sizeof(r->advice), "  * %s\n", line);
	r->problems++;
}

static bool read_below(const struct report *r, char *out, size_t size,
		       const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static bool read_below(const struct report *r, char *out, size_t size,
		       const char *format, ...)
{
	char path[PATH_MAX / 2], full[PATH_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	out[0] = '\0';
	return len > 0 && len < (int)sizeof(path) &&
	       file_path(full, sizeof(full), r->root, path) &&
	       file_read(full, out, size) >= 0;
}

/* The value of "name=..." or "name   ..." in a text of lines; "" if none */
static const char *value_of(const char *text, const char *name)
{
	static char values[4][256];
	static unsigned int turn;
	size_t len = strlen(name);
	char *value = values[turn = (turn + 1) % 4];
	const char *line = text;

	value[0] = '\0';
	while (line) {
		if (!strncmp(line, name, len) && strchr("= \t", line[len])) {
			line += len;
			line += strspn(line, "= \t");
			snprintf(value, sizeof(values[0]), "%.*s",
				 (int)strcspn(line, "\n"), line);
			break;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return value;
}

static void show_modules(struct report *r)
{
	char taint[64], version[64];
	bool any = false;
	size_t i;

	fputs("modules\n", r->out);
	for (i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (!read_below(r, taint, sizeof(taint),
				"/sys/module/%s/taint", modules[i]))
			continue;
		any = true;
		read_below(r, version, sizeof(version),
			   "/sys/module/%s/version", modules[i]);
		version[strcspn(version, "\n")] = '\0';
		fprintf(r->out, "  %-20s %s%s%s\n", modules[i],
			strchr(taint, 'O') ? "out of tree" : "the kernel's own",
			*version ? ", version " : "", version);
	}
	if (any)
		return;
	fputs("  none\n", r->out);
	advise(r, "no Hyper-V module is loaded: is this a guest of Hyper-V? (modprobe hv_vmbus)");
}

/* The directory name of the device of a class; false if there is none. */
static bool find_device(const struct report *r, const char *class_id,
			char *name, size_t size)
{
	char dir[PATH_MAX], text[64];
	struct dirent *entry;
	bool found = false;
	DIR *d;

	if (!file_path(dir, sizeof(dir), r->root, "/sys/bus/vmbus/devices"))
		return false;
	d = opendir(dir);
	while (d && !found && (entry = readdir(d))) {
		if (*entry->d_name == '.' || strlen(entry->d_name) >= size ||
		    !read_below(r, text, sizeof(text),
				"/sys/bus/vmbus/devices/%s/class_id",
				entry->d_name))
			continue;
		found = !strncasecmp(text + (*text == '{'), class_id, 36);
		if (found)
			strcpy(name, entry->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

static bool exists(const struct report *r, const char *device,
		   const char *file)
{
	char path[PATH_MAX], real[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/bus/vmbus/devices/%s/%s",
		 r->root, device, file);
	return realpath(path, real);
}

/* What hv_utils of OpenLIS counts, for root and with debugfs mounted */
static void show_counters(struct report *r, const char *name,
			  const char *device)
{
	char text[4096];
	const char *error, *ago;

	if (!read_below(r, text, sizeof(text),
			"/sys/kernel/debug/hyperv/%s/utils", device))
		return;
	ago = value_of(text, "last_message_ms");
	fprintf(r->out, "    %s, version %s, %s messages", value_of(text, "state"),
		value_of(text, "version"), value_of(text, "messages"));
	if (*ago)
		fprintf(r->out, ", the last %s ms ago", ago);
	fputc('\n', r->out);
	if (!strcmp(name, "heartbeat") && *ago && atol(ago) > STALE_MS)
		advise(r, "no heartbeat for %ld s: the host does not ask any more",
		       atol(ago) / 1000);
	error = value_of(text, "last_error");
	if (*error && strcmp(error, "none"))
		fprintf(r->out, "    last error: %s\n", error);
}

static bool alive(const char *pid_text)
{
	long pid = atol(pid_text);

	return pid > 0 && (!kill((pid_t)pid, 0) || errno == EPERM);
}

static void show_time(FILE *out, const char *text)
{
	time_t t = (time_t)atoll(text);
	char shown[64];
	struct tm tm;

	if (t && localtime_r(&t, &tm) &&
	    strftime(shown, sizeof(shown), "%F %T", &tm))
		fprintf(out, ", last request %s", shown);
}

static void show_daemon(struct report *r, const char *name, bool offered)
{
	char text[2048];
	const char *error;

	if (!read_below(r, text, sizeof(text), "/run/openlis/%s", name) ||
	    !alive(value_of(text, "pid"))) {
		fprintf(r->out, "    %s does not run\n", name);
		if (offered)
			advise(r, "%s does not run: systemctl enable --now %s (or that of the distribution runs instead)",
			       name, name);
		return;
	}
	fprintf(r->out, "    %s runs (%s), %s, %s requests, %s errors", name,
		value_of(text, "pid"),
		strcmp(value_of(text, "connected"), "yes") ?
		"waits for its device" : "connected",
		value_of(text, "requests"), value_of(text, "errors"));
	show_time(r->out, value_of(text, "last_time"));
	fputc('\n', r->out);
	error = value_of(text, "last_error");
	if (*error)
		fprintf(r->out, "    last error: %s\n", error);
	if (offered && strcmp(value_of(text, "connected"), "yes"))
		advise(r, "%s runs but has no device: is hv_utils loaded, and no other daemon of that kind?",
		       name);
}

static void show_service(struct report *r, size_t i)
{
	bool offered, bound;
	char device[64];

	offered = find_device(r, services[i].class_id, device, sizeof(device));
	bound = offered && exists(r, device, "driver");
	fprintf(r->out, "  %-20s %s\n", services[i].name,
		!offered ? "not offered by the host" :
		bound ? "in use" : "offered, but no driver has it");
	if (offered && !bound)
		advise(r, "%s: no driver has the device (modprobe hv_utils)",
		       services[i].name);
	if (bound)
		show_counters(r, services[i].name, device);
	if (services[i].daemon)
		show_daemon(r, services[i].daemon, offered);
}

int lis_status(const char *root, FILE *out)
{
	struct report r = { .root = root, .out = out };
	size_t i;

	show_modules(&r);
	fputs("services\n", out);
	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		show_service(&r, i);
	if (r.problems)
		fprintf(out, "what to do\n%s", r.advice);
	else
		fputs("all is well\n", out);
	return r.problems ? 1 : 0;
}
