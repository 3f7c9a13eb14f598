/*
 * TACACS+: one request at one server, without I/O. Authentication by PAP where
 * the password is there already, else in the server's own words (ASCII, RFC
 * 8907 section 5.4); authorization (6) and accounting (7).
 */
#include <stdlib.h>

#include "aaa/protocol.h"
#include "aaa/tacacs_packet.h"
#include "base/alloc.h"

#define ROUNDS_MAX 32 /* questions of one login */
#define QUESTION   "Password: "
#define TEXT_MAX   4096 /* bytes of a message that are passed on */

struct talk {
    struct aaa_start start;
    struct tacacs_header header; /* of the last packet of ours */
    struct buf packet;           /* the one to be sent */
    bool asking;                 /* the server waits for the user's answer */
    bool broken;                 /* it said more than one thing at a time */
    bool named, proved;          /* what it was told already */
    unsigned rounds;
};

/* --- requests ----------------------------------------------------------- */

static bool
by_pap(const struct aaa_start *start)
{
    return start->request->has_given && start->request->service == AAA_LOGIN;
}

static enum tacacs_type
type_of(const struct msg_aaa_request *request)
{
    if (request->kind == AAA_AUTHENTICATE)
        return TACACS_AUTHENTICATION;
    return request->kind == AAA_AUTHORIZE ? TACACS_AUTHORIZATION
                                          : TACACS_ACCOUNTING;
}

static void
begin_packet(struct talk *t)
{
    buf_consume(&t->packet, buf_len(&t->packet));
    buf_reset(&t->packet);
    tacacs_begin(&t->packet, &t->header);
}

static enum err
make_continue(struct talk *t, struct span text,
              enum tacacs_continue_flags flags)
{
    enum err err;

    t->header.seq = (uint8_t)(t->header.seq + 2);
    t->header.flags = 0;
    begin_packet(t);
    err = tacacs_put_continue(&t->packet, text, flags);
    return err == OK ? tacacs_seal(&t->packet, t->start.server->key) : err;
}

/* Of a command, word by word; what is not names its service itself. */
static bool
is_of_command(const struct msg_aaa_request *request)
{
    struct span ignored;

    return request->arguments.len > 0 &&
           !aaa_argument_find(request->arguments, "service", &ignored);
}

/* An EXEC, where nothing is named (section 8.2). */
static enum err
put_authorization(struct talk *t)
{
    const struct msg_aaa_request *request = t->start.request;
    struct buf arguments;
    enum err err;

    buf_init(&arguments, AAA_ARGUMENTS_MAX + TACACS_FIELD_MAX);
    if (request->arguments.len == 0 || is_of_command(request))
        buf_put_text(&arguments, "service=shell");
    if (request->arguments.len == 0)
        buf_put_text(&arguments, "cmd=");
    buf_put_span(&arguments, request->arguments);
    err = buf_ok(&arguments)
              ? tacacs_put_request(&t->packet, request, buf_span(&arguments))
              : ERR_LENGTH;
    buf_clear(&arguments);
    return err;
}

/* A record says as much of a long command as there is room for. */
static enum err
put_accounting(struct talk *t)
{
    struct reader r = reader_over(t->start.request->arguments);
    struct buf arguments;
    enum err err;

    buf_init(&arguments, AAA_ARGUMENTS_MAX);
    while (read_ok(&r) && !read_done(&r)) {
        struct span one = read_string(&r);

        if (one.len > TACACS_FIELD_MAX)
            one.len = TACACS_FIELD_MAX;
        buf_put_string(&arguments, one);
    }
    err =
        tacacs_put_request(&t->packet, t->start.request, buf_span(&arguments));
    buf_clear(&arguments);
    return err;
}

