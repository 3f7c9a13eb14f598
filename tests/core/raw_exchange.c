#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/names.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/hostkey.h"
#include "raw.h"

/* --- identification and KEXINIT -------------------------------------- */

void
raw_idents(struct raw *raw)
{
    const uint8_t *end;
    size_t len;

    raw_take(raw);
    end = memchr(buf_bytes(&raw->in), '\n', buf_len(&raw->in));
    assert_non_null(end);
    len = (size_t)(end - buf_bytes(&raw->in));
    assert_true(len > 1 && end[-1] == '\r');
    raw->peer_ident =
        span_of(text_dup_span(span_of(buf_bytes(&raw->in), len - 1)), len - 1);
    buf_consume(&raw->in, len + 1);
    raw_bytes(raw, span_text(raw->ident));
    raw_bytes(raw, span_text("\r\n"));
}

static const char *
strict_name(const struct raw *raw)
{
    static const char *const names[2][3] = {
        {"", ",kex-strict-s-v00@openssh.com", ",kex-strict-s"},
        {"", ",kex-strict-c-v00@openssh.com", ",kex-strict-c"},
    };

    return names[raw->role][raw->strict];
}

void
raw_make_kexinit(struct raw *raw)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_KEXINIT);
    size_t mark;

    chance_bytes(&raw->chance, buf_reserve(to, 16), 16);
    buf_commit(to, 16);
    mark = buf_begin_string(to);
    buf_printf(to, "%s%s%s", raw->kex, strict_name(raw),
               !raw->ext_info            ? ""
               : raw->role == SSH_CLIENT ? ",ext-info-c"
                                         : ",ext-info-s");
    buf_end_string(to, mark);
    buf_put_text(to, raw->host_key);
    for (int i = 0; i < 2; i++)
        buf_put_text(to, raw->cipher);
    for (int i = 0; i < 2; i++)
        buf_put_text(to, raw->mac);
    for (int i = 0; i < 2; i++)
        buf_put_text(to, raw->compression);
    for (int i = 0; i < 2; i++)
        buf_put_text(to, "");
    buf_put_bool(to, raw->guesses);
    buf_put_u32(to, 0);
}

void
raw_send_kexinit(struct raw *raw)
{
    raw_make_kexinit(raw);
    buf_reset(&raw->own_init);
    buf_put_span(&raw->own_init, buf_span(&raw->scratch));
    raw_end(raw);
}

void
raw_expect_kexinit(struct raw *raw)
{
    raw_expect(raw, SSH2_MSG_KEXINIT);
    buf_reset(&raw->peer_init);
    buf_put_span(&raw->peer_init, raw->payload);
    if (raw->session_id_len == 0)
        raw->is_strict = raw->strict != RAW_STRICT_NONE;
}

/* --- hash and keys: RFC 4253 sections 7.2 and 8 ---------------------- */

static const struct kex_method *
method_of(const struct raw *raw)
{
    return kex_find(names_first(span_text(raw->kex)));
}

static void
compute_hash(struct raw *raw, struct span server_key)
{
    bool client = raw->role == SSH_CLIENT;
    struct span own = span_text(raw->ident);
    enum hash_id id = method_of(raw)->hash;
    struct buf all;
    struct span bytes;

    buf_init(&all, 1024 * 1024);
    buf_put_string(&all, client ? own : raw->peer_ident);
    buf_put_string(&all, client ? raw->peer_ident : own);
    buf_put_string(&all, buf_span(client ? &raw->own_init : &raw->peer_init));
    buf_put_string(&all, buf_span(client ? &raw->peer_init : &raw->own_init));
    buf_put_string(&all, server_key);
    buf_put_span(&all, buf_span(&raw->after));
    buf_put_span(&all, secret_span(&raw->k));
    bytes = buf_span(&all);
    assert_int_equal(hash_pieces(id, &bytes, 1, raw->hash), OK);
    raw->hash_len = hash_len(id);
    buf_clear(&all);
    if (raw->session_id_len > 0)
        return;
    raw->session_id_len = raw->hash_len;
    memcpy(raw->session_id, raw->hash, raw->hash_len);
}

/* 64 bytes of key for one letter, whatever is wanted of them. */
static void
derive(struct raw *raw, char letter, uint8_t key[3 * HASH_MAX])
{
    enum hash_id id = method_of(raw)->hash;
    size_t step = hash_len(id);
    struct buf all;

    for (size_t len = 0; len < CIPHER_KEY_MAX; len += step) {
        struct span bytes;

        buf_init(&all, 8192);
        buf_put_span(&all, secret_span(&raw->k));
        buf_put(&all, raw->hash, raw->hash_len);
        if (len == 0) {
            buf_put_u8(&all, (uint8_t)letter);
            buf_put(&all, raw->session_id, raw->session_id_len);
        } else {
            buf_put(&all, key, len);
        }
        bytes = buf_span(&all);
        assert_int_equal(hash_pieces(id, &bytes, 1, key + len), OK);
        buf_clear(&all);
    }
}

