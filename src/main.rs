//! temporary
use std::io::BufRead;
fn main() {
    let engine = karuta::Engine::new().expect("engine");
    let mut w = engine.worker();
    for l in std::io::stdin().lock().lines() {
        let v: serde_json::Value = serde_json::from_str(&l.expect("l")).expect("json");
        let text = v["text"].as_str().unwrap_or("");
        let mut s = w.structure(text);
        s.count_in(text, karuta::note::OffsetUnit::CodePoints);
        println!("{}", serde_json::json!({"id": v["id"], "sections": s.sections, "facts": s.facts, "relations": s.relations}));
    }
}