static enum err
make_first(struct talk *t)
{
    const struct msg_aaa_request *request = t->start.request;
    bool pap = by_pap(&t->start);
    enum err err;

    begin_packet(t);
    if (request->kind == AAA_AUTHORIZE)
        err = put_authorization(t);
    else if (request->kind == AAA_ACCOUNT)
        err = put_accounting(t);
    else
        err = tacacs_put_start(&t->packet, request,
                               pap ? TACACS_PAP : TACACS_ASCII,
                               pap ? t->start.given : SPAN_EMPTY);
    return err == OK ? tacacs_seal(&t->packet, t->start.server->key) : err;
}

/* --- life --------------------------------------------------------------- */

static void
end(void *talk)
{
    struct talk *t = talk;

    buf_clear(&t->packet);
    free(t);
}

/* Nobody has no password. */
static bool
cannot_be_asked(const struct msg_aaa_request *request)
{
    return request->kind == AAA_AUTHENTICATE && request->service == AAA_LOGIN &&
           request->user.len == 0;
}

static enum aaa_step
begin(const struct aaa_start *start, void **talk)
{
    struct talk *t;

    if (cannot_be_asked(start->request))
        return AAA_STEP_FAIL;
    t = alloc_zero(1, sizeof(*t));
    t->start = *start;
    t->header.version = by_pap(start) ? TACACS_VERSION_1 : TACACS_VERSION_0;
    t->header.type = (uint8_t)type_of(start->request);
    t->header.seq = 1;
    t->header.flags = start->single ? TACACS_SINGLE : 0;
    start->random(start->random_state, &t->header.session,
                  sizeof(t->header.session));
    buf_init_secret(&t->packet, TACACS_PACKET_MAX + 1);
    if (make_first(t) != OK) {
        end(t);
        return start->request->kind == AAA_ACCOUNT ? AAA_STEP_NEXT
                                                   : AAA_STEP_FAIL;
    }
    *talk = t;
    return AAA_STEP_SEND;
}

static void
output(void *talk, uint64_t waited_ms, struct buf *to)
{
    struct talk *t = talk;

    (void)waited_ms;
    t->asking = false;
    buf_put_span(to, buf_span(&t->packet));
}

/* Section 5.4.3: a login that nobody goes on with is given up. */
static void
leave(void *talk, struct buf *to)
{
    struct talk *t = talk;

    if (t->asking && make_continue(t, SPAN_EMPTY, TACACS_ABORT) == OK)
        buf_put_span(to, buf_span(&t->packet));
}

/* --- answers to authentication ------------------------------------------ */

static void
take_text(struct span message, struct aaa_reply *reply)
{
    if (message.len > TEXT_MAX)
        message.len = TEXT_MAX;
    buf_put_span(&reply->text, message);
}

/* The last line is the question; what is before it stands above. */
static void
take_question(struct span message, struct aaa_reply *reply)
{
    size_t at;

    if (message.len > TEXT_MAX)
        message.len = TEXT_MAX;
    while (message.len > 0 && (message.ptr[message.len - 1] == '\n' ||
                               message.ptr[message.len - 1] == '\r'))
        message.len--;
    at = message.len;
    while (at > 0 && message.ptr[at - 1] != '\n')
        at--;
    buf_put(&reply->text, message.ptr, at);
    buf_put(&reply->prompt, message.ptr + at, message.len - at);
    if (buf_len(&reply->prompt) == 0)
        buf_put_span(&reply->prompt, span_text(QUESTION));
}

/* The name is the one he came with, and no other that he might give here. */
static enum aaa_step
tell_user(struct talk *t)
{
    if (t->named || t->start.request->user.len == 0)
        return AAA_STEP_FAIL;
    t->named = true;
    return make_continue(t, t->start.request->user, 0) == OK ? AAA_STEP_SEND
                                                             : AAA_STEP_FAIL;
}

static enum aaa_step
ask(struct talk *t, const struct tacacs_reply *said, struct aaa_note *note,
    struct aaa_reply *reply)
{
    const struct msg_aaa_request *request = t->start.request;

