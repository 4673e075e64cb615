/* mmlu_read - MMLU's questions from the files that people have
 *
 * Told apart by what they are:
 *
 *   a folder        SPLIT/SUBJECT_SPLIT.csv: question, four choices, letter; no header. Or .csv.gz,
 *                   .csv.zst
 *   a tar file      of such a folder, at any depth; plain, gzip or zstd
 *   JSON lines      as Hugging Face's cais/mmlu is exported: question, subject, choices [4], answer
 *                   0 to 3 (or A to D); plain, gzip or zstd; one file or several for the split that
 *                   is asked, others for the shots
 *
 * The same questions are the same rows, whatever they came in.
 */
#ifndef COPPICE_MMLU_READ_H
#define COPPICE_MMLU_READ_H

#include "file/csv.h"
#include "sys/fault.h"

struct mmlu_row {
	char *cell[5];
	int answer;
}; /* question, four choices; the right one, 0 to 3 */
struct mmlu_rows {
	struct mmlu_row *row;
	size_t n, cap;
};
struct mmlu_subject {
	char *name;
	struct mmlu_rows dev, test; /* for the shots; of the split that is asked */
};
struct mmlu_files {
	char *const *files; /* NULL-terminated: one folder, one tar file, or JSON lines */
	const char *dev;    /* JSON lines of the shots, or NULL: dev/ beside the split */
	const char *split;  /* "test", "val" or "dev" */
	/* names with commas between, NULL: all. All are read, shots for these */
	const char *subjects;
	int shots;
};
/* The subjects that have questions, in order of their names; those asked for have rows enough in
 * dev. Dies with one line. New. */
struct mmlu_subject *mmlu_read(const struct mmlu_files *f, int *n);
void mmlu_subjects_free(struct mmlu_subject *s, int n);

/* 1: name is one of the words of list, which are apart by the character sep. */
int mmlu_listed(const char *list, char sep, const char *name);
/* 0, or -1 with one line in err: every row is six cells, the last one A to D. */
int mmlu_check(const struct csv *c, struct fault *err);

#endif
