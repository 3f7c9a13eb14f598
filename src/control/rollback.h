/*
 * A change that has to be confirmed: unless somebody does in time, the
 * configuration from before comes back, whoever is still there. It is kept in
 * memory; a router that ends meanwhile begins with startup-config, as ever.
 */
#ifndef CONTROL_ROLLBACK_H
#define CONTROL_ROLLBACK_H

#include "control/file_name.h"
#include "control/router.h"

#define ROLLBACK_WHO_MAX 160
/* A format. */
#define ROLLBACK_NONE "%%No Rollback Confirmed Change pending"

/* When it comes back. */
struct rollback_limit {
    unsigned minutes;
    bool idle; /* since the last key of the session that began it */
};

/* `whole`: all of the configuration from before could be had again. */
typedef void (*rollback_done_fn)(void *owner, bool whole);

struct rollback {
    struct router *router;
    uv_timer_t timer;
    bool pending;
    struct config before; /* while it is pending */
    struct rollback_limit limit;
    uint64_t set_at;     /* seconds since 1970 */
    uint64_t due_ms;     /* of router_now_ms() */
    uint32_t connection; /* of that session */
    bool warned;
    char who[ROLLBACK_WHO_MAX];
    char file[FILE_SHOWN_MAX]; /* the copy in the archive; "" until it is */
    bool rolling;              /* the configuration from before comes back */
    rollback_done_fn done;     /* NULL: nobody waits for it */
    void *owner;
};

struct rollback *rollback_new(struct router *r);
/* Freed when the loop has let go of it. NULL is fine. */
void rollback_free(struct rollback *b);

/*
 * Keep the configuration as it is now; the time runs from rollback_start() on.
 * False: another change waits for its confirmation.
 */
MUST_CHECK bool rollback_keep(struct router *r, uint32_t connection,
                              const char *who);
/* `file` is where it was archived. Also sets another limit for a pending one.
 */
void rollback_start(struct router *r, const struct rollback_limit *limit,
                    const char *file);
void rollback_limit(struct router *r, const struct rollback_limit *limit);
/* All stays as it is now. */
void rollback_cancel(struct router *r);
/*
 * The configuration from before comes back; `done`, unless NULL, is called
 * once, never from within this call. False: it cannot now, since the
 * configuration is being replaced.
 */
MUST_CHECK bool rollback_now(struct router *r, rollback_done_fn done,
                             void *owner);
/* The owner goes; it comes back nevertheless. */
void rollback_forget(struct router *r, const void *owner);
/* A change waits for its confirmation, and has not begun to come back. */
bool rollback_is_pending(const struct router *r);

#endif
