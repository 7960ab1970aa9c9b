"""Data contracts that use every field of a version (or nearly), and small ones for each place where text
and schema disagree or where a simple reader goes wrong. For odcs_schema_test.py."""


def is_old(version):
    return version.startswith("v3.0.")

def custom(version):
    entry = {"property": "owner.cost-centre", "value": {"a": [1, None, "x"]}}
    if not is_old(version):
        entry.update(id="cc", description="booked there")
    if version == "v3.2.0":
        entry["vendor"] = "acme"
    return [entry, {"property": "n", "value": None}]


def definitions(version):
    entry = {"url": "https://example.com/d", "type": "businessDefinition"}
    if not is_old(version):
        entry.update(id="def-1", description="the definition")
    return [entry]


def quality(version):
    old = is_old(version)
    metric = {"rule": "duplicateCount"} if old else {"metric": "duplicateValues"}
    rules = [
        dict(metric, mustBeLessThan=10, unit="rows", name="dup", description="d", severity="error",
             dimension="uniqueness", businessImpact="x", schedule="0 0 * * *", scheduler="cron",
             tags=["t"], method="reconciliation", customProperties=custom(version),
             authoritativeDefinitions=definitions(version), type="library"),
        {"type": "text", "description": "looks right"},
        {"type": "sql", "query": "SELECT count(*) FROM ${table}", "mustBeBetween": [1, 2.5]},
        {"type": "sql", "query": "SELECT 1", "mustNotBe": "x"},
        {"type": "custom", "engine": "soda", "implementation": "checks: []"},
        {"type": "custom", "engine": "greatExpectations", "implementation": {"type": "x", "kwargs": {}}},
    ]
    if not old:
        rules.append({"metric": "invalidValues", "arguments": {"validValues": ["a", 1]}, "mustBe": 0,
                      "id": "q1"})
        rules.append({})
    return rules


def options(version):
    old = is_old(version)
    numbers = {"multipleOf": 0.5, "minimum": 0, "maximum": 100}
    numbers.update({"exclusiveMinimum": True, "exclusiveMaximum": False} if old
                   else {"exclusiveMinimum": -1, "exclusiveMaximum": 101.5})
    days = {"format": "yyyy-MM-dd", "minimum": "2020-01-01", "maximum": "2030-01-01"}
    days.update({"exclusiveMinimum": False} if old else {"exclusiveMaximum": "2031-01-01"})
    made = {
        "string": {"minLength": 1, "maxLength": 10, "pattern": "^a$", "format": "email"},
        "date": days,
        "integer": dict(numbers, format="i64"),
        "number": dict(numbers, format="f32"),
        "object": {"minProperties": 0, "maxProperties": 9, "required": ["a", "b"]},
        "array": {"minItems": 0, "maxItems": 9, "uniqueItems": True},
        "boolean": {"anything": 1},
    }
    if not old:
        made["timestamp"] = dict(days, timezone=True, defaultTimezone="Etc/UTC")
        made["time"] = dict(days, timezone=False)
    if version == "v3.2.0":
        made["map"] = {"anything": [1]}
        made["vector"] = {"dimensions": 3, "elementType": "float32", "distanceMetric": "cosine",
                          "embeddingModel": "m", "embeddingModelVersion": "1", "normalized": True}
    return made


