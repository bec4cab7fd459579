"""Holds the exports against other implementations of each format.

  peers.py FOLDER     the folder that scripts/test-exports.sh has filled: notes.jsonl and one output a format

What is asked of each is in its function's first line; a wrong output must be refused as well (see `faults`).
"""
import collections, csv, glob, io, json, os, re, sqlite3, sys, xml.etree.ElementTree as ET

FOLDER = sys.argv[1]
def path(name): return os.path.join(FOLDER, name)
def lines(name): return [json.loads(l) for l in open(path(name), encoding="utf-8") if l.strip()]
NOTES = {n["id"]: n["text"] for n in lines("notes.jsonl")}
FACTS = {f["id"]: f for f in lines("facts.jsonl")}
failed = []

def check(ok, what):
    if not ok:
        failed.append(what)
        print("FAILED:", what)

def fhir():
    """every resource is read by the models of fhir.resources (R4B); a broken one is not"""
    from importlib import import_module
    from pydantic import ValidationError
    models, n, kinds = {}, 0, collections.Counter()
    def model(kind):
        if kind not in models:
            models[kind] = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        return models[kind]
    for line in lines("fhir.ndjson"):
        for e in line["entry"]:
            r = e["resource"]
            try:
                model(r["resourceType"]).model_validate(r)
            except ValidationError as x:
                check(False, f"{r['resourceType']}: {str(x)[:300]}")
            kinds[r["resourceType"]] += 1
            n += 1
    for change in ({"status": None}, {"code": "text"}, {"effectiveDateTime": "yesterday"}, {"unknown": 1}):
        r = next(e["resource"] for l in lines("fhir.ndjson") for e in l["entry"] if e["resource"]["resourceType"] == "Observation")
        broken = {k: v for k, v in {**r, **change}.items() if v is not None}
        try:
            model("Observation").model_validate(broken)
            check(False, f"fhir.resources takes {change}")
        except ValidationError:
            pass
    print(f"FHIR: {n} resources, {dict(kinds)}")

def omop():
    """both tables load into tables of the CDM's own columns, and join"""
    db = sqlite3.connect(":memory:")
    db.executescript("""
      CREATE TABLE NOTE (note_id integer NOT NULL PRIMARY KEY, person_id integer NOT NULL, note_date date NOT NULL CHECK (note_date GLOB '????-??-??'), note_datetime TIMESTAMP NULL,
        note_type_concept_id integer NOT NULL, note_class_concept_id integer NOT NULL, note_title varchar(250) NULL CHECK (length(note_title) <= 250), note_text TEXT NOT NULL,
        encoding_concept_id integer NOT NULL, language_concept_id integer NOT NULL, provider_id integer NULL, visit_occurrence_id integer NULL, visit_detail_id integer NULL,
        note_source_value varchar(50) NULL CHECK (length(note_source_value) <= 50), note_event_id integer NULL, note_event_field_concept_id integer NULL);
      CREATE TABLE NOTE_NLP (note_nlp_id integer NOT NULL PRIMARY KEY, note_id integer NOT NULL REFERENCES NOTE (note_id), section_concept_id integer NULL,
        snippet varchar(250) NULL CHECK (length(snippet) <= 250), "offset" varchar(50) NULL, lexical_variant varchar(250) NOT NULL CHECK (length(lexical_variant) <= 250),
        note_nlp_concept_id integer NULL, note_nlp_source_concept_id integer NULL, nlp_system varchar(250) NULL, nlp_date date NOT NULL CHECK (nlp_date GLOB '????-??-??'),
        nlp_datetime TIMESTAMP NULL, term_exists varchar(1) NULL CHECK (term_exists IN ('Y', 'N')), term_temporal varchar(50) NULL, term_modifiers varchar(2000) NULL CHECK (length(term_modifiers) <= 2000));
      PRAGMA foreign_keys = ON;""")
    for table, name in (("NOTE", "note.csv"), ("NOTE_NLP", "note_nlp.csv")):
        rows = list(csv.reader(open(path(name), encoding="utf-8", newline="")))
        columns = [r[1] for r in db.execute(f"PRAGMA table_info({table})")]
        check(rows[0] == columns, f"{name}: columns {rows[0]}")
        marks = ",".join("?" * len(columns))
        for r in rows[1:]:
            try:
                db.execute(f"INSERT INTO {table} VALUES ({marks})", [c if c != "" else None for c in r])
            except sqlite3.Error as x:
                check(False, f"{name}: {x}: {str(r)[:200]}")
    joined = db.execute('SELECT n.note_text, p."offset", p.lexical_variant, p.snippet, p.term_exists, p.term_modifiers FROM NOTE_NLP p JOIN NOTE n USING (note_id)').fetchall()
    check(len(joined) == sum(len(f["facts"]) for f in FACTS.values()), "a row for each fact")
    for text, offset, variant, snippet, exists, modifiers in joined:
        check(text[int(offset):].startswith(variant), f"offset {offset} is not {variant!r}")
        check(len(variant) >= 250 or variant.split("\n")[0] in snippet, f"{variant!r} is not in its snippet")
        if "assertion=absent" in modifiers or "subject=" in modifiers or "assertion=conditional" in modifiers:
            check(exists == "N", f"term_exists of {modifiers[:80]}")
    for bad in ((1, None), (1, "x" * 251)):
        try:
            db.execute("INSERT INTO NOTE_NLP (note_nlp_id, note_id, lexical_variant, nlp_date) VALUES (99999999999, ?, ?, '2024-05-04')", bad)
            check(False, f"the tables take a lexical variant {bad[1]!r:.20}")
        except sqlite3.Error:
            pass
    print(f"OMOP: {len(joined)} terms")

