/* model-cost - what each model takes: parameters, bytes, operations and cache of a token
 *
 *   in   model   from -m or the model stream on standard input
 *   out  cost    one record a model
 */
#include "cli/cli.h"
#include "file/json.h"
#include "forward/measure.h"
#include "model/cost.h"
#include "model/layers.h"
#include "model/model.h"
#include "ops.h"
#include "stream/records.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LENGTH = 512 };

static int64_t length = LENGTH;
static int measure;

static const struct opt opts[] = { { 0, "length", "N", OPT_INT, &length,
					   "tokens of a sequence (default: 512)",
					   .made = MADE_ALWAYS },
	{ 0, "measure", NULL, OPT_FLAG, &measure,
		"also run each model, for tokens a second and the most memory" },
	{ 0 } };

static const struct cli cli = {
	.name = "model-cost",
	.operands = "",
	.about = "what models take: parameters, bytes, operations and cache of a token",
	.opts = opts,
	.model = MODEL_RUN,
	.arithmetic = 1,
	.example = "argmin-block -n all valid.angle | drop-layers -m model | model-cost > all.cost",
};

static void check_use(char *const *operands)
{
	if (*operands)
		misuse("%s: models come from -m or standard input, not as operands", *operands);
	if (length < 1)
		misuse("--length: at least 1");
	if (common.plan && !measure)
		misuse("--plan: without --measure nothing is run");
}

static void check_length(const struct model *m)
{
	if (length > m->shape->n_ctx)
		die("%s: takes at most %d tokens, --length is %lld", base_path(m->base),
			m->shape->n_ctx, (long long)length);
}

/* Every model of the list, one after the other; then the arithmetic for `made` is known. */
static void measure_all(struct cost *list, const struct models *models)
{
	for (int i = 0; i < models->n; i++) {
		struct measured m = measure_model(&models->list[i], (size_t)length, common.threads,
			common.dtype);

		list[i].rate = m.rate;
		list[i].peak = m.peak;
	}
	ops_init(common.threads, common.dtype);
	common.dtype = ops_dtype_name();
}

static void plan_all(const struct models *models)
{
	struct forecast f;

	ops_init(common.threads, common.dtype);
	forecast_begin(&f);
	for (int i = 0; i < models->n; i++)
		measure_plan(&f, &models->list[i], (size_t)length);
	forecast_print(&f, common.threads);
}

static void say_one(const struct cost *c, int width)
{
	char *name = layers_describe(c->model), measured[64] = "";

	if (measure)
		snprintf(measured, sizeof measured, " %10.0f %10.1f", c->rate,
			(double)c->peak * 1e-6);

	say("%-*s %11.1f %10.1f %10.1f %10.3f %10.1f%s", width, name, (double)c->parameters * 1e-6,
		(double)c->bytes_bf16 * 1e-6, (double)c->bytes_nf4 * 1e-6, c->flop * 1e-9,
		c->kv * 1e-3, measured);
	free(name);
}

static void say_all(const struct cost *list, int n)
{
	int width = 0;

	for (int i = 0; i < n; i++) {
		char *name = layers_describe(list[i].model);

		width = (int)strlen(name) > width ? (int)strlen(name) : width;
		free(name);
	}
	say("%-*s %11s %10s %10s %10s %10s%s", width, "model", "parameters", "bf16", "NF4",
		"a token", "cache", measure ? "     tokens     memory" : "");
	say("%-*s %11s %10s %10s %10s %10s%s", width, "", "millions", "MB", "MB", "GFLOP", "kB",
		measure ? "   a second         MB" : "");
	for (int i = 0; i < n; i++)
		say_one(&list[i], width);
}

static void write_all(const struct cost *list, const struct models *models)
{
	json_t *args = cli_args(), *meta = NULL;

	if (measure)
		meta = json_pack("{s:s, s:s}", "dtype", ops_dtype_name(), "kernel", ops_kernel());

	if (!isatty(STDOUT_FILENO)) {
		struct rec_out *out = rec_create(stdout, "standard output", KIND_COST,
			models->provenance, args, meta, 0);

		for (int i = 0; i < models->n; i++)
			cost_write(out, &list[i]);
		rec_finish(out);
	} else {
		out_publish();
		say_all(list, models->n);
	}
	json_decref(args);
	json_decref(meta);
}

int main(int argc, char *argv[])
{
	struct models *models;
	struct cost *list;

	check_use(cli_parse(&cli, argc, argv));
	models = models_open(&common.model);
	list = xcalloc((size_t)models->n, sizeof *list);
	for (int i = 0; i < models->n; i++)
		check_length(&models->list[i]);
	if (common.plan) {
		plan_all(models);
		return 0;
	}
	for (int i = 0; i < models->n; i++)
		cost_count(&list[i], &models->list[i], (uint64_t)length);
	if (measure)
		measure_all(list, models);
	write_all(list, models);
	models_close(models);
	free(list);
	return 0;
}
