"""Data products that use every field of a version, and small ones where versions differ. For
odps_schema_test.py."""


def is_new(version):
    return version == "v1.1.0"


def custom(version):
    entry = {"property": "cost-centre", "value": {"a": [1, None]}, "description": "booked there"}
    if is_new(version):
        entry.update(id="any id", vendor="acme")
    return [entry, {"property": "n", "value": None}]


def definitions(version):
    entry = {"type": "tutorial", "url": "https://example.com/d", "description": "d"}
    if is_new(version):
        entry["id"] = "d 1"
    return [entry]


def common(version):
    return {"tags": ["t"], "customProperties": custom(version), "authoritativeDefinitions": definitions(version)}


def synonyms(version):
    return [{"synonym": "s", "id": "s", "description": "d", "locale": "en", "source": "g", "status": "active",
             "customProperties": custom(version)}]


def context(version):
    return {"instructions": "i",
            "verifiedStatements": [dict(common(version), id="v", question="q", answer="a")],
            "constraints": [dict(common(version), id="c", constraint="c")]}


def ports(version):
    has_more = version != "v0.9.0"
    source = {"name": "payments", "version": "1.0.0", "contractId": "c-1"}
    out = {"name": "raw", "description": "d", "type": "tables", "version": "1.0.0", "contractId": "c-2",
           "sbom": [{"type": "external", "url": "https://s"}], "inputContracts": [{"id": "c-1", "version": "1"}]}
    manage = dict(common(version), name="m", content="dictionary", type="rest", url="https://m", channel="c",
                  description="d")
    if has_more:
        source.update(common(version))
        out.update(common(version))
    if is_new(version):
        for port in (source, out, manage):
            port.update(id="p", deprecated=False)
        out.update(synonyms=synonyms(version), context=context(version))
        out["sbom"][0].update(common(version), id="s")
        out["sbom"].append({})
        source = [source, {"name": "later"}]
        return source, [out, {"name": "later"}], [manage]
    return [source], [out], [manage]


def whole(version):
    member = dict(common(version), username="u", name="n", description="d", role="owner", dateIn="2024-01-01",
                  dateOut="2024-02-01", replacedByUsername="v")
    source, out, manage = ports(version)
    doc = {"apiVersion": version, "kind": "DataProduct", "id": "urn:x", "name": "n", "version": "1.0.0",
           "status": "active", "domain": "d", "tenant": "t", "tags": ["a"],
           "description": {"purpose": "p", "limitations": "l", "usage": "u",
                           "authoritativeDefinitions": definitions(version),
                           "customProperties": custom(version)},
           "authoritativeDefinitions": definitions(version), "customProperties": custom(version),
           "inputPorts": source, "outputPorts": out, "managementPorts": manage,
           "support": [dict(common(version), channel="c", url="https://u", description="d", tool="slack",
                            scope="issues", invitationUrl="https://i")],
           "team": [member, {}] if version == "v0.9.0" else dict(common(version), name="t", description="d",
                                                                 members=[member]),
           "productCreatedTs": "2024-01-01T00:00:00Z"}
    if is_new(version):
        del doc["status"]
        member["id"] = "m"
        doc["support"][0]["id"] = "s"
        doc.update(type="aggregate", deprecated=True, synonyms=synonyms(version), context=context(version))
    return doc


def parts(doc):
    """Small documents: one port, channel or member each, so that mutations hit it."""
    head = {k: doc[k] for k in ("apiVersion", "kind", "id") if k in doc}
    head["status"] = "s"
    yield {k: v for k, v in doc.items() if not k.endswith("Ports")}
    for name in ("inputPorts", "outputPorts", "managementPorts", "support"):
        for entry in doc[name]:
            yield dict(head, **{name: [entry]})
    yield dict(head, team=doc["team"])


def small(version, **more):
    return dict({"apiVersion": version, "kind": "DataProduct", "id": "i", "status": "s"}, **more)


def special(version):
    for name in ["v0.9.0", "v1.0.0", "v1.1.0", "v1.2.0", "1.0.0", 1, None, ""]:
        yield small(version, apiVersion=name)
    for team in [[], {}, [{}], [{"username": "u"}], {"members": [{}]}, {"members": [{"username": "u"}]}, "t",
                 {"x": 1}, [{"x": 1}], None]:
        yield small(version, team=team)
    for kind in ["tutorial", "other", "", None, 1]:
        yield small(version, authoritativeDefinitions=[{"type": kind, "url": "https://u"}])
    for name in ["inputPorts", "outputPorts", "managementPorts"]:
        for port in [{}, {"name": "a"}, {"name": "a", "version": "1"}, {"name": "a", "content": "x"},
                     {"name": "a", "version": "1", "contractId": "c"}, {"name": "a", "tags": []}, "a", None,
                     {"name": "a", "version": "1", "contractId": "c", "tags": ["t"]},
                     {"name": "a", "version": "1", "contractId": "c", "id": "x"},
                     {"name": "a", "version": "1", "contractId": "c", "context": "text"},
                     {"name": "a", "version": 1, "contractId": "c"}, {"name": "a", "deprecated": "no"}]:
            yield small(version, **{name: [port]})
        yield small(version, **{name: []})
        yield small(version, **{name: {}})
    for entry in [{}, {"url": "https://u"}, {"type": "x"}, {"url": 1}, {"id": "x", "url": "https://u"}]:
        yield small(version, outputPorts=[{"name": "a", "version": "1", "sbom": [entry]}])
    for value in ["text", {}, {"x": 1}, {"constraints": [{}]}, {"verifiedStatements": [{"question": 1}]}]:
        yield small(version, context=value)
    for field in ["slaProperties", "roles", "price", "servers", "schema", "x-own", "type", "synonyms"]:
        yield small(version, **{field: []})
    yield small(version)
    yield {}
    for key in list(small(version)):
        less = small(version)
        del less[key]
        yield less
