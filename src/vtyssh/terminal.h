/*
 * The user's terminal: its modes, its size, and questions on it.
 */
#ifndef VTYSSH_TERMINAL_H
#define VTYSSH_TERMINAL_H

#include <termios.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

struct terminal {
    int ask_fd;     /* where questions are asked; -1: nowhere */
    int signals_fd; /* borrowed */
    int keeper_fd;  /* -1: none was needed */
    bool has_input; /* standard input is a terminal */
    bool is_raw;
    struct termios saved; /* of standard input, or of ask_fd without it */
};

/* Find out what there is, and start the keeper. Before the sandbox. */
void terminal_open(struct terminal *t, int signals_fd);
/* Put the modes back and dismiss the keeper. */
void terminal_close(struct terminal *t);

/*
 * Ask one question and wait for the line. ERR_NOT_FOUND: there is no terminal
 * to ask on. ERR_CLOSED: the user gave up (^C, ^D) or is gone. ERR_LENGTH: more
 * than SECRET_MAX bytes.
 */
MUST_CHECK enum err terminal_ask(struct terminal *t, const char *prompt,
                                 bool echo, struct secret *answer);

/* Every byte as it is typed, from standard input; no effect without one. */
void terminal_set_raw(struct terminal *t);
void terminal_set_back(struct terminal *t);
/* Put the modes back, stop, and go on in the same modes. */
void terminal_suspend(struct terminal *t);
/* 0 and 0 when nobody knows. */
void terminal_size(const struct terminal *t, uint32_t *columns, uint32_t *rows);
/* Append the modes as RFC 4254 section 8 has them; nothing without one. */
void terminal_put_modes(const struct terminal *t, struct buf *to);

#endif
