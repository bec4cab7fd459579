//! Medicines: a concept for each product with its codes, strength and form; for each 一般名処方; for each brand and
//! ingredient that the curated tables don't hold. A note names a brand or an ingredient; which product is
//! meant, its strength and form tell, so products are found by their words but not looked for in notes.

use super::plain;
use super::systems;
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::masters::{HotRow, Masters};
use crate::lexicon::import::product::{self, parse};
use crate::lexicon::import::surfaces::Surfaces;
use crate::lexicon::{Attr, ConceptKind, System};
use crate::note::fold;
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Default)]
struct Product {
    name: String,
    yj: String,
    price_code: String,
    /// 医薬品コード with its own, longer name.
    receipts: Vec<(String, String)>,
    /// HOT9 with its display.
    hot9: Vec<(String, String)>,
    hot13: Vec<String>,
    general: (String, String),
    spec: String,
    maker: String,
    abolished: bool,
}

/// Products in the order in which they were met, and ways to find one.
#[derive(Default)]
struct Products {
    all: Vec<Product>,
    by_yj: HashMap<String, usize>,
    by_receipt: HashMap<String, usize>,
    by_hot9: HashMap<String, usize>,
}

/// What prices and 一般名 tell of a code: ingredient and specification.
#[derive(Default)]
struct Told<'m> {
    by_price: HashMap<&'m str, (&'m str, &'m str)>,
    by_general: BTreeMap<&'m str, (&'m str, &'m str)>,
}

/// What the products of one brand have in common.
struct Brand {
    /// `None` where they have several.
    ingredient: Option<String>,
    /// The codes of the last one: of the only one, where there is one only.
    codes: Vec<Coded>,
    products: usize,
}

/// System, code, display.
type Coded = (System, String, String);

pub(super) fn add(masters: &Masters, out: &mut Surfaces<'_>) {
    let mut told = Told::default();
    for r in &masters.prices {
        told.by_price.insert(&r.code, (&r.ingredient, &r.spec));
    }
    for r in &masters.generals {
        told.by_general.insert(&r.code, (&r.ingredient, &r.spec));
    }
    let products = Products::new(masters);
    let hot7: HashMap<&str, &str> = masters.fhir.iter().filter(|r| systems::of(&r.system) == Some(System::Hot7)).map(|r| (r.code.as_str(), r.display.as_str())).collect();
    let mut brands: BTreeMap<String, Brand> = BTreeMap::new();
    let mut ingredients: BTreeMap<String, String> = BTreeMap::new();
    let mut ids = HashSet::new();
    for p in &products.all {
        let ingredient = told.ingredient(p, out);
        let codes = product_concept(p, &ingredient, &told, &hot7, &mut ids, out);
        let brand = parse(&p.name).brand;
        if !ingredient.is_empty() {
            ingredients.entry(fold(&ingredient)).or_insert_with(|| ingredient.clone());
        }
        let known = brands.entry(brand).or_insert_with(|| Brand { ingredient: Some(ingredient.clone()), codes: Vec::new(), products: 0 });
        if known.ingredient.as_ref().is_some_and(|k| *k != ingredient) {
            known.ingredient = None;
        }
        known.products += 1;
        known.codes = codes;
    }
    general_concepts(masters, out);
    names(brands, ingredients, out);
}

impl Products {
    fn new(masters: &Masters) -> Self {
        let mut all = Self::default();
        for r in &masters.drugs {
            let yj = if r.unified { "" } else { r.price_code.as_str() };
            let p = all.of(yj, std::slice::from_ref(&r.receipt), "");
            p.name.clone_from(&r.base);
            p.price_code.clone_from(&r.price_code);
            p.receipts.retain(|old| old.0 != r.receipt);
            p.receipts.push((r.receipt.clone(), r.name.clone()));
            p.abolished = r.abolished;
            if !r.general.is_empty() {
                p.general = (r.general.clone(), r.general_name.clone());
            }
        }
        for r in &masters.hot {
            all.hot(r);
        }
        for r in &masters.prices {
            // a row with a maker is a product's, one without is a 統一名
            if !r.maker.is_empty() {
                let p = all.of(&r.code, &[], "");
                fill(&mut p.name, &r.name);
                fill(&mut p.price_code, &r.code);
                fill(&mut p.spec, &r.spec);
                fill(&mut p.maker, &r.maker);
            }
        }
        for r in masters.fhir.iter().filter(|r| systems::of(&r.system) == Some(System::Yj)) {
            fill(&mut all.of(&r.code, &[], "").name, &r.display);
        }
        all.hot9_lists(masters);
        all.all.retain(|p| !p.name.is_empty());
        all
    }

