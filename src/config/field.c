#include "config/field.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"

/*
 * Where a field lies. A structure's descriptor and its members come from one
 * list (field.h), so the type behind the pointer is what the kind says.
 */
static void *
field_at(const struct config_field *field, void *fields)
{
    return (char *)fields + field->offset;
}

static const void *
field_of(const struct config_field *field, const void *fields)
{
    return (const char *)fields + field->offset;
}

static void
field_init(const struct config_field *field, void *at)
{
    switch (field->kind) {
    case CONFIG_NUMBER:
        *(uint32_t *)at = field->number;
        break;
    case CONFIG_FLAG:
        *(bool *)at = field->number != 0;
        break;
    case CONFIG_CHOICE:
        *(uint8_t *)at = (uint8_t)field->number;
        break;
    case CONFIG_TEXT:
        *(char **)at = field->text == NULL ? NULL : text_dup(field->text);
        break;
    case CONFIG_SECRET:
        *(struct config_secret *)at = (struct config_secret){NULL};
        break;
    case CONFIG_ADDRESS:
        *(struct config_address *)at = (struct config_address){0};
        break;
    case CONFIG_LIST:
        *(struct config_list *)at = (struct config_list){NULL, 0};
        break;
    case CONFIG_STRUCT:
        config_type_init(field->type, at);
        break;
    case CONFIG_END:
        break;
    }
}

void
config_type_init(const struct config_type *type, void *to)
{
    memset(to, 0, type->size);
    for (const struct config_field *f = type->fields; f->kind != CONFIG_END;
         f++)
        field_init(f, field_at(f, to));
}

static void
field_clear(const struct config_field *field, void *at)
{
    switch (field->kind) {
    case CONFIG_TEXT:
        config_text_set(at, NULL);
        break;
    case CONFIG_SECRET:
        config_secret_set(at, NULL);
        break;
    case CONFIG_LIST:
        config_list_clear(at, field->type);
        break;
    case CONFIG_STRUCT:
        config_type_clear(field->type, at);
        break;
    default:
        break;
    }
}

void
config_type_clear(const struct config_type *type, void *fields)
{
    for (const struct config_field *f = type->fields; f->kind != CONFIG_END;
         f++)
        field_clear(f, field_at(f, fields));
}

static void
list_copy(const struct config_type *type, struct config_list *to,
          const struct config_list *from)
{
    to->count = from->count;
    to->items = NULL;
    to->index = NULL;
    if (from->count == 0)
        return;
    to->items = alloc_zero(from->count, sizeof(*to->items));
    for (size_t i = 0; i < from->count; i++) {
        to->items[i] = alloc_zero(1, type->size);
        config_type_copy(type, to->items[i], from->items[i]);
    }
}

static void
field_copy(const struct config_field *field, void *to, const void *from)
{
    switch (field->kind) {
    case CONFIG_NUMBER:
        *(uint32_t *)to = *(const uint32_t *)from;
        break;
    case CONFIG_FLAG:
        *(bool *)to = *(const bool *)from;
        break;
    case CONFIG_CHOICE:
        *(uint8_t *)to = *(const uint8_t *)from;
        break;
    case CONFIG_TEXT:
        config_text_set(to, *(char *const *)from);
        break;
    case CONFIG_SECRET:
        config_secret_set(to, ((const struct config_secret *)from)->text);
        break;
    case CONFIG_ADDRESS:
        *(struct config_address *)to = *(const struct config_address *)from;
        break;
    case CONFIG_LIST:
        list_copy(field->type, to, from);
        break;
    case CONFIG_STRUCT:
        config_type_copy(field->type, to, from);
        break;
    case CONFIG_END:
        break;
    }
}

void
config_type_copy(const struct config_type *type, void *to, const void *from)
{
    memset(to, 0, type->size);
    for (const struct config_field *f = type->fields; f->kind != CONFIG_END;
         f++)
        field_copy(f, field_at(f, to), field_of(f, from));
}

static bool
text_equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
list_equal(const struct config_type *type, const struct config_list *a,
           const struct config_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!config_type_equal(type, a->items[i], b->items[i]))
            return false;
    return true;
}

static bool
field_equal(const struct config_field *field, const void *a, const void *b)
{
    switch (field->kind) {
    case CONFIG_NUMBER:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case CONFIG_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case CONFIG_CHOICE:
        return *(const uint8_t *)a == *(const uint8_t *)b;
    case CONFIG_TEXT:
        return text_equal(*(char *const *)a, *(char *const *)b);
    case CONFIG_SECRET:
        return text_equal(((const struct config_secret *)a)->text,
                          ((const struct config_secret *)b)->text);
    case CONFIG_ADDRESS:
        return config_address_equal(a, b);
    case CONFIG_LIST:
        return list_equal(field->type, a, b);
    case CONFIG_STRUCT:
        return config_type_equal(field->type, a, b);
    case CONFIG_END:
        break;
    }
    return true;
}

bool
config_type_equal(const struct config_type *type, const void *a, const void *b)
{
    for (const struct config_field *f = type->fields; f->kind != CONFIG_END;
         f++)
        if (!field_equal(f, field_of(f, a), field_of(f, b)))
            return false;
    return true;
}

const struct config_field *
config_type_field(const struct config_type *type, size_t offset)
{
    for (const struct config_field *f = type->fields; f->kind != CONFIG_END;
         f++) {
        if (f->kind == CONFIG_STRUCT) {
            if (offset >= f->offset && offset - f->offset < f->type->size)
                return config_type_field(f->type, offset - f->offset);
        } else if (f->offset == offset) {
            return f;
        }
    }
    return NULL;
}

void
config_text_set(char **text, const char *to)
{
    char *copy = to == NULL ? NULL : text_dup(to);

    free(*text);
    *text = copy;
}

void
config_secret_set(struct config_secret *secret, const char *to)
{
    char *copy = to == NULL ? NULL : text_dup(to);

    if (secret->text != NULL)
        wipe(secret->text, strlen(secret->text));
    free(secret->text);
    secret->text = copy;
}
