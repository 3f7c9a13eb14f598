#include "control/line_target.h"

#include <string.h>

#include "base/text.h"
#include "config/aaa.h"
#include "config/line_number.h"
#include "config/tty.h"

#define ROTARY     "rotary"
#define ROTARY_MAX 127

struct span
line_target_split(struct span name, struct line_target *target)
{
    struct line_target found = {.kind = LINE_TARGET_LINE};
    uint64_t max = CONFIG_LINE_NUMBER_MAX, number;
    struct span digits;
    size_t at = name.len;

    while (at > 0 && name.ptr[at - 1] != ':')
        at--;
    if (at == 0)
        return name;
    digits = span_of(name.ptr + at, name.len - at);
    if (digits.len > strlen(ROTARY) &&
        memcmp(digits.ptr, ROTARY, strlen(ROTARY)) == 0) {
        digits =
            span_of(digits.ptr + strlen(ROTARY), digits.len - strlen(ROTARY));
        found.kind = LINE_TARGET_ROTARY;
        max = ROTARY_MAX;
    }
    if (text_number(digits, max, &number) != OK)
        return name;
    found.number = (uint32_t)number;
    *target = found;
    return span_of(name.ptr, at - 1);
}

const struct config_tty *
line_target_tty(const struct config *config, uint32_t line)
{
    struct config_line_id id;

    if (!config_line_at(config, line, &id))
        return NULL;
    if (id.kind == CONFIG_LINE_TTY)
        return config_tty_line(config, id.number);
    return id.kind == CONFIG_LINE_AUX ? config_aux_line(config) : NULL;
}

static uint32_t
next_of_group(const struct config *config, uint32_t group, uint32_t after)
{
    const struct config_list *ranges = &config->ttys.list;
    const struct config_tty *aux = config_aux_line(config);
    uint32_t number = config_line_number(
        config, (struct config_line_id){.kind = CONFIG_LINE_AUX});

    for (size_t i = config_range_index(ranges, after + 1); i < ranges->count;
         i++) {
        const struct config_tty_range *range = ranges->items[i];

        if (range->tty.rotary == group)
            return range->first > after ? range->first : after + 1;
    }
    return aux != NULL && aux->rotary == group && number > after ? number : 0;
}

uint32_t
line_target_next(const struct config *config, const struct line_target *target,
                 uint32_t after)
{
    switch (target->kind) {
    case LINE_TARGET_LINE:
        return after < target->number &&
                       line_target_tty(config, target->number) != NULL
                   ? target->number
                   : 0;
    case LINE_TARGET_ROTARY:
        return target->number == 0
                   ? 0
                   : next_of_group(config, target->number, after);
    default:
        return 0;
    }
}

const struct config_line *
line_target_login(const struct config *config, const struct line_target *target)
{
    uint32_t line = line_target_next(config, target, 0);
    const struct config_tty *tty =
        line == 0 ? NULL : line_target_tty(config, line);
    bool says = false;

    if (tty == NULL)
        return NULL;
    says = config->aaa.new_model
               ? config_line_methods(&tty->line, CONFIG_AAA_LOGIN, 0) != NULL
               : tty->line.login != CONFIG_LOGIN_DEFAULT;
    return says ? &tty->line : NULL;
}
