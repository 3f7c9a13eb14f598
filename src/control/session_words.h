/*
 * What programs read of sessions is said in these words: docs/telemetry.md.
 */
#ifndef CONTROL_SESSION_WORDS_H
#define CONTROL_SESSION_WORDS_H

#include "control/session.h"

#define SESSION_STATES (SESSION_ENDING + 1)

/* "key-exchange", "authentication", "started", "ending". */
const char *session_state_word(enum session_state state);
/* 1: "1.5", 2: "2.0"; 0, of who has not said what he speaks: NULL. */
const char *session_version_word(unsigned version);

#endif
