//! The engine and its workers: from text to facts.

use crate::assertion::{Reading, Scope};
use crate::coding::{Coded, Coder};
use crate::fact::{Asserted, Structured, assemble};
use crate::graph::{Graph, Ontology};
use crate::lexicon::{Hit, Lexicon, PackError};
use crate::model::{Assertion, FactKind, TimeRange};
use crate::note::{Note, Section, SectionKind};
use crate::recognize::{Claims, Context, Mention, WordBounds, recognize};
use crate::token::{Tokenizer, TokenizerError};
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Why an engine could not be built.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A pack could not be opened.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The tokenizer's dictionary could not be opened.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
}

/// An immutable engine, shared between threads; each thread takes a [`Worker`].
///
/// ```
/// let engine = karuta::Engine::new().unwrap();
/// let mut worker = engine.worker();
/// let found = worker.structure("O) BT39.2 咳嗽（－）");
/// assert_eq!(found.facts[0].name, "体温");
/// assert_eq!(found.facts[0].value.as_ref().unwrap().number, Some(39.2));
/// assert_eq!(found.facts[1].assertion, karuta::model::Assertion::Absent);
/// ```
#[derive(Debug)]
pub struct Engine {
    lexicon: Lexicon,
    tokenizer: Option<Tokenizer>,
    coder: Coder,
    /// Read when it is first asked for: most work on notes needs no ontology.
    graph: OnceLock<Graph>,
    #[cfg(feature = "neural")]
    tagger: Option<Arc<crate::neural::Tagger>>,
    #[cfg(feature = "neural")]
    ranker: Option<Arc<crate::neural::Embedder>>,
}

impl Engine {
    /// The engine with the embedded dictionaries.
    ///
    /// # Errors
    /// Never in a sound build.
    pub fn new() -> Result<Self, EngineError> {
        Self::with_lexicon(Lexicon::curated()?)
    }

    /// The engine over a lexicon of its own.
    ///
    /// # Errors
    /// When the tokenizer's dictionary can't be opened.
    pub fn with_lexicon(lexicon: Lexicon) -> Result<Self, EngineError> {
        #[cfg(feature = "ipadic")]
        let tokenizer = Some(Tokenizer::ipadic()?);
        #[cfg(not(feature = "ipadic"))]
        let tokenizer = None;
        Ok(Self {
            lexicon,
            tokenizer,
            coder: Coder::default(),
            graph: OnceLock::new(),
            #[cfg(feature = "neural")]
            tagger: None,
            #[cfg(feature = "neural")]
            ranker: None,
        })
    }

    /// Takes another tokenizer, or none: word boundaries then come from character classes alone.
    #[must_use]
    pub fn with_tokenizer(mut self, tokenizer: Option<Tokenizer>) -> Self {
        self.tokenizer = tokenizer;
        self
    }

    /// Takes a tagger, whose spans are joined to what the rules find; or none, for the rules alone.
    #[cfg(feature = "neural")]
    #[must_use]
    pub fn with_tagger(mut self, tagger: Option<Arc<crate::neural::Tagger>>) -> Self {
        self.tagger = tagger;
        self
    }

    /// The tagger, if there is one.
    #[cfg(feature = "neural")]
    pub fn tagger(&self) -> Option<&crate::neural::Tagger> {
        self.tagger.as_deref()
    }

    /// Takes a ranker, which re-orders candidates of a code where the string alone does not decide between them
    /// ([`Embedder::rank`](crate::neural::Embedder::rank)); or none, for the string's order. There is none unless it is given.
    #[cfg(feature = "neural")]
    #[must_use]
    pub fn with_ranker(mut self, ranker: Option<Arc<crate::neural::Embedder>>) -> Self {
        self.ranker = ranker;
        self
    }

    /// The ranker, if there is one.
    #[cfg(feature = "neural")]
    pub fn ranker(&self) -> Option<&crate::neural::Embedder> {
        self.ranker.as_deref()
    }

