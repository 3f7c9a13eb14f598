/*
 * One user's command line on one channel: mode, privilege, the command that
 * runs and the question it asks. requests.c calls these for the worker's
 * messages, after it has checked that they are allowed now.
 */
#ifndef CONTROL_SHELL_H
#define CONTROL_SHELL_H

#include "control/session.h"

struct shell;

/*
 * SHELL: REQUEST_REPLY, TERMINAL, banners, then login (console with a login)
 * or the first prompt. EXEC: the commands, one after the other, then EXIT.
 * A channel that has a shell already is a worker's lie: false, nothing done.
 */
MUST_CHECK bool shell_open(struct session *s, const struct msg_shell *m);
MUST_CHECK bool shell_exec(struct session *s, const struct msg_exec *m);

/* Each: false when the message makes no sense now (the worker is ended). */
MUST_CHECK bool shell_on_line(struct session *s, const struct msg_line *m);
MUST_CHECK bool shell_on_help(struct session *s, const struct msg_line_help *m);
MUST_CHECK bool shell_on_complete(struct session *s,
                                  const struct msg_line_complete *m);
MUST_CHECK bool shell_on_answer(struct session *s, const struct msg_answer *m);
MUST_CHECK bool shell_on_interrupt(struct session *s, uint32_t channel);
MUST_CHECK bool shell_on_window(struct session *s, const struct msg_window *m);
MUST_CHECK bool shell_on_shown(struct session *s, uint32_t channel);
MUST_CHECK bool shell_on_activity(struct session *s, uint32_t channel);
MUST_CHECK bool shell_on_idle(struct session *s, uint32_t channel);
MUST_CHECK bool shell_on_input_end(struct session *s, uint32_t channel);
MUST_CHECK bool shell_on_break(struct session *s,
                               const struct msg_stream_break *m);
MUST_CHECK bool shell_on_detached(struct session *s,
                                  const struct msg_detached *m);

/* For the log: the time of `exec-timeout` is over on his line. */
void shell_tell_idle(const struct session *s);

/* The channel, or the whole session, is gone: questions get NULL, all freed. */
void shell_end(struct session *s, uint32_t channel);
void shells_end(struct session *s);

/* The worker took what was queued: paused commands go on. */
void shells_resume(struct session *s);

/* An EXEC was started: somebody is past the login of his line. */
bool shell_is_started(const struct session *s);
/* Each of its shells was told to end, if there is any. */
bool shells_are_over(const struct session *s);
struct shell_screen; /* command.h */
/* The screen of the first EXEC of the line; false: there is none. */
bool shell_first_screen(const struct session *s, struct shell_screen *screen);
/*
 * `clear line` on the console's own terminal: its EXEC ends, and the line
 * waits for RETURN as after `exit`.
 */
void shells_clear_console(struct session *s);

#endif
