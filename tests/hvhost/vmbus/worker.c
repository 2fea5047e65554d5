// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker thread of an open channel: sleeps until the guest signals, a
 * completion arrives or somebody kicks, and lets the provider do its work
 * with the ring's interrupt masked.
 *
 * Locking: runs unlocked; takes server.lock once, to end.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "server_int.h"

/* Guests count in the low half of the eventfd, kicks in the high half. */
static void take_signals(struct vmbus_channel *ch)
{
	eventfd_t count;

	if (!eventfd_read(ch->signal_fd, &count))
		stat_add(&ch->stats.guest_signals, count & (CHANNEL_KICK - 1));
}

static void sleep_until_event(struct vmbus_channel *ch, int timeout)
{
	struct pollfd fds[2] = {
		{ .fd = ch->signal_fd, .events = POLLIN },
		{ .fd = ch->watch_fd, .events = POLLIN },
	};

	/* The usual case takes one system call: the fd blocks */
	if (timeout < 0 && ch->watch_fd < 0)
		take_signals(ch);
	else if (poll(fds, 2, timeout) > 0 && fds[0].revents)
		take_signals(ch);
}

static void storm(struct vmbus_channel *ch)
{
	unsigned int n = atomic_exchange(&ch->storm, 0);

	while (n-- && !atomic_load(&ch->stopping))
		channel_interrupt(ch);
}

/* Unmask and look once more; true = the guest wrote meanwhile. */
static bool unmask(struct vmbus_channel *ch)
{
	/* Not drained: the provider waits for something else than packets */
	if (!ch->drained || ch->in.fault)
		return false;
	ring_mask(&ch->in, false);
	/* A fault found here is reported by the next receive */
	return ring_readable(&ch->in) || ch->in.fault;
}

static void worker_loop(struct vmbus_channel *ch)
{
	const struct device_ops *ops = ch->dev->ops;

	for (;;) {
		bool stopping = atomic_load(&ch->stopping);
		int timeout = -1;

		if (stopping || !atomic_load(&ch->stalled)) {
			if (!stopping && !ch->in.fault)
				ring_mask(&ch->in, true);
			ch->drained = false;
			timeout = ops->run(ch->dev_state);
			vmbus_channel_flush(ch);
		}
		if (stopping) {
			if (ops->idle(ch->dev_state))
				return;
		} else {
			if (unmask(ch))
				continue;
			if (atomic_load(&ch->storm))
				storm(ch);
		}
		sleep_until_event(ch, timeout);
	}
}

static void *worker_main(void *arg)
{
	struct vmbus_channel *ch = arg;
	struct vmbus_server *s = ch->server;

	worker_loop(ch);
	ch->dev->ops->close(ch->dev_state);
	pthread_mutex_lock(&s->lock);
	s->workers--;
	s->dead[s->dead_count++] = pthread_self();
	channel_ended(ch);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int worker_start(struct vmbus_channel *ch)
{
	struct vmbus_server *s = ch->server;
	char name[16];
	int ret;

	/* Ended workers are joined by the next message, not by each other */
	if (s->workers + s->dead_count >= LIS_RELID_MAX)
		return -1;
	ch->drained = false;
	ret = pthread_create(&ch->thread, NULL, worker_main, ch);
	if (ret)
		return -1;
	snprintf(name, sizeof(name), "%.8s.%u", ch->dev->name, ch->relid);
	pthread_setname_np(ch->thread, name);
	s->workers++;
	return 0;
}

/* Never called by a worker */
void worker_reap(struct vmbus_server *s)
{
	while (s->dead_count)
		pthread_join(s->dead[--s->dead_count], NULL);
}
