//! The encoder against the same in 64 bits, a number at a time.

use super::*;

/// Numbers between -0.5 and 0.5, the same each time.
struct Some(u32);

impl Some {
    fn number(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(self.0) / f64::from(u32::MAX) - 0.5) as f32
    }

    fn numbers(&mut self, n: usize, times: f32) -> Vec<f32> {
        std::iter::repeat_with(|| self.number() * times).take(n).collect()
    }

    fn norm(&mut self, n: usize) -> Norm {
        Norm { weight: self.numbers(n, 0.4).iter().map(|w| w + 1.0).collect(), bias: self.numbers(n, 0.2) }
    }
}

/// A weight and its bias.
struct Own(Vec<f32>, Vec<f32>);

impl Own {
    fn new(some: &mut Some, inner: usize, outer: usize) -> Self {
        Self(some.numbers(inner * outer, 3.0 / (inner as f32).sqrt()), some.numbers(outer, 0.2))
    }

    fn dense(&self) -> Dense<'_> {
        Dense { weight: &self.0, bias: &self.1 }
    }

    fn of(&self, x: &[f64]) -> Vec<f64> {
        self.1.iter().zip(self.0.chunks(x.len())).map(|(b, w)| f64::from(*b) + w.iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum::<f64>()).collect()
    }
}

struct Model {
    shape: Shape,
    embeddings: Embeddings,
    /// Query, key, value, read, up, down, and two norms.
    layers: Vec<([Own; 6], [Norm; 2])>,
    classifier: Own,
}

impl Model {
    fn new(hidden: usize, heads: usize, inner: usize, layers: usize, labels: usize, activation: Activation) -> Self {
        let mut s = Some(7);
        let layer = |s: &mut Some| {
            let own = [(hidden, hidden), (hidden, hidden), (hidden, hidden), (hidden, hidden), (hidden, inner), (inner, hidden)].map(|(i, o)| Own::new(s, i, o));
            (own, [s.norm(hidden), s.norm(hidden)])
        };
        let layers = (0..layers).map(|_| layer(&mut s)).collect();
        let embeddings = Embeddings { words: s.numbers(50 * hidden, 1.0), positions: s.numbers(300 * hidden, 1.0), types: s.numbers(3 * hidden, 1.0), norm: s.norm(hidden) };
        let classifier = Own::new(&mut s, hidden, labels);
        Self { shape: Shape { hidden, heads, inner, activation, eps: 1e-12, numbers: Numbers::Bytes }, embeddings, layers, classifier }
    }

    fn encoder(&self, cpu: Box<dyn Cpu>, numbers: Numbers, is_classified: bool) -> Encoder {
        let mut encoder = Encoder::on(cpu, Shape { numbers, ..self.shape }, self.embeddings.clone()).unwrap();
        for ([q, k, v, read, up, down], [a, b]) in &self.layers {
            let asked = [q.dense(), k.dense(), v.dense()];
            let layer = LayerWeights { asked, read: read.dense(), read_norm: a.clone(), up: up.dense(), down: down.dense(), norm: b.clone() };
            encoder = encoder.with_layer(&layer).unwrap();
        }
        if is_classified { encoder.with_classifier(self.classifier.dense()).unwrap() } else { encoder }
    }

