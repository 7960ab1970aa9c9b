/*
 * mask_coarse.c - masks that make a place coarser: ZIP codes, network addresses.
 */
#include <arpa/inet.h>
#include <string.h>

#include "policy/mask.h"

/* ------------------------------------------------------------------------- ZIP codes */

enum { ZIP_LEN = 5, ZIP4_LEN = 10, ZIP_KEPT = 3, RADIX = 10 };

/*
 * All areas of these three digits together have at most 20,000 inhabitants: the list of the guidance
 * to 45 CFR 164.514(b)(2), from the census of 2000, sorted.
 */
static const uint16_t small_areas[] = { 36,  59,  63,  102, 203, 556, 692, 790, 821,
                                        823, 830, 831, 878, 879, 884, 890, 893 };

static bool all_digits(str s)
{
    bool is_right = true;

    for (size_t i = 0; i < s.len; i++) {
        is_right = is_right && char_is_digit(s.ptr[i]);
    }
    return is_right;
}

static bool is_zip(str s)
{
    if (s.len == ZIP4_LEN) {
        return s.ptr[ZIP_LEN] == '-' && all_digits(str_sub(s, 0, ZIP_LEN)) &&
               all_digits(str_from(s, ZIP_LEN + 1));
    }
    return s.len == ZIP_LEN && all_digits(s);
}

static bool is_small_area(str zip)
{
    unsigned area = 0;

    for (size_t i = 0; i < ZIP_KEPT; i++) {
        area = area * RADIX + (unsigned)(zip.ptr[i] - '0');
    }
    for (size_t i = 0; i < COUNT_OF(small_areas); i++) {
        if (small_areas[i] == area) {
            return true;
        }
    }
    return false;
}

bool mask_zip3(const struct mask_call *call, str value, struct buf *scratch, str *out)
{
    (void)call;
    *out = S("00000");
    if (is_zip(value) && !is_small_area(value)) {
        buf_add(scratch, str_sub(value, 0, ZIP_KEPT));
        buf_add(scratch, S("00"));
        *out = buf_view(scratch);
    }
    return true;
}

/* ------------------------------------------------------------------------- addresses */

enum { V4_KEPT = 3, V6_KEPT_GROUPS = 3, V6_BYTES = 16, NIBBLE = 4, NIBBLES = 4, HUNDRED = 100 };

static void add_decimal(struct buf *out, unsigned value)
{
    if (value >= HUNDRED) {
        buf_add_char(out, (char)('0' + value / HUNDRED));
    }
    if (value >= RADIX) {
        buf_add_char(out, (char)('0' + value / RADIX % RADIX));
    }
    buf_add_char(out, (char)('0' + value % RADIX));
}

static void add_group(struct buf *out, unsigned value)
{
    static const char digits[] = "0123456789abcdef";
    bool              started  = false;

    for (unsigned i = NIBBLES; i-- > 0;) {
        unsigned nibble = value >> (i * NIBBLE) & 0xFU;

        started = started || nibble > 0 || i == 0;
        if (started) {
            buf_add_char(out, digits[nibble]);
        }
    }
}

static void add_v4_network(struct buf *out, const unsigned char *address)
{
    for (size_t i = 0; i < V4_KEPT; i++) {
        add_decimal(out, address[i]);
        buf_add_char(out, '.');
    }
    buf_add_char(out, '0');
}

/* The last five groups are 0 and so are the longest run, which RFC 5952 shortens to "::". */
static void add_v6_network(struct buf *out, const unsigned char *address)
{
    unsigned groups[V6_KEPT_GROUPS];
    size_t   count = V6_KEPT_GROUPS;

    for (size_t i = 0; i < V6_KEPT_GROUPS; i++) {
        groups[i] = (unsigned)address[2 * i] << 8U | address[2 * i + 1];
    }
    while (count > 0 && groups[count - 1] == 0) {
        count--;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_add_char(out, ':');
        }
        add_group(out, groups[i]);
    }
    buf_add(out, S("::"));
}

bool mask_ip(const struct mask_call *call, str value, struct buf *scratch, str *out)
{
    char          text[INET6_ADDRSTRLEN] = { 0 };
    unsigned char address[V6_BYTES];

    (void)call;
    *out = S("0.0.0.0");
    if (value.len == 0 || value.len >= sizeof text || memchr(value.ptr, '\0', value.len)) {
        return true;
    }
    memcpy(text, value.ptr, value.len);
    if (inet_pton(AF_INET, text, address) == 1) {
        add_v4_network(scratch, address);
        *out = buf_view(scratch);
    } else if (inet_pton(AF_INET6, text, address) == 1) {
        add_v6_network(scratch, address);
        *out = buf_view(scratch);
    }
    return true;
}
