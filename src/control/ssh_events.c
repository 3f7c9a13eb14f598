#include "control/ssh_events.h"

#include <stdio.h>

#include "control/journal.h"
#include "control/log_about.h"

static bool
are_wanted(const struct session *s)
{
    return s->kind == SESSION_SSH && s->router->config.ssh.log_events;
}

/* "cipher 'aes128-ctr', hmac 'hmac-sha1'"; version 1 has no MAC. */
#define ALGORITHMS_MAX 128

static void
put_algorithms(const struct session *s, char to[ALGORITHMS_MAX])
{
    if (s->version == 1)
        snprintf(to, ALGORITHMS_MAX, "cipher '%s'", s->cipher_in);
    else
        snprintf(to, ALGORITHMS_MAX, "cipher '%s', hmac '%s'", s->cipher_in,
                 s->mac_in);
}

static const char *
protocol(const struct session *s)
{
    return s->version == 1 ? "SSH" : "SSH2";
}

static const char *
mnemonic(const struct session *s, const char *v1, const char *v2)
{
    return s->version == 1 ? v1 : v2;
}

static void
tell_session(const struct session *s, const char *outcome)
{
    char algorithms[ALGORITHMS_MAX];

    put_algorithms(s, algorithms);
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_NOTICE,
                    mnemonic(s, "SSH_SESSION", "SSH2_SESSION"),
                    "%s Session request from %s (tty = %u) using crypto %s %s",
                    protocol(s), s->peer_text, s->vty, algorithms, outcome);
}

void
ssh_events_keys(const struct session *s)
{
    if (are_wanted(s))
        tell_session(s, "Succeeded");
}

void
ssh_events_login(const struct session *s, bool accepted)
{
    char algorithms[ALGORITHMS_MAX];

    if (!are_wanted(s))
        return;
    put_algorithms(s, algorithms);
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_NOTICE,
                    mnemonic(s, "SSH_USERAUTH", "SSH2_USERAUTH"),
                    "User '%s' authentication for %s Session from %s (tty = "
                    "%u) using crypto %s %s",
                    accepted ? s->user : "", protocol(s), s->peer_text, s->vty,
                    algorithms, accepted ? "Succeeded" : "Failed");
}

void
ssh_events_end(const struct session *s)
{
    char algorithms[ALGORITHMS_MAX];

    if (!are_wanted(s))
        return;
    if (s->cipher_in[0] == '\0') {
        tell_session(s, "Failed");
        return;
    }
    put_algorithms(s, algorithms);
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_NOTICE,
                    mnemonic(s, "SSH_CLOSE", "SSH2_CLOSE"),
                    "%s Session from %s (tty = %u) for user '%s' using crypto "
                    "%s closed",
                    protocol(s), s->peer_text, s->vty, s->user, algorithms);
}

void
ssh_events_unexpected(const struct session *s)
{
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_WARNING,
                    "SSH2_UNEXPECTED_MSG",
                    "Unexpected message type has arrived. Terminating the "
                    "connection from %s",
                    s->peer_text);
}

void
ssh_events_small_group(const struct session *s)
{
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_ERROR, "DH_RANGE_FAIL",
                    "Client DH key range mismatch with minimum configured DH "
                    "key on server");
}

void
ssh_events_no_match(const struct session *s, const char *line)
{
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_ERROR, "NO_MATCH", "%s",
                    line);
}
