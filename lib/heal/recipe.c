/* recipe - see recipe.h
 */
#include "heal/recipe.h"

#include "heal/lora.h"
#include "model/ref.h"
#include "sys/die.h"
#include "sys/setting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RANK = 64, EVERY = 100, WARMUP = 100 };

struct heal recipe_begin(void)
{
	return (struct heal){ .every = -1,
		.rank = -1,
		.alpha = NAN,
		.lr = 3e-4,
		.schedule = SCHEDULE_COSINE,
		.steps = 5000,
		.batch = 16,
		.warmup = -1,
		.order.on = 1,
		.dropout = 0.05,
		.clip = 1,
		.save = 100 };
}

void recipe_quantise(struct model *m, int said)
{
	if (m->adapter)
		die("%s: the model has an adapter already; %s %s on the pruned model goes on "
		    "from it",
			m->rec->adapter, setting(SETTING_INIT), m->rec->adapter);
	if (!said)
		m->nf4 = 1;
	if (base_is_nf4(m->base))
		m->nf4 = 0;
}

static void take_adapter(struct heal *h)
{
	struct adapter *a = adapter_open(h->init, h->model->base, h->model->rec);

	lora_check(a, h->init);
	h->rank = a->rank;
	h->alpha = a->scale * a->rank;
	snprintf(h->init_fingerprint, sizeof h->init_fingerprint, "%s", a->fingerprint);
	adapter_close(a);
}

static int64_t usual_warmup(const struct heal *h)
{
	if (h->schedule == SCHEDULE_CONSTANT)
		return 0;
	return h->steps / 10 < WARMUP ? h->steps / 10 : WARMUP;
}

void recipe_settle(struct heal *h, const struct model *m)
{
	h->model = m;
	h->targets = h->targets ? h->targets : LORA_FFN;
	h->rank = h->rank < 0 ? RANK : h->rank;
	h->alpha = isnan(h->alpha) ? (double)h->rank : h->alpha;
	if (h->init)
		take_adapter(h);
	if (h->warmup < 0)
		h->warmup = usual_warmup(h);
	if (h->every < 0 && h->valid_tokens)
		h->every = EVERY;
}

void recipe_write(struct rec_out *out, const struct heal *h, const char *fingerprint)
{
	const struct model *m = h->model;
	struct model_rec r = *m->rec;
	char *name = ref_named(base_path(m->base), m->rec->base);

	r.base = name;
	r.adapter = h->dir;
	r.adapter_fingerprint = fingerprint;
	r.quant = m->nf4 ? "nf4" : NULL;
	model_rec_write(out, &r);
	free(name);
}
