"""Seeded changes of a document: a part dropped, put elsewhere, doubled, renamed, or of another value."""
import copy

VALUES = [None, True, False, 0, 1, -1, 1.5, 2.0, "", "x", "a.b", "${X}", "schema/o/properties/x", [], {},
          ["a"], [1, 2], ["a", "a"], {"x": 1}, "string", "object", "library", "sql", "array", "map"]
NAMES = ["id", "name", "type", "description", "value", "property", "x", "tags", "items", "properties",
         "logicalType", "logicalTypeOptions", "metric", "rule", "query", "mustBe", "from", "to", "port",
         "format", "customProperties", "deprecated", "enum", "map", "status", "roles", "vendor", "context"]


def places(node, path=()):
    yield path
    if isinstance(node, dict):
        for key in node:
            yield from places(node[key], path + (key,))
    elif isinstance(node, list):
        for index in range(len(node)):
            yield from places(node[index], path + (index,))


def at(node, path):
    for step in path:
        node = node[step]
    return node


def mutate(doc, rng):
    made = copy.deepcopy(doc)
    for _ in range(rng.choice([1, 1, 1, 2])):
        path = rng.choice([p for p in places(made) if p])
        owner, last = at(made, path[:-1]), path[-1]
        what = rng.randrange(6)
        if what == 0:
            del owner[last]
        elif what == 1:
            owner[last] = copy.deepcopy(rng.choice(VALUES))
        elif what == 2 and isinstance(owner, dict):
            owner[rng.choice(NAMES)] = copy.deepcopy(rng.choice(VALUES))
        elif what == 3 and isinstance(owner, list):
            owner.append(copy.deepcopy(owner[last]))
        elif what == 4:
            other = rng.choice([p for p in places(made) if p])
            owner[last] = copy.deepcopy(at(made, other))
        elif isinstance(owner, dict):
            name = rng.choice(NAMES)
            owner[name] = owner.pop(last)
    return made
