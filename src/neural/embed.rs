//! Sentence embeddings, and the ranker over them.

use super::error::NeuralError;
use super::source::Source;
use super::tagger::{LoadOptions, Loaded};
use super::window::{Cutter, Window};
use crate::coding::Coded;
use std::sync::LazyLock;

/// A model that gives a text one vector: the mean of its tokens' last hidden states, of length 1.
#[derive(Debug)]
pub struct Embedder {
    model: Loaded,
    cutter: Cutter,
}

impl Embedder {
    /// Loads an encoder from a folder or the hub.
    ///
    /// # Errors
    /// When a file is missing or unsuitable, or the model classifies tokens instead.
    pub fn open(source: &Source, options: &LoadOptions) -> Result<Self, NeuralError> {
        let (model, _) = Loaded::open(source, options)?;
        if model.config.architectures.iter().any(|a| a.contains("Classification")) {
            return Err(NeuralError::unsuitable(
                &model.files.path("config.json"),
                format!("architectures {:?}", model.config.architectures),
                "an encoder without a classifier, for sentence embeddings",
            ));
        }
        Ok(Self { cutter: Cutter::new(&model.config), model })
    }

    /// The vectors of texts, in their order; of a long text the first window counts. A text without tokens has an empty one.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, NeuralError> {
        let (mut windows, mut owners): (Vec<Window>, Vec<usize>) = (Vec::new(), Vec::new());
        for (i, t) in texts.iter().enumerate() {
            if let Some(w) = self.cutter.windows(&self.model.tokenizer, t, &[]).into_iter().next() {
                windows.push(w);
                owners.push(i);
            }
        }
        let width = self.model.config.hidden_size;
        let found = self.model.run(&windows, |_, hidden| mean(hidden, width))?;
        let mut out = vec![Vec::new(); texts.len()];
        for (i, v) in found {
            if let Some(slot) = owners.get(i).and_then(|o| out.get_mut(*o)) {
                *slot = v;
            }
        }
        Ok(out)
    }

    /// Re-orders the candidates of a phrase that the string alone does not decide between: those found by nearness whose
    /// scores lie within a margin of the best (`dictionaries/neural/join.tsv`, `neural.rank`). What was coded follows the first.
    ///
    /// # Errors
    /// When the engine fails; nothing is then changed.
    pub fn rank(&self, coded: &mut Coded) -> Result<(), NeuralError> {
        let best = coded.candidates.first().map_or(0.0, |c| c.score);
        let open = coded.candidates.iter().take_while(|c| c.rule == "phrase.near" && best - c.score <= *MARGIN).count();
        if open < 2 {
            return Ok(());
        }
        let texts: Vec<&str> = std::iter::once(coded.text.as_str()).chain(coded.candidates.iter().take(open).map(|c| c.name.as_str())).collect();
        let vectors = self.embed(&texts)?;
        let Some((phrase, names)) = vectors.split_first() else { return Ok(()) };
        let mut order: Vec<(f32, usize)> = names.iter().enumerate().map(|(i, n)| (cosine(phrase, n), i)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let before: Vec<_> = coded.candidates.iter().take(open).cloned().collect();
        let was = before.first().map(|c| c.name.clone());
        for (slot, (_, i)) in coded.candidates.iter_mut().zip(&order) {
            if let Some(c) = before.get(*i) {
                slot.clone_from(c);
                slot.rule.push_str(" neural.rank");
            }
        }
        if let Some(first) = coded.candidates.first().filter(|f| Some(&f.name) != was.as_ref() && !coded.codings.is_empty()) {
            coded.codings.clone_from(&first.codings);
            coded.name.clone_from(&first.name);
        }
        Ok(())
    }
}

static MARGIN: LazyLock<f64> = LazyLock::new(|| super::join::measure("neural.rank"));

/// The mean of rows of `width` numbers, of length 1.
fn mean(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sum = vec![0f32; width];
    for row in rows.chunks_exact(width.max(1)) {
        sum.iter_mut().zip(row).for_each(|(s, x)| *s += x);
    }
    let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        sum.iter_mut().for_each(|x| *x /= length);
    }
    sum
}

/// The cosine of two vectors of length 1.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
