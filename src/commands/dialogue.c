#include "commands/dialogue.h"

#include <inttypes.h>

#include "base/text.h"
#include "commands/answers.h"

#define BLANKS " \t"

static void go_on(struct command *cmd);

static void
on_answer(struct command *cmd, const char *text)
{
    struct dialogue *dialogue = cmd->state;
    const struct question *asked = dialogue->next;
    char answer[CLI_TYPED_MAX + 1];
    struct span typed;

    if (text == NULL)
        return;
    text += strspn(text, BLANKS);
    typed = span_text(text);
    while (typed.len > 0 && strchr(BLANKS, typed.ptr[typed.len - 1]) != NULL)
        typed.len--;
    text_copy_span(answer, sizeof(answer), typed);
    dialogue->next = asked + 1;
    if (!asked->take(cmd, answer))
        dialogue->next = asked;
    go_on(cmd);
}

static void
go_on(struct command *cmd)
{
    const struct dialogue *dialogue = cmd->state;

    if (dialogue->next == NULL)
        return;
    if (dialogue->next->prompt != NULL)
        cmd_ask(cmd, dialogue->next->prompt, ASK_LINE, 0, on_answer);
    else
        dialogue->done(cmd);
}

void
dialogue_begin(struct command *cmd, const struct question *questions,
               void (*done)(struct command *cmd))
{
    struct dialogue *dialogue = cmd->state;

    dialogue->next = questions;
    dialogue->done = done;
    go_on(cmd);
}

void
dialogue_stop(struct command *cmd)
{
    struct dialogue *dialogue = cmd->state;

    dialogue->next = NULL;
    cmd->failed = true;
}

bool
dialogue_number(struct command *cmd, const char *answer, uint32_t low,
                uint32_t high, uint32_t *value)
{
    uint64_t number;

    if (answer[0] == '\0')
        return true;
    if (text_number(span_text(answer), high, &number) != OK || number < low) {
        out(cmd, "%% A decimal number between %" PRIu32 " and %" PRIu32 ".\n",
            low, high);
        return false;
    }
    *value = (uint32_t)number;
    return true;
}

bool
dialogue_yes(struct command *cmd, const char *answer, bool *yes)
{
    enum reply reply = answer[0] == '\0' ? REPLY_NO : answer_reply(answer);

    if (reply == REPLY_UNCLEAR) {
        answer_explain(cmd);
        return false;
    }
    *yes = reply == REPLY_YES;
    return true;
}

bool
dialogue_take_none(struct command *cmd, const char *answer)
{
    if (answer[0] == '\0' || text_equal_nocase(answer, "none"))
        return true;
    out_line(cmd, "%% Invalid option");
    return false;
}

bool
dialogue_take_no(struct command *cmd, const char *answer)
{
    bool yes;

    if (!dialogue_yes(cmd, answer, &yes))
        return false;
    if (yes)
        out_line(cmd, "%% Not supported");
    return !yes;
}