    /// The last hidden state and the logits.
    fn expected(&self, tokens: &[u32], types: &[u32]) -> (Vec<f64>, Vec<f64>) {
        let (h, e) = (self.shape.hidden, &self.embeddings);
        let row = |of: &[f32], n: usize| of[n * h..(n + 1) * h].iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<f64>>();
        let mut x: Vec<Vec<f64>> = tokens
            .iter()
            .enumerate()
            .map(|(i, t)| normal(&sum(&sum(&row(&e.words, *t as usize), &row(&e.positions, i)), &row(&e.types, types.get(i).map_or(0, |t| *t as usize))), &e.norm))
            .collect();
        let size = h / self.shape.heads;
        for ([q, k, v, read, up, down], [a, b]) in &self.layers {
            let [q, k, v] = [q, k, v].map(|w| x.iter().map(|x| w.of(x)).collect::<Vec<_>>());
            x = x
                .iter()
                .enumerate()
                .map(|(i, x)| {
                    let mut seen = vec![0.0; h];
                    for head in 0..self.shape.heads {
                        let at = head * size..(head + 1) * size;
                        let scores: Vec<f64> = k.iter().map(|k| q[i][at.clone()].iter().zip(&k[at.clone()]).map(|(q, k)| q * k).sum::<f64>() / (size as f64).sqrt()).collect();
                        let most = scores.iter().copied().fold(f64::MIN, f64::max);
                        let shares: Vec<f64> = scores.iter().map(|s| (s - most).exp()).collect();
                        let whole: f64 = shares.iter().sum();
                        for (share, v) in shares.iter().zip(&v) {
                            seen[at.clone()].iter_mut().zip(&v[at.clone()]).for_each(|(s, v)| *s += share / whole * v);
                        }
                    }
                    let x = normal(&sum(&read.of(&seen), x), a);
                    let grown: Vec<f64> = up.of(&x).iter().map(|x| self.activate(*x)).collect();
                    normal(&sum(&down.of(&grown), &x), b)
                })
                .collect();
        }
        let logits = x.iter().flat_map(|x| self.classifier.of(x)).collect();
        (x.concat(), logits)
    }

    fn activate(&self, x: f64) -> f64 {
        let tanh = 0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh());
        match self.shape.activation {
            Activation::Relu => x.max(0.0),
            // the two differ by less than 5e-4
            _ => tanh,
        }
    }
}

fn normal(x: &[f64], norm: &Norm) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let spread = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    x.iter().zip(&norm.weight).zip(&norm.bias).map(|((x, w), b)| (x - mean) / spread * f64::from(*w) + f64::from(*b)).collect()
}

fn cpus() -> Vec<Box<dyn Cpu>> {
    #[cfg(target_arch = "x86_64")]
    {
        cpu::x86::all()
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        Vec::new()
    }
}

fn run(e: &Encoder, tokens: &[u32], types: &[u32]) -> Result<Vec<f32>, Error> {
    e.run(&[Sequence { tokens, types }])
}

fn ids(n: usize) -> (Vec<u32>, Vec<u32>) {
    ((0..n).map(|i| (i * i * 7 % 50) as u32).collect(), (0..n).map(|i| (i / 3 % 3) as u32).collect())
}

/// How far off the numbers are, as a share of their spread.
fn far(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let square = |x: f64| x * x;
    (found.iter().zip(expected).map(|(f, e)| square(f64::from(*f) - e)).sum::<f64>() / expected.iter().map(|e| square(*e)).sum::<f64>()).sqrt()
}

#[test]
fn numbers_are_those_of_the_same_in_64_bits() {
    let shapes = [(32, 2, 48, 2, 5, Activation::Gelu), (64, 1, 256, 1, 33, Activation::Relu), (128, 4, 512, 3, 33, Activation::Gelu), (96, 2, 80, 2, 1, Activation::GeluTanh)];
    for (hidden, heads, inner, layers, labels, activation) in shapes {
        let model = Model::new(hidden, heads, inner, layers, labels, activation);
        for n in [1, 2, 7, 8, 9, 33, 130] {
            let (tokens, types) = ids(n);
            let (state, logits) = model.expected(&tokens, &types);
            for (full, bare, numbers) in
                cpus().into_iter().zip(cpus()).map(|(a, b)| (a, b, Numbers::Bytes)).chain(cpus().into_iter().zip(cpus()).map(|(a, b)| (a, b, Numbers::Floats)))
            {
                let name = full.name();
                let bar = match (numbers, activation) {
                    // what is expected is GELU by tanh
                    (Numbers::Floats, Activation::Gelu) => 1e-3,
                    (Numbers::Floats, _) => 1e-5,
                    // 7-bit weights are twice as coarse
                    _ if name == "AVX2" => 0.06,
                    _ => 0.03,
                };
                let (full, bare) = (model.encoder(full, numbers, true), model.encoder(bare, numbers, false));
                assert_eq!((full.width(), bare.width()), (labels, hidden));
                for (kind, found, expected) in [("logits", run(&full, &tokens, &types), &logits), ("state", run(&bare, &tokens, &types), &state)] {
                    let off = far(&found.unwrap(), expected);
                    assert!(off < bar, "{name}, {numbers:?}, {hidden} wide, {activation:?}, {n} tokens: the {kind} are {off:.2e} off");
                }
            }
        }
    }
}

