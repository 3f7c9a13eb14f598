#include "ssh/conn.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ssh/protocol.h"

#define REKEY_BYTES (UINT64_C(1) << 30)
#define REKEY_MS    (60 * 60 * UINT64_C(1000))

/* --- life ------------------------------------------------------------ */

static char *
copy_text(const char *text)
{
    return text_dup(text == NULL ? "" : text);
}

static struct span
copy_span(struct span bytes)
{
    uint8_t *copy = alloc_zero(bytes.len + 1, 1);

    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return span_of(copy, bytes.len);
}

static void
free_span(struct span bytes)
{
    free((void *)(uintptr_t)bytes.ptr);
}

static void
copy_offer(struct ssh_offer *offer, const struct ssh_setup *setup)
{
    assert(setup->host_key_count <= SSH_HOST_KEYS_MAX);
    offer->kex = copy_text(setup->kex);
    offer->host_key_algorithms = copy_text(setup->host_key_algorithms);
    offer->ciphers = copy_text(setup->ciphers);
    offer->macs = copy_text(setup->macs);
    offer->user_key_algorithms = copy_text(setup->user_key_algorithms);
    offer->host_key_count = setup->host_key_count;
    for (size_t i = 0; i < setup->host_key_count; i++)
        offer->host_keys[i] = copy_span(setup->host_keys[i]);
    offer->v1_ciphers = copy_text(setup->v1_ciphers);
    offer->v1_host_key = copy_span(setup->v1_host_key);
    offer->v1_server_key = copy_span(setup->v1_server_key);
}

static void
free_offer(struct ssh_offer *offer)
{
    free(offer->kex);
    free(offer->host_key_algorithms);
    free(offer->ciphers);
    free(offer->macs);
    free(offer->user_key_algorithms);
    for (size_t i = 0; i < offer->host_key_count; i++)
        free_span(offer->host_keys[i]);
    free(offer->v1_ciphers);
    free_span(offer->v1_host_key);
    free_span(offer->v1_server_key);
}

struct ssh_conn *
ssh_conn_new(const struct ssh_setup *setup)
{
    struct ssh_conn *c = alloc_zero(1, sizeof(*c));

    assert(setup->random != NULL);
    assert(setup->window <= SSH_CHANNEL_WINDOW);
    c->role = setup->role;
    c->versions = setup->versions == 0 ? SSH_VERSION_2 : setup->versions;
    copy_offer(&c->offer, setup);
    c->rekey_bytes = setup->rekey_bytes == 0 ? REKEY_BYTES : setup->rekey_bytes;
    c->rekey_ms = setup->rekey_ms == 0 ? REKEY_MS : setup->rekey_ms;
    c->window = setup->window;
    c->group_min = setup->group_min;
    c->random = setup->random;
    c->random_state = setup->random_state;
    c->now_ms = setup->now_ms;
    ssh_conn_set_trace(c, setup->trace, setup->trace_owner);
    buf_init_secret(&c->in, SSH_PACKET_MAX + 4 + 64);
    buf_init(&c->out, SSH_OUTPUT_MAX);
    c->stall = TIMER_OFF;
    version_start(c, setup->software);
    return c;
}

void
ssh_conn_free(struct ssh_conn *c)
{
    if (c == NULL)
        return;
    c->protocol->free(c);
    free_offer(&c->offer);
    free(c->own_ident);
    free_span(c->peer_ident);
    buf_clear(&c->in);
    buf_clear(&c->out);
    free(c->events);
    free(c->peer_text);
    free(c);
}

void
ssh_conn_trim(struct ssh_conn *c)
{
    /* What waits for an answer, or for its owner, may point to the input. */
    if (c->event_count == 0 && !c->protocol->is_blocked(c)) {
        free(c->events);
        c->events = NULL;
        buf_consume(&c->in, c->in_used);
        c->in_used = 0;
    }
    if (buf_len(&c->in) == 0)
        buf_clear(&c->in);
    if (buf_len(&c->out) == 0 && buf_ok(&c->out))
        buf_clear(&c->out);
    if (c->protocol->trim != NULL)
        c->protocol->trim(c);
}

/* --- the end --------------------------------------------------------- */

/* What the peer is told; never more than it knows already (hardening 0). */
static const struct {
    enum err err;
    enum ssh_reason reason;
    const char *text;
} ends[] = {
    {ERR_PROTOCOL, SSH_REASON_PROTOCOL_ERROR, "Protocol error"},
    {ERR_FORMAT, SSH_REASON_PROTOCOL_ERROR, "Protocol error"},
    {ERR_LIMIT, SSH_REASON_PROTOCOL_ERROR, "Protocol error"},
    {ERR_LENGTH, SSH_REASON_PROTOCOL_ERROR, "Corrupted packet"},
    {ERR_MAC, SSH_REASON_MAC_ERROR, "Corrupted packet"},
    {ERR_NO_MATCH, SSH_REASON_KEY_EXCHANGE_FAILED, "Key exchange failed"},
    {ERR_CRYPTO, SSH_REASON_KEY_EXCHANGE_FAILED, "Key exchange failed"},
    {ERR_NOT_FOUND, SSH_REASON_KEY_EXCHANGE_FAILED, "Key exchange failed"},
};

