/*
 * Files that go, move, or get a place: `delete`, `rename`, `mkdir`, `rmdir`.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/file_names.h"
#include "commands/rows.h"

/* What the questions and the work are about. */
struct change {
    struct file_name name, to;
    const char *doing; /* "deleting": what a failure says */
    const char *done;  /* "Created dir": what success says; NULL: nothing */
    bool forced, recursive;
};

/* The name on the line, or the device alone: its file is asked for. */
static struct change *
change_begin(struct command *cmd, const char *typed, const char *doing)
{
    struct change *change = alloc_zero(1, sizeof(*change));

    change->doing = doing;
    cmd->state = change;
    cmd->free_state = free;
    if (file_name_typed(cmd, typed != NULL ? typed : "flash:", doing,
                        &change->name))
        return change;
    return NULL;
}

/* The answer to the question for its name; "" leaves it. */
static bool
take_answer(struct command *cmd, const char *text)
{
    struct change *change = cmd->state;

    if (text == NULL)
        return false;
    return text[0] == '\0' ||
           file_name_answered(cmd, text, change->doing, &change->name);
}

static void
on_changed(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    const struct change *change = cmd->state;

    if (result->err != OK)
        file_failed(cmd, change->doing, change->name.shown,
                    result->system_error);
    else if (change->done != NULL)
        out_line(cmd, "%s %s%s", change->done, change->name.device,
                 change->name.path);
    cmd_done(cmd);
}

/* --- delete ------------------------------------------------------------- */

static void
on_delete_confirmed(struct command *cmd, const char *text)
{
    const struct change *change = cmd->state;

    if (!answer_confirms(text))
        return;
    if (change->recursive)
        files_remove_tree(cmd->router, &change->name, on_changed, cmd);
    else
        files_remove(cmd->router, &change->name, on_changed, cmd);
    cmd_wait(cmd);
}

/* "Delete flash:/x? [confirm]" */
static void
ask_delete(struct command *cmd, cmd_answer_fn on_answer)
{
    const struct change *change = cmd->state;
    char question[FILE_SHOWN_MAX + 32];

    snprintf(question, sizeof(question), "Delete %s? [confirm]",
             change->name.shown);
    file_ask_key(cmd, question, on_answer);
}

static void
on_delete_name(struct command *cmd, const char *text)
{
    if (take_answer(cmd, text))
        ask_delete(cmd, on_delete_confirmed);
}

static void delete (struct command *cmd)
{
    struct change *change =
        change_begin(cmd, cli_text(cmd->match, "file"), "deleting");

    if (change == NULL)
        return;
    change->forced = cli_given(cmd->match, "/force");
    change->recursive = cli_given(cmd->match, "/recursive");
    if (change->forced && change->name.path[0] != '\0')
        on_delete_confirmed(cmd, "");
    else
        file_ask(cmd, "Delete", change->name.path, on_delete_name);
}

/* --- rename ------------------------------------------------------------- */

static void
on_rename_target(struct command *cmd, const char *text)
{
    struct change *change = cmd->state;

    if (text == NULL ||
        (text[0] != '\0' &&
         !file_name_answered(cmd, text, change->doing, &change->to)))
        return;
    files_rename(cmd->router, &change->name, &change->to, on_changed, cmd);
    cmd_wait(cmd);
}

static void
rename_file(struct command *cmd)
{
    struct change *change =
        change_begin(cmd, cli_text(cmd->match, "from"), "renaming");

    if (change != NULL && file_name_typed(cmd, cli_text(cmd->match, "to"),
                                          change->doing, &change->to))
        file_ask(cmd, "Destination", change->to.path, on_rename_target);
}

/* --- directories -------------------------------------------------------- */

static void
on_make_name(struct command *cmd, const char *text)
{
    struct change *change = cmd->state;

    if (!take_answer(cmd, text))
        return;
    change->done = "Created dir";
    files_make_directory(cmd->router, &change->name, on_changed, cmd);
    cmd_wait(cmd);
}

static void
make_directory(struct command *cmd)
{
    const struct change *change =
        change_begin(cmd, cli_text(cmd->match, "directory"), "Creating dir");

    if (change != NULL)
        file_ask(cmd, "Create directory", change->name.path, on_make_name);
}

static void
on_unmake_confirmed(struct command *cmd, const char *text)
{
    struct change *change = cmd->state;

    if (!answer_confirms(text))
        return;
    change->done = "Removed dir";
    files_remove_directory(cmd->router, &change->name, on_changed, cmd);
    cmd_wait(cmd);
}

static void
on_unmake_name(struct command *cmd, const char *text)
{
    if (take_answer(cmd, text))
        ask_delete(cmd, on_unmake_confirmed);
}

static void
remove_directory(struct command *cmd)
{
    const struct change *change =
        change_begin(cmd, cli_text(cmd->match, "directory"), "Removing dir");

    if (change != NULL)
        file_ask(cmd, "Remove directory", change->name.path, on_unmake_name);
}

const struct cli_row file_change_rows[] = {
    {ROW_EXEC("delete [/force|/recursive]... [WORD:file]", 15, delete,
              "Delete a file", "Do not ask for confirmation",
              "Delete a directory with all that is in it",
              "File to be deleted")},
    EXEC("rename WORD:from WORD:to", 15, rename_file, "Rename a file",
         "File or directory to be renamed", "New name"),
    EXEC("mkdir [WORD:directory]", 15, make_directory, "Create new directory",
         "Directory name"),
    EXEC("rmdir [WORD:directory]", 15, remove_directory,
         "Remove existing directory", "Directory name"),
    ROWS_END,
};
