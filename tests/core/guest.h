/*
 * Whoever logs in with ssh/client_login.h: carries out its steps with answers
 * that were given beforehand, and writes down what happened, one line each.
 */
#ifndef TESTS_CORE_GUEST_H
#define TESTS_CORE_GUEST_H

#include "base/buf.h"
#include "keys.h"
#include "ssh/client_login.h"

struct guest {
    struct ssh_conn *conn;
    struct client_login *login;
    const struct test_key *keys[4]; /* offered in this order */
    const char *const *answers;     /* ended by NULL: then the guest leaves */
    bool cannot_sign;
    bool is_mute; /* does not answer by itself */

    struct buf log;
    bool is_in, failed, closed;
    struct ssh_event end;
};

/*
 * `setup` has the algorithms; `login` what the guest wishes. Its keys are those
 * of guest->keys up to the first NULL.
 */
void guest_start(struct guest *guest, struct ssh_setup *setup,
                 struct client_login_setup *login);
void guest_clear(struct guest *guest);
/* Fetch all events and carry out all steps. */
void guest_turn(void *guest);
/* The log is exactly this. */
void guest_expect(struct guest *guest, const char *log);

#endif
