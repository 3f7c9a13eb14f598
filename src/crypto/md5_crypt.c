/*
 * The 1,002 digests go through libcrypto's direct MD5 calls: fetched digests
 * take twice as long for such short messages, and this runs at every login.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/md5_crypt.h"

#include <openssl/md5.h>

#include "base/secret.h"
#include "base/text.h"

#define DIGEST_LEN  16
#define ROUNDS      1000
#define MAGIC       "$1$"
#define MESSAGE_MAX (3 * MD5_CRYPT_GIVEN_MAX + MD5_CRYPT_SALT_MAX + DIGEST_LEN)

/* The message of one digest. */
struct message {
    size_t len;
    uint8_t bytes[MESSAGE_MAX];
};

static void
add(struct message *m, const void *bytes, size_t len)
{
    memcpy(m->bytes + m->len, bytes, len);
    m->len += len;
}

static bool
digest(const struct message *m, uint8_t out[DIGEST_LEN])
{
    MD5_CTX state;

    return MD5_Init(&state) == 1 && MD5_Update(&state, m->bytes, m->len) == 1 &&
           MD5_Final(out, &state) == 1;
}

/* What the rounds begin with. */
static bool
first_digest(struct message *m, struct span given, struct span salt,
             uint8_t out[DIGEST_LEN])
{
    uint8_t other[DIGEST_LEN];
    bool ok;

    m->len = 0;
    add(m, given.ptr, given.len);
    add(m, salt.ptr, salt.len);
    add(m, given.ptr, given.len);
    ok = digest(m, other);

    m->len = 0;
    add(m, given.ptr, given.len);
    add(m, MAGIC, strlen(MAGIC));
    add(m, salt.ptr, salt.len);
    for (size_t left = given.len; left > 0;) {
        size_t part = left < DIGEST_LEN ? left : DIGEST_LEN;

        add(m, other, part);
        left -= part;
    }
    for (size_t bits = given.len; bits > 0; bits >>= 1)
        add(m, (bits & 1) != 0 ? (const uint8_t *)"" : given.ptr, 1);
    ok = ok && digest(m, out);
    wipe(other, sizeof(other));
    return ok;
}

static bool
run_rounds(struct message *m, struct span given, struct span salt,
           uint8_t state[DIGEST_LEN])
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool odd = (round & 1) != 0;

        m->len = 0;
        if (odd)
            add(m, given.ptr, given.len);
        else
            add(m, state, DIGEST_LEN);
        if (round % 3 != 0)
            add(m, salt.ptr, salt.len);
        if (round % 7 != 0)
            add(m, given.ptr, given.len);
        if (odd)
            add(m, state, DIGEST_LEN);
        else
            add(m, given.ptr, given.len);
        if (!digest(m, state))
            return false;
    }
    return true;
}

/* Six bits a character, the lowest first. */
static char *
put_digits(char *to, uint32_t value, unsigned count)
{
    static const char digits[] =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    for (; count > 0; count--) {
        *to++ = digits[value & 0x3f];
        value >>= 6;
    }
    return to;
}

static void
put_hash(char *to, const uint8_t d[DIGEST_LEN])
{
    for (unsigned i = 0; i < 5; i++) {
        /* The last group's third byte is number 5, not 16. */
        unsigned third = i == 4 ? 5 : i + 12;

        to = put_digits(
            to, (uint32_t)d[i] << 16 | (uint32_t)d[i + 6] << 8 | d[third], 4);
    }
    to = put_digits(to, d[11], 2);
    *to = '\0';
}

enum err
md5_crypt(struct span given, struct span salt, char text[MD5_CRYPT_TEXT_MAX])
{
    uint8_t state[DIGEST_LEN];
    struct message m;
    bool ok;

    if (given.len > MD5_CRYPT_GIVEN_MAX || salt.len == 0 ||
        salt.len > MD5_CRYPT_SALT_MAX)
        return ERR_LENGTH;
    if (given.len == 0)
        given = span_text("");
    ok = first_digest(&m, given, salt, state) &&
         run_rounds(&m, given, salt, state);
    if (ok) {
        size_t at = strlen(MAGIC);

        memcpy(text, MAGIC, at);
        memcpy(text + at, salt.ptr, salt.len);
        text[at + salt.len] = '$';
        put_hash(text + at + salt.len + 1, state);
    }
    wipe(&m, sizeof(m));
    wipe(state, sizeof(state));
    return ok ? OK : ERR_CRYPTO;
}
