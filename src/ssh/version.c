#include "ssh/version.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ssh/protocol.h"

#define LINES_BEFORE_MAX 64          /* a server's, before its "SSH-" */
#define LINE_BEFORE_MAX  1024        /* bytes of one of them */
#define BYTES_BEFORE_MAX (16 * 1024) /* of all */

/*
 * How long a client that may speak both waits for the server's line, to answer
 * in its version. What is no server of SSH may be waiting as well, and so may
 * what tells protocols apart by the client's first bytes: version 2 it is then.
 */
#define SERVER_FIRST_MS 3000

static const char mismatch[] = "Protocol mismatch.\r\n";
static const char differs[] = "Protocol major versions differ.\r\n";

/* The line that is being read. */
struct version {
    char *software; /* owned; of our own line */
    size_t len;
    size_t lines, bytes; /* passed over so far */
    uint64_t wait;       /* timer: until our line goes without the server's */
    uint8_t line[LINE_BEFORE_MAX];
};

/* --- one line -------------------------------------------------------- */

/* Digits at the front, at most three; false for none or more. */
static bool
take_number(struct span *text, unsigned *number)
{
    size_t digits = 0;

    *number = 0;
    while (digits < text->len && text->ptr[digits] >= '0' &&
           text->ptr[digits] <= '9') {
        if (digits == 3)
            return false;
        *number = *number * 10 + (unsigned)(text->ptr[digits] - '0');
        digits++;
    }
    *text = span_of(text->ptr + digits, text->len - digits);
    return digits > 0;
}

static bool
take_char(struct span *text, char wanted)
{
    if (text->len == 0 || text->ptr[0] != (uint8_t)wanted)
        return false;
    *text = span_of(text->ptr + 1, text->len - 1);
    return true;
}

enum err
version_parse(struct span line, enum version_kind *kind)
{
    unsigned major, minor;

    if (line.len < 4 || memcmp(line.ptr, "SSH-", 4) != 0)
        return ERR_FORMAT;
    line = span_of(line.ptr + 4, line.len - 4);
    if (!take_number(&line, &major) || !take_char(&line, '.') ||
        !take_number(&line, &minor) || !take_char(&line, '-'))
        return ERR_FORMAT;
    if (major == 2 && minor == 0)
        *kind = VERSION_2;
    else if (major == 1 && minor == 99)
        *kind = VERSION_BOTH;
    else if (major == 1 && minor >= 5)
        *kind = VERSION_1;
    else
        *kind = VERSION_OTHER;
    return OK;
}

/* --- the exchange as the first protocol of a connection -------------- */

static enum err
refuse(struct ssh_conn *c, enum err err, const char *text)
{
    return ssh_end(c, SSH_REASON_NONE, err, text);
}

/* The highest version of both sides; 0: there is none. */
static unsigned
choose(const struct ssh_conn *c, enum version_kind kind)
{
    unsigned theirs = kind == VERSION_BOTH ? SSH_VERSION_1 | SSH_VERSION_2
                      : kind == VERSION_2  ? SSH_VERSION_2
                      : kind == VERSION_1  ? SSH_VERSION_1
                                           : 0;

    /* A client that could speak 2 with us would; one that says 1.99 does. */
    if (kind == VERSION_BOTH && c->role == SSH_SERVER)
        theirs = SSH_VERSION_2;
    theirs &= c->versions;
    return (theirs & SSH_VERSION_2) != 0 ? SSH_VERSION_2 : theirs;
}

/* In plain text: there is no packet that both sides know. */
static void
refuse_version(struct ssh_conn *c)
{
    if (c->role == SSH_SERVER)
        buf_put(&c->out, differs, sizeof(differs) - 1);
    refuse(c, ERR_REFUSED, "the peer speaks no version that is enabled here");
}

static void
send_ident(struct ssh_conn *c, const char *version)
{
    struct version *v = c->state;
    struct buf ident;

    buf_init(&ident, SSH_IDENT_MAX - 2);
    buf_printf(&ident, "SSH-%s-%s", version, v->software);
    assert(buf_ok(&ident));
    c->own_ident = text_dup(buf_text(&ident));
    buf_put_span(&c->out, buf_span(&ident));
    /* Peers that speak only 1 do not know CR. */
    buf_put_span(&c->out,
                 span_text(strcmp(version, "1.5") == 0 ? "\n" : "\r\n"));
    buf_clear(&ident);
    SSH_TELL(c, SSH_TRACE_IDENT_SENT, .text = span_text(c->own_ident));
}

static void
version_free(struct ssh_conn *c)
{
    struct version *v = c->state;

    free(v->software);
    free(v);
}