def properties(version):
    made = []
    for index, (kind, opts) in enumerate(options(version).items()):
        p = {"name": "p_" + kind, "logicalType": kind, "logicalTypeOptions": opts}
        if kind == "object":
            p["properties"] = [{"name": "inner", "logicalType": "string", "quality": quality(version)}]
        if kind == "array":
            p["items"] = {"logicalType": "object", "properties": [{"name": "x"}]}
        if kind == "map":
            p["map"] = {"key": {"logicalType": "string"},
                        "value": {"logicalType": "array", "items": {"properties": [{"name": "y"}]}}}
        if index == 0:
            p.update(primaryKey=True, primaryKeyPosition=1, required=True, unique=True,
                     physicalType="VARCHAR(10)", physicalName="P", partitioned=False,
                     partitionKeyPosition=-1, classification="internal", encryptedName="e",
                     transformSourceObjects=["a"], transformLogic="x", transformDescription="y",
                     examples=[1, "a", None, {"b": 2}], criticalDataElement=True,
                     description="d", businessName="b", tags=["pii.email"], quality=quality(version),
                     customProperties=custom(version), authoritativeDefinitions=definitions(version))
            if version in ("v3.0.0", "v3.0.1"):
                del p["physicalName"]
            if not is_old(version):
                p.update(id="p-1", relationships=[
                    {"to": "other.id", "type": "foreignKey", "customProperties": custom(version)},
                    {"to": ["schema/o/properties/x", "https://example.com/f.yaml#/schema/o/properties/x"]}])
            if version == "v3.2.0":
                p.update(deprecated=False, semanticType="dimension",
                         synonyms=[{"synonym": "s", "id": "s-1", "locale": "en", "description": "d",
                                    "source": "g", "status": "active",
                                    "customProperties": custom(version)}],
                         enum=[{"value": "a", "label": "A", "id": "e-1", "description": "d",
                                "tags": ["t"], "customProperties": custom(version),
                                "authoritativeDefinitions": definitions(version)}, {"value": 1},
                               {"value": None}])
                p["relationships"][0]["id"] = "any id"
        made.append(p)
    made.append({"name": "bare"})
    made.append({"name": "untyped", "properties": [{"name": "n"}], "items": {"name": "i"}})
    return made


FIELDS = {
    "account": "a", "catalog": "c", "catalogUrl": "https://c", "database": "d", "dataset": "ds",
    "delimiter": "array", "encoding": "UTF-8", "endpointUrl": "https://e", "format": "csv", "host": "h",
    "location": "sftp://h/x", "namespace": "n", "path": "p", "port": 1, "project": "p", "region": "r",
    "regionName": "r", "schema": "s", "serviceName": "s", "stagingDir": "s3://s", "staging_dir": "s3://s", "stream": "s",
    "warehouse": "w", "workgroup": "w"}


def servers(schema, version):
    made = []
    sources = schema["$defs"]["ServerSource"]
    for branch in schema["$defs"]["Server"]["allOf"]:
        kind = branch["if"]["properties"]["type"]["const"]
        source = sources[branch["then"]["$ref"].rsplit("/", 1)[1]]
        server = {"server": "s_" + kind, "type": kind}
        for name in list(source.get("properties", {})) + source.get("required", []):
            server[name] = FIELDS[name]
        if is_old(version) and kind == "duckdb":
            server["schema"] = 1
        made.append(server)
    made[0].update(description="d", environment="prod", customProperties=custom(version),
                   roles=[{"role": "r", "access": "read", "description": "d", "firstLevelApprovers": "a",
                           "secondLevelApprovers": "b", "customProperties": custom(version)}])
    if version == "v3.2.0":
        made[3 if "port" in made[3] else 5]["description"] = "x"
        for server in made:
            if "port" in server:
                server["port"] = "${PORT:-5432}"
                break
    return made


def context():
    return {"instructions": "i", "verifiedStatements": [{"question": "q", "answer": "a", "id": "any id",
                                                         "tags": ["t"]}],
            "constraints": [{"constraint": "c"}]}


