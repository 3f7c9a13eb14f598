/*
 * `crypto key generate`, `crypto key zeroize`.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/rows.h"
#include "control/command.h"
#include "control/keys.h"

#define MODULUS_MIN     512
#define MODULUS_MAX     4096
#define MODULUS_DEFAULT 2048

/* --- generate ----------------------------------------------------------- */

/* A pair that is being asked for. */
struct generating {
    struct key_wish wish;
    char name[KEY_NAME_MAX];
    bool modulus_given;
};

/* "RSA", "EC", "Ed25519". */
static const char *
kind_name(enum key_type type)
{
    if (type == KEY_RSA)
        return "RSA";
    return type == KEY_ED25519 ? "Ed25519" : "EC";
}

static void
on_made(void *owner, enum err err, struct key *key)
{
    struct command *cmd = owner;

    if (err == OK) {
        out(cmd, "[OK]\n\n");
        /* On the console the log's lines come behind this, not into it. */
        cmd_flush(cmd);
        keys_announce(cmd->router, key);
    } else {
        out(cmd, "\n");
        if (err == ERR_BUSY)
            out_error(cmd, "Other keys are being generated; try again later");
        else if (err == ERR_LIMIT)
            out_error(cmd, "The name is too long, or there are too many keys");
        else
            out_error(cmd, "The keys could not be generated or stored");
    }
    cmd_done(cmd);
}

static void
generate(struct command *cmd)
{
    const struct generating *g = cmd->state;

    if (g->wish.type == KEY_ED25519)
        out(cmd, "%% Generating Ed25519 keys, keys will be "
                 "non-exportable...");
    else
        out(cmd,
            "%% Generating %u bit %s keys, keys will be "
            "non-exportable...",
            g->wish.bits, kind_name(g->wish.type));
    cmd_flush(cmd);
    keys_generate(cmd->router, &g->wish, on_made, cmd);
    cmd_wait(cmd);
}

static void on_modulus(struct command *cmd, const char *text);

static void
ask_modulus(struct command *cmd)
{
    char prompt[64];

    snprintf(prompt, sizeof(prompt),
             "How many bits in the modulus [%d]: ", MODULUS_DEFAULT);
    cmd_ask(cmd, prompt, ASK_LINE, 0, on_modulus);
}

static void
on_modulus(struct command *cmd, const char *text)
{
    struct generating *g = cmd->state;
    uint64_t bits = MODULUS_DEFAULT;

    if (text == NULL)
        return;
    if (text[0] != '\0' &&
        (text_number(span_text(text), MODULUS_MAX, &bits) != OK ||
         bits < MODULUS_MIN)) {
        out(cmd, "%% A decimal number between %d and %d.\n", MODULUS_MIN,
            MODULUS_MAX);
        ask_modulus(cmd);
        return;
    }
    g->wish.bits = (unsigned)bits;
    generate(cmd);
}

/* No pair of that name is in the way any more. */
static void
begin(struct command *cmd)
{
    const struct generating *g = cmd->state;

    out_line(cmd, "The name for the keys will be: %s", g->name);
    if (g->wish.type == KEY_RSA && !g->modulus_given) {
        out(cmd,
            "Choose the size of the key modulus in the range of %d to %d for "
            "your\n"
            "  General Purpose Keys. Choosing a key modulus greater than 512 "
            "may take\n"
            "  a few minutes.\n\n",
            MODULUS_MIN, MODULUS_MAX);
        ask_modulus(cmd);
        return;
    }
    if (g->wish.type == KEY_RSA)
        out(cmd, "\n%% The key modulus size is %u bits\n", g->wish.bits);
    generate(cmd);
}

static void on_replace(struct command *cmd, const char *text);

static void
ask_replace(struct command *cmd)
{
    cmd_ask(cmd, "% Do you really want to replace them? [yes/no]: ", ASK_LINE,
            0, on_replace);
}

static void
on_replace(struct command *cmd, const char *text)
{
    const struct generating *g = cmd->state;
    unsigned count;

    switch (answer_reply(text)) {
    case REPLY_NO:
        return;
    case REPLY_UNCLEAR:
        answer_explain(cmd);
        ask_replace(cmd);
        return;
    case REPLY_YES:
        break;
    }
    /*
     * IOS destroys the old RSA pair here and now. Of EC pairs one curve
     * only is replaced, when the new pair is there.
     */
    if (g->wish.type == KEY_RSA &&
        keys_zeroize(cmd->router, KEY_RSA, g->name, &count) != OK) {
        out_error(cmd, "The old keys could not be removed");
        return;
    }
    begin(cmd);
}

/* The pair's name: the label, or HOST.DOMAIN. False: the user was told. */
static bool
choose_name(struct command *cmd, char name[KEY_NAME_MAX])
{
    const struct config *config = cmd->config;
    int len;

    if (cli_given(cmd->match, "label")) {
        if (text_copy(name, KEY_NAME_MAX, cli_text(cmd->match, "name")))
            return true;
        out_error(cmd, "The label is longer than %d characters",
                  KEY_NAME_MAX - 1);
        return false;
    }
    if (strcmp(config->hostname, "Router") == 0) {
        out_error(cmd, "Please define a hostname other than Router.");
        return false;
    }
    if (config->domain_name == NULL) {
        out_error(cmd, "Please define a domain-name first.");
        return false;
    }
    len = snprintf(name, KEY_NAME_MAX, "%s.%s", config->hostname,
                   config->domain_name);
    if (len >= 0 && len < KEY_NAME_MAX)
        return true;
    out_error(cmd, "Host and domain name are too long for a name of keys");
    return false;
}

static bool
is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

