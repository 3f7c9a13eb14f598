/*
 * Structures of settings that describe themselves.
 *
 * A structure's fields are one list of lines FIELD(KIND, name, argument),
 * from which the C structure, its defaults, its copying, comparing and wiping
 * all follow: a new setting is one line in config.h and nothing else.
 *
 *   KIND     C type of the field             argument
 *   NUMBER   uint32_t                        default
 *   FLAG     bool                            default
 *   CHOICE   uint8_t, 1 = first word, 0 none default
 *   TEXT     char *, owned, NULL = unset     default text or NULL
 *   SECRET   struct config_secret            NULL
 *   ADDRESS  struct config_address           0
 *   LIST     struct config_list of entries   structure of an entry, no "struct"
 *   STRUCT   a structure embedded            its name, no "struct"
 */
#ifndef CONFIG_FIELD_H
#define CONFIG_FIELD_H

#include "config/address.h"

/* A text that is wiped when it goes. Compare it with crypto_equal(). */
struct config_secret {
    char *text; /* owned, NULL = unset */
};

/* Entries of one structure, each of its own memory, in order. */
struct config_list {
    void **items; /* owned */
    size_t count;
    struct config_index *index; /* list.c's; NULL: nobody has looked so far */
};

enum config_kind {
    CONFIG_END, /* closes a table of fields */
    CONFIG_NUMBER,
    CONFIG_FLAG,
    CONFIG_CHOICE,
    CONFIG_TEXT,
    CONFIG_SECRET,
    CONFIG_ADDRESS,
    CONFIG_LIST,
    CONFIG_STRUCT,
};

struct config_field {
    enum config_kind kind;
    size_t offset;                  /* bytes, in the structure */
    uint32_t number;                /* default of NUMBER, FLAG, CHOICE */
    const char *text;               /* default of TEXT */
    const struct config_type *type; /* of LIST and STRUCT */
};

struct config_type {
    size_t size; /* bytes of the structure */
    const struct config_field *fields;
};

#define CONFIG_MEMBER_NUMBER(name, arg)  uint32_t name;
#define CONFIG_MEMBER_FLAG(name, arg)    bool name;
#define CONFIG_MEMBER_CHOICE(name, arg)  uint8_t name;
#define CONFIG_MEMBER_TEXT(name, arg)    char *name;
#define CONFIG_MEMBER_SECRET(name, arg)  struct config_secret name;
#define CONFIG_MEMBER_ADDRESS(name, arg) struct config_address name;
/* `item` is never read: it tells the compiler the structure of an entry. */
#define CONFIG_MEMBER_LIST(name, arg) \
    union {                           \
        struct config_list list;      \
        struct arg *item;             \
    } name;
#define CONFIG_MEMBER_STRUCT(name, arg) struct arg name;
#define CONFIG_MEMBER(kind, name, arg)  CONFIG_MEMBER_##kind(name, arg)

/* All fields at their defaults; lists empty. `to` is raw memory. */
void config_type_init(const struct config_type *type, void *to);
/* Free what the fields own, secrets wiped; then as raw memory. */
void config_type_clear(const struct config_type *type, void *fields);
/* A deep copy into raw memory. */
void config_type_copy(const struct config_type *type, void *to,
                      const void *from);
bool config_type_equal(const struct config_type *type, const void *a,
                       const void *b);
/* The field at `offset`, also inside embedded structures; NULL if none. */
const struct config_field *config_type_field(const struct config_type *type,
                                             size_t offset);

/* Replace a text by a copy of `to` (NULL: unset). */
void config_text_set(char **text, const char *to);
/* The same, the old one wiped. */
void config_secret_set(struct config_secret *secret, const char *to);

/*
 * A new entry at its defaults at place `at` (0 .. count); the list owns it,
 * the pointer is good until that entry is removed.
 */
void *config_list_insert(struct config_list *list,
                         const struct config_type *type, size_t at);
/* The same at the end. */
void *config_list_append(struct config_list *list,
                         const struct config_type *type);
/*
 * The place of the entry that `matches`, or the number of entries, by an index
 * that is made by the first call and kept: `hash` of an entry must not change
 * while it is in the list. `how` says what is hashed; `wanted_hash` is that of
 * the entry which is looked for.
 */
typedef uint64_t (*config_hash_fn)(uintptr_t how, const void *item);
typedef bool (*config_match_fn)(const void *wanted, const void *item);
size_t config_list_find(struct config_list *list, config_hash_fn hash,
                        uintptr_t how, uint64_t wanted_hash,
                        config_match_fn matches, const void *wanted);
void config_list_remove(struct config_list *list,
                        const struct config_type *type, size_t at);
void config_list_clear(struct config_list *list,
                       const struct config_type *type);

#endif
