/*
 * The real vtyd-worker on a stage: the test plays control on its pipe, with
 * the answers of a small router, and a peer on its connection.
 */
#ifndef TESTS_PROGRAMS_STAGE_H
#define TESTS_PROGRAMS_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ipc/messages.h"
#include "ipc/pipe.h"
#include "user.h"

#define STAGE_BANNER   "No trespassing\n"
#define STAGE_PASSWORD "cisco"
#define STAGE_BIG      (3 * 1024 * 1024) /* bytes that `big` puts out */

/* A nursery, waiting for STARTs. */
struct nursery {
    struct pipe *pipe;
    pid_t pid;
};

/* One worker, and the peer that talks to it. */
struct guest {
    struct pipe *pipe; /* to the worker; NULL once control has closed it */
    int peer;          /* our end of its connection; -1 once closed */
    pid_t pid;
    bool has_user; /* role server: the peer is `user` */
    struct user user;

    /* How control behaves. */
    bool refuses; /* SHELL and EXEC are refused */

    /* What has come on the pipe. */
    struct buf log; /* names of messages, a blank behind each */
    struct msg_shell shell;
    struct msg_window window;
    bool has_ended;
    struct msg_ended ended;
    char ended_text[256];
    char seen[65536]; /* role console: what the terminal got */
    size_t seen_len;
};

/* `program`: path of vtyd-worker. */
void nursery_start(struct nursery *n, const char *program);
/* Close its pipe and wait for its end. */
void nursery_stop(struct nursery *n);
/* START a worker on `connection`, which is closed here. */
void guest_start(struct guest *g, struct nursery *n, enum worker_role role,
                 int connection, int peer);

/* A server worker with a user's client; change `user`, then begin. */
void guest_start_server(struct guest *g, struct nursery *n);
void guest_begin(struct guest *g);
/* A console worker on `connection`; SETUP is sent. */
void guest_start_console(struct guest *g, struct nursery *n, int connection,
                         int peer, bool interactive);

/* Let all work until `done` is true; fails after 20 seconds. */
typedef bool (*guest_fn)(struct guest *g);
void guest_run(struct guest *g, guest_fn done);
/* Exit status of the worker, which must have come to its end. */
int guest_status(struct guest *g);
void guest_clear(struct guest *g);

/* Send one message of control's. */
void guest_send(struct guest *g, const struct message *m, int fd);
/* A message of this name has come. */
bool guest_got(struct guest *g, const char *name);
/* The user's first channel has received this text. */
bool guest_sees(struct guest *g, const char *text);
/* Type on the user's first channel. */
void guest_types(struct guest *g, const char *keys);
/* What guest_run() often waits for. */
bool guest_has_ended(struct guest *g);
bool guest_channels_closed(struct guest *g);

#endif
