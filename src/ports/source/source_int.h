/*
 * source_int.h - what the implementations of a source share.
 */
#ifndef SOURCE_SOURCE_INT_H
#define SOURCE_SOURCE_INT_H

#include "source/source.h"

/* One kind of source. Members that a kind has no use for are NULL: source.c answers for them. */
struct source_ops {
    enum source_kind kind;
    enum status (*list)(struct source *, struct ctx *, const struct source_table *,
                        struct source_files *out);
    enum status (*hash)(struct source *, struct ctx *, struct source_file *);
    enum status (*check)(struct source *, struct ctx *, const struct source_files *);
    enum status (*call_of)(struct source *, struct ctx *, struct engine_conn *,
                           const struct source_reading *, struct source_call *out);
    enum status (*load)(struct source *, struct ctx *, const struct source_table *,
                        const struct source_target *, uint64_t *rows);
    enum status (*columns)(struct source *, struct ctx *, const struct source_table *,
                           struct engine_conn *, struct source_columns *out);
    enum status (*keys)(struct source *, struct ctx *, const struct source_table *,
                        struct source_columns *out);
    void (*close)(struct source *);
};

struct source {
    const struct source_ops *ops;
    struct source_options    options;
    bool                     is_closed;
};

NODISCARD enum status source_files_open(struct ctx *cx, const struct source_options *options,
                                        struct source **out);
NODISCARD enum status source_postgres_open(struct ctx *cx, const struct source_options *options,
                                           struct source **out);

/* What a table is called in the source. */
str source_object_name(const struct source_table *table);
str source_column_physical(const struct source_column *column);

/* "; did you mean "x"?", else the first names there are; in cx->arena. */
str source_hint(struct ctx *cx, str word, const struct source_columns *known);

/* The column of that name, without regard to case as the engine does; NULL when there is none. */
const struct source_column *source_column_find(const struct source_columns *list, str name);

/* True for a text that cannot end a CAST( … ) around it: balanced, without statement characters. */
bool source_type_is_plain(str type);

/* ------------------------------------------------------------------------- files */

enum source_format files_format_of(const struct source_options *options, str path);

/* ST_OK when the real path lies below an allowed folder; `shown` is for the message. */
NODISCARD enum status files_reach(struct source *s, struct ctx *cx, str real, str shown);

/* Columns in the folder names of all these files: k of "k=v". None when they differ. */
void files_hive_keys(struct ctx *cx, const struct source_files *files, struct source_columns *out);

enum status files_hash(struct source *s, struct ctx *cx, struct source_file *file);
enum status files_check(struct source *s, struct ctx *cx, const struct source_files *files);
enum status files_call_of(struct source *s, struct ctx *cx, struct engine_conn *conn,
                          const struct source_reading *what, struct source_call *out);
enum status files_columns(struct source *s, struct ctx *cx, const struct source_table *table,
                          struct engine_conn *conn, struct source_columns *out);

/* Arguments of a call while it is put together. */
struct source_args {
    VEC(struct source_arg) list;
};

void call_add_text(struct ctx *cx, struct source_args *args, str name, str text);
void call_add_bool(struct ctx *cx, struct source_args *args, str name, bool value);
void call_add_int(struct ctx *cx, struct source_args *args, str name, int64_t value);
void call_add_texts(struct ctx *cx, struct source_args *args, str name, const str *texts,
                    size_t count);
/* {physical name: type} of the columns. */
void call_add_types(struct ctx *cx, struct source_args *args, str name,
                    const struct source_columns *columns);

#endif
