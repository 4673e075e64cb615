/* mmlu_read - MMLU's questions from the files that people have
 *
 * Forms are told apart by what they are:
 *
 *   a folder        SPLIT/SUBJECT_SPLIT.csv: question, four choices, letter; no header. Or .csv.gz,
 *                   .csv.zst
 *   a tar file      of such a folder, at any depth; plain, gzip or zstd
 *   JSON lines      as Hugging Face's cais/mmlu is exported: question, subject, choices [4], answer
 *                   0 to 3 (or A to D); plain, gzip or zstd; one file or several for the split that
 *                   is evaluated, others for the examples
 *
 * The same questions are the same rows, whatever form they came in.
 */
#ifndef COPPICE_MMLU_READ_H
#define COPPICE_MMLU_READ_H

#include "file/csv.h"
#include "sys/fault.h"

struct mmlu_row {
	char *cell[5]; /* the question and its four choices; owned */
	int answer;    /* the right choice, 0 to 3 */
};
struct mmlu_rows {
	struct mmlu_row *row; /* [n], owned */
	size_t n, cap;
};
struct mmlu_subject {
	char *name;                 /* owned */
	struct mmlu_rows dev, test; /* for the examples; of the split that is evaluated */
};

/* Which files, and what of them. All of it stays the caller's. */
struct mmlu_files {
	char *const *files; /* NULL-terminated: one folder, one tar file, or JSON lines */
	const char *dev;    /* JSON lines of the examples; NULL: those of dev/ beside the split */
	const char *split;  /* "test", "val" or "dev" */
	/* The names of the subjects that are wanted, with commas between; NULL: all. All are
	 * read, but only these need examples. */
	const char *subjects;
	int shots; /* examples that each of them needs */
};
/* Returns the *n subjects that have questions, in the order of their names; new, freed by
 * mmlu_subjects_free. Dies with one line where files have no such form, a row is no question, or a
 * subject of f->subjects is missing or has too few examples. */
struct mmlu_subject *mmlu_read(const struct mmlu_files *f, int *n);
void mmlu_subjects_free(struct mmlu_subject *s, int n);

/* Returns 1 where name is one of the words of list, which are separated by the character sep; else
 * 0. */
int mmlu_listed(const char *list, char sep, const char *name);
/* Checks that every row of a CSV file has six cells, the last of them A to D. Returns 0, or -1 with
 * err. */
int mmlu_check(const struct csv *c, struct fault *err);

#endif
