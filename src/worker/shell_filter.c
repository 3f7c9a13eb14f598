/*
 * A command's text on its way to the pager: through the filter of its line and
 * what was searched for at ` --More-- `. Without either it goes straight on.
 */
#include "worker/shell_parts.h"

#define STEP (8 * 1024) /* bytes of text taken in one step */

#define NO_EXPRESSION "% Failed to compile regular expression."
#define TOO_COMPLEX   "% Regular expression is too complex"

static bool
is_straight(const struct shell *sh)
{
    return sh->filter == NULL && sh->search == NULL && !sh->filter_drops &&
           !sh->search_drops;
}

/* The filter cannot go on: say why; the rest of the text is dropped. */
static void
give_up_filter(struct shell *sh, const char *why)
{
    filter_free(sh->filter);
    sh->filter = NULL;
    sh->filter_drops = sh->filter_failed = true;
    buf_printf(&sh->passed, "%s\n", why);
}

static void
give_up_search(struct shell *sh)
{
    filter_free(sh->search);
    sh->search = NULL;
    sh->search_drops = true;
    buf_printf(&sh->passed, "%s\n", TOO_COMPLEX);
}

/* Text that passed the filter, to the search. */
static void
put_searched(struct shell *sh, struct span text)
{
    if (sh->search_drops)
        return;
    if (sh->search == NULL)
        buf_put_span(&sh->passed, text);
    else if (filter_put(sh->search, text, &sh->passed) != OK)
        give_up_search(sh);
}

static void
put_filtered(struct shell *sh, struct span text)
{
    enum err err = OK;
    struct buf kept;

    if (sh->filter == NULL) {
        put_searched(sh, text);
        return;
    }
    buf_init_secret(&kept, PASSED_MAX);
    err = filter_put(sh->filter, text, &kept);
    put_searched(sh, buf_span(&kept));
    buf_clear(&kept);
    if (err != OK)
        give_up_filter(sh, TOO_COMPLEX);
}

size_t
filter_show(struct shell *sh, struct span text)
{
    if (text.len > STEP)
        text.len = STEP;
    if (is_straight(sh))
        return pager_print(&sh->pager, text, &sh->out);
    /* To compare may take a while: keys are looked at in between. */
    sh->pausing = true;
    if (!sh->filter_drops && !sh->pager.stopped)
        put_filtered(sh, text);
    return text.len;
}

bool
filter_show_passed(struct shell *sh)
{
    if (buf_len(&sh->passed) == 0)
        return false;
    buf_consume(&sh->passed,
                pager_print(&sh->pager, buf_span(&sh->passed), &sh->out));
    if (buf_len(&sh->passed) == 0)
        buf_clear(&sh->passed);
    return true;
}

/* --- the filter of a command's line ------------------------------------ */

static enum filter_kind
kind_of(enum output_filter filter)
{
    switch (filter) {
    case OUTPUT_EXCLUDE:
        return FILTER_EXCLUDE;
    case OUTPUT_BEGIN:
        return FILTER_BEGIN;
    case OUTPUT_SECTION:
        return FILTER_SECTION;
    case OUTPUT_NOT_SECTION:
        return FILTER_NOT_SECTION;
    case OUTPUT_COUNT:
        return FILTER_COUNT;
    default:
        return FILTER_INCLUDE;
    }
}

void
filter_set(struct shell *sh, enum output_filter what, struct span pattern)
{
    filter_finish(sh);
    if (what != OUTPUT_ALL &&
        filter_new(kind_of(what), pattern, &sh->filter) != OK)
        give_up_filter(sh, NO_EXPRESSION);
}

void
filter_finish(struct shell *sh)
{
    struct buf last;

    buf_init_secret(&last, PASSED_MAX);
    if (sh->filter != NULL && !sh->filter_drops && !sh->pager.stopped) {
        enum err err = filter_end(sh->filter, &last);

        put_searched(sh, buf_span(&last));
        if (err != OK)
            give_up_filter(sh, TOO_COMPLEX);
    }
    buf_clear(&last);
    filter_free(sh->filter);
    sh->filter = NULL;
    sh->filter_drops = false;
}

void
filter_drop(struct shell *sh)
{
    buf_clear(&sh->passed);
    if (sh->filter != NULL)
        sh->filter_drops = true;
    if (sh->search != NULL)
        sh->search_drops = true;
}

/* --- what is searched for ---------------------------------------------- */

static enum filter_kind
kind_of_sign(uint8_t sign)
{
    if (sign == '+')
        return FILTER_INCLUDE;
    return sign == '-' ? FILTER_EXCLUDE : FILTER_BEGIN;
}

void
filter_search(struct shell *sh)
{
    struct pager *p = &sh->pager;
    struct filter *search, *last = sh->search;
    struct buf rest = sh->passed;

    if (filter_new(kind_of_sign(p->sign), span_of(p->pattern, p->pattern_len),
                   &search) != OK) {
        pager_refuse(p, NO_EXPRESSION, &sh->out);
        return;
    }
    pager_search(p, &sh->out);
    sh->search = search;
    buf_init_secret(&sh->passed, PASSED_MAX);
    put_searched(sh, buf_span(&rest));
    if (last != NULL)
        put_searched(sh, filter_held(last));
    filter_free(last);
    buf_clear(&rest);
}

bool
filter_end_search(struct shell *sh)
{
    bool dropping = sh->search_drops || sh->pager.stopped;

    if (sh->search != NULL && !dropping &&
        filter_end(sh->search, &sh->passed) != OK)
        give_up_search(sh);
    filter_free(sh->search);
    sh->search = NULL;
    sh->search_drops = false;
    return buf_len(&sh->passed) > 0;
}
