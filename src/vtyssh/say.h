/*
 * What vtyssh itself tells its user, on standard error.
 */
#ifndef VTYSSH_SAY_H
#define VTYSSH_SAY_H

#include "base/span.h"

/* One line, "vtyssh: " in front; a stranger's bytes only when escaped. */
void say(const char *format, ...) PRINTF(1, 2);
/* Whole lines, or a part of one, as they are. */
void say_text(const char *text);

#endif
