#include <hiredis/read.h>
#include <sys/eventfd.h>
