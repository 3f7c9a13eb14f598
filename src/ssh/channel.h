/*
 * One channel: windows, end of file and close. It knows no message formats;
 * it tells what may be sent, what may be received and what is due.
 * RFC 4254 section 5. All sums are 64 bits wide.
 */
#ifndef SSH_CHANNEL_H
#define SSH_CHANNEL_H

#include "base/err.h"
#include "base/span.h"
#include "ssh/conn.h"

#define CHANNEL_WINDOW_START    65536 /* what interactive use is given */
#define CHANNEL_FAST_MS         1000
#define CHANNEL_WINDOW_SEND_MAX UINT32_MAX /* RFC 4254 section 5.2 */
#define CHANNEL_PACKET_MIN      64 /* a smaller maximum is refused (5.6) */
#define CHANNEL_ANSWERS_MAX     16 /* requests not yet answered */

enum channel_state {
    CHANNEL_FREE,
    CHANNEL_OPENING, /* our open is not answered yet */
    CHANNEL_OPEN,
};

/* What a request is about, as far as its failure undoes something. */
enum channel_subject {
    SUBJECT_OTHER,
    SUBJECT_PTY,   /* has_pty */
    SUBJECT_START, /* is_started */
};

/* The answer to one of the peer's requests, in the order of the requests. */
struct channel_answer {
    bool is_due;    /* the owner has not given it yet */
    bool is_wanted; /* the peer wants to know */
    bool ok;
    uint8_t subject; /* enum channel_subject */
};

struct channel {
    enum channel_state state;
    uint32_t number;      /* ours */
    uint32_t peer_number; /* the peer's */

    /* Sending: bytes that may go, and bytes of one packet. */
    uint64_t send_window;
    uint32_t send_packet_max;

    /* Receiving: `left` + `unconsumed` + what is to be granted = `window`. */
    uint32_t window;
    bool window_grows;
    uint32_t left;       /* bytes the peer may still send */
    uint32_t unconsumed; /* received, the owner has them */
    uint64_t granted_ms; /* when the window was opened last */

    bool eof_sent, eof_received;
    bool close_sent;
    bool wants_writable; /* a write was cut short */

    /* Server: what was asked of this session. */
    bool has_pty, is_started, status_sent;
    const char *program; /* what was asked to be started last: "shell", ... */
    struct channel_answer answers[CHANNEL_ANSWERS_MAX]; /* a ring */
    unsigned answer_first, answer_count;
    /* Client: our requests that the peer has not answered. */
    unsigned replies_awaited;
    bool end_told; /* client: exit-status or exit-signal has come */
};

/* `window` in bytes; 0: the start for interactive use, and it grows. */
void channel_init(struct channel *ch, uint32_t number, uint32_t window,
                  uint64_t now_ms);

/* Bytes that one packet may carry now; 0: nothing may be sent. */
size_t channel_sendable(const struct channel *ch);
void channel_sent(struct channel *ch, size_t len);
/* WINDOW_ADJUST; ERR_PROTOCOL when the window would pass 2^32 - 1. */
MUST_CHECK enum err channel_window_add(struct channel *ch, uint32_t len);

/*
 * `len` bytes of data came. ERR_PROTOCOL after end of file, beyond the window
 * or in a packet larger than SSH_CHANNEL_PACKET_MAX; nothing is counted then.
 */
MUST_CHECK enum err channel_received(struct channel *ch, size_t len);
/* The owner is done with `len` of the bytes received. */
void channel_consumed(struct channel *ch, size_t len);
/*
 * How much the window must be opened now, 0 while that can wait: less than
 * half of it is used up. Counts it as granted. A peer that used up that half
 * within CHANNEL_FAST_MS is held up by the window, so it is doubled, up to
 * SSH_CHANNEL_WINDOW.
 */
uint32_t channel_grant(struct channel *ch, uint64_t now_ms);

/*
 * The queue of answers. A full one (channel_answers_full) stops input, so
 * adding never fails.
 */
bool channel_answers_full(const struct channel *ch);
void channel_answer_add(struct channel *ch, struct channel_answer answer);
/*
 * The owner's answer to the oldest request that waits for one. Failure undoes
 * what the request began. ERR_NOT_FOUND: none is due.
 */
MUST_CHECK enum err channel_answer_set(struct channel *ch, bool ok);
/* Whether a program is started here is not decided yet. */
bool channel_awaits_start(const struct channel *ch);
/* Take the next answer that is known; false when there is none. */
bool channel_answer_next(struct channel *ch, struct channel_answer *answer);

#endif
