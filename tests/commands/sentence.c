#include "sentence.h"

#include <assert.h>
#include <stdio.h>

#include "base/text.h"

/* xorshift64 (Marsaglia 2003). */
uint32_t
dice_throw(struct dice *dice, uint32_t sides)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return (uint32_t)((dice->state >> 16) % sides);
}

static void
make_number(const struct cli_token *token, struct dice *dice, char *word)
{
    unsigned range = dice_throw(dice, token->range_count);
    int64_t low = token->ranges[range].low;
    uint32_t span = (uint32_t)(token->ranges[range].high - low);
    /* The ends are where mistakes are. */
    uint32_t ends[] = {0, span,
                       span == UINT32_MAX ? dice_throw(dice, UINT32_MAX)
                                          : dice_throw(dice, span + 1)};

    snprintf(word, 256, "%lld", (long long)(low + ends[dice_throw(dice, 3)]));
}

static void
make_word(struct dice *dice, char *word)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    unsigned length = 2 + dice_throw(dice, 14);

    /* A name: begins with a letter, ends in one. */
    for (unsigned i = 0; i < length; i++)
        word[i] = letters[dice_throw(
            dice, i == 0 || i + 1 == length ? 52 : sizeof(letters) - 1)];
    word[length] = '\0';
}

static void
make_hash(struct dice *dice, char *word)
{
    for (unsigned i = 0; i < 32; i++)
        word[i] = "0123456789ABCDEFabcdef"[dice_throw(dice, 22)];
    word[32] = '\0';
}

/* Between two equal marks: good as a banner, and as a password. */
static void
make_line(struct dice *dice, char *word)
{
    char one[32], two[32];

    make_word(dice, one);
    make_word(dice, two);
    snprintf(word, 256, "#%s  %s%s#", one, two,
             dice_throw(dice, 2) ? " \303\251!" : "");
}

static void
make_address(enum token_kind kind, struct dice *dice, char *word)
{
    struct config_address address = {
        .family = kind == TOKEN_IPV4 ? CONFIG_FAMILY_IPV4 : CONFIG_FAMILY_IPV6,
    };

    for (unsigned i = 0; i < sizeof(address.bytes); i++)
        address.bytes[i] = (uint8_t)dice_throw(dice, 256);
    config_address_text(&address, word);
}

static void
make_prefix(struct dice *dice, char *word)
{
    make_address(TOKEN_IPV6, dice, word);
    snprintf(word + strlen(word), 8, "/%u", dice_throw(dice, 129));
}

/* A contiguous mask, and the network before it without bits behind it. */
static void
make_mask(struct sentence *s, const struct cli_pattern *pattern,
          struct dice *dice, char *word)
{
    unsigned length = dice_throw(dice, 33);
    uint32_t bits = length == 0 ? 0 : UINT32_MAX << (32 - length);
    struct config_address mask = {.family = CONFIG_FAMILY_IPV4};
    struct config_address network;

    for (unsigned i = 0; i < 4; i++)
        mask.bytes[i] = (uint8_t)(bits >> (24 - 8 * i));
    config_address_text(&mask, word);
    if (s->count == 0 ||
        strcmp(pattern->tokens[s->tokens[s->count - 1]].name, "network") != 0 ||
        config_address_parse_ipv4(span_text(s->words[s->count - 1]),
                                  &network) != OK)
        return;
    for (unsigned i = 0; i < 4; i++)
        network.bytes[i] &= mask.bytes[i];
    config_address_text(&network, s->words[s->count - 1]);
}

static const char *
choose(const struct cli_row *row, struct dice *dice)
{
    const struct cli_word *words = row->choices();
    uint32_t count = 0;

    while (words[count].word != NULL)
        count++;
    return words[dice_throw(dice, count)].word;
}

static bool
was_chosen(const struct sentence *s, const char *word)
{
    for (unsigned i = 0; i < s->count; i++)
        if (strcmp(s->words[i], word) == 0)
            return true;
    return false;
}

/* One word, or for CHOICE... some, for a token. */
static void
add_token(struct sentence *s, const struct cli_pattern *pattern, unsigned token,
          struct dice *dice)
{
    const struct cli_token *t = &pattern->tokens[token];
    char *word = s->words[s->count];

