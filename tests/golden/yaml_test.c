/*
 * yaml_test.c - our reader against golden/yaml/<name>.json, which a second reader of YAML 1.2 made.
 *
 * peer/yaml_test.py holds that reader to the same files.
 */
#include "codec/yaml.h"

#include "test.h"

#include <glob.h>
#include <stdio.h>

#include "base/buf.h"
#include "codec/json.h"
#include "support/test_ctx.h"

enum { FILE_MAX_BYTES = 1 << 20, DOCUMENTS_AT_LEAST = 10 };

static str read_file(struct ctx *cx, const char *path)
{
    FILE  *file  = fopen(path, "rb");
    char  *bytes = arena_alloc(cx->arena, FILE_MAX_BYTES);
    size_t len;

    if (!file) {
        fail_msg("%s is missing: run peer/yaml_test.py --bless", path);
    }
    len = fread(bytes, 1, FILE_MAX_BYTES, file);
    fclose(file);
    return (str){ bytes, len };
}

static struct json *to_json(struct arena *a, const struct yaml_node *node)
{
    struct json *v;

    switch (node->kind) {
    case YAML_NULL: return json_new_null(a);
    case YAML_BOOL: return json_new_bool(a, node->truth);
    case YAML_INT: return json_new_i64(a, node->integer);
    case YAML_FLOAT: return json_new_double(a, node->real);
    case YAML_STRING: return json_new_str(a, node->text);
    case YAML_LIST:
    case YAML_MAP: break;
    }
    v = node->kind == YAML_LIST ? json_new_array(a) : json_new_object(a);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_LIST) {
            json_append(a, v, to_json(a, node->items[i]));
        } else {
            json_set(a, v, node->members[i].key, to_json(a, node->members[i].value));
        }
    }
    return v;
}

static void check_document(const char *path)
{
    struct test_ctx   t;
    struct ctx       *cx   = test_ctx_init(&t, 1);
    struct diags      d    = { 0 };
    struct diag_text  text = { str_of(path), read_file(cx, path) };
    str               base = str_sub(text.name, 0, text.name.len - 5);
    struct yaml_node *root;
    struct json      *wanted, *got;
    str               shown;

    if (yaml_read(cx, &text, NULL, &d, &root) != ST_OK || d.list.count) {
        fail_msg("%s: " STR_FMT, path, STR_ARG(err_text(cx->err)));
    }
    got = to_json(cx->arena, root);
    assert_int_equal(
        json_read(
            cx, read_file(cx, arena_printf(cx->arena, STR_FMT ".json%c", STR_ARG(base), '\0').ptr),
            "golden", NULL, &wanted),
        ST_OK);
    assert_int_equal(json_write(cx, got, JSON_COMPACT, &shown), ST_OK);
    if (!json_equal(got, wanted, NULL)) {
        fail_msg("%s reads as " STR_FMT, path, STR_ARG(shown));
    }
    test_ctx_release(&t);
}

static void documents_read_as_the_second_reader_says(void **state)
{
    glob_t found;

    assert_int_equal(glob(WEFT_TEST_ROOT "/tests/golden/yaml/*.yaml", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= DOCUMENTS_AT_LEAST);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        check_document(found.gl_pathv[i]);
    }
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_read_as_the_second_reader_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
