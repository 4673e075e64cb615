/* mmlu_read - see mmlu_read.h
 */
#include "eval/mmlu_read.h"

#include "file/input.h"
#include "file/inputs.h"
#include "file/json.h"
#include "file/sniff.h"
#include "file/tar.h"
#include "file/text.h"
#include "file/utf8.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/near.h"
#include "sys/setting.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CELLS = 6, MAX_FILE = 16 << 20, MAX_SUBJECTS = 4096 };

struct mmlu_reader {
	const struct mmlu_files *f;
	struct mmlu_subject *list;
	int n;
};

int mmlu_listed(const char *list, char sep, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p != NULL; p = strchr(p, sep)) {
		p += *p == sep;
		if (strncmp(p, name, n) == 0 && (p[n] == sep || p[n] == '\0'))
			return 1;
	}
	return 0;
}

static int is_wanted(const struct mmlu_reader *r, const char *subject)
{
	return r->f->subjects == NULL || mmlu_listed(r->f->subjects, ',', subject);
}

/* -- rows -------------------------------------------------------------------------------------- */

/* The subject of so many bytes, made where there is none. */
static struct mmlu_subject *subject_get(struct mmlu_reader *r, const char *name, size_t n,
	const char *where)
{
	for (int i = r->n - 1; i >= 0; i--) /* mostly the last one */
		if (strncmp(r->list[i].name, name, n) == 0 && r->list[i].name[n] == '\0')
			return &r->list[i];
	if (r->n == MAX_SUBJECTS)
		die("%s: more than %d subjects", where, MAX_SUBJECTS);
	r->list = xrealloc(r->list, (size_t)r->n + 1, sizeof *r->list);
	r->list[r->n] = (struct mmlu_subject){ .name = xasprintf("%.*s", (int)n, name) };
	return &r->list[r->n++];
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct mmlu_subject *)a)->name,
		((const struct mmlu_subject *)b)->name);
}

static void add_row(struct mmlu_rows *to, const char *const cell[5], int answer)
{
	struct mmlu_row *row;

	if (to->n == to->cap) {
		to->cap = to->cap ? 2 * to->cap : 16;
		to->row = xrealloc(to->row, to->cap, sizeof *to->row);
	}
	row = &to->row[to->n++];
	for (int i = 0; i < 5; i++)
		row->cell[i] = xstrdup(cell[i]);
	row->answer = answer;
}

static void rows_free(struct mmlu_rows *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (int c = 0; c < 5; c++)
			free(r->row[i].cell[c]);
	free(r->row);
}

static void subject_free(struct mmlu_subject *s)
{
	free(s->name);
	rows_free(&s->dev);
	rows_free(&s->test);
}

void mmlu_subjects_free(struct mmlu_subject *s, int n)
{
	for (int i = 0; i < n; i++)
		subject_free(&s[i]);
	free(s);
}

/* -- the original's files ---------------------------------------------------------------------- */

int mmlu_check(const struct csv *c, struct fault *err)
{
	for (size_t i = 0; i < c->n_rows; i++) {
		size_t n = c->first[i + 1] - c->first[i];
		const char *letter = c->cell[c->first[i + 1] - 1];

		if (n != CELLS)
			fault(err, "line %zu: %zu cells, not question, four choices and letter",
				c->line[i], n);
		else if (letter[0] < 'A' || letter[0] > 'D' || letter[1] != '\0')
			fault(err, "line %zu: the answer \"%.20s\" is none of A B C D", c->line[i],
				letter);
		else
			continue;
		return -1;
	}
	return 0;
}

/* All rows of one file; where: its name, for messages. */
static void add_csv(struct mmlu_rows *to, const char *bytes, size_t n, const char *where)
{
	struct csv c;
	struct fault err;

	if (csv_parse(&c, bytes, n, &err) < 0 || mmlu_check(&c, &err) < 0)
		die("%s: %s", where,
			n && sniff_as(bytes, n, SNIFF_UNPACKED) ? sniff_as(bytes, n, SNIFF_UNPACKED)
								: err.text);
	if (!c.n_rows)
		die("%s: is empty", where);
	for (size_t i = 0; i < c.n_rows; i++)
		add_row(to, c.cell + c.first[i], c.cell[c.first[i + 1] - 1][0] - 'A');
	csv_free(&c);
}

static const char *const packed[] = { "", ".gz", ".zst", ".xz", ".bz2", ".lz4", ".lz" };
enum { PACKED = sizeof packed / sizeof *packed };

/* Length of SUBJECT where name is SUBJECT_SPLIT.csv, perhaps packed; else 0. */
static size_t subject_length(const char *name, const char *split)
{
	for (int i = 0; i < PACKED && name[0] != '.'; i++) {
		char end[64];
		size_t n = strlen(name),
		       n_end = (size_t)snprintf(end, sizeof end, "_%s.csv%s", split, packed[i]);

		if (n > n_end && strcmp(name + n - n_end, end) == 0)
			return n - n_end;
	}
	return 0;
}

