//! BERT's weights as an ONNX graph, in 32-bit numbers or 8-bit integers, so that rten runs a model that has no ONNX file.

use super::weights::Weights;
use crate::neural::config::ModelConfig;
use crate::neural::encoder::Activation;
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor,
    ValueInfoProto,
};
use rten_onnx::protobuf::{EncodeMessage, ValueWriter};
use std::cell::RefCell;

/// The name of the input that holds the tokens' numbers: `rows × length`.
pub(super) const IDS: &str = "input_ids";
/// The name of the input that holds the tokens' types, where the model has several: `rows × length`.
pub(super) const TYPES: &str = "token_type_ids";
/// The name of the input that holds the positions' numbers: `1 × length`.
pub(super) const POSITIONS: &str = "position_ids";
/// The name of the output: `rows × length × width`.
const OUTPUT: &str = "output";

type Done<T> = Result<T, String>;

/// The ONNX file of a BERT or RoBERTa. Its sequences have one length: there is no mask.
///
/// # Errors
/// When a weight is missing or has another shape; the message names it.
pub(super) fn write(config: &ModelConfig, safetensors: &[u8], int8: bool) -> Done<Vec<u8>> {
    let weights = Weights::read(config, safetensors)?;
    let mut b = Builder { weights, graph: GraphProto::default(), int8, eps: config.layer_norm_eps, next: 0 };
    b.model(config)?;
    let model = ModelProto {
        ir_version: Some(9),
        opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: Some(20) }],
        producer_name: Some("karuta".to_owned()),
        graph: Some(b.graph),
        ..ModelProto::default()
    };
    let mut out = Vec::new();
    model.encode(ValueWriter::new(&mut out)).map_err(|e| e.to_string())?;
    Ok(out)
}

struct Builder<'f> {
    weights: Weights<'f>,
    graph: GraphProto,
    int8: bool,
    eps: f64,
    next: usize,
}

