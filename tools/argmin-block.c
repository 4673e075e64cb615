/* argmin-block - which block of n layers to drop
 *
 *   in   angle   the distances of all pairs, in one stream or in parts
 *   out  block   one record per n, in the order asked for; with --every one per n and l
 *
 * A table of the blocks goes to stderr, for whoever types it; records only where standard output is
 * no terminal.
 */
#include "angle/argmin.h"
#include "cli/cli.h"
#include "file/json.h"
#include "model/layers.h"
#include "model/model.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static struct widths widths = { .n = { 8 }, .count = 1 };
static const char *width_text = "8";
static int simple, every;

static int parse_widths(const char *text)
{
	struct fault err;

	width_text = text;
	if (widths_parse(&widths, text, &err))
		misuse("-n: %s", err.text);
	return 0;
}

static const struct opt opts[] = {
	{ 'n', "width", "N", OPT_CALL, &width_text,
		"layers in the block: 8, 1-12, 0,4,8 or all; 0 is the base (default: 8)",
		.call = parse_widths, .made = MADE_ALWAYS, .key = "n" },
	{ 0, "every", NULL, OPT_FLAG, &every, "all blocks of the width, in the order of l" },
	{ 0, "simple", NULL, OPT_FLAG, &simple,
		"the deepest layers but the last, of the model -m; needs no angles" },
	{ 0 }
};

static int is_simple(void)
{
	return simple;
}

static const struct cli cli = {
	.name = "argmin-block",
	.operands = "[ANGLE ...]",
	.about = "the block of n layers with the smallest angular distance across it",
	.opts = opts,
	.model = MODEL_LAYERS,
	.no_input = is_simple,
	.example = "argmin-block -n 1-12 c4.angle | drop-layers -m model > pruned.model",
};

struct result {
	struct block *blocks; /* [n] */
	int n;
	int keep[MAX_LAYERS]; /* what the model's layers are called in its base */
	int layers;
	json_t *meta, *provenance;
};

static void number_layers(struct result *r)
{
	const json_t *keep = json_object_get(r->meta, "keep");

	for (int l = 0; l < r->layers; l++) {
		const json_t *k = json_array_get(keep, l);

		r->keep[l] = json_array_size(keep) == (size_t)r->layers && json_is_integer(k)
			? json_integer_value(k)
			: l;
	}
}

static void find_simple(struct result *r)
{
	struct models *m = models_open_one(&common.model);
	const struct model_rec *rec = m->list[0].rec;
	json_t *keep = json_array();
	struct fault err;

	r->layers = rec->n_keep;
	if (widths_resolve(&widths, r->layers, &err))
		misuse("%s", err.text);
	for (int i = 0; i < rec->n_keep; i++)
		json_add(keep, json_integer(rec->keep[i]));
	r->meta = json_pack("{sssosi}", "print", rec->fingerprint, "keep", keep, "layers",
		rec->n_keep);
	r->provenance = m->provenance ? json_incref(m->provenance) : NULL;
	r->n = widths.count;
	r->blocks = xcalloc((size_t)r->n, sizeof *r->blocks);
	for (int i = 0; i < r->n; i++)
		r->blocks[i] = argmin_simple(r->layers, widths.n[i]);
	models_close(m);
}

static void add_width(struct result *r, const struct angles *a, int n)
{
	int places = every ? argmin_places(a->layers, n) : 1;

	if (n && !angles_have(a, n))
		die("no angles for n = %d were measured (angdist -n?)", n);
	r->blocks = xrealloc(r->blocks, (size_t)(r->n + places), sizeof *r->blocks);
	for (int l = 0; l < places; l++)
		r->blocks[r->n++] = every ? argmin_every(a, n, l) : argmin_similarity(a, n);
}

static void find_similar(struct result *r, char *const *files)
{
	const struct angle_request all = { 0 };
	struct angles *a = angles_read(files, &all, &r->meta, &r->provenance);
	struct fault err;

	if (!a->count)
		die("no angles in what was read");
	r->layers = a->layers;
	if (widths_resolve(&widths, a->layers, &err))
		misuse("%s", err.text);
	for (int i = 0; i < widths.count; i++)
		add_width(r, a, widths.n[i]);
	angles_free(a);
}

/* Eight columns: as a distance is said, or, where another measure is larger or smaller, in powers
 * of ten. */
static void number_text(char s[16], double v)
{
	int fits = v == 0 || (fabs(v) >= 1e-5 && fabs(v) < 10);

	snprintf(s, 16, fits ? "%8.5f" : "%8.1e", v);
}

/* How sure the choice is, and which block is next, in the numbers of the base. */
static void certainty_text(char s[24], const struct result *r, const struct block *b)
{
	if (b->resampled)
		snprintf(s, 24, "%4.0f%%  %6d  ", 100 * b->sure, r->keep[b->second]);
	else
		snprintf(s, 24, "    -       -  ");
}

static void print_block(const struct result *r, const struct block *b, int certain)
{
	char *layers = layers_text(r->keep + b->l, b->n), mean[16] = "       -",
	     sem[16] = "      -", sure[24] = "";

	if (!isnan(b->mean)) {
		number_text(mean, b->mean);
		number_text(sem, b->sem);
	}
	if (certain)
		certainty_text(sure, r, b);
	say("%4d %5.1f%%  %s %s  %s%s", b->n, 100.0 * b->n / r->layers, mean, sem + (*sem == ' '),
		sure, b->n ? layers : "none");
	free(layers);
}

static void print_table(const struct result *r)
{
	int pruned = r->keep[r->layers - 1] >= r->layers, certain = 0;

	for (int i = 0; i < r->n; i++)
		certain |= r->blocks[i].resampled;
	say("   n  share  distance      +-  %slayers of %d%s", certain ? " sure  second  " : "",
		r->layers, pruned ? " (numbers of the base)" : "");
	for (int i = 0; i < r->n; i++)
		print_block(r, r->blocks + i, certain);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	struct result r = { 0 };
	json_t *args = cli_args();
	struct rec_out *out;

	if (simple && *files)
		misuse("--simple takes no angles, but '%s' was given", *files);
	if (simple && every)
		misuse("--every takes all blocks, --simple one: not both");
	if (!simple && common.model.path)
		misuse("-m is for --simple");
	if (simple)
		find_simple(&r);
	else
		find_similar(&r, files);
	number_layers(&r);
	print_table(&r);
	if (!isatty(STDOUT_FILENO)) {
		out = rec_create(stdout, "standard output", KIND_BLOCK, r.provenance, args, r.meta,
			0);
		for (int i = 0; i < r.n; i++)
			block_write(out, r.blocks + i);
		rec_finish(out);
	}
	free(r.blocks);
	json_decref(r.meta);
	json_decref(r.provenance);
	json_decref(args);
	return EXIT_DONE;
}
