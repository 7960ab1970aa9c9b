/*
 * files.c - what lies in one product's folder.
 *
 * Contracts and SQL lie in the folder itself (the newest major) or in v<digits>/ (an older one);
 * steps/ beside the SQL holds private intermediate tables. weft.lock is a contract that the program
 * wrote for a source nobody described.
 */
#include "project/project_int.h"

#include "os/dir.h"

static bool is_contract_name(str name)
{
    return str_ends(name, S(".odcs.yaml")) || str_ends(name, S(".odcs.yml")) ||
           str_eq(name, S("weft.lock"));
}

static bool is_major_folder(str name, unsigned *major)
{
    uint64_t value;

    if (name.len < 2 || name.ptr[0] != 'v' || !str_to_u64(str_from(name, 1), &value) ||
        value == 0 || value > 100000) {
        return false;
    }
    *major = (unsigned)value;
    return true;
}

static enum status read_contract(struct product_load *load, str dir, str name)
{
    struct found_contract found    = { .dir = dir, .is_lock = str_eq(name, S("weft.lock")) };
    struct odcs_contract *contract = NULL;

    TRY(project_read_doc(load->cx, load->project->root, os_path_join(load->cx->arena, dir, name),
                         PROJECT_DOCUMENT_MAX, &found.doc));
    TRY(odcs_read(load->cx, &found.doc->text, STD_STRICT, load->diags, &contract));
    vec_push(load->cx->arena, &load->product->docs, found.doc);
    if (contract) {
        found.contract = contract;
        vec_push(load->cx->arena, &load->files->contracts, found);
    }
    return ST_OK;
}

static enum status read_sql(struct product_load *load, str dir, str name,
                            const struct project_doc **out)
{
    TRY(project_read_doc(load->cx, load->project->root, os_path_join(load->cx->arena, dir, name),
                         PROJECT_SQL_MAX, out));
    vec_push(load->cx->arena, &load->product->docs, *out);
    return ST_OK;
}

/* Files of steps/: each is a table only its own product's SQL can name. */
static enum status read_steps(struct product_load *load, str dir, unsigned major)
{
    struct os_entries list;

    TRY(os_dir_list(load->cx, os_path_join(load->cx->arena, load->project->root, dir),
                    PROJECT_FILES_MAX, &list));
    for (size_t i = 0; i < list.list.count; i++) {
        struct project_step step = { .major = major };
        str                 name = list.list.items[i].path;

        if (list.list.items[i].kind != OS_KIND_FILE || !str_ends(name, S(".sql"))) {
            continue;
        }
        TRY(read_sql(load, dir, name, &step.sql));
        step.name = str_sub(name, 0, name.len - 4);
        if (!name_is_valid(step.name)) {
            REPORT(load, DIAG_ERROR, step.sql, (struct diag_pos){ 0 }, "names.step",
                   S("use lower-case letters, digits and _"),
                   "the name of step \"" STR_FMT "\" cannot be a table's name", STR_ARG(step.name));
            continue;
        }
        vec_push(load->cx->arena, &load->product->steps, step);
    }
    return ST_OK;
}

/* One folder: the product's own (major 0) or that of an older major. */
static enum status read_folder(struct product_load *load, str dir, unsigned major)
{
    struct os_entries list;
    unsigned          older;

    TRY(os_dir_list(load->cx, os_path_join(load->cx->arena, load->project->root, dir),
                    PROJECT_FILES_MAX, &list));
    for (size_t i = 0; i < list.list.count; i++) {
        str  name   = list.list.items[i].path;
        bool is_dir = list.list.items[i].kind == OS_KIND_FOLDER;

        if (is_dir && str_eq(name, S("steps"))) {
            TRY(read_steps(load, os_path_join(load->cx->arena, dir, name), major));
        } else if (is_dir && major == 0 && is_major_folder(name, &older)) {
            TRY(read_folder(load, os_path_join(load->cx->arena, dir, name), older));
        } else if (!is_dir && is_contract_name(name)) {
            TRY(read_contract(load, dir, name));
        } else if (!is_dir && str_ends(name, S(".sql"))) {
            struct found_sql sql = { .dir = dir, .name = str_sub(name, 0, name.len - 4) };

            TRY(read_sql(load, dir, name, &sql.doc));
            vec_push(load->cx->arena, &load->files->sql, sql);
        }
    }
    return ST_OK;
}

enum status product_files_read(struct product_load *load)
{
    return read_folder(load, load->product->dir, 0);
}
