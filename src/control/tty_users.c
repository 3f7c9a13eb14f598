#include "control/tty_users.h"

#include <stdio.h>

#include "base/text.h"
#include "control/tty.h"
#include "control/tty_plans.h"

#define TAKE_PRIVILEGE 15

struct list *
tty_users_all(struct router *r)
{
    if (r->tty_guests.next == NULL)
        list_init(&r->tty_guests);
    return &r->tty_guests;
}

void
tty_users_add(struct tty_guest *g)
{
    g->since_ms = router_now_ms(g->router);
    list_append(tty_users_all(g->router), &g->node);
}

void
tty_users_remove(struct tty_guest *g)
{
    list_remove(&g->node);
}

struct tty_guest *
tty_users_writer(struct router *r, unsigned tty)
{
    LIST_EACH(node, tty_users_all(r))
    {
        struct tty_guest *g = LIST_ITEM(node, struct tty_guest, node);

        if (g->tty == tty &&
            (g->state == TTY_GUEST_WRITES || g->state == TTY_GUEST_LEAVES))
            return g;
    }
    return NULL;
}

struct tty_guest *
tty_users_next(struct router *r, unsigned tty, const struct tty_guest *after)
{
    LIST_EACH(node, tty_users_all(r))
    {
        struct tty_guest *g = LIST_ITEM(node, struct tty_guest, node);

        if (after != NULL)
            after = g == after ? NULL : after;
        else if (g->tty == tty && (g->state == TTY_GUEST_WRITES ||
                                   g->state == TTY_GUEST_WATCHES))
            return g;
    }
    return NULL;
}

/* Letter by letter: servers may know both Lab and lab. */
static bool
is_named(const char *names, const char *user)
{
    size_t length = strlen(user);

    while (names != NULL && *names != '\0') {
        size_t name = strcspn(names, " ");

        if (name == length && memcmp(names, user, length) == 0)
            return true;
        names += name;
        names += strspn(names, " ");
    }
    return false;
}

enum tty_refusal
tty_users_judge(struct router *r, uint32_t line, const char *user,
                bool permitted)
{
    const struct config_tty *tty = line_target_tty(&r->config, line);
    unsigned number = tty_number_at(&r->config, line);
    const struct tty_guest *writer;

    if (tty == NULL)
        return TTY_NO_LINE;
    /* Whoever may not come learns nothing of the line. */
    if (user != NULL ? !is_named(tty->access_users, user) : !permitted)
        return TTY_NOT_PERMITTED;
    if (tty->transport == CONFIG_TRANSPORT_NONE)
        return TTY_NO_TRANSPORT;
    if (tty_state(r, number) == TTY_NONE)
        return TTY_NO_DEVICE;
    if (tty_state(r, number) != TTY_READY)
        return TTY_DEVICE_ABSENT;
    writer = tty_users_writer(r, number);
    if (writer == NULL)
        return TTY_ADMITTED;
    if (writer->state == TTY_GUEST_LEAVES)
        return TTY_AWAITED;
    return tty->share ? TTY_WATCHES : TTY_IN_USE;
}

void
tty_users_why(struct router *r, uint32_t line, enum tty_refusal refusal,
              char *to, size_t room)
{
    unsigned number = tty_number_at(&r->config, line);
    const struct tty_guest *writer = tty_users_writer(r, number);

    switch (refusal) {
    case TTY_NO_LINE:
        snprintf(to, room, "There is no line %u", line);
        break;
    case TTY_NO_DEVICE:
        snprintf(to, room, "Line %u has no device", line);
        break;
    case TTY_NO_TRANSPORT:
        snprintf(to, room, "Line %u takes no ssh", line);
        break;
    case TTY_NOT_PERMITTED:
        snprintf(to, room, "Line %u is not permitted", line);
        break;
    case TTY_DEVICE_ABSENT:
        snprintf(to, room, "Line %u is absent: %s", line,
                 tty_absence(r, number));
        break;
    default:
        snprintf(to, room, "Line %u is in use by %s", line,
                 writer != NULL ? writer->user : "");
        break;
    }
}

bool
tty_users_may_take(const struct tty_guest *from, const char *user,
                   unsigned privilege)
{
    return privilege >= TAKE_PRIVILEGE || strcmp(from->user, user) == 0;
}
