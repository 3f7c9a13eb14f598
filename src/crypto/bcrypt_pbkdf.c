#include "crypto/bcrypt_pbkdf.h"

#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/pi_words.h"

#define BLOWFISH_ROUNDS 16
#define SUBKEYS         (BLOWFISH_ROUNDS + 2)
#define DIGEST          64 /* bytes of SHA-512 */
#define BLOCK           32 /* bytes that one bcrypt gives */
#define BLOCK_WORDS     (BLOCK / 4)
#define COST            64 /* bcrypt's, of both its loops */

/* --- Blowfish, as far as bcrypt needs it -------------------------------- */

struct blowfish {
    uint32_t subkey[SUBKEYS];
    uint32_t box[4][256];
};

static inline uint32_t
mix(const struct blowfish *b, uint32_t x)
{
    return ((b->box[0][x >> 24] + b->box[1][x >> 16 & 0xff]) ^
            b->box[2][x >> 8 & 0xff]) +
           b->box[3][x & 0xff];
}

static void
encipher(const struct blowfish *b, uint32_t pair[2])
{
    uint32_t left = pair[0] ^ b->subkey[0], right = pair[1];

    for (unsigned i = 1; i <= BLOWFISH_ROUNDS; i += 2) {
        right ^= mix(b, left) ^ b->subkey[i];
        left ^= mix(b, right) ^ b->subkey[i + 1];
    }
    pair[0] = right ^ b->subkey[BLOWFISH_ROUNDS + 1];
    pair[1] = left;
}

/* A digest as big-endian words that are taken round and round. */
struct stream {
    uint32_t words[DIGEST / 4];
    unsigned at;
};

static struct stream
stream_over(const uint8_t digest[DIGEST])
{
    struct stream s = {.at = 0};

    for (unsigned i = 0; i < DIGEST / 4; i++)
        s.words[i] = (uint32_t)digest[4 * i] << 24 |
                     (uint32_t)digest[4 * i + 1] << 16 |
                     (uint32_t)digest[4 * i + 2] << 8 | digest[4 * i + 3];
    return s;
}

static uint32_t
stream_next(struct stream *s)
{
    uint32_t word = s->words[s->at];

    s->at = (s->at + 1) % (DIGEST / 4);
    return word;
}

/* Blowfish's key schedule; `salt`, if there is one, joins what is enciphered.
 */
static void
expand(struct blowfish *b, struct stream key, struct stream *salt)
{
    uint32_t *words[] = {b->subkey, b->box[0], b->box[1], b->box[2], b->box[3]};
    uint32_t pair[2] = {0, 0};

    for (unsigned i = 0; i < SUBKEYS; i++)
        b->subkey[i] ^= stream_next(&key);
    for (unsigned part = 0; part < 5; part++) {
        for (unsigned i = 0; i < (part == 0 ? SUBKEYS : 256); i += 2) {
            if (salt != NULL) {
                pair[0] ^= stream_next(salt);
                pair[1] ^= stream_next(salt);
            }
            encipher(b, pair);
            words[part][i] = pair[0];
            words[part][i + 1] = pair[1];
        }
    }
    wipe(&key, sizeof(key));
    wipe(pair, sizeof(pair));
}

/* --- bcrypt ------------------------------------------------------------- */

static void
bcrypt(struct blowfish *b, const uint8_t passphrase[DIGEST],
       const uint8_t salt[DIGEST], uint8_t out[BLOCK])
{
    static const char text[BLOCK + 1] = "OxychromaticBlowfishSwatDynamite";
    struct stream key = stream_over(passphrase);
    struct stream salted = stream_over(salt);
    uint32_t words[BLOCK_WORDS];

    memcpy(b->subkey, pi_words, sizeof(b->subkey));
    memcpy(b->box, pi_words + SUBKEYS, sizeof(b->box));
    expand(b, key, &salted);
    salted.at = 0;
    for (unsigned i = 0; i < COST; i++) {
        expand(b, salted, NULL);
        expand(b, key, NULL);
    }
    for (unsigned i = 0; i < BLOCK_WORDS; i++)
        words[i] = (uint32_t)text[4 * i] << 24 |
                   (uint32_t)text[4 * i + 1] << 16 |
                   (uint32_t)text[4 * i + 2] << 8 | (uint32_t)text[4 * i + 3];
    for (unsigned i = 0; i < COST; i++)
        for (unsigned j = 0; j < BLOCK_WORDS; j += 2)
            encipher(b, words + j);
    /* Here, and here alone, words are little-endian. */
    for (unsigned i = 0; i < BLOCK; i++)
        out[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4) & 0xff);
    wipe(&key, sizeof(key));
    wipe(words, sizeof(words));
}

/* What belongs to one derivation. */
struct derivation {
    struct blowfish blowfish;
    uint8_t passphrase[HASH_MAX], salt[HASH_MAX];
    uint8_t block[BLOCK], sum[BLOCK];
};

/* The block with this number, to d->sum: PBKDF2's F. */
static enum err
derive_block(struct derivation *d, struct span salt, unsigned rounds,
             uint32_t number)
{
    const uint8_t counter[4] = {
        (uint8_t)(number >> 24), (uint8_t)(number >> 16 & 0xff),
        (uint8_t)(number >> 8 & 0xff), (uint8_t)(number & 0xff)};
    struct span pieces[2] = {salt, span_of(counter, sizeof(counter))};
    size_t count = 2;

    for (unsigned round = 0; round < rounds; round++) {
        if (hash_pieces(HASH_SHA512, pieces, count, d->salt) != OK)
            return ERR_CRYPTO;
        bcrypt(&d->blowfish, d->passphrase, d->salt, d->block);
        for (size_t i = 0; i < BLOCK; i++)
            d->sum[i] = round == 0 ? d->block[i] : d->sum[i] ^ d->block[i];
        pieces[0] = span_of(d->block, BLOCK);
        count = 1;
    }
    return OK;
}

enum err
bcrypt_pbkdf(struct span passphrase, struct span salt, unsigned rounds,
             uint8_t *key, size_t len)
{
    size_t blocks = (len + BLOCK - 1) / BLOCK;
    struct derivation d;
    enum err err;

    if (passphrase.len == 0 || salt.len == 0 ||
        salt.len > BCRYPT_PBKDF_SALT_MAX || rounds == 0 ||
        rounds > BCRYPT_PBKDF_ROUNDS_MAX || len == 0 ||
        len > BCRYPT_PBKDF_KEY_MAX)
        return ERR_LENGTH;
    err = hash_pieces(HASH_SHA512, &passphrase, 1, d.passphrase);
    /* Unlike PBKDF2's, the bytes of the blocks are interleaved. */
    for (size_t block = 0; err == OK && block < blocks; block++) {
        err = derive_block(&d, salt, rounds, (uint32_t)block + 1);
        for (size_t i = 0; i < BLOCK && i * blocks + block < len; i++)
            key[i * blocks + block] = d.sum[i];
    }
    wipe(&d, sizeof(d));
    if (err != OK)
        wipe(key, len);
    return err;
}
