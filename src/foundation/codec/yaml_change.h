/*
 * yaml_change.h - one value of a YAML text is set, goes, or joins a list; all other lines stay.
 *
 * Above yaml_edit.h: values are trees of any kind, and a member or an item can go. The result is read
 * again and must be exactly the tree meant; where it is not, the answer is ST_UNSUPPORTED and the text
 * stays as it was. A value that is there already leaves the text byte for byte.
 *
 * New scalars take the quotes of what they replace; new lists and maps are written on one line.
 * Setting a list of scalars that only loses items and gains some at its end leaves the lines of the
 * others.
 *
 * Errors    as yaml_edit.h; ST_NOT_FOUND when the owner of the place is not there.
 * Threads   pure apart from cx.
 */
#ifndef CODEC_YAML_CHANGE_H
#define CODEC_YAML_CHANGE_H

#include "codec/yaml_edit.h"

/*
 * The value at `pointer` (RFC 6901): in place of the one there, or as the last member of its map when
 * only the last step is missing. Comments inside a list or map that is replaced whole are not thrown
 * away: ST_UNSUPPORTED.
 */
NODISCARD enum status yaml_change_set(struct ctx *cx, str bytes, str pointer,
                                      const struct yaml_node *value, str *out);

/* A new last item of the list at `pointer`. */
NODISCARD enum status yaml_change_append(struct ctx *cx, str bytes, str pointer,
                                         const struct yaml_node *value, str *out);

/*
 * The member or item at `pointer` goes, with its lines and the comment behind it. The only one leaves
 * an empty `{}` or `[]`. ST_NOT_FOUND when it is not there.
 */
NODISCARD enum status yaml_change_remove(struct ctx *cx, str bytes, str pointer, str *out);

/* A string, and a map of two members, as values to give to the functions above; in cx->arena. */
struct yaml_node *yaml_value_string(struct ctx *cx, str text);
struct yaml_node *yaml_value_pair(struct ctx *cx, const str keys[2],
                                  struct yaml_node *const values[2]);

#endif