static void
make_direction(struct raw *raw, char offset, bool sending,
               struct packet_keys *keys)
{
    const struct cipher_method *cipher =
        cipher_find(names_first(span_text(raw->cipher)));
    const struct mac_method *mac = mac_find(names_first(span_text(raw->mac)));
    uint8_t iv[3 * HASH_MAX], key[3 * HASH_MAX], mac_key[3 * HASH_MAX];

    derive(raw, (char)('A' + offset), iv);
    derive(raw, (char)('C' + offset), key);
    derive(raw, (char)('E' + offset), mac_key);
    packet_keys_clear(keys);
    assert_int_equal(cipher_new(cipher, key, iv, sending, &keys->cipher), OK);
    if (cipher->tag_len == 0)
        assert_int_equal(mac_new(mac, mac_key, &keys->mac), OK);
}

static void
make_keys(struct raw *raw)
{
    bool client = raw->role == SSH_CLIENT;

    make_direction(raw, client ? 0 : 1, true, &raw->next_out);
    make_direction(raw, client ? 1 : 0, false, &raw->next_in);
}

/* --- the method, as client ------------------------------------------- */

static void
send_value(struct raw *raw, uint8_t message, const struct kex_group *group)
{
    struct buf value;

    buf_init(&value, KEX_VALUE_MAX);
    kex_client_free(raw->client);
    assert_int_equal(kex_client_start(method_of(raw), group, chance_bytes,
                                      &raw->chance, &value, &raw->client),
                     OK);
    buf_put_span(&raw->after, buf_span(&value));
    buf_put_span(raw_begin(raw, message), buf_span(&value));
    raw_end(raw);
    buf_clear(&value);
}

void
raw_send_gex_request(struct raw *raw)
{
    struct buf *to;

    buf_reset(&raw->after);
    buf_put_u32(&raw->after, 2048);
    buf_put_u32(&raw->after, 2048);
    buf_put_u32(&raw->after, 8192);
    to = raw_begin(raw, SSH2_MSG_GEX_REQUEST);
    buf_put_span(to, buf_span(&raw->after));
    raw_end(raw);
}

void
raw_send_gex_init(struct raw *raw)
{
    const struct kex_group *group;
    struct span p, g;
    struct reader r;

    raw_expect(raw, SSH2_MSG_GEX_GROUP);
    r = raw_fields(raw);
    buf_put_span(&raw->after, read_rest(&r));
    r = raw_fields(raw);
    p = read_mpint(&r, 1024);
    g = read_mpint(&r, 1024);
    assert_int_equal(kex_group_take(p, g, 1024, &group), OK);
    send_value(raw, SSH2_MSG_GEX_INIT, group);
}

void
raw_send_init(struct raw *raw)
{
    if (method_of(raw)->kind == KEX_GROUP_EXCHANGE) {
        raw_send_gex_request(raw);
        raw_send_gex_init(raw);
        return;
    }
    buf_reset(&raw->after);
    send_value(raw, SSH2_MSG_KEX_INIT, NULL);
}

static struct span
read_framed(struct reader *r)
{
    const uint8_t *start = r->ptr;
    struct span value = read_string(r);

    return span_of(start, value.len + 4);
}

void
raw_take_reply(struct raw *raw)
{
    struct public_key *key;
    struct span blob, value, signature;
    struct reader r;

    r = raw_fields(raw);
    blob = read_string(&r);
    value = read_framed(&r);
    signature = read_string(&r);
    assert_true(read_done(&r));
    assert_int_equal(kex_client_finish(raw->client, value, &raw->k), OK);
    buf_put_span(&raw->after, value);
    compute_hash(raw, blob);
    assert_int_equal(public_key_decode(blob, &key), OK);
    assert_int_equal(
        public_key_verify(key,
                          signature_find(names_first(span_text(raw->host_key))),
                          span_of(raw->hash, raw->hash_len), signature),
        OK);
    public_key_free(key);
    make_keys(raw);
}

void
raw_expect_reply(struct raw *raw)
{
    bool gex = method_of(raw)->kind == KEX_GROUP_EXCHANGE;

    raw_expect(raw, gex ? SSH2_MSG_GEX_REPLY : SSH2_MSG_KEX_REPLY);
    raw_take_reply(raw);
}

/* --- the method, as server ------------------------------------------- */

static bool
is_gex(const struct raw *raw)
{
    return method_of(raw)->kind == KEX_GROUP_EXCHANGE;
}

void
raw_expect_gex_request(struct raw *raw)
{
    struct reader r;

    raw_expect(raw, SSH2_MSG_GEX_REQUEST);
    r = raw_fields(raw);
    buf_reset(&raw->after);
    buf_put_span(&raw->after, read_rest(&r));
    assert_int_equal(buf_len(&raw->after), 12);
}

