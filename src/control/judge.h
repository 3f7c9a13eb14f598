/*
 * The way to aaa: proofs of identity, and stored forms of new passwords.
 * Every request is answered once, also when aaa dies (then: no, failed), but
 * not after judge_forget().
 */
#ifndef CONTROL_JUDGE_H
#define CONTROL_JUDGE_H

#include "control/router.h"
#include "ipc/messages.h"

typedef void (*verdict_fn)(void *owner, bool accepted);
/* `stored` NULL: it failed. Borrowed, wiped after the call. */
typedef void (*encoded_fn)(void *owner, const char *stored);

/* 1 to 64 printable characters: anything else is nobody's (hardening 4.9). */
bool judge_name_is_valid(struct span name);
/*
 * The local user of that name: letter case does not count, unless two names
 * differ in nothing else. NULL: there is none, or the name is none that a user
 * can have (1 to 64 printable characters).
 */
const struct config_user *judge_user(const struct router *r, struct span name);

/*
 * `m->request` is filled in here; spans are copied. `done` is never called
 * from within the call.
 */
void judge_ask(struct router *r, struct msg_judge *m, verdict_fn done,
               void *owner);
void judge_encode(struct router *r, unsigned type, const char *clear,
                  encoded_fn done, void *owner);
/* The owner is gone: its answers are dropped. */
void judge_forget(struct router *r, void *owner);

/*
 * Is `given` the password of local user `name`? The one path for SSH and the
 * console: unknown users, users without a password and malformed names cost
 * the same as real ones and are refused.
 */
void judge_local_password(struct router *r, struct span name, struct span given,
                          verdict_fn done, void *owner);

/* helpers.c: an answer of aaa came; aaa died. */
void judge_on_message(struct router *r, const struct message *m);
void judge_lost(struct router *r);

struct judge *judge_new(struct router *r);
void judge_free(struct judge *j); /* NULL is fine; nobody is answered */

#endif
