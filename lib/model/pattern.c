/* pattern - regular expressions on modules' names, as an adapter's config holds them for Python
 */
#include "model/pattern.h"

#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TRIES = 100000, MOST_TEXT = 4096, MOST_DIGITS = 6 };

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	int has_number; /* its last group is one */
};

static const struct {
	const char *before, *after;
	uint32_t options;
} forms[] = {
	[PATTERN_WHOLE] = { "(?:", ")", PCRE2_ANCHORED | PCRE2_ENDANCHORED },
	[PATTERN_END] = { "(.*\\.)?(", ")$", PCRE2_ANCHORED },
	[PATTERN_LAYERS] = { "(?:^|.*?\\.)", "\\.(?<idx>[0-9]+)\\.", PCRE2_ANCHORED },
};

struct pattern *pattern_new(enum pattern_form form, const char *text, struct fault *err)
{
	struct pattern *p = xcalloc(1, sizeof *p);
	PCRE2_UCHAR why[128];
	PCRE2_SIZE at;
	char *whole;
	int code;

	if (strlen(text) > MOST_TEXT) {
		pattern_free(p);
		fault(err, "is longer than %d bytes", MOST_TEXT);
		return NULL;
	}
	whole = xasprintf("%s%s%s", forms[form].before, text, forms[form].after);
	p->has_number = form == PATTERN_LAYERS;
	p->code = pcre2_compile((PCRE2_SPTR)whole, PCRE2_ZERO_TERMINATED,
		PCRE2_UTF | forms[form].options, &code, &at, NULL);
	free(whole);
	if (!p->code) {
		pcre2_get_error_message(code, why, sizeof why);
		fault(err, "is no regular expression: %s", (char *)why);
		pattern_free(p);
		return NULL;
	}
	p->data = pcre2_match_data_create_from_pattern(p->code, NULL);
	p->context = pcre2_match_context_create(NULL);
	if (!p->data || !p->context)
		die("out of memory");
	pcre2_set_match_limit(p->context, MOST_TRIES);
	return p;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_match_context_free(p->context);
	pcre2_match_data_free(p->data);
	pcre2_code_free(p->code);
	free(p);
}

static int number_of(const struct pattern *p)
{
	PCRE2_UCHAR text[MOST_DIGITS + 1];
	PCRE2_SIZE n = sizeof text;

	if (pcre2_substring_copy_byname(p->data, (PCRE2_SPTR) "idx", text, &n))
		return -1;
	return atoi((const char *)text);
}

int pattern_match(const struct pattern *p, const char *name, int *number)
{
	int n = pcre2_match(p->code, (PCRE2_SPTR)name, strlen(name), 0, 0, p->data, p->context);

	if (n == PCRE2_ERROR_NOMATCH)
		return 0;
	if (n < 0)
		return -1;
	if (number && p->has_number)
		*number = number_of(p);
	return 1;
}