def brat():
    """every span is the text that it says, in code points"""
    n = 0
    for ann in glob.glob(path("brat/*.ann")):
        text = open(ann[:-4] + ".txt", encoding="utf-8", newline="").read()
        for l in open(ann, encoding="utf-8", newline="\n"):
            if not l.startswith("T"):
                check(re.match(r"^(A\d+\t\w+ T\d+( \w+)?|R\d+\t\w+ Arg1:T\d+ Arg2:T\d+|\*\tSameAs T\d+ T\d+|#\d+\tAnnotatorNotes T\d+\t.+)$", l.rstrip("\n")), f"{ann}: {l!r}")
                continue
            _, spot, words = l.rstrip("\n").split("\t", 2)
            pieces = [tuple(map(int, p.split())) for p in spot.split(" ", 1)[1].split(";")]
            covered = " ".join(text[a:b] for a, b in pieces)
            check(covered.split() == words.split(), f"{ann}: {covered!r} is not {words!r}")
            n += 1
    check(n > 0, "brat has annotations")
    print(f"brat: {n} annotations")

def bioc():
    """the BioC library opens it, passages lie at their offsets, annotations cover their text"""
    from bioc import biocjson
    collection = biocjson.load(open(path("bioc.json"), encoding="utf-8"))
    n = 0
    for d in collection.documents:
        whole = NOTES[d.id]
        for p in d.passages:
            check(whole[p.offset:p.offset + len(p.text)] == p.text, f"passage at {p.offset}")
            for a in p.annotations:
                for l in a.locations:
                    check(whole[l.offset:l.offset + l.length] == a.text, f"annotation {a.id} of {d.id}")
                n += 1
        ids = {a.id for p in d.passages for a in p.annotations}
        check(all(node.refid in ids for r in d.relations for node in r.nodes), f"relations of {d.id}")
    check(len(collection.documents) == len(NOTES), "a document for each note")
    print(f"BioC: {n} annotations in {len(collection.documents)} documents")

def xmi():
    """dkpro-cassis opens it with the type system; the covered text is the fact's, also after surrogate pairs"""
    import cassis
    with open(path("types.xml"), "rb") as f:
        types = cassis.load_typesystem(f)
    n = 0
    for file in glob.glob(path("xmi/*.xmi")):
        with open(file, "rb") as f:
            cas = cassis.load_cas_from_xmi(f, typesystem=types)
        facts = {f["id"]: f for f in FACTS[XMI_IDS[os.path.basename(file)]]["facts"]}
        for a in cas.select("karuta.Fact"):
            check(a.get_covered_text() == facts[a.factId]["text"], f"{file}: {a.get_covered_text()!r} is not {facts[a.factId]['text']!r}")
            check([c.code for c in (a.codes.elements if a.codes else [])] == [c["code"] for c in facts[a.factId]["codings"]], f"{file}: codes of {a.factId}")
            n += 1
        check(len(list(cas.select("karuta.Fact"))) == len(facts), f"{file}: number of facts")
    check(n > 0, "XMI has facts")
    print(f"XMI: {n} facts")

