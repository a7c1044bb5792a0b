//! Initial weights.

use crate::KeyedRng;
use crate::NetworkConfig;
use crate::Parameters;
use crate::Scalar;
use crate::table::kinds;

/// The distribution of the weights before training. Biases are 0, except the forget gate's.
///
/// A cell's matrices are stacks of one block per gate; U below is each gate's block `[H × H]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Init {
    /// All uniform in ±1/√H, PyTorch's choice for its recurrent modules.
    #[default]
    Uniform,
    /// Each block uniform in ±√(6/(rows + columns)) (Glorot & Bengio 2010), which keeps variances similar from layer to layer.
    Xavier,
    /// U orthogonal, uniform among all such matrices (Saxe, McClelland & Ganguli 2014), so that U changes no vector's length.
    /// All else as in [`Self::Xavier`].
    Orthogonal,
    /// U the identity (Le, Jaitly & Hinton 2015), so that a ReLU network at first keeps its state. All else as in
    /// [`Self::Uniform`].
    Identity,
}

impl Init {
    /// Every initialisation with its code in links, in the order in which they are offered.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Uniform, "uniform"),
        (Self::Xavier, "xavier"),
        (Self::Orthogonal, "orthogonal"),
        (Self::Identity, "identity"),
    ];

    /// The code in links.
    #[must_use]
    pub const fn code(self) -> &'static str {
        // Checks when compiling that each is at its own index.
        const { kinds!(Self::ALL, 0) };
        Self::ALL[self as usize].1
    }

    /// The initialisation with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == code).map(|(init, _)| init)
    }
}

/// Draws weights as [`NetworkConfig::init`] says, biases 0, and the forget gate's bias at [`NetworkConfig::forget_bias`] (Gers,
/// Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015 advise 1).
///
/// Each block has its own random stream, keyed by seed, lane code, layer and block name: another lane or another block
/// changes no number here. Numbers are drawn in f64, so that f32 and f64 networks of a seed agree up to rounding.
pub(super) fn initial<S: Scalar>(config: &NetworkConfig, seed: u32) -> Parameters<S> {
    let mut parameters = Parameters::zeros(config);
    let units = config.hidden;
    let per_root = 1.0 / (units as f64).sqrt();
    let forget = config.cell.biased_gate();
    for block in parameters.blocks().to_vec() {
        if block.is_empty() {
            continue;
        }
        let values = &mut parameters.values_mut()[block.range()];
        if block.is_bias() {
            if let Some(forget) = forget.filter(|_| block.name == "b") {
                values[forget * units..(forget + 1) * units].fill(S::from_f64(config.forget_bias));
            }
            continue;
        }
        // Names have at most seven letters: the eighth byte is the layer, 0 for the first.
        let mut index = KeyedRng::index_of_name(block.name);
        index[7] = block.layer as u8;
        let mut random = KeyedRng::new(seed, *b"init", config.code(), index);
        let per_gate = if block.name == "w_out" { block.rows } else { units };
        let limit = match config.init {
            Init::Xavier | Init::Orthogonal if block.cols > 1 || block.name.starts_with("w_") => {
                (6.0 / (per_gate + block.cols) as f64).sqrt()
            }
            _ => per_root,
        };
        match config.init {
            Init::Orthogonal if block.name == "w_hh" => {
                for gate in 0..block.rows / units {
                    for (col, column) in orthogonal(units, &mut random).chunks_exact(units).enumerate() {
                        for (row, &value) in column.iter().enumerate() {
                            values[col * block.rows + gate * units + row] = S::from_f64(value);
                        }
                    }
                }
            }
            Init::Identity if block.name == "w_hh" => {
                for (col, column) in values.chunks_exact_mut(block.rows).enumerate() {
                    column.iter_mut().skip(col).step_by(units).for_each(|value| *value = S::ONE);
                }
            }
            _ => values.iter_mut().for_each(|value| *value = S::from_f64(random.uniform(-limit, limit))),
        }
    }
    parameters
}

/// Draws an orthogonal matrix `[n × n]`, column-major: columns of normal numbers, made orthonormal one after the other
/// (Gram–Schmidt, twice because of rounding). So every orthogonal matrix is equally likely.
fn orthogonal(n: usize, random: &mut KeyedRng) -> Vec<f64> {
    let mut matrix: Vec<f64> = (0..n * n).map(|_| random.normal()).collect();
    for col in 0..n {
        let (before, rest) = matrix.split_at_mut(col * n);
        let column = &mut rest[..n];
        for other in before.chunks_exact(n).chain(before.chunks_exact(n)) {
            let along: f64 = column.iter().zip(other).map(|(a, b)| a * b).sum();
            column.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let norm = column.iter().map(|a| a * a).sum::<f64>().sqrt();
        column.iter_mut().for_each(|a| *a /= norm);
    }
    matrix
}
