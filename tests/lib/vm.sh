# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Test guests on hvhost, for shell scripts that run in the box; prints TAP
# through tap.sh.  One guest at a time.  Every wait has a time limit.
#
#   vm_start NAME [--with SET,...] [--append TEXT] [--options "MODULE NAME=VALUE"]
#            [hvhost options]
#                       start a guest, with these options for its modules, and
#                       wait for its agent
#   guest [-t S] [-w S] [-i] COMMAND
#                       run COMMAND in it: its output, its status
#                       (124: time limit, 125: the guest is gone)
#   guest_aside ... &   the same, in the background, ended by kill $!
#   host VERB...        hvctl
#   guest_reboot        reboot it, wait for the agent of its next life
#   vm_stop             power it off; hvhost's exit status, also in VM_STATUS
#   vm_wait_exit [S]    wait until it ends by itself; sets VM_STATUS
#   vm_check_log NAME   a check: no warning, oops or the like in its log so far
#   vm_kernel vm_initrd files that guests boot
#   VM_AS_IT_IS=1       before vm_start: take no shortcuts while booting
#   VM_BOOT=1           before vm_start: boot, even if an equal guest is at hand
#
# A boot is most of what a short test takes where the processor is emulated. So
# the first guest of the usual kind is saved when it has booted, before any bus
# driver, and later ones go on from there (hvhost --resume); LIS_BOOT=1 in the
# environment makes all guests boot.
#
# VM_DIR has the guest's serial log, dmesg, hvhost's output and statistics
# (NAME.serial, .dmesg, .hvhost, .stats).  When anything failed it is kept in
# tests/out/NAME-KERNEL-STACK.

vm_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/lib/tap.sh
. "$vm_top/tests/lib/tap.sh"

KERNEL=${KERNEL:-6.12}
STACK=${STACK:-ours}
VM_BOOT_LIMIT=${VM_BOOT_LIMIT:-120}	# seconds; eight processors are slow
VM_EXIT_LIMIT=60
VM_STATUS=
VM_DIR=

# Not empty: the distribution's image, and none of $VM_SHORTCUTS
VM_AS_IT_IS=${VM_AS_IT_IS-}
VM_BOOT=${LIS_BOOT-}
VM_MEM=768M

vm_name='' vm_pid='' vm_trouble='' vm_checked=0 vm_hvhost_limit=900
vm_dir='' vm_kver='' vm_builtin='' vm_options='' vm_resumed='' vm_file=''

# Built by the runner for each KERNEL and STACK; the tools are apart
VM_SETS=${VM_SETS:-fs,fio,misc,scsi}

# What each guest gets as /tmp/guest.sh, if not empty
vm_guest_lib=

# What no guest may say.  "WARNING: CPU" is WARN(), the others speak for
# themselves; a splat of a debugging aid (lockdep, KASAN, refcount, list, RCU)
# begins with one of these, too.
VM_TROUBLE='WARNING: CPU|WARNING: .*(deadlock|lock|RCU|rcu|recursion)|BUG:'
VM_TROUBLE+='|BUG |Oops|general protection|blocked for more than'
VM_TROUBLE+='|soft lockup|hard LOCKUP|detected stall|stalls on|self-detected'
VM_TROUBLE+='|KASAN|KFENCE|UBSAN|refcount_t|list_(add|del) corruption'
VM_TROUBLE+='|Kernel panic|Unable to handle|unable to handle|Bad page'
VM_TROUBLE+='|scheduling while atomic|sleeping function called|Call Trace'
VM_TROUBLE+='|page allocation failure|Out of memory|stack-protector|int3: '
VM_TROUBLE+='|use-after-free|double free|nobody cared|kmemleak|DMA-API'
VM_TROUBLE+='|possible circular|inconsistent lock|held lock|leaked|segfault'

# Crashes that only a test brings about: by sysrq, by NMI
VM_ORDERED='sysrq: Trigger a crash|Kernel panic.*NMI: Not continuing'

# Where this kernel is; asked for once, since starting programs is slow where
# the processor is emulated.  Also: is its bus built in?
vm_find_kernel()
{
	local dir

	[ -z "$vm_dir" ] || return 0
	dir=$("$vm_top/tests/box/kernel" "$KERNEL") &&
		read -r vm_kver <"$dir/KVER" || return
	! grep -qE '^CONFIG_HYPERV(_VMBUS)?=y' "$dir/config" ||
		grep -q '^CONFIG_HYPERV_VMBUS=m' "$dir/config" ||
		vm_builtin=1
	vm_dir=$dir
}

