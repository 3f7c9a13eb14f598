/*
 * Reverse SSH: the channel of a user whose name, or port, asks for a tty line
 * is joined to that line in place of an EXEC. The line is looked up when he
 * has logged in and asks for a shell or a command; one plain line says why he
 * may not come (status 1).
 */
#ifndef CONTROL_REVERSE_H
#define CONTROL_REVERSE_H

#include "control/command.h"

/* This session is for a line, not for an EXEC. */
bool reverse_is_wanted(const struct session *s);
/*
 * For command_dialogue(): from the look-up to the user's last byte. With an
 * exec request its text, in shell_parts.h's `script`, goes to the device first,
 * with CR behind it.
 */
void reverse_enter(struct command *cmd);
/* `clear line`: whoever is on it, or waits for it, is sent away. */
void reverse_clear(struct router *r, unsigned tty);

enum reverse_take {
    REVERSE_TAKES,       /* his other session tells him when it does */
    REVERSE_WATCHES_NOT, /* no session of this user's watches there */
    REVERSE_IN_USE,      /* by somebody of whom he may not take it */
};
/* `take line`: another session of the same user's watches, and is to write. */
enum reverse_take reverse_take(struct session *s, unsigned tty);

#endif
