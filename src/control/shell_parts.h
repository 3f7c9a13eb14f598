/*
 * What the files of one user's command line share: shell.c (its life),
 * shell_messages.c (what its worker says), command.c (one command, from its
 * line to its end), output.c (what commands print), script.c (an exec request's
 * lines), login.c (the console).
 */
#ifndef CONTROL_SHELL_PARTS_H
#define CONTROL_SHELL_PARTS_H

#include "base/history.h"
#include "control/command.h"
#include "control/config_log.h"
#include "control/files.h"
#include "control/journal.h"
#include "control/shell.h"

#define ANSWER_MAX 1024 /* bytes of an answer; more is cut */

/* A command that runs. Commands see only its first member. */
struct running {
    struct command command;
    struct cli_match match;
    bool matched;              /* `match` is to be cleared */
    bool configured;           /* its line was typed in a configuration mode */
    bool to_exec;              /* typed with ^Z: leaves that mode */
    bool filtered;             /* the worker filters what it prints */
    struct redirect *redirect; /* into a file; NULL: none */
    bool calling;              /* one of its functions is on the stack */
    const char *const *rest;   /* commands to run after it; NULL: none */
    const char *typed;    /* its line, while its function is first called */
    char *line;           /* that, when rights are asked for; owned, or NULL */
    bool began;           /* it is recorded when it ends */
    unsigned level;       /* from which on the command exists */
    struct buf canonical; /* its text for records: no secrets */
    size_t indent, scrolled;     /* as command_line() has them */
    cmd_answer_fn on_answer;     /* the question asked; NULL: none */
    cmd_detached_fn on_detached; /* joined to a stream; NULL: not */
    void (*collected)(struct command *cmd);
    char collect_prompt[CLI_PROMPT_MAX];
    int file; /* memfd of a large output, or -1 */
    uint64_t file_bytes;
    bool cut; /* more came than may go into it */
};

struct shell {
    struct session *session;
    uint32_t channel;
    bool pty;
    char terminal[32]; /* its type, as the client names it; printable */
    struct buf modes;  /* of it, as he encodes them */
    bool exec;         /* an exec request: no prompts, no banners */
    bool started;      /* an EXEC runs: past the login */
    bool left;         /* EXIT was sent; nothing else may follow */
    bool fresh;        /* began, and has shown no prompt yet */
    bool stopped;      /* ended from outside; no other EXEC began yet */
    bool leaving;      /* ends with the command that runs, with `status` */
    bool ending;       /* the channel is gone: nothing can be asked or shown */
    bool input_over;   /* nothing more is typed: a console ends as well */
    unsigned status;
    enum session_cause cause; /* why it is left; NONE: of itself */

    struct cli_context context; /* mode and privilege */
    unsigned rows, columns;     /* the user's window, 0: not given */
    unsigned length, width;     /* as TERMINAL says */
    unsigned escape;            /* 0: none */
    unsigned exec_timeout_s;
    /* By `terminal length` or `width`, or by the line. */
    bool fixed_length, fixed_width;
    struct history history; /* as `show history` prints it: no secrets */
    char *entered; /* for the worker's, with the next prompt; NULL: nothing */
    struct monitor monitor;      /* journal.c: `terminal monitor` */
    struct config_author author; /* config_log.c; of this stay */

    char *directory;            /* of `cd`; NULL: flash:/ */
    struct list connections;    /* connections.c: to other machines */
    struct connection *current; /* of them, on the screen last; NULL: none */
    struct connection *chosen;  /* to be shown by the next command */
    struct running *running;
    size_t queued;       /* bytes that waited for the worker, last time */
    unsigned files;      /* OUTPUT_FILEs that the worker has not shown yet */
    unsigned attached;   /* ATTACHes without their DETACHED */
    unsigned unanswered; /* questions in a row that got no answer */
    struct buf script;   /* exec: the lines that are left */
    bool in_script;      /* script_run() is on the stack */
};

