/*
 * arrow_cell.c - values found in the buffers of an array.
 *
 * Buffers by layout: [validity, values] for fixed width, [validity, offsets, bytes] for text, the
 * same without bytes for lists, [validity] for structs and fixed lists, [type codes] for unions.
 * Everything is read with memcpy: buffers of a foreign producer need not be aligned.
 */
#include "arrow/arrow_int.h"

#include <string.h>

/* The position in the buffers: an array may be a slice. */
static size_t slot_of(struct arrow_cell cell)
{
    return (size_t)cell.array->offset + cell.row;
}

struct arrow_cell arrow_cell_of(const struct arrow_type *type, const struct ArrowArray *batch,
                                size_t column, size_t row)
{
    return arrow_field((struct arrow_cell){ type, batch, row }, column);
}

struct arrow_cell arrow_field(struct arrow_cell cell, size_t index)
{
    return (struct arrow_cell){ &cell.type->children[index], cell.array->children[index],
                                slot_of(cell) };
}

struct arrow_cell arrow_member(struct arrow_cell cell)
{
    int8_t code;
    size_t member = 0;

    memcpy(&code, (const char *)cell.array->buffers[0] + slot_of(cell), sizeof code);
    while (cell.type->union_codes[member] != code) {
        if (++member >= cell.type->child_count) {
            BUG("a union holds a type code that it does not have");
        }
    }
    return arrow_field(cell, member);
}

bool arrow_is_null(struct arrow_cell cell)
{
    const unsigned char *validity;
    size_t               slot = slot_of(cell);

    if (cell.type->kind == ARROW_NULL) {
        return true;
    }
    if (cell.type->kind == ARROW_UNION) {
        return arrow_is_null(arrow_member(cell));
    }
    validity = cell.array->n_buffers > 0 ? cell.array->buffers[0] : NULL;
    return validity && !((unsigned)validity[slot / 8] >> (slot % 8) & 1U);
}

/* Offset number `index` of buffer 1. */
static size_t offset_at(struct arrow_cell cell, size_t index)
{
    const char *offsets = cell.array->buffers[1];
    int64_t     wide;
    int32_t     narrow;

    if (cell.type->layout == ARROW_OFFSET64) {
        memcpy(&wide, offsets + index * sizeof wide, sizeof wide);
        return (size_t)wide;
    }
    memcpy(&narrow, offsets + index * sizeof narrow, sizeof narrow);
    return (size_t)narrow;
}

size_t arrow_item_count(struct arrow_cell cell)
{
    size_t slot = slot_of(cell);

    if (cell.type->kind == ARROW_FIXED_LIST) {
        return cell.type->width;
    }
    return offset_at(cell, slot + 1) - offset_at(cell, slot);
}

struct arrow_cell arrow_item(struct arrow_cell cell, size_t index)
{
    size_t slot = slot_of(cell);
    size_t first =
        cell.type->kind == ARROW_FIXED_LIST ? slot * cell.type->width : offset_at(cell, slot);

    return (struct arrow_cell){ &cell.type->children[0], cell.array->children[0], first + index };
}

const unsigned char *arrow_raw(struct arrow_cell cell)
{
    return (const unsigned char *)cell.array->buffers[1] + slot_of(cell) * cell.type->width;
}

int64_t arrow_raw_i64(struct arrow_cell cell, size_t at)
{
    int64_t value;

    memcpy(&value, arrow_raw(cell) + at, sizeof value);
    return value;
}

arrow_i128 arrow_wide(struct arrow_cell cell)
{
    const unsigned char *raw = arrow_raw(cell);
    arrow_i128           wide;
    int64_t              i64;
    int32_t              i32;
    int16_t              i16;

    switch (cell.type->width) {
    case 16: memcpy(&wide, raw, sizeof wide); return wide;
    case 8:
        memcpy(&i64, raw, sizeof i64);
        return cell.type->kind == ARROW_UINT ? (arrow_i128)(uint64_t)i64 : i64;
    case 4:
        memcpy(&i32, raw, sizeof i32);
        return cell.type->kind == ARROW_UINT ? (arrow_i128)(uint32_t)i32 : i32;
    case 2:
        memcpy(&i16, raw, sizeof i16);
        return cell.type->kind == ARROW_UINT ? (arrow_i128)(uint16_t)i16 : i16;
    case 1: return cell.type->kind == ARROW_UINT ? (arrow_i128)*raw : (arrow_i128)(int8_t)*raw;
    default: BUG("a whole number of this width");
    }
}

