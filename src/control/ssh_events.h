/*
 * What `ip ssh logging events` tells: who came, who logged in, who left. Every
 * line is limited, since strangers cause them.
 */
#ifndef CONTROL_SSH_EVENTS_H
#define CONTROL_SSH_EVENTS_H

#include "control/session.h"

/* Keys were agreed upon for the first time. */
void ssh_events_keys(const struct session *s);
/*
 * A proof of identity was judged. Nobody's name is told when it was wrong: it
 * may be a password.
 */
void ssh_events_login(const struct session *s, bool accepted);
/* The session ends, or there never were keys. Nothing for the console. */
void ssh_events_end(const struct session *s);
/* The peer wants a smaller group than `ip ssh dh min size`; always told. */
void ssh_events_small_group(const struct session *s);
/* A message that may not come then ends a session of version 2; always told. */
void ssh_events_unexpected(const struct session *s);
/* No algorithm in common; `line` names the lists, escaped. Always told. */
void ssh_events_no_match(const struct session *s, const char *line);

#endif