    if (by_pap(&t->start)) {
        note->answers--;
        note->unexpected++;
        note->fate = AAA_UNUSABLE;
        return AAA_STEP_NEXT;
    }
    note->challenges++;
    if (++t->rounds > ROUNDS_MAX)
        return AAA_STEP_FAIL;
    if (said->status == TACACS_AUTHEN_GET_USER)
        return tell_user(t);
    if (said->status == TACACS_AUTHEN_GET_PASS && request->has_given &&
        !t->proved) {
        t->proved = true;
        return make_continue(t, t->start.given, 0) == OK ? AAA_STEP_SEND
                                                         : AAA_STEP_FAIL;
    }
    take_question(said->message, reply);
    reply->echo = said->status == TACACS_AUTHEN_GET_DATA &&
                  (said->flags & TACACS_NO_ECHO) == 0;
    t->asking = true;
    return AAA_STEP_ASK;
}

/* RESTART and FOLLOW are a no: sections 5.4.3 and 10.5.3. */
static enum aaa_step
on_authentication(struct talk *t, const struct tacacs_reply *said,
                  struct aaa_note *note, struct aaa_reply *reply)
{
    switch (said->status) {
    case TACACS_AUTHEN_GET_DATA:
    case TACACS_AUTHEN_GET_USER:
    case TACACS_AUTHEN_GET_PASS:
        return ask(t, said, note, reply);
    case TACACS_AUTHEN_PASS:
        take_text(said->message, reply);
        return AAA_STEP_PASS;
    case TACACS_AUTHEN_FAIL:
    case TACACS_AUTHEN_RESTART:
    case TACACS_FOLLOW:
        take_text(said->message, reply);
        return AAA_STEP_FAIL;
    default:
        return AAA_STEP_NEXT;
    }
}

/* --- answers to authorization ------------------------------------------- */

/* A name, and whether it must be obeyed (section 6.1); printable (3.7). */
static bool
is_argument(struct span text, bool *mandatory)
{
    size_t at = 0;

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    while (at < text.len && text.ptr[at] != '=' && text.ptr[at] != '*')
        at++;
    if (at == 0 || at == text.len)
        return false;
    *mandatory = text.ptr[at] == '=';
    /* There is no other service here; the colon is RADIUS'. */
    return !*mandatory || memchr(text.ptr, ':', at) == NULL;
}

static bool
was_asked(const struct msg_aaa_request *request, struct span argument)
{
    struct reader r = reader_over(request->arguments);

    if (span_is(argument, "service=shell"))
        return true;
    while (read_ok(&r) && !read_done(&r))
        if (span_equal(read_string(&r), argument))
            return true;
    return false;
}

/*
 * A command is run as it was typed or not at all: what must be obeyed beyond
 * that, or another command in its place, is a no.
 */
static bool
allows_command(const struct msg_aaa_request *request,
               const struct tacacs_reply *said)
{
    struct tacacs_reply rest = *said;
    struct reader r = reader_over(request->arguments);
    struct span argument;
    bool mandatory;

    while (tacacs_next_argument(&rest, &argument))
        if (!is_argument(argument, &mandatory) ||
            (mandatory && !was_asked(request, argument)))
            return false;
    if (said->status == TACACS_AUTHOR_PASS_ADD)
        return true;
    rest = *said;
    while (read_ok(&r) && !read_done(&r)) {
        struct span wanted = read_string(&r);

        do {
            if (!tacacs_next_argument(&rest, &argument))
                return false;
        } while (!span_equal(wanted, argument));
    }
    return true;
}

/* What he is given; who has asked obeys it, or refuses him. */
static bool
take_arguments(const struct tacacs_reply *said, struct buf *attributes)
{
    struct tacacs_reply rest = *said;
    struct span argument;
    bool mandatory;

    while (tacacs_next_argument(&rest, &argument)) {
        if (!is_argument(argument, &mandatory))
            return false;
        buf_put_string(attributes, argument);
    }
    return buf_ok(attributes);
}

