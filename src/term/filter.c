#define PCRE2_CODE_UNIT_WIDTH 8
#include "term/filter.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "term/regex.h"

/*
 * What one line may cost. Patterns that people type take some hundred steps;
 * one that goes back and forth over the line is stopped within milliseconds.
 */
#define STEPS_MAX  200000
#define DEPTH_MAX  20000
#define HEAP_KIB   8192
#define NESTED_MAX 64 /* parentheses in each other */

/* Each byte of a pattern becomes this many at the most: `_` is the longest. */
#define GROWTH 24

struct filter {
    enum filter_kind kind;
    pcre2_code *code;
    pcre2_match_data *found;
    pcre2_match_context *limits;
    struct buf line;   /* that has not ended yet; perhaps a secret */
    bool judged;       /* it was longer: the rest of it passes or not */
    bool passes;       /* the line that was judged last */
    bool begun;        /* BEGIN: some line has matched */
    bool in_section;   /* what stands deeper than `depth` belongs to it */
    size_t depth;      /* blanks before the section's first line */
    uint64_t matching; /* lines, so far */
};

/* --- life -------------------------------------------------------------- */

static pcre2_code *
compile(struct span pattern)
{
    pcre2_compile_context *rules = pcre2_compile_context_create(NULL);
    pcre2_code *code = NULL;
    PCRE2_SIZE offset;
    int error;

    if (rules != NULL) {
        pcre2_set_parens_nest_limit(rules, NESTED_MAX);
        code = pcre2_compile(
            pattern.ptr == NULL ? (PCRE2_SPTR) "" : pattern.ptr, pattern.len,
            PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF |
                PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C,
            &error, &offset, rules);
    }
    pcre2_compile_context_free(rules);
    return code;
}

static enum err
prepare(struct filter *f, struct span pattern)
{
    struct buf text;
    enum err err;

    buf_init_secret(&text, REGEX_MAX * GROWTH);
    err = regex_translate(pattern, &text);
    if (err == OK) {
        f->code = compile(buf_span(&text));
        err = f->code == NULL ? ERR_FORMAT : OK;
    }
    buf_clear(&text);
    if (err != OK)
        return err;
    f->found = pcre2_match_data_create(1, NULL);
    f->limits = pcre2_match_context_create(NULL);
    if (f->found == NULL || f->limits == NULL)
        return ERR_LIMIT;
    pcre2_set_match_limit(f->limits, STEPS_MAX);
    pcre2_set_depth_limit(f->limits, DEPTH_MAX);
    pcre2_set_heap_limit(f->limits, HEAP_KIB);
    return OK;
}

enum err
filter_new(enum filter_kind kind, struct span pattern, struct filter **filter)
{
    struct filter *f = alloc_zero(1, sizeof(*f));
    enum err err;

    f->kind = kind;
    buf_init_secret(&f->line, FILTER_LINE_MAX);
    err = prepare(f, pattern);
    if (err == OK)
        *filter = f;
    else
        filter_free(f);
    return err;
}

void
filter_free(struct filter *f)
{
    if (f == NULL)
        return;
    pcre2_match_context_free(f->limits);
    pcre2_match_data_free(f->found);
    pcre2_code_free(f->code);
    buf_clear(&f->line);
    free(f);
}

/* --- one line ---------------------------------------------------------- */

static enum err
matches(struct filter *f, struct span line, bool *yes)
{
    int result =
        pcre2_match(f->code, line.ptr == NULL ? (PCRE2_SPTR) "" : line.ptr,
                    line.len, 0, 0, f->found, f->limits);

    *yes = result >= 0;
    if (*yes)
        f->matching++;
    return *yes || result == PCRE2_ERROR_NOMATCH ? OK : ERR_LIMIT;
}

/* The line belongs to a section that matched, or begins one. */
static enum err
in_section(struct filter *f, struct span line, bool *yes)
{
    size_t blanks = 0;
    enum err err;

    while (blanks < line.len && line.ptr[blanks] == ' ')
        blanks++;
    *yes = f->in_section && blanks > f->depth;
    if (*yes)
        return OK;
    err = matches(f, line, yes);
    f->in_section = *yes;
    f->depth = blanks;
    return err;
}

/* Say whether the line passes. */
static enum err
judge(struct filter *f, struct span line)
{
    enum err err = OK;
    bool yes = true;

    if (f->kind == FILTER_SECTION || f->kind == FILTER_NOT_SECTION)
        err = in_section(f, line, &yes);
    else if (f->kind != FILTER_BEGIN || !f->begun)
        err = matches(f, line, &yes);
    f->begun = f->begun || yes;
    if (f->kind == FILTER_EXCLUDE || f->kind == FILTER_NOT_SECTION)
        f->passes = !yes;
    else
        f->passes = yes && f->kind != FILTER_COUNT;
    f->judged = true;
    return err;
}

/* --- text -------------------------------------------------------------- */

static enum err
judge_collected(struct filter *f, struct buf *out)
{
    enum err err = judge(f, buf_span(&f->line));

    if (err == OK && f->passes)
        buf_put_span(out, buf_span(&f->line));
    buf_reset(&f->line);
    return err;
}

/* More of a line, and with `ends` its LF. */
static enum err
take_part(struct filter *f, struct span part, bool ends, struct buf *out)
{
    size_t room = FILTER_LINE_MAX - buf_len(&f->line);
    size_t taken = 0;
    enum err err;

    if (!f->judged) {
        taken = part.len < room ? part.len : room;
        buf_put(&f->line, part.ptr, taken);
        if (!ends && part.len < room)
            return OK;
        err = judge_collected(f, out);
        if (err != OK)
            return err;
    }
    if (f->passes)
        buf_put(out, part.ptr + taken, part.len - taken);
    if (f->passes && ends)
        buf_put_u8(out, '\n');
    if (ends)
        f->judged = false;
    return OK;
}

enum err
filter_put(struct filter *f, struct span text, struct buf *out)
{
    while (text.len > 0) {
        const uint8_t *lf = memchr(text.ptr, '\n', text.len);
        size_t len = lf == NULL ? text.len : (size_t)(lf - text.ptr);
        enum err err = take_part(f, span_of(text.ptr, len), lf != NULL, out);

        if (err != OK)
            return err;
        len += lf != NULL;
        text = span_of(text.ptr + len, text.len - len);
    }
    return OK;
}

struct span
filter_held(const struct filter *f)
{
    return buf_span(&f->line);
}

enum err
filter_end(struct filter *f, struct buf *out)
{
    enum err err = OK;

    if (!f->judged && buf_len(&f->line) > 0)
        err = judge_collected(f, out);
    if (err == OK && f->kind == FILTER_COUNT)
        buf_printf(out, "Number of lines which match regexp = %llu\n",
                   (unsigned long long)f->matching);
    return err;
}
