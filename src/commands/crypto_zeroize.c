/*
 * `crypto key zeroize`.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/crypto_parts.h"

/* The pairs in question. */
struct zeroizing {
    struct key_set set;
    char name[KEY_NAME_MAX];
};

static void
on_removed(void *owner, enum err err)
{
    struct command *cmd = owner;

    if (err != OK)
        out_error(cmd, "The keys could not be removed");
    cmd_done(cmd);
}

static void on_reply(struct command *cmd, const char *text);

static void
ask(struct command *cmd)
{
    cmd_ask(cmd,
            "Do you really want to remove these keys? [yes/no]: ", ASK_LINE, 0,
            on_reply);
}

static void
on_reply(struct command *cmd, const char *text)
{
    const struct zeroizing *z = cmd->state;

    switch (answer_reply(text)) {
    case REPLY_NO:
        return;
    case REPLY_UNCLEAR:
        answer_explain(cmd);
        ask(cmd);
        return;
    case REPLY_YES:
        break;
    }
    keys_zeroize(cmd->router, &z->set, on_removed, cmd);
    cmd_wait(cmd);
}

static void
zeroize(struct command *cmd, enum key_type kind)
{
    const char *label = cli_text(cmd->match, "label");
    struct zeroizing *z = alloc_zero(1, sizeof(*z));

    cmd->state = z;
    cmd->free_state = free;
    z->set.kind = kind;
    /* A label that is too long is nobody's, also when it is cut. */
    if (label != NULL) {
        z->set.name = z->name;
        if (!text_copy(z->name, sizeof(z->name), label))
            z->name[0] = '\0';
    }
    if (!crypto_any_key(cmd->router, &z->set)) {
        out_error(cmd, "No Signature %s Keys found in configuration.",
                  crypto_kind_name(kind));
        return;
    }
    if (label != NULL)
        out_line(cmd, "%% Keys to be removed are named '%s'.", z->name);
    else
        out_line(cmd, "%% All %s keys will be removed.",
                 crypto_kind_name(kind));
    out_line(cmd, "%% All router certs issued using these keys will also be "
                  "removed.");
    ask(cmd);
}

void
crypto_zeroize_rsa(struct command *cmd)
{
    zeroize(cmd, KEY_RSA);
}

void
crypto_zeroize_ec(struct command *cmd)
{
    zeroize(cmd, KEY_ECDSA_256);
}

void
crypto_zeroize_ed25519(struct command *cmd)
{
    zeroize(cmd, KEY_ED25519);
}