/* --- shell.c ------------------------------------------------------------ */

/* NULL: there is none. */
struct shell *shell_find(struct session *s, uint32_t channel);
/* Back to where an EXEC begins, at this privilege. */
void shell_enter_exec(struct shell *sh, unsigned privilege);
/* The user's window changed; 0 rows or columns mean not given. */
void shell_use_window(struct shell *sh);
/* A screen as the line is configured, and as the user's window is. */
void shell_use_line(struct shell *sh);
/* End the EXEC from outside: whatever runs is given up. */
void shell_stop(struct shell *sh);
void shell_send(struct shell *sh, const struct message *m);
/* Print text that belongs to no command. */
void shell_print(struct shell *sh, struct span text);
void shell_send_terminal(struct shell *sh);
/* A command has ended: prompt, next line of the script, or the end. */
void shell_next(struct shell *sh);
/* Begin an EXEC at the session's privilege; `motd`: not shown yet. */
void shell_start(struct shell *sh, bool motd);
/*
 * A line was entered: the first `open` bytes of it may be kept; what is behind
 * them is a secret.
 */
void shell_remember(struct shell *sh, const char *line, size_t open);
/* The prompt as it would be shown now. */
void shell_prompt(const struct shell *sh, char prompt[CLI_PROMPT_MAX]);

/* --- command.c ---------------------------------------------------------- */

/*
 * Carry out a typed line; `indent`: columns of the prompt before it,
 * `scrolled`: columns of the line that the user does not see at the left.
 */
void command_line(struct shell *sh, const char *line, bool to_exec,
                  size_t indent, size_t scrolled);
/* Run a dialogue of the shell's own, without a row. */
void command_dialogue(struct shell *sh, void (*start)(struct command *cmd));
/* An answer to the question that was asked; NULL: none. */
void command_answer(struct running *run, const char *text, bool timed_out);
/* The user's channel is off its stream. */
void command_detached(struct running *run, enum detach_reason reason);
/* The session ends: tell the command and free it. Nothing is shown. */
void command_abort(struct shell *sh);
struct running *running_of(struct command *cmd);

/* --- output.c ----------------------------------------------------------- */

/* Show what is collected: OUTPUT, or OUTPUT_FILE when it became large. */
void output_show(struct running *run);
void output_clear(struct running *run);
/* The filter of the command's line, from here on; and no more. */
void output_filter(struct running *run);
void output_end_filter(struct running *run);

/* What was printed and not shown is forgotten, or written to a file. */
void output_forget(struct running *run);
void output_write(struct running *run, const struct file_name *name,
                  enum file_how how, file_done_fn done);

/* --- redirect.c --------------------------------------------------------- */

/* False: it cannot be; the user was told, and the command does not run. */
bool redirect_begin(struct running *run);
/* Nothing is to be shown yet. */
bool redirect_keeps(const struct running *run);
/* The command has ended. True: the file is written, then cmd_done() called. */
bool redirect_end(struct running *run);
void redirect_free(struct running *run);

/* --- connections.c ------------------------------------------------------ */

/* The sessions on other machines go with their user. */
void connections_end(struct shell *sh);
/* Before a prompt: which suspended ones have ended. */
void connections_tell(struct shell *sh);
/* A number, or nothing, typed at the prompt of a user with such sessions: true,
   and one is shown, or refused. */
bool connections_typed(struct shell *sh, const char *line);

/* --- script.c ----------------------------------------------------------- */

void script_begin(struct shell *sh, struct span commands);
/* Carry out lines until one takes longer, or the user must catch up. */
void script_run(struct shell *sh);

/* --- login.c ------------------------------------------------------------ */

/* The console's way in: its login if it has one, then an EXEC. */
void login_enter(struct command *cmd);
/* After an EXEC on the console: wait for RETURN, then login_enter(). */
void login_wait(struct command *cmd);

#endif