    /// Joins what the tagger says to the facts that the rules found in notes: all in batches, which is what a GPU wants.
    /// Offsets count bytes. Without a tagger nothing changes.
    ///
    /// # Errors
    /// When the model can't be run; the facts are then those of the rules.
    #[cfg(feature = "neural")]
    pub fn join(&self, notes: &mut [(&str, &mut Structured)]) -> Result<(), crate::neural::NeuralError> {
        let Some(tagger) = self.tagger() else { return Ok(()) };
        let given: Vec<_> = notes.iter().map(|(text, found)| crate::neural::Tagged { text, facts: &found.facts }).collect();
        let tags = tagger.tag(&given)?;
        for ((text, found), tags) in notes.iter_mut().zip(&tags) {
            crate::neural::join(self, text, found, tags, tagger.mapping(), tagger.form());
        }
        Ok(())
    }

    /// The lexicon.
    pub const fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The ontology of the lexicon's packs, read at the first call.
    ///
    /// # Errors
    /// When the relations of a pack are damaged.
    ///
    /// ```
    /// let engine = karuta::Engine::new().unwrap();
    /// let ontology = engine.ontology().unwrap();
    /// let pneumonia = ontology.named("肺炎").unwrap();
    /// assert!(ontology.ancestors(pneumonia).iter().any(|a| ontology.name(a.concept) == "感染症"));
    /// ```
    pub fn ontology(&self) -> Result<Ontology<'_>, PackError> {
        let graph = match self.graph.get() {
            Some(g) => g,
            None => {
                let read = Graph::load(&self.lexicon)?;
                self.graph.get_or_init(|| read)
            }
        };
        Ok(Ontology::new(&self.lexicon, graph))
    }

    /// Codes a phrase that stands alone: a diagnosis field, a problem title.
    ///
    /// ```
    /// let engine = karuta::Engine::new().unwrap();
    /// let coded = engine.code("右橈骨遠位端骨折の術後");
    /// let codes: Vec<&str> = coded.codings.iter().map(|c| c.code.as_str()).collect();
    /// assert!(["CJTR", "5194", "1486"].iter().all(|c| codes.contains(c)));
    /// assert!(engine.code("特記事項なし").codings.is_empty());
    /// ```
    pub fn code(&self, phrase: &str) -> Coded {
        let coded = self.coder.code(&self.lexicon, phrase);
        #[cfg(feature = "neural")]
        if let Some(ranker) = self.ranker() {
            let mut one = [coded];
            // a phrase does not fail: where the model can't be run, the string's order stands
            let _ = ranker.rank(&mut one);
            let [coded] = one;
            return coded;
        }
        coded
    }

    /// Codes a phrase by the string alone, whatever ranker the engine has.
    pub fn code_by_string(&self, phrase: &str) -> Coded {
        self.coder.code(&self.lexicon, phrase)
    }

    /// A worker with buffers of its own.
    pub fn worker(&self) -> Worker<'_> {
        Worker::over(EngineRef::Borrowed(self))
    }

    /// A worker that keeps the engine alive: for a handle that outlives the place where the engine was built.
    ///
    /// ```
    /// let engine = std::sync::Arc::new(karuta::Engine::new().unwrap());
    /// let mut worker = engine.shared_worker();
    /// drop(engine);
    /// assert_eq!(std::thread::spawn(move || worker.structure("BT39.2").facts.len()).join().unwrap(), 2);
    /// ```
    pub fn shared_worker(self: &Arc<Self>) -> Worker<'static> {
        Worker::over(EngineRef::Shared(Arc::clone(self)))
    }
}

/// A value that arrives measured: a row of a temperature chart, a device's reading, a template field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// Its name, as the dictionaries know it (体温, BT, WBC …).
    pub name: String,
    /// Its value as written: `39.2`, `120/70`, `(±)`.
    pub value: String,
    /// Its unit as written, empty where none is given.
    pub unit: String,
    /// When it was measured: ISO 8601, or `2024/5/4 6:00`.
    pub time: Option<String>,
}

