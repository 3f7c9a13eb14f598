/*
 * `crypto key ...`: its rows, and what its commands share.
 */
#include "base/text.h"
#include "commands/crypto_parts.h"
#include "commands/rows.h"

const char *
crypto_kind_name(enum key_type type)
{
    if (type == KEY_RSA)
        return "RSA";
    return type == KEY_ED25519 ? "Ed25519" : "EC";
}

const char *
crypto_usage_name(enum key_usage usage)
{
    switch (usage) {
    case KEY_SIGNATURE:
        return "Signature";
    case KEY_ENCRYPTION:
        return "Encryption";
    case KEY_GENERAL:
        break;
    }
    return "General Purpose";
}

bool
crypto_any_key(struct router *r, const struct key_set *set)
{
    LIST_EACH(node, keys_all(r))
    {
        if (key_is_in(LIST_ITEM(node, struct key, node), set))
            return true;
    }
    return false;
}

bool
crypto_take_label(struct command *cmd, const char *label,
                  char name[KEY_NAME_MAX])
{
    if (!text_copy(name, KEY_NAME_MAX, label)) {
        out_error(cmd, "The label is longer than %d characters",
                  KEY_NAME_MAX - 1);
        return false;
    }
    for (const char *c = name; *c != '\0'; c++) {
        if (*c > ' ' && *c <= '~')
            continue;
        out_error(cmd, "The label contains one or more illegal characters");
        return false;
    }
    return true;
}

void
crypto_tell_failure(struct command *cmd, enum err err)
{
    if (err == ERR_BUSY)
        out_error(cmd, "Other keys are being generated; try again later");
    else if (err == ERR_LIMIT)
        out_error(cmd, "The name is too long, or there are too many keys");
    else
        out_error(cmd, "The keys could not be generated or stored");
}

const struct cli_row crypto_rows[] = {
    GROUP("crypto", "Encryption module"),
    GROUP("crypto key", "Long term key operations"),
    {ROW_EXEC("crypto key export rsa WORD:label pem terminal 3des "
              "LINE:passphrase",
              15, crypto_export_rsa, "Export keys", "Export RSA keys",
              "RSA keypair label", "Export in PEM format",
              "Show on the terminal", "Encrypt the private key with 3DES",
              "Passphrase that protects the private key"),
     .secret = true},
    GROUP("crypto key generate", "Generate new keys"),
    EXEC("crypto key generate rsa "
         "[{general-keys|usage-keys|signature|encryption}|label WORD:name|"
         "exportable|modulus <360-4096>:bits]...",
         15, crypto_generate_rsa, "Generate RSA keys",
         "Generate a general purpose RSA key pair for signing and encryption",
         "Generate separate RSA key pairs for signing and encryption",
         "Generate an RSA key pair for signing only",
         "Generate an RSA key pair for encryption only", "Provide a label",
         "RSA keypair label", "Allow the key to be exported",
         "Provide number of modulus bits on the command line",
         "Size of the key modulus"),
    EXEC("crypto key generate ec keysize {256|384|521} [label WORD:name]", 15,
         crypto_generate_ec, "Generate EC keys for ECDSA",
         "Provide the size of the EC key", "Curve P-256", "Curve P-384",
         "Curve P-521", "Provide a label", "EC keypair label"),
    EXEC("crypto key generate ed25519 [label WORD:name]", 15,
         crypto_generate_ed25519, "Generate an Ed25519 key", "Provide a label",
         "Ed25519 keypair label"),
    {ROW_EXEC("crypto key import rsa WORD:label [general-purpose|usage-keys] "
              "[exportable] pem terminal LINE:passphrase",
              15, crypto_import_rsa, "Import keys", "Import RSA keys",
              "RSA keypair label", "Import a general purpose key pair",
              "Import separate key pairs for signing and encryption",
              "Allow the key to be exported", "Import in PEM format",
              "Type or paste on the terminal",
              "Passphrase that protects the private key"),
     .secret = true},
    GROUP("crypto key zeroize", "Remove keys"),
    EXEC("crypto key zeroize rsa [WORD:label]", 15, crypto_zeroize_rsa,
         "Remove RSA keys", "RSA keypair label"),
    EXEC("crypto key zeroize ec [WORD:label]", 15, crypto_zeroize_ec,
         "Remove EC keys", "EC keypair label"),
    EXEC("crypto key zeroize ed25519 [WORD:label]", 15, crypto_zeroize_ed25519,
         "Remove Ed25519 keys", "Ed25519 keypair label"),
    ROWS_END,
};