    /// The product that carries one of these codes; a new one where none does. It gets the codes it lacks.
    fn of(&mut self, yj: &str, receipts: &[String], hot9: &str) -> &mut Product {
        let found = self
            .by_yj
            .get(yj)
            .filter(|_| !yj.is_empty())
            .or_else(|| self.by_hot9.get(hot9).filter(|_| !hot9.is_empty()))
            .or_else(|| receipts.iter().find_map(|r| self.by_receipt.get(r)))
            .copied();
        let i = found.unwrap_or(self.all.len());
        if i == self.all.len() {
            self.all.push(Product::default());
        }
        if !yj.is_empty() {
            self.by_yj.entry(yj.to_owned()).or_insert(i);
        }
        if !hot9.is_empty() {
            self.by_hot9.entry(hot9.to_owned()).or_insert(i);
        }
        for r in receipts {
            self.by_receipt.entry(r.clone()).or_insert(i);
        }
        #[allow(clippy::indexing_slicing)] // i is the place of a product that was found or has just been added
        let p = &mut self.all[i];
        fill(&mut p.yj, yj);
        p
    }

    fn hot(&mut self, r: &HotRow) {
        let hot9 = r.hot.get(..9).unwrap_or("");
        let p = self.of(&r.yj, &r.receipts, hot9);
        fill(&mut p.name, &r.name);
        fill(&mut p.spec, &r.spec);
        fill(&mut p.maker, &r.maker);
        if !p.hot9.iter().any(|h| h.0 == hot9) {
            p.hot9.push((hot9.to_owned(), r.name.clone()));
        }
        if r.hot.len() == 13 {
            p.hot13.push(r.hot.clone());
        }
        for code in &r.receipts {
            if !p.receipts.iter().any(|old| old.0 == *code) {
                p.receipts.push((code.clone(), String::new()));
            }
        }
    }

    /// A list of HOT9 with names only (`販売名・会社`): a code that no HOT file told the product of goes to the one
    /// product of exactly that name, else it is a product of its own.
    fn hot9_lists(&mut self, masters: &Masters) {
        let mut by_name: HashMap<String, Option<usize>> = HashMap::new();
        for (i, p) in self.all.iter().enumerate() {
            by_name.entry(fold(&p.name)).and_modify(|n| *n = None).or_insert(Some(i));
        }
        for r in masters.fhir.iter().filter(|r| systems::of(&r.system) == Some(System::Hot9)) {
            let (name, maker) = r.display.rsplit_once('・').unwrap_or((&r.display, ""));
            let known = self.by_hot9.get(&r.code).copied().or_else(|| by_name.get(&fold(name)).copied().flatten());
            let i = known.unwrap_or_else(|| {
                self.all.push(Product { name: name.to_owned(), maker: maker.to_owned(), ..Product::default() });
                self.all.len() - 1
            });
            self.by_hot9.entry(r.code.clone()).or_insert(i);
            let Some(p) = self.all.get_mut(i) else { continue };
            match p.hot9.iter_mut().find(|h| h.0 == r.code) {
                Some(h) => h.1.clone_from(&r.display),
                None => p.hot9.push((r.code.clone(), r.display.clone())),
            }
        }
    }
}

fn fill(field: &mut String, value: &str) {
    if field.is_empty() {
        value.clone_into(field);
    }
}

impl Told<'_> {
    /// The ingredient of a product, by the curated tables' name where they know it.
    fn ingredient(&self, p: &Product, out: &Surfaces<'_>) -> String {
        let told = self.by_general.get(p.general.0.as_str()).or_else(|| self.by_price.get(p.price_code.as_str())).or_else(|| self.by_price.get(p.yj.as_str())).map(|t| t.0);
        match told.filter(|t| !t.is_empty()) {
            Some(t) => curated_name(t, out),
            None if p.general.1.is_empty() => String::new(),
            None => curated_name(&parse(&p.general.1).brand, out),
        }
    }

    fn spec(&self, p: &Product) -> String {
        let own = Some(p.spec.as_str()).filter(|s| !s.is_empty());
        own.or_else(|| self.by_price.get(p.price_code.as_str()).map(|t| t.1)).or_else(|| self.by_general.get(p.general.0.as_str()).map(|t| t.1)).unwrap_or("").to_owned()
    }
}

/// アムロジピンベシル酸塩 is アムロジピン in the curated tables.
fn curated_name(ingredient: &str, out: &Surfaces<'_>) -> String {
    let name = plain(ingredient);
    out.curated_drug(&fold(&name)).unwrap_or(name)
}

