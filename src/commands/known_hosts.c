/*
 * `show ip ssh known-hosts`, `clear ip ssh known-hosts HOST`: the keys of
 * servers that the router is a client of.
 */
#include <stdlib.h>

#include "base/text.h"
#include "commands/rows.h"
#include "control/command.h"
#include "control/known_hosts.h"
#include "crypto/known_hosts.h"
#include "crypto/rsa1_key.h"

#define NAMES_SHOWN 512 /* bytes; what is longer is cut */
#define TYPE_SHOWN  64

static void
tell_failure(struct command *cmd, enum err err, int system_error)
{
    out_error(cmd, "known_hosts cannot be used: %s",
              err == ERR_SYSTEM ? strerror(system_error) : err_text(err));
}

/* --- show --------------------------------------------------------------- */

static void
show_configured(struct command *cmd)
{
    const struct config_list *servers = &cmd->config->ssh.key_servers.list;

    out_line(cmd, "Configured Entries:");
    for (size_t i = 0; i < servers->count; i++) {
        const struct config_key_owner *server = servers->items[i];

        for (size_t k = 0; k < server->keys.list.count; k++) {
            const struct config_key *key = server->keys.list.items[k];

            out_line(cmd, " %s %s MD5:%s", server->name, key->algorithm,
                     key->hash);
        }
    }
}

/* Lines that are of no use for a key say nothing here either. */
static void
show_line(struct command *cmd, const struct known_host_line *line)
{
    char names[NAMES_SHOWN], type[TYPE_SHOWN],
        fingerprint[KEY_FINGERPRINT_ROOM];
    uint8_t blob[KEY_BLOB_MAX];
    size_t len = sizeof(blob);

    if (known_hosts_line_key(line, blob, &len) != OK ||
        key_fingerprint(span_of(blob, len), fingerprint) != OK)
        return;
    text_escape(names, sizeof(names), line->names);
    text_escape(type, sizeof(type),
                line->is_old ? span_text(RSA1_KEY_TYPE) : line->type);
    if (line->marker.len == 0)
        out_line(cmd, " %s %s %s", names, type, fingerprint);
    else if (span_is(line->marker, "@revoked"))
        out_line(cmd, " @revoked %s %s %s", names, type, fingerprint);
}

static void
on_read(void *owner, enum err err, int system_error, struct span text)
{
    struct command *cmd = owner;
    struct known_host_line line = {0};

    show_configured(cmd);
    if (err == OK) {
        out_line(cmd, "Learned Entries:");
        while (known_hosts_next(&text, &line))
            show_line(cmd, &line);
    } else {
        tell_failure(cmd, err, system_error);
    }
    cmd_done(cmd);
}

static void
show_known_hosts(struct command *cmd)
{
    known_hosts_read(cmd->router, on_read, cmd);
    cmd_wait(cmd);
}

/* --- clear -------------------------------------------------------------- */

static void
on_cleared(void *owner, enum err err, int system_error, size_t count)
{
    struct command *cmd = owner;

    if (err != OK)
        tell_failure(cmd, err, system_error);
    else if (count == 0)
        out_error(cmd, "No host key of %s is known",
                  cli_text(cmd->match, "host"));
    cmd_done(cmd);
}

static void
clear_known_hosts(struct command *cmd)
{
    known_hosts_clear(cmd->router, cli_text(cmd->match, "host"), on_cleared,
                      cmd);
    cmd_wait(cmd);
}

const struct cli_row known_hosts_rows[] = {
    SHOW("show ip ssh known-hosts", 1, show_known_hosts,
         "Host keys of servers that the router has logged in to"),
    GROUP("clear ip", "IP"),
    GROUP("clear ip ssh", "Secure Shell"),
    EXEC("clear ip ssh known-hosts WORD:host", 15, clear_known_hosts,
         "Host keys of servers that the router has logged in to",
         "Name or address of the server, [NAME]:PORT for another port"),
    ROWS_END,
};
