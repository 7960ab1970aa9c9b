/*
 * id.c - making and recognising UUIDv7 text.
 */
#include "base/id.h"

#include "base/buf.h"

str id_new(struct ctx *cx)
{
    unsigned char bytes[16];
    uint64_t      ms  = (uint64_t)(ctx_now_us(cx) / 1000);
    struct buf    hex = BUF_INIT(64);
    str           text;

    cx->env->random(cx->env, bytes + 6, 10);
    for (int i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
    }
    bytes[6] = (unsigned char)(0x70U | (bytes[6] & 0x0FU));
    bytes[8] = (unsigned char)(0x80U | (bytes[8] & 0x3FU));
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            buf_add_char(&hex, '-');
        }
        buf_add_hex(&hex, &bytes[i], 1);
    }
    text = arena_dup(cx->arena, buf_view(&hex));
    buf_release(&hex);
    return text;
}

bool id_is_valid(str text)
{
    if (text.len != ID_TEXT_LEN) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c       = text.ptr[i];

        if (is_dash ? c != '-' : !(char_is_digit(c) || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}