bool arrow_bool(struct arrow_cell cell)
{
    const unsigned char *bits = cell.array->buffers[1];
    size_t               slot = slot_of(cell);

    if (cell.type->width == 1) {
        return bits[slot] != 0;
    }
    return (unsigned)bits[slot / 8] >> (slot % 8) & 1U;
}

int64_t arrow_i64(struct arrow_cell cell)
{
    return (int64_t)arrow_wide(cell);
}

static double float_of(struct arrow_cell cell)
{
    double wide;
    float  narrow;

    if (cell.type->width == sizeof narrow) {
        memcpy(&narrow, arrow_raw(cell), sizeof narrow);
        return (double)narrow;
    }
    memcpy(&wide, arrow_raw(cell), sizeof wide);
    return wide;
}

double arrow_f64(struct arrow_cell cell)
{
    double value;

    if (cell.type->kind == ARROW_FLOAT) {
        return float_of(cell);
    }
    if (cell.type->kind == ARROW_UINT) {
        return (double)(arrow_u128)arrow_wide(cell);
    }
    value = (double)arrow_wide(cell);
    if (cell.type->kind == ARROW_DECIMAL) {
        for (int32_t left = cell.type->scale; left > 0; left -= 18) {
            value /= (double)arrow_pow10(left < 18 ? (uint32_t)left : 18U);
        }
    }
    return value;
}

/* A view: length, then 12 bytes inline, or prefix, buffer number and offset. */
static str view_at(const struct ArrowArray *array, size_t slot)
{
    const char *view = (const char *)array->buffers[1] + slot * 16;
    int32_t     len, buffer, offset;

    memcpy(&len, view, sizeof len);
    if (len <= 12) {
        return (str){ view + 4, (size_t)len };
    }
    memcpy(&buffer, view + 8, sizeof buffer);
    memcpy(&offset, view + 12, sizeof offset);
    return (str){ (const char *)array->buffers[2 + buffer] + offset, (size_t)len };
}

str arrow_str(struct arrow_cell cell)
{
    size_t slot = slot_of(cell);
    size_t first;

    if (cell.type->dictionary) {
        return arrow_str((struct arrow_cell){ cell.type->dictionary, cell.array->dictionary,
                                              (size_t)arrow_wide(cell) });
    }
    if (cell.type->layout == ARROW_VIEW) {
        return view_at(cell.array, slot);
    }
    if (cell.type->layout == ARROW_FIXED) {
        return (str){ (const char *)arrow_raw(cell), cell.type->width };
    }
    first = offset_at(cell, slot);
    return (str){ (const char *)cell.array->buffers[2] + first, offset_at(cell, slot + 1) - first };
}

/* Rows first .. first + count - 1 of one node and of all below it. */
static size_t bytes_of(const struct arrow_type *type, const struct ArrowArray *array, size_t first,
                       size_t count)
{
    struct arrow_cell cell  = { type, array, 0 };
    size_t            slot  = (size_t)array->offset + first;
    size_t            bytes = count / 8 + count * type->width;

    if (type->layout == ARROW_OFFSET32 || type->layout == ARROW_OFFSET64) {
        size_t from = count > 0 ? offset_at(cell, slot) : 0;
        size_t to   = count > 0 ? offset_at(cell, slot + count) : 0;

        bytes += count * (type->layout == ARROW_OFFSET32 ? 4 : 8);
        if (type->child_count == 0) {
            return bytes + (to - from);
        }
        return bytes + bytes_of(&type->children[0], array->children[0], from, to - from);
    }
    if (type->layout == ARROW_VIEW) {
        for (size_t i = 0; i < count; i++) {
            bytes += 16 + view_at(array, slot + i).len;
        }
    }
    if (type->kind == ARROW_FIXED_LIST) {
        return count / 8 + bytes_of(&type->children[0], array->children[0], slot * type->width,
                                    count * type->width);
    }
    for (size_t i = 0; i < type->child_count; i++) {
        bytes += bytes_of(&type->children[i], array->children[i], slot, count);
    }
    return bytes;
}

size_t arrow_bytes(const struct arrow_type *type, const struct ArrowArray *array)
{
    return bytes_of(type, array, 0, (size_t)array->length);
}