impl Observation {
    /// The line of text that stands for it.
    pub fn line(&self) -> String {
        let one = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{} {}{}", one(&self.name), one(&self.value), one(&self.unit))
    }

    /// Its time as ISO 8601 with its precision.
    fn time_range(&self) -> Option<TimeRange> {
        let t = self.time.as_deref()?.trim().replace('/', "-");
        let (date, clock) = t.split_once(['T', ' ']).map_or((t.as_str(), None), |(d, c)| (d, Some(c.trim())));
        let mut parts = date.split('-').map(|p| p.parse::<i16>().ok());
        let (y, m, d) = (parts.next()??, parts.next()??, parts.next()??);
        let date = jiff::civil::Date::new(y, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok()?;
        let Some(clock) = clock else { return Some(TimeRange { start: Some(compact_str::format_compact!("{date}")), end: None, precision: "day".into() }) };
        let mut parts = clock.split(':').map(|p| p.trim_end_matches('Z').split(['.', '+']).next().and_then(|p| p.parse::<i8>().ok()));
        let (h, min, s) = (parts.next()??, parts.next().flatten().unwrap_or(0), parts.next().flatten());
        let time = jiff::civil::Time::new(h, min, s.unwrap_or(0), 0).ok()?;
        let start = if s.is_some() { compact_str::format_compact!("{date}T{time}") } else { compact_str::format_compact!("{date}T{h:02}:{min:02}") };
        Some(TimeRange { start: Some(start), end: None, precision: if s.is_some() { "second".into() } else { "minute".into() } })
    }
}

/// A thread's part of an engine. It keeps its buffers from note to note.
#[derive(Debug)]
pub struct Worker<'e> {
    engine: EngineRef<'e>,
    note: Note,
    hits: Vec<Hit>,
    mentions: Vec<Mention>,
    claims: Claims,
    words: RefCell<WordBounds>,
}

