/* A GGUF file: pairs and tensors lie in it; the shape of a model and a tokenizer are made of them
 * or refused. */
#include "file/gguf.h"
#include "fuzz.h"
#include "model/arch.h"
#include "token/tok_own.h"

#include <math.h>

static void use_pair(const struct gguf_pair *p, const uint8_t *bytes, size_t n)
{
	struct gguf_strings it = { .pair = p };
	struct gguf_str s;
	uint64_t count = 0;

	holds(fuzz_inside(p->raw, p->n_raw, bytes, n));
	holds(fuzz_inside(p->key.s, p->key.n, bytes, n));
	if (p->type == GGUF_STRING) {
		while (gguf_next_string(&it, &s)) {
			holds(fuzz_inside(s.s, s.n, bytes, n));
			count++;
		}
		holds(count == p->count);
	} else if (p->type == GGUF_F32) {
		for (uint64_t i = 0; i < p->count; i++)
			count += isnan(gguf_f32_at(p, i)) != 0;
	} else if (p->type != GGUF_F64) {
		for (uint64_t i = 0; i < p->count; i++)
			count += gguf_int_at(p, i) < 0;
	}
}

static void use_tokenizer(const struct gguf *g)
{
	struct fault err = { "" };
	struct tok t = { .quiet = 1 };

	if (tok_read_gguf(&t, g, &err))
		holds(*err.text);
	else
		tok_finish(&t);
	tok_parts_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct shape shape;
	struct fault err = { "" };
	struct gguf g;

	if (gguf_parse(&g, bytes, n, &err)) {
		holds(*err.text);
		return 0;
	}
	for (size_t i = 0; i < g.n_pairs; i++)
		use_pair(&g.pairs[i], bytes, n);
	for (size_t i = 0; i < g.n_tensors; i++) {
		holds(fuzz_inside(g.tensors[i].data, g.tensors[i].bytes, bytes, n));
		fuzz_touch(g.tensors[i].data, g.tensors[i].bytes);
	}
	if (!shape_from_gguf(&shape, &g, &err))
		holds(shape.n_layers > 0 && shape.n_layers <= MAX_LAYERS &&
			shape.n_heads % shape.n_kv == 0);
	use_tokenizer(&g);
	gguf_free(&g);
	return 0;
}
