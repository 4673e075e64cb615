/* Any text: repaired text is valid, valid text stays, NFC of it is valid and its own NFC. */
#include "file/utf8.h"
#include "fuzz.h"

static void normalise(const char *text, size_t n)
{
	size_t n_once, n_twice;
	char *once = utf8_nfc(text, n, &n_once), *twice = utf8_nfc(once, n_once, &n_twice);

	holds(utf8_valid(once, n_once) == n_once);
	holds(n_once == n_twice && !memcmp(once, twice, n_once));
	if (utf8_is_nfc(text, n))
		holds(n == n_once && !memcmp(text, once, n));
	free(once), free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const char *text = (const char *)bytes;
	char *out = malloc(3 * n + 1);
	uint64_t bad = 0;
	size_t n_out = utf8_repair(out, text, n, &bad), n_strip = n_out, len;

	holds(utf8_valid(out, n_out) == n_out);
	holds(bad ? utf8_valid(text, n) < n : n_out == n && !memcmp(out, text, n));
	utf8_strip(out, &n_strip);
	holds(n_strip <= n_out);
	for (size_t i = 0; i < n_out; i += len) {
		char again[UTF8_MAX];

		len = 0;
		utf8_class_at(out + i, &len);
		holds(len && utf8_put(again, utf8_get(out + i, &len)) == len &&
			!memcmp(again, out + i, len));
	}
	normalise(out, n_out);
	free(out);
	return 0;
}
