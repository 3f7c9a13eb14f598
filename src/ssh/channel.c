#include "ssh/channel.h"

#include <assert.h>

/* --- windows --------------------------------------------------------- */

void
channel_init(struct channel *ch, uint32_t number, uint32_t window,
             uint64_t now_ms)
{
    *ch = (struct channel){
        .number = number,
        .window = window == 0 ? CHANNEL_WINDOW_START : window,
        .window_grows = window == 0,
        .granted_ms = now_ms,
    };
    ch->left = ch->window;
}

size_t
channel_sendable(const struct channel *ch)
{
    uint64_t len = ch->send_window;

    if (ch->state != CHANNEL_OPEN || ch->eof_sent || ch->close_sent)
        return 0;
    if (len > ch->send_packet_max)
        len = ch->send_packet_max;
    return len > SSH_CHANNEL_PACKET_MAX ? SSH_CHANNEL_PACKET_MAX : (size_t)len;
}

void
channel_sent(struct channel *ch, size_t len)
{
    assert(len <= ch->send_window);
    ch->send_window -= len;
}

enum err
channel_window_add(struct channel *ch, uint32_t len)
{
    if (ch->send_window + len > CHANNEL_WINDOW_SEND_MAX)
        return ERR_PROTOCOL;
    ch->send_window += len;
    return OK;
}

enum err
channel_received(struct channel *ch, size_t len)
{
    if (ch->eof_received || len > ch->left || len > SSH_CHANNEL_PACKET_MAX)
        return ERR_PROTOCOL;
    ch->left -= (uint32_t)len;
    ch->unconsumed += (uint32_t)len;
    return OK;
}

void
channel_consumed(struct channel *ch, size_t len)
{
    assert(len <= ch->unconsumed);
    ch->unconsumed -= (uint32_t)len;
}

uint32_t
channel_grant(struct channel *ch, uint64_t now_ms)
{
    uint32_t grant = ch->window - ch->left - ch->unconsumed;

    if (ch->eof_received || ch->close_sent || grant < ch->window / 2)
        return 0;
    if (ch->window_grows && ch->window < SSH_CHANNEL_WINDOW &&
        now_ms - ch->granted_ms < CHANNEL_FAST_MS) {
        grant += ch->window;
        ch->window *= 2;
    }
    ch->granted_ms = now_ms;
    ch->left += grant;
    return grant;
}

/* --- answers --------------------------------------------------------- */

static struct channel_answer *
answer_at(struct channel *ch, unsigned i)
{
    return &ch->answers[(ch->answer_first + i) % CHANNEL_ANSWERS_MAX];
}

bool
channel_answers_full(const struct channel *ch)
{
    return ch->answer_count == CHANNEL_ANSWERS_MAX;
}

void
channel_answer_add(struct channel *ch, struct channel_answer answer)
{
    assert(!channel_answers_full(ch));
    *answer_at(ch, ch->answer_count++) = answer;
}

enum err
channel_answer_set(struct channel *ch, bool ok)
{
    unsigned i = 0;
    struct channel_answer *answer;

    while (i < ch->answer_count && !answer_at(ch, i)->is_due)
        i++;
    if (i == ch->answer_count)
        return ERR_NOT_FOUND;
    answer = answer_at(ch, i);
    answer->is_due = false;
    answer->ok = ok;
    if (!ok && answer->subject == SUBJECT_PTY)
        ch->has_pty = false;
    if (!ok && answer->subject == SUBJECT_START)
        ch->is_started = false;
    return OK;
}

bool
channel_awaits_start(const struct channel *ch)
{
    for (unsigned i = 0; i < ch->answer_count; i++) {
        const struct channel_answer *answer =
            &ch->answers[(ch->answer_first + i) % CHANNEL_ANSWERS_MAX];

        if (answer->is_due && answer->subject == SUBJECT_START)
            return true;
    }
    return false;
}

bool
channel_answer_next(struct channel *ch, struct channel_answer *answer)
{
    if (ch->answer_count == 0 || answer_at(ch, 0)->is_due)
        return false;
    *answer = *answer_at(ch, 0);
    ch->answer_first = (ch->answer_first + 1) % CHANNEL_ANSWERS_MAX;
    ch->answer_count--;
    return true;
}
