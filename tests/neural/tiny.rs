//! Models small enough to be made here: no network, no file of others.

use std::path::Path;

pub type Tensors = Vec<(String, Vec<usize>, Vec<f32>)>;

/// A safetensors file.
pub fn safetensors(tensors: &Tensors) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut data = Vec::new();
    for (name, shape, values) in tensors {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let start = data.len();
        data.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        header.insert(name.clone(), serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] }));
    }
    let mut header = serde_json::to_vec(&header).unwrap();
    header.resize(header.len().next_multiple_of(8), b' ');
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

/// Numbers that look random and are the same everywhere.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * 2.0
    }

    pub fn many(&mut self, n: usize, scale: f32) -> Vec<f32> {
        (0..n).map(|_| self.next() * scale).collect()
    }
}

pub struct Shape {
    pub vocab: usize,
    pub hidden: usize,
    pub layers: usize,
    pub heads: usize,
    pub inner: usize,
    pub positions: usize,
    pub types: usize,
}

/// The weights of a BERT: each made by `make` from its name, its shape and its length.
pub fn bert(s: &Shape, labels: usize, mut make: impl FnMut(&str, usize) -> Vec<f32>) -> Tensors {
    let mut out = Tensors::new();
    let mut add = |name: String, shape: Vec<usize>| {
        let n = shape.iter().product();
        let values = make(&name, n);
        out.push((name, shape, values));
    };
    let h = s.hidden;
    for (name, n) in [("word", s.vocab), ("position", s.positions), ("token_type", s.types)] {
        add(format!("bert.embeddings.{name}_embeddings.weight"), vec![n, h]);
    }
    let mut both = |name: String, shape: Vec<usize>| {
        add(format!("{name}.bias"), vec![shape[0]]);
        add(format!("{name}.weight"), shape);
    };
    both("bert.embeddings.LayerNorm".into(), vec![h]);
    for i in 0..s.layers {
        let p = format!("bert.encoder.layer.{i}");
        for x in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"] {
            both(format!("{p}.{x}"), vec![h, h]);
        }
        both(format!("{p}.attention.output.LayerNorm"), vec![h]);
        both(format!("{p}.intermediate.dense"), vec![s.inner, h]);
        both(format!("{p}.output.dense"), vec![h, s.inner]);
        both(format!("{p}.output.LayerNorm"), vec![h]);
    }
    both("classifier".into(), vec![labels, h]);
    out
}

pub fn random(s: &Shape, labels: usize) -> Tensors {
    let mut numbers = Numbers(42);
    bert(s, labels, |name, n| match name {
        _ if name.ends_with("LayerNorm.weight") => numbers.many(n, 0.2).into_iter().map(|x| 1.0 + x).collect(),
        _ if name.ends_with("bias") => numbers.many(n, 0.1),
        _ => numbers.many(n, 0.4),
    })
}

pub const LABELS: [&str; 7] = ["O", "B-d+", "I-d+", "B-d-", "I-d-", "B-a", "I-a"];

pub fn config(s: &Shape, labels: &[&str], extra: serde_json::Value) -> serde_json::Value {
    let names: serde_json::Map<_, _> = labels.iter().enumerate().map(|(i, l)| (i.to_string(), (*l).into())).collect();
    serde_json::json!({
        "model_type": "bert", "architectures": ["BertForTokenClassification"], "vocab_size": s.vocab, "hidden_size": s.hidden, "num_hidden_layers": s.layers,
        "num_attention_heads": s.heads, "intermediate_size": s.inner, "max_position_embeddings": s.positions, "type_vocab_size": s.types, "hidden_act": "gelu",
        "layer_norm_eps": 1e-12, "pad_token_id": 0, "id2label": names, "karuta": extra
    })
}

/// The vocabulary of the characters of `text`.
pub fn vocabulary(text: &str) -> Vec<String> {
    let mut out: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned).to_vec();
    for c in text.chars().map(String::from) {
        if !out.contains(&c) {
            out.push(c);
        }
    }
    out
}

/// A model that tells each character's label by the character alone: `says` names the label of each.
pub fn told(folder: &Path, says: &str, label: impl Fn(char) -> usize) -> Shape {
    let vocab = vocabulary(says);
    let s = Shape { vocab: vocab.len(), hidden: 8, layers: 1, heads: 2, inner: 8, positions: 64, types: 2 };
    let of: Vec<usize> = vocab.iter().map(|v| if v.chars().count() == 1 { label(v.chars().next().unwrap()) } else { 0 }).collect();
    let tensors = bert(&s, LABELS.len(), |name, n| match name {
        // a token's vector points to its label; all else leaves it
        "bert.embeddings.word_embeddings.weight" => of.iter().flat_map(|l| (0..8).map(move |i| if i == *l { 9.0 } else { 0.0 })).collect(),
        "classifier.weight" => (0..LABELS.len()).flat_map(|l| (0..8).map(move |i| if i == l { 4.0 } else { 0.0 })).collect(),
        _ if name.ends_with("LayerNorm.weight") => vec![1.0; n],
        _ => vec![0.0; n],
    });
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("model.safetensors"), safetensors(&tensors)).unwrap();
    std::fs::write(folder.join("config.json"), config(&s, &LABELS, serde_json::json!({ "tokenizer": "characters", "input": "line" })).to_string()).unwrap();
    std::fs::write(folder.join("vocab.txt"), vocab.join("\n") + "\n").unwrap();
    s
}
