"""The language of docs/policies.md a second time: what a principal may see of a table.

Written from docs/policies.md, the table of masks in src/mesh/policy/README.md and the documents they name (45 CFR
164.514, RFC 5321, RFC 4291), never from the program: where the two differ, one of them is wrong. It reads the same YAML files, decides who may read, and
makes copies of Arrow tables whose rows are filtered and whose values are masked, value by value in Python.
Time, hours and days of `when` are not covered.
"""
import datetime
import decimal
import fnmatch
import glob
import ipaddress
import itertools
import os
import re

import pyarrow as pa
import pyarrow.compute as pc
import yaml

STRENGTH = ["null", "constant", "redact", "hash", "partial", "coarse"]    # strictest first
LEVELS = ["public", "internal", "confidential", "restricted"]
KINDS = {"first": "partial", "last": "partial", "email": "partial", "regex": "partial", "zip3": "partial",
         "ip-prefix": "partial", "date": "coarse", "round": "coarse", "bucket": "coarse", "null": "null",
         "constant": "constant", "default": "constant", "redact": "redact", "hash": "hash"}
# ZIP prefixes with 20,000 people or fewer, which 45 CFR 164.514(b)(2)(i)(B) wants as 000.
SMALL_ZIP3 = {"036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879",
              "884", "890", "893"}
