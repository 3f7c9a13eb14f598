#include "control/algorithms.h"

#include "base/names.h"
#include "crypto/hostkey.h"
#include "crypto/kex_method.h"

static const struct cli_word kex_words[] = {
    {"mlkem768x25519-sha256", "ML-KEM-768 with X25519 and SHA-256", false},
    {"curve25519-sha256", "X25519 with SHA-256", false},
    {"curve25519-sha256@libssh.org", "X25519 with SHA-256", false},
    {"ecdh-sha2-nistp256", "ECDH on the NIST curve P-256", false},
    {"ecdh-sha2-nistp384", "ECDH on the NIST curve P-384", false},
    {"ecdh-sha2-nistp521", "ECDH on the NIST curve P-521", false},
    {"diffie-hellman-group16-sha512", "DH group 16 (4096 bits)", false},
    {"diffie-hellman-group18-sha512", "DH group 18 (8192 bits)", false},
    {"diffie-hellman-group14-sha256", "DH group 14 (2048 bits)", false},
    {"diffie-hellman-group-exchange-sha256", "DH group as the client asks",
     false},
    {"diffie-hellman-group-exchange-sha1", "DH group as the client asks",
     false},
    {"diffie-hellman-group14-sha1", "DH group 14 with SHA-1", false},
    {"diffie-hellman-group1-sha1", "DH group 1 (1024 bits) with SHA-1", false},
    {NULL},
};

static const struct cli_word hostkey_words[] = {
    {"ssh-ed25519", "Ed25519 host key", false},
    {"ecdsa-sha2-nistp256", "EC host key on the NIST curve P-256", false},
    {"ecdsa-sha2-nistp384", "EC host key on the NIST curve P-384", false},
    {"ecdsa-sha2-nistp521", "EC host key on the NIST curve P-521", false},
    {"rsa-sha2-512", "RSA host key, signing with SHA-512", false},
    {"rsa-sha2-256", "RSA host key, signing with SHA-256", false},
    {"ssh-rsa", "RSA host key, signing with SHA-1", false},
    {NULL},
};

static const struct cli_word client_hostkey_words[] = {
    {"ssh-dss", "DSA host key (1024 bits), signing with SHA-1", true},
    {"ssh-ed25519", "Ed25519 host key", false},
    {"ecdsa-sha2-nistp256", "EC host key on the NIST curve P-256", false},
    {"ecdsa-sha2-nistp384", "EC host key on the NIST curve P-384", false},
    {"ecdsa-sha2-nistp521", "EC host key on the NIST curve P-521", false},
    {"rsa-sha2-512", "RSA host key, signing with SHA-512", false},
    {"rsa-sha2-256", "RSA host key, signing with SHA-256", false},
    {"ssh-rsa", "RSA host key, signing with SHA-1", false},
    {NULL},
};

/* ssh-rsa signatures of users only where they are asked for. */
static const struct cli_word publickey_words[] = {
    {"ssh-ed25519", "Ed25519 user key", false},
    {"ecdsa-sha2-nistp256", "EC user key on the NIST curve P-256", false},
    {"ecdsa-sha2-nistp384", "EC user key on the NIST curve P-384", false},
    {"ecdsa-sha2-nistp521", "EC user key on the NIST curve P-521", false},
    {"rsa-sha2-512", "RSA user key, signing with SHA-512", false},
    {"rsa-sha2-256", "RSA user key, signing with SHA-256", false},
    {"ssh-rsa", "RSA user key, signing with SHA-1", true},
    {NULL},
};

static const struct cli_word encryption_words[] = {
    {"chacha20-poly1305@openssh.com", "ChaCha20 with Poly1305", false},
    {"aes256-gcm@openssh.com", "AES with 256-bit key in GCM mode", false},
    {"aes128-gcm@openssh.com", "AES with 128-bit key in GCM mode", false},
    {"aes256-ctr", "AES with 256-bit key in CTR mode", false},
    {"aes192-ctr", "AES with 192-bit key in CTR mode", false},
    {"aes128-ctr", "AES with 128-bit key in CTR mode", false},
    {"aes128-cbc", "AES with 128-bit key in CBC mode", false},
    {"3des-cbc", "Three-key 3DES in CBC mode", false},
    {"aes192-cbc", "AES with 192-bit key in CBC mode", false},
    {"aes256-cbc", "AES with 256-bit key in CBC mode", false},
    {NULL},
};

