/* form - see form.h
 */
#include "eval/form.h"

#include "eval/hellaswag.h"
#include "eval/race.h"
#include "eval/task.h"
#include "file/utf8.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

/* -- values ------------------------------------------------------------------------------------ */

/* The text under a key, NULL with err where there is none. */
static const char *text_of(const json_t *o, const char *key, struct fault *err)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL)
		fault(err, "no text \"%s\"", key);
	return s;
}

/* A list of 1 to MAX_CHOICES texts. */
static int check_texts(const json_t *list, const char *key, struct fault *err)
{
	size_t n = json_array_size(list);

	if (n == 0 || n > MAX_CHOICES)
		return fault(err, "\"%s\" is no list of 1 to %d texts", key, MAX_CHOICES);
	for (size_t i = 0; i < n; i++)
		if (!json_is_string(json_array_get(list, i)))
			return fault(err, "\"%s\": number %zu is no text", key, i);
	return 0;
}

static void take_texts(struct posed *p, const json_t *list)
{
	const char *text[MAX_CHOICES];
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++)
		text[i] = json_string_value(json_array_get(list, i));
	posed_choices(p, text, n);
}

/* The number under a key, from 0 to n - 1, given as an integer or as its digits: 0, or -1 with
 * err. */
static int number_of(int *to, const json_t *o, const char *key, int n, struct fault *err)
{
	const json_t *j = json_object_get(o, key);
	const char *s = json_string_value(j);
	json_int_t v = json_is_integer(j) ? json_integer_value(j) : -1;

	if (s != NULL && *s != '\0' && strlen(s) < 4 && s[strspn(s, "0123456789")] == '\0')
		v = atoi(s);
	if (v < 0 || v >= n)
		return fault(err, "\"%s\" is no number from 0 to %d", key, n - 1);
	*to = (int)v;
	return 0;
}

/* The choices {text, label} of AI2's sets, two lists of one length; the answer is one of the
 * labels. */
static int labelled(struct posed *p, const json_t *o, const char *answer, struct fault *err)
{
	const json_t *choices = json_object_get(o, "choices");
	const json_t *text = json_object_get(choices, "text");
	const json_t *label = json_object_get(choices, "label");

	if (check_texts(text, "choices.text", err) < 0 ||
		check_texts(label, "choices.label", err) < 0)
		return -1;
	if (json_array_size(text) != json_array_size(label))
		return fault(err, "\"choices\" has not as many labels as texts");
	take_texts(p, text);
	for (p->answer = 0; p->answer < p->n; p->answer++)
		if (strcmp(json_string_value(json_array_get(label, (size_t)p->answer)), answer) ==
			0)
			return 0;
	return fault(err, "the \"answerKey\" is none of the labels");
}

static char *asked(const char *question)
{
	return xasprintf("Question: %s\nAnswer:", question);
}

/* -- forms ------------------------------------------------------------------------------------- */

static int read_arc(struct posed *p, const json_t *o, struct fault *err)
{
	const char *question = text_of(o, "question", err);
	const char *answer = question ? text_of(o, "answerKey", err) : NULL;

	if (answer == NULL)
		return -1;
	p->prompt = asked(question);
	return labelled(p, o, answer, err);
}

static int read_openbookqa(struct posed *p, const json_t *o, struct fault *err)
{
	const char *question = text_of(o, "question_stem", err);
	const char *answer = question ? text_of(o, "answerKey", err) : NULL;
	size_t n;

	if (answer == NULL)
		return -1;
	p->prompt = xstrdup(question);
	n = strlen(answer);
	return labelled(p, o, utf8_strip_front(answer, &n), err);
}

/* The choices stand in the prompt; their letters are what is scored. */
static int read_commonsenseqa(struct posed *p, const json_t *o, struct fault *err)
{
	static const char *const letter[] = { "A", "B", "C", "D", "E" };
	const char *question = text_of(o, "question", err);
	const char *answer = question ? text_of(o, "answerKey", err) : NULL;
	const json_t *text = json_object_get(json_object_get(o, "choices"), "text");
	const char *s[5];
	size_t n;

	if (answer == NULL || check_texts(text, "choices.text", err) < 0)
		return -1;
	if (json_array_size(text) != 5)
		return fault(err, "\"choices.text\" is no list of 5 texts");
	for (size_t i = 0; i < 5; i++)
		s[i] = json_string_value(json_array_get(text, i));
	n = strlen(question);
	question = utf8_strip(question, &n);
	p->prompt = xasprintf("Question: %.*s\nA. %s\nB. %s\nC. %s\nD. %s\nE. %s\nAnswer:", (int)n,
		question, s[0], s[1], s[2], s[3], s[4]);
	posed_choices(p, letter, 5);
	if (answer[0] < 'A' || answer[0] > 'E' || answer[1] != '\0')
		return fault(err, "the \"answerKey\" is none of A B C D E");
	p->answer = answer[0] - 'A';
	return 0;
}