def whole(version, schema):
    old = is_old(version)
    member = {"username": "u", "name": "n", "role": "owner", "dateIn": "2024-01-01",
              "dateOut": "2024-02-01", "replacedByUsername": "v"}
    doc = {
        "apiVersion": version, "kind": "DataContract", "id": "urn:x", "name": "n", "version": "1.0.0",
        "status": "active", "tenant": "t", "domain": "d", "dataProduct": "p", "tags": ["a"],
        "description": {"purpose": "p", "usage": "u", "limitations": "l", "other": 1,
                        "authoritativeDefinitions": definitions(version),
                        "customProperties": custom(version)},
        "servers": servers(schema, version),
        "schema": [{"name": "o", "logicalType": "object", "physicalName": "O", "physicalType": "table",
                    "description": "d", "businessName": "b", "dataGranularityDescription": "g",
                    "tags": ["t"], "properties": properties(version), "quality": quality(version),
                    "customProperties": custom(version),
                    "authoritativeDefinitions": definitions(version)}],
        "support": [{"channel": "c", "url": "https://u", "tool": "slack", "scope": "issues",
                     "invitationUrl": "https://i", "description": "d"}],
        "price": {"priceAmount": 9.5, "priceCurrency": "EUR", "priceUnit": "month"},
        "team": [member] if old else {"name": "t", "description": "d", "members": [dict(member, id="m")],
                                      "tags": ["t"], "customProperties": custom(version), "id": "t-1"},
        "roles": [{"role": "r"}],
        "slaDefaultElement": "o.x",
        "slaProperties": [{"property": "latency", "value": 4, "valueExt": 5, "unit": "d",
                           "element": "o.x", "driver": "regulatory"}, {"property": "x", "value": None}],
        "contractCreatedTs": "2024-01-01T00:00:00Z",
        "customProperties": custom(version)}
    if version != "v3.0.0":
        doc["authoritativeDefinitions"] = definitions(version)
    if not old:
        doc["schema"][0].update(id="o-1", relationships=[
            {"from": "o.a", "to": "p.b"}, {"from": ["o.a", "o.b"], "to": ["p.a"], "type": "foreignKey"}])
        doc["slaProperties"][0].update(description="d", scheduler="s", schedule="* * * * *", id="sla")
    if version == "v3.2.0":
        del doc["status"]
        doc["context"] = context()
        doc["schema"][0].update(context="read me", deprecated=True, synonyms=[{"synonym": "s"}])
        doc["slaProperties"][0].update(customProperties=custom(version),
                                       authoritativeDefinitions=definitions(version))
    return doc


def small(version, **more):
    doc = {"apiVersion": version, "kind": "DataContract", "id": "i", "version": "1", "status": "s"}
    doc.update(more)
    return doc


def with_property(version, **more):
    return small(version, schema=[{"name": "o", "properties": [dict({"name": "p"}, **more)]}])


def with_rule(version, **rule):
    return small(version, schema=[{"name": "o", "quality": [rule]}])


def with_relation(version, to, **more):
    return with_property(version, relationships=[dict(more, to=to)])


