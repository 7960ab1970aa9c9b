/*
 * utf8.c - decoding by the table of well-formed byte sequences.
 */
#include "base/utf8.h"

struct lead {
    unsigned char first, last; /* range of the lead byte            */
    unsigned char second_from, second_to;
    unsigned char extra; /* continuation bytes                */
    unsigned char mask;  /* value bits of the lead byte       */
};

/* Unicode 15, table 3-7. */
static const struct lead leads[] = {
    { 0x00, 0x7F, 0, 0, 0, 0x7F },       { 0xC2, 0xDF, 0x80, 0xBF, 1, 0x1F },
    { 0xE0, 0xE0, 0xA0, 0xBF, 2, 0x0F }, { 0xE1, 0xEC, 0x80, 0xBF, 2, 0x0F },
    { 0xED, 0xED, 0x80, 0x9F, 2, 0x0F }, { 0xEE, 0xEF, 0x80, 0xBF, 2, 0x0F },
    { 0xF0, 0xF0, 0x90, 0xBF, 3, 0x07 }, { 0xF1, 0xF3, 0x80, 0xBF, 3, 0x07 },
    { 0xF4, 0xF4, 0x80, 0x8F, 3, 0x07 },
};

bool utf8_next(str *cursor, uint32_t *out)
{
    const unsigned char *in = (const unsigned char *)cursor->ptr;

    if (cursor->len == 0) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(leads); i++) {
        const struct lead *lead = &leads[i];
        uint32_t           value;

        if (in[0] < lead->first || in[0] > lead->last) {
            continue;
        }
        if (cursor->len <= lead->extra ||
            (lead->extra > 0 && (in[1] < lead->second_from || in[1] > lead->second_to))) {
            return false;
        }
        value = in[0] & lead->mask;
        for (size_t k = 1; k <= lead->extra; k++) {
            if ((in[k] & 0xC0U) != 0x80U) {
                return false;
            }
            value = (value << 6) | (in[k] & 0x3FU);
        }
        cursor->ptr += lead->extra + 1U;
        cursor->len -= lead->extra + 1U;
        *out = value;
        return true;
    }
    return false;
}

bool utf8_is_valid(str s, size_t *at)
{
    str      rest = s;
    uint32_t ignored;

    while (rest.len) {
        if ((unsigned char)rest.ptr[0] < 0x80) {
            rest.ptr++;
            rest.len--;
        } else if (!utf8_next(&rest, &ignored)) {
            *at = s.len - rest.len;
            return false;
        }
    }
    return true;
}

size_t utf8_count(str s)
{
    size_t   count = 0;
    uint32_t ignored;

    while (s.len) {
        if (!utf8_next(&s, &ignored)) {
            s.ptr++;
            s.len--;
        }
        count++;
    }
    return count;
}

void utf8_add(struct buf *b, uint32_t cp)
{
    if (cp < 0x80) {
        buf_add_char(b, (char)cp);
    } else if (cp < 0x800) {
        buf_add_char(b, (char)(0xC0U | cp >> 6));
        buf_add_char(b, (char)(0x80U | (cp & 0x3FU)));
    } else if (cp < 0x10000) {
        buf_add_char(b, (char)(0xE0U | cp >> 12));
        buf_add_char(b, (char)(0x80U | (cp >> 6 & 0x3FU)));
        buf_add_char(b, (char)(0x80U | (cp & 0x3FU)));
    } else {
        buf_add_char(b, (char)(0xF0U | cp >> 18));
        buf_add_char(b, (char)(0x80U | (cp >> 12 & 0x3FU)));
        buf_add_char(b, (char)(0x80U | (cp >> 6 & 0x3FU)));
        buf_add_char(b, (char)(0x80U | (cp & 0x3FU)));
    }
}

str utf8_cut(str s, size_t max)
{
    size_t len = s.len < max ? s.len : max;

    if (len < s.len) {
        while (len > 0 && ((unsigned char)s.ptr[len] & 0xC0U) == 0x80U) {
            len--;
        }
    }
    return (str){ s.ptr, len };
}
