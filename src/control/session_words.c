#include "control/session_words.h"

const char *
session_state_word(enum session_state state)
{
    static const char *const words[SESSION_STATES] = {
        [SESSION_STARTING] = "key-exchange",
        [SESSION_LOGIN] = "authentication",
        [SESSION_SHELL] = "started",
        [SESSION_ENDING] = "ending",
    };

    return words[state];
}

const char *
session_version_word(unsigned version)
{
    static const char *const words[] = {NULL, "1.5", "2.0"};

    return words[version];
}
