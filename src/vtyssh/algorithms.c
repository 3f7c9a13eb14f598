#include "vtyssh/algorithms.h"

#include "base/names.h"
#include "crypto/cipher.h"
#include "crypto/hostkey.h"
#include "crypto/kex_method.h"
#include "crypto/mac.h"

/* No CBC, no MD5: for these a user asks by name. */
static const char *const kex[] = {
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group14-sha256",
};
static const char *const ciphers[] = {
    "chacha20-poly1305@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
};
static const char *const macs[] = {
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha1",
};
static const char *const host_keys[] = {
    "ssh-ed25519",         "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521", "rsa-sha2-512",        "rsa-sha2-256",
};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

static void
put(struct buf *to, const char *name)
{
    buf_printf(to, "%s%s", buf_len(to) > 0 ? "," : "", name);
}

const char *
algorithms_cipher(const char *word)
{
    const struct cipher_method *method =
        cipher_find(span_text(strcmp(word, "3des") == 0 ? "3des-cbc" : word));

    if (strcmp(word, "des") == 0)
        return "des"; /* of version 1 */
    return method == NULL ? NULL : method->name;
}

const char *
algorithms_mac(const char *word)
{
    const struct mac_method *method = mac_find(
        span_text(strcmp(word, "hmac-sha1-160") == 0 ? "hmac-sha1" : word));

    return method == NULL ? NULL : method->name;
}

void
algorithms_put_kex(struct buf *to)
{
    /* An older libcrypto cannot do all of them. */
    for (size_t i = 0; i < COUNT(kex); i++)
        if (kex_find(span_text(kex[i])) != NULL)
            put(to, kex[i]);
}

void
algorithms_put_ciphers(struct buf *to)
{
    for (size_t i = 0; i < COUNT(ciphers); i++)
        put(to, ciphers[i]);
}

void
algorithms_put_macs(struct buf *to)
{
    for (size_t i = 0; i < COUNT(macs); i++)
        put(to, macs[i]);
}

void
algorithms_put_host_keys(struct span known, struct buf *to)
{
    for (int wants_known = 1; wants_known >= 0; wants_known--) {
        for (size_t i = 0; i < COUNT(host_keys); i++) {
            const struct signature_method *method =
                signature_find(span_text(host_keys[i]));

            if (names_has(known, span_text(method->key_name)) ==
                (wants_known == 1))
                put(to, host_keys[i]);
        }
    }
}
