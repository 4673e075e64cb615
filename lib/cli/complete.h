/* complete - completion scripts for shells
 *
 * Made from the tables that -h is printed from, so that a shell offers what the tool takes. The
 * bash script stands alone (bash 4 or newer, nothing of the bash-completion package); the zsh one
 * is a file for $fpath, the fish one for $fish_complete_path.
 */
#ifndef COPPICE_COMPLETE_H
#define COPPICE_COMPLETE_H

#include "cli/opt.h"

/* Prints the tool's script for the shell "bash", "zsh" or "fish" to stdout, from its n tables of
 * options. Returns 0, or -1 where there is no such shell. */
int complete_print(const char *shell, const struct cli *cli, const struct opt *const *tables,
	int n);

#endif
