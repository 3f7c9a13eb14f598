#include "walk_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ssh/v2/ssh2.h"

#define OUTPUT_FOR_A_SYMBOL 4096 /* bytes, P26 */

static const char *const names[SYM_COUNT] = {
    "KEXINIT",     "KEXINIT_GUESS", "KEX_OK",     "KEX_BAD",  "NEWKEYS",
    "SR_AUTH",     "SR_CONN",       "UA_NONE",    "UA_PW_OK", "UA_PW_NOK",
    "UA_PK_OK",    "UA_PK_NOK",     "UA_SUCCESS", "CH_OPEN",  "CH_REQ_PTY",
    "CH_REQ_EXEC", "CH_DATA",       "CH_ADJ",     "CH_EOF",   "CH_CLOSE",
    "GLOBAL",      "IGNORE",        "DEBUG",      "UNIMPL",   "EXT_INFO",
    "DISCONNECT",  "UNKNOWN",       "ZERO",       "REKEY",
};

const char *
symbol_name(enum symbol symbol)
{
    return names[symbol];
}

void
walk_start(struct walk *w, bool strict, size_t chunk)
{
    *w = (struct walk){
        .alive = true,
        .strict = strict,
        .host_key = "ecdsa-sha2-nistp256",
    };
    fixture_server(&w->f);
    w->f.raw.strict = strict ? RAW_STRICT_V00 : RAW_STRICT_NONE;
    w->f.raw.chunk = chunk;
    buf_init(&w->output, 16 * 1024 * 1024);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        w->slots[i] = -1;
    raw_idents(&w->f.raw);
    w->peer_init = true;
    raw_expect_kexinit(&w->f.raw);
}

void
walk_clear(struct walk *w)
{
    fixture_clear(&w->f);
    buf_clear(&w->output);
}

/* --- what may come --------------------------------------------------- */

/* The peer's side of an exchange runs: KEXINIT is out, NEWKEYS is not. */
static bool
in_exchange(const struct walk *w)
{
    return w->own_init && !w->own_newkeys;
}

static bool
is_noise(enum symbol s)
{
    return s == SYM_IGNORE || s == SYM_DEBUG || s == SYM_UNIMPL;
}

enum fate {
    FATE_LIVES,
    FATE_ENDS, /* by DISCONNECT */
    FATE_GONE, /* our own goodbye */
};

/* The channel that has number 0 at the server; NULL when none has. */
static struct walk_channel *
channel_zero(const struct walk *w)
{
    if (w->slots[0] < 0)
        return NULL;
    return (struct walk_channel *)(uintptr_t)&w->channels[w->slots[0]];
}

static enum fate
fate_of_channel_symbol(const struct walk *w, enum symbol s)
{
    if (!w->is_open)
        return FATE_ENDS;
    if (s == SYM_CH_OPEN)
        return FATE_LIVES;
    if (channel_zero(w) == NULL)
        return FATE_ENDS;
    return s == SYM_CH_DATA && channel_zero(w)->eof_sent ? FATE_ENDS
                                                         : FATE_LIVES;
}

static enum fate
fate_in_exchange(const struct walk *w, enum symbol s)
{
    bool strict_first = w->strict && w->exchanges == 0;

    if (is_noise(s) || s == SYM_ZERO)
        return strict_first ? FATE_ENDS : FATE_LIVES;
    if (s == SYM_KEX_OK)
        return w->value_sent ? FATE_ENDS : FATE_LIVES;
    if (s == SYM_NEWKEYS)
        return w->reply_came ? FATE_LIVES : FATE_ENDS;
    /* What flows over channels does so up to NEWKEYS. */
    if (s == SYM_CH_DATA || s == SYM_CH_ADJ || s == SYM_CH_EOF)
        return fate_of_channel_symbol(w, s);
    return FATE_ENDS;
}

