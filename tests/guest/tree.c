// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps a tree of files in a test guest and says what is safe: proof that
 * nothing of it is lost when the power goes.  The content of each file follows
 * from its number and generation, so that nothing but those need be known to
 * check it.  What a line "ack" names was synced before the line was written.
 * A generation is removed only when the next one is safe; so where one is missing
 * the next must be there (its "ack" was lost with the power).
 *
 * One thread, no locks.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_FILES	100000u
#define PER_FOLDER	100u
#define MOST_BYTES	8192u
#define BATCH		100u
#define FIRST_BATCH	250u

static const char *name;		/* of this tree, in its lines */
static unsigned int files;
static uint32_t safe[MOST_FILES];	/* generation; 0: none */

static void die(const char *what, const char *path)
{
	printf("error %s %s %s: %s\n", name, what, path, strerror(errno));
	exit(1);
}

static const char *path_of(unsigned int number, uint32_t generation)
{
	static char path[64];

	snprintf(path, sizeof(path), "%03u/%06u.%u", number / PER_FOLDER,
		 number, generation);
	return path;
}

/* Content: xorshift, from a seed that tells files and generations apart */
static size_t content(unsigned int number, uint32_t generation, void *to)
{
	uint64_t x = ((uint64_t)generation << 32 | number) *
		     0x9e3779b97f4a7c15ull + 1;
	uint64_t *word = to;

	for (size_t i = 0; i < MOST_BYTES / sizeof(x); i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		word[i] = x;
	}
	return 100 + word[0] % (MOST_BYTES - 100);
}

/* --- checking --------------------------------------------------------------- */

static const char *wrong_with(unsigned int number, uint32_t generation)
{
	static uint64_t want[MOST_BYTES / 8], found[MOST_BYTES / 8 + 1];
	size_t bytes = content(number, generation, want);
	int fd = open(path_of(number, generation), O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return "is missing";
	n = read(fd, found, sizeof(found));
	close(fd);
	if (n < 0)
		return "cannot be read";
	if ((size_t)n != bytes)
		return "has another size";
	return memcmp(want, found, bytes) ? "has other content" : NULL;
}

/* A later generation that is there and sound, or 0 */
static uint32_t successor(unsigned int number, uint32_t generation)
{
	char folder[16];
	unsigned int n, g;
	uint32_t found = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%03u", number / PER_FOLDER);
	dir = opendir(folder);
	while (!found && dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "%u.%u", &n, &g) == 2 &&
		    n == number && g > generation && !wrong_with(n, g))
			found = g;
	if (dir)
		closedir(dir);
	return found;
}

struct tally {
	unsigned int good, bad, newer;
};

/* Before new work it is enough to know which generation is there */
static void check_one(unsigned int number, uint32_t generation, bool content_too,
		      struct tally *t)
{
	const char *wrong = NULL;
	uint32_t next;

	if (content_too)
		wrong = wrong_with(number, generation);
	else if (access(path_of(number, generation), F_OK))
		wrong = "is missing";
	next = wrong ? successor(number, generation) : 0;
	safe[number] = next ? next : generation;
	t->newer += next != 0;
	if (!wrong || next)
		t->good++;
	else if (t->bad++ < 20)
		printf("bad %s file %u generation %u %s\n", name, number,
		       generation, wrong);
}

/* "FIRST COUNT GENERATION" lines on standard input: what must be there */
static unsigned int check(bool content_too)
{
	unsigned int first, count, generation;
	struct tally t = {};

	while (scanf("%u %u %u", &first, &count, &generation) == 3)
		for (; count && first < files; count--)
			check_one(first++, generation, content_too, &t);
	printf("checked %s good %u bad %u newer %u\n", name, t.good, t.bad,
	       t.newer);
	return t.bad;
}

/* --- writing ---------------------------------------------------------------- */

static void write_one(unsigned int number, uint32_t generation, bool sync)
{
	static uint64_t data[MOST_BYTES / 8];
	size_t bytes = content(number, generation, data);
	const char *path = path_of(number, generation);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
		die("cannot write", path);
	if (sync && fsync(fd))
		die("cannot sync", path);
	close(fd);
}

static void sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);

	if (fd < 0 || fsync(fd))
		die("cannot sync", path);
	close(fd);
}

static void sync_all(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	if (fd < 0 || syncfs(fd))
		die("cannot sync", ".");
	close(fd);
}

/* Each file and its folder, or the file system as a whole */
static void write_batch(unsigned int first, unsigned int count,
			uint32_t generation)
{
	bool each = count <= 10;
	char folder[16];

	for (unsigned int i = first; i < first + count; i++)
		write_one(i, generation, each);
	if (!each) {
		sync_all();
		return;
	}
	for (unsigned int f = first / PER_FOLDER;
	     f <= (first + count - 1) / PER_FOLDER; f++) {
		snprintf(folder, sizeof(folder), "%03u", f);
		sync_folder(folder);
	}
}

static void batch(unsigned int first, unsigned int count, uint32_t generation)
{
	char line[64];
	int n;

	if (count > files - first)
		count = files - first;
	write_batch(first, count, generation);
	/* One write: the line comes whole or not at all */
	n = snprintf(line, sizeof(line), "ack %s %u %u %u ok\n", name, first,
		     count, generation);
	if (write(1, line, n) != n)
		exit(1);
	for (unsigned int i = first; i < first + count; i++) {
		if (safe[i])
			unlink(path_of(i, safe[i]));
		safe[i] = generation;
	}
}

/* What was written and never became safe, left by an earlier life */
static void remove_strays_of(const char *folder)
{
	unsigned int number, generation;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "%u.%u", &number, &generation) == 2 &&
		    number < files && safe[number] != generation)
			unlink(path_of(number, generation));
	if (dir)
		closedir(dir);
}

static void prepare(void)
{
	char folder[16];

	for (unsigned int f = 0; f <= (files - 1) / PER_FOLDER; f++) {
		snprintf(folder, sizeof(folder), "%03u", f);
		if (mkdir(folder, 0755) && errno != EEXIST)
			die("cannot make", folder);
		remove_strays_of(folder);
	}
	sync_all();
}

static void work(uint32_t generation)
{
	for (unsigned int i = 0; i < files; i += FIRST_BATCH)
		if (!safe[i])
			batch(i, FIRST_BATCH, generation++);
	for (;;) {
		unsigned int first = rand() % files;

		/* Every other one a small one */
		batch(first, 1 + rand() % (rand() % 2 ? 10 : BATCH),
		      generation++);
	}
}

int main(int argc, char **argv)
{
	uint32_t generation;
	bool only_check;

	if (argc != 5) {
		fprintf(stderr, "usage: tree NAME FOLDER FILES GENERATION <LIST\n"
			"Checks the files in LIST (\"FIRST COUNT GENERATION\" lines) if GENERATION\n"
			"is 0, else only that they are there, and then writes new ones until\n"
			"it is killed.\n");
		return 2;
	}
	name = argv[1];
	files = strtoul(argv[3], NULL, 10);
	generation = strtoul(argv[4], NULL, 10);
	only_check = !generation;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!files || files > MOST_FILES || chdir(argv[2]))
		die("cannot use", argv[2]);
	if (check(only_check))
		return 1;
	if (only_check)
		return 0;
	srand(generation);
	prepare();
	work(generation);
	return 0;
}
