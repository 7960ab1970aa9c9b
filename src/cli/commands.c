/*
 * commands.c - the table of commands: parsing, help and completion come from here.
 */
#include "cli/cli.h"

#define EXAMPLES(list) .examples = (list), .example_count = COUNT_OF(list)

static const struct cli_example init_examples[] = {
    { "weft init my-mesh", "an empty mesh in a new folder" },
    { "weft init --example my-mesh", "with a domain and a product to play with" },
};
static const struct cli_example domain_examples[] = {
    { "weft new domain sales", "domains/sales/domain.yaml, to be filled in" },
};
static const struct cli_example product_examples[] = {
    { "weft new product sales.orders --from orders.csv", "files and inferred contract" },
    { "weft new product sales.orders --from orders.csv --publish", "and publish it at once" },
    { "PGPASSWORD=… weft new product crm.members --from "
      "postgres://app@localhost:5432/crm/public.member",
      "from a table of PostgreSQL" },
};
static const struct cli_example validate_examples[] = {
    { "weft validate", "all documents of the mesh" },
    { "weft validate contract.odcs.yaml --profile schema",
      "one file, as the official schema sees it" },
};
static const struct cli_example plan_examples[] = {
    { "weft plan", "what publishing this folder would do" },
    { "weft plan --all --markdown", "for a pull request" },
    { "weft plan --fix sales.orders", "write the right versions into the documents" },
};
static const struct cli_example diff_examples[] = {
    { "weft diff old.odcs.yaml new.odcs.yaml", "two files" },
    { "weft diff sales.orders.orders orders.odcs.yaml", "what is published against a file" },
    { "weft diff sales.orders.orders@1.0.0 sales.orders.orders@1.2.0", "two published versions" },
    { "weft diff main:orders.odcs.yaml orders.odcs.yaml --markdown",
      "a git revision; for a pull request" },
    { "weft diff sales.orders.orders orders.odcs.yaml --data",
      "would the published rows still pass?" },
};
static const struct cli_example set_examples[] = {
    { "weft set sales.orders.orders.customer classification=restricted tags+=pii.name",
      "a column" },
    { "weft set sales.orders.orders weft.build=delivered", "a table" },
    { "weft set sales.orders.orders contract.version=1.1.0 port.version=1.1.0",
      "its contract and its port" },
    { "weft set sales.orders description.purpose=", "a product's field goes" },
    { "weft set --dry-run domains/sales/orders/source.odcs.yaml servers.till.path=orders.csv",
      "any document, by its path" },
};
static const struct cli_example publish_examples[] = {
    { "weft publish sales.orders", "one product" },
    { "weft publish --all", "all, in dependency order; what did not change is skipped" },
    { "weft publish sales.targets --data targets.csv", "files that somebody else's job made" },
    { "weft publish sales.orders --rollback 3", "the data of its third publish is live again" },
};
static const struct cli_example query_examples[] = {
    { "weft query \"SELECT count(*) FROM sales.orders.orders\"", "as a table" },
    { "weft query -o parquet -f out.parquet \"FROM sales.orders.orders\"", "into a file" },
    { "weft query \"FROM sales.orders.orders AT (VERSION => 3)\"", "an older snapshot" },
    { "weft query --as ana \"FROM sales.orders.orders\"", "as ana sees it" },
};
static const struct cli_example export_examples[] = {
    { "weft export sales -f sales.duckdb",
      "a domain: the file knows its tables by their addresses" },
    { "weft export sales.orders crm.members.members -f work.duckdb", "a product and a table" },
    { "weft export --all --as ana -f ana.duckdb", "all that ana may see, as ana sees it" },
};
static const struct cli_example policy_list_examples[] = {
    { "weft policy list", "every policy, where it holds and what it does" },
};
static const struct cli_example explain_examples[] = {
    { "weft policy explain --as ana loyalty.members.members", "what ana gets of a table, and why" },
    { "weft policy explain --as ana --purpose fraud-investigation loyalty.members.members",
      "for a purpose of mesh.yaml" },
    { "weft policy explain --as insights.delays operations.flights.departures",
      "a product reads under policies too" },
};
static const struct cli_example test_examples[] = {
    { "weft policy test", "all expectations (kind: PolicyTest) beside the policies" },
};
static const struct cli_example rotate_examples[] = {
    { "weft policy rotate-key", "hashes get other values from now on" },
};
static const struct cli_example tree_examples[] = {
    { "weft catalog tree", "domains, their products, their tables" },
};
static const struct cli_example list_examples[] = {
    { "weft catalog list --json", "for a program" },
};
static const struct cli_example search_examples[] = {
    { "weft catalog search order lines", "all words, in names or in what is said of them" },
    { "weft catalog search pii.email --as ana", "among what ana may know" },
};
static const struct cli_example status_examples[] = {
    { "weft status", "how much is published, and what runs now" },
};
static const struct cli_example history_examples[] = {
    { "weft history", "the newest publishes of all products" },
    { "weft history sales.orders.orders", "snapshots of one table; AT (VERSION => n) reads one" },
};
static const struct cli_example doctor_examples[] = {
    { "weft doctor", "is everything that was published still whole?" },
    { "weft doctor --repair",
      "removes what killed publishes left behind, and writes what is derived" },
};
static const struct cli_example backup_examples[] = {
    { "weft backup /mnt/backup/shop", "the first time everything, then what is new" },
};
static const struct cli_example restore_examples[] = {
    { "weft restore /mnt/backup/shop", "into a mesh whose state is gone" },
};
static const struct cli_example tick_examples[] = {
    { "weft tick", "from cron, once a day" },
};
static const struct cli_example completion_examples[] = {
    { "source <(weft completion bash)", "in this shell" },
    { "weft completion fish > ~/.config/fish/completions/weft.fish", "for good" },
};
static const struct cli_example manual_examples[] = {
    { "weft manual | man -l -", "read it" },
};
static const struct cli_example help_examples[] = {
    { "weft help publish", "the same as weft publish --help" },
};
static const struct cli_example show_examples[] = {
    { "weft catalog show sales.orders", "a product with its ports, tables and columns" },
    { "weft catalog show sales", "a domain with its team and products" },
};
static const struct cli_example verify_examples[] = {
    { "weft receipt verify receipt.json --key receipt-ed25519.pub.pem",
      "offline, with nothing else" },
};
static const struct cli_example receipt_examples[] = {
    { "weft receipt show sales.orders > receipt.json", "the newest receipt" },
};
static const struct cli_example schema_examples[] = {
    { "weft schema odcs > odcs.schema.json", "for an editor" },
};

