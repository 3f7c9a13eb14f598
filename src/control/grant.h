/*
 * What a user was given with his login: by which method he came in, and what
 * `aaa authorization exec` says of his EXEC (10.4). Without aaa new-model, and
 * for what it says nothing about, his line and his `username` decide.
 */
#ifndef CONTROL_GRANT_H
#define CONTROL_GRANT_H

#include "control/method_list.h"

struct grant;

/* He has logged in by that method; the privilege is the line's, until more is
   granted. */
void grant_begin(struct session *s, const struct method_result *by);
/* He has gone. */
void grant_end(struct session *s);

/* How he came in; what his servers said then, each a string. */
struct config_method grant_method(const struct session *s);
struct span grant_attributes(const struct session *s);

/*
 * The methods that authorize an EXEC on his line; NULL: nobody is asked. The
 * console is exempt unless `aaa authorization console` is configured, and so is
 * whoever goes to a tty line.
 */
const char *grant_exec_methods(const struct session *s);
/*
 * What they say. False: it is nothing that can be obeyed, and the login has
 * failed (hardening 11.3, 11.4).
 */
MUST_CHECK bool grant_take(struct session *s,
                           const struct method_result *result);
/* They said no: he is logged in and gets neither an EXEC nor files. */
bool grant_refuses(const struct session *s);

/* The command in place of his first prompt, or NULL; borrowed. */
const char *grant_autocommand(const struct session *s, bool *nohangup);
/* So long without a key ends his EXEC: seconds, 0: never. */
unsigned grant_idle_s(const struct session *s);
/* So long he may stay: minutes, 0: as he likes. */
unsigned grant_stay_min(const struct session *s);

#endif
