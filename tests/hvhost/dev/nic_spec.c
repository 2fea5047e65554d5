// SPDX-License-Identifier: GPL-2.0-only
/*
 * "BACKEND[,mac=M][,queues=N][,nvsp=V][,link=down]"
 * Locking: none, no state.
 */
#include "nic_spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nic.h"

#define QUEUES_DEFAULT	8

static bool parse_mac(struct nic_spec *n, const char *text)
{
	unsigned int b[NET_MAC_BYTES];
	char end;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2],
		   &b[3], &b[4], &b[5], &end) != NET_MAC_BYTES || b[0] & 1)
		return false;
	for (unsigned int i = 0; i < NET_MAC_BYTES; i++)
		n->mac[i] = b[i];
	n->mac_given = true;
	return true;
}

static bool parse_queues(struct nic_spec *n, const char *text)
{
	char *end;

	n->queues = strtoul(text, &end, 10);
	return *text && !*end && n->queues && n->queues <= NIC_QUEUES_MAX;
}

static bool parse_nvsp(struct nic_spec *n, const char *text)
{
	static const struct {
		const char *text;
		uint32_t version;
	} versions[] = {
		{ "1", LIS_NVSP_V1 }, { "2", LIS_NVSP_V2 },
		{ "4", LIS_NVSP_V4 }, { "5", LIS_NVSP_V5 },
		{ "6", LIS_NVSP_V6 }, { "6.1", LIS_NVSP_V6_1 },
	};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (!strcmp(versions[i].text, text))
			n->nvsp = versions[i].version;
	return n->nvsp;
}

static bool parse_word(struct nic_spec *n, const char *word)
{
	if (!strncmp(word, "mac=", 4))
		return parse_mac(n, word + 4);
	if (!strncmp(word, "queues=", 7))
		return parse_queues(n, word + 7);
	if (!strncmp(word, "nvsp=", 5))
		return parse_nvsp(n, word + 5);
	if (!strcmp(word, "link=down"))
		n->link_down = true;
	return !strncmp(word, "link=", 5) &&
	       (n->link_down || !strcmp(word, "link=up"));
}

bool nic_spec_parse(struct nic_spec *n, const char *spec, char **error)
{
	char *copy = strdup(spec), *rest = copy, *word;
	bool ok = true;

	if (!copy)
		abort();
	*n = (struct nic_spec){ .queues = QUEUES_DEFAULT };
	word = strsep(&rest, ",");
	if (strlen(word) >= sizeof(n->backend)) {
		ok = false;
	} else {
		strcpy(n->backend, word);
		while (ok && (word = strsep(&rest, ",")))
			ok = parse_word(n, word);
	}
	if (!ok && asprintf(error, "nic %s: bad part: %s", spec, word) < 0)
		*error = NULL;
	free(copy);
	return ok;
}
