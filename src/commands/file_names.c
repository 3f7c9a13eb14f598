#include "commands/file_names.h"

#include <errno.h>
#include <stdio.h>

#include "commands/rows.h"

enum file_prompt
file_prompt(const struct command *cmd)
{
    return (enum file_prompt)cmd->config->file_prompt;
}

void
file_failed(struct command *cmd, const char *doing, const char *shown,
            int system_error)
{
    out_line(cmd, "%%Error %s %s (%s)", doing, shown, strerror(system_error));
    cmd->failed = true;
}

bool
file_name_typed(struct command *cmd, const char *typed, const char *doing,
                struct file_name *name)
{
    int reason;

    if (file_name_parse(typed, shell_directory(cmd->shell), name, &reason) ==
        OK)
        return true;
    file_failed(cmd, doing, name->shown, reason);
    return false;
}

bool
file_name_answered(struct command *cmd, const char *answer, const char *doing,
                   struct file_name *name)
{
    char directory[FILE_DEVICE_MAX + 1];
    struct file_name answered;
    int reason;

    snprintf(directory, sizeof(directory), "%s/", name->device);
    if (file_name_parse(
            answer, name->relative ? shell_directory(cmd->shell) : directory,
            &answered, &reason) != OK) {
        file_failed(cmd, doing, answered.shown, reason);
        return false;
    }
    *name = answered;
    return true;
}

void
file_ask(struct command *cmd, const char *what, const char *fallback,
         cmd_answer_fn on_answer)
{
    char prompt[FILE_SHOWN_MAX + 64];

    if (file_prompt(cmd) == FILE_PROMPT_QUIET) {
        on_answer(cmd, "");
        return;
    }
    snprintf(prompt, sizeof(prompt), "%s filename [%s]? ", what, fallback);
    cmd_ask(cmd, prompt, ASK_LINE, 0, on_answer);
}

void
file_ask_key(struct command *cmd, const char *question, cmd_answer_fn on_answer)
{
    if (file_prompt(cmd) == FILE_PROMPT_QUIET)
        on_answer(cmd, "");
    else
        cmd_ask(cmd, question, ASK_KEY, 0, on_answer);
}

void
file_cancel(struct command *cmd)
{
    files_forget(cmd->router, cmd);
    cmd->failed = true;
    cmd_done(cmd);
}

const struct cli_row file_prompt_rows[] = {
    {ROW_SET_CHOICE("file prompt {alert|noisy|quiet}", file_prompt,
                    FILE_PROMPT_ALERT, "Adjust file system parameters",
                    "Prompt level",
                    "Prompt only for destructive file operations",
                    "Always prompt for file operations",
                    "Seldom prompt for file operations")},
    ROWS_END,
};
