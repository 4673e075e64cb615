/* Records of every kind, written and read back: the same values, over several streams in one
 * file. */
#include "stream/records.h"
#include "sys/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>
#include <cmocka.h>

static char path[] = "/tmp/coppice-records-XXXXXX";
static char *files[] = { path, NULL };

static struct rec_out *begin(enum kind k, const char *mode)
{
	json_t *args = json_pack("{s:i}", "width", 8), *meta = json_pack("{s:s}", "note", "a test");
	struct rec_out *out = rec_create(fopen(path, mode), path, k, NULL, args, meta, 0);

	json_decref(args);
	json_decref(meta);
	return out;
}

static const struct block block = {
	.n = 2, .l = 5, .mean = 0.25, .sem = 0.5, .layers = 9, .rule = RULE_SIMILARITY
};
static const struct model_rec model = {
	.base = "some/where",
	.fingerprint = "0123456789abcdef",
	.keep = { 0, 3, 7 },
	.n_keep = 3,
	.quant = "nf4",
	.adapter = "an/adapter",
	.adapter_fingerprint = "fedcba9876543210",
	.has_block = 1,
	.block = block,
};

static void tokens_come_back(void **state)
{
	uint32_t ids[] = { 0, 70000, UINT32_MAX };
	struct tokens t = { .doc = 1ull << 40, .ids = ids, .n = 3 };
	struct rec_out *out = begin(KIND_TOKENS, "w");
	struct rec_in *in;

	(void)state;
	tokens_write(out, &t);
	rec_finish(out);
	out = begin(KIND_TOKENS, "a");
	t.n = 1;
	tokens_write(out, &t);
	rec_finish(out);

	in = rec_open(files, KIND_TOKENS);
	assert_int_equal(tokens_read(in, &t), 1);
	assert_int_equal(t.doc, 1ull << 40);
	assert_int_equal(t.n, 3);
	assert_memory_equal(t.ids, ids, sizeof ids);
	assert_int_equal(rec_part(in), 0);
	assert_string_equal(json_string_value(json_object_get(rec_meta(in), "note")), "a test");
	assert_int_equal(json_array_size(rec_provenance(in)), 1);
	assert_int_equal(tokens_read(in, &t), 1);
	assert_int_equal(rec_part(in), 1);
	assert_int_equal(t.n, 1);
	assert_int_equal(tokens_read(in, &t), 0);
	rec_close(in);
}

static void hidden_come_back(void **state)
{
	float x[6] = { 1, -0.0f, 3e-45f, 4, 5, 3e38f };
	struct hidden h = { .doc = 3, .ntok = 17, .layer = -1, .x = x, .rows = 3, .d = 2 };
	struct rec_out *out = begin(KIND_HIDDEN, "w");
	struct rec_in *in;

	(void)state;
	hidden_write(out, &h);
	h.layer = 0;
	hidden_write(out, &h);
	rec_finish(out);
	in = rec_open(files, KIND_HIDDEN);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(hidden_read(in, &h), 1);
		assert_int_equal(h.ntok, 17);
		assert_int_equal(h.layer, i - 1);
		assert_int_equal(h.rows, 3);
		assert_int_equal(h.d, 2);
		assert_memory_equal(h.x, x, sizeof x);
		assert_int_equal((uintptr_t)h.x % 64, 0);
	}
	assert_int_equal(hidden_read(in, &h), 0);
	rec_close(in);
}

