/*
 * What a row of the command language is.
 *
 * SYNTAX. One string is the pattern that is parsed, the source of help and
 * completion, and the template that is printed:
 *
 *   word         keyword, any unambiguous prefix of it, in any case
 *   <1-120>      number; <1-99,1300-1999> several ranges; <-23-23> is a
 *                number whose int32_t may be below zero
 *   hh:mm:ss     time of day, hh:mm without seconds, hhh:mm up to 999 hours;
 *                its number is in seconds (EXEC and SHOW rows only)
 *   WORD         one word, at most CLI_WORD_MAX bytes
 *   LINE         the rest of the line, inner and trailing blanks kept
 *   A.B.C.D      IPv4 address
 *   X:X::X       IPv6 address
 *   X:X:X:X::X/<0-128>
 *                IPv6 address and length; kept as text, in a TEXT field
 *   CHOICE       one of the words that .choices gives
 *   CHOICE...    one or more of them, none twice (only as the last token)
 *   {a|b}        one of them; an alternative may be several tokens
 *   [x], [a|b]   the same, or nothing
 *   [x]!         optional when typed, always written
 *   [a|b]...     any of them, each at most once, in any order; {a|b}... at
 *                least one; written in the order of the syntax
 *   token:name   the name by which a function asks for the value (cli.h);
 *                a keyword's name is the keyword itself, and a colon at its
 *                end is a part of it: `nvram:`
 *
 * A row begins with a keyword; a SET_BY row may have one optional group before
 * it, `[<1-99>:sequence] permit ...`, which names the entry behind `no`.
 *
 * An exact word wins over a longer one, keywords over numbers and addresses,
 * those over WORD, WORD over LINE. Of keywords that begin alike, those of
 * hidden rows count only when no other begins so.
 *
 * HELP. One text for each token a row adds, in the order of the syntax: the
 * words that GROUP rows of the same mode explain add nothing. CHOICE needs a
 * text as well (it stands where a provider's word has none).
 *
 * VALUES. A bound row names a field for each value, in this order: each
 * value token; each choice with more than one alternative, where its bracket
 * opens (CHOICE, 1 = first alternative; a NUMBER field when all alternatives
 * are numbers: `{0|7}`); each `[word]`, and each single word of a group in any
 * order (FLAG; such a group is no choice). The compiler checks the type
 * of the field. The default in the row must be the one in config.h:
 * cli_language_new() compares. Where a row without fields is written, its
 * number (`line con <0-0>`) is the lowest.
 *
 * `no` and `default` restore defaults or remove LIST and SECTION entries.
 * What follows the first value of a setting (the keys of an entry) may be
 * left out behind `no`, and what follows them is not looked at.
 *
 * OPTIONS of a row are further members, behind the braceless form:
 *
 *   {ROW_SET_NUMBER("ip ssh timeout <1-120>", ssh.timeout, 120, "Time-out",
 *                   "Seconds"), .alias = true},
 */
#ifndef CLI_ROW_H
#define CLI_ROW_H

#include "base/buf.h"
#include "config/range.h"

#define CLI_WORD_MAX    255 /* bytes of a WORD */
#define CLI_REFUSAL_MAX 256 /* bytes of a refusal's text, NUL included */

struct command;   /* of the program that runs EXEC rows */
struct cli_match; /* cli.h */
struct cli_mode;
struct cli_writer; /* running.c */

enum cli_kind {
    CLI_END,     /* closes a table */
    CLI_GROUP,   /* explains words */
    CLI_EXEC,    /* a function */
    CLI_SHOW,    /* a function that only shows: output filters apply */
    CLI_SET,     /* one or more values in fixed places */
    CLI_SET_BY,  /* a setting with functions of its own */
    CLI_LIST,    /* a line that may repeat; one entry for each key */
    CLI_SECTION, /* a mode with rows of its own */
    CLI_LEAVE,   /* `exit`, `end`: to the parent mode, or to EXEC */
    CLI_PREFIX,  /* the engine's own `no`, `default`, `do` */
    CLI_FILTER,  /* the engine's own: behind the bar of a SHOW row's line */
};

/* Where one value of a row lives. */
struct cli_bind {
    enum config_kind kind; /* CONFIG_END closes the array */
    size_t offset;         /* in the row's structure, or in its entry */
    uint32_t number;       /* default */
    const char *text;      /* default of a text */
};

