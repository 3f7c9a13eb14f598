#include "control/sessions.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "control/alarms.h"
#include "control/auth.h"
#include "control/grant.h"
#include "control/listener.h"
#include "control/serving.h"
#include "control/shell.h"
#include "control/signing.h"
#include "control/ssh_events.h"

#define NUMBER_BUCKETS 1024 /* a power of two */
#define WORD_BITS      64
#define WORDS          ((SESSIONS_VTY_MAX + WORD_BITS - 1) / WORD_BITS)

struct sessions {
    struct list all; /* in order of the line: console, vty 0, ... */
    struct list by_number[NUMBER_BUCKETS];
    struct session *console;
    struct session *by_vty[SESSIONS_VTY_MAX];
    uint64_t taken[WORDS]; /* one bit for each vty that has a session */
    uint32_t vty_uses[SESSIONS_VTY_MAX];
    uint32_t tty_uses[CONFIG_TTY_MAX + 1];
    uint32_t console_uses, aux_uses;
    uint32_t last_number;
};

struct sessions *
sessions_new(struct router *r)
{
    struct sessions *table = alloc_zero(1, sizeof(*table));

    (void)r;
    list_init(&table->all);
    for (size_t i = 0; i < NUMBER_BUCKETS; i++)
        list_init(&table->by_number[i]);
    return table;
}

void
sessions_free(struct sessions *table)
{
    free(table);
}

struct list *
sessions_all(struct router *r)
{
    return &r->sessions->all;
}

struct session *
session_on_vty(struct router *r, unsigned vty)
{
    return vty < SESSIONS_VTY_MAX ? r->sessions->by_vty[vty] : NULL;
}

struct session *
session_on_console(struct router *r)
{
    return r->sessions->console;
}

static struct list *
number_bucket(struct sessions *table, uint32_t connection)
{
    return &table->by_number[connection & (NUMBER_BUCKETS - 1)];
}

struct session *
session_find(struct router *r, uint32_t connection)
{
    struct list *bucket = number_bucket(r->sessions, connection);

    LIST_EACH(node, bucket)
    {
        struct session *s = LIST_ITEM(node, struct session, by_number);

        if (s->connection == connection)
            return s;
    }
    return NULL;
}

enum err
sessions_free_vty(const struct router *r, unsigned first, unsigned last,
                  unsigned *vty)
{
    const uint64_t *taken = r->sessions->taken;

    if (last >= SESSIONS_VTY_MAX)
        last = SESSIONS_VTY_MAX - 1;
    for (unsigned n = first; n <= last; n = (n / WORD_BITS + 1) * WORD_BITS) {
        /* The free ones of this word from n upwards. */
        uint64_t word = ~taken[n / WORD_BITS] & (UINT64_MAX << (n % WORD_BITS));
        unsigned found = n / WORD_BITS * WORD_BITS;

        if (word == 0)
            continue;
        found += (unsigned)__builtin_ctzll(word);
        if (found > last)
            break;
        *vty = found;
        return OK;
    }
    return ERR_NOT_FOUND;
}

/* The session with the nearest lower vty; NULL: there is none. */
static struct session *
vty_before(const struct sessions *table, unsigned vty)
{
    unsigned word = vty / WORD_BITS;
    uint64_t bits = table->taken[word] & ~(UINT64_MAX << (vty % WORD_BITS));

    for (;;) {
        if (bits != 0)
            return table->by_vty[word * WORD_BITS + WORD_BITS - 1 -
                                 (unsigned)__builtin_clzll(bits)];
        if (word == 0)
            return NULL;
        bits = table->taken[--word];
    }
}

/* Link it behind the session on the nearest lower line. */
static void
insert_ordered(struct sessions *table, struct session *s)
{
    struct session *before = table->console;
    struct list *place = &table->all;

    if (s->kind == SESSION_SSH) {
        struct session *lower = vty_before(table, s->vty);

        if (lower != NULL)
            before = lower;
        if (before != NULL)
            place = &before->node;
    }
    /* Appending in front of the next node is inserting behind this one. */
    list_append(place->next, &s->node);
}

uint32_t
sessions_next_number(struct router *r)
{
    return ++r->sessions->last_number;
}

static bool
line_is_taken(const struct sessions *table, enum session_kind kind,
              unsigned vty)
{
    return kind == SESSION_CONSOLE ? table->console != NULL
                                   : table->by_vty[vty] != NULL;
}

struct session *
session_new(struct router *r, enum session_kind kind, unsigned vty)
{
    struct sessions *table = r->sessions;
    struct session *s;

    if (line_is_taken(table, kind, vty))
        return NULL;
    s = alloc_zero(1, sizeof(*s));
    s->router = r;
    s->kind = kind;
    s->state = SESSION_STARTING;
    s->socket = -1;
    s->connection = sessions_next_number(r);
    s->started_ms = s->active_ms = s->accepted_ms = router_now_ms(r);
    s->vty = kind == SESSION_SSH ? vty : 0;
    s->line = config_line_number(&r->config, session_line_id(s));
    insert_ordered(table, s);
    if (kind == SESSION_CONSOLE) {
        table->console = s;
    } else {
        table->by_vty[vty] = s;
        table->taken[vty / WORD_BITS] |= 1ULL << (vty % WORD_BITS);
        sessions_count_use(r, session_line_id(s));
    }
    list_append(number_bucket(table, s->connection), &s->by_number);
    return s;
}

static void
free_line(struct sessions *table, struct session *s)
{
    if (s->kind == SESSION_CONSOLE) {
        table->console = NULL;
        return;
    }
    table->by_vty[s->vty] = NULL;
    table->taken[s->vty / WORD_BITS] &= ~(1ULL << (s->vty % WORD_BITS));
}

void
session_leave_line(struct session *s)
{
    struct router *r = s->router;

    s->state = SESSION_ENDING;
    if (s->off_line)
        return;
    s->off_line = true;
    ssh_events_end(s);
    shells_end(s);
    servings_end(s);
    auth_free(s->auth);
    s->auth = NULL;
    free_line(r->sessions, s);
    /* Behind the others, for it may give the line to the next connection at
     * once. */
    listener_line_freed(r);
}

void
session_end(struct session *s)
{
    struct router *r = s->router;

    list_remove(&s->node);
    list_remove(&s->by_number);
    session_leave_line(s);
    alarms_session_end(s);
    grant_end(s);
    listener_place_freed(s);
    wipe(s, sizeof(*s));
    free(s);
    router_session_ended(r);
}

static uint32_t *
uses_of(struct sessions *table, struct config_line_id line)
{
    switch (line.kind) {
    case CONFIG_LINE_TTY:
        return &table->tty_uses[line.number];
    case CONFIG_LINE_AUX:
        return &table->aux_uses;
    case CONFIG_LINE_VTY:
        return &table->vty_uses[line.number];
    default:
        return &table->console_uses;
    }
}

void
sessions_count_use(struct router *r, struct config_line_id line)
{
    (*uses_of(r->sessions, line))++;
}

uint32_t
sessions_uses(const struct router *r, struct config_line_id line)
{
    return *uses_of(r->sessions, line);
}
