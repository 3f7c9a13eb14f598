#include "crypto/password.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "base/secret.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/library.h"
#include "crypto/md5_crypt.h"
#include "crypto/random.h"

#define GIVEN_MAX         256 /* bytes; longer ones are not hashed (4.7) */
#define IOS_SALT_5_LEN    4
#define IOS_SALT_LEN      14 /* types 8 and 9 */
#define IOS_HASH_LEN      43 /* characters: 32 bytes */
#define DERIVED_LEN       32 /* bytes */
#define PBKDF2_ITERATIONS 20000
#define SCRYPT_N          16384
#define SCRYPT_R          1
#define SCRYPT_P          1
#define TYPE_7_OFFSETS    16

/* Of salts, and of types 8 and 9 where base64 has A-Za-z0-9+/. */
static const char digits[] =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static const char type_7_key[] =
    "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

static bool
is_digits(const char *text, size_t len)
{
    return strspn(text, digits) >= len;
}

/* A password as a user can type it: no control characters. */
static bool
is_clear(struct span text)
{
    if (text.len == 0 || text.len > PASSWORD_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return false;
    return true;
}

/* $1$ salt $ hash; the salt's length, or 0. */
static size_t
type_5_salt_len(const char *stored)
{
    size_t len;

    if (strncmp(stored, "$1$", 3) != 0)
        return 0;
    len = strcspn(stored + 3, "$");
    if (len == 0 || len > MD5_CRYPT_SALT_MAX || !is_digits(stored + 3, len) ||
        stored[3 + len] != '$' ||
        strlen(stored + 3 + len + 1) != MD5_CRYPT_HASH_LEN ||
        !is_digits(stored + 3 + len + 1, MD5_CRYPT_HASH_LEN))
        return 0;
    return len;
}

/* $8$ or $9$, salt, $, hash. */
static bool
is_derived(unsigned type, const char *stored)
{
    return strlen(stored) == 3 + IOS_SALT_LEN + 1 + IOS_HASH_LEN &&
           stored[0] == '$' && stored[1] == (char)('0' + type) &&
           stored[2] == '$' && is_digits(stored + 3, IOS_SALT_LEN) &&
           stored[3 + IOS_SALT_LEN] == '$' &&
           is_digits(stored + 3 + IOS_SALT_LEN + 1, IOS_HASH_LEN);
}

bool
password_is_valid(unsigned type, const char *stored)
{
    char clear[PASSWORD_MAX + 1];
    bool ok;

    switch (type) {
    case 0:
        return is_clear(span_text(stored));
    case 5:
        return type_5_salt_len(stored) > 0;
    case 7:
        ok = password_reveal(stored, clear, sizeof(clear)) == OK;
        wipe(clear, sizeof(clear));
        return ok;
    case 8:
    case 9:
        return is_derived(type, stored);
    default:
        return false;
    }
}

/* 32 bytes as 43 characters, big-endian groups, no padding. */
static void
put_derived(char to[IOS_HASH_LEN + 1], const uint8_t bytes[DERIVED_LEN])
{
    uint32_t group = 0;
    unsigned bits = 0;

    for (size_t i = 0; i < DERIVED_LEN; i++) {
        group = group << 8 | bytes[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *to++ = digits[group >> (bits - 6) & 0x3f];
    }
    *to++ = digits[group << (6 - bits) & 0x3f];
    *to = '\0';
}

/* Type 8 or 9 with the salt's 14 characters. */
static enum err
derive(unsigned type, struct span given, const char *salt,
       char stored[PASSWORD_STORED_MAX])
{
    const char *clear = given.len == 0 ? "" : (const char *)given.ptr;
    const uint8_t *salt_bytes = (const uint8_t *)salt;
    const EVP_MD *sha256 = library()->hash[HASH_SHA256];
    uint8_t bytes[DERIVED_LEN];
    char hash[IOS_HASH_LEN + 1];
    int done;

    if (type == 8)
        done =
            PKCS5_PBKDF2_HMAC(clear, (int)given.len, salt_bytes, IOS_SALT_LEN,
                              PBKDF2_ITERATIONS, sha256, DERIVED_LEN, bytes);
    else
        done =
            EVP_PBE_scrypt(clear, given.len, salt_bytes, IOS_SALT_LEN, SCRYPT_N,
                           SCRYPT_R, SCRYPT_P, 0, bytes, DERIVED_LEN);
    if (!library_ok(done))
        return ERR_CRYPTO;
    put_derived(hash, bytes);
    snprintf(stored, PASSWORD_STORED_MAX, "$%u$%.*s$%s", type, IOS_SALT_LEN,
             salt, hash);
    wipe(bytes, sizeof(bytes));
    return OK;
}

/* `given` in the form of `stored`, with its salt. */
static enum err
encode_alike(unsigned type, const char *stored, struct span given,
             char again[PASSWORD_STORED_MAX])
{
    if (type == 5)
        return md5_crypt(given, span_of(stored + 3, type_5_salt_len(stored)),
                         again);
    if (type == 7)
        return password_reveal(stored, again, PASSWORD_STORED_MAX);
    return derive(type, given, stored + 3, again);
}

bool
password_check(unsigned type, const char *stored, struct span given)
{
    char again[PASSWORD_STORED_MAX];
    bool equal = false;

    if (!password_is_valid(type, stored) || given.len > GIVEN_MAX)
        return false;
    /* HMAC fills short keys with NULs: "secret\0" would equal "secret". */
    if (given.len > 0 && memchr(given.ptr, '\0', given.len) != NULL)
        return false;
    if (type == 0)
        return crypto_equal(span_text(stored), given);
    if (encode_alike(type, stored, given, again) == OK)
        /* Type 7 was turned back to clear text, the others are hashes. */
        equal = crypto_equal(span_text(again),
                             type == 7 ? given : span_text(stored));
    wipe(again, sizeof(again));
    return equal;
}

static void
make_salt(char *to, size_t len)
{
    uint8_t bytes[IOS_SALT_LEN];

    /* 64 digits: each is as likely as any other. */
    random_bytes(NULL, bytes, len);
    for (size_t i = 0; i < len; i++)
        to[i] = digits[bytes[i] & 0x3f];
    to[len] = '\0';
}

/* Two decimal digits of offset, two hexadecimal ones a character. */
static void
obscure(struct span clear, char stored[PASSWORD_STORED_MAX])
{
    size_t key_len = strlen(type_7_key);
    uint8_t draw;
    size_t offset, used;

    random_bytes(NULL, &draw, 1);
    offset = draw % TYPE_7_OFFSETS;
    used = (size_t)snprintf(stored, PASSWORD_STORED_MAX, "%02zu", offset);
    for (size_t i = 0; i < clear.len; i++) {
        uint8_t key = (uint8_t)type_7_key[(offset + i) % key_len];

        used += (size_t)snprintf(stored + used, PASSWORD_STORED_MAX - used,
                                 "%02X", (unsigned)(clear.ptr[i] ^ key));
    }
}

enum err
password_make(unsigned type, const char *clear,
              char stored[PASSWORD_STORED_MAX])
{
    struct span given = span_text(clear);
    char salt[IOS_SALT_LEN + 1];

    if (!is_clear(given))
        return ERR_FORMAT;
    switch (type) {
    case 5:
        make_salt(salt, IOS_SALT_5_LEN);
        return md5_crypt(given, span_text(salt), stored);
    case 7:
        obscure(given, stored);
        return OK;
    case 8:
    case 9:
        make_salt(salt, IOS_SALT_LEN);
        return derive(type, given, salt, stored);
    default:
        return ERR_FORMAT;
    }
}

/* 0..15, or 16. */
static unsigned
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A' + 10);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

enum err
password_reveal(const char *stored, char *clear, size_t room)
{
    size_t len = strlen(stored), key_len = strlen(type_7_key);
    uint64_t offset;

    if (len < 4 || len % 2 != 0 || len / 2 - 1 > PASSWORD_MAX ||
        text_number(span_of(stored, 2), TYPE_7_OFFSETS - 1, &offset) != OK)
        return ERR_FORMAT;
    len = len / 2 - 1;
    if (len >= room)
        return ERR_LENGTH;
    for (size_t i = 0; i < len; i++) {
        unsigned high = hex_value(stored[2 + 2 * i]);
        unsigned low = hex_value(stored[3 + 2 * i]);
        uint8_t key = (uint8_t)type_7_key[(offset + i) % key_len];

        if (high > 15 || low > 15)
            return ERR_FORMAT;
        clear[i] = (char)((high << 4 | low) ^ key);
    }
    clear[len] = '\0';
    return is_clear(span_of(clear, len)) ? OK : ERR_FORMAT;
}
