/* qlora-heal - a pruned model healed: LoRA adapters on its FFN, trained on a 4-bit base
 *
 *   in   model, tokens   one model; the sequences to train on
 *   out  model           the same model with its adapter, a PEFT folder
 */
#include "cli/cli.h"
#include "heal/heal.h"
#include "heal/heal_data.h"
#include "heal/lora.h"
#include "model/ref.h"
#include "ops.h"
#include "stream/overlap.h"
#include "stream/place.h"
#include "sys/die.h"
#include "token/tok_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct heal heal;
static const char *targets = "gate,up,down", *schedule = "cosine", *order = "shuffled";

static int parse_targets(const char *text)
{
	heal.targets = lora_targets_parse(text);
	targets = lora_targets_names(heal.targets);
	return heal.targets ? 0 : -1;
}

static const struct opt opts[] = {
	{ 'o', "output", "DIR", OPT_TEXT, &heal.dir,
		"the folder for the adapter, its state and its log (needed)", .made = MADE_NOT },
	{ 0, "resume", NULL, OPT_FLAG, &heal.resume,
		"continue in a folder that exists, to the same result as one run",
		.made = MADE_NOT },
	{ 0, "init", "DIR", OPT_TEXT, &heal.init,
		"start from this adapter: its rank, alpha and targets", .made = MADE_NOT },
	{ 0, "targets", "LIST", OPT_CALL, &targets,
		"what is adapted: gate,up,down (default), and out, attention's output",
		.call = parse_targets, .words = "gate up down out" },
	{ 0, "rank", "R", OPT_INT, &heal.rank, "rank of the adapters (default: 64)" },
	{ 0, "alpha", "A", OPT_REAL, &heal.alpha,
		"adapters are scaled by A / R (default: the rank)" },
	{ 0, "lr", "RATE", OPT_REAL, &heal.lr, "peak learning rate (default: 3e-4)",
		.made = MADE_ALWAYS },
	{ 0, "schedule", "NAME", OPT_TEXT, &schedule, "cosine or constant (default: cosine)",
		.made = MADE_ALWAYS, .words = "cosine constant" },
	{ 0, "steps", "N", OPT_INT, &heal.steps, "steps of the optimizer (default: 5000)",
		.made = MADE_ALWAYS },
	{ 0, "batch", "N", OPT_INT, &heal.batch, "sequences of a step (default: 16)",
		.made = MADE_ALWAYS },
	{ 0, "order", "NAME", OPT_TEXT, &order,
		"shuffled by the seed, each epoch anew (default), or stream: as they come",
		.made = MADE_ALWAYS, .words = "shuffled stream" },
	{ 0, "micro", "N", OPT_INT, &heal.micro,
		"sequences at once; changes no result (default: as memory allows)",
		.made = MADE_NOT },
	{ 0, "warmup", "N", OPT_INT, &heal.warmup,
		"steps of warm-up (default: 100 or steps/10, the lesser; constant: 0)" },
	{ 0, "dropout", "P", OPT_REAL, &heal.dropout, "of the adapters' inputs (default: 0.05)",
		.made = MADE_ALWAYS },
	{ 0, "clip", "NORM", OPT_REAL, &heal.clip, "of the whole gradient; 0: none (default: 1)",
		.made = MADE_ALWAYS },
	{ 0, "aux", "W", OPT_REAL, &heal.aux, "weight of the auxiliary loss (default: 0)",
		.made = MADE_ALWAYS },
	{ 0, "valid", "TOKENS", OPT_TEXT, &heal.valid_tokens,
		"log the loss on these held-out tokens", .made = MADE_NOT },
	{ 0, "every", "N", OPT_INT, &heal.every,
		"steps from one held-out loss to the next (default: 100)" },
	{ 0, "save", "N", OPT_INT, &heal.save,
		"steps from one saved state to the next (default: 100)", .made = MADE_NOT },
	{ 0, "stop-after", "TIME", OPT_TIME, &heal.stop_after,
		"stop after this time, with the state saved: 90s, 30m, 8h", .made = MADE_NOT },
	{ 0 }
};

static const struct cli cli = {
	.name = "qlora-heal",
	.operands = "[TOKENS ...]",
	.opts = opts,
	.model = MODEL_RUN,
	.seed = 1,
	.arithmetic = 1,
	.made_first = "quant",
	.made_last = "seed dtype every",
	.about = "tokens and a pruned model in, the model with an adapter that heals it out",
	.example = "qlora-heal -o n8.adapter train.tokens < n8.model > n8-healed.model",
};

