/*
 * diff_number.h - decimal numbers as whole multiples of 10^-scale, exact.
 *
 * A text such as "-1.250", "1e3" or "9007199254740993" becomes an integer of 128 bits. What does not fit
 * (more digits behind the point than the scale, magnitude above DIFF_NUMBER_MAX) is refused, never rounded.
 * Pure.
 */
#ifndef CONTRACT_DIFF_NUMBER_H
#define CONTRACT_DIFF_NUMBER_H

#include "base/ctx.h"

__extension__ typedef __int128 diff_wide;

enum { DIFF_NUMBER_SCALE_MAX = 18 };

/* 10^37: every BIGINT with DIFF_NUMBER_SCALE_MAX digits behind the point is below it. */
#define DIFF_NUMBER_MAX ((diff_wide)10000000000000000000ULL * 1000000000000000000LL)

/* 10^n; of more than 37 digits 10^37. */
diff_wide diff_number_power(unsigned n);

/* Digits behind the point that the number needs: of "1.250" two, of "1e3" none; 0 for other texts. */
unsigned diff_number_scale(str text);

NODISCARD bool diff_number_read(str text, unsigned scale, diff_wide *out);

/* The nearest double; false when the text is no finite number. */
NODISCARD bool diff_number_real(struct ctx *cx, str text, double *out);

/* As a person writes it: "-1.25". */
str diff_number_text(struct ctx *cx, diff_wide n, unsigned scale);

/* The greatest multiple of `step` (above 0) that is not above n. */
diff_wide diff_number_floor(diff_wide n, diff_wide step);

/* The least common multiple of two numbers above 0; 0 when it is above DIFF_NUMBER_MAX. */
diff_wide diff_number_lcm(diff_wide a, diff_wide b);

/* Code points, as ODCS counts the length of a text. */
size_t diff_number_characters(str text);

#endif
