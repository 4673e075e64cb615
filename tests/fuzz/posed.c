/* A line of questions with choices: in each form, whatever its keys are, as a list of Python's, and
 * by templates, which stand behind a NUL, one a line: question, choices, answer, labels. */
#include "eval/form.h"
#include "eval/race.h"
#include "eval/task.h"
#include "eval/template.h"
#include "file/json.h"
#include "fuzz.h"

static void look_at(struct posed *p, int bad, const struct fault *err)
{
	if (bad) {
		holds(*err->text);
	} else {
		holds(p->prompt && p->n >= 1 && p->n <= MAX_CHOICES);
		holds(p->answer >= 0 && p->answer < p->n);
		fuzz_touch(p->prompt, strlen(p->prompt));
		for (int i = 0; i < p->n; i++) {
			fuzz_touch(p->choice[i], strlen(p->choice[i]));
			if (p->lead)
				fuzz_touch(p->lead[i], strlen(p->lead[i]));
		}
	}
	posed_free(p);
}

static void by_forms(const json_t *o)
{
	int guess = form_guess(o);

	for (int i = 0; form_name(i); i++) {
		struct fault err = { "" };
		struct posed p;
		int bad = form_read(i, &p, o, &err);

		look_at(&p, bad, &err);
	}
	holds(guess < 0 || form_find(form_name(guess)) == guess);
}

static void by_templates(const json_t *o, const uint8_t *bytes, size_t n)
{
	char *text = strndup((const char *)bytes, n), *part[4] = { NULL }, *rest = text;
	struct fault err = { "" };
	struct posed p;
	int bad;

	for (int i = 0; i < 4; i++)
		part[i] = strsep(&rest, "\n");
	if (part[2]) {
		bad = templates_read(&(struct templates){ part[0], part[1], part[2], part[3] }, &p,
			o, &err);
		look_at(&p, bad, &err);
	}
	free(text);
}

static void as_literal(const uint8_t *bytes, size_t n)
{
	struct fault err = { "" };
	json_t *j, *again = NULL;
	char *text;

	if (race_literal(&j, (const char *)bytes, n, &err)) {
		holds(*err.text);
		return;
	}
	text = json_dumps(j, JSON_ENCODE_ANY);
	holds(text);
	holds(json_parse_line(&again, text, strlen(text), &err) == 0 || strlen(text) > 1 << 15);
	json_decref(again);
	free(text);
	json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const uint8_t *templates;
	size_t n_templates, n_line = fuzz_halves(bytes, n, &templates, &n_templates);
	struct fault err = { "" };
	json_t *o;

	as_literal(bytes, n);
	if (json_parse_line(&o, (const char *)bytes, n_line, &err))
		return 0;
	by_forms(o);
	by_templates(o, templates, n_templates);
	json_decref(o);
	return 0;
}
