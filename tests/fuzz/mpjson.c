/* A line for rec-make: one JSON value as a MessagePack object, packed as a record of each kind. */
#include "fuzz.h"
#include "stream/mp.h"
#include "stream/mpjson.h"

static void pack_as(enum kind k, const msgpack_object *o)
{
	struct fault err = { "" };
	const char *why;
	msgpack_sbuffer b;
	msgpack_packer pk;

	msgpack_sbuffer_init(&b);
	msgpack_packer_init(&pk, &b, msgpack_sbuffer_write);
	if (mpjson_pack(&pk, k, o, &err))
		holds(*err.text);
	else
		mp_check((const unsigned char *)b.data, b.size, &why);
	msgpack_sbuffer_destroy(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	msgpack_zone *zone = msgpack_zone_new(1 << 12);
	const char *why = NULL;
	msgpack_object o;

	if (mpjson_parse((const char *)bytes, n, zone, &o, &why))
		holds(why);
	else
		for (enum kind k = 0; k < KIND_COUNT; k++)
			pack_as(k, &o);
	msgpack_zone_free(zone);
	return 0;
}
