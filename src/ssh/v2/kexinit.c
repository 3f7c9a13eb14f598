#include "ssh/v2/kexinit.h"

#include "base/names.h"
#include "base/reader.h"
#include "ssh/v2/messages.h"

/* By the role that sends them. Both families of strict key exchange are
   offered; it is on when the two sides share one of them. */
static const char *const ext_info_names[] = {"ext-info-s", "ext-info-c"};
static const char *const strict_names[] = {"kex-strict-s", "kex-strict-c"};
static const char *const strict_v00_names[] = {
    "kex-strict-s-v00@openssh.com",
    "kex-strict-c-v00@openssh.com",
};

/* --- our offer ------------------------------------------------------- */

/* Keep in `list` the names for which keep() is true. */
static void
filter(char *list, const struct ssh_offer *offer,
       bool (*keep)(struct span name, const struct ssh_offer *offer))
{
    struct span rest = span_text(list);
    struct span name;
    char *to = list;

    while (names_next(&rest, &name)) {
        if (name.len == 0 || !keep(name, offer))
            continue;
        if (to != list)
            *to++ = ',';
        /* Never ahead of what is still to be read. */
        memmove(to, name.ptr, name.len);
        to += name.len;
    }
    *to = '\0';
}

static bool
is_kex(struct span name, const struct ssh_offer *offer)
{
    (void)offer;
    return kex_find(name) != NULL;
}

static bool
is_cipher(struct span name, const struct ssh_offer *offer)
{
    (void)offer;
    return cipher_find(name) != NULL;
}

static bool
is_mac(struct span name, const struct ssh_offer *offer)
{
    (void)offer;
    return mac_find(name) != NULL;
}

static bool
is_signature(struct span name, const struct ssh_offer *offer)
{
    (void)offer;
    return signature_find(name) != NULL;
}

size_t
kexinit_host_key(const struct ssh_offer *offer, enum key_type type)
{
    size_t i;

    for (i = 0; i < offer->host_key_count; i++) {
        struct reader r = reader_over(offer->host_keys[i]);

        if (span_is(read_string(&r), key_type_name(type)))
            break;
    }
    return i;
}

static bool
is_users_signature(struct span name, const struct ssh_offer *offer)
{
    const struct signature_method *method = signature_find(name);

    (void)offer;
    return method != NULL && method->type != KEY_DSA;
}

static bool
has_host_key(struct span name, const struct ssh_offer *offer)
{
    const struct signature_method *method = signature_find(name);

    return method != NULL &&
           kexinit_host_key(offer, method->type) < offer->host_key_count;
}

void
kexinit_filter_offer(struct ssh_offer *offer, enum ssh_role role)
{
    filter(offer->kex, offer, is_kex);
    filter(offer->ciphers, offer, is_cipher);
    filter(offer->macs, offer, is_mac);
    filter(offer->host_key_algorithms, offer,
           role == SSH_SERVER ? has_host_key : is_signature);
    filter(offer->user_key_algorithms, offer, is_users_signature);
}

static void
put_name(struct buf *to, const char *name)
{
    buf_put_u8(to, ',');
    buf_put(to, name, strlen(name));
}

void
kexinit_put(struct buf *to, const struct ssh_offer *offer, enum ssh_role role,
            bool first, const uint8_t cookie[KEXINIT_COOKIE])
{
    size_t mark;

    buf_put_u8(to, SSH2_MSG_KEXINIT);
    buf_put(to, cookie, KEXINIT_COOKIE);
    mark = buf_begin_string(to);
    buf_put(to, offer->kex, strlen(offer->kex));
    if (first) {
        put_name(to, ext_info_names[role]);
        put_name(to, strict_v00_names[role]);
        put_name(to, strict_names[role]);
    }
    buf_end_string(to, mark);
    buf_put_text(to, offer->host_key_algorithms);
    for (int i = 0; i < 2; i++)
        buf_put_text(to, offer->ciphers);
    for (int i = 0; i < 2; i++)
        buf_put_text(to, offer->macs);
    for (int i = 0; i < 2; i++)
        buf_put_text(to, "none");
    for (int i = 0; i < 2; i++)
        buf_put_text(to, "");
    buf_put_bool(to, false);
    buf_put_u32(to, 0);
}

/* --- the peer's ------------------------------------------------------ */

/*
 * No name is empty (RFC 4251 section 5), but one: libssh 0.10 without DES, as
 * Debian 12 has it, ends its ciphers in a comma. An empty name matches nothing.
 */
static enum err
check_list(struct span list)
{
    struct span name;

    if (!names_within_limits(list))
        return ERR_LIMIT;
    if (list.len > 1 && list.ptr[list.len - 1] == ',')
        list.len--;
    while (names_next(&list, &name))
        if (name.len == 0)
            return ERR_FORMAT;
    return OK;
}

