//! Gradients below the smallest normal f32 are set to zero (ARCHITECTURE.md, "Numbers too small"): what that changes, and what not.

use nalgebra::DMatrix;
use nn::{
    Batch, CellKind, Init, KeyedRng, LossAt, LossKind, LossSpec, Network, NetworkConfig, Parameters, Scalar, Targets,
    Unroll,
};

const LEN: usize = 200;
const BATCH: usize = 8;
const HIDDEN: usize = 16;
const LOSS: LossSpec = LossSpec { kind: LossKind::SquaredError, at: LossAt::Last };
const SMALLEST: f64 = f32::MIN_POSITIVE as f64;

/// A network of this cell as it starts, and 200 steps for it.
fn problem(cell: CellKind) -> (Network<f32>, Batch<f32>) {
    let config = NetworkConfig {
        cell,
        inputs: 2,
        hidden: HIDDEN,
        outputs: 1,
        forget_bias: 1.0,
        window: 4,
        layers: 1,
        init: Init::Uniform,
    };
    let mut rng = KeyedRng::new(0, *b"data", "vanished", [0; 8]);
    let mut numbers = |rows| DMatrix::from_fn(rows, LEN * BATCH, |_, _| rng.uniform(-1.0, 1.0) as f32);
    let (inputs, targets) = (numbers(2), Targets::Values(numbers(1)));
    (Network::seeded(&config, 0), Batch::new(inputs, targets, vec![LEN; BATCH], LEN).unwrap())
}

fn passed<S: Scalar>(network: &Network<S>, batch: &Batch<S>) -> (Unroll<S>, Parameters<S>) {
    let mut unroll = Unroll::new(network.config(), LEN, BATCH);
    let mut gradients = network.parameters().clone();
    unroll.forward(network, batch);
    unroll.loss(batch, LOSS);
    unroll.backward(network, batch, &mut gradients);
    (unroll, gradients)
}

const CELLS: [CellKind; 5] =
    [CellKind::RnnSigmoid, CellKind::RnnTanh, CellKind::Gru, CellKind::LstmCifg, CellKind::Lstm];

#[test]
fn every_norm_shown_as_more_than_zero_is_that_of_a_pass_in_f64_which_flushes_nothing() {
    for cell in CELLS {
        let (network, batch) = problem(cell);
        let (single, _) = passed(&network, &batch);
        let (double, _) = passed(&network.cast::<f64>(), &batch.cast());
        let mut zeros = 0;
        for (t, (shown, exact)) in single.grad_h_norms().into_iter().zip(double.grad_h_norms()).enumerate() {
            // A norm has BATCH · HIDDEN numbers in it, each of which may be one that was lost.
            let lost = SMALLEST * ((BATCH * HIDDEN) as f64).sqrt();
            assert!(exact > 0.0, "{cell:?}, step {t}: nothing vanishes in f64");
            if shown == 0.0 {
                zeros += 1;
                assert!(exact < lost, "{cell:?}, step {t}: {exact:e} is shown as zero");
            } else {
                let error = (shown - exact).abs();
                assert!(error < 2e-4 * exact + lost, "{cell:?}, step {t}: {shown:e} instead of {exact:e}");
            }
        }
        match cell {
            CellKind::RnnSigmoid => assert!(zeros > LEN / 2, "the test is of gradients that vanish: {zeros}"),
            CellKind::Lstm => assert_eq!(zeros, 0, "and of one that does not"),
            _ => {}
        }
    }
}

#[test]
fn no_gradient_that_goes_back_a_step_is_subnormal() {
    for cell in CELLS {
        let (network, batch) = problem(cell);
        let (unroll, gradients) = passed(&network, &batch);
        let subnormal = |values: &[f32]| values.iter().filter(|value| value.is_subnormal()).count();
        assert_eq!(subnormal(unroll.grad_z().as_slice()), 0, "{cell:?}: ∂L/∂z");
        assert_eq!(subnormal(unroll.grad_c().as_slice()), 0, "{cell:?}: ∂L/∂c");
        assert_eq!(subnormal(unroll.grad_h().as_slice()), 0, "{cell:?}: ∂L/∂h");
        assert_eq!(subnormal(gradients.values()), 0, "{cell:?}: ∂L/∂θ");
    }
}

/// A ReLU RNN that doubles its state every step, over 120 steps: the gradient grows to 2¹¹⁹, which times the factor by which
/// gradients are raised on their way back is no f32.
#[test]
fn a_gradient_near_the_end_of_f32_is_that_of_a_pass_in_f64() {
    let len = 120;
    let config = NetworkConfig {
        cell: CellKind::RnnRelu,
        inputs: 1,
        hidden: 2,
        outputs: 1,
        forget_bias: 1.0,
        window: 4,
        layers: 1,
        init: Init::Uniform,
    };
    let mut network = Network::<f32>::seeded(&config, 0);
    for (name, values) in [("w_ih", &[1.0, 0.5][..]), ("w_hh", &[2.0, 0.0, 0.0, 2.0]), ("w_out", &[1.0, -0.5])] {
        network.parameters_mut().slice_mut(name).copy_from_slice(values);
    }
    let inputs = DMatrix::from_fn(1, len, |_, t| if t == 0 { 2.0_f32.powi(-119) } else { 0.0 });
    let targets = Targets::Values(DMatrix::from_element(1, len, 3.0));
    let batch = Batch::new(inputs, targets, vec![len], len).unwrap();
    fn passed<S: Scalar>(network: &Network<S>, batch: &Batch<S>) -> (Vec<f64>, Vec<f64>) {
        let mut unroll = Unroll::new(network.config(), batch.len(), 1);
        let mut gradients = network.parameters().clone();
        unroll.forward(network, batch);
        unroll.loss(batch, LOSS);
        unroll.backward(network, batch, &mut gradients);
        (unroll.grad_h_norms(), gradients.values().iter().map(|value| value.to_f64()).collect())
    }
    let (norms, gradients) = passed(&network, &batch);
    let (exact_norms, exact_gradients) = passed(&network.cast::<f64>(), &batch.cast());
    assert!(exact_norms[0] > 1e35 && exact_norms[0] < f64::from(f32::MAX), "{:e}", exact_norms[0]);
    let pairs = norms.iter().chain(&gradients).zip(exact_norms.iter().chain(&exact_gradients));
    for (actual, expected) in pairs {
        assert!((actual - expected).abs() <= 1e-5 * expected.abs(), "{actual:e} instead of {expected:e}");
    }
}
