/*
 * `aaa new-model`, and the lists of methods that decide from then on who
 * logs in, what he may do, and where it is recorded: config/aaa.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "commands/banner.h"
#include "commands/rows.h"
#include "config/aaa.h"
#include "config/range.h"

#define INCOMPLETE "% Incomplete command."

/* --- aaa new-model ------------------------------------------------------ */

/* Every range begins its settings with those of any line. */
static void
forget_logins(const struct config_range_kind *kind, struct config_list *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        struct config_line *line =
            (void *)((char *)lines->items[i] + kind->offset);

        line->login = CONFIG_LOGIN_DEFAULT;
    }
    config_range_merge(kind, lines, 0, kind->limit - 1);
}

/* What lines say of logins does not hold any more, and does not come back. */
static void
on_new_model(const struct cli_change *change)
{
    struct config *config = change->config;

    if (!config->aaa.new_model)
        return;
    config->console.login = CONFIG_LOGIN_DEFAULT;
    forget_logins(&config_tty_ranges, &config->ttys.list);
    forget_logins(&config_aux_ranges, &config->aux.list);
    forget_logins(&config_vty_ranges, &config->vtys.list);
}

const struct cli_row aaa_model_rows[] = {
    GROUP("aaa", "Authentication, Authorization and Accounting."),
    {ROW_SET_FLAG("aaa new-model", aaa.new_model, false,
                  "Enable NEW access control commands and functions."
                  "(Disables OLD commands.)"),
     .changed = on_new_model, .always = true},
    ROWS_END,
};

/* --- prompts ------------------------------------------------------------ */

/* Quotes around it, which keep blanks at its end in sight, are no part. */
static void
set_prompt(struct cli_match *match, char **prompt)
{
    const char *text = cli_text(match, "text");
    size_t length = text == NULL ? 0 : strlen(text);
    char *bare;

    if (cli_restores(match)) {
        config_text_set(prompt, NULL);
        return;
    }
    if (length < 2 || text[0] != '"' || text[length - 1] != '"') {
        config_text_set(prompt, text);
        return;
    }
    bare = text_dup_span(span_of(text + 1, length - 2));
    config_text_set(prompt, bare);
    free(bare);
}

static const char *
set_password_prompt(struct cli_change *change)
{
    set_prompt(change->match, &change->config->aaa.password_prompt);
    return NULL;
}

static const char *
set_username_prompt(struct cli_change *change)
{
    set_prompt(change->match, &change->config->aaa.username_prompt);
    return NULL;
}

static void
write_prompt(struct cli_writer *writer, const char *which, const char *text)
{
    if (text != NULL)
        cli_write_line(writer, "aaa authentication %s-prompt \"%s\"", which,
                       text);
}

static void
write_password_prompt(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    write_prompt(writer, "password", config->aaa.password_prompt);
}

static void
write_username_prompt(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    write_prompt(writer, "username", config->aaa.username_prompt);
}

/* --- texts -------------------------------------------------------------- */

static const char *
set_banner(struct cli_change *change)
{
    return banner_set(change, &change->config->aaa.banner);
}

static const char *
set_fail_message(struct cli_change *change)
{
    return banner_set(change, &change->config->aaa.fail_message);
}

static void
write_banner(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    banner_write(writer, "aaa authentication banner", config->aaa.banner);
}

static void
write_fail_message(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    banner_write(writer, "aaa authentication fail-message",
                 config->aaa.fail_message);
}

/* --- lists -------------------------------------------------------------- */

static const char *
list_name(const struct cli_match *match)
{
    const char *name = cli_text(match, "list");

    if (name != NULL)
        return name;
    return cli_given(match, "default") ? CONFIG_AAA_DEFAULT : NULL;
}

/* What stands behind the first `words` words of the line, in full. */
static const char *
behind(struct cli_match *match, unsigned words)
{
    const char *text = buf_text(&match->text);

    for (; words > 0; words--) {
        text += strcspn(text, " ");
        text += strspn(text, " ");
    }
    return text;
}

/* `words`: how many stand before the methods. */
static const char *
set_methods(struct cli_change *change, enum config_aaa_use use, uint32_t level,
            const char *name, unsigned words)
{
    struct config_methods *m;

    if (name == NULL)
        return INCOMPLETE;
    if (cli_restores(change->match)) {
        config_methods_remove(change->config, use, level, name);
        return NULL;
    }
    m = config_methods_make(change->config, use, level, name);
    config_text_set(&m->methods, behind(change->match, words));
    return NULL;
}

static const char *
set_login(struct cli_change *change)
{
    return set_methods(change, CONFIG_AAA_LOGIN, 0, list_name(change->match),
                       4);
}

static const char *
set_enable(struct cli_change *change)
{
    return set_methods(change, CONFIG_AAA_ENABLE, 0, CONFIG_AAA_DEFAULT, 4);
}

