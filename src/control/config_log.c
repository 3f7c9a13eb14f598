#include "control/config_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/journal.h"
#include "control/session.h"

struct config_log {
    struct list entries; /* of struct config_log_entry, oldest first */
    uint32_t count;
    uint32_t last_number, last_session;
    bool enabled; /* as far as is known */
    bool closing; /* the line that has just taken effect was to end it */
};

/* --- authors ------------------------------------------------------------ */

static void
forget_from(char *sections[CLI_DEPTH_MAX], unsigned depth)
{
    for (; depth < CLI_DEPTH_MAX; depth++) {
        free(sections[depth]);
        sections[depth] = NULL;
    }
}

void
config_author_named(struct config_author *a, const char *user, const char *line)
{
    text_copy(a->line, sizeof(a->line), line);
    text_copy(a->user, sizeof(a->user), user[0] != '\0' ? user : line);
}

void
config_author_of(struct config_author *a, const struct session *s)
{
    char line[CONFIG_AUTHOR_LINE_MAX] = "console";

    if (s->kind != SESSION_CONSOLE)
        snprintf(line, sizeof(line), "vty%u", s->vty);
    config_author_named(a, s->user, line);
}

void
config_author_clear(struct config_author *a)
{
    forget_from(a->sections, 0);
    *a = (struct config_author){.number = 0};
}

/* --- entries ------------------------------------------------------------ */

static void
entry_free(struct config_log *log, struct config_log_entry *entry)
{
    list_remove(&entry->node);
    log->count--;
    forget_from(entry->sections, 0);
    free(entry->text);
    free(entry->more);
    free(entry);
}

static void
keep_newest(struct config_log *log, uint32_t count)
{
    while (log->count > count)
        entry_free(log,
                   LIST_ITEM(log->entries.next, struct config_log_entry, node));
}

/* Of a banner, of a public key: what commands read may be a private one. */
static char *
further_lines(const struct cli_match *match)
{
    const char *end;

    if (match->row->wants_more == NULL || match->row->kind == CLI_EXEC ||
        cli_restores(match))
        return NULL;
    end = strchr(cli_lines(match), '\n');
    return end == NULL ? NULL : text_dup(end + 1);
}

static void
append(struct config_log *log, const struct config_author *a, unsigned depth,
       const char *text, const struct cli_match *match)
{
    struct config_log_entry *entry = alloc_zero(1, sizeof(*entry));

    entry->number = ++log->last_number;
    entry->session = a->number;
    snprintf(entry->who, sizeof(entry->who), "%s@%s", a->user, a->line);
    entry->user_length = strlen(a->user);
    while (entry->depth < depth && a->sections[entry->depth] != NULL) {
        entry->sections[entry->depth] = text_dup(a->sections[entry->depth]);
        entry->depth++;
    }
    entry->text = text_dup(text);
    entry->more = further_lines(match);
    list_append(&log->entries, &entry->node);
    log->count++;
}

static struct config_log *
log_of(struct router *r)
{
    if (r->config_log == NULL) {
        r->config_log = alloc_zero(1, sizeof(*r->config_log));
        list_init(&r->config_log->entries);
    }
    return r->config_log;
}

static void
keep(struct router *r, struct config_author *a, unsigned depth,
     const char *text, const struct cli_match *match)
{
    const struct config_change_log *how = &r->config.archive.changes;
    struct config_log *log = log_of(r);

    if (a->number == 0)
        a->number = ++log->last_session;
    append(log, a, depth, text, match);
    keep_newest(log, how->size);
    log->closing = false;
    if (how->notify)
        journal_message(r, "PARSER", LOG_NOTICE, "CFGLOG_LOGGEDCMD",
                        "User:%s  logged command:%s", a->user, text);
}

/* The line that ends it is its last. */
static bool
is_closing(const struct router *r)
{
    return r->config_log != NULL && r->config_log->closing;
}

/* Without secrets, and without what screens would not show as it is. */
static char *
shown_text(const struct cli_match *match)
{
    char *text = text_dup_span(buf_span(&match->masked));
    size_t room = 4 * strlen(text) + 1;
    char *clean = alloc_zero(1, room);

    (void)log_record_clean(clean, room, text, false);
    free(text);
    return clean;
}

void
config_log_add(struct router *r, struct config_author *a,
               const struct cli_match *match)
{
    const struct config_change_log *how = &r->config.archive.changes;
    char *text = shown_text(match);
    unsigned depth = match->after.depth;
    bool enters = match->row->kind == CLI_SECTION && !cli_restores(match);

    if (enters && depth > 0)
        depth--;
    forget_from(a->sections, depth);
    if (how->enabled || is_closing(r))
        keep(r, a, depth, text, match);
    /* Also while nothing is kept: what comes later stands below it. */
    if (enters && depth < CLI_DEPTH_MAX)
        a->sections[depth] = text;
    else
        free(text);
}

void
config_log_update(struct router *r)
{
    const struct config_change_log *how = &r->config.archive.changes;
    struct config_log *log;

    /* Configurations that are only looked at have no log. */
    if (r->journal == NULL || (r->config_log == NULL && !how->enabled))
        return;
    log = log_of(r);
    log->closing = log->enabled && !how->enabled;
    log->enabled = how->enabled;
    keep_newest(log, how->size);
}

void
config_log_free(struct router *r)
{
    if (r->config_log == NULL)
        return;
    keep_newest(r->config_log, 0);
    free(r->config_log);
    r->config_log = NULL;
}

const struct config_log_entry *
config_log_next(const struct router *r, const struct config_log_entry *entry)
{
    const struct list *next;

    if (r->config_log == NULL)
        return NULL;
    next = entry != NULL ? entry->node.next : r->config_log->entries.next;
    if (next == &r->config_log->entries)
        return NULL;
    return LIST_ITEM(next, struct config_log_entry, node);
}
