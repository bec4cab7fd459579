//! How far a run has come and what it came to.

use crate::model::Structured;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes of the inputs that were read, as they lie on the disk.
    pub bytes: u64,
    /// Bytes of all inputs.
    pub of_bytes: u64,
    /// Notes that were written in this and earlier sittings.
    pub notes: u64,
    /// Facts in them.
    pub facts: u64,
    /// Records that were set aside.
    pub rejected: u64,
    /// Records that an earlier sitting had done.
    pub resumed: u64,
}

/// What a run came to. It depends on the inputs alone, not on time, threads or how often it was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Notes that were written.
    pub notes: u64,
    /// Characters in them.
    pub characters: u64,
    /// Facts in them.
    pub facts: u64,
    /// Facts by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Relations in them.
    pub relations: u64,
    /// Records that were set aside.
    pub rejected: u64,
    /// Records that were set aside, by reason.
    pub reasons: BTreeMap<String, u64>,
}

impl Summary {
    pub(super) fn note(&mut self, text: &str, found: &Structured) {
        self.notes += 1;
        self.characters += text.chars().count() as u64;
        self.facts += found.facts.len() as u64;
        self.relations += found.relations.len() as u64;
        for f in &found.facts {
            bump(&mut self.kinds, f.kind.name(), 1);
        }
    }

    pub(super) fn reject(&mut self, reason: &str) {
        self.rejected += 1;
        bump(&mut self.reasons, reason, 1);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.notes += other.notes;
        self.characters += other.characters;
        self.facts += other.facts;
        self.relations += other.relations;
        self.rejected += other.rejected;
        other.kinds.iter().for_each(|(k, n)| bump(&mut self.kinds, k, *n));
        other.reasons.iter().for_each(|(k, n)| bump(&mut self.reasons, k, *n));
    }
}

fn bump(counts: &mut BTreeMap<String, u64>, key: &str, by: u64) {
    match counts.get_mut(key) {
        Some(n) => *n += by,
        None => {
            counts.insert(key.to_owned(), by);
        }
    }
}
