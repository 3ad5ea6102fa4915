#pragma once
#include <sys/types.h>

/// Starts a program in a new session and in folder `/`, with default signals, the environment given, and descriptors 0,
/// 1 and 2 alone. In C because the GNU extensions of spawn.h that this needs are not visible from Swift.
/// Returns 0 and sets `process`, or returns the error number.
int millrace_spawn(pid_t *process, const char *path, char *const *arguments, char *const *environment, int input,
                   int output, int errors);

/// Opens a pipe whose ends are closed on exec: pipe2(2), another GNU extension. Returns 0, or -1 with `errno` set.
int millrace_pipe(int *reader, int *writer);
