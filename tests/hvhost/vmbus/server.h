/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvhost's VMBus server as its VM half sees it: one object that is fed the
 * guest's messages and acts through the effects table (effects.h).
 *
 * Threads: every function may be called from any thread, except that _free
 * and _reset want no vCPU to be inside the server.  None is called with an
 * effects callback on the stack.  _message never waits for I/O: what has to
 * wait (close, unload, reconnect while requests are in flight) is answered
 * later by a worker thread.
 */
#ifndef HVHOST_VMBUS_SERVER_H
#define HVHOST_VMBUS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <json-c/json.h>

#include "effects.h"

struct vmbus_server;

struct vmbus_server_config {
	/* "ws2008r2" ... "ws2025"; NULL = the default, ws2022 */
	const char *generation;
	/* Highest VMBus version to accept, LIS_VMBUS_V*; 0 = generation's */
	uint32_t version_cap;
	/* Most storvsp sub-channels a controller grants */
	uint32_t max_subchannels;
	/* One line per message and packet; NULL = none.  Not closed by us. */
	FILE *trace;
};

/*
 * Names that the command line accepts; NULL-terminated.
 * "4.1" -> LIS_VMBUS_V4_1 in *@version; false if no such version is known.
 */
const char *const *vmbus_generation_names(void);
bool vmbus_parse_version(const char *text, uint32_t *version);

/* @effects must outlive the server.  NULL with errno set (EINVAL: unknown
 * generation or version).
 */
struct vmbus_server *vmbus_server_new(const struct hv_effects *effects,
				      const struct vmbus_server_config *cfg);
void vmbus_server_free(struct vmbus_server *s);

/*
 * "FILE[,controller=N][,lun=N][,ro][,sectors=512|4096]", the text of --disk
 * and of `disk add`.  Creates the controller when it is new.  false: *@error
 * is one line that names the offending part, to be freed by the caller.
 */
bool vmbus_server_add_disk(struct vmbus_server *s, const char *spec,
			   char **error);

/* The text of --fc and of `fc add`: "N[,wwnn=HEX][,wwpn=HEX]".  A disk of an
 * adapter that is not there yet brings it along, with names of its own.
 */
bool vmbus_server_add_fc(struct vmbus_server *s, const char *spec,
			 char **error);

/*
 * "BACKEND[,mac=M][,queues=N][,nvsp=V][,link=down]", the text of --nic and of
 * `nic add`; BACKEND is tap=NAME, user or sink.  false: as above.
 */
bool vmbus_server_add_nic(struct vmbus_server *s, const char *spec,
			  char **error);

/*
 * "NAME[=PERIOD][,...]" or "all", the text of --ic and of `ic add`: integration
 * components.  false: as above.
 */
bool vmbus_server_add_ic(struct vmbus_server *s, const char *spec,
			 char **error);

/*
 * HvPostMessage of type 1 from @vp to @connection_id; returns HV_STATUS.
 * LIS_HV_INVALID_CONNECTION_ID for a port that does not exist.
 */
uint32_t vmbus_server_message(struct vmbus_server *s, uint32_t vp,
			      uint32_t connection_id,
			      const void *payload, size_t len);

/*
 * The VM is being reset, all vCPUs are stopped: forget the guest.  Returns
 * when nothing touches guest memory any more; devices stay.
 */
void vmbus_server_reset(struct vmbus_server *s);

/*
 * One control request, {"verb":"disk","args":["add","FILE,lun=1"]}: hvctl
 * passes its words as they are.  Verbs served here: disk, fc, nic, ic,
 * kvp, vss, fcopy, bus, hostile, wait.  *@reply is always set: {"ok":true,...} or
 * {"ok":false,"error":"one line"}.  Returns 0, or -1 when the verb is not
 * one of ours (then *@reply is NULL).
 * `wait` blocks up to its time limit, others at most a few seconds.
 */
int vmbus_server_control(struct vmbus_server *s, struct json_object *request,
			 struct json_object **reply);

/* Array for the "channels" member of the stats; @reset zeroes after reading */
struct json_object *vmbus_server_stats(struct vmbus_server *s, bool reset);

/* An event of the VM half that `wait` may be waiting for, e.g. "reboot" */
void vmbus_server_event(struct vmbus_server *s, const char *name);

#endif
