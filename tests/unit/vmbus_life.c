// SPDX-License-Identifier: GPL-2.0-only
/* srcs: vmbus/offer.c vmbus/device.c vmbus/channel.c vmbus/message.c vmbus/ring.c */
/*
 * Devices and channels from their offers to their end, with a host that does
 * what it likes: offers twice, in the wrong order, takes back in the middle.
 * What must hold: a channel's id is given back once, after the channel was
 * closed; nothing is used after it was freed or is left behind (ASan); and
 * nothing goes on for ever (alarm).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../vmbus/vmbus_int.h"

struct lis_bus lis_bus;
struct bus_type lis_bus_type;
const struct attribute_group *lis_device_groups[1];

/* What the host is told, and what happens just then */
static u32 posted[LIS_MSG_COUNT];
static u32 opened[LIS_RELID_MAX + 1];
static void (*on_post)(u32 type, u32 relid);
static void (*on_release_driver)(struct lis_bus_device *bd);

int lis_post(const void *msg, u32 len)
{
	const struct lis_msg_relid *m = msg;

	posted[m->hdr.type]++;
	switch (m->hdr.type) {
	case LIS_MSG_OPEN_CHANNEL:
		opened[m->relid]++;
		break;
	case LIS_MSG_CLOSE_CHANNEL:
		if (on_post)
			on_post(m->hdr.type, m->relid);
		opened[m->relid] = 0;
		break;
	case LIS_MSG_RELID_RELEASED:
		/* the host may use the id for another channel at once */
		assert_int_equal(opened[m->relid], 0);
		assert_null(lis_bus.relid[m->relid]);
		break;
	}
	return 0;
}

/* --- neighbours that are not tested here ----------------------------------- */

void lis_wait_start(struct lis_waiter *w) { }
void lis_wait_rescind(const struct lis_channel *ch) { }
u32 lis_hv_vp(int cpu) { return cpu; }
void lis_target_choose(struct lis_channel *ch, int wish) { }
void lis_target_forget(struct lis_channel *ch) { }
void lis_rx_tasklet(struct tasklet_struct *t) { }
void lis_room_timer(struct timer_list *t) { }

void lis_debugfs_add_device(struct lis_bus_device *bd)
{
	bd->debugfs = (void *)1;
}

void lis_debugfs_remove_device(struct lis_bus_device *bd)
{
	bd->debugfs = NULL;
}

void lis_debugfs_add_channel(struct lis_channel *ch, struct dentry *where)
{
	assert_non_null(where);
	ch->debugfs = where;
}

void lis_debugfs_remove_channel(struct lis_channel *ch)
{
	ch->debugfs = NULL;
}

int lis_wait_end(struct lis_waiter *w, int posted_ok)
{
	w->msg.open_result.status = 0;
	return w->ch && lis_rescinded(w->ch) ? -ENODEV : posted_ok;
}

int lis_sysfs_add_channel(struct lis_channel *ch, struct kset *where)
{
	set_bit(LIS_CH_IN_SYSFS, &ch->flags);
	return 0;
}

void lis_sysfs_remove_channel(struct lis_channel *ch)
{
	clear_bit(LIS_CH_IN_SYSFS, &ch->flags);
}

int lis_ring_mem_alloc(struct lis_ring_mem *m, u32 send_bytes, u32 recv_bytes)
{
	m->map[0] = calloc(1, 2 * send_bytes);
	m->map[1] = calloc(1, 2 * recv_bytes);
	return 0;
}

void lis_ring_mem_free(struct lis_ring_mem *m)
{
	free(m->map[0]);
	free(m->map[1]);
	*m = (struct lis_ring_mem){};
}

int lis_gpadl_share(struct lis_channel *ch, u32 bytes,
		    u64 (*pfn)(void *ctx, u32 i), void *ctx, u32 *handle)
{
	*handle = 1;
	return 0;
}

struct lis_lent *lis_lent_alloc(void)
{
	return calloc(1, 1);
}

