/* merge-lora - a healed model as a checkpoint for other programs, its adapter merged into the
 * weights
 *
 *   in   model   one, with an adapter
 *   out  model   the new checkpoint
 */
#include "cli/cli.h"
#include "export/checkpoint.h"
#include "file/json.h"
#include "model/ref.h"
#include "sys/die.h"
#include "sys/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *output, *scores, *type_name = "F16";
static enum tensor_type type = T_F16;

static int parse_type(const char *text)
{
	static const struct {
		const char *name;
		enum tensor_type type;
	} types[] = {
		{ "f16", T_F16 },
		{ "bf16", T_BF16 },
		{ "f32", T_F32 },
	};

	for (int i = 0; i < 3; i++)
		if (!strcmp(types[i].name, text)) {
			type = types[i].type;
			type_name = tensor_type_name(type);
			return 0;
		}
	return -1;
}

static const struct opt opts[] = { { 'o', "output", "DIR", OPT_TEXT, &output,
					   "the new folder to write the checkpoint into (needed)",
					   .made = MADE_NOT },
	{ 0, "type", "TYPE", OPT_CALL, &type_name,
		"merged weights of a quantised GGUF file as f16, bf16 or f32 (default: f16)",
		.call = parse_type, .words = "f16 bf16 f32" },
	{ 0, "scores", "FILE", OPT_TEXT, &scores, "score records for the model card",
		.made = MADE_NOT },
	{ 0 } };

static int is_named(void)
{
	return common.model.path != NULL;
}

static const struct cli cli = {
	.name = "merge-lora",
	.operands = "[MODEL]",
	.about = "a healed model as a checkpoint for other programs, its adapter merged in",
	.opts = opts,
	.model = MODEL_WEIGHTS,
	.threads = 1,
	.no_input = is_named,
	.example = "merge-lora -o n8-merged < n8-healed.model > n8-merged.model",
};

static void write_record(const struct model_rec *rec, const json_t *provenance)
{
	json_t *args = cli_args();
	struct rec_out *out;

	out = rec_create(stdout, "standard output", KIND_MODEL, provenance, args, NULL, 0);
	model_rec_write(out, rec);
	rec_finish(out);
	json_decref(args);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	struct model_rec *rec;
	struct models *models;
	struct checkpoint c = { .scores = scores };

	if (!output)
		misuse("-o DIR is needed");
	if (*files && (common.model.path || files[1]))
		misuse("one model is wanted, but '%s' was given too",
			common.model.path ? *files : files[1]);
	ref_check_name(output);
	if (*files)
		common.model.path = *files;
	models = models_open_one(&common.model);
	if (!models->list[0].adapter)
		die("the model has no adapter; drop-layers -o writes one that was only pruned");
	c.model = models->list;
	c.blocked = type;
	c.scores = scores;
	c.provenance = models->provenance;
	rec = checkpoint_write(output, &c);
	if (!isatty(STDOUT_FILENO))
		write_record(rec, models->provenance);
	else
		out_publish();
	model_rec_free(rec);
	models_close(models);
	return EXIT_DONE;
}
