// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network configuration as NetworkManager, network-scripts, systemd-networkd,
 * netplan and ifupdown write it down.  Pure.  All that gets in comes from
 * ip_parse() and from the kernel, so there is nothing to quote.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ip.h"

#define BEGUN	"# openlis: begin "
#define ENDED	"# openlis: end "
#define TAKEN	"#openlis "

struct text {
	char *out;
	size_t size, used;
	bool full;
};

static void add(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(t->out + t->used, t->size - t->used, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= t->size - t->used)
		t->full = true;
	else
		t->used += (size_t)len;
}

/* The nth of a family; NULL if there are not so many */
static const struct ip_address *nth(const struct ip_list *list, bool v6,
				    size_t n)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->at[i].v6 == v6 && !n--)
			return &list->at[i];
	return NULL;
}

static bool any(const struct ip_list *list, bool v6)
{
	return nth(list, v6, 0);
}

static void keyfile_family(struct text *t, const struct ip_config *c, bool v6)
{
	const struct ip_address *a, *gateway = nth(&c->gateways, v6, 0);
	size_t i;

	add(t, "\n[ipv%d]\n", v6 ? 6 : 4);
	if (any(&c->addresses, v6))
		add(t, "method=manual\n");
	else if (c->dhcp || v6)
		add(t, "method=auto\n");
	else
		add(t, "method=disabled\n");
	for (i = 0; (a = nth(&c->addresses, v6, i)); i++)
		add(t, "address%zu=%s/%u\n", i + 1, a->text, a->prefix);
	if (gateway)
		add(t, "gateway=%s\n", gateway->text);
	for (i = 0; (a = nth(&c->servers, v6, i)); i++)
		add(t, "%s%s;", i ? "" : "dns=", a->text);
	if (i)
		add(t, "\n");
}

static void keyfile(struct text *t, const struct ip_config *c)
{
	add(t, "# Written by hv_kvp_daemon, as the Hyper-V host asked.\n"
	    "[connection]\nid=hyperv-%s\ntype=ethernet\ninterface-name=%s\n"
	    "autoconnect=true\nautoconnect-priority=999\n", c->name, c->name);
	add(t, "\n[ethernet]\nmac-address=%s\n", c->mac);
	keyfile_family(t, c, false);
	keyfile_family(t, c, true);
}

/* Numbers begin behind the first, which has none. */
static void numbered(struct text *t, const char *name, size_t i,
		     const char *value)
{
	if (i)
		add(t, "%s%zu=%s\n", name, i, value);
	else
		add(t, "%s=%s\n", name, value);
}

static void ifcfg_v6(struct text *t, const struct ip_config *c)
{
	const struct ip_address *a;
	size_t i;

	add(t, "IPV6INIT=yes\nIPV6_AUTOCONF=%s\n",
	    any(&c->addresses, true) ? "no" : "yes");
	if (c->dhcp)
		add(t, "DHCPV6C=yes\n");
	for (i = 0; (a = nth(&c->addresses, true, i)); i++) {
		if (!i) {
			add(t, "IPV6ADDR=%s/%u\nIPV6NETMASK=%u\n", a->text,
			    a->prefix, a->prefix);
			continue;
		}
		add(t, "%s%s/%u", i > 1 ? " " : "IPV6ADDR_SECONDARIES=\"",
		    a->text, a->prefix);
	}
	if (i > 1)
		add(t, "\"\n");
	a = nth(&c->gateways, true, 0);
	if (a)
		add(t, "IPV6_DEFAULTGW=%s\n", a->text);
}

static void ifcfg(struct text *t, const struct ip_config *c)
{
	const struct ip_address *a;
	char mask[16];
	size_t i;

	add(t, "# Written by hv_kvp_daemon, as the Hyper-V host asked.\n"
	    "HWADDR=%s\nDEVICE=%s\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=%s\n",
	    c->mac, c->name, c->dhcp ? "dhcp" : "none");
	add(t, "PEERDNS=%s\n", c->servers.count ? "no" : "yes");
	for (i = 0; (a = nth(&c->addresses, false, i)); i++) {
		ip_netmask(mask, sizeof(mask), a->prefix);
		numbered(t, "IPADDR", i, a->text);
		numbered(t, "NETMASK", i, mask);
	}
	for (i = 0; (a = nth(&c->gateways, false, i)); i++)
		numbered(t, "GATEWAY", i, a->text);
	for (i = 0; i < c->servers.count; i++)
		add(t, "DNS%zu=%s\n", i + 1, c->servers.at[i].text);
	ifcfg_v6(t, c);
}