impl Builder<'_> {
    fn model(&mut self, c: &ModelConfig) -> Done<()> {
        let (h, size) = (c.hidden_size, c.hidden_size / c.num_attention_heads);
        self.graph.input = vec![input(IDS, &["rows", "length"]), input(POSITIONS, &["", "length"])];
        let words = self.weights.take("embeddings.word_embeddings.weight", &[c.vocab_size, h])?;
        let mut positions = self.weights.take("embeddings.position_embeddings.weight", &[c.max_position_embeddings, h])?;
        let typed = c.karuta.types.is_some() && c.type_vocab_size > 0;
        let types = if c.type_vocab_size > 0 { self.weights.take("embeddings.token_type_embeddings.weight", &[c.type_vocab_size, h])? } else { vec![0.0; h] };
        if !typed {
            // every token is of the first type
            for row in positions.chunks_mut(h) {
                row.iter_mut().zip(&types).for_each(|(p, t)| *p += t);
            }
        }
        let words = self.floats("words", &[c.vocab_size, h], words);
        let positions = self.floats("positions", &[c.max_position_embeddings, h], positions);
        let words = self.node("Gather", &[&words, IDS], vec![]);
        let positions = self.node("Gather", &[&positions, POSITIONS], vec![]);
        let mut sum = self.node("Add", &[&words, &positions], vec![]);
        if typed {
            self.graph.input.push(input(TYPES, &["rows", "length"]));
            let types = self.floats("types", &[c.type_vocab_size, h], types);
            let types = self.node("Gather", &[&types, TYPES], vec![]);
            sum = self.node("Add", &[&sum, &types], vec![]);
        }
        let mut x = self.norm(&sum, "embeddings.LayerNorm", h)?;
        let split = self.ints("split", &[0, 0, as_i64(c.num_attention_heads), as_i64(size)]);
        let join = self.ints("join", &[0, 0, as_i64(h)]);
        #[allow(clippy::cast_precision_loss, reason = "the width of a head is small")]
        let scale = 1.0 / (size as f32).sqrt();
        for i in 0..c.num_hidden_layers {
            let name = |part: &str| format!("encoder.layer.{i}.{part}");
            // one rounding of the input serves the three
            let rounded = self.rounded(&x);
            let [q, k, v] = [("query", scale, [0, 2, 1, 3]), ("key", 1.0, [0, 2, 3, 1]), ("value", 1.0, [0, 2, 1, 3])].map(|(part, scale, order)| {
                let y = self.linear(&rounded, &name(&format!("attention.self.{part}")), h, h, scale)?;
                let y = self.node("Reshape", &[&y, &split], vec![]);
                Ok::<_, String>(self.node("Transpose", &[&y], vec![numbers("perm", &order)]))
            });
            let scores = self.node("MatMul", &[&q?, &k?], vec![]);
            let shares = self.node("Softmax", &[&scores], vec![number("axis", -1)]);
            let read = self.node("MatMul", &[&shares, &v?], vec![]);
            let read = self.node("Transpose", &[&read], vec![numbers("perm", &[0, 2, 1, 3])]);
            let read = self.node("Reshape", &[&read, &join], vec![]);
            let read = self.rounded(&read);
            let out = self.linear(&read, &name("attention.output.dense"), h, h, 1.0)?;
            let sum = self.node("Add", &[&out, &x], vec![]);
            x = self.norm(&sum, &name("attention.output.LayerNorm"), h)?;
            let rounded = self.rounded(&x);
            let up = self.linear(&rounded, &name("intermediate.dense"), h, c.intermediate_size, 1.0)?;
            let up = match Activation::named(&c.hidden_act) {
                Activation::Gelu => self.node("Gelu", &[&up], vec![]),
                Activation::GeluTanh => self.node("Gelu", &[&up], vec![word("approximate", "tanh")]),
                Activation::Relu => self.node("Relu", &[&up], vec![]),
            };
            let up = self.rounded(&up);
            let down = self.linear(&up, &name("output.dense"), c.intermediate_size, h, 1.0)?;
            let sum = self.node("Add", &[&down, &x], vec![]);
            x = self.norm(&sum, &name("output.LayerNorm"), h)?;
        }
        if let Some((weight, bias)) = self.weights.take_classifier(h, c.labels().len())? {
            // the last layer is small, and what it loses by rounding is lost for good
            x = self.product(&Input::Plain(x), "classifier", h, weight, bias, 1.0);
        }
        if let Some(last) = self.graph.node.iter_mut().rev().find(|n| n.output.first() == Some(&x)) {
            last.output = vec![OUTPUT.to_owned()];
        }
        self.graph.output = vec![value(OUTPUT, DataType::FLOAT, &["rows", "length", ""])];
        Ok(())
    }

    /// A layer normalisation of `width` numbers.
    fn norm(&mut self, x: &str, name: &str, width: usize) -> Done<String> {
        let weight = self.weights.take(&format!("{name}.weight"), &[width])?;
        let bias = self.weights.take(&format!("{name}.bias"), &[width])?;
        let weight = self.floats(&format!("{name}.weight"), &[width], weight);
        let bias = self.floats(&format!("{name}.bias"), &[width], bias);
        #[allow(clippy::cast_possible_truncation, reason = "ONNX has it in 32 bits")]
        let eps = AttributeProto { name: Some("epsilon".into()), f: Some(self.eps as f32), r#type: Some(AttributeType::FLOAT), ..AttributeProto::default() };
        Ok(self.node("LayerNormalization", &[x, &weight, &bias], vec![number("axis", -1), eps]))
    }

    /// The input of a product: as it is, or rounded to 8 bits.
    fn rounded(&mut self, x: &str) -> Input {
        if !self.int8 {
            return Input::Plain(x.to_owned());
        }
        let outputs = [self.name("rounded"), self.name("scale"), self.name("zero")];
        self.graph.node.push(NodeProto { op_type: Some("DynamicQuantizeLinear".into()), input: vec![x.to_owned()], output: outputs.to_vec(), ..NodeProto::default() });
        let [data, scale, zero] = outputs;
        Input::Rounded { data, scale, zero }
    }

    /// A product with a weight of `outer × inner`, as Hugging Face has it, and the bias, all times `scale`.
    fn linear(&mut self, x: &Input, name: &str, inner: usize, outer: usize, scale: f32) -> Done<String> {
        let weight = self.weights.take(&format!("{name}.weight"), &[outer, inner])?;
        let bias = self.weights.take(&format!("{name}.bias"), &[outer])?;
        Ok(self.product(x, name, inner, weight, bias, scale))
    }

    /// As [`Self::linear`], of a weight and a bias.
    fn product(&mut self, x: &Input, name: &str, inner: usize, weight: Vec<f32>, mut bias: Vec<f32>, scale: f32) -> String {
        let outer = bias.len();
        bias.iter_mut().for_each(|b| *b *= scale);
        let y = match x {
            Input::Plain(x) => {
                let mut turned = vec![0.0; weight.len()];
                for (o, row) in weight.chunks(inner).enumerate() {
                    for (w, t) in row.iter().zip(turned.iter_mut().skip(o).step_by(outer)) {
                        *t = w * scale;
                    }
                }
                let weight = self.floats(&format!("{name}.weight"), &[inner, outer], turned);
                self.node("MatMul", &[x, &weight], vec![])
            }
            Input::Rounded { data, scale: data_scale, zero } => {
                let mut turned = vec![0u8; weight.len()];
                let mut scales = Vec::with_capacity(outer);
                for (o, row) in weight.chunks(inner).enumerate() {
                    let step = row.iter().fold(0f32, |m, w| m.max(w.abs())) / largest();
                    let step = if step > 0.0 { step } else { 1.0 };
                    scales.push(step * scale);
                    for (w, t) in row.iter().zip(turned.iter_mut().skip(o).step_by(outer)) {
                        #[allow(clippy::cast_possible_truncation, reason = "it is rounded, and within what 8 bits hold")]
                        let r = (w / step).round() as i8;
                        *t = r.to_le_bytes()[0];
                    }
                }
                let weight = self.raw(&format!("{name}.weight"), DataType::INT8, &[inner, outer], turned);
                let scales = self.floats(&format!("{name}.scales"), &[outer], scales);
                // weights are rounded around 0; it is named because rten makes one step of the four only where it is
                let around = self.raw(&format!("{name}.zero"), DataType::INT8, &[], vec![0]);
                let sum = self.node("MatMulInteger", &[data, &weight, zero, &around], vec![]);
                let sum = self.node("Cast", &[&sum], vec![number("to", 1)]);
                let scales = self.node("Mul", &[data_scale, &scales], vec![]);
                self.node("Mul", &[&sum, &scales], vec![])
            }
        };
        let bias = self.floats(&format!("{name}.bias"), &[outer], bias);
        self.node("Add", &[&y, &bias], vec![])
    }

    fn name(&mut self, of: &str) -> String {
        self.next += 1;
        format!("{of}_{}", self.next)
    }

    fn node(&mut self, op: &str, inputs: &[&str], attribute: Vec<AttributeProto>) -> String {
        let out = self.name(op);
        self.graph.node.push(NodeProto {
            name: Some(format!("n_{out}")),
            op_type: Some(op.to_owned()),
            input: inputs.iter().map(|s| (*s).to_owned()).collect(),
            output: vec![out.clone()],
            attribute,
            ..NodeProto::default()
        });
        out
    }

    fn floats(&mut self, name: &str, dims: &[usize], data: Vec<f32>) -> String {
        self.raw(name, DataType::FLOAT, dims, data.into_iter().flat_map(f32::to_le_bytes).collect())
    }

    fn ints(&mut self, name: &str, data: &[i64]) -> String {
        self.raw(name, DataType::INT64, &[data.len()], data.iter().flat_map(|d| d.to_le_bytes()).collect())
    }

    fn raw(&mut self, name: &str, kind: DataType, dims: &[usize], data: Vec<u8>) -> String {
        self.graph.initializer.push(TensorProto {
            dims: dims.iter().map(|d| as_i64(*d)).collect(),
            data_type: Some(kind),
            raw_data: Some(RefCell::new(data)),
            name: Some(name.to_owned()),
            ..TensorProto::default()
        });
        name.to_owned()
    }
}

