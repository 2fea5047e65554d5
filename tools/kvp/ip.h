/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network configuration of one adapter: asked for by the host, and given
 * by it ("static IP injection").
 */
#ifndef KVP_IP_H
#define KVP_IP_H

#include <linux/hyperv.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#define IP_MAX		64	/* addresses, and as many gateways, servers */
#define IP_TEXT		46	/* an address, written down */

struct ip_address {
	bool v6;
	unsigned int prefix;
	char text[IP_TEXT];		/* as inet_ntop() writes it */
};

struct ip_list {
	struct ip_address at[IP_MAX];
	size_t count;
};

struct ip_config {
	char name[IF_NAMESIZE];		/* of the interface */
	char mac[18];			/* "00:15:5d:...", lower case */
	bool dhcp;
	struct ip_list addresses;
	struct ip_list gateways;
	struct ip_list servers;		/* of names */
};

/* --- what the host says (pure) --- */

/* Takes the lists apart; false, and a sentence in @why, if any is wrong. */
bool ip_parse(struct ip_config *c, const struct hv_kvp_ipaddr_value *v,
	      char *why, size_t why_size);

/* How many leading ones of a netmask, a prefix length, "/N"; -1 if none. */
int ip_prefix(const char *text, bool v6);
/* The netmask for a prefix length, dotted */
void ip_netmask(char *out, size_t size, unsigned int prefix);

/* --- how the ways to configure a network say it (pure) --- */

enum ip_form {
	IP_KEYFILE,		/* NetworkManager */
	IP_IFCFG,		/* the RHEL family's network-scripts */
	IP_NETWORKD,
	IP_NETPLAN,
	IP_IFUPDOWN,		/* needs the file as it was */
	IP_FORMS
};

/* The text of a file; false if it does not fit. @old is for IP_IFUPDOWN. */
bool ip_render(enum ip_form form, const struct ip_config *c, const char *old,
	       char *out, size_t size);

/* --- interfaces --- */

/*
 * The interface of an adapter, which the host names by its GUID or its MAC
 * address.  Of several with that address the synthetic one.  False if none.
 */
bool ip_find(const char *root, const char *adapter, char *name, char *mac);

/* Fills @v with what is; 0 or a status. */
__u32 ip_query(const char *root, const char *name,
	       struct hv_kvp_ipaddr_value *v);

/* --- changing it --- */

struct ip_way {
	const char *root;
	const char *backend;	/* "auto", one of ip_backends, or "none" */
	int limit_ms;		/* for each program */
	int settle_ms;		/* until the addresses are there */
	/* for tests others than run_program() and the kernel's tables */
	int (*run)(const char *const argv[], int limit_ms, char *out,
		   size_t out_size);
	bool (*there)(const struct ip_config *c, int limit_ms);
};

/* Names of backends, NULL at the end */
extern const char *const ip_backends[];

/* Which one "auto" means here; NULL if none is found. */
const char *ip_detect(const char *root);

/*
 * Makes it so, now and for the next boot.  If that fails, what was is put
 * back.  False, and a sentence in @why.
 */
bool ip_apply(const struct ip_way *way, const struct ip_config *c, char *why,
	      size_t why_size);

/* Are all fixed addresses of @c on its interface, within that time? */
bool ip_there(const struct ip_config *c, int limit_ms);

#endif
