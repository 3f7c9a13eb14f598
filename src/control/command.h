/*
 * What a command's function gets and may call. Functions never block: one
 * that needs an answer asks and returns; one that lasts keeps `struct
 * command` until it calls cmd_done().
 */
#ifndef CONTROL_COMMAND_H
#define CONTROL_COMMAND_H

#include "base/buf.h"
#include "base/history.h"
#include "cli/cli.h"
#include "control/router.h"
#include "control/session.h"

struct shell;
struct command;
struct method_walk; /* method_list.h */

/*
 * `text` NULL: interrupt, time-out (cmd->timed_out), or the end of the session.
 * Borrowed, and wiped after the call.
 */
typedef void (*cmd_answer_fn)(struct command *cmd, const char *text);
/* The user is off the stream: it has ended, or he, or his time, wants it so. */
typedef void (*cmd_detached_fn)(struct command *cmd, enum detach_reason reason);

struct command {
    struct router *router;
    struct config *config; /* router->config; const in spirit for SHOW */
    struct session *session;
    struct shell *shell;
    const struct cli_match *match; /* row, values, `no`; see cli/cli.h */
    struct buf output;             /* shell.c's; use out() and friends */
    bool failed;    /* a `%` error was printed: exit status 1 in exec */
    bool pending;   /* set by cmd_ask() and cmd_wait() */
    bool timed_out; /* why an answer is NULL */
    bool masked;    /* secrets are not shown, whoever asks */
    bool named;     /* a name alone was typed: `transport preferred` */
    struct method_walk *walk; /* stopped when the command ends; NULL: none */
    void *state;              /* the command's own; freed by .free_state */
    void (*free_state)(void *state);
    void (*cancel)(struct command *cmd);    /* on INTERRUPT; may be NULL */
    void (*on_resume)(struct command *cmd); /* see cmd_paused(); may be NULL */
    void (*on_window)(
        struct command *cmd); /* the user's changed; may be NULL */
    /* The user, on a stream, wants one sent to its far end; may be NULL. */
    void (*on_break)(struct command *cmd, unsigned ms);
};

/* Output of the command. Lines end in LF. */
void out(struct command *cmd, const char *format, ...) PRINTF(2, 3);
void out_line(struct command *cmd, const char *format, ...) PRINTF(2, 3);
void out_span(struct command *cmd, struct span text);
/* A line "% ..." that makes the command fail. `format` without the "% ". */
void out_error(struct command *cmd, const char *format, ...) PRINTF(2, 3);

/*
 * Ask and return; `on_answer` is called later, once. What was put out so far
 * is shown first. `limit_s` 0: only exec-timeout limits it.
 */
void cmd_ask(struct command *cmd, const char *prompt, enum ask_kind kind,
             unsigned limit_s, cmd_answer_fn on_answer);
/* What was asked is of no use any more: `on_answer` is called soon. */
void cmd_unask(struct command *cmd);
/*
 * The command goes on after its function returns, until cmd_done(). What it
 * waits for is asked with `cmd` as owner: when the session ends first, the
 * owner is withdrawn from judge.c, aaa_servers.c, keys.c, storage.c, files.c,
 * archive.c, known_hosts.c and tty.c by command.c.
 */
void cmd_wait(struct command *cmd);
/*
 * When the command's function has returned: run these lines one after the
 * other as parts of it, each below a heading; NULL closes the list, which is
 * constant. Those that are no SHOW rows of this user's are left out.
 */
void cmd_run_lines(struct command *cmd, const char *const *lines);
void cmd_done(struct command *cmd);
struct cmd_stream {
    int socket;             /* stays the caller's */
    uint8_t escape;         /* the key that leaves it; 0: there is none */
    unsigned idle_s;        /* no key for so long ends it; 0: nothing does */
    bool idle_output;       /* what it says is as good as a key */
    bool watches;           /* what is typed does not go there */
    const char *break_text; /* that is sent as a break; NULL: none is */
};
/*
 * Join the user's channel to a stream socket, behind what was put out so far,
 * until it ends, or he leaves it; the command waits. When the session or the
 * command ends first, the channel is taken off it.
 */
