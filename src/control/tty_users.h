/*
 * Who is on which tty line: one who writes and, where the line is shared,
 * others who watch; and who may come to it.
 */
#ifndef CONTROL_TTY_USERS_H
#define CONTROL_TTY_USERS_H

#include "control/session.h"

enum tty_guest_state {
    TTY_GUEST_WAITS, /* for somebody who is leaving, or a server's answer */
    TTY_GUEST_WATCHES,
    TTY_GUEST_WRITES,
    TTY_GUEST_LEAVES, /* he is gone; what he typed last is on its way */
};

/* One user on one line, or on his way to it; the first member of reverse.c's.
 */
struct tty_guest {
    struct list node; /* in tty_users_all() */
    struct router *router;
    struct session *session; /* NULL: LEAVES */
    enum tty_guest_state state;
    uint32_t line; /* absolute number, as it was when he came */
    unsigned tty;  /* what control/tty.h calls it */
    char user[SSH_USER_MAX + 1];
    uint64_t since_ms;
};

/* LIST_EACH over it with LIST_ITEM(..., struct tty_guest, node). */
struct list *tty_users_all(struct router *r);
/* `g` is filled, and the caller's. It comes last. */
void tty_users_add(struct tty_guest *g);
void tty_users_remove(struct tty_guest *g);

/* Who writes on the line, or has just done so; NULL: nobody. */
struct tty_guest *tty_users_writer(struct router *r, unsigned tty);
/* Who is on it and does not only wait: the first behind `after` (NULL: of all);
   NULL: nobody else. */
struct tty_guest *tty_users_next(struct router *r, unsigned tty,
                                 const struct tty_guest *after);

enum tty_refusal {
    TTY_ADMITTED, /* to write */
    TTY_WATCHES,  /* somebody writes there, but the line is shared */
    TTY_AWAITED,  /* who wrote there is leaving: ask again */
    TTY_NO_LINE,
    TTY_NO_DEVICE, /* none is configured */
    TTY_NO_TRANSPORT,
    TTY_NOT_PERMITTED,
    TTY_DEVICE_ABSENT,
    TTY_IN_USE,
};

/*
 * May this user, who has logged in, come to that line? NULL: something else
 * than `access-user` decides, and has said whether he is `permitted`.
 */
enum tty_refusal tty_users_judge(struct router *r, uint32_t line,
                                 const char *user, bool permitted);
/* "line 7 is in use by lab", of a refusal; at most a line of a screen. */
void tty_users_why(struct router *r, uint32_t line, enum tty_refusal refusal,
                   char *to, size_t room);

/* He may have what another one writes: privilege 15, or the same user. */
bool tty_users_may_take(const struct tty_guest *from, const char *user,
                        unsigned privilege);

#endif
