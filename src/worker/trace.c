#include "worker/trace.h"

#include <stdarg.h>
#include <stdio.h>

#include "os/clock.h"

#define LINES_BURST   1000 /* a login and a short session are 200 */
#define LINES_A_S     200
#define WAITING_MAX   (16 * 1024) /* bytes of lines that control did not take */
#define LEFT_OUT_MS   1000 /* until it is told that lines were left out */
#define LINE_BYTES    384  /* of one, at most */
#define SHOWN_MAX     256  /* bytes of a stranger's text in a line */
#define DEBUG_EVENTS  (DEBUG_SSH | DEBUG_SSH_DETAIL)
#define DEBUG_PACKETS (DEBUG_SSH | DEBUG_SSH_PACKET)
#define DEBUG_ANY     (DEBUG_EVENTS | DEBUG_SSH_PACKET)

/* --- lines -------------------------------------------------------------- */

static void
put_line(struct trace *t, enum trace_head head, struct span text)
{
    buf_put_u8(&t->lines, (uint8_t)head);
    buf_put_string(&t->lines, text);
}

/* What was left out is told where it is missing. */
static void
put_left_out(struct trace *t)
{
    uint32_t left_out = pace_settle(&t->pace);
    char text[48];

    if (left_out == 0)
        return;
    snprintf(text, sizeof(text), "%u more lines left out", left_out);
    put_line(t, TRACE_SSH, span_text(text));
}

static bool
has_room(const struct trace *t)
{
    return buf_len(&t->lines) + LINE_BYTES <= WAITING_MAX;
}

/* One more line; false: it is one too many. */
static bool
may_tell(struct trace *t)
{
    uint64_t now_ms = clock_now_ms();

    if (has_room(t) && pace_take(&t->pace, now_ms)) {
        put_left_out(t);
        return true;
    }
    if (pace_leave_out(&t->pace))
        t->tell_ms = now_ms + LEFT_OUT_MS;
    return false;
}

static void line(struct trace *t, enum trace_head head, const char *format, ...)
    PRINTF(3, 4);

static void
line(struct trace *t, enum trace_head head, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list args;

    if (!may_tell(t))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    put_line(t, head, span_text(text));
}

/* With a stranger's text at its end: control escapes it. */
static void
text_line(struct trace *t, enum trace_head head, const char *before,
          struct span text)
{
    size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    struct buf whole;

    if (!may_tell(t))
        return;
    buf_init(&whole, LINE_BYTES);
    buf_put_span(&whole, span_text(before));
    buf_put(&whole, text.ptr, len);
    put_line(t, head, buf_span(&whole));
    buf_clear(&whole);
}

void
trace_scp(void *owner, bool sent, struct span text)
{
    struct trace *t = owner;

    if (t->kinds & DEBUG_SCP)
        text_line(t, sent ? TRACE_SCP_SENT : TRACE_SCP_RECEIVED,
                  sent ? "send " : "recv ", text);
}

/* --- packets: 12.x in the words of `debug ip ssh`, 15.x in those of packet */

static void
packet_line(struct trace *t, const struct ssh_trace *fact)
{
    const uint32_t *n = fact->numbers;
    bool newer = (t->kinds & DEBUG_SSH_PACKET) != 0;

    switch (fact->type) {
    case SSH_TRACE_BYTES:
        line(t, TRACE_SSH2, "ssh_receive: %u bytes received", n[0]);
        break;
    case SSH_TRACE_LENGTH:
        line(t, TRACE_SSH2,
             newer ? "input: total packet length of %u bytes"
                   : "input: packet len %u",
             n[0]);
        break;
    case SSH_TRACE_PARTIAL:
        line(t, TRACE_SSH2,
             newer ? "partial packet length(block size)%u bytes,needed %u "
                     "bytes, maclen %u"
                   : "partial packet %u, need %u, maclen %u",
             n[0], n[1], n[2]);
        break;
    case SSH_TRACE_MAC_OK:
        line(t, TRACE_SSH2, newer ? "MAC compared for #%u :ok" : "MAC #%u ok",
             n[0]);
        break;
    case SSH_TRACE_PADDING:
        line(t, TRACE_SSH2,
             newer ? "input: padlength %u bytes" : "input: padlen %u", n[0]);
        break;
    case SSH_TRACE_RECEIVED:
        if (t->kinds & DEBUG_SSH)
            line(t, TRACE_SSH2, "received packet type %u", n[0]);
        break;
    case SSH_TRACE_SENT:
        line(t, TRACE_SSH2,
             newer ? "send:packet of  length %u (length also includes padlen "
                     "of %u)"
                   : "send: len %u (includes padlen %u)",
             n[0], n[1]);
        break;
    case SSH_TRACE_MAC_MADE:
        line(t, TRACE_SSH2,
             newer ? "done calculated MAC out #%u" : "done calc MAC out #%u",
             n[0]);
        break;
    case SSH_TRACE_NEW_KEYS:
        line(t, TRACE_SSH2, "newkeys: mode %u", n[0]);
        break;
    default: /* SSH_TRACE_SIGNATURE */
        line(t, TRACE_SSH2, "signature length %u", n[0]);
        break;
    }
}

