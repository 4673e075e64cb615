/* c4-tokenize - text into sequences of token ids
 *
 *   in   text     JSON lines in C4's layout, or plain lines; plain, gzip or zstd
 *   out  tokens   one record per document, or per window of packed documents
 */
#include "cli/cli.h"
#include "cli/shortfall.h"
#include "file/json.h"
#include "file/text.h"
#include "model/ref.h"
#include "stream/records.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"
#include "token/feed.h"
#include "token/tok.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 27 }; /* tokens of a record */

static const char *model, *base, *field = "text", *joint;
static int64_t truncate_at = -1, pack_to = -1, sample = -1, skip, limit = INT64_MAX;
static int lines, bos, no_bos;

static const struct opt opts[] = {
	{ 'm', "model", "MODEL", OPT_TEXT, &model,
		"model whose tokenizer to use (default: a stream on standard input)",
		.made = MADE_NOT },
	{ 0, "base", "PATH", OPT_TEXT, &base, "where the model stream's base is now",
		.made = MADE_NOT },
	{ 'l', "truncate", "LEN", OPT_INT, &truncate_at,
		"one sequence a document, of at most LEN tokens" },
	{ 'p', "pack", "LEN", OPT_INT, &pack_to,
		"documents joined, in sequences of exactly LEN tokens" },
	{ 0, "join", "TEXT", OPT_TEXT, &joint,
		"with -p: what stands between two documents (default: the EOS token)" },
	{ 0, "limit", "N", OPT_INT, &limit, "only N documents" },
	{ 0, "skip", "N", OPT_INT, &skip, "skip the first N documents" },
	{ 0, "sample", "N", OPT_INT, &sample, "N of the documents, drawn by the seed" },
	{ 0, "field", "NAME", OPT_TEXT, &field, "key of the text in a JSON line (default: text)" },
	{ 0, "lines", NULL, OPT_FLAG, &lines, "each line of the input is a document as it stands" },
	{ 0, "bos", NULL, OPT_FLAG, &bos, "put a BOS token in front of each document" },
	{ 0, "no-bos", NULL, OPT_FLAG, &no_bos, "no BOS token (default: the tokenizer's rule)",
		.made = MADE_FALSE, .key = "bos" },
	{ 0 }
};

static const struct cli cli = {
	.name = "c4-tokenize",
	.operands = "[TEXT ...]",
	.opts = opts,
	.threads = 1,
	.seed = 1,
	.made_last = "seed join lines field bos",
	.about = "text in, sequences of token ids out",
	.example = "c4-tokenize -m model -l 2048 c4-valid.json.gz > c4.tokens",
};

/* Where ids become records. */
struct sink {
	struct rec_out *out;
	uint32_t *window, *joint; /* with -p: [pack_to] ids gathered; [n_joint] */
	size_t n, n_joint;
	uint64_t doc; /* of the window's first id */
	int begun;    /* a document came before */
	uint64_t written;
};

static void pack(struct sink *s, uint64_t doc, const uint32_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s->n == 0)
			s->doc = doc;
		s->window[s->n++] = ids[i];
		if (s->n == (size_t)pack_to) {
			tokens_write(s->out, &(struct tokens){ s->doc, s->window, s->n });
			s->written++;
			s->n = 0;
		}
	}
}

static void add_document(void *ctx, uint64_t doc, const uint32_t *ids, size_t n)
{
	struct sink *s = ctx;

	if (pack_to < 0) {
		tokens_write(s->out, &(struct tokens){ doc, ids, n });
		s->written++;
		return;
	}
	if (s->begun)
		pack(s, doc, s->joint, s->n_joint);
	s->begun = 1;
	pack(s, doc, ids, n);
}

/* The tokens between packed documents. */
static void open_joint(struct sink *s, struct tok *t)
{
	const uint32_t eos = (uint32_t)tok_eos(t);
	struct tok_out out = { 0 };
	int adds = tok_adds_bos(t);

	s->window = xcalloc((size_t)pack_to, sizeof *s->window);
	if (joint) {
		tok_set_bos(t, 0);
		tok_encode(t, &out, joint, strlen(joint));
		tok_set_bos(t, adds);
	} else if (tok_eos(t) < 0) {
		die("the tokenizer has no EOS token: say what joins documents with --join");
	}
	s->n_joint = joint ? out.n : 1;
	s->joint = xcalloc(s->n_joint, sizeof *s->joint);
	if (s->n_joint)
		memcpy(s->joint, joint ? out.ids : &eos, s->n_joint * sizeof *s->joint);
	tok_out_free(&out);
}

