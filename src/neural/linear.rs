//! The linear part of a tagger: weights of short patterns of tokens and their types, added to the encoder's logits.
//!
//! Few annotated notes teach an encoder little; they teach such patterns much. A pattern is a template of `karuta.json`
//! filled in at a token: the values of channels at places beside it. `c` is the token's number, `k` its class
//! (`linear.kinds`), `r` its type, `n` the type that differs next, `h` the next token of class 1 (hiragana) with the one
//! after it. `models/training/linear.py` computes the same.

use super::error::NeuralError;
use super::window::Window;
use candle_core::safetensors::SliceSafetensors;
use candle_core::{DType, Device, Tensor, WithDType};
use std::path::Path;

/// How many tokens ahead `n` and `h` look.
const FAR: usize = 12;
/// The value of a place outside the window.
const OUTSIDE: u64 = 0xFFFF;
/// The class of hiragana.
const HIRAGANA: u64 = 1;

/// One place that a template looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    channel: usize,
    offset: isize,
}

/// Letters of the channels, in the order of their numbers.
const CHANNELS: [char; 5] = ['c', 'k', 'r', 'n', 'h'];

/// Weights by the key of a pattern.
#[derive(Debug)]
pub(super) struct Linear {
    templates: Vec<Vec<Place>>,
    kinds: Vec<u8>,
    /// A table with open addresses: the number of a key and one, or 0.
    slots: Vec<u32>,
    keys: Vec<u64>,
    /// Where the weights of a key end.
    ends: Vec<u32>,
    labels: Vec<u8>,
    weights: Vec<f32>,
}

impl Linear {
    /// The linear part in a model's weights (`linear.*`), where `karuta.json` names templates.
    pub fn load(path: &Path, safetensors: &[u8], templates: &[String], labels: usize) -> Result<Option<Self>, NeuralError> {
        if templates.is_empty() {
            return Ok(None);
        }
        let unsuitable = |found: String| {
            NeuralError::unsuitable(path, found, "linear.keys (i64), linear.ends (u32), linear.labels (u8), linear.weights and linear.kinds (u8) that belong together")
        };
        let parsed: Option<Vec<_>> = templates.iter().map(|t| parsed(t)).collect();
        let Some(templates) = parsed else {
            return Err(unsuitable(format!("the templates {templates:?}")));
        };
        let found = SliceSafetensors::new(safetensors)?;
        fn of<T: WithDType>(found: &SliceSafetensors<'_>, name: &str, kind: DType) -> Result<Vec<T>, NeuralError> {
            let t: Tensor = found.load(name, &Device::Cpu)?;
            Ok(t.to_dtype(kind)?.flatten_all()?.to_vec1()?)
        }
        let keys: Vec<u64> = of::<i64>(&found, "linear.keys", DType::I64)?.into_iter().map(i64::cast_unsigned).collect();
        let out = Self {
            templates,
            kinds: of(&found, "linear.kinds", DType::U8)?,
            slots: table(&keys),
            keys,
            ends: of(&found, "linear.ends", DType::U32)?,
            labels: of(&found, "linear.labels", DType::U8)?,
            weights: of(&found, "linear.weights", DType::F32)?,
        };
        let n = out.weights.len();
        let whole = out.keys.len() == out.ends.len() && out.labels.len() == n && out.ends.is_sorted() && out.ends.last().map_or(0, |e| *e as usize) == n;
        if !whole || out.labels.iter().any(|l| usize::from(*l) >= labels) {
            return Err(unsuitable(format!("{} keys, {} ends, {} labels, {n} weights", out.keys.len(), out.ends.len(), out.labels.len())));
        }
        Ok(Some(out))
    }

    /// Adds its weights to the logits (`tokens × labels`) of a window.
    pub fn add(&self, window: &Window, logits: &mut [f32], labels: usize) {
        let channels = self.channels(window);
        for (number, places) in (1u64..).zip(&self.templates) {
            for (i, row) in logits.chunks_exact_mut(labels.max(1)).enumerate() {
                for (label, weight) in self.of(key(number, places, &channels, i)) {
                    if let Some(l) = row.get_mut(usize::from(*label)) {
                        *l += weight;
                    }
                }
            }
        }
    }

    /// The values of each channel at each token.
    fn channels(&self, window: &Window) -> [Vec<u64>; 5] {
        let c: Vec<u64> = window.ids.iter().map(|i| u64::from(*i)).collect();
        let k: Vec<u64> = window.ids.iter().map(|i| u64::from(self.kinds.get(*i as usize).copied().unwrap_or(0))).collect();
        let r: Vec<u64> = (0..c.len()).map(|i| window.types.get(i).copied().map_or(0, u64::from)).collect();
        let ahead = |i: usize| i + 1..c.len().min(i + FAR);
        let n = (0..c.len()).map(|i| ahead(i).find_map(|j| r.get(j).filter(|t| Some(*t) != r.get(i))).map_or(0, |t| t + 1)).collect();
        let h = (0..c.len())
            .map(|i| {
                let at = std::iter::once(i).chain(ahead(i)).find(|j| k.get(*j) == Some(&HIRAGANA));
                at.and_then(|j| Some((c.get(j)? << 16) | c.get(j + 1).copied().unwrap_or(OUTSIDE))).unwrap_or(0)
            })
            .collect();
        [c, k, r, n, h]
    }

