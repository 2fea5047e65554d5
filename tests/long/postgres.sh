# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# What tests/long/postgres-*.t do on their file system, on top of
# tests/vm/common.sh: Debian's PostgreSQL in a chroot of the guest, its data on
# a disk with a volatile cache, pgbench at work, and the power goes.  Each
# transaction that pgbench saw committed is a line in a ledger outside the
# guest.

LIVES=${LIS_LIVES:-8}
CLIENTS=4
vm_hvhost_limit=5000

bank_begin()	# FILESYSTEM
{
	fs=$1
	pgroot=${LIS_PGROOT:?run by make check-long}
	: >"$scratch/ledger"
	images "$scratch" 512M data
	bank_guest volatile
}

bank_guest()	# CACHE
{
	start_loaded "$tap_name" --cpus 2 --mem 1024M --disk "$pgroot,ro" \
		--disk "$scratch/data,lun=1,cache=$1"
	bank_tools || bail 'the guest cannot mount its root'
}

# In the guest: pg COMMAND runs it as postgres in Debian's root, pg_up brings
# the database up
bank_tools()
{
	guest -i 'cat >/tmp/guest.sh' < <(cat "$vmdir/guest.sh"; cat <<END
		fs=$fs
		pg()
		{
			chroot /pg /usr/bin/setpriv --reuid=postgres \
				--regid=postgres --init-groups /usr/bin/env -i \
				PATH=/usr/bin:/bin:/usr/lib/postgresql/15/bin \
				LC_ALL=C HOME=/tmp sh -c "\$1"
		}
		sql()
		{
			pg "psql -h /tmp -X -v ON_ERROR_STOP=1 -At -F ' ' -c \"\$1\" postgres"
		}
		mount_data()
		{
			mount -t \$fs /dev/\$(disk 0 1) /pg/data
		}
		pg_up()
		{
			pg 'rm -f /data/bank/postmaster.pid
			pg_ctl -D /data/bank -w -t 300 -l /data/bank/log start \
				>/tmp/start 2>&1 || { cat /tmp/start
					tail -n 20 /data/bank/log; false; }'
		}
		pg_down()
		{
			pg 'pg_ctl -D /data/bank -w -m fast stop >/dev/null'
		}
END
	)
	g 'modprobe ext4; modprobe xfs; mkdir -p /pg
	mount -t ext4 -o ro,noload /dev/$(disk 0 0) /pg &&
	mount -t tmpfs -o mode=1777 tmp /pg/tmp &&
	mount -t proc proc /pg/proc && mount -o bind /dev /pg/dev &&
	chmod 1777 /dev/shm'
	guest -i 'cat >/pg/tmp/bank.sql' <<'END'
\set aid random(1, 100000)
\set tid random(1, 10)
\set delta random(-5000, 5000)
\set n :n + 1
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:tid, 1, :aid, :delta, CURRENT_TIMESTAMP);
INSERT INTO ledger VALUES (:life, :client_id, :n);
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = 1;
COMMIT;
\shell echo ack :life :client_id :n ok
END
}

bank_acks()
{
	grep -c '^ack .* ok$' "$scratch/ledger"
}

bank_work()	# LIFE
{
	guest_aside -t 400 ". /tmp/guest.sh; pg 'pgbench -h /tmp -n -c $CLIENTS -T 380 \
		-D life=$1 -D n=0 -f /tmp/bank.sql postgres'" \
		>>"$scratch/ledger" 2>"$scratch/pgbench" &
	worker=$!
}

bank_await()	# N lines in the ledger
{
	local tries=2400

	until [ "$(bank_acks)" -ge "$1" ]; do
		kill -0 "$worker" 2>/dev/null && [ $((tries -= 1)) -gt 0 ] || {
			diag "$(tail -5 "$scratch/pgbench")"
			return 1
		}
		sleep 0.1
	done
}

# It would go on waiting for an answer
end_worker()
{
	kill "$worker" 2>/dev/null
	wait "$worker" 2>/dev/null
}

