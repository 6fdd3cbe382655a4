#include <hiredis/read.h>
// Swift's Glibc module leaves this header out; the connection's thread waits on an eventfd.
#include <sys/eventfd.h>