enum err
kexinit_parse(struct span payload, enum ssh_role sender, struct kexinit *out)
{
    struct reader r = reader_over(payload);
    struct span lists[10];
    struct kexinit k;
    enum err err = OK;

    read_u8(&r);
    read_bytes(&r, KEXINIT_COOKIE);
    for (size_t i = 0; i < 10; i++)
        lists[i] = read_string(&r);
    k.guess_follows = read_bool(&r);
    read_u32(&r);
    if (!read_done(&r))
        return ERR_FORMAT;
    for (size_t i = 0; i < 10 && err == OK; i++)
        err = check_list(lists[i]);
    if (err != OK)
        return err;
    k.kex = lists[0];
    k.host_key = lists[1];
    for (size_t i = 0; i < 2; i++) {
        k.cipher[i] = lists[2 + i];
        k.mac[i] = lists[4 + i];
        k.compression[i] = lists[6 + i];
    }
    k.has_ext_info = names_has(k.kex, span_text(ext_info_names[sender]));
    k.has_strict = names_has(k.kex, span_text(strict_names[sender])) ||
                   names_has(k.kex, span_text(strict_v00_names[sender]));
    *out = k;
    return OK;
}

/* --- the choice ------------------------------------------------------ */

/* The client's order decides, whichever side we are. */
static bool
match(struct span peer, const char *ours, enum ssh_role role,
      struct span *chosen)
{
    if (role == SSH_SERVER)
        return names_match(peer, span_text(ours), chosen);
    return names_match(span_text(ours), peer, chosen);
}

static enum err
choose_direction(const struct kexinit *peer, const struct ssh_offer *offer,
                 enum ssh_role role, int direction, struct kex_choice *choice)
{
    const struct cipher_method *cipher;
    const struct mac_method *mac = NULL;
    struct span name;

    if (!match(peer->cipher[direction], offer->ciphers, role, &name))
        return ERR_NO_MATCH;
    cipher = cipher_find(name);
    if (cipher->tag_len == 0) {
        if (!match(peer->mac[direction], offer->macs, role, &name))
            return ERR_NO_MATCH;
        mac = mac_find(name);
    }
    if (!match(peer->compression[direction], "none", role, &name))
        return ERR_NO_MATCH;
    choice->cipher[direction] = cipher;
    choice->mac[direction] = mac;
    return OK;
}

/* Looks only at lists: which one decides is asked after a failure. */
void
kexinit_mismatch(const struct kexinit *peer, const struct ssh_offer *offer,
                 enum ssh_role role, struct kex_mismatch *out)
{
    const struct {
        const char *what;
        struct span peer;
        const char *own;
    } lists[] = {
        {"kex algorithm", peer->kex, offer->kex},
        {"hostkey algorithm", peer->host_key, offer->host_key_algorithms},
        {"cipher", peer->cipher[0], offer->ciphers},
        {"cipher", peer->cipher[1], offer->ciphers},
        {"compression algorithm", peer->compression[0], "none"},
        {"compression algorithm", peer->compression[1], "none"},
        /* An AEAD cipher needs none: so this is the last to be at fault. */
        {"mac", peer->mac[0], offer->macs},
        {"mac", peer->mac[1], offer->macs},
    };
    size_t last = sizeof(lists) / sizeof(lists[0]) - 1;
    struct span name;

    for (size_t i = 0; i <= last; i++) {
        *out = (struct kex_mismatch){lists[i].what, lists[i].peer,
                                     span_text(lists[i].own)};
        if (!match(lists[i].peer, lists[i].own, role, &name))
            return;
    }
}

enum err
kexinit_choose(const struct kexinit *peer, const struct ssh_offer *offer,
               enum ssh_role role, struct kex_choice *out)
{
    struct kex_choice choice;
    struct span name;
    enum err err;

    if (!match(peer->kex, offer->kex, role, &name))
        return ERR_NO_MATCH;
    choice.kex = kex_find(name);
    if (!match(peer->host_key, offer->host_key_algorithms, role, &name))
        return ERR_NO_MATCH;
    choice.host_key = signature_find(name);
    for (int i = 0; i < 2; i++) {
        err = choose_direction(peer, offer, role, i, &choice);
        if (err != OK)
            return err;
    }
    *out = choice;
    return OK;
}

bool
kexinit_guess_is_right(const struct kexinit *peer,
                       const struct ssh_offer *offer)
{
    return span_equal(names_first(peer->kex),
                      names_first(span_text(offer->kex))) &&
           span_equal(names_first(peer->host_key),
                      names_first(span_text(offer->host_key_algorithms)));
}
