/*
 * P27: the states of a server are learned from outside, by its answers alone
 * (Angluin's L*, for machines with outputs), and must be those that are written
 * down in machine.h. Nothing of the model in walk_model.c is used but how a
 * symbol is sent.
 *
 * LEARN_SEED and LEARN_WORDS in the environment change the words by which
 * mistakes of the learned machine are looked for. A machine that is another one
 * is printed as machine.h would have it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "machine.h"
#include "ssh/v2/ssh2.h"
#include "walk_model.h"

#define WORDS_DEFAULT 2000
/* Short enough that no counter of the server shows: 20 requests to log in, 8
   exchanges in a row. */
#define WORD_LENGTH 12

/* What the server begins by itself holds answers back: as many states as there
   are answers. That is walk.c's matter. */
#define ALPHABET SYM_REKEY

#define STATES_MAX   96
#define SUFFIXES_MAX 64
#define ROW_MAX      512 /* answers to all suffixes */
#define ANSWERS_MAX  64
#define ANSWER_ROOM  32
#define LINE_ROOM    1024

/* --- the pupil: what it answers to a word --------------------------------- */

#define SYMBOLS_MAX 48

struct word {
    size_t len;
    enum symbol symbols[SYMBOLS_MAX];
};

/* The answers that were seen, each the numbers of its messages. */
static char answers[ANSWERS_MAX][ANSWER_ROOM];
static unsigned answer_count;
static uint64_t queries;

#define ANSWER_GONE 0 /* nobody is there any more */

static uint8_t
intern(const char *text)
{
    for (unsigned i = 0; i < answer_count; i++)
        if (strcmp(answers[i], text) == 0)
            return (uint8_t)i;
    assert_true(answer_count < ANSWERS_MAX);
    assert_true(text_copy(answers[answer_count], ANSWER_ROOM, text));
    return (uint8_t)answer_count++;
}

/* What a client has to do with a message, so that it can go on. */
static void
follow(struct raw *raw, int message)
{
    if (message == SSH2_MSG_KEXINIT) {
        buf_reset(&raw->peer_init);
        buf_put_span(&raw->peer_init, raw->payload);
    } else if (message == SSH2_MSG_KEX_REPLY) {
        raw_take_reply(raw);
    } else if (message == SSH2_MSG_NEWKEYS) {
        raw_take_newkeys(raw);
    }
}

static uint8_t
answer_to(struct walk *w, enum symbol s)
{
    struct raw *raw = &w->f.raw;
    char text[ANSWER_ROOM] = "";
    size_t len = 0;
    int message;

    walk_send(w, s);
    w->symbols++;
    while ((message = raw_next(raw)) != RAW_NOTHING) {
        assert_int_not_equal(message, RAW_GARBAGE);
        follow(raw, message);
        assert_true(len + 4 < sizeof(text));
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d",
                                len > 0 ? "," : "", message);
    }
    w->alive = !w->f.owner.closed;
    if (w->alive && s == SYM_NEWKEYS)
        packet_sender_rekey(&raw->tx, &raw->next_out, raw->is_strict);
    return intern(text);
}

/* The answers to all of a word's symbols. */
static void
ask_server(const struct word *word, uint8_t *to)
{
    struct walk w;
    bool has_channel = false;

    walk_start(&w, true, 0);
    queries++;
    for (size_t i = 0; i < word->len; i++) {
        enum symbol s = word->symbols[i];

        /* One channel at a time: eight would be eight times the states. */
        if (!w.alive || (s == SYM_CH_OPEN && has_channel)) {
            to[i] = w.alive ? intern("") : ANSWER_GONE;
            continue;
        }
        if (s == SYM_CH_OPEN || s == SYM_CH_CLOSE)
            has_channel = s == SYM_CH_OPEN;
        to[i] = answer_to(&w, s);
    }
    walk_clear(&w);
}

/* Words that were asked before: the table is built several times. */
static struct {
    uint8_t len; /* 0: none */
    uint8_t symbols[SYMBOLS_MAX], got[SYMBOLS_MAX];
} asked[1 << 16];

static void
ask(const struct word *word, uint8_t *to)
{
    const size_t places = sizeof(asked) / sizeof(asked[0]);
    uint8_t symbols[SYMBOLS_MAX] = {0};
    uint32_t place = 2166136261u;

    for (size_t i = 0; i < word->len; i++) {
        symbols[i] = (uint8_t)word->symbols[i];
        place = (place ^ symbols[i]) * 16777619u;
    }
    place %= places;
    for (; asked[place].len > 0; place = (place + 1) % places)
        if (asked[place].len == word->len &&
            memcmp(asked[place].symbols, symbols, word->len) == 0) {
            memcpy(to, asked[place].got, word->len);
            return;
        }
    ask_server(word, to);
    assert_true(queries < places / 2);
    asked[place].len = (uint8_t)word->len;
    memcpy(asked[place].symbols, symbols, word->len);
    memcpy(asked[place].got, to, word->len);
}