/* A word that .choices offers. */
struct cli_word {
    const char *word; /* NULL closes the array */
    const char *help; /* NULL: the token's text */
    bool opt_in;      /* not in the default list */
};

/* A setting that was just parsed; see .check, .set, .changed. */
struct cli_change {
    struct cli_match *match; /* values, `no`, `default`; .check may alter */
    struct config *config;
    void *section;      /* the structure of the row's mode (CLI_BASE) */
    const void *entry;  /* LIST, SECTION: the entry as it is now, or NULL */
    const char *before; /* .changed: its lines before and after, as the */
    const char *after;  /*   running configuration writes them; "" none */
    void *owner;        /* as given to cli_apply() or cli_load() */
    char refusal[CLI_REFUSAL_MAX]; /* room for a text to return */
};

/*
 * Look at (or replace, by cli_replace_*()) the values before they are stored.
 * NULL: go on. Else nothing is changed and the text is shown to the user as
 * it is, lines joined by LF; "" refuses silently.
 */
typedef const char *(*cli_check_fn)(struct cli_change *change);
/*
 * From a .check while a text is loaded in turns: nothing was changed, and the
 * line has to come again (cli_load_waits() in cli.h).
 */
extern const char cli_later[];
/* SET_BY: store the value, or with match->negated or ->defaulted remove it. */
typedef const char *(*cli_set_fn)(struct cli_change *change);
/* After every accepted change, also one that changed no value. */
typedef void (*cli_changed_fn)(const struct cli_change *change);
/* SET_BY: the lines that set the value again, by cli_write_line(). */
typedef void (*cli_write_fn)(struct cli_writer *writer, const void *section,
                             bool all);
/*
 * For values of several lines. `text` is what was given so far: the LINE
 * argument ("" if none), then every further line, each behind an LF. True:
 * another line belongs to it. The finished text is cli_lines(match).
 */
typedef bool (*cli_more_fn)(const struct cli_match *match, const char *text);

struct cli_row {
    enum cli_kind kind;
    const char *syntax;
    const char *const *help; /* NULL closes the array */
    uint8_t privilege;       /* the row does not exist below it */

    /* Settings. */
    size_t base;                  /* sizeof(CLI_BASE) */
    const struct cli_bind *binds; /* NULL: unbound */
    size_t offset;                /* LIST, SECTION: of the list or structure */
    const struct config_type *type; /* of an entry; NULL: plain section */
    unsigned keys;                  /* how many first values name the entry */
    enum cli_entries {
        CLI_ENTRY_ONE,    /* SECTION_OF: one embedded structure */
        CLI_ENTRY_UNIQUE, /* same keys: the same entry */
        CLI_ENTRY_RANGES, /* of numbered lines; .ranges says which */
    } entries;
    const struct config_range_kind *ranges;
    size_t inner; /* where the section's structure lies in an entry */
    const struct cli_mode *mode; /* SECTION: entered by the row */
    cli_set_fn set;
    cli_write_fn write;

    /*
     * Commands. A setting may have it as well, to do something first that
     * takes time (ask, hash a secret); it then calls cli_apply() itself.
     * cli_load() does not look at it.
     */
    void (*run)(struct command *cmd);
    bool to_exec; /* CLI_LEAVE: all the way */

    /* Options. */
    cli_check_fn check;
    cli_changed_fn changed;
    cli_more_fn wants_more;
    const struct cli_word *(*choices)(void); /* words of CHOICE */
    /* Refusal when `no` would remove the last CHOICE, a permanent vty. */
    const char *none_left;
    const char *closing; /* SECTION: a line behind its own, "quit" */
    uint8_t indent;      /* SECTION: blanks before its lines, 0 means 1 */
    bool separated;      /* SECTION, LIST: a `!` behind each entry */
    bool hidden;         /* no help, no completion */
    bool unwritten;      /* another row prints the value */
    bool alias;          /* both */
    bool always;         /* written also when it is the default */
    bool secret;         /* the last value is one (SET_BY, EXEC) */
    const char *secrets; /* the same of values by name: "key,password" */
    bool json;           /* SHOW: `| json` is offered; .run looks for it */
};

/* Another name for an EXEC command; for its first words. */
struct cli_alias {
    const char *name; /* NULL closes the array */
    const char *command;
};

