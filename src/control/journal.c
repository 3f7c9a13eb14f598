#include "control/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/list.h"
#include "base/text.h"
#include "control/clock.h"
#include "control/debug.h"
#include "control/log_about.h"
#include "control/session.h"
#include "os/net.h"

/*
 * What strangers may cause: so many lines a minute for one mnemonic and
 * source, and for one mnemonic from all sources together.
 */
#define LIMIT_WINDOW_MS  60000
#define LIMIT_PER_SOURCE 5
#define LIMIT_PER_NAME   30
#define LIMITS_MAX       256 /* pairs of mnemonic and source remembered */

/* A mnemonic with its source; source "" counts for all sources. */
struct limit {
    struct list node; /* oldest window first */
    char mnemonic[32];
    char source[NET_TEXT_MAX];
    uint64_t since_ms;
    unsigned shown, left_out;
};

struct journal {
    struct router *router;
    uv_timer_t expiry; /* runs while something was left out */
    /* Of struct limit: each mnemonic, and with each of its sources. Sources
       crowd out each other, never a mnemonic. */
    struct list names, sources;
    size_t source_count;
};

/* What stamp and head leave of a line. */
static size_t
text_room(const struct log_record *record)
{
    size_t head = strlen(record->stamp);

    if (record->mnemonic[0] != '\0')
        head += strlen(record->facility) + strlen(record->mnemonic) +
                strlen("%-0-: ");
    return head < LOG_LINE_MAX ? LOG_LINE_MAX - head : 1;
}

/* Called by those below with what their message says. */
static void
emit(struct router *r, struct log_record *record,
     const struct config_timestamps *how, const char *said, bool lines,
     bool whole)
{
    struct log_about about = log_about_take(r);
    char stamp[CLOCK_STAMP_MAX], text[LOG_LINE_MAX];

    if (r->log_outputs == NULL)
        return;
    record->about = &about;
    clock_stamp(r, how, stamp);
    clock_gettime(CLOCK_REALTIME, &record->at);
    record->sequence = r->clock.sequence;
    record->stamp = stamp;
    if (!log_record_clean(text, text_room(record), said, lines))
        whole = false;
    record->text = text;
    log_outputs_give(r->log_outputs, record, !whole);
}

static void emit_message(struct router *r, const char *facility,
                         enum log_level severity, const char *mnemonic,
                         const char *format, va_list args) PRINTF(5, 0);

static void
emit_message(struct router *r, const char *facility, enum log_level severity,
             const char *mnemonic, const char *format, va_list args)
{
    struct log_record record = {
        .severity = severity, .facility = facility, .mnemonic = mnemonic};
    char text[LOG_LINE_MAX];
    int len = vsnprintf(text, sizeof(text), format, args);

    /* Only who writes a message puts line ends into it, no argument does. */
    emit(r, &record, &r->config.log_timestamps, text,
         strchr(format, '\n') != NULL, len >= 0 && (size_t)len < sizeof(text));
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    emit_message(r, facility, severity, mnemonic, format, args);
    va_end(args);
}

void
journal_line(struct router *r, enum log_level severity, const char *format, ...)
{
    struct log_record record = {
        .severity = severity, .facility = "", .mnemonic = ""};
    char text[LOG_LINE_MAX];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    /* Debug lines have no head and a time stamp of their own. As above, line
       ends of the format are the writer's. */
    emit(r, &record,
         severity == LOG_DEBUGGING ? &r->config.debug_timestamps
                                   : &r->config.log_timestamps,
         text, strchr(format, '\n') != NULL,
         len >= 0 && (size_t)len < sizeof(text));
}

