/*
 * `send`: a message to other users' screens, or into the log.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "commands/answers.h"
#include "commands/line_place.h"
#include "commands/rows.h"
#include "control/journal.h"
#include "control/log_about.h"

#define MESSAGE_MAX 4096 /* bytes */
#define SHOWN_MAX   (4 * MESSAGE_MAX + 256)
#define CTRL_Z      0x1a

struct sending {
    bool to_all;
    struct line_place place; /* else */
    struct buf text;
};

static void
free_sending(void *state)
{
    struct sending *sending = state;

    buf_clear(&sending->text);
    free(sending);
}

/* --- delivery ----------------------------------------------------------- */

static void
deliver(struct command *cmd, const struct sending *sending, const char *shown)
{
    struct session *one;

    if (!sending->to_all) {
        /* He may have gone while it was typed. */
        one = line_place_session(cmd, &sending->place);
        if (one != NULL)
            journal_tell(one, shown);
        return;
    }
    LIST_EACH(node, sessions_all(cmd->router))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        if (!s->off_line)
            journal_tell(s, shown);
    }
}

static void
send_message(struct command *cmd)
{
    struct sending *sending = cmd->state;
    char *text = alloc_zero(1, SHOWN_MAX);
    char to[32] = "all terminals";
    struct buf shown;

    if (!sending->to_all)
        snprintf(to, sizeof(to), "tty%u", sending->place.line);
    /* Whatever was typed forges nothing on another screen; one that does not
       fit when it is escaped is cut. */
    (void)log_record_clean(text, SHOWN_MAX, buf_text(&sending->text), true);
    buf_init(&shown, 2 * SHOWN_MAX);
    buf_printf(&shown, "\n\n***\n***\n*** Message from tty%u to %s:\n***\n%s\n",
               cmd->session->line, to, text);
    deliver(cmd, sending, buf_text(&shown));
    buf_clear(&shown);
    free(text);
}

/* --- the dialogue ------------------------------------------------------- */

static void
on_confirmed(struct command *cmd, const char *key)
{
    if (answer_confirms(key))
        send_message(cmd);
}

static void
on_line(struct command *cmd, const char *text)
{
    struct sending *sending = cmd->state;
    bool last = text != NULL && text[0] == CTRL_Z;

    if (text == NULL)
        return;
    buf_printf(&sending->text, "%s%s", buf_len(&sending->text) > 0 ? "\n" : "",
               last ? text + 1 : text);
    if (!buf_ok(&sending->text))
        out_error(cmd, "The message is longer than %u bytes", MESSAGE_MAX);
    else if (last)
        cmd_ask(cmd, "Send message? [confirm]", ASK_KEY, 0, on_confirmed);
    else
        cmd_ask(cmd, "", ASK_LINES, 0, on_line);
}

static void
send_to(struct command *cmd)
{
    struct sending *sending = alloc_zero(1, sizeof(*sending));

    buf_init(&sending->text, MESSAGE_MAX);
    cmd->state = sending;
    cmd->free_state = free_sending;
    sending->to_all = cli_given(cmd->match, "*");
    if (!sending->to_all) {
        if (!line_place_named(cmd, &sending->place))
            return;
        if (line_place_session(cmd, &sending->place) == NULL) {
            out_error(cmd, "Nobody is on line %u", sending->place.line);
            return;
        }
    }
    out_line(cmd, "Enter message, end with CTRL/Z; abort with CTRL/C:");
    cmd_ask(cmd, "", ASK_LINES, 0, on_line);
}

/* --- into the log ------------------------------------------------------- */

static void
send_log(struct command *cmd)
{
    static const char *const mnemonics[] = {
        "USERLOG_EMERG",   "USERLOG_ALERT",  "USERLOG_CRIT", "USERLOG_ERR",
        "USERLOG_WARNING", "USERLOG_NOTICE", "USERLOG_INFO", "USERLOG_DEBUG"};
    unsigned level = LOG_DEBUGGING;

    if (cli_given(cmd->match, "level"))
        level = cli_number(cmd->match, "level");
    log_about(cmd->session);
    journal_message(cmd->router, "SYS", (enum log_level)level, mnemonics[level],
                    "Message from tty%u(user id: %s): %s", cmd->session->line,
                    cmd->session->user, cli_text(cmd->match, "message"));
}

const struct cli_row send_rows[] = {
    GROUP("send", "Send a message to other tty lines"),
    EXEC("send {*|" LINE_PLACE "}", 15, send_to, "All tty lines",
         LINE_PLACE_HELP),
    EXEC("send log [<0-7>:level] LINE:message", 15, send_log,
         "Logging destination", "Severity of the message",
         "The text of the message"),
    ROWS_END,
};
