// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the network configuration of an adapter is: from the kernel, and from
 * the scripts of those who have their own.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ip.h"
#include "scripts.h"
#include "tools/lib/file.h"
#include "tools/lib/service.h"
#include "tools/lib/text.h"

#define TABLE_MAX	65536

/* A file of an interface in sysfs; false if there is none. */
static bool read_attribute(const char *root, const char *name,
			   const char *file, char *out, size_t size)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/sys/class/net/%s/%s", root,
			name, file) < (int)sizeof(path) &&
	       file_line(path, out, size) > 0;
}

/* "{GUID}" or "GUID" against the same, "aa:bb", "AA-BB", "AABB" alike */
static bool same_id(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "{}:-");
		b += strspn(b, "{}:-");
		if (strncasecmp(a, b, 1))
			return false;
		if (!*a)
			return true;
	}
}

bool ip_find(const char *root, const char *adapter, char *name, char *mac)
{
	char dir[PATH_MAX], text[64], guid[64];
	struct dirent *entry;
	bool found = false, vmbus;
	DIR *d;

	if (!*adapter || !file_path(dir, sizeof(dir), root, "/sys/class/net"))
		return false;
	d = opendir(dir);
	while (d && (entry = readdir(d))) {
		if (*entry->d_name == '.' ||
		    strlen(entry->d_name) >= IF_NAMESIZE ||
		    !read_attribute(root, entry->d_name, "address", text,
				    sizeof(text)))
			continue;
		/* a virtual function has the same address, but no such id */
		vmbus = read_attribute(root, entry->d_name, "device/device_id",
				       guid, sizeof(guid));
		if (!same_id(text, adapter) &&
		    !(vmbus && same_id(guid, adapter)))
			continue;
		if (found && !vmbus)
			continue;
		strcpy(name, entry->d_name);
		text_cut(mac, 18, text);
		found = true;
	}
	if (d)
		closedir(d);
	return found;
}

/* A list in a field of the message: it ends, or is left as it was. */
static void put(void *field, size_t size, const char *value)
{
	char *list = field;

	text_add(list, size, "%s%s", *list ? ";" : "", value);
}

static unsigned int prefix_of(const struct sockaddr *mask)
{
	char text[IP_TEXT] = "";
	bool v6 = mask && mask->sa_family == AF_INET6;
	int n;

	if (!mask)
		return 0;
	if (v6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)mask)->sin6_addr,
			  text, sizeof(text));
	else
		inet_ntop(AF_INET, &((struct sockaddr_in *)mask)->sin_addr,
			  text, sizeof(text));
	n = ip_prefix(text, v6);
	return n < 0 ? 0 : (unsigned int)n;
}

static bool address_text(const struct ifaddrs *a, char *text)
{
	const void *address;

	if (!a->ifa_addr)
		return false;
	if (a->ifa_addr->sa_family == AF_INET)
		address = &((struct sockaddr_in *)a->ifa_addr)->sin_addr;
	else if (a->ifa_addr->sa_family == AF_INET6)
		address = &((struct sockaddr_in6 *)a->ifa_addr)->sin6_addr;
	else
		return false;
	return inet_ntop(a->ifa_addr->sa_family, address, text, IP_TEXT);
}

static void put_addresses(const char *name, struct hv_kvp_ipaddr_value *v)
{
	struct ifaddrs *all, *a;
	char text[IP_TEXT], mask[IP_TEXT];

	if (getifaddrs(&all))
		return;
	for (a = all; a; a = a->ifa_next) {
		if (strcmp(a->ifa_name, name) || !address_text(a, text))
			continue;
		if (a->ifa_addr->sa_family == AF_INET) {
			v->addr_family |= ADDR_FAMILY_IPV4;
			ip_netmask(mask, sizeof(mask),
				   prefix_of(a->ifa_netmask));
		} else {
			v->addr_family |= ADDR_FAMILY_IPV6;
			snprintf(mask, sizeof(mask), "/%u",
				 prefix_of(a->ifa_netmask));
		}
		put(v->ip_addr, sizeof(v->ip_addr), text);
		put(v->sub_net, sizeof(v->sub_net), mask);
	}
	freeifaddrs(all);
}

/* Default routes, as /proc/net/route tells: addresses in hexadecimal */
static void put_gateways4(const char *root, const char *name,
			  struct hv_kvp_ipaddr_value *v)
{
	static char table[TABLE_MAX];
	char path[PATH_MAX], dev[32], text[IP_TEXT], *line, *save = NULL;
	struct in_addr gateway;
	unsigned int dest, addr, mask;

	if (!file_path(path, sizeof(path), root, "/proc/net/route"))
		return;
	file_read(path, table, sizeof(table));
	for (line = strtok_r(table, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%31s %x %x %*s %*s %*s %*s %x", dev, &dest,
			   &addr, &mask) != 4 ||
		    strcmp(dev, name) || dest || mask || !addr)
			continue;
		gateway.s_addr = addr;
		inet_ntop(AF_INET, &gateway, text, sizeof(text));
		put(v->gate_way, sizeof(v->gate_way), text);
	}
}

