/*
 * The key pairs inside of control: what keys.c, key_making.c, key_removal.c,
 * key_export.c, key_login.c and key_choice.c share. Nobody else includes this.
 */
#ifndef CONTROL_KEY_TABLE_H
#define CONTROL_KEY_TABLE_H

#include "base/buf.h"
#include "control/keys.h"
#include "control/storage.h"

/* A pair and its file. In one of the lists of struct keys by key.node. */
struct key_entry {
    struct key key;
    char file[KEY_FILE_MAX];
    struct buf memory;   /* key.blob and key.spki point into it */
    bool seen;           /* its file was met by keys_load() */
    bool is_news;        /* made by this run; the log does not say so yet */
    uint64_t retired_ms; /* on list `retired`: since when */
};

struct keys {
    struct router *router;
    struct list all;      /* known to the signer, by time of generation */
    struct list arriving; /* handed over, KEY_INFO has not come yet */
    struct list retired;  /* gone for everybody but present sessions */
    struct list makings;  /* key_making.c */
    struct list removals; /* key_removal.c */
    struct list exports;  /* key_export.c */
    struct list logins;   /* key_login.c */
    uint64_t last_login;  /* number of the last of them */
    uv_timer_t look;      /* for the end of those sessions */
    uint32_t next_number;
    uint64_t last_made_at; /* of all pairs: no two are made in one second */
    bool loaded;           /* the first keys_load() is complete */
    bool enabled;          /* what the listener and the log were told last */
};

struct key_entry *key_entry_of(struct list *node);
/* The pair of that number in `list`; NULL. */
struct key_entry *key_entry_find(struct list *list, uint32_t number);

/*
 * A pair whose complete file is `file` comes: hand it to the signer. An entry
 * that waits on `arriving`; NULL, and a log line, if it cannot be opened.
 */
struct key_entry *keys_take(struct keys *keys, const char *file,
                            uint32_t number);
/* Off its list, and for the signer forgotten when no session needs it. */
void keys_retire(struct keys *keys, struct key_entry *entry);

/* The file is gone: so is its pair, also one that is just coming. */
void keys_drop_file(struct keys *keys, const char *file);

/* --- key_making.c: pairs that are being generated ---------------------- */

void makings_on_started(struct keys *keys, const struct msg_key_started *m);
/* The signer could not begin, or refuses what was made. */
void makings_on_failed(struct keys *keys, uint32_t number);
/* The pair is there; it is on `all`. */
void makings_on_ready(struct keys *keys, struct key *key);
/* The signer died: what it has not begun will never begin. */
void makings_on_signer_lost(struct keys *keys);
void makings_free(struct keys *keys);
void makings_forget_owner(struct keys *keys, const void *owner);

/* --- key_removal.c: pairs whose files are being removed ---------------- */

void removals_free(struct keys *keys);
void removals_forget_owner(struct keys *keys, const void *owner);

/* --- key_export.c: private keys that the signer is asked for ----------- */

void exports_on_exported(struct keys *keys, const struct msg_key_exported *m);
/* The signer died: what it was asked for will not come. */
void exports_on_signer_lost(struct keys *keys);
void exports_free(struct keys *keys);
void exports_forget_owner(struct keys *keys, const void *owner);

/* --- key_login.c: signatures for logging in at other hosts ------------- */

void logins_on_signed(struct keys *keys, const struct msg_user_signed *m);
void logins_on_signer_lost(struct keys *keys);
void logins_free(struct keys *keys);
void logins_forget_owner(struct keys *keys, const void *owner);

#endif