COMPARE = {"=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
           "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
EPOCH = datetime.date(1970, 1, 1)


# ---- three values: True, False, None ---------------------------------------------------------

def all_of(values):
    values = list(values)
    return False if False in values else None if None in values else True


def any_of(values):
    values = list(values)
    return True if True in values else None if None in values else False


def not_of(value):
    return None if value is None else not value


def listed(value):
    return value if isinstance(value, list) else [value]


# ---- tests ---------------------------------------------------------------------------------

def like(value, literal):
    """The literal of a test as a value of the tested one's kind."""
    if literal is None or isinstance(literal, list):
        return literal
    if isinstance(value, bool):
        return literal if isinstance(literal, bool) else str(literal).lower() == "true"
    if isinstance(value, datetime.datetime):
        return literal if isinstance(literal, datetime.datetime) else datetime.datetime.fromisoformat(str(literal))
    if isinstance(value, datetime.date):
        return literal if isinstance(literal, datetime.date) else datetime.date.fromisoformat(str(literal))
    if isinstance(value, (int, float, decimal.Decimal)):
        return literal if isinstance(literal, (int, float, decimal.Decimal)) else decimal.Decimal(str(literal))
    return str(literal)


def comparison(value, operator, literal):
    return None if value is None or literal is None else COMPARE[operator](value, like(value, literal))


def one_of(value, literals):
    return None if value is None or literals is None else any_of([comparison(value, "=", x) for x in literals])


def test(value, written, attributes):
    """Does `value` (None: unknown, or NULL) pass the test as it is written?"""
    if isinstance(written, dict):
        return comparison(value, "=", written["equals"])
    if isinstance(written, list):
        return one_of(value, written)
    if not isinstance(written, str):
        return comparison(value, "=", written)
    if written in ("is null", "is not null"):
        return (value is None) == (written == "is null")
    for word, holds in (("starts with ", str.startswith), ("ends with ", str.endswith), ("contains ", str.__contains__)):
        if written.startswith(word):
            return None if value is None else holds(value, written[len(word):])
    if (member := re.fullmatch(r"(not )?in principal\.(\w+)", written)):
        found = one_of(value, attributes.get(member[2]))
        return not_of(found) if member[1] else found
    if (compared := re.fullmatch(r"(!=|<=|>=|=|<|>) ?(.*)", written, re.S)):
        other = compared[2]
        if other.startswith("principal."):
            other = attributes.get(other[len("principal."):])
        return comparison(value, compared[1], other)
    return comparison(value, "=", written)


# ---- who and what ----------------------------------------------------------------------------

class Principal:
    def __init__(self, name, kind="user", roles=(), groups=(), domain=None, attributes=None):
        self.name, self.kind, self.roles, self.groups, self.domain = name, kind, set(roles), set(groups), domain
        self.attributes = attributes or {}

    def test(self, key, written):
        if key in ("role", "group"):
            return bool((self.roles if key == "role" else self.groups) & {str(w) for w in listed(written)})
        value = {"name": self.name, "kind": self.kind, "domain": self.domain}.get(key, self.attributes.get(key))
        return test(value, written, self.attributes)


class Column:
    def __init__(self, name, type_, tags=(), level=None, fields=None):
        self.name, self.type, self.tags, self.level, self.fields = name, type_, list(tags), level, fields or {}


class Table:
    def __init__(self, domain, product, name, columns, tags=(), fields=None, is_open=False):
        self.domain, self.product, self.name, self.columns = domain, product, name, columns
        self.tags, self.fields, self.is_open = list(tags), fields or {}, is_open


def has_tag(tags, wanted):
    return any(tag == w or tag.startswith(w + ".") for tag in tags for w in listed(wanted))


class Mesh:
    """All that the YAML files of a mesh say of principals, purposes and policies."""

    def __init__(self, folder):
        self.parents, self.principals, self.policies = {}, {}, []
        mesh = self.load(os.path.join(folder, "mesh.yaml"))
        for purpose in mesh.get("purposes", []):
            self.parents[purpose["name"]] = purpose.get("parent")
        groups = {}
        for path in sorted(glob.glob(f"{folder}/principals/*.yaml")):
            document = self.load(path)
            for group in document.get("groups", []):
                groups[group["name"]] = group
            for p in document["principals"]:
                self.principals[p["name"]] = Principal(p["name"], p.get("kind", "user"), p.get("roles", []), (),
                                                       None, p.get("attributes"))
        for path in sorted(glob.glob(f"{folder}/domains/*/domain.yaml")):
            domain = self.load(path)
            for member in domain.get("team", {}).get("members", []):
                p = self.principals.setdefault(member["name"], Principal(member["name"]))
                p.domain = domain["name"]
                p.roles.add(member["role"])
        for p in self.principals.values():
            p.groups = {g for g in groups if self.is_member(groups, g, p.name)}
        for path in sorted(glob.glob(f"{folder}/policies/*.yaml") + glob.glob(f"{folder}/domains/*/policies/*.yaml")):
            policy = self.load(path)
            if policy["kind"] == "Policy":
                parts = os.path.relpath(path, folder).split(os.sep)
                policy["scope"] = parts[1] if parts[0] == "domains" else None
                self.policies.append(policy)

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as file:
            return yaml.safe_load(file)

    def is_member(self, groups, group, name):
        return name in groups[group].get("members", []) or \
            any(self.is_member(groups, inner, name) for inner in groups[group].get("groups", []))

    # ---- does a policy apply -------------------------------------------------------------------

    def purpose_counts_as(self, purpose, wanted):
        """None: none was given, so nobody knows."""
        if not purpose:
            return None
        while purpose:
            if purpose in listed(wanted):
                return True
            purpose = self.parents.get(purpose)
        return False

    def condition(self, written, principal, purpose):
        """A mapping of when or unless, `row` left aside."""
        results = []
        if "principal" in written:
            results += [principal.test(key, value) for key, value in written["principal"].items()]
        if "purpose" in written:
            results.append(self.purpose_counts_as(purpose, written["purpose"]))
        return all_of(results)

    def targets(self, policy, table):
        applies = policy.get("applies", {})
        if policy["scope"] and policy["scope"] != table.domain:
            return False
        if "tables" in applies and not any(self.address(a, table) for a in listed(applies["tables"])):
            return False
        if "tag" in applies and not has_tag(table.tags, applies["tag"]):
            return False
        return all(table.fields.get(key) == value for key, value in applies.get("contract", {}).items())

    @staticmethod
    def address(written, table):
        parts = written.split(".")
        own = [table.domain, table.product, table.name]
        return all(part == "*" or part == own[i] for i, part in enumerate(parts))

    @staticmethod
    def hits(policy, column):
        results = []
        for key, wanted in policy["applies"]["columns"].items():
            if key == "tag":
                results.append(has_tag(column.tags, wanted))
            elif key == "name":
                results.append(any(fnmatch.fnmatchcase(column.name, w) for w in listed(wanted)))
            elif key == "classification":
                operator, level = re.fullmatch(r"(?:(<=|>=|<|>|=|!=) )?(\w+)", wanted).groups()
                results.append(column.level is not None and
                               COMPARE[operator or "="](LEVELS.index(column.level), LEVELS.index(level)))
            else:
                results.append(all(column.fields.get(k) == v for k, v in wanted.items()))
        return all(results)

    def applies(self, policy, principal, purpose):
        """Does it apply, rows of `unless` left aside? What is unknown opens nothing."""
        when = any_of([self.condition(w, principal, purpose) for w in listed(policy["when"])]) if "when" in policy else True
        unless = any_of([self.condition(u, principal, purpose) for u in listed(policy["unless"]) if "row" not in u]) \
            if "unless" in policy else False
        if policy.get("allow"):
            return when is True and unless is False
        return when is not False and unless is not True

    # ---- decisions ------------------------------------------------------------------------------

    def may_read(self, table, principal, purpose):
        mine = [p for p in self.policies if self.targets(p, table) and self.applies(p, principal, purpose)]
        if any(p.get("deny") == "read" for p in mine):
            return False
        return table.is_open or principal.domain == table.domain or any(p.get("allow") == "read" for p in mine)

    def decide(self, table, principal, purpose):
        """What holds of a readable table: row filters, and per column hidden, unprojected or masks."""
        mine = [p for p in self.policies if self.targets(p, table) and self.applies(p, principal, purpose)]
        columns = {}
        for column in table.columns:
            hit = [p for p in mine if "columns" in p.get("applies", {}) and self.hits(p, column)]
            columns[column.name] = {
                "hidden": any(p.get("deny") == "column" for p in hit),
                "unprojected": any(p.get("deny") == "projection" for p in hit),
                "masks": [(p["mask"], [u for u in listed(p.get("unless", [])) if "row" in u]) for p in hit if "mask" in p]}
        return {"rows": [p["rows"] for p in mine if "rows" in p], "columns": columns}

    def copy(self, data, table, principal, purpose, decision=None):
        """`data` (an Arrow table) as the principal sees it; hidden columns are not in it."""
        decision = decision or self.decide(table, principal, purpose)
        keep = pa.array([True] * data.num_rows, pa.bool_())
        for rows in decision["rows"]:
            keep = pc.and_kleene(keep, self.row_test(data, rows, principal.attributes))
        arrays, fields = [], []
        for column in table.columns:
            how = decision["columns"][column.name]
            if how["hidden"]:
                continue
            array = data.column(column.name).combine_chunks()
            arrays.append(self.masked(data, array, column, how["masks"], principal, purpose))
            fields.append(data.schema.field(column.name))
        return pa.table(arrays, schema=pa.schema(fields)).filter(keep.fill_null(False))

    def row_test(self, data, rows, attributes):
        """Per row: does one of the mappings hold? Arrow's Kleene logic is the three values of a test."""
        found = pa.array([False] * data.num_rows, pa.bool_())
        for mapping in listed(rows):
            passed = pa.array([True] * data.num_rows, pa.bool_())
            for name, written in mapping.items():
                passed = pc.and_kleene(passed, by_value(data.column(name).combine_chunks(), pa.bool_(),
                                                        lambda value, w=written: test(value, w, attributes)))
            found = pc.or_kleene(found, passed)
        return found

    def masked(self, data, array, column, masks, principal, purpose):
        """A column under its masks; those with exceptions by row hold for the other rows only."""
        always = [m for m, rows in masks if not rows]
        by_row = [(m, rows) for m, rows in masks if rows]
        out = mask_array(array, column.type, strictest(always + [m for m, _ in by_row])) if masks else array
        for size in range(len(by_row)):    # which of them hold: each choice in turn, the fullest first
            for held in itertools.combinations(by_row, size):
                rest = always + [m for m, _ in held]
                exempt = pa.array([True] * data.num_rows, pa.bool_())
                for mask in by_row:
                    is_exempt = self.exempt(data, mask[1], principal, purpose)
                    exempt = pc.and_(exempt, pc.invert(is_exempt) if mask in held else is_exempt)
                out = pc.if_else(exempt, mask_array(array, column.type, strictest(rest)) if rest else array, out)
        return out

    def exempt(self, data, entries, principal, purpose):
        """Per row: is one of the entries with `row` an exception? What is unknown is none."""
        out = pa.array([False] * data.num_rows, pa.bool_())
        for entry in entries:
            if self.condition({k: v for k, v in entry.items() if k != "row"}, principal, purpose) is True:
                out = pc.or_(out, self.row_test(data, entry["row"], principal.attributes).fill_null(False))
        return out


def by_value(array, type_, function):
    """function(value) for each row, computed once for each different value."""
    coded = array.dictionary_encode()
    values = [function(value) for value in coded.dictionary.to_pylist()] + [function(None)]
    return pa.array(values, type=type_).take(coded.indices.fill_null(len(values) - 1))


# ---- masks -----------------------------------------------------------------------------------

def named(mask):
    """(kind, argument) of a mask as written: null, redact, {email: keep-domain}, {first: 4} …"""
    if mask is None:
        return "null", None
    if isinstance(mask, str):
        return mask, None
    return next(iter(mask.items()))


def strictest(masks):
    """The one that holds; two different ones of one strength give NULL."""
    best = min(STRENGTH.index(KINDS[named(m)[0]]) for m in masks)
    of_it = [m for m in masks if STRENGTH.index(KINDS[named(m)[0]]) == best]
    return of_it[0] if all(m == of_it[0] for m in of_it) else None


def mask_array(array, type_, mask):
    kind, argument = named(mask)
    if kind == "null" or not fits(kind, argument, type_):
        return pa.nulls(len(array), array.type)
    if kind in ("constant", "default"):
        value = typed(argument, type_) if kind == "constant" else default(type_)
        return pa.array([value] * len(array), type=array.type)
    return by_value(array, array.type, lambda value: None if value is None else MASKS[kind](value, argument))


def is_text(type_):
    return type_ == "VARCHAR"


def is_number(type_):
    return type_ in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE") or type_.startswith("DECIMAL")


def fits(kind, argument, type_):
    if kind in ("redact", "email", "first", "last", "regex", "zip3", "ip-prefix"):
        return is_text(type_)
    if kind == "hash":
        return is_text(type_) or type_ in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
    if kind == "date":
        return type_ == "DATE" or type_.startswith("TIMESTAMP")
    if kind == "bucket" and type_ not in ("FLOAT", "DOUBLE"):
        return is_number(type_) and decimal.Decimal(str(argument)) % 1 == 0
    if kind in ("round", "bucket"):
        return is_number(type_)
    return True if kind == "default" else typed(argument, type_) is not None


def typed(constant, type_):
    """A constant as a value of the type, or None when it does not fit."""
    try:
        if is_text(type_):
            return str(constant)
        if is_number(type_):
            number = decimal.Decimal(str(constant))
            if type_ in ("FLOAT", "DOUBLE"):
                return float(number)
            return number if type_.startswith("DECIMAL") else int(number)
        if type_ == "BOOLEAN":
            return constant if isinstance(constant, bool) else None
        return constant if isinstance(constant, datetime.date) else datetime.date.fromisoformat(str(constant))
    except (ValueError, decimal.InvalidOperation):
        return None


def default(type_):
    if is_text(type_):
        return ""
    if type_ == "BOOLEAN":
        return False
    if type_ == "DATE":
        return EPOCH
    if type_.startswith("TIMESTAMP"):
        return datetime.datetime(1970, 1, 1)
    return decimal.Decimal(0) if type_.startswith("DECIMAL") else 0


def redact(text, _):
    return re.sub("[^\x00-\x7f]", "x", re.sub("[0-9]", "0", re.sub("[A-Z]", "X", re.sub("[a-z]", "x", text))))


def email(text, _):
    found = re.fullmatch(r'(?:[^@"\s]+|"[^"]*")@([^@\s]+)', text)
    return "x@" + found[1] if found else "*"


def zip3(text, _):
    if not re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", text) or text[:3] in SMALL_ZIP3:
        return "00000"
    return text[:3] + "00"


def ip_prefix(text, _):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "0.0.0.0"
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False).network_address)