static void folder_csv(struct mmlu_rows *to, const char *folder, const char *split,
	const char *subject)
{
	char *path = NULL, *bytes;
	size_t n;
	int i;

	for (i = 0; i < PACKED; i++) {
		free(path);
		path = xasprintf("%s/%s/%s_%s.csv%s", folder, split, subject, split, packed[i]);
		if (access(path, F_OK) == 0)
			break;
	}
	if (i == PACKED)
		die("%s/%s/%s_%s.csv: %s, nor is one packed (.gz, .zst, .xz, .bz2, .lz4, .lz)",
			folder, split, subject, split, strerror(ENOENT));
	bytes = text_slurp_data(path, MAX_FILE, &n);
	add_csv(to, bytes, n, path);
	free(bytes);
	free(path);
}

static void list_folder(struct mmlu_reader *r, const char *folder)
{
	char *path = xasprintf("%s/%s", folder, r->f->split);
	DIR *d = opendir(path);
	struct dirent *e;
	size_t n;

	if (d == NULL)
		die("%s: %s", path, strerror(errno));
	for (errno = 0; (e = readdir(d)) != NULL; errno = 0) {
		if ((n = subject_length(e->d_name, r->f->split)) == 0)
			continue;
		if (utf8_valid(e->d_name, n) < n)
			die("%s: the name of a file in it is not UTF-8", path);
		subject_get(r, e->d_name, n, path);
	}
	if (errno)
		die("%s: %s", path, strerror(errno));
	closedir(d);
	if (r->n == 0)
		die("%s: no file SUBJECT_%s.csv in it", path, r->f->split);
	qsort(r->list, (size_t)r->n, sizeof *r->list, by_name);
	free(path);
}

static void read_folder(struct mmlu_reader *r, const char *folder)
{
	size_t inputs = inputs_count();

	list_folder(r, folder);
	for (int i = 0; i < r->n; i++) {
		folder_csv(&r->list[i].test, folder, r->f->split, r->list[i].name);
		if (r->f->shots > 0 && is_wanted(r, r->list[i].name))
			folder_csv(&r->list[i].dev, folder, "dev", r->list[i].name);
	}
	inputs_fold(inputs, folder);
}

/* A file of a tar file, if it is ...split/SUBJECT_split.csv. */
static void tar_csv(struct mmlu_reader *r, struct tar *t, const char *member, const char *split,
	int dev)
{
	const char *name = strrchr(member, '/'), *folder = name;
	size_t n, n_split = strlen(split);
	struct mmlu_subject *s;
	struct mmlu_rows *to;
	char *bytes, *where;

	while (folder != NULL && folder > member && folder[-1] != '/')
		folder--;
	if (name == NULL || (size_t)(name - folder) != n_split ||
		memcmp(folder, split, n_split) != 0 || (n = subject_length(name + 1, split)) == 0)
		return;
	where = xasprintf("%s: %s", r->f->files[0], member);
	if (utf8_valid(name + 1, n) < n)
		die("%s: the name is not UTF-8", r->f->files[0]);
	s = subject_get(r, name + 1, n, where);
	to = dev ? &s->dev : &s->test;
	if (to->n > 0)
		die("%s: is there twice", where);
	bytes = tar_slurp(t, MAX_FILE, &n);
	add_csv(to, bytes, n, where);
	free(bytes);
	free(where);
}

static void read_tar(struct mmlu_reader *r, const char *path, const char *split, int dev)
{
	struct tar *t = tar_open(path);
	const char *member;
	int n = 0;

	for (; (member = tar_next(t)) != NULL; n++)
		tar_csv(r, t, member, split, dev);
	tar_close(t);
	if (r->n == 0)
		die("%s: no file %s/SUBJECT_%s.csv in it, of %d", path, split, split, n);
}

/* -- JSON lines -------------------------------------------------------------------------------- */

/* 0 to 3, or -1 */
static int answer_of(const json_t *j)
{
	const char *s = json_string_value(j);

	if (s != NULL)
		return s[0] >= 'A' && s[0] <= 'D' && s[1] == '\0' ? s[0] - 'A' : -1;
	return json_is_integer(j) && json_integer_value(j) >= 0 && json_integer_value(j) <= 3
		? (int)json_integer_value(j)
		: -1;
}

static const char *add_json(struct mmlu_reader *r, const json_t *o, int dev, const char *where)
{
	const json_t *choices = json_object_get(o, "choices");
	const char *cell[5] = { json_string_value(json_object_get(o, "question")) };
	const char *subject = json_string_value(json_object_get(o, "subject"));
	int answer = answer_of(json_object_get(o, "answer"));
	struct mmlu_subject *s;

	if (!json_is_object(o))
		return "not a JSON object";
	if (cell[0] == NULL || subject == NULL || subject[0] == '\0')
		return cell[0] == NULL ? "no text \"question\"" : "no text \"subject\"";
	if (json_array_size(choices) != 4)
		return "no four \"choices\"";
	for (size_t i = 0; i < 4; i++)
		if ((cell[1 + i] = json_string_value(json_array_get(choices, i))) == NULL)
			return "a choice is no text";
	if (answer < 0)
		return "the \"answer\" is none of 0 1 2 3";
	s = subject_get(r, subject, strlen(subject), where);
	add_row(dev ? &s->dev : &s->test, cell, answer);
	return NULL;
}