/* A mode of the language; the table of them is the commands' own. */
struct cli_mode {
    const char *name;    /* "exec", "config", "config-line" */
    const char *prompt;  /* behind the host name: "", "(config)" */
    const char *heading; /* "Exec commands:", of `?` on an empty line */
    const struct cli_mode *parent; /* where `exit` leads; NULL: EXEC itself */
    /* NULL-terminated, each closed by ROWS_END; written in this order. */
    const struct cli_row *const *tables;
    /* EXEC: those that are built in; NULL: none. Each counts while there is
       such a command. */
    const struct cli_alias *aliases;
};

/*
 * The structure that rows bind to: struct config in global configuration. A
 * table for a section's mode stands behind its own definition:
 *   #undef CLI_BASE
 *   #define CLI_BASE struct config_line
 */
#define CLI_BASE struct config

/* 0, if `field` of `type` has that C type; else it does not compile. */
#define CLI_SAME(type, field, c_type)                            \
    (0 * sizeof(char[__builtin_types_compatible_p(               \
                         __typeof__(((type *)0)->field), c_type) \
                         ? 1                                     \
                         : -1]))
#define CLI_OFFSET(type, field, c_type) \
    (offsetof(type, field) + CLI_SAME(type, field, c_type))
#define CLI_HELP(...)             \
    .help = (const char *const[]) \
    {                             \
        __VA_ARGS__, NULL         \
    }

/* Values of rows with several; `type` is the structure that has the field. */
#define BINDS(...) \
    ((const struct cli_bind[]){__VA_ARGS__, {.kind = CONFIG_END}})
#define BIND_NUMBER(type, field, fallback)                                 \
    {                                                                      \
        CONFIG_NUMBER, CLI_OFFSET(type, field, uint32_t), (fallback), NULL \
    }
#define BIND_FLAG(type, field, fallback)                             \
    {                                                                \
        CONFIG_FLAG, CLI_OFFSET(type, field, bool), (fallback), NULL \
    }
#define BIND_CHOICE(type, field, fallback)                                \
    {                                                                     \
        CONFIG_CHOICE, CLI_OFFSET(type, field, uint8_t), (fallback), NULL \
    }
#define BIND_TEXT(type, field, fallback)                            \
    {                                                               \
        CONFIG_TEXT, CLI_OFFSET(type, field, char *), 0, (fallback) \
    }
#define BIND_SECRET(type, field)                                              \
    {                                                                         \
        CONFIG_SECRET, CLI_OFFSET(type, field, struct config_secret), 0, NULL \
    }
#define BIND_ADDRESS(type, field)                                          \
    {                                                                      \
        CONFIG_ADDRESS, CLI_OFFSET(type, field, struct config_address), 0, \
            NULL                                                           \
    }

#define ROW_SET(syntax_, binds_, ...)                             \
    .kind = CLI_SET, .syntax = syntax_, .base = sizeof(CLI_BASE), \
    .binds = binds_, CLI_HELP(__VA_ARGS__)
#define ROW_SET_NUMBER(syntax_, field, fallback, ...) \
    ROW_SET(syntax_, BINDS(BIND_NUMBER(CLI_BASE, field, fallback)), __VA_ARGS__)
/* No value in the syntax; `no` before it is off. */
#define ROW_SET_FLAG(syntax_, field, fallback, ...) \
    ROW_SET(syntax_, BINDS(BIND_FLAG(CLI_BASE, field, fallback)), __VA_ARGS__)
#define ROW_SET_CHOICE(syntax_, field, fallback, ...) \
    ROW_SET(syntax_, BINDS(BIND_CHOICE(CLI_BASE, field, fallback)), __VA_ARGS__)
#define ROW_SET_TEXT(syntax_, field, fallback, ...) \
    ROW_SET(syntax_, BINDS(BIND_TEXT(CLI_BASE, field, fallback)), __VA_ARGS__)
#define ROW_SET_ADDRESS(syntax_, field, ...) \
    ROW_SET(syntax_, BINDS(BIND_ADDRESS(CLI_BASE, field)), __VA_ARGS__)
#define ROW_SET_SECRET(syntax_, field, ...) \
    ROW_SET(syntax_, BINDS(BIND_SECRET(CLI_BASE, field)), __VA_ARGS__)
