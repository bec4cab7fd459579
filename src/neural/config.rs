//! `config.json` of a model, as Hugging Face writes it.

use super::error::NeuralError;
use super::files::Files;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The architecture of an encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// BERT: learned positions, from 0.
    Bert,
    /// RoBERTa: as BERT, positions from `pad_token_id + 1`.
    Roberta,
    /// DeBERTa v2 and v3: disentangled attention over relative positions.
    DebertaV2,
}

/// What karuta adds to a model's configuration, under the key `karuta`.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Extra {
    /// `characters`: each character of the text is one token, looked up as it is.
    pub tokenizer: Option<String>,
    /// What is given to the model at a time: `lines` packs whole lines, each with the closing token after it, up to the
    /// window (the default of models with `characters` or `facts`); `line` gives each line alone (the default of others).
    pub input: Option<String>,
    /// What the types of tokens tell: `facts` for what the rules found (see docs/neural.md); nothing for none.
    pub types: Option<String>,
    /// The most tokens given to the model at a time, with `[CLS]` and `[SEP]`.
    pub window: Option<usize>,
    /// The templates of the linear part (`linear.*` in the weights), such as `c-1 c0`; none where there is no such part.
    pub linear: Vec<String>,
}

/// The configuration of an encoder. Sizes count elements.
#[derive(Debug, Clone, Deserialize)]
pub struct ModelConfig {
    /// `bert`, `roberta`, `deberta-v2` …
    #[serde(default)]
    pub model_type: String,
    /// Classes of transformers that the weights are for.
    #[serde(default)]
    pub architectures: Vec<String>,
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// Width of a token's vector.
    pub hidden_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Heads of attention.
    pub num_attention_heads: usize,
    /// Width of the feed-forward layer.
    pub intermediate_size: usize,
    /// `gelu`, `gelu_new`, `gelu_pytorch_tanh` or `relu`.
    #[serde(default = "gelu")]
    pub hidden_act: String,
    /// Positions that the weights have.
    #[serde(default)]
    pub max_position_embeddings: usize,
    /// Types of segment; 0 for none.
    #[serde(default)]
    pub type_vocab_size: usize,
    /// Added to the variance by layer normalisation.
    #[serde(default = "epsilon")]
    pub layer_norm_eps: f64,
    /// The token that fills a batch.
    #[serde(default)]
    pub pad_token_id: Option<u32>,
    /// Width of the embeddings, where it is not `hidden_size` (DeBERTa).
    #[serde(default)]
    pub embedding_size: Option<usize>,
    /// Whether attention is over relative positions (DeBERTa).
    #[serde(default)]
    pub relative_attention: bool,
    /// The longest relative position (DeBERTa); below 1, `max_position_embeddings`.
    #[serde(default = "minus_one")]
    pub max_relative_positions: i64,
    /// Buckets of relative positions (DeBERTa); below 1 for none.
    #[serde(default = "minus_one")]
    pub position_buckets: i64,
    /// Whether positions are attended to with the weights of the content (DeBERTa).
    #[serde(default)]
    pub share_att_key: bool,
    /// `c2p`, `p2c`: a list, or words separated by `|` (DeBERTa).
    #[serde(default)]
    pub pos_att_type: Option<Words>,
    /// Whether positions are added to the input (DeBERTa).
    #[serde(default = "yes")]
    pub position_biased_input: bool,
    /// `layer_norm` or none (DeBERTa).
    #[serde(default)]
    pub norm_rel_ebd: Option<String>,
    /// Width of the convolution beside the first layer (DeBERTa); 0 for none.
    #[serde(default)]
    pub conv_kernel_size: usize,
    /// Its groups (DeBERTa); 0 for one.
    #[serde(default)]
    pub conv_groups: usize,
    /// What follows it: `tanh` where nothing is said (DeBERTa).
    #[serde(default)]
    pub conv_act: Option<String>,
    /// `absolute`, or a kind of relative positions that some BERTs have.
    #[serde(default)]
    pub position_embedding_type: Option<String>,
    /// The class of transformers that its tokenizer is, where the model's own configuration tells it.
    #[serde(default)]
    pub tokenizer_class: Option<String>,
    /// Names of the labels by their number.
    #[serde(default)]
    pub id2label: BTreeMap<String, String>,
    /// What karuta adds.
    #[serde(default)]
    pub karuta: Extra,
}

/// Words, written as a list or in one string with `|` between them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// `["c2p", "p2c"]`
    List(Vec<String>),
    /// `"c2p|p2c"`
    Joined(String),
}

impl Words {
    /// Whether `word` is among them.
    pub fn has(&self, word: &str) -> bool {
        match self {
            Self::List(l) => l.iter().any(|w| w.eq_ignore_ascii_case(word)),
            Self::Joined(s) => s.split('|').any(|w| w.trim().eq_ignore_ascii_case(word)),
        }
    }
}

fn gelu() -> String {
    "gelu".to_owned()
}

const fn epsilon() -> f64 {
    1e-12
}

