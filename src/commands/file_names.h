/*
 * What file commands have in common: names taken from the line or asked for,
 * `file prompt`, and how failures read.
 */
#ifndef COMMANDS_FILE_NAMES_H
#define COMMANDS_FILE_NAMES_H

#include "control/command.h"
#include "control/files.h"

/* file prompt {alert|noisy|quiet}: config->file_prompt. */
enum file_prompt {
    FILE_PROMPT_ALERT = 1, /* what is missing, and before files are lost */
    FILE_PROMPT_NOISY,     /* what was given, too */
    FILE_PROMPT_QUIET,     /* nothing; defaults are taken */
};
enum file_prompt file_prompt(const struct command *cmd);

/*
 * "%Error opening flash:/x (No such file or directory)": `doing` is "opening";
 * the command has failed.
 */
void file_failed(struct command *cmd, const char *doing, const char *shown,
                 int system_error);

/* Of a name as typed. False: `doing` it has failed, and the user was told. */
MUST_CHECK bool file_name_typed(struct command *cmd, const char *typed,
                                const char *doing, struct file_name *name);
/*
 * The same for an answer, which names a file on the device of `name`, or in
 * the current directory if no device was typed.
 */
MUST_CHECK bool file_name_answered(struct command *cmd, const char *answer,
                                   const char *doing, struct file_name *name);

/*
 * Ask "Delete filename [x]? ", `fallback` being what stands in the brackets.
 * Not when `file prompt quiet`: then the answer is "" at once.
 */
void file_ask(struct command *cmd, const char *what, const char *fallback,
              cmd_answer_fn on_answer);
/* The same for a key, `question` being whole: "" confirms. */
void file_ask_key(struct command *cmd, const char *question,
                  cmd_answer_fn on_answer);

/* For cmd->cancel: the file work that runs is given up. */
void file_cancel(struct command *cmd);

#endif
