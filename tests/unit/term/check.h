/* What the tests of term/ share: cmocka, and comparing bytes with a text. */
#ifndef TESTS_TERM_CHECK_H
#define TESTS_TERM_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "term/key.h"

/* The span holds exactly this text. */
#define assert_span(bytes, text)                                          \
    do {                                                                  \
        struct span is_ = (bytes);                                        \
                                                                          \
        assert_int_equal(is_.len, strlen(text));                          \
        assert_memory_equal(is_.ptr == NULL ? (const void *)"" : is_.ptr, \
                            text, is_.len);                               \
    } while (0)

/* The buffer holds exactly this text, and is emptied. */
#define assert_out(out, text)                     \
    do {                                          \
        assert_string_equal(buf_text(out), text); \
        buf_reset(out);                           \
    } while (0)

#endif