/* clang-format off */
const struct cli_command cli_commands[] = {
    { .name = "init", .usage = "DIR", .summary = "make a mesh",
      .text = "Makes DIR with mesh.yaml, a folder for domains, schemas and settings for editors, and a .gitignore.",
      .options = CLI_OPT_EXAMPLE, .min_words = 1, .max_words = 1, .run = cmd_init, EXAMPLES(init_examples) },
    { .name = "new domain", .usage = "NAME", .summary = "make a domain",
      .text = "Makes domains/NAME with domain.yaml.",
      .min_words = 1, .max_words = 1, .run = cmd_new_domain, EXAMPLES(domain_examples) },
    { .name = "new product", .usage = "DOMAIN.NAME --from SOURCE", .summary = "make a product from data",
      .text = "Looks at all of SOURCE and writes the product's folder: product.odps.yaml, a contract with inferred\n"
              "types, keys and enums, and weft.lock with what the source looked like; the SQL too when a column has\n"
              "to be cast. Makes the mesh and the domain when they are missing.",
      .options = CLI_OPT_FROM | CLI_OPT_PUBLISH | CLI_OPT_TABLE | CLI_OPT_MEMORY, .min_words = 1, .max_words = 1,
      .run = cmd_new_product, EXAMPLES(product_examples) },
    { .name = "validate", .usage = "[PATH …]", .summary = "find all errors in documents",
      .text = "Checks the mesh's documents, or the files named, and shows every error at once.",
      .options = CLI_OPT_PROFILE | CLI_OPT_ENVIRONMENT, .max_words = 1000, .run = cmd_validate, EXAMPLES(validate_examples) },
    { .name = "plan", .usage = "[PRODUCT …]", .summary = "show what publishing would change",
      .text = "Touches nothing. Exit code 0: nothing to do or changes shown; 2: refused.\n"
              "Without names: the products of the current folder and below.",
      .options = CLI_OPT_ALL | CLI_OPT_ENVIRONMENT | CLI_OPT_FIX | CLI_OPT_MARKDOWN | CLI_OPT_FULL, .max_words = 1000,
      .run = cmd_plan, EXAMPLES(plan_examples) },
    { .name = "diff", .usage = "A B", .summary = "what changed between two documents, and what that means",
      .text = "Compares two contracts (ODCS) or two products (ODPS). A and B are files, REVISION:FILE of git, or what is\n"
              "published: DOMAIN.PRODUCT for a product, with a table or port behind it for a contract, with @VERSION for\n"
              "an older one. --json is an OMDS document. Exit code 2 when B has a version that does not fit the changes.\n"
              "docs/differences.md says what is breaking.",
      .options = CLI_OPT_MARKDOWN | CLI_OPT_ROWS | CLI_OPT_MEMORY | CLI_OPT_TIMEOUT, .min_words = 2, .max_words = 2,
      .run = cmd_diff, EXAMPLES(diff_examples) },
    { .name = "set", .usage = "ADDRESS KEY=VALUE …", .summary = "change fields of documents",
      .text = "ADDRESS is a domain, domain.product, domain.product.table or domain.product.table.column, or the path of\n"
              "a document. KEY is a field of the standard, deeper ones with dots (description.usage, quality.0.mustBe;\n"
              "an entry of a list by its id, name or number); of a table also contract.KEY and port.KEY; weft.KEY and\n"
              "customProperties.NAME for custom properties. KEY= removes, KEY+= and KEY-= change one entry of a list.\n"
              "VALUE is YAML on one line. Only the lines of the fields change; a result with new errors is not written.",
      .options = CLI_OPT_DRY_RUN, .min_words = 2, .max_words = 100, .run = cmd_set, EXAMPLES(set_examples) },
    { .name = "publish", .usage = "[PRODUCT …]", .summary = "build, check and publish products",
      .text = "Builds in dependency order, checks the new files against the contract, and makes all tables of a\n"
              "product live at once, with a signed receipt. A refused publish leaves the live data as it was.\n"
              "A rollback is a publish of older data: today's contract is checked on it, and what was published since\n"
              "stays in the history. The next publish builds anew only when documents or inputs have changed.",
      .options = CLI_OPT_ALL | CLI_OPT_ENVIRONMENT | CLI_OPT_DATA | CLI_OPT_FULL | CLI_OPT_KEEP | CLI_OPT_JOBS |
                 CLI_OPT_MEMORY | CLI_OPT_TIMEOUT | CLI_OPT_ROLLBACK, .max_words = 1000,
      .run = cmd_publish, EXAMPLES(publish_examples) },
    { .name = "query", .usage = "SQL", .summary = "query published tables",
      .text = "One SELECT on addresses domain.product.table, or domain.product_v2.table for one major. Of tables that are\n"
              "deprecated standard error tells when they end and what to read instead (--json: findings).",
      .options = CLI_OPT_OUTPUT | CLI_OPT_FILE | CLI_OPT_LIMIT | CLI_OPT_TIMEOUT | CLI_OPT_MEMORY | CLI_OPT_AS |
                 CLI_OPT_PURPOSE,
      .min_words = 1, .max_words = 1, .run = cmd_query, EXAMPLES(query_examples) },
    { .name = "export", .usage = "ADDRESS …", .summary = "copy published tables into a DuckDB file",
      .text = "ADDRESS is a domain, domain.product or domain.product.table (or a port's name for its tables); without\n"
              "a major the newest one of each table. A table is PRODUCT.TABLE in the file, as the reader sees it and\n"
              "with its published types; a view becomes the rows that it gives now. FILE appears when it is whole, and\n"
              "replaces what was there. ROWS is for each table.",
      .options = CLI_OPT_ALL | CLI_OPT_FILE | CLI_OPT_LIMIT | CLI_OPT_TIMEOUT | CLI_OPT_MEMORY | CLI_OPT_AS | CLI_OPT_PURPOSE,
      .max_words = 1000, .run = cmd_export, EXAMPLES(export_examples) },
    { .name = "catalog tree", .usage = "", .summary = "domains, products and tables",
      .text = "Everything that is published, as a tree.", .options = CLI_OPT_AS | CLI_OPT_PURPOSE, .run = cmd_catalog_tree, EXAMPLES(tree_examples) },
    { .name = "catalog list", .usage = "", .summary = "published products",
      .text = "One line for each published product; below them, tables that are deprecated.", .options = CLI_OPT_AS | CLI_OPT_PURPOSE, .run = cmd_catalog_list, EXAMPLES(list_examples) },
    { .name = "catalog show", .usage = "ADDRESS", .summary = "everything about one product or domain",
      .text = "Owner, ports, tables, columns, checks and inputs of a published product; purpose, team and\n"
              "products of a domain.",
      .options = CLI_OPT_AS | CLI_OPT_PURPOSE, .min_words = 1, .max_words = 1, .run = cmd_catalog_show, EXAMPLES(show_examples) },
    { .name = "catalog search", .usage = "WORDS", .summary = "find domains, products, tables and columns",
      .text = "Looks for all of the words in names, titles, descriptions, tags, classifications, owners and custom\n"
              "properties of what is published: names first, whole words before beginnings of the last one. Case and\n"
              "accents do not matter; order_lines is found by its parts. With --as: only what the principal may know.",
      .options = CLI_OPT_MOST | CLI_OPT_AS | CLI_OPT_PURPOSE, .min_words = 1, .max_words = 16, .run = cmd_catalog_search,
      EXAMPLES(search_examples) },
    { .name = "policy list", .usage = "", .summary = "the policies in force",
      .text = "Every policy with its scope, what it does, its reason and its file.", .run = cmd_policy_list,
      EXAMPLES(policy_list_examples) },
    { .name = "policy explain", .usage = "ADDRESS", .summary = "who sees what of a table, and why",
      .text = "For each column and for the rows: which policy decided, and its reason. Without --as: what the operator\n"
              "sees, which is everything. docs/policies.md is the language.",
      .options = CLI_OPT_AS | CLI_OPT_PURPOSE, .min_words = 1, .max_words = 1, .run = cmd_policy_explain,
      EXAMPLES(explain_examples) },
    { .name = "policy test", .usage = "", .summary = "run the expectations beside the policies",
      .text = "Documents of kind PolicyTest say what a principal must see. Exit code 2 when one does not hold.",
      .run = cmd_policy_test, EXAMPLES(test_examples) },
    { .name = "policy rotate-key", .usage = "", .summary = "make a new key for hashes",
      .text = "Masks that hash use the new key from the next query on. Products that read hashed columns are built anew\n"
              "at their next publish.", .run = cmd_policy_rotate_key, EXAMPLES(rotate_examples) },
    { .name = "status", .usage = "", .summary = "the mesh at a glance",
      .text = "What is published, what runs, and where the state lies.", .run = cmd_status, EXAMPLES(status_examples) },
    { .name = "history", .usage = "[ADDRESS]", .summary = "publishes and snapshots",
      .text = "Publishes of the mesh or of one product, newest first, and which of its majors were withdrawn; snapshots\n"
               "of one table.",
      .options = CLI_OPT_MOST, .max_words = 1, .run = cmd_history, EXAMPLES(history_examples) },
    { .name = "receipt show", .usage = "PRODUCT|PUBLISH", .summary = "print a receipt",
      .text = "The signed receipt of a publish, byte for byte; of a product the newest one.",
      .min_words = 1, .max_words = 1, .run = cmd_receipt_show, EXAMPLES(receipt_examples) },
    { .name = "receipt verify", .usage = "FILE", .summary = "prove a receipt",
      .text = "Needs only the file and the public key: no mesh, no network.",
      .options = CLI_OPT_KEY, .min_words = 1, .max_words = 1, .run = cmd_receipt_verify, EXAMPLES(verify_examples) },
    { .name = "doctor", .usage = "", .summary = "check the mesh's state",
      .text = "Walks the store, the chains of events and receipts, every file, every Delta log and the search index.\n"
              "--repair removes garbage and leases of dead publishes, writes what is missing of logs, and makes a\n"
              "wrong index anew; it never touches what is live, nor what another program wrote.",
      .options = CLI_OPT_REPAIR, .run = cmd_doctor, EXAMPLES(doctor_examples) },
    { .name = "backup", .usage = "FOLDER", .summary = "save the mesh's state",
      .text = "One consistent set, while publishing goes on: the store, every file it names, the keys. Again into the\n"
              "same folder, it copies what is new. The documents are not in it: they are in git.",
      .min_words = 1, .max_words = 1, .run = cmd_backup, EXAMPLES(backup_examples) },
    { .name = "restore", .usage = "FOLDER", .summary = "bring the state back from a backup",
      .text = "Into a mesh (its documents from git) that has no state. Every file is checked; what is missing or damaged\n"
              "is named and the rest restored.",
      .min_words = 1, .max_words = 1, .run = cmd_restore, EXAMPLES(restore_examples) },
    { .name = "tick", .usage = "", .summary = "do what has fallen due",
      .text = "Majors whose sunset has come (endOfLife of their published contract), or that their product was published\n"
              "without, are served no longer. Files of snapshots that something newer replaced, or that were withdrawn,\n"
              "longer ago than weft.history says are removed; all other live data, the numbers of old snapshots and all\n"
              "receipts stay. docs/operations.md tells more.",
      .run = cmd_tick, EXAMPLES(tick_examples) },
    { .name = "schema", .usage = "KIND", .summary = "JSON Schema of a document kind",
      .text = "KIND is mesh, domain, policy, principals, policytest, odcs or odps.",
      .min_words = 1, .max_words = 1, .run = cmd_schema, EXAMPLES(schema_examples) },
    { .name = "completion", .usage = "bash|zsh|fish", .summary = "completion of commands for a shell",
      .text = "Prints what the shell has to read. `make install` and the Debian package put it into its place.",
      .min_words = 1, .max_words = 1, .run = cmd_completion, EXAMPLES(completion_examples) },
    { .name = "manual", .usage = "", .summary = "the manual page",
      .text = "Prints weft(1), made of the same table as this help.", .run = cmd_manual, EXAMPLES(manual_examples) },
    { .name = "help", .usage = "[COMMAND]", .summary = "show help",
      .text = "All commands, or one of them.", .max_words = 2, .run = cmd_help, EXAMPLES(help_examples) },
};
/* clang-format on */
const size_t cli_command_count = COUNT_OF(cli_commands);
