#include "aaa/radius.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"

#define LOGIN          1 /* Service-Type, RFC 2865 section 5.6 */
#define ADMINISTRATIVE 6
#define ROUNDS_MAX     16 /* challenges of one login */
#define SENT_KEPT      8  /* packets whose answer still counts */
#define ANSWER_MAX     RADIUS_PASSWORD_MAX
#define ECHO_ALLOWED   1 /* Prompt, RFC 2869 section 5.10 */
#define QUESTION       "Password: "

/* One packet on its way. */
struct sent {
    uint8_t id;
    uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
};

struct talk {
    struct aaa_start start;
    struct buf packet; /* an Access-Request, sent again as it is */
    struct sent sent[SENT_KEPT];
    unsigned count; /* of packets that were made */
    unsigned kept;  /* the last ones of them that an answer may be to */
    struct buf given;
    struct buf state; /* of the last challenge, RFC 2865 section 5.24 */
    unsigned rounds;
};

static bool
is_accounting(const struct talk *t)
{
    return t->start.request->kind == AAA_ACCOUNT;
}

/* --- requests ----------------------------------------------------------- */

/* A new identifier and a new authenticator: RFC 5080 section 2.2.1. */
static struct sent *
next_sent(struct talk *t)
{
    const struct sent *last = &t->sent[(t->count + SENT_KEPT - 1) % SENT_KEPT];
    struct sent *sent = &t->sent[t->count % SENT_KEPT];
    uint8_t id = (uint8_t)(last->id + 1);

    if (t->count == 0)
        t->start.random(t->start.random_state, &id, sizeof(id));
    t->count++;
    if (t->kept < SENT_KEPT)
        t->kept++;
    sent->id = id;
    return sent;
}

/* The name that IOS asks about when a privilege is wanted, "$enab15$". */
static void
put_user(struct buf *to, const struct msg_aaa_request *request)
{
    char name[16];

    if (request->service != AAA_ENABLE) {
        radius_put(to, RADIUS_USER_NAME, request->user);
        return;
    }
    snprintf(name, sizeof(name), "$enab%u$", request->privilege);
    radius_put(to, RADIUS_USER_NAME, span_text(name));
}

static enum err
make_access_request(struct talk *t)
{
    const struct msg_aaa_request *request = t->start.request;
    struct span key = t->start.server->key;
    struct sent *sent = next_sent(t);
    struct buf *to = &t->packet;
    enum err err;

    t->start.random(t->start.random_state, sent->authenticator,
                    sizeof(sent->authenticator));
    buf_consume(to, buf_len(to));
    buf_reset(to);
    radius_begin(to, RADIUS_ACCESS_REQUEST, sent->id, sent->authenticator);
    radius_put_signature(to);
    put_user(to, request);
    err = radius_put_password(to, key, buf_span(&t->given));
    radius_put(to, RADIUS_STATE, buf_span(&t->state));
    radius_put_line(to, &t->start);
    radius_put_u32(to, RADIUS_SERVICE_TYPE,
                   request->service == AAA_ENABLE ? ADMINISTRATIVE : LOGIN);
    return err == OK ? radius_seal(to, key) : err;
}

/* Its Acct-Delay-Time changes: each is a packet of its own (RFC 2866 5.2). */
static enum err
make_accounting_request(struct talk *t, uint64_t waited_ms)
{
    static const uint8_t none[RADIUS_AUTHENTICATOR_LEN];
    struct sent *sent = next_sent(t);
    struct buf *to = &t->packet;
    enum err err;

    buf_reset(to);
    radius_begin(to, RADIUS_ACCOUNTING_REQUEST, sent->id, none);
    if (!radius_put_accounting(to, t->start.request, waited_ms))
        return ERR_FORMAT;
    radius_put_line(to, &t->start);
    err = radius_seal(to, t->start.server->key);
    if (err == OK)
        memcpy(sent->authenticator, buf_span(to).ptr + 4,
               sizeof(sent->authenticator));
    return err;
}

/* --- life --------------------------------------------------------------- */

static void
end(void *talk)
{
    struct talk *t = talk;

    buf_clear(&t->packet);
    buf_clear(&t->given);
    buf_clear(&t->state);
    free(t);
}

/* Such a request no server is asked; the user is refused. */
static bool
cannot_be_asked(const struct aaa_start *start)
{
    const struct msg_aaa_request *request = start->request;

    if (request->kind != AAA_AUTHENTICATE)
        return false;
    return start->given.len == 0 || start->given.len > RADIUS_PASSWORD_MAX ||
           (request->service != AAA_ENABLE &&
            (request->user.len == 0 || request->user.len > RADIUS_VALUE_MAX));
}

static enum aaa_step
begin(const struct aaa_start *start, void **talk)
{
    struct talk *t;
    enum err err;

    /* What a user may do was said with the answer that let him in. */
    if (start->request->kind == AAA_AUTHORIZE)
        return AAA_STEP_NEXT;
    if (cannot_be_asked(start))
        return AAA_STEP_FAIL;
    t = alloc_zero(1, sizeof(*t));
    t->start = *start;
    buf_init_secret(&t->packet, RADIUS_PACKET_MAX);
    buf_init_secret(&t->given, ANSWER_MAX);
    buf_init(&t->state, RADIUS_VALUE_MAX);
    buf_put_span(&t->given, start->given);
    err = is_accounting(t) ? make_accounting_request(t, 0)
                           : make_access_request(t);
    if (err != OK) {
        end(t);
        return AAA_STEP_NEXT;
    }
    *talk = t;
    return AAA_STEP_SEND;
}

