/*
 * Lists of methods, by which `aaa new-model` decides: how one is kept, its
 * methods in their order, and which list a line uses.
 */
#ifndef CONFIG_AAA_H
#define CONFIG_AAA_H

#include "base/span.h"
#include "config/config.h"

/* The list of all lines that name none; no other may be called so. */
#define CONFIG_AAA_DEFAULT "default"

enum config_method_kind {
    CONFIG_METHOD_GROUP, /* servers */
    CONFIG_METHOD_ENABLE,
    CONFIG_METHOD_IF_AUTHENTICATED,
    CONFIG_METHOD_LINE,
    CONFIG_METHOD_LOCAL,
    CONFIG_METHOD_LOCAL_CASE,
    CONFIG_METHOD_NONE,
};

struct config_method {
    enum config_method_kind kind;
    struct span group; /* its name: "radius", "tacacs+", or an own one */
};

/*
 * Take the next method off the front of `rest`, at first all of
 * config_methods.methods. False: there is none, or no such word.
 */
bool config_method_next(struct span *rest, struct config_method *method);

/* The list of that name; NULL: it was never defined. */
struct config_methods *config_methods_find(const struct config *config,
                                           enum config_aaa_use use,
                                           uint32_t level, const char *name);
/* The same, made in its place if it is not there. */
struct config_methods *config_methods_make(struct config *config,
                                           enum config_aaa_use use,
                                           uint32_t level, const char *name);
/* Nothing if there is no such list. */
void config_methods_remove(struct config *config, enum config_aaa_use use,
                           uint32_t level, const char *name);

/* What a line names; NULL: nothing. Set to NULL: it names nothing any more. */
const char *config_line_methods(const struct config_line *line,
                                enum config_aaa_use use, uint32_t level);
void config_line_set_methods(struct config_line *line, enum config_aaa_use use,
                             uint32_t level, const char *name);

/*
 * The list that holds for a line: the one it names, else, also where that one
 * was never defined (10.3), the default list. NULL: there is none either.
 */
const struct config_methods *config_methods_for(const struct config *config,
                                                const struct config_line *line,
                                                enum config_aaa_use use,
                                                uint32_t level);

#endif
