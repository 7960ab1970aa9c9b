/*
 * test.h - the first include of every unit test after the header under test.
 *
 * cmocka.h uses types of these four headers and does not include them.
 */
#ifndef TEST_H
#define TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* How many elements a table of cases has. */
#define CASES(table) (sizeof(table) / sizeof((table)[0]))
#endif
