/*
 * yaml_places.c - from characters to bytes, lines and columns.
 */
#include "codec/yaml_int.h"

enum { STRIDE = 64 };

static bool starts_character(char c)
{
    return ((unsigned char)c & 0xC0U) != 0x80U;
}

static void count_text(const struct yaml_places *p, size_t *characters, size_t *lines)
{
    *characters = 0;
    *lines      = 1;
    for (size_t i = p->skipped; i < p->bytes.len; i++) {
        *characters += starts_character(p->bytes.ptr[i]);
        *lines += p->bytes.ptr[i] == '\n';
    }
}

void yaml_places_init(struct yaml_places *p, struct arena *a, str bytes)
{
    size_t characters, lines, at = 0;

    *p         = (struct yaml_places){ .bytes = bytes };
    p->skipped = str_starts(bytes, S("\xEF\xBB\xBF")) ? 3 : 0;
    count_text(p, &characters, &lines);
    p->lines = arena_array(a, lines, sizeof *p->lines);
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == '\n') {
            p->lines[++p->line_count] = (uint32_t)(i + 1);
        }
    }
    p->line_count++;
    if (characters == bytes.len - p->skipped) {
        return;
    }
    p->chars = arena_array(a, characters / STRIDE + 1, sizeof *p->chars);
    for (size_t i = p->skipped; i < bytes.len; i++) {
        if (starts_character(bytes.ptr[i]) && at++ % STRIDE == 0) {
            p->chars[p->char_marks++] = (uint32_t)i;
        }
    }
}

size_t yaml_places_offset(const struct yaml_places *p, size_t character)
{
    size_t offset, mark = character / STRIDE;

    if (!p->chars) {
        offset = p->skipped + character;
        return offset < p->bytes.len ? offset : p->bytes.len;
    }
    if (mark >= p->char_marks) {
        return p->bytes.len;
    }
    offset = p->chars[mark];
    for (size_t left = character % STRIDE; left > 0 && offset < p->bytes.len; left--) {
        offset++;
        while (offset < p->bytes.len && !starts_character(p->bytes.ptr[offset])) {
            offset++;
        }
    }
    return offset;
}

struct diag_pos yaml_places_pos(const struct yaml_places *p, size_t offset, size_t len)
{
    size_t low = 0, high = p->line_count;
    size_t rest = 0;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (p->lines[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    while (rest < len && offset + rest < p->bytes.len && p->bytes.ptr[offset + rest] != '\n' &&
           p->bytes.ptr[offset + rest] != '\r') {
        rest++;
    }
    return (struct diag_pos){ .line   = (uint32_t)low + 1,
                              .column = (uint32_t)(offset - p->lines[low]) + 1,
                              .offset = (uint32_t)offset,
                              .len    = (uint32_t)rest };
}
