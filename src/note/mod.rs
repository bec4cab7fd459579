//! A note: the text as written, its normalised form, sections and sentences.

mod day;
mod decode;
mod normalize;
mod section;
mod sentence;
mod span;

pub use day::day;
pub use decode::{DecodeError, decode};
pub use normalize::{Normalized, fold};
pub use section::{Section, SectionKind, SectionTitles, Specimen};
pub use sentence::Sentence;
pub use span::{OffsetIndex, OffsetUnit, Span};

/// A note made ready for recognition. Its buffers are kept when another text is [set](Note::set).
#[derive(Debug, Default)]
pub struct Note {
    /// The normalised text and its map to the original.
    pub norm: Normalized,
    /// Sections in order.
    pub sections: Vec<Section>,
    /// Sentences in order.
    pub sentences: Vec<Sentence>,
}

impl Note {
    /// Reads `text` with the section titles of a lexicon.
    pub fn set(&mut self, text: &str, titles: &SectionTitles) {
        self.norm.set(text);
        self.norm.join_wrapped_lines();
        self.sections = titles.split(self.norm.text());
        sentence::split(self.norm.text(), &self.sections, &mut self.sentences);
    }
}