void
journal_broadcast(struct router *r, const char *format, ...)
{
    char text[LOG_LINE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (r->log_outputs != NULL)
        log_outputs_broadcast(r->log_outputs, text);
}

void
journal_tell(struct session *s, const char *text)
{
    if (s->router->log_outputs != NULL)
        log_outputs_tell(s->router->log_outputs, s, text);
}

/* --- limits ------------------------------------------------------------- */

static void
limit_free(struct limit *l)
{
    list_remove(&l->node);
    free(l);
}

static struct limit *
limit_find(struct journal *j, struct list *limits, const char *mnemonic,
           const char *source)
{
    struct limit *l;

    LIST_EACH(node, limits)
    {
        l = LIST_ITEM(node, struct limit, node);
        if (strcmp(l->mnemonic, mnemonic) == 0 &&
            strcmp(l->source, source) == 0)
            return l;
    }
    l = alloc_zero(1, sizeof(*l));
    text_copy(l->mnemonic, sizeof(l->mnemonic), mnemonic);
    text_copy(l->source, sizeof(l->source), source);
    l->since_ms = router_now_ms(j->router);
    list_append(limits, &l->node);
    return l;
}

static void
tell_left_out(struct router *r, const struct limit *l)
{
    if (l->left_out == 0)
        return;
    journal_message(r, "SYS", LOG_WARNING, "LOGLIMIT",
                    "%u more messages %s%s%s within a minute were left out",
                    l->left_out, l->mnemonic,
                    l->source[0] == '\0' ? "" : " from ", l->source);
}

/*
 * A source is forgotten. Its sum is a message like any other: whoever has
 * many addresses could fill the log with sums, too.
 */
static void
source_free(struct journal *j, struct limit *l)
{
    struct limit *name = limit_find(j, &j->names, l->mnemonic, "");

    if (l->left_out > 0 && name->shown < LIMIT_PER_NAME) {
        name->shown++;
        tell_left_out(j->router, l);
    } else {
        name->left_out += l->left_out;
    }
    j->source_count--;
    limit_free(l);
}

/* Windows that are over are told about and forgotten; they begin in order. */
static void
limits_expire(struct journal *j)
{
    uint64_t now_ms = router_now_ms(j->router);

    while (!list_empty(&j->sources)) {
        struct limit *l = LIST_ITEM(j->sources.next, struct limit, node);

        if (now_ms - l->since_ms < LIMIT_WINDOW_MS &&
            j->source_count <= LIMITS_MAX)
            break;
        source_free(j, l);
    }
    while (!list_empty(&j->names)) {
        struct limit *l = LIST_ITEM(j->names.next, struct limit, node);

        if (now_ms - l->since_ms < LIMIT_WINDOW_MS)
            break;
        tell_left_out(j->router, l);
        limit_free(l);
    }
}

static struct limit *
source_find(struct journal *j, const char *mnemonic, const char *source)
{
    struct limit *l = limit_find(j, &j->sources, mnemonic, source);

    if (l->shown == 0)
        j->source_count++;
    return l;
}

static void
on_expiry(uv_timer_t *timer)
{
    struct journal *j = timer->data;

    limits_expire(j);
    if (!list_empty(&j->sources) || !list_empty(&j->names))
        uv_timer_start(timer, on_expiry, LIMIT_WINDOW_MS, 0);
}

static bool
limit_allows(struct journal *j, struct limit *l, unsigned most)
{
    if (l->shown < most) {
        l->shown++;
        return true;
    }
    l->left_out++;
    if (!uv_is_active((uv_handle_t *)&j->expiry))
        uv_timer_start(&j->expiry, on_expiry, LIMIT_WINDOW_MS, 0);
    return false;
}

void
journal_limited(struct router *r, const char *source, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    struct journal *j = r->journal;
    struct log_about about = log_about_take(r);
    va_list args;

    if (j == NULL)
        return;
    limits_expire(j);
    if (source[0] != '\0' &&
        !limit_allows(j, source_find(j, mnemonic, source), LIMIT_PER_SOURCE))
        return;
    if (!limit_allows(j, limit_find(j, &j->names, mnemonic, ""),
                      LIMIT_PER_NAME))
        return;
    r->log_about = about;
    if (about.source[0] == '\0')
        log_about_source(r, source);
    va_start(args, format);
    emit_message(r, facility, severity, mnemonic, format, args);
    va_end(args);
}

/* --- monitors ----------------------------------------------------------- */

void
journal_watch(struct router *r, struct monitor *m)
{
    log_outputs_watch(r->log_outputs, m);
    debug_monitors(m->session, 1);
}

void
journal_unwatch(struct monitor *m)
{
    if (!list_empty(&m->node))
        debug_monitors(m->session, -1);
    list_remove(&m->node);
}

/* --- life --------------------------------------------------------------- */

/* base/log's lines come from below the programs and have no mnemonic. */
static void
on_log_line(void *owner, enum log_level level, const char *line)
{
    journal_line(owner, level, "%s", line);
}

struct journal *
journal_new(struct router *r)
{
    struct journal *j = alloc_zero(1, sizeof(*j));

    j->router = r;
    list_init(&j->names);
    list_init(&j->sources);
    uv_timer_init(&r->loop, &j->expiry);
    j->expiry.data = j;
    /* Alone it is no reason for the loop to go on. */
    uv_unref((uv_handle_t *)&j->expiry);
    r->log_outputs = log_outputs_new(r);
    log_outputs_update(r);
    log_set_sink(on_log_line, r);
    return j;
}

static void
on_closed(uv_handle_t *handle)
{
    struct journal *j = handle->data;

    LIST_EACH(node, &j->sources)
    {
        limit_free(LIST_ITEM(node, struct limit, node));
    }
    LIST_EACH(name, &j->names)
    {
        limit_free(LIST_ITEM(name, struct limit, node));
    }
    free(j);
}

void
journal_free(struct journal *j)
{
    if (j == NULL)
        return;
    log_set_sink(NULL, NULL);
    log_outputs_free(j->router->log_outputs);
    j->router->log_outputs = NULL;
    uv_close((uv_handle_t *)&j->expiry, on_closed);
}
