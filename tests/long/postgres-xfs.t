#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 600 seconds
#
# Promise: PostgreSQL on xfs loses no transaction that it has acknowledged when
# the power goes, and its books balance; on a disk that lies about flushes it
# does, and this test sees that.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"
# shellcheck source=tests/long/postgres.sh
. "$top/tests/long/postgres.sh"

bank_test xfs