#[test]
fn a_sequence_gives_the_same_whatever_ran_before_and_on_however_many_threads() {
    let model = Model::new(128, 4, 512, 2, 33, Activation::Gelu);
    for (cpu, numbers) in cpus().into_iter().map(|c| (c, Numbers::Bytes)).chain(cpus().into_iter().map(|c| (c, Numbers::Floats))) {
        let encoder = model.encoder(cpu, numbers, true);
        let (tokens, types) = ids(250);
        let bits = |n: usize| run(&encoder, &tokens[..n], &types[..n]).unwrap().into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let alone = [250, 9, 100].map(bits);
        for threads in [1, 2, 3, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                for _ in 0..3 {
                    assert_eq!([100, 250, 9].map(bits), [alone[2].clone(), alone[0].clone(), alone[1].clone()], "{threads} threads");
                }
                // beside one another, some of them empty
                let lengths = [9, 250, 0, 100, 1, 8];
                let some: Vec<Sequence<'_>> = lengths.iter().map(|n| Sequence { tokens: &tokens[..*n], types: &types[..*n] }).collect();
                let together: Vec<u32> = encoder.run(&some).unwrap().into_iter().map(f32::to_bits).collect();
                assert_eq!(together, lengths.into_iter().flat_map(bits).collect::<Vec<_>>(), "{threads} threads");
                (0..40).into_par_iter().for_each(|i| assert_eq!(bits([250, 9, 100][i % 3]), alone[i % 3]));
            });
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let model = Model::new(32, 2, 48, 1, 5, Activation::Gelu);
    for cpu in cpus() {
        let encoder = model.encoder(cpu, Numbers::Bytes, true);
        assert_eq!(run(&encoder, &[], &[]).unwrap(), Vec::<f32>::new());
        assert_eq!(run(&encoder, &[50], &[]), Err(Error::Token("token", 50)));
        assert_eq!(run(&encoder, &[u32::MAX], &[]), Err(Error::Token("token", u32::MAX as usize)));
        assert_eq!(run(&encoder, &[1], &[3]), Err(Error::Token("type", 3)));
        assert_eq!(run(&encoder, &vec![1; 301], &[]), Err(Error::Token("position", 300)));
    }
    let shape = |hidden, heads, inner| Shape { hidden, heads, inner, activation: Activation::Gelu, eps: 0.0, numbers: Numbers::Bytes };
    let new = |shape, embeddings| cpus().into_iter().next().map(|c| Encoder::on(c, shape, embeddings).unwrap_err());
    for (shape, what) in
        [(shape(24, 1, 16), "the width"), (shape(32, 4, 16), "the width of a head"), (shape(32, 0, 16), "the width of a head"), (shape(32, 2, 0), "the inner width")]
    {
        assert!(new(shape, model.embeddings.clone()).is_none_or(|e| e == Error::Size(what)));
    }
    let few = Embeddings { positions: vec![0.0; 33], ..model.embeddings.clone() };
    assert!(new(shape(32, 2, 16), few).is_none_or(|e| e == Error::Weight("the positions", 33, 64)));
}

#[test]
fn weights_that_are_no_numbers_give_some() {
    let mut model = Model::new(32, 2, 48, 1, 5, Activation::Gelu);
    model.layers[0].0[0].0[3] = f32::NAN;
    model.layers[0].0[1].0[4] = f32::INFINITY;
    model.layers[0].1[0].weight[0] = f32::NAN;
    model.embeddings.words[0] = f32::INFINITY;
    for cpu in cpus() {
        assert_eq!(run(&model.encoder(cpu, Numbers::Bytes, true), &[0, 1, 2], &[]).unwrap().len(), 15);
    }
}
