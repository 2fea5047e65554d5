// SPDX-License-Identifier: GPL-2.0-only
/*
 * Synthetic Fibre Channel adapters: what --fc says, `hvctl fc ...`, and the
 * names that the guest asks for.  Their disks are the controller's.
 * Locking: see fc.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vmbus/server.h"
#include "controller.h"

/* As Hyper-V makes them: one node, ports with its prefix */
void fc_default_names(struct fc_names *names, unsigned int number)
{
	static const uint8_t node[FC_NAME_BYTES] = {
		0xc0, 0x03, 0xff, 0x00, 0x00, 0xff, 0xff, 0x00 };
	static const uint8_t port[FC_NAME_BYTES] = {
		0xc0, 0x03, 0xff, 0x4c, 0x49, 0x53, 0x00, 0x00 };

	memcpy(names->node, node, sizeof(node));
	for (unsigned int i = 0; i < 2; i++) {
		memcpy(names->port[i], port, sizeof(port));
		names->port[i][FC_NAME_BYTES - 1] = 2 * number + i;
	}
}

/* Sixteen hex digits, which are not all 0 */
static bool name(const char *text, uint8_t *to)
{
	char digits[2 * FC_NAME_BYTES + 1], *end;
	unsigned long long n;

	if (strlen(text) != sizeof(digits) - 1 ||
	    strspn(text, "0123456789abcdefABCDEF") != sizeof(digits) - 1)
		return false;
	n = strtoull(text, &end, 16);
	for (unsigned int i = FC_NAME_BYTES; i-- > 0; n >>= 8)
		to[i] = n;
	return strspn(text, "0") != sizeof(digits) - 1;
}

static bool option(struct fc_names *names, const char *word)
{
	if (!strncmp(word, "wwnn=", 5))
		return name(word + 5, names->node);
	if (strncmp(word, "wwpn=", 5) || !name(word + 5, names->port[0]))
		return false;
	memcpy(names->port[1], names->port[0], FC_NAME_BYTES);
	names->port[1][FC_NAME_BYTES - 1] ^= 1;
	return true;
}

bool fc_spec_parse(const char *spec, unsigned int *number,
		   struct fc_names *names, char **error)
{
	char *text = strdup(spec), *rest = text, *word;
	int n;

	if (!text)
		abort();
	word = strsep(&rest, ",");
	*number = word[0] - '0';
	if (strlen(word) == 1 && *number < DISK_CONTROLLERS) {
		fc_default_names(names, *number);
		while ((word = strsep(&rest, ",")))
			if (!option(names, word))
				break;
	}
	n = word ? asprintf(error, "fc %s: bad word \"%s\": want a number from 0 to %u, wwnn= and wwpn= with 16 hex digits",
			    spec, word, DISK_CONTROLLERS - 1) : 0;
	if (n < 0)
		*error = NULL;
	free(text);
	return !word;
}

void fc_answer(const struct fc_names *names, struct lis_stor_fc_wwn *wwn)
{
	memset(wwn, 0, sizeof(*wwn));
	wwn->primary_active = !atomic_load(&names->second);
	memcpy(wwn->primary_port, names->port[0], FC_NAME_BYTES);
	memcpy(wwn->primary_node, names->node, FC_NAME_BYTES);
	memcpy(wwn->secondary_port, names->port[1], FC_NAME_BYTES);
	memcpy(wwn->secondary_node, names->node, FC_NAME_BYTES);
}

bool vmbus_server_add_fc(struct vmbus_server *s, const char *spec,
			 char **error)
{
	struct controller *ctl;
	struct fc_names names;
	unsigned int number;

	*error = NULL;
	atomic_init(&names.second, false);
	if (!fc_spec_parse(spec, &number, &names, error))
		return false;
	if (controller_find(s, DISK_FC, number)) {
		if (asprintf(error, "fc %s: it is there already", spec) < 0)
			*error = NULL;
		return false;
	}
	ctl = controller_create(s, DISK_FC, number);
	memcpy(ctl->fc.node, names.node, sizeof(names.node));
	memcpy(ctl->fc.port, names.port, sizeof(names.port));
	vmbus_device_add(s, &ctl->dev);
	return true;
}

/* --- hvctl fc ------------------------------------------------------------- */

static void add_name(struct json_object *o, const char *key,
		     const uint8_t *bytes)
{
	char text[2 * FC_NAME_BYTES + 1];

	for (unsigned int i = 0; i < FC_NAME_BYTES; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	json_object_object_add(o, key, json_object_new_string(text));
}

static void list(struct vmbus_server *s, struct json_object *reply)
{
	struct json_object *adapters = json_object_new_array();

	for (unsigned int i = 0; i < DISK_CONTROLLERS; i++) {
		struct controller *ctl = controller_find(s, DISK_FC, i);
		struct json_object *o;

		if (!ctl)
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "device",
				       json_object_new_string(ctl->dev.name));
		add_name(o, "wwnn", ctl->fc.node);
		add_name(o, "wwpn", ctl->fc.port[atomic_load(&ctl->fc.second)]);
		json_object_array_add(adapters, o);
	}
	json_object_object_add(reply, "adapters", adapters);
}

/* As after a migration; the guest sees it when it asks again. */
static bool switch_port(struct vmbus_server *s, const char *number)
{
	struct controller *ctl = NULL;

	if (strlen(number) == 1 && *number >= '0')
		ctl = controller_find(s, DISK_FC, *number - '0');
	if (!ctl)
		return false;
	atomic_store(&ctl->fc.second, !atomic_load(&ctl->fc.second));
	return true;
}

bool fc_control(struct vmbus_server *s, int argc, const char *const *argv,
		struct json_object *reply, char *error, size_t error_size)
{
	const char *verb = argc ? argv[0] : "";
	char *text;

	if (argc == 1 && !strcmp(verb, "list")) {
		list(s, reply);
		return true;
	}
	if (argc == 2 && !strcmp(verb, "add")) {
		if (vmbus_server_add_fc(s, argv[1], &text))
			return true;
		snprintf(error, error_size, "%s", text ?: "out of memory");
		free(text);
		return false;
	}
	if (argc != 2 || strcmp(verb, "switch")) {
		snprintf(error, error_size, "fc: expected list, add N[,wwnn=HEX][,wwpn=HEX] or switch N");
		return false;
	}
	if (switch_port(s, argv[1]))
		return true;
	snprintf(error, error_size, "fc switch: no such adapter: %s", argv[1]);
	return false;
}
