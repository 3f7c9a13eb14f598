/*
 * The engine of the command language. It knows no command: the modes and
 * their rows come in as tables. No I/O, no clock, no globals.
 *
 * A typed line:
 *   result = cli_parse(language, &context, line, &match);
 *   CLI_OK and match.row->wants_more: ask for lines, cli_add_line() each
 *   match.row->run != NULL: call it (a setting's own run calls cli_apply()
 *   when it is ready, for instance after a question); else cli_apply()
 *   context = match.after;   cli_match_clear(&match);
 *
 * A function of an EXEC row that changes mode or privilege does so on the
 * caller's own context, after `context = match.after`.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/row.h"

#define CLI_LINE_MAX   2047  /* bytes of a line, of a file too */
#define CLI_TYPED_MAX  254   /* of a line that is typed; the caller cuts */
#define CLI_LINES_MAX  16384 /* bytes of a value of several lines */
#define CLI_TOKENS_MAX 64    /* of one row */
#define CLI_DEPTH_MAX  4     /* sections inside sections */
#define CLI_KEYS_MAX   2     /* of one section */

/*
 * The language, compiled from its modes (NULL-terminated; EXEC first, global
 * configuration second); keeps pointers to them. NULL, if a table breaks a
 * law of row.h: `problem` (may be NULL) gets a line that says which and why.
 */
struct cli_language *cli_language_new(const struct cli_mode *const *modes,
                                      struct buf *problem);
void cli_language_free(struct cli_language *language);

/* A section that was entered: its row and keys, never a pointer to it. */
struct cli_place {
    const struct cli_row *row;
    const struct cli_pattern *pattern; /* the engine's own */
    struct cli_key {
        uint32_t number;
        struct config_address address;
        char text[CLI_WORD_MAX + 1];
    } keys[CLI_KEYS_MAX];
};

/* Where a user stands. */
struct cli_context {
    const struct cli_mode *mode;
    unsigned privilege; /* 0-15 */
    unsigned depth;     /* sections entered */
    struct cli_place path[CLI_DEPTH_MAX];
    /* Borrowed: its `alias exec` and `privilege exec level` count. NULL: none,
       as while a configuration is loaded. */
    const struct config *config;
};

/* In `mode`, in no section. Keeps nothing: a plain structure. */
void cli_context_init(struct cli_context *context, const struct cli_mode *mode,
                      unsigned privilege);
/* Change to a mode without sections (`configure terminal`, `end`). */
void cli_context_enter(struct cli_context *context,
                       const struct cli_mode *mode);
/* In a mode that is not EXEC. */
bool cli_context_configures(const struct cli_context *context);

/*
 * "R1#", "R1(config-line)#", "R1>": `room` bytes, NUL included. In
 * configuration modes the name is cut to 20 characters.
 */
#define CLI_PROMPT_MAX 128
void cli_prompt(const struct cli_context *context, const char *hostname,
                char *prompt, size_t room);

enum cli_result {
    CLI_OK,
    CLI_EMPTY,   /* blanks or a comment: only the prompt comes again */
    CLI_INVALID, /* match.column says where */
    CLI_AMBIGUOUS,
    CLI_INCOMPLETE,
};

/* The value of one token. */
struct cli_value {
    bool given;
    uint32_t number; /* also 1, 2 ... of a choice's alternative, and the
                        length of a prefix */
    char *text;      /* owned, wiped: as typed; keywords in full */
    struct config_address address;
};

/* `SHOW | include PATTERN`: what of the output is wanted. */
enum cli_filter {
    CLI_FILTER_NONE, /* all of it */
    CLI_FILTER_INCLUDE,
    CLI_FILTER_EXCLUDE,
    CLI_FILTER_BEGIN,
    CLI_FILTER_SECTION,
    CLI_FILTER_NOT_SECTION,
    CLI_FILTER_COUNT,
    /* To a file, whose name is the pattern. */
    CLI_FILTER_REDIRECT,
    CLI_FILTER_APPEND,
    CLI_FILTER_TEE,
    /* The same as JSON, which the row's function prints; no pattern. */
    CLI_FILTER_JSON,
};

