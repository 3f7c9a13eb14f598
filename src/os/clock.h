/*
 * The clock of workers and of vtyssh: it never jumps (hardening 6.3).
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC. */
static inline uint64_t
clock_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* For poll(2): how long until `deadline_ms`; -1 for ever (UINT64_MAX). */
static inline int
clock_poll_timeout(uint64_t deadline_ms, uint64_t now_ms)
{
    if (deadline_ms == UINT64_MAX)
        return -1;
    if (deadline_ms <= now_ms)
        return 0;
    return deadline_ms - now_ms < INT32_MAX ? (int)(deadline_ms - now_ms)
                                            : INT32_MAX;
}

#endif
