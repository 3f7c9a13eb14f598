#include "crypto/rsa1_key.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "base/reader.h"
#include "crypto/hostkey.h"
#include "crypto/key_parts.h"
#include "crypto/rsa1.h"

#define MODULUS_MAX  (RSA_PUBLIC_BITS_MAX / 8)
#define EXPONENT_MAX 8
/* Decimal digits of so many bytes: 8 * log10(2) is less than 2.41. */
#define DIGITS_OF(bytes) ((bytes)*241 / 100 + 1)

/* --- blobs ------------------------------------------------------------- */

static void
put(struct buf *to, const char *type, struct span exponent, struct span modulus)
{
    buf_put_text(to, type);
    buf_put_mpint(to, exponent);
    buf_put_mpint(to, modulus);
}

void
rsa1_key_put(struct buf *to, struct span exponent, struct span modulus)
{
    put(to, RSA1_KEY_TYPE, exponent, modulus);
}

bool
rsa1_key_is(struct span blob)
{
    struct reader r = reader_over(blob);

    return span_is(read_string(&r), RSA1_KEY_TYPE);
}

bool
rsa1_key_is_other_form(struct span blob, struct span other)
{
    struct span e, n, other_e, other_n;

    return rsa1_key_is(blob) != rsa1_key_is(other) &&
           rsa1_numbers(blob, &e, &n) == OK &&
           rsa1_numbers(other, &other_e, &other_n) == OK &&
           span_equal(e, other_e) && span_equal(n, other_n);
}

enum err
rsa1_key_put_ssh_rsa(struct span blob, struct buf *to)
{
    struct span exponent, modulus;
    enum err err = rsa1_numbers(blob, &exponent, &modulus);

    if (err == OK)
        put(to, "ssh-rsa", exponent, modulus);
    return err;
}

/* --- numbers ----------------------------------------------------------- */

static bool
put_number(struct buf *to, const BIGNUM *number)
{
    char *text = BN_bn2dec(number);

    if (text == NULL)
        return false;
    buf_put_span(to, span_text(text));
    OPENSSL_free(text);
    return true;
}

enum err
rsa1_key_put_numbers(struct span blob, struct buf *to)
{
    struct span exponent, modulus;
    BIGNUM *e, *n;
    bool ok;

    if (!rsa1_key_is(blob) || rsa1_numbers(blob, &exponent, &modulus) != OK)
        return ERR_FORMAT;
    e = BN_bin2bn(exponent.ptr, (int)exponent.len, NULL);
    n = BN_bin2bn(modulus.ptr, (int)modulus.len, NULL);
    ok = e != NULL && n != NULL;
    if (ok) {
        buf_printf(to, "%d ", BN_num_bits(n));
        ok = put_number(to, e);
        buf_put_u8(to, ' ');
        ok = put_number(to, n) && ok;
    }
    BN_free(e);
    BN_free(n);
    if (!ok)
        return ERR_CRYPTO;
    return buf_ok(to) ? OK : ERR_LENGTH;
}

/* A decimal number to at most `max` bytes. */
static enum err
parse_number(struct span text, uint8_t *bytes, size_t max, struct span *number)
{
    char digits[DIGITS_OF(MODULUS_MAX) + 1];
    BIGNUM *value = NULL;
    enum err err = OK;

    while (text.len > 1 && text.ptr[0] == '0')
        text = span_of(text.ptr + 1, text.len - 1);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return ERR_FORMAT;
    if (text.len == 0)
        return ERR_FORMAT;
    if (text.len > DIGITS_OF(max))
        return ERR_LENGTH;
    memcpy(digits, text.ptr, text.len);
    digits[text.len] = '\0';
    if (BN_dec2bn(&value, digits) != (int)text.len)
        err = ERR_CRYPTO;
    else if ((size_t)BN_num_bytes(value) > max)
        err = ERR_LENGTH;
    else
        *number = span_of(bytes, (size_t)BN_bn2bin(value, bytes));
    BN_free(value);
    return err;
}

enum err
rsa1_key_parse(struct span exponent, struct span modulus, struct buf *to)
{
    uint8_t e_bytes[EXPONENT_MAX], n_bytes[MODULUS_MAX];
    struct span e, n;
    enum err err = parse_number(exponent, e_bytes, sizeof(e_bytes), &e);

    if (err == OK)
        err = parse_number(modulus, n_bytes, sizeof(n_bytes), &n);
    if (err != OK)
        return err;
    if (e.len == 0 || n.len == 0)
        return ERR_FORMAT;
    rsa1_key_put(to, e, n);
    return buf_ok(to) ? OK : ERR_LENGTH;
}