/* A parsed line. Holds secrets: always end with cli_match_clear(). */
struct cli_match {
    const struct cli_row *row;
    const struct cli_mode *mode; /* whose row it is: maybe not the user's */
    bool negated;                /* behind `no` */
    bool defaulted;              /* behind `default` */
    bool by_do;                  /* an EXEC row by way of `do` */
    struct cli_context after;    /* where the user stands afterwards */
    size_t column; /* CLI_INVALID: columns of the line before the caret */
    /*
     * Bytes of the line as typed that may be kept and shown: up to its first
     * secret, or to where one may be, if the line was not understood.
     */
    size_t open_length;
    struct buf text; /* the line in full words, keywords lower case */
    /*
     * The canonical command: the same with secrets as "*****". However a line
     * is typed, what judges, counts or logs commands sees this (hardening
     * 10.6).
     */
    struct buf masked;
    enum cli_filter filter; /* SHOW rows only */
    char *filter_pattern;   /* owned, the file's name for some; or NULL */

    /* The engine's own. */
    const struct cli_pattern *pattern;
    struct cli_value values[CLI_TOKENS_MAX]; /* one for each token */
    struct buf lines;
};

/*
 * `line` as typed, without its end, at most CLI_LINE_MAX bytes (longer:
 * CLI_INVALID). `match` is uninitialised memory and is set in every case.
 * In a sub-mode the lines of its parents are accepted as well and lead there.
 */
enum cli_result cli_parse(const struct cli_language *language,
                          const struct cli_context *context, const char *line,
                          struct cli_match *match);
void cli_match_clear(struct cli_match *match);

/*
 * What is printed for a result that is not CLI_OK, lines ended by LF; nothing
 * for CLI_EMPTY. `indent`: columns of the prompt the line was typed behind
 * (0 in an exec channel).
 */
void cli_error_text(enum cli_result result, const struct cli_match *match,
                    const char *line, size_t indent, struct buf *out);

/*
 * Values by name: the keyword, or what stands behind the colon (`WORD:label`
 * is "label"). A name that the row's syntax does not have is a programming
 * error. Of tokens of the same name, the one that was given.
 */
bool cli_given(const struct cli_match *match, const char *name);
/* Behind `no` or `default`: the value goes, or becomes the default. */
bool cli_restores(const struct cli_match *match);
/* 0 when not given. */
uint32_t cli_number(const struct cli_match *match, const char *name);
/* `otherwise` when not given. */
uint32_t cli_number_or(const struct cli_match *match, const char *name,
                       uint32_t otherwise);
/* NULL when not given; borrowed until cli_match_clear(). */
const char *cli_text(const struct cli_match *match, const char *name);
/* Unset (family 0) when not given. */
struct config_address cli_address(const struct cli_match *match,
                                  const char *name);
/* For .check: another value in its place; `name` must have been given. */
void cli_replace_text(struct cli_match *match, const char *name,
                      const char *text);
/*
 * For .check: give or take back the token(s) of that name, as if typed or
 * not; a keyword of a choice moves the choice to its alternative.
 */
void cli_replace_given(struct cli_match *match, const char *name, bool given);

/*
 * A row with .wants_more: does its value still need a line, and here it is.
 * cli_wants_line() is asked first, then again after each cli_add_line().
 * ERR_LIMIT beyond CLI_LINES_MAX, ERR_FORMAT for LF, CR and DEL in a line:
 * give the command up.
 */
bool cli_wants_line(const struct cli_match *match);
MUST_CHECK enum err cli_add_line(struct cli_match *match, const char *line);
/* All of it, as row.h says for .wants_more. Borrowed. */
const char *cli_lines(const struct cli_match *match);

/* From which privilege level on this user's command exists. */
unsigned cli_level(const struct cli_context *context,
                   const struct cli_match *match);

/*
 * Carry a setting, SECTION or LEAVE out on `config`. NULL, or the refusal to
 * be shown (borrowed from `refusal`, or constant), nothing being changed.
 * `owner` reaches the row's functions. Sets match->after for sections.
 */
const char *cli_apply(const struct cli_language *language,
                      struct config *config, struct cli_match *match,
                      void *owner, char refusal[CLI_REFUSAL_MAX]);

/*
 * The aliases of EXEC that the user of `context` has, built in ones first.
 */
typedef void (*cli_alias_fn)(void *owner, const char *name,
                             const char *command);
void cli_aliases(const struct cli_language *language,
                 const struct cli_context *context, cli_alias_fn fn,
                 void *owner);

/*
 * The words that EXEC commands begin with, in full, one blank between them:
 * "sh run" is "show running-config". False, and something in `out`, for words
 * that no command begins with or that are values.
 */
