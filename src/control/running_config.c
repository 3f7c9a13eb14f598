#include "control/running_config.h"

#include "cli/cli.h"
#include "control/clock.h"

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
running_config_put_head(const struct router *r, struct buf *to)
{
    buf_printf(to, "!\n");
    put_stamp(to, &r->config, "Last configuration change", &r->changed);
    put_stamp(to, &r->config, "NVRAM config last updated", &r->saved);
    if (r->changed.at != 0 || r->saved.at != 0)
        buf_printf(to, "!\n");
    buf_printf(to, "version " LANGUAGE_VERSION "\n");
}

void
running_config_put(const struct router *r, struct buf *to)
{
    running_config_put_head(r, to);
    cli_write_config(r->language, &r->config, false, to);
    buf_printf(to, "end\n");
}
