/* heal-smollm MODEL HEAL.json DTYPE: golden/smollm2/heal.json's five steps; prints how far each
 * kind of number is off
 *
 * Largest differences from the float64 values: absolute for losses and gradient norms of tensors,
 * relative for the norms of steps.
 */
#include "../formula.h"
#include "heal/grad.h"

#include <jansson.h>
#include <stdio.h>

struct worst {
	const json_t *want;
	double d;
};

static double number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static void fill_a(void *salt, const char *name, struct mat *m)
{
	size_t rows = mat_rows(m), cols = mat_cols(m);
	float *f = malloc(rows * cols * sizeof *f);

	formula_fill(f, rows * cols, salt, name, 2, cols, 0);
	if (strstr(name, "lora_A"))
		mat_put(m, 0, rows, f);
	free(f);
}

static void compare_norm(void *ctx, const char *name, struct mat *m)
{
	struct worst *w = ctx;

	w->d = fmax(w->d, fabs(sqrt(op_sumsq(m)) - number(w->want, name)));
}

static double loss_of(struct grad *g, const json_t *batch, int64_t step)
{
	static uint32_t ids[2][256];
	struct sequences s = { .ids = ids[0],
		.first = (size_t[]){ 0, 256, 512 },
		.doc = (uint64_t[]){ 0, 1 },
		.n = 2 };
	struct grad_loss loss;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < 256; i++)
			ids[k][i] = (uint32_t)
				json_integer_value(json_array_get(json_array_get(batch, k), i));
	grad_step(g, &(struct portion){ &s, NULL, 0, s.n }, step, &loss);
	return loss.ce;
}

static void open_model(struct model *m, const char *path, const json_t *golden)
{
	int first = (int)json_integer_value(json_array_get(json_object_get(golden, "dropped"), 0));
	int last = (int)json_integer_value(json_array_get(json_object_get(golden, "dropped"), 1));

	m->base = base_open(path);
	m->shape = base_shape(m->base);
	m->rec = model_rec_of_base(m->base);
	m->rec->n_keep = 0;
	for (int l = 0; l < m->shape->n_layers; l++)
		if (l < first || l > last)
			m->rec->keep[m->rec->n_keep++] = l;
	m->nf4 = 1;
}

int main(int argc, char *argv[])
{
	json_t *golden = argc == 4 ? json_load_file(argv[2], 0, NULL) : NULL,
	       *truth = json_object_get(golden, "f64"), *want;
	struct grad_options o = { .longest = 256, .batch = 2 };
	double loss = 0, norm = 0, tensor = 0;
	struct model m = { 0 };
	size_t s;

	if (!truth)
		return 2;
	ops_init(2, argv[3]);
	open_model(&m, argv[1], golden);
	struct lora_set *l = lora_new(m.shape, m.rec->n_keep, LORA_FFN, 8, 8, 0);
	lora_each(l, LORA_VALUE, fill_a,
		(char *)json_string_value(json_object_get(golden, "salt")));
	lora_pack(l);
	struct grad *g = grad_open(&m, l, &o);
	json_array_foreach(json_object_get(truth, "steps"), s, want)
	{
		char key[24];

		loss = fmax(loss,
			fabs(loss_of(g, json_array_get(json_object_get(golden, "batches"), s),
				     (int64_t)s) -
				number(want, "loss")));
		snprintf(key, sizeof key, "%zu", s);
		struct worst w = { json_object_get(json_object_get(truth, "gradient_norms"), key),
			0 };
		if (w.want)
			lora_each(l, LORA_GRADIENT, compare_norm, &w);
		tensor = fmax(tensor, w.d);
		norm = fmax(norm,
			fabs(lora_update(l, 3e-4, 1.0, (int64_t)s + 1) / number(want, "norm") - 1));
	}
	double after = fabs(loss_of(g, json_array_get(json_object_get(golden, "batches"), 0), 5) -
		number(truth, "loss_of_batch_0_after"));
	struct worst final = { json_object_get(truth, "final_norms"), 0 };
	if (final.want)
		lora_each(l, LORA_VALUE, compare_norm, &final);
	printf("loss %.3g\nnorm %.3g\ngradients %.3g\nafter %.3g\nfinal %.3g\n", loss, norm, tensor,
		after, final.d);
	return 0;
}
