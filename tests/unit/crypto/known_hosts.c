#include "crypto/known_hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/text.h"
#include "crypto/rsa1_key.h"
#include "vectors/known_hosts.h"
#include "vectors/rsa1_keys.h"

#define PLAIN span_text(plain_hosts)

/* Which call of hash_pieces() from now on fails; 0: none. */
static unsigned failing_call;

enum err __real_hash_pieces(enum hash_id id, const struct span *pieces,
                            size_t count, uint8_t out[HASH_MAX]);
enum err __wrap_hash_pieces(enum hash_id id, const struct span *pieces,
                            size_t count, uint8_t out[HASH_MAX]);

enum err
__wrap_hash_pieces(enum hash_id id, const struct span *pieces, size_t count,
                   uint8_t out[HASH_MAX])
{
    if (failing_call > 0 && --failing_call == 0)
        return ERR_CRYPTO;
    return __real_hash_pieces(id, pieces, count, out);
}

struct blob {
    uint8_t bytes[KEY_BLOB_MAX];
    size_t len;
};

static struct span
decode(const char *base64, struct blob *blob)
{
    blob->len = sizeof(blob->bytes);
    assert_int_equal(
        text_base64_decode(span_text(base64), blob->bytes, &blob->len), OK);
    return span_of(blob->bytes, blob->len);
}

/* What is known about one of the vectors' keys. */
static enum known_host
find(struct span text, const char *host, unsigned port, const char *key,
     struct known_host_found *found)
{
    struct blob blob;

    return known_hosts_find(text, host, port, decode(key, &blob), found);
}

static void
test_verdicts(void **state)
{
    static const struct {
        const char *host;
        unsigned port;
        const char *key;
        enum known_host verdict;
        size_t line;
    } cases[] = {
        {"alpha.example", 22, key_ed25519, KNOWN_HOST_MATCH, 3},
        {"ALPHA.Example", 22, key_ed25519, KNOWN_HOST_MATCH, 3},
        {"192.0.2.1", 22, key_ed25519, KNOWN_HOST_MATCH, 3},
        {"2001:db8::1", 22, key_ed25519, KNOWN_HOST_MATCH, 3},
        {"2001:DB8::1", 22, key_ed25519, KNOWN_HOST_MATCH, 3},
        {"alpha.example", 22, key_ecdsa, KNOWN_HOST_MATCH, 4},
        {"alpha.example", 22, key_rsa, KNOWN_HOST_OTHER, 3},
        {"192.0.2.1", 22, key_ecdsa, KNOWN_HOST_OTHER, 3},
        {"alpha.example", 2222, key_ed25519, KNOWN_HOST_NONE, 0},
        {"alpha.exampl", 22, key_ed25519, KNOWN_HOST_NONE, 0},
        {"alpha.example.", 22, key_ed25519, KNOWN_HOST_NONE, 0},
        {"beta.example", 2222, key_ed25519, KNOWN_HOST_MATCH, 5},
        {"2001:db8::2", 2222, key_ed25519, KNOWN_HOST_MATCH, 5},
        {"beta.example", 22, key_ed25519, KNOWN_HOST_NONE, 0},
        {"a.wide.example", 22, key_rsa, KNOWN_HOST_MATCH, 6},
        {"a.b.wide.example", 22, key_rsa, KNOWN_HOST_MATCH, 6},
        {"not.wide.example", 22, key_rsa, KNOWN_HOST_NONE, 0},
        {"wide.example", 22, key_rsa, KNOWN_HOST_NONE, 0},
        {"gamma.example", 22, key_ed25519, KNOWN_HOST_CHANGED, 7},
        {"gamma.example", 22, key_other, KNOWN_HOST_REVOKED, 8},
        {"nobody.example", 22, key_other, KNOWN_HOST_REVOKED, 8},
        {"nobody.example", 22, key_rsa, KNOWN_HOST_NONE, 0},
        {"a.ca.example", 22, key_rsa, KNOWN_HOST_NONE, 0},
        {"old.example", 22, key_rsa, KNOWN_HOST_NONE, 0},
        {"broken.example", 22, key_ed25519, KNOWN_HOST_ERROR, 11},
        {"sk.example", 22, key_ed25519, KNOWN_HOST_OTHER, 12},
        {"", 22, key_ed25519, KNOWN_HOST_ERROR, 0},
        {"alpha example", 22, key_ed25519, KNOWN_HOST_ERROR, 0},
        {"alpha\nexample", 22, key_ed25519, KNOWN_HOST_ERROR, 0},
    };
    struct known_host_found found;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            find(PLAIN, cases[i].host, cases[i].port, cases[i].key, &found),
            cases[i].verdict);
        assert_int_equal(found.line, cases[i].line);
    }
}