/* Memory that the host keeps for now, and whose it was */
static bool host_keeps_memory;
static struct lis_channel *keeper;

void lis_gpadl_take_back(struct lis_channel *ch, struct lis_lent *l,
			 u32 handle, struct lis_ring_mem *mem)
{
	free(l);
	lis_ring_mem_free(mem);
	if (!host_keeps_memory)
		return;
	atomic_inc(&ch->out_on_loan);
	kref_get(&ch->ref);
	keeper = ch;
}

/* --- the driver core, and a driver ----------------------------------------- */

static bool driver_opens;
static unsigned int subs_told;

static unsigned int take_nothing(struct lis_channel *ch, void *ctx,
				 unsigned int budget)
{
	return 0;
}

static const struct lis_channel_ops sub_ops = { .receive = take_nothing };
static const struct lis_open_params sub_params = {
	.send_bytes = 2 * PAGE_SIZE, .recv_bytes = 2 * PAGE_SIZE,
	.max_packet = 64, .max_requests = 1, .target_cpu = -1,
	.ops = &sub_ops,
};

static void told_of_sub(struct lis_channel *primary, struct lis_channel *sub,
			void *ctx)
{
	subs_told++;
	if (driver_opens)
		(void)lis_channel_open(sub, &sub_params);
}

static const struct lis_channel_ops primary_ops = {
	.receive = take_nothing,
	.subchannel = told_of_sub,
};

static void bind_driver(struct lis_bus_device *bd)
{
	struct lis_open_params p = sub_params;

	p.ops = &primary_ops;
	bd->d.dev.driver = (void *)1;
	(void)lis_channel_open(bd->d.channel, &p);
}

int device_add(struct device *dev) { return 0; }
void device_del(struct device *dev) { }

int device_attach(struct device *dev)
{
	if (driver_opens)
		bind_driver(to_bus_device(to_lis_device(dev)));
	return 1;
}

void device_release_driver(struct device *dev)
{
	struct lis_bus_device *bd = to_bus_device(to_lis_device(dev));

	if (on_release_driver)
		on_release_driver(bd);
	if (!dev->driver)
		return;
	lis_close_all(bd);
	lis_purge_subs(bd);
	dev->driver = NULL;
}

/* --- the host -------------------------------------------------------------- */

static void offer(u32 relid, u8 device, u16 index)
{
	union lis_host_msg m = { .offer = {
		.hdr.type = LIS_MSG_OFFER_CHANNEL,
		.class_id.b = { 1 },
		.instance_id.b = { device },
		.subchannel_index = index,
		.relid = relid,
		.connection_id = relid,
	} };

	lis_handle_message(&m);
}

static void rescind(u32 relid)
{
	union lis_host_msg m = { .relid = {
		.hdr.type = LIS_MSG_RESCIND_OFFER,
		.relid = relid,
	} };

	lis_mark_rescinded(relid);
	lis_handle_message(&m);
}

static int start(void **state)
{
	memset(&lis_bus, 0, sizeof(lis_bus));
	mutex_init(&lis_bus.offer_lock);
	mutex_init(&lis_bus.target_lock);
	raw_spin_lock_init(&lis_bus.wait_lock);
	INIT_LIST_HEAD(&lis_bus.devices);
	INIT_LIST_HEAD(&lis_bus.parked);
	INIT_LIST_HEAD(&lis_bus.waiters);
	init_completion(&lis_bus.all_offers);
	memset(posted, 0, sizeof(posted));
	memset(opened, 0, sizeof(opened));
	on_post = NULL;
	on_release_driver = NULL;
	driver_opens = true;
	subs_told = 0;
	alarm(60);
	return 0;
}

static int stop(void **state)
{
	u32 relid;

	on_post = NULL;
	on_release_driver = NULL;
	lis_bus.closing = true;
	lis_drop_everything();
	assert_true(list_empty(&lis_bus.devices));
	assert_true(list_empty(&lis_bus.parked));
	for (relid = 0; relid <= LIS_RELID_MAX; relid++) {
		assert_null(lis_bus.relid[relid]);
		assert_int_equal(opened[relid], 0);
	}
	alarm(0);
	return 0;
}

