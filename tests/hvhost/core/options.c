/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parse hvhost's command line.  Whatever is wrong ends in one line that names
 * the option and its value, and status 2; files that must exist are looked at
 * here, so that a typing error is not found after a boot.
 */
#include "core/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "vmbus/server.h"

#define MIB	(1024ull * 1024)

static const char help_text[] =
"Usage: hvhost --kernel BZIMAGE [OPTION]...\n"
"Boot a Linux kernel on KVM as a Hyper-V generation-2 guest with a VMBus.\n"
"\n"
"  --kernel FILE          bzImage, or unpacked vmlinux, to boot\n"
"  --initrd FILE          initial RAM disk\n"
"  --append STRING        kernel command line\n"
"  --resume FILE          go on with the guest that 'hvctl save' left there; the\n"
"                         kernel is for its later boots\n"
"  --cpus N               virtual processors, 1-64 (default 1)\n"
"  --mem SIZE             memory, with suffix K, M or G (default 512M)\n"
"  --mmio-gap MB          hole below 4 GiB, 32-3072 (default 1024)\n"
"  --serial FILE|-        console output of COM1 (default -: stdout)\n"
"  --agent SOCKET         UNIX stream socket to listen on for COM2\n"
"  --control SOCKET       UNIX stream socket to listen on for hvctl(1)\n"
"  --disk FILE[,controller=N][,lun=N][,ro][,sectors=512|4096][,physical=512|4096]\n"
"         [,removable][,shared][,unmap=SIZE[,unmap-offset=SIZE]]\n"
"         [,format=raw|vhd|vhdx|qcow2][,cache=host|volatile|lying]\n"
"                         SCSI disk backed by a raw file, or an image whose\n"
"                         name ends in .vhd, .vhdx or .qcow2; repeatable\n"
"  --disk FILE,bus=ide[,controller=N][,...]\n"
"                         disk of an accelerated IDE channel: N 0 and 1 are the\n"
"                         primary's devices, 2 and 3 the secondary's\n"
"  --disk FILE,bus=fc[,controller=N][,target=N][,lun=N][,...]\n"
"                         disk behind a Fibre Channel adapter, which comes with it\n"
"  --fc N[,wwnn=HEX][,wwpn=HEX]\n"
"                         Fibre Channel adapter with names of 16 hex digits\n"
"  --disk FILE,dvd[,...]  DVD drive with that ISO image in it, \"none\": empty\n"
"  --nic tap=NAME|user|sink[,mac=MAC][,queues=N][,nvsp=VERSION][,link=down]\n"
"                         network adapter on a tap interface of the host, on\n"
"                         address translation, or on nothing; repeatable\n"
"  --ic all|NAME[=PERIOD][,...]\n"
"                         integration components: shutdown, timesync[=SECONDS],\n"
"                         heartbeat[=MS], kvp, vss, fcopy; default none\n"
"  --generation NAME      host to imitate (default ws2022):";

static const char help_rest[] =
"  --vmbus-version M.m    highest VMBus version to accept\n"
"  --vp-index identity|permuted\n"
"                         VP indices that equal, or differ from, CPU numbers\n"
"                         (default identity)\n"
"  --subchannels N        storvsp sub-channels granted, 0-64 (default 8)\n"
"  --direct-timers on|off direct-mode synthetic timers (default on)\n"
"  --no-reboot            end when the guest resets instead of booting again\n"
"  --timeout SECONDS      limit of the whole run (default 300)\n"
"  --boot-limit SECONDS   to a booting guest's first sign of life (default 90,\n"
"                         0: none)\n"
"  --trace FILE           write one line per message and power event\n"
"  --stats FILE           write statistics as JSON at the end\n"
"  --help                 this text\n"
"\n"
"Exit status: 0 guest powered off; 2 bad usage; 3 guest crashed; 4 guest\n"
"broke the protocol; 5 time limit; 6 no sign of life at boot; 1 internal error;\n"
"130/143 on SIGINT/SIGTERM.\n";

enum opt {
	OPT_KERNEL = 256, OPT_INITRD, OPT_APPEND, OPT_RESUME, OPT_CPUS, OPT_MEM, OPT_GAP,
	OPT_SERIAL, OPT_AGENT, OPT_CONTROL, OPT_DISK, OPT_FC, OPT_NIC, OPT_IC,
	OPT_GENERATION,
	OPT_VMBUS, OPT_VP, OPT_SUB, OPT_DIRECT, OPT_NOREBOOT, OPT_TIMEOUT,
	OPT_BOOT_LIMIT, OPT_TRACE, OPT_STATS, OPT_HELP,
};

static const struct option longs[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "resume", required_argument, NULL, OPT_RESUME },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "mmio-gap", required_argument, NULL, OPT_GAP },
	{ "serial", required_argument, NULL, OPT_SERIAL },
	{ "agent", required_argument, NULL, OPT_AGENT },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "disk", required_argument, NULL, OPT_DISK },
	{ "fc", required_argument, NULL, OPT_FC },
	{ "nic", required_argument, NULL, OPT_NIC },
	{ "ic", required_argument, NULL, OPT_IC },
	{ "generation", required_argument, NULL, OPT_GENERATION },
	{ "vmbus-version", required_argument, NULL, OPT_VMBUS },
	{ "vp-index", required_argument, NULL, OPT_VP },
	{ "subchannels", required_argument, NULL, OPT_SUB },
	{ "direct-timers", required_argument, NULL, OPT_DIRECT },
	{ "no-reboot", no_argument, NULL, OPT_NOREBOOT },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "boot-limit", required_argument, NULL, OPT_BOOT_LIMIT },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "stats", required_argument, NULL, OPT_STATS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ }
};

