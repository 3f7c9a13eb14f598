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
/* The configuration from before comes back. False: not all of it could. */
bool rollback_now(struct router *r);

#endif
