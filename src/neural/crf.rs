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
    /// The same as factors.
    factors: Vec<f32>,
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
        let factors = transitions.iter().map(|t| t.exp()).collect();
        (n > 0 && end.len() == n && transitions.len() == n * n).then_some(Self { start, end, transitions, factors })
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

    /// How sure the labels of a path are: the share (0 to 1) of each among all paths over the logits, `tokens × labels`.
    ///
    /// ```
    /// use karuta::neural::Crf;
    /// let crf = Crf::new(vec![0.0; 2], vec![0.0; 2], vec![0.0, -9.0, -9.0, 0.0]).unwrap();
    /// // the second token is undecided by itself; the first all but decides it
    /// let shares = crf.shares(&[0.0, 4.0, 0.0, 0.0], &[1, 1]);
    /// assert!(shares.iter().all(|s| (s - 0.982).abs() < 0.001));
    /// ```
    pub fn shares(&self, logits: &[f32], path: &[usize]) -> Vec<f32> {
        let n = self.start.len();
        let rows: Vec<Vec<f32>> = logits.chunks_exact(n).map(factors).collect();
        // what leads to each label, and what it leads to; every row is scaled to a sum of 1
        let mut before = vec![0f32; rows.len() * n];
        let mut last = factors(&self.start);
        for (i, (row, out)) in rows.iter().zip(before.chunks_exact_mut(n)).enumerate() {
            if i > 0 {
                for (from, factors) in last.iter().zip(self.factors.chunks_exact(n)) {
                    out.iter_mut().zip(factors).for_each(|(o, f)| *o += from * f);
                }
            } else {
                out.copy_from_slice(&last);
            }
            out.iter_mut().zip(row).for_each(|(o, r)| *o *= r);
            scale(out);
            last.copy_from_slice(out);
        }
        let mut after = factors(&self.end);
        let mut shares: Vec<f32> = Vec::with_capacity(path.len());
        for ((row, before), at) in rows.iter().zip(before.chunks_exact(n)).zip(path).rev() {
            let sum: f32 = before.iter().zip(&after).map(|(b, a)| b * a).sum();
            shares.push(before.get(*at).zip(after.get(*at)).map_or(0.0, |(b, a)| b * a / sum.max(f32::MIN_POSITIVE)));
            let next: Vec<f32> = after.iter().zip(row).map(|(a, r)| a * r).collect();
            for (a, factors) in after.iter_mut().zip(self.factors.chunks_exact(n)) {
                *a = factors.iter().zip(&next).map(|(f, x)| f * x).sum();
            }
            scale(&mut after);
        }
        shares.reverse();
        shares
    }
}

/// Scores as factors, the highest 1.
fn factors(scores: &[f32]) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter().map(|s| (s - most).exp()).collect()
}

fn scale(row: &mut [f32]) {
    let sum: f32 = row.iter().sum();
    if sum > 0.0 {
        row.iter_mut().for_each(|x| *x /= sum);
    }
}
