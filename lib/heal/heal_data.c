/* heal_data - what there is to train on, looked at before the first step
 */
#include "heal/heal_data.h"

#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <stdlib.h>

/* Of the first i sequences, gone over again and again, those that predict something. */
static uint64_t count(const uint64_t *sum, uint64_t n, uint64_t i)
{
	return i / n * sum[n] + sum[i % n];
}

/* sum[i]: of the first i sequences, those that predict something. [n + 1], new. */
static uint64_t *sums(const struct sequences *s)
{
	uint64_t *sum = xcalloc(s->n + 1, sizeof *sum);

	for (size_t i = 0; i < s->n; i++)
		sum[i + 1] = sum[i] + (sequences_at(s, i).n > 1);
	return sum;
}

static void check_any(const struct sequences *s, const uint64_t *sum, const char *name,
	const char *what)
{
	if (!sum[s->n])
		die("%s: no sequence has more than one token: there is nothing to %s", name, what);
}

/* The steps repeat themselves after as many as there are sequences. */
static void check_steps(const uint64_t *sum, uint64_t n, const char *name, uint64_t steps,
	uint64_t batch)
{
	for (uint64_t s = 0; s < steps && s < n; s++)
		if (count(sum, n, s * batch) == count(sum, n, (s + 1) * batch))
			die("%s: the sequences of step %llu (from %llu on) have one token each: it "
			    "would train on nothing; a larger %s, "
			    "or longer documents",
				name, (unsigned long long)s, (unsigned long long)(s * batch % n),
				setting(SETTING_BATCH));
}

void heal_data_check(const struct sequences *s, const char *name, int64_t steps, int64_t batch)
{
	uint64_t *sum = sums(s);

	check_any(s, sum, name, "train on");
	check_steps(sum, s->n, name, (uint64_t)steps, (uint64_t)batch);
	free(sum);
}

void heal_data_check_valid(const struct sequences *s, const char *name)
{
	uint64_t *sum = sums(s);

	check_any(s, sum, name, "measure");
	free(sum);
}

void heal_data_warn(const struct sequences *s, const char *name, int64_t steps, int64_t batch)
{
	double times = (double)steps * (double)batch / (double)s->n;

	if (times > 1)
		warn("%s: %zu sequences: %lld steps of %lld go over them %.1f times", name, s->n,
			(long long)steps, (long long)batch, times);
}