static void put_gateways6(const char *root, const char *name,
			  struct hv_kvp_ipaddr_value *v)
{
	static char table[TABLE_MAX];
	char path[PATH_MAX], dev[32], hex[33], text[IP_TEXT];
	char *line, *save = NULL;
	struct in6_addr gateway;
	unsigned int bits, i;

	if (!file_path(path, sizeof(path), root, "/proc/net/ipv6_route"))
		return;
	file_read(path, table, sizeof(table));
	for (line = strtok_r(table, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%*s %x %*s %*s %32s %*s %*s %*s %*s %31s",
			   &bits, hex, dev) != 3 ||
		    strcmp(dev, name) || bits || strlen(hex) != 32 ||
		    strspn(hex, "0") == 32 || strspn(line, "0") != 32)
			continue;
		for (i = 0; i < 16; i++)
			if (sscanf(hex + 2 * i, "%2hhx",
				   &gateway.s6_addr[i]) != 1)
				return;
		inet_ntop(AF_INET6, &gateway, text, sizeof(text));
		put(v->gate_way, sizeof(v->gate_way), text);
	}
}

static void put_servers(const char *root, struct hv_kvp_ipaddr_value *v)
{
	static char text[TABLE_MAX];
	char path[PATH_MAX], server[64], *line, *save = NULL;
	bool script = scripts_ask(root, "hv_get_dns_info", NULL, text,
				  sizeof(text));

	if (!script) {
		if (!file_path(path, sizeof(path), root, "/etc/resolv.conf"))
			return;
		file_read(path, text, sizeof(text));
	}
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, script ? "%63s" : "nameserver %63s",
			   server) == 1)
			put(v->dns_addr, sizeof(v->dns_addr), server);
}

/* An IPv4 address that does not stay: it was leased. */
static bool leased(const char *name)
{
	struct {
		struct nlmsghdr head;
		struct ifaddrmsg body;
	} ask = {
		.head = {
			.nlmsg_len = sizeof(ask),
			.nlmsg_type = RTM_GETADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.body.ifa_family = AF_INET,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	unsigned int index = if_nametoindex(name);
	struct timeval limit = { .tv_sec = 2 };
	static char buf[TABLE_MAX];
	struct nlmsghdr *head;
	struct ifaddrmsg *body;
	bool found = false, more = fd >= 0 && index;
	ssize_t got;

	if (more)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (more && send(fd, &ask, sizeof(ask), 0) != sizeof(ask))
		more = false;
	while (more) {
		got = recv(fd, buf, sizeof(buf), 0);
		head = (struct nlmsghdr *)buf;
		if (got <= 0)
			break;
		for (; NLMSG_OK(head, got); head = NLMSG_NEXT(head, got)) {
			if (head->nlmsg_type != RTM_NEWADDR) {
				more = false;	/* the end, or an error */
				break;
			}
			body = NLMSG_DATA(head);
			if (body->ifa_index == index &&
			    !(body->ifa_flags & IFA_F_PERMANENT))
				found = true;
		}
	}
	if (fd >= 0)
		close(fd);
	return found;
}

__u32 ip_query(const char *root, const char *name,
	       struct hv_kvp_ipaddr_value *v)
{
	char answer[64];

	v->addr_family = ADDR_FAMILY_NONE;
	memset(v->ip_addr, 0, sizeof(v->ip_addr));
	memset(v->sub_net, 0, sizeof(v->sub_net));
	memset(v->gate_way, 0, sizeof(v->gate_way));
	memset(v->dns_addr, 0, sizeof(v->dns_addr));
	put_addresses(name, v);
	put_gateways4(root, name, v);
	put_gateways6(root, name, v);
	put_servers(root, v);
	if (scripts_ask(root, "hv_get_dhcp_info", name, answer, sizeof(answer)))
		v->dhcp_enabled = !strncmp(answer, "Enabled", 7);
	else
		v->dhcp_enabled = leased(name);
	return HV_S_OK;
}

static bool has_all(const struct ip_config *c)
{
	struct ifaddrs *all, *a;
	char text[IP_TEXT];
	size_t i, n = 0;

	if (getifaddrs(&all))
		return false;
	for (i = 0; i < c->addresses.count; i++)
		for (a = all; a; a = a->ifa_next)
			if (!strcmp(a->ifa_name, c->name) &&
			    address_text(a, text) &&
			    !strcmp(text, c->addresses.at[i].text)) {
				n++;
				break;
			}
	freeifaddrs(all);
	return n == c->addresses.count;
}

bool ip_there(const struct ip_config *c, int limit_ms)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};
	int64_t end = service_now() + limit_ms, left;
	struct pollfd p = { .events = POLLIN };
	char buf[8192];
	bool there;

	p.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		      NETLINK_ROUTE);
	if (p.fd >= 0 && bind(p.fd, (void *)&address, sizeof(address))) {
		close(p.fd);
		p.fd = -1;
	}
	while (!(there = has_all(c))) {
		left = end - service_now();
		if (left <= 0)
			break;
		/* look once a second even if no event comes */
		poll(&p, 1, left < 1000 ? (int)left : 1000);
		while (p.fd >= 0 && recv(p.fd, buf, sizeof(buf), 0) > 0)
			;
	}
	if (p.fd >= 0)
		close(p.fd);
	return there;
}
