//! A linear-chain CRF over labels, as pytorch-crf defines it: the best path by Viterbi.

use super::error::NeuralError;
use candle_core::{DType, Device, Tensor};
use std::collections::HashMap;
use std::path::Path;

/// Scores of labels after labels.
#[derive(Debug, Clone)]
pub struct Crf {
    start: Vec<f32>,
    end: Vec<f32>,
    /// From a label to a label: `labels × labels`.
    transitions: Vec<f32>,
}

impl Crf {
    /// A CRF out of scores for the first label, the last, and each (row) before each (column).
    ///
    /// Nothing where the sizes do not fit.
    ///
    /// ```
    /// use karuta::neural::Crf;
    /// let crf = Crf::new(vec![0.0, -9.0], vec![0.0; 2], vec![0.0, -9.0, 0.0, 0.0]).unwrap();
    /// assert_eq!(crf.best(&[0.0, 4.0, 0.0, 4.0]), [0, 0]);
    /// ```
    pub fn new(start: Vec<f32>, end: Vec<f32>, transitions: Vec<f32>) -> Option<Self> {
        let n = start.len();
        (n > 0 && end.len() == n && transitions.len() == n * n).then_some(Self { start, end, transitions })
    }

    /// The CRF in a model's weights (`crf.start_transitions`, `crf.end_transitions`, `crf.transitions`), if there is one.
    pub(super) fn load(path: &Path, safetensors: &[u8], labels: usize) -> Result<Option<Self>, NeuralError> {
        let found = candle_core::safetensors::SliceSafetensors::new(safetensors)?;
        let mut parts: HashMap<&str, Vec<f32>> = HashMap::new();
        for name in ["crf.start_transitions", "crf.end_transitions", "crf.transitions"] {
            if found.get(name).is_ok() {
                let t: Tensor = found.load(name, &Device::Cpu)?;
                parts.insert(name, t.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?);
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let mut take = |name: &str| parts.remove(name).unwrap_or_default();
        Self::new(take("crf.start_transitions"), take("crf.end_transitions"), take("crf.transitions"))
            .filter(|c| c.start.len() == labels)
            .map(Some)
            .ok_or_else(|| NeuralError::unsuitable(path, "a CRF of another size", format!("crf.start_transitions, crf.end_transitions and crf.transitions over {labels} labels")))
    }

    /// The best labels for logits: `tokens × labels`. Of two paths that are as good, the one with the smaller label wins.
    pub fn best(&self, logits: &[f32]) -> Vec<usize> {
        let n = self.start.len();
        let mut rows = logits.chunks_exact(n);
        let Some(first) = rows.next() else { return Vec::new() };
        let mut score: Vec<f32> = first.iter().zip(&self.start).map(|(l, s)| l + s).collect();
        let mut back: Vec<u32> = Vec::with_capacity(logits.len());
        let mut next = vec![0f32; n];
        let mut from = vec![0u32; n];
        for row in rows {
            next.fill(f32::NEG_INFINITY);
            from.fill(0);
            // the inner loop runs over neighbours in memory
            for (i, (s, t)) in score.iter().zip(self.transitions.chunks_exact(n)).enumerate() {
                let i = crate::text::to_u32(i);
                for ((best, at), t) in next.iter_mut().zip(&mut from).zip(t) {
                    if s + t > *best {
                        (*best, *at) = (s + t, i);
                    }
                }
            }
            back.extend_from_slice(&from);
            score.iter_mut().zip(next.iter().zip(row)).for_each(|(s, (b, l))| *s = b + l);
        }
        let mut best = 0;
        let mut most = f32::NEG_INFINITY;
        for (i, (s, e)) in score.iter().zip(&self.end).enumerate() {
            if s + e > most {
                (best, most) = (i, s + e);
            }
        }
        let mut path = vec![best];
        for from in back.chunks_exact(n).rev() {
            best = from.get(best).map_or(0, |b| *b as usize);
            path.push(best);
        }
        path.reverse();
        path
    }
}
