/* complete - completion scripts for shells, see complete.h
 *
 * What follows an option are its words, if it has any; else it is told by what -h calls its
 * argument, which goes for every tool, and is decided in after().
 */
#include "cli/complete.h"

#include "cli/words.h"

#include <stdio.h>
#include <string.h>

struct script {
	const struct cli *cli;
	const struct opt *const *tables;
	int n;
};

enum words { NOTHING, FLAG, FILES, FOLDERS, WORDS, LIST };

/* Streams are files, and called by their kind: TOKENS, MODEL. Numbers, names and texts are left to
 * the user. */
static enum words after(const struct opt *o)
{
	static const char *const files[] = { "FILE", "PATH", "MODEL", "TOKENS" };

	if (o->type == OPT_FLAG)
		return FLAG;
	if (o->words || o->offered)
		return words_are_listed(o) ? LIST : WORDS;
	if (strcmp(o->arg, "DIR") == 0)
		return FOLDERS;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (strcmp(o->arg, files[i]) == 0)
			return FILES;
	return NOTHING;
}

/* What the first operand may be, if it is one of some words. */
static void operand_words(const struct cli *cli)
{
	for (int i = 0; cli->word(i); i++)
		printf("%s%s", i ? " " : "", cli->word(i));
}

/* -- bash -------------------------------------------------------------------------------------- */

/* One branch of `case $opt in`, for the options that such words follow. */
static void bash_branch(const struct script *s, enum words words, const char *commands)
{
	const char * or = "\t";

	for (int i = 0; i < s->n; i++)
		for (const struct opt *o = s->tables[i]; o->name; o++) {
			if (after(o) != words)
				continue;
			printf("%s--%s", or, o->name);
			or = " | ";
			if (o->letter)
				printf(" | -%c", o->letter);
		}
	if (* or != '\t')
		printf(")\n\t\t%s ;;\n", commands);
}

/* A branch for each option that has words of its own. In a list those before the last comma stay as
 * they are. */
static void bash_words(const struct script *s)
{
	for (int i = 0; i < s->n; i++)
		for (const struct opt *o = s->tables[i]; o->name; o++) {
			enum words words = after(o);

			if (words != WORDS && words != LIST)
				continue;
			printf("\t--%s", o->name);
			if (o->letter)
				printf(" | -%c", o->letter);
			printf(")\n\t\twords='");
			words_print(o);
			puts("'");
			if (words == LIST)
				puts("\t\t[[ $word == *,* ]] && front+=${word%,*}, "
				     "word=${word##*,}");
			puts("\t\t;;");
		}
}

/* Every option as it is typed; what takes an argument by its name gets the = too. */
static void bash_options(const struct script *s)
{
	for (int i = 0; i < s->n; i++)
		for (const struct opt *o = s->tables[i]; o->name; o++) {
			if (o->letter)
				printf("-%c ", o->letter);
			printf("--%s%s ", o->name, o->arg ? "=" : "");
		}
}

/* _coppice_c4_tokenize */
static void bash_function(const char *tool)
{
	printf("_coppice_");
	for (; *tool; tool++)
		putchar(*tool == '-' ? '_' : *tool);
}

/* Sets word to what is being typed, and opt to the option that it follows. */
static void bash_word(void)
{
	puts("()\n{\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} opt=${COMP_WORDS[COMP_CWORD-1]} joined= "
	     "front= earlier words= action=-f\n"
	     "\n"
	     "\tCOMPREPLY=()\n"
	     "\t# --name=word is three words where COMP_WORDBREAKS has the =, and one where it has "
	     "not.\n"
	     "\tif [[ $word == = ]]; then\n"
	     "\t\tword= joined=1\n"
	     "\telif [[ $opt == = ]]; then\n"
	     "\t\topt=${COMP_WORDS[COMP_CWORD-2]} joined=1\n"
	     "\telif [[ $word == --*=* ]]; then\n"
	     "\t\topt=${word%%=*} front=${word%%=*}= word=${word#*=} joined=1\n"
	     "\tfi\n"
	     "\t# After -- come operands only, after < and > files.\n"
	     "\tfor earlier in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
	     "\t\t[[ $earlier == -- ]] && opt=--\n"
	     "\tdone\n"
	     "\t[[ $opt == *[\\<\\>]* ]] && opt=--\n"
	     "\n"
	     "\tcase $opt in");
}

