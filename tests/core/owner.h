/*
 * The owner of a connection in tests: what a worker does with a server's
 * events, reduced to a small router. Users are "lab" with password "cisco"
 * and any user of a test key; a session echoes, an exec answers.
 */
#ifndef TESTS_CORE_OWNER_H
#define TESTS_CORE_OWNER_H

#include "base/buf.h"
#include "keys.h"
#include "ssh/conn.h"

#define OWNER_METHODS "publickey,keyboard-interactive,password"

/* What a channel of the server does. */
struct owner_channel {
    bool used, echoes;
    struct buf unsent;
    bool ends; /* once all is sent: exit-status, EOF, CLOSE */
    uint32_t status;
    uint64_t received;
};

struct owner {
    struct ssh_conn *conn;
    struct buf log; /* one line an event */
    bool closed;
    struct ssh_event end; /* the CLOSED event */

    /* Answers are held until owner_answer() when this is set. */
    bool delays;
    bool has_answer;
    enum ssh_event_type answer_to;
    struct buf hash, signature; /* or session id and key of version 1 */
    bool key_was_right;
    enum ssh_verdict verdict;
    bool asks;

    /* Received data is not consumed while this is set. */
    bool hoards;
    struct owner_channel channels[SSH_CHANNELS_MAX];
};

void owner_init(struct owner *owner);
void owner_clear(struct owner *owner);
/* Make the server; `setup` has the algorithms, this adds keys and the role. */
void owner_start(struct owner *owner, struct ssh_setup *setup);
/* Fetch and treat all events. */
void owner_turn(struct owner *owner);
/* Give the answer that was held back; false when there is none. */
bool owner_answer(struct owner *owner);
/* The log has this line. */
bool owner_saw(struct owner *owner, const char *line);

#endif
