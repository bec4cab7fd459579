//! Labels of tokens to spans of the text.

use super::labels::bare;
use super::window::Window;
use crate::text::sub;
use unicode_segmentation::GraphemeCursor;

/// A span that the model tells a label of.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// First byte of the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The label, without its place in the span.
    pub label: String,
    /// The mean share (0 to 1) that the model gives the labels of its tokens, among all paths where it has a CRF.
    pub score: f64,
}

/// The labels of a window's tokens: the number of each, and the share of it.
pub(super) struct Labelled {
    pub path: Vec<usize>,
    pub shares: Vec<f32>,
}

/// The labels with the highest logit: of two as high, the first.
pub(super) fn highest(logits: &[f32], labels: usize) -> Vec<usize> {
    let of = |row: &[f32]| row.iter().enumerate().fold((0, f32::NEG_INFINITY), |b, (i, l)| if *l > b.1 { (i, *l) } else { b }).0;
    logits.chunks_exact(labels.max(1)).map(of).collect()
}

/// The share (softmax) of the label that a path takes at each token.
pub(super) fn shares(logits: &[f32], labels: usize, path: &[usize]) -> Vec<f32> {
    let of = |(row, at): (&[f32], &usize)| {
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = row.iter().map(|l| (l - most).exp()).sum();
        row.get(*at).map_or(0.0, |l| (l - most).exp() / sum)
    };
    logits.chunks_exact(labels.max(1)).zip(path).map(of).collect()
}

/// The spans that a window's labels tell, on grapheme boundaries.
pub(super) fn tags(text: &str, window: &Window, found: &Labelled, labels: &[String], out: &mut Vec<Tag>) {
    let specials = (window.from.iter().take_while(|f| f.is_none()).count(), window.from.iter().rev().take_while(|f| f.is_none()).count());
    let sure = specials.0 + window.unsure.0..window.from.len().saturating_sub(specials.1 + window.unsure.1);
    let mut open: Option<(Tag, usize)> = None;
    let mut close = |open: &mut Option<(Tag, usize)>| {
        if let Some((mut tag, n)) = open.take() {
            #[allow(clippy::cast_precision_loss, reason = "a window has few tokens")]
            let n = n as f64;
            tag.score /= n;
            (tag.start, tag.end) = whole(text, tag.start, tag.end);
            if tag.end > tag.start {
                out.push(tag);
            }
        }
    };
    for (i, ((from, at), share)) in window.from.iter().zip(&found.path).zip(&found.shares).enumerate() {
        let label = labels.get(*at).map_or("O", String::as_str);
        let (Some((start, end)), Some(name)) = (from, bare(label)) else {
            close(&mut open);
            continue;
        };
        if !sure.contains(&i) {
            close(&mut open);
            continue;
        }
        if label.starts_with(['B', 'S', 'U']) || open.as_ref().is_some_and(|(t, _)| t.label != name) {
            close(&mut open);
        }
        match &mut open {
            Some((tag, n)) => {
                tag.end = tag.end.max(*end);
                tag.score += f64::from(*share);
                *n += 1;
            }
            None => open = Some((Tag { start: *start, end: *end, label: name.to_owned(), score: f64::from(*share) }, 1)),
        }
    }
    close(&mut open);
}

/// The span widened to whole graphemes. No more than a few characters around are looked at.
fn whole(text: &str, start: usize, end: usize) -> (usize, usize) {
    (boundary(text, start, false), boundary(text, end, true))
}

fn boundary(text: &str, at: usize, after: bool) -> usize {
    let mut low = at.saturating_sub(64);
    while !text.is_char_boundary(low) {
        low -= 1;
    }
    let mut high = (at + 64).min(text.len());
    while !text.is_char_boundary(high) {
        high += 1;
    }
    let near = sub(text, low, high);
    let mut cursor = GraphemeCursor::new(at - low, near.len(), true);
    if cursor.is_boundary(near, 0) != Ok(false) {
        return at;
    }
    let moved = if after { cursor.next_boundary(near, 0) } else { cursor.prev_boundary(near, 0) };
    moved.ok().flatten().map_or(at, |b| b + low)
}