MUST_CHECK bool cli_exec_words(const struct cli_language *language,
                               const char *command, struct buf *out);

/*
 * `?` behind `line` (what stands before the cursor): the answer, lines ended
 * by LF, a blank line at the end where IOS has one.
 */
void cli_help(const struct cli_language *language,
              const struct cli_context *context, const char *line,
              struct buf *out);

/*
 * Tab behind `line`: true, and the line with its last word completed and a
 * blank in `out`; false: nothing to complete.
 */
bool cli_complete(const struct cli_language *language,
                  const struct cli_context *context, const char *line,
                  struct buf *out);

/*
 * The whole configuration in the order of the tables, a `!` behind each table
 * that wrote something; neither head nor `end`. `all`: defaults too. The text
 * holds secrets: a buffer from buf_init_secret().
 */
void cli_write_config(const struct cli_language *language,
                      const struct config *config, bool all, struct buf *out);

/* The same for eyes that may not see secrets: "<removed>" for each. */
void cli_write_masked(const struct cli_language *language,
                      const struct config *config, bool all, struct buf *out);

/*
 * Carry out a text of configuration lines, ended by LF or CR LF. Good lines
 * are applied, the others reported, from line 1; `text` is the error without
 * caret line, or the row's refusal. Everything behind `end` is reported too.
 */
typedef void (*cli_report_fn)(void *owner, unsigned line, const char *text);
void cli_load(const struct cli_language *language, struct config *config,
              struct span text, cli_report_fn report, void *owner);

/* A line that was not carried out. Borrowed; the line may hold a secret. */
struct cli_problem {
    unsigned number;  /* of the line, from 1 */
    const char *line; /* the first, where a value has several */
    const char *text; /* as for cli_report_fn */
    bool marked;      /* a caret belongs below the line: */
    size_t column;    /* columns before it */
};
typedef void (*cli_problem_fn)(void *reporter,
                               const struct cli_problem *problem);

/*
 * The same in turns, for a loop that must not wait. The text is borrowed until
 * cli_load_end(); `owner` reaches the rows' functions.
 */
struct cli_loading;
struct cli_loading *cli_load_begin(const struct cli_language *language,
                                   struct config *config, struct span text,
                                   void *owner, cli_problem_fn report,
                                   void *reporter);
/* From now on each line that has taken effect is told, but for LEAVEs. */
typedef void (*cli_applied_fn)(void *owner, const struct cli_match *match);
void cli_load_applied(struct cli_loading *loading, cli_applied_fn applied,
                      void *owner);
/* The next line, with those that belong to its value. False: the text is over.
 */
bool cli_load_line(struct cli_loading *loading);
/* The last line was put off by its row (cli_later): it is the next one again,
   when what it waits for is there. */
bool cli_load_waits(const struct cli_loading *loading);
void cli_load_end(struct cli_loading *loading);

/*
 * What leads from one configuration to another, as lines for cli_load(): first
 * what has to go, then, from what is there by then, what has to come. The
 * texts are those of cli_write_config() and may hold secrets, as `out` does.
 *
 * Removals leave out what an addition is going to replace; `thorough`, they do
 * not: for what the first try has left. False: `out` got nothing.
 */
bool cli_write_removals(const struct cli_language *language, struct span from,
                        struct span to, bool thorough, struct buf *out);
/* `fold`: lines that differ in upper and lower case only are the same. */
bool cli_write_additions(const struct cli_language *language, struct span from,
                         struct span to, bool fold, struct buf *out);
/*
 * The same in turns, for a loop that must not wait. The texts are borrowed
 * until cli_difference_end(); a line of one of them is read at a time, until
 * there are no more (false). Then it says both, as often as is wanted.
 */
struct cli_difference;
struct cli_difference *cli_difference_begin(const struct cli_language *language,
                                            struct span from, struct span to,
                                            bool fold);
bool cli_difference_read(struct cli_difference *d);
bool cli_difference_removals(struct cli_difference *d, bool thorough,
                             struct buf *out);
bool cli_difference_additions(struct cli_difference *d, struct buf *out);
void cli_difference_end(struct cli_difference *d); /* NULL is fine */

/*
 * The lines that are in one of two texts only, "+" before those of `to`, "-"
 * before those of `from`, below the sections they are in; any texts.
 */
bool cli_write_differences(const struct cli_language *language,
                           struct span from, struct span to, struct buf *out);

#endif