static enum err
end(struct ssh_conn *c, enum ssh_reason reason, enum err err, const char *text,
    const char *peer_text)
{
    if (c->ended)
        return err;
    c->ended = true;
    c->reason = reason;
    c->err = err;
    c->text = text;
    if (reason != SSH_REASON_NONE)
        c->protocol->put_disconnect(c, reason, peer_text);
    SSH_TELL(c, SSH_TRACE_ENDED, .numbers = {reason, err != OK});
    return err;
}

enum err
ssh_fail(struct ssh_conn *c, enum err err, const char *text)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends[i].err == err)
            return end(c, ends[i].reason, err, text, ends[i].text);
    return end(c, SSH_REASON_NONE, err, text, "");
}

enum err
ssh_fail_saying(struct ssh_conn *c, enum err err, struct span text)
{
    if (c->ended)
        return err;
    c->peer_text = text_dup_span(text);
    return ssh_fail(c, err, c->peer_text);
}

enum err
ssh_end(struct ssh_conn *c, enum ssh_reason reason, enum err err,
        const char *text)
{
    return end(c, reason, err, text, text);
}

void
ssh_ended_by_peer(struct ssh_conn *c, uint32_t reason, struct span text)
{
    size_t room = 4 * PEER_TEXT_MAX + 1;

    if (c->ended)
        return;
    c->peer_text = alloc_zero(room, 1);
    if (text.len > PEER_TEXT_MAX)
        text.len = PEER_TEXT_MAX;
    text_escape(c->peer_text, room, text);
    end(c, SSH_REASON_NONE, OK, c->peer_text, "");
    c->reason = (enum ssh_reason)reason;
    c->by_peer = true;
    /* It takes nothing any more (RFC 4253 section 11.1). */
    buf_reset(&c->out);
}

void
ssh_conn_disconnect(struct ssh_conn *c, enum ssh_reason reason,
                    const char *text)
{
    (void)end(c, reason, OK, text, text);
}

void
ssh_conn_input_end(struct ssh_conn *c)
{
    bool whole = buf_len(&c->in) == c->in_used;
    bool orderly = whole && c->protocol->may_end(c);

    if (c->ended)
        return;
    (void)end(c, SSH_REASON_NONE, orderly ? OK : ERR_CLOSED,
              "connection closed by the peer", "");
    c->by_peer = true;
}

/* --- bytes ----------------------------------------------------------- */

static bool
output_is_full(const struct ssh_conn *c)
{
    size_t full = c->protocol->is_open(c) ? OUTPUT_FULL : OUTPUT_FULL_PREAUTH;

    return buf_len(&c->out) >= full;
}

bool
ssh_conn_wants_input(const struct ssh_conn *c)
{
    return !c->ended && c->event_count == 0 && !c->protocol->is_blocked(c) &&
           !output_is_full(c);
}

/* How many bytes came, once they are packets': lines have no such fact. */
static void
tell_bytes(struct ssh_conn *c)
{
    if (c->protocol->version == 0 || c->untold == 0)
        return;
    SSH_TELL(c, SSH_TRACE_BYTES, .numbers = {(uint32_t)c->untold});
    c->untold = 0;
}

/* Bytes of which all but the first `left_over` are new. */
static size_t
trace_input(struct ssh_conn *c, uint8_t *in, size_t len)
{
    size_t taken = 0, more;

    c->untold += len > c->left_over ? len - c->left_over : 0;
    while (taken < len && ssh_conn_wants_input(c)) {
        bool was_line = c->protocol->version == 0;

        tell_bytes(c);
        buf_consume(&c->in, c->in_used);
        c->in_used = 0;
        more = c->protocol->input(c, in + taken, len - taken);
        taken += more;
        if (was_line)
            c->untold -= more < c->untold ? more : c->untold;
    }
    c->left_over = len - taken;
    return taken;
}

size_t
ssh_conn_input(struct ssh_conn *c, uint8_t *in, size_t len)
{
    size_t taken = 0;

    if (c->trace != NULL)
        return trace_input(c, in, len);
    /* One packet a round: its events are fetched before the next is read. */
    while (taken < len && ssh_conn_wants_input(c)) {
        buf_consume(&c->in, c->in_used);
        c->in_used = 0;
        taken += c->protocol->input(c, in + taken, len - taken);
    }
    return taken;
}

