/* A line of C4: what jansson takes our scan takes, and the text is the same. */
#include "file/text.h"
#include "fuzz.h"

#include <jansson.h>

/* What the scan should give, or NULL where jansson has no say: it takes less deep, valid UTF-8
 * only, and no half of a pair. */
static json_t *wanted(const uint8_t *bytes, size_t n)
{
	json_t *j = json_loadb((const char *)bytes, n, JSON_ALLOW_NUL, NULL),
	       *text = json_object_get(j, "text");

	text = json_is_string(text) ? json_incref(text) : NULL;
	json_decref(j);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	json_t *want = wanted(bytes, n);
	char *out = malloc(n + 1);
	struct fault err = { "" };
	size_t n_out = 0;

	if (text_json_field(out, &n_out, (const char *)bytes, n, "text", &err)) {
		holds(*err.text);
		holds(!want);
	} else {
		holds(n_out <= n);
		if (want)
			holds(n_out == json_string_length(want) &&
				!memcmp(out, json_string_value(want), n_out));
	}
	json_decref(want);
	free(out);
	return 0;
}
