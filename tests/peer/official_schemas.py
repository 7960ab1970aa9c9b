"""The official JSON Schemas of ODCS and ODPS, by version, patterns as ECMA-262 means them.

ODCS v3.0.2, v3.1.0 and v3.2.0 come inside the package datacontract-cli, ODPS v1.0.0 and v1.1.0 inside
dataproduct-cli. The earlier ones are made from the next version by the changes that the standard's
schemas show between the two. Of ODCS v2.2 no package has the schema; V2 writes down what it asks for.

Taken out of datacontract-cli's copies (local patches of the package, not of the standard): `blob` as
logicalType of a schema object; `vector` requires logicalTypeOptions. `$` in a pattern also matches
before a last line break in Python, in ECMA-262 it does not; it is replaced by `\\Z`.
"""
import copy
import json
import os

import datacontract
import dataproduct


def ecma(node):
    """Patterns as ECMA-262 means them."""
    if isinstance(node, dict):
        return {k: v[:-1] + r"\Z" if k == "pattern" and isinstance(v, str) and v.endswith("$") else ecma(v)
                for k, v in node.items()}
    return [ecma(v) for v in node] if isinstance(node, list) else node


def packaged(package, name):
    with open(os.path.join(os.path.dirname(package.__file__), "schemas", name)) as file:
        return json.load(file)


def odcs_packaged(version):
    schema = packaged(datacontract, "odcs-%s.schema.json" % version)
    logical = schema["$defs"]["SchemaObject"]["properties"]["logicalType"]
    logical["enum"] = [name for name in logical["enum"] if name != "blob"]
    for branch in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        if branch.get("if", {}).get("properties", {}).get("logicalType", {}).get("const") == "vector":
            branch["then"].pop("required", None)
    return schema


def odcs_v3_0_1(schema):
    """v3.0.2 added the physicalName of a property, name and description of a team member, and spelled
    the required stagingDir of athena as its property is."""
    made = copy.deepcopy(schema)
    defs = made["$defs"]
    del defs["SchemaBaseProperty"]["properties"]["physicalName"]
    del defs["Team"]["properties"]["name"], defs["Team"]["properties"]["description"]
    defs["ServerSource"]["AthenaServer"]["required"][0] = "staging_dir"
    made["properties"]["apiVersion"]["enum"].remove("v3.0.2")
    return made


def odcs_v3_0_0(schema):
    """v3.0.1 added authoritativeDefinitions at the root, both lists of the description and the
    customProperties of a role."""
    made = copy.deepcopy(schema)
    del made["$defs"]["Role"]["properties"]["customProperties"]
    del made["properties"]["authoritativeDefinitions"]
    for name in ("authoritativeDefinitions", "customProperties"):
        del made["properties"]["description"]["properties"][name]
    made["properties"]["apiVersion"]["enum"].remove("v3.0.1")
    return made


# ---- ODCS v2.2 ----------------------------------------------------------------------------------

TEXT, TRUTH, WHOLE, NUMBER = ({"type": t} for t in ("string", "boolean", "integer", "number"))


def many(items):
    return {"type": "array", "items": items}


def thing(required, texts, **more):
    """An open object: required names, fields that are texts, the others."""
    fields = {name: TEXT for name in texts.split()}
    fields.update(more)
    return {"type": "object", "properties": fields, "required": required.split()}


def odcs_v2(version):
    """What the schemas of v2.2.1 and v2.2.2 ask for. All objects are open."""
    newer = version == "v2.2.2"
    value = {"oneOf": [TEXT, NUMBER]} if newer else TEXT
    definitions = many(thing("url type", "url type"))
    column = thing(
        "column logicalType physicalType",
        "column businessName logicalType physicalType description classification encryptedColumnName "
        "transformLogic transformDescription",
        isPrimaryKey=TRUTH if newer else TEXT, primaryKeyPosition=WHOLE, isNullable=TRUTH, isUnique=TRUTH,
        partitionStatus=TRUTH, partitionKeyPosition=WHOLE, clusterStatus=TRUTH, clusterKeyPosition=WHOLE,
        authoritativeDefinitions=definitions, transformSourceTables=many(TEXT), sampleValues=many(TEXT),
        criticalDataElementStatus=TRUTH, tags=many(TEXT))
    rule = thing(
        "templateName toolName",
        "code templateName description toolName toolRuleName dimension columns column type severity "
        "businessImpact scheduleCronExpression",
        customProperties=many(thing("", "property", value={"type": "object"})))
    table = thing(
        "table", "table physicalName priorTableName dataGranularity",
        description=TEXT if newer else many(TEXT), authoritativeDefinitions=definitions,
        columns=many(column), quality=many(rule))
    root = thing(
        "version kind uuid type status dataset datasetName quantumName",
        "version uuid datasetKind userConsumptionMode type tenant status sourceSystem sourcePlatform server "
        "quantumName productSlackChannel productFeedbackUrl productDl username password driverVersion driver "
        "project datasetName datasetDomain database slaDefaultColumn",
        kind={"type": "string", "enum": ["DataContract"]},
        apiVersion={"type": "string", "pattern": r"^v[0-9]+\.[0-9]+\.[0-9]+"},
        tags=many(TEXT), description=thing("", "usage purpose limitations"), dataset=many(table),
        price=thing("", "priceCurrency priceUnit", priceAmount=NUMBER if newer else TEXT),
        stakeholders=many(thing("", "username role dateIn dateOut replacedByUsername")),
        roles=many(thing("role access", "role access firstLevelApprovers secondLevelApprovers")),
        slaProperties=many(thing("property value", "property unit column driver", value=value,
                                 valueExt=value)))
    root["$schema"] = "https://json-schema.org/draft/2019-09/schema"
    return root


# ---- all ----------------------------------------------------------------------------------------

def odcs():
    made = {"v" + v: odcs_packaged(v) for v in ("3.2.0", "3.1.0", "3.0.2")}
    made["v3.0.1"] = odcs_v3_0_1(made["v3.0.2"])
    made["v3.0.0"] = odcs_v3_0_0(made["v3.0.1"])
    made["v2.2.2"], made["v2.2.1"] = odcs_v2("v2.2.2"), odcs_v2("v2.2.1")
    return {v: ecma(schema) for v, schema in made.items()}


def odps_v0_9_0(schema):
    """v1.0.0 made the team an object and its members' username required, opened the types of definitions,
    and gave tags, customProperties and authoritativeDefinitions to input and output ports."""
    made = copy.deepcopy(schema)
    defs = made["$defs"]
    made["properties"]["team"] = many({"$ref": "#/$defs/TeamMember"})
    made["properties"]["apiVersion"]["enum"] = ["v0.9.0"]
    kinds = defs["AuthoritativeDefinition"]["properties"]["type"]
    kinds["enum"] = kinds["examples"]
    del defs["Team"], defs["TeamMember"]["required"]
    for port in ("InputPort", "OutputPort"):
        for name in ("tags", "customProperties", "authoritativeDefinitions"):
            del defs[port]["properties"][name]
    return made


def odps():
    made = {"v" + v: packaged(dataproduct, "odps-%s.schema.json" % v) for v in ("1.1.0", "1.0.0")}
    made["v0.9.0"] = odps_v0_9_0(made["v1.0.0"])
    return {v: ecma(schema) for v, schema in made.items()}
