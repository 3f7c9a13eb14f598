/*
 * `show archive config differences`, `show archive config incremental-diffs`:
 * what one configuration has and another has not.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "commands/file_names.h"
#include "commands/merge.h"
#include "commands/replace.h"
#include "commands/rows.h"
#include "control/running_config.h"
#include "control/storage.h"

#define SECRETS_PRIVILEGE 15 /* of whole configurations */

#define RUNNING "system:running-config"
#define STARTUP "nvram:startup-config"

struct comparing {
    struct file_name names[2];
    struct buf texts[2];
    unsigned count, read;
    /* Of incremental-diffs: running-config with the file's lines on top. */
    struct router merged;
    struct merge *merge;
};

static void
comparing_free(void *state)
{
    struct comparing *c = state;

    merge_free(c->merge);
    config_clear(&c->merged.config);
    buf_clear(&c->texts[0]);
    buf_clear(&c->texts[1]);
    free(c);
}

/* --- reading ------------------------------------------------------------ */

static void show_result(struct command *cmd);
static void read_next(struct command *cmd);

static void
on_read(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct comparing *c = cmd->state;

    if (result->err != OK) {
        file_failed(cmd, "opening", c->names[c->read].shown,
                    result->system_error);
        cmd_done(cmd);
        return;
    }
    buf_put_span(&c->texts[c->read++], result->text);
    read_next(cmd);
}

static void
read_next(struct command *cmd)
{
    struct comparing *c = cmd->state;

    while (c->read < c->count && c->names[c->read].system == FILE_SYSTEM)
        running_config_put(cmd->router, &c->texts[c->read++]);
    if (c->read < c->count)
        files_read(cmd->router, &c->names[c->read], STORAGE_CONFIG_MAX, on_read,
                   cmd);
    else
        show_result(cmd);
}

/* False: there is no such name, or it is not for this user. */
static bool
begin(struct command *cmd, const char *const typed[2], unsigned count)
{
    struct comparing *c = alloc_zero(1, sizeof(*c));

    cmd->state = c;
    cmd->free_state = comparing_free;
    c->count = count;
    config_copy(&c->merged.config, cmd->config);
    c->merged.language = cmd->router->language;
    for (unsigned i = 0; i < 2; i++)
        buf_init_secret(&c->texts[i], RUNNING_CONFIG_MAX);
    for (unsigned i = 0; i < count; i++) {
        if (!file_name_typed(cmd, typed[i], "opening", &c->names[i]))
            return false;
        /* Files of flash: may be anything, as `more` has it. */
        if (shell_privilege(cmd->shell) < SECRETS_PRIVILEGE || cmd->masked) {
            file_failed(cmd, "opening", c->names[i].shown, EACCES);
            return false;
        }
    }
    cmd->cancel = file_cancel;
    cmd_wait(cmd);
    return true;
}

/* --- what there is ------------------------------------------------------ */

static void
show_differences(struct command *cmd, struct comparing *c)
{
    struct buf lines;

    buf_init_secret(&lines, 2 * RUNNING_CONFIG_MAX);
    if (cli_write_differences(cmd->router->language, buf_span(&c->texts[0]),
                              buf_span(&c->texts[1]), &lines)) {
        out_line(cmd, "!Contextual Config Diffs:");
        replace_show_lines(cmd, buf_span(&lines));
        out(cmd, "\n");
    } else {
        out_line(cmd, "!No changes were found");
    }
    buf_clear(&lines);
    cmd_done(cmd);
}

/* What the file's lines would do to the running configuration. */
static void
on_merged(struct command *cmd)
{
    const struct comparing *c = cmd->state;
    const struct cli_language *language = cmd->router->language;
    struct buf now, then, lines;

    buf_init_secret(&now, RUNNING_CONFIG_MAX);
    buf_init_secret(&then, RUNNING_CONFIG_MAX);
    buf_init_secret(&lines, 2 * RUNNING_CONFIG_MAX);
    cli_write_config(language, cmd->config, false, &now);
    cli_write_config(language, &c->merged.config, false, &then);
    (void)cli_write_removals(language, buf_span(&now), buf_span(&then), false,
                             &lines);
    (void)cli_write_additions(language, buf_span(&now), buf_span(&then),
                              cli_given(cmd->match, "ignorecase"), &lines);
    if (buf_len(&lines) > 0) {
        out_line(cmd, "!List of Commands:");
        replace_show_lines(cmd, buf_span(&lines));
        out_line(cmd, "end\n");
    } else {
        out_line(cmd, "!No changes were found");
    }
    buf_clear(&lines);
    buf_clear(&then);
    buf_clear(&now);
    cmd_done(cmd);
}

static void
cancel(struct command *cmd)
{
    struct comparing *c = cmd->state;

    merge_free(c->merge);
    c->merge = NULL;
    file_cancel(cmd);
}

static void
resume(struct command *cmd)
{
    const struct comparing *c = cmd->state;

    if (c->merge != NULL)
        merge_resume(c->merge);
}

static void
show_result(struct command *cmd)
{
    struct comparing *c = cmd->state;

    if (c->count == 2) {
        show_differences(cmd, c);
        return;
    }
    cmd->cancel = cancel;
    cmd->on_resume = resume;
    c->merge = merge_try(cmd, &c->merged, &c->texts[0], on_merged);
}

/* --- commands ----------------------------------------------------------- */

/* From what was saved to what runs, unless other files are named. */
static void
differences(struct command *cmd)
{
    const char *first = cli_text(cmd->match, "first");
    const char *second = cli_text(cmd->match, "second");

    if (begin(cmd,
              (const char *const[2]){first == NULL ? STARTUP : first,
                                     second == NULL ? RUNNING : second},
              2))
        read_next(cmd);
}

static void
incremental_differences(struct command *cmd)
{
    if (begin(cmd, (const char *const[2]){cli_text(cmd->match, "file"), NULL},
              1))
        read_next(cmd);
}

#define FILE_HELP "Configuration: flash:, nvram: or system:"

const struct cli_row difference_rows[] = {
    GROUP("show archive", "Archive functions"),
    GROUP("show archive config", "Configuration archive"),
    SHOW("show archive config differences [WORD:first [WORD:second]]", 15,
         differences, "Lines that are in one of two configurations only",
         FILE_HELP, FILE_HELP),
    SHOW("show archive config incremental-diffs WORD:file [ignorecase]", 15,
         incremental_differences, "What a file adds to running-config",
         FILE_HELP, "Upper and lower case are the same"),
    ROWS_END,
};
