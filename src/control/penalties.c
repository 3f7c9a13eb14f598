#include "control/penalties.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/list.h"

#define SOURCE_LEN 16
#define BUCKETS    1024 /* a power of two */

struct offender {
    struct list bucket;
    struct list age; /* by the last fault, the longest ago first */
    uint8_t address[SOURCE_LEN];
    /* When the last faults were: a ring, 0 is never. */
    uint64_t faults_ms[PENALTY_FAULTS];
    size_t next;
    uint64_t refused_until_ms;
};

struct penalties {
    struct list buckets[BUCKETS];
    struct list ages;
    size_t count;
};

struct penalties *
penalties_new(void)
{
    struct penalties *p = alloc_zero(1, sizeof(*p));

    for (size_t i = 0; i < BUCKETS; i++)
        list_init(&p->buckets[i]);
    list_init(&p->ages);
    return p;
}

static void
offender_free(struct penalties *p, struct offender *o)
{
    list_remove(&o->bucket);
    list_remove(&o->age);
    p->count--;
    free(o);
}

void
penalties_free(struct penalties *p)
{
    if (p == NULL)
        return;
    LIST_EACH(node, &p->ages)
    {
        offender_free(p, LIST_ITEM(node, struct offender, age));
    }
    free(p);
}

static struct list *
bucket_of(struct penalties *p, const uint8_t address[SOURCE_LEN])
{
    uint32_t sum = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < SOURCE_LEN; i++)
        sum = (sum ^ address[i]) * 16777619u;
    return &p->buckets[sum & (BUCKETS - 1)];
}

static struct offender *
offender_find(struct penalties *p, const uint8_t address[SOURCE_LEN])
{
    struct list *bucket = bucket_of(p, address);

    LIST_EACH(node, bucket)
    {
        struct offender *o = LIST_ITEM(node, struct offender, bucket);

        if (memcmp(o->address, address, SOURCE_LEN) == 0)
            return o;
    }
    return NULL;
}

static uint64_t
last_fault_ms(const struct offender *o)
{
    return o->faults_ms[(o->next + PENALTY_FAULTS - 1) % PENALTY_FAULTS];
}

/* Whose last fault is long ago, and who is not refused any more, is forgotten.
 */
static void
forget_old(struct penalties *p, uint64_t now_ms)
{
    LIST_EACH(node, &p->ages)
    {
        struct offender *o = LIST_ITEM(node, struct offender, age);

        if (now_ms - last_fault_ms(o) < PENALTY_WINDOW_MS)
            return;
        if (o->refused_until_ms <= now_ms)
            offender_free(p, o);
    }
}

static struct offender *
offender_new(struct penalties *p, const uint8_t address[SOURCE_LEN])
{
    struct offender *o;

    if (p->count >= PENALTY_SOURCES_MAX)
        return NULL;
    o = alloc_zero(1, sizeof(*o));
    memcpy(o->address, address, SOURCE_LEN);
    list_append(bucket_of(p, address), &o->bucket);
    list_init(&o->age);
    p->count++;
    return o;
}

void
penalties_add(struct penalties *p, const struct net_address *peer,
              uint64_t length_ms, uint64_t now_ms)
{
    uint8_t address[SOURCE_LEN];
    struct offender *o;
    uint64_t fifth_ms;

    if (net_is_loopback(peer))
        return;
    forget_old(p, now_ms);
    net_source(peer, address);
    o = offender_find(p, address);
    if (o == NULL)
        o = offender_new(p, address);
    if (o == NULL)
        return;
    o->faults_ms[o->next] = now_ms;
    o->next = (o->next + 1) % PENALTY_FAULTS;
    list_remove(&o->age);
    list_append(&p->ages, &o->age);
    /* The ring is full of faults of the last minute: its oldest tells. */
    fifth_ms = o->faults_ms[o->next];
    if (fifth_ms == 0 || now_ms - fifth_ms >= PENALTY_WINDOW_MS)
        return;
    if (o->refused_until_ms < now_ms)
        o->refused_until_ms = now_ms;
    o->refused_until_ms += length_ms;
    if (o->refused_until_ms > now_ms + PENALTY_MAX_MS)
        o->refused_until_ms = now_ms + PENALTY_MAX_MS;
}

bool
penalties_refuse(struct penalties *p, const struct net_address *peer,
                 uint64_t now_ms)
{
    uint8_t address[SOURCE_LEN];
    const struct offender *o;

    if (p->count == 0 || net_is_loopback(peer))
        return false;
    net_source(peer, address);
    o = offender_find(p, address);
    return o != NULL && now_ms < o->refused_until_ms;
}
