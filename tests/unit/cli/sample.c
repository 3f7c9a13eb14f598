#include "sample.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

static void
run_nothing(struct command *cmd)
{
    (void)cmd;
}

static const struct cli_word *
ciphers(void)
{
    static const struct cli_word words[] = {
        {"aes256-gcm", "AES-GCM, 256 bits", false},
        {"aes128-ctr", "AES in counter mode, 128 bits", false},
        {"aes192-ctr", NULL, false},
        {"3des-cbc", "Three-key triple DES", true},
        {NULL, NULL, false},
    };

    return words;
}

static const struct cli_word *
key_types(void)
{
    static const struct cli_word words[] = {
        {"ssh-rsa", NULL, false},
        {"ssh-ed25519", NULL, false},
        {NULL, NULL, false},
    };

    return words;
}

static const char *
check_hostname(struct cli_change *change)
{
    if (!cli_given(change->match, "WORD") ||
        strchr(cli_text(change->match, "WORD"), '_') == NULL)
        return NULL;
    snprintf(change->refusal, sizeof(change->refusal),
             "%% Hostname %s contains one or more illegal characters.",
             cli_text(change->match, "WORD"));
    return change->refusal;
}

static void
saw_change(const struct cli_change *change)
{
    struct sample_seen *seen = change->owner;

    if (seen == NULL)
        return;
    seen->calls++;
    text_copy(seen->before, sizeof(seen->before), change->before);
    text_copy(seen->after, sizeof(seen->after), change->after);
}

static bool
banner_wants_more(const struct cli_match *match, const char *text)
{
    (void)match;
    return strchr(text + 1, text[0]) == NULL;
}

static const char *
set_banner(struct cli_change *change)
{
    const char *text = cli_lines(change->match);
    char *inside;

    if (change->match->negated || change->match->defaulted) {
        config_text_set(&change->config->banners.motd, NULL);
        return NULL;
    }
    inside = text_dup(text + 1);
    *strchr(inside, text[0]) = '\0';
    config_text_set(&change->config->banners.motd, inside);
    free(inside);
    return NULL;
}

static void
write_banner(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    if (config->banners.motd != NULL)
        cli_write_line(writer, "banner motd #%s#", config->banners.motd);
}

static const struct cli_row exec_rows[] = {
    GROUP("show", "Show running system information"),
    GROUP("show ip", "IP information"),
    GROUP("crypto key", "Encryption module", "Long term key operations"),
    GROUP("crypto key generate", "Generate new keys"),
    GROUP("clear", "Reset functions"),
    EXEC("configure terminal", 15, run_nothing, "Enter configuration mode",
         "Configure from the terminal"),
    EXEC("crypto key generate rsa [general-keys|label WORD:label|modulus "
         "<512-4096>:bits]...",
         15, run_nothing, "Generate RSA keys",
         "Generate a general purpose RSA key pair for signing and encryption",
         "Provide a label", "RSA keypair label", "Provide number of modulus",
         "Size of the key modulus"),
    EXEC("clock set WORD:time", 15, run_nothing, "Manage the system clock",
         "Set the time and date", "Current Time"),
    EXEC("clear line {<0-9999>:number|vty <0-9999>:vty}", 2, run_nothing,
         "Reset a terminal line", "Line number", "Virtual terminal",
         "Line number"),
    {ROW_EXEC("login WORD SECRETLESS LINE:password", 1, run_nothing, "Log in",
              "Name", "Word", "Password"),
     .secret = true, .hidden = true},
    {ROW_SHOW("show ip ssh", 1, run_nothing, "Information on SSH"),
     .json = true},
    SHOW("show ip route [A.B.C.D]", 1, run_nothing, "IP routing table",
         "Network to display information about"),
    SHOW("show inventory", 1, run_nothing, "Show the physical inventory"),
    SHOW("show running-config", 15, run_nothing,
         "Current operating configuration"),
    ROWS_END,
};

static const struct cli_row system_rows[] = {
    {ROW_SET_TEXT("hostname WORD", hostname, "Router",
                  "Set system's network name", "This system's network name"),
     .check = check_hostname, .changed = saw_change},
    ROWS_END,
};

