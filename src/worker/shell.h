/*
 * The terminal of one user on one channel: what control wants shown, in its
 * order; the line being edited; the pager; what was typed ahead. It knows no
 * command. The owner carries bytes between it and a channel or a descriptor.
 *
 * Limits: `out` holds at most about SHELL_OUTPUT_HIGH and one step's worth,
 * then showing pauses; messages of control wait behind it, and above
 * SHELL_HELD_HIGH bytes of them the owner stops reading from control, which
 * pauses commands in turn. Typed bytes are taken as they come and reported as
 * worked off later, so that the channel's window bounds them.
 */
#ifndef WORKER_SHELL_H
#define WORKER_SHELL_H

#include "worker/uplink.h"

#define SHELL_OUTPUT_HIGH (32 * 1024)
#define SHELL_HELD_HIGH   (256 * 1024)
#define SHELL_TYPED_MAX   (2 * 1024 * 1024) /* the largest channel window */

struct shell;

struct shell_setup {
    uint32_t channel;
    bool terminal;          /* echo and pages; without: prompts, but no echo */
    bool exec;              /* no lines of its own, no pages, no log lines */
    uint32_t columns, rows; /* 0: not given, 80 and 24 */
};

/* `up` is borrowed for life. */
struct shell *shell_new(struct uplink *up, const struct shell_setup *setup,
                        uint64_t now_ms);
void shell_free(struct shell *sh); /* NULL is fine; wipes */
/* Before shell_start(): nothing that is typed is a key, if `raw`. */
void shell_take_bytes(struct shell *sh, bool raw);
/* Control has accepted the channel: messages may be sent for it from now on. */
void shell_start(struct shell *sh, uint64_t now_ms);

/* A message for this channel; `encoded` as received; takes ownership of fd. */
void shell_message(struct shell *sh, const struct message *m,
                   struct span encoded, int fd, uint64_t now_ms);

/* Bytes that the user typed; all are taken, at most SHELL_TYPED_MAX wait. */
void shell_typed(struct shell *sh, struct span bytes, uint64_t now_ms);
/* How many of them were worked off since the last call. */
size_t shell_typed_used(struct shell *sh);
size_t shell_typed_waiting(const struct shell *sh);
/* Nothing more will be typed. */
void shell_typed_end(struct shell *sh, uint64_t now_ms);
/* As if ^C was typed while a command runs (SSH signal INT). */
void shell_interrupt(struct shell *sh);
/* His client asks for a break: for the stream's far end. False: he is on none.
 */
bool shell_break(struct shell *sh, uint32_t ms);
/* The user's window changed; 0: not given. */
void shell_resize(struct shell *sh, uint32_t columns, uint32_t rows);

/* For the user; borrowed until the next call. */
struct span shell_output(const struct shell *sh);
void shell_output_sent(struct shell *sh, size_t len);
/* Go on: there is room, time has passed, or control takes messages again. */
void shell_work(struct shell *sh, uint64_t now_ms);

/* All is shown and control has ended the channel: with this status. */
bool shell_is_finished(const struct shell *sh, uint32_t *status);
/* Bytes of messages that wait to be shown. */
size_t shell_held(const struct shell *sh);

/* shell_work() must be called at this time at the latest. */
uint64_t shell_deadline(const struct shell *sh);

/*
 * The stream that the user is attached to, -1 if there is none, and what to
 * poll it for, 0 for nothing. Call shell_work() when it is ready.
 */
int shell_stream_fd(const struct shell *sh);
short shell_stream_events(const struct shell *sh);
/* Free what is not in use; call it before a long idle. */
void shell_trim(struct shell *sh);

#endif
