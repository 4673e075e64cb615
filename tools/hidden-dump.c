/* hidden-dump - the last token's residual stream at every layer boundary
 *
 *   in   tokens   one record per sequence
 *   out  hidden   x(0) .. x(L) of each sequence's last token; with --positions of the tokens there,
 *        a record each; with --all-tokens one record per sequence and layer
 */
#include "cli/cli.h"
#include "file/json.h"
#include "forward/states.h"
#include "model/model.h"
#include "model/ref.h"
#include "ops.h"
#include "stream/sequences.h"
#include "sys/die.h"

#include <stdlib.h>

static int all_tokens;
static struct positions positions = { .range = { { -1, -1 } }, .n = 1, .most = 1 };
static const char *position_text;
static int64_t skip, limit = INT64_MAX;

static int parse_positions(const char *text)
{
	struct fault err;

	if (positions_parse(&positions, text, &err))
		misuse("--positions: %s", err.text);
	position_text = positions_are_last(&positions) ? NULL : text;
	return 0;
}

static const struct opt opts[] = {
	{ 0, "positions", "LIST", OPT_CALL, &position_text,
		"the tokens whose stream it is: 0,100-127,-1 or last (default: last)",
		.call = parse_positions },
	{ 0, "all-tokens", NULL, OPT_FLAG, &all_tokens,
		"every token's stream, one record per sequence and layer" },
	{ 0, "skip", "N", OPT_INT, &skip, "leave out the first N sequences" },
	{ 0, "limit", "N", OPT_INT, &limit, "at most N sequences" }, { 0 }
};

static const struct cli cli = {
	.name = "hidden-dump",
	.operands = "[TOKENS ...]",
	.opts = opts,
	.model = MODEL_RUN,
	.about = "tokens in, the residual stream of each sequence's last token out",
	.example = "hidden-dump -m model c4.tokens | angdist > c4.angle",
};

static json_t *meta_make(const struct rec_in *in, const struct models *models)
{
	const struct model_rec *r = models->list[0].rec;
	json_t *meta = json_object(), *keep = json_array();
	static const char *const carried[] = { "tokenizer", "length", "docs" };

	for (int i = 0; i < r->n_keep; i++)
		json_add(keep, json_integer(r->keep[i]));
	json_put(meta, "print", json_string(r->fingerprint));
	json_put(meta, "keep", keep);
	json_put(meta, "layers", json_integer(r->n_keep));
	json_put(meta, "adapter_print",
		r->adapter_fingerprint ? json_string(r->adapter_fingerprint) : json_null());
	json_put(meta, "quant", r->quant ? json_string(r->quant) : json_null());
	for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
		if (json_object_get(rec_meta(in), carried[i]))
			json_object_set(meta, carried[i],
				json_object_get(rec_meta(in), carried[i]));
	json_put(meta, "dtype", json_string(ops_dtype_name()));
	json_put(meta, "kernel", json_string(ops_kernel()));
	if (all_tokens)
		json_put(meta, "all_tokens", json_true());
	if (position_text)
		json_put(meta, "positions", json_string(position_text));
	return meta;
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	json_t *args = cli_args(), *meta, *provenance = NULL;
	struct models *models;
	struct states states;
	struct rec_out *out = NULL;
	struct rec_in *in;

	if (all_tokens && position_text)
		misuse("--all-tokens are all positions: not with --positions");
	ref_need_one_stdin(common.model.path, files, "tokens");
	models = models_open_one(&common.model);
	states = (struct states){ .models = models,
		.positions = all_tokens ? NULL : &positions,
		.skip = skip,
		.limit = limit,
		.total = program_is_quiet()
			? 0
			: sequences_tokens(files, (uint64_t)skip, (uint64_t)limit),
		.threads = common.threads };
	in = rec_open(files, KIND_TOKENS);
	ops_init(common.threads, common.dtype);
	meta = meta_make(in, models);
	provenance = provenance_merge(provenance_merge(provenance, models->provenance),
		rec_provenance(in));
	if (!common.plan)
		out = rec_create(stdout, "standard output", KIND_HIDDEN, provenance, args, meta, 0);
	states_write(&states, files, in, out);
	provenance = provenance_merge(provenance, rec_all_provenance(in));
	rec_close(in);
	if (out) {
		rec_made(out, provenance);
		rec_finish(out);
	}
	models_close(models);
	json_decref(args);
	json_decref(meta);
	json_decref(provenance);
	return 0;
}
