// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsvmbus: lists the devices that the host offers on the VMBus.
 */
#include <getopt.h>
#include <stdlib.h>

#include "bus.h"

static void usage(FILE *out)
{
	fprintf(out,
		"usage: lsvmbus [-v | -vv] [--sysfs DIR]\n"
		"Lists the devices that the Hyper-V host offers on the VMBus.\n"
		"\n"
		"  -v, --verbose    also class ids, channels and their CPUs\n"
		"  -vv              also device ids and sysfs paths\n"
		"      --sysfs DIR  where sysfs is mounted (default /sys)\n"
		"  -V, --version    print the version\n"
		"  -h, --help       this text\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "sysfs", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *sysfs = "/sys";
	char why[2304];
	struct bus bus;
	int verbose = 0;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "vVh", options, NULL)) != -1) {
		switch (opt) {
		case 'v':
			verbose++;
			break;
		case 's':
			sysfs = optarg;
			break;
		case 'V':
			puts("lsvmbus (OpenLIS) " LIS_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:	/* getopt has named the option */
			fprintf(stderr, "Try lsvmbus --help.\n");
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "lsvmbus: unexpected argument '%s'\nTry lsvmbus --help.\n",
			argv[optind]);
		return 2;
	}

	err = bus_read(&bus, sysfs, why, sizeof(why));
	if (err)
		fprintf(stderr, "lsvmbus: %s\n", why);
	else
		bus_print(&bus, verbose, stdout);
	bus_free(&bus);
	if (!err && fflush(stdout)) {
		perror("lsvmbus: standard output");
		err = -1;
	}
	return err ? 1 : 0;
}
