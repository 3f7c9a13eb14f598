#include "control/aaa_state.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "control/journal.h"

#define MS_PER_MIN 60000

void
aaa_states_init(struct router *r, struct aaa_states *all)
{
    list_init(&all->list);
    all->cleared_ms = router_now_ms(r);
}

void
aaa_states_clear(struct aaa_states *all)
{
    LIST_EACH(node, &all->list)
    {
        free(LIST_ITEM(node, struct aaa_state, node));
    }
    list_init(&all->list);
}

static bool
is_of(const struct aaa_state *state, const struct aaa_target *target)
{
    return state->protocol == target->protocol &&
           config_address_equal(&state->address, &target->address) &&
           state->auth_port == target->auth_port &&
           state->acct_port == target->acct_port;
}

static struct aaa_state *
find(const struct aaa_states *all, const struct aaa_target *target)
{
    LIST_EACH(node, &all->list)
    {
        struct aaa_state *state = LIST_ITEM(node, struct aaa_state, node);

        if (is_of(state, target))
            return state;
    }
    return NULL;
}

struct aaa_state *
aaa_state_of(struct router *r, struct aaa_states *all,
             const struct aaa_target *target)
{
    struct aaa_state *state = find(all, target);

    if (state != NULL)
        return state;
    state = alloc_zero(1, sizeof(*state));
    state->protocol = target->protocol;
    state->address = target->address;
    state->auth_port = target->auth_port;
    state->acct_port = target->acct_port;
    state->since_ms = router_now_ms(r);
    list_append(&all->list, &state->node);
    return state;
}

/* --- dead or alive ------------------------------------------------------ */

static void
tell(struct router *r, const struct aaa_state *state, bool dead)
{
    char address[CONFIG_ADDRESS_TEXT];

    config_address_text(&state->address, address);
    if (dead)
        journal_limited(r, address, "RADIUS", LOG_WARNING, "RADIUS_DEAD",
                        "RADIUS server %s:%u,%u is not responding.", address,
                        state->auth_port, state->acct_port);
    else
        journal_limited(r, address, "RADIUS", LOG_WARNING, "RADIUS_ALIVE",
                        "RADIUS server %s:%u,%u is being marked alive.",
                        address, state->auth_port, state->acct_port);
}

static void
become(struct router *r, struct aaa_state *state, bool dead)
{
    uint64_t now = router_now_ms(r);

    state->previous_ms = now - state->since_ms;
    if (state->dead)
        state->dead_ms += state->previous_ms;
    if (dead)
        state->dead_count++;
    state->dead = dead;
    state->since_ms = now;
    state->silent = 0;
    tell(r, state, dead);
}

bool
aaa_state_is_dead(struct router *r, struct aaa_state *state)
{
    if (state->dead && router_now_ms(r) >= state->dead_until_ms)
        become(r, state, false);
    return state->dead;
}

/*
 * Both criteria, if they are configured; otherwise one request that got no
 * answer at all is enough.
 */
static bool
is_to_be_dead(const struct router *r, const struct aaa_state *state)
{
    const struct config_radius *radius = &r->config.radius;
    uint64_t silent_ms = router_now_ms(r) - state->silent_since_ms;

    return !state->dead && silent_ms >= (uint64_t)radius->dead_s * 1000 &&
           state->silent >= radius->dead_tries;
}

static void
note_silence(struct router *r, struct aaa_state *state,
             const struct aaa_note *note, uint32_t deadtime_min)
{
    uint64_t now = router_now_ms(r);

    if (state->silent == 0)
        state->silent_since_ms = now;
    state->silent += note->timeouts;
    /* Who has no `deadtime` is never left alone. */
    if (state->protocol != AAA_RADIUS || note->fate != AAA_SILENT ||
        !is_to_be_dead(r, state))
        return;
    become(r, state, true);
    state->dead_until_ms = now + (uint64_t)deadtime_min * MS_PER_MIN;
    /* Without `deadtime` it is asked again at once. */
    if (deadtime_min == 0)
        become(r, state, false);
}

/* --- counters ----------------------------------------------------------- */

static void
count_delay(struct aaa_counts *counts, const struct aaa_note *note)
{
    counts->answers += note->answers;
    if (note->answers == 0)
        return;
    counts->delay_us += note->round_trip_us;
    if (note->round_trip_us > counts->delay_most_us)
        counts->delay_most_us = note->round_trip_us;
}

void
aaa_state_note(struct router *r, struct aaa_state *state,
               const struct aaa_note *note, enum aaa_kind kind,
               enum aaa_outcome outcome, uint32_t deadtime_min)
{
    struct aaa_counts *counts =
        kind == AAA_ACCOUNT ? &state->acct : &state->auth;
    bool decided = note->fate == AAA_ANSWERED;

    state->opened += note->opened;
    state->closed += note->opened;
    if (note->sent > 0)
        counts->requests++;
    if (note->sent > 1 + note->challenges)
        counts->retransmitted += note->sent - 1 - note->challenges;
    counts->sent += note->sent;
    counts->received += (uint64_t)note->answers + note->malformed + note->bad +
                        note->unexpected;
    counts->timeouts += note->timeouts;
    counts->challenges += note->challenges;
    counts->malformed += note->malformed;
    counts->bad += note->bad;
    counts->unexpected += note->unexpected;
    counts->accepts += decided && outcome == AAA_PASS;
    counts->rejects += decided && outcome == AAA_FAIL;
    counts->answered += decided;
    counts->unanswered += note->fate == AAA_SILENT;
    counts->failovers += note->fate == AAA_SILENT || note->fate == AAA_UNUSABLE;
    count_delay(counts, note);
    if (note->answers > 0) {
        state->silent = 0;
        if (state->dead)
            become(r, state, false);
    } else if (note->timeouts > 0) {
        note_silence(r, state, note, deadtime_min);
    }
}

void
aaa_states_connection(struct aaa_states *all, const struct aaa_target *target,
                      bool open)
{
    struct aaa_state *state = find(all, target);

    if (state == NULL)
        return;
    if (open)
        state->opened++;
    else if (state->closed < state->opened)
        state->closed++;
}

void
aaa_states_close(struct aaa_states *all)
{
    LIST_EACH(node, &all->list)
    {
        struct aaa_state *state = LIST_ITEM(node, struct aaa_state, node);

        state->closed = state->opened;
    }
}

void
aaa_states_reset(struct router *r, struct aaa_states *all)
{
    LIST_EACH(node, &all->list)
    {
        struct aaa_state *state = LIST_ITEM(node, struct aaa_state, node);

        state->auth = state->acct = (struct aaa_counts){0};
        state->opened -= state->closed;
        state->closed = 0;
    }
    all->cleared_ms = router_now_ms(r);
}