static enum fate
fate_in_phase(const struct walk *w, enum symbol s)
{
    switch (s) {
    case SYM_KEXINIT:
    case SYM_KEXINIT_GUESS:
        return !w->peer_init && w->rekeys >= STORM_MAX ? FATE_ENDS : FATE_LIVES;
    case SYM_SR_AUTH:
        return w->is_open ? FATE_ENDS : FATE_LIVES;
    case SYM_SR_CONN:
        return w->is_open ? FATE_LIVES : FATE_ENDS;
    case SYM_UA_NONE:
    case SYM_UA_PW_OK:
    case SYM_UA_PW_NOK:
    case SYM_UA_PK_OK:
    case SYM_UA_PK_NOK:
        if (w->is_open)
            return FATE_LIVES;
        return w->has_service && w->auth_requests < SSH_AUTH_REQUESTS_MAX
                   ? FATE_LIVES
                   : FATE_ENDS;
    case SYM_GLOBAL:
    case SYM_UNKNOWN:
        return w->is_open ? FATE_LIVES : FATE_ENDS;
    case SYM_EXT_INFO:
        return w->is_first_packet ? FATE_LIVES : FATE_ENDS;
    case SYM_IGNORE:
    case SYM_DEBUG:
    case SYM_UNIMPL:
    case SYM_ZERO:
        return FATE_LIVES;
    case SYM_CH_OPEN:
    case SYM_CH_REQ_PTY:
    case SYM_CH_REQ_EXEC:
    case SYM_CH_DATA:
    case SYM_CH_ADJ:
    case SYM_CH_EOF:
    case SYM_CH_CLOSE:
        return fate_of_channel_symbol(w, s);
    default:
        return FATE_ENDS;
    }
}

static enum fate
fate_of(const struct walk *w, enum symbol s)
{
    if (s == SYM_REKEY)
        return FATE_LIVES;
    if (s == SYM_DISCONNECT)
        return FATE_GONE;
    if (in_exchange(w))
        return fate_in_exchange(w, s);
    if (w->exchanges > 0)
        return fate_in_phase(w, s);
    if (s == SYM_KEXINIT || s == SYM_KEXINIT_GUESS)
        return w->strict && w->noise_before_kexinit ? FATE_ENDS : FATE_LIVES;
    return is_noise(s) ? FATE_LIVES : FATE_ENDS;
}

bool
walk_lives(const struct walk *w, enum symbol symbol)
{
    return fate_of(w, symbol) == FATE_LIVES;
}

/* --- sending --------------------------------------------------------- */

static void
send_kexinit(struct walk *w, bool guesses)
{
    struct raw *raw = &w->f.raw;

    raw->guesses = guesses;
    raw->host_key = guesses ? "rsa-sha2-256,ssh-ed25519" : w->host_key;
    raw_send_kexinit(raw);
    if (guesses)
        send_sample(raw, SSH2_MSG_KEX_INIT);
}

static void
send_key_request(struct walk *w, bool good)
{
    const struct test_key *ed = &keys_of_all_types()[KEY_ED25519];
    struct raw *raw = &w->f.raw;
    struct buf data, signature;
    struct buf *to;

    buf_init(&data, 8192);
    buf_init(&signature, SIGNATURE_MAX);
    buf_put_string(&data, span_of(raw->session_id, raw->session_id_len));
    buf_put_u8(&data, SSH2_MSG_USERAUTH_REQUEST);
    buf_put_text(&data, "lab");
    buf_put_text(&data, "ssh-connection");
    buf_put_text(&data, "publickey");
    buf_put_bool(&data, true);
    buf_put_text(&data, "ssh-ed25519");
    buf_put_string(&data, buf_span(&ed->blob));
    keys_sign(ed, "ssh-ed25519", buf_span(&data), &signature);
    if (!good)
        buf_bytes(&signature)[buf_len(&signature) - 1] ^= 1;
    to = raw_begin(raw, SSH2_MSG_USERAUTH_REQUEST);
    buf_put(to, buf_bytes(&data) + 4 + raw->session_id_len + 1,
            buf_len(&data) - 5 - raw->session_id_len);
    buf_put_string(to, buf_span(&signature));
    buf_clear(&data);
    buf_clear(&signature);
    raw_end(raw);
}

static void
send_pty(struct raw *raw)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_CHANNEL_REQUEST);

    buf_put_u32(to, 0);
    buf_put_text(to, "pty-req");
    buf_put_bool(to, true);
    buf_put_text(to, "vt100");
    for (int i = 0; i < 4; i++)
        buf_put_u32(to, 80);
    buf_put_text(to, "");
    raw_end(raw);
}

