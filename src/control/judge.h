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

/* `m->request` is filled in here; spans are copied. */
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
void judge_local_password(struct router *r, struct span name,
                          struct span given, verdict_fn done, void *owner);

#endif