/* --- the table ------------------------------------------------------------ */

struct state {
    bool alive;           /* the connection */
    struct word access;   /* leads here */
    uint8_t row[ROW_MAX]; /* the answers to all suffixes */
    uint8_t answer[ALPHABET];
    unsigned next[ALPHABET];
};

static struct state states[STATES_MAX];
static unsigned state_count;
static struct word suffixes[SUFFIXES_MAX];
static size_t suffix_count, row_len;

static struct word
joined(const struct word *a, const struct word *b)
{
    struct word both = *a;

    assert_true(a->len + b->len <=
                sizeof(both.symbols) / sizeof(both.symbols[0]));
    memcpy(both.symbols + a->len, b->symbols, b->len * sizeof(b->symbols[0]));
    both.len += b->len;
    return both;
}

/* False: nobody is there any more, behind this word. */
static bool
fill_row(const struct word *access, uint8_t *row)
{
    uint8_t got[SYMBOLS_MAX];
    size_t at = 0;

    memset(row, ANSWER_GONE, row_len);
    for (size_t i = 0; i < suffix_count; i++) {
        struct word word = joined(access, &suffixes[i]);

        ask(&word, got);
        if (got[access->len] == ANSWER_GONE)
            return false;
        memcpy(row + at, got + access->len, suffixes[i].len);
        at += suffixes[i].len;
    }
    return true;
}

static unsigned
state_with(const struct word *access, const uint8_t *row, bool alive)
{
    struct state *new;

    for (unsigned i = 0; i < state_count; i++)
        if (memcmp(states[i].row, row, row_len) == 0)
            return i;
    assert_true(state_count < STATES_MAX);
    new = &states[state_count];
    new->access = *access;
    new->alive = alive;
    memcpy(new->row, row, row_len);
    return state_count++;
}

static uint8_t
last_answer_to(const struct word *word)
{
    uint8_t got[SYMBOLS_MAX];

    ask(word, got);
    return got[word->len - 1];
}

/* All states that can be reached, in the order of their shortest words. */
static void
build(void)
{
    static uint8_t row[ROW_MAX];
    struct word none = {0};
    bool alive = fill_row(&none, row);

    state_count = 0;
    (void)state_with(&none, row, alive);
    for (unsigned i = 0; i < state_count; i++)
        for (unsigned s = 0; states[i].alive && s < ALPHABET; s++) {
            struct word step = {1, {(enum symbol)s}};
            struct word access = joined(&states[i].access, &step);

            states[i].answer[s] = last_answer_to(&access);
            alive = fill_row(&access, row);
            states[i].next[s] = state_with(&access, row, alive);
        }
}

static void
add_suffix(const struct word *word)
{
    assert_true(suffix_count < SUFFIXES_MAX && row_len + word->len <= ROW_MAX);
    suffixes[suffix_count++] = *word;
    row_len += word->len;
}

/* --- mistakes ---------------------------------------------------------------
 */

/* Where the machine is after the first `len` symbols. */
static unsigned
state_after(const struct word *word, size_t len)
{
    unsigned at = 0;

    for (size_t i = 0; i < len && states[at].alive; i++)
        at = states[at].next[word->symbols[i]];
    return at;
}

/* The first answer that the machine would not have given; the word's length
   when there is none. */
static size_t
first_mistake(const struct word *word)
{
    uint8_t got[SYMBOLS_MAX];
    unsigned at = 0;

    ask(word, got);
    for (size_t i = 0; i < word->len; i++) {
        unsigned symbol = word->symbols[i];
        uint8_t thought =
            states[at].alive ? states[at].answer[symbol] : ANSWER_GONE;

        if (got[i] != thought)
            return i;
        if (states[at].alive)
            at = states[at].next[symbol];
    }
    return word->len;
}

/* The last answer to the word, with what leads to a state for its beginning. */
static uint8_t
last_answer(const struct word *word, size_t start)
{
    const struct word *access = &states[state_after(word, start)].access;
    struct word rest = {.len = word->len - start};

    memcpy(rest.symbols, word->symbols + start,
           rest.len * sizeof(rest.symbols[0]));
    rest = joined(access, &rest);
    return last_answer_to(&rest);
}

/* The word ends in a mistake: which suffix tells two states apart that were
   taken for one (Rivest and Schapire 1993)? */
static void
learn_from(const struct word *word)
{
    uint8_t before = last_answer(word, 0);
    struct word suffix = {0};

    for (size_t i = 1; i < word->len; i++) {
        if (last_answer(word, i) == before)
            continue;
        suffix.len = word->len - i;
        memcpy(suffix.symbols, word->symbols + i,
               suffix.len * sizeof(suffix.symbols[0]));
        add_suffix(&suffix);
        return;
    }
    fail_msg("a mistake that no suffix explains");
}