/*
 * A list of names in order, `... CHOICE...`; the field holds them separated
 * by commas, NULL when they are the default list: all of `provider`'s words,
 * in its order, but those that are opt_in. `no` with names removes these.
 */
#define ROW_SET_NAMES(syntax_, field, provider, ...)                        \
    ROW_SET(syntax_, BINDS(BIND_TEXT(CLI_BASE, field, NULL)), __VA_ARGS__), \
        .choices = provider

#define SET(...)             \
    {                        \
        ROW_SET(__VA_ARGS__) \
    }
#define SET_NUMBER(...)             \
    {                               \
        ROW_SET_NUMBER(__VA_ARGS__) \
    }
#define SET_FLAG(...)             \
    {                             \
        ROW_SET_FLAG(__VA_ARGS__) \
    }
#define SET_CHOICE(...)             \
    {                               \
        ROW_SET_CHOICE(__VA_ARGS__) \
    }
#define SET_TEXT(...)             \
    {                             \
        ROW_SET_TEXT(__VA_ARGS__) \
    }
#define SET_ADDRESS(...)             \
    {                                \
        ROW_SET_ADDRESS(__VA_ARGS__) \
    }
#define SET_SECRET(...)             \
    {                               \
        ROW_SET_SECRET(__VA_ARGS__) \
    }
#define SET_NAMES(...)             \
    {                              \
        ROW_SET_NAMES(__VA_ARGS__) \
    }

/* Both functions, or it does not compile. */
#define ROW_SET_BY(syntax_, set_, write_, ...)                       \
    .kind = CLI_SET_BY, .syntax = syntax_, .base = sizeof(CLI_BASE), \
    .set = set_, .write = write_,                                    \
    .offset = CLI_FUNCTION(set_) + CLI_FUNCTION(write_), CLI_HELP(__VA_ARGS__)
#define SET_BY(...)             \
    {                           \
        ROW_SET_BY(__VA_ARGS__) \
    }
/* 0 for a function; a negative array size for NULL. */
#define CLI_FUNCTION(f) \
    (0 *                \
     sizeof(            \
         char[__builtin_types_compatible_p(__typeof__(f), void *) ? -1 : 1]))

/*
 * LIST(syntax, list field of CLI_BASE, entry structure without "struct",
 * number of keys, BINDS(...), help...). An entry is made by the first line
 * with its keys; a later line changes what it gives and leaves the rest.
 */
#define CLI_LIST_OFFSET(field, entry) \
    CLI_OFFSET(CLI_BASE, field.item, struct entry *)
#define CLI_LIST_OF(kind_, syntax_, field, entry, keys_, binds_) \
    .kind = kind_, .syntax = syntax_, .base = sizeof(CLI_BASE),  \
    .binds = binds_, .offset = CLI_LIST_OFFSET(field, entry),    \
    .type = &entry##_type, .keys = keys_
#define ROW_LIST(syntax_, field, entry, keys_, binds_, ...)      \
    CLI_LIST_OF(CLI_LIST, syntax_, field, entry, keys_, binds_), \
        .entries = CLI_ENTRY_UNIQUE, CLI_HELP(__VA_ARGS__)
#define LIST(...)             \
    {                         \
        ROW_LIST(__VA_ARGS__) \
    }
/* A mode for rows of the same structure: `ip ssh pubkey-chain`. */
#define ROW_SECTION(syntax_, mode_, ...)                              \
    .kind = CLI_SECTION, .syntax = syntax_, .base = sizeof(CLI_BASE), \
    .mode = mode_, CLI_HELP(__VA_ARGS__)
#define SECTION(...)             \
    {                            \
        ROW_SECTION(__VA_ARGS__) \
    }
/* A mode for one embedded structure: `line con 0`. */
#define ROW_SECTION_OF(syntax_, field, entry, mode_, ...)             \
    .kind = CLI_SECTION, .syntax = syntax_, .base = sizeof(CLI_BASE), \
    .offset = CLI_OFFSET(CLI_BASE, field, struct entry),              \
    .type = &entry##_type, .entries = CLI_ENTRY_ONE, .mode = mode_,   \
    CLI_HELP(__VA_ARGS__)
#define SECTION_OF(...)             \
    {                               \
        ROW_SECTION_OF(__VA_ARGS__) \
    }
