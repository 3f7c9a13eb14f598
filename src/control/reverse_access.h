/*
 * `aaa authorization reverse-access`: servers and other methods say to which
 * lines a user may go, in place of `access-user`. They are asked line by line,
 * each of which has an answer for the time that he looks for one.
 */
#ifndef CONTROL_REVERSE_ACCESS_H
#define CONTROL_REVERSE_ACCESS_H

#include "control/method_list.h"

#define REVERSE_ACCESS_MAX 64 /* lines that are asked for; no other is his */

struct reverse_access {
    struct method_walk *walk;
    struct session *session;
    unsigned tty;  /* which is asked for */
    uint32_t line; /* its absolute number */
    bool asking;
    size_t count;
    struct {
        unsigned tty;
        bool permitted;
    } answers[REVERSE_ACCESS_MAX];
    void (*answered)(void *owner);
    void *owner;
};

enum reverse_right {
    REVERSE_BY_NAME, /* `access-user` decides */
    REVERSE_PERMITTED,
    REVERSE_REFUSED,
    REVERSE_TO_ASK,
};
/* What is known of him and the line that control/tty.h calls `tty`. */
enum reverse_right reverse_access_of(const struct reverse_access *access,
                                     const struct config *config, unsigned tty);
/*
 * Ask for a line that is REVERSE_TO_ASK. True: it has been answered at once;
 * else `answered` is called.
 */
bool reverse_access_ask(struct reverse_access *access, struct session *s,
                        unsigned tty, uint32_t line);
/* Nobody wants an answer any more. */
void reverse_access_end(struct reverse_access *access);

#endif
