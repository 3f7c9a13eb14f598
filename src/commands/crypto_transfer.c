/*
 * `crypto key export rsa`, `crypto key import rsa`: pairs as PEM on the
 * terminal, the private half under a passphrase.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/crypto_parts.h"

#define PASSPHRASE_MIN 8    /* characters, of an export */
#define PASSPHRASE_MAX 255  /* characters, as long as a word */
#define PEM_MAX        8192 /* bytes typed; RSA-4096 takes 3,300 */

/* --- export ------------------------------------------------------------- */

struct exporting {
    char name[KEY_NAME_MAX];
    uint32_t number; /* of the pair that was asked for last; 0: none yet */
    enum key_usage usage;
};

/* The pair of that name behind the one that was asked for; NULL: no more. */
static const struct key *
next_pair(struct command *cmd)
{
    const struct exporting *x = cmd->state;
    bool is_next = x->number == 0;

    LIST_EACH(node, keys_all(cmd->router))
    {
        const struct key *key = LIST_ITEM(node, struct key, node);

        if (key->type != KEY_RSA || strcmp(key->name, x->name) != 0)
            continue;
        if (is_next)
            return key;
        is_next = key->number == x->number;
    }
    return NULL;
}

static void on_exported(void *owner, struct span public_pem,
                        struct span private_pem);

/* Ask for the next pair. False: there is none, or the user was told why. */
static bool
ask_for_pair(struct command *cmd)
{
    struct exporting *x = cmd->state;
    const struct key *key = next_pair(cmd);
    const char *passphrase = cli_text(cmd->match, "passphrase");

    if (key == NULL)
        return false;
    x->number = key->number;
    x->usage = key->usage;
    if (!key->exportable) {
        out_error(cmd, "RSA keypair '%s' is not exportable.", x->name);
        return false;
    }
    if (keys_export(cmd->router, key, span_text(passphrase), on_exported, cmd))
        return true;
    out_error(cmd, "The keys cannot be exported now; try again later");
    return false;
}

static void
on_exported(void *owner, struct span public_pem, struct span private_pem)
{
    struct command *cmd = owner;
    const struct exporting *x = cmd->state;

    if (private_pem.len == 0) {
        out_error(cmd, "The keys could not be exported");
        cmd_done(cmd);
        return;
    }
    out_line(cmd, "%% Key name: %s", x->name);
    out_line(cmd, "   Usage: %s Key", crypto_usage_name(x->usage));
    out_line(cmd, "   Key data:");
    out_span(cmd, public_pem);
    out_span(cmd, private_pem);
    out(cmd, "\n");
    if (!ask_for_pair(cmd))
        cmd_done(cmd);
}

void
crypto_export_rsa(struct command *cmd)
{
    size_t len = strlen(cli_text(cmd->match, "passphrase"));
    struct exporting *x = alloc_zero(1, sizeof(*x));
    struct key_set set = {.kind = KEY_RSA, .name = x->name};

    cmd->state = x;
    cmd->free_state = free;
    if (!crypto_take_label(cmd, cli_text(cmd->match, "label"), x->name))
        return;
    if (len < PASSPHRASE_MIN)
        out_error(cmd, "Passphrase is too short, needs to be at least %d chars",
                  PASSPHRASE_MIN);
    else if (len > PASSPHRASE_MAX)
        out_error(cmd, "Passphrase is longer than %d chars", PASSPHRASE_MAX);
    else if (!crypto_any_key(cmd->router, &set))
        out_error(cmd, "RSA keypair '%s' does not exist.", x->name);
    else if (ask_for_pair(cmd))
        cmd_wait(cmd);
}

/* --- import ------------------------------------------------------------- */

struct importing {
    char name[KEY_NAME_MAX];
    enum key_usage usage; /* of the pair that is being typed */
    bool both;            /* the encryption pair follows the signature pair */
    struct buf public_pem, private_pem;
};

static void
free_importing(void *state)
{
    struct importing *i = state;

    buf_clear(&i->public_pem);
    buf_clear(&i->private_pem);
    free(i);
}

/* `quit`, alone on its line; with `or_blank` an empty line as well. */
static bool
is_end(const char *line, bool or_blank)
{
    size_t from = strspn(line, " \t\r");
    size_t len = strcspn(line + from, " \t\r");

    if (line[from + len + strspn(line + from + len, " \t\r")] != '\0')
        return false;
    return (len == 0 && or_blank) ||
           (len == 4 && strncmp(line + from, "quit", len) == 0);
}

/* False: the user was told that it is too long. */
static bool
take_line(struct command *cmd, struct buf *pem, const char *line)
{
    buf_put(pem, line, strlen(line));
    buf_put_u8(pem, '\n');
    if (buf_ok(pem))
        return true;
    out_error(cmd, "The text is longer than %d bytes", PEM_MAX);
    return false;
}