fn product_concept(p: &Product, ingredient: &str, told: &Told<'_>, hot7: &HashMap<&str, &str>, ids: &mut HashSet<String>, out: &mut Surfaces<'_>) -> Vec<Coded> {
    let parts = parse(&p.name);
    let code = |list: &[(String, String)]| list.first().map(|c| c.0.clone()).unwrap_or_default();
    let id = [("yj", p.yj.clone()), ("y", code(&p.receipts)), ("hot9", code(&p.hot9))].into_iter().find(|c| !c.1.is_empty());
    let Some(id) = id.map(|(prefix, code)| format!("{prefix}:{code}")).filter(|id| ids.insert(id.clone())) else { return Vec::new() };
    let mut c = NewConcept::new(ConceptKind::Drug, &id, &plain(&p.name));
    c.codes.extend(p.hot9.iter().map(|(code, display)| (System::Hot9, code.clone(), display.clone())));
    if !p.yj.is_empty() {
        c.codes.push((System::Yj, p.yj.clone(), p.name.clone()));
    }
    if !p.general.0.is_empty() {
        c.codes.push((System::GenericOrder, p.general.0.clone(), p.general.1.clone()));
    }
    c.codes.extend(p.receipts.iter().map(|(code, name)| (System::DrugReceipt, code.clone(), name.clone())));
    let mut sevens: Vec<&str> = p.hot9.iter().filter_map(|h| h.0.get(..7)).collect();
    sevens.dedup();
    c.codes.extend(sevens.into_iter().map(|s| (System::Hot7, s.to_owned(), hot7.get(s).copied().unwrap_or("").to_owned())));
    c.codes.extend(p.hot13.iter().map(|h| (System::Hot13, h.clone(), String::new())));
    let strength = if parts.strength.is_empty() { product::strength(&told.spec(p)) } else { parts.strength.clone() };
    let maker = if p.maker.is_empty() { &parts.maker } else { &p.maker };
    let abolished = if p.abolished { "廃止" } else { "" };
    for (key, value) in [
        (Attr::Ingredients, ingredient),
        (Attr::Strength, &strength),
        (Attr::Form, &parts.form),
        (Attr::Type, &parts.form_value),
        (Attr::Maker, maker),
        (Attr::Flags, abolished),
        (Attr::Standard, &p.name),
    ] {
        if !value.is_empty() {
            c.attrs.push((key, value.to_owned()));
        }
    }
    let n = out.pack.concept(&c);
    out.lookup(n, &p.name);
    out.lookup(n, &parts.brand);
    for (_, name) in p.receipts.iter().filter(|r| !r.1.is_empty()) {
        out.lookup(n, name);
    }
    c.codes
}

fn general_concepts(masters: &Masters, out: &mut Surfaces<'_>) {
    let mut all: BTreeMap<&str, (&str, &str, &str)> = BTreeMap::new();
    for r in masters.drugs.iter().filter(|r| !r.general.is_empty()) {
        all.entry(&r.general).or_insert((&r.general_name, "", ""));
    }
    for r in &masters.generals {
        all.insert(&r.code, (&r.name, &r.ingredient, &r.spec));
    }
    for r in masters.fhir.iter().filter(|r| systems::of(&r.system) == Some(System::GenericOrder)) {
        all.entry(&r.code).or_insert((&r.display, "", ""));
    }
    for (code, (name, ingredient, spec)) in all {
        let parts = parse(name);
        let bare = plain(name).trim_start_matches("【般】").to_owned();
        let ingredient = curated_name(if ingredient.is_empty() { &parts.brand } else { ingredient }, out);
        let mut c = NewConcept::new(ConceptKind::Drug, &format!("general:{code}"), &plain(name));
        c.codes.push((System::GenericOrder, code.to_owned(), name.to_owned()));
        let strength = if parts.strength.is_empty() { product::strength(spec) } else { parts.strength };
        for (key, value) in [(Attr::Ingredients, &ingredient), (Attr::Strength, &strength), (Attr::Form, &parts.form), (Attr::Type, &parts.form_value)] {
            if !value.is_empty() {
                c.attrs.push((key, value.clone()));
            }
        }
        let n = out.pack.concept(&c);
        for word in [name, &bare, &ingredient, &parts.brand] {
            out.lookup(n, word);
        }
    }
}

/// Brands and ingredients, for notes, where the curated tables don't hold them.
fn names(brands: BTreeMap<String, Brand>, mut ingredients: BTreeMap<String, String>, out: &mut Surfaces<'_>) {
    ingredients.retain(|folded, _| !out.is_curated(folded));
    for name in ingredients.values() {
        let mut c = NewConcept::new(ConceptKind::Drug, &format!("ingredient:{name}"), name);
        c.attrs.push((Attr::Ingredients, name.clone()));
        let n = out.pack.concept(&c);
        out.brand(n, name);
    }
    for (brand, Brand { ingredient, codes, products }) in brands {
        let folded = fold(&brand);
        if out.is_curated(&folded) || ingredients.contains_key(&folded) || folded.chars().count() < 2 {
            continue;
        }
        let mut c = NewConcept::new(ConceptKind::Drug, &format!("brand:{brand}"), &brand);
        // a brand of one product is that product, whatever strength and form the note leaves out
        if products == 1 {
            c.codes = codes;
        }
        if let Some(i) = ingredient.filter(|i| !i.is_empty()) {
            c.attrs.push((Attr::Ingredients, i));
        }
        let n = out.pack.concept(&c);
        out.brand(n, &brand);
    }
}
