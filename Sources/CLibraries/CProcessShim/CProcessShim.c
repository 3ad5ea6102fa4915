#include "CProcessShim.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

// A tighter bound that the process was started with stands: it could not be raised.
static int limit(int resource, uint64_t value) {
  struct rlimit bound;
  if (getrlimit(resource, &bound) != 0) return errno;
  if (value > bound.rlim_max) value = bound.rlim_max;
  bound.rlim_cur = bound.rlim_max = value;
  return setrlimit(resource, &bound) == 0 ? 0 : errno;
}

int millrace_process_end_with_parent(void) {
  return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? 0 : errno;
}

int millrace_process_harden(void) {
  // Where the kernel pipes core dumps to a program, RLIMIT_CORE 0 does not stop them; PR_SET_DUMPABLE does.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return limit(RLIMIT_CORE, 0);
}

int millrace_process_limit_address_space(uint64_t bytes) { return limit(RLIMIT_AS, bytes); }
int millrace_process_limit_cpu(uint64_t seconds) { return limit(RLIMIT_CPU, seconds); }
int millrace_process_allow_cpu(uint64_t seconds) {
  struct rusage used;
  struct rlimit bound;
  if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &bound) != 0) return errno;
  // One more for the fractions that both fields lose.
  uint64_t total = (uint64_t)used.ru_utime.tv_sec + (uint64_t)used.ru_stime.tv_sec + 1 + seconds;
  bound.rlim_cur = total < bound.rlim_max ? total : bound.rlim_max;
  return setrlimit(RLIMIT_CPU, &bound) == 0 ? 0 : errno;
}
int millrace_process_limit_file_size(uint64_t bytes) { return limit(RLIMIT_FSIZE, bytes); }
int millrace_process_limit_open_files(uint64_t count) { return limit(RLIMIT_NOFILE, count); }
