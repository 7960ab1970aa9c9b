"""The order of rows where ORDER BY leaves ties: any order of tied rows is right, every other one is not.

The keys of an ORDER BY need not be among the columns that come back, so the ties are found by asking twice: ties
broken by all columns upwards, and downwards. Where the first n rows of both are the same bag, a group of ties ends.
"""
import collections
import copy


def tie_broken(trees, sql, columns, direction):
    """`sql` without its own limit and with all its columns as last keys of its ORDER BY."""
    node = copy.deepcopy(trees.parse(sql))
    node["modifiers"] = [m for m in node["modifiers"] if not m["type"].startswith("LIMIT")]
    for modifier in node["modifiers"]:
        if modifier["type"] == "ORDER_MODIFIER":
            modifier["orders"] += [{"type": direction, "null_order": "ORDER_DEFAULT", "expression": ordinal(i + 1)}
                                   for i in range(columns)]
    return trees.text(node)


def unlimited(trees, sql):
    node = copy.deepcopy(trees.parse(sql))
    node["modifiers"] = [m for m in node["modifiers"] if not m["type"].startswith("LIMIT")]
    return trees.text(node)


def ordinal(number):
    return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": 0,
            "value": {"type": {"id": "INTEGER", "type_info": None}, "is_null": False, "value": number}}


def ends_of_ties(upwards, downwards):
    """The row counts after which a group of tied rows ends."""
    ends, open_rows = [], collections.Counter()
    for count, (a, b) in enumerate(zip(upwards, downwards), 1):
        for row, step in ((str(a), 1), (str(b), -1)):
            open_rows[row] += step
            if not open_rows[row]:
                del open_rows[row]
        if not open_rows:
            ends.append(count)
    return ends


def same_but_for_ties(ours, upwards, downwards, same_bag):
    """Whether rows come in an order that the keys allow. None when the two judges are not of one bag."""
    ends = ends_of_ties(upwards, downwards)
    if not ours:
        return not upwards
    if len(ours) != len(upwards) or not ends or ends[-1] != len(upwards):
        return None
    return all(same_bag(ours[a:b], upwards[a:b]) for a, b in zip([0] + ends, ends))


def check():
    """That rows in the order of the keys pass, tied or not, and others fail."""
    upwards, downwards = [("b", 1), ("b", 2), ("a", 3), ("a", 3), ("a", 4)], [("b", 2), ("b", 1), ("a", 4), ("a", 3), ("a", 3)]

    def verdict(*order):
        return same_but_for_ties([upwards[i] for i in order], upwards, downwards, lambda a, b: sorted(a) == sorted(b))

    assert ends_of_ties(upwards, downwards) == [2, 5]
    assert verdict(0, 1, 2, 3, 4) is verdict(1, 0, 4, 2, 3) is True
    assert verdict(2, 1, 0, 3, 4) is False and verdict(0, 1, 2, 3) is None
