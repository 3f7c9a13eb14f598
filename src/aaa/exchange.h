/*
 * One request of control and the servers that it names: sockets, time, and
 * who is asked next. What is said is the protocol's (protocol.h).
 */
#ifndef AAA_EXCHANGE_H
#define AAA_EXCHANGE_H

#include <uv.h>

#include "aaa/link.h"
#include "base/list.h"
#include "base/span.h"
#include "ipc/messages.h"

#define EXCHANGES_MAX 8192 /* at once; a further request is an error */

/* All of them, and the way their answers go. */
struct exchanges {
    uv_loop_t *loop;
    struct list list;
    size_t count;
    struct links links;
    void *owner;
    void (*send)(void *owner, const struct message *m);
};

/*
 * Begin with an encoded AAA_REQUEST, which is copied. False: it is none that
 * can be understood. Its AAA_RESULT comes through `send`, perhaps at once.
 */
MUST_CHECK bool exchange_start(struct exchanges *all, struct span bytes);
/* For requests that have no result yet; others are ignored. */
void exchange_continue(struct exchanges *all, const struct msg_aaa_continue *m);
void exchange_cancel(struct exchanges *all, uint64_t request);

#endif
