#include "control/admission.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define SOURCE_LEN     16
#define SOURCE_BUCKETS 512 /* a power of two */
#define LEVELS         (ADMISSION_PLACES_MAX + 1)

/* Everybody from one address, as long as one of them waits or has a place. */
struct source {
    struct list bucket;
    struct list queue;   /* linked in waiting[held] while somebody waits */
    struct list holding; /* linked in holding[held] while held > 0 */
    struct list waiters; /* of struct applicant, in order of arrival */
    struct list placed;  /* of struct applicant, the oldest place first */
    size_t waiting;
    size_t held; /* places of those that are not leaving */
    uint8_t address[SOURCE_LEN];
};

struct admission {
    struct list sources[SOURCE_BUCKETS];
    struct list arrivals; /* all that wait, by age */
    /* Sources by the number of places they hold. */
    struct list waiting[LEVELS];
    struct list holding[LEVELS];
    size_t most; /* no source holds more */
    size_t waiting_count;
    size_t without;      /* waiting sources that hold nothing */
    size_t placed_count; /* the leaving included */
    size_t leaving;
};

struct admission *
admission_new(void)
{
    struct admission *a = alloc_zero(1, sizeof(*a));

    for (size_t i = 0; i < SOURCE_BUCKETS; i++)
        list_init(&a->sources[i]);
    for (size_t i = 0; i < LEVELS; i++) {
        list_init(&a->waiting[i]);
        list_init(&a->holding[i]);
    }
    list_init(&a->arrivals);
    return a;
}

size_t
admission_waiting(const struct admission *a)
{
    return a->waiting_count;
}

size_t
admission_places(const struct admission *a)
{
    return a->placed_count;
}

/* --- sources ------------------------------------------------------------ */

static struct list *
source_bucket(struct admission *a, const uint8_t address[SOURCE_LEN])
{
    uint32_t sum = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < SOURCE_LEN; i++)
        sum = (sum ^ address[i]) * 16777619u;
    return &a->sources[sum & (SOURCE_BUCKETS - 1)];
}

static struct source *
source_of(struct admission *a, const struct net_address *peer)
{
    uint8_t address[SOURCE_LEN];
    struct list *bucket;
    struct source *s;

    net_source(peer, address);
    bucket = source_bucket(a, address);
    LIST_EACH(node, bucket)
    {
        s = LIST_ITEM(node, struct source, bucket);
        if (memcmp(s->address, address, SOURCE_LEN) == 0)
            return s;
    }
    s = alloc_zero(1, sizeof(*s));
    memcpy(s->address, address, SOURCE_LEN);
    list_init(&s->queue);
    list_init(&s->holding);
    list_init(&s->waiters);
    list_init(&s->placed);
    list_append(bucket, &s->bucket);
    return s;
}

/*
 * Put a source into the lists of its level after `waiting` or `held` changed
 * from `held_before` and `waited_before`; free it when nobody is left.
 */
static void
source_moved(struct admission *a, struct source *s, size_t held_before,
             bool waited_before)
{
    bool waits = s->waiting > 0;

    if (waited_before && held_before == 0)
        a->without--;
    if (waits && s->held == 0)
        a->without++;
    if (s->held != held_before) {
        list_remove(&s->holding);
        if (s->held > 0)
            list_append(&a->holding[s->held], &s->holding);
    }
    if (s->held != held_before || waits != waited_before) {
        list_remove(&s->queue);
        if (waits)
            list_append(&a->waiting[s->held], &s->queue);
    }
    if (s->held > a->most)
        a->most = s->held;
    while (a->most > 0 && list_empty(&a->holding[a->most]))
        a->most--;
    if (list_empty(&s->waiters) && list_empty(&s->placed)) {
        list_remove(&s->bucket);
        free(s);
    }
}

/* --- waiting ------------------------------------------------------------ */

/* The newest of the source that has most waiting. */
static struct applicant *
find_crowded_out(struct admission *a)
{
    struct source *most = NULL;

    for (size_t i = 0; i < LEVELS; i++)
        LIST_EACH(node, &a->waiting[i])
        {
            struct source *s = LIST_ITEM(node, struct source, queue);

            if (most == NULL || s->waiting > most->waiting)
                most = s;
        }
    return LIST_ITEM(most->waiters.prev, struct applicant, node);
}

