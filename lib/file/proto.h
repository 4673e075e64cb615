/* proto - protocol buffers, read field by field
 */
#ifndef COPPICE_PROTO_H
#define COPPICE_PROTO_H

#include <stddef.h>
#include <stdint.h>

enum proto_type { PROTO_INT = 0, PROTO_64 = 1, PROTO_BYTES = 2, PROTO_32 = 5 };

struct proto { /* a message, or what is left of it */
	const unsigned char *at, *end;
};
struct proto_field {
	uint32_t number;
	enum proto_type type;
	uint64_t value;     /* of the number types, as unsigned bits */
	struct proto bytes; /* of PROTO_BYTES: within the message */
};
/* Reads the next field of the message p into *f, and moves p behind it. 1; 0 at the message's end;
 * -1 where the bytes are no protocol buffer. */
int proto_next(struct proto *p, struct proto_field *f);
float proto_float(const struct proto_field *f); /* the value of a field of PROTO_32, as a float */

#endif
