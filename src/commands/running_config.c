/*
 * `show running-config`, `write terminal`.
 */
#include <stdio.h>

#include "base/text.h"
#include "commands/rows.h"
#include "config/interface.h"
#include "control/command.h"
#include "control/running_config.h"

#define SECRETS_PRIVILEGE 15 /* below it they are not shown */

/* --- the text ----------------------------------------------------------- */

/* As this user may see it, `all`: with defaults. */
static void
put_for(const struct command *cmd, bool all, struct buf *to)
{
    const struct router *r = cmd->router;

    running_config_put_head(r, to);
    if (cmd->masked || shell_privilege(cmd->shell) < SECRETS_PRIVILEGE)
        cli_write_masked(r->language, &r->config, all, to);
    else
        cli_write_config(r->language, &r->config, all, to);
    buf_printf(to, "end\n");
}

/* --- show running-config ------------------------------------------------ */

static struct span
next_line(struct span *rest)
{
    const uint8_t *lf = memchr(rest->ptr, '\n', rest->len);
    size_t len =
        lf == NULL ? rest->len : (size_t)(lf - (const uint8_t *)rest->ptr) + 1;
    struct span line = span_of(rest->ptr, len);

    *rest = span_of(rest->ptr + len, rest->len - len);
    return line;
}

static void
show_numbered(struct command *cmd, struct span text)
{
    for (unsigned number = 1; text.len > 0; number++) {
        out(cmd, "%4u : ", number);
        out_span(cmd, next_line(&text));
    }
}

static void
show(struct command *cmd, struct buf *text, bool numbered)
{
    out_line(cmd, "Building configuration...\n");
    if (!buf_ok(text)) {
        out_error(cmd, "The configuration is too large to be shown");
        return;
    }
    out_line(cmd, "Current configuration : %zu bytes", buf_len(text));
    if (numbered)
        show_numbered(cmd, buf_span(text));
    else
        out_span(cmd, buf_span(text));
    out(cmd, "\n");
}

static void
write_terminal(struct command *cmd)
{
    struct buf text;

    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    put_for(cmd, false, &text);
    show(cmd, &text, false);
    buf_clear(&text);
}

static void
show_running_config(struct command *cmd)
{
    struct buf text;

    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    put_for(cmd, cli_given(cmd->match, "all"), &text);
    show(cmd, &text, cli_given(cmd->match, "linenum"));
    buf_clear(&text);
}

/* --- show running-config interface -------------------------------------- */

/* The line `interface NAME` and those indented below it, or nothing. */
static struct span
block_of(struct span text, const char *name)
{
    char wanted[CLI_WORD_MAX + sizeof("interface ")];
    const uint8_t *start = NULL;
    size_t len = 0;

    snprintf(wanted, sizeof(wanted), "interface %s", name);
    while (text.len > 0) {
        struct span line = next_line(&text);

        if (start == NULL && span_is(span_of(line.ptr, line.len - 1), wanted))
            start = line.ptr;
        else if (start == NULL)
            continue;
        else if (line.ptr[0] != ' ')
            break;
        len += line.len;
    }
    return span_of(start, len);
}

static void
show_block(struct command *cmd, struct span block)
{
    struct buf part;

    buf_init_secret(&part, RUNNING_CONFIG_MAX);
    buf_printf(&part, "!\n");
    buf_put_span(&part, block);
    buf_printf(&part, "end\n");
    show(cmd, &part, false);
    buf_clear(&part);
}

static void
show_running_interface(struct command *cmd)
{
    char shown[4 * CLI_WORD_MAX + 1];
    char loopback[CONFIG_INTERFACE_NAME_MAX + 1];
    const char *name = cli_text(cmd->match, "name");
    struct buf text;
    struct span block;

    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    put_for(cmd, false, &text);
    block = block_of(buf_span(&text), name);
    if (block.len == 0 && config_interface_loopback(name, loopback))
        block = block_of(buf_span(&text), loopback);
    if (block.len > 0) {
        show_block(cmd, block);
    } else {
        text_escape(shown, sizeof(shown), span_text(name));
        out_error(cmd, "Interface %s is not configured", shown);
    }
    buf_clear(&text);
}

/* --- version ------------------------------------------------------------ */

/* Says in which language a text is; there is nothing to be stored. */
static const char *
set_version(struct cli_change *change)
{
    return cli_restores(change->match)
               ? "% The version of the language cannot be changed"
               : NULL;
}

/* It stands in the text's head. */
static void
write_version(struct cli_writer *writer, const void *section, bool all)
{
    (void)writer;
    (void)section;
    (void)all;
}

const struct cli_row head_rows[] = {
    {ROW_SET_BY("version " LANGUAGE_VERSION, set_version, write_version,
                "The language's version", "The only one there is"),
     .hidden = true},
    ROWS_END,
};

const struct cli_row running_rows[] = {
    GROUP("show running-config", "Current operating configuration"),
    SHOW("show running-config [all|full|linenum]", 15, show_running_config,
         "Configuration with defaults", "full configuration",
         "Display line numbers in output"),
    SHOW("show running-config interface WORD:name", 15, show_running_interface,
         "Show interface configuration", "Name of an interface"),
    EXEC("write terminal", 15, write_terminal, "Write to terminal"),
    ROWS_END,
};
