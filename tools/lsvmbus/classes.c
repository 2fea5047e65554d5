// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of the VMBus device classes.  Names in brackets are services of
 * the host rather than devices.  Scripts compare these names: never change
 * one that has been released.
 */
#include <string.h>
#include <strings.h>

#include "bus.h"

static const struct {
	const char *guid;
	const char *name;
} classes[] = {
	/* disks */
	{ "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f", "Synthetic SCSI Controller" },
	{ "32412632-86cb-44a2-9b5c-50d1417354f5", "Synthetic IDE Controller" },
	{ "2f9bcc4a-0069-4af3-b76b-6fd0be528cda",
	  "Synthetic fiber channel adapter" },
	/* networks and assigned hardware */
	{ "f8615163-df3e-46c5-913f-f2d2f965ed0e", "Synthetic network adapter" },
	{ "8c2eaf3d-32a7-4b09-ab99-bd1f1c86b501", "Synthetic RDMA adapter" },
	{ "44c4f61d-4444-4400-9d52-802e27ede19f", "PCI Express pass-through" },
	/* console */
	{ "da0a7802-e377-4aac-8e77-0558eb1073f8",
	  "Synthetic framebuffer adapter" },
	{ "f912ad6d-2b17-48ea-bd65-f927a61c7684", "Synthetic keyboard" },
	{ "cfa8b69e-5b4a-4cc0-b98b-8ba1a1f3f95a", "Synthetic mouse" },
	/* services */
	{ "525074dc-8985-46e2-8057-a307dc18a502", "[Dynamic Memory]" },
	{ "0e0b6031-5213-4934-818b-38d90ced39db",
	  "[Operating system shutdown]" },
	{ "9527e630-d0ae-497b-adce-e80ab0175caf", "[Time Synchronization]" },
	{ "57164f39-9115-4e78-ab55-382f3bd5422d", "[Heartbeat]" },
	{ "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6", "[Data Exchange]" },
	{ "35fa2e29-ea23-4236-96ae-3a6ebacba440",
	  "[Backup (volume checkpoint)]" },
	{ "34d14be3-dee4-41c8-9ae7-6b174977c192", "[Guest services]" },
	/* offered by hosts, of no use to a guest like ours */
	{ "276aacf4-ac15-426c-98dd-7521ad3f01fe", "[Reserved system device]" },
	{ "f8e65716-3cb3-4a06-9a60-1889c5cccab5", "[Reserved system device]" },
	{ "3375baf4-9e15-4b30-b765-67acb10d607b", "[Reserved system device]" },
	{ "f9e9c0d3-b511-4a48-8046-d38079a8830c", "[Remote desktop data]" },
	{ "9722c3e7-8f86-456d-8b6c-6009da4ccd0b", "[Service negotiation]" },
	{ "c376c1c3-d276-48d2-90a9-c04748072c60", "[VMBus file system]" },
	{ "4d12e519-17a0-4ae4-8eaa-5270fc6abdb7", "[Host file share]" },
	{ "8b60ccf6-709f-4c11-90b5-229c959a9e6a", "[Serial port]" },
};

const char *class_name(const char *class_id)
{
	size_t i;

	if (*class_id == '{')
		class_id++;
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (!strncasecmp(class_id, classes[i].guid, 36))
			return classes[i].name;
	/* hv_sock ports differ in the first group only */
	if (strlen(class_id) >= 36 &&
	    !strncasecmp(class_id + 8, "-facb-11e6-bd58-64006a7986d3", 28))
		return "[Hyper-V socket]";
	return "Unknown";
}
