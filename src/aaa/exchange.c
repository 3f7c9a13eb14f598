#include "aaa/exchange.h"

#include <assert.h>
#include <stdlib.h>

#include "aaa/link.h"
#include "aaa/protocol.h"
#include "base/alloc.h"
#include "crypto/random.h"
#include "ipc/pipe.h"

#define INPUT_MAX   (80 * 1024) /* bytes; the longest packet, and some */
#define PACKETS_MAX 16   /* of one socket, before others have their turn */
#define REPLY_MAX   8192 /* bytes of all attributes, or of a text */
#define JITTER      10   /* one part in so many, more or less */
#define QUESTION    "Password: "

struct exchange {
    struct list node;
    struct exchanges *all;
    struct buf bytes; /* of the request, which borrows from it */
    struct message message;
    const struct server_protocol *protocol;
    struct aaa_server servers[AAA_SERVERS_MAX];
    struct aaa_note notes[AAA_SERVERS_MAX];
    size_t count, current; /* servers; the one that is asked */
    struct buf given;      /* the proof, when the user was asked for it */
    enum asked { NOTHING, PROOF, ANSWER } asked;
    void *talk; /* the protocol's, with the current server; or NULL */
    bool heard; /* the current server has said something */
    bool again; /* it is asked once more, on another connection */
    struct net_address local;
    struct link *link; /* or NULL */
    struct buf output; /* what was sent last */
    struct buf input;
    struct aaa_reply reply;
    uint32_t tries; /* transmissions of it */
    uint64_t begun_ms, sent_us;
    uint64_t deadline_ms; /* of uv_now(); 0: none */
    uv_timer_t timer;     /* the only one; for an answer, or the end */
};

static const struct msg_aaa_request *
request_of(const struct exchange *x)
{
    return &x->message.aaa_request;
}

/* --- the end ------------------------------------------------------------ */

static void
drop_link(struct exchange *x)
{
    link_close(x->link);
    x->link = NULL;
    buf_consume(&x->input, buf_len(&x->input));
    buf_reset(&x->input);
}

/* The server learns that nobody goes on with it. */
static void
take_leave(struct exchange *x)
{
    if (x->talk == NULL || x->link == NULL || x->protocol->leave == NULL)
        return;
    buf_consume(&x->output, buf_len(&x->output));
    buf_reset(&x->output);
    x->protocol->leave(x->talk, &x->output);
    if (buf_len(&x->output) > 0)
        link_send(x->link, buf_span(&x->output));
}

/* What was begun with the current server is over. */
static void
drop_talk(struct exchange *x)
{
    take_leave(x);
    drop_link(x);
    if (x->talk != NULL)
        x->protocol->end(x->talk);
    x->talk = NULL;
}

static void
on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
exchange_free(struct exchange *x)
{
    drop_talk(x);
    list_remove(&x->node);
    x->all->count--;
    buf_clear(&x->bytes);
    buf_clear(&x->given);
    buf_clear(&x->output);
    buf_clear(&x->input);
    buf_clear(&x->reply.attributes);
    buf_clear(&x->reply.text);
    buf_clear(&x->reply.prompt);
    uv_close((uv_handle_t *)&x->timer, on_timer_closed);
}

static void
put_notes(const struct exchange *x, struct buf *to)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->notes[i].fate != 0)
            aaa_note_put(to, &x->notes[i]);
}

static void
finish(struct exchange *x, enum aaa_outcome outcome)
{
    struct message m = {.type = MSG_AAA_RESULT};
    struct buf notes;

    buf_init(&notes, PIPE_MESSAGE_MAX);
    put_notes(x, &notes);
    m.aaa_result.request = request_of(x)->request;
    m.aaa_result.outcome = (uint8_t)outcome;
    if (outcome == AAA_PASS)
        m.aaa_result.attributes = buf_span(&x->reply.attributes);
    if (outcome != AAA_ERROR)
        m.aaa_result.text = buf_span(&x->reply.text);
    m.aaa_result.notes = buf_span(&notes);
    x->all->send(x->all->owner, &m);
    buf_clear(&notes);
    exchange_free(x);
}

/* --- time --------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

/* The next wake-up: in `ms`, or at the deadline if that is sooner. */
static void
wake_in(struct exchange *x, uint64_t ms)
{
    uint64_t now = uv_now(x->all->loop);
    uint64_t left = x->deadline_ms > now ? x->deadline_ms - now : 0;

    if (x->deadline_ms != 0 && left < ms)
        ms = left;
    uv_timer_start(&x->timer, on_timer, ms, 0);
}

/* While the user thinks only the deadline counts. */
static void
wait_for_user(struct exchange *x)
{
    if (x->deadline_ms != 0)
        wake_in(x, UINT64_MAX);
    else
        uv_timer_stop(&x->timer);
}

/* RFC 5080 section 2.2.1: RT = MRT + RAND * MRT; none is long after another. */
static uint64_t
with_jitter(uint32_t ms)
{
    uint64_t range = (uint64_t)ms * 2 / JITTER + 1;
    uint32_t chance;

    random_bytes(NULL, &chance, sizeof(chance));
    return ms - ms / JITTER + chance % range;
}