# The power goes: by reset, every third time by the death of hvhost
bank_pull()	# LIFE CACHE
{
	if [ $(($1 % 3)) -eq 0 ]; then
		kill -9 "$vm_pid"
		wait "$vm_pid" 2>/dev/null
		vm_pid=
		end_worker
		echo >>"$scratch/ledger"
		bank_guest "$2"
		return
	fi
	host power reset || return
	end_worker
	echo >>"$scratch/ledger"
	host wait reboot 60 >/dev/null && vm_await_agent && g lis-load &&
		disks_found && bank_tools
}

# Mounts, sound, and the database comes up again; says why not
bank_recover()
{
	g "set -e; mount_data; umount /pg/data
	case \$fs in
	ext4)	e2fsck -f -n /dev/\$(disk 0 1) ;;
	xfs)	xfs_repair -n /dev/\$(disk 0 1) ;;
	esac >/tmp/fsck 2>&1 || { cat /tmp/fsck; false; }
	mount_data; pg_up"
}

# What was acknowledged and is not in the database, one line each
bank_lost()
{
	g 'sql "SELECT life, client, n FROM ledger"' >"$scratch/rows" || {
		echo 'the ledger cannot be read'
		return
	}
	sed -n 's/^ack \(.*\) ok$/\1/p' "$scratch/ledger" | sort >"$scratch/acks"
	sort "$scratch/rows" | comm -13 - "$scratch/acks"
}

# Each transaction changed all of these by the same amount, or none
bank_balanced()
{
	g 'sql "SELECT (SELECT sum(abalance) FROM pgbench_accounts),
		(SELECT sum(tbalance) FROM pgbench_tellers),
		(SELECT sum(bbalance) FROM pgbench_branches),
		(SELECT coalesce(sum(delta), 0) FROM pgbench_history),
		(SELECT count(*) FROM pgbench_history),
		(SELECT count(*) FROM ledger)"' | tee "$scratch/sums" |
		awk '{ ok = NF == 6 && $1 == $2 && $2 == $3 && $3 == $4 && $5 == $6 }
			END { exit !ok }' && return
	cat "$scratch/sums"
	return 1
}

bank_life()	# LIFE
{
	bank_work "$1"
	holds "life $1: transactions are committed" \
		bank_await $(($(bank_acks) + 30 + RANDOM % 60)) || return
	bank_pull "$1" volatile		# not in a subshell: it may start a guest
	ok $? "life $1: the power goes, the guest boots again" || return
	holds "life $1: the database recovers" bank_recover || return
	is "$(bank_lost)" '' "life $1: no acknowledged transaction is lost" ||
		return
	holds "life $1: its sums agree" bank_balanced
}

# With a disk that lies about flushes all this must fail, else it proves nothing
bank_liar()
{
	g 'pg_down; umount /pg/data'
	vm_stop
	bank_guest lying
	holds 'a disk that lies: the database comes up' bank_recover
	bank_work 99
	holds 'and commits' bank_await $(($(bank_acks) + 30))
	bank_pull 98 lying
	if g 'mount_data && pg_up'; then
		isnt "$(bank_lost)" '' 'what it then loses, this test sees'
	else
		passes 'it then does not even come up, which this test sees'
	fi
}

bank_test()	# FILESYSTEM
{
	local life make

	bank_begin "$1"
	case $1 in
	ext4)	make='mkfs.ext4 -q -F -E nodiscard' ;;
	xfs)	make='mkfs.xfs -q -K' ;;
	esac
	in_guest 'a database is copied to the disk' "$make /dev/\$(disk 0 1) &&
		mount_data && cp -a /pg/srv/bank /pg/data/bank && sync && pg_up" ||
		bail 'no database'
	for ((life = 1; life <= LIVES; life++)); do
		bank_life $life || break
	done
	diag "$(bank_acks) transactions acknowledged in $LIVES lives"
	vm_check_log 'no complaint in the guest log'
	bank_liar
	vm_stop
	done_testing
}
