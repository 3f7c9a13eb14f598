#include "os/affinity.h"

void
affinity_stay(struct affinity *a)
{
    int here = sched_getcpu();
    cpu_set_t only;

    a->stays = false;
    if (here < 0 || here >= CPU_SETSIZE ||
        sched_getaffinity(0, sizeof(a->before), &a->before) != 0)
        return;
    CPU_ZERO(&only);
    CPU_SET((unsigned)here, &only);
    a->stays = sched_setaffinity(0, sizeof(only), &only) == 0;
}

void
affinity_roam(const struct affinity *a)
{
    if (a->stays)
        (void)sched_setaffinity(0, sizeof(a->before), &a->before);
}
