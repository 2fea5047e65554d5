// SPDX-License-Identifier: GPL-2.0-only
/*
 * One file from the host at a time: see copy.h.  One thread; no locks.
 *
 * The file has no name while it is written, where the file system can do
 * that, so that nothing remains of one that was not finished, whatever
 * happens to the daemon or the machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "copy.h"
#include "place.h"
#include "tools/lib/text.h"

#define NAME_TRIES	100

void fcopy_init(struct fcopy *f, const struct fcopy_policy *policy,
		const char *root)
{
	memset(f, 0, sizeof(*f));
	f->policy = policy;
	f->root = root;
	f->dir = -1;
	f->file = -1;
}

const char *fcopy_operation(unsigned int operation)
{
	static const char *const names[] = {
		"start", "write", "complete", "cancel",
	};

	return operation < sizeof(names) / sizeof(names[0]) ?
		names[operation] : "unknown request";
}

void fcopy_drop(struct fcopy *f)
{
	if (f->named)
		unlinkat(f->dir, f->temp, 0);
	f->named = false;
	if (f->file >= 0)
		close(f->file);
	if (f->dir >= 0)
		close(f->dir);
	f->file = -1;
	f->dir = -1;
}

static uint32_t refuse(struct fcopy *f, uint32_t status, const char *why)
{
	snprintf(f->error, sizeof(f->error), "%.180s: %s", f->shown, why);
	fcopy_drop(f);
	return status;
}

static uint32_t refuse_errno(struct fcopy *f, int err)
{
	switch (err) {
	case -EPERM:
		return refuse(f, HV_E_FAIL, "not allowed there, by " FCOPY_CONFIG " or the file's attributes");
	case -ELOOP:
		return refuse(f, HV_E_FAIL, "a symbolic link is in the way");
	case -EEXIST:
		return refuse(f, HV_ERROR_ALREADY_EXISTS, "exists already");
	case -ENOSPC:
	case -EDQUOT:
		return refuse(f, HV_ERROR_DISK_FULL, "no room");
	default:
		return refuse(f, HV_E_FAIL, strerror(-err));
	}
}

/* A name that is not taken, in the same directory: rename() wants that. */
static int random_name(char *out, size_t size)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	unsigned long long r;
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, &r, sizeof(r));
	close(fd);
	if (got != sizeof(r))
		return -EIO;
	snprintf(out, size, ".hv_fcopy.%016llx", r);
	return 0;
}

