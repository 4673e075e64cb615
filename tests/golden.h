/* golden - where tests find what they compare with
 *
 * Reference values are in tests/golden ($COPPICE_GOLDEN from another folder; its README.md says
 * what they are). Text and vocabularies of others are in $COPPICE_SHARED/data and may be absent, as
 * may the demo's model, $COPPICE_SMOLLM. The paths stay valid for the next seven calls.
 */
#ifndef COPPICE_TESTS_GOLDEN_H
#define COPPICE_TESTS_GOLDEN_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static inline char *path_under(const char *variable, const char *otherwise, const char *fmt,
	va_list ap)
{
	static char ring[8][4096];
	static unsigned turn;
	char *path = ring[turn++ % 8];
	const char *folder = getenv(variable);
	int n = snprintf(path, sizeof *ring, "%s/", folder ? folder : otherwise);

	vsnprintf(path + n, sizeof *ring - (size_t)n, fmt, ap);
	return path;
}

/* golden_path("tiny/%s/config.json", name): a file of tests/golden. */
__attribute__((format(printf, 1, 2))) static inline char *golden_path(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *path = path_under("COPPICE_GOLDEN", "tests/golden", fmt, ap);
	va_end(ap);
	return path;
}

/* data_path("data/mmlu"): a file of COPPICE_SHARED, there or not. */
__attribute__((format(printf, 1, 2))) static inline char *data_path(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *path = path_under("COPPICE_SHARED", "../shared", fmt, ap);
	va_end(ap);
	return path;
}

static inline const char *smollm_path(void)
{
	const char *path = getenv("COPPICE_SMOLLM");

	return path ? path : "out/demo/SmolLM2-135M-Instruct.Q4_1.gguf";
}

#endif
