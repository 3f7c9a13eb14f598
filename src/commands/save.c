/*
 * startup-config: `write memory`, `write erase`, `erase startup-config`, and
 * saving for others.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/replace.h"
#include "commands/rows.h"
#include "commands/save.h"
#include "control/archive.h"
#include "control/journal.h"
#include "control/running_config.h"
#include "control/storage.h"

/* --- saving ------------------------------------------------------------- */

struct saving {
    struct router *router;
    struct config_stamp before; /* of the last save */
    bool under_way;
    void (*then)(struct command *cmd, bool saved);
};

/* Nothing was saved, as far as anybody knows. */
static void
take_back(struct saving *saving)
{
    saving->router->config_changed = true;
    saving->router->saved = saving->before;
    saving->under_way = false;
}

/* The session may end before the answer comes. */
static void
saving_free(void *state)
{
    struct saving *saving = state;

    if (saving->under_way)
        take_back(saving);
    free(saving);
}

static void
on_saved(void *owner, enum err err, int system_error)
{
    struct command *cmd = owner;
    struct saving *saving = cmd->state;
    void (*then)(struct command *, bool) = saving->then;

    saving->under_way = false;
    if (err == OK) {
        out_line(cmd, "[OK]");
        if (cmd->config->archive.write_memory && archive_is_on(cmd->router))
            archive_store(cmd->router, NULL, NULL);
    } else {
        take_back(saving);
        if (err == ERR_BUSY)
            out_error(cmd, "startup-config file open failed "
                           "(Device or resource busy)");
        else
            out_error(cmd, "Error writing nvram:/startup-config (%s)",
                      strerror(system_error));
    }
    free(saving);
    cmd->state = NULL;
    cmd->free_state = NULL;
    then(cmd, err == OK);
}

/* The stamp stands in the text that is saved, and what changes from now on
   is not saved by it. */
static void
saving_begin(struct command *cmd, void (*then)(struct command *, bool))
{
    struct saving *saving = alloc_zero(1, sizeof(*saving));
    struct router *r = cmd->router;

    saving->router = r;
    saving->before = r->saved;
    saving->then = then;
    saving->under_way = true;
    r->config_changed = false;
    r->saved.at = (uint64_t)time(NULL);
    text_copy(r->saved.user, sizeof(r->saved.user), cmd->session->user);
    cmd->state = saving;
    cmd->free_state = saving_free;
}

void
save_running_config(struct command *cmd,
                    void (*then)(struct command *cmd, bool saved))
{
    struct buf text;

    if (!replace_is_over(cmd)) {
        then(cmd, false);
        return;
    }
    out_line(cmd, "Building configuration...");
    cmd_flush(cmd);
    saving_begin(cmd, then);
    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    running_config_put(cmd->router, &text);
    cmd_wait(cmd);
    if (buf_ok(&text))
        storage_save_config(cmd->router, buf_span(&text), on_saved, cmd);
    else
        on_saved(cmd, ERR_SYSTEM, EFBIG);
    buf_clear(&text);
}

static void
after_saving(struct command *cmd, bool saved)
{
    (void)saved;
    cmd_done(cmd);
}

static void
write_memory(struct command *cmd)
{
    save_running_config(cmd, after_saving);
}

/* --- erase -------------------------------------------------------------- */

static void
on_erased(void *owner, enum err err, int system_error)
{
    struct command *cmd = owner;

    if (err == OK) {
        out_line(cmd, "[OK]\nErase of nvram: complete");
        journal_message(cmd->router, "SYS", LOG_DEBUGGING, "NV_BLOCK_INIT",
                        "Initialized the geometry of nvram");
    } else {
        out_error(cmd, "Error erasing nvram: (%s)",
                  err == ERR_BUSY ? "Device or resource busy"
                                  : strerror(system_error));
    }
    cmd_done(cmd);
}

static void
on_erase(struct command *cmd, const char *text)
{
    if (!answer_confirms(text))
        return;
    storage_erase_config(cmd->router, on_erased, cmd);
    cmd_wait(cmd);
}

static void
erase_startup(struct command *cmd)
{
    cmd_ask(cmd,
            "Erasing the nvram filesystem will remove all configuration "
            "files! Continue? [confirm]",
            ASK_KEY, 0, on_erase);
}

const struct cli_row save_rows[] = {
    GROUP("erase", "Erase a filesystem"),
    GROUP("write", "Write running configuration to memory"),
    EXEC("erase startup-config", 15, erase_startup,
         "Erase contents of configuration memory"),
    EXEC("erase nvram:", 15, erase_startup, "Filesystem to be erased"),
    EXEC("write [memory]", 15, write_memory, "Write to NV memory"),
    EXEC("write erase", 15, erase_startup, "Erase NV memory"),
    ROWS_END,
};
