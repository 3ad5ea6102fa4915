#pragma once
#include <stdint.h>

// What Swift cannot call by itself: prctl is variadic, and setrlimit takes an enum or an int depending on the dialect.
// Every function returns 0, or the error number. A bound that is tighter already stays as it is.

/// Has the kernel send SIGKILL to this process when the thread that started it ends. See prctl(2), PR_SET_PDEATHSIG.
int millrace_process_end_with_parent(void);
/// Forbids core dumps, which would put a tenant's data on disk, and forbids gaining privileges by exec.
int millrace_process_harden(void);
/// Bounds virtual memory in bytes: RLIMIT_AS.
int millrace_process_limit_address_space(uint64_t bytes);
/// Bounds processor time in seconds: RLIMIT_CPU, with SIGKILL at the bound.
int millrace_process_limit_cpu(uint64_t seconds);
/// Bounds processor time from now on, in seconds, with SIGXCPU at the bound; a later call grants as much again.
int millrace_process_allow_cpu(uint64_t seconds);
/// Bounds the size of any one file written, in bytes: RLIMIT_FSIZE.
int millrace_process_limit_file_size(uint64_t bytes);
/// Bounds the number of open descriptors: RLIMIT_NOFILE.
int millrace_process_limit_open_files(uint64_t count);
