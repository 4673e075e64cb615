/* A whole stream of records, decompressed: read to its end, or refused with a line. */
#include "fuzz.h"
#include "stream/rec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	unsigned char *own = malloc(n + 1);
	struct rec_in *volatile in = NULL;
	msgpack_object map;
	jmp_buf died;

	memcpy(own, bytes, n);
	if (setjmp(died) == 0) {
		fuzz_dies = &died;
		in = rec_open_bytes(own, n, "input", KIND_ANY);
		while (rec_next(in, &map))
			holds(map.type == MSGPACK_OBJECT_MAP);
		holds(json_is_array(rec_provenance(in)) && json_is_object(rec_meta(in)));
	}
	fuzz_dies = NULL;
	if (in)
		rec_close(in);
	return 0;
}
