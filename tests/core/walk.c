/*
 * Walks over the states of a server: every short word of messages and many
 * long ones, against the model and the monitors of walk_model.h.
 *
 * WALK_SEED and WALK_WORDS in the environment change which long words and how
 * many; a failure names its word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ssh/v2/ssh2.h"
#include "walk_model.h"

#define WORDS_DEFAULT 2000
#define WORD_LENGTH   40

/* Where a walk begins: the symbols that lead there. */
static const struct {
    const char *name;
    size_t len;
    enum symbol symbols[8];
} starts[] = {
    {"identification", 0, {0}},
    {"KEXINIT", 1, {SYM_KEXINIT}},
    {"NEWKEYS", 2, {SYM_KEXINIT, SYM_KEX_OK}},
    {"SERVICE", 3, {SYM_KEXINIT, SYM_KEX_OK, SYM_NEWKEYS}},
    {"AUTH", 4, {SYM_KEXINIT, SYM_KEX_OK, SYM_NEWKEYS, SYM_SR_AUTH}},
    {"OPEN",
     5,
     {SYM_KEXINIT, SYM_KEX_OK, SYM_NEWKEYS, SYM_SR_AUTH, SYM_UA_PW_OK}},
    {"CHANNEL",
     6,
     {SYM_KEXINIT, SYM_KEX_OK, SYM_NEWKEYS, SYM_SR_AUTH, SYM_UA_PW_OK,
      SYM_CH_OPEN}},
    {"REKEY",
     7,
     {SYM_KEXINIT, SYM_KEX_OK, SYM_NEWKEYS, SYM_SR_AUTH, SYM_UA_PW_OK,
      SYM_CH_OPEN, SYM_REKEY}},
};

#define STARTS (sizeof(starts) / sizeof(starts[0]))

/* The word that is being walked, for the report of a failure. */
struct word {
    size_t start;
    bool strict, is_repeatable;
    size_t len;
    enum symbol symbols[WALK_MAX];
};

/* What is being walked; a test that fails leaves it for the report. */
static const struct word *walking;

static int
report(void **state)
{
    (void)state;
    if (walking == NULL)
        return 0;
    fprintf(stderr,
            "failed at the word from %s%s:", starts[walking->start].name,
            walking->strict ? ", strict" : "");
    for (size_t i = 0; i < walking->len; i++)
        fprintf(stderr, " %s", symbol_name(walking->symbols[i]));
    fprintf(stderr, "\n");
    walking = NULL;
    return 0;
}

static void
begin(struct walk *w, const struct word *word, size_t chunk)
{
    walk_start(w, word->strict, chunk);
    if (word->is_repeatable)
        w->host_key = "ssh-ed25519";
    for (size_t i = 0; i < starts[word->start].len; i++)
        walk_step(w, starts[word->start].symbols[i]);
    assert_true(w->alive);
}

/* The states that were seen: state, phase and our own exchange. */
static bool seen[STATE_OPEN + 1][STATE_OPEN + 1][2];

static void
note_state(struct walk *w)
{
    const struct ssh2 *ssh;

    if (!w->alive)
        return;
    ssh = ssh2_of(w->f.owner.conn);
    seen[ssh->state][ssh->phase][ssh->kex != NULL] = true;
}

/* How many of the word's symbols were sent before it ended, or all. */
static size_t
walk_word(const struct word *word, size_t chunk, struct buf *output)
{
    struct walk w;
    size_t sent = 0;

    walking = word;
    begin(&w, word, chunk);
    while (sent < word->len && w.alive) {
        walk_step(&w, word->symbols[sent++]);
        note_state(&w);
    }
    if (output != NULL)
        buf_put_span(output, buf_span(&w.output));
    walk_clear(&w);
    walking = NULL;
    return sent;
}

/* --- every short word ------------------------------------------------ */

/* The next word in the order of counting, when the first `sent` symbols of
   this one ended it: all that begin like it are the same. */
static bool
next_word(struct word *word, size_t sent)
{
    for (size_t i = sent; i < word->len; i++)
        word->symbols[i] = SYM_COUNT - 1;
    for (size_t i = word->len; i > 0; i--) {
        if (word->symbols[i - 1] + 1 < SYM_COUNT) {
            word->symbols[i - 1]++;
            return true;
        }
        word->symbols[i - 1] = 0;
    }
    return false;
}

static void
walk_all(size_t start, bool strict, size_t len)
{
    struct word word = {.start = start, .strict = strict, .len = len};
    size_t sent;

    do
        sent = walk_word(&word, 0, NULL);
    while (next_word(&word, sent));
}

