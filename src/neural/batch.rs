//! Sequences of tokens put together to be run at once.

/// Sequences filled up to one length. The filling is not attended to.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Numbers of tokens, one sequence after another: `rows × length`.
    pub ids: Vec<u32>,
    /// The type of each token, where the model has such: `rows × length`, or empty for all 0.
    pub types: Vec<u32>,
    /// How long each sequence is, in tokens.
    pub lengths: Vec<usize>,
    /// The length that all are filled up to, in tokens.
    pub length: usize,
}

impl Batch {
    /// Puts sequences together: numbers of tokens, and their types or nothing. `pad` fills the shorter up to a multiple
    /// of `step`.
    pub fn new<'s>(sequences: impl Iterator<Item = (&'s [u32], &'s [u32])>, pad: u32, step: usize) -> Self {
        let sequences: Vec<(&[u32], &[u32])> = sequences.collect();
        let longest = sequences.iter().map(|s| s.0.len()).max().unwrap_or(0);
        let length = longest.next_multiple_of(step.max(1));
        let typed = sequences.iter().any(|s| !s.1.is_empty());
        let mut out = Self { ids: Vec::with_capacity(length * sequences.len()), lengths: sequences.iter().map(|s| s.0.len()).collect(), length, ..Self::default() };
        for (ids, types) in &sequences {
            out.ids.extend_from_slice(ids);
            out.ids.resize(out.ids.len() + length - ids.len(), pad);
            if typed {
                let n = out.types.len() + length;
                out.types.extend_from_slice(types.get(..length.min(types.len())).unwrap_or(&[]));
                out.types.resize(n, 0);
            }
        }
        out
    }

    /// How many sequences there are.
    pub const fn rows(&self) -> usize {
        self.lengths.len()
    }

    /// Whether every sequence has the full length.
    pub fn is_full(&self) -> bool {
        self.lengths.iter().all(|l| *l == self.length)
    }

    /// 1 for a token, 0 for filling: `rows × length`.
    pub fn mask(&self) -> impl Iterator<Item = u8> + '_ {
        self.lengths.iter().flat_map(|l| (0..self.length).map(move |i| u8::from(i < *l)))
    }
}

/// What a model says of each token of a batch: `rows × length × width` numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Output {
    /// The numbers, one sequence after another, one token after another.
    pub data: Vec<f32>,
    /// Tokens of a sequence, filling included.
    pub length: usize,
    /// Numbers of a token: logits of the labels, or the last hidden state.
    pub width: usize,
}

impl Output {
    /// The tokens of sequence `row` from its first on, `width` numbers each; `length` of them.
    pub fn row(&self, row: usize) -> &[f32] {
        let n = self.length * self.width;
        self.data.get(row * n..(row + 1) * n).unwrap_or(&[])
    }
}

/// Groups sequences for a model: numbers of sequences, those of one filled-up length together, or those of any if `mixed`.
///
/// The length that a sequence is filled up to follows from itself alone, whatever stands beside it, so that its numbers
/// do not depend on the batch. No group has more than `most` tokens, unless one sequence has. A sequence of one token
/// stands alone: its products are those of a vector, which engines add up in another order.
pub fn groups(lengths: &[usize], step: usize, most: usize, mixed: bool) -> Vec<Vec<usize>> {
    let step = step.max(1);
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    let filled = |i: usize| lengths.get(i).copied().unwrap_or(0).next_multiple_of(step);
    // the longest first: what is left for the end is short
    order.sort_by_key(|i| (std::cmp::Reverse(filled(*i)), *i));
    let mut out: Vec<Vec<usize>> = Vec::new();
    let mut tokens = 0;
    for i in order {
        tokens += filled(i);
        match out.last_mut() {
            Some(g) if mixed && tokens <= most => g.push(i),
            _ if mixed => {
                tokens = filled(i);
                out.push(vec![i]);
            }
            Some(g) if filled(i) > 1 && g.first().is_some_and(|f| filled(*f) == filled(i)) && (g.len() + 1) * filled(i) <= most => g.push(i),
            _ => out.push(vec![i]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_of_one_length_stand_together() {
        let g = groups(&[3, 20, 5, 17, 33], 16, 40, false);
        assert_eq!(g, [vec![4], vec![1], vec![3], vec![0, 2]]);
        assert_eq!(groups(&[1, 2, 1, 2], 1, 40, false), [vec![1, 3], vec![0], vec![2]]);
        let b = Batch::new([(&[1u32, 2, 3][..], &[][..]), (&[4], &[])].into_iter(), 9, 2);
        assert_eq!((b.ids.as_slice(), b.length), (&[1, 2, 3, 9, 4, 9, 9, 9][..], 4));
        assert_eq!(b.mask().collect::<Vec<_>>(), [1, 1, 1, 0, 1, 0, 0, 0]);
    }
}
