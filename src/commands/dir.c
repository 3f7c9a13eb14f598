/*
 * What files there are: `dir`, `pwd`, `cd`, `show file systems`.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/file_names.h"
#include "commands/rows.h"
#include "control/running_config.h"

#define DATE_MAX      64
#define DATE_WIDTH    27 /* columns: "Mar 12 2015 08:46:31 +00:00" */
#define NAME_SHOW_MAX (4 * 255 + 1)

/* --- dir ---------------------------------------------------------------- */

/* "Mar 1 2015 08:46:31 +00:00"; 0: nobody knows when. */
static void
put_date(char text[DATE_MAX], int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm utc;

    if (at_s == 0 || gmtime_r(&at, &utc) == NULL ||
        strftime(text, DATE_MAX, "%b %-d %Y %H:%M:%S +00:00", &utc) == 0)
        text_copy(text, DATE_MAX, "<no date>");
}

static void
put_entry(struct command *cmd, unsigned index, const struct flash_entry *entry)
{
    char date[DATE_MAX], name[NAME_SHOW_MAX];

    put_date(date, entry->changed_s);
    text_escape(name, sizeof(name), span_text(entry->name));
    out_line(cmd, "%5u  %crw%c  %10" PRIu64 "  %*s  %s", index,
             entry->kind == FLASH_DIRECTORY ? 'd' : entry->kind,
             entry->kind == FLASH_DIRECTORY ? 'x' : '-', entry->bytes,
             DATE_WIDTH, date, name);
}

static void
put_list(struct command *cmd, const char *where,
         const struct file_result *result)
{
    out_line(cmd, "Directory of %s%s\n", where,
             result->directory && where[strlen(where) - 1] != '/' ? "/" : "");
    for (size_t i = 0; i < result->list.count; i++)
        put_entry(cmd, (unsigned)i + 1, &result->list.entries[i]);
    if (result->list.count == 0)
        out_line(cmd, "No files in directory");
    out_line(cmd, "\n%" PRIu64 " bytes total (%" PRIu64 " bytes free)",
             result->total, result->available);
}

static void
on_list(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    const struct file_name *name = cmd->state;

    if (result->err == OK)
        put_list(cmd, name->shown, result);
    else
        file_failed(cmd, "opening", name->shown, result->system_error);
    cmd_done(cmd);
}

/* The running configuration is a file that is made when it is looked at. */
static void
list_system(struct command *cmd, const struct file_name *name)
{
    struct flash_entry entry = {.name = (char[]){FILE_RUNNING},
                                .kind = FLASH_FILE,
                                .changed_s = (int64_t)cmd->router->changed.at};
    struct buf text;

    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    running_config_put(cmd->router, &text);
    entry.bytes = buf_len(&text);
    buf_clear(&text);
    out_line(cmd, "Directory of %s\n", name->shown);
    put_entry(cmd, 1, &entry);
    out_line(cmd, "\nNo space information available");
}

static void
dir(struct command *cmd)
{
    const char *where = cli_text(cmd->match, "where");
    struct file_name *name = alloc_zero(1, sizeof(*name));

    cmd->state = name;
    cmd->free_state = free;
    if (!file_name_typed(cmd, where != NULL ? where : "", "opening", name))
        return;
    if (name->system == FILE_SYSTEM) {
        list_system(cmd, name);
        return;
    }
    if (cli_given(cmd->match, "/all"))
        files_list_all(cmd->router, name, on_list, cmd);
    else
        files_list(cmd->router, name, "", on_list, cmd);
    cmd_wait(cmd);
}

/* --- the current directory ---------------------------------------------- */

static void
pwd(struct command *cmd)
{
    const char *directory = shell_directory(cmd->shell);
    size_t len = strlen(directory);

    /* The device alone goes without its slash. */
    if (len > 1 && directory[len - 2] == ':')
        out_line(cmd, "%.*s", (int)len - 1, directory);
    else
        out_line(cmd, "%s/", directory);
}

static void
on_directory(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    const struct file_name *name = cmd->state;

    if (result->err == OK && result->directory)
        shell_set_directory(cmd->shell, name->shown);
    else
        file_failed(cmd, "changing to directory", name->shown,
                    result->err == OK ? ENOTDIR : result->system_error);
    cmd_done(cmd);
}

static void
cd(struct command *cmd)
{
    const char *where = cli_text(cmd->match, "where");
    struct file_name *name = alloc_zero(1, sizeof(*name));

    cmd->state = name;
    cmd->free_state = free;
    if (!file_name_typed(cmd, where != NULL ? where : "flash:",
                         "changing to directory", name))
        return;
    files_stat(cmd->router, name, on_directory, cmd);
    cmd_wait(cmd);
}

/* --- show file systems -------------------------------------------------- */

static void
put_system(struct command *cmd, const char *size, const char *available,
           const char *type, const char *flags, const char *prefixes)
{
    size_t device = strcspn(prefixes, " ");
    bool current = strncmp(prefixes, shell_directory(cmd->shell), device) == 0;

    out_line(cmd, "%c%13s%14s%10s%7s   %s", current ? '*' : ' ', size,
             available, type, flags, prefixes);
}

static void
put_measured(struct command *cmd, const struct file_result *result,
             const char *type, const char *prefixes)
{
    char size[24] = "-", available[24] = "-";

    if (result->err == OK) {
        snprintf(size, sizeof(size), "%" PRIu64, result->total);
        snprintf(available, sizeof(available), "%" PRIu64, result->available);
    }
    put_system(cmd, size, available, type, "rw", prefixes);
}

static void
on_nvram(void *owner, const struct file_result *result)
{
    put_measured(owner, result, "nvram", "nvram:");
    cmd_done(owner);
}

/* The device itself: names of devices are always good. */
static void
measure(struct command *cmd, const char *device, file_done_fn done)
{
    struct file_name name;
    int reason;

    if (file_name_parse(device, device, &name, &reason) == OK)
        files_list(cmd->router, &name, "", done, cmd);
    cmd_wait(cmd);
}

static void
on_flash(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;

    out_line(cmd, "File Systems:\n\n"
                  "       Size(b)       Free(b)      Type  Flags  Prefixes");
    put_system(cmd, "-", "-", "opaque", "rw", "system:");
    put_system(cmd, "-", "-", "opaque", "wo", "null:");
    put_measured(cmd, result, "flash", "flash: flash0: bootflash:");
    measure(cmd, "nvram:", on_nvram);
}

static void
show_file_systems(struct command *cmd)
{
    measure(cmd, "flash:", on_flash);
}

const struct cli_row dir_rows[] = {
    {ROW_SHOW("dir [/all] [WORD:where]", 15, dir, "List files on a filesystem",
              "List all files", "Directory or file name")},
    EXEC("pwd", 15, pwd, "Display current working directory"),
    EXEC("cd [WORD:where]", 15, cd, "Change current directory",
         "Directory name"),
    SHOW("show file systems", 1, show_file_systems,
         "Show filesystem information", "List filesystems"),
    ROWS_END,
};
