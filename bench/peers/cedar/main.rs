//! cedar-peer - the problem of bench/decisions.py decided by Cedar in process.
//!
//! usage: cedar-peer DIR PASSES
//!
//! Users and tables are entities with their attributes, the grants a set of users at each table, each rule is
//! a policy. Requests are built before the clock starts. Asked in two ways: all policies in one set, as Cedar
//! is given them; and sliced by the caller, who picks the set of this department, region and purpose.
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, RestrictedExpression,
};
use serde_json::{json, Value};
use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::time::Instant;

const WARM_UP: usize = 1000;

type Slice = (String, String, String);

struct Question {
    request: Request,
    slice: Slice,
    is_allowed: bool,
}

fn read(dir: &str, name: &str) -> Vec<Value> {
    let path = format!("{dir}/{name}.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_else(|| panic!("no text \"{field}\" in {row}"))
}

fn uid(kind: &str, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind).unwrap(), EntityId::new(name))
}

fn string(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_string())
}

fn entities(users: &[Value], tables: &[Value], grants: &[Value]) -> Entities {
    let mut readers: HashMap<&str, Vec<RestrictedExpression>> = HashMap::new();
    for grant in grants {
        let user = RestrictedExpression::new_entity_uid(uid("User", text(grant, "user")));
        readers.entry(text(grant, "table")).or_default().push(user);
    }
    let people = users.iter().map(|row| {
        let attributes = HashMap::from([
            ("department".to_string(), string(text(row, "department"))),
            ("region".to_string(), string(text(row, "region"))),
            ("clearance".to_string(), RestrictedExpression::new_long(row["clearance"].as_i64().unwrap())),
        ]);
        Entity::new(uid("User", text(row, "user")), attributes, HashSet::new()).unwrap()
    });
    let things = tables.iter().map(|row| {
        let name = text(row, "table");
        let tags = row["tags"].as_array().unwrap().iter().map(|tag| string(tag.as_str().unwrap()));
        let attributes = HashMap::from([
            ("classification".to_string(), string(text(row, "classification"))),
            ("tags".to_string(), RestrictedExpression::new_set(tags)),
            ("readers".to_string(), RestrictedExpression::new_set(readers.remove(name).unwrap_or_default())),
        ]);
        Entity::new(uid("Table", name), attributes, HashSet::new()).unwrap()
    });
    let all: Vec<Entity> = people.chain(things).collect();
    Entities::from_entities(all, None).unwrap()
}

fn policy(name: &str, source: String) -> Policy {
    Policy::parse(Some(PolicyId::new(name)), source).unwrap()
}

/// What every set holds: the grants, and the rules that deny.
fn base(rules: &[Value]) -> PolicySet {
    let mut set = PolicySet::new();
    let granted = "permit(principal, action, resource) when { resource.readers.contains(principal) };";
    set.add(policy("granted", granted.to_string())).unwrap();
    for rule in rules.iter().filter(|r| text(r, "effect") == "deny") {
        let source = format!(
            "forbid(principal, action, resource) when {{ resource.tags.contains({}) && principal.clearance < {} }};",
            rule["tag"], rule["clearance"]
        );
        set.add(policy(text(rule, "rule"), source)).unwrap();
    }
    set
}

fn allow(rule: &Value) -> Policy {
    let source = format!(
        "permit(principal, action, resource) when {{ principal.department == {} && principal.region == {} && \
         context.purpose == {} && resource.tags.contains({}) }};",
        rule["department"], rule["region"], rule["purpose"], rule["tag"]
    );
    policy(text(rule, "rule"), source)
}

fn questions(rows: &[Value], users: &[Value]) -> Vec<Question> {
    let by_name: HashMap<&str, &Value> = users.iter().map(|row| (text(row, "user"), row)).collect();
    let read = uid("Action", "read");
    let ask = |row: &Value| {
        let (name, purpose) = (text(row, "user"), text(row, "purpose"));
        let user = by_name[name];
        let context = Context::from_pairs([("purpose".to_string(), string(purpose))]).unwrap();
        let table = uid("Table", text(row, "table"));
        Question {
            request: Request::new(uid("User", name), read.clone(), table, context, None).unwrap(),
            slice: (text(user, "department").into(), text(user, "region").into(), purpose.into()),
            is_allowed: row["is_allowed"].as_bool().unwrap(),
        }
    };
    rows.iter().map(ask).collect()
}

fn measure(name: &str, questions: &[Question], passes: usize, decide: impl Fn(&Question) -> bool) -> Value {
    for question in &questions[..WARM_UP.min(questions.len())] {
        decide(question);
    }
    let (mut times, mut wrong) = (Vec::with_capacity(questions.len() * passes), 0);
    for _ in 0..passes {
        for question in questions {
            let start = Instant::now();
            let is_allowed = decide(question);
            times.push(start.elapsed().as_nanos() as f64 / 1000.0);
            wrong += usize::from(is_allowed != question.is_allowed);
        }
    }
    times.sort_by(f64::total_cmp);
    json!({"name": name, "decisions": times.len(), "wrong": wrong,
           "p50_us": times[times.len() / 2], "p99_us": times[times.len() * 99 / 100]})
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, dir, passes] = args.as_slice() else {
        panic!("usage: cedar-peer DIR PASSES");
    };
    let passes: usize = passes.parse().expect("PASSES is a number");
    let (users, rules) = (read(dir, "users"), read(dir, "rules"));
    let entities = entities(&users, &read(dir, "tables"), &read(dir, "grants"));
    let questions = questions(&read(dir, "questions"), &users);

    let rest = base(&rules);
    let mut all = rest.clone();
    let mut slices: HashMap<Slice, PolicySet> = HashMap::new();
    for rule in rules.iter().filter(|r| text(r, "effect") == "allow") {
        all.add(allow(rule)).unwrap();
        let key = (text(rule, "department").into(), text(rule, "region").into(), text(rule, "purpose").into());
        slices.entry(key).or_insert_with(|| rest.clone()).add(allow(rule)).unwrap();
    }

    let authorizer = Authorizer::new();
    let ask = |set: &PolicySet, question: &Question| {
        authorizer.is_authorized(&question.request, set, &entities).decision() == Decision::Allow
    };
    let found = json!([
        measure("Cedar in process", &questions, passes, |q| ask(&all, q)),
        measure("Cedar in process, sliced by the caller", &questions, passes, |q| {
            ask(slices.get(&q.slice).unwrap_or(&rest), q)
        }),
    ]);
    println!("{found}");
}