void
walk_send(struct walk *w, enum symbol s)
{
    static const uint8_t samples[SYM_COUNT] = {
        [SYM_UA_SUCCESS] = SSH2_MSG_USERAUTH_SUCCESS,
        [SYM_IGNORE] = SSH2_MSG_IGNORE,
        [SYM_DEBUG] = SSH2_MSG_DEBUG,
        [SYM_UNIMPL] = SSH2_MSG_UNIMPLEMENTED,
        [SYM_EXT_INFO] = SSH2_MSG_EXT_INFO,
        [SYM_DISCONNECT] = SSH2_MSG_DISCONNECT,
        [SYM_UNKNOWN] = 192,
    };
    struct raw *raw = &w->f.raw;

    switch (s) {
    case SYM_KEXINIT:
    case SYM_KEXINIT_GUESS:
        send_kexinit(w, s == SYM_KEXINIT_GUESS);
        break;
    case SYM_KEX_OK:
        raw_send_init(raw);
        break;
    case SYM_KEX_BAD:
        buf_put_text(raw_begin(raw, SSH2_MSG_KEX_INIT), "short");
        raw_end(raw);
        break;
    case SYM_NEWKEYS:
        raw_send_number(raw, SSH2_MSG_NEWKEYS);
        break;
    case SYM_SR_AUTH:
    case SYM_SR_CONN:
        send_service_request(raw, s == SYM_SR_AUTH ? "ssh-userauth"
                                                   : "ssh-connection");
        break;
    case SYM_UA_NONE:
        send_auth(raw, "lab", "none");
        break;
    case SYM_UA_PW_OK:
    case SYM_UA_PW_NOK:
        send_password(raw, "lab", s == SYM_UA_PW_OK ? "cisco" : "Cisco");
        break;
    case SYM_UA_PK_OK:
    case SYM_UA_PK_NOK:
        send_key_request(w, s == SYM_UA_PK_OK);
        break;
    case SYM_CH_OPEN:
        send_open(raw, "session", CHANNEL_OURS + w->symbols, 1 << 20, 32768);
        break;
    case SYM_CH_REQ_PTY:
        send_pty(raw);
        break;
    case SYM_CH_REQ_EXEC:
        send_request(raw, 0, "exec", true, "exit 1");
        break;
    case SYM_CH_DATA:
        send_data(raw, 0, span_text("x"));
        break;
    case SYM_CH_ADJ:
        send_adjust(raw, 0, 10);
        break;
    case SYM_CH_EOF:
        send_channel(raw, SSH2_MSG_CHANNEL_EOF, 0);
        break;
    case SYM_CH_CLOSE:
        send_channel(raw, SSH2_MSG_CHANNEL_CLOSE, 0);
        break;
    case SYM_GLOBAL:
        send_global(raw, "keepalive@openssh.com", true);
        break;
    case SYM_REKEY:
        ssh_conn_rekey(w->f.owner.conn);
        raw_take(raw);
        break;
    default:
        send_sample(raw, samples[s]);
        break;
    }
}

/* --- what that does to the model ------------------------------------- */

static void
note_auth(struct walk *w, enum symbol s)
{
    bool good = s == SYM_UA_PW_OK || s == SYM_UA_PK_OK;

    if (w->is_open)
        return; /* P5 */
    w->auth_requests++;
    w->auth_due[(w->auth_first + w->auth_count++) % WALK_MAX] =
        good ? SSH2_MSG_USERAUTH_SUCCESS : SSH2_MSG_USERAUTH_FAILURE;
    w->is_open = good;
}

static void
note_open(struct walk *w)
{
    unsigned last = (w->open_first + w->open_count++) % WALK_MAX;
    size_t slot = 0;

    while (slot < SSH_CHANNELS_MAX && w->slots[slot] >= 0)
        slot++;
    w->opens_due[last].number = CHANNEL_OURS + w->symbols;
    w->opens_due[last].message = slot < SSH_CHANNELS_MAX
                                     ? SSH2_MSG_CHANNEL_OPEN_CONFIRMATION
                                     : SSH2_MSG_CHANNEL_OPEN_FAILURE;
    if (slot < SSH_CHANNELS_MAX)
        w->slots[slot] = (int)w->symbols;
}

static void
note_channel(struct walk *w, enum symbol s)
{
    struct walk_channel *ch = channel_zero(w);

    if (s == SYM_CH_EOF)
        ch->eof_sent = true;
    if ((s == SYM_CH_REQ_PTY || s == SYM_CH_REQ_EXEC) && !ch->peer_closed)
        ch->replies_due++;
    if (s == SYM_CH_CLOSE) {
        ch->closed = true;
        w->slots[0] = -1;
    }
}

