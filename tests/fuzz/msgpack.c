/* One MessagePack object: parsed in two pieces as in one, unpacked without a word against it, and
 * turned into JSON. */
#include "fuzz.h"
#include "stream/mp.h"

#include <msgpack.h>

/* The same answer, however the bytes come. */
static long parse_in_two(const uint8_t *bytes, size_t n, size_t first)
{
	struct mp_parser p = { 0 };
	const char *why = "";
	long len = mp_parse(&p, bytes, first, &why);

	if (len == 0)
		len = mp_parse(&p, bytes, n, &why);
	mp_parser_free(&p);
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const char *why = NULL;
	long len = mp_check(bytes, n, &why);
	msgpack_unpacked u;
	size_t off = 0;

	holds(len <= (long)n);
	holds(len >= 0 || why);
	holds(len <= 0 ? parse_in_two(bytes, n, n / 2) <= 0 : parse_in_two(bytes, n, n / 2) == len);
	if (len <= 0)
		return 0;
	msgpack_unpacked_init(&u);
	holds(msgpack_unpack_next(&u, (const char *)bytes, (size_t)len, &off) ==
		MSGPACK_UNPACK_SUCCESS);
	holds(off == (size_t)len);
	if (mp_memory(&u.data) < MP_HEADER_MEMORY)
		json_decref(mp_to_json(&u.data));
	msgpack_unpacked_destroy(&u);
	return 0;
}