/* --- one server --------------------------------------------------------- */

static void next_server(struct exchange *x);
static void on_bytes(void *owner);
static void on_lost(void *owner);

static const struct wire_events wire_calls = {on_bytes, on_lost};

static bool
open_link(struct exchange *x)
{
    if (link_open(&x->all->links, &x->servers[x->current], x->protocol->stream,
                  &wire_calls, x, &x->local, &x->link) != OK)
        return false;
    x->notes[x->current].opened += x->protocol->stream && link_is_own(x->link);
    return true;
}

static void
transmit(struct exchange *x)
{
    const struct aaa_server *server = &x->servers[x->current];
    struct aaa_note *note = &x->notes[x->current];

    buf_consume(&x->output, buf_len(&x->output));
    buf_reset(&x->output);
    x->protocol->output(x->talk, uv_now(x->all->loop) - x->begun_ms,
                        &x->output);
    x->sent_us = uv_hrtime() / 1000;
    link_send(x->link, buf_span(&x->output));
    x->tries++;
    note->sent++;
    wake_in(x, with_jitter(server->timeout_ms));
}

/* Of the current server; the next one is asked. */
static void
give_up(struct exchange *x, enum aaa_fate fate)
{
    x->notes[x->current].fate = (uint8_t)fate;
    drop_talk(x);
    x->current++;
    next_server(x);
}

static void
on_no_answer(struct exchange *x)
{
    struct aaa_note *note = &x->notes[x->current];

    note->timeouts++;
    /* A stream loses nothing on the way. */
    if (!x->protocol->stream && x->tries < x->servers[x->current].tries) {
        transmit(x);
        return;
    }
    /* Whether others get answers there nobody knows. */
    link_retire(x->link);
    give_up(x, AAA_SILENT);
}

/* The user is asked: reply->prompt. */
static void
ask(struct exchange *x, enum asked what)
{
    struct message m = {.type = MSG_AAA_ASKED};

    x->asked = what;
    m.aaa_asked.request = request_of(x)->request;
    m.aaa_asked.text = buf_span(&x->reply.text);
    m.aaa_asked.prompt = buf_span(&x->reply.prompt);
    m.aaa_asked.echo = x->reply.echo;
    x->all->send(x->all->owner, &m);
    buf_reset(&x->reply.text);
    buf_reset(&x->reply.prompt);
    x->reply.echo = false;
    wait_for_user(x);
}

static void
take_step(struct exchange *x, enum aaa_step step)
{
    switch (step) {
    case AAA_STEP_WAIT:
        return;
    case AAA_STEP_SEND:
        x->tries = 0;
        if (x->link != NULL || open_link(x)) {
            transmit(x);
            return;
        }
        give_up(x, AAA_UNUSABLE);
        return;
    case AAA_STEP_ASK:
        /* The next datagram has a port of its own. */
        if (!x->protocol->stream)
            drop_link(x);
        ask(x, ANSWER);
        return;
    case AAA_STEP_PASS:
        finish(x, AAA_PASS);
        return;
    case AAA_STEP_FAIL:
        finish(x, AAA_FAIL);
        return;
    case AAA_STEP_NEXT:
        link_retire(x->link);
        give_up(x, x->notes[x->current].fate);
        return;
    }
}

static void
begin_talk(struct exchange *x)
{
    const struct aaa_start start = {
        .request = request_of(x),
        .server = &x->servers[x->current],
        .given =
            buf_len(&x->given) > 0 ? buf_span(&x->given) : request_of(x)->given,
        .local = net_bytes(&x->local),
        .single = link_offers(x->link),
        .random = random_bytes,
    };

    take_step(x, x->protocol->begin(&start, &x->talk));
}

/* Those that nothing can be sent to are passed over. */
static void
next_server(struct exchange *x)
{
    while (x->current < x->count) {
        struct aaa_note *note = &x->notes[x->current];

        x->heard = x->again = false;
        note->server = (uint32_t)x->current;
        note->fate = AAA_LEFT;
        if (open_link(x)) {
            begin_talk(x);
            return;
        }
        note->fate = AAA_UNUSABLE;
        x->current++;
    }
    finish(x, AAA_ERROR);
}

/* --- what happens ------------------------------------------------------- */

static void
on_timer(uv_timer_t *timer)
{
    struct exchange *x = timer->data;

    if (x->deadline_ms != 0 && uv_now(x->all->loop) >= x->deadline_ms)
        finish(x, AAA_ERROR);
    else
        on_no_answer(x);
}

/* A packet, if there is a whole one. False: nothing more is to be read. */
static bool
take_input(struct exchange *x)
{
    struct aaa_note *note = &x->notes[x->current];
    size_t before = buf_len(&x->input);
    uint32_t answers = note->answers;
    enum aaa_step step;

    step = x->protocol->input(x->talk, &x->input, note, &x->reply);
    if (note->answers > answers) {
        x->heard = true;
        note->fate = AAA_ANSWERED;
        note->round_trip_us = uv_hrtime() / 1000 - x->sent_us;
    }
    if (step == AAA_STEP_WAIT)
        return buf_len(&x->input) < before;
    take_step(x, step);
    return false;
}

