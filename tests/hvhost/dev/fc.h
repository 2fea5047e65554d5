/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Synthetic Fibre Channel adapters: controllers that also have names.
 * Locking: the names are constant; which pair is in use is atomic.
 */
#ifndef HVHOST_FC_H
#define HVHOST_FC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>
#include <lis/proto/storvsp.h>

#define FC_NAME_BYTES	8

struct vmbus_server;
struct controller;

/* World wide names, the two ports that migration alternates between */
struct fc_names {
	uint8_t node[FC_NAME_BYTES];
	uint8_t port[2][FC_NAME_BYTES];
	atomic_bool second;		/* which port is in use */
};

/* "N[,wwnn=HEX][,wwpn=HEX]", the text of --fc; false: *@error is one line to be
 * freed by the caller.
 */
bool fc_spec_parse(const char *spec, unsigned int *number,
		   struct fc_names *names, char **error);
/* Names that adapter @number has if nothing is said */
void fc_default_names(struct fc_names *names, unsigned int number);
/* Fill the reply to FCHBA_DATA */
void fc_answer(const struct fc_names *names, struct lis_stor_fc_wwn *wwn);

/* hvctl fc ...; false: one line in @error */
bool fc_control(struct vmbus_server *s, int argc, const char *const *argv,
		struct json_object *reply, char *error, size_t error_size);

#endif
