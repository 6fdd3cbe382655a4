#include "startup.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

// Runs before Swift's runtime, which traps when it can open no event file.
__attribute__((constructor)) static void startup_require_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= STARTUP_FEWEST_FILES) return;
    if (limit.rlim_max >= STARTUP_FEWEST_FILES) {
        limit.rlim_cur = STARTUP_FEWEST_FILES;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
    }
    fprintf(stderr, "Error: this process may open %llu files at most, it needs %d. Raise the limit: ulimit -n %d.\n",
            (unsigned long long)limit.rlim_max, STARTUP_FEWEST_FILES, STARTUP_FEWEST_FILES);
    _exit(2);
}
