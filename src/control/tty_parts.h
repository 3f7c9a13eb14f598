/*
 * What the files of lines' life share: tty.c (which there are, who is on
 * them, what is asked of them), tty_worker.c (the process), tty_device.c (a
 * port, or a connection), tty_log.c (files).
 */
#ifndef CONTROL_TTY_PARTS_H
#define CONTROL_TTY_PARTS_H

#include "base/list.h"
#include "config/address.h"
#include "control/file_name.h"
#include "control/resolver.h"
#include "control/tty.h"
#include "ipc/messages.h"
#include "ipc/pipe.h"

#define TTY_RETRY_MS     1000  /* a port that is absent is looked for again */
#define TTY_RETRY_MAX_MS 30000 /* a peer that does not answer */
#define TTY_ABSENCE_MAX  160

/* A user; owned by his line. */
struct tty_stay {
    struct list node;
    uint32_t id;
    tty_end_fn on_end;
    void *owner;
};

enum tty_device_state { DEVICE_CLOSED, DEVICE_OPENING, DEVICE_OPEN };

struct tty_device {
    enum tty_device_state state;
    struct tty_port port;  /* a port's own; it stays ours, too */
    struct tty_open *open; /* on a thread; NULL: nothing is */
    uint64_t pause_ms;     /* before the next try */
    uv_timer_t retry;
    char absence[TTY_ABSENCE_MAX];
    bool told; /* the log has said so */
    /* A connection that is being made. */
    struct config_address addresses[RESOLVER_ADDRESSES_MAX];
    size_t address_count, next_address;
    int socket;            /* -1: none */
    uv_poll_t *connecting; /* owned by the loop */
};

struct tty_log {
    struct file_name *name; /* owned; NULL: no log */
    bool busy;              /* a file is being opened */
    uv_timer_t retry;
};

struct tty {
    struct list node;   /* in ttys, by line */
    struct list queued; /* for its start */
    struct router *router;
    unsigned line;
    bool removed;         /* only the loop has it still */
    unsigned handles;     /* timers that are not closed yet */
    struct tty_plan plan; /* texts owned */
    char source[16];      /* "line 7": what its limited lines are counted by */
    const char *name;     /* "7", "aux 0": the end of it */

    uint32_t number;    /* of the process, never used twice */
    struct pipe *pipe;  /* NULL: there is no process */
    uv_poll_t *reading; /* owned by the loop */
    pid_t pid;          /* 0: not known, or reaped */
    bool started;       /* no answer of a nursery is awaited */
    bool killed;        /* by us: no crash */
    uint64_t began_ms;

    struct tty_device device;
    struct tty_log log;

    struct list users; /* of struct tty_stay */
    unsigned user_count;
    uint32_t last_id;

    struct list readers;     /* tty_questions.c */
    uint64_t asked, counted; /* requests of counters: sent last, answered */
    struct tty_counters counters, before; /* of this process, of earlier ones */
};

struct ttys {
    struct list all;
    struct tty *by_line[TTY_LINES_MAX + 1]; /* those of `all` */
    struct list starting;                   /* of struct tty, by `queued` */
    uv_timer_t spread;                      /* starts a few of them */
    struct list waiters;                    /* tty_questions.c */
    uv_timer_t patience;           /* with workers that do not answer */
    struct controlled *controlled; /* of tty_device.c */
    uint64_t last_request;
};

/* --- tty.c -------------------------------------------------------------- */

struct tty *tty_find(const struct router *r, unsigned line);
/* Its worker is to be started, when it is its turn. */
void tty_queue(struct tty *t);
/* All users are told, and forgotten. */
void tty_end_users(struct tty *t, enum tty_end end);
void tty_user_left(struct tty *t, uint32_t id);
/* Those of a router that has had none so far are none. */
struct ttys *ttys_of(struct router *r);

/* --- tty_questions.c ---------------------------------------------------- */

/* LINE_COUNTED, LINE_BUFFER_DONE; false: they make no sense. */
bool tty_counted(struct tty *t, const struct msg_line_counted *m);
bool tty_buffered(struct tty *t, uint64_t request, uint64_t bytes);
/* Its process answers nothing any more. */
void tty_answers_end(struct tty *t);
/* Nobody is told anything any more. */
void tty_waiters_free(struct ttys *all);

/* --- tty_worker.c ------------------------------------------------------- */

void tty_worker_start(struct tty *t);
/* End the process, and whatever leads to it. */
void tty_worker_end(struct tty *t);
/* Nothing while there is no process. */
void tty_send(struct tty *t, const struct message *m, int fd);
void tty_send_setup(struct tty *t);

/* --- tty_device.c ------------------------------------------------------- */

/* Open it, or go on trying; nothing if it is open. */
void tty_device_open(struct tty *t);
/* Let it go; it is not opened again by itself. */
void tty_device_close(struct tty *t);
/* It is gone: `why`; it is opened again when it is back. */
void tty_device_lost(struct tty *t, const char *why);

/* --- tty_log.c ---------------------------------------------------------- */

/* The plan has a log now, another, or none. */
void tty_log_set(struct tty *t);
/* For a new process: its descriptor. */
void tty_log_open(struct tty *t);
/* The file is full, or (errno) cannot be written. */
void tty_log_full(struct tty *t, int error);
/* There is none any more. */
void tty_log_clear(struct tty *t);

#endif
