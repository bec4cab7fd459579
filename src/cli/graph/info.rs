//! `karuta graph info`

use super::{Answer, Ask};
use clap::Args;
use miette::{IntoDiagnostic, Result};

/// What the ontology holds.
#[derive(Debug, Args)]
pub(super) struct Info {
    #[command(flatten)]
    ask: Ask,
}

impl Info {
    pub fn run(&self) -> Result<usize> {
        self.ask.answer(|ontology| {
            let f = ontology.figures();
            let mut lines = vec![
                format!("{} concepts, {} relations", f.nodes, f.edges),
                format!("{} chains of causes", f.causal_chains),
                format!("{} disorders with symptoms and tests", f.profiles),
            ];
            lines.extend(f.relations.iter().map(|(k, n)| format!("  {k} {n}")));
            lines.extend(f.packs.iter().map(|(k, n)| format!("  {k}: {n}")));
            if f.dangling > 0 {
                lines.push(format!("{} relations name a concept that no pack holds: they are left out", f.dangling));
            }
            Ok(Answer { json: serde_json::to_value(&f).into_diagnostic()?, lines })
        })
    }
}