/* Sets words to what may stand there, or action to the kind of files. */
static void bash_case(const struct script *s)
{
	bash_branch(s, FILES, "action=-f");
	bash_branch(s, FOLDERS, "action=-d");
	bash_branch(s, NOTHING, "return");
	bash_words(s);
	puts("\t--)\n\t\t;;\n"
	     "\t*)\n"
	     "\t\t[[ -n $joined ]] && return");
	if (s->cli->word) {
		printf("\t\twords=' ");
		operand_words(s->cli);
		puts(" '\n"
		     "\t\tfor earlier in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		     "\t\t\t[[ $words == *\" $earlier \"* ]] && words=\n"
		     "\t\tdone");
	}
	printf("\t\t[[ $word == -* ]] && words='");
	bash_options(s);
	puts("'");
	puts("\t\t;;\n\tesac");
}

static void bash_reply(void)
{
	puts("\tif [[ -n $words ]]; then\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -P \"$front\" -- \"$word\")\n"
	     "\t\t[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace "
	     "2>/dev/null\n"
	     "\telse\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen \"$action\" -P \"$front\" -- \"$word\")\n"
	     "\t\tcompopt -o filenames 2>/dev/null\n"
	     "\tfi\n"
	     "}");
}

static void bash(const struct script *s)
{
	const char *name = s->cli->name;

	printf("# bash completion for %s, as %s --completion=bash prints it\n", name, name);
	bash_function(name);
	bash_word();
	bash_case(s);
	bash_reply();
	printf("complete -F ");
	bash_function(name);
	printf(" %s\n", name);
}

/* -- zsh --------------------------------------------------------------------------------------- */

/* A description inside '[...]'. */
static void zsh_help(const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			printf("'\\'");
		else if (strchr("[]:\\", *s))
			putchar('\\');
		putchar(*s);
	}
}

/* What stands behind an option: its argument's name, and what may be there. */
static void zsh_action(const struct opt *o)
{
	static const char *const action[] = { [NOTHING] = " ",
		[FILES] = "_files",
		[FOLDERS] = "_files -/",
		[WORDS] = "(",
		[LIST] = "_sequence compadd - " };
	enum words words = after(o);

	if (words == FLAG)
		return;
	printf(":%s:%s", o->arg, action[words]);
	words_print(o);
	if (words == WORDS)
		putchar(')');
}

static void zsh_option(const struct opt *o)
{
	if (o->letter)
		printf("\t'(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name, o->letter,
			o->arg ? "+" : "", o->name, o->arg ? "=" : "");
	else
		printf("\t'--%s%s[", o->name, o->arg ? "=" : "");
	zsh_help(o->help);
	putchar(']');
	zsh_action(o);
	puts("' \\");
}

static void zsh(const struct script *s)
{
	printf("#compdef %s\n# as %s --completion=zsh prints it\n\n_arguments -s -S \\\n",
		s->cli->name, s->cli->name);
	for (int i = 0; i < s->n; i++)
		for (const struct opt *o = s->tables[i]; o->name; o++)
			zsh_option(o);
	if (s->cli->word) {
		printf("\t'1:kind:(");
		operand_words(s->cli);
		puts(")' \\");
	}
	puts("\t'*:file:_files'");
}

/* -- fish -------------------------------------------------------------------------------------- */

/* In quotes: '...'. */
static void fish_quoted(const char *s)
{
	putchar('\'');
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('\'');
}

/* Whether an argument follows (-r), whether it is no file (-x), and what else it is. */
static void fish_action(const struct opt *o)
{
	static const char *const action[] = { [NOTHING] = " -x",
		[FLAG] = "",
		[FILES] = " -r -F",
		[FOLDERS] = " -x -a '(__fish_complete_directories)'",
		[WORDS] = " -x -a '",
		[LIST] = " -x -a '(__fish_append , " };
	enum words words = after(o);

	printf("%s", action[words]);
	words_print(o);
	printf("%s", words == WORDS ? "'" : words == LIST ? ")'" : "");
}

static void fish_option(const struct script *s, const struct opt *o)
{
	printf("complete -c %s", s->cli->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	printf(" -l %s", o->name);
	fish_action(o);
	printf(" -d ");
	fish_quoted(o->help);
	putchar('\n');
}

/* The first operand's words, as long as none of them is there; then come files. */
static void fish_operand(const struct script *s)
{
	printf("complete -c %s -n 'not __fish_seen_subcommand_from ", s->cli->name);
	operand_words(s->cli);
	printf("' -f -a '");
	operand_words(s->cli);
	puts("'");
}

static void fish(const struct script *s)
{
	printf("# fish completion for %s, as %s --completion=fish prints it\n", s->cli->name,
		s->cli->name);
	for (int i = 0; i < s->n; i++)
		for (const struct opt *o = s->tables[i]; o->name; o++)
			fish_option(s, o);
	if (s->cli->word)
		fish_operand(s);
}

int complete_print(const char *shell, const struct cli *cli, const struct opt *const *tables, int n)
{
	struct script s = { cli, tables, n };

	if (strcmp(shell, "bash") == 0)
		bash(&s);
	else if (strcmp(shell, "zsh") == 0)
		zsh(&s);
	else if (strcmp(shell, "fish") == 0)
		fish(&s);
	else
		return -1;
	return 0;
}