def special(version):
    """Places where text and schema disagree, or where a simple reader goes wrong."""
    for to in ["accounts.address.street", "a-x.b-y", "a.b", "a", "https://e.com/f.yaml#profiles.user_id",
               "file:///x.yaml#/schema/t", "s3://b/x.yaml#/schema/t", "https://host:8080/x.yaml#/schema/t",
               "x.json#/schema/t", "x.YML#/schema/t", "x.yml#/schema/t", "x.yaml#/schema/t", "f.yaml",
               "schema/t/properties", "schema/t/properties/p", "/schema/t", "a/b", "a/b/c", "a//b",
               "schema/t t", "schema/\u00fc", "schema/t.p", ".a", "a.", "1.a", "a.b.", "#/schema/t", "",
               "yaml#a/b", ".yaml#a/b", "https://.yaml#a/b", "a#b#c/d", "a/b\n", "schema/t\u00a0x"]:
        yield with_relation(version, to)
        yield with_relation(version, [to, "a.b"])
    yield with_relation(version, "a.b", description="d")
    yield with_relation(version, "a.b", id="x y")
    yield with_relation(version, [])
    yield with_property(version, relationships=[{"from": "a.b", "to": "a.b"}])
    yield with_property(version, relationships=[{"from": "a.b"}])
    for relation in [{"from": "a.b", "to": ["a.b"]}, {"from": ["a.b"], "to": ["a.b", "a.c"]},
                     {"to": "a.b"}, {"from": "a.b"}, {"from": [], "to": []}, {"from": "a.b", "to": "a.b"}]:
        yield small(version, schema=[{"name": "o", "relationships": [relation]}])
    for kind in ["date", "array", "object", "blob"]:
        yield small(version, schema=[{"name": "o", "logicalType": kind}])
    for rule in [dict(), dict(mustBe=1), dict(rule="x"), dict(type="text", metric="rowCount"),
                 dict(type="text", metric="rowCount", mustBe=1), dict(type="sql", query="q"),
                 dict(type="sql", query="q", metric="rowCount", mustBe=1),
                 dict(type="sql", query="q", mustBe=1, mustNotBe=2),
                 dict(metric="rowCount", mustBe=1, mustBeLessThan="x"),
                 dict(metric="rowCount", mustBeBetween=[2, 1]), dict(metric="rowCount", mustBeBetween=[1, 1]),
                 dict(metric="rowCount", mustBeBetween=[1, 1.0]), dict(metric="rowCount", mustBeBetween=[1]),
                 dict(metric="rowCount", mustBeBetween=[1, True]), dict(metric="rowCount", mustBe=None),
                 dict(metric="nope", mustBe=1), dict(metric=1, mustBe=1), dict(type="library"),
                 dict(type="library", rule="x"), dict(type="library", rule="x", mustBe=1),
                 dict(type="custom", engine="e"), dict(type="custom", engine="e", implementation=1),
                 dict(type="custom", engine="e", implementation="i", mustBe=1), dict(pattern="x"),
                 dict(type="custom", engine="e", implementation="i", metric="rowCount", mustBe=1),
                 dict(metric="invalidValues", mustBe=1, pattern="x"), dict(element="x", type="text"),
                 dict(metric="invalidValues", mustBe=1, arguments=[]), dict(dimension="cp", type="text"),
                 dict(metric="invalidValues", mustBe=1, arguments={"validValues": 3}),
                 dict(type="text", query="q"), dict(type="sql", query=1, mustBe=1)]:
        yield with_rule(version, **rule)
        yield with_property(version, quality=[rule])
        yield with_property(version, logicalType="array", items={"quality": [rule]})
    yield small(version, quality=[])
    for more in [dict(logicalTypeOptions={}), dict(logicalTypeOptions={"minLength": 1}),
                 dict(logicalTypeOptions={"format": "x"}), dict(logicalTypeOptions={"x": 1}),
                 dict(logicalType="boolean", logicalTypeOptions={"x": 1}),
                 dict(logicalType="string", properties=[]), dict(logicalType="string", items={}),
                 dict(properties=[], items={}), dict(map={"key": {}, "value": {}}),
                 dict(logicalType="map"), dict(logicalType="map", map={"key": {}}),
                 dict(logicalType="map", map={"key": {}, "value": {}, "x": 1}),
                 dict(logicalType="map", map={"key": {"properties": [{"name": "x"}]}, "value": {}}),
                 dict(logicalType="vector"), dict(logicalType="vector", logicalTypeOptions={}),
                 dict(logicalType="vector", logicalTypeOptions={"dimensions": 0}),
                 dict(logicalType="array", items={"properties": [{}]}),
                 dict(logicalType="array", items={"logicalType": "string", "properties": []}),
                 dict(logicalType="integer", logicalTypeOptions={"multipleOf": 0}),
                 dict(logicalType="integer", logicalTypeOptions={"format": "i64"}),
                 dict(logicalType="integer", logicalTypeOptions={"minimum": "1"}),
                 dict(logicalType="number", logicalTypeOptions={"format": "i32"}),
                 dict(logicalType="string", logicalTypeOptions={"minLength": 3306.0}),
                 dict(logicalType="string", logicalTypeOptions={"minLength": 1.5}),
                 dict(logicalType="string", logicalTypeOptions={"minLength": -1}),
                 dict(logicalType="object", logicalTypeOptions={"required": []}),
                 dict(logicalType="object", logicalTypeOptions={"required": ["a", "a"]}),
                 dict(enum=[]), dict(enum=[{"value": 1}, {"value": 1.0}]), dict(enum=[{"value": True}, {"value": 1}]),
                 dict(enum=[{"value": "a", "label": "x"}, {"value": "a", "label": "y"}]),
                 dict(enum=[{"value": []}]), dict(enum=[{"label": "a"}]), dict(enum=["a"]),
                 dict(enum=[{"value": "a", "label": "x"}, {"label": "x", "value": "a"}]),
                 dict(primaryKeyPosition="${X}"), dict(primaryKeyPosition=1.0), dict(required="yes"),
                 dict(synonyms=["a"]), dict(semanticType="x"), dict(deprecated="no"), dict(xExtra=1)]:
        yield with_property(version, **more)
        yield with_property(version, logicalType="array", items=more)
    for identity in ["a", "urn:x:1", "a+b", "\u00e4", "a b", "a.b", "a@b", "", "a\u00a0b", "a\u2003b", "${X}",
                     "a\tb", "a/b", "-", "a\n"]:
        yield with_property(version, id=identity)
        yield small(version, customProperties=[{"property": "p", "value": 1, "id": identity}])
    for port in [1, "1", "banana", -5, 1.0, 1.5, None, True]:
        yield small(version, servers=[{"server": "s", "type": "postgres", "host": "h", "port": port,
                                       "database": "d", "schema": "s"}])
    for location in ["sftp://x", "x", "sftp:/x", "${X}"]:
        yield small(version, servers=[{"server": "s", "type": "sftp", "location": location}])
    yield small(version, servers=[{"server": "s", "type": "sftp", "location": "sftp://x", "format": "orc"}])
    yield small(version, servers=[{"server": "s", "type": "kafka", "host": "h", "port": 1}])
    yield small(version, servers=[{"server": "s", "type": "duckdb", "database": "h", "schema": "main"}])
    yield small(version, servers=[{"server": "s", "type": "duckdb", "database": "h", "schema": 1}])
    yield small(version, servers=[{"server": "s", "type": "athena", "schema": "h"}])
    yield small(version, servers=[{"server": "s", "type": "nope"}])
    for team in [[], {}, [{"username": "u"}], [{"name": "n"}], [{"x": 1}], {"x": 1}, "t",
                 {"members": [{"username": "u", "id": "a b"}]}]:
        yield small(version, team=team)
    for value in [{}, "text", {"x": 1}, 1, {"constraints": [{}]}, {"verifiedStatements": [{"question": 1}]}]:
        yield small(version, context=value)
        yield small(version, schema=[{"name": "o", "context": value}])
    for value in [[], {}, 1, None, "x"]:
        yield small(version, slaProperties=[{"property": "p", "value": value}])
        yield small(version, slaProperties=[{"property": "p", "value": 1, "valueExt": value}])
    for name in ["v3.0.0", "v3.0.1", "v3.0.3", "v4.0.0", 3, "3.1.0"]:
        yield small(version, apiVersion=name)
    for field in ["dataset", "uuid", "stakeholders"]: # fields of v2.2
        yield small(version, **{field: []})
    yield small(version)
    yield {}
    doc = small(version)
    for key in list(doc):
        less = dict(doc)
        del less[key]
        yield less


