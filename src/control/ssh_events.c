#include "control/ssh_events.h"

#include "control/journal.h"
#include "control/log_about.h"

static bool
are_wanted(const struct session *s)
{
    return s->kind == SESSION_SSH && s->router->config.ssh.log_events;
}

static void
tell_session(const struct session *s, const char *outcome)
{
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_NOTICE, "SSH2_SESSION",
                    "SSH2 Session request from %s (tty = %u) using crypto "
                    "cipher '%s', hmac '%s' %s",
                    s->peer_text, s->vty, s->cipher_in, s->mac_in, outcome);
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
    if (!are_wanted(s))
        return;
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_NOTICE, "SSH2_USERAUTH",
                    "User '%s' authentication for SSH2 Session from %s (tty = "
                    "%u) using crypto cipher '%s', hmac '%s' %s",
                    accepted ? s->user : "", s->peer_text, s->vty, s->cipher_in,
                    s->mac_in, accepted ? "Succeeded" : "Failed");
}

void
ssh_events_end(const struct session *s)
{
    if (!are_wanted(s))
        return;
    if (s->cipher_in[0] == '\0') {
        tell_session(s, "Failed");
        return;
    }
    log_about(s);
    journal_limited(s->router, s->peer_text, "SSH", LOG_NOTICE, "SSH2_CLOSE",
                    "SSH2 Session from %s (tty = %u) for user '%s' using "
                    "crypto cipher '%s', hmac '%s' closed",
                    s->peer_text, s->vty, s->user, s->cipher_in, s->mac_in);
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
