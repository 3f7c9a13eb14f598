/*
 * What a conversation of the pump must have come to.
 */
#ifndef TESTS_CORE_EXPECT_H
#define TESTS_CORE_EXPECT_H

#include "pump.h"

/* Both live, the user is in, and so many of his sessions are over. */
void expect_finished(struct pump *pump, size_t sessions);
/* Session `i` gave this text, then status 0, EOF and CLOSE. */
void expect_answered(struct pump *pump, size_t i, const char *text);
/* Every byte of the upload of session `i` came back. */
void expect_echoed(struct pump *pump, size_t i);
/* Run so many shells that echo so many bytes each, and expect them all. */
void run_echo(struct pump *pump, size_t sessions, size_t upload);

#endif