void cmd_attach(struct command *cmd, const struct cmd_stream *stream,
                cmd_detached_fn on_detached);
/* Take it off: on_detached() is called later, with DETACH_ENDED. */
void cmd_detach(struct command *cmd);
/* The session-timeout of the user's line, as a stream's idle time. */
void cmd_put_session_timeout(const struct command *cmd,
                             struct cmd_stream *stream);
/* Show what was put out so far (commands that last). */
void cmd_flush(struct command *cmd);
/* More than 64 KiB wait for the user: go on when on_resume is called. */
bool cmd_paused(const struct command *cmd);

/*
 * The line's last word names something that does not exist: it is marked as
 * invalid, as a number out of range is, and the command has failed. When the
 * user has answered a question meanwhile, there is no mark.
 */
void cmd_refuse_last_word(struct command *cmd);

/*
 * For the .run of a setting: carry the line out on the configuration, as is
 * done for rows without .run. False: refused, and the user was told why.
 */
bool cmd_apply(struct command *cmd);
/* The line as parsed, for cli_replace_*() and cli_add_line(). */
struct cli_match *cmd_match(struct command *cmd);
/*
 * Ask for further lines, each behind `prompt`, until the row's value is whole;
 * then call `then`. Given up by the user: the command ends, nothing changed.
 */
void cmd_collect(struct command *cmd, const char *prompt,
                 void (*then)(struct command *cmd));

/* Where the user stands, with whose aliases and levels. */
const struct cli_context *shell_context(const struct shell *sh);
/* The user's mode and privilege, for `enable`, `configure`, `exit`, ... */
unsigned shell_privilege(const struct shell *sh);
void shell_set_privilege(struct shell *sh, unsigned privilege);
void shell_set_mode(struct shell *sh, const struct cli_mode *mode);
/* The channel ends when the command is done (`exit`, `logout`). */
void shell_leave(struct shell *sh, unsigned status);
/* terminal length and width; fixed: window changes do not count any more. */
void shell_set_length(struct shell *sh, unsigned length);
void shell_set_width(struct shell *sh, unsigned width);
/* What interrupts a command and leaves a session; 0: nothing does. */
void shell_set_escape(struct shell *sh, unsigned escape);
/* Where files without a device are looked for: "flash:/", also when set to
   NULL. Borrowed. */
const char *shell_directory(const struct shell *sh);
void shell_set_directory(struct shell *sh, const char *directory);
/* How many lines are kept, at most HISTORY_MAX; and what is kept: borrowed. */
void shell_set_history(struct shell *sh, unsigned lines);
const struct history *shell_history(const struct shell *sh);
/* Log lines to this vty. False: it is the console, which has them anyway. */
bool shell_set_monitor(struct shell *sh, bool on);
/* A user's screen. */
struct shell_screen {
    unsigned length, width; /* 0: endless */
    unsigned history;       /* lines kept; 0: none */
    const char *terminal;   /* type that the client named; borrowed */
    struct span modes;      /* of RFC 4254 section 8, as he said; borrowed */
    bool pty;               /* it is a terminal */
    unsigned rows, columns; /* of its window; 0: not known */
    unsigned escape;        /* a byte; 0: none */
};
void shell_screen(const struct shell *sh, struct shell_screen *screen);
/* Leaving configuration mode by any way: %SYS-5-CONFIG_I. */
void shell_log_configured(struct shell *sh);
/*
 * Who is at it, as log lines say it: "console", "lab on console", "lab on
 * vty0 (192.0.2.1)", "vty0 (192.0.2.1)".
 */
#define SHELL_WHO_MAX 160
void shell_who(const struct shell *sh, char who[SHELL_WHO_MAX]);

#endif
