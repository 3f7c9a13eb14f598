/*
 * `show crypto key mypubkey`.
 */
#include "commands/rows.h"
#include "control/clock.h"
#include "control/command.h"
#include "control/keys.h"

static bool
is_rsa(const struct key *key)
{
    return key->type == KEY_RSA;
}

static bool
is_ed25519(const struct key *key)
{
    return key->type == KEY_ED25519;
}

static bool
is_any(const struct key *key)
{
    (void)key;
    return true;
}

static const char *
type_text(const struct key *key)
{
    if (is_rsa(key))
        return "RSA";
    return is_ed25519(key) ? "ED25519" : "EC";
}

static const char *
usage_text(const struct key *key)
{
    switch (key->usage) {
    case KEY_SIGNATURE:
        return "Signature Key";
    case KEY_ENCRYPTION:
        return "Encryption Key";
    case KEY_GENERAL:
        break;
    }
    return "General Purpose Key";
}

/* Groups of four bytes, eight groups a line; a blank behind each whole one. */
static void
show_data(struct command *cmd, struct span data)
{
    for (size_t i = 0; i < data.len; i++) {
        if (i % 32 == 0)
            out(cmd, "  ");
        out(cmd, "%02X", data.ptr[i]);
        if (i % 4 == 3)
            out(cmd, " ");
        if (i % 32 == 31 || i + 1 == data.len)
            out(cmd, "\n");
    }
}

static void
show_key(struct command *cmd, const struct key *key)
{
    char date[CLOCK_TEXT_MAX];

    clock_text(cmd->config, (uint64_t)key->made_at, CLOCK_KEY_DATE, date);
    out_line(cmd, "%% Key pair was generated at: %s", date);
    out_line(cmd, "Key name: %s", key->name);
    out_line(cmd, "Key type: %s KEYS", type_text(key));
    out_line(cmd, " Storage Device: private-config");
    out_line(cmd, " Usage: %s", usage_text(key));
    out_line(cmd, " Key is %sexportable.", key->exportable ? "" : "not ");
    out_line(cmd, " Key Data:");
    show_data(cmd, key->spki);
}

static void
show_keys(struct command *cmd, bool (*wanted)(const struct key *))
{
    const char *label = cli_text(cmd->match, "label");

    LIST_EACH(node, keys_all(cmd->router))
    {
        const struct key *key = LIST_ITEM(node, struct key, node);

        if (wanted(key) && (label == NULL || strcmp(label, key->name) == 0))
            show_key(cmd, key);
    }
}

static void
show_rsa(struct command *cmd)
{
    show_keys(cmd, is_rsa);
}

static void
show_ec(struct command *cmd)
{
    show_keys(cmd, key_is_ec);
}

static void
show_ed25519(struct command *cmd)
{
    show_keys(cmd, is_ed25519);
}

static void
show_all(struct command *cmd)
{
    show_keys(cmd, is_any);
}

const struct cli_row crypto_show_rows[] = {
    GROUP("show crypto", "Encryption module"),
    GROUP("show crypto key", "Show long term public keys"),
    GROUP("show crypto key mypubkey", "Show public keys of this router"),
    SHOW("show crypto key mypubkey all [WORD:label]", 1, show_all,
         "Show all public keys", "Name of the key pair"),
    SHOW("show crypto key mypubkey ec [WORD:label]", 1, show_ec,
         "Show ec public keys", "Name of the key pair"),
    SHOW("show crypto key mypubkey ed25519 [WORD:label]", 1, show_ed25519,
         "Show Ed25519 public keys", "Name of the key pair"),
    SHOW("show crypto key mypubkey rsa [WORD:label]", 1, show_rsa,
         "Show RSA public keys", "Name of the key pair"),
    ROWS_END,
};