static void
test_every_word_of_three_before_login(void **state)
{
    (void)state;
    for (size_t start = 0; start < 3; start++)
        for (int strict = 0; strict < 2; strict++)
            walk_all(start, strict, 3);
    walk_all(3, true, 3);
}

static void
test_every_word_of_two_in_every_state(void **state)
{
    (void)state;
    for (size_t start = 3; start < STARTS; start++)
        for (int strict = 0; strict < 2; strict++)
            walk_all(start, strict, 2);
}

/* --- long words ------------------------------------------------------ */

/* Mostly what may come, so that the walk goes far. */
static enum symbol
draw(struct chance *chance, const struct walk *w)
{
    enum symbol s = (enum symbol)chance_below(chance, SYM_COUNT);

    for (int i = 0; i < 20 && !walk_lives(w, s); i++)
        if (chance_below(chance, 40) != 0)
            s = (enum symbol)chance_below(chance, SYM_COUNT);
    return s;
}

static void
walk_randomly(struct chance *chance, struct word *word)
{
    size_t len = 1 + chance_below(chance, WORD_LENGTH);
    struct walk w;

    *word = (struct word){.start = chance_below(chance, STARTS),
                          .strict = chance_below(chance, 2)};
    walking = word;
    begin(&w, word, 0);
    while (word->len < len && w.alive) {
        word->symbols[word->len] = draw(chance, &w);
        walk_step(&w, word->symbols[word->len++]);
        note_state(&w);
    }
    walk_clear(&w);
    walking = NULL;
}

static void
test_long_words(void **state)
{
    struct chance chance = {chance_from_environment("WALK_SEED", 1)};
    uint64_t words = chance_from_environment("WALK_WORDS", WORDS_DEFAULT);
    static struct word word;

    (void)state;
    for (uint64_t i = 0; i < words; i++)
        walk_randomly(&chance, &word);
}

/* P25: the same word in pieces gives the same output. */
static void
test_output_does_not_depend_on_pieces(void **state)
{
    static const size_t chunks[] = {1, 7, 100};
    struct chance chance = {chance_from_environment("WALK_SEED", 1) + 1};
    static struct word word;
    struct buf whole, pieces;

    (void)state;
    buf_init(&whole, 16 * 1024 * 1024);
    buf_init(&pieces, 16 * 1024 * 1024);
    for (int i = 0; i < 150; i++) {
        walk_randomly(&chance, &word);
        word.is_repeatable = true;
        walk_word(&word, 0, &whole);
        walk_word(&word, chunks[i % 3], &pieces);
        assert_true(span_equal(buf_span(&whole), buf_span(&pieces)));
        buf_reset(&whole);
        buf_reset(&pieces);
    }
    buf_clear(&whole);
    buf_clear(&pieces);
}

/* P27: the states that can be reached are those of this table, no others. */
static void
test_the_states_that_can_be_reached(void **state)
{
    static const enum ssh2_state phases[] = {STATE_SERVICE, STATE_AUTH,
                                             STATE_OPEN};
    bool expected[STATE_OPEN + 1][STATE_OPEN + 1][2] = {0};

    (void)state;
    expected[STATE_KEXINIT][STATE_SERVICE][true] = true;
    for (size_t i = 0; i < 3; i++) {
        /* Each phase by itself, while our KEXINIT waits for the peer's, and
           in the two steps of an exchange. */
        expected[phases[i]][phases[i]][false] = true;
        expected[phases[i]][phases[i]][true] = true;
        expected[STATE_KEX_INIT][phases[i]][true] = true;
        expected[STATE_NEWKEYS][phases[i]][true] = true;
    }
    for (int s = 0; s <= STATE_OPEN; s++)
        for (int phase = 0; phase <= STATE_OPEN; phase++)
            for (int kex = 0; kex < 2; kex++)
                if (seen[s][phase][kex] != expected[s][phase][kex])
                    fail_msg("state %d, phase %d, exchange %d: %s", s, phase,
                             kex,
                             seen[s][phase][kex] ? "reached" : "not reached");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_every_word_of_three_before_login,
                                  report),
        cmocka_unit_test_teardown(test_every_word_of_two_in_every_state,
                                  report),
        cmocka_unit_test_teardown(test_long_words, report),
        cmocka_unit_test_teardown(test_output_does_not_depend_on_pieces,
                                  report),
        cmocka_unit_test(test_the_states_that_can_be_reached),
    };

    return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