static const struct cli_word mac_words[] = {
    {"hmac-sha2-256-etm@openssh.com", "SHA-256, over the ciphertext", false},
    {"hmac-sha2-512-etm@openssh.com", "SHA-512, over the ciphertext", false},
    {"hmac-sha2-256", "SHA-256", false},
    {"hmac-sha2-512", "SHA-512", false},
    {"hmac-sha1", "SHA-1", false},
    {"hmac-sha1-96", "SHA-1, 96 bits sent", false},
    {"hmac-md5", "MD5", false},
    {"hmac-md5-96", "MD5, 96 bits sent", false},
    {NULL},
};

static const struct cli_word authentication_words[] = {
    {"publickey", "Public key of a user", false},
    {"keyboard", "Questions and answers (keyboard-interactive)", false},
    {"password", "Password", false},
    {NULL},
};

const struct cli_word *
algorithms_kex(void)
{
    /* The first row is the one that an older libcrypto cannot do. */
    return kex_find(span_text(kex_words[0].word)) != NULL ? kex_words
                                                          : kex_words + 1;
}

const struct cli_word *
algorithms_hostkey(void)
{
    return hostkey_words;
}

const struct cli_word *
algorithms_client_hostkey(void)
{
    /* The first row is one that not every libcrypto has. */
    return signature_find(span_text(client_hostkey_words[0].word)) != NULL
               ? client_hostkey_words
               : client_hostkey_words + 1;
}

const struct cli_word *
algorithms_encryption(void)
{
    return encryption_words;
}

const struct cli_word *
algorithms_mac(void)
{
    return mac_words;
}

const struct cli_word *
algorithms_publickey(void)
{
    return publickey_words;
}

const struct cli_word *
algorithms_authentication(void)
{
    return authentication_words;
}

void
algorithms_put(struct buf *names, const struct cli_word *words,
               const char *configured)
{
    bool first = true;

    if (configured != NULL) {
        buf_put_span(names, span_text(configured));
        return;
    }
    for (const struct cli_word *w = words; w->word != NULL; w++) {
        if (w->opt_in)
            continue;
        if (!first)
            buf_put_u8(names, ',');
        buf_put_span(names, span_text(w->word));
        first = false;
    }
}

void
algorithms_put_kex(struct buf *names, const char *configured,
                   unsigned group_min)
{
    struct buf all;
    struct span rest, name;

    buf_init(&all, NAMES_MAX_BYTES);
    algorithms_put(&all, algorithms_kex(), configured);
    rest = buf_span(&all);
    while (names_next(&rest, &name)) {
        const struct kex_method *method = kex_find(name);

        if (method != NULL && method->group_bits > 0 &&
            method->group_bits < group_min)
            continue;
        if (buf_len(names) > 0)
            buf_put_u8(names, ',');
        buf_put_span(names, name);
    }
    buf_clear(&all);
}

static void
put_method(struct buf *names, const char *name)
{
    buf_printf(names, "%s%s", buf_len(names) > 0 ? "," : "", name);
}

void
algorithms_methods(const struct config_ssh *ssh, struct buf *names)
{
    struct buf words;
    struct span rest, word;

    buf_init(&words, ALGORITHMS_METHODS_MAX);
    algorithms_put(&words, algorithms_authentication(), ssh->authentication);
    rest = buf_span(&words);
    while (names_next(&rest, &word)) {
        if (span_is(word, "keyboard") && ssh->by_keyboard)
            put_method(names, "keyboard-interactive");
        else if (span_is(word, "publickey") && ssh->by_publickey)
            put_method(names, "publickey");
        else if (span_is(word, "password") && ssh->by_password)
            put_method(names, "password");
    }
    buf_clear(&words);
}
