/*
 * The walk along a list of methods (config/aaa.h): each is asked in turn until
 * one says yes or no. A no ends it; only a method that cannot say anything,
 * because nothing is configured for it or no server answers, leaves it to the
 * next (10.3). Nothing here waits: a walk goes on when its answer comes.
 */
#ifndef CONTROL_METHOD_LIST_H
#define CONTROL_METHOD_LIST_H

#include "config/aaa.h"
#include "control/session.h"

#define METHOD_PROMPT_MAX 256 /* bytes of a prompt; more is cut */

enum method_service {
    METHOD_LOGIN,
    METHOD_ENABLE,
    METHOD_REVERSE_ACCESS, /* only method_authorize() */
};

enum method_outcome {
    METHOD_PASS,
    METHOD_FAIL,
    METHOD_ERROR, /* none of them could say anything */
};

struct method_result {
    enum method_outcome outcome;
    struct config_method method; /* which said so; not with METHOD_ERROR */
    struct span attributes; /* of a group: "shell:priv-lvl=15", each a string */
    bool strict; /* they must all be obeyed, but for those that say not so */
    const char
        *text; /* for the user: printable, several lines perhaps, or "" */
};

struct method_events {
    /*
     * The user is asked; method_answer() goes on. `text` stands before the
     * prompt, of several lines perhaps, or "". Both are printable, borrowed.
     */
    void (*ask)(void *owner, const char *text, const char *prompt, bool echo);
    /* The walk is over, and gone from its place. `result` is borrowed. */
    void (*done)(void *owner, const struct method_result *result);
};

struct method_request {
    struct session *session;
    const char *methods; /* copied */
    enum method_service service;
    unsigned level;    /* METHOD_ENABLE */
    struct span user;  /* copied; empty: nobody who could log in */
    bool has_given;    /* the user has given something already: */
    struct span given; /* copied; else he is asked for it */
    struct span
        arguments; /* "cmd=show", each a string; copied; empty: an EXEC */
};

struct method_walk;

/*
 * Begin to walk. `*place` is the owner's pointer to the walk, NULL when there
 * is none; the events may be called from within this and method_answer().
 */
void method_authenticate(const struct method_request *request,
                         const struct method_events *events, void *owner,
                         struct method_walk **place);
/*
 * May he do it? Servers, `local` (whoever is a local user), `if-authenticated`
 * and `none` are asked, and nobody else.
 */
void method_authorize(const struct method_request *request,
                      const struct method_events *events, void *owner,
                      struct method_walk **place);
/* What the user has said; copied. */
void method_answer(struct method_walk *walk, struct span text);
/* The owner wants no answer any more; `*place` may be NULL. */
void method_stop(struct method_walk **place);

/*
 * The methods by which somebody logs in on the line of `s`: the line's list or
 * the default one; without one, local users on vtys, and "none" on the console.
 * Without `aaa new-model` what the line says; NULL: nobody can log in there.
 */
const char *method_list_login(const struct session *s);
/* One of these methods has to be told a name. */
bool method_list_wants_user(const char *methods);

#endif
