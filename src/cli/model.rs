//! Which model stands beside the rules.

use crate::Engine;
use clap::{Args, ValueEnum};
#[cfg(feature = "neural")]
use miette::IntoDiagnostic;
use miette::Result;

/// The model beside the rules.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    /// The model beside the rules: a folder, or hf:<owner>/<name>@<revision>, which is fetched once [default: our own]
    #[arg(long, value_name = "FOLDER|hf:…", env = "KARUTA_MODEL", help_heading = "Model")]
    model: Option<String>,
    /// Use the rules alone (the variable: anything but 0, false, no, off or nothing)
    #[arg(long, conflicts_with = "model", env = "KARUTA_NO_NEURAL", value_parser = clap::builder::FalseyValueParser::new(), help_heading = "Model")]
    no_neural: bool,
    /// Fetch nothing: a model of the hub is read from its cache
    #[arg(long, help_heading = "Model")]
    offline: bool,
    /// What runs the model
    #[arg(long, value_enum, default_value_t, help_heading = "Model")]
    engine: EngineName,
    /// Folder of a compiled lindera dictionary, for a model whose words are not those of IPADIC
    #[arg(long, value_name = "FOLDER", help_heading = "Model")]
    words: Option<std::path::PathBuf>,
    /// Number of a CUDA device to run the model on (a build with the feature cuda)
    #[arg(long, value_name = "N", help_heading = "Model")]
    gpu: Option<usize>,
    /// Numbers the model is computed in on a GPU
    #[arg(long, value_enum, default_value_t, help_heading = "Model")]
    precision: PrecisionName,
    /// How the texts are annotated: what becomes of the model's spans, and of what it alone names
    #[arg(long, value_enum, default_value_t, help_heading = "Model")]
    form: FormName,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum FormName {
    /// as reports where a text is written as they are (sentences, a line each, no S, O, A, P), else as charts
    #[default]
    Auto,
    /// case reports: the model's spans, and all that it names
    Report,
    /// charts: the rules' spans, and what the model names where it has a code
    Chart,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum EngineName {
    /// karuta's own steps where the CPU and the model allow, else rten, else candle
    #[default]
    Fastest,
    /// the same in 8-bit integers: faster, a little less exact
    Int8,
    /// karuta's own steps (x86-64 with AVX2; BERT and RoBERTa)
    Native,
    /// karuta's own steps in 8-bit integers
    NativeInt8,
    /// candle
    Candle,
    /// rten
    Rten,
    /// rten in 8-bit integers
    RtenInt8,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum PrecisionName {
    /// 32 bits
    #[default]
    F32,
    /// 16 bits
    F16,
    /// 16 bits with the range of 32
    Bf16,
}

/// The model beside the rules, where the rules are meant alone unless one is asked for.
#[derive(Debug, Args)]
pub(super) struct AskedModel {
    /// Use the model that karuta carries beside the rules [default: the rules alone, unless --model names another]
    #[arg(long, conflicts_with = "no_neural", env = "KARUTA_NEURAL", value_parser = clap::builder::FalseyValueParser::new(), help_heading = "Model")]
    neural: bool,
    #[command(flatten)]
    model: ModelArgs,
}

impl AskedModel {
    /// Whether a model was asked for.
    fn is_asked(&self) -> bool {
        !self.model.no_neural && (self.neural || self.model.given().is_some())
    }

    /// Gives the engine the model that was asked for, if one was.
    pub(super) fn join(&self, engine: Engine) -> Result<Engine> {
        if !self.is_asked() {
            return Ok(engine);
        }
        let engine = self.model.join(engine)?;
        #[cfg(feature = "neural")]
        let missing = engine.tagger().is_none();
        // the rules alone are all that such a build has
        #[cfg(not(feature = "neural"))]
        let missing = true;
        if missing { Err(nothing_carried()) } else { Ok(engine) }
    }

    /// Gives the engine a ranker of candidates, if one was asked for.
    #[cfg(feature = "neural")]
    pub(super) fn rank(&self, engine: Engine) -> Result<Engine> {
        use crate::neural::Embedder;
        if !self.is_asked() {
            return Ok(engine);
        }
        let source = self.model.source()?.ok_or_else(nothing_carried)?;
        let ranker = Embedder::open(&source, &self.model.options()).into_diagnostic()?;
        Ok(engine.with_ranker(Some(std::sync::Arc::new(ranker))))
    }

    /// Without the feature a ranker can't be had.
    #[cfg(not(feature = "neural"))]
    pub(super) fn rank(&self, engine: Engine) -> Result<Engine> {
        self.join(engine)
    }
}

fn nothing_carried() -> miette::Report {
    miette::miette!(help = "expected --model with a folder or hf:<owner>/<name>@<revision>, in a build with the feature neural", "--neural: this build carries no model")
}

impl ModelArgs {
    /// The model that was named.
    fn given(&self) -> Option<&str> {
        self.model.as_deref().filter(|m| !m.is_empty())
    }

    /// The model that was named, else the one that is carried, if any.
    #[cfg(feature = "neural")]
    fn source(&self) -> Result<Option<crate::neural::Source>> {
        use crate::neural::Source;
        self.given().map_or_else(|| Ok(Source::carried()), |m| Source::parse(m).map(Some)).into_diagnostic()
    }

    #[cfg(feature = "neural")]
    fn options(&self) -> crate::neural::LoadOptions {
        use crate::neural::{EngineChoice, Form, LoadOptions, Precision};
        LoadOptions {
            engine: match self.engine {
                EngineName::Fastest => EngineChoice::Fastest,
                EngineName::Int8 => EngineChoice::FastestInt8,
                EngineName::Native => EngineChoice::Native,
                EngineName::NativeInt8 => EngineChoice::NativeInt8,
                EngineName::Candle => EngineChoice::Candle,
                EngineName::Rten => EngineChoice::Rten,
                EngineName::RtenInt8 => EngineChoice::RtenInt8,
            },
            gpu: self.gpu,
            precision: match self.precision {
                PrecisionName::F32 => Precision::F32,
                PrecisionName::F16 => Precision::F16,
                PrecisionName::Bf16 => Precision::Bf16,
            },
            offline: self.offline,
            words: self.words.clone(),
            batch_tokens: None,
            form: match self.form {
                FormName::Auto => Form::Auto,
                FormName::Report => Form::Report,
                FormName::Chart => Form::Chart,
            },
        }
    }

    /// Gives the engine the model, unless the rules are wanted alone.
    #[cfg(feature = "neural")]
    pub(super) fn join(&self, engine: Engine) -> Result<Engine> {
        if self.no_neural {
            return Ok(engine);
        }
        let Some(source) = self.source()? else { return Ok(engine) };
        let tagger = crate::neural::Tagger::open(&source, &self.options()).into_diagnostic()?;
        Ok(engine.with_tagger(Some(std::sync::Arc::new(tagger))))
    }

    /// Without the feature a model can't be had.
    #[cfg(not(feature = "neural"))]
    pub(super) fn join(&self, engine: Engine) -> Result<Engine> {
        let _ = (self.no_neural, self.offline, self.engine, &self.words, self.gpu, self.precision);
        match &self.model {
            Some(m) => Err(miette::miette!(help = "expected a build with the feature neural", "--model {m}: this build has the rules alone")),
            None => Ok(engine),
        }
    }
}