def medtxt():
    """an XML parser gives the note's text back, and the elements are MedTxt's"""
    known = {"d": {"certainty"}, "timex3": {"type"}, "t-key": {"state"}, "t-val": set(), "m-key": {"state"}, "r": {"state"}}
    n = 0
    for a in ET.parse(path("medtxt.xml")).getroot().iter("article"):
        text = NOTES[a.get("id")]
        # a parser reads a line break as \n; what XML cannot hold is U+FFFD
        want = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)
        got = "".join(a.itertext())
        check(got.strip("\n") == want.strip("\n"), f"text of {a.get('id')}")
        for e in a.iter():
            if e is not a:
                check(e.tag in known and set(e.attrib) <= known[e.tag], f"<{e.tag} {e.attrib}>")
                n += 1
    check(n > 0, "MedTxt has elements")
    print(f"MedTxt: {n} elements")

def phenopackets():
    """the protobuf parser takes it, and what v2 demands is there, which that parser does not ask"""
    from google.protobuf.json_format import Parse, ParseError
    from phenopackets.schema.v2 import Phenopacket
    demanded = {"Phenopacket": ["id", "meta_data"], "MetaData": ["created", "created_by", "resources", "phenopacket_schema_version"],
                "OntologyClass": ["id", "label"], "Resource": ["id", "name", "url", "version", "namespace_prefix", "iri_prefix"], "PhenotypicFeature": ["type"],
                "Disease": ["term"], "Measurement": ["assay"], "Quantity": ["unit"], "Treatment": ["agent"], "Individual": ["id"]}
    def lacking(m, where=""):
        out = []
        for name in demanded.get(m.DESCRIPTOR.name, []):
            f, value = m.DESCRIPTOR.fields_by_name[name], getattr(m, name)
            # no ontology is used where there is nothing to say
            if not f.is_repeated and (not m.HasField(name) if f.message_type else value == ""):
                out.append(f"{where}{m.DESCRIPTOR.name}.{name}")
        for f, v in m.ListFields():
            if f.message_type and f.message_type.name != "Timestamp":
                for x in v if f.is_repeated else [v]:
                    out += lacking(x, where + m.DESCRIPTOR.name + "/")
        return out
    n = collections.Counter()
    packets = lines("phenopackets.ndjson")
    for line in packets:
        p = Parse(json.dumps(line), Phenopacket())
        check(not lacking(p), f"{line['id']}: {lacking(p)[:3]}")
        prefixes = {r.namespace_prefix for r in p.meta_data.resources}
        ids = re.findall(r'"id": "([A-Z0-9]+):[^"]', json.dumps([line.get(k) for k in ("phenotypicFeatures", "diseases", "measurements", "medicalActions")]))
        check(set(ids) <= prefixes, f"{line['id']}: prefixes {set(ids) - prefixes}")
        n.update(features=len(p.phenotypic_features), excluded=sum(f.excluded for f in p.phenotypic_features), diseases=len(p.diseases), measurements=len(p.measurements), actions=len(p.medical_actions))
    full = next(p for p in packets if p.get("phenotypicFeatures"))
    for broken in ({**full, "metaData": {}}, {**full, "phenotypicFeatures": [{"type": {"id": "HP:0001945"}}]}, {**full, "id": ""}):
        check(lacking(Parse(json.dumps(broken), Phenopacket())), "a packet that lacks something is found")
    try:
        Parse(json.dumps({**full, "phenotypes": []}), Phenopacket())
        check(False, "an unknown field is refused")
    except ParseError:
        pass
    print(f"Phenopackets: {len(packets)}, {dict(n)}")