static void
generate_type(struct command *cmd, enum key_type type, unsigned bits)
{
    struct generating *g = alloc_zero(1, sizeof(*g));

    cmd->state = g;
    cmd->free_state = free;
    if (!choose_name(cmd, g->name))
        return;
    if (!is_printable(g->name)) {
        out_error(cmd, "The label contains one or more illegal characters");
        return;
    }
    g->wish = (struct key_wish){
        .name = g->name, .type = type, .bits = bits, .usage = KEY_GENERAL};
    g->modulus_given = bits != 0;
    if (keys_find(cmd->router, g->name, type, 0) == NULL) {
        begin(cmd);
        return;
    }
    out_line(cmd, "%% You already have %s keys defined named %s.",
             kind_name(type), g->name);
    ask_replace(cmd);
}

static void
generate_rsa(struct command *cmd)
{
    /* 0: to be asked for. */
    generate_type(cmd, KEY_RSA, cli_number(cmd->match, "bits"));
}

static void
generate_ec(struct command *cmd)
{
    if (cli_given(cmd->match, "256"))
        generate_type(cmd, KEY_ECDSA_256, 256);
    else if (cli_given(cmd->match, "384"))
        generate_type(cmd, KEY_ECDSA_384, 384);
    else
        generate_type(cmd, KEY_ECDSA_521, 521);
}

static void
generate_ed25519(struct command *cmd)
{
    generate_type(cmd, KEY_ED25519, 256);
}

/* --- zeroize ------------------------------------------------------------ */

struct zeroizing {
    enum key_type kind; /* any of the EC types: all of them */
    char name[KEY_NAME_MAX];
};

static void on_zeroize(struct command *cmd, const char *text);

static void
ask_zeroize(struct command *cmd)
{
    cmd_ask(cmd,
            "Do you really want to remove these keys? [yes/no]: ", ASK_LINE, 0,
            on_zeroize);
}

static void
on_zeroize(struct command *cmd, const char *text)
{
    const struct zeroizing *z = cmd->state;
    const char *name = z->name[0] != '\0' ? z->name : NULL;
    unsigned count;

    switch (answer_reply(text)) {
    case REPLY_NO:
        return;
    case REPLY_UNCLEAR:
        answer_explain(cmd);
        ask_zeroize(cmd);
        return;
    case REPLY_YES:
        break;
    }
    if (keys_zeroize(cmd->router, z->kind, name, &count) != OK)
        out_error(cmd, "The keys could not be removed");
}

static bool
is_of_kind(const struct key *key, enum key_type kind)
{
    return kind == KEY_RSA || kind == KEY_ED25519 ? key->type == kind
                                                  : key_is_ec(key);
}

static bool
any_key(struct router *r, enum key_type kind, const char *name)
{
    LIST_EACH(node, keys_all(r))
    {
        const struct key *key = LIST_ITEM(node, struct key, node);

        if (is_of_kind(key, kind) &&
            (name == NULL || strcmp(key->name, name) == 0))
            return true;
    }
    return false;
}

static void
zeroize(struct command *cmd, enum key_type kind)
{
    const char *label = cli_text(cmd->match, "label");
    struct zeroizing *z;

    if (!any_key(cmd->router, kind, label)) {
        out_error(cmd, "No Signature %s Keys found in configuration.",
                  kind_name(kind));
        return;
    }
    z = alloc_zero(1, sizeof(*z));
    cmd->state = z;
    cmd->free_state = free;
    z->kind = kind;
    if (label != NULL) {
        text_copy(z->name, sizeof(z->name), label);
        out_line(cmd, "%% Keys to be removed are named '%s'.", label);
    } else {
        out_line(cmd, "%% All %s keys will be removed.", kind_name(kind));
    }
    out_line(cmd, "%% All router certs issued using these keys will also be "
                  "removed.");
    ask_zeroize(cmd);
}

static void
zeroize_rsa(struct command *cmd)
{
    zeroize(cmd, KEY_RSA);
}

static void
zeroize_ec(struct command *cmd)
{
    zeroize(cmd, KEY_ECDSA_256);
}

static void
zeroize_ed25519(struct command *cmd)
{
    zeroize(cmd, KEY_ED25519);
}

const struct cli_row crypto_rows[] = {
    GROUP("crypto", "Encryption module"),
    GROUP("crypto key", "Long term key operations"),
    GROUP("crypto key generate", "Generate new keys"),
    GROUP("crypto key zeroize", "Remove keys"),
    EXEC("crypto key generate rsa [general-keys|label WORD:name|modulus "
         "<512-4096>:bits]...",
         15, generate_rsa, "Generate RSA keys",
         "Generate a general purpose RSA key pair for signing and encryption",
         "Provide a label", "RSA keypair label",
         "Provide number of modulus bits on the command line",
         "Size of the key modulus"),
    EXEC("crypto key generate ec keysize {256|384|521} [label WORD:name]", 15,
         generate_ec, "Generate EC keys for ECDSA",
         "Provide the size of the EC key", "Curve P-256", "Curve P-384",
         "Curve P-521", "Provide a label", "EC keypair label"),
    EXEC("crypto key generate ed25519 [label WORD:name]", 15, generate_ed25519,
         "Generate an Ed25519 key", "Provide a label", "Ed25519 keypair label"),
    EXEC("crypto key zeroize rsa [WORD:label]", 15, zeroize_rsa,
         "Remove RSA keys", "RSA keypair label"),
    EXEC("crypto key zeroize ec [WORD:label]", 15, zeroize_ec, "Remove EC keys",
         "EC keypair label"),
    EXEC("crypto key zeroize ed25519 [WORD:label]", 15, zeroize_ed25519,
         "Remove Ed25519 keys", "Ed25519 keypair label"),
    ROWS_END,
};
