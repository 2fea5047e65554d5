/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixed-width little-endian integers and size asserts for wire formats.
 *
 * Every header in this directory describes bytes on a wire and nothing else:
 * no logic, no kernel or libc dependency beyond these names, so that kernel
 * modules, daemons, unit tests and the test host compile the same text.
 * VMBus is little-endian and so is every machine Hyper-V runs on; the fields
 * are therefore plain integers.
 */
#ifndef LIS_PROTO_TYPES_H
#define LIS_PROTO_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/build_bug.h>
#else
#include <linux/types.h>
#include <stddef.h>
#endif

/* A wire structure whose size drifts would corrupt every conversation. */
#ifdef __CHECKER__
/* sparse before 0.6.4 does not know "packed"; compilers see the same lines */
#define LIS_ASSERT_SIZE(type, bytes) \
	_Static_assert(sizeof(type) > 0 && (bytes) > 0, #type)
#else
#define LIS_ASSERT_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), #type " must be " #bytes " bytes")
#endif

#define LIS_PACKED __attribute__((packed))

/* GUID in wire order: the first three groups are little-endian. */
struct lis_guid {
	__u8 b[16];
};
LIS_ASSERT_SIZE(struct lis_guid, 16);

/* Text order {a-b-c-d0d1-d2d3d4d5d6d7} as an initializer in wire order. */
#define LIS_GUID(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7) { {		\
	(a) & 0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff,		\
	((a) >> 24) & 0xff, (b) & 0xff, ((b) >> 8) & 0xff,		\
	(c) & 0xff, ((c) >> 8) & 0xff,					\
	(d0), (d1), (d2), (d3), (d4), (d5), (d6), (d7) } }

#endif