static int read_hellaswag(struct posed *p, const json_t *o, struct fault *err)
{
	const json_t *endings = json_object_get(o, "endings");
	const char *a = text_of(o, "ctx_a", err), *b = a ? text_of(o, "ctx_b", err) : NULL;
	const char *label = b ? text_of(o, "activity_label", err) : NULL;

	if (label == NULL || check_texts(endings, "endings", err) < 0)
		return -1;
	p->prompt = hellaswag_query(label, a, b);
	take_texts(p, endings);
	for (int i = 0; i < p->n; i++) {
		char *whole = p->choice[i];

		p->choice[i] = hellaswag_clean(whole);
		free(whole);
	}
	return number_of(&p->answer, o, "label", p->n, err);
}

static int read_piqa(struct posed *p, const json_t *o, struct fault *err)
{
	const char *goal = text_of(o, "goal", err), *sol1 = goal ? text_of(o, "sol1", err) : NULL;
	const char *sol2 = sol1 ? text_of(o, "sol2", err) : NULL;

	if (sol2 == NULL)
		return -1;
	p->prompt = asked(goal);
	posed_choices(p, (const char *const[]){ sol1, sol2 }, 2);
	return number_of(&p->answer, o, "label", 2, err);
}

/* The right answer stands last. */
static int read_sciq(struct posed *p, const json_t *o, struct fault *err)
{
	static const char *const key[] = { "distractor1", "distractor2", "distractor3",
		"correct_answer" };
	const char *question = text_of(o, "question", err);
	const char *support = question ? text_of(o, "support", err) : NULL, *choice[4];
	size_t n;

	if (support == NULL)
		return -1;
	for (int i = 0; i < 4; i++)
		if ((choice[i] = text_of(o, key[i], err)) == NULL)
			return -1;
	n = strlen(support);
	p->prompt = xasprintf("%s\nQuestion: %s\nAnswer:", utf8_strip_front(support, &n), question);
	posed_choices(p, choice, 4);
	p->answer = 3;
	return 0;
}

/* The prompts differ, what follows the gap is the same. */
static int read_winogrande(struct posed *p, const json_t *o, struct fault *err)
{
	const char *sentence = text_of(o, "sentence", err);
	const char *one = sentence ? text_of(o, "option1", err) : NULL;
	const char *two = one ? text_of(o, "option2", err) : NULL;
	const char *answer = two ? text_of(o, "answer", err) : NULL, *gap, *rest;
	char *bare;
	size_t n;

	if (answer == NULL)
		return -1;
	if ((gap = strchr(sentence, '_')) == NULL)
		return fault(err, "the \"sentence\" has no gap _");
	p->prompt = xasprintf("%.*s", (int)(gap - sentence), sentence);
	n = strlen(gap + 1);
	rest = utf8_strip(gap + 1, &n);
	bare = xasprintf("%.*s", (int)n, rest);
	posed_choices(p, (const char *const[]){ bare, bare }, 2);
	free(bare);
	p->lead = xcalloc(2, sizeof *p->lead);
	p->lead[0] = xstrdup(one);
	p->lead[1] = xstrdup(two);
	if ((answer[0] != '1' && answer[0] != '2') || answer[1] != '\0')
		return fault(err, "the \"answer\" is neither 1 nor 2");
	p->answer = answer[0] - '1';
	return 0;
}

/* Told by their keys from the first to the last: each of those before has keys that those behind
 * have not. */
static const struct {
	const char *name;
	const char *keys[4]; /* which tell it from the others */
	int (*read)(struct posed *p, const json_t *o, struct fault *err);
} forms[] = {
	{ "hellaswag", { "ctx_a", "ctx_b", "endings" }, read_hellaswag },
	{ "winogrande", { "sentence", "option1", "option2" }, read_winogrande },
	{ "piqa", { "goal", "sol1", "sol2" }, read_piqa },
	{ "sciq", { "question", "distractor1", "correct_answer" }, read_sciq },
	{ "race", { "article" }, race_read },
	{ "commonsenseqa", { "question", "question_concept", "choices" }, read_commonsenseqa },
	{ "openbookqa", { "question_stem", "choices", "answerKey" }, read_openbookqa },
	{ "arc", { "question", "choices", "answerKey" }, read_arc },
};
enum { FORMS = sizeof forms / sizeof *forms };

int form_find(const char *name)
{
	for (int i = 0; i < FORMS; i++)
		if (strcmp(forms[i].name, name) == 0)
			return i;
	return -1;
}

const char *form_name(int i)
{
	return i >= 0 && i < FORMS ? forms[i].name : NULL;
}

int form_guess(const json_t *o)
{
	for (int i = 0; i < FORMS; i++) {
		int k = 0;

		while (k < 4 && forms[i].keys[k] && json_object_get(o, forms[i].keys[k]))
			k++;
		if (k == 4 || forms[i].keys[k] == NULL)
			return i;
	}
	return -1;
}

int form_unknown(struct fault *err)
{
	fault(err, "has the keys of no form:");
	for (int i = 0; i < FORMS; i++) {
		fault(err, "%s%s %s (", err->text, i ? "," : "", forms[i].name);
		for (int k = 0; k < 4 && forms[i].keys[k]; k++)
			fault(err, "%s%s%s", err->text, k ? " " : "", forms[i].keys[k]);
		fault(err, "%s)", err->text);
	}
	return -1;
}

int form_read(int form, struct posed *p, const json_t *o, struct fault *err)
{
	*p = (struct posed){ 0 };
	if (!json_is_object(o))
		return fault(err, "not a JSON object");
	return forms[form].read(p, o, err);
}