static const char *
set_authorization(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    const char *name = list_name(match);

    if (cli_given(match, "reverse-access"))
        return set_methods(change, CONFIG_AAA_REVERSE_ACCESS, 0, name, 4);
    if (cli_given(match, "exec"))
        return set_methods(change, CONFIG_AAA_EXEC, 0, name, 4);
    if (!cli_given(match, "level"))
        return INCOMPLETE;
    return set_methods(change, CONFIG_AAA_COMMANDS, cli_number(match, "level"),
                       name, 5);
}

static enum config_aaa_record
record_of(const struct cli_match *match)
{
    if (cli_given(match, "start-stop"))
        return CONFIG_AAA_START_STOP;
    return cli_given(match, "stop-only") ? CONFIG_AAA_STOP_ONLY
                                         : CONFIG_AAA_NO_RECORD;
}

/* Which records a line speaks of; false: the line does not say it all. */
static bool
accounting_use(const struct cli_match *match, enum config_aaa_use *use)
{
    if (cli_given(match, "commands")) {
        *use = CONFIG_AAA_COUNT_COMMANDS;
        return cli_given(match, "level");
    }
    *use = cli_given(match, "exec") ? CONFIG_AAA_COUNT_EXEC
                                    : CONFIG_AAA_COUNT_CONNECTION;
    return cli_given(match, "exec") || cli_given(match, "connection");
}

static const char *
set_accounting(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    const char *name = list_name(match);
    uint32_t level = cli_number(match, "level");
    bool broadcast = cli_given(match, "broadcast");
    unsigned words = broadcast ? 6 : 5; /* before the methods */
    enum config_aaa_use use;
    struct config_methods *m;
    const char *refusal;

    if (!accounting_use(match, &use))
        return INCOMPLETE;
    if (use == CONFIG_AAA_COUNT_COMMANDS)
        words++;
    refusal = set_methods(change, use, level, name, words);
    if (refusal != NULL || cli_restores(match))
        return refusal;
    m = config_methods_make(change->config, use, level, name);
    m->record = (uint8_t)record_of(match);
    m->broadcast = broadcast;
    if (m->record == CONFIG_AAA_NO_RECORD)
        config_text_set(&m->methods, NULL);
    return NULL;
}

/* Each list of that use: its name and level, in the words before them. */
static void
write_lists(struct cli_writer *writer, const struct config *config,
            enum config_aaa_use use, const char *words, const char *end)
{
    const struct config_list *list = &config->aaa.methods.list;

    for (size_t i = 0; i < list->count; i++) {
        const struct config_methods *m = list->items[i];

        if (m->use == use && use == CONFIG_AAA_COMMANDS)
            cli_write_line(writer, "aaa %s %u %s %s%s", words, m->level,
                           m->name, m->methods, end);
        else if (m->use == use)
            cli_write_line(writer, "aaa %s %s %s%s", words, m->name, m->methods,
                           end);
    }
}

static void
write_login(struct cli_writer *writer, const void *section, bool all)
{
    (void)all;
    write_lists(writer, section, CONFIG_AAA_LOGIN, "authentication login", "");
}

static void
write_enable(struct cli_writer *writer, const void *section, bool all)
{
    (void)all;
    write_lists(writer, section, CONFIG_AAA_ENABLE, "authentication enable",
                "");
}

/* Their lines end in a blank, as IOS's do. */
static void
write_authorization(struct cli_writer *writer, const void *section, bool all)
{
    (void)all;
    write_lists(writer, section, CONFIG_AAA_EXEC, "authorization exec", " ");
    write_lists(writer, section, CONFIG_AAA_COMMANDS, "authorization commands",
                " ");
    write_lists(writer, section, CONFIG_AAA_REVERSE_ACCESS,
                "authorization reverse-access", " ");
}

static void
write_records(struct cli_writer *writer, const struct config_methods *m,
              const char *what)
{
    static const char *const records[] = {"", "start-stop", "stop-only",
                                          "none"};

    cli_write_line(writer, "aaa accounting %s %s %s%s%s%s", what, m->name,
                   records[m->record], m->broadcast ? " broadcast" : "",
                   m->methods != NULL ? " " : "",
                   m->methods != NULL ? m->methods : "");
}

static void
write_accounting(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;
    const struct config_list *list = &config->aaa.methods.list;
    char commands[32];

    (void)all;
    for (size_t i = 0; i < list->count; i++) {
        const struct config_methods *m = list->items[i];

        snprintf(commands, sizeof(commands), "commands %u", m->level);
        if (m->use == CONFIG_AAA_COUNT_EXEC)
            write_records(writer, m, "exec");
        else if (m->use == CONFIG_AAA_COUNT_COMMANDS)
            write_records(writer, m, commands);
        else if (m->use == CONFIG_AAA_COUNT_CONNECTION)
            write_records(writer, m, "connection");
    }
}

/* --- rows --------------------------------------------------------------- */

#define UP_TO_4(method)      method " [" method " [" method " [" method "]]]"
#define UP_TO_4_HELP(method) method, method, method, method
#define LIST_NAME            "{default|WORD:list} "
#define GROUP_OF_SERVERS     "group {radius|tacacs+|WORD:servers}"
#define GROUP_HELP                                       \
    "Use Server-group", "Use list of all Radius hosts.", \
        "Use list of all Tacacs+ hosts.", "Server-group name"
