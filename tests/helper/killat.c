/* killat - a command that gets a signal after so many microseconds, unless it has ended by then
 *
 *   killat SIGNAL MICROSECONDS COMMAND [ARGUMENT ...]     its status, or 128 and the signal's
 *                                                         number
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
	long us = argc > 3 ? atol(argv[2]) : -1;
	struct timespec pause = { us / 1000000, us % 1000000 * 1000 };
	sigset_t ended;
	int status;
	pid_t child;

	if (us < 0) {
		fprintf(stderr, "usage: killat SIGNAL MICROSECONDS COMMAND [ARGUMENT ...]\n");
		return 2;
	}
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	child = fork();
	if (child == 0) {
		sigprocmask(SIG_UNBLOCK, &ended, NULL);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	if (sigtimedwait(&ended, NULL, &pause) < 0)
		kill(child, atoi(argv[1]));
	return child < 0 || waitpid(child, &status, 0) != child ? 126 : status_of(status);
}