static void angles_and_blocks_come_back(void **state)
{
	const struct sums exact = { 1 << 23, 2 - 0x1p-63, 0.25, UINT64_MAX, 0x1p65L };
	const struct sums below = { 2, -0.25, NAN, -(long double)(1ull << 39), 0x1p37L };
	struct angle a = { 1, 2, exact }, negative = { 1, 3, below }, got;
	struct block b = block, nil = block;
	struct rec_out *out = begin(KIND_ANGLE, "w");
	struct rec_in *in;

	(void)state;
	angle_write(out, &a);
	angle_write(out, &negative);
	rec_finish(out);
	in = rec_open(files, KIND_ANGLE);
	assert_int_equal(angle_read(in, &got), 1);
	assert_true(got.n == 1 && got.l == 2 && got.s.count == exact.count &&
		got.s.mean == exact.mean && got.s.sem == exact.sem && got.s.sum == exact.sum &&
		got.s.sumsq == exact.sumsq);
	assert_int_equal(angle_read(in, &got), 1);
	assert_true(got.s.sum == below.sum && got.s.sumsq == below.sumsq && got.s.mean == -0.25 &&
		isnan(got.s.sem));
	rec_close(in);

	out = begin(KIND_BLOCK, "w");
	nil.mean = nil.sem = 0.0 / 0.0;
	strcpy(nil.rule, "greedy");
	block_write(out, &b);
	block_write(out, &nil);
	rec_finish(out);
	in = rec_open(files, KIND_BLOCK);
	assert_int_equal(block_read(in, &b), 1);
	assert_true(b.n == 2 && b.l == 5 && b.mean == 0.25 && b.sem == 0.5 && b.layers == 9 &&
		!strcmp(b.rule, "similarity"));
	assert_int_equal(block_read(in, &b), 1);
	assert_true(b.mean != b.mean && !strcmp(b.rule, "greedy"));
	assert_int_equal(block_read(in, &b), 0);
	rec_close(in);
}

static void assert_model(const struct model_rec *m)
{
	assert_string_equal(m->base, model.base);
	assert_string_equal(m->fingerprint, model.fingerprint);
	assert_int_equal(m->n_keep, 3);
	assert_memory_equal(m->keep, model.keep, sizeof model.keep);
	assert_string_equal(m->adapter, model.adapter);
	assert_string_equal(m->adapter_fingerprint, model.adapter_fingerprint);
	assert_string_equal(m->quant, "nf4");
	assert_int_equal(m->has_block, 1);
	assert_int_equal(m->block.l, 5);
}

static void models_and_scores_come_back(void **state)
{
	json_t *own = json_pack("{s:s, s:f}", "subject", "anatomy", "loss", 2.5);
	struct score s = { "mmlu", "accuracy", 0.25, 0.01, 100, 25, 25, &model, own };
	struct model_rec m, *copy;
	struct rec_out *out = begin(KIND_MODEL, "w");
	struct rec_in *in;

	(void)state;
	model_rec_write(out, &model);
	rec_finish(out);
	in = rec_open(files, KIND_MODEL);
	assert_int_equal(model_rec_read(in, &m), 1);
	copy = model_rec_copy(&m);
	assert_int_equal(model_rec_read(in, &m), 0);
	rec_close(in);
	assert_model(copy);
	model_rec_free(copy);

	out = begin(KIND_SCORE, "w");
	score_write(out, &s);
	rec_finish(out);
	in = rec_open(files, KIND_SCORE);
	assert_int_equal(score_read(in, &s), 1);
	assert_string_equal(s.metric, "accuracy");
	assert_true(s.value == 0.25 && s.stderr_ == 0.01 && s.count == 100 && s.sum == 25);
	assert_true(json_equal((json_t *)s.own, own));
	assert_model(s.model);
	rec_close(in);
	json_decref(own);
}

static void losses_and_samples_come_back(void **state)
{
	struct loss_rec l = { 7, 3e-4, 2.5, 2.25, 0.25, 1.0 / 3, 4096, 0.0 / 0.0 };
	float logp[4] = { -1, -2, -3, -1.0f / 0.0f };
	struct sample s = { "boolq", NULL, 4, 1, logp, 4, 2, -1, -1, 33, "a\0b", 3 };
	struct rec_out *out = begin(KIND_LOSS, "w");
	struct rec_in *in;

	(void)state;
	loss_write(out, &l);
	l.valid = 2.75;
	loss_write(out, &l);
	rec_finish(out);
	in = rec_open(files, KIND_LOSS);
	assert_int_equal(loss_read(in, &l), 1);
	assert_true(l.step == 7 && l.lr == 3e-4 && l.ce == 2.25 && l.norm == 1.0 / 3 &&
		l.valid != l.valid);
	assert_int_equal(loss_read(in, &l), 1);
	assert_true(l.valid == 2.75);
	rec_close(in);

	out = begin(KIND_SAMPLE, "w");
	sample_write(out, &s);
	rec_finish(out);
	in = rec_open(files, KIND_SAMPLE);
	assert_int_equal(sample_read(in, &s), 1);
	assert_null(s.subject);
	assert_true(s.answer == 2 && s.choice == -1 && s.top == -1 && s.ntok == 33 &&
		s.n_logp == 4);
	assert_memory_equal(s.logp, logp, sizeof logp);
	assert_int_equal(s.prompt_len, 3);
	assert_memory_equal(s.prompt, "a\0b", 3);
	rec_close(in);
}