static void
tell_failed_import(struct command *cmd, enum err err)
{
    switch (err) {
    case ERR_FORMAT:
        out_error(cmd, "No encrypted private key was found.");
        break;
    case ERR_REFUSED:
        out_error(cmd, "The passphrase does not decrypt the private key.");
        break;
    case ERR_CRYPTO:
        out_error(cmd, "The keys are not an RSA key pair.");
        break;
    default:
        crypto_tell_failure(cmd, err);
    }
    out_error(cmd, "Key pair import failed.");
}

/* The signature pair does not stay alone. */
static void
on_undone(void *owner, enum err err)
{
    struct command *cmd = owner;

    if (err != OK)
        out_error(cmd, "The signature keys could not be removed");
    cmd_done(cmd);
}

static void ask_for_texts(struct command *cmd);

static void
on_imported(void *owner, enum err err, struct key *key)
{
    struct command *cmd = owner;
    struct importing *i = cmd->state;
    const struct key_set made = {.kind = KEY_RSA, .name = i->name};

    if (err != OK) {
        tell_failed_import(cmd, err);
        if (i->both && i->usage == KEY_ENCRYPTION)
            keys_zeroize(cmd->router, &made, on_undone, cmd);
        else
            cmd_done(cmd);
        return;
    }
    if (i->both && i->usage == KEY_SIGNATURE) {
        i->usage = KEY_ENCRYPTION;
        ask_for_texts(cmd);
        return;
    }
    out_line(cmd, "%% Key pair import succeeded.");
    cmd_flush(cmd);
    keys_announce(cmd->router, key);
    cmd_done(cmd);
}

static void
import(struct command *cmd)
{
    struct importing *i = cmd->state;
    struct key_wish wish = {
        .name = i->name,
        .type = KEY_RSA,
        .usage = i->usage,
        .exportable = cli_given(cmd->match, "exportable"),
        .public_pem = buf_span(&i->public_pem),
        .private_pem = buf_span(&i->private_pem),
        .passphrase = span_text(cli_text(cmd->match, "passphrase")),
    };

    keys_generate(cmd->router, &wish, on_imported, cmd);
    buf_clear(&i->public_pem);
    buf_clear(&i->private_pem);
    cmd_wait(cmd);
}

static bool
label_is_free(struct command *cmd)
{
    const struct importing *i = cmd->state;
    struct key_set set = {.kind = KEY_RSA, .name = i->name};

    /* The pair that has just come is its first half. */
    if (i->both && i->usage == KEY_ENCRYPTION)
        set.not = KEY_SIGNATURE;
    if (!crypto_any_key(cmd->router, &set))
        return true;
    out_error(cmd, "Key pair exists.");
    return false;
}

static void
on_private_line(struct command *cmd, const char *text)
{
    struct importing *i = cmd->state;

    if (text == NULL)
        return;
    if (!is_end(text, false)) {
        if (take_line(cmd, &i->private_pem, text))
            cmd_ask(cmd, "", ASK_TEXT, 0, on_private_line);
        return;
    }
    if (buf_len(&i->private_pem) == 0)
        tell_failed_import(cmd, ERR_FORMAT);
    else if (label_is_free(cmd)) /* somebody else may have taken it */
        import(cmd);
}

static void
on_public_line(struct command *cmd, const char *text)
{
    struct importing *i = cmd->state;

    if (text == NULL)
        return;
    if (!is_end(text, true)) {
        if (take_line(cmd, &i->public_pem, text))
            cmd_ask(cmd, "", ASK_TEXT, 0, on_public_line);
        return;
    }
    out(cmd,
        "%% Enter PEM-formatted encrypted private %s key.\n"
        "%% End with \"quit\" on a line by itself.\n",
        crypto_usage_name(i->usage));
    cmd_ask(cmd, "", ASK_TEXT, 0, on_private_line);
}

static void
ask_for_texts(struct command *cmd)
{
    const struct importing *i = cmd->state;

    out(cmd,
        "%% Enter PEM-formatted public %s key or certificate.\n"
        "%% End with a blank line or \"quit\" on a line by itself.\n",
        crypto_usage_name(i->usage));
    cmd_ask(cmd, "", ASK_TEXT, 0, on_public_line);
}

void
crypto_import_rsa(struct command *cmd)
{
    struct importing *i = alloc_zero(1, sizeof(*i));

    cmd->state = i;
    cmd->free_state = free_importing;
    buf_init(&i->public_pem, PEM_MAX);
    buf_init_secret(&i->private_pem, PEM_MAX);
    i->both = cli_given(cmd->match, "usage-keys");
    i->usage = i->both ? KEY_SIGNATURE : KEY_GENERAL;
    if (!crypto_take_label(cmd, cli_text(cmd->match, "label"), i->name))
        return;
    if (strlen(cli_text(cmd->match, "passphrase")) > PASSPHRASE_MAX)
        out_error(cmd, "Passphrase is longer than %d chars", PASSPHRASE_MAX);
    else if (label_is_free(cmd))
        ask_for_texts(cmd);
}
