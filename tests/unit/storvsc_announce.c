// SPDX-License-Identifier: GPL-2.0-only
/* srcs: vmbus/ring.c */
/* libs: -lpthread */
/*
 * Requests that are put into the ring without a signal are never lost: the
 * rules of storvsc/io.c (whom to signal, the timer behind them) on the real
 * ring, against a host that sleeps whenever the protocol lets it.
 *
 * First by chance, step by step: no step leaves a sleeping host with requests
 * that neither a timer nor a promised kick will bring to its attention.  Then
 * with two threads, where barriers matter: a wake-up that is missed leaves
 * both asleep, and the test says so after its time limit.
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "storvsc/pure.h"
#include "../../vmbus/ring.h"

#define RING	4096u
#define LEN	104u		/* a request of one page, without the trailer */

struct world {
	struct lis_ring_out out;
	struct lis_ring_control *ctl;
	u8 *data;
	/* the driver's hints and its timer */
	u32 quiet, busy;
	bool timer, promised;
	unsigned long signals, sent;
	/* the host */
	bool host_awake;
	u32 host_read, seen;
};

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->ctl = test_calloc(1, sizeof(*w->ctl));
	w->data = test_calloc(2, RING);
	lis_ring_out_init(&w->out, w->ctl, w->data, RING);
}

static void world_end(struct world *w)
{
	test_free(w->ctl);
	test_free(w->data);
}

static void signal_if(struct world *w, bool needed)
{
	if (!needed)
		return;
	w->signals++;
	w->host_awake = true;
}

static void kick(struct world *w)
{
	bool needed = lis_ring_out_settle(&w->out);

	needed |= lis_ring_out_publish(&w->out);
	w->quiet = 0;
	w->promised = false;
	signal_if(w, needed);
}

static bool put(struct world *w)
{
	void *at;

	if (lis_ring_out_reserve(&w->out, LEN, &at))
		return false;
	lis_ring_out_commit(&w->out, LEN);
	return true;
}

/* As queuecommand does; @last is SCMD_LAST */
static void submit(struct world *w, bool last)
{
	if (!put(w)) {
		kick(w);
		return;
	}
	w->busy++;
	w->sent++;
	if (last && !storvsc_may_defer(w->quiet + 1, w->busy)) {
		kick(w);
		return;
	}
	lis_ring_out_publish_quiet(&w->out);
	w->quiet++;
	if (last)
		w->timer = true;
	else
		w->promised = true;
}

/* As receive() does after @n completions */
static void complete(struct world *w, u32 n)
{
	if (n > w->busy)
		n = w->busy;
	w->busy -= n;
	if (w->quiet && !storvsc_may_defer(w->quiet, w->busy))
		kick(w);
}

/* One step of a host that masks, takes some, unmasks, looks again, sleeps */
static void host_step(struct world *w, int what)
{
	u32 write = w->ctl->write_index;

	if (!w->host_awake)
		return;
	switch (what) {
	case 0:
		w->ctl->interrupt_mask = 1;
		break;
	case 1:
		if (w->host_read == write)
			break;
		w->host_read = (w->host_read + LEN + 8) % RING;
		w->ctl->read_index = w->host_read;
		w->seen++;
		break;
	case 2:
		w->ctl->interrupt_mask = 0;
		if (w->host_read == write)
			w->host_awake = false;
		break;
	}
}

static void nobody_is_forgotten(const struct world *w)
{
	if (w->host_awake || w->host_read == w->ctl->write_index)
		return;
	/* asleep, and there is work: somebody will come */
	assert_true(w->timer || w->promised);
	/* and what he does will wake it */
	assert_true(w->out.owed && w->out.owed_at == w->host_read);
}

static void step_by_step(void **state)
{
	unsigned long signals = 0, sent = 0;
	unsigned int seed, i;

	(void)state;
	for (seed = 1; seed <= 300; seed++) {
		struct world w;

		world_init(&w);
		srand(seed);
		for (i = 0; i < 3000; i++) {
			int r = rand() % 100;

			if (r < 30)
				submit(&w, rand() % 3 > 0);
			else if (r < 35 && w.promised)
				kick(&w);	/* commit_rqs */
			else if (r < 50)
				complete(&w, w.seen ? rand() % 3 : 0);
			else if (r < 98)
				host_step(&w, rand() % 3);
			else if (w.timer) {
				w.timer = false;
				kick(&w);
			}
			nobody_is_forgotten(&w);
		}
		signals += w.signals;
		sent += w.sent;
		world_end(&w);
	}
	assert_true(sent > 50000);
	assert_true(signals * 3 < sent);	/* and it saves something */
}