#define ENABLE_HELP "Use enable password for authentication."
#define LINE_HELP   "Use line password for authentication."

#define LOGIN_METHOD "{enable|" GROUP_OF_SERVERS "|line|local|local-case|none}"
#define LOGIN_METHOD_HELP                                                     \
    ENABLE_HELP, GROUP_HELP, LINE_HELP, "Use local username authentication.", \
        "Use case-sensitive local username authentication.",                  \
        "NO authentication."
#define ENABLE_METHOD "{enable|" GROUP_OF_SERVERS "|line|none}"
#define ENABLE_METHOD_HELP \
    ENABLE_HELP, GROUP_HELP, LINE_HELP, "NO authentication."
#define AUTHOR_METHOD "{" GROUP_OF_SERVERS "|if-authenticated|local|none}"
#define AUTHOR_METHOD_HELP                                                   \
    GROUP_HELP, "Succeed if user has authenticated.", "Use local database.", \
        "No authorization (always succeeds)."

const struct cli_row aaa_rows[] = {
    GROUP("aaa authentication", "Authentication configurations parameters."),
    SET_NUMBER("aaa authentication attempts login <1-25>", aaa.attempts,
               CONFIG_AAA_ATTEMPTS, "Set the maximum number of login attempts",
               "Set the maximum number of login attempts",
               "Number of attempts"),
    {ROW_SET_BY("aaa authentication banner LINE", set_banner, write_banner,
                "Message to use when starting login/authentication.",
                BANNER_HELP),
     .run = banner_collect, .wants_more = banner_wants_more},
    {ROW_SET_BY("aaa authentication fail-message LINE", set_fail_message,
                write_fail_message,
                "Message to use for failed login/authentication.", BANNER_HELP),
     .run = banner_collect, .wants_more = banner_wants_more},
    SET_BY("aaa authentication password-prompt LINE:text", set_password_prompt,
           write_password_prompt, "Text to use when prompting for a password",
           "Text of prompt, in quotes if blanks end it"),
    SET_BY("aaa authentication username-prompt LINE:text", set_username_prompt,
           write_username_prompt, "Text to use when prompting for a username",
           "Text of prompt, in quotes if blanks end it"),
    SET_BY("aaa authentication login " LIST_NAME UP_TO_4(LOGIN_METHOD),
           set_login, write_login, "Set authentication lists for logins.",
           "The default authentication list.", "Named authentication list.",
           UP_TO_4_HELP(LOGIN_METHOD_HELP)),
    SET_BY("aaa authentication enable default " UP_TO_4(ENABLE_METHOD),
           set_enable, write_enable, "Set authentication list for enable.",
           "The default authentication list.",
           UP_TO_4_HELP(ENABLE_METHOD_HELP)),
    GROUP("aaa authorization", "Authorization configurations parameters."),
    SET_FLAG("aaa authorization console", aaa.authorize_console, false,
             "For enabling console authorization"),
    SET_FLAG("aaa authorization config-commands", aaa.authorize_configuration,
             false, "For configuration mode commands."),
    SET_BY("aaa authorization {exec|commands "
           "<0-15>:level|reverse-access} " LIST_NAME UP_TO_4(AUTHOR_METHOD),
           set_authorization, write_authorization,
           "For starting an exec (shell).", "For exec (shell) commands.",
           "Enable level", "For reverse access connections",
           "The default authorization list.", "Named authorization list.",
           UP_TO_4_HELP(AUTHOR_METHOD_HELP)),
    GROUP("aaa accounting", "Accounting configurations parameters."),
    SET_NUMBER("aaa accounting update periodic <1-2147483647>", aaa.update_min,
               0, "Enable accounting update records.",
               "Send accounting update records at regular intervals.",
               "Periodic intervals to send accounting update records(in "
               "minutes)"),
    SET_BY("aaa accounting {exec|commands <0-15>:level|connection} " LIST_NAME
           "{none|{start-stop|stop-only} [broadcast] " UP_TO_4(
               GROUP_OF_SERVERS) "}",
           set_accounting, write_accounting, "For starting an exec (shell).",
           "For exec (shell) commands.", "Enable level",
           "For outbound connections.", "The default accounting list.",
           "Named Accounting list.", "No accounting.",
           "Record start and stop without waiting",
           "Record stop when service terminates.",
           "Use Broadcast for Accounting", UP_TO_4_HELP(GROUP_HELP)),
    ROWS_END,
};

/* --- aaa session-id ----------------------------------------------------- */

/* There is but one way: all that is asked of a session has one number. */
static const char *
set_session_id(struct cli_change *change)
{
    (void)change;
    return NULL;
}

static void
write_session_id(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    if (config->aaa.new_model)
        cli_write_line(writer, "aaa session-id common");
}

const struct cli_row aaa_session_rows[] = {
    {ROW_SET_BY("aaa session-id common", set_session_id, write_session_id,
                "AAA Session ID",
                "All records of a session have the same session id"),
     .hidden = true},
    ROWS_END,
};
