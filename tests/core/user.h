/*
 * The client of the tests: logs in, opens channels, runs a command in each,
 * collects what comes and closes.
 */
#ifndef TESTS_CORE_USER_H
#define TESTS_CORE_USER_H

#include "base/buf.h"
#include "keys.h"
#include "ssh/conn.h"

enum user_method {
    USER_PASSWORD,
    USER_INTERACTIVE,
    USER_KEY_QUERY, /* asks first, then signs */
};

struct user_channel {
    bool is_open, failed, closed;
    uint32_t number;
    struct buf received, unsent;
    bool eof, wants_eof;
    uint32_t status;
    unsigned replies, failures;
};

struct user {
    struct ssh_conn *conn;
    bool closed;
    struct ssh_event end;

    /* What to do. */
    enum user_method method;
    const char *name, *password;
    const struct test_key *key; /* USER_KEY_QUERY */
    const char *algorithm;
    size_t sessions;     /* to be opened after login */
    const char *command; /* NULL: a shell on a pty */
    size_t upload;       /* bytes to be sent to each shell, then EOF */
    bool hoards;         /* received data is not consumed */
    bool keeps_open;

    /* What happened. */
    unsigned failures, keys;
    bool is_in;
    struct buf banner;
    struct user_channel channels[SSH_CHANNELS_MAX];
    size_t finished; /* channels closed */
};

void user_init(struct user *user);
void user_clear(struct user *user);
void user_start(struct user *user, struct ssh_setup *setup);
void user_turn(struct user *user);

#endif