def rdf():
    """rdflib reads both forms as the same graph, which answers SPARQL"""
    import rdflib
    g = rdflib.Graph().parse(path("facts.ttl"), format="turtle")
    j = rdflib.Graph().parse(path("facts.jsonld"), format="json-ld")
    check(len(g) > 0 and set(g) == set(j), f"Turtle {len(g)} triples, JSON-LD {len(j)}")
    rows = g.query("""PREFIX k: <urn:karuta:vocab:> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
      SELECT ?note ?name WHERE { ?f k:code ?c ; k:assertion "present" ; k:inNote/k:id ?note ; k:name ?name . ?c skos:notation "LLLJ" }""")
    want = sum(f["assertion"] == "present" and any(c["code"] == "LLLJ" for c in f["codings"]) for n in FACTS.values() if n["id"] in RDF_IDS for f in n["facts"])
    check(len(rows) == want > 0, f"SPARQL finds {len(rows)} of {want} fevers")
    print(f"RDF: {len(g)} triples, {len(rows)} fevers by SPARQL")

def graphml():
    """networkx reads it; edges join nodes of the file"""
    import networkx as nx
    whole = ET.parse(path("facts.graphml")).getroot()
    ns = "{http://graphml.graphdrawing.org/xmlns}"
    nodes = edges = 0
    for g in whole.findall(f"{ns}graph"):
        one = ET.Element(f"{ns}graphml")
        one.extend(whole.findall(f"{ns}key"))
        one.append(g)
        read = nx.read_graphml(io.BytesIO(ET.tostring(one)), force_multigraph=True)
        nodes += read.number_of_nodes()
        edges += read.number_of_edges()
    check(nodes == sum(len(f["facts"]) for f in FACTS.values()), f"{nodes} nodes")
    check(edges == sum(len(f["relations"]) + sum(len(x["from"]) for x in f["facts"]) for f in FACTS.values()), f"{edges} edges")
    print(f"GraphML: {nodes} nodes, {edges} edges")

def table():
    """CSV has a row for each fact with what JSON has"""
    rows = list(csv.DictReader(open(path("facts.csv"), encoding="utf-8", newline="")))
    check(len(rows) == sum(len(f["facts"]) for f in FACTS.values()), f"{len(rows)} rows")
    for r in rows:
        check(NOTES[r["note_id"]][int(r["start"]):int(r["end"])] == r["text"] or r["derived_from"] or r["text"] == "", f"{r['note_id']} {r['fact_id']}")
    print(f"CSV: {len(rows)} rows")

def hl7():
    """segments are known ones, fields are escaped, every message has MSH and PID"""
    n = collections.Counter()
    for m in open(path("ss-mix2.hl7"), encoding="utf-8", newline="").read().split("MSH|")[1:]:
        segments = [s for s in ("MSH|" + m).split("\r") if s]
        check(segments[1].startswith("PID|"), "PID follows MSH")
        check(segments[0].split("|")[11] == "2.5", "version 2.5")
        for s in segments:
            n[s[:3]] += 1
            check(re.match(r"^(MSH|PID|PRB|NTE|SPM|OBR|OBX|ORC|RXE|TQ1|RXR|IAM)\|", s), f"segment {s[:40]!r}")
            if s.startswith("OBX|"):
                f = s.split("|")
                check(f[2] in ("NM", "SN", "ST") and f[11] in "FP", f"OBX {s[:80]!r}")
                check(f[2] != "NM" or re.match(r"^-?[0-9.]+$", f[5]), f"OBX-5 {f[5]!r}")
    check(n["PRB"] > 0 and n["OBX"] > 0 and n["RXE"] > 0, f"{n}")
    print(f"HL7 v2: {dict(n)}")

XMI_IDS = json.load(open(path("xmi-ids.json"), encoding="utf-8"))
RDF_IDS = {n["id"] for n in lines("few.jsonl")}
for f in (fhir, omop, brat, bioc, xmi, medtxt, phenopackets, rdf, graphml, table, hl7):
    f()
print("peers:", "all hold" if not failed else f"{len(failed)} FAILED")
sys.exit(1 if failed else 0)
