/*
 * What the user's keys do: to the line, to the question, to the page that
 * waits, and what control is told of it.
 */
#include "worker/shell_parts.h"

/* --- to control -------------------------------------------------------- */

static void
send_line(struct shell *sh, struct span text, enum line_end end)
{
    struct message m = {.type = MSG_LINE};

    m.line.channel = sh->setup.channel;
    m.line.text = text;
    m.line.end = (uint8_t)end;
    m.line.scrolled = (uint32_t)line_editor_scrolled(sh->editor);
    uplink_send(sh->up, &m);
    sh->state = SHELL_RUNNING;
}

void
keys_answer(struct shell *sh, const struct span *text, bool timed_out)
{
    struct message m = {.type = MSG_ANSWER};

    m.answer.channel = sh->setup.channel;
    m.answer.given = text != NULL;
    m.answer.timed_out = timed_out;
    m.answer.text = text == NULL ? SPAN_EMPTY : *text;
    uplink_send(sh->up, &m);
    if (sh->editor != NULL)
        line_editor_wipe(sh->editor);
    sh->ask_deadline_ms = UINT64_MAX;
    sh->state = SHELL_RUNNING;
}

static void
send_help(struct shell *sh)
{
    struct span text = line_editor_text(sh->editor);
    struct message m = {.type = MSG_LINE_HELP};

    m.line_help.channel = sh->setup.channel;
    m.line_help.text = span_of(text.ptr, line_editor_cursor(sh->editor));
    uplink_send(sh->up, &m);
    sh->state = SHELL_HELPING;
}

static void
send_complete(struct shell *sh)
{
    struct message m = {.type = MSG_LINE_COMPLETE};

    m.line_complete.channel = sh->setup.channel;
    m.line_complete.text = line_editor_text(sh->editor);
    m.line_complete.cursor = (uint32_t)line_editor_cursor(sh->editor);
    uplink_send(sh->up, &m);
    sh->state = SHELL_HELPING;
}

/* --- keys -------------------------------------------------------------- */

void
keys_interrupt(struct shell *sh)
{
    bool ends = show_has_command_end(sh);

    show_drop_output(sh);
    if (sh->interrupted)
        return;
    /* A question that is here already, and not shown yet, is answered by it. */
    sh->interrupted = true;
    if (ends)
        return;
    uplink_send_channel(sh->up, MSG_INTERRUPT, sh->setup.channel);
}

static void
pager_got_key(struct shell *sh, const struct key *key)
{
    enum pager_answer answer = pager_key(&sh->pager, key, &sh->out);

    if (answer == PAGER_SEARCH)
        filter_search(sh);
    if (answer != PAGER_STOP)
        return;
    /* Help ends with its page; a command that goes on is told to stop. */
    if (sh->state != SHELL_RUNNING)
        return;
    /* Whoever has seen enough may still be asked something. */
    if (show_has_command_end(sh))
        show_drop_output(sh);
    else
        keys_interrupt(sh);
}

/* The cursor is in column 0 then. */
static bool
leaves_line(enum line_action action)
{
    return action != LINE_NOTHING && action != LINE_COMPLETE;
}

static void
prompt_got_key(struct shell *sh, const struct key *key)
{
    enum line_action action = line_editor_key(sh->editor, key, &sh->out);
    struct span text = line_editor_text(sh->editor);

    pager_set_column(&sh->pager, leaves_line(action) ||
                                     !line_editor_is_on_line(sh->editor));
    switch (action) {
    case LINE_ENTERED:
        send_line(sh, text, LINE_ENTER);
        break;
    case LINE_LEFT:
        send_line(sh, text, LINE_CTRL_Z);
        break;
    case LINE_ABORTED:
        send_line(sh, SPAN_EMPTY, LINE_CTRL_C);
        break;
    case LINE_HELP:
        send_help(sh);
        break;
    case LINE_COMPLETE:
        send_complete(sh);
        break;
    case LINE_NOTHING:
        break;
    }
}

/* A letter that escapes from commands and streams answers questions. */
static bool
is_escape(const struct shell *sh, const struct key *key)
{
    return sh->escape != 0 && key_is_control(key, sh->escape);
}

