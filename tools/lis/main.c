// SPDX-License-Identifier: GPL-2.0-only
/*
 * lis: one command for what runs of OpenLIS in this guest.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lis.h"

static void usage(FILE *out)
{
	fputs("usage: lis [--root DIR] COMMAND\n"
	      "\n"
	      "  status                        modules, services, daemons, and what to do\n"
	      "  kvp list [--pool P]           pairs of one pool, or of all\n"
	      "  kvp get [--pool P] KEY        a value; without P from the host's pools, then ours\n"
	      "  kvp set [--pool P] KEY VALUE  tell the host (pool guest)\n"
	      "  kvp delete [--pool P] KEY\n"
	      "\n"
	      "P: external (from the host), guest (to the host), auto (made by the daemon),\n"
	      "auto-external (about the host), auto-internal, or 0 to 4.\n"
	      "\n"
	      "      --root DIR  look below DIR instead of /\n"
	      "  -V, --version   print the version\n"
	      "  -h, --help      this text\n", out);
}

static int bad_usage(const char *why, const char *what)
{
	fprintf(stderr, "lis: %s%s\nTry lis --help.\n", why, what);
	return 2;
}

static int run(const char *root, int argc, char **argv)
{
	if (!strcmp(argv[0], "status"))
		return argc == 1 ? lis_status(root, stdout) :
			bad_usage("unexpected argument ", argv[1]);
	if (strcmp(argv[0], "kvp"))
		return bad_usage("there is no command ", argv[0]);
	if (argc == 1)
		return bad_usage("kvp wants get, set, list or delete", "");
	return lis_kvp(root, argc - 1, argv + 1, stdout);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *root = "";
	int opt, status;

	while ((opt = getopt_long(argc, argv, "+Vh", options, NULL)) != -1) {
		switch (opt) {
		case 'r':
			root = optarg;
			break;
		case 'V':
			puts("lis (OpenLIS) " LIS_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			fputs("Try lis --help.\n", stderr);
			return 2;
		}
	}
	if (optind == argc)
		return bad_usage("a command is missing", "");
	status = run(root, argc - optind, argv + optind);
	if (fflush(stdout)) {
		perror("lis: standard output");
		return 1;
	}
	return status;
}
