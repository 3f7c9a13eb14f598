#include "control/judge.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/helpers.h"
#include "crypto/password.h"
#include "ssh/conn.h"

/* One request that has no answer yet. */
struct asked {
    struct list node; /* in the order of asking */
    uint64_t request;
    verdict_fn verdict; /* one of the two; both NULL: forgotten */
    encoded_fn encoded;
    void *owner;
    bool failed; /* could not be sent: the timer answers */
};

struct judge {
    struct router *router;
    uv_timer_t failures; /* answers what could not be sent */
    struct list asked;
    uint64_t last_request;
};

/*
 * What is checked for users that do not exist: encodings of nothing in
 * particular, one of each type, so that a refusal costs what a check costs.
 */
static const struct decoy {
    unsigned type;
    const char *stored;
} decoys[] = {
    {0, "decoy"},
    {5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0"},
    {7, "02050D480809"},
    {8, "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs"},
    {9, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM"},
};

/* --- answers ------------------------------------------------------------ */

/* Take the request off the list, then tell its owner: he may ask again. */
static void
answer(struct asked *a, bool accepted, const char *stored)
{
    struct asked told = *a;

    list_remove(&a->node);
    free(a);
    if (told.verdict != NULL)
        told.verdict(told.owner, accepted);
    else if (told.encoded != NULL)
        told.encoded(told.owner, stored);
}

static struct asked *
asked_find(struct judge *j, uint64_t request)
{
    /* Answers come nearly in the order of the questions. */
    LIST_EACH(node, &j->asked)
    {
        struct asked *a = LIST_ITEM(node, struct asked, node);

        if (a->request == request)
            return a;
    }
    return NULL;
}

static void
on_encoded(struct judge *j, const struct msg_encoded *m)
{
    char stored[PASSWORD_STORED_MAX];
    struct asked *a = asked_find(j, m->request);
    bool whole =
        m->stored.len > 0 && text_copy_span(stored, sizeof(stored), m->stored);

    if (a != NULL)
        answer(a, false, whole ? stored : NULL);
    wipe(stored, sizeof(stored));
}

void
judge_on_message(struct router *r, const struct message *m)
{
    struct judge *j = r->judge;

    if (m->type == MSG_VERDICT) {
        struct asked *a = asked_find(j, m->verdict.request);

        if (a != NULL)
            answer(a, m->verdict.accepted, NULL);
    } else if (m->type == MSG_ENCODED) {
        on_encoded(j, &m->encoded);
    }
}

/* Those that were asked before now and cannot be answered: no. */
static void
fail_all(struct judge *j)
{
    uint64_t last = j->last_request;

    while (!list_empty(&j->asked)) {
        struct asked *a = LIST_ITEM(j->asked.next, struct asked, node);

        if (a->request > last)
            return;
        answer(a, false, NULL);
    }
}

void
judge_lost(struct router *r)
{
    if (r->judge != NULL)
        fail_all(r->judge);
}

static void
on_failures(uv_timer_t *timer)
{
    struct judge *j = timer->data;

    LIST_EACH(node, &j->asked)
    {
        struct asked *a = LIST_ITEM(node, struct asked, node);

        if (a->failed) {
            /* The owner may change the list: begin again. */
            uv_timer_start(timer, on_failures, 0, 0);
            answer(a, false, NULL);
            return;
        }
    }
}

/* --- questions ---------------------------------------------------------- */

static struct asked *
asked_new(struct judge *j, void *owner)
{
    struct asked *a = alloc_zero(1, sizeof(*a));

    a->request = ++j->last_request;
    a->owner = owner;
    list_append(&j->asked, &a->node);
    return a;
}

static void
submit(struct judge *j, struct asked *a, const struct message *m)
{
    if (aaa_send(j->router, m))
        return;
    a->failed = true;
    uv_timer_start(&j->failures, on_failures, 0, 0);
}

void
judge_ask(struct router *r, struct msg_judge *m, verdict_fn done, void *owner)
{
    struct message to = {.type = MSG_JUDGE};
    struct asked *a = asked_new(r->judge, owner);

    a->verdict = done;
    m->request = a->request;
    to.judge = *m;
    submit(r->judge, a, &to);
}

void
judge_encode(struct router *r, unsigned type, const char *clear,
             encoded_fn done, void *owner)
{
    struct message to = {.type = MSG_ENCODE};
    struct asked *a = asked_new(r->judge, owner);

    a->encoded = done;
    to.encode.request = a->request;
    to.encode.type = (uint8_t)type;
    to.encode.clear = span_text(clear);
    submit(r->judge, a, &to);
}

void
judge_forget(struct router *r, void *owner)
{
    if (r->judge == NULL)
        return;
    LIST_EACH(node, &r->judge->asked)
    {
        struct asked *a = LIST_ITEM(node, struct asked, node);

        if (a->owner == owner) {
            a->verdict = NULL;
            a->encoded = NULL;
        }
    }
}

/* --- local users -------------------------------------------------------- */

bool
judge_name_is_valid(struct span name)
{
    if (name.len == 0 || name.len > SSH_USER_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
            return false;
    return true;
}

const struct config_user *
judge_user(const struct router *r, struct span name)
{
    const struct config_list *users = &r->config.users.list;
    const struct config_user *user;
    char text[SSH_USER_MAX + 1];

    if (!judge_name_is_valid(name) || !text_copy_span(text, sizeof(text), name))
        return NULL;
    user = config_user_find(&r->config, text);
    for (size_t i = 0; user == NULL && i < users->count; i++) {
        const struct config_user *other = users->items[i];

        if (text_equal_nocase(other->name, text))
            user = other;
    }
    return user;
}

/* The type that the first user with a password has: what a guesser meets. */
static const struct decoy *
usual_decoy(const struct router *r)
{
    const struct config_list *users = &r->config.users.list;
    unsigned type = 9;

    for (size_t i = 0; i < users->count; i++) {
        const struct config_user *user = users->items[i];

        if (user->password.text != NULL) {
            type = user->password_type;
            break;
        }
    }
    for (size_t i = 0; i < sizeof(decoys) / sizeof(decoys[0]); i++)
        if (decoys[i].type == type)
            return &decoys[i];
    return &decoys[sizeof(decoys) / sizeof(decoys[0]) - 1];
}

void
judge_local_password(struct router *r, struct span name, struct span given,
                     verdict_fn done, void *owner)
{
    const struct config_user *user = judge_user(r, name);
    struct msg_judge m = {.kind = JUDGE_PASSWORD, .given = given};
    /* An empty password is refused, whatever is stored (10.3). */
    bool possible = given.len > 0 && given.len <= SSH_PASSWORD_MAX;

    if (given.len > SSH_PASSWORD_MAX)
        m.given.len = SSH_PASSWORD_MAX;
    if (possible && user != NULL && user->password.text != NULL) {
        m.type = (uint8_t)user->password_type;
        m.stored = span_text(user->password.text);
    } else {
        const struct decoy *decoy = usual_decoy(r);

        m.decoy = true;
        m.type = (uint8_t)decoy->type;
        m.stored = span_text(decoy->stored);
    }
    judge_ask(r, &m, done, owner);
}

/* --- life --------------------------------------------------------------- */

struct judge *
judge_new(struct router *r)
{
    struct judge *j = alloc_zero(1, sizeof(*j));

    j->router = r;
    list_init(&j->asked);
    uv_timer_init(&r->loop, &j->failures);
    j->failures.data = j;
    return j;
}

static void
on_closed(uv_handle_t *handle)
{
    struct judge *j = handle->data;

    LIST_EACH(node, &j->asked)
    {
        free(LIST_ITEM(node, struct asked, node));
    }
    free(j);
}

void
judge_free(struct judge *j)
{
    if (j != NULL)
        uv_close((uv_handle_t *)&j->failures, on_closed);
}