static const struct cli_row user_rows[] = {
    LIST("username WORD:name [privilege <0-15>:level] "
         "[password [0|7]! LINE:password|secret [0|5|8|9]! LINE:secret]",
         users, config_user, 1,
         BINDS(BIND_TEXT(struct config_user, name, NULL),
               BIND_NUMBER(struct config_user, privilege, 1),
               BIND_CHOICE(struct config_user, credential, 0),
               BIND_NUMBER(struct config_user, password_type, 0),
               BIND_SECRET(struct config_user, password),
               BIND_NUMBER(struct config_user, password_type, 0),
               BIND_SECRET(struct config_user, password)),
         "Establish User Name Authentication", "User name",
         "Set user privilege level", "User privilege level",
         "Specify the password for the user",
         "Specifies an UNENCRYPTED password will follow",
         "Specifies a HIDDEN password will follow",
         "The UNENCRYPTED (cleartext) user password",
         "Specify the secret for the user",
         "Specifies an UNENCRYPTED secret will follow",
         "Specifies a HIDDEN MD5 secret will follow",
         "Specifies a HIDDEN PBKDF2 secret will follow",
         "Specifies a HIDDEN SCRYPT secret will follow",
         "The UNENCRYPTED (cleartext) user secret"),
    ROWS_END,
};

static const struct cli_row ssh_rows[] = {
    GROUP("ip", "Global IP configuration subcommands"),
    GROUP("ip ssh", "Configure SSH options"),
    SET_NUMBER("ip ssh time-out <1-120>", ssh.timeout, 120,
               "Specify SSH time-out interval", "SSH time-out interval (secs)"),
    {ROW_SET_NUMBER("ip ssh timeout <1-120>", ssh.timeout, 120,
                    "Specify SSH time-out interval",
                    "SSH time-out interval (secs)"),
     .alias = true},
    SET_NUMBER("ip ssh authentication-retries <0-5>", ssh.retries, 3,
               "Specify number of authentication retries",
               "Number of authentication retries"),
    SET_NUMBER("ip ssh version <2-2>", ssh.version, 0,
               "Specify protocol version to be supported", "Protocol version"),
    SET_TEXT("ip ssh source-interface WORD", ssh.keypair_name, NULL,
             "Specify interface for source address in SSH connections",
             "Interface name"),
    {ROW_SET_NAMES("ip ssh server encryption CHOICE...", ssh.encryption,
                   ciphers, "SSH server options", "Encryption algorithms",
                   "A cipher"),
     .none_left = "% SSH command rejected: All encryption algorithms cannot "
                  "be disabled"},
    SECTION("ip ssh pubkey-chain", &sample_chain, "pubkey-chain"),
    ROWS_END,
};

static const struct cli_row access_rows[] = {
    SECTION_LIST("access-list WORD:name", named_acls, config_acl, 1,
                 BINDS(BIND_TEXT(struct config_acl, name, NULL)), &sample_acl,
                 "Name an access list", "Its name"),
    ROWS_END,
};

static const struct cli_row banner_rows[] = {
    {ROW_SET_BY("banner motd LINE", set_banner, write_banner,
                "Define a login banner", "Set Message of the Day banner",
                "c banner-text c, where 'c' is a delimiting character"),
     .wants_more = banner_wants_more},
    ROWS_END,
};

static const struct cli_row section_rows[] = {
    GROUP("line", "Configure a terminal line"),
    {ROW_SECTION_OF("line con <0-0>", console, config_line, &sample_line,
                    "Primary terminal line", "First Line number"),
     .hidden = true, .always = true},
    {ROW_SECTION_OF("line console <0-0>", console, config_line, &sample_line,
                    "Primary terminal line", "First Line number"),
     .unwritten = true},
    {ROW_SECTION_VTYS("line vty <0-9999> [<0-9999>]", &sample_line,
                      "Virtual terminal", "First Line number",
                      "Last Line number"),
     .none_left = "% Can't delete last 5 VTY lines"},
    LEAVE("exit", "Exit from configure mode"),
    LEAVE_ALL("end", "Exit from configure mode"),
    ROWS_END,
};

