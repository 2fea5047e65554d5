// SPDX-License-Identifier: GPL-2.0-only
/*
 * Putting a network configuration into force, and putting back what was if it
 * does not work: a host that cannot reach the guest cannot mend it either.
 */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ip.h"
#include "pool.h"
#include "scripts.h"
#include "tools/lib/file.h"
#include "tools/lib/say.h"

#define FILE_MAX	65536	/* of a configuration file */
#define STEPS		4
#define WORDS		6

/* %i is the interface, %f the file. */
struct step {
	const char *words[WORDS];
	bool may_fail;
};

struct backend {
	const char *name;
	enum ip_form form;
	const char *file;
	mode_t mode;
	struct step before[STEPS];	/* while the old file is there */
	struct step after[STEPS];
	struct step undo[STEPS];	/* with the old file back */
};

static const struct backend backends[] = {
	{
		.name = "networkmanager",
		.form = IP_KEYFILE,
		.file = "/etc/NetworkManager/system-connections/hyperv-%i.nmconnection",
		.mode = 0600,
		.after = {
			{ { "nmcli", "connection", "load", "%f" }, false },
			{ { "nmcli", "connection", "up", "hyperv-%i", "ifname", "%i" }, false },
		},
		.undo = {
			{ { "nmcli", "connection", "reload" }, true },
			{ { "nmcli", "device", "connect", "%i" }, true },
		},
	}, {
		.name = "netplan",
		.form = IP_NETPLAN,
		.file = "/etc/netplan/95-hyperv-%i.yaml",
		.mode = 0600,
		.after = { { { "netplan", "apply" }, false } },
		.undo = { { { "netplan", "apply" }, true } },
	}, {
		.name = "networkd",
		.form = IP_NETWORKD,
		.file = "/etc/systemd/network/05-hyperv-%i.network",
		.mode = 0644,
		.after = {
			{ { "networkctl", "reload" }, false },
			{ { "networkctl", "reconfigure", "%i" }, false },
		},
		.undo = {
			{ { "networkctl", "reload" }, true },
			{ { "networkctl", "reconfigure", "%i" }, true },
		},
	}, {
		.name = "ifupdown",
		.form = IP_IFUPDOWN,
		.file = "/etc/network/interfaces",
		.mode = 0644,
		.before = { { { "ifdown", "--force", "%i" }, true } },
		.after = { { { "ifup", "%i" }, false } },
		.undo = {
			{ { "ifdown", "--force", "%i" }, true },
			{ { "ifup", "%i" }, true },
		},
	}, {
		.name = "ifcfg",
		.form = IP_IFCFG,
		.file = "/etc/sysconfig/network-scripts/ifcfg-%i",
		.mode = 0644,
		.before = { { { "ifdown", "%i" }, true } },
		.after = { { { "ifup", "%i" }, false } },
		.undo = {
			{ { "ifdown", "%i" }, true },
			{ { "ifup", "%i" }, true },
		},
	},
};

const char *const ip_backends[] = {
	"auto", "script", "networkmanager", "netplan", "networkd", "ifupdown",
	"ifcfg", "none", NULL
};

static bool exists(const char *root, const char *pattern)
{
	char full[PATH_MAX];
	glob_t found;
	bool any;

	if (!file_path(full, sizeof(full), root, pattern))
		return false;
	any = !glob(full, GLOB_NOSORT, NULL, &found);
	if (any)
		globfree(&found);
	return any;
}

static bool has_program(const char *root, const char *name)
{
	char pattern[PATH_MAX];

	snprintf(pattern, sizeof(pattern), "/usr/bin/%s", name);
	if (exists(root, pattern))
		return true;
	snprintf(pattern, sizeof(pattern), "/usr/sbin/%s", name);
	if (exists(root, pattern))
		return true;
	snprintf(pattern, sizeof(pattern), "/sbin/%s", name);
	return exists(root, pattern);
}

/* Who runs counts before who is merely installed. */
const char *ip_detect(const char *root)
{
	char path[PATH_MAX];

	if (scripts_find(root, "hv_set_ifconfig", path, sizeof(path)))
		return "script";
	if (exists(root, "/run/NetworkManager/") &&
	    has_program(root, "nmcli"))
		return "networkmanager";
	if (exists(root, "/etc/netplan/*.yaml") && has_program(root, "netplan"))
		return "netplan";
	if (exists(root, "/run/systemd/netif/") &&
	    has_program(root, "networkctl"))
		return "networkd";
	if (!has_program(root, "ifup"))
		return NULL;
	if (exists(root, "/etc/network/interfaces"))
		return "ifupdown";
	return exists(root, "/etc/sysconfig/network-scripts/") ? "ifcfg" : NULL;
}

/* Replaces %i and %f; false if it does not fit. */
static bool fill_in(char *out, size_t size, const char *word, const char *name,
		    const char *file)
{
	size_t used = 0;
	const char *piece;
	size_t len;

	for (; *word; word++) {
		piece = word;
		len = 1;
		if (*word == '%') {
			word++;
			piece = *word == 'i' ? name : file;
			len = strlen(piece);
		}
		if (used + len >= size)
			return false;
		memcpy(out + used, piece, len);
		used += len;
	}
	out[used] = '\0';
	return true;
}

static bool take_step(const struct ip_way *way, const struct step *step,
		      const char *name, const char *file, char *why,
		      size_t why_size)
{
	static char words[WORDS][PATH_MAX];
	const char *argv[WORDS + 1] = { NULL };
	char out[512];
	int i, status;

	for (i = 0; i < WORDS && step->words[i]; i++) {
		if (!fill_in(words[i], sizeof(words[i]), step->words[i], name,
			     file))
			return false;
		argv[i] = words[i];
	}
	status = way->run(argv, way->limit_ms, out, sizeof(out));
	if (!status || step->may_fail)
		return true;
	out[strcspn(out, "\n")] = '\0';
	if (status < 0)
		snprintf(why, why_size, "%s: %s", argv[0], strerror(-status));
	else
		snprintf(why, why_size, "%s %s: exit status %d: %.100s",
			 argv[0], argv[1] ? argv[1] : "", status, out);
	return false;
}

