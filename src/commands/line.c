/*
 * `line con 0`, `line vty M N`, and what can be said about a line.
 */
#include "commands/rows.h"
#include "control/command.h"
#include "control/listener.h"

/* Whether anybody listens depends on what the vtys take. */
static void
on_vty_changed(const struct cli_change *change)
{
    struct router *r = change->owner;

    if (r->listener != NULL)
        listener_update(r);
}

const struct cli_row line_rows[] = {
    GROUP("line", "Configure a terminal line"),
    {ROW_SECTION_OF("line con <0-0>", console, config_line, &console_line_mode,
                    "Primary terminal line", "First Line number"),
     .hidden = true, .always = true},
    {ROW_SECTION_OF("line console <0-0>", console, config_line,
                    &console_line_mode, "Primary terminal line",
                    "First Line number"),
     .unwritten = true},
    {ROW_SECTION_VTYS("line vty <0-9999>:first [<0-9999>:last]", &vty_line_mode,
                      "Virtual terminal", "First Line number",
                      "Last Line number"),
     .changed = on_vty_changed, .none_left = "% Can't delete last 5 VTY lines"},
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_line

/*
 * The line's own password (`login` alone) cannot be set; a line that says
 * neither has the default of its kind: the console none, a vty refuses.
 */
static const char *
set_login(struct cli_change *change)
{
    struct config_line *line = change->section;

    if (change->match->defaulted)
        line->login = CONFIG_LOGIN_DEFAULT;
    else if (change->match->negated)
        line->login = CONFIG_LOGIN_NONE;
    else
        line->login = CONFIG_LOGIN_LOCAL;
    return NULL;
}

static void
write_login(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_line *line = section;

    (void)all;
    if (line->login == CONFIG_LOGIN_LOCAL)
        cli_write_line(writer, "login local");
    else if (line->login == CONFIG_LOGIN_NONE)
        cli_write_line(writer, "no login");
}

const struct cli_row access_class_rows[] = {
    SET_NUMBER("access-class <1-99,1300-1999> in", access_class, 0,
               "Filter connections based on an IP access list",
               "IP access list", "Filter incoming connections"),
    ROWS_END,
};

const struct cli_row any_line_rows[] = {
    SET("exec-timeout <0-35791>:minutes [<0-2147483>:seconds]!",
        BINDS(BIND_NUMBER(struct config_line, exec_timeout_min, 10),
              BIND_NUMBER(struct config_line, exec_timeout_s, 0)),
        "Set the EXEC timeout", "Timeout in minutes", "Timeout in seconds"),
    SET_BY("login {local}", set_login, write_login, "Enable password checking",
           "Local password checking"),
    ROWS_END,
};

const struct cli_row transport_rows[] = {
    {ROW_SET_CHOICE("transport input {all|none|ssh}", transport_input,
                    CONFIG_TRANSPORT_ALL, "Define transport protocols for line",
                    "Define which protocols to use when connecting to the "
                    "terminal server",
                    "All protocols", "No protocols", "TCP/IP SSH protocol"),
     .changed = on_vty_changed},
    ROWS_END,
};
