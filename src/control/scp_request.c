#include "control/scp_request.h"

#define WORD_MAX FLASH_PATH_MAX

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

bool
scp_request_is(struct span command)
{
    return command.len >= 3 && memcmp(command.ptr, "scp", 3) == 0 &&
           (command.len == 3 || is_blank(command.ptr[3]));
}

/* --- words -------------------------------------------------------------- */

struct words {
    struct span rest;
    char word[WORD_MAX];
    size_t len;
    bool too_long, bad;
};

static void
add(struct words *w, uint8_t c)
{
    /* No path holds one, and no option. */
    if (c < ' ' || c == 0x7f)
        w->bad = true;
    else if (w->len + 1 < WORD_MAX)
        w->word[w->len++] = (char)c;
    else
        w->too_long = true;
}

static uint8_t
take(struct words *w)
{
    uint8_t c = w->rest.ptr[0];

    w->rest = span_of(w->rest.ptr + 1, w->rest.len - 1);
    return c;
}

/* Up to the closing quote; within double ones a backslash quotes as well. */
static void
take_quoted(struct words *w, uint8_t quote)
{
    while (w->rest.len > 0) {
        uint8_t c = take(w);

        if (c == quote)
            return;
        if (c == '\\' && quote == '"' && w->rest.len > 0)
            c = take(w);
        add(w, c);
    }
    w->bad = true;
}

/* The next word; false: there is none, or it is none. */
static bool
next_word(struct words *w)
{
    w->len = 0;
    w->word[0] = '\0';
    while (w->rest.len > 0 && is_blank(w->rest.ptr[0]))
        take(w);
    if (w->rest.len == 0)
        return false;
    while (w->rest.len > 0 && !is_blank(w->rest.ptr[0]) && !w->bad) {
        uint8_t c = take(w);

        if (c == '\'' || c == '"')
            take_quoted(w, c);
        else if (c != '\\')
            add(w, c);
        else if (w->rest.len > 0)
            add(w, take(w));
        else
            w->bad = true;
    }
    w->word[w->len] = '\0';
    return !w->bad;
}

/* --- options ------------------------------------------------------------ */

static const char letters[] = "rpvdqtf";

/* "-pt": each at most once, of all words together; they are a set of bits. */
static bool
take_options(const char *word, unsigned *seen)
{
    for (const char *at = word + 1; *at != '\0'; at++) {
        const char *found = strchr(letters, *at);
        unsigned bit;

        if (found == NULL)
            return false;
        bit = 1u << (found - letters);
        if ((*seen & bit) != 0)
            return false;
        *seen |= bit;
    }
    return true;
}

static bool
was_seen(unsigned seen, char letter)
{
    return (seen & 1u << (strchr(letters, letter) - letters)) != 0;
}

/* Options, and the word behind them. */
static bool
take_path(struct words *w, unsigned *seen)
{
    while (next_word(w)) {
        if (w->word[0] != '-')
            return true;
        if (strcmp(w->word, "--") == 0)
            return next_word(w);
        if (w->word[1] == '\0' || !take_options(w->word, seen))
            return false;
    }
    return false;
}

enum err
scp_request_parse(struct span command, struct scp_request *request)
{
    struct words w = {.rest = command};
    unsigned seen = 0;

    if (!next_word(&w) || strcmp(w.word, "scp") != 0 || !take_path(&w, &seen) ||
        was_seen(seen, 't') == was_seen(seen, 'f'))
        return ERR_FORMAT;
    *request = (struct scp_request){
        .sink = was_seen(seen, 't'),
        .recursive = was_seen(seen, 'r'),
        .times = was_seen(seen, 'p'),
        .directory = was_seen(seen, 'd'),
    };
    memcpy(request->path, w.word, w.len + 1);
    /* One path, and nothing behind it. */
    if (next_word(&w) || w.bad)
        return ERR_FORMAT;
    return w.too_long ? ERR_LENGTH : OK;
}
