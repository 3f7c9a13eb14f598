#include "walk_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
watch_exchange(struct walk *w, int message)
{
    struct raw *raw = &w->f.raw;

    switch (message) {
    case SSH2_MSG_KEXINIT: /* P9 */
        assert_false(w->peer_init);
        w->peer_init = true;
        buf_reset(&raw->peer_init);
        buf_put_span(&raw->peer_init, raw->payload);
        break;
    case SSH2_MSG_KEX_REPLY:
        assert_true(w->peer_init && w->value_sent && !w->reply_came);
        raw_take_reply(raw);
        w->reply_came = true;
        break;
    default: /* P10 */
        assert_int_equal(message, SSH2_MSG_NEWKEYS);
        assert_true(w->reply_came && !w->peer_newkeys);
        raw_take_newkeys(raw);
        w->peer_newkeys = true;
        break;
    }
}

static void
watch_auth(struct walk *w, int message)
{
    struct reader r = raw_fields(&w->f.raw);

    /* P3, P5, P12: one answer each, the right one, in order. */
    assert_true(w->auth_count > 0);
    assert_int_equal(message, w->auth_due[w->auth_first]);
    w->auth_first = (w->auth_first + 1) % WALK_MAX;
    w->auth_count--;
    if (message == SSH2_MSG_USERAUTH_SUCCESS)
        assert_int_equal(++w->successes, 1); /* P4 */
    else                                     /* P13 */
        assert_true(span_is(read_string(&r), OWNER_METHODS));
}

static void
watch_open(struct walk *w, int message)
{
    struct reader r = raw_fields(&w->f.raw);
    uint32_t number = read_u32(&r);

    /* P14 */
    assert_true(w->open_count > 0);
    assert_int_equal(number, w->opens_due[w->open_first].number);
    assert_int_equal(message, w->opens_due[w->open_first].message);
    w->open_first = (w->open_first + 1) % WALK_MAX;
    w->open_count--;
    w->channels[number - CHANNEL_OURS].answered = true;
}

static void
watch_channel(struct walk *w, int message)
{
    struct reader r = raw_fields(&w->f.raw);
    uint32_t number = read_u32(&r);
    struct walk_channel *ch;

    assert_in_range(number, CHANNEL_OURS, CHANNEL_OURS + w->symbols);
    ch = &w->channels[number - CHANNEL_OURS];
    assert_true(ch->answered);
    assert_false(ch->peer_closed); /* P17 */
    switch (message) {
    case SSH2_MSG_CHANNEL_SUCCESS:
    case SSH2_MSG_CHANNEL_FAILURE: /* P15 */
        assert_true(ch->replies_due-- > 0);
        break;
    case SSH2_MSG_CHANNEL_DATA: /* P18 */
        assert_false(ch->peer_eof);
        break;
    case SSH2_MSG_CHANNEL_EOF:
        assert_false(ch->peer_eof);
        ch->peer_eof = true;
        break;
    case SSH2_MSG_CHANNEL_CLOSE:
        ch->peer_closed = true;
        break;
    case SSH2_MSG_CHANNEL_REQUEST: /* P18 */
        assert_int_equal(++ch->statuses, 1);
        break;
    default:
        assert_int_equal(message, SSH2_MSG_CHANNEL_WINDOW_ADJUST);
        break;
    }
}

static void
watch_unimplemented(struct walk *w)
{
    struct reader r = raw_fields(&w->f.raw);

    /* P20, P23 */
    assert_true(w->unimplemented_due);
    assert_int_equal(read_u32(&r), w->last_seq);
    w->unimplemented_due = false;
}

/* One message of the server. */
void
walk_watch(struct walk *w, int message)
{
    /* P8 */
    if (w->peer_init && !w->peer_newkeys)
        assert_true((message >= 1 && message <= 4) ||
                    (message >= 20 && message <= 49));
    if (message >= SSH2_MSG_USERAUTH_FIRST ||
        message == SSH2_MSG_SERVICE_ACCEPT)
        assert_true(w->exchanges > 0 || w->peer_newkeys); /* P1 */
    if (message >= SSH2_MSG_CONNECTION_FIRST)
        assert_int_equal(w->successes, 1); /* P2 */
    if (message == SSH2_MSG_UNIMPLEMENTED)
        watch_unimplemented(w);
    else if (message == SSH2_MSG_SERVICE_ACCEPT) /* P11 */
        assert_true(w->services_due-- > 0);
    else if (message >= SSH2_MSG_CHANNEL_WINDOW_ADJUST)
        watch_channel(w, message);
    else if (message >= SSH2_MSG_CHANNEL_OPEN)
        watch_open(w, message);
    else if (message >= SSH2_MSG_CONNECTION_FIRST) /* P24 */
        assert_true(message == SSH2_MSG_REQUEST_FAILURE &&
                    w->globals_due-- > 0);
    else if (message >= SSH2_MSG_USERAUTH_FIRST)
        watch_auth(w, message);
    else
        watch_exchange(w, message);
}