static void help(void)
{
	const char *const *name;

	fputs(help_text, stdout);
	for (name = vmbus_generation_names(); *name; name++)
		printf("%s%s", (name - vmbus_generation_names()) % 4 ?
		       " " : "\n                         ", *name);
	printf("\n%s", help_rest);
	exit(0);
}

/* Whole decimal number in [min, max] */
static uint64_t number(const char *name, const char *text, uint64_t min,
		       uint64_t max)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || n < min || n > max)
		die(EXIT_USAGE, "--%s %s: want a number from %llu to %llu",
		    name, text, (unsigned long long)min,
		    (unsigned long long)max);
	return n;
}

static uint64_t size(const char *name, const char *text)
{
	unsigned long long n;
	int shift = 20;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	switch (*end) {
	case 'k': case 'K': shift = 10; end++; break;
	case 'm': case 'M': shift = 20; end++; break;
	case 'g': case 'G': shift = 30; end++; break;
	}
	if (errno || end == text || *end || *text == '-' || n >> 40)
		die(EXIT_USAGE, "--%s %s: want a size like 512M or 2G", name,
		    text);
	return (uint64_t)n << shift;
}

static bool on_off(const char *name, const char *text)
{
	if (!strcmp(text, "on"))
		return true;
	if (!strcmp(text, "off"))
		return false;
	die(EXIT_USAGE, "--%s %s: want on or off", name, text);
}

static const char *generation(const char *text)
{
	const char *const *name;

	for (name = vmbus_generation_names(); *name; name++)
		if (!strcmp(*name, text))
			return text;
	die(EXIT_USAGE, "--generation %s: no such host; see --help", text);
}

static void readable(const char *name, const char *path)
{
	if (access(path, R_OK))
		die(EXIT_USAGE, "--%s %s: %s", name, path, strerror(errno));
}

static void append(const char ***list, size_t *count, const char *spec)
{
	*list = reallocarray(*list, *count + 1, sizeof(**list));
	if (!*list)
		die(EXIT_INTERNAL, "out of memory");
	(*list)[(*count)++] = spec;
}

static void take(struct options *o, int opt, const char *arg)
{
	switch (opt) {
	case OPT_KERNEL: o->kernel = arg; break;
	case OPT_INITRD: o->initrd = arg; break;
	case OPT_APPEND: o->append = arg; break;
	case OPT_RESUME: o->resume = arg; break;
	case OPT_CPUS:
		o->cpus = number("cpus", arg, 1, HVHOST_MAX_CPUS);
		break;
	case OPT_MEM: o->mem = size("mem", arg); break;
	case OPT_GAP:
		o->mmio_gap = number("mmio-gap", arg, 32, 3072) * MIB;
		break;
	case OPT_SERIAL: o->serial = arg; break;
	case OPT_AGENT: o->agent = arg; break;
	case OPT_CONTROL: o->control = arg; break;
	case OPT_DISK: append(&o->disks, &o->disk_count, arg); break;
	case OPT_FC: append(&o->adapters, &o->adapter_count, arg); break;
	case OPT_NIC: append(&o->nics, &o->nic_count, arg); break;
	case OPT_IC: append(&o->services, &o->service_count, arg); break;
	case OPT_GENERATION: o->generation = generation(arg); break;
	case OPT_VMBUS:
		if (!vmbus_parse_version(arg, &o->vmbus_version))
			die(EXIT_USAGE, "--vmbus-version %s: no such version",
			    arg);
		break;
	case OPT_VP:
		o->vp_permuted = !strcmp(arg, "permuted");
		if (!o->vp_permuted && strcmp(arg, "identity"))
			die(EXIT_USAGE,
			    "--vp-index %s: want identity or permuted", arg);
		break;
	case OPT_SUB: o->subchannels = number("subchannels", arg, 0, 64); break;
	case OPT_DIRECT: o->direct_timers = on_off("direct-timers", arg); break;
	case OPT_NOREBOOT: o->no_reboot = true; break;
	case OPT_TIMEOUT: o->timeout = number("timeout", arg, 1, 86400); break;
	case OPT_BOOT_LIMIT:
		o->boot_limit = number("boot-limit", arg, 0, 86400);
		break;
	case OPT_TRACE: o->trace = arg; break;
	case OPT_STATS: o->stats = arg; break;
	case OPT_HELP: help(); break;
	}
}

/* getopt's own message would name the program's path and take two lines */
static void bad_option(int opt, char **argv)
{
	const char *word = argv[optind - 1];

	if (opt == ':')
		die(EXIT_USAGE, "%s: needs a value; see --help", word);
	die(EXIT_USAGE, "%s: unknown option; see --help", word);
}

static void check(const struct options *o)
{
	if (!o->kernel)
		die(EXIT_USAGE, "--kernel is missing; see --help");
	readable("kernel", o->kernel);
	if (o->initrd)
		readable("initrd", o->initrd);
	if (o->mem < 64 * MIB || o->mem > 64 * 1024 * MIB || o->mem % MIB)
		die(EXIT_USAGE, "--mem %lluK: want whole MiB, 64M to 64G",
		    (unsigned long long)o->mem / 1024);
}

void options_parse(struct options *o, int argc, char **argv)
{
	int opt;

	*o = (struct options) {
		.append = "", .cpus = 1, .mem = 512 * MIB,
		.mmio_gap = 1024 * MIB, .serial = "-", .generation = "ws2022",
		.subchannels = 8, .timeout = 300, .direct_timers = true,
		.boot_limit = 90,
	};
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			bad_option(opt, argv);
		take(o, opt, optarg);
	}
	if (optind < argc)
		die(EXIT_USAGE, "%s: unexpected argument; see --help",
		    argv[optind]);
	check(o);
}