/* The documents that were asked for, as far as that is known before they are read. */
static json_t *docs_range(void)
{
	if (limit == 0)
		return json_array();
	if (limit == INT64_MAX)
		return json_pack("[[I, n]]", (json_int_t)skip);
	return json_pack("[[I, I]]", (json_int_t)skip, (json_int_t)(skip + limit - 1));
}

static json_t *make_meta(const struct tok *t)
{
	const char *rule = truncate_at > 0 ? "truncate" : pack_to > 0 ? "pack" : "whole";
	json_t *length = truncate_at > 0 || pack_to > 0
		? json_pack("{s:s, s:I}", "rule", rule, "len",
			  (json_int_t)(truncate_at > 0 ? truncate_at : pack_to))
		: json_pack("{s:s}", "rule", rule);

	return json_pack("{s:{s:s, s:I, s:b}, s:o, s:o}", "tokenizer", "hash", tok_hash(t), "size",
		(json_int_t)tok_size(t), "bos", tok_adds_bos(t), "length", length, "docs",
		docs_range());
}

/* The seed is of the sample. */
static json_t *make_args(void)
{
	json_t *args = cli_args();

	if (sample < 0)
		json_object_del(args, "seed");
	return args;
}

static void check_options(char *const *files)
{
	if (truncate_at == 0 || pack_to == 0 || sample == 0)
		misuse("-l, -p, --sample: at least 1");
	if (pack_to > LONGEST)
		misuse("-p %lld: at most %d", (long long)pack_to, LONGEST);
	if (truncate_at > 0 && pack_to > 0)
		misuse("-l and -p: documents are truncated or packed, not both");
	if (joint && pack_to < 0)
		misuse("--join goes with -p");
	if (bos && no_bos)
		misuse("--bos and --no-bos: not both");
	if (lines) /* they have no fields */
		field = "text";
	ref_need_one_stdin(model, files, "text");
	if (skip > INT64_MAX - (limit == INT64_MAX ? 0 : limit))
		misuse("--skip and --limit: too large");
}

static void tell_shortfall(char *const *files, const struct feed_counts *c)
{
	uint64_t all = limit == INT64_MAX ? UINT64_MAX : (uint64_t)limit;

	if (sample > 0 && c->docs && (all == UINT64_MAX || c->docs == all))
		shortfall(files, "documents with text", c->skipped + c->docs - c->empty, c->skipped,
			(uint64_t)sample);
	else if (!c->docs && !c->skipped && all)
		warn("%s: no document", files[0] ? files[0] : "standard input");
	else
		shortfall(files, "documents", c->skipped + c->docs, (uint64_t)skip, all);
}

static struct feed_opts feed_of(const struct tok *t, struct text_in *in, struct sink *sink)
{
	return (struct feed_opts){
		.tok = t,
		.in = in,
		.threads = common.threads,
		.skip = (uint64_t)skip,
		.limit = (uint64_t)limit,
		.sample = sample > 0 ? (uint64_t)sample : 0,
		.seed = (uint64_t)common.seed,
		.longest = truncate_at > 0 ? (size_t)truncate_at : SIZE_MAX,
		.done = add_document,
		.ctx = sink,
	};
}

/* Tokenises the documents of all files into the sink. */
static void tokenise(char *const *files, const struct tok *t, struct sink *sink)
{
	struct text_in *in = text_open(files, field, lines);
	const struct feed_opts o = feed_of(t, in, sink);
	struct feed_counts counts;

	progress_start("", "MB", (double)text_total(files) / 1e6);
	counts = feed_run(&o);
	progress_end();

	text_close(in); /* so that its hash is known */
	rec_finish(sink->out);
	tell_shortfall(files, &counts);
	if (counts.replaced)
		warn("%llu bytes were no UTF-8, and became U+FFFD",
			(unsigned long long)counts.replaced);
	note("%llu documents (%llu empty), %llu tokens, %llu sequences",
		(unsigned long long)counts.docs, (unsigned long long)counts.empty,
		(unsigned long long)counts.ids, (unsigned long long)sink->written);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	json_t *args, *meta, *provenance = NULL;
	struct sink sink = { 0 };
	struct tok *t;

	check_options(files);
	t = tok_open_model(model, base, &provenance);
	tok_set_bos(t, bos ? 1 : no_bos ? 0 : -1);
	if (pack_to > 0)
		open_joint(&sink, t);
	args = make_args();
	meta = make_meta(t);
	sink.out = rec_create(stdout, "standard output", KIND_TOKENS, provenance, args, meta, 0);
	tokenise(files, t, &sink);
	tok_close(t);
	free(sink.window);
	free(sink.joint);
	json_decref(args);
	json_decref(meta);
	json_decref(provenance);
	return EXIT_DONE;
}