    assert(s->count < SENTENCE_WORDS_MAX);
    s->tokens[s->count] = token;
    switch (t->kind) {
    case TOKEN_KEYWORD:
        text_copy(word, 256, t->text);
        break;
    case TOKEN_NUMBER:
        make_number(t, dice, word);
        break;
    case TOKEN_WORD:
        if (strcmp(t->name, "hash") == 0 || strcmp(t->name, "engine-id") == 0)
            make_hash(dice, word);
        else if (strcmp(t->name, "device-path") == 0)
            text_copy(word, 256, "/dev/serial/by-id/usb-1");
        else if (strcmp(t->name, "flash-file") == 0)
            text_copy(word, 256, "flash:console");
        else if (strcmp(t->name, "archive-path") == 0)
            text_copy(word, 256, "flash:/a/$h-$t");
        else
            make_word(dice, word);
        break;
    case TOKEN_LINE:
        if (strcmp(t->name, "exec-command") == 0)
            text_copy(word, 256, "show privilege");
        else
            make_line(dice, word);
        break;
    case TOKEN_CHOICE:
        text_copy(word, 256, choose(pattern->row, dice));
        if (t->repeats && was_chosen(s, word))
            return;
        break;
    case TOKEN_TIME:
        snprintf(word, 256, "%u:%02u%s", dice_throw(dice, 24),
                 dice_throw(dice, 60),
                 strcmp(t->text, "hh:mm:ss") == 0 ? ":59" : "");
        break;
    case TOKEN_IPV4:
    case TOKEN_IPV6:
        if (strcmp(t->name, "mask") == 0)
            make_mask(s, pattern, dice, word);
        else
            make_address(t->kind, dice, word);
        break;
    case TOKEN_PREFIX:
        make_prefix(dice, word);
        break;
    }
    s->count++;
    if (t->repeats && dice_throw(dice, 3) != 0)
        add_token(s, pattern, token, dice);
}

static unsigned
set_size(token_set set)
{
    return (unsigned)__builtin_popcountll(set);
}

static unsigned
set_pick(token_set set, struct dice *dice)
{
    for (uint32_t skip = dice_throw(dice, set_size(set)); skip > 0; skip--)
        set &= set - 1;
    return (unsigned)__builtin_ctzll(set);
}

void
sentence_make(struct sentence *s, const struct cli_pattern *pattern,
              struct dice *dice)
{
    token_set next = pattern->first, gone = 0;

    s->count = 0;
    for (;;) {
        unsigned token = set_pick(next, dice);

        add_token(s, pattern, token, dice);
        gone |= pattern->tokens[token].gone | TOKEN_BIT(token);
        next = pattern->tokens[token].next & ~gone;
        if (next == 0)
            return;
        if ((pattern->last & TOKEN_BIT(token)) && dice_throw(dice, 3) == 0)
            return;
    }
}

void
sentence_spoil(struct sentence *s, struct dice *dice)
{
    static const char *const wrong[] = {
        "4294967296", "-1", "300.1.1.1", "1:2:3", "\033[2J", "a b", ""};
    unsigned at = dice_throw(dice, s->count);
    uint32_t how = dice_throw(dice, 9);

    if (how < 7)
        text_copy(s->words[at], sizeof(s->words[at]), wrong[how]);
    else if (how == 7)
        memset(s->words[at], 'x', sizeof(s->words[at]) - 1);
    else if (s->count < SENTENCE_WORDS_MAX)
        text_copy(s->words[s->count++], sizeof(s->words[0]), "x");
}

void
sentence_put(const struct sentence *s, const char *prefix, struct buf *out)
{
    buf_printf(out, "%s", prefix);
    for (unsigned i = 0; i < s->count; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : " ", s->words[i]);
}

static const struct cli_pattern *
door_to(const struct cli_language *language, const struct cli_mode *mode)
{
    for (size_t i = 0; i < language->count; i++)
        for (size_t p = 0; p < language->modes[i].count; p++) {
            const struct cli_pattern *pattern = &language->modes[i].patterns[p];

            if (pattern->row->kind == CLI_SECTION && pattern->row->mode == mode)
                return pattern;
        }
    return NULL;
}

bool
sentence_put_way(const struct cli_language *language,
                 const struct cli_mode *mode, struct dice *dice,
                 struct buf *out, unsigned *depth)
{
    const struct cli_pattern *door;
    struct sentence s;
    char blanks[CLI_DEPTH_MAX + 1] = "";

    *depth = 0;
    if (mode == language->modes[1].mode)
        return true;
    door = door_to(language, mode);
    if (door == NULL ||
        !sentence_put_way(language, mode->parent, dice, out, depth))
        return false;
    sentence_make(&s, door, dice);
    memset(blanks, ' ', *depth);
    /* A range of lines must not run backwards. */
    if (door->row->entries == CLI_ENTRY_RANGES)
        s.count = door->keywords + 1;
    sentence_put(&s, blanks, out);
    buf_put_u8(out, '\n');
    (*depth)++;
    return true;
}
