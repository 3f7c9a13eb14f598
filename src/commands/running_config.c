#include "commands/running_config.h"

#include "commands/rows.h"
#include "control/clock.h"
#include "control/command.h"

/* "! Last configuration change at 18:41:02 UTC Thu Nov 24 2016 by lab" */
static void
put_stamp(struct buf *to, const struct config *config, const char *what,
          const struct config_stamp *stamp)
{
    char text[CLOCK_TEXT_MAX];

    if (stamp->at == 0)
        return;
    clock_text(config, stamp->at, CLOCK_DATE, text);
    buf_printf(to, "! %s at %s%s%s\n", what, text,
               stamp->user[0] != '\0' ? " by " : "", stamp->user);
}

void
running_config_put(const struct router *r, struct buf *to)
{
    buf_printf(to, "!\n");
    put_stamp(to, &r->config, "Last configuration change", &r->changed);
    put_stamp(to, &r->config, "NVRAM config last updated", &r->saved);
    if (r->changed.at != 0 || r->saved.at != 0)
        buf_printf(to, "!\n");
    cli_write_config(r->language, &r->config, false, to);
    buf_printf(to, "end\n");
}

static void
show_running_config(struct command *cmd)
{
    struct buf text;

    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    running_config_put(cmd->router, &text);
    out_line(cmd, "Building configuration...\n");
    if (buf_ok(&text)) {
        out_line(cmd, "Current configuration : %zu bytes", buf_len(&text));
        out_span(cmd, buf_span(&text));
        out(cmd, "\n");
    } else {
        out_error(cmd, "The configuration is too large to be shown");
    }
    buf_clear(&text);
}

const struct cli_row running_rows[] = {
    SHOW("show running-config", 15, show_running_config,
         "Current operating configuration"),
    ROWS_END,
};
