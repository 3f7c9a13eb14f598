/*
 * SANITIZED is defined where the address sanitizer is compiled in. It needs
 * system calls, memory and standard error that the programs give up.
 */
#ifndef BASE_SANITIZED_H
#define BASE_SANITIZED_H

#if defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) /* gcc */
#define SANITIZED 1
#endif

#endif