static void host_that_looks_by_itself_needs_no_signal(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_true(put(&w));
	lis_ring_out_publish_quiet(&w.out);
	assert_true(w.out.owed);
	/* awake for another reason, it takes the request and sleeps again */
	w.ctl->read_index = LEN + 8;
	assert_false(lis_ring_out_settle(&w.out));
	/* the next one finds it asleep there */
	assert_true(put(&w));
	lis_ring_out_publish_quiet(&w.out);
	assert_true(lis_ring_out_settle(&w.out));
	assert_false(lis_ring_out_settle(&w.out));
	/* a host that is looking now needs none either */
	assert_true(put(&w));
	lis_ring_out_publish_quiet(&w.out);
	w.ctl->interrupt_mask = 1;
	assert_false(lis_ring_out_settle(&w.out));
	world_end(&w);
}

/* --- two threads ----------------------------------------------------------- */

#define REQUESTS	200000u

struct pair {
	struct world w;
	sem_t signal;
	u32 taken;		/* by the host; atomic */
};

static bool wait_for(sem_t *sem, int seconds)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	return !sem_timedwait(sem, &until);
}

static void *host_thread(void *arg)
{
	struct pair *p = arg;
	struct lis_ring_control *ctl = p->w.ctl;
	u32 read = 0, taken = 0;

	while (taken < REQUESTS) {
		u32 write = __atomic_load_n(&ctl->write_index,
					    __ATOMIC_ACQUIRE);

		__atomic_store_n(&ctl->interrupt_mask, 1, __ATOMIC_RELAXED);
		while (read != write) {
			read = (read + LEN + 8) % RING;
			taken++;
		}
		__atomic_store_n(&ctl->read_index, read, __ATOMIC_RELEASE);
		__atomic_store_n(&p->taken, taken, __ATOMIC_RELEASE);
		__atomic_store_n(&ctl->interrupt_mask, 0, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (__atomic_load_n(&ctl->write_index, __ATOMIC_RELAXED) ==
		    read && taken < REQUESTS && !wait_for(&p->signal, 20))
			return NULL;	/* nobody woke us */
	}
	return (void *)1;
}

static void tell(struct pair *p, bool needed)
{
	if (needed)
		sem_post(&p->signal);
}

static void pair_kick(struct pair *p)
{
	bool needed = lis_ring_out_settle(&p->w.out);

	needed |= lis_ring_out_publish(&p->w.out);
	tell(p, needed);
}

/* Bursts of any length, quiet but for a kick at the end of each */
static void *guest_thread(void *arg)
{
	struct pair *p = arg;
	unsigned int seed = 7;
	u32 sent = 0;

	while (sent < REQUESTS) {
		u32 burst = 1 + rand_r(&seed) % 12;

		while (burst && sent < REQUESTS) {
			if (!put(&p->w)) {
				pair_kick(p);
				sched_yield();
				continue;
			}
			lis_ring_out_publish_quiet(&p->w.out);
			sent++;
			burst--;
		}
		pair_kick(p);
		/* now and then let it go to sleep */
		if (!(rand_r(&seed) % 4))
			while (__atomic_load_n(&p->taken, __ATOMIC_ACQUIRE) <
			       sent)
				sched_yield();
	}
	return NULL;
}

static void two_threads(void **state)
{
	pthread_t host, guest;
	struct pair p = { 0 };
	void *all;

	(void)state;
	world_init(&p.w);
	sem_init(&p.signal, 0, 0);
	assert_int_equal(pthread_create(&host, NULL, host_thread, &p), 0);
	assert_int_equal(pthread_create(&guest, NULL, guest_thread, &p), 0);
	pthread_join(host, &all);
	if (!all)
		pthread_cancel(guest);
	pthread_join(guest, NULL);
	assert_non_null(all);
	assert_int_equal(p.taken, REQUESTS);
	sem_destroy(&p.signal);
	world_end(&p.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(step_by_step),
		cmocka_unit_test(host_that_looks_by_itself_needs_no_signal),
		cmocka_unit_test(two_threads),
	};

	return cmocka_run_group_tests_name("storvsc_announce", tests, NULL,
					   NULL);
}