static void
on_bytes(void *owner)
{
    struct exchange *x = owner;
    struct link *link = x->link;

    for (unsigned i = 0; i < PACKETS_MAX && x->link == link; i++) {
        enum err err = link_receive(link, &x->input);

        if (err == ERR_MORE)
            return;
        if (err != OK) {
            on_lost(x);
            return;
        }
        while (buf_len(&x->input) > 0 && take_input(x))
            continue;
    }
}

/*
 * It may have closed a connection that nobody used, and not have seen what was
 * sent meanwhile (RFC 8907 section 4.3).
 */
static bool
begin_again(struct exchange *x)
{
    if (!link_is_old(x->link) || x->heard || x->again)
        return false;
    x->again = true;
    drop_talk(x);
    if (open_link(x))
        begin_talk(x);
    else
        give_up(x, AAA_UNUSABLE);
    return true;
}

/* The server has closed the connection before it gave an answer. */
static void
on_lost(void *owner)
{
    struct exchange *x = owner;

    /* Nobody else can take an answer to its question. */
    if (x->asked != NOTHING) {
        x->notes[x->current].fate = AAA_UNUSABLE;
        finish(x, AAA_ERROR);
        return;
    }
    if (!begin_again(x))
        give_up(x, AAA_UNUSABLE);
}

/* --- requests ----------------------------------------------------------- */

static const struct server_protocol *
protocol_of(uint8_t number)
{
    switch (number) {
    case AAA_RADIUS:
        return &radius_protocol;
    case AAA_TACACS:
        return &tacacs_protocol;
    default:
        return NULL;
    }
}

static bool
read_servers(struct exchange *x)
{
    struct reader r = reader_over(request_of(x)->servers);

    while (read_ok(&r) && !read_done(&r)) {
        if (x->count == AAA_SERVERS_MAX)
            return false;
        aaa_server_read(&r, &x->servers[x->count++]);
    }
    return read_ok(&r);
}

static struct exchange *
exchange_new(struct exchanges *all, struct span bytes)
{
    struct exchange *x = alloc_zero(1, sizeof(*x));
    enum err err;

    x->all = all;
    buf_init_secret(&x->bytes, PIPE_MESSAGE_MAX);
    buf_put_span(&x->bytes, bytes);
    err = message_decode(buf_span(&x->bytes), &x->message);
    assert(err == OK); /* it was decoded before */
    buf_init_secret(&x->given, PIPE_MESSAGE_MAX);
    buf_init_secret(&x->output, PIPE_MESSAGE_MAX);
    buf_init_secret(&x->input, INPUT_MAX);
    buf_init(&x->reply.attributes, REPLY_MAX);
    buf_init(&x->reply.text, REPLY_MAX);
    buf_init(&x->reply.prompt, REPLY_MAX);
    x->begun_ms = uv_now(all->loop);
    if (request_of(x)->deadline_ms != 0)
        x->deadline_ms = x->begun_ms + request_of(x)->deadline_ms;
    uv_timer_init(all->loop, &x->timer);
    x->timer.data = x;
    list_append(&all->list, &x->node);
    all->count++;
    return x;
}

bool
exchange_start(struct exchanges *all, struct span bytes)
{
    struct exchange *x = exchange_new(all, bytes);

    x->protocol = protocol_of(request_of(x)->protocol);
    if (x->protocol == NULL || !read_servers(x)) {
        exchange_free(x);
        return false;
    }
    if (all->count > EXCHANGES_MAX) {
        finish(x, AAA_ERROR);
    } else if (request_of(x)->kind == AAA_AUTHENTICATE &&
               x->protocol->wants_proof && !request_of(x)->has_given) {
        buf_put_span(&x->reply.prompt, span_text(QUESTION));
        ask(x, PROOF);
    } else {
        next_server(x);
    }
    return true;
}

static struct exchange *
exchange_find(struct exchanges *all, uint64_t request)
{
    LIST_EACH(node, &all->list)
    {
        struct exchange *x = LIST_ITEM(node, struct exchange, node);

        if (request_of(x)->request == request)
            return x;
    }
    return NULL;
}

void
exchange_continue(struct exchanges *all, const struct msg_aaa_continue *m)
{
    struct exchange *x = exchange_find(all, m->request);
    enum asked asked = x == NULL ? NOTHING : x->asked;

    if (asked == NOTHING)
        return;
    x->asked = NOTHING;
    if (asked == ANSWER) {
        take_step(x, x->protocol->answer(x->talk, m->given, m->text));
    } else if (!m->given) {
        finish(x, AAA_FAIL);
    } else {
        buf_put_span(&x->given, m->text);
        next_server(x);
    }
}

void
exchange_cancel(struct exchanges *all, uint64_t request)
{
    struct exchange *x = exchange_find(all, request);

    if (x != NULL)
        finish(x, AAA_ERROR);
}