const fn minus_one() -> i64 {
    -1
}

const fn yes() -> bool {
    true
}

impl ModelConfig {
    /// Reads `config.json`, and `karuta.json` where there is one.
    ///
    /// # Errors
    /// When it is missing, is no JSON, or describes a model that can't be run.
    pub fn read(files: &Files) -> Result<Self, NeuralError> {
        let bytes = files.read("config.json", "the model's configuration, as Hugging Face writes it")?;
        let path = &files.path("config.json");
        let mut config: Self =
            serde_json::from_slice(&bytes).map_err(|e| NeuralError::unsuitable(path, e.to_string(), "a JSON object with vocab_size, hidden_size, num_hidden_layers …"))?;
        // a file of its own says the same where config.json is written by another program
        if files.has("karuta.json") {
            let path = files.path("karuta.json");
            config.karuta = serde_json::from_slice(&files.read("karuta.json", "")?)
                .map_err(|e| NeuralError::unsuitable(&path, e.to_string(), "a JSON object with tokenizer, input, types, window, linear"))?;
        }
        config.check(path)?;
        Ok(config)
    }

    fn check(&self, path: &Path) -> Result<(), NeuralError> {
        let not = |found: String, expected: &str| Err(NeuralError::unsuitable(path, found, expected));
        if self.num_attention_heads == 0 || !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return not(format!("hidden_size {} with num_attention_heads {}", self.hidden_size, self.num_attention_heads), "a hidden_size that the heads divide");
        }
        if self.position_embedding_type.as_deref().is_some_and(|t| t != "absolute") {
            return not(format!("position_embedding_type {}", self.position_embedding_type.as_deref().unwrap_or("")), "absolute");
        }
        if !matches!(self.hidden_act.as_str(), "gelu" | "gelu_new" | "gelu_pytorch_tanh" | "relu") {
            return not(format!("hidden_act {}", self.hidden_act), "gelu, gelu_new, gelu_pytorch_tanh or relu");
        }
        // a model of this size is none that was trained: the configuration is damaged, and memory is not taken on its word
        if self.hidden_size > 1 << 14 || self.num_hidden_layers > 256 || self.intermediate_size > 1 << 16 || self.vocab_size > 1 << 22 || self.max_position_embeddings > 1 << 20 {
            return not("sizes beyond any encoder's".into(), "hidden_size up to 16384, 256 layers, a vocabulary up to 4 million");
        }
        let known = |given: &Option<String>, words: &[&str]| given.as_deref().is_none_or(|g| words.contains(&g));
        if !known(&self.karuta.tokenizer, &["characters"]) || !known(&self.karuta.input, &["line", "lines"]) || !known(&self.karuta.types, &["facts"]) {
            return not(format!("karuta {:?}", self.karuta), "tokenizer \"characters\", input \"line\" or \"lines\", types \"facts\"");
        }
        if self.architecture().is_none() {
            return not(format!("model_type {:?}, architectures {:?}", self.model_type, self.architectures), "bert, roberta (xlm-roberta, camembert) or deberta-v2");
        }
        Ok(())
    }

    /// The architecture, where it is one that can be run.
    pub fn architecture(&self) -> Option<Architecture> {
        let class = self.architectures.first().map_or("", String::as_str);
        match self.model_type.as_str() {
            "bert" => Some(Architecture::Bert),
            "roberta" | "xlm-roberta" | "camembert" => Some(Architecture::Roberta),
            "deberta-v2" => Some(Architecture::DebertaV2),
            "" if class.starts_with("Bert") => Some(Architecture::Bert),
            "" if class.starts_with("Roberta") || class.starts_with("XLMRoberta") => Some(Architecture::Roberta),
            "" if class.starts_with("DebertaV2") => Some(Architecture::DebertaV2),
            _ => None,
        }
    }

    /// The number of the first position.
    pub fn first_position(&self) -> usize {
        if self.architecture() == Some(Architecture::Roberta) { self.pad_token_id.unwrap_or(1) as usize + 1 } else { 0 }
    }

    /// The labels in the order of their numbers; empty for a model that classifies nothing.
    pub fn labels(&self) -> Vec<String> {
        let mut numbered: Vec<(usize, &String)> = self.id2label.iter().filter_map(|(k, v)| Some((k.parse().ok()?, v))).collect();
        numbered.sort();
        numbered.into_iter().map(|(_, v)| v.clone()).collect()
    }

    /// Whether the model was made to classify.
    pub fn classifies(&self) -> bool {
        self.architectures.iter().any(|a| a.contains("Classification"))
    }

    /// The most tokens that may be given at a time, with the special ones.
    pub fn window(&self) -> usize {
        let positions = match self.architecture() {
            Some(Architecture::Roberta) => self.max_position_embeddings.saturating_sub(self.first_position()),
            Some(Architecture::DebertaV2) if !self.position_biased_input => 512,
            _ => self.max_position_embeddings,
        };
        self.karuta.window.unwrap_or(512).min(positions).max(8)
    }
}
