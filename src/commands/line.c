/*
 * `line con 0`, `line N M`, `line aux 0`, `line vty N M`, and what can be said
 * about a line.
 */
#include "commands/line_escape.h"
#include "commands/line_methods.h"
#include "commands/passwords.h"
#include "commands/rows.h"
#include "config/vty.h"
#include "control/command.h"
#include "control/listener.h"
#include "control/tty_plans.h"

/* Whether anybody listens depends on what the vtys take. */
static void
on_vty_changed(const struct cli_change *change)
{
    struct router *r = change->owner;

    if (r->listener != NULL)
        listener_update(r);
}

/* They exist from now on, or not any more. */
static void
on_ttys_changed(const struct cli_change *change)
{
    const struct cli_match *match = change->match;
    uint32_t first = cli_number(match, "first");

    tty_plans_update(change->owner, first, cli_number_or(match, "last", first));
}

static void
on_aux_changed(const struct cli_change *change)
{
    tty_plans_update_aux(change->owner);
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
    {ROW_SECTION_TTYS("line <1-4096>:first [<1-4096>:last]", &tty_line_mode,
                      "First Line number", "Last Line number"),
     .changed = on_ttys_changed},
    {ROW_SECTION_TTYS("line tty <1-4096>:first [<1-4096>:last]", &tty_line_mode,
                      "Terminal controller", "First Line number",
                      "Last Line number"),
     .unwritten = true, .changed = on_ttys_changed},
    {ROW_SECTION_AUX("line aux <0-0>:first", &tty_line_mode, "Auxiliary line",
                     "First Line number"),
     .changed = on_aux_changed},
    {ROW_SECTION_VTYS("line vty <0-9999>:first [<0-9999>:last]", &vty_line_mode,
                      "Virtual terminal", "First Line number",
                      "Last Line number"),
     .changed = on_vty_changed, .none_left = "% Can't delete last 5 VTY lines"},
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_line

/* --- login -------------------------------------------------------------- */

/* A line that says nothing has the default of its kind: enum config_login. */
static const char *
set_login(struct cli_change *change)
{
    struct config_line *line = change->section;

    if (change->config->aaa.new_model && !change->match->defaulted)
        return "AAA is enabled. Command not supported. "
               "Use an aaa authentication methodlist instead";
    if (change->match->defaulted)
        line->login = CONFIG_LOGIN_DEFAULT;
    else if (change->match->negated)
        line->login = CONFIG_LOGIN_NONE;
    else if (cli_given(change->match, "local"))
        line->login = CONFIG_LOGIN_LOCAL;
    else
        line->login = CONFIG_LOGIN_PASSWORD;
    return NULL;
}

static void
write_login(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_line *line = section;

    (void)all;
    if (line->login == CONFIG_LOGIN_LOCAL)
        cli_write_line(writer, "login local");
    else if (line->login == CONFIG_LOGIN_PASSWORD)
        cli_write_line(writer, "login");
    else if (line->login == CONFIG_LOGIN_NONE)
        cli_write_line(writer, "no login");
}

static void
tell_disabled(struct command *cmd, unsigned line)
{
    out_line(cmd, "%% Login disabled on line %u, until 'password' is set",
             line);
}

/* The lines that were just told to ask for a password and have none. */
static void
tell_lines_without_password(struct command *cmd)
{
    const struct cli_context *context = &cmd->match->after;
    const struct cli_place *place = &context->path[context->depth - 1];
    const struct config *config = cmd->config;

    if (context->mode != &vty_line_mode) {
        if (config->console.password.text == NULL)
            tell_disabled(cmd, 0);
        return;
    }
    for (uint32_t vty = place->keys[0].number; vty <= place->keys[1].number;
         vty++) {
        const struct config_line *line = config_vty_line(config, vty);

        if (line != NULL && line->password.text == NULL)
            tell_disabled(
                cmd, config_line_number(config, (struct config_line_id){
                                                    CONFIG_LINE_VTY, vty}));
    }
}

static void
login(struct command *cmd)
{
    const struct cli_match *match = cmd->match;

    if (!cmd_apply(cmd) || cli_restores(match) || cli_given(match, "local"))
        return;
    tell_lines_without_password(cmd);
}

static void
set_line_password(struct command *cmd)
{
    if (cli_given(cmd->match, "7") ||
        passwords_long_enough(cmd, "the-password"))
        (void)cmd_apply(cmd);
}

/* --- the escape character ----------------------------------------------- */

static const char *
set_escape(struct cli_change *change)
{
    struct config_line *line = change->section;
    unsigned escape = CONFIG_ESCAPE;

    if (!cli_restores(change->match) &&
        !line_escape_typed(change->match, &escape))
        return "% That is no ASCII character";
    line->escape = escape;
    return NULL;
}

static void
write_escape(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_line *line = section;

    if (line->escape == 0)
        cli_write_line(writer, "escape-character NONE");
    else if (all || line->escape != CONFIG_ESCAPE)
        cli_write_line(writer, "escape-character %u", line->escape);
}

/* --- access classes ----------------------------------------------------- */

static const char *
set_access_class(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    struct config_line *line = change->section;
    struct config_access_class *access =
        cli_given(match, "out") ? &line->access_out : &line->access_in;

    access->kind = CONFIG_ACCESS_CLASS_NONE;
    access->number = 0;
    config_text_set(&access->name, NULL);
    if (cli_restores(match))
        return NULL;
    if (cli_given(match, "number")) {
        access->kind = CONFIG_ACCESS_CLASS_NUMBER;
        access->number = cli_number(match, "number");
    } else {
        access->kind = CONFIG_ACCESS_CLASS_NAME;
        config_text_set(&access->name, cli_text(match, "name"));
    }
    return NULL;
}

static void
write_class(struct cli_writer *writer, const struct config_access_class *access,
            const char *direction)
{
    if (access->kind == CONFIG_ACCESS_CLASS_NUMBER)
        cli_write_line(writer, "access-class %u %s", access->number, direction);
    else if (access->kind == CONFIG_ACCESS_CLASS_NAME)
        cli_write_line(writer, "access-class %s %s", access->name, direction);
}

static void
write_access_class(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_line *line = section;

    (void)all;
    write_class(writer, &line->access_in, "in");
    write_class(writer, &line->access_out, "out");
}

static const char *
set_access_class_6(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    struct config_line *line = change->section;
    char **name = cli_given(match, "out") ? &line->access_out.ipv6
                                          : &line->access_in.ipv6;

    config_text_set(name, cli_restores(match) ? NULL : cli_text(match, "name"));
    return NULL;
}

static void
write_access_class_6(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_line *line = section;

    (void)all;
    if (line->access_in.ipv6 != NULL)
        cli_write_line(writer, "ipv6 access-class %s in", line->access_in.ipv6);
    if (line->access_out.ipv6 != NULL)
        cli_write_line(writer, "ipv6 access-class %s out",
                       line->access_out.ipv6);
}

/* --- rows, in the order of show running-config -------------------------- */

const struct cli_row location_rows[] = {
    SET_TEXT("location LINE", location, NULL, "Enter terminal location",
             "One text line describing the terminal's location"),
    ROWS_END,
};

const struct cli_row session_timeout_rows[] = {
    SET("session-timeout <0-35791>:minutes [output]",
        BINDS(BIND_NUMBER(struct config_line, session_timeout_min, 0),
              BIND_FLAG(struct config_line, session_timeout_output, false)),
        "Set interval for closing connection when there is no input traffic",
        "Session timeout interval in minutes",
        "Timeout based on input and output"),
    ROWS_END,
};

#define ACCESS_CLASS "access-class {<1-99,1300-1999>:number|WORD:name} "
#define ACCESS_CLASS_HELP                                              \
    "Filter connections based on an IP access list", "IP access list", \
        "Access-list name"
#define ACCESS_CLASS_6_HELP                                            \
    "IPv6 options", "Filter connections based on an IPv6 access list", \
        "Access-list name"

const struct cli_row access_class_rows[] = {
    SET_BY(ACCESS_CLASS "{in|out}", set_access_class, write_access_class,
           ACCESS_CLASS_HELP, "Filter incoming connections",
           "Filter outgoing connections"),
    SET_BY("ipv6 access-class WORD:name {in|out}", set_access_class_6,
           write_access_class_6, ACCESS_CLASS_6_HELP,
           "Filter incoming connections", "Filter outgoing connections"),
    ROWS_END,
};

/* Nobody comes in to the console from an address. */
const struct cli_row access_class_out_rows[] = {
    SET_BY(ACCESS_CLASS "out", set_access_class, write_access_class,
           ACCESS_CLASS_HELP, "Filter outgoing connections"),
    SET_BY("ipv6 access-class WORD:name out", set_access_class_6,
           write_access_class_6, ACCESS_CLASS_6_HELP,
           "Filter outgoing connections"),
    ROWS_END,
};

const struct cli_row line_timer_rows[] = {
    SET_NUMBER("absolute-timeout <0-10000>", absolute_timeout, 0,
               "Set absolute timeout for line disconnection",
               "Absolute timeout interval in minutes"),
    SET("exec-timeout <0-35791>:minutes [<0-2147483>:seconds]!",
        BINDS(BIND_NUMBER(struct config_line, exec_timeout_min, 10),
              BIND_NUMBER(struct config_line, exec_timeout_s, 0)),
        "Set the EXEC timeout", "Timeout in minutes", "Timeout in seconds"),
    ROWS_END,
};

/* Over SSH nobody is asked at a prompt: `ip ssh time-out` is the limit. */
const struct cli_row login_response_rows[] = {
    SET_NUMBER("timeout login response <0-300>", login_response_s, 30,
               "Timeouts for the line",
               "Timeouts related to the login sequence",
               "Timeout for any user input during login sequences",
               "Timeout in seconds (0 for none)"),
    ROWS_END,
};

#define LINE_LIST      "{default|WORD:list}"
#define LINE_LIST_HELP "Use the default list", "Use a list with this name"

const struct cli_row any_line_rows[] = {
    SET_NUMBER("privilege level <0-15>", privilege, 1,
               "Change privilege level for line",
               "Assign default privilege level for line",
               "Default privilege level for line"),
    {ROW_SET("password [0|7] LINE:the-password",
             BINDS(BIND_NUMBER(struct config_line, password_type,
                               CONFIG_PASSWORD_AS_TYPED),
                   BIND_SECRET(struct config_line, password)),
             "Set a password", PASSWORD_HELP,
             "The UNENCRYPTED (cleartext) line password"),
     .run = set_line_password, .check = passwords_check_plain},
    SET_BY("authorization {exec|commands <0-15>:level} " LINE_LIST,
           line_set_authorization, line_write_authorization,
           "Authorization parameters", "For starting an exec (shell)",
           "For exec (shell) commands", "Enable level", LINE_LIST_HELP),
    SET_BY("accounting {exec|commands <0-15>:level|connection} " LINE_LIST,
           line_set_accounting, line_write_accounting, "Accounting parameters",
           "For starting an exec (shell)", "For exec (shell) commands",
           "Enable level", "For outbound connections", LINE_LIST_HELP),
    SET_FLAG("logging synchronous", synchronous, false,
             "Modify message logging facilities",
             "Synchronized message output"),
    GROUP("login", "Enable password checking"),
    {ROW_SET_BY("login [local]", set_login, write_login,
                "Local password checking"),
     .run = login},
    SET_BY("login authentication " LINE_LIST, line_set_login_list,
           line_write_login_list, "Authentication parameters of this line",
           LINE_LIST_HELP),
    SET_FLAG("exec", exec, true, "Configure EXEC"),
    SET_FLAG("exec-banner", exec_banner, true,
             "Enable the display of the EXEC banner"),
    SET_FLAG("motd-banner", motd_banner, true,
             "Enable the display of the MOTD banner"),
    GROUP("history", "Enable and control the command history function"),
    SET_FLAG("history", history, true,
             "Enable and control the command history function"),
    SET_NUMBER("history size <0-256>", history_size, CONFIG_LINE_HISTORY,
               "Set history buffer size", "Size of history buffer"),
    SET_NUMBER("width <0-512>", width, CONFIG_LINE_WIDTH,
               "Set width of the display terminal",
               "Number of characters on a screen line"),
    SET_NUMBER("length <0-512>", length, CONFIG_LINE_LENGTH,
               "Set number of lines on a screen",
               "Number of lines on screen (0 for no pausing)"),
    SET_BY("escape-character " LINE_ESCAPE, set_escape, write_escape,
           "Change the current line's escape character", LINE_ESCAPE_HELP),
    ROWS_END,
};

#define TRANSPORTS "All protocols", "No protocols", "TCP/IP SSH protocol"
#define TRANSPORT_OUTPUT \
    "Define which protocols to use for outgoing connections"
#define TRANSPORT_PREFERRED                                                    \
    SET_CHOICE("transport preferred {none|ssh}", transport_preferred,          \
               CONFIG_PREFERRED_NONE, "Specify the preferred protocol to use", \
               "No protocols", "TCP/IP SSH protocol")

const struct cli_row transport_rows[] = {
    /* The console has log lines anyway. */
    SET_FLAG("monitor", monitor, false,
             "Copy debug output to the current terminal line"),
    GROUP("transport", "Define transport protocols for line"),
    TRANSPORT_PREFERRED,
    {ROW_SET_CHOICE("transport input {all|none|ssh}", transport_input,
                    CONFIG_TRANSPORT_ALL,
                    "Define which protocols to use when connecting to the "
                    "terminal server",
                    TRANSPORTS),
     .changed = on_vty_changed},
    SET_CHOICE("transport output {all|none|ssh}", transport_output,
               CONFIG_TRANSPORT_ALL, TRANSPORT_OUTPUT, TRANSPORTS),
    ROWS_END,
};

/* Of the console, whose own protocol is none of these. */
const struct cli_row transport_output_rows[] = {
    GROUP("transport", "Define transport protocols for line"),
    TRANSPORT_PREFERRED,
    SET_CHOICE("transport output {all|none|ssh}", transport_output,
               CONFIG_TRANSPORT_ALL, TRANSPORT_OUTPUT, TRANSPORTS),
    ROWS_END,
};
