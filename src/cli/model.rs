//! Which model stands beside the rules.

use crate::Engine;
use clap::{Args, ValueEnum};
use miette::{IntoDiagnostic, Result};

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
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum EngineName {
    /// rten on a CPU where it can run the model, else candle
    #[default]
    Fastest,
    /// candle
    Candle,
    /// rten
    Rten,
    /// rten in 8-bit integers: faster, a little less exact
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

impl ModelArgs {
    /// Gives the engine the model, unless the rules are wanted alone.
    #[cfg(feature = "neural")]
    pub(super) fn join(&self, engine: Engine) -> Result<Engine> {
        use crate::neural::{EngineChoice, LoadOptions, Precision, Source, Tagger};
        let given = self.model.as_deref().filter(|m| !m.is_empty());
        let source = match given {
            _ if self.no_neural => return Ok(engine),
            Some(m) => Source::parse(m).into_diagnostic()?,
            None => match Source::carried() {
                Some(carried) => carried,
                None => return Ok(engine),
            },
        };
        let options = LoadOptions {
            engine: match self.engine {
                EngineName::Fastest => EngineChoice::Fastest,
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
        };
        let tagger = Tagger::open(&source, &options).into_diagnostic()?;
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