/* --- events ------------------------------------------------------------- */

static void
choice_line(struct trace *t, const struct ssh_trace *fact)
{
    const char *way =
        fact->numbers[0] == 0 ? "client->server" : "server->client";

    if (t->kinds & DEBUG_SSH_DETAIL)
        line(t, TRACE_SSH2_KEX, "kex: %s enc:%s mac:%s", way, fact->name,
             fact->other);
    else
        line(t, TRACE_SSH2_ALL, "kex: %s %s %s none", way, fact->name,
             fact->other);
}

/* What the words of 12.x have no line for. */
static void
detail_line(struct trace *t, const struct ssh_trace *fact)
{
    if ((t->kinds & DEBUG_SSH_DETAIL) == 0)
        return;
    if (fact->type == SSH_TRACE_METHOD)
        line(t, TRACE_SSH2, "Using kex_algo = %s", fact->name);
    else
        line(t, TRACE_SSH2, "Using method = %s", fact->name);
}

/* Of keys and logins. */
static void
login_line(struct trace *t, const struct ssh_trace *fact)
{
    switch (fact->type) {
    case SSH_TRACE_MESSAGE_SENT:
        line(t, TRACE_SSH2, "%s sent", fact->name);
        break;
    case SSH_TRACE_MESSAGE_RECEIVED:
        line(t, TRACE_SSH2, "%s received", fact->name);
        break;
    case SSH_TRACE_EXPECTING:
        line(t, TRACE_SSH2, "expecting %s", fact->name);
        break;
    case SSH_TRACE_WAITING:
        line(t, TRACE_SSH2, "waiting for %s", fact->name);
        break;
    case SSH_TRACE_CHOSEN:
        choice_line(t, fact);
        break;
    case SSH_TRACE_DERIVED:
        line(t, TRACE_SSH2_ALL, "kex_derive_keys complete");
        break;
    default: /* SSH_TRACE_METHOD, SSH_TRACE_PROOF */
        detail_line(t, fact);
        break;
    }
}

/* Version 1 has the same line with another word. */
static void
terminal_line(struct trace *t, const uint32_t *n)
{
    bool old = ssh_conn_version(t->ssh) == 1;
    const char *rows = old ? "length" : "height";

    line(t, old ? TRACE_SSH : TRACE_SSH2,
         "setting TTY - requested: %s %u, width %u; set: %s %u, width %u", rows,
         n[0], n[1], rows, n[2], n[3]);
}

static void
end_line(struct trace *t, const struct ssh_trace *fact)
{
    /* 0x0A: too many wrong passwords; for all else there is one number. */
    unsigned code =
        fact->numbers[0] == SSH_REASON_NO_MORE_AUTH_METHODS ? 0x0a : 0;

    if (code == 0 && fact->numbers[1] == 0)
        line(t, TRACE_SSH, "Session terminated normally");
    else
        line(t, TRACE_SSH, "Session disconnected - error 0x%02X", code);
}

static void
session_line(struct trace *t, const struct ssh_trace *fact)
{
    bool old = t->ssh != NULL && ssh_conn_version(t->ssh) == 1;
    enum trace_head head = old ? TRACE_SSH : TRACE_SSH2;

    switch (fact->type) {
    case SSH_TRACE_IDENT_SENT:
        text_line(t, TRACE_SSH, "sent protocol version id ", fact->text);
        break;
    case SSH_TRACE_IDENT_RECEIVED:
        text_line(t, TRACE_SSH, "protocol version id is - ", fact->text);
        break;
    case SSH_TRACE_PEER_DEBUG:
        text_line(t, head, "debug message: ", fact->text);
        break;
    case SSH_TRACE_LOGGED_IN:
        text_line(t, head,
                  fact->text.len > 0 ? "authentication successful for "
                                     : "authentication successful",
                  fact->text);
        break;
    case SSH_TRACE_TERMINAL:
        terminal_line(t, fact->numbers);
        break;
    case SSH_TRACE_CHANNEL:
        line(t, head, "channel open request");
        break;
    case SSH_TRACE_REQUEST:
        line(t, head, "%s request", fact->name);
        break;
    case SSH_TRACE_PROGRAM:
        line(t, head, "%s message received", fact->name);
        break;
    case SSH_TRACE_STARTED:
        line(t, head, "starting %s for vty", fact->name);
        break;
    default: /* SSH_TRACE_ENDED */
        end_line(t, fact);
        break;
    }
}

