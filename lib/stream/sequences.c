/* sequences - see sequences.h
 */
#include "stream/sequences.h"

#include "cli/shortfall.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void reserve_ids(struct sequences *s, size_t n)
{
	if (n <= s->capacity)
		return;
	s->capacity = 2 * n > 4096 ? 2 * n : 4096;
	s->ids = xrealloc(s->ids, s->capacity, sizeof *s->ids);
}

/* The other arrays double where their number of elements is a power of two. */
static void reserve_sequence(struct sequences *s)
{
	if ((s->n & (s->n - 1)) != 0)
		return;
	s->first = xrealloc(s->first, 2 * s->n + 2, sizeof *s->first);
	s->doc = xrealloc(s->doc, 2 * s->n + 1, sizeof *s->doc);
	s->first[0] = 0;
}

void sequences_add(struct sequences *s, const struct tokens *t)
{
	size_t used;

	reserve_sequence(s);
	used = s->first[s->n];
	reserve_ids(s, used + t->n);
	memcpy(s->ids + used, t->ids, t->n * sizeof *s->ids);
	s->doc[s->n] = t->doc;
	s->first[++s->n] = used + t->n;
	if (t->n > s->longest)
		s->longest = t->n;
}

struct tokens sequences_at(const struct sequences *s, size_t i)
{
	i %= s->n;
	return (struct tokens){ s->doc[i], s->ids + s->first[i], s->first[i + 1] - s->first[i] };
}

static void check_any(const struct sequences *s, char *const *files, uint64_t read, uint64_t skip,
	uint64_t limit)
{
	const char *name = files[0] ? files[0] : "standard input";

	if (read > skip)
		shortfall(files, "sequences", read, skip, limit);
	if (s->n == 0 && read > 0 && limit > 0)
		die("%s: %llu sequences: none is left after the first %llu", name,
			(unsigned long long)read, (unsigned long long)skip);
	if (s->n == 0)
		die("%s: no sequence", name);
}

struct sequences *sequences_load(char *const *files, uint64_t skip, uint64_t limit,
	void (*part)(void *ctx, const struct rec_in *in), void *ctx)
{
	struct sequences *s = xcalloc(1, sizeof *s);
	struct rec_in *in = rec_open(files, KIND_TOKENS);
	uint64_t read = 0;
	int current = -1;
	struct tokens t;

	while (tokens_read(in, &t)) {
		if (rec_part(in) != current) {
			current = rec_part(in);
			if (part)
				part(ctx, in);
		}
		if (read++ >= skip && s->n < limit)
			sequences_add(s, &t);
	}
	s->provenance = provenance_merge(s->provenance, rec_all_provenance(in));
	rec_close(in);
	check_any(s, files, read, skip, limit);
	return s;
}

/* What can be opened once more to read the same: a regular file, and standard input from its
 * beginning if it is one. NULL: nothing. */
static char *twice(const char *file)
{
	static char input[] = "/dev/stdin";
	int is_stdin = !file || !strcmp(file, "-");
	struct stat st;

	if (!is_stdin)
		return stat(file, &st) || !S_ISREG(st.st_mode) ? NULL : (char *)(uintptr_t)file;
	return fstat(STDIN_FILENO, &st) || !S_ISREG(st.st_mode) ||
			lseek(STDIN_FILENO, 0, SEEK_CUR) || access(input, R_OK)
		? NULL
		: input;
}

double sequences_tokens(char *const *files, uint64_t skip, uint64_t limit)
{
	size_t n = 0;
	double sum = 0;
	char **list;

	while (files[n])
		n++;
	list = xcalloc(n + 2, sizeof *list);
	for (size_t i = 0; i < n || !i; i++)
		if (!(list[i] = twice(files[i])))
			break;
	if (list[n ? n - 1 : 0]) {
		struct rec_in *in = rec_open(list, KIND_TOKENS);
		struct tokens t;

		for (uint64_t read = 0; tokens_read(in, &t) && (read < skip || read - skip < limit);
			read++)
			sum += read < skip ? 0 : (double)t.n;
		rec_close(in);
	}
	free(list);
	return sum;
}

void sequences_free(struct sequences *s)
{
	if (!s)
		return;
	free(s->ids);
	free(s->first);
	free(s->doc);
	json_decref(s->provenance);
	free(s);
}

void sequences_check(const struct sequences *s, const char *name, size_t context,
	uint64_t vocabulary)
{
	for (size_t i = 0; i < s->n; i++) {
		struct tokens t = sequences_at(s, i);

		if (t.n > context)
			die("%s: sequence %zu (document %llu) has %zu tokens, the model's context "
			    "is %zu: cut them with c4-tokenize %s",
				name, i, (unsigned long long)t.doc, t.n, context,
				setting(SETTING_TRUNCATE));
		for (size_t k = 0; k < t.n; k++)
			if (t.ids[k] >= vocabulary)
				die("%s: sequence %zu (document %llu) has token %u, the model's "
				    "vocabulary is %llu",
					name, i, (unsigned long long)t.doc, t.ids[k],
					(unsigned long long)vocabulary);
	}
}