static void
output(void *talk, uint64_t waited_ms, struct buf *to)
{
    struct talk *t = talk;

    /* What is told again is told with the time it has waited. */
    if (is_accounting(t) && make_accounting_request(t, waited_ms) != OK)
        return;
    buf_put_span(to, buf_span(&t->packet));
}

/* --- answers ------------------------------------------------------------ */

/* The packet that this one may answer; NULL: there is none. */
static const struct sent *
sent_find(const struct talk *t, uint8_t id)
{
    for (unsigned i = 1; i <= t->kept; i++) {
        const struct sent *sent = &t->sent[(t->count - i) % SENT_KEPT];

        if (sent->id == id)
            return sent;
    }
    return NULL;
}

static bool
is_expected(const struct talk *t, uint8_t code)
{
    if (is_accounting(t))
        return code == RADIUS_ACCOUNTING_RESPONSE;
    return code == RADIUS_ACCESS_ACCEPT || code == RADIUS_ACCESS_REJECT ||
           code == RADIUS_ACCESS_CHALLENGE;
}

/*
 * From someone who knows the key. Without a signature the 16 bytes of MD5 in
 * the header prove nothing of an answer to an Access-Request (CVE-2024-3596);
 * nor does anyone have a reason to speak of a proxy's state that we are not.
 */
static bool
is_authentic(const struct talk *t, const struct radius_packet *packet,
             const struct sent *sent)
{
    struct span key = t->start.server->key;
    enum radius_signature signature =
        radius_signature(packet, key, sent->authenticator);
    struct span ignored;

    return radius_is_answer(packet, key, sent->authenticator) &&
           signature != RADIUS_FORGED &&
           (signature == RADIUS_SIGNED || is_accounting(t)) &&
           !radius_find(packet, RADIUS_PROXY_STATE, &ignored);
}

static enum aaa_step
on_accept(const struct radius_packet *packet, struct aaa_note *note,
          struct aaa_reply *reply)
{
    enum err err = radius_take_attributes(packet, &reply->attributes);

    if (err == ERR_FORMAT) {
        note->malformed++;
        buf_reset(&reply->attributes);
        return AAA_STEP_WAIT;
    }
    note->answers++;
    radius_take_text(packet, &reply->text);
    if (err == OK && buf_ok(&reply->attributes))
        return AAA_STEP_PASS;
    buf_reset(&reply->attributes);
    return AAA_STEP_FAIL;
}

/* What he is asked is what the server says. */
static enum aaa_step
on_challenge(struct talk *t, const struct radius_packet *packet,
             struct aaa_note *note, struct aaa_reply *reply)
{
    struct span value = SPAN_EMPTY;

    buf_reset(&t->state);
    note->answers++;
    if (++t->rounds > ROUNDS_MAX)
        return AAA_STEP_FAIL;
    note->challenges++;
    if (radius_find(packet, RADIUS_STATE, &value))
        buf_put_span(&t->state, value);
    radius_take_text(packet, &reply->prompt);
    if (buf_len(&reply->prompt) == 0)
        buf_put_span(&reply->prompt, span_text(QUESTION));
    reply->echo = radius_find(packet, RADIUS_PROMPT, &value) &&
                  value.len == 4 && value.ptr[3] == ECHO_ALLOWED;
    return AAA_STEP_ASK;
}

static enum aaa_step
take_datagram(struct talk *t, struct span datagram, struct aaa_note *note,
              struct aaa_reply *reply)
{
    struct radius_packet packet;
    const struct sent *sent;

    if (radius_parse(datagram, &packet) != OK) {
        note->malformed++;
        return AAA_STEP_WAIT;
    }
    sent = sent_find(t, packet.id);
    if (sent == NULL || !is_expected(t, packet.code)) {
        note->unexpected++;
        return AAA_STEP_WAIT;
    }
    if (!is_authentic(t, &packet, sent)) {
        note->bad++;
        return AAA_STEP_WAIT;
    }
    if (packet.code == RADIUS_ACCESS_ACCEPT)
        return on_accept(&packet, note, reply);
    if (packet.code == RADIUS_ACCESS_CHALLENGE)
        return on_challenge(t, &packet, note, reply);
    note->answers++;
    radius_take_text(&packet, &reply->text);
    return packet.code == RADIUS_ACCOUNTING_RESPONSE ? AAA_STEP_PASS
                                                     : AAA_STEP_FAIL;
}

static enum aaa_step
input(void *talk, struct buf *from, struct aaa_note *note,
      struct aaa_reply *reply)
{
    enum aaa_step step = take_datagram(talk, buf_span(from), note, reply);

    buf_consume(from, buf_len(from));
    return step;
}

static enum aaa_step
answer(void *talk, bool given, struct span text)
{
    struct talk *t = talk;

    if (!given || text.len > ANSWER_MAX)
        return AAA_STEP_FAIL;
    buf_consume(&t->given, buf_len(&t->given));
    buf_put_span(&t->given, text);
    t->kept = 0; /* what was asked before has been answered */
    return make_access_request(t) == OK ? AAA_STEP_SEND : AAA_STEP_NEXT;
}

const struct server_protocol radius_protocol = {
    .wants_proof = true,
    .begin = begin,
    .end = end,
    .output = output,
    .input = input,
    .answer = answer,
};