/* --- tests ----------------------------------------------------------------- */

static void an_ordinary_life(void **state)
{
	offer(1, 1, 0);
	fake_run_work();
	assert_int_equal(opened[1], 1);
	offer(2, 1, 1);
	fake_run_work();
	assert_int_equal(subs_told, 1);
	assert_int_equal(opened[2], 1);
	rescind(2);
	rescind(1);
	fake_run_work();
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 2);
	assert_int_equal(posted[LIS_MSG_CLOSE_CHANNEL], 2);
}

/* Sub-channels of one number, all before their primary */
static void twins_wait_for_their_primary(void **state)
{
	u32 i;

	for (i = 10; i < 20; i++)
		offer(i, 1, 1);
	offer(20, 1, 2);
	offer(1, 1, 0);
	fake_run_work();
	/* one of the twins, and the other one */
	assert_int_equal(subs_told, 2);
	for (i = 10; i <= 20; i++)
		rescind(i);
	fake_run_work();
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 11);
}

static void rescind_sub_at_close(u32 type, u32 relid)
{
	on_post = NULL;
	if (relid == 2)
		rescind(2);
}

/* As after "controller removed": rescinds come while the device goes */
static void a_rescind_while_the_device_goes(void **state)
{
	driver_opens = true;
	offer(1, 1, 0);
	offer(2, 1, 1);
	fake_run_work();
	rescind(1);
	on_post = rescind_sub_at_close;
	fake_run_work();
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 2);
}

static void open_sub_again(struct lis_bus_device *bd)
{
	struct lis_channel *sub = lis_channel_get(2);

	/* so that there is something to close after the driver is gone */
	on_release_driver = NULL;
	bd->d.dev.driver = NULL;
	lis_close_all(bd);
	assert_int_equal(lis_channel_open(sub, &sub_params), 0);
	lis_channel_put(sub);
	on_post = rescind_sub_at_close;
}

/* The same, later: when the bus itself ends the sub-channel */
static void a_rescind_while_the_bus_ends_a_sub(void **state)
{
	offer(1, 1, 0);
	offer(2, 1, 1);
	fake_run_work();
	rescind(1);
	on_release_driver = open_sub_again;
	fake_run_work();
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 2);
}

/* The id of a channel is given back after the last of its memory */
static void an_id_waits_for_memory(void **state)
{
	host_keeps_memory = true;
	offer(1, 1, 0);
	fake_run_work();
	rescind(1);
	fake_run_work();
	host_keeps_memory = false;
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 0);
	lis_channel_loan_back(keeper);
	lis_channel_put(keeper);
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 1);
}

/* A host that does not wait for it loses nothing by that */
static void an_id_used_again_too_early(void **state)
{
	host_keeps_memory = true;
	offer(1, 1, 0);
	fake_run_work();
	rescind(1);
	fake_run_work();
	host_keeps_memory = false;
	offer(1, 2, 0);
	fake_run_work();
	assert_int_equal(opened[1], 1);
	lis_channel_loan_back(keeper);
	lis_channel_put(keeper);
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 0);
}

/* A rescind while we leave for hibernation is about a channel of no tomorrow */
static void hibernation(void **state)
{
	struct lis_channel *ch;

	offer(1, 1, 0);
	offer(2, 2, 0);
	offer(3, 1, 1);
	fake_run_work();
	lis_channel_close(lis_bus.relid[1]);
	lis_channel_close(lis_bus.relid[2]);
	ch = lis_bus.relid[1];

	lis_bus.asleep = true;
	rescind(1);
	fake_run_work();
	lis_unseat_channels();
	assert_null(lis_bus.relid[1]);
	lis_bus.asleep = false;

	/* one comes back under another number, the other does not */
	offer(7, 1, 0);
	assert_ptr_equal(lis_bus.relid[7], ch);
	assert_int_equal(ch->relid, 7);
	assert_int_equal(lis_channel_error(ch), 0);
	lis_drop_unseated();
	fake_run_work();
	assert_int_equal(lis_channel_open(ch, &sub_params), 0);
}

