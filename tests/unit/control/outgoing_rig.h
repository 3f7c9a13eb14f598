/*
 * A connection to another machine, with a socket that is real and a worker that
 * is played: the test reads and writes its pipe.
 */
#ifndef TESTS_CONTROL_OUTGOING_RIG_H
#define TESTS_CONTROL_OUTGOING_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/children.h"
#include "control/keys.h"
#include "control/known_hosts.h"
#include "control/outgoing.h"
#include "control/resolver.h"
#include "ipc/pipe.h"

#define NUMBER 42
#define BYTES  1000 /* of the file in plans that have one */

struct world {
    struct router router;
    int listener;
    uint16_t port;
    struct outgoing *o;
    struct outgoing_end end;
    unsigned ends;
    char told[1024]; /* to the owner, a line each */
    char log[512];

    struct pipe *worker; /* its end of the pipe; NULL: none was asked for */
    struct message got;  /* what it was told last */
    pid_t pid;
    child_fn on_exit_status;
    void *watched;
    bool forgotten, renewed;

    const struct resolver_events *resolving;
    void *resolver_owner;
    host_key_judged_fn judged;
    void *judge_owner;
    key_signed_fn on_signed;
    void *signed_owner;
    struct key key;
    bool deny, abandon_at_ask;
    unsigned debug, traced; /* what is debugged; TRACEDs that were shown */
    uint64_t now_ms;
};

extern struct world world;

/* cmocka setup and teardown. */
int outgoing_begin(void **state);
int outgoing_finish(void **state);

/* What the owner was told since the last look, a line each. */
void assert_told(const char *text);
/* Begin; with `path`: for a file of BYTES bytes. */
void connect_to(const char *host, const char *path);
/* Until the loop has nothing to do but wait. */
void turn(void);
void wait_for_worker(void);
/* It runs, and its first message is on its way. */
void start_worker(const char *path);
/* The worker's next message; it is in `got`. */
void assert_hears(enum message_type type);
/* The worker says so. */
void say(const struct message *m);
void say_only(enum message_type type);
void say_host_key(void);
void say_ask(void);
/* Up to the login: the host key is trusted. */
void trust(const char *path);
/* It may not say that: it is killed, and its owner hears of that alone. */
void assert_broken_off(void);

#define RIG_TEST(name) \
    cmocka_unit_test_setup_teardown(name, outgoing_begin, outgoing_finish)

#endif
