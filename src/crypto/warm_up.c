#include "crypto/warm_up.h"

#include "base/buf.h"
#include "crypto/hostkey.h"
#include "crypto/kex_method.h"
#include "crypto/library.h"

#define RSA_LEN   128 /* bytes of the made-up modulus */
#define POINT_LEN 65

/* Not random: nothing of this exchange is ever used. */
static void
counted_bytes(void *state, void *to, size_t len)
{
    uint8_t *bytes = to;

    (void)state;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i + 1);
}

static enum err
agree(void)
{
    struct kex_client *client = NULL;
    struct secret k = {0};
    struct buf init, reply;
    const struct kex_method *method = &kex_methods[0];
    enum err err;

    buf_init(&init, KEX_VALUE_MAX);
    buf_init(&reply, KEX_VALUE_MAX);
    err = kex_client_start(method, NULL, counted_bytes, NULL, &init, &client);
    if (err == OK)
        err = kex_server(method, NULL, buf_span(&init), counted_bytes, NULL,
                         &reply, &k);
    kex_client_free(client);
    secret_clear(&k);
    buf_clear(&init);
    buf_clear(&reply);
    return err;
}

/*
 * That the made-up signature does not verify is no failure: its way through
 * libcrypto is all that is wanted.
 */
static void
try_verify(const char *algorithm, const struct buf *blob)
{
    const struct signature_method *method =
        signature_find(span_text(algorithm));
    uint8_t zeros[RSA_LEN] = {1};
    struct public_key *key;
    struct buf signature;
    enum err ignored;

    if (public_key_decode(buf_span(blob), &key) != OK)
        return;
    buf_init(&signature, SIGNATURE_MAX);
    buf_put_text(&signature, algorithm);
    if (method->type == KEY_ECDSA_256) {
        size_t mark = buf_begin_string(&signature);

        buf_put_mpint(&signature, span_of(zeros, 1));
        buf_put_mpint(&signature, span_of(zeros, 1));
        buf_end_string(&signature, mark);
    } else {
        buf_put_string(&signature,
                       span_of(zeros, method->type == KEY_RSA ? RSA_LEN : 64));
    }
    ignored = public_key_verify(key, method, SPAN_EMPTY, buf_span(&signature));
    (void)ignored;
    buf_clear(&signature);
    public_key_free(key);
}

static void
verify_rsa(void)
{
    static const uint8_t exponent[] = {1, 0, 1};
    uint8_t modulus[RSA_LEN];
    struct buf blob;

    memset(modulus, 0xff, sizeof(modulus));
    buf_init(&blob, KEY_BLOB_MAX);
    buf_put_text(&blob, "ssh-rsa");
    buf_put_mpint(&blob, span_of(exponent, sizeof(exponent)));
    buf_put_mpint(&blob, span_of(modulus, sizeof(modulus)));
    try_verify("rsa-sha2-256", &blob);
    buf_clear(&blob);
}

/* The curve's generator serves as the key. */
static void
verify_ecdsa(void)
{
    const EC_GROUP *curve = library()->curve[LIBRARY_P256];
    uint8_t point[POINT_LEN];
    struct buf blob;

    if (EC_POINT_point2oct(curve, EC_GROUP_get0_generator(curve),
                           POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point),
                           NULL) != sizeof(point))
        return;
    buf_init(&blob, KEY_BLOB_MAX);
    buf_put_text(&blob, "ecdsa-sha2-nistp256");
    buf_put_text(&blob, "nistp256");
    buf_put_string(&blob, span_of(point, sizeof(point)));
    try_verify("ecdsa-sha2-nistp256", &blob);
    buf_clear(&blob);
}

enum err
warm_up_keys(void)
{
    enum err err = agree();

    verify_rsa();
    verify_ecdsa();
    return err;
}
