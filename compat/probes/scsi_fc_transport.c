// SPDX-License-Identifier: GPL-2.0-only
/* kernels without CONFIG_SCSI_FC_ATTRS lack it; exports: fc_attach_transport
 * exports: fc_release_transport fc_remote_port_add fc_remove_host
 */
#include <scsi/scsi_host.h>
#include <scsi/scsi_transport_fc.h>
u32 probe = FC_PORT_ROLE_FCP_DUMMY_INITIATOR;
