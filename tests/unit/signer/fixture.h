/*
 * Key files and exchanges for the signer's tests.
 */
#ifndef TESTS_SIGNER_FIXTURE_H
#define TESTS_SIGNER_FIXTURE_H

#include "base/buf.h"
#include "crypto/keyfile.h"
#include "signer/keyfile.h"

/* Append the file of a fresh pair; `pair`, if not NULL, is the caller's. */
static inline void
fixture_key_file(enum key_type type, unsigned bits, const char *name,
                 struct buf *text, struct private_key **pair)
{
    struct keyfile file = {
        .name = span_text(name), .made_at = 1784030400, .usage = KEY_GENERAL};
    struct private_key *key;
    struct buf pem;

    assert_int_equal(private_key_generate(type, bits, &key), OK);
    buf_init_secret(&pem, KEYFILE_MAX);
    assert_int_equal(private_key_encode(key, &pem), OK);
    file.pem = buf_span(&pem);
    assert_int_equal(keyfile_write(&file, text), OK);
    buf_clear(&pem);
    if (pair != NULL)
        *pair = key;
    else
        private_key_free(key);
}

/* Append a smallest KEXINIT as a string: sixteen cookie bytes, empty lists. */
static inline void
fixture_kexinit(struct buf *to, uint8_t cookie)
{
    size_t mark = buf_begin_string(to);

    buf_put_u8(to, 20);
    for (int i = 0; i < 16; i++)
        buf_put_u8(to, cookie);
    for (int i = 0; i < 10; i++)
        buf_put_u32(to, 0);
    buf_put_bool(to, false);
    buf_put_u32(to, 0);
    buf_end_string(to, mark);
}

/* Append V_C, V_S, I_C, I_S. */
static inline void
fixture_before(struct buf *to)
{
    buf_put_text(to, "SSH-2.0-client");
    buf_put_text(to, "SSH-2.0-vtyd_0");
    fixture_kexinit(to, 1);
    fixture_kexinit(to, 2);
}

#endif
