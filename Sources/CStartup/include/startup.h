// What a program needs before anything of it runs: connections, event files, libraries.
#define STARTUP_FEWEST_FILES 64
