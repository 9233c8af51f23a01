/* timing - does what is due: by the clock, and when resources that others look at change. */
#include "service.h"

int main(int argc, char **argv)
{
    static const struct service timing = {.name = "timing"};

    return service_main(argc, argv, &timing);
}
