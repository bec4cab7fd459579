//! The tagger: notes to labelled spans.

use super::batch::Batch;
use super::config::ModelConfig;
use super::crf::Crf;
use super::decode::{Labelled, Tag, highest, shares, tags};
use super::engine::{Batching, Candle, Engine, EngineChoice, Native, Onnx, Precision};
use super::error::NeuralError;
use super::files::Files;
use super::join::Form;
use super::labels::Mapping;
use super::linear::Linear;
use super::source::Source;
use super::tokens::TextTokenizer;
use super::window::{Cutter, Window};
use crate::model::Fact;
use rayon::prelude::*;
use std::borrow::Cow;
use std::path::PathBuf;

/// How a model is loaded.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The engine.
    pub engine: EngineChoice,
    /// The number of a CUDA device; nothing for the CPU.
    pub gpu: Option<usize>,
    /// The numbers it is computed in on a GPU.
    pub precision: Precision,
    /// Whether only what lies in the hub's cache may be used.
    pub offline: bool,
    /// The folder of a lindera dictionary, for a tokenizer over another than IPADIC.
    pub words: Option<PathBuf>,
    /// Tokens of a batch, filling included; nothing for the engine's own measure.
    pub batch_tokens: Option<usize>,
    /// How the texts are annotated.
    pub form: Form,
}

/// A model with its tokenizer: text in, what it says of each token out.
pub struct Loaded {
    /// Its configuration.
    pub config: ModelConfig,
    /// Its tokenizer.
    pub tokenizer: TextTokenizer,
    /// What runs it.
    pub engine: Box<dyn Engine>,
    /// Its files.
    pub files: Files,
    batching: Batching,
    /// The options that its numbers depend on.
    chosen: String,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Loaded({}, {})", self.files.path("").display(), self.engine.name())
    }
}

/// The files that the facts of a model depend on.
const FILES: [&str; 9] = ["config.json", "karuta.json", "tokenizer_config.json", "tokenizer.json", "vocab.txt", "labels.tsv", "model.safetensors", "model.onnx", "model.int8.onnx"];

impl Loaded {
    /// Loads a model from a folder or the hub. Gives its weights as well, for what a head keeps in them.
    ///
    /// # Errors
    /// When a file is missing or unsuitable; the error says what was found and what was expected.
    pub fn open(source: &Source, options: &LoadOptions) -> Result<(Self, Cow<'static, [u8]>), NeuralError> {
        Self::of(source, options, |_| ())
    }

    /// Loads what stands before a model's classifier, if it has one: its last hidden state is what it says of each token.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn encoder(source: &Source, options: &LoadOptions) -> Result<Self, NeuralError> {
        Ok(Self::of(source, options, |c| c.id2label.clear())?.0)
    }

    fn of(source: &Source, options: &LoadOptions, change: impl Fn(&mut ModelConfig)) -> Result<(Self, Cow<'static, [u8]>), NeuralError> {
        let files = source.files(options.offline)?;
        let mut config = ModelConfig::read(&files)?;
        change(&mut config);
        let tokenizer = TextTokenizer::open(&files, &config, options.words.as_deref())?;
        if tokenizer.len() > config.vocab_size {
            return Err(NeuralError::unsuitable(
                &files.path("vocab.txt"),
                format!("{} tokens", tokenizer.len()),
                format!("no more than the vocab_size of config.json, {}", config.vocab_size),
            ));
        }
        if config.karuta.types.is_some() && config.type_vocab_size < 16 {
            return Err(NeuralError::unsuitable(&files.path("config.json"), format!("type_vocab_size {}", config.type_vocab_size), "16 for the types \"facts\""));
        }
        let weights = files.read("model.safetensors", "weights in safetensors")?;
        let engine = engine(&files, &config, &weights, options)?;
        let mut batching = engine.batching();
        if let Some(n) = options.batch_tokens.filter(|_| batching.step > 1 || engine.name() == "candle") {
            batching = Batching { tokens: n, step: 16, ..batching };
        }
        let chosen = format!("{:?}", (options.engine, options.gpu, options.precision, &options.words, options.form));
        Ok((Self { config, tokenizer, engine, files, batching, chosen }, weights))
    }

    /// The engine's name and the BLAKE3 sum of the model's files and of the options: the same label, the same facts.
    pub fn label(&self) -> String {
        let mut sum = blake3::Hasher::new();
        sum.update(self.chosen.as_bytes());
        for name in FILES {
            if let Ok(bytes) = self.files.read(name, "") {
                sum.update(name.as_bytes()).update(&bytes);
            }
        }
        format!("{} {}", self.engine.name(), sum.finalize().to_hex())
    }

    /// Runs windows and hands on what the model says of each: its number, and `tokens × width` numbers. In no order.
    pub(super) fn run<T: Send>(&self, windows: &[Window], read: impl Fn(usize, &[f32]) -> T + Sync) -> Result<Vec<(usize, T)>, NeuralError> {
        let lengths: Vec<usize> = windows.iter().map(|w| w.ids.len()).collect();
        let groups = self.batching.groups(&lengths);
        let pad = self.config.pad_token_id.unwrap_or(0);
        let one = |group: &Vec<usize>| -> Result<Vec<(usize, T)>, NeuralError> {
            let rows = group.iter().filter_map(|i| windows.get(*i)).map(|w| (w.ids.as_slice(), w.types.as_slice()));
            let out = self.engine.run(&Batch::new(rows, pad, self.batching.step))?;
            Ok(group
                .iter()
                .enumerate()
                .map(|(row, i)| {
                    let n = lengths.get(*i).copied().unwrap_or(0) * out.width;
                    (*i, read(*i, out.row(row).get(..n).unwrap_or(&[])))
                })
                .collect())
        };
        let mut found = Ok(Vec::new());
        if self.batching.parallel && groups.len() > 1 {
            self.engine.within(&mut || found = groups.par_iter().map(one).collect::<Result<Vec<_>, _>>());
        } else {
            self.engine.within(&mut || found = groups.iter().map(one).collect());
        }
        Ok(found?.into_iter().flatten().collect())
    }
}

