/*
 * A router without processes: the real shell and the real commands, one or
 * two sessions, and in place of workers, helpers, keys and storage a record
 * of what they would be told. Tests play their answers.
 */
#ifndef STAGE_H
#define STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/judge.h"
#include "control/keys.h"
#include "control/log_outputs.h"
#include "control/outgoing.h"
#include "control/router.h"
#include "control/session.h"
#include "control/shell.h"
#include "control/storage.h"
#include "control/tty.h"

#define STAGE_SESSIONS 2
#define STAGE_KEYS     4
#define STAGE_LINES    4 /* whose uses are counted */

struct stage {
    struct router router;
    struct list sessions_list;
    struct session sessions[STAGE_SESSIONS]; /* of which some are in the list */
    uint64_t now_ms;
    uint32_t uses[STAGE_LINES];

    /* What the worker of sessions[0] was told, as text; see stage.c. */
    struct buf heard;
    struct buf file;        /* the last OUTPUT_FILE */
    size_t messages;        /* how many */
    size_t queued;          /* what session_send() answers */
    const char *disconnect; /* text of the last DISCONNECT, or NULL */
    struct session *disconnected;
    bool ended; /* router_end() was called */

    struct buf log; /* journal lines, each ended by LF */
    struct log_counts log_counts;
    unsigned debugged; /* enum debug_kind, as a set */

    char plan[128]; /* the last of tty_configure() */
    enum tty_state tty_state;
    tty_counted_fn counted; /* what waits, and for whom */
    tty_buffer_fn buffered;
    void *tty_owner;
    char on_line[160]; /* what was last asked of tty.c */
    struct tty_user line_user;
    struct msg_attach attached; /* the last, but for its text */

    struct {
        struct msg_judge last;
        unsigned type; /* of judge_encode() */
        char given[256], stored[256], user[128], clear[256];
        verdict_fn verdict;
        encoded_fn encoded;
        void *owner;
    } judge;

    struct key keys[STAGE_KEYS];
    size_t key_count;
    struct list keys_list;
    struct key_wish wish;
    char wish_name[KEY_NAME_MAX];
    key_done_fn key_done;
    void *key_owner;
    keys_removed_fn removed_done;
    key_exported_fn exported_done;
    uint32_t exported; /* the pair that was asked for */
    unsigned zeroized, key_updates, listener_updates;

    /* The connection to another machine, and what was wanted of it. */
    struct {
        const struct outgoing_events *events;
        void *owner;
        struct outgoing *it; /* NULL: there is none */
        bool refused;        /* there shall be none */
        struct buf told;
    } outgoing;

    struct buf saved_text;
    saved_fn saved;
    void *saver;
    bool erasing;
};

/* The one on which everything plays; reset by stage_begin(). */
extern struct stage stage;

/* cmocka setup and teardown: sessions[0] is user lab on vty 0, privilege 1. */
int stage_begin(void **state);
int stage_end(void **state);
/* sessions[0] sits at line con 0 instead. */
void stage_use_console(void);
/* One more user on vty 1. */
struct session *stage_second_user(void);

/* Open a shell on channel 0; and forget what it said. */
void stage_open(void);
/* The same, enabled; and in global configuration. */
void stage_open_enabled(void);
void stage_open_configuring(void);

/* What sessions[0] heard since the last call; borrowed until the next. */
const char *stage_heard(void);
/* Type a line (Enter); what it answered. */
const char *stage_type(const char *line);
const char *stage_type_with(const char *line, enum line_end end);
/* Answer its question; NULL: no answer. */
const char *stage_answer(const char *text);
const char *stage_time_out(void);
/* Run an exec request on channel 0. */
const char *stage_exec(const char *commands);
/* Log lines since the last call. */
const char *stage_log(void);

/* What aaa, signer and disk answer. */
void stage_verdict(bool accepted);
void stage_encoded(const char *stored);
void stage_saved(enum err err, int system_error);
void stage_key_made(enum err err);
void stage_keys_removed(enum err err);
void stage_key_exported(const char *public_pem, const char *private_pem);
struct key *stage_add_key(const char *name, enum key_type type, unsigned bits);

/* What outgoing_...() were told since the last call; and how it ends. */
const char *stage_outgoing_told(void);
/* It has something for the user's screen. */
void stage_outgoing_says(const char *text);
void stage_outgoing_end(enum outgoing_outcome outcome,
                        const struct msg_client_ended *said, bool ready);

/* Load configuration lines; every line must be good. */
void stage_configure(const char *text);
/*
 * The running configuration, without its heads and without the lines that
 * stand in every one when they are as here; borrowed until the next.
 */
#define STAGE_ALWAYS                           \
    "service timestamps debug datetime msec\n" \
    "service timestamps log datetime msec\n"   \
    "no service password-encryption\n!\n" STAGE_NO_AAA
#define STAGE_NO_AAA "no aaa new-model\n!\n"
const char *stage_running_config(void);

#define assert_heard(text)         assert_string_equal(stage_heard(), text)
#define assert_types(line, text)   assert_string_equal(stage_type(line), text)
#define assert_answers(line, text) assert_string_equal(stage_answer(line), text)

#define STAGE_TEST(test) \
    cmocka_unit_test_setup_teardown(test, stage_begin, stage_end)

#endif