static const struct cli_row chain_rows[] = {
    {ROW_SECTION_LIST("username WORD", ssh.key_users, config_key_owner, 1,
                      BINDS(BIND_TEXT(struct config_key_owner, name, NULL)),
                      &sample_chain_user, "Specify a user", "User name"),
     .closing = "quit"},
    LEAVE("exit", "Exit from this mode"),
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_key_owner
static const struct cli_row chain_user_rows[] = {
    {ROW_LIST("key-hash CHOICE:type WORD:hash [LINE:comment]", keys, config_key,
              2,
              BINDS(BIND_TEXT(struct config_key, algorithm, NULL),
                    BIND_TEXT(struct config_key, hash, NULL),
                    BIND_TEXT(struct config_key, comment, NULL)),
              "Specify the key's hash", "Key type", "Hash", "Comment"),
     .choices = key_types},
    LEAVE("exit", "Exit from this mode"),
    LEAVE("quit", "Exit from this mode"),
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_acl
static const struct cli_row acl_rows[] = {
    LIST("entry <1-99,1300-1999>:number {permit|deny} "
         "{any|host A.B.C.D:one|A.B.C.D:network [A.B.C.D:wildcard]}",
         entries, config_ace, 1,
         BINDS(BIND_NUMBER(struct config_ace, sequence, 0),
               BIND_CHOICE(struct config_ace, action, 0),
               BIND_CHOICE(struct config_ace, source, 0),
               BIND_ADDRESS(struct config_ace, address),
               BIND_ADDRESS(struct config_ace, address),
               BIND_ADDRESS(struct config_ace, wildcard)),
         "Add an access list entry", "Its place", "Specify packets to forward",
         "Specify packets to reject", "Any source host",
         "A single host address", "Host address", "Address to match",
         "Wildcard bits"),
    LEAVE("exit", "Exit from this mode"),
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_line
static const struct cli_row line_rows[] = {
    GROUP("transport", "Define transport protocols for line"),
    SET_NUMBER("access-class <1-99,1300-1999> in", access_in.number, 0,
               "Filter connections based on an IP access list",
               "IP access list", "Filter incoming connections"),
    SET("exec-timeout <0-35791> [<0-2147483>]!",
        BINDS(BIND_NUMBER(struct config_line, exec_timeout_min, 10),
              BIND_NUMBER(struct config_line, exec_timeout_s, 0)),
        "Set the EXEC timeout", "Timeout in minutes", "Timeout in seconds"),
    SET_CHOICE("transport input {all|none|ssh}", transport_input, 1,
               "Define which protocols to use when connecting to the terminal "
               "server",
               "All protocols", "No protocols", "TCP/IP SSH protocol"),
    LEAVE("exit", "Exit from line configuration mode"),
    LEAVE_ALL("end", "Exit from configure mode"),
    ROWS_END,
};

static const struct cli_alias sample_aliases[] = {
    {"s", "show"},
    {"p", "ping"},
    {NULL, NULL},
};

const struct cli_mode sample_exec = {
    .name = "exec",
    .prompt = "",
    .heading = "Exec commands:",
    .tables = (const struct cli_row *const[]){exec_rows, NULL},
    .aliases = sample_aliases,
};
const struct cli_mode sample_config = {
    .name = "config",
    .prompt = "(config)",
    .heading = "Configure commands:",
    .parent = &sample_exec,
    .tables = (const struct cli_row *const[]){system_rows, user_rows, ssh_rows,
                                              access_rows, banner_rows,
                                              section_rows, NULL},
};
const struct cli_mode sample_line = {
    .name = "config-line",
    .prompt = "(config-line)",
    .heading = "Line configuration commands:",
    .parent = &sample_config,
    .tables = (const struct cli_row *const[]){line_rows, NULL},
};
const struct cli_mode sample_acl = {
    .name = "config-acl",
    .prompt = "(config-acl)",
    .parent = &sample_config,
    .tables = (const struct cli_row *const[]){acl_rows, NULL},
};
const struct cli_mode sample_chain = {
    .name = "conf-ssh-pubkey",
    .prompt = "(conf-ssh-pubkey)",
    .parent = &sample_config,
    .tables = (const struct cli_row *const[]){chain_rows, NULL},
};
const struct cli_mode sample_chain_user = {
    .name = "conf-ssh-pubkey-user",
    .prompt = "(conf-ssh-pubkey-user)",
    .parent = &sample_chain,
    .tables = (const struct cli_row *const[]){chain_user_rows, NULL},
};
const struct cli_mode *const sample_modes[] = {
    &sample_exec,       &sample_config, &sample_line, &sample_chain,
    &sample_chain_user, &sample_acl,    NULL,
};

struct cli_language *
sample_language(void)
{
    struct cli_language *language;
    struct buf problem;

    buf_init(&problem, 4096);
    language = cli_language_new(sample_modes, &problem);
    if (language == NULL)
        fprintf(stderr, "%s", buf_text(&problem));
    buf_clear(&problem);
    return language;
}