impl Worker<'_> {
    /// Reads a note. Offsets count bytes; [`Structured::count_in`] counts them in another unit.
    pub fn structure(&mut self, text: &str) -> Structured {
        self.structure_at(text, None)
    }

    /// Reads a note written on `date`: 昨日 and 5/4 are resolved against it.
    ///
    /// ```
    /// let engine = karuta::Engine::new().unwrap();
    /// let found = engine.worker().structure_at("昨日から発熱", Some(jiff::civil::date(2024, 5, 4)));
    /// assert_eq!(found.facts[1].name, "発熱");
    /// assert_eq!(found.facts[1].time.as_ref().unwrap().start.as_deref(), Some("2024-05-03"));
    /// ```
    pub fn structure_at(&mut self, text: &str, date: Option<jiff::civil::Date>) -> Structured {
        #[cfg(feature = "neural")]
        if self.engine.tagger.is_some() {
            let mut found = self.rules_at(text, date);
            // text does not fail: where the model can't be run, the rules stand alone
            let _ = self.engine.join(&mut [(text, &mut found)]);
            return found;
        }
        self.rules_at(text, date)
    }

    /// Reads a note by the rules alone, whatever tagger the engine has.
    pub fn rules_at(&mut self, text: &str, date: Option<jiff::civil::Date>) -> Structured {
        let lexicon = &self.engine.lexicon;
        self.note.set(text, lexicon.titles());
        lexicon.scan(&self.note.norm, &mut self.hits);
        self.words.borrow_mut().reset();
        self.claims.clear();
        let mut asserted: Vec<Asserted> = Vec::new();
        let mut from = 0;
        let mut dated = false;
        for (i, s) in self.note.sentences.iter().enumerate() {
            while self.hits.get(from).is_some_and(|h| h.s() < s.start) {
                from += 1;
            }
            let tail = self.hits.get(from..).unwrap_or(&[]);
            let n = tail.partition_point(|h| h.s() < s.end);
            let Some(section) = self.note.sections.get(s.section) else { continue };
            let ctx = context(lexicon, &self.note, i, *section, (tail.get(..n).unwrap_or(&[]), &self.hits), dated, &self.words);
            self.mentions.clear();
            recognize(&ctx, &mut self.claims, &mut self.mentions);
            dated |= self.mentions.iter().any(|m| m.when.as_ref().is_some_and(|e| e.is_date()));
            let scope = Scope::new(&ctx, &self.mentions);
            let readings: Vec<_> = self.mentions.iter().map(|m| scope.read(&ctx, m, &self.mentions)).collect();
            asserted.extend(self.mentions.drain(..).zip(readings).filter(|(m, r)| !is_normal(&ctx, m, r)).map(|(mention, reading)| Asserted { mention, reading }));
            from += n;
        }
        assemble(lexicon, &self.note, &self.hits, text, date, asserted)
    }

    /// Reads a measured value through the same dictionaries and coding as a note's words.
    ///
    /// Offsets count bytes of [`Observation::line`]. No fact means that the name or the value is not known.
    ///
    /// ```
    /// let engine = karuta::Engine::new().unwrap();
    /// let row = karuta::Observation { name: "KT".into(), value: "39.2".into(), unit: "℃".into(), time: Some("2024/5/4 6:00".into()) };
    /// let found = engine.worker().observe(&row);
    /// assert_eq!(found.facts[0].code("http://loinc.org"), Some("8310-5"));
    /// assert_eq!(found.facts[0].time.as_ref().unwrap().start.as_deref(), Some("2024-05-04T06:00"));
    /// assert_eq!(found.facts[1].name, "発熱");
    /// ```
    pub fn observe(&mut self, observation: &Observation) -> Structured {
        let line = observation.line();
        let mut found = self.rules_at(&line, None);
        found.sections.clear();
        found.facts.retain(|f| matches!(f.kind, FactKind::Vital | FactKind::Lab | FactKind::Score) || !f.from.is_empty());
        let time = observation.time_range();
        for f in &mut found.facts {
            f.section = SectionKind::Objective;
            f.time.clone_from(&time);
        }
        found
    }

    /// The note as it was last read: its normalised text, sections and sentences.
    pub const fn note(&self) -> &Note {
        &self.note
    }
}

/// The engine of a worker.
#[derive(Debug)]
enum EngineRef<'e> {
    Borrowed(&'e Engine),
    Shared(Arc<Engine>),
}

impl Deref for EngineRef<'_> {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        match self {
            Self::Borrowed(e) => e,
            Self::Shared(e) => e,
        }
    }
}

impl<'e> Worker<'e> {
    fn over(engine: EngineRef<'e>) -> Self {
        Self {
            words: RefCell::new(WordBounds::new(engine.tokenizer.as_ref().map(Tokenizer::words))),
            engine,
            note: Note::default(),
            hits: Vec::new(),
            mentions: Vec::new(),
            claims: Claims::default(),
        }
    }
}

/// 「心音に異常を認めない」 states nothing pathological: the denial of an unnamed abnormality is no fact.
fn is_normal(ctx: &Context<'_>, m: &Mention, r: &Reading) -> bool {
    let words = crate::text::sub(ctx.text, m.start, m.end);
    r.assertion == Assertion::Absent
        && matches!(m.kind, FactKind::Finding | FactKind::Disorder)
        && ["異常", "異常所見"].iter().any(|w| words.ends_with(w))
        && !words.ends_with("運動異常")
}

fn context<'a>(lexicon: &'a Lexicon, note: &'a Note, sentence: usize, section: Section, hits: (&'a [Hit], &'a [Hit]), dated: bool, words: &'a RefCell<WordBounds>) -> Context<'a> {
    let (start, end) = note.sentences.get(sentence).map_or((0, 0), |s| (s.start, s.end));
    Context { lexicon, note, text: note.norm.text(), folded: note.norm.folded(), start, end, sentence, section, dated, hits: hits.0, all_hits: hits.1, words }
}
