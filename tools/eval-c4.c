/* eval-c4 - mean loss over sequences of tokens
 *
 *   in   tokens, model from -m or the model stream on standard input
 *   out  score    one record a model: nats per predicted token, in its own keys normalised,
 *        perplexity, bits per byte
 */
#include "cli/cli.h"
#include "cli/eval_options.h"
#include "eval/c4.h"
#include "eval/evaluation.h"
#include "eval/loss.h"
#include "eval/scores.h"
#include "file/json.h"
#include "model/ref.h"
#include "ops.h"
#include "stream/overlap.h"
#include "token/tok_check.h"

static int64_t skip, limit = -1;

static const struct opt opts[] = { { 0, "skip", "N", OPT_INT, &skip,
					   "leave out the first N sequences" },
	{ 0, "limit", "N", OPT_INT, &limit, "at most N sequences" }, { 0 } };
static const struct cli cli = {
	.name = "eval-c4",
	.operands = "[TOKENS ...] | --merge [SCORE ...]",
	.about = "loss of models over sequences of tokens",
	.opts = opts,
	.shared = sequence_opts,
	.model = MODEL_RUN,
	.arithmetic = 1,
	.made_first = "dtype quant",
	.example = "eval-c4 -m model valid.tokens > model.score",
};

/* What the tokens' meta says, and the arithmetic. */
static json_t *header_meta(const struct c4 *c)
{
	json_t *meta = json_deep_copy(c->meta), *own = scores_meta("c4");

	json_object_update(meta, own);
	json_decref(own);
	return meta;
}

static void evaluate(char *const *files)
{
	struct models *models = models_open(&common.model);
	struct c4 *c = c4_open(files, (uint64_t)skip, limit < 0 ? UINT64_MAX : (uint64_t)limit);
	struct task task = c4_task(c);
	json_t *provenance = provenance_merge(provenance_merge(NULL, c->sequences->provenance),
		models->provenance);
	json_t *args = cli_args(), *meta = header_meta(c);

	tok_check_models(models, c->meta);
	overlap_warn(c->sequences, models->provenance);
	evaluation_run(&(struct evaluation){ models, provenance, args, meta, &eval_options,
			       common.plan },
		&task);
	json_decref(provenance);
	json_decref(args);
	json_decref(meta);
	c4_close(c);
	models_close(models);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (eval_options.merge) {
		struct metric loss = loss_metric();

		evaluation_merge("c4", &loss, files, &eval_options);
		return 0;
	}
	ref_need_one_stdin(common.model.path, files, "tokens");
	ops_init(common.threads, common.dtype);
	common.dtype = ops_dtype_name(); /* what it came to, for made */
	evaluate(files);
	return 0;
}