/* A new frame begins after the first record past 128 MiB: three records of 64 MiB and a bit make
 * two frames. */
static void frames_end(void **state)
{
	struct hidden h = { .ntok = 1, .layer = -1, .rows = 1 << 12, .d = (1 << 12) + 1 };
	float *x = xcalloc(h.rows * h.d, sizeof *x);
	struct rec_out *out = begin(KIND_HIDDEN, "w");
	struct rec_in *in;
	size_t frames = 0, n, at = 0;
	char *bytes;
	FILE *f;

	(void)state;
	h.x = x;
	for (h.doc = 0; h.doc < 3; h.doc++)
		hidden_write(out, &h);
	rec_finish(out);
	in = rec_open(files, KIND_HIDDEN);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(hidden_read(in, &h), 1);
		assert_int_equal(h.doc, i);
	}
	assert_int_equal(hidden_read(in, &h), 0);
	rec_close(in);

	f = fopen(path, "r");
	bytes = xmalloc(1 << 20);
	n = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	for (; at < n; frames++)
		at += ZSTD_findFrameCompressedSize(bytes + at, n - at);
	assert_int_equal(at, n);
	assert_int_equal(frames, 2);
	free(bytes);
	free(x);
}

/* A live stream can be read record by record before it is finished. */
static void live_streams_flow(void **state)
{
	uint32_t ids[] = { 1, 2, 3 };
	struct tokens t = { .ids = ids, .n = 3 };
	int fd[2];
	char *name, *read_files[2] = { NULL, NULL };
	struct rec_out *out;
	struct rec_in *in;
	FILE *f;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	f = fdopen(fd[1], "w");
	out = rec_create(f, "pipe", KIND_TOKENS, NULL, NULL, NULL, 1);
	read_files[0] = name = xasprintf("/dev/fd/%d", fd[0]);
	in = rec_open(read_files, KIND_TOKENS);
	for (uint64_t i = 0; i < 5; i++) {
		t = (struct tokens){ .doc = i, .ids = ids, .n = 3 };
		tokens_write(out, &t);
		assert_int_equal(tokens_read(in, &t), 1);
		assert_int_equal(t.doc, i);
	}
	rec_finish(out);
	fclose(f);
	assert_int_equal(tokens_read(in, &t), 0);
	rec_close(in);
	close(fd[0]);
	free(name);
}

static void steps_are_merged(void **state)
{
	json_t *a = json_pack("[{s:s},{s:s}]", "tool", "x", "tool", "y"),
	       *b = json_pack("[{s:s},{s:s}]", "tool", "y", "tool", "z");
	json_t *all = provenance_merge(provenance_merge(NULL, a), b),
	       *want = json_pack("[{s:s},{s:s},{s:s}]", "tool", "x", "tool", "y", "tool", "z");

	(void)state;
	assert_true(json_equal(all, want));
	json_decref(a);
	json_decref(b);
	json_decref(all);
	json_decref(want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_come_back),
		cmocka_unit_test(hidden_come_back),
		cmocka_unit_test(angles_and_blocks_come_back),
		cmocka_unit_test(models_and_scores_come_back),
		cmocka_unit_test(losses_and_samples_come_back),
		cmocka_unit_test(frames_end),
		cmocka_unit_test(live_streams_flow),
		cmocka_unit_test(steps_are_merged),
	};
	int failed;

	close(mkstemp(path));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
