#include "config/aaa.h"

/* In the order of enum config_method_kind. */
static const char *const words[] = {
    "group",      "enable", "if-authenticated", "line", "local",
    "local-case", "none",
};

/* --- methods ------------------------------------------------------------ */

static struct span
next_word(struct span *rest)
{
    size_t length = 0;
    struct span word;

    while (rest->len > 0 && *rest->ptr == ' ')
        *rest = span_of(rest->ptr + 1, rest->len - 1);
    while (length < rest->len && rest->ptr[length] != ' ')
        length++;
    word = span_of(rest->ptr, length);
    *rest = span_of(rest->ptr + length, rest->len - length);
    return word;
}

bool
config_method_next(struct span *rest, struct config_method *method)
{
    struct span word = next_word(rest);

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (word.len == 0 || !span_is(word, words[i]))
            continue;
        method->kind = (enum config_method_kind)i;
        method->group = SPAN_EMPTY;
        if (method->kind == CONFIG_METHOD_GROUP)
            method->group = next_word(rest);
        return true;
    }
    return false;
}

/* --- lists -------------------------------------------------------------- */

/* Where it is, or where it belongs: behind those of the same use and level. */
static size_t
methods_at(const struct config_list *list, enum config_aaa_use use,
           uint32_t level, const char *name, bool *found)
{
    size_t i = 0;

    *found = false;
    for (; i < list->count; i++) {
        const struct config_methods *m = list->items[i];

        if (m->use > use || (m->use == use && m->level > level))
            break;
        *found =
            m->use == use && m->level == level && strcmp(m->name, name) == 0;
        if (*found)
            break;
    }
    return i;
}

struct config_methods *
config_methods_find(const struct config *config, enum config_aaa_use use,
                    uint32_t level, const char *name)
{
    const struct config_list *list = &config->aaa.methods.list;
    bool found;
    size_t i = methods_at(list, use, level, name, &found);

    return found ? list->items[i] : NULL;
}

struct config_methods *
config_methods_make(struct config *config, enum config_aaa_use use,
                    uint32_t level, const char *name)
{
    struct config_list *list = &config->aaa.methods.list;
    struct config_methods *made;
    bool found;
    size_t i = methods_at(list, use, level, name, &found);

    if (found)
        return list->items[i];
    made = config_list_insert(list, &config_methods_type, i);
    made->use = (uint8_t)use;
    made->level = level;
    config_text_set(&made->name, name);
    return made;
}

void
config_methods_remove(struct config *config, enum config_aaa_use use,
                      uint32_t level, const char *name)
{
    struct config_list *list = &config->aaa.methods.list;
    bool found;
    size_t i = methods_at(list, use, level, name, &found);

    if (found)
        config_list_remove(list, &config_methods_type, i);
}

/* --- lines -------------------------------------------------------------- */

/* Where it is, or where it belongs. */
static size_t
named_at(const struct config_list *list, enum config_aaa_use use,
         uint32_t level, bool *found)
{
    size_t i = 0;

    *found = false;
    for (; i < list->count; i++) {
        const struct config_line_methods *m = list->items[i];

        *found = m->use == use && m->level == level;
        if (*found || m->use > use || (m->use == use && m->level > level))
            break;
    }
    return i;
}

const char *
config_line_methods(const struct config_line *line, enum config_aaa_use use,
                    uint32_t level)
{
    bool found;
    size_t i = named_at(&line->methods.list, use, level, &found);
    const struct config_line_methods *m =
        found ? line->methods.list.items[i] : NULL;

    return m == NULL ? NULL : m->name;
}

void
config_line_set_methods(struct config_line *line, enum config_aaa_use use,
                        uint32_t level, const char *name)
{
    struct config_list *list = &line->methods.list;
    struct config_line_methods *m;
    bool found;
    size_t i = named_at(list, use, level, &found);

    if (name == NULL) {
        if (found)
            config_list_remove(list, &config_line_methods_type, i);
        return;
    }
    m = found ? list->items[i]
              : config_list_insert(list, &config_line_methods_type, i);
    m->use = (uint8_t)use;
    m->level = level;
    config_text_set(&m->name, name);
}

const struct config_methods *
config_methods_for(const struct config *config, const struct config_line *line,
                   enum config_aaa_use use, uint32_t level)
{
    const char *name = config_line_methods(line, use, level);
    const struct config_methods *named = NULL;

    if (name != NULL)
        named = config_methods_find(config, use, level, name);
    return named != NULL
               ? named
               : config_methods_find(config, use, level, CONFIG_AAA_DEFAULT);
}
