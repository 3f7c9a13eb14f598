/*
 * A whole text of configuration lines, good lines applied, bad ones reported.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/language.h"

#define NOT_A_SETTING "% Command is not part of a configuration"
#define BEHIND_END    "% Line behind \"end\""
#define BAD_LINES     "% Text is too long, not ended, or has bad characters"
#define BAD_LINE      "% Line is too long or holds bad characters"

#define ETX 0x03

const char cli_later[] = "% Later";

struct cli_loading {
    const struct cli_language *language;
    struct config *config;
    struct span rest;
    unsigned number; /* of the line that was taken last */
    bool had_etx;    /* that line */
    bool ended;      /* `end` was seen */
    bool waits;      /* that line was put off */
    struct cli_context context;
    cli_problem_fn report;
    void *reporter;
    cli_applied_fn applied; /* NULL: nobody is told */
    void *applied_owner;
    void *owner;
};

/*
 * A heap copy. IOS keeps the delimiter of a banner as the byte ETX and shows
 * it as the two characters ^C: both can be read. A NUL is refused like any
 * control byte, instead of hiding what follows.
 */
static char *
copy_line(struct span text)
{
    char *line = alloc_zero(2 * text.len + 1, 1);
    size_t at = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.ptr[i];

        if (c == ETX)
            line[at++] = '^';
        if (c == ETX)
            c = 'C';
        line[at++] = c == '\0' ? '\x7f' : c;
    }
    return line;
}

/* The next line without its end; a heap copy, or NULL at the end. */
static char *
next_line(struct cli_loading *l)
{
    const uint8_t *end;
    size_t length, taken;

    if (l->rest.len == 0)
        return NULL;
    end = memchr(l->rest.ptr, '\n', l->rest.len);
    length = end == NULL ? l->rest.len : (size_t)(end - l->rest.ptr);
    taken = end == NULL ? length : length + 1;
    l->number++;
    if (length > 0 && l->rest.ptr[length - 1] == '\r')
        length--;
    end = l->rest.ptr;
    l->rest = span_of(end + taken, l->rest.len - taken);
    l->had_etx = memchr(end, ETX, length) != NULL;
    return copy_line(span_of(end, length));
}

/* As said to a user, without the line that holds the caret. */
static const char *
result_text(enum cli_result result)
{
    switch (result) {
    case CLI_AMBIGUOUS:
        return "% Ambiguous command";
    case CLI_INCOMPLETE:
        return "% Incomplete command.";
    default:
        return "% Invalid input detected at '^' marker.";
    }
}

/* Lines of a banner or a key, up to what its row says is the end. */
static bool
take_lines(struct cli_loading *l, struct cli_match *match)
{
    while (cli_wants_line(match)) {
        char *line = next_line(l);
        bool good = line != NULL && cli_add_line(match, line) == OK;

        free(line);
        if (!good)
            return false;
    }
    return true;
}

static const char *
carry_out(struct cli_loading *l, struct cli_match *match,
          char refusal[CLI_REFUSAL_MAX])
{
    if (match->by_do || match->row->kind == CLI_EXEC ||
        match->row->kind == CLI_SHOW)
        return NOT_A_SETTING;
    if (!take_lines(l, match))
        return BAD_LINES;
    if (match->row->kind == CLI_LEAVE && !cli_context_configures(&match->after))
        l->ended = match->row->to_exec;
    return cli_apply(l->language, l->config, match, l->owner, refusal);
}

/* To global configuration: an outdented comment closes a section. */
static void
leave_sections(struct cli_loading *l)
{
    cli_context_enter(&l->context, l->language->modes[1].mode);
}

/* Where the next line is read. */
static void
go_on(struct cli_loading *l, const struct cli_match *match, bool refused)
{
    /* The lines below a section that was refused belong to no other. */
    if (refused && match->row->kind == CLI_SECTION)
        leave_sections(l);
    else if (!refused && cli_context_configures(&match->after))
        l->context = match->after;
    else if (!refused)
        leave_sections(l);
}

static void
load_line(struct cli_loading *l, const char *line)
{
    struct cli_match match;
    char refusal[CLI_REFUSAL_MAX];
    struct cli_problem problem = {.number = l->number, .line = line};
    enum cli_result result = cli_parse(l->language, &l->context, line, &match);

    /* Only texts of several lines have delimiters. */
    if (l->had_etx && result == CLI_OK && match.row->wants_more == NULL)
        result = CLI_INVALID;
    if (result == CLI_EMPTY && line[0] == '!')
        leave_sections(l);
    else if (result == CLI_OK && l->ended)
        problem.text = BEHIND_END;
    else if (result == CLI_OK)
        problem.text = carry_out(l, &match, refusal);
    else if (result != CLI_EMPTY)
        problem.text = l->ended ? BEHIND_END : result_text(result);
    problem.marked = result == CLI_INVALID && !l->ended;
    problem.column = problem.marked ? match.column : 0;
    l->waits = problem.text == cli_later;
    if (problem.text != NULL && !l->waits)
        l->report(l->reporter, &problem);
    if (result == CLI_OK)
        go_on(l, &match, problem.text != NULL);
    if (result == CLI_OK && problem.text == NULL && l->applied != NULL &&
        match.row->kind != CLI_LEAVE)
        l->applied(l->applied_owner, &match);
    cli_match_clear(&match);
}

struct cli_loading *
cli_load_begin(const struct cli_language *language, struct config *config,
               struct span text, void *owner, cli_problem_fn report,
               void *reporter)
{
    struct cli_loading *l = alloc_zero(1, sizeof(*l));

    l->language = language;
    l->config = config;
    l->rest = text;
    l->owner = owner;
    l->report = report;
    l->reporter = reporter;
    /* The text is the router's own: no row is hidden from it. */
    cli_context_init(&l->context, language->modes[1].mode, 15);
    return l;
}

void
cli_load_applied(struct cli_loading *l, cli_applied_fn applied, void *owner)
{
    l->applied = applied;
    l->applied_owner = owner;
}

bool
cli_load_line(struct cli_loading *l)
{
    struct cli_problem problem = {.text = BAD_LINE};
    struct span before = l->rest;
    char *line = next_line(l);
    size_t length;

    if (line == NULL)
        return false;
    length = strlen(line);
    problem.number = l->number;
    problem.line = line;
    if (length > CLI_LINE_MAX)
        l->report(l->reporter, &problem);
    else
        load_line(l, line);
    wipe(line, length);
    free(line);
    if (l->waits) {
        l->rest = before;
        l->number--;
    }
    return true;
}

bool
cli_load_waits(const struct cli_loading *l)
{
    return l->waits;
}

void
cli_load_end(struct cli_loading *loading)
{
    free(loading);
}

/* Who asked cli_load(). */
struct reporter {
    cli_report_fn report;
    void *owner;
};

static void
pass_on(void *owner, const struct cli_problem *problem)
{
    const struct reporter *reporter = owner;

    reporter->report(reporter->owner, problem->number, problem->text);
}

void
cli_load(const struct cli_language *language, struct config *config,
         struct span text, cli_report_fn report, void *owner)
{
    struct reporter reporter = {report, owner};
    struct cli_loading *l =
        cli_load_begin(language, config, text, owner, pass_on, &reporter);

    while (cli_load_line(l)) {
    }
    cli_load_end(l);
}
