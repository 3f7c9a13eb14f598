/*
 * Host and user keys of the tests, made once a program.
 */
#ifndef TESTS_CORE_KEYS_H
#define TESTS_CORE_KEYS_H

#include "base/buf.h"
#include "crypto/keyfile.h"

#define KEYS_COUNT 5 /* one of each enum key_type, in its order */

struct test_key {
    struct private_key *key;
    struct buf blob; /* the public half */
};

/* The same keys at each call; RSA has 2048 bits. */
const struct test_key *keys_of_all_types(void);
/* Host key (1024 bits) and server key (768) of version 1, in this order. */
const struct test_key *keys_of_version_1(void);
/* Append a signature blob; the test fails if that fails. */
void keys_sign(const struct test_key *key, const char *method,
               struct span bytes, struct buf *signature);

#endif
