/*
 * `ssh`: a session, or one command, on another machine.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/connecting.h"
#include "commands/rows.h"
#include "control/connections.h"
#include "control/judge.h"
#include "control/keys.h"

#define PORT 22
/* Of a word that is neither. */
#define NO_NAME \
    "Unknown command or computer name, or unable to find computer address"

struct session_there {
    struct connecting connecting;
    bool attached; /* the user's channel is joined to the stream */
    bool remote_command;
    bool on_screen; /* a shell on a terminal: it can be suspended */
};

static void
session_free(void *state)
{
    struct session_there *there = state;

    connecting_end(&there->connecting);
    free(there);
}

/* --- the end ------------------------------------------------------------ */

/* What a command said of itself, where it was not that all is well. */
static void
show_status(struct command *cmd)
{
    const struct session_there *there = cmd->state;
    const struct connecting *connecting = &there->connecting;

    if (!there->remote_command)
        return;
    if (connecting->signal[0] != '\0')
        out_error(cmd, "The remote command was ended by signal %s",
                  connecting->signal);
    else if (connecting->end.said.has_status &&
             connecting->end.said.status != 0)
        out_error(cmd, "The remote command ended with status %u",
                  (unsigned)connecting->end.said.status);
}

static void
show_end(struct command *cmd)
{
    const struct session_there *there = cmd->state;
    const struct connecting *connecting = &there->connecting;
    struct buf text;

    buf_init(&text, 2 * CONNECTION_HOST_MAX);
    if (connection_is_orderly(&connecting->end))
        out_line(cmd, "%s", "");
    connection_put_end(&text, connecting->host, &connecting->end);
    out_span(cmd, buf_span(&text));
    buf_clear(&text);
    /* An exec request wants to know whether anything was done. */
    cmd->failed = cmd->failed || !connecting->end.ready ||
                  !connection_is_orderly(&connecting->end);
}

static void
finish(struct command *cmd)
{
    const struct session_there *there = cmd->state;
    const struct connecting *connecting = &there->connecting;
    const char *failure = connecting_failure(&connecting->end);

    if (cmd->named && connecting->end.outcome == OUTGOING_UNKNOWN)
        failure = NO_NAME;
    if (failure != NULL) {
        out_error(cmd, "%s", failure);
    } else if (connecting->end.said.end == CLIENT_INTERRUPTED) {
        out_error(cmd, "Connection aborted by user");
    } else {
        show_end(cmd);
        show_status(cmd);
    }
    cmd_done(cmd);
}

/* What came for the user's screen stands before what is said of the end. */
static void
on_connection_end(struct command *cmd)
{
    const struct session_there *there = cmd->state;

    if (!there->attached)
        finish(cmd);
}

static void
on_detached(struct command *cmd, enum detach_reason reason)
{
    struct session_there *there = cmd->state;

    (void)reason; /* there is no escape key */
    there->attached = false;
    if (there->connecting.over)
        finish(cmd);
    else
        cmd_wait(cmd);
}

/* --- life --------------------------------------------------------------- */

static void
on_window(struct command *cmd)
{
    const struct session_there *there = cmd->state;
    struct shell_screen screen;

    if (there->connecting.outgoing == NULL)
        return;
    shell_screen(cmd->shell, &screen);
    outgoing_window(there->connecting.outgoing, screen.columns, screen.rows);
}

static void
on_break(struct command *cmd, unsigned ms)
{
    const struct session_there *there = cmd->state;

    if (there->connecting.outgoing != NULL)
        outgoing_break(there->connecting.outgoing, ms);
}

static void
on_ready(struct command *cmd)
{
    struct session_there *there = cmd->state;
    struct connection *c = NULL;
    struct cmd_stream stream = {.idle_s = 0};

    if (there->on_screen)
        c = connection_adopt(cmd->shell, there->connecting.host,
                             there->connecting.outgoing);
    if (c != NULL) {
        there->connecting.outgoing = NULL;
        connection_show(cmd, c);
        return;
    }
    cmd->on_window = on_window;
    cmd->on_break = on_break;
    there->attached = true;
    stream.socket = outgoing_stream(there->connecting.outgoing);
    cmd_put_session_timeout(cmd, &stream);
    cmd_attach(cmd, &stream, on_detached);
}

