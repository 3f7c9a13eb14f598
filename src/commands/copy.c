/*
 * `copy`: configurations and files of this router to each other, and from and
 * to other hosts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/copy_parts.h"
#include "commands/replace.h"
#include "commands/rows.h"
#include "commands/save.h"
#include "control/running_config.h"
#include "control/storage.h"

#define SECRETS_PRIVILEGE 15 /* of whole configurations */

static void
copying_free(void *state)
{
    struct copying *copy = state;

    copy_transfer_end(copy);
    merge_free(copy->merge);
    remote_name_clear(&copy->remote);
    free(copy);
}

/* --- results ------------------------------------------------------------ */

static void
on_copied(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct copying *copy = cmd->state;

    copy->bytes = result->bytes;
    if (result->err == OK)
        copy_tell_rate(cmd);
    else
        copy_failed(cmd, result);
    cmd_done(cmd);
}

static void
on_read_to_merge(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct buf text;

    if (result->err != OK) {
        copy_failed(cmd, result);
        cmd_done(cmd);
        return;
    }
    buf_init_secret(&text, result->text.len);
    buf_put_span(&text, result->text);
    copy_into_running(cmd, &text);
}

static void
on_read_to_store(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;

    if (result->err == OK) {
        copy_into_startup(cmd, result->text);
        return;
    }
    copy_failed(cmd, result);
    cmd_done(cmd);
}

static void
after_saving(struct command *cmd, bool saved)
{
    (void)saved;
    cmd_done(cmd);
}

/* --- what is done ------------------------------------------------------- */

static void
write_running(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    struct buf text;

    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    running_config_put(cmd->router, &text);
    if (buf_ok(&text)) {
        files_write(cmd->router, &copy->to, FILE_REPLACE, buf_span(&text),
                    on_copied, cmd);
        cmd_wait(cmd);
    } else {
        file_failed(cmd, "reading", copy->from.shown, EFBIG);
        cmd_done(cmd);
    }
    buf_clear(&text);
}

/* save_running_config() takes cmd->state for itself. */
static void
save(struct command *cmd)
{
    copying_free(cmd->state);
    cmd->state = NULL;
    cmd->free_state = NULL;
    cmd->cancel = NULL;
    save_running_config(cmd, after_saving);
}

static void
perform(struct command *cmd)
{
    struct copying *copy = cmd->state;
    struct router *r = cmd->router;

    if (copy->from.system == FILE_SYSTEM && !replace_is_over(cmd)) {
        cmd_done(cmd);
        return;
    }
    copy->begun_ns = uv_hrtime();
    if (copy->way != COPY_HERE) {
        copy_transfer_begin(cmd);
        return;
    }
    if (copy->from.system == FILE_SYSTEM && copy->to.system == FILE_NVRAM) {
        save(cmd);
        return;
    }
    cmd->cancel = file_cancel;
    if (copy->from.system == FILE_SYSTEM) {
        write_running(cmd);
        return;
    }
    if (copy->to.system == FILE_SYSTEM)
        files_read(r, &copy->from, STORAGE_CONFIG_MAX, on_read_to_merge, cmd);
    else if (copy->to.system == FILE_NVRAM)
        files_read(r, &copy->from, STORAGE_CONFIG_MAX, on_read_to_store, cmd);
    else
        files_copy(r, &copy->from, &copy->to, on_copied, cmd);
    cmd_wait(cmd);
}

/* --- questions ---------------------------------------------------------- */

static void
on_overwrite(struct command *cmd, const char *text)
{
    if (answer_confirms(text))
        perform(cmd);
}

static void
on_target_looked_at(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;

    /* Whatever else is wrong with it is found when it is written. */
    if (result->err == OK && !result->directory &&
        file_prompt(cmd) != FILE_PROMPT_QUIET) {
        out_line(cmd, "%%Warning:There is a file already existing with this "
                      "name ");
        file_ask_key(cmd, "Do you want to over write? [confirm]", on_overwrite);
        return;
    }
    perform(cmd);
}

