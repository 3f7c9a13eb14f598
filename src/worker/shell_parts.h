/*
 * What shell.c (life, time, the order of work), shell_show.c (what control
 * wants shown), shell_filter.c (what of it is) and shell_keys.c (what the user
 * types) share.
 */
#ifndef WORKER_SHELL_PARTS_H
#define WORKER_SHELL_PARTS_H

#include "base/list.h"
#include "term/filter.h"
#include "term/line_editor.h"
#include "term/pager.h"
#include "worker/attach.h"
#include "worker/shell.h"

#define PASSED_MAX (64 * 1024) /* bytes that filters let pass */

enum shell_state {
    SHELL_OPENING,  /* control has not accepted the channel yet */
    SHELL_RUNNING,  /* control is at work: keys wait */
    SHELL_PROMPT,   /* a command line is edited */
    SHELL_ASKING,   /* a question is answered */
    SHELL_HELPING,  /* `?` or Tab: the line waits for control */
    SHELL_ATTACHED, /* joined to a stream */
    SHELL_EXITED,
};

/* A message that waits to be shown, or is partly shown. */
struct held {
    struct list node;
    int fd;        /* owned; -1 */
    size_t offset; /* of text or file: shown so far */
    size_t len;
    uint8_t encoded[];
};

struct shell {
    struct uplink *up;
    struct shell_setup setup;
    enum shell_state state;
    uint64_t now_ms;

    struct list held; /* of struct held, oldest first */
    size_t held_bytes;
    bool has_exit;
    uint32_t status;

    struct filter *filter; /* of the command's line; NULL: none */
    struct filter *search; /* typed at ` --More-- `; NULL: none */
    struct buf passed;     /* both, and waits for the pager */
    bool filter_drops;     /* nothing passes, up to the next FILTER */
    bool search_drops;     /* the same, up to the end of the output */
    bool filter_failed;    /* an exec channel's status says so */
    bool pausing;          /* show_next() waits for the next turn */
    struct pager pager;
    struct line_editor *editor; /* NULL until it is needed */
    struct history history;
    uint32_t length, width; /* of the screen, as control or the window says */
    bool fixed_length, fixed_width; /* a new window does not change it */
    bool prompted; /* there was a prompt: paging begins behind it */
    struct buf out;

    enum ask_kind ask;
    struct attach *attach;
    uint32_t stream_idle_s; /* ATTACH's; 0: none */
    bool stream_output;     /* what the stream says counts as well */
    uint64_t stream_since_ms;
    uint64_t held_since_ms; /* the last byte that the stream was given */

    struct buf typed; /* waits; perhaps a password */
    size_t typed_used;
    struct key_decoder keys;
    bool after_cr;     /* the LF of CR LF is no second Enter */
    bool after_escape; /* ^^ x: not a letter */
    uint8_t escape;    /* that key; 0: there is none */
    bool raw;          /* what is typed is no keys */
    bool typed_ended, end_told;
    bool resized;     /* control has not been told the window's new size */
    bool interrupted; /* the running command has been told */

    uint32_t exec_timeout_s; /* 0: none */
    uint64_t idle_since_ms;
    bool idle_told;
    uint64_t ask_deadline_ms; /* UINT64_MAX: none */
    uint64_t activity_ms;     /* when it was last told */
    bool activity_told;
};

/* --- shell_show.c ------------------------------------------------------ */

/* Show the oldest message that waits, or a piece of it; false: not now. */
bool show_next(struct shell *sh);
void show_drop_all(struct shell *sh);
/* Drop output, not the messages behind it: the user wants no more of it. */
void show_drop_output(struct shell *sh);
/* Is the end of the running command among what waits? */
bool show_has_command_end(const struct shell *sh);
/* Sizes of pager and editor follow length, width and what the user may see. */
void show_update_size(struct shell *sh);

/* --- shell_filter.c ---------------------------------------------------- */

/* Show text of a command: how much of it was taken. */
size_t filter_show(struct shell *sh, struct span text);
/* Show what has passed, up to the end of the page; false: nothing waits. */
bool filter_show_passed(struct shell *sh);
/* A new command's filter, in the place of the last one. */
void filter_set(struct shell *sh, enum output_filter what, struct span pattern);
/* The command's text is over: the last of it, and the number of matches. */
void filter_finish(struct shell *sh);
/* The user wants no more of the command's text. */
void filter_drop(struct shell *sh);
/* Behind PAGER_SEARCH. */
void filter_search(struct shell *sh);
/* The output is over, and the search; true: something waits to be shown. */
bool filter_end_search(struct shell *sh);

/* --- shell_keys.c ------------------------------------------------------ */

/* Use one byte of what was typed; false: it must wait. */
bool keys_next(struct shell *sh);
/* Nobody will type any more; false: nothing waits for that. */
bool keys_end(struct shell *sh);
/*
 * Output that waits is dropped, and the command is told, unless it has ended
 * and only its output is left. A question behind that output is answered.
 */
void keys_interrupt(struct shell *sh);
/* The answer to the question, and back to control. `text` NULL: none. */
void keys_answer(struct shell *sh, const struct span *text, bool timed_out);

/* --- shell.c ----------------------------------------------------------- */

/*
 * The user is off the stream, if he was on it, and control is told why: once
 * for each ATTACH.
 */
void shell_detach(struct shell *sh, enum detach_reason reason);

#endif