static void read_json(struct mmlu_reader *r, char *const *files, int dev)
{
	struct text_in *in = text_open(files, NULL, 1);
	const char *line, *why;
	struct fault err;
	uint64_t doc;
	size_t n;

	while (text_next(in, &line, &n, &doc)) {
		json_t *o;

		if (text_is_blank(line, n))
			continue;
		why = json_parse_line(&o, line, n, &err) < 0 ? err.text
							     : add_json(r, o, dev, text_file(in));
		if (why != NULL)
			text_bad(in, why);
		json_decref(o);
	}
	text_close(in);
	if (r->n == 0)
		die("%s: no question", files[0]);
}

/* 1: JSON, as far as the first bytes tell; 0: tar, perhaps. What is neither, and known, is
 * named. */
static int begins_json(const char *path)
{
	struct input *in = input_open(path);
	char head[SNIFF_BYTES];
	size_t n = 0, got, at = 0;
	const char *what;

	while (n < sizeof head && (got = input_read(in, head + n, sizeof head - n)) > 0)
		n += got;
	input_close(in);
	if (n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	while (at < n && memchr(" \t\r\n", head[at], 4))
		at++;
	what = sniff_as(head, n, SNIFF_UNPACKED);
	/* an empty tar file */
	if (what != NULL && strstr(what, "tar archive") == NULL && strstr(what, "zeros") == NULL)
		die("%s: %s", path, what);
	if (at < n && (head[at] == '{' || head[at] == '['))
		return 1;
	if (!memchr(head, 0, n))
		die("%s: is neither a tar file nor JSON lines, nor a folder with "
		    "test/SUBJECT_test.csv in it",
			path);
	return 0;
}

/* -- all of them ------------------------------------------------------------------------------- */

static int is_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		die("%s: %s", path, strerror(errno));
	return S_ISDIR(st.st_mode);
}

static void read_files(struct mmlu_reader *r)
{
	const struct mmlu_files *f = r->f;
	int folder = is_folder(f->files[0]), json = !folder && begins_json(f->files[0]);

	if (!json && f->files[1] != NULL)
		die("%s: only JSON lines come in several files", f->files[1]);
	if (!json && f->dev != NULL)
		die("%s: shots come from its own dev/, not from %s", f->files[0], f->dev);
	if (json && f->shots > 0 && f->dev == NULL)
		die("%s: JSON lines have no shots with them: give %s=FILE, or %s 0", f->files[0],
			setting(SETTING_DEV), setting(SETTING_SHOTS));
	if (folder) {
		read_folder(r, f->files[0]);
	} else if (json) {
		read_json(r, f->files, 0);
		if (f->shots > 0)
			read_json(r, (char *const[]){ (char *)(uintptr_t)f->dev, NULL }, 1);
	} else {
		read_tar(r, f->files[0], f->split, 0);
		if (f->shots > 0)
			read_tar(r, f->files[0], "dev", 1);
	}
}

static void check_subjects(const struct mmlu_reader *r)
{
	const struct mmlu_files *f = r->f;
	char *list = xstrdup(f->subjects ? f->subjects : ""), *rest = f->subjects ? list : NULL,
	     *name;

	while ((name = strsep(&rest, ",")) != NULL) {
		struct near near = { 0 };
		int i = 0;

		for (; i < r->n && strcmp(r->list[i].name, name) != 0; i++)
			near_try(&near, name, r->list[i].name);
		if (i == r->n)
			die("%s: no subject \"%s\"%s%s%s", f->files[0], name,
				near.best ? "; did you mean " : "", near.best ? near.best : "",
				near.best ? "?" : "");
	}
	free(list);
	for (int i = 0; i < r->n; i++)
		if (is_wanted(r, r->list[i].name) && r->list[i].dev.n < (size_t)f->shots)
			die("%s: %s: %zu rows in dev, not enough for %d shots",
				f->dev ? f->dev : f->files[0], r->list[i].name, r->list[i].dev.n,
				f->shots);
}

struct mmlu_subject *mmlu_read(const struct mmlu_files *f, int *n)
{
	struct mmlu_reader r = { .f = f };
	int kept = 0;

	read_files(&r);
	for (int i = 0; i < r.n; i++) /* those with examples alone go */
		if (r.list[i].test.n > 0)
			r.list[kept++] = r.list[i];
		else
			subject_free(&r.list[i]);
	r.n = kept;
	qsort(r.list, (size_t)r.n, sizeof *r.list, by_name);
	check_subjects(&r);
	*n = r.n;
	return r.list;
}
