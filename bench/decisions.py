"""One problem of policy decisions with its right answers, made from a fixed seed into build/bench/decisions/.

Five files, each a JSON array of flat objects, one a line:

    users.json       {"user", "department", "region", "clearance"}                               2,000
    tables.json      {"table", "classification", "tags": [..]}                                   1,000
    grants.json      {"user", "table"}                                                          10,000
    rules.json       {"rule", "effect": "allow", "department", "region", "tag", "purpose"}       1,000
                     {"rule", "effect": "deny", "tag", "clearance"}                        1, the last
    questions.json   {"user", "table", "purpose", "is_allowed"}                                 10,000

All values are text but `clearance`, a whole number from 0 to 7, `tags`, texts, and `is_allowed`, a boolean.

A question is answered yes when the user has a grant for the table or an allow rule hits, and no deny rule
hits. An allow rule hits when department and region are the user's, purpose is the question's and tag is one
of the table's. The deny rule hits when tag is one of the table's and the user's clearance is below its own.
A table's classification is carried, no rule tests it. `is_allowed` is found here by trying every rule.
"""
import json
import os
import random

from measure import CACHE

PROBLEM = os.path.join(CACHE, "decisions")
SEED = 20260701
USERS, TABLES, GRANTS, RULES, QUESTIONS = 2000, 1000, 10000, 1000, 10000
DEPARTMENTS = ["accounting", "audit", "claims", "compliance", "engineering", "finance", "legal", "logistics",
               "marketing", "operations", "research", "sales"]
REGIONS = ["africa", "americas", "anz", "asia", "dach", "france", "nordics", "uk"]
PURPOSES = ["audit", "billing", "forecast", "marketing", "reporting", "support"]
CLASSES = ["public", "internal", "confidential", "restricted"]
TAGS = [f"tag_{i:02}" for i in range(50)]
SEALED, CLEARANCE = "sealed", 5
FROM_GRANTS, FROM_RULES = 0.15, 0.13  # of the questions are made to hit a grant, a rule; chance makes the others


def make_users(dice):
    return [{"user": f"user_{i:04}", "department": dice.choice(DEPARTMENTS), "region": dice.choice(REGIONS),
             "clearance": dice.randrange(8)} for i in range(USERS)]


def make_tables(dice):
    """20 domains of 10 products of 5 tables; every twelfth or so is sealed."""
    tables = []
    for i in range(TABLES):
        tags = dice.sample(TAGS, dice.randint(2, 4)) + ([SEALED] if dice.random() < 0.08 else [])
        tables.append({"table": f"domain_{i // 50:02}.product_{i // 5 % 10}.table_{i % 5}",
                       "classification": dice.choice(CLASSES), "tags": tags})
    return tables


def make_grants(dice, users, tables):
    pairs = {}
    while len(pairs) < GRANTS:
        pairs[dice.choice(users)["user"], dice.choice(tables)["table"]] = True
    return [{"user": user, "table": table} for user, table in pairs]


def make_rules(dice):
    keys = {}
    while len(keys) < RULES:
        keys[dice.choice(DEPARTMENTS), dice.choice(REGIONS), dice.choice(TAGS), dice.choice(PURPOSES)] = True
    rules = [{"rule": f"rule_{i:04}", "effect": "allow", "department": d, "region": r, "tag": t, "purpose": p}
             for i, (d, r, t, p) in enumerate(keys)]
    return rules + [{"rule": "sealed_needs_clearance", "effect": "deny", "tag": SEALED, "clearance": CLEARANCE}]


def hits(rule, user, table, purpose):
    if rule["tag"] not in table["tags"]:
        return False
    if rule["effect"] == "deny":
        return user["clearance"] < rule["clearance"]
    return (rule["department"], rule["region"], rule["purpose"]) == (user["department"], user["region"], purpose)


def answer(rules, granted, user, table, purpose):
    """The oracle: no index, no early end."""
    effects = [rule["effect"] for rule in rules if hits(rule, user, table, purpose)]
    return ((user["user"], table["table"]) in granted or "allow" in effects) and "deny" not in effects


def make_questions(dice, users, tables, grants, rules):
    by_user, by_table, granted, by_team, by_tag = {}, {}, set(), {}, {}
    for user in users:
        by_user[user["user"]] = user
        by_team.setdefault((user["department"], user["region"]), []).append(user)
    for table in tables:
        by_table[table["table"]] = table
        for tag in table["tags"]:
            by_tag.setdefault(tag, []).append(table)
    for grant in grants:
        granted.add((grant["user"], grant["table"]))
    questions = []
    for _ in range(QUESTIONS):
        user, table, purpose, kind = dice.choice(users), dice.choice(tables), dice.choice(PURPOSES), dice.random()
        if kind < FROM_GRANTS:
            pair = dice.choice(grants)
            user, table = by_user[pair["user"]], by_table[pair["table"]]
        elif kind < FROM_GRANTS + FROM_RULES:
            rule = dice.choice(rules[:RULES])
            user, table = dice.choice(by_team[rule["department"], rule["region"]]), dice.choice(by_tag[rule["tag"]])
            purpose = rule["purpose"]
        questions.append({"user": user["user"], "table": table["table"], "purpose": purpose,
                          "is_allowed": answer(rules, granted, user, table, purpose)})
    return questions


def problem():
    """Writes the five files, once for each text of this file."""
    stamp = os.path.join(PROBLEM, "made")
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    if os.path.exists(stamp) and open(stamp, encoding="utf-8").read() == text:
        return PROBLEM
    dice = random.Random(SEED)
    users, tables = make_users(dice), make_tables(dice)
    grants, rules = make_grants(dice, users, tables), make_rules(dice)
    questions = make_questions(dice, users, tables, grants, rules)
    allowed = sum(q["is_allowed"] for q in questions)
    if not 0.30 < allowed / QUESTIONS < 0.37:
        raise SystemExit(f"bench: {allowed} of {QUESTIONS} questions are allowed, not about a third")
    os.makedirs(PROBLEM, exist_ok=True)
    for name, rows in (("users", users), ("tables", tables), ("grants", grants), ("rules", rules),
                       ("questions", questions)):
        with open(os.path.join(PROBLEM, name + ".json"), "w", encoding="utf-8") as file:
            file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(text)
    return PROBLEM
