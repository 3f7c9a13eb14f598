/*
 * One line under a prompt: keys in; the line, and the bytes that keep the
 * screen right, out. It sends no escape sequence (scripts read its echo), and
 * echoes a typed character by that character alone.
 */
#ifndef TERM_LINE_EDITOR_H
#define TERM_LINE_EDITOR_H

#include "base/buf.h"
#include "base/history.h"
#include "term/key.h"

#define LINE_COMMAND_MAX 254  /* bytes of a command or an answer, as in IOS */
#define LINE_RAW_MAX     1024 /* bytes of one line of text (banner, PEM) */
#define LINE_PROMPT_MAX  1024 /* bytes of a prompt */

enum line_kind {
    LINE_COMMAND,  /* `?`, Tab and history */
    LINE_QUESTION, /* an answer: `?` is a character */
    LINE_SECRET,   /* not echoed; only rubbing out is offered */
    LINE_RAW,      /* as a question, but longer, and Tab is a character */
};

/* What the key asks of the editor's owner; the line stays until begin. */
enum line_action {
    LINE_NOTHING,
    LINE_ENTERED,  /* Enter */
    LINE_LEFT,     /* ^Z */
    LINE_ABORTED,  /* ^C */
    LINE_HELP,     /* `?`; text up to the cursor counts */
    LINE_COMPLETE, /* Tab */
};

struct line_editor;

/*
 * `history` is borrowed for life, and only read. Free wipes the line.
 */
struct line_editor *line_editor_new(const struct history *history);
void line_editor_free(struct line_editor *e); /* NULL is fine */

/* Without echo neither line nor keys are shown, prompts are (no terminal). */
void line_editor_set_echo(struct line_editor *e, bool echo);
/* Columns of the screen; 0: lines are never cut. Counts from the next key. */
void line_editor_set_width(struct line_editor *e, uint32_t width);

/*
 * An empty line, the old one wiped; show the prompt (copied, cut to
 * LINE_PROMPT_MAX; LF in it becomes CR LF), cursor behind it.
 */
void line_editor_begin(struct line_editor *e, enum line_kind kind,
                       struct span prompt, struct buf *out);
/* One key. Enter, ^Z, ^C and `?` are echoed and leave the cursor in column 0.
 */
enum line_action line_editor_key(struct line_editor *e, const struct key *key,
                                 struct buf *out);

/* Borrowed until the next key. */
struct span line_editor_text(const struct line_editor *e);
size_t line_editor_cursor(const struct line_editor *e); /* bytes */
/* Columns of the line that are scrolled out at the left. */
size_t line_editor_scrolled(const struct line_editor *e);
/* Put another line in its place (completion); not shown yet. */
void line_editor_replace(struct line_editor *e, struct span text,
                         size_t cursor);
/* Cursor to the end, without showing it. */
void line_editor_to_end(struct line_editor *e);
/* Show prompt and line from column 0 on, as after a message in between. */
void line_editor_show(struct line_editor *e, struct buf *out);
/* Does the cursor stand behind anything, seen from the last shown prompt? */
bool line_editor_is_on_line(const struct line_editor *e);
/* Overwrite the line: a secret that was passed on. */
void line_editor_wipe(struct line_editor *e);

#endif
