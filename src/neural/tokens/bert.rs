//! `BertJapaneseTokenizer` of transformers: words, then word pieces or characters; and one token for each character.

use super::chars::{Chars, From};
use super::vocab::Vocab;
use super::{Frame, Token};
use crate::neural::config::ModelConfig;
use crate::neural::error::NeuralError;
use crate::neural::files::Files;
use crate::token::{Tokenizer, Words};
use serde::Deserialize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What `tokenizer_config.json` says. The defaults are those of `BertJapaneseTokenizer`.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Config {
    tokenizer_class: Option<String>,
    do_lower_case: Option<bool>,
    do_word_tokenize: Option<bool>,
    do_subword_tokenize: Option<bool>,
    word_tokenizer_type: Option<String>,
    subword_tokenizer_type: Option<String>,
    tokenize_chinese_chars: Option<bool>,
    strip_accents: Option<bool>,
    mecab_kwargs: Option<Mecab>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Mecab {
    mecab_dic: Option<String>,
    normalize_text: Option<bool>,
}

/// How words are found.
enum Split {
    /// The text is one word.
    None,
    /// Spaces and punctuation; lower case as Python or as `tokenizers` has it.
    Basic { python: bool, chinese: bool, strip_accents: bool },
    /// Words of a dictionary.
    Mecab { tokenizer: Tokenizer, normalize: bool, free: Mutex<Vec<Words>> },
}

/// How a word is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// A word is one token.
    Whole,
    /// The longest pieces of the vocabulary.
    WordPiece,
    /// Characters, composed.
    Characters,
    /// Characters as they are, of the whole text.
    Every,
}

/// `BertJapaneseTokenizer`, or one token for each character of the text.
pub struct BertJapanese {
    vocab: Vocab,
    split: Split,
    cut: Cut,
    lower: bool,
    unknown: u32,
    special: Vec<(&'static str, u32)>,
    frame: Frame,
}

impl std::fmt::Debug for BertJapanese {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BertJapanese({} tokens, {:?})", self.vocab.len(), self.cut)
    }
}

/// A word longer than this has no pieces.
const LONGEST_WORD: usize = 100;

const SPECIAL: [&str; 5] = ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"];

impl BertJapanese {
    /// Whether the model says that this is its tokenizer.
    pub(super) fn is_meant(files: &Files, config: &ModelConfig) -> bool {
        let class = |c: Option<&str>| c.is_some_and(|c| c.starts_with("BertJapanese"));
        config.karuta.tokenizer.is_some() || class(config.tokenizer_class.as_deref()) || read(files).is_ok_and(|c| class(c.tokenizer_class.as_deref()))
    }

    /// Reads `vocab.txt` and `tokenizer_config.json`. `words` is the folder of a lindera dictionary other than IPADIC.
    ///
    /// # Errors
    /// When a file is missing or asks for what this build has not.
    pub fn open(files: &Files, model: &ModelConfig, words: Option<&Path>) -> Result<Self, NeuralError> {
        let path = files.path("tokenizer_config.json");
        let vocab = Vocab::open(files)?;
        let (split, cut, lower) = match model.karuta.tokenizer.as_deref() {
            Some("characters") => (Split::None, Cut::Every, false),
            Some(other) => return Err(NeuralError::unsuitable(&files.path("config.json"), format!("karuta.tokenizer {other:?}"), "\"characters\"")),
            None => {
                let c = read(files)?;
                let japanese = [&c.tokenizer_class, &model.tokenizer_class].iter().any(|k| k.as_deref().is_some_and(|k| k.starts_with("BertJapanese")));
                let lower = c.do_lower_case.unwrap_or(!japanese);
                let split = match c.word_tokenizer_type.as_deref() {
                    _ if c.do_word_tokenize == Some(false) => Split::None,
                    None | Some("basic") => {
                        Split::Basic { python: japanese, chinese: !japanese && c.tokenize_chinese_chars.unwrap_or(true), strip_accents: c.strip_accents.unwrap_or(lower) }
                    }
                    Some("mecab") => mecab(&path, c.mecab_kwargs.unwrap_or_default(), words)?,
                    Some(other) => return Err(NeuralError::unsuitable(&path, format!("word_tokenizer_type {other:?}"), "basic or mecab")),
                };
                let cut = match c.subword_tokenizer_type.as_deref() {
                    _ if c.do_subword_tokenize == Some(false) => Cut::Whole,
                    None | Some("wordpiece") => Cut::WordPiece,
                    Some("character") => Cut::Characters,
                    Some(other) => return Err(NeuralError::unsuitable(&path, format!("subword_tokenizer_type {other:?}"), "wordpiece or character")),
                };
                (split, cut, lower)
            }
        };
        Self::new(vocab, split, cut, lower).map_err(|missing| NeuralError::unsuitable(&files.path("vocab.txt"), format!("no {missing}"), "[UNK], [CLS] and [SEP]"))
    }

