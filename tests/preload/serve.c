/* serve - a program that is loaded once and runs many times, for cutflip
 *
 * Preloaded, it waits ahead of main: for each byte that it reads from descriptor SERVE_GO, a child
 * goes on into main, with standard input from the file that SERVE_INPUT names, and a struct served
 * is written to SERVE_DONE. To load the libraries takes ten times as long as to fork.
 */
#include "serve.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void become_child(const char *input)
{
	/* Without a writer it would wait for one; what has been written is there. */
	int fd = open(input, O_RDONLY | O_NONBLOCK);

	if (fd < 0 || fcntl(fd, F_SETFL, 0) || dup2(fd, STDIN_FILENO) < 0)
		_exit(126);
	close(fd);
	close(SERVE_GO);
	close(SERVE_DONE);
	unsetenv("SERVE_INPUT");
	unsetenv("LD_PRELOAD");
	alarm(SERVE_SECONDS);
}

__attribute__((constructor)) static void serve(void)
{
	const char *input = getenv("SERVE_INPUT");
	struct served done;
	struct rusage u;
	char go;

	while (input && read(SERVE_GO, &go, 1) == 1) {
		pid_t pid = fork();

		if (!pid) {
			become_child(input);
			return;
		}
		if (pid < 0 || wait4(pid, &done.status, 0, &u) != pid)
			_exit(126);
		done.kb = u.ru_maxrss;
		if (write(SERVE_DONE, &done, sizeof done) != sizeof done)
			_exit(126);
	}
	if (input)
		_exit(0);
}
