/*
 * The combinations of packet protection that tests walk through: every
 * cipher, and with those that need one, MACs of either order.
 */
#ifndef TESTS_CORE_SUITES_H
#define TESTS_CORE_SUITES_H

#include <stdbool.h>

struct suite {
    const char *cipher, *mac;
    bool is_masked; /* CBC without encrypt-then-MAC: hardening 2.12 */
};

#define SUITES_COUNT 13

extern const struct suite suites[SUITES_COUNT];

#endif
