#include "ssh/v2/ext_info.h"

#include <stdlib.h>

#include "base/text.h"

void
ext_info_send(struct ssh2 *ssh)
{
    const char *names = ssh->conn->offer.user_key_algorithms;
    struct buf *to;

    if (!ssh->peer_takes_ext_info || names[0] == '\0')
        return;
    to = ssh2_begin(ssh, SSH2_MSG_EXT_INFO);
    buf_put_u32(to, 1);
    buf_put_text(to, "server-sig-algs");
    buf_put_text(to, names);
    (void)ssh2_send(ssh);
}

static void
keep_sig_algs(struct ssh2 *ssh, struct span value)
{
    free((void *)(uintptr_t)ssh->server_sig_algs.ptr);
    ssh->server_sig_algs = span_of((uint8_t *)text_dup_span(value), value.len);
}

/*
 * It may stand at two places only (RFC 8308 section 2.4): right behind the
 * first NEWKEYS, and, from a server, right before USERAUTH_SUCCESS.
 */
enum err
on_ext_info(struct ssh2 *ssh, struct reader *msg)
{
    struct span sig_algs = SPAN_EMPTY;
    uint32_t count = read_u32(msg);

    if (!ssh->is_first_packet && ssh->state == STATE_SERVICE)
        return ssh2_fail(ssh, ERR_PROTOCOL, "EXT_INFO at a wrong place");
    if (count > EXTENSIONS_MAX)
        return ssh2_fail(ssh, ERR_LIMIT, "EXT_INFO with too many entries");
    for (uint32_t i = 0; i < count && read_ok(msg); i++) {
        struct span name = read_string(msg);
        struct span value = read_string(msg);

        if (span_is(name, "server-sig-algs"))
            sig_algs = value;
    }
    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed EXT_INFO");
    ssh->success_must_follow = ssh->state == STATE_AUTH;
    if (ssh->conn->role == SSH_CLIENT && sig_algs.len > 0)
        keep_sig_algs(ssh, sig_algs);
    return OK;
}
