// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fibre Channel adapters as the kernel's FC transport shows them: fc_host with
 * the names that the host gave, and one remote port.
 *
 * The protocol says nothing of the ports of targets, so no target is put behind
 * a remote port of its own: disks are found by address, as those of a SCSI
 * controller, and the one remote port says by its role that it is none.
 *
 * Process context.  The names are written at probe, before anybody else has
 * the host, then under host->life.  Removal does not take that, for it waits
 * for the transport: a reset beside it may still write the names, into memory
 * that lives as long as the Scsi_Host, where nobody is shown them any more.
 */
#include "storvsc_int.h"
#include "../compat/shims/scsi_fc.h"

static struct scsi_transport_template *transport;

/* sysfs asks. */
static void get_port_state(struct Scsi_Host *shost)
{
	struct storvsc_host *host = storvsc_host(shost);

	if (READ_ONCE(host->dead))
		fc_host_port_state(shost) = FC_PORTSTATE_OFFLINE;
	else if (READ_ONCE(host->state) == STORVSC_LIVE)
		fc_host_port_state(shost) = FC_PORTSTATE_ONLINE;
	else
		fc_host_port_state(shost) = FC_PORTSTATE_BLOCKED;
}

static struct fc_function_template functions = {
	.show_host_node_name	= 1,
	.show_host_port_name	= 1,
	.show_host_port_type	= 1,
	.show_host_port_state	= 1,
	.get_host_port_state	= get_port_state,
};

/* Before the driver is registered */
int storvsc_fc_init(void)
{
	if (!LIS_COMPAT_FC)
		return 0;
	transport = fc_attach_transport(&functions);
	if (!transport)
		return -ENOMEM;
	lis_compat_fc_plain(transport);
	return 0;
}

void storvsc_fc_exit(void)
{
	if (transport)
		fc_release_transport(transport);
}

/* Before the SCSI host is added.  Return: 0, or the kernel knows no FC. */
int storvsc_fc_prepare(struct storvsc_host *host)
{
	if (host->kind != STORVSC_FC)
		return 0;
	if (!transport) {
		dev_warn_once(&host->dev->dev,
			      "this kernel was built without the Fibre Channel transport: such adapters are left alone\n");
		return -ENODEV;
	}
	host->shost->transportt = transport;
	return 0;
}

static void publish(struct storvsc_host *host)
{
	fc_host_node_name(host->shost) = host->names.node;
	fc_host_port_name(host->shost) = host->names.port;
}

/* After the SCSI host was added */
int storvsc_fc_add(struct storvsc_host *host)
{
	struct fc_rport_identifiers ids = {
		.port_id = -1,
		.roles = FC_PORT_ROLE_FCP_DUMMY_INITIATOR,
	};

	if (host->kind != STORVSC_FC)
		return 0;
	publish(host);
	fc_host_port_type(host->shost) = FC_PORTTYPE_NPIV;
	if (!fc_remote_port_add(host->shost, 0, &ids)) {
		fc_remove_host(host->shost);
		return -ENOMEM;
	}
	WRITE_ONCE(host->fc_added, true);
	return 0;
}

/* The host was asked anew: after a migration it gives the other names. */
void storvsc_fc_renamed(struct storvsc_host *host)
{
	if (READ_ONCE(host->fc_added))
		publish(host);
}

/* Right before the SCSI host is removed */
void storvsc_fc_remove(struct storvsc_host *host)
{
	if (host->fc_added)
		fc_remove_host(host->shost);
	WRITE_ONCE(host->fc_added, false);
}