    /// The labels and weights of a key.
    fn of(&self, key: u64) -> impl Iterator<Item = (&u8, &f32)> {
        let at = probes(key, self.slots.len()).map_while(|s| self.slots.get(s).filter(|n| **n > 0)).map(|n| *n as usize - 1).find(|n| self.keys.get(*n) == Some(&key));
        let range = at.map_or(0..0, |n| {
            let end = |n: usize| self.ends.get(n).map_or(0, |e| *e as usize);
            (if n == 0 { 0 } else { end(n - 1) })..end(n)
        });
        let slice = |range: std::ops::Range<usize>| (self.labels.get(range.clone()).unwrap_or(&[]), self.weights.get(range).unwrap_or(&[]));
        let (labels, weights) = slice(range);
        labels.iter().zip(weights)
    }
}

/// A template: `r-1 c0` looks at the type before the token and at the token; the empty one at nothing.
fn parsed(template: &str) -> Option<Vec<Place>> {
    template
        .split_whitespace()
        .map(|part| {
            let letter = part.chars().next()?;
            let offset = part.get(letter.len_utf8()..)?.parse().ok()?;
            Some(Place { channel: CHANNELS.iter().position(|c| *c == letter)?, offset })
        })
        .collect()
}

/// The key of a template, by its number from 1, filled in at a token.
fn key(number: u64, places: &[Place], channels: &[Vec<u64>; 5], at: usize) -> u64 {
    let value = |p: &Place| at.checked_add_signed(p.offset).and_then(|i| channels.get(p.channel)?.get(i).copied()).unwrap_or(OUTSIDE);
    places.iter().fold(mixed(0, number), |h, p| mixed(h, value(p)))
}

/// Takes a value into a key.
const fn mixed(h: u64, value: u64) -> u64 {
    let h = (h ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    h ^ (h >> 29)
}

/// The slots where a key may stand, each once.
fn probes(key: u64, slots: usize) -> impl Iterator<Item = usize> {
    #[allow(clippy::cast_possible_truncation, reason = "the low bits choose a slot")]
    let first = key as usize;
    (0..slots).map(move |i| first.wrapping_add(i) & slots.wrapping_sub(1))
}

/// The table over the keys, at most half full.
fn table(keys: &[u64]) -> Vec<u32> {
    let size = (keys.len() * 2).next_power_of_two();
    let mut slots = vec![0u32; size];
    for (n, key) in (1u32..).zip(keys) {
        if let Some(free) = probes(*key, size).find(|s| slots.get(*s) == Some(&0))
            && let Some(slot) = slots.get_mut(free)
        {
            *slot = n;
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        Window { ids: vec![2, 10, 11, 12, 3], types: vec![0, 1, 3, 0, 0], ..Window::default() }
    }

    fn linear(templates: &[&str], weights: &[(u64, u8, f32)]) -> Linear {
        let keys: Vec<u64> = weights.iter().map(|w| w.0).collect();
        Linear {
            templates: templates.iter().map(|t| parsed(t).unwrap()).collect(),
            kinds: vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 1],
            slots: table(&keys),
            ends: (1..).take(keys.len()).collect(),
            labels: weights.iter().map(|w| w.1).collect(),
            weights: weights.iter().map(|w| w.2).collect(),
            keys,
        }
    }

    #[test]
    fn a_pattern_adds_its_weight_where_it_stands() {
        let key = mixed(mixed(mixed(0, 2), 1), 11); // the second template, a type of 1 before the token 11
        let linear = linear(&["c0", "r-1 c0"], &[(key, 1, 2.5), (key ^ 1, 0, 9.0)]);
        let mut logits = vec![0.0; 10];
        linear.add(&window(), &mut logits, 2);
        assert_eq!(logits, [0.0, 0.0, 0.0, 0.0, 0.0, 2.5, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn channels_look_ahead() {
        let [_, k, _, n, h] = linear(&[""], &[]).channels(&window());
        assert_eq!(k, [0, 3, 1, 1, 0]);
        assert_eq!(n, [2, 4, 1, 0, 0]);
        assert_eq!(h, [11 << 16 | 12, 11 << 16 | 12, 11 << 16 | 12, 12 << 16 | 3, 0]);
    }

    #[test]
    fn keys_are_those_of_the_training_scripts() {
        // [CLS] 発熱はなし [SEP] with the templates of models/training/linear.py, its keys of a token joined by exclusive or
        let json = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/models/default/karuta.json")).unwrap();
        let templates: Vec<String> = serde_json::from_value(serde_json::from_str::<serde_json::Value>(&json).unwrap()["linear"].take()).unwrap();
        let mut linear = linear(&[], &[]);
        linear.templates = templates.iter().map(|t| parsed(t).unwrap()).collect();
        linear.kinds = vec![0, 0, 0, 0, 0, 3, 3, 1, 1, 1];
        let window = Window { ids: vec![2, 5, 6, 7, 8, 9, 3], types: vec![0, 2, 3, 0, 0, 0, 0], ..Window::default() };
        let channels = linear.channels(&window);
        let of = |i: usize| (1..).zip(&linear.templates).fold(0, |all, (n, t)| all ^ key(n, t, &channels, i));
        assert_eq!([of(0), of(2), of(6)], [0x133b_1b27_35e1_813f, 0x92ba_39cd_a496_84df, 0x3e73_28ac_c22b_791a]);
    }

    #[test]
    fn a_template_names_channels_and_places() {
        assert_eq!(parsed("r-2 c0"), Some(vec![Place { channel: 2, offset: -2 }, Place { channel: 0, offset: 0 }]));
        assert_eq!(parsed(""), Some(vec![]));
        assert_eq!(parsed("x0"), None);
        assert_eq!(parsed("c"), None);
    }

    #[test]
    fn every_key_is_found_in_a_full_table() {
        let weights: Vec<(u64, u8, f32)> = (0..1000u64).map(|i| (i * 7, 0, 1.0)).collect();
        let linear = linear(&[""], &weights);
        assert!(weights.iter().all(|w| linear.of(w.0).count() == 1));
        assert_eq!(linear.of(1).count(), 0);
    }
}
