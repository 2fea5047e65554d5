// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest tells the host about itself: see facts.h.  Nothing here
 * waits for a name server or another program: the host waits for us.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "facts.h"
#include "tools/lib/file.h"
#include "tools/lib/text.h"

#define SMALL_FILE	16384

enum {
	FQDN,
	SERVICES,
	IPV4,
	IPV6,
	BUILD,
	OS_NAME,
	MAJOR,
	MINOR,
	OS_VERSION,
	MACHINE,
};

static const char *const names[KVP_FACTS] = {
	[FQDN] = "FullyQualifiedDomainName",
	[SERVICES] = "IntegrationServicesVersion",
	[IPV4] = "NetworkAddressIPv4",
	[IPV6] = "NetworkAddressIPv6",
	[BUILD] = "OSBuildNumber",
	[OS_NAME] = "OSName",
	[MAJOR] = "OSMajorVersion",
	[MINOR] = "OSMinorVersion",
	[OS_VERSION] = "OSVersion",
	[MACHINE] = "ProcessorArchitecture",
};

/* Copies what is between the quotes, if there are any. */
static void unquote(char *out, size_t size, const char *from, size_t len)
{
	size_t used = 0;
	char quote = 0;

	if (len && (*from == '"' || *from == '\'')) {
		quote = *from++;
		len--;
	}
	for (; len && used < size - 1; from++, len--) {
		if (*from == quote || (!quote && isspace((unsigned char)*from)))
			break;
		if (*from == '\\' && quote == '"' && len > 1) {
			from++;
			len--;
		}
		out[used++] = *from;
	}
	out[used] = '\0';
}

/* Takes the next line off @text into @line (cut to fit); false at the end. */
static bool next_line(const char **text, char *line, size_t size)
{
	size_t len = strcspn(*text, "\n");

	if (!**text)
		return false;
	snprintf(line, size, "%.*s", (int)(len < size ? len : size - 1), *text);
	*text += len + ((*text)[len] == '\n');
	return true;
}

void kvp_os_release(char *out, size_t size, const char *text, const char *name)
{
	size_t len = strlen(name);
	char line[512];

	out[0] = '\0';
	while (next_line(&text, line, sizeof(line)))
		if (!strncmp(line, name, len) && line[len] == '=')
			unquote(out, size, line + len + 1,
				strlen(line + len + 1));
}

/* The name with dots of a line of the hosts file that also has @name */
static bool full_name_in(char *line, const char *name, char *out, size_t size)
{
	const char *full = NULL;
	bool ours = false;
	char *word, *save = NULL;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, " \t", &save);	/* the address */
	while (word && (word = strtok_r(NULL, " \t", &save))) {
		if (!strcmp(word, name))
			ours = true;
		else if (!full && !strncmp(word, name, strlen(name)) &&
			 word[strlen(name)] == '.')
			full = word;
	}
	if (!ours || !full)
		return false;
	text_cut(out, size, full);
	return true;
}

void kvp_full_name(char *out, size_t size, const char *name, const char *hosts,
		   const char *resolv)
{
	char line[512], domain[256] = "", last[256];

	text_cut(out, size, name);
	if (strchr(name, '.') || !*name)
		return;
	while (next_line(&hosts, line, sizeof(line)))
		if (full_name_in(line, name, out, size))
			return;
	/* of several lines the last counts, of a search list its first */
	while (next_line(&resolv, line, sizeof(line)))
		if (sscanf(line, "domain %255s", last) == 1 ||
		    sscanf(line, "search %255s", last) == 1)
			strcpy(domain, last);
	if (*domain && strcmp(domain, "."))
		text_add(out, size, ".%s", domain);
}

/* All addresses but those of the loopback, with ';' between them */
static void addresses(char *out, size_t size, int family)
{
	struct ifaddrs *all, *a;
	char text[INET6_ADDRSTRLEN];
	const void *address;

	out[0] = '\0';
	if (getifaddrs(&all))
		return;
	for (a = all; a; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != family ||
		    a->ifa_flags & IFF_LOOPBACK)
			continue;
		address = family == AF_INET ?
			(void *)&((struct sockaddr_in *)a->ifa_addr)->sin_addr :
			(void *)&((struct sockaddr_in6 *)a->ifa_addr)->sin6_addr;
		if (inet_ntop(family, address, text, sizeof(text)) &&
		    !text_add(out, size, "%s%s", *out ? ";" : "", text))
			break;
	}
	freeifaddrs(all);
}

static void read_below(const char *root, const char *path, char *out)
{
	char full[PATH_MAX];

	out[0] = '\0';
	if (file_path(full, sizeof(full), root, path))
		file_read(full, out, SMALL_FILE);
}

static void put(struct kvp_facts *facts, int which, const char *value)
{
	text_printable(facts->pair[which].value, KVP_VALUE_MAX, value);
}

static void put_system(struct kvp_facts *facts, const char *root)
{
	char text[SMALL_FILE], value[256], *dot;

	read_below(root, "/etc/os-release", text);
	if (!*text)
		read_below(root, "/usr/lib/os-release", text);
	kvp_os_release(value, sizeof(value), text, "NAME");
	if (!*text) {
		/* before there was os-release (EL6): "CentOS release 6.10 (Final)" */
		read_below(root, "/etc/redhat-release", text);
		snprintf(value, sizeof(value), "%.*s",
			 (int)strcspn(text, "\n"), text);
	}
	put(facts, OS_NAME, *value ? value : "Linux");

	kvp_os_release(value, sizeof(value), text, "VERSION_ID");
	dot = strchr(value, '.');
	if (dot)
		*dot++ = '\0';
	put(facts, MAJOR, value);
	put(facts, MINOR, dot ? dot : "");
}

static void put_kernel(struct kvp_facts *facts, const char *root)
{
	char hosts[SMALL_FILE], resolv[SMALL_FILE], full[256];
	struct utsname uts;

	if (uname(&uts))
		return;
	put(facts, BUILD, uts.release);
	put(facts, MACHINE, uts.machine);
	read_below(root, "/etc/hosts", hosts);
	read_below(root, "/etc/resolv.conf", resolv);
	kvp_full_name(full, sizeof(full), uts.nodename, hosts, resolv);
	put(facts, FQDN, full);
	uts.release[strcspn(uts.release, "-+")] = '\0';
	put(facts, OS_VERSION, uts.release);
}

void kvp_facts_read(struct kvp_facts *facts, const char *root,
		    const char *services)
{
	int i;

	memset(facts, 0, sizeof(*facts));
	for (i = 0; i < KVP_FACTS; i++)
		strcpy(facts->pair[i].key, names[i]);
	put(facts, SERVICES, services);
	addresses(facts->pair[IPV4].value, KVP_VALUE_MAX, AF_INET);
	addresses(facts->pair[IPV6].value, KVP_VALUE_MAX, AF_INET6);
	put_system(facts, root);
	put_kernel(facts, root);
}