/* ASK_KEY: one key, shown if it can be; Enter is an empty answer. */
static void
question_got_single_key(struct shell *sh, const struct key *key)
{
    struct span text = span_of(key->bytes, key->len);

    if (key->code == KEY_CHARACTER && sh->setup.terminal)
        buf_put_span(&sh->out, text);
    buf_put(&sh->out, "\r\n", 2);
    pager_set_column(&sh->pager, true);
    if (key_is_control(key, CONTROL_KEY('C')) || is_escape(sh, key)) {
        keys_answer(sh, NULL, false);
        return;
    }
    if (key_is_control(key, KEY_ENTER))
        text = SPAN_EMPTY;
    else if (key->code != KEY_CHARACTER)
        text = span_text("\033"); /* any key that is no character */
    keys_answer(sh, &text, false);
}

/* ASK_LINES: ^Z ends the text, behind what stands before it. */
static void
answer_last_line(struct shell *sh, struct span line)
{
    struct buf text;
    struct span whole;

    buf_init_secret(&text, line.len + 1);
    buf_put_u8(&text, CONTROL_KEY('Z'));
    buf_put_span(&text, line);
    whole = buf_span(&text);
    keys_answer(sh, &whole, false);
    buf_clear(&text);
}

static void
question_got_key(struct shell *sh, const struct key *key)
{
    static const struct key ctrl_c = {KEY_CONTROL, 1, {CONTROL_KEY('C')}};
    enum line_action action;
    struct span text;

    if (sh->ask == ASK_KEY) {
        question_got_single_key(sh, key);
        return;
    }
    if (is_escape(sh, key))
        key = &ctrl_c;
    action = line_editor_key(sh->editor, key, &sh->out);
    text = line_editor_text(sh->editor);
    pager_set_column(&sh->pager, leaves_line(action) ||
                                     !line_editor_is_on_line(sh->editor));
    if (action == LINE_ENTERED)
        keys_answer(sh, &text, false);
    else if (action == LINE_LEFT && sh->ask == ASK_LINES)
        answer_last_line(sh, text);
    else if (leaves_line(action))
        keys_answer(sh, NULL, false);
}

static bool
takes_keys(const struct shell *sh)
{
    return sh->pager.waiting || sh->state == SHELL_PROMPT ||
           sh->state == SHELL_ASKING;
}

static void
on_key(struct shell *sh, const struct key *key)
{
    if (sh->pager.waiting)
        pager_got_key(sh, key);
    else if (sh->state == SHELL_PROMPT)
        prompt_got_key(sh, key);
    else if (sh->state == SHELL_ASKING)
        question_got_key(sh, key);
}

/*
 * CR, LF and CR LF are one Enter, also when a packet ends between the two.
 * False: the byte is a part of the one before it, or no key. What goes to a
 * stream is left as it was typed, which is why this is done so late.
 */
static bool
fold_line_end(struct shell *sh, uint8_t *byte)
{
    bool after_cr = sh->after_cr;

    /* As if it were not there, between CR and LF too. */
    if (*byte == 0)
        return false;
    sh->after_cr = *byte == '\r';
    if (*byte != '\n')
        return true;
    *byte = '\r';
    return !after_cr;
}

bool
keys_next(struct shell *sh)
{
    struct key key;
    uint8_t byte;

    if (!takes_keys(sh) || buf_len(&sh->typed) == 0 ||
        buf_len(&sh->out) >= SHELL_OUTPUT_HIGH || uplink_is_busy(sh->up))
        return false;
    byte = buf_bytes(&sh->typed)[0];
    buf_consume(&sh->typed, 1);
    sh->typed_used++;
    if (fold_line_end(sh, &byte) && key_decode(&sh->keys, byte, &key))
        on_key(sh, &key);
    return true;
}

bool
keys_end(struct shell *sh)
{
    static const struct key enter = {KEY_CONTROL, 1, {KEY_ENTER}};
    bool on_line = sh->state == SHELL_PROMPT ||
                   (sh->state == SHELL_ASKING && sh->ask != ASK_KEY);

    if (!sh->typed_ended || buf_len(&sh->typed) > 0 || uplink_is_busy(sh->up))
        return false;
    if (sh->pager.waiting) {
        pager_release(&sh->pager, &sh->out);
        return true;
    }
    /* A last line without a line end counts, as in other shells. */
    if (on_line && line_editor_text(sh->editor).len > 0) {
        on_key(sh, &enter);
        return true;
    }
    if (sh->state == SHELL_ASKING) {
        keys_answer(sh, NULL, false);
        return true;
    }
    if (sh->state == SHELL_PROMPT && !sh->end_told) {
        sh->end_told = true;
        uplink_send_channel(sh->up, MSG_INPUT_END, sh->setup.channel);
        sh->state = SHELL_RUNNING;
        return true;
    }
    return false;
}
