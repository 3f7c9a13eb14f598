/*
 * The text format of Prometheus, version 0.0.4: for each metric a line of help
 * and one of its type, then its samples. What cannot be 0 for good is shown at
 * 0, so that a first event is seen as an increase.
 */
#include <inttypes.h>

#include "control/metrics_parts.h"
#include "control/session_words.h"
#include "os/tcp_totals.h"

#define VERSIONS 3 /* 0: not known yet */

static const char *
version_label(unsigned version)
{
    const char *word = session_version_word(version);

    return word == NULL ? "unknown" : word;
}

static void
put_head(struct buf *to, const char *name, const char *type, const char *help)
{
    buf_printf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_counter(struct buf *to, const char *name, const char *help, uint64_t value)
{
    put_head(to, name, "counter", help);
    buf_printf(to, "%s %" PRIu64 "\n", name, value);
}

/* One sample for each value of a label. */
static void
put_counters(struct buf *to, const char *name, const char *help,
             const char *label, const char *const *words, size_t count,
             const uint64_t *values)
{
    put_head(to, name, "counter", help);
    for (size_t i = 0; i < count; i++)
        buf_printf(to, "%s{%s=\"%s\"} %" PRIu64 "\n", name, label, words[i],
                   values[i]);
}

/* --- who is here -------------------------------------------------------- */

struct living {
    uint64_t sessions[VERSIONS][SESSION_STATES];
    uint64_t bytes_in, bytes_out;
};

static void
look_at_sessions(struct router *r, struct living *l)
{
    *l = (struct living){.bytes_in = 0};
    LIST_EACH(node, sessions_all(r))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);
        struct tcp_totals totals;

        if (s->kind != SESSION_SSH)
            continue;
        if (tcp_totals(s->socket, s->peer_closed, &totals) == OK) {
            l->bytes_in += totals.bytes_in;
            l->bytes_out += totals.bytes_out;
        }
        if (!s->off_line)
            l->sessions[s->version][s->state]++;
    }
}

static void
put_sessions(struct buf *to, const struct living *l)
{
    static const char name[] = "vtyd_sessions";

    put_head(to, name, "gauge", "SSH connections to this router.");
    for (unsigned v = 0; v < VERSIONS; v++)
        for (unsigned state = 0; state < SESSION_STATES; state++)
            buf_printf(to, "%s{version=\"%s\",state=\"%s\"} %" PRIu64 "\n",
                       name, version_label(v),
                       session_state_word((enum session_state)state),
                       l->sessions[v][state]);
}

/* --- what has happened -------------------------------------------------- */

static void
put_handshakes(struct buf *to, const struct metrics *m)
{
    static const char name[] = "vtyd_handshake_seconds";
    uint64_t count = 0;

    put_head(to, name, "histogram",
             "From the acceptance of a connection to its first keys.");
    for (size_t i = 0; i < HANDSHAKE_BUCKETS; i++) {
        count += m->handshakes[i];
        buf_printf(to, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", name,
                   metrics_buckets[i].text, count);
    }
    count += m->handshakes[HANDSHAKE_BUCKETS];
    buf_printf(to,
               "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n"
               "%s_sum %" PRIu64 ".%03" PRIu64 "\n"
               "%s_count %" PRIu64 "\n",
               name, count, name, m->handshake_ms / 1000,
               m->handshake_ms % 1000, name, count);
}

static void
put_logins(struct buf *to, const struct metrics *m)
{
    static const char name[] = "vtyd_logins_total";
    static const char *const methods[METRICS_METHODS] = {
        [METRICS_PASSWORD] = "password",
        [METRICS_PUBLIC_KEY] = "publickey",
        [METRICS_INTERACTIVE] = "keyboard-interactive",
        [METRICS_OTHER_METHOD] = "other",
        [METRICS_CONSOLE] = "console",
    };

    put_head(to, name, "counter", "Proofs of identity that were judged.");
    for (size_t i = 0; i < METRICS_METHODS; i++)
        buf_printf(to,
                   "%s{result=\"accepted\",method=\"%s\"} %" PRIu64 "\n"
                   "%s{result=\"failed\",method=\"%s\"} %" PRIu64 "\n",
                   name, methods[i], m->accepted_logins[i], name, methods[i],
                   m->failed_logins[i]);
}

