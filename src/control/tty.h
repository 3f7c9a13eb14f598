/*
 * Serial lines and TCP consoles: a worker of role line for each that has a
 * device, from its start to its next one; the device, opened, connected, and
 * again when it is back; the log, file by file. Users come and go by streams,
 * whose bytes pass control by. Lines are known by the numbers of tty_plans.h.
 */
#ifndef CONTROL_TTY_H
#define CONTROL_TTY_H

#include "base/err.h"
#include "control/router.h"
#include "os/tty.h"

#define TTY_LINES_MAX 4097 /* the highest number of a line; tty_plans.h */
#define TTY_USERS_MAX 32   /* of one line, at once */
#define TTY_NOBODY    0    /* no id of a user */

/* What a line is to be; texts are copied. */
struct tty_plan {
    const char *device; /* a path; NULL: a TCP connection to host and port */
    const char *host;
    uint16_t port;
    bool telnet;
    struct tty_settings settings;
    uint32_t buffer;      /* bytes of the ring */
    const char *log_file; /* a name of flash:; NULL: no log */
    uint64_t log_bytes;   /* of one file */
    unsigned log_files;   /* with the older ones: F.1 and so on */
    bool timestamps;
};

struct ttys;

/* Make it so; NULL: the line has no device any more. */
void tty_configure(struct router *r, unsigned line,
                   const struct tty_plan *plan);
/* The router ends. NULL in router is fine. */
void ttys_stop(struct router *r);

enum tty_state {
    TTY_NONE,   /* no device is configured */
    TTY_ABSENT, /* it is not there, or does not answer */
    TTY_READY,
};
enum tty_state tty_state(const struct router *r, unsigned line);
/* Why it is absent, for a screen; "" if there is nothing to say. */
const char *tty_absence(const struct router *r, unsigned line);

/* How a user's stay on a line has ended. */
enum tty_end {
    TTY_LEFT, /* his stream has */
    TTY_GONE, /* the device is gone; what it said before still comes */
    TTY_DIED, /* the line's worker has ended */
};
typedef void (*tty_end_fn)(void *owner, enum tty_end end);

struct tty_user {
    const char *name;  /* for others on the line; copied */
    bool writer;       /* instead of whoever writes now */
    tty_end_fn on_end; /* once, unless tty_drop() was called */
    void *owner;
};
/*
 * Put a user on the line: `fd`, one end of a stream, becomes the callee's in
 * any case. `*id` is never used twice on a line. ERR_NOT_FOUND: no device is
 * configured; ERR_CLOSED: it is absent; ERR_LIMIT: TTY_USERS_MAX are here.
 */
MUST_CHECK enum err tty_attach(struct router *r, unsigned line, int fd,
                               const struct tty_user *user, uint32_t *id);
/* Take him off; `on_end` is not called. */
void tty_drop(struct router *r, unsigned line, uint32_t id);
/* What he types goes to the device from now on, and nobody else's. */
void tty_writer(struct router *r, unsigned line, uint32_t id);
/* False: this device has no such thing, or is absent. */
bool tty_break(struct router *r, unsigned line, unsigned ms);

struct tty_counters {
    uint64_t bytes_in, bytes_out; /* from the device, to it */
    uint64_t lost;   /* bytes that users or the log were too slow for */
    uint64_t breaks; /* sent */
};
typedef void (*tty_counted_fn)(void *owner);
/*
 * Have the counters of a line brought up to date, 0: of all. `done` is called
 * once, later; a worker that does not answer in time keeps the old ones.
 */
void tty_count(struct router *r, unsigned line, tty_counted_fn done,
               void *owner);
/* As they were told last; since the router began. */
struct tty_counters tty_counters(const struct router *r, unsigned line);

/* Of its port, as the driver counts them; all 0 of anything else. */
struct tty_errors tty_errors(const struct router *r, unsigned line);

/* `fd`, a memfd with what the ring holds, is borrowed; -1: the worker died. */
typedef void (*tty_buffer_fn)(void *owner, int fd, uint64_t bytes);
/* `done` is called once, later. ERR_NOT_FOUND: the line has no device, or no
   process now; ERR_SYSTEM: no memory for it. Then it is not called. */
MUST_CHECK enum err tty_buffer(struct router *r, unsigned line,
                               tty_buffer_fn done, void *owner);
/* Nobody waits for tty_count() and tty_buffer() any more. */
void tty_forget(struct router *r, const void *owner);

/* workers.c: the process of that number; false: it is none of a line. */
bool tty_started(struct router *r, uint32_t number, pid_t pid);

#endif