    fn new(vocab: Vocab, split: Split, cut: Cut, lower: bool) -> Result<Self, &'static str> {
        let id = |token: &'static str| vocab.id(token).ok_or(token);
        let frame = Frame { before: vec![id("[CLS]")?], after: vec![id("[SEP]")?] };
        let unknown = id("[UNK]")?;
        let special = if cut == Cut::Every { Vec::new() } else { SPECIAL.iter().filter_map(|s| Some((*s, vocab.id(s)?))).collect() };
        Ok(Self { unknown, special, frame, vocab, split, cut, lower })
    }

    /// The vocabulary.
    pub const fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    /// `[CLS]` and `[SEP]`.
    pub const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The tokens of `text`.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        let chars = Chars::new(text);
        let mut out = Vec::with_capacity(chars.0.len());
        if self.cut == Cut::Every {
            out.extend(chars.0.iter().map(|f| self.token(self.vocab.char(f.c), std::slice::from_ref(f))));
            return out;
        }
        // a special token that is written in the text is that token
        let (mut from, mut at) = (0, 0);
        if text.contains('[') {
            while at < chars.0.len() {
                let found = self.special.iter().find(|(s, _)| chars.0.get(at..at + s.len()).is_some_and(|c| c.iter().map(|f| f.c).eq(s.chars())));
                if let Some((s, id)) = found {
                    self.part(chars.0.get(from..at).unwrap_or(&[]), &mut out);
                    let these = chars.0.get(at..at + s.len()).unwrap_or(&[]);
                    out.push(self.token(Some(*id), these));
                    at += s.len();
                    from = at;
                } else {
                    at += 1;
                }
            }
        }
        self.part(chars.0.get(from..).unwrap_or(&[]), &mut out);
        out
    }

    /// The tokens of text without special ones.
    fn part(&self, chars: &[From], out: &mut Vec<Token>) {
        if chars.is_empty() {
            return;
        }
        let chars = Chars(chars.to_vec());
        match &self.split {
            Split::None => self.word(if self.lower { chars.lower() } else { chars }, out),
            Split::Basic { python, chinese, strip_accents } => {
                let spaced = Chars(chars.0.iter().filter(|f| !is_noise(f.c)).map(|f| if is_space(f.c) { From { c: ' ', ..*f } } else { *f }).collect()).nfc();
                for word in spaced.0.split(|f| f.c.is_whitespace()).filter(|w| !w.is_empty()) {
                    let mut word = Chars(word.to_vec());
                    if self.lower {
                        word = if *python { word.lower() } else { word.lower_each() };
                    }
                    if *strip_accents {
                        word = word.without_accents();
                    }
                    let mut start = 0;
                    for (i, f) in word.0.iter().enumerate() {
                        if is_punctuation(f.c) || *chinese && is_chinese(f.c) {
                            self.word(Chars(word.0.get(start..i).unwrap_or(&[]).to_vec()), out);
                            self.word(Chars(vec![*f]), out);
                            start = i + 1;
                        }
                    }
                    self.word(Chars(word.0.get(start..).unwrap_or(&[]).to_vec()), out);
                }
            }
            Split::Mecab { tokenizer, normalize, free } => {
                let chars = if *normalize { chars.nfkc() } else { chars };
                let text = chars.text();
                let mut words = free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_else(|| tokenizer.words());
                // words are in order: one pass over the characters finds them all
                let (mut i, mut byte) = (0, 0);
                for (start, end) in words.split_as_mecab(&text) {
                    let mut word = Vec::new();
                    while let Some(f) = chars.0.get(i).filter(|_| byte < *end) {
                        if byte >= *start {
                            word.push(*f);
                        }
                        byte += crate::text::to_u32(f.c.len_utf8());
                        i += 1;
                    }
                    let word = Chars(word);
                    self.word(if self.lower { word.lower() } else { word }, out);
                }
                free.lock().unwrap_or_else(PoisonError::into_inner).push(words);
            }
        }
    }

    /// The tokens of a word.
    fn word(&self, word: Chars, out: &mut Vec<Token>) {
        if word.0.is_empty() {
            return;
        }
        match self.cut {
            Cut::Whole => out.push(self.token(self.vocab.id(&word.text()), &word.0)),
            Cut::Characters | Cut::Every => out.extend(word.nfkc().0.iter().map(|f| self.token(self.vocab.char(f.c), std::slice::from_ref(f)))),
            Cut::WordPiece => {
                // a word of a dictionary may hold spaces, which end a word here
                for w in word.0.split(|f| f.c.is_whitespace()).filter(|w| !w.is_empty()) {
                    self.pieces(w, out);
                }
            }
        }
    }

    fn pieces(&self, word: &[From], out: &mut Vec<Token>) {
        let before = out.len();
        let mut piece = String::with_capacity(word.len() * 3 + 2);
        let mut start = 0;
        while start < word.len() && word.len() <= LONGEST_WORD {
            piece.clear();
            piece.push_str(if start > 0 { "##" } else { "" });
            let head = piece.len();
            piece.extend(word.get(start..).unwrap_or(&[]).iter().map(|f| f.c));
            let mut end = word.len();
            let id = loop {
                if let Some(id) = self.vocab.id(&piece) {
                    break Some(id);
                }
                piece.pop();
                end -= 1;
                if piece.len() <= head {
                    break None;
                }
            };
            if id.is_none() {
                break;
            }
            out.push(self.token(id, word.get(start..end).unwrap_or(&[])));
            start = end;
        }
        if start < word.len() {
            out.truncate(before);
            out.push(self.token(None, word));
        }
    }

    fn token(&self, id: Option<u32>, from: &[From]) -> Token {
        let start = from.first().map_or(0, |f| f.start);
        let end = from.iter().map(|f| f.end).max().unwrap_or(start);
        Token { id: id.unwrap_or(self.unknown), start: start as usize, end: end as usize }
    }
}