enum Input {
    Plain(String),
    Rounded { data: String, scale: String, zero: String },
}

/// The largest weight in 8 bits. Without VNNI two products are added in 16 bits, which 7-bit weights do not overflow.
fn largest() -> f32 {
    #[cfg(target_arch = "x86_64")]
    if !std::arch::is_x86_feature_detected!("avx512vnni") && !std::arch::is_x86_feature_detected!("avxvnni") {
        return 63.0;
    }
    127.0
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn number(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), i: Some(i), r#type: Some(AttributeType::INT), ..AttributeProto::default() }
}

fn numbers(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), ints: ints.to_vec(), r#type: Some(AttributeType::INTS), ..AttributeProto::default() }
}

fn word(name: &str, s: &str) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), s: Some(s.to_owned()), r#type: Some(AttributeType::STRING), ..AttributeProto::default() }
}

fn input(name: &str, dims: &[&str]) -> ValueInfoProto {
    value(name, DataType::INT64, dims)
}

/// A value whose dimensions have names, or none.
fn value(name: &str, kind: DataType, dims: &[&str]) -> ValueInfoProto {
    let dim = |d: &&str| Dimension { dim_value: None, dim_param: Some(if d.is_empty() { format!("{name}_n") } else { (*d).to_owned() }) };
    let shape = TensorShapeProto { dim: dims.iter().map(dim).collect() };
    ValueInfoProto { name: Some(name.to_owned()), r#type: Some(TypeProto { tensor_type: Some(TypeProtoTensor { elem_type: Some(kind), shape: Some(shape) }), sequence: None }) }
}
