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

enum { WARMUP = 100 };

static const char *valid_file, *targets = "gate,up,down", *schedule = "cosine", *order = "shuffled";
static double alpha = NAN;
static int64_t rank = -1, warmup = -1, every = -1;
static struct heal heal = { .order.on = 1,
	.lr = 3e-4,
	.steps = 5000,
	.batch = 16,
	.dropout = 0.05,
	.clip = 1,
	.save = 100,
	.every = 100 };

static int parse_schedule(const char *text)
{
	int s = schedule_find(text);

	schedule = text;
	heal.schedule = (enum schedule)s;
	return s < 0 ? -1 : 0;
}

static int parse_order(const char *text)
{
	order = text;
	heal.order.on = !strcmp(text, "shuffled");
	return heal.order.on || !strcmp(text, "stream") ? 0 : -1;
}

static int parse_targets(const char *text)
{
	heal.targets = lora_targets_parse(text);
	targets = lora_targets_names(heal.targets);
	return heal.targets ? 0 : -1;
}

/* "90", "90s", "5m", "2h", "1d" */
static int parse_duration(const char *text)
{
	static const struct {
		char letter;
		double seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char *end;
	double v = strtod(text, &end);

	for (size_t i = 0; *end && i < sizeof units / sizeof *units; i++)
		if (*end == units[i].letter && !end[1]) {
			v *= units[i].seconds;
			end++;
		}
	heal.stop_after = v;
	return end == text || *end || !isfinite(v) || v <= 0 ? -1 : 0;
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
	{ 0, "rank", "R", OPT_INT, &rank, "rank of the adapters (default: 64)" },
	{ 0, "alpha", "A", OPT_REAL, &alpha, "adapters are scaled by A / R (default: the rank)" },
	{ 0, "lr", "RATE", OPT_REAL, &heal.lr, "peak learning rate (default: 3e-4)",
		.made = MADE_ALWAYS },
	{ 0, "schedule", "NAME", OPT_CALL, &schedule, "cosine or constant (default: cosine)",
		.call = parse_schedule, .made = MADE_ALWAYS, .words = "cosine constant" },
	{ 0, "steps", "N", OPT_INT, &heal.steps, "steps of the optimizer (default: 5000)",
		.made = MADE_ALWAYS },
	{ 0, "batch", "N", OPT_INT, &heal.batch, "sequences of a step (default: 16)",
		.made = MADE_ALWAYS },
	{ 0, "order", "NAME", OPT_CALL, &order,
		"shuffled by the seed, each epoch anew (default), or stream: as they come",
		.call = parse_order, .made = MADE_ALWAYS, .words = "shuffled stream" },
	{ 0, "micro", "N", OPT_INT, &heal.micro,
		"sequences at once; changes no result (default: as memory allows)",
		.made = MADE_NOT },
	{ 0, "warmup", "N", OPT_INT, &warmup,
		"steps of warm-up (default: 100 or steps/10, the lesser; constant: 0)" },
	{ 0, "dropout", "P", OPT_REAL, &heal.dropout, "of the adapters' inputs (default: 0.05)",
		.made = MADE_ALWAYS },
	{ 0, "clip", "NORM", OPT_REAL, &heal.clip, "of the whole gradient; 0: none (default: 1)",
		.made = MADE_ALWAYS },
	{ 0, "aux", "W", OPT_REAL, &heal.aux, "weight of the auxiliary loss (default: 0)",
		.made = MADE_ALWAYS },
	{ 0, "valid", "TOKENS", OPT_TEXT, &valid_file, "log the loss on these held-out tokens",
		.made = MADE_NOT },
	{ 0, "every", "N", OPT_INT, &every,
		"steps from one held-out loss to the next (default: 100)" },
	{ 0, "save", "N", OPT_INT, &heal.save,
		"steps from one saved state to the next (default: 100)", .made = MADE_NOT },
	{ 0, "stop-after", "TIME", OPT_CALL, NULL,
		"stop after this time, with the state saved: 90s, 30m, 8h", .call = parse_duration,
		.made = MADE_NOT },
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
	if (heal.init && (rank >= 0 || !isnan(alpha) || heal.targets))
		misuse("--init brings its own rank, alpha and targets");
	if (every >= 0 && !valid_file)
		misuse("--every is of the held-out loss: it needs --valid");
	if (rank == 0 || rank > 1 << 16)
		misuse("--rank: %lld: from 1 to 65536", (long long)rank);
	if (!(heal.dropout >= 0 && heal.dropout < 1))
		misuse("--dropout: %g: from 0 to less than 1", heal.dropout);
	if (heal.lr < 0 || heal.clip < 0 || heal.aux < 0 || alpha <= 0)
		misuse("--lr, --clip and --aux are not negative, --alpha is above 0");
	if (heal.batch == 0 || heal.batch > 1 << 20 || heal.micro > 1 << 20 || every == 0)
		misuse("--batch and --every are at least 1, --batch and --micro at most 1048576");
	if (heal.steps == 0 || heal.steps >= UINT32_MAX)
		misuse("--steps: %lld: %s", (long long)heal.steps,
			heal.steps ? "too many" : "at least 1");
}

/* The options' own variables get what they came to, for `made`. */
static void tell_settled(void)
{
	rank = heal.rank;
	alpha = heal.alpha;
	warmup = heal.warmup;
	if (valid_file)
		every = heal.every;
	common.model.quant = heal.model->nf4 ? "nf4" : "none";
	common.dtype = ops_dtype_name();
}

/* What depends on other options, or on the adapter that is started from. */
static void settle(const struct model *m)
{
	heal.model = m;
	heal.seed = heal.order.seed = (uint64_t)common.seed;
	if (heal.targets & 1 << LORA_GATE && (heal.targets & LORA_FFN) != LORA_FFN &&
		!m->shape->gated)
		misuse("--targets: this family of models has no gate");
	heal.targets = heal.targets ? heal.targets : LORA_FFN;
	heal.rank = rank > 0 ? rank : 64;
	heal.alpha = isnan(alpha) ? (double)heal.rank : alpha;
	heal.every = every > 0 ? every : heal.every;
	if (heal.init) {
		struct adapter *a = adapter_open(heal.init, m->base, m->rec);

		lora_check(a, heal.init);
		heal.rank = a->rank;
		heal.alpha = a->scale * a->rank;
		snprintf(heal.init_fingerprint, sizeof heal.init_fingerprint, "%s", a->fingerprint);
		adapter_close(a);
	}
	heal.warmup = warmup;
	if (warmup < 0 && heal.schedule == SCHEDULE_COSINE)
		heal.warmup = heal.steps / 10 < WARMUP ? heal.steps / 10 : WARMUP;
	else if (warmup < 0)
		heal.warmup = 0;
	tell_settled();
}

/* The base is quantised unless it is already, or --quant=none says otherwise. */
static void quantise(struct model *m)
{
	if (m->adapter)
		die("%s: the model has an adapter already; --init %s on the pruned model goes on "
		    "from it",
			m->rec->adapter, m->rec->adapter);
	if (!common.model.quant)
		m->nf4 = 1;
	if (base_is_nf4(m->base))
		m->nf4 = 0;
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

static void write_record(struct rec_out *out, const struct model *m, const char *fingerprint)
{
	struct model_rec r = *m->rec;
	char *name = ref_named(base_path(m->base), m->rec->base);

	r.base = name;
	r.adapter = heal.dir;
	r.adapter_fingerprint = fingerprint;
	r.quant = m->nf4 ? "nf4" : NULL;
	model_rec_write(out, &r);
	rec_finish(out);
	free(name);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv), fingerprint[17];
	struct sequences *train, *valid = NULL;
	struct models *models;
	struct rec_out *out;
	json_t *provenance, *args;

	check_use(files);
	models = models_open_one(&common.model);
	ops_init(common.threads, common.dtype);
	quantise(models->list);
	settle(models->list);
	free(place_of_folder(heal.dir));
	ref_check_name(heal.dir);
	heal.tokens = *files ? *files : "standard input";
	heal.train = train = read_tokens(files, heal.tokens, models);
	if (valid_file)
		heal.valid = valid = read_tokens((char *[]){ (char *)valid_file, NULL }, valid_file,
			models);
	heal_data_check(train, heal.tokens, &heal.order, heal.steps, heal.batch);
	overlap_trained(train);
	if (valid) {
		heal_data_check_valid(valid, valid_file);
		overlap_warn_held_out(valid, train);
	}
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
	write_record(out, models->list, fingerprint);

	json_decref(args);
	json_decref(provenance);
	sequences_free(train);
	sequences_free(valid);
	models_close(models);
	return EXIT_DONE;
}