fn read(files: &Files) -> Result<Config, NeuralError> {
    match files.read("tokenizer_config.json", "") {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| NeuralError::unsuitable(&files.path("tokenizer_config.json"), e.to_string(), "a JSON object")),
        Err(_) => Ok(Config::default()),
    }
}

fn mecab(path: &Path, kwargs: Mecab, words: Option<&Path>) -> Result<Split, NeuralError> {
    let not = |found: String, expected: &str| NeuralError::unsuitable(path, found, expected);
    // transformers' own default
    let name = kwargs.mecab_dic.as_deref().unwrap_or("unidic_lite");
    let tokenizer = match (name, words) {
        (_, Some(folder)) => Tokenizer::open(folder).map_err(|e| NeuralError::unsuitable(folder, e.to_string(), format!("a lindera dictionary of {name}")))?,
        #[cfg(feature = "ipadic")]
        ("ipadic", None) => Tokenizer::ipadic().map_err(|e| not(e.to_string(), "the embedded IPADIC"))?,
        _ => return Err(not(format!("mecab_dic {name:?}"), "ipadic, or the folder of a lindera dictionary of it (--words)")),
    };
    Ok(Split::Mecab { tokenizer, normalize: kwargs.normalize_text.unwrap_or(true), free: Mutex::new(Vec::new()) })
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// Control and format characters, which are left out.
const fn is_noise(c: char) -> bool {
    !is_space(c)
        && matches!(c, '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}' | '\u{E0001}'..='\u{E007F}' | '\u{F0000}'..='\u{10FFFF}')
}

/// ASCII that is no letter, digit or space, and what Unicode calls punctuation in text that charts hold.
fn is_punctuation(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_punctuation();
    }
    matches!(c, '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '\u{37E}' | '\u{387}' | '\u{55A}'..='\u{55F}' | '\u{589}'..='\u{58A}' | '\u{5BE}' | '\u{60C}'..='\u{60D}' | '\u{61B}' | '\u{61D}'..='\u{61F}' | '\u{66A}'..='\u{66D}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}' | '\u{2045}'..='\u{2051}' | '\u{2053}'..='\u{205E}' | '\u{207D}'..='\u{207E}' | '\u{208D}'..='\u{208E}' | '\u{2308}'..='\u{230B}' | '\u{2329}'..='\u{232A}'
        | '\u{2768}'..='\u{2775}' | '\u{27C5}'..='\u{27C6}' | '\u{27E6}'..='\u{27EF}' | '\u{2983}'..='\u{2998}' | '\u{29D8}'..='\u{29DB}' | '\u{29FC}'..='\u{29FD}' | '\u{2E00}'..='\u{2E2E}' | '\u{2E30}'..='\u{2E4F}'
        | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}' | '\u{3030}' | '\u{303D}' | '\u{30A0}' | '\u{30FB}'
        | '\u{FE10}'..='\u{FE19}' | '\u{FE30}'..='\u{FE52}' | '\u{FE54}'..='\u{FE61}' | '\u{FE63}' | '\u{FE68}' | '\u{FE6A}'..='\u{FE6B}'
        | '\u{FF01}'..='\u{FF03}' | '\u{FF05}'..='\u{FF0A}' | '\u{FF0C}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF1B}' | '\u{FF1F}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF3D}' | '\u{FF3F}' | '\u{FF5B}' | '\u{FF5D}' | '\u{FF5F}'..='\u{FF65}')
}

const fn is_chinese(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{2A6DF}' | '\u{2A700}'..='\u{2B73F}' | '\u{2B740}'..='\u{2B81F}' | '\u{2B820}'..='\u{2CEAF}' | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}
