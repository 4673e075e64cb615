/* A safetensors file: tensors lie in it, tile it, and are found by their names. */
#include "file/safetensors.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct fault err = { "" };
	uint64_t sum = 0;
	struct st s;

	if (st_parse(&s, bytes, n, &err)) {
		holds(*err.text);
		return 0;
	}
	for (size_t i = 0; i < s.n; i++) {
		const struct st_tensor *t = &s.tensors[i];

		holds(fuzz_inside(t->data, t->bytes, bytes, n));
		holds(st_find(&s, t->name) == t);
		holds(t->n_dims >= 0 && t->n_dims <= ST_DIMS);
		fuzz_touch(t->data, t->bytes);
		sum += t->bytes;
	}
	holds(sum <= n);
	st_free(&s);
	return 0;
}