static int open_temp(struct fcopy *f)
{
	int i, err;

	f->file = openat(f->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (f->file >= 0)
		return 0;
	for (i = 0; i < NAME_TRIES; i++) {
		err = random_name(f->temp, sizeof(f->temp));
		if (err)
			return err;
		f->file = openat(f->dir, f->temp, O_CREAT | O_EXCL | O_NOFOLLOW |
				 O_WRONLY | O_CLOEXEC, 0600);
		if (f->file >= 0) {
			f->named = true;
			return 0;
		}
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* Room for all of it, before the host sends any of it. */
static int reserve(struct fcopy *f)
{
	struct statvfs fs;

	if (!f->size)
		return 0;
	if (f->size > INT64_MAX)
		return -ENOSPC;
	if (!fallocate(f->file, FALLOC_FL_KEEP_SIZE, 0, (off_t)f->size))
		return 0;
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return -ENOSPC;
	/* a file system that cannot reserve can still say what it has */
	if (!fstatvfs(f->file, &fs) && fs.f_blocks &&
	    f->size / fs.f_frsize > fs.f_bavail)
		return -ENOSPC;
	return 0;
}

/* What is there by the name of the new file? */
static int look_at_target(const struct fcopy *f)
{
	struct stat st;

	if (fstatat(f->dir, f->name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return f->overwrite ? 0 : -EEXIST;
}

static uint32_t start(struct fcopy *f, const struct hv_start_fcopy *msg)
{
	char path[W_MAX_PATH * 2], dir[PATH_MAX];
	int err;

	fcopy_drop(f);		/* the host has forgotten the one before */
	strcpy(f->shown, "a file");
	if (text_take(path, sizeof(path), msg->path_name,
		      sizeof(msg->path_name)) < 0 ||
	    text_take(f->name, sizeof(f->name), msg->file_name,
		      sizeof(msg->file_name)) < 0)
		return refuse(f, HV_INVALIDARG, "its name is too long");
	snprintf(f->shown, sizeof(f->shown), "%.250s/%.250s", path, f->name);
	if (!fcopy_clean_dir(dir, sizeof(dir), path) ||
	    !fcopy_name_ok(f->name))
		return refuse(f, HV_INVALIDARG, "is no absolute path without '..' and control characters");
	f->overwrite = msg->copy_flags & OVER_WRITE;
	f->size = msg->file_size;
	f->written = 0;
	if (f->policy->max_size && f->size > f->policy->max_size)
		return refuse(f, HV_ERROR_DISK_FULL, "larger than max-size in " FCOPY_CONFIG);

	f->dir = fcopy_open_dir(f->policy, f->root, dir,
				msg->copy_flags & CREATE_PATH);
	if (f->dir < 0)
		return refuse_errno(f, f->dir);
	err = look_at_target(f);
	if (!err)
		err = open_temp(f);
	if (!err)
		err = reserve(f);
	return err ? refuse_errno(f, err) : HV_S_OK;
}

static uint32_t write_piece(struct fcopy *f, const struct hv_do_fcopy *msg,
			    size_t room)
{
	uint64_t offset = msg->offset;
	uint32_t size = msg->size, done = 0;
	ssize_t n;

	if (f->file < 0)
		return refuse(f, HV_E_FAIL, "a piece of it comes, but it was not begun");
	if (size > room)
		return refuse(f, HV_INVALIDARG, "a piece of it is longer than its message");
	if (offset > f->written || size > f->size || offset > f->size - size)
		return refuse(f, HV_INVALIDARG, "a piece of it lies beyond the announced size or leaves a gap");
	while (done < size) {
		n = pwrite(f->file, msg->data + done, size - done,
			   (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return refuse_errno(f, n ? -errno : -ENOSPC);
		done += (uint32_t)n;
	}
	if (offset + size > f->written)
		f->written = offset + size;
	return HV_S_OK;
}

/* Gives a file without a name one; any that is free. */
static int give_name(struct fcopy *f, const char *name)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", f->file);
	return linkat(AT_FDCWD, link, f->dir, name, AT_SYMLINK_FOLLOW) ?
		-errno : 0;
}

/* rename(), but not over what is there; kernels before 3.15 have no call for it */
static int rename_over_none(struct fcopy *f)
{
#if defined(SYS_renameat2) && defined(RENAME_NOREPLACE)
	if (syscall(SYS_renameat2, f->dir, f->temp, f->dir, f->name,
		    RENAME_NOREPLACE))
		return -errno;
	f->named = false;
	return 0;
#else
	(void)f;
	return -EOPNOTSUPP;
#endif
}

/* Gives a file its name unless that is taken. */
static int give_free_name(struct fcopy *f)
{
	if (!f->named)
		return give_name(f, f->name);
	/* link, not rename: it does not replace */
	if (!linkat(f->dir, f->temp, f->dir, f->name, 0))
		return 0;
	if (errno != EPERM && errno != EOPNOTSUPP)
		return -errno;
	return rename_over_none(f);	/* FAT knows no links */
}

/* Into its place, at once, over what was there only if the host said so */
static int put_in_place(struct fcopy *f)
{
	int err = 0;

	if (!f->overwrite)
		return give_free_name(f);
	if (!f->named) {
		err = random_name(f->temp, sizeof(f->temp));
		if (!err)
			err = give_name(f, f->temp);
		if (err)
			return err;
		f->named = true;
	}
	if (renameat(f->dir, f->temp, f->dir, f->name))
		return -errno;
	f->named = false;
	return 0;
}

static uint32_t complete(struct fcopy *f)
{
	int err = 0;

	if (f->file < 0)
		return refuse(f, HV_E_FAIL, "its end comes, but it was not begun");
	if (f->written != f->size)
		return refuse(f, HV_E_FAIL, "its end comes before all of it");
	if (fchown(f->file, f->policy->owner, f->policy->group) ||
	    fchmod(f->file, f->policy->mode) ||
	    (f->policy->sync && fsync(f->file)))
		err = -errno;
	if (!err)
		err = put_in_place(f);
	if (!err && f->policy->sync && fsync(f->dir))
		err = -errno;
	if (err)
		return refuse_errno(f, err);
	fcopy_drop(f);
	return HV_S_OK;
}

uint32_t fcopy_answer(struct fcopy *f, const void *msg, size_t len)
{
	const struct hv_fcopy_hdr *hdr = msg;
	size_t head = offsetof(struct hv_do_fcopy, data);

	f->error[0] = '\0';
	if (len < sizeof(*hdr))
		return refuse(f, HV_INVALIDARG, "a message is too short");
	switch (hdr->operation) {
	case START_FILE_COPY:
		if (len < sizeof(struct hv_start_fcopy))
			break;
		return start(f, msg);
	case WRITE_TO_FILE:
		if (len < head)
			break;
		len -= head;
		return write_piece(f, msg, len < DATA_FRAGMENT ? len :
				   DATA_FRAGMENT);
	case COMPLETE_FCOPY:
		return complete(f);
	case CANCEL_FCOPY:
		fcopy_drop(f);
		return HV_S_OK;
	default:
		return refuse(f, HV_ERROR_NOT_SUPPORTED, "a request that is not known");
	}
	return refuse(f, HV_INVALIDARG, "a message is too short");
}