static bool take_steps(const struct ip_way *way, const struct step *steps,
		       const char *name, const char *file, char *why,
		       size_t why_size)
{
	int i;

	for (i = 0; i < STEPS && steps[i].words[0]; i++)
		if (!take_step(way, &steps[i], name, file, why, why_size))
			return false;
	return true;
}

/* A file as it was: its text, or that there was none */
struct kept {
	char text[FILE_MAX];
	ssize_t len;
	mode_t mode;
};

static bool keep(struct kept *k, const char *path)
{
	struct stat st;

	k->len = file_read(path, k->text, sizeof(k->text));
	k->mode = !stat(path, &st) ? st.st_mode & 0777 : 0;
	return k->len >= 0 || k->len == -ENOENT;
}

static void put_back(const struct kept *k, const char *path)
{
	int err;

	if (k->len >= 0)
		err = file_replace(path, k->text, (size_t)k->len, k->mode);
	else
		err = unlink(path) && errno != ENOENT ? -errno : 0;
	if (err)
		say(LOG_ERR, "cannot put %s back: %s", path, strerror(-err));
}

static bool write_config(const struct backend *b, const struct ip_config *c,
			 const char *path, const struct kept *k, char *why,
			 size_t why_size)
{
	static char text[FILE_MAX * 2];
	char dir[PATH_MAX];
	int err;

	if (!ip_render(b->form, c, k->text, text, sizeof(text))) {
		snprintf(why, why_size, "the text for %s does not fit", path);
		return false;
	}
	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	err = file_make_dirs(dir, 0755);
	if (!err)
		err = file_replace(path, text, strlen(text), b->mode);
	if (err)
		snprintf(why, why_size, "cannot write %s: %s", path,
			 strerror(-err));
	return !err;
}

static bool comes_up(const struct ip_way *way, const struct ip_config *c,
		     char *why, size_t why_size)
{
	if (c->dhcp || way->there(c, way->settle_ms))
		return true;
	snprintf(why, why_size, "the addresses do not come up on %s", c->name);
	return false;
}

static bool apply_by(const struct ip_way *way, const struct backend *b,
		     const struct ip_config *c, char *why, size_t why_size)
{
	static struct kept kept;
	char name[PATH_MAX], path[PATH_MAX], ignored[8];

	if (!fill_in(name, sizeof(name), b->file, c->name, "") ||
	    !file_path(path, sizeof(path), way->root, name))
		return false;
	if (!keep(&kept, path)) {
		snprintf(why, why_size, "cannot read %s: %s", path,
			 strerror((int)-kept.len));
		return false;
	}
	if (take_steps(way, b->before, c->name, path, why, why_size) &&
	    write_config(b, c, path, &kept, why, why_size) &&
	    take_steps(way, b->after, c->name, path, why, why_size) &&
	    comes_up(way, c, why, why_size))
		return true;
	put_back(&kept, path);
	take_steps(way, b->undo, c->name, path, ignored, sizeof(ignored));
	return false;
}

/* The contract of hv_set_ifconfig: two files, whose paths it is given */
static bool apply_by_script(const struct ip_way *way, const struct ip_config *c,
			    char *why, size_t why_size)
{
	static char text[FILE_MAX];
	char script[PATH_MAX], ifcfg[PATH_MAX], keyfile[PATH_MAX], out[512];
	const char *const argv[] = { script, ifcfg, keyfile, NULL };
	int status;

	if (!scripts_find(way->root, "hv_set_ifconfig", script, sizeof(script))) {
		snprintf(why, why_size, "there is no " SCRIPTS_DIR "/hv_set_ifconfig");
		return false;
	}
	snprintf(ifcfg, sizeof(ifcfg), "%s" KVP_DIR "/ifcfg-%s", way->root,
		 c->name);
	snprintf(keyfile, sizeof(keyfile), "%s" KVP_DIR "/%s.nmconnection",
		 way->root, c->name);
	if (!ip_render(IP_IFCFG, c, NULL, text, sizeof(text)) ||
	    file_replace(ifcfg, text, strlen(text), 0644) ||
	    !ip_render(IP_KEYFILE, c, NULL, text, sizeof(text)) ||
	    file_replace(keyfile, text, strlen(text), 0600)) {
		snprintf(why, why_size, "cannot write %s and %s", ifcfg, keyfile);
		return false;
	}
	status = way->run(argv, way->limit_ms, out, sizeof(out));
	out[strcspn(out, "\n")] = '\0';
	if (status)
		snprintf(why, why_size, "%s: %s %d: %.60s", script,
			 status < 0 ? "error" : "exit status",
			 status < 0 ? -status : status, out);
	return !status;
}

bool ip_apply(const struct ip_way *way, const struct ip_config *c, char *why,
	      size_t why_size)
{
	const char *name = way->backend;
	size_t i;

	if (!strcmp(name, "auto"))
		name = ip_detect(way->root);
	if (!name) {
		snprintf(why, why_size, "no way to configure the network is known here");
		return false;
	}
	say(LOG_INFO, "the host configures %s; by %s", c->name, name);
	if (!strcmp(name, "script"))
		return apply_by_script(way, c, why, why_size);
	for (i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
		if (!strcmp(name, backends[i].name))
			return apply_by(way, &backends[i], c, why, why_size);
	snprintf(why, why_size, "backend = %s", name);
	return false;
}
