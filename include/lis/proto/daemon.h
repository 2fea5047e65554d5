/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What hv_utils and the daemons of integration services say to each other
 * through /dev/vmbus/hv_kvp, hv_vss and hv_fcopy: the ABI of the kernel's own
 * driver (<linux/hyperv.h>).  A message is one read() or one write().  Text is
 * UTF-8 with a NUL; sizes include it.
 *
 * A daemon registers by its first write, is greeted by its first read, and then
 * reads requests and writes an answer to each.
 */
#ifndef LIS_PROTO_DAEMON_H
#define LIS_PROTO_DAEMON_H

#include <lis/proto/ic_files.h>
#include <lis/proto/ic_kvp.h>

/* --- hv_kvp: always a whole struct lis_kvpd_message ----------------------- */

#define LIS_KVPD_REGISTER_OLD	4	/* no addresses, no status in answers */
#define LIS_KVPD_REGISTER	100	/* also the greeting */

#define LIS_KVPD_SZ		1

struct lis_kvpd_value {
	__u32 type;
	__u32 key_bytes;
	__u32 value_bytes;
	__u8 key[LIS_KVP_KEY_MAX];
	__u8 value[LIS_KVP_VALUE_MAX];
};
LIS_ASSERT_SIZE(struct lis_kvpd_value, 2572);

struct lis_kvpd_ip {
	__u8 adapter[256];
	__u8 family;
	__u8 dhcp;
	__u8 addresses[2048];
	__u8 subnets[2048];
	__u8 gateways[1024];
	__u8 dns[2048];
};
LIS_ASSERT_SIZE(struct lis_kvpd_ip, 7426);

struct lis_kvpd_message {
	union {
		struct {
			__u8 op;	/* enum lis_kvp_op, LIS_KVPD_* */
			__u8 pool;
			__u16 pad;
		};
		__u32 status;		/* answers */
	};
	union {
		struct lis_kvpd_value value;	/* GET, SET */
		struct {
			__u32 key_bytes;
			__u8 key[LIS_KVP_KEY_MAX];
		} del;
		struct {
			__u32 index;
			struct lis_kvpd_value value;
		} enumerate;
		struct lis_kvpd_ip ip;
		__u8 version[LIS_KVP_KEY_MAX];	/* the greeting's */
	};
};
LIS_ASSERT_SIZE(struct lis_kvpd_message, 7432);

/* --- hv_vss --------------------------------------------------------------- */

#define LIS_VSSD_REGISTER_OLD	128	/* wants no greeting */
#define LIS_VSSD_REGISTER	129	/* greeted with a __u32 */

/* enum lis_vss_op HOT_BACKUP, FREEZE and THAW; the answer's first __u32 is a
 * status
 */
struct lis_vssd_message {
	union {
		struct lis_vss_head head;
		__u32 status;
	};
	__u32 flags;
} LIS_PACKED;
LIS_ASSERT_SIZE(struct lis_vssd_message, 12);

/* --- hv_fcopy ------------------------------------------------------------- */

/* Registers with a __u32: 0 wants no greeting, 1 gets a __u32.  Requests are the
 * host's own (struct lis_fcopy_head, lis_fcopy_write), but names at the start
 * are UTF-8 in the same places.  An answer is a __u32, the status.
 */
#define LIS_FCOPYD_VERSION_OLD	0
#define LIS_FCOPYD_VERSION	1

#endif