def parts(doc):
    """Small documents: one server, one property or one rule each, so that mutations hit it."""
    base = {k: v for k, v in doc.items() if k not in ("servers", "schema")}
    head = {k: base[k] for k in ("apiVersion", "kind", "id", "version") if k in base}
    head["status"] = "s"
    yield base
    for server in doc["servers"]:
        yield dict(head, servers=[server])
    for prop in doc["schema"][0]["properties"]:
        yield dict(head, schema=[{"name": "o", "properties": [prop]}])
    for rule in doc["schema"][0]["quality"]:
        yield dict(head, schema=[{"name": "o", "quality": [rule]}])


# ---- v2.2 ---------------------------------------------------------------------------------------

def whole_v2(version):
    newer = version == "v2.2.2"
    links = [{"url": "https://u", "type": "implementation"}]
    rule = {"code": "nullCheck", "templateName": "NullCheck", "description": "d", "toolName": "Elevate",
            "toolRuleName": "r", "dimension": "completeness", "type": "dataQuality", "severity": "error",
            "businessImpact": "operational", "scheduleCronExpression": "0 20 * * *", "columns": "a",
            "column": "a", "customProperties": [{"property": "FIELD_NAME", "value": {"a": 1}}, {}]}
    column = {"column": "c", "logicalType": "string", "physicalType": "varchar(18)", "businessName": "b",
              "isPrimaryKey": True if newer else "yes", "primaryKeyPosition": 1, "isNullable": False,
              "isUnique": True, "partitionStatus": True, "partitionKeyPosition": -1, "clusterStatus": True,
              "clusterKeyPosition": 1, "classification": "restricted", "authoritativeDefinitions": links,
              "encryptedColumnName": "e", "transformSourceTables": ["t"], "transformLogic": "x",
              "transformDescription": "y", "sampleValues": ["1"], "criticalDataElementStatus": True,
              "description": "d", "tags": ["t"], "quality": [rule], "isPrimary": True}
    return {
        "apiVersion": version, "kind": "DataContract", "uuid": "u", "version": "1.0.0", "type": "tables",
        "status": "current", "datasetName": "n", "quantumName": "q", "datasetDomain": "seller",
        "datasetKind": "virtualDataset", "userConsumptionMode": "analytical", "tenant": "t", "tags": ["a"],
        "sourceSystem": "bigQuery", "sourcePlatform": "gcp", "server": "s", "productSlackChannel": "#p",
        "productFeedbackUrl": "https://f", "productDl": "dl@x.org", "username": "u", "password": "${P}",
        "driverVersion": "1", "driver": "d", "project": "p", "database": "d", "slaDefaultColumn": "t.c",
        "description": {"usage": "u", "purpose": "p", "limitations": "l", "other": 1},
        "dataset": [{"table": "t", "physicalName": "t_1", "priorTableName": "p",
                     "description": "d" if newer else ["d"], "authoritativeDefinitions": links,
                     "dataGranularity": "g", "columns": [column], "quality": [rule], "tags": None}],
        "price": {"priceAmount": 9.5 if newer else "9.5", "priceCurrency": "USD", "priceUnit": "megabyte"},
        "stakeholders": [{"username": "u", "role": "r", "dateIn": "2022-08-02", "dateOut": "2022-10-01",
                          "replacedByUsername": "v", "comment": "c"}, {}],
        "roles": [{"role": "r", "access": "read", "firstLevelApprovers": "a", "secondLevelApprovers": "b"}],
        "slaProperties": [{"property": "latency", "value": 4 if newer else "4", "valueExt": "1", "unit": "d",
                           "column": "t.c", "driver": "regulatory"}],
        "customProperties": [{"property": "p", "value": ["x"]}], "systemInstance": "i",
        "contractCreatedTs": "2022-11-15 02:59:43"}


def special_v2(version):
    for name in ["v2.2.2-draft", "2.3.0", "v2.2", "v2.2.", "v22.10.3", "v2.2.2x", "v2..2", "V2.2.2", ""]:
        yield dict(whole_v2(version), apiVersion=name)
    doc = whole_v2(version)
    for key in doc:
        less = dict(doc)
        del less[key]
        yield less
        for value in [None, 1, "x", [], {}, True, [{}], [1]]:
            yield dict(doc, **{key: value})
    for value in [None, True, 1, "x", []]:
        yield dict(doc, slaProperties=[{"property": "p", "value": value}])
        yield dict(doc, price={"priceAmount": value})


def parts_v2(doc):
    yield doc
    yield dict(doc, dataset=[])
