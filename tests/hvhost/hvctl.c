/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl: tell a running hvhost what to do.  The words of the command line go
 * to hvhost as they are; hvhost judges them.  Single-threaded.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <json-c/json.h>

enum { DONE = 0, REFUSED = 1, USAGE = 2 };

static const char help_text[] =
"Usage: hvctl [-s SOCKET] VERB [ARGUMENT]...\n"
"Control a running hvhost(1) through the SOCKET of its --control option\n"
"(default: $HVHOST_CONTROL).\n"
"\n"
"  ping                              is it there?\n"
"  power shutdown|reset|nmi|off      press the power button, reset, inject an\n"
"                                    NMI, pull the plug\n"
"  save FILE                         write a guest without bus driver to FILE,\n"
"                                    for hvhost's --resume, and end hvhost\n"
"  stats [--reset]                   counters as JSON\n"
"  disk list                         disks and what was done to them\n"
"  disk add FILE[,controller=N][,lun=N][,...]\n"
"                                    as with hvhost's --disk\n"
"  disk remove CONTROLLER:LUN\n"
"  disk resize CONTROLLER:LUN BYTES\n"
"  disk eject CONTROLLER:LUN         take the medium out of a drive\n"
"  disk insert CONTROLLER:LUN FILE   put another one in\n"
"  disk fail CONTROLLER:LUN EVERY_N  fail every Nth request, 0 = none\n"
"  disk delay CONTROLLER:LUN MS [COUNT]\n"
"                                    hold each request that long, or the next so\n"
"                                    many\n"
"  disk answer CONTROLLER:LUN SRB SCSI SENSE [COUNT [OPCODE]]\n"
"                                    answer the next so many reads and writes,\n"
"                                    or commands of that opcode (or all), so\n"
"  nic list                          network adapters, what was agreed on, counts\n"
"  nic add BACKEND[,mac=MAC][,...]   as with hvhost's --nic\n"
"  nic link NIC up|down              pull its cable, or put it back\n"
"  ic list                           integration components, how they are\n"
"  ic add NAME[=PERIOD][,...]        as with hvhost's --ic\n"
"  ic wait NAME STATE                until it is ready, closed, ... or in contact\n"
"  ic negotiate NAME                 offer versions again\n"
"  ic period NAME MS                 time samples, heartbeats that often\n"
"  ic shutdown [--reboot|--hibernate] [--force]\n"
"                                    ask the guest to end\n"
"  ic time [--offset SECONDS] [--sync|--sample|--probe]\n"
"                                    what time it is\n"
"  kvp list|get KEY|set KEY VALUE|delete KEY [--pool P]\n"
"                                    the guest's key/value pairs\n"
"  kvp ip-get ADAPTER, kvp ip-set ADAPTER [--dhcp] [--address A;...] ...\n"
"                                    addresses of its adapters\n"
"  vss check|freeze|thaw|...         backup\n"
"  fcopy FILE DEST [--overwrite] [--create-path], fcopy cancel\n"
"                                    write a file in the guest\n"
"  bus list                          channels offered\n"
"  bus rescind CONTROLLER            take a controller away, serving what is\n"
"                                    open until the guest closes it\n"
"  bus vanish CONTROLLER             the same, answering nothing any more\n"
"  bus reoffer CONTROLLER            and bring it back\n"
"  bus stall CONTROLLER              stop looking at its channels\n"
"  bus resume CONTROLLER             go on with what has piled up\n"
"  hostile NAME [DEVICE[.SUB]] [COUNT]\n"
"                                    break the protocol in a named way\n"
"  wait EVENT [SECONDS]              until it happens: connected, disconnected,\n"
"                                    opened, closed, released, reboot\n"
"\n"
"Exit status: 0 done; 1 refused or no answer; 2 bad usage.\n";

static void die(int status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

static void die(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("hvctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

static FILE *dial(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(sa.sun_path))
		die(USAGE, "-s %s: path is too long", path);
	strcpy(sa.sun_path, path);
	if (fd < 0 || connect(fd, (void *)&sa, sizeof(sa)))
		die(REFUSED, "%s: %s", path, strerror(errno));
	return fdopen(fd, "r+");
}

static struct json_object *request(char **words)
{
	struct json_object *r = json_object_new_object();
	struct json_object *args = json_object_new_array();

	json_object_object_add(r, "verb", json_object_new_string(*words++));
	for (; *words; words++)
		json_object_array_add(args, json_object_new_string(*words));
	json_object_object_add(r, "args", args);
	return r;
}

static struct json_object *ask(const char *path, struct json_object *r)
{
	struct json_object *reply;
	FILE *f = dial(path);
	char *line = NULL;
	size_t size = 0;

	if (!f || fprintf(f, "%s\n", json_object_to_json_string_ext(r,
					JSON_C_TO_STRING_PLAIN)) < 0 ||
	    fflush(f) || getline(&line, &size, f) <= 0)
		die(REFUSED, "%s: hvhost hung up", path);
	reply = json_tokener_parse(line);
	if (!json_object_is_type(reply, json_type_object))
		die(REFUSED, "%s: answer is not JSON: %s", path, line);
	free(line);
	fclose(f);
	return reply;
}

/* What the reply says beyond "ok" goes to stdout */
static void show(struct json_object *reply)
{
	struct json_object *ok, *text;

	if (!json_object_object_get_ex(reply, "ok", &ok) ||
	    !json_object_get_boolean(ok)) {
		json_object_object_get_ex(reply, "error", &text);
		die(REFUSED, "%s", json_object_get_string(text) ?:
		    "refused without a reason");
	}
	json_object_object_del(reply, "ok");
	if (json_object_object_length(reply))
		printf("%s\n", json_object_to_json_string_ext(reply,
						JSON_C_TO_STRING_PRETTY));
}

int main(int argc, char **argv)
{
	const char *path = getenv("HVHOST_CONTROL");
	struct json_object *r, *reply;
	int opt;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(help_text, stdout);
		return DONE;
	}
	opterr = 0;
	while ((opt = getopt(argc, argv, "+:s:h")) != -1) {
		if (opt == 's')
			path = optarg;
		else if (opt == ':')
			die(USAGE, "-s: needs a socket; see --help");
		else
			die(USAGE, "%s: unknown option; see --help",
			    argv[optind - (optind > 1)]);
	}
	if (!argv[optind])
		die(USAGE, "no verb; see --help");
	if (!path)
		die(USAGE, "no socket: give -s SOCKET or set HVHOST_CONTROL");
	r = request(argv + optind);
	reply = ask(path, r);
	show(reply);
	json_object_put(reply);
	json_object_put(r);
	return DONE;
}