def cut(value, to):
    day = value.date() if isinstance(value, datetime.datetime) else value
    if to == "year":
        day = day.replace(month=1, day=1)
    elif to == "quarter":
        day = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    elif to == "month":
        day = day.replace(day=1)
    elif to == "week":
        day -= datetime.timedelta(days=day.weekday())
    return datetime.datetime.combine(day, datetime.time()) if isinstance(value, datetime.datetime) else day


def to_multiple(rounding):
    def mask(value, step):
        if isinstance(value, float):
            if value != value or value in (float("inf"), float("-inf")):
                return value
            quotient = decimal.Decimal(value) / decimal.Decimal(str(step))
        else:
            quotient = decimal.Decimal(value) / decimal.Decimal(str(step))
        whole = quotient.to_integral_value(rounding=rounding) * decimal.Decimal(str(step))
        return float(whole) if isinstance(value, float) else int(whole) if isinstance(value, int) else whole
    return mask


def first(text, count):
    return text[:count] + "*" * (len(text) - count) if len(text) > count else "*" * len(text)


def last(text, count):
    return "*" * (len(text) - count) + text[len(text) - count:] if len(text) > count else "*" * len(text)


MASKS = {"redact": redact, "email": email, "zip3": zip3, "ip-prefix": ip_prefix, "date": cut,
         "first": first, "last": last,
         "regex": lambda t, a: re.sub(a["pattern"], lambda _: a["replacement"], t),
         "round": to_multiple(decimal.ROUND_HALF_UP), "bucket": to_multiple(decimal.ROUND_FLOOR),
         # The key is not known here: any other injection has the same equalities.
         "hash": lambda v, _: -(v * 7919 + 104729) if isinstance(v, int) else "#" + v[::-1] + "#"}
