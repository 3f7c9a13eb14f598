/*
 * What becomes of every message number in a state (hardening 2.16).
 */
#ifndef TESTS_CORE_FATES_H
#define TESTS_CORE_FATES_H

#include "fixture.h"

/*
 * Lists of numbers, "2-4,20": taken without an answer; answered UNIMPLEMENTED;
 * with an answer of its own, at which other tests look. DISCONNECT is the end
 * without a word; all the rest is a protocol error.
 */
struct fates {
    const char *state;
    void (*reach)(struct fixture *f);
    const char *quiet, *unimplemented, *other;
};

/* Each of 256 numbers, to a connection that `begin` makes anew for it. */
void fates_expect(const struct fates *fates, void (*begin)(struct fixture *f));

#endif
