/* evalcheck - compares what the eval tools wrote with golden/smollm2
 *
 *   evalcheck samples FILE GOLDEN STYLE SHOTS TOLERANCE     log-probabilities and picks (mmlu.json,
 *                                                           boolq.json)
 *   evalcheck losses FILE FOLDER COUNT TOLERANCE            losses of the first COUNT documents
 *                                                           (c4.json)
 *
 * Says how many values were compared and the largest difference; status 1 if that is more than the
 * tolerance, or if a pick differs that leads by more than twice the tolerance.
 */
#include "stream/records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *load(const char *folder, const char *name)
{
	char path[1000];
	json_t *j;

	snprintf(path, sizeof path, "%s%s%s", folder, *name ? "/" : "", name);
	j = json_load_file(path, 0, NULL);
	if (j == NULL) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(2);
	}
	return j;
}

/* The layers that a model of 30 lacks, as golden has them: 1 if they are the list [first, last], or
 * none and []. */
static int lacks(const int *keep, int n_keep, const json_t *dropped)
{
	int first = json_array_size(dropped) ? (int)json_integer_value(json_array_get(dropped, 0))
					     : 30;
	int last = json_array_size(dropped) ? (int)json_integer_value(json_array_get(dropped, 1))
					    : 29;
	int k = 0;

	for (int l = 0; l < 30; l++)
		if (l < first || l > last)
			if (k >= n_keep || keep[k++] != l)
				return 0;
	return k == n_keep;
}

static int lacks_json(const json_t *keep, const json_t *dropped)
{
	int list[512], n = 0;

	for (; n < 512 && n < (int)json_array_size(keep); n++)
		list[n] = (int)json_integer_value(json_array_get(keep, (size_t)n));
	return lacks(list, n, dropped);
}

/* Number of a question in golden's lists, -1: not there. */
static long find_item(const json_t *golden, const struct sample *s)
{
	const json_t *subject = json_object_get(golden, "subject"),
		     *row = json_object_get(golden, "row");

	if (subject == NULL)
		return s->row < 60 ? (long)s->row : -1;
	for (size_t i = 0; i < json_array_size(subject); i++)
		if (strcmp(json_string_value(json_array_get(subject, i)), s->subject) == 0 &&
			json_integer_value(json_array_get(row, i)) == (json_int_t)s->row)
			return (long)i;
	return -1;
}

static const json_t *find_run(const json_t *golden, const json_t *model, const char *style,
	int shots)
{
	const json_t *runs = json_object_get(golden, "runs"), *run;
	size_t i;

	json_array_foreach(runs, i, run)
	{
		const json_t *s = json_object_get(run, "style");

		if (lacks_json(json_object_get(model, "keep"), json_object_get(run, "dropped")) &&
			(s == NULL ||
				(strcmp(json_string_value(s), style) == 0 &&
					json_integer_value(json_object_get(run, "shots")) ==
						shots)))
			return run;
	}
	return NULL;
}

static int samples(char *argv[])
{
	json_t *golden = load(argv[1], "");
	double tolerance = atof(argv[4]), largest = 0;
	struct rec_in *in = rec_open((char *[]){ argv[0], NULL }, KIND_SAMPLE);
	int n = 0, other = 0, absent = 0;
	struct sample s;

	while (sample_read(in, &s)) {
		const json_t *model = json_array_get(json_object_get(rec_meta(in), "models"),
			s.model);
		const json_t *run = find_run(golden, model, argv[2], atoi(argv[3])), *logp;
		long item = find_item(golden, &s);
		double want[16], best = -INFINITY, second = -INFINITY;
		int pick = 0;

		if (run == NULL || item < 0) {
			absent++;
			continue;
		}
		logp = json_array_get(json_object_get(run, "logprob"), (size_t)item);
		for (size_t i = 0; i < s.n_logp; i++) {
			want[i] = json_number_value(json_array_get(logp, i));
			largest = fmax(largest, fabs(want[i] - (double)s.logp[i]));
			if (want[i] > best) {
				second = best;
				best = want[i];
				pick = (int)i;
			} else {
				second = fmax(second, want[i]);
			}
			n++;
		}
		other += s.choice != pick && best - second > 2 * tolerance;
		if (s.ntok !=
			(uint64_t)json_integer_value(json_array_get(
				json_object_get(json_object_get(run, "tokens") ? run : golden,
					"tokens"),
				(size_t)item)))
			other++;
	}
	printf("%d log-probabilities, largest difference %.2g, %d other picks or lengths, %d not "
	       "in the reference\n",
		n, largest, other, absent);
	return n == 0 || absent || other || !(largest <= tolerance);
}

static int losses(char *argv[])
{
	json_t *c4 = load(argv[1], "c4.json"), *tokens = load(argv[1], "tokens.json");
	double tolerance = atof(argv[3]), largest = 0;
	struct rec_in *in = rec_open((char *[]){ argv[0], NULL }, KIND_SCORE);
	const json_t *ids = json_object_get(tokens, "ids");
	int n = 0, absent = 0;
	struct score s;

	while (score_read(in, &s)) {
		const json_t *results = json_object_get(c4, "results"), *r, *found = NULL;
		double sum = 0, count = 0;
		size_t i;

		json_array_foreach(results, i,
			r) if (lacks(s.model->keep, s.model->n_keep, json_object_get(r, "dropped")))
			found = json_object_get(json_object_get(r, "f32"), "sequences");
		absent += found == NULL;
		for (i = 0; found && i < (size_t)atoi(argv[2]); i++) {
			double tokens_of = (double)json_array_size(json_array_get(ids, i)) - 1;

			sum += tokens_of * json_number_value(json_array_get(found, i));
			count += tokens_of;
		}
		if (found && count != (double)s.count)
			absent++;
		if (found)
			largest = fmax(largest, fabs(sum / count - s.value));
		n += found != NULL;
	}
	printf("%d losses, largest difference %.2g, %d not in the reference\n", n, largest, absent);
	return n == 0 || absent || !(largest <= tolerance);
}

int main(int argc, char *argv[])
{
	if (argc == 7 && strcmp(argv[1], "samples") == 0)
		return samples(argv + 2);
	if (argc == 6 && strcmp(argv[1], "losses") == 0)
		return losses(argv + 2);
	fprintf(stderr,
		"usage: evalcheck samples FILE GOLDEN STYLE SHOTS TOLERANCE | losses FILE FOLDER "
		"COUNT TOLERANCE\n");
	return 2;
}