/* --- the line ----------------------------------------------------------- */

/* As the row has them; NULL closes the list. */
static const char *const cipher_words[] = {
    "3des",
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    NULL,
};

static const char *const mac_words[] = {
    "hmac-md5",
    "hmac-md5-96",
    "hmac-sha1",
    "hmac-sha1-160",
    "hmac-sha1-96",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    NULL,
};

/* The name on the wire, for the two words that IOS has instead of it. */
static const char *
wire_name(const char *word)
{
    if (strcmp(word, "3des") == 0)
        return "3des-cbc";
    return strcmp(word, "hmac-sha1-160") == 0 ? "hmac-sha1" : word;
}

/* NULL: none was named. */
static const char *
named_algorithm(const struct command *cmd, const char *const *words)
{
    for (; *words != NULL; words++)
        if (cli_given(cmd->match, *words))
            return wire_name(*words);
    return NULL;
}

/* Quotes around the whole command only keep its blanks together. */
static char *
remote_command(const struct command *cmd)
{
    const char *text = cli_text(cmd->match, "command");
    size_t len;

    if (text == NULL)
        return NULL;
    len = strlen(text);
    while (len > 0 && text[len - 1] == ' ')
        len--;
    if (len >= 2 && text[0] == '"' && text[len - 1] == '"')
        return text_dup_span(span_of(text + 1, len - 2));
    return text_dup_span(span_of(text, len));
}

/* As whom: -l, or what stands before the @, or who he is here. */
static bool
choose_user(struct command *cmd, const char **host, char *user, size_t room)
{
    const char *typed = cli_text(cmd->match, "host");
    const char *named = cli_text(cmd->match, "user");
    const char *at = strrchr(typed, '@');

    *host = at != NULL ? at + 1 : typed;
    if (named != NULL) {
        text_copy(user, room, named);
    } else if (at != NULL) {
        text_copy_span(user, room, span_of(typed, (size_t)(at - typed)));
    } else if (cmd->session->user[0] != '\0') {
        text_copy(user, room, cmd->session->user);
        return true;
    } else {
        out_error(cmd, "No user specified nor available for SSH client");
        return false;
    }
    if (connecting_user_is_valid(user))
        return true;
    out_error(cmd, "Invalid user name");
    return false;
}

/* -v, else what `ip ssh version` permits. Version 1 has two ciphers of its own
   and no MAC: who asks for another means version 2. */
static bool
choose_version(struct command *cmd, struct outgoing_plan *plan)
{
    bool des = cli_given(cmd->match, "des");
    bool triple = cli_given(cmd->match, "3des");
    bool one = cli_given(cmd->match, "1"), two = cli_given(cmd->match, "2");

    plan->version_named = one || two;
    plan->versions = one   ? SSH_VERSION_1
                     : two ? SSH_VERSION_2
                           : keys_wanted_versions(cmd->router);
    if (des && (plan->versions & SSH_VERSION_1) == 0) {
        out_error(cmd, "SSH version 2 has no cipher des");
        return false;
    }
    if (des)
        plan->versions = SSH_VERSION_1;
    if (plan->versions == SSH_VERSION_1 && plan->macs != NULL) {
        out_error(cmd, "SSH version 1 has no HMAC to choose");
        return false;
    }
    if (plan->versions == SSH_VERSION_1 && plan->ciphers != NULL && !triple) {
        out_error(cmd, "SSH version 1 has the ciphers 3des and des only");
        return false;
    }
    if (plan->macs != NULL || (plan->ciphers != NULL && !triple))
        plan->versions = SSH_VERSION_2;
    plan->v1_ciphers = des ? "des" : triple ? "3des" : NULL;
    return true;
}

static void
fill_terminal(const struct command *cmd, struct outgoing_plan *plan,
              struct shell_screen *screen)
{
    shell_screen(cmd->shell, screen);
    plan->columns = screen->columns;
    plan->rows = screen->rows;
    plan->cooked = screen->pty && plan->purpose == CLIENT_COMMAND;
    if (!screen->pty || plan->purpose != CLIENT_SHELL)
        return;
    plan->terminal = screen->terminal[0] != '\0' ? screen->terminal : "vt100";
    plan->modes = screen->modes;
}

