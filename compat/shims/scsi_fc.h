/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Fibre Channel transport, which a kernel may have been built without, and
 * which took time-outs for its own in old ones.  Included by the one file that
 * uses it.
 */
#ifndef LIS_COMPAT_SHIMS_SCSI_FC_H
#define LIS_COMPAT_SHIMS_SCSI_FC_H

#include <scsi/scsi_host.h>
#include <scsi/scsi_transport.h>
#include <scsi/scsi_transport_fc.h>

#ifdef HAVE_SCSI_FC_TRANSPORT
#define LIS_COMPAT_FC	true
#else
#define LIS_COMPAT_FC	false
/* Never called: nobody attaches */
#define fc_attach_transport(functions)	((void)(functions), NULL)
#define fc_release_transport(template)	((void)(template))
#define fc_remote_port_add(shost, channel, ids) \
	((void)(shost), (void)(ids), (struct fc_rport *)NULL)
#define fc_remove_host(shost)		((void)(shost))
#endif

/**
 * lis_compat_fc_plain - a transport that only shows what it is told.
 * @t: as fc_attach_transport() made it
 *
 * Its own ways of scanning and of judging time-outs are for targets that it
 * knows to be behind remote ports.
 */
static inline void lis_compat_fc_plain(struct scsi_transport_template *t)
{
	t->user_scan = NULL;
#ifndef HAVE_FC_EH_TIMED_OUT
	t->eh_timed_out = NULL;
#endif
}

#endif
