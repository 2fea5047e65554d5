// SPDX-License-Identifier: GPL-2.0-only
/* srcs: vmbus/target.c */
/*
 * Which CPU a channel interrupts: the count of channels of each CPU stays true
 * whatever is asked for at whatever moment, and a CPU that goes offline is
 * left by everybody, or stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../vmbus/vmbus_int.h"

#define CPUS	4

struct lis_bus lis_bus;
static cpumask_t mask;
static unsigned int load[8];
static struct lis_channel ch;
static unsigned int told;		/* calls of ops->moved() */

static void moved(struct lis_channel *c, void *ctx)
{
	assert_ptr_equal(ctx, &told);
	assert_int_equal(lis_channel_cpu(c), c->cpu);
	told++;
}

static const struct lis_channel_ops ops = { .moved = moved };
static int host_says, torn_down, share_says;

/* --- neighbours ------------------------------------------------------------ */

void lis_wait_start(struct lis_waiter *w) { }

int lis_wait_end(struct lis_waiter *w, int posted)
{
	w->msg.modified.status = 0;
	return posted ?: host_says;
}

int lis_post(const void *msg, u32 len) { return 0; }
u32 lis_hv_vp(int cpu) { return cpu; }
void lis_channel_put(struct lis_channel *c) { }
bool lis_rx_poke(struct lis_channel *c) { return true; }

struct lis_channel *lis_channel_get(u32 relid)
{
	return relid == 1 ? &ch : NULL;
}

int lis_gpadl_share(struct lis_channel *c, u32 bytes,
		    u64 (*pfn)(void *ctx, u32 i), void *ctx, u32 *handle)
{
	*handle = 1;
	return share_says;
}

int lis_gpadl_teardown(struct lis_channel *c, u32 handle)
{
	torn_down++;
	return 0;
}

/* --- tests ----------------------------------------------------------------- */

static int start(void **state)
{
	memset(&lis_bus, 0, sizeof(lis_bus));
	memset(&ch, 0, sizeof(ch));
	memset(load, 0, sizeof(load));
	mask.bits = (1 << CPUS) - 1;
	lis_bus.synic_cpus = &mask;
	lis_bus.cpu_load = load;
	lis_bus.version = LIS_VMBUS_V5_3;
	mutex_init(&lis_bus.target_lock);
	mutex_init(&ch.lock);
	host_says = 0;
	share_says = 0;
	torn_down = 0;
	return 0;
}

static void open_on(int wish)
{
	mutex_lock(&ch.lock);
	lis_target_choose(&ch, wish);
	ch.ops = &ops;
	ch.ctx = &told;
	told = 0;
	ch.state = LIS_CHAN_OPEN;
	mutex_unlock(&ch.lock);
}

static void close_it(void)
{
	lis_target_forget(&ch);
	ch.state = LIS_CHAN_CLOSED;
}

static void check_load(int on)
{
	int cpu;

	for (cpu = 0; cpu < CPUS; cpu++)
		assert_int_equal(load[cpu], cpu == on);
}

static void the_least_loaded(void **state)
{
	load[0] = 2;
	load[1] = 1;
	load[2] = 1;
	load[3] = 0;
	open_on(-1);
	assert_int_equal(ch.cpu, 3);
	close_it();
	open_on(99);
	assert_int_equal(ch.cpu, 3);
}

static void moving(void **state)
{
	open_on(1);
	assert_int_equal(lis_channel_set_cpu(&ch, 2), 0);
	check_load(2);
	assert_int_equal(told, 1);
	assert_int_equal(lis_channel_set_cpu(&ch, 2), 0);
	assert_int_equal(lis_channel_set_cpu(&ch, 7), -EINVAL);
	assert_int_equal(lis_channel_set_cpu(&ch, -1), -EINVAL);
	host_says = -ETIMEDOUT;
	assert_int_equal(lis_channel_set_cpu(&ch, 3), -ETIMEDOUT);
	check_load(2);
	assert_int_equal(told, 1);
	close_it();
	check_load(-1);
}

/* What sysfs may ask at the worst moment */
static void moving_while_it_closes(void **state)
{
	open_on(1);
	ch.state = LIS_CHAN_CLOSING;
	assert_int_equal(lis_channel_set_cpu(&ch, 2), -ENODEV);
	close_it();
	check_load(-1);
}

static void a_choice_made_while_closed(void **state)
{
	assert_int_equal(lis_channel_set_cpu(&ch, 2), 0);
	open_on(-1);
	check_load(2);
	close_it();
	/* a driver that asks for one gets that */
	open_on(1);
	check_load(1);
}

static void old_hosts(void **state)
{
	lis_bus.version = LIS_VMBUS_V4_0;
	open_on(1);
	assert_int_equal(lis_channel_set_cpu(&ch, 2), -EOPNOTSUPP);
	/* these do not answer: a GPADL tells when they are done */
	lis_bus.version = LIS_VMBUS_V5_0;
	assert_int_equal(lis_channel_set_cpu(&ch, 2), 0);
	assert_int_equal(torn_down, 1);
	check_load(2);
	/* one that was not heard of again is taken back, too */
	share_says = -ETIMEDOUT;
	assert_int_equal(lis_channel_set_cpu(&ch, 3), -ETIMEDOUT);
	assert_int_equal(torn_down, 2);
	check_load(2);
}

static void going_offline(void **state)
{
	open_on(2);
	assert_int_equal(lis_target_evacuate(lis_bus.connect_cpu), -EBUSY);
	assert_int_equal(lis_target_evacuate(2), 0);
	assert_int_not_equal(ch.cpu, 2);
	assert_false(cpumask_test_cpu(2, &mask));
	check_load(ch.cpu);
	/* the host keeps it: the CPU stays in use */
	host_says = -EPROTO;
	load[0] = 5;
	close_it();
	open_on(3);
	assert_int_equal(lis_target_evacuate(3), -EBUSY);
	assert_true(cpumask_test_cpu(3, &mask));
	assert_int_equal(ch.cpu, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_least_loaded, start),
		cmocka_unit_test_setup(moving, start),
		cmocka_unit_test_setup(moving_while_it_closes, start),
		cmocka_unit_test_setup(a_choice_made_while_closed, start),
		cmocka_unit_test_setup(old_hosts, start),
		cmocka_unit_test_setup(going_offline, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