/* The line is complete: a version takes over, or the connection ends. */
static void
on_line(struct ssh_conn *c, struct span line)
{
    enum version_kind kind;
    unsigned chosen;
    uint8_t *copy;

    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    copy = alloc_zero(line.len + 1, 1);
    memcpy(copy, line.ptr, line.len);
    c->peer_ident = span_of(copy, line.len);
    SSH_TELL(c, SSH_TRACE_IDENT_RECEIVED, .text = c->peer_ident);
    if (version_parse(line, &kind) != OK) {
        refuse(c, ERR_FORMAT, "malformed identification");
        return;
    }
    chosen = choose(c, kind);
    if (chosen == 0) {
        refuse_version(c);
        return;
    }
    if (c->own_ident == NULL)
        send_ident(c, chosen == SSH_VERSION_1 ? "1.5" : "2.0");
    version_free(c);
    c->state = NULL;
    if (chosen == SSH_VERSION_1)
        ssh1_start(c);
    else
        ssh2_start(c);
}

/* Only servers may send lines before their identification. */
static void
on_line_before(struct ssh_conn *c, struct version *v)
{
    v->bytes += v->len + 1;
    v->len = 0;
    if (++v->lines > LINES_BEFORE_MAX || v->bytes > BYTES_BEFORE_MAX)
        refuse(c, ERR_LIMIT, "too much text before the identification");
}

static bool
could_be_ident(const struct version *v)
{
    return memcmp(v->line, "SSH-", v->len < 4 ? v->len : 4) == 0;
}

static void
take_byte(struct ssh_conn *c, struct version *v, uint8_t byte)
{
    /* The line with its LF is at most 255 bytes, a foreign one 1024. */
    size_t max = could_be_ident(v) ? SSH_IDENT_MAX : LINE_BEFORE_MAX;

    if (byte == '\n' && v->len >= 4 && could_be_ident(v)) {
        on_line(c, span_of(v->line, v->len));
        return;
    }
    if (byte == '\n' && c->role == SSH_CLIENT) {
        on_line_before(c, v);
        return;
    }
    if (byte == '\0' || v->len + 1 >= max) {
        refuse(c, ERR_FORMAT, "malformed identification");
        return;
    }
    v->line[v->len++] = byte;
    if (c->role == SSH_SERVER && !could_be_ident(v)) {
        buf_put(&c->out, mismatch, sizeof(mismatch) - 1);
        refuse(c, ERR_FORMAT, "the peer does not speak SSH");
    }
}

static size_t
version_input(struct ssh_conn *c, uint8_t *in, size_t len)
{
    const struct ssh_protocol *self = c->protocol;
    size_t taken = 0;

    while (taken < len && !c->ended && c->protocol == self)
        take_byte(c, c->state, in[taken++]);
    return taken;
}

static bool
version_no(const struct ssh_conn *c)
{
    (void)c;
    return false;
}

static bool
version_next_event(struct ssh_conn *c, struct ssh_event *event)
{
    (void)c;
    (void)event;
    return false;
}

/* Whoever accepted or made the connection limits the time for all of this. */
static void
version_tick(struct ssh_conn *c)
{
    struct version *v = c->state;

    if (!timer_is_due(&v->wait, c->now_ms, SERVER_FIRST_MS))
        return;
    v->wait = TIMER_OFF;
    c->versions = SSH_VERSION_2;
    send_ident(c, "2.0");
}

static uint64_t
version_deadline(const struct ssh_conn *c)
{
    const struct version *v = c->state;

    return timer_deadline(v->wait, c->now_ms);
}

/* There are no packets yet that could carry it. */
static void
version_put_disconnect(struct ssh_conn *c, enum ssh_reason reason,
                       const char *text)
{
    (void)text;
    (void)reason;
    c->reason = SSH_REASON_NONE;
}

static const struct ssh_protocol version_protocol = {
    .free = version_free,
    .input = version_input,
    .is_blocked = version_no,
    .is_open = version_no,
    .may_end = version_no,
    .next_event = version_next_event,
    .tick = version_tick,
    .deadline = version_deadline,
    .put_disconnect = version_put_disconnect,
};

void
version_start(struct ssh_conn *c, const char *software)
{
    struct version *v = alloc_zero(1, sizeof(*v));
    bool both = c->versions == (SSH_VERSION_1 | SSH_VERSION_2);

    v->software = text_dup(software);
    v->wait = both && c->role == SSH_CLIENT ? TIMER_NEW : TIMER_OFF;
    c->protocol = &version_protocol;
    c->state = v;
    /* A client that may speak 1 answers in the version that the server has. */
    if ((c->versions & SSH_VERSION_1) == 0 || c->role == SSH_SERVER)
        send_ident(c, both                           ? "1.99"
                      : c->versions == SSH_VERSION_1 ? "1.5"
                                                     : "2.0");
}
