/*
 * What a host key is worth: by the configuration, else by the file.
 */
#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "control/journal.h"
#include "control/known_hosts_parts.h"
#include "crypto/rsa1.h"
#include "crypto/rsa1_key.h"

#define HASH_DIGITS 32 /* MD5, as `key-hash` has it */
#define TEXT_MAX    1024
#define SHOWN_HOST  (KNOWN_HOST_NAME_MAX + 16) /* "[name]:65535" */

static enum key_finding
remember(struct known_job *job)
{
    size_t len = buf_len(&job->text);

    /* The last line of an edited file may have no end. */
    if (len > 0 && buf_span(&job->text).ptr[len - 1] != '\n')
        buf_put_u8(&job->text, '\n');
    job->err =
        known_hosts_put(job->host, job->port, buf_span(&job->blob), &job->text);
    if (job->err == OK)
        job->err = known_job_write_file(job, buf_span(&job->text));
    return job->err == OK ? FOUND_NEW : FOUND_NO_ANSWER;
}

static enum key_finding
look_up(struct known_job *job)
{
    switch (known_hosts_find(buf_span(&job->text), job->host, job->port,
                             buf_span(&job->blob), &job->found)) {
    case KNOWN_HOST_MATCH:
        return FOUND_MATCH;
    case KNOWN_HOST_NONE:
        return job->strict ? FOUND_UNKNOWN : remember(job);
    case KNOWN_HOST_OTHER:
    case KNOWN_HOST_CHANGED:
        return FOUND_CHANGED;
    case KNOWN_HOST_REVOKED:
        return FOUND_REVOKED;
    case KNOWN_HOST_ERROR:
        break;
    }
    job->err = ERR_FORMAT;
    return FOUND_NO_ANSWER;
}

static void
run_judge(struct known_job *job)
{
    /* Decided by the configuration, or by the key. */
    if (job->finding != FOUND_NO_ANSWER || job->err != OK)
        return;
    job->err = known_job_read_file(job);
    if (job->err == OK)
        job->finding = look_up(job);
}

static void
put_key(struct buf *to, const char *what, struct span blob)
{
    char fingerprint[KEY_FINGERPRINT_ROOM], name[KEY_TYPE_MAX];
    struct reader r = reader_over(blob);

    text_escape(name, sizeof(name), read_string(&r));
    if (key_fingerprint(blob, fingerprint) == OK)
        buf_printf(to, "%s%s %s", what, name, fingerprint);
}

/* What the file calls it; safe to show. */
static void
host_text(const struct known_job *job, char to[SHOWN_HOST])
{
    char host[KNOWN_HOST_NAME_MAX + 1];
    struct buf text;

    text_escape(host, sizeof(host), span_text(job->host));
    buf_init(&text, SHOWN_HOST - 1);
    if (job->port == KNOWN_HOSTS_PORT)
        buf_printf(&text, "%s", host);
    else
        buf_printf(&text, "[%s]:%u", host, job->port);
    (void)text_copy(to, SHOWN_HOST, buf_text(&text));
    buf_clear(&text);
}

static void
put_problem(struct buf *to, const struct known_job *job)
{
    const char *why = job->err == ERR_SYSTEM ? strerror(job->system_error)
                                             : err_text(job->err);

    if (job->found.line > 0)
        buf_printf(to, "known_hosts cannot be used: line %zu: %s",
                   job->found.line, why);
    else
        buf_printf(to, "known_hosts cannot be used: %s", why);
}

/* Why it is not trusted, in one line without its end. */
static void
put_reason(struct buf *to, const struct known_job *job)
{
    char host[SHOWN_HOST];

    host_text(job, host);
    switch (job->finding) {
    case FOUND_CHANGED:
        buf_printf(to, "Host key of %s has changed: ", host);
        put_key(to, "known ", span_of(job->found.blob, job->found.len));
        buf_printf(to, "%s", job->found.len > 0 ? ", " : "");
        put_key(to, "offered ", buf_span(&job->blob));
        break;
    case FOUND_NOT_CONFIGURED:
        buf_printf(to, "Host key of %s is not that of pubkey-chain: ", host);
        put_key(to, "offered ", buf_span(&job->blob));
        break;
    case FOUND_REVOKED:
        buf_printf(to, "Host key of %s is revoked: ", host);
        put_key(to, "", buf_span(&job->blob));
        break;
    case FOUND_UNKNOWN:
        buf_printf(to, "Host key of %s is not known: ", host);
        put_key(to, "", buf_span(&job->blob));
        break;
    case FOUND_BAD_KEY:
        buf_printf(to, "Host key of %s is none of its algorithm", host);
        break;
    default:
        put_problem(to, job);
        break;
    }
}

static enum host_key_verdict
verdict_of(enum key_finding finding)
{
    switch (finding) {
    case FOUND_MATCH:
    case FOUND_NEW:
        return HOST_KEY_TRUSTED;
    case FOUND_CHANGED:
    case FOUND_NOT_CONFIGURED:
        return HOST_KEY_CHANGED;
    default:
        return HOST_KEY_REFUSED;
    }
}