static enum aaa_step
on_authorization(struct talk *t, const struct tacacs_reply *said,
                 struct aaa_reply *reply)
{
    const struct msg_aaa_request *request = t->start.request;
    bool allowed;

    switch (said->status) {
    case TACACS_AUTHOR_PASS_ADD:
    case TACACS_AUTHOR_PASS_REPLACE:
        allowed = is_of_command(request)
                      ? allows_command(request, said)
                      : take_arguments(said, &reply->attributes);
        take_text(said->message, reply);
        return allowed ? AAA_STEP_PASS : AAA_STEP_FAIL;
    case TACACS_AUTHOR_FAIL:
    case TACACS_FOLLOW:
        take_text(said->message, reply);
        return AAA_STEP_FAIL;
    default:
        return AAA_STEP_NEXT;
    }
}

/* --- packets ------------------------------------------------------------ */

/* The packet answers ours: session, number, all of it (hardening 11.4). */
static bool
is_expected(const struct talk *t, struct span bytes)
{
    struct tacacs_header header;

    tacacs_header_read(bytes, &header);
    return header.version == t->header.version &&
           header.type == t->header.type && header.seq == t->header.seq + 1 &&
           header.session == t->header.session &&
           (header.flags & TACACS_UNENCRYPTED) == 0;
}

/* A body under another key is noise: its lengths do not add up. */
static enum aaa_step
take_packet(struct talk *t, uint8_t *packet, size_t len, struct aaa_note *note,
            struct aaa_reply *reply)
{
    struct tacacs_reply said;

    if (tacacs_open(packet, len, t->start.server->key) != OK ||
        tacacs_parse(
            (enum tacacs_type)t->header.type,
            span_of(packet + TACACS_HEADER_LEN, len - TACACS_HEADER_LEN),
            &said) != OK) {
        note->bad++;
        note->fate = AAA_UNUSABLE;
        return AAA_STEP_NEXT;
    }
    note->answers++;
    if (t->header.type == TACACS_AUTHENTICATION)
        return on_authentication(t, &said, note, reply);
    if (t->header.type == TACACS_AUTHORIZATION)
        return on_authorization(t, &said, reply);
    return said.status == TACACS_ACCT_SUCCESS ? AAA_STEP_PASS : AAA_STEP_NEXT;
}

static enum aaa_step
input(void *talk, struct buf *from, struct aaa_note *note,
      struct aaa_reply *reply)
{
    struct talk *t = talk;
    size_t len = 0;
    enum err err = tacacs_packet_len(buf_span(from), &len);
    enum aaa_step step;

    /* It is the user's turn. */
    if (t->asking) {
        t->broken = true;
        buf_consume(from, buf_len(from));
        return AAA_STEP_WAIT;
    }
    if (err == ERR_MORE)
        return AAA_STEP_WAIT;
    if (err != OK || !is_expected(t, buf_span(from))) {
        note->malformed += err != OK;
        note->unexpected += err == OK;
        note->fate = AAA_UNUSABLE;
        return AAA_STEP_NEXT;
    }
    if (buf_len(from) < len)
        return AAA_STEP_WAIT;
    step = take_packet(t, buf_bytes(from), len, note, reply);
    buf_consume(from, len);
    t->broken = buf_len(from) > 0;
    return step;
}

static enum aaa_step
answer(void *talk, bool given, struct span text)
{
    struct talk *t = talk;

    if (t->broken)
        return AAA_STEP_NEXT;
    if (!given)
        return AAA_STEP_FAIL;
    return make_continue(t, text, 0) == OK ? AAA_STEP_SEND : AAA_STEP_FAIL;
}

const struct server_protocol tacacs_protocol = {
    .stream = true,
    .begin = begin,
    .end = end,
    .output = output,
    .input = input,
    .answer = answer,
    .leave = leave,
};