static void
put_connections(struct buf *to, const struct metrics *m)
{
    static const char *const causes[REFUSALS] = {
        [REFUSED_FAULTS] = "faults",
        [REFUSED_BLOCKED] = "logins blocked",
        [REFUSED_ACCESS_CLASS] = "access-class",
        [REFUSED_NO_LINE] = "no line",
        [REFUSED_WAITING_ROOM] = "too many waiting",
        [REFUSED_WAITED] = "waited too long",
        [REFUSED_NO_DESCRIPTOR] = "no descriptor",
        [REFUSED_NO_WORKER] = "no worker",
    };

    put_counter(to, "vtyd_connections_total", "TCP connections that came.",
                m->accepted);
    put_counters(to, "vtyd_connections_refused_total",
                 "Connections that were closed before the server spoke.",
                 "cause", causes, REFUSALS, m->refused);
}

static void
put_ends(struct buf *to, const struct metrics *m)
{
    static const char *const causes[SESSION_CAUSES] = {
        [CAUSE_NONE] = "none",
        [CAUSE_LOGOUT] = "logout",
        [CAUSE_PEER] = "closed by client",
        [CAUSE_NETWORK] = "network",
        [CAUSE_IDLE] = "idle",
        [CAUSE_TIME] = "absolute-timeout",
        [CAUSE_CLEARED] = "cleared",
        [CAUSE_LOGIN_TIME] = "login time-out",
        [CAUSE_LOGIN_FAILED] = "login failed",
        [CAUSE_REFUSED] = "refused",
        [CAUSE_CROWDED] = "crowded out",
        [CAUSE_KEYS] = "key exchange",
        [CAUSE_REKEY] = "re-key",
        [CAUSE_PROTOCOL] = "protocol",
        [CAUSE_WORKER] = "worker died",
        [CAUSE_SHUTDOWN] = "shutdown",
    };

    /* Every end has one: not the first, which says that it has not come. */
    put_counters(to, "vtyd_sessions_ended_total",
                 "SSH connections that are over, logged in or not.", "cause",
                 causes + 1, SESSION_CAUSES - 1, m->ended + 1);
}

static void
put_restarts(struct buf *to, const struct metrics *m)
{
    static const char name[] = "vtyd_process_restarts_total";
    static const char *const helpers[HELPER_COUNT] = {
        [HELPER_SIGNER] = "signer",
        [HELPER_AAA] = "aaa",
        [HELPER_SERVERS] = "aaa-servers",
        [HELPER_NOTIFY] = "notify",
    };

    put_counters(to, name, "Processes that died and were started again.",
                 "process", helpers, HELPER_COUNT, m->helper_restarts);
    buf_printf(to, "%s{process=\"nursery\"} %" PRIu64 "\n", name,
               m->nursery_restarts);
}

/* A counter never falls, also where what waits to be sent is thrown away. */
static uint64_t
not_below(uint64_t *shown, uint64_t now)
{
    if (*shown < now)
        *shown = now;
    return *shown;
}

void
metrics_page(struct router *r, struct buf *to)
{
    struct metrics *m = r->metrics;
    struct living living;

    look_at_sessions(r, &living);
    put_head(to, "vtyd_build_info", "gauge",
             "The version that runs; always 1.");
    buf_printf(to, "vtyd_build_info{version=\"%s\"} 1\n", VTYD_VERSION);
    put_head(to, "vtyd_start_time_seconds", "gauge",
             "When the router started, in seconds since 1970.");
    buf_printf(to, "vtyd_start_time_seconds %" PRIu64 "\n", m->started_s);
    put_sessions(to, &living);
    put_connections(to, m);
    put_handshakes(to, m);
    put_counter(to, "vtyd_rekeys_total",
                "Key exchanges of connections that had keys already.",
                m->rekeyed);
    put_logins(to, m);
    put_counter(to, "vtyd_received_bytes_total",
                "Octets that came by TCP over SSH connections.",
                not_below(&m->shown_in, m->bytes_in + living.bytes_in));
    put_counter(to, "vtyd_sent_bytes_total",
                "Octets that left by TCP over SSH connections.",
                not_below(&m->shown_out, m->bytes_out + living.bytes_out));
    put_ends(to, m);
    put_restarts(to, m);
}