/* The log has it also when the user is gone. */
static void
finish_judge(struct known_job *job)
{
    struct router *r = job->router;
    char host[SHOWN_HOST];
    struct buf text;

    if (job->finding == FOUND_MATCH)
        return;
    host_text(job, host);
    buf_init(&text, TEXT_MAX);
    if (job->finding == FOUND_NEW) {
        put_key(&text, "", buf_span(&job->blob));
        journal_limited(r, host, "SSH", LOG_INFORMATIONAL, "HOST_KEY_NEW",
                        "Host key of %s is remembered: %s", host,
                        buf_text(&text));
    } else {
        put_reason(&text, job);
        journal_limited(r, host, "SSH", LOG_WARNING, "HOST_KEY_CHECK", "%s",
                        buf_text(&text));
    }
    buf_clear(&text);
}

static void
tell_judged(struct known_job *job)
{
    enum host_key_verdict verdict = verdict_of(job->finding);
    struct buf text;

    buf_init(&text, TEXT_MAX);
    if (verdict != HOST_KEY_TRUSTED) {
        buf_printf(&text, "%%SSH: Server Host Key Check Failed\n");
        put_reason(&text, job);
        buf_printf(&text, "\n");
    }
    job->judged(job->owner, verdict, buf_text(&text));
    buf_clear(&text);
}

static bool
is_configured_key(const struct config_key *key, const char *type,
                  struct span blob)
{
    uint8_t digest[HASH_MAX];
    char digits[2 * HASH_MAX + 1];

    if (strcmp(key->algorithm, type) != 0 ||
        hash_pieces(HASH_MD5, &blob, 1, digest) != OK)
        return false;
    text_hex(digits, sizeof(digits), span_of(digest, HASH_DIGITS / 2));
    return strlen(key->hash) == HASH_DIGITS &&
           text_equal_nocase(digits, key->hash);
}

/* What `ip ssh pubkey-chain` says; a server without keys there says nothing. */
static enum key_finding
look_at_configuration(const struct known_job *job)
{
    const struct config_key_owner *server =
        config_key_server_find(&job->router->config, job->host);
    struct span blob = buf_span(&job->blob);
    enum key_finding finding = FOUND_NOT_CONFIGURED;
    const char *type = job->key_type;
    struct buf other;

    if (server == NULL || server->keys.list.count == 0)
        return FOUND_NO_ANSWER;
    /* One of version 1 is configured in the form that there is for it. */
    buf_init(&other, KEY_BLOB_MAX);
    if (rsa1_key_is(blob) && rsa1_key_put_ssh_rsa(blob, &other) == OK) {
        blob = buf_span(&other);
        type = "ssh-rsa";
    }
    for (size_t i = 0; i < server->keys.list.count; i++)
        if (is_configured_key(server->keys.list.items[i], type, blob))
            finding = FOUND_MATCH;
    buf_clear(&other);
    return finding;
}

/* --- which to ask for --------------------------------------------------- */

static void
put_configured_types(const struct config_key_owner *server, struct buf *types)
{
    for (size_t i = 0; i < server->keys.list.count; i++) {
        const struct config_key *key = server->keys.list.items[i];

        if (buf_len(types) > 0)
            buf_put_u8(types, ',');
        buf_put_span(types, span_text(key->algorithm));
    }
}

/* What is in job->blob already was found in the configuration. */
static void
run_types(struct known_job *job)
{
    if (buf_len(&job->blob) > 0 || job->err != OK ||
        known_job_read_file(job) != OK)
        return;
    known_hosts_key_types(buf_span(&job->text), job->host, job->port,
                          &job->blob);
}

static void
tell_types(struct known_job *job)
{
    job->types(job->owner, buf_span(&job->blob));
}

void
known_hosts_ask_types(struct router *r, const char *host, unsigned port,
                      known_hosts_types_fn done, void *owner)
{
    const struct config_key_owner *server =
        config_key_server_find(&r->config, host);
    struct known_job *job = known_job_new(r, host, port, owner);

    if (server != NULL)
        put_configured_types(server, &job->blob);
    job->run = run_types;
    job->tell = tell_types;
    job->types = done;
    known_job_start(job);
}

/* --- judging ------------------------------------------------------------ */

/* The key is one that goes with the algorithm that was agreed on. */
static bool
take_key(struct known_job *job, const struct host_key_shown *shown)
{
    const struct signature_method *method = signature_find(shown->algorithm);
    bool old = span_is(shown->algorithm, RSA1_KEY_TYPE);
    const char *type = old              ? RSA1_KEY_TYPE
                       : method != NULL ? method->key_name
                                        : NULL;
    struct reader r = reader_over(shown->blob);
    struct span exponent, modulus;

    buf_put_span(&job->blob, shown->blob);
    if (type == NULL || !buf_ok(&job->blob) || !span_is(read_string(&r), type))
        return false;
    if (old && rsa1_numbers(shown->blob, &exponent, &modulus) != OK)
        return false;
    return text_copy(job->key_type, sizeof(job->key_type), type);
}

void
known_hosts_judge(struct router *r, const struct host_key_shown *shown,
                  host_key_judged_fn judged, void *owner)
{
    struct known_job *job = known_job_new(r, shown->host, shown->port, owner);

    job->run = run_judge;
    job->tell = tell_judged;
    job->finish = finish_judge;
    job->judged = judged;
    job->strict = r->config.ssh.host_check == CONFIG_HOST_CHECK_STRICT;
    job->finding =
        take_key(job, shown) ? look_at_configuration(job) : FOUND_BAD_KEY;
    known_job_start(job);
}