void
raw_send_gex_group(struct raw *raw, struct span p, struct span g)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_GEX_GROUP);

    buf_put_mpint(to, p);
    buf_put_mpint(to, g);
    buf_put_mpint(&raw->after, p);
    buf_put_mpint(&raw->after, g);
    kex_group_free(raw->group);
    raw->group = NULL;
    if (kex_group_take(p, g, 0, &raw->group) != OK)
        raw->group = NULL; /* what no client takes either */
    raw_end(raw);
}

/* The usual one, if the test has sent none. */
static void
send_usual_group(struct raw *raw)
{
    const struct kex_group *group;
    struct span p, g;
    struct reader r;
    struct buf both;

    if (raw->group != NULL)
        return;
    assert_int_equal(kex_group_choose(2048, 2048, 2048, &group), OK);
    buf_init(&both, KEX_VALUE_MAX);
    kex_group_put(group, &both);
    r = reader_over(buf_span(&both));
    p = read_mpint(&r, 1024);
    g = read_mpint(&r, 1024);
    raw_expect_gex_request(raw);
    raw_send_gex_group(raw, p, g);
    buf_clear(&both);
}

void
raw_expect_init(struct raw *raw)
{
    struct reader r;
    struct span value;
    struct buf reply;

    if (is_gex(raw))
        send_usual_group(raw);
    else
        buf_reset(&raw->after);
    raw_expect(raw, is_gex(raw) ? SSH2_MSG_GEX_INIT : SSH2_MSG_KEX_INIT);
    r = raw_fields(raw);
    value = read_framed(&r);
    assert_true(read_done(&r));
    buf_init(&reply, KEX_VALUE_MAX);
    assert_int_equal(kex_server(method_of(raw), raw->group, value, chance_bytes,
                                &raw->chance, &reply, &raw->k),
                     OK);
    kex_group_free(raw->group);
    raw->group = NULL;
    buf_put_span(&raw->after, value);
    buf_put_span(&raw->after, buf_span(&reply));
    buf_reset(&raw->scratch);
    buf_put_span(&raw->scratch, buf_span(&reply));
    buf_clear(&reply);
}

void
raw_make_reply(struct raw *raw)
{
    const struct signature_method *method =
        signature_find(names_first(span_text(raw->host_key)));
    const struct test_key *key = raw->host_pair != NULL
                                     ? raw->host_pair
                                     : &keys_of_all_types()[method->type];
    struct buf value, signature;
    struct buf *to;

    buf_init(&value, KEX_VALUE_MAX);
    buf_init(&signature, SIGNATURE_MAX);
    buf_put_span(&value, buf_span(&raw->scratch));
    compute_hash(raw, buf_span(&key->blob));
    make_keys(raw);
    keys_sign(key, method->name, span_of(raw->hash, raw->hash_len), &signature);
    to = raw_begin(raw, is_gex(raw) ? SSH2_MSG_GEX_REPLY : SSH2_MSG_KEX_REPLY);
    buf_put_string(to, buf_span(&key->blob));
    buf_put_span(to, buf_span(&value));
    buf_put_string(to, buf_span(&signature));
    buf_clear(&value);
    buf_clear(&signature);
}

void
raw_send_reply(struct raw *raw)
{
    raw_make_reply(raw);
    raw_end(raw);
}

/* --- the rest -------------------------------------------------------- */

void
raw_run_method(struct raw *raw)
{
    if (raw->role == SSH_CLIENT) {
        raw_send_init(raw);
        raw_expect_reply(raw);
    } else {
        raw_expect_init(raw);
        raw_send_reply(raw);
    }
}

void
raw_send_newkeys(struct raw *raw)
{
    raw_send_number(raw, SSH2_MSG_NEWKEYS);
    packet_sender_rekey(&raw->tx, &raw->next_out, raw->is_strict);
}

void
raw_expect_newkeys(struct raw *raw)
{
    raw_expect(raw, SSH2_MSG_NEWKEYS);
    raw_take_newkeys(raw);
}

void
raw_take_newkeys(struct raw *raw)
{
    packet_receiver_rekey(&raw->rx, &raw->next_in, raw->is_strict);
}

void
raw_handshake(struct raw *raw)
{
    raw_idents(raw);
    raw_send_kexinit(raw);
    raw_expect_kexinit(raw);
    raw_run_method(raw);
    raw_expect_newkeys(raw);
    raw_send_newkeys(raw);
    if (raw->role == SSH_CLIENT && raw->ext_info)
        raw_expect(raw, SSH2_MSG_EXT_INFO);
}

void
raw_rekey(struct raw *raw)
{
    raw_send_kexinit(raw);
    raw_expect_kexinit(raw);
    raw_run_method(raw);
    raw_expect_newkeys(raw);
    raw_send_newkeys(raw);
}