/* While dev_wq is frozen: one was just offered, with a sub-channel, and one is
 * due to go; nobody may wait for that, and the next host knows nothing of it
 */
static void hibernation_with_work_to_do(void **state)
{
	offer(1, 1, 0);
	fake_run_work();
	lis_channel_close(lis_bus.relid[1]);
	rescind(1);
	offer(2, 2, 0);
	offer(3, 2, 1);
	flush_work(&lis_bus.relid[3]->work);
	assert_int_equal(subs_told, 0);

	lis_bus.asleep = true;
	lis_unseat_channels();
	lis_bus.asleep = false;
	offer(7, 2, 0);
	offer(1, 3, 0);
	lis_drop_unseated();
	offer(8, 2, 1);
	fake_run_work();
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 0);
	assert_int_equal(opened[7], 1);
	assert_int_equal(opened[1], 1);
	assert_int_equal(opened[8], 1);
	rescind(7);
	fake_run_work();
	assert_int_equal(posted[LIS_MSG_RELID_RELEASED], 1);
}

/* --- two that close at the same time ---------------------------------------- */

static struct completion first_inside, let_first_go;
static bool second_early;

static void wait_while_closing(void)
{
	fake_on_timer_delete = NULL;
	complete(&first_inside);
	wait_for_completion(&let_first_go);
}

static void *close_first(void *ch)
{
	lis_channel_close(ch);
	return NULL;
}

static void *close_second(void *arg)
{
	struct lis_channel *ch = arg;

	lis_channel_close(ch);
	second_early = READ_ONCE(ch->state) != LIS_CHAN_CLOSED;
	complete(&first_inside);
	return NULL;
}

/* Whoever closes as second may believe that it is closed when he returns */
static void closing_waits_for_closing(void **state)
{
	struct lis_channel *ch;
	pthread_t a, b;

	offer(1, 1, 0);
	fake_run_work();
	ch = lis_channel_get(1);
	init_completion(&first_inside);
	init_completion(&let_first_go);
	fake_on_timer_delete = wait_while_closing;
	pthread_create(&a, NULL, close_first, ch);
	wait_for_completion(&first_inside);
	pthread_create(&b, NULL, close_second, ch);
	/* time for the second to make the mistake; with luck it is not seen */
	(void)wait_for_completion_timeout(&first_inside, HZ / 5);
	complete(&let_first_go);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	assert_false(second_early);
	lis_channel_put(ch);
}

/* --- by chance -------------------------------------------------------------- */

static void anything_goes(void **state)
{
	unsigned int round, step;

	for (round = 0; round < 300; round++) {
		srand(round);
		start(state);
		driver_opens = round & 1;
		for (step = 0; step < 200; step++) {
			u32 relid = 1 + rand() % 12;

			switch (rand() % 4) {
			case 0:
			case 1:
				offer(relid, 1 + rand() % 3, rand() % 4);
				break;
			case 2:
				rescind(relid);
				break;
			default:
				fake_run_work();
			}
		}
		stop(state);
	}
	start(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_ordinary_life, start, stop),
		cmocka_unit_test_setup_teardown(twins_wait_for_their_primary,
						start, stop),
		cmocka_unit_test_setup_teardown(a_rescind_while_the_device_goes,
						start, stop),
		cmocka_unit_test_setup_teardown(
			a_rescind_while_the_bus_ends_a_sub, start, stop),
		cmocka_unit_test_setup_teardown(an_id_waits_for_memory,
						start, stop),
		cmocka_unit_test_setup_teardown(hibernation, start, stop),
		cmocka_unit_test_setup_teardown(hibernation_with_work_to_do,
						start, stop),
		cmocka_unit_test_setup_teardown(an_id_used_again_too_early,
						start, stop),
		cmocka_unit_test_setup_teardown(closing_waits_for_closing,
						start, stop),
		cmocka_unit_test_setup_teardown(anything_goes, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