static void
on_source_looked_at(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    const struct copying *copy = cmd->state;

    if (result->err != OK || result->directory) {
        file_failed(cmd, "opening", copy->from.shown,
                    result->err == OK ? EISDIR : result->system_error);
        cmd_done(cmd);
        return;
    }
    if (copy->to.system == FILE_FLASH)
        files_stat(cmd->router, &copy->to, on_target_looked_at, cmd);
    else
        perform(cmd);
}

static bool
is_configuration(const struct file_name *name)
{
    return name->system == FILE_SYSTEM || name->system == FILE_NVRAM;
}

/*
 * `privilege exec level 7 copy` lets lower levels save and move files; not
 * take the secrets out, nor give themselves the highest level.
 */
static bool
is_permitted(const struct command *cmd, const struct copying *copy)
{
    if (shell_privilege(cmd->shell) >= SECRETS_PRIVILEGE)
        return true;
    if (copy->from.system == FILE_SYSTEM && copy->to.system == FILE_NVRAM)
        return true;
    return !is_configuration(&copy->from) && !is_configuration(&copy->to);
}

void
copy_look(struct command *cmd)
{
    const struct copying *copy = cmd->state;

    if (!is_permitted(cmd, copy)) {
        file_failed(cmd, "opening",
                    is_configuration(&copy->from) ? copy->from.shown
                                                  : copy->to.shown,
                    EACCES);
        return;
    }
    if (copy->way == COPY_HERE && file_name_equal(&copy->from, &copy->to)) {
        file_failed(cmd, "opening", copy->to.shown, EEXIST);
        return;
    }
    cmd->cancel = file_cancel;
    cmd_wait(cmd);
    if (copy->from.system != FILE_SYSTEM && copy->way != COPY_GET)
        files_stat(cmd->router, &copy->from, on_source_looked_at, cmd);
    else if (copy->to.system == FILE_FLASH)
        files_stat(cmd->router, &copy->to, on_target_looked_at, cmd);
    else
        perform(cmd);
}

/* The source's own name: what stands behind its last slash. */
static const char *
source_last(const struct copying *copy)
{
    return copy->way == COPY_GET ? remote_name_last(&copy->remote)
                                 : file_name_last(&copy->from);
}

/* The target's name if nothing else is said: "", there is none. */
static void
default_target(const struct copying *copy, char name[FLASH_PATH_MAX])
{
    const char *file = source_last(copy);
    bool directory = copy->to.path[0] == '\0' || copy->to.as_directory;

    if (copy->to.system == FILE_NVRAM)
        text_copy(name, FLASH_PATH_MAX, FILE_STARTUP);
    else if (copy->to.system == FILE_SYSTEM)
        text_copy(name, FLASH_PATH_MAX, FILE_RUNNING);
    else if (!directory)
        text_copy(name, FLASH_PATH_MAX, copy->to.path);
    else if (snprintf(name, FLASH_PATH_MAX, "%s%s%s", copy->to.path,
                      copy->to.path[0] == '\0' ? "" : "/",
                      file) >= FLASH_PATH_MAX)
        name[0] = '\0';
}

static void
on_target(struct command *cmd, const char *text)
{
    struct copying *copy = cmd->state;
    /* From the device on, whatever the current directory is. */
    char fallback[FLASH_PATH_MAX + 1] = "/";
    const char *name;

    default_target(copy, fallback + 1);
    name = answer_or(text, fallback);
    if (name == NULL)
        return;
    /* The one file that is there, and no other beside it. */
    if ((copy->to.system == FILE_NVRAM || copy->to.system == FILE_SYSTEM) &&
        strcmp(name + (name[0] == '/'), fallback + 1) != 0) {
        char shown[FILE_SHOWN_MAX];

        text_escape(shown, sizeof(shown), span_text(name));
        out_line(cmd, "%%Error opening %s/%s (Permission denied)",
                 copy->to.device, shown);
        cmd->failed = true;
        return;
    }
    if (file_name_answered(cmd, name, "opening", &copy->to))
        copy_look(cmd);
}

void
copy_ask_target(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    char fallback[FLASH_PATH_MAX];

    if (copy->way == COPY_PUT) {
        copy_ask_remote(cmd);
        return;
    }
    if (copy->to.system == FILE_NULL) {
        copy_look(cmd);
        return;
    }
    default_target(copy, fallback);
    file_ask(cmd, "Destination", fallback, on_target);
}