static void
connect_there(struct command *cmd, struct outgoing_plan *plan)
{
    struct session_there *there = alloc_zero(1, sizeof(*there));
    struct shell_screen screen;

    cmd->state = there;
    cmd->free_state = session_free;
    there->connecting.ready = on_ready;
    there->connecting.ended = on_connection_end;
    there->remote_command = plan->purpose == CLIENT_COMMAND;
    fill_terminal(cmd, plan, &screen);
    there->on_screen = plan->terminal != NULL;
    connecting_begin(cmd, plan);
}

static void
ssh(struct command *cmd)
{
    char user[CLI_WORD_MAX + 1];
    char *command;
    struct outgoing_plan plan = {
        .port = PORT,
        .prompts = OUTGOING_PROMPTS,
        .ciphers = named_algorithm(cmd, cipher_words),
        .macs = named_algorithm(cmd, mac_words),
        .purpose = CLIENT_SHELL,
        .user = user,
    };

    if (!connecting_is_permitted(cmd))
        return;
    if (connections_full(cmd->shell)) {
        out_error(cmd, "All %u connections are open", CONNECTIONS_MAX);
        return;
    }
    if (!choose_user(cmd, &plan.host, user, sizeof(user)))
        return;
    if (!connecting_host_is_valid(plan.host)) {
        out_error(cmd, "%s",
                  cmd->named ? NO_NAME : "Bad IP address or host name");
        return;
    }
    if (!choose_version(cmd, &plan))
        return;
    if (cli_given(cmd->match, "port"))
        plan.port = (uint16_t)cli_number(cmd->match, "port");
    if (cli_given(cmd->match, "prompts"))
        plan.prompts = cli_number(cmd->match, "prompts");
    command = remote_command(cmd);
    if (command != NULL && command[0] != '\0') {
        plan.purpose = CLIENT_COMMAND;
        plan.command = command;
    }
    connect_there(cmd, &plan);
    free(command);
}

#define CIPHERS                                                            \
    "{des|3des|3des-cbc|aes128-cbc|aes192-cbc|aes256-cbc|aes128-ctr|"      \
    "aes192-ctr|aes256-ctr|aes128-gcm@openssh.com|aes256-gcm@openssh.com|" \
    "chacha20-poly1305@openssh.com}"
#define CIPHERS_HELP                                                           \
    "DES, version 1 only", "Triple DES in CBC mode", "Triple DES in CBC mode", \
        "AES with 128-bit key in CBC mode",                                    \
        "AES with 192-bit key in CBC mode",                                    \
        "AES with 256-bit key in CBC mode",                                    \
        "AES with 128-bit key in CTR mode",                                    \
        "AES with 192-bit key in CTR mode",                                    \
        "AES with 256-bit key in CTR mode",                                    \
        "AES with 128-bit key in GCM mode",                                    \
        "AES with 256-bit key in GCM mode", "ChaCha20 with Poly1305"
#define MACS                                                      \
    "{hmac-md5|hmac-md5-96|hmac-sha1|hmac-sha1-160|hmac-sha1-96|" \
    "hmac-sha2-256|hmac-sha2-512|hmac-sha2-256-etm@openssh.com|"  \
    "hmac-sha2-512-etm@openssh.com}"
#define MACS_HELP                                                        \
    "MD5", "MD5, 96 bits sent", "SHA-1", "SHA-1", "SHA-1, 96 bits sent", \
        "SHA-256", "SHA-512", "SHA-256, over the ciphertext",            \
        "SHA-512, over the ciphertext"

const struct cli_row ssh_client_rows[] = {
    GROUP("ssh", "Open a secure shell client connection"),
    EXEC("ssh [-v {1|2}|-c " CIPHERS "|-l WORD:user|-m " MACS
         "|-o numberofpasswordprompts <1-5>:prompts|-p <1-65535>:port]... "
         "WORD:host [LINE:command]",
         1, ssh, "Specify SSH Protocol Version", "Protocol Version 1",
         "Protocol Version 2", "Select encryption algorithm", CIPHERS_HELP,
         "Log in using this user name", "User name", "Select HMAC algorithm",
         MACS_HELP, "Specify options", "Specify number of password prompts",
         "Number of password prompts", "Connect to this port",
         "TCP port number", "IP address or hostname of a remote system",
         "Command to be executed on the remote system"),
    ROWS_END,
};