vm_kernel()
{
	vm_find_kernel && echo "$vm_dir/vmlinuz"
}

# vm_initrd [SETS]: base archive of this stack with these sets on top
vm_initrd()
{
	local sets=${1:-$VM_SETS} file build=$vm_top/build/guest

	vm_find_kernel || return
	file=${TMPDIR:-/tmp}/openlis-initrd-$vm_kver-$STACK-$sets
	if [ ! -e "$file" ]; then
		# shellcheck disable=SC2046,SC2086 # one word a set
		cat "$build/initrd-$vm_kver-$STACK.cpio" \
			$(printf "$build/%s.cpio\n" ${sets//,/ }) \
			>"$file.$$" && mv "$file.$$" "$file" || return
	fi
	echo "$file"
}

guest()
{
	"$vm_top/build/guestexec" -s "${HVHOST_AGENT:-none}" "$@"
}

# For the background only: $! is then the process to be ended
guest_aside()
{
	exec "$vm_top/build/guestexec" -s "${HVHOST_AGENT:-none}" "$@"
}

host()
{
	timeout -k 5 150 "$vm_top/build/hvctl" -s "${HVHOST_CONTROL:-none}" "$@"
}

vm_running()
{
	[ -n "$vm_pid" ] && kill -0 "$vm_pid" 2>/dev/null
}

# Keep what this guest left for whoever looks into the failure
vm_keep()
{
	local keep=$vm_top/tests/out/$tap_name-${KERNEL%%-*}-$STACK

	mkdir -p "$keep" && cp "$VM_DIR/"*.* "$keep/" 2>/dev/null
	vm_kept=$keep
}

# noearly: looking for AGP bridges at 16384 PCI addresses costs a guest of an
# emulator two seconds, and no Hyper-V machine of this kind has one
VM_APPEND='console=ttyS0 loglevel=5 panic=-1 oops=panic mitigations=off'
VM_APPEND+=" pci=noearly ${LIS_APPEND-}"

# Self-tests and certificates of the crypto API, and types of BPF: nothing that
# a guest here has a use for, but nearly half of its boot where it is emulated
VM_SHORTCUTS='cryptomgr.notests initcall_blacklist=jent_mod_init'
VM_SHORTCUTS+=,crypto_kdf108_init,init_encrypted,load_system_certificate_list
VM_SHORTCUTS+=,bpf_tcp_ca_kfunc_init,bpf_dummy_struct_ops_init

# A bus that is built into the kernel must be kept from starting, if ours is
# to be loaded; $VM_KEEP_BUS lets it start all the same
vm_free_bus()
{
	[ "$STACK" = inbox ] || [ -n "${VM_KEEP_BUS-}" ] ||
		[ -z "$vm_builtin" ] || echo initcall_blacklist=hv_acpi_init
}

# vm_launch APPEND [hvhost options]
vm_launch()
{
	local append=$1

	shift
	[ -n "$VM_AS_IT_IS" ] || append="$VM_SHORTCUTS $append"
	export HVHOST_AGENT=$VM_DIR/$vm_name.agent
	export HVHOST_CONTROL=$VM_DIR/$vm_name.control
	rm -f "$HVHOST_AGENT" "$HVHOST_CONTROL"
	VM_STATUS='' vm_checked=0
	"$vm_top/build/hvhost" --kernel "$vm_image" --initrd "$vm_ramdisk" \
		--append "$VM_APPEND $(vm_free_bus) $append" \
		--serial "$VM_DIR/$vm_name.serial" --agent "$HVHOST_AGENT" \
		--control "$HVHOST_CONTROL" --stats "$VM_DIR/$vm_name.stats" \
		--timeout $vm_hvhost_limit "$@" \
		>"$VM_DIR/$vm_name.hvhost" 2>&1 </dev/null &
	vm_pid=$!
}

# What a guest is told first.  One that was saved has an old clock, and the same
# random numbers as all others.
vm_greeting()
{
	echo 'cat >/tmp/guest.sh'
	if [ -n "$vm_resumed" ]; then
		printf 'date -s @%(%s)T >/dev/null; '
		echo "echo $SRANDOM$SRANDOM$SRANDOM$SRANDOM >/dev/urandom"
	fi
	[ -z "$vm_options" ] || echo "mkdir -p /etc/modprobe.d
		echo 'options $vm_options' >/etc/modprobe.d/test.conf"
}

# The agent answers, or hvhost has ended, or the limit is over
vm_await_agent()
{
	local waiter

	guest -q -w "$VM_BOOT_LIMIT" -i "$(vm_greeting)" \
		<"${vm_guest_lib:-/dev/null}" &
	waiter=$!
	wait -n "$waiter" "$vm_pid"
	if ! vm_running; then
		kill "$waiter" 2>/dev/null
		wait "$waiter" 2>/dev/null
		return 1
	fi
	wait "$waiter" || return
	vm_resumed=	# from now on it boots like any other
}

# vm_saved [hvhost options]: is it a guest of the usual kind?  Sets $vm_file, where
# one like it is kept.  What follows is all that a guest knows of its host
# before it loads drivers.
vm_saved()
{
	local cpus=1 mem=$VM_MEM key

	[ -z "$VM_AS_IT_IS$VM_BOOT" ] || return
	while [ $# -gt 0 ]; do
		case $1 in
		--cpus)		cpus=$2 ;;
		--mem)		mem=$2 ;;
		--vp-index|--mmio-gap|--direct-timers)	return 1 ;;
		esac
		shift
	done
	[ "$cpus" = 2 ] && [ "$mem" = "$VM_MEM" ] || return
	key=$({
		echo "$VM_APPEND"
		stat -Lc '%n %Y %s' "$vm_top/build/hvhost" "$vm_image" "$vm_ramdisk"
	} | cksum)
	vm_file=${TMPDIR:-/tmp}/openlis-guest-${key// /-}
}

# Boot such a guest, with nothing but what all of them have, and keep it
vm_save()
{
	vm_launch '' --cpus 2 --mem "$VM_MEM"
	if vm_await_agent && host save "$vm_file"; then
		vm_wait_exit && [ -e "$vm_file" ] && return
	fi
	vm_kill
	return 1
}

vm_start()
{
	local append='' sets='' mem=$VM_MEM args=()

	vm_running && vm_stop
	vm_name=$1 vm_options='' vm_resumed='' vm_file=''
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--with)		sets=$VM_SETS,$2; shift ;;
		--append)	append=$2; shift ;;
		--options)	vm_options=$2; shift ;;
		--mem)		mem=$2; shift ;;
		*)		args+=("$1") ;;
		esac
		shift
	done
	args+=(--mem "$mem")
	[ -n "$VM_DIR" ] || VM_DIR=$(mktemp -d "${TMPDIR:-/tmp}/vm-XXXXXX") ||
		return
	if ! vm_find_kernel || ! vm_ramdisk=$(vm_initrd "$sets"); then
		diag "nothing to boot for KERNEL=$KERNEL STACK=$STACK"
		return 1
	fi
	vm_image=$vm_dir/vmlinuz
	[ -n "$VM_AS_IT_IS" ] || [ ! -e "$vm_dir/vmlinux" ] ||
		vm_image=$vm_dir/vmlinux	# unpacked
	if [ -z "$append" ] && vm_saved "${args[@]}" &&
		{ [ -e "$vm_file" ] || vm_save; }; then
		vm_resumed=1
		vm_launch '' "${args[@]}" --resume "$vm_file"
		vm_await_agent && return
		diag "$vm_name: the saved guest does not go on; booting"
		vm_kill
		rm -f "$vm_file"
		vm_resumed=
	fi
	vm_launch "$append" "${args[@]}"
	vm_await_agent && return
	# QEMU before 8.1, where the box has no better, may run half-patched code
	if [ -n "${LIS_IN_BOX-}" ] && grep -q 'int3: 0000' \
		"$VM_DIR/$vm_name.serial" 2>/dev/null; then
		diag "$vm_name: the emulator tripped over patched code; again"
		vm_kill
		vm_launch "$append" "${args[@]}"
		vm_await_agent && return
	fi
	vm_kill
	diag "$vm_name did not boot (hvhost's status $VM_STATUS)" \
		"$(tail -20 "$VM_DIR/$vm_name.hvhost")" \
		"$(tr -d '\r' <"$VM_DIR/$vm_name.serial" 2>/dev/null | tail -30)"
	vm_trouble=1
	vm_keep
	return 1
}