/* A mode for each entry of a list; all values of the syntax are its keys. */
#define ROW_SECTION_LIST(syntax_, field, entry, keys_, binds_, mode_, ...) \
    CLI_LIST_OF(CLI_SECTION, syntax_, field, entry, keys_, binds_),        \
        .entries = CLI_ENTRY_UNIQUE, .mode = mode_, CLI_HELP(__VA_ARGS__)
#define SECTION_LIST(...)             \
    {                                 \
        ROW_SECTION_LIST(__VA_ARGS__) \
    }
/*
 * Numbered lines, kept as ranges of a kind of config/range.h: `line vty
 * <0-9999> [<0-9999>]`. With one key, there is one line at most.
 */
#define CLI_RANGES(kind_, mode_, inner_) \
    .entries = CLI_ENTRY_RANGES, .ranges = kind_, .mode = mode_, .inner = inner_
#define CLI_RANGE_KEYS(entry)                  \
    BINDS(BIND_NUMBER(struct entry, first, 0), \
          BIND_NUMBER(struct entry, last, 0))
#define ROW_SECTION_VTYS(syntax_, mode_, ...)              \
    CLI_LIST_OF(CLI_SECTION, syntax_, vtys, config_vty, 2, \
                CLI_RANGE_KEYS(config_vty)),               \
        CLI_RANGES(&config_vty_ranges, mode_,              \
                   offsetof(struct config_vty, line)),     \
        CLI_HELP(__VA_ARGS__)
#define ROW_SECTION_TTYS(syntax_, mode_, ...)                    \
    CLI_LIST_OF(CLI_SECTION, syntax_, ttys, config_tty_range, 2, \
                CLI_RANGE_KEYS(config_tty_range)),               \
        CLI_RANGES(&config_tty_ranges, mode_,                    \
                   offsetof(struct config_tty_range, tty)),      \
        CLI_HELP(__VA_ARGS__)
#define ROW_SECTION_AUX(syntax_, mode_, ...)                            \
    CLI_LIST_OF(CLI_SECTION, syntax_, aux, config_tty_range, 1,         \
                BINDS(BIND_NUMBER(struct config_tty_range, first, 0))), \
        CLI_RANGES(&config_aux_ranges, mode_,                           \
                   offsetof(struct config_tty_range, tty)),             \
        CLI_HELP(__VA_ARGS__)

/* Texts for words that several rows begin with; the last word(s) of it. */
#define GROUP(syntax_, ...)                                         \
    {                                                               \
        .kind = CLI_GROUP, .syntax = syntax_, CLI_HELP(__VA_ARGS__) \
    }

#define ROW_EXEC(syntax_, privilege_, run_, ...)                               \
    .kind = CLI_EXEC, .syntax = syntax_, .privilege = privilege_, .run = run_, \
    CLI_HELP(__VA_ARGS__)
#define EXEC(...)             \
    {                         \
        ROW_EXEC(__VA_ARGS__) \
    }
#define ROW_SHOW(syntax_, privilege_, run_, ...)                               \
    .kind = CLI_SHOW, .syntax = syntax_, .privilege = privilege_, .run = run_, \
    CLI_HELP(__VA_ARGS__)
#define SHOW(...)             \
    {                         \
        ROW_SHOW(__VA_ARGS__) \
    }

/* `exit` of a configuration mode: to its parent. */
#define LEAVE(syntax_, ...)                                         \
    {                                                               \
        .kind = CLI_LEAVE, .syntax = syntax_, CLI_HELP(__VA_ARGS__) \
    }
/* `end`: to EXEC. */
#define LEAVE_ALL(syntax_, ...)                                \
    {                                                          \
        .kind = CLI_LEAVE, .syntax = syntax_, .to_exec = true, \
        CLI_HELP(__VA_ARGS__)                                  \
    }

#define ROWS_END        \
    {                   \
        .kind = CLI_END \
    }

/*
 * One line of the running configuration, at the indentation of its section;
 * `format` without LF. Text of several lines is written as it is.
 */
void cli_write_line(struct cli_writer *writer, const char *format, ...)
    PRINTF(2, 3);
/*
 * A secret for such a line: itself, or what stands for it where not everybody
 * who reads may see it.
 */
const char *cli_write_secret(const struct cli_writer *writer,
                             const char *secret);

#endif
