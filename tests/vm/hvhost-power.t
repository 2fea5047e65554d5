#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 50 seconds
# stacks: ours
#
# Promise: hvhost ends as the guest wants it: power-off, reset and triple fault
# have their exit statuses; a guest that never shows a sign of life, be it at
# its first boot or in one reset after the other, is told from a slow one.  The
# power button reaches the guest as an input event.  An NMI reaches the guest,
# again and again, and even a processor that has its interrupts off.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

# tiny HEX: a kernel of a few bytes of machine code for the 64-bit entry, loaded
# and entered at 2 MiB
tiny()
{
	local len

	printf -v len '%02x' $((${#1} / 2))
	# ELF header; one segment: file offset 0x78, 0x1000 bytes of memory
	printf '%b' "$(printf '%s' \
		7f454c46020101000000000000000000 02003e0001000000 \
		0000200000000000 4000000000000000 0000000000000000 \
		00000000 4000 3800 0100 0000 0000 0000 \
		01000000 07000000 7800000000000000 \
		0000200000000000 0000200000000000 \
		"${len}00000000000000" 0010000000000000 0000000000000000 \
		"$1" | sed 's/../\\x&/g')" >"$scratch/tiny"
}

# ends STATUS REGEX NAME HEX [hvhost options]: what becomes of a tiny guest
ends()
{
	local want=$1 regex=$2 name=$3 said status

	tiny "$4"
	shift 4
	said=$(timeout -k 5 120 "$top/build/hvhost" --kernel "$scratch/tiny" \
		--mem 64M --serial "$scratch/serial" --timeout 100 "$@" 2>&1)
	status=$?
	if [ $status -eq "$want" ] && [[ $said =~ $regex ]]; then
		passes "$name"
	else
		fails "$name" "status $status, want $want, and /$regex/ in" "$said"
	fi
}

power_off=ba04040000b80034000066ef	# 0x3400 to PM1 control
reset=ba0c040000b001ee			# 1 to the reset register
line=baf8030000b00aee			# a line feed to COM1
fault=0f011c2500050000cc		# an IDT of no length; int3
halt=faf4ebfd				# cli; hlt for ever

ends 0 '^$' 'power-off ends hvhost with status 0' $power_off$halt
ends 0 '^$' 'so does a reset with --no-reboot' $reset$halt --no-reboot
ends 3 '^hvhost: vCPU 0: triple fault at rip [^'$'\n'']*$' \
	'a triple fault ends it with 3 and one line' $fault
ends 6 'boot 1: no sign of life for 2 seconds.*vCPU 0: rip 0x2000' \
	'a guest that hangs in its boot ends it with 6 and the place' \
	$halt --boot-limit 2
ends 6 'boot [0-9]+: no sign of life for 2 seconds' \
	'a guest that resets for ever without a sign of life does, too' \
	$reset$halt --boot-limit 2
ends 5 'time limit of 5 seconds' \
	'one that has been seen alive may take its time' \
	$line$halt --boot-limit 2 --timeout 5
ends 5 'time limit of 5 seconds' '--boot-limit 0 is no limit' \
	$halt --boot-limit 0 --timeout 5

# nmi_to HEX NAME: a guest with its interrupts off that sets up one gate, for
# the NMI, says so on COM1 and then does HEX for ever.  The NMI powers it off.
nmi_to()
{
	local pid status tries=400

	tiny "fabf00003000488d054b0000006689472066c74722100066c74724008e48c1\
e81066894726c7472800000000c7472c0000000066c78700100000ff0f4889bf021000000f019f\
00100000baf8030000b052eeb00aee$1ebfdba04040000b80034000066eff4ebfd"
	: >"$scratch/serial"
	"$top/build/hvhost" --kernel "$scratch/tiny" --mem 64M --timeout 60 \
		--serial "$scratch/serial" --control "$scratch/control" \
		>"$scratch/said" 2>&1 &
	pid=$!
	until [ -s "$scratch/serial" ] || [ $((tries -= 1)) -eq 0 ]; do
		sleep 0.05
	done
	HVHOST_CONTROL=$scratch/control host power nmi
	wait $pid
	status=$?
	is $status 0 "$2" || diag "$(<"$scratch/said")"
}

nmi_to 90 'an NMI reaches a processor that runs with interrupts off'
nmi_to f4 'and one that halts with interrupts off'

# --- Linux ----------------------------------------------------------------------

start hvhost-power
for module in evdev button; do
	file=$(inbox_module "$module") &&
		guest -i "cat >/tmp/$module.ko && insmod /tmp/$module.ko" <"$file"
	ok $? "the guest has its module $module"
done

# What the guest's kernel has counted, as text for its shell
nmis='dmesg | grep -c "NMI received for unknown reason"'
presses='awk "{ print \$1 }" /sys/firmware/acpi/interrupts/ff_pwr_btn'

# grows_to N COUNTER NAME
grows_to()
{
	in_guest "$3" "count() { $2; }; within 20 '[ \$(count) -eq $1 ]'"
}

for n in 1 2 3; do
	holds "NMI $n is sent" host power nmi
	grows_to $n "$nmis" "NMI $n is received"
done

is "$(guest "$presses")" 0 'the power button has not been pressed yet'
holds 'it is pressed' host power shutdown
grows_to 1 "$presses" 'the kernel sees it'
# EV_KEY (1), KEY_POWER (116), down: the agent's shell acts as acpid would
guest '( for d in /dev/input/event*; do
		grep -q "Power Button" /sys/class/input/${d##*/}/device/name &&
			dd if=$d bs=24 count=1 2>/dev/null >/tmp/key
	done
	set -- $(od -An -tu2 -j16 -N6 /tmp/key)
	[ "$1 $2 $3" = "1 116 1" ] && poweroff -f
	) </dev/null >/dev/null 2>&1 &'
g 'within 10 "pidof dd"' || diag 'nobody reads the event'
holds 'it is pressed again' host power shutdown
vm_wait_exit 60
is "$VM_STATUS" 0 'which powers a guest off that listens'

# A guest that is told to takes an NMI for a crash
start hvhost-panic --append unknown_nmi_panic
holds 'an NMI is sent to a guest with unknown_nmi_panic' host power nmi
vm_wait_exit 60
is "$VM_STATUS" 3 'and crashes it'
like "$(<"$VM_DIR/hvhost-panic.serial")" 'Kernel panic.*NMI' \
	'for that reason'

done_testing