static void check_use(char *const *files)
{
	if (!heal.dir)
		misuse("-o DIR is needed");
	ref_need_one_stdin(common.model.path, files, "tokens");
	if (heal.init && (heal.rank >= 0 || !isnan(heal.alpha) || heal.targets))
		misuse("--init brings its own rank, alpha and targets");
	if (heal.every >= 0 && !heal.valid_tokens)
		misuse("--every is of the held-out loss: it needs --valid");
	if (heal.rank == 0 || heal.rank > 1 << 16)
		misuse("--rank: %lld: from 1 to 65536", (long long)heal.rank);
	if (!(heal.dropout >= 0 && heal.dropout < 1))
		misuse("--dropout: %g: from 0 to less than 1", heal.dropout);
	if (heal.lr < 0 || heal.clip < 0 || heal.aux < 0 || heal.alpha <= 0)
		misuse("--lr, --clip and --aux are not negative, --alpha is above 0");
	if (heal.batch == 0 || heal.batch > 1 << 20 || heal.micro > 1 << 20 || heal.every == 0)
		misuse("--batch and --every are at least 1, --batch and --micro at most 1048576");
	if (heal.steps == 0 || heal.steps >= UINT32_MAX)
		misuse("--steps: %lld: %s", (long long)heal.steps,
			heal.steps ? "too many" : "at least 1");
}

/* What depends on the model, and on the adapter that is started from. The options' own variables
 * get what they came to, for `made`. */
static void settle(struct model *m)
{
	recipe_quantise(m, common.model.quant != NULL);
	if (!lora_targets_fit(heal.targets, m->shape))
		misuse("--targets: this family of models has no gate");
	heal.seed = heal.order.seed = (uint64_t)common.seed;
	heal.order.on = !strcmp(order, "shuffled");
	heal.schedule = (enum schedule)schedule_find(schedule);
	recipe_settle(&heal, m);
	common.model.quant = m->nf4 ? "nf4" : "none";
	common.dtype = ops_dtype_name();
}

static void check_tokenizer(void *models, const struct rec_in *in)
{
	tok_check_models(models, rec_meta(in));
}

/* name: of the files, for messages. New. */
static struct sequences *read_tokens(char *const *files, const char *name, struct models *m)
{
	struct sequences *s = sequences_load(files, 0, UINT64_MAX, check_tokenizer, m);
	const struct shape *shape = m->list[0].shape;

	sequences_check(s, name, (size_t)shape->n_ctx, (uint64_t)shape->n_vocab);
	return s;
}

/* Reads what is trained on and what is held out, and looks at it. */
static void read_all(char *const *files, struct models *m, struct sequences **train,
	struct sequences **valid)
{
	heal.tokens = *files ? *files : "standard input";
	heal.train = *train = read_tokens(files, heal.tokens, m);
	if (heal.valid_tokens)
		heal.valid = *valid = read_tokens((char *[]){ (char *)heal.valid_tokens, NULL },
			heal.valid_tokens, m);
	heal_data_check(*train, heal.tokens, &heal.order, heal.steps, heal.batch);
	overlap_trained(*train);
	if (*valid) {
		heal_data_check_valid(*valid, heal.valid_tokens);
		overlap_warn_held_out(*valid, *train);
	}
}

int main(int argc, char *argv[])
{
	struct sequences *train, *valid = NULL;
	struct models *models;
	struct rec_out *out;
	json_t *provenance, *args;
	char **files, fingerprint[17];

	heal = recipe_begin();
	files = cli_parse(&cli, argc, argv);
	check_use(files);
	models = models_open_one(&common.model);
	ops_init(common.threads, common.dtype);
	settle(models->list);
	free(place_of_folder(heal.dir));
	ref_check_name(heal.dir);
	read_all(files, models, &train, &valid);
	if (common.plan) {
		heal_plan(&heal, common.threads);
		return EXIT_DONE;
	}
	provenance = provenance_merge(provenance_merge(NULL, models->provenance),
		train->provenance);
	heal.provenance = provenance;
	args = cli_args();
	out = rec_create(stdout, "standard output", KIND_MODEL, provenance, args, NULL, 0);

	if (!heal_run(&heal, args, fingerprint))
		return EXIT_INTERRUPTED;
	recipe_write(out, &heal, fingerprint);
	rec_finish(out);

	json_decref(args);
	json_decref(provenance);
	sequences_free(train);
	sequences_free(valid);
	models_close(models);
	return EXIT_DONE;
}