/* Of version 1 alone. */
static void
old_line(struct trace *t, const struct ssh_trace *fact)
{
    const uint32_t *n = fact->numbers;

    switch (fact->type) {
    case SSH_TRACE_MESSAGE:
        line(t, TRACE_SSH, "%s msg", fact->name);
        break;
    case SSH_TRACE_SESSION_KEY:
        line(t, TRACE_SSH, "SSH_CMSG_SESSION_KEY msg - length %u, type 0x%02X",
             n[0], n[1]);
        break;
    case SSH_TRACE_DECRYPTING:
        line(t, TRACE_SSH_ALL, "RSA decrypt started");
        break;
    case SSH_TRACE_DECRYPTED:
        /* The one layer, and the other. */
        line(t, TRACE_SSH_ALL, "RSA decrypt finished");
        line(t, TRACE_SSH_ALL, "RSA decrypt started");
        line(t, TRACE_SSH_ALL, "RSA decrypt finished");
        break;
    case SSH_TRACE_CONFIRMING:
        line(t, TRACE_SSH, "sending encryption confirmation");
        break;
    case SSH_TRACE_ENCRYPTED:
        line(t, TRACE_SSH, "keys exchanged and encryption on");
        break;
    case SSH_TRACE_USER:
        text_line(t, TRACE_SSH, "authentication request for userid ",
                  fact->text);
        break;
    case SSH_TRACE_WRONG:
        text_line(t, TRACE_SSH, "password authentication failed for ",
                  fact->text);
        break;
    case SSH_TRACE_TTY_REQUEST:
        line(t, TRACE_SSH, "requesting TTY");
        break;
    default: /* SSH_TRACE_INVALID */
        line(t, TRACE_SSH, "invalid request - 0x%02X", n[0]);
        break;
    }
}

static void
old_message_line(struct trace *t, const struct ssh_trace *fact)
{
    bool sent = fact->type == SSH_TRACE_MESSAGE_SENT;

    line(t, TRACE_SSH, "%s message %s", fact->name, sent ? "sent" : "received");
}

static bool
is_within(const struct ssh_trace *fact, enum ssh_trace_type first,
          enum ssh_trace_type last)
{
    return fact->type >= first && fact->type <= last;
}

static void
on_fact(void *owner, const struct ssh_trace *fact)
{
    struct trace *t = owner;

    if (is_within(fact, SSH_TRACE_BYTES, SSH_TRACE_SIGNATURE)) {
        if (t->kinds & DEBUG_PACKETS)
            packet_line(t, fact);
        return;
    }
    if ((t->kinds & DEBUG_EVENTS) == 0)
        return;
    if (is_within(fact, SSH_TRACE_MESSAGE, SSH_TRACE_INVALID))
        old_line(t, fact);
    else if (is_within(fact, SSH_TRACE_IDENT_SENT, SSH_TRACE_ENDED) ||
             is_within(fact, SSH_TRACE_CHANNEL, SSH_TRACE_PROGRAM))
        session_line(t, fact);
    else if (ssh_conn_version(t->ssh) == 1)
        old_message_line(t, fact);
    else
        login_line(t, fact);
}

/* --- life --------------------------------------------------------------- */

void
trace_init(struct trace *t, struct uplink *up, unsigned kinds)
{
    *t = (struct trace){.up = up, .kinds = kinds};
    pace_init(&t->pace, LINES_BURST, LINES_A_S, clock_now_ms());
    buf_init(&t->lines, WAITING_MAX + LINE_BYTES);
}

ssh_trace_fn
trace_listener(const struct trace *t)
{
    return (t->kinds & DEBUG_ANY) != 0 ? on_fact : NULL;
}

void
trace_watch(struct trace *t, struct ssh_conn *ssh)
{
    t->ssh = ssh;
}

void
trace_set(struct trace *t, unsigned kinds)
{
    t->kinds = kinds;
    ssh_conn_set_trace(t->ssh, trace_listener(t), t);
}

void
trace_starting(struct trace *t)
{
    if (t->kinds & DEBUG_EVENTS)
        line(t, TRACE_SSH, "starting SSH control process");
}

uint64_t
trace_deadline(const struct trace *t)
{
    /* Without room, control has to take something first. */
    return t->pace.left_out > 0 && has_room(t) ? t->tell_ms : UINT64_MAX;
}

void
trace_flush(struct trace *t, bool last)
{
    struct message m = {.type = MSG_TRACED};

    if (last || (t->pace.left_out > 0 && clock_now_ms() >= trace_deadline(t)))
        put_left_out(t);
    if (buf_len(&t->lines) == 0 || (!last && pipe_queued(t->up->pipe) > 0))
        return;
    m.traced.lines = buf_span(&t->lines);
    uplink_send(t->up, &m);
    buf_clear(&t->lines);
}