struct span
ssh_conn_output(const struct ssh_conn *c)
{
    return buf_span(&c->out);
}

void
ssh_conn_output_sent(struct ssh_conn *c, size_t len)
{
    if (len == 0)
        return;
    buf_consume(&c->out, len);
    c->stall = TIMER_OFF;
}

/* --- events ---------------------------------------------------------- */

struct ssh_event *
ssh_event_add(struct ssh_conn *c, enum ssh_event_type type)
{
    struct ssh_event *event;

    assert(c->event_count < EVENTS_MAX);
    if (c->events == NULL)
        c->events = alloc_zero(EVENTS_MAX, sizeof(*c->events));
    event = &c->events[(c->event_first + c->event_count++) % EVENTS_MAX];
    *event = (struct ssh_event){.type = type};
    return event;
}

bool
ssh_conn_next_event(struct ssh_conn *c, struct ssh_event *event)
{
    if (c->event_count > 0) {
        *event = c->events[c->event_first];
        c->event_first = (c->event_first + 1) % EVENTS_MAX;
        c->event_count--;
        return true;
    }
    if (!c->ended)
        return c->protocol->next_event(c, event);
    if (c->end_told)
        return false;
    c->end_told = true;
    *event = (struct ssh_event){
        .type = SSH_EVENT_CLOSED,
        .reason = c->reason,
        .by_peer = c->by_peer,
        .err = c->err,
        .text = c->text,
    };
    return true;
}

/* --- time ------------------------------------------------------------ */

bool
timer_is_due(uint64_t *timer, uint64_t now_ms, uint64_t duration_ms)
{
    if (*timer == TIMER_OFF)
        return false;
    if (*timer == TIMER_NEW)
        *timer = duration_ms < TIMER_NEW - now_ms ? now_ms + duration_ms
                                                  : TIMER_NEW - 1;
    return now_ms >= *timer;
}

uint64_t
timer_deadline(uint64_t timer, uint64_t now_ms)
{
    return timer == TIMER_NEW ? now_ms : timer;
}

void
ssh_conn_tick(struct ssh_conn *c, uint64_t now_ms)
{
    if (now_ms > c->now_ms)
        c->now_ms = now_ms;
    if (c->ended)
        return;
    if (buf_len(&c->out) == 0)
        c->stall = TIMER_OFF;
    else if (c->stall == TIMER_OFF)
        c->stall = TIMER_NEW;
    if (timer_is_due(&c->stall, c->now_ms, OUTPUT_STALL_MS)) {
        /* No message: it would wait behind what is stuck. */
        (void)end(c, SSH_REASON_NONE, ERR_CLOSED, "the peer does not read", "");
        return;
    }
    c->protocol->tick(c);
}

uint64_t
ssh_conn_deadline(const struct ssh_conn *c)
{
    uint64_t protocol, stall;

    if (c->ended)
        return UINT64_MAX;
    stall =
        c->stall == TIMER_OFF && buf_len(&c->out) > 0 ? TIMER_NEW : c->stall;
    stall = timer_deadline(stall, c->now_ms);
    protocol = c->protocol->deadline(c);
    return protocol < stall ? protocol : stall;
}

/* --- traces ---------------------------------------------------------- */

void
ssh_conn_set_trace(struct ssh_conn *c, ssh_trace_fn trace, void *owner)
{
    c->trace = trace;
    c->trace_owner = owner;
    c->left_over = c->untold = 0;
}

/* --- getters --------------------------------------------------------- */

struct span
ssh_conn_peer_ident(const struct ssh_conn *c)
{
    return c->peer_ident;
}

struct ssh_keys
ssh_conn_keys(const struct ssh_conn *c)
{
    if (c->protocol->keys == NULL)
        return (struct ssh_keys){"none", "none", "none", "none",
                                 "none", "none", 0,      false};
    return c->protocol->keys(c);
}

unsigned
ssh_conn_version(const struct ssh_conn *c)
{
    return c->protocol->version;
}

struct span
ssh_conn_session_id(const struct ssh_conn *c)
{
    if (c->protocol->session_id == NULL)
        return SPAN_EMPTY;
    return c->protocol->session_id(c);
}

void
ssh_conn_traffic(const struct ssh_conn *c, uint64_t *in, uint64_t *out)
{
    *in = *out = 0;
    if (c->protocol->traffic != NULL)
        c->protocol->traffic(c, in, out);
}

struct span
ssh_conn_server_sig_algs(const struct ssh_conn *c)
{
    if (c->protocol->server_sig_algs == NULL)
        return SPAN_EMPTY;
    return c->protocol->server_sig_algs(c);
}
