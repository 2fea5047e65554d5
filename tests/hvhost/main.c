/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvhost: a small Hyper-V host on KVM.  Put the parts together, run, report.
 *
 * Order at start: everything a person may have typed wrong is checked before
 * /dev/kvm is opened, so that usage errors read the same on every machine.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/vm.h"
#include "ctl.h"
#include "vmbus/server.h"

static struct vm vm;

static void start_server(const struct options *opt)
{
	const struct vmbus_server_config config = {
		.generation = opt->generation,
		.version_cap = opt->vmbus_version,
		.max_subchannels = opt->subchannels,
		.trace = trace_file(),
	};
	char *wrong;
	size_t i;

	vm.server = vmbus_server_new(&vm.effects, &config);
	if (!vm.server)
		die(EXIT_INTERNAL, "VMBus server: %s", strerror(errno));
	for (i = 0; i < opt->adapter_count; i++)
		if (!vmbus_server_add_fc(vm.server, opt->adapters[i], &wrong))
			die(EXIT_USAGE, "--%s", wrong);
	for (i = 0; i < opt->disk_count; i++)
		if (!vmbus_server_add_disk(vm.server, opt->disks[i], &wrong))
			die(EXIT_USAGE, "--disk %s: %s", opt->disks[i], wrong);
	for (i = 0; i < opt->nic_count; i++)
		if (!vmbus_server_add_nic(vm.server, opt->nics[i], &wrong))
			die(EXIT_USAGE, "--nic %s: %s", opt->nics[i], wrong);
	for (i = 0; i < opt->service_count; i++)
		if (!vmbus_server_add_ic(vm.server, opt->services[i], &wrong))
			die(EXIT_USAGE, "--ic %s: %s", opt->services[i], wrong);
}

static int write_stats(const char *path)
{
	struct json_object *stats = ctl_stats(&vm, false);
	int err = json_object_to_file_ext(path, stats,
					  JSON_C_TO_STRING_PRETTY);

	if (err)
		say("--stats %s: %s", path, strerror(errno));
	json_object_put(stats);
	return err;
}

int main(int argc, char **argv)
{
	static struct options opt;
	int status;

	options_parse(&opt, argc, argv);
	if (opt.trace)
		trace_open(opt.trace);
	vm_init(&vm, &opt);
	start_server(&opt);
	ctl_init(&vm);
	vm_prepare(&vm);

	status = vm_run(&vm);

	if (opt.stats && write_stats(opt.stats) && !status)
		status = EXIT_INTERNAL;
	/* A client stuck in `wait` still uses the server; exit ends both */
	if (ctl_close()) {
		vmbus_server_free(vm.server);
		trace_close();
	}
	return status;
}