static void
on_source(struct command *cmd, const char *text)
{
    struct copying *copy = cmd->state;

    if (text == NULL ||
        (text[0] != '\0' &&
         !file_name_answered(cmd, text, "opening", &copy->from)))
        return;
    copy_ask_target(cmd);
}

/* A name of this router, or of another host: then the copy goes that way. */
static bool
take_name(struct command *cmd, const char *typed, enum copy_way way,
          struct file_name *name)
{
    struct copying *copy = cmd->state;
    int reason;

    if (!remote_name_is(typed))
        return file_name_typed(cmd, typed, "opening", name);
    *name = (struct file_name){.system = FILE_NULL};
    if (copy->way != COPY_HERE)
        reason = EOPNOTSUPP; /* from one other host to another */
    else if (remote_name_parse(typed, &copy->remote, &reason) == OK)
        reason = 0;
    text_copy(name->shown, sizeof(name->shown), copy->remote.shown);
    copy->way = way;
    if (reason != 0)
        file_failed(cmd, "opening", name->shown, reason);
    return reason == 0;
}

static void
copy_file(struct command *cmd, const char *from, const char *to)
{
    struct copying *copy = alloc_zero(1, sizeof(*copy));

    copy->router = cmd->router;
    copy->file = copy->fresh.fd = -1;
    cmd->state = copy;
    cmd->free_state = copying_free;
    if (!take_name(cmd, from, COPY_GET, &copy->from) ||
        !take_name(cmd, to, COPY_PUT, &copy->to))
        return;
    if (copy->way != COPY_HERE && !connecting_is_permitted(cmd))
        return;
    if (copy->way == COPY_GET)
        copy_ask_remote(cmd);
    else if (copy->from.system != FILE_NULL &&
             (copy->from.path[0] == '\0' ||
              file_prompt(cmd) == FILE_PROMPT_NOISY))
        file_ask(cmd, "Source", copy->from.path, on_source);
    else
        copy_ask_target(cmd);
}

#define RUNNING "system:running-config"
#define STARTUP "nvram:startup-config"

/* A configuration onto itself is no file of flash: with that name. */
static const char *
target_of(const char *typed)
{
    if (strcmp(typed, FILE_RUNNING) == 0)
        return RUNNING;
    return strcmp(typed, FILE_STARTUP) == 0 ? STARTUP : typed;
}

static void
copy_running(struct command *cmd)
{
    const char *to = cli_text(cmd->match, "to");

    copy_file(cmd, RUNNING, to != NULL ? target_of(to) : STARTUP);
}

static void
copy_startup(struct command *cmd)
{
    const char *to = cli_text(cmd->match, "to");

    copy_file(cmd, STARTUP, to != NULL ? target_of(to) : RUNNING);
}

static void
copy_named(struct command *cmd)
{
    const char *to = cli_text(cmd->match, "to");

    if (cli_given(cmd->match, FILE_RUNNING))
        to = RUNNING;
    else if (cli_given(cmd->match, FILE_STARTUP))
        to = STARTUP;
    copy_file(cmd, cli_text(cmd->match, "from"), to);
}

#define FROM_HELP "Source file: flash:, nvram:, system:, scp: or sftp:"
#define TO_HELP \
    "Destination file: flash:, nvram:, system:, null:, scp: or sftp:"

const struct cli_row copy_rows[] = {
    GROUP("copy", "Copy from one file to another"),
    EXEC("copy running-config {startup-config|WORD:to}", 15, copy_running,
         "Copy from current configuration", "Copy to startup configuration",
         TO_HELP),
    EXEC("copy startup-config {running-config|WORD:to}", 15, copy_startup,
         "Copy from startup configuration",
         "Update (merge with) current configuration", TO_HELP),
    EXEC("copy WORD:from {running-config|startup-config|WORD:to}", 15,
         copy_named, FROM_HELP, "Update (merge with) current configuration",
         "Copy to startup configuration", TO_HELP),
    ROWS_END,
};