static void
test_a_change_tells_the_known_key(void **state)
{
    struct known_host_found found;
    char fingerprint[KEY_FINGERPRINT_ROOM];
    struct blob other;

    (void)state;
    assert_int_equal(find(PLAIN, "gamma.example", 22, key_ed25519, &found),
                     KNOWN_HOST_CHANGED);
    assert_true(
        span_equal(span_of(found.blob, found.len), decode(key_other, &other)));
    assert_int_equal(
        key_fingerprint(span_of(found.blob, found.len), fingerprint), OK);
    assert_string_equal(fingerprint, fingerprint_other);
}

static void
test_fingerprints_are_those_of_ssh_keygen(void **state)
{
    const char *const pairs[][2] = {
        {key_ed25519, fingerprint_ed25519},
        {key_ecdsa, fingerprint_ecdsa},
        {key_rsa, fingerprint_rsa},
        {key_other, fingerprint_other},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char fingerprint[KEY_FINGERPRINT_ROOM];
        struct blob blob;

        assert_int_equal(
            key_fingerprint(decode(pairs[i][0], &blob), fingerprint), OK);
        assert_string_equal(fingerprint, pairs[i][1]);
    }
}

static void
test_hashed_names(void **state)
{
    const struct span text = span_text(hashed_hosts);
    struct known_host_found found;

    (void)state;
    assert_null(strstr(hashed_hosts, "example"));
    assert_int_equal(find(text, "Alpha.example", 22, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    assert_int_equal(find(text, "2001:db8::1", 22, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    assert_int_equal(find(text, "beta.example", 2222, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    assert_int_equal(find(text, "beta.example", 22, key_ed25519, &found),
                     KNOWN_HOST_NONE);
    assert_int_equal(find(text, "gamma.example", 22, key_ed25519, &found),
                     KNOWN_HOST_CHANGED);
    assert_int_equal(find(text, "delta.example", 22, key_ed25519, &found),
                     KNOWN_HOST_NONE);
}

/* hardening 8.1: each call that can fail does; no failure is a stranger. */
static void
test_8_1_a_hash_that_fails_refuses(void **state)
{
    const struct span text = span_text(hashed_hosts);
    struct known_host_found found;
    bool was_reached = false;

    (void)state;
    for (unsigned call = 1; call < 100; call++) {
        enum known_host verdict;

        failing_call = call;
        verdict = find(text, "gamma.example", 22, key_ed25519, &found);
        if (failing_call > 0) {
            assert_int_equal(verdict, KNOWN_HOST_CHANGED);
            was_reached = true;
            break;
        }
        assert_int_equal(verdict, KNOWN_HOST_ERROR);
        assert_true(found.line > 0);
        failing_call = call;
        verdict = find(text, "beta.example", 2222, key_ed25519, &found);
        assert_int_equal(verdict, failing_call > 0 ? KNOWN_HOST_MATCH
                                                   : KNOWN_HOST_ERROR);
    }
    failing_call = 0;
    assert_true(was_reached);
}

static void
test_a_hash_of_the_wrong_form_is_no_name(void **state)
{
    static const char *const names[] = {
        "|1|",
        "|1||",
        "|1|AAAA|AAAA",
        "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|",
        "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=",
        "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLC",
        "|2|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct known_host_found found;
        struct buf text;

        buf_init(&text, 1000);
        buf_printf(&text, "%s ssh-ed25519 %s\n", names[i], key_ed25519);
        /* sshd(8) gives this one as its example, for 192.168.1.61. */
        assert_int_equal(
            find(buf_span(&text), "192.168.1.61", 22, key_ed25519, &found),
            KNOWN_HOST_NONE);
        buf_clear(&text);
    }
}

static enum known_host
find_line(const char *line, const char *host, const char *key)
{
    struct known_host_found found;

    return find(span_text(line), host, 22, key, &found);
}

static void
test_what_weighs_more(void **state)
{
    struct buf text;
    struct known_host_found found;

    (void)state;
    buf_init(&text, 4096);
    /* A change before the match: known by several keys of one type. */
    buf_printf(&text, "h ssh-ed25519 %s\nh ssh-ed25519 %s\n", key_other,
               key_ed25519);
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    assert_int_equal(found.line, 2);
    /* A line that does not parse takes nothing from the match. */
    buf_printf(&text, "h ssh-ed25519 %.20s\n", key_ed25519);
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    /* A revocation that cannot be read does. */
    buf_printf(&text, "@revoked h ssh-ed25519 %.20s\n", key_ed25519);
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_ERROR);
    assert_int_equal(found.line, 4);
    /* Of a host whose only line does not parse nothing is known for sure. */
    assert_int_equal(find_line("h", "h", key_ed25519), KNOWN_HOST_ERROR);
    assert_int_equal(find_line("h ssh-rsa", "h", key_ed25519),
                     KNOWN_HOST_ERROR);
    /* A marker that a later version may know. */
    buf_reset(&text);
    buf_printf(&text, "@unheard-of h ssh-ed25519 %s\n", key_ed25519);
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_NONE);
    buf_clear(&text);
}

static void
test_a_line_whose_type_lies_is_an_error(void **state)
{
    struct known_host_found found;
    struct buf text;

    (void)state;
    buf_init(&text, 4096);
    buf_printf(&text, "h ssh-rsa %s\n", key_ed25519);
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_ERROR);
    buf_clear(&text);
}

static void
test_what_is_no_key_is_an_error(void **state)
{
    /* "k" and empty strings; with one byte too much it is no key. */
    static const uint8_t long_key[KEY_BLOB_MAX + 5] = {0, 0, 0, 1, 'k'};
    struct known_host_found found;

    (void)state;
    assert_int_equal(
        known_hosts_find(PLAIN, "alpha.example", 22, SPAN_EMPTY, &found),
        KNOWN_HOST_ERROR);
    assert_int_equal(known_hosts_find(PLAIN, "alpha.example", 22,
                                      span_of("\0\0\0\1\n\0\0\0\0", 9), &found),
                     KNOWN_HOST_ERROR);
    assert_int_equal(known_hosts_find(PLAIN, "alpha.example", 22,
                                      span_of(long_key, sizeof(long_key)),
                                      &found),
                     KNOWN_HOST_ERROR);
    assert_int_equal(known_hosts_find(PLAIN, "alpha.example", 22,
                                      span_of(long_key, 8), &found),
                     KNOWN_HOST_ERROR);
    assert_int_equal(known_hosts_find(PLAIN, "alpha.example", 22,
                                      span_of(long_key, 9), &found),
                     KNOWN_HOST_OTHER);
}

/* Lines, names and keys that are as long as a text can be. */
static void
test_long_texts(void **state)
{
    struct known_host_found found;
    struct buf text;
    size_t before;

    (void)state;
    buf_init(&text, 2 * KNOWN_HOSTS_MAX);
    for (int i = 0; i < 10000; i++)
        buf_printf(&text, "name%d.example,", i);
    before = buf_len(&text);
    assert_true(before > 128 * 1024);
    buf_printf(&text, "last.example ssh-ed25519 %s", key_ed25519);
    assert_int_equal(
        find(buf_span(&text), "last.example", 22, key_ed25519, &found),
        KNOWN_HOST_MATCH);
    /* A key that is longer than any that is taken. */
    buf_reset(&text);
    buf_printf(&text, "h ssh-ed25519 ");
    for (int i = 0; i < 65536; i++)
        buf_put_u8(&text, 'A');
    buf_put_u8(&text, '\n');
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_CHANGED);
    assert_int_equal(found.len, 0);
    assert_int_equal(find(buf_span(&text), "h", 22, key_rsa, &found),
                     KNOWN_HOST_OTHER);
    buf_printf(&text, "h ssh-ed25519 %s\n", key_ed25519);
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    /* A text beyond its limit says nothing at all. */
    while (buf_len(&text) <= KNOWN_HOSTS_MAX)
        buf_printf(&text, "#\n");
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_ERROR);
    buf_clear(&text);
}

/* Patterns that take others exponential time. */
static void
test_many_stars_take_no_time(void **state)
{
    struct known_host_found found;
    char host[KNOWN_HOST_NAME_MAX + 1] = {0};
    struct buf text;

    (void)state;
    buf_init(&text, 100000);
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "*a");
    buf_printf(&text, "*b,h?s? ssh-ed25519 %s\n", key_ed25519);
    memset(host, 'a', KNOWN_HOST_NAME_MAX);
    assert_int_equal(find(buf_span(&text), host, 22, key_ed25519, &found),
                     KNOWN_HOST_NONE);
    host[KNOWN_HOST_NAME_MAX - 1] = 'b';
    assert_int_equal(find(buf_span(&text), host, 22, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    assert_int_equal(find(buf_span(&text), "host", 22, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    assert_int_equal(find(buf_span(&text), "hos", 22, key_ed25519, &found),
                     KNOWN_HOST_NONE);
    buf_clear(&text);
}

static void
test_blanks_and_line_ends(void **state)
{
    struct known_host_found found;
    struct buf text;

    (void)state;
    buf_init(&text, 4096);
    buf_printf(&text,
               "\n \t\r\n  # h ssh-ed25519 x\n\t h \t ssh-ed25519\t%s\r\n",
               key_ed25519);
    assert_int_equal(find(buf_span(&text), "h", 22, key_ed25519, &found),
                     KNOWN_HOST_MATCH);
    assert_int_equal(found.line, 4);
    buf_clear(&text);
}

static void
test_types_are_listed_once(void **state)
{
    struct buf types;

    (void)state;
    buf_init(&types, 1000);
    known_hosts_key_types(PLAIN, "alpha.example", 22, &types);
    assert_string_equal(buf_text(&types), "ssh-ed25519,ecdsa-sha2-nistp256");
    buf_reset(&types);
    known_hosts_key_types(PLAIN, "old.example", 22, &types);
    known_hosts_key_types(PLAIN, "a.ca.example", 22, &types);
    assert_string_equal(buf_text(&types), "");
    known_hosts_key_types(span_text(hashed_hosts), "beta.example", 2222,
                          &types);
    assert_string_equal(buf_text(&types), "ssh-ed25519");
    buf_clear(&types);
}

/* What is appended is found, and reads as OpenSSH writes it. */
static void
test_put(void **state)
{
    static const struct {
        const char *host;
        unsigned port;
        const char *name;
    } cases[] = {
        {"Router.example", 22, "router.example"},
        {"Router.example", 2222, "[router.example]:2222"},
        {"2001:db8::1", 22, "2001:db8::1"},
        {"fe80::1%eth0", 65535, "[fe80::1%eth0]:65535"},
    };
    struct known_host_found found;
    struct buf text, expected;
    struct blob blob;

    (void)state;
    buf_init(&text, 4096);
    buf_init(&expected, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(known_hosts_put(cases[i].host, cases[i].port,
                                         decode(key_ecdsa, &blob), &text),
                         OK);
        buf_printf(&expected, "%s ecdsa-sha2-nistp256 %s\n", cases[i].name,
                   key_ecdsa);
        assert_string_equal(buf_text(&text), buf_text(&expected));
        assert_int_equal(find(buf_span(&text), cases[i].host, cases[i].port,
                              key_ecdsa, &found),
                         KNOWN_HOST_MATCH);
        assert_int_equal(found.line, i + 1);
    }
    buf_clear(&text);
    buf_clear(&expected);
}

static void
test_put_refuses_what_reads_as_something_else(void **state)
{
    static const char *const hosts[] = {
        "",   "a b",    "a\tb", "a,b",   "*",  "a?",   "!a",    "#a",
        "@a", "|1|a|b", "a\nb", "a\x7f", "\\", "a\rb", "a\x01", "a,!b.c*",
    };
    struct buf text;
    struct blob blob;

    (void)state;
    buf_init(&text, 100);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        assert_int_equal(
            known_hosts_put(hosts[i], 22, decode(key_ed25519, &blob), &text),
            ERR_FORMAT);
    assert_int_equal(known_hosts_put("a", 22, SPAN_EMPTY, &text), ERR_FORMAT);
    assert_int_equal(
        known_hosts_put("a", 22, span_of("\0\0\0\3a b\0\0\0\0", 11), &text),
        ERR_FORMAT);
    assert_int_equal(buf_len(&text), 0);
    assert_int_equal(known_hosts_put("a", 22, decode(key_ecdsa, &blob), &text),
                     ERR_LENGTH);
    buf_clear(&text);
}

/* `from` without its lines that begin with `start`. */
static void
put_without(struct buf *to, const char *from, const char *start)
{
    while (*from != '\0') {
        size_t len = strcspn(from, "\n") + 1;

        if (strncmp(from, start, strlen(start)) != 0)
            buf_put(to, from, len);
        from += len;
    }
}

static void
test_remove_is_that_of_ssh_keygen(void **state)
{
    static const struct {
        const char *host;
        unsigned port;
        const char *start; /* of the lines that go */
        size_t count;
    } cases[] = {
        {"alpha.example", 22, "alpha", 2},
        {"192.0.2.1", 22, "alpha.example,", 1},
        {"beta.example", 2222, "[beta", 1},
        {"beta.example", 22, "nothing", 0},
        {"a.wide.example", 22, "*.wide", 1},
        {"a.ca.example", 22, "nothing", 0},
        {"broken.example", 22, "broken", 1},
        {"old.example", 22, "old", 1},
        {"not a name", 22, "nothing", 0},
    };
    struct buf text, expected;

    (void)state;
    buf_init(&text, 8192);
    buf_init(&expected, 8192);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_reset(&text);
        buf_reset(&expected);
        put_without(&expected, plain_hosts, cases[i].start);
        assert_int_equal(
            known_hosts_remove(PLAIN, cases[i].host, cases[i].port, &text),
            cases[i].count);
        assert_string_equal(buf_text(&text), buf_text(&expected));
    }
    buf_reset(&text);
    assert_int_equal(known_hosts_remove(span_text(hashed_hosts), "beta.example",
                                        2222, &text),
                     1);
    assert_string_equal(buf_text(&text), hashed_without_beta);
    buf_clear(&text);
    buf_clear(&expected);
}

/* Whatever a file holds, reading it ends, and removing keeps the rest. */
static void
test_any_bytes(void **state)
{
    size_t len = strlen(plain_hosts);
    char *bytes = alloc_zero(len, 1);
    struct known_host_found found;
    struct buf text;

    (void)state;
    srandom(1);
    buf_init(&text, 8192);
    for (int round = 0; round < 2000; round++) {
        memcpy(bytes, plain_hosts, len);
        for (int i = 0; i < 8; i++)
            bytes[(size_t)random() % len] = (char)random();
        (void)find(span_of(bytes, (size_t)random() % len), "alpha.example", 22,
                   key_ed25519, &found);
        buf_reset(&text);
        (void)known_hosts_remove(span_of(bytes, len), "alpha.example", 22,
                                 &text);
        assert_true(buf_ok(&text) && buf_len(&text) <= len);
    }
    buf_clear(&text);
    free(bytes);
}

/* --- keys of SSH-1 ------------------------------------------------------ */

/* The blob of "bits exponent modulus". */
static struct span
old_key(const char *text, struct buf *blob)
{
    const char *exponent = strchr(text, ' ') + 1;
    const char *modulus = strchr(exponent, ' ') + 1;

    buf_init(blob, KEY_BLOB_MAX);
    assert_int_equal(
        rsa1_key_parse(span_of(exponent, (size_t)(modulus - exponent - 1)),
                       span_text(modulus), blob),
        OK);
    return buf_span(blob);
}

static void
test_old_keys(void **state)
{
    static const struct {
        const char *before, *host, *key, *behind;
        enum known_host first, ed25519;
    } cases[] = {
        {"", "a", rsa1_first, "", KNOWN_HOST_MATCH, KNOWN_HOST_NONE},
        {"#rsa1 ", "a", rsa1_first, "", KNOWN_HOST_MATCH, KNOWN_HOST_NONE},
        {"#rsa1 ", "a,b", rsa1_first, " old", KNOWN_HOST_MATCH,
         KNOWN_HOST_NONE},
        {"", "a", rsa1_other, "", KNOWN_HOST_CHANGED, KNOWN_HOST_NONE},
        {"#rsa1 ", "b", rsa1_first, "", KNOWN_HOST_NONE, KNOWN_HOST_NONE},
        {"# rsa1 ", "a", rsa1_first, "", KNOWN_HOST_NONE, KNOWN_HOST_NONE},
        {"#rsa1", "a", rsa1_first, "", KNOWN_HOST_NONE, KNOWN_HOST_NONE},
        {"", "a", "1024 35", "", KNOWN_HOST_ERROR, KNOWN_HOST_NONE},
        {"", "a", "1024 35 xyz", "", KNOWN_HOST_ERROR, KNOWN_HOST_NONE},
        {"#rsa1 ", "a", "ssh-ed25519 ", key_ed25519, KNOWN_HOST_NONE,
         KNOWN_HOST_NONE},
        {"", "a", "ssh-ed25519 ", key_ed25519, KNOWN_HOST_NONE,
         KNOWN_HOST_MATCH},
        {"@revoked ", "*", rsa1_first, "", KNOWN_HOST_REVOKED, KNOWN_HOST_NONE},
        {"#rsa1 @revoked ", "a", rsa1_first, "", KNOWN_HOST_REVOKED,
         KNOWN_HOST_NONE},
        {"@revoked ", "a", rsa1_other, "", KNOWN_HOST_NONE, KNOWN_HOST_NONE},
        {"@revoked ", "a", "1024 35 x", "", KNOWN_HOST_ERROR, KNOWN_HOST_ERROR},
        {"@revoked ", "a", "ssh-ed25519 ", key_ed25519, KNOWN_HOST_NONE,
         KNOWN_HOST_REVOKED},
    };
    struct known_host_found found;
    struct buf first, text;

    (void)state;
    (void)old_key(rsa1_first, &first);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_init(&text, 8192);
        buf_printf(&text, "# a comment\n%s%s %s%s\n", cases[i].before,
                   cases[i].host, cases[i].key, cases[i].behind);
        assert_int_equal(known_hosts_find(buf_span(&text), "a", 22,
                                          buf_span(&first), &found),
                         cases[i].first);
        assert_int_equal(found.line, cases[i].first == KNOWN_HOST_NONE ? 0 : 2);
        assert_int_equal(find(buf_span(&text), "a", 22, key_ed25519, &found),
                         cases[i].ed25519);
        buf_clear(&text);
    }
    buf_clear(&first);
}

/* As an RSA key of SSH-2 it is the same key, and no better. */
static void
test_a_revocation_is_for_both_forms(void **state)
{
    char encoded[TEXT_BASE64_ROOM(KEY_BLOB_MAX)];
    struct known_host_found found;
    struct buf first, rsa, text;

    (void)state;
    (void)old_key(rsa1_first, &first);
    buf_init(&rsa, KEY_BLOB_MAX);
    buf_init(&text, 8192);
    assert_int_equal(rsa1_key_put_ssh_rsa(buf_span(&first), &rsa), OK);
    text_base64(encoded, sizeof(encoded), buf_span(&rsa));
    buf_printf(&text, "@revoked a ssh-rsa %s\n@revoked b %s\n", encoded,
               rsa1_first);
    assert_int_equal(
        known_hosts_find(buf_span(&text), "a", 22, buf_span(&first), &found),
        KNOWN_HOST_REVOKED);
    assert_int_equal(
        known_hosts_find(buf_span(&text), "b", 22, buf_span(&rsa), &found),
        KNOWN_HOST_REVOKED);
    buf_clear(&first);
    buf_clear(&rsa);
    buf_clear(&text);
}

static void
test_old_keys_are_put_shown_and_removed(void **state)
{
    struct known_host_line line = {0};
    uint8_t blob[KEY_BLOB_MAX];
    size_t len = sizeof(blob);
    struct known_host_found found;
    struct buf first, text, types, left;
    struct span rest;

    (void)state;
    (void)old_key(rsa1_first, &first);
    buf_init(&text, 8192);
    buf_init(&types, 256);
    buf_init(&left, 8192);
    buf_printf(&text, "# kept\na ssh-ed25519 %s\n", key_ed25519);
    assert_int_equal(known_hosts_put("a", 2222, buf_span(&first), &text), OK);
    assert_non_null(strstr(buf_text(&text), "\n#rsa1 [a]:2222 1024 65537 16"));
    assert_int_equal(
        known_hosts_find(buf_span(&text), "a", 2222, buf_span(&first), &found),
        KNOWN_HOST_MATCH);
    assert_int_equal(found.line, 3);
    rest = buf_span(&text);
    assert_true(known_hosts_next(&rest, &line));
    assert_false(line.is_old);
    assert_true(known_hosts_next(&rest, &line));
    assert_true(line.is_old && line.is_whole);
    assert_int_equal(known_hosts_line_key(&line, blob, &len), OK);
    assert_true(span_equal(span_of(blob, len), buf_span(&first)));
    len = 50;
    assert_int_equal(known_hosts_line_key(&line, blob, &len), ERR_LENGTH);
    assert_false(known_hosts_next(&rest, &line));
    /* It is no type to ask a host of SSH-2 for. */
    known_hosts_key_types(buf_span(&text), "a", 2222, &types);
    assert_int_equal(buf_len(&types), 0);
    assert_int_equal(known_hosts_remove(buf_span(&text), "a", 2222, &left), 1);
    assert_null(strstr(buf_text(&left), "#rsa1"));
    assert_non_null(strstr(buf_text(&left), "# kept\na ssh-ed25519 "));
    /* Cut short, it is no key. */
    assert_int_equal(
        known_hosts_put("a", 22,
                        span_of(buf_bytes(&first), buf_len(&first) - 1), &left),
        ERR_FORMAT);
    buf_clear(&first);
    buf_clear(&text);
    buf_clear(&types);
    buf_clear(&left);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_a_change_tells_the_known_key),
        cmocka_unit_test(test_fingerprints_are_those_of_ssh_keygen),
        cmocka_unit_test(test_hashed_names),
        cmocka_unit_test(test_8_1_a_hash_that_fails_refuses),
        cmocka_unit_test(test_a_hash_of_the_wrong_form_is_no_name),
        cmocka_unit_test(test_what_weighs_more),
        cmocka_unit_test(test_a_line_whose_type_lies_is_an_error),
        cmocka_unit_test(test_what_is_no_key_is_an_error),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_many_stars_take_no_time),
        cmocka_unit_test(test_blanks_and_line_ends),
        cmocka_unit_test(test_types_are_listed_once),
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_put_refuses_what_reads_as_something_else),
        cmocka_unit_test(test_remove_is_that_of_ssh_keygen),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_old_keys),
        cmocka_unit_test(test_a_revocation_is_for_both_forms),
        cmocka_unit_test(test_old_keys_are_put_shown_and_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
