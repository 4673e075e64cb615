/* pose - prints the questions of a choice task as eval-choice asks them: a JSON line each, with the
 * contexts and continuations of its choices
 *
 *     pose SHOTS TRAIN|- FORM|- FILE ...
 *     pose SHOTS TRAIN|- template QUESTION CHOICES ANSWER LABELS|- FILE ...
 */
#include "eval/quiz.h"
#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_question(const struct questions *q, size_t i)
{
	json_t *o = json_object(), *contexts = json_array(), *rest = json_array();
	char *prompt, *line;
	size_t n;
	FILE *f = open_memstream(&prompt, &n);

	if (f == NULL)
		die("out of memory");
	q->prompt(q->source, i, q->shots, f);
	fclose(f);
	for (int c = 0; c < q->question[i].n_choices; c++) {
		struct choice_text t = q->choice_of(q->source, i, c);
		char *context = xasprintf("%s%s", prompt, t.lead ? t.lead : "");
		char *text = xasprintf(" %s", t.text);

		json_add(contexts, json_string(context));
		json_add(rest, json_string(text));
		free(context);
		free(text);
	}
	json_put(o, "row", json_integer((json_int_t)q->question[i].row));
	json_put(o, "answer", json_integer(q->question[i].answer));
	json_put(o, "contexts", contexts);
	json_put(o, "continuations", rest);
	line = json_dumps(o, JSON_COMPACT);
	puts(line);
	free(line);
	free(prompt);
	json_decref(o);
}

int main(int argc, char *argv[])
{
	struct templates t = { 0 };
	struct quiz *quiz;
	struct questions q;
	int by_template = argc > 8 && strcmp(argv[3], "template") == 0;

	if (argc < 5)
		misuse("pose SHOTS TRAIN|- FORM|- FILE ...");
	if (by_template)
		t = (struct templates){ argv[4], argv[5], argv[6],
			strcmp(argv[7], "-") != 0 ? argv[7] : NULL };
	quiz = quiz_open(&(struct quiz_source){ .files = argv + (by_template ? 8 : 4),
		.templates = by_template ? &t : NULL,
		.train = strcmp(argv[2], "-") != 0 ? argv[2] : NULL,
		.form = form_find(argv[3]),
		.shots = atoi(argv[1]),
		.limit = UINT64_MAX });
	q = quiz_questions(quiz, "pose", 0);
	for (size_t i = 0; i < q.n; i++)
		print_question(&q, i);
	quiz_close(quiz);
	return 0;
}