static void
note_kexinit(struct walk *w)
{
    if (w->exchanges > 0 && !w->peer_init)
        w->rekeys++;
    w->own_init = true;
}

/* Before it is sent, for its answers come at once. */
static void
note(struct walk *w, enum symbol s)
{
    bool in_phase = w->exchanges > 0 && !in_exchange(w);

    if (s == SYM_REKEY)
        return;
    w->is_first_packet = false;
    if (is_noise(s) && w->exchanges == 0 && !w->own_init)
        w->noise_before_kexinit = true;
    if (s == SYM_KEXINIT || s == SYM_KEXINIT_GUESS)
        note_kexinit(w);
    if (s == SYM_KEX_OK)
        w->value_sent = true;
    w->unimplemented_due = s == SYM_ZERO || s == SYM_UNKNOWN;
    if (!in_phase && s != SYM_CH_EOF)
        return;
    if (s == SYM_SR_AUTH || s == SYM_SR_CONN) {
        w->has_service = true;
        w->services_due++;
    }
    if (s >= SYM_UA_NONE && s <= SYM_UA_PK_NOK)
        note_auth(w, s);
    if (s == SYM_CH_OPEN)
        note_open(w);
    if (s >= SYM_CH_REQ_PTY && s <= SYM_CH_CLOSE)
        note_channel(w, s);
    if (s == SYM_GLOBAL)
        w->globals_due++;
}

/* --- what goes out --------------------------------------------------- */

/* Both sides have changed keys: the exchange is over. */
static void
finish_exchange(struct walk *w)
{
    if (!w->own_newkeys || !w->peer_newkeys)
        return;
    w->own_init = w->peer_init = w->value_sent = w->reply_came = false;
    w->own_newkeys = w->peer_newkeys = false;
    w->exchanges++;
    w->is_first_packet = w->exchanges == 1;
}

/* All that came; true when the last of it was DISCONNECT. */
static bool
drain(struct walk *w)
{
    struct raw *raw = &w->f.raw;
    int message;

    while ((message = raw_next(raw)) != RAW_NOTHING) {
        assert_int_not_equal(message, RAW_GARBAGE);
        buf_put_span(&w->output, raw->payload);
        w->bytes_out += raw->payload.len;
        if (message == SSH2_MSG_DISCONNECT) {
            assert_int_equal(raw_next(raw), RAW_NOTHING); /* P21 */
            return true;
        }
        walk_watch(w, message);
    }
    return false;
}

void
walk_step(struct walk *w, enum symbol s)
{
    struct raw *raw = &w->f.raw;
    enum fate fate = fate_of(w, s);
    bool ended;

    if (!w->alive)
        return;
    assert_true(w->symbols < WALK_MAX);
    if (fate == FATE_LIVES)
        note(w, s);
    w->last_seq = raw->tx.seq;
    walk_send(w, s);
    ended = drain(w);
    assert_int_equal(ended, fate == FATE_ENDS); /* P22 and all the others */
    w->alive = fate == FATE_LIVES;
    assert_int_equal(w->f.owner.closed, !w->alive);
    assert_true(w->bytes_out <= (w->symbols + 2) * OUTPUT_FOR_A_SYMBOL);
    if (w->alive && s == SYM_NEWKEYS) {
        packet_sender_rekey(&raw->tx, &raw->next_out, raw->is_strict);
        w->own_newkeys = true;
    }
    finish_exchange(w);
    assert_int_equal(ssh_conn_keys(w->f.owner.conn).exchanges, w->exchanges);
    if (w->alive && !(w->peer_init && !w->peer_newkeys))
        walk_end(w);
    w->symbols++;
}

/* Nothing is owed while no exchange holds it back. */
void
walk_end(struct walk *w)
{
    assert_int_equal(w->services_due, 0);
    assert_int_equal(w->globals_due, 0);
    assert_int_equal(w->auth_count, 0);
    assert_int_equal(w->open_count, 0);
    assert_false(w->unimplemented_due);
    for (unsigned i = 0; i <= w->symbols; i++) {
        struct walk_channel *ch = &w->channels[i];

        if (!ch->peer_closed)
            assert_int_equal(ch->replies_due, 0);
        if (ch->closed)
            assert_true(ch->peer_closed); /* P16 */
    }
}
