/*
 * nearest.c - what may have been meant by words that find nothing.
 */
#include "search/search_int.h"

#include "search/search_sql.h"

/* A short word is near to many that nobody meant. */
enum { TRIES_MAX = 8, WORD_MIN = 4, WORD_MAX = 63 };

static enum status finds(struct ctx *cx, str words, const struct search_reader *reader, bool *out)
{
    struct search_hits hits;

    TRY(search_find(cx, words, 1, reader, &hits));
    *out = hits.list.count > 0;
    return ST_OK;
}

/* Words of names that are about as long as `word`. */
static enum status read_words(struct ctx *cx, str word, str **out, size_t *out_count)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    int64_t              far                      = (int64_t)(word.len / 3 > 1 ? word.len / 3 : 1);
    int64_t              length                   = (int64_t)word.len;
    bool                 has_row;
    VEC(str) words = { 0 };

    TRY(db_query(cx, &search_sql[SEARCH_SQL_WORD_LIST],
                 DB_ARGS(db_i64(length - far), db_i64(length + far)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        if (str_nearest(word, (const str[]){ db_col_text(rows, 0) }, 1).len > 0) {
            vec_push(cx->arena, &words, db_text_dup(rows, cx, 0));
        }
    }
    *out       = words.items;
    *out_count = words.count;
    return ST_OK;
}

/*
 * The nearest word that is in a name which this reader may know; empty when there is none. That it finds
 * something would not do: the guess would tell that it is a name somewhere.
 */
static enum status right_word(struct ctx *cx, str word, const struct search_reader *reader,
                              str *out)
{
    str   *words;
    size_t count;

    *out = STR_NONE;
    if (word.len < WORD_MIN || word.len > WORD_MAX) {
        return ST_OK;
    }
    TRY(read_words(cx, word, &words, &count));
    for (size_t i = 0; i < TRIES_MAX && count > 0; i++) {
        str  near = str_nearest(word, words, count);
        bool is_known;

        TRY(search_names_have(cx, near, reader, &is_known));
        if (is_known) {
            *out = near;
            return ST_OK;
        }
        for (size_t k = 0; k < count; k++) {
            if (words[k].ptr == near.ptr) {
                words[k] = words[--count];
            }
        }
    }
    return ST_OK;
}

/* Adds a word of the search, put right when it finds nothing by itself. */
static enum status add_right(struct ctx *cx, str word, const struct search_reader *reader,
                             str *made, bool *is_other)
{
    str  right = word;
    bool is_known;

    TRY(finds(cx, word, reader, &is_known));
    if (!is_known) {
        TRY(right_word(cx, word, reader, &right));
        *is_other = *is_other || right.len > 0;
    }
    if (right.len > 0) {
        *made = arena_printf(cx->arena, STR_FMT "%s" STR_FMT, STR_ARG(*made), made->len ? " " : "",
                             STR_ARG(right));
    }
    return ST_OK;
}

/* "custmer_id" as "custmer id": the words of names are such parts. */
static str in_parts(struct arena *a, str text)
{
    char *made = arena_alloc(a, text.len + 1);

    for (size_t i = 0; i < text.len; i++) {
        char c        = text.ptr[i];
        bool is_there = char_is_alpha(c) || char_is_digit(c) || (unsigned char)c >= 0x80;

        made[i] = is_there ? c : ' ';
    }
    return (str){ made, text.len };
}

enum status search_nearest(struct ctx *cx, str text, const struct search_reader *reader, str *out)
{
    struct search_words words;
    str                 made     = STR_NONE;
    bool                is_other = false, is_known = false;

    if (search_words_read(cx, in_parts(cx->arena, text), &words) != ST_OK) {
        err_clear(cx->err); /* more parts than a search has words: nobody means these */
        *out = STR_NONE;
        return ST_OK;
    }
    for (size_t i = 0; i < words.count; i++) {
        TRY(add_right(cx, words.items[i], reader, &made, &is_other));
    }
    if (is_other) {
        TRY(finds(cx, made, reader, &is_known));
    }
    *out = is_known ? made : STR_NONE;
    return ST_OK;
}
