/* heal_data - what there is to train on, looked at before the first step
 */
#include "heal/heal_data.h"

#include "sys/die.h"
#include "sys/setting.h"

#include <stdio.h>

static int predicts(const struct sequences *s, size_t i)
{
	return sequences_at(s, i).n > 1;
}

/* Returns the number of sequences that predict nothing. */
static uint64_t check_any(const struct sequences *s, const char *name, const char *what)
{
	uint64_t ones = 0;

	for (size_t i = 0; i < s->n; i++)
		ones += !predicts(s, i);
	if (ones == s->n)
		die("%s: no sequence has more than one token: there is nothing to %s", name, what);
	return ones;
}

static int step_predicts(const struct sequences *s, const struct shuffle *order, uint64_t step,
	uint64_t batch)
{
	for (uint64_t i = step * batch; i < (step + 1) * batch; i++)
		if (predicts(s, (size_t)shuffle_at(order, s->n, i)))
			return 1;
	return 0;
}

static void refuse_step(const char *name, uint64_t step, const char *from)
{
	die("%s: the sequences of step %llu%s have one token each: it would train on nothing; "
	    "a larger %s, or longer documents",
		name, (unsigned long long)step, from, setting(SETTING_BATCH));
}

void heal_data_check(const struct sequences *s, const char *name, const struct shuffle *order,
	int64_t steps, int64_t batch)
{
	uint64_t ones = check_any(s, name, "train on"), n = (uint64_t)batch;
	char from[40] = "";

	/* a step that has no epoch whole has a part of one, or of two */
	if (n > 2 * ones)
		return;
	for (uint64_t i = 0; i < (uint64_t)steps; i++) {
		if (i == s->n && !order->on)
			return; /* the steps repeat themselves */
		if (step_predicts(s, order, i, n))
			continue;
		if (!order->on)
			snprintf(from, sizeof from, " (from %llu on)",
				(unsigned long long)(i * n % s->n));
		refuse_step(name, i, from);
	}
}

void heal_data_check_valid(const struct sequences *s, const char *name)
{
	check_any(s, name, "measure");
}

void heal_data_warn(const struct sequences *s, const char *name, int64_t steps, int64_t batch)
{
	double times = (double)steps * (double)batch / (double)s->n;

	if (times > 1)
		warn("%s: %zu sequences: %lld steps of %lld go over them %.1f times", name, s->n,
			(long long)steps, (long long)batch, times);
}
