/*
 * One shell between a user and control, both played by the test: what the
 * user sees is text, what control gets are messages.
 */
#ifndef TESTS_WORKER_RIG_H
#define TESTS_WORKER_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "worker/shell.h"

#define RIG_CHANNEL 3
#define MORE        " --More-- "
#define ERASED      "\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b"

struct rig {
    struct uplink up;
    struct pipe *control;
    struct shell *shell;
    struct buf seen; /* taken from the shell, not yet looked at */
    uint64_t now_ms;
    struct message got; /* last message to control; spans borrowed */
};

/* Accepted and told of its terminal: 24 lines of 80, history of 20. */
void rig_init(struct rig *r);
void rig_init_as(struct rig *r, const struct shell_setup *setup);
void rig_clear(struct rig *r);

/* --- the user ------------------------------------------------------------- */

void type_bytes(struct rig *r, const void *bytes, size_t len);
void type(struct rig *r, const char *text);
/* Take what is shown, all of it; compare and forget it. */
void take_output(struct rig *r);
#define assert_seen(r, text)                             \
    do {                                                 \
        take_output(r);                                  \
        assert_string_equal(buf_text(&(r)->seen), text); \
        buf_reset(&(r)->seen);                           \
    } while (0)

/* --- control ---------------------------------------------------------------
 */

void give(struct rig *r, const struct message *m, int fd);
void give_terminal(struct rig *r, uint32_t length, uint32_t width);
void give_output(struct rig *r, const char *text);
/* A memfd with this text. */
void give_file(struct rig *r, const void *text, size_t len);
void give_filter(struct rig *r, enum output_filter kind, const char *pattern);
/* The same, for the line that history keeps. */
void give_prompt_after(struct rig *r, const char *prompt, const char *entered);
void give_prompt(struct rig *r, const char *prompt);
void give_ask(struct rig *r, const char *prompt, enum ask_kind kind,
              uint32_t limit_s);
void give_help(struct rig *r, const char *text);
void give_completed(struct rig *r, const char *line, uint32_t cursor);
void give_log(struct rig *r, const char *line, bool redraw);
void give_attach(struct rig *r, int fd, uint8_t escape);
void give_detach(struct rig *r);
void give_unask(struct rig *r);
void give_exit(struct rig *r, uint32_t status);

/* The next message to control; MSG_NONE when there is none. */
enum message_type receive(struct rig *r);
void assert_line(struct rig *r, const char *text, enum line_end end);
void assert_answer(struct rig *r, const char *text); /* NULL: not given */
void assert_message(struct rig *r, enum message_type type);
/* None, but ACTIVITY, which comes when keys come. */
void assert_silence(struct rig *r);

#endif
