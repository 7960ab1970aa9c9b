/*
 * arrow_int.h - raw access to the buffers of a cell; only for the arrow files of this module.
 */
#ifndef ARROW_INT_H
#define ARROW_INT_H

#include "arrow/arrow.h"

__extension__ typedef __int128          arrow_i128;
__extension__ typedef unsigned __int128 arrow_u128;

/* The value of an ARROW_INT, ARROW_DECIMAL or other whole number, sign extended. */
arrow_i128 arrow_wide(struct arrow_cell cell);

/* The 8 bytes of a fixed-width cell at byte `at` of its value, as a number of this machine. */
int64_t arrow_raw_i64(struct arrow_cell cell, size_t at);

/* The bytes of a fixed-width value. */
const unsigned char *arrow_raw(struct arrow_cell cell);

/* Parts of a value's text that JSON shares. */
void arrow_add_u128(struct buf *out, arrow_u128 value);
enum arrow_lead_zero { ARROW_LEAD_ZERO_NEVER, ARROW_LEAD_ZERO_ALWAYS };
void    arrow_add_decimal(struct buf *out, struct arrow_cell cell, enum arrow_lead_zero lead);
void    arrow_add_bignum(struct buf *out, struct arrow_cell cell);
void    arrow_add_float(struct buf *out, struct arrow_cell cell);
void    arrow_add_clock(struct buf *out, int64_t units, uint32_t digits);
int64_t arrow_pow10(uint32_t digits); /* at most 18 */

/* +1, -1 for an infinite date or timestamp, else 0. */
int arrow_infinity(struct arrow_cell cell);

#endif