static void networkd(struct text *t, const struct ip_config *c)
{
	size_t i;

	add(t, "# Written by hv_kvp_daemon, as the Hyper-V host asked.\n"
	    "[Match]\nName=%s\nMACAddress=%s\n\n[Network]\nDHCP=%s\n", c->name,
	    c->mac, c->dhcp ? "yes" : "no");
	for (i = 0; i < c->addresses.count; i++)
		add(t, "Address=%s/%u\n", c->addresses.at[i].text,
		    c->addresses.at[i].prefix);
	for (i = 0; i < c->gateways.count; i++)
		add(t, "Gateway=%s\n", c->gateways.at[i].text);
	for (i = 0; i < c->servers.count; i++)
		add(t, "DNS=%s\n", c->servers.at[i].text);
}

static void netplan(struct text *t, const struct ip_config *c)
{
	const struct ip_address *a;
	size_t i;

	add(t, "# Written by hv_kvp_daemon, as the Hyper-V host asked.\n"
	    "network:\n  version: 2\n  ethernets:\n    \"%s\":\n", c->name);
	add(t, "      dhcp4: %s\n      dhcp6: %s\n", c->dhcp ? "true" : "false",
	    c->dhcp ? "true" : "false");
	for (i = 0; i < c->addresses.count; i++) {
		a = &c->addresses.at[i];
		add(t, "%s      - \"%s/%u\"\n", i ? "" : "      addresses:\n",
		    a->text, a->prefix);
	}
	for (i = 0; i < c->gateways.count; i++) {
		a = &c->gateways.at[i];
		add(t, "%s      - to: \"%s\"\n        via: \"%s\"\n",
		    i ? "" : "      routes:\n", a->v6 ? "::/0" : "0.0.0.0/0",
		    a->text);
	}
	for (i = 0; i < c->servers.count; i++)
		add(t, "%s        - \"%s\"\n",
		    i ? "" : "      nameservers:\n        addresses:\n",
		    c->servers.at[i].text);
}

/* Does the line begin a stanza of the interfaces file? */
static bool begins_stanza(const char *word)
{
	static const char *const words[] = {
		"iface", "auto", "mapping", "source", "source-directory",
		"template", "rename", "no-auto-down", "no-scripts",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i]))
			return true;
	return !strncmp(word, "allow-", 6);
}

/* The file as it was, without our part, and with theirs about the interface
 * commented out.
 */
static void interfaces_without(struct text *t, const char *old,
			       const char *name)
{
	char line[1024], word[32], who[64], more[64];
	bool ours = false, taken = false;
	size_t len;
	int n;

	for (; old && *old; old += len + (old[len] == '\n')) {
		len = strcspn(old, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)(len < 1000 ? len : 1000),
			 old);
		n = sscanf(line, "%31s %63s %63s", word, who, more);
		if (!strncmp(line, BEGUN, strlen(BEGUN)) &&
		    !strcmp(line + strlen(BEGUN), name))
			ours = true;
		if (n > 0 && begins_stanza(word))
			taken = n >= 2 && !strcmp(who, name) &&
				(!strcmp(word, "iface") || n == 2);
		if (!ours)
			add(t, "%s%.*s\n",
			    taken && n > 0 && *word != '#' ? TAKEN : "",
			    (int)len, old);
		if (ours && !strncmp(line, ENDED, strlen(ENDED)))
			ours = false;
	}
}

static void ifupdown_family(struct text *t, const struct ip_config *c, bool v6)
{
	const char *family = v6 ? "inet6" : "inet";
	const struct ip_address *a, *gateway = nth(&c->gateways, v6, 0);
	size_t i, j;

	if (c->dhcp)
		add(t, "iface %s %s %s\n", c->name, family, v6 ? "auto" : "dhcp");
	for (i = 0; (a = nth(&c->addresses, v6, i)); i++) {
		add(t, "iface %s %s static\n\taddress %s/%u\n", c->name, family,
		    a->text, a->prefix);
		if (!i && gateway)
			add(t, "\tgateway %s\n", gateway->text);
		for (j = 0; !i && (a = nth(&c->servers, v6, j)); j++)
			add(t, "%s %s", j ? "" : "\tdns-nameservers", a->text);
		if (!i && j)
			add(t, "\n");
	}
}

static void ifupdown(struct text *t, const struct ip_config *c,
		     const char *old)
{
	interfaces_without(t, old, c->name);
	add(t, BEGUN "%s\nauto %s\n", c->name, c->name);
	ifupdown_family(t, c, false);
	ifupdown_family(t, c, true);
	add(t, ENDED "%s\n", c->name);
}

bool ip_render(enum ip_form form, const struct ip_config *c, const char *old,
	       char *out, size_t size)
{
	struct text t = { .out = out, .size = size };

	switch (form) {
	case IP_KEYFILE:
		keyfile(&t, c);
		break;
	case IP_IFCFG:
		ifcfg(&t, c);
		break;
	case IP_NETWORKD:
		networkd(&t, c);
		break;
	case IP_NETPLAN:
		netplan(&t, c);
		break;
	case IP_IFUPDOWN:
		ifupdown(&t, c, old);
		break;
	default:
		return false;
	}
	return !t.full;
}
