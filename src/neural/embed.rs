//! Sentence embeddings.

use super::error::NeuralError;
use super::source::Source;
use super::tagger::{LoadOptions, Loaded};
use super::window::{Cutter, Window};

/// A model that gives a text one vector: the mean of its tokens' last hidden states, of length 1.
#[derive(Debug)]
pub struct Embedder {
    model: Loaded,
    cutter: Cutter,
}

impl Embedder {
    /// Loads an encoder from a folder or the hub. Of a model that classifies, what stands before the classifier is taken.
    ///
    /// # Errors
    /// When a file is missing or unsuitable.
    pub fn open(source: &Source, options: &LoadOptions) -> Result<Self, NeuralError> {
        let model = Loaded::encoder(source, options)?;
        Ok(Self { cutter: Cutter::new(&model.config), model })
    }

    /// The model.
    pub const fn model(&self) -> &Loaded {
        &self.model
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
}

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
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
