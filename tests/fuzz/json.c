/* JSON text: parsed within its bound of nodes, and what is taken is JSON again when it is written.
 */
#include "file/json.h"
#include "fuzz.h"

enum { NODES = 1 << 12 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct fault err = { "" };
	char *text;
	json_t *j, *again;

	if (json_parse(&j, (const char *)bytes, n, NODES, &err)) {
		holds(*err.text);
		return 0;
	}
	text = json_dumps(j, JSON_ENCODE_ANY);
	if (text) {
		holds(json_parse(&again, text, strlen(text), NODES, &err) == 0);
		json_decref(again);
	}
	free(text);
	json_decref(j);
	return 0;
}