# Collect what the guest's kernel said, for whoever looks into a failure;
# packed, for each byte costs an exit
vm_fetch_dmesg()
{
	guest -q -t 30 'dmesg | gzip' 2>/dev/null | gunzip \
		>"$VM_DIR/$vm_name.dmesg" 2>/dev/null
}

# Lines of the serial log that are trouble, from the first that was not looked
# at yet, and up to a crash that the test ordered
vm_complaints()
{
	local serial=$VM_DIR/$vm_name.serial

	tail -n +$((vm_checked + 1)) "$serial" 2>/dev/null | tr -d '\r' |
		sed -E "/$VM_ORDERED/,\$d" | grep -aE -- "$VM_TROUBLE" | sort -u
}

# The guest looks through the kernel's log itself: few bytes are to be sent
vm_check_log()
{
	local bad said end='that was its log'

	bad=$(vm_complaints)
	if vm_running; then
		said=$(guest -q -t 60 "dmesg | grep -aE '$VM_TROUBLE' | sort -u
			echo '$end'" 2>/dev/null)
		[ "${said%"$end"}" != "$said" ] ||
			said+='the guest does not show its log'
		bad+=${bad:+$'\n'}${said%"$end"}
	fi
	vm_checked=$(wc -l <"$VM_DIR/$vm_name.serial")
	if [ -z "$bad" ]; then
		passes "$1"
	else
		vm_trouble=1
		! vm_running || vm_fetch_dmesg
		fails "$1" "$bad"
	fi
}

vm_kill()
{
	[ -n "$vm_pid" ] || return 0
	kill "$vm_pid" 2>/dev/null
	vm_wait_exit 20
}

vm_wait_exit()
{
	local limit=${1:-$VM_EXIT_LIMIT} bad

	[ -n "$vm_pid" ] || return 0
	if ! timeout "$limit" tail --pid="$vm_pid" -s 0.1 -f /dev/null; then
		diag "$vm_name has not ended after $limit s"
		vm_trouble=1
		kill -9 "$vm_pid" 2>/dev/null
	fi
	wait "$vm_pid"
	VM_STATUS=$?
	vm_pid=
	bad=$(vm_complaints)
	if [ -n "$bad" ]; then
		vm_trouble=1
		fails "$vm_name: a clean log to the end" "$bad"
	fi
	if grep -q violation: "$VM_DIR/$vm_name.hvhost"; then
		vm_trouble=1
		diag "$(grep violation: "$VM_DIR/$vm_name.hvhost" | head -20)"
	fi
	return $VM_STATUS
}

vm_stop()
{
	local status=0

	[ -n "$VM_DIR" ] || return 0
	if [ -n "$vm_pid" ]; then
		[ $tap_failed -eq 0 ] || ! vm_running || vm_fetch_dmesg
		vm_running && guest -q -t 20 '(poweroff -f) </dev/null >/dev/null 2>&1 &'
		vm_wait_exit
		status=$?
		[ $status -eq 0 ] || fails "$vm_name ends with status 0" \
			"status $status" "$(tail -5 "$VM_DIR/$vm_name.hvhost")"
	fi
	# Called by the exit trap of a test: the last chance to save the logs
	if [ -n "$vm_trouble" ] || [ $tap_failed -gt 0 ] || [ $status -ne 0 ]; then
		vm_keep
	fi
	return $status
}

guest_reboot()
{
	local old new

	old=$(guest 'cat /proc/sys/kernel/random/boot_id') || return
	guest '(reboot -f) </dev/null >/dev/null 2>&1 &' || return
	host wait reboot 60 >/dev/null || {
		diag "$vm_name does not reboot"
		return 1
	}
	vm_await_agent || return
	new=$(guest 'cat /proc/sys/kernel/random/boot_id') || return
	[ "$old" != "$new" ]
}

# At the end of a test, see tap.sh: no guest is left, no trouble unseen
vm_at_end()
{
	if [ -n "$vm_pid" ]; then
		vm_stop
	fi
	[ -n "$VM_DIR" ] || return 0
	if [ -n "$vm_trouble" ] || [ $tap_failed -gt 0 ]; then
		vm_keep
		diag "logs are in ${vm_kept#"$vm_top/"}"
	fi
	rm -rf "$VM_DIR"
	VM_DIR=
}
tap_at_end+=(vm_at_end)
trap vm_at_end EXIT