fn engine(files: &Files, config: &ModelConfig, weights: &[u8], options: &LoadOptions) -> Result<Box<dyn Engine>, NeuralError> {
    let weights_at = &files.path("model.safetensors");
    let candle = || -> Result<Box<dyn Engine>, NeuralError> {
        Candle::new(config, weights, options.gpu, options.precision).map(|c| Box::new(c) as Box<dyn Engine>).map_err(|e| match e {
            NeuralError::Run(found) => NeuralError::unsuitable(weights_at, found, "the weights that config.json describes, named as Hugging Face names them"),
            e => e,
        })
    };
    let onnx = |int8: bool| -> Result<Box<dyn Engine>, NeuralError> {
        let file = if int8 { "model.int8.onnx" } else { "model.onnx" };
        // the file of a model that classifies ends in its labels, where its hidden state may be wanted
        let is_headless = config.labels().is_empty() && config.classifies();
        let found = if !is_headless && files.has(file) {
            Onnx::open(&files.path(file), files.read(file, "an ONNX model")?.into_owned(), config)?
        } else {
            Onnx::from_weights(weights_at, config, weights, int8)?
        };
        Ok(Box::new(found))
    };
    let native = |int8: bool| -> Result<Box<dyn Engine>, NeuralError> { Ok(Box::new(Native::new(weights_at, config, weights, int8)?)) };
    match options.engine {
        EngineChoice::Candle => candle(),
        _ if options.gpu.is_some() => candle(),
        EngineChoice::Rten => onnx(false),
        EngineChoice::RtenInt8 => onnx(true),
        EngineChoice::Native => native(false),
        EngineChoice::NativeInt8 => native(true),
        // what our steps can't run rten can, and what that can't candle can
        EngineChoice::Fastest => native(false).or_else(|_| onnx(false)).or_else(|_| candle()),
        EngineChoice::FastestInt8 => native(true).or_else(|_| onnx(true)).or_else(|_| candle()),
    }
}

/// A model that classifies tokens, and what its labels mean.
#[derive(Debug)]
pub struct Tagger {
    model: Loaded,
    cutter: Cutter,
    labels: Vec<String>,
    crf: Option<Crf>,
    linear: Option<Linear>,
    mapping: Mapping,
    form: Form,
}

/// A note for the tagger.
#[derive(Debug, Clone, Copy)]
pub struct Tagged<'n> {
    /// Its text.
    pub text: &'n str,
    /// What the rules found in it, with offsets in bytes.
    pub facts: &'n [Fact],
}

impl Tagger {
    /// Loads a tagger from a folder or the hub.
    ///
    /// # Errors
    /// When a file is missing or unsuitable, or the model classifies no tokens.
    pub fn open(source: &Source, options: &LoadOptions) -> Result<Self, NeuralError> {
        let (model, weights) = Loaded::open(source, options)?;
        let labels = model.config.labels();
        if labels.is_empty() {
            return Err(NeuralError::unsuitable(&model.files.path("config.json"), "no id2label", "a model that classifies tokens, with id2label"));
        }
        let at = model.files.path("model.safetensors");
        let crf = Crf::load(&at, &weights, labels.len())?;
        let linear = Linear::load(&at, &weights, &model.config.karuta.linear, labels.len())?;
        let mapping = Mapping::of(&model.files, &labels)?;
        Ok(Self { cutter: Cutter::new(&model.config), labels, crf, linear, mapping, form: options.form, model })
    }

    /// The model.
    pub const fn model(&self) -> &Loaded {
        &self.model
    }

    /// What its labels mean.
    pub const fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// How the texts are annotated.
    pub const fn form(&self) -> Form {
        self.form
    }

    /// The labelled spans of notes, in their order and in that of the text. What a note is given does not depend on the
    /// notes beside it, nor on the number of threads.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn tag(&self, notes: &[Tagged<'_>]) -> Result<Vec<Vec<Tag>>, NeuralError> {
        let cut: Vec<Vec<Window>> = notes.par_iter().map(|n| self.cutter.windows(&self.model.tokenizer, n.text, n.facts)).collect();
        let owner: Vec<usize> = cut.iter().enumerate().flat_map(|(i, w)| std::iter::repeat_n(i, w.len())).collect();
        let windows: Vec<Window> = cut.into_iter().flatten().collect();
        let n = self.labels.len();
        let found = self.model.run(&windows, |i, logits| {
            let mut logits = Cow::Borrowed(logits);
            if let (Some(linear), Some(window)) = (&self.linear, windows.get(i)) {
                linear.add(window, logits.to_mut(), n);
            }
            let path = self.crf.as_ref().map_or_else(|| highest(&logits, n), |c| c.best(&logits));
            let shares = self.crf.as_ref().map_or_else(|| shares(&logits, n, &path), |c| c.shares(&logits, &path));
            Labelled { path, shares }
        })?;
        let mut ordered = found;
        ordered.sort_by_key(|f| f.0);
        let mut out = vec![Vec::new(); notes.len()];
        for (i, labelled) in ordered {
            let Some((window, note)) = windows.get(i).zip(owner.get(i)) else { continue };
            if let (Some(tagged), Some(n)) = (out.get_mut(*note), notes.get(*note)) {
                tags(n.text, window, &labelled, &self.labels, tagged);
            }
        }
        Ok(out)
    }
}