/* Mostly what may come, and half of it what leads to another state. */
static unsigned
draw(struct chance *chance, unsigned at)
{
    bool moves = chance_below(chance, 2) == 0;
    unsigned s = (unsigned)chance_below(chance, ALPHABET);

    for (int i = 0; i < 40; i++) {
        unsigned next = states[at].next[s];

        if (states[next].alive && (next != at || !moves))
            return s;
        s = (unsigned)chance_below(chance, ALPHABET);
    }
    return s;
}

static void
draw_word(struct chance *chance, struct word *word)
{
    size_t len = 2 + chance_below(chance, WORD_LENGTH - 1);
    unsigned at = (unsigned)chance_below(chance, state_count);

    if (!states[at].alive)
        at = 0;
    *word = states[at].access;
    while (len-- > 0 && states[at].alive) {
        unsigned s = draw(chance, at);

        word->symbols[word->len++] = (enum symbol)s;
        at = states[at].next[s];
    }
    /* And whatever there is: also what should be the end. */
    word->symbols[word->len++] = (enum symbol)chance_below(chance, ALPHABET);
}

/* False: a mistake was found, and learned from. */
static bool
examine(struct chance *chance, uint64_t words)
{
    struct word word;

    for (uint64_t i = 0; i < words; i++) {
        size_t mistake;

        draw_word(chance, &word);
        mistake = first_mistake(&word);
        if (mistake == word.len)
            continue;
        word.len = mistake + 1;
        learn_from(&word);
        return false;
    }
    return true;
}

/* --- what was learned ------------------------------------------------------
 */

/* "3: KEXINIT/20>7 ...": what is not named ends the connection by DISCONNECT,
   and our own DISCONNECT ends it without a word. */
static void
put_line(unsigned i, char *line)
{
    size_t len = (size_t)snprintf(line, LINE_ROOM, "%u:", i);

    for (unsigned s = 0; s < ALPHABET; s++) {
        const char *answer = answers[states[i].answer[s]];
        unsigned next = states[i].next[s];

        if (!states[next].alive &&
            strcmp(answer, s == SYM_DISCONNECT ? "" : "1") == 0)
            continue;
        len += (size_t)snprintf(line + len, LINE_ROOM - len, " %s/%s>",
                                symbol_name((enum symbol)s), answer);
        if (states[next].alive)
            len += (size_t)snprintf(line + len, LINE_ROOM - len, "%u", next);
        assert_true(len < LINE_ROOM);
    }
}

static void
compare(void)
{
    size_t expected = sizeof(machine) / sizeof(machine[0]), count = 0;
    char line[LINE_ROOM];
    bool same = true;

    for (unsigned i = 0; i < state_count; i++) {
        if (!states[i].alive)
            continue;
        put_line(i, line);
        same = same && count < expected && strcmp(line, machine[count]) == 0;
        count++;
    }
    if (same && count == expected)
        return;
    for (unsigned i = 0; i < state_count; i++)
        if (states[i].alive) {
            put_line(i, line);
            fprintf(stderr, "%s\n", line);
        }
    fail_msg("the machine that was learned is not the one of machine.h");
}

/*
 * What tells states apart, for a start; mistakes teach the rest. An exchange
 * hides the state that it returns to.
 */
static const struct word first_suffixes[] = {
    {1, {SYM_KEXINIT}},
    {1, {SYM_KEX_OK}},
    {1, {SYM_NEWKEYS}},
    {1, {SYM_UA_NONE}},
    {1, {SYM_CH_OPEN}},
    {1, {SYM_CH_DATA}},
    {1, {SYM_CH_REQ_PTY}},
    {2, {SYM_NEWKEYS, SYM_UA_NONE}},
    {2, {SYM_NEWKEYS, SYM_CH_OPEN}},
    {2, {SYM_NEWKEYS, SYM_CH_DATA}},
    {2, {SYM_NEWKEYS, SYM_CH_REQ_PTY}},
    {3, {SYM_KEX_OK, SYM_NEWKEYS, SYM_UA_NONE}},
    {3, {SYM_KEX_OK, SYM_NEWKEYS, SYM_CH_OPEN}},
    {3, {SYM_KEX_OK, SYM_NEWKEYS, SYM_CH_DATA}},
    {3, {SYM_KEX_OK, SYM_NEWKEYS, SYM_CH_REQ_PTY}},
};

static void
test_the_machine_is_the_one_that_is_written_down(void **state)
{
    struct chance chance = {chance_from_environment("LEARN_SEED", 1)};
    uint64_t words = chance_from_environment("LEARN_WORDS", WORDS_DEFAULT);

    (void)state;
    assert_int_equal(intern("gone"), ANSWER_GONE);
    for (size_t i = 0; i < sizeof(first_suffixes) / sizeof(first_suffixes[0]);
         i++)
        add_suffix(&first_suffixes[i]);
    do
        build();
    while (!examine(&chance, words));
    print_message("%u states, %zu suffixes, %llu words\n", state_count,
                  suffix_count, (unsigned long long)queries);
    compare();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_machine_is_the_one_that_is_written_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