struct applicant *
admission_wait(struct admission *a, int fd, const struct net_address *peer,
               uint64_t now_ms, struct applicant **crowded_out)
{
    struct applicant *p = alloc_zero(1, sizeof(*p));
    struct source *s = source_of(a, peer);
    bool waited = s->waiting > 0;

    p->source = s;
    p->state = APPLICANT_WAITS;
    p->accepted_ms = now_ms;
    p->peer = *peer;
    p->fd = fd;
    list_append(&s->waiters, &p->node);
    list_append(&a->arrivals, &p->age);
    s->waiting++;
    a->waiting_count++;
    source_moved(a, s, s->held, waited);
    *crowded_out = NULL;
    if (a->waiting_count > ADMISSION_WAITING_MAX)
        /* A flood from one source is turned away without any search. */
        *crowded_out = waited && s->waiting > ADMISSION_WAITING_MAX / 2
                           ? p
                           : find_crowded_out(a);
    return p;
}

struct applicant *
admission_next(const struct admission *a)
{
    if (a->waiting_count == 0)
        return NULL;
    for (size_t i = 0; i < LEVELS; i++) {
        const struct list *level = &a->waiting[i];

        if (!list_empty(level)) {
            struct source *s = LIST_ITEM(level->next, struct source, queue);

            return LIST_ITEM(s->waiters.next, struct applicant, node);
        }
    }
    return NULL;
}

struct applicant *
admission_oldest(const struct admission *a)
{
    if (list_empty(&a->arrivals))
        return NULL;
    return LIST_ITEM(a->arrivals.next, struct applicant, age);
}

/* --- places ------------------------------------------------------------- */

static void
stop_waiting(struct admission *a, struct applicant *p)
{
    list_remove(&p->node);
    list_remove(&p->age);
    p->source->waiting--;
    a->waiting_count--;
}

void
admission_place(struct admission *a, struct applicant *p, uint64_t now_ms)
{
    struct source *s = p->source;
    size_t held = s->held;

    stop_waiting(a, p);
    p->state = APPLICANT_PLACED;
    p->placed_ms = now_ms;
    p->fd = -1;
    list_append(&s->placed, &p->node);
    s->held++;
    a->placed_count++;
    source_moved(a, s, held, true);
}

/* The oldest place of a source that is not about to be free. */
static struct applicant *
oldest_place(struct source *s)
{
    LIST_EACH(node, &s->placed)
    {
        struct applicant *p = LIST_ITEM(node, struct applicant, node);

        if (p->state == APPLICANT_PLACED)
            return p;
    }
    return NULL;
}

struct applicant *
admission_victim(struct admission *a, uint64_t now_ms, uint64_t *again_ms)
{
    struct applicant *victim = NULL;

    *again_ms = UINT64_MAX;
    /* One place for each source that has none; some are on their way. */
    if (a->leaving >= a->without || a->most == 0)
        return NULL;
    LIST_EACH(node, &a->holding[a->most])
    {
        struct source *s = LIST_ITEM(node, struct source, holding);
        struct applicant *p = oldest_place(s);

        if (p != NULL && (victim == NULL || p->placed_ms < victim->placed_ms))
            victim = p;
    }
    if (victim == NULL)
        return NULL;
    if (now_ms < victim->placed_ms + ADMISSION_MIN_AGE_MS) {
        *again_ms = victim->placed_ms + ADMISSION_MIN_AGE_MS;
        return NULL;
    }
    victim->state = APPLICANT_LEAVING;
    victim->source->held--;
    a->leaving++;
    source_moved(a, victim->source, victim->source->held + 1,
                 victim->source->waiting > 0);
    return victim;
}

void
admission_remove(struct admission *a, struct applicant *p)
{
    struct source *s = p->source;
    size_t held = s->held;
    bool waited = s->waiting > 0;

    if (p->state == APPLICANT_WAITS) {
        stop_waiting(a, p);
    } else {
        list_remove(&p->node);
        a->placed_count--;
        if (p->state == APPLICANT_LEAVING)
            a->leaving--;
        else
            s->held--;
    }
    free(p);
    source_moved(a, s, held, waited);
}

void
admission_free(struct admission *a)
{
    if (a == NULL)
        return;
    for (size_t i = 0; i < SOURCE_BUCKETS; i++)
        LIST_EACH(node, &a->sources[i])
        {
            struct source *s = LIST_ITEM(node, struct source, bucket);

            LIST_EACH(waiter, &s->waiters)
            {
                free(LIST_ITEM(waiter, struct applicant, node));
            }
            LIST_EACH(holder, &s->placed)
            {
                free(LIST_ITEM(holder, struct applicant, node));
            }
            free(s);
        }
    free(a);
}
