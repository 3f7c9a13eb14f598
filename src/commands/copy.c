/*
 * `copy`: configurations and files of this router to each other.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/file_names.h"
#include "commands/merge.h"
#include "commands/rows.h"
#include "commands/save.h"
#include "control/journal.h"
#include "control/running_config.h"
#include "control/storage.h"

#define SECRETS_PRIVILEGE 15 /* of whole configurations */

struct copying {
    struct file_name from, to;
    uint64_t begun_ns;
    uint64_t bytes;
    struct config_stamp saved; /* before, when the target is startup-config */
    struct merge *merge;
};

static void
copying_free(void *state)
{
    struct copying *copy = state;

    merge_free(copy->merge);
    free(copy);
}

/* --- results ------------------------------------------------------------ */

/* "20 bytes copied in 5.688 secs (3 bytes/sec)", as it really was. */
static void
tell_rate(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    uint64_t ns = uv_hrtime() - copy->begun_ns;
    uint64_t ms = ns / 1000000;
    double rate = ns == 0 ? 0 : (double)copy->bytes * 1e9 / (double)ns;

    out_line(cmd,
             "%" PRIu64 " bytes copied in %" PRIu64 ".%03u secs "
             "(%" PRIu64 " bytes/sec)",
             copy->bytes, ms / 1000, (unsigned)(ms % 1000), (uint64_t)rate);
}

/* Full disks and the like come while it is written. */
static void
copy_failed(struct command *cmd, const struct file_result *result)
{
    const struct copying *copy = cmd->state;
    int reason = result->system_error;
    bool writing = reason == ENOSPC || reason == EFBIG || reason == EIO ||
                   reason == EDQUOT || reason == EROFS;

    if (!result->at_target)
        file_failed(cmd,
                    reason == EIO || reason == EFBIG ? "reading" : "opening",
                    copy->from.shown, reason);
    else
        file_failed(cmd, writing ? "writing" : "opening", copy->to.shown,
                    reason);
}

static void
on_copied(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct copying *copy = cmd->state;

    copy->bytes = result->bytes;
    if (result->err == OK)
        tell_rate(cmd);
    else
        copy_failed(cmd, result);
    cmd_done(cmd);
}

/* --- to running-config -------------------------------------------------- */

static void
on_merged(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    char who[SHELL_WHO_MAX];

    tell_rate(cmd);
    shell_who(cmd->shell, who);
    journal_message(cmd->router, "SYS", LOG_NOTICE, "CONFIG_I",
                    "Configured from %s by %s", copy->from.shown, who);
    cmd_done(cmd);
}

static void
cancel_merge(struct command *cmd)
{
    struct copying *copy = cmd->state;

    merge_free(copy->merge);
    copy->merge = NULL;
    file_cancel(cmd);
}

static void
resume_merge(struct command *cmd)
{
    const struct copying *copy = cmd->state;

    if (copy->merge != NULL)
        merge_resume(copy->merge);
}

static void
on_read_to_merge(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct copying *copy = cmd->state;
    struct buf text;

    if (result->err != OK) {
        copy_failed(cmd, result);
        cmd_done(cmd);
        return;
    }
    copy->bytes = result->bytes;
    buf_init_secret(&text, result->text.len);
    buf_put_span(&text, result->text);
    cmd->cancel = cancel_merge;
    cmd->on_resume = resume_merge;
    copy->merge = merge_begin(cmd, &text, on_merged);
}

/* --- to startup-config -------------------------------------------------- */

static void
on_stored(void *owner, enum err err, int system_error)
{
    struct command *cmd = owner;
    const struct copying *copy = cmd->state;

    if (err == OK) {
        out_line(cmd, "[OK]");
        cmd->router->saved = copy->saved;
        tell_rate(cmd);
    } else {
        file_failed(cmd, "writing", copy->to.shown,
                    err == ERR_BUSY ? EBUSY : system_error);
    }
    cmd_done(cmd);
}

static void
on_read_to_store(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct copying *copy = cmd->state;
    struct span text = result->text;

    if (result->err != OK) {
        copy_failed(cmd, result);
        cmd_done(cmd);
        return;
    }
    /* What could not be read back would bring the previous one back. */
    if (text.len == 0 || memchr(text.ptr, '\0', text.len) != NULL) {
        file_failed(cmd, "writing", copy->to.shown, EINVAL);
        cmd_done(cmd);
        return;
    }
    copy->bytes = text.len;
    copy->saved.at = (uint64_t)time(NULL);
    text_copy(copy->saved.user, sizeof(copy->saved.user), cmd->session->user);
    /* It is a matter of an instant, and cannot be taken back. */
    cmd->cancel = NULL;
    storage_save_config(cmd->router, text, on_stored, cmd);
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

    copy->begun_ns = uv_hrtime();
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

/* Both names are known. */
static void
look(struct command *cmd)
{
    const struct copying *copy = cmd->state;

    if (!is_permitted(cmd, copy)) {
        file_failed(cmd, "opening",
                    is_configuration(&copy->from) ? copy->from.shown
                                                  : copy->to.shown,
                    EACCES);
        return;
    }
    if (file_name_equal(&copy->from, &copy->to)) {
        file_failed(cmd, "opening", copy->to.shown, EEXIST);
        return;
    }
    cmd->cancel = file_cancel;
    cmd_wait(cmd);
    if (copy->from.system != FILE_SYSTEM)
        files_stat(cmd->router, &copy->from, on_source_looked_at, cmd);
    else if (copy->to.system == FILE_FLASH)
        files_stat(cmd->router, &copy->to, on_target_looked_at, cmd);
    else
        perform(cmd);
}

/* The target's name if nothing else is said: "", there is none. */
static void
default_target(const struct copying *copy, char name[FLASH_PATH_MAX])
{
    const char *file = file_name_last(&copy->from);
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
        look(cmd);
}

static void
ask_target(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    char fallback[FLASH_PATH_MAX];

    if (copy->to.system == FILE_NULL) {
        look(cmd);
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
    ask_target(cmd);
}

static void
copy_file(struct command *cmd, const char *from, const char *to)
{
    struct copying *copy = alloc_zero(1, sizeof(*copy));

    cmd->state = copy;
    cmd->free_state = copying_free;
    if (!file_name_typed(cmd, from, "opening", &copy->from) ||
        !file_name_typed(cmd, to, "opening", &copy->to))
        return;
    if (copy->from.system != FILE_NULL &&
        (copy->from.path[0] == '\0' || file_prompt(cmd) == FILE_PROMPT_NOISY))
        file_ask(cmd, "Source", copy->from.path, on_source);
    else
        ask_target(cmd);
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

#define TO_HELP "Destination file: flash:, nvram:, system: or null:"

const struct cli_row copy_rows[] = {
    GROUP("copy", "Copy from one file to another"),
    EXEC("copy running-config {startup-config|WORD:to}", 15, copy_running,
         "Copy from current configuration", "Copy to startup configuration",
         TO_HELP),
    EXEC("copy startup-config {running-config|WORD:to}", 15, copy_startup,
         "Copy from startup configuration",
         "Update (merge with) current configuration", TO_HELP),
    EXEC("copy WORD:from {running-config|startup-config|WORD:to}", 15,
         copy_named, "Source file: flash:, nvram: or system:",
         "Update (merge with) current configuration",
         "Copy to startup configuration", TO_HELP),
    ROWS_END,
};
