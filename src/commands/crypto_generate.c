/*
 * `crypto key generate`.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/crypto_parts.h"

/* A pair that is being asked for; with usage-keys first one, then the other. */
struct generating {
    struct key_wish wish;
    char name[KEY_NAME_MAX];
    bool modulus_given;
    bool both; /* the encryption pair follows the signature pair */
};

/* --- making ------------------------------------------------------------- */

static void make_pair(struct command *cmd);

static void
on_made(void *owner, enum err err, struct key *key)
{
    struct command *cmd = owner;
    struct generating *g = cmd->state;
    bool last = !g->both || g->wish.usage == KEY_ENCRYPTION;

    if (err != OK) {
        out(cmd, "\n");
        crypto_tell_failure(cmd, err);
        cmd_done(cmd);
        return;
    }
    out(cmd, last ? "[OK]\n\n" : "[OK]\n");
    /* On the console the log's lines come behind this, not into it. */
    cmd_flush(cmd);
    keys_announce(cmd->router, key);
    if (last) {
        cmd_done(cmd);
        return;
    }
    g->wish.usage = KEY_ENCRYPTION;
    make_pair(cmd);
}

static void
generate(struct command *cmd)
{
    const struct generating *g = cmd->state;
    const char *exportable =
        g->wish.exportable ? "exportable" : "non-exportable";

    if (g->wish.type == KEY_ED25519)
        out(cmd, "%% Generating Ed25519 keys, keys will be %s...", exportable);
    else
        out(cmd, "%% Generating %u bit %s keys, keys will be %s...",
            g->wish.bits, crypto_kind_name(g->wish.type), exportable);
    cmd_flush(cmd);
    keys_generate(cmd->router, &g->wish, on_made, cmd);
    cmd_wait(cmd);
}

/* --- the modulus -------------------------------------------------------- */

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

/* One pair, once its size is known. */
static void
make_pair(struct command *cmd)
{
    const struct generating *g = cmd->state;

    if (g->wish.type != KEY_RSA || g->modulus_given) {
        generate(cmd);
        return;
    }
    out(cmd,
        "Choose the size of the key modulus in the range of %d to %d for "
        "your\n"
        "  %s Keys. Choosing a key modulus greater than 512 may take\n"
        "  a few minutes.\n\n",
        MODULUS_MIN, MODULUS_MAX, crypto_usage_name(g->wish.usage));
    ask_modulus(cmd);
}

/* No pair of that name is in the way any more. */
static void
begin(struct command *cmd)
{
    const struct generating *g = cmd->state;

    out_line(cmd, "The name for the keys will be: %s", g->name);
    if (g->modulus_given)
        out(cmd, "\n%% The key modulus size is %u bits\n", g->wish.bits);
    make_pair(cmd);
}

/* --- replacing ---------------------------------------------------------- */

/* The RSA pairs that the new one takes the place of. */
static struct key_set
replaced(const struct generating *g)
{
    struct key_set set = {.kind = KEY_RSA, .name = g->name};

    /* Half of a pair of usage keys leaves the other half alone. */
    if (!g->both && g->wish.usage == KEY_SIGNATURE)
        set.not = KEY_ENCRYPTION;
    if (g->wish.usage == KEY_ENCRYPTION)
        set.not = KEY_SIGNATURE;
    return set;
}

static bool
is_in_the_way(struct command *cmd)
{
    const struct generating *g = cmd->state;
    struct key_set set = replaced(g);

    if (g->wish.type == KEY_RSA)
        return crypto_any_key(cmd->router, &set);
    return keys_find(cmd->router, g->name, g->wish.type, 0) != NULL;
}

static void
on_removed(void *owner, enum err err)
{
    struct command *cmd = owner;

    if (err == OK) {
        begin(cmd);
        return;
    }
    out_error(cmd, "The old keys could not be removed");
    cmd_done(cmd);
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
    struct key_set set = replaced(g);

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
    if (g->wish.type != KEY_RSA) {
        begin(cmd);
        return;
    }
    keys_zeroize(cmd->router, &set, on_removed, cmd);
    cmd_wait(cmd);
}

/* --- beginning ---------------------------------------------------------- */

/* The pair's name: the label, or HOST.DOMAIN. False: the user was told. */
static bool
choose_name(struct command *cmd, char name[KEY_NAME_MAX])
{
    const struct config *config = cmd->config;
    char own[2 * KEY_NAME_MAX];
    int len;

    if (cli_given(cmd->match, "label"))
        return crypto_take_label(cmd, cli_text(cmd->match, "name"), name);
    if (strcmp(config->hostname, "Router") == 0) {
        out_error(cmd, "Please define a hostname other than Router.");
        return false;
    }
    if (config->domain_name == NULL) {
        out_error(cmd, "Please define a domain-name first.");
        return false;
    }
    len = snprintf(own, sizeof(own), "%s.%s", config->hostname,
                   config->domain_name);
    if (len >= 0 && len < KEY_NAME_MAX)
        return crypto_take_label(cmd, own, name);
    out_error(cmd, "Host and domain name are too long for a name of keys");
    return false;
}

/* `wish` but for the name. */
static void
generate_type(struct command *cmd, const struct key_wish *wish)
{
    struct generating *g = alloc_zero(1, sizeof(*g));

    cmd->state = g;
    cmd->free_state = free;
    if (!choose_name(cmd, g->name))
        return;
    g->wish = *wish;
    g->wish.name = g->name;
    if (wish->type == KEY_RSA) {
        g->modulus_given = wish->bits != 0;
        g->both = cli_given(cmd->match, "usage-keys");
    }
    if (!is_in_the_way(cmd)) {
        begin(cmd);
        return;
    }
    out_line(cmd, "%% You already have %s keys defined named %s.",
             crypto_kind_name(wish->type), g->name);
    ask_replace(cmd);
}

void
crypto_generate_rsa(struct command *cmd)
{
    const struct cli_match *match = cmd->match;
    struct key_wish wish = {
        .type = KEY_RSA,
        .bits = cli_number(match, "bits"), /* 0: to be asked for */
        .usage = KEY_GENERAL,
        .exportable = cli_given(match, "exportable"),
    };

    if (cli_given(match, "usage-keys") || cli_given(match, "signature"))
        wish.usage = KEY_SIGNATURE;
    else if (cli_given(match, "encryption"))
        wish.usage = KEY_ENCRYPTION;
    generate_type(cmd, &wish);
}

void
crypto_generate_ec(struct command *cmd)
{
    struct key_wish wish = {
        .type = KEY_ECDSA_521, .bits = 521, .usage = KEY_GENERAL};

    if (cli_given(cmd->match, "256")) {
        wish.type = KEY_ECDSA_256;
        wish.bits = 256;
    } else if (cli_given(cmd->match, "384")) {
        wish.type = KEY_ECDSA_384;
        wish.bits = 384;
    }
    generate_type(cmd, &wish);
}

void
crypto_generate_ed25519(struct command *cmd)
{
    struct key_wish wish = {
        .type = KEY_ED25519, .bits = 256, .usage = KEY_GENERAL};

    generate_type(cmd, &wish);
}
