//! Properties of every network, for any weights.

use std::collections::BTreeSet;
use test_utils::networks::{config, every, example_batch, shaken};

use nalgebra::{DMatrix, DMatrixView};
use nn::{
    Batch, BatchError, CellKind, Gate, KeyedRng, LossAt, LossKind, LossSpec, Network, NetworkConfig, NetworkError,
    Optimizer, OptimizerKind, OptimizerSettings, Parameters, Probe, Scalar, TargetSlots, Targets, Truncation, Unroll,
    clip_global_norm, largest_singular_value, product, softmax,
};

const LOSSES: [LossSpec; 4] = [
    LossSpec { kind: LossKind::SquaredError, at: LossAt::Last },
    LossSpec { kind: LossKind::SquaredError, at: LossAt::Every },
    LossSpec { kind: LossKind::CrossEntropy, at: LossAt::Last },
    LossSpec { kind: LossKind::CrossEntropy, at: LossAt::Every },
];

/// A pass over a batch, with everything it left behind.
fn pass<S: Scalar>(network: &Network<S>, batch: &Batch<S>, loss: LossSpec) -> (Unroll<S>, Parameters<S>, f64) {
    let mut unroll = Unroll::new(network.config(), batch.len(), batch.batch());
    let mut gradients = Parameters::zeros(network.config());
    unroll.forward(network, batch);
    let value = unroll.loss(batch, loss);
    unroll.backward(network, batch, &mut gradients);
    (unroll, gradients, value)
}

fn all_zero(matrix: DMatrixView<'_, f64>) -> bool {
    matrix.iter().all(|&value| value == 0.0)
}

fn column<S: Scalar>(matrix: &DMatrixView<'_, S>, index: usize) -> Vec<S> {
    matrix.column(index).iter().copied().collect()
}

#[test]
fn steps_beyond_a_sequence_have_no_loss_and_pass_no_gradient() {
    for config in every(2, 6, 3) {
        let cell = config.cell;
        for loss in LOSSES {
            let lengths = [5, 1, 3, 8, 2, 7];
            let batch = example_batch(&config, loss.kind, lengths.to_vec(), 8);
            let (unroll, ..) = pass(&shaken(&Network::seeded(&config, 1)), &batch, loss);
            for (b, &length) in lengths.iter().enumerate() {
                for t in 0..8 {
                    let at = t * lengths.len() + b;
                    let what = format!("{} {loss:?} sequence {b} step {t}", config.code());
                    let scored = unroll.loss_per_step()[at] != 0.0;
                    assert_eq!(scored, loss.counts(t, length), "{what}");
                    let grads = [unroll.grad_h(), unroll.grad_c(), unroll.grad_z(), unroll.grad_output().into_owned()];
                    if t >= length {
                        assert!(grads.iter().all(|grad| all_zero(grad.columns(at, 1).as_view())), "{what}");
                    } else if cell != CellKind::RnnRelu && (cell.is_recurrent() || scored) {
                        assert!(!all_zero(grads[0].columns(at, 1).as_view()), "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_stands_beyond_a_sequence_changes_no_gradient() {
    for config in every(2, 6, 3) {
        for loss in LOSSES {
            let network = shaken(&Network::seeded(&config, 1));
            let mut batch = example_batch(&config, loss.kind, vec![5, 3], 8);
            let (_, before, loss_before) = pass(&network, &batch, loss);
            let beyond = |column: usize| column / 2 >= [5, 3][column % 2];
            batch
                .refill(|slots| {
                    for (column, inputs) in slots.inputs.chunks_exact_mut(2).enumerate() {
                        if beyond(column) {
                            inputs.fill(1e6);
                        }
                    }
                    match slots.targets {
                        TargetSlots::Classes(classes) => {
                            (0..classes.len()).filter(|&column| beyond(column)).for_each(|column| classes[column] = 2);
                        }
                        TargetSlots::Values(values) => {
                            for (column, values) in values.chunks_exact_mut(3).enumerate() {
                                if beyond(column) {
                                    values.fill(1e6);
                                }
                            }
                        }
                    }
                })
                .unwrap();
            let (_, after, loss_after) = pass(&network, &batch, loss);
            assert_eq!((before, loss_before), (after, loss_after), "{} {loss:?}", config.code());
        }
    }
}

#[test]
fn a_sequence_alone_sees_what_it_sees_in_a_batch() {
    for config in every(2, 9, 3) {
        let cell = config.cell;
        for loss in LOSSES {
            let network = shaken(&Network::seeded(&config, 4));
            let batch = example_batch(&config, loss.kind, vec![7; 6], 7);
            let (together, ..) = pass(&network, &batch, loss);
            let mut sum = 0.0;
            for b in 0..6 {
                let columns: Vec<usize> = (0..7).map(|t| t * 6 + b).collect();
                let inputs = batch.inputs().select_columns(&columns);
                let targets = match batch.targets() {
                    Targets::Classes(classes) => Targets::Classes(columns.iter().map(|&at| classes[at]).collect()),
                    Targets::Values(values) => Targets::Values(values.select_columns(&columns)),
                };
                let alone = Batch::new(inputs, targets, vec![7], 7).unwrap();
                let trace = Probe::new(&config, 7, loss).trace(&network, &alone);
                sum += trace.loss / 6.0;
                for (t, &at) in columns.iter().enumerate() {
                    let close = |alone: &[f64], together: DMatrixView<'_, f64>, factor: f64| {
                        let (alone, together) = (&alone[t * together.nrows()..], column(&together, at));
                        together.iter().zip(alone).all(|(a, b)| (a * factor - b).abs() < 1e-12)
                    };
                    assert!(close(&trace.h, together.h(), 1.0), "{} h", config.code());
                    assert!(close(&trace.output, together.output(), 1.0), "{} output", config.code());
                    // The batch's loss is a mean over 6 sequences.
                    assert!(close(&trace.grad_h, together.grad_h().as_view(), 6.0), "{} grad_h", config.code());
                    if cell.has_cell_state() {
                        assert!(close(&trace.c, together.c(), 1.0), "{} c", config.code());
                        assert!(close(&trace.grad_c, together.grad_c().as_view(), 6.0), "{} grad_c", config.code());
                    }
                }
            }
            let (.., mean) = pass(&network, &batch, loss);
            assert!((sum - mean).abs() < 1e-12, "{} {loss:?}: {sum} {mean}", config.code());
        }
    }
}

#[test]
fn an_unrolled_network_can_be_used_again_and_gives_the_same_bits() {
    for config in every(3, 8, 3) {
        let network: Network<f32> = shaken(&Network::seeded(&config, 4)).cast();
        let loss = LOSSES[3];
        let batch: Batch<f32> = example_batch(&config, loss.kind, vec![9, 4, 6, 9, 9, 2, 9], 9).cast();
        let (mut unroll, first, loss_first) = pass(&network, &batch, loss);
        let mut again = first.clone();
        again.values_mut().fill(f32::NAN);
        // Another pass in between, over the same sequences in full length.
        let mut other = batch.clone();
        other.refill(|slots| slots.lengths.fill(9)).unwrap();
        unroll.forward(&network, &other);
        unroll.loss(&other, LOSSES[3]);
        unroll.backward(&network, &other, &mut again);
        assert_ne!(first, again);
        unroll.forward(&network, &batch);
        assert_eq!(unroll.loss(&batch, loss), loss_first);
        unroll.backward(&network, &batch, &mut again);
        assert_eq!(first, again, "{}", config.code());
    }
}

#[test]
fn one_step_back_stretches_an_rnn_gradient_at_most_by_slope_times_sigma_max() {
    for cell in [CellKind::RnnSigmoid, CellKind::RnnTanh, CellKind::RnnRelu] {
        let config = config(cell, 2, 12, 1);
        let network = shaken(&Network::seeded(&config, 2));
        let batch = example_batch(&config, LossKind::SquaredError, vec![20], 20);
        let trace = Probe::new(&config, 20, LOSSES[0]).trace(&network, &batch);
        let sigma = trace.sigma_max.unwrap();
        for t in 1..20 {
            let slopes = &trace.gates[0].values[t * 12..(t + 1) * 12];
            let steepest = slopes.iter().fold(0.0_f64, |steepest, &slope| steepest.max(slope));
            let bound = steepest * sigma * trace.grad_h_norms[t];
            assert!(trace.grad_h_norms[t - 1] <= bound * (1.0 + 1e-12), "{} step {t}", cell.code());
            if cell == CellKind::RnnSigmoid {
                assert!(steepest <= 0.25, "a sigmoid is nowhere steeper than 1/4");
            }
        }
    }
}

#[test]
fn a_trace_names_its_gates_and_has_a_number_for_every_step_and_unit() {
    for cell in CellKind::ALL {
        let config = config(cell, 2, 4, 3);
        let network = Network::<f64>::seeded(&config, 2);
        let batch = example_batch(&config, LossKind::CrossEntropy, vec![5], 6);
        let trace = Probe::new(&config, 6, LOSSES[3]).trace(&network, &batch);
        let lstm = cell.has_cell_state();
        let gates = match cell {
            _ if lstm => Some(vec!["i", "f", "g", "o"]),
            CellKind::Gru => Some(vec!["r", "z", "n"]),
            _ => None,
        };
        let names = |series: &[nn::GateSeries<f64>]| {
            assert!(series.iter().all(|series| series.values.len() == 6 * 4));
            series.iter().map(|series| series.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&trace.z), gates.clone().unwrap_or(vec!["z"]));
        assert_eq!(names(&trace.grad_z), names(&trace.z));
        assert_eq!(names(&trace.gates), gates.clone().unwrap_or(vec!["dphi"]));
        assert_eq!((trace.h.len(), trace.grad_h.len(), trace.grad_h_norms.len()), (24, 24, 6));
        let cells = if lstm { (24, 24, 6) } else { (0, 0, 0) };
        assert_eq!((trace.c.len(), trace.grad_c.len(), trace.grad_c_norms.len()), cells);
        assert_eq!((trace.output.len(), trace.answer.len()), (18, 18));
        assert_eq!(trace.sigma_max.is_some(), gates.is_none() && cell.is_recurrent());
        assert_eq!(trace.grad_x_norms.len(), if cell.is_recurrent() { 0 } else { 6 });
        for probabilities in trace.answer.chunks(3) {
            assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn a_trace_says_that_weights_are_no_numbers_instead_of_hanging() {
    let config = config(CellKind::RnnTanh, 2, 12, 1);
    let mut network = Network::<f32>::seeded(&config, 2);
    network.parameters_mut().values_mut().fill(f32::NAN);
    let batch = example_batch(&config, LossKind::SquaredError, vec![5], 5).cast();
    let trace = Probe::new(&config, 5, LOSSES[0]).trace(&network, &batch);
    assert!(trace.loss.is_nan() && trace.sigma_max.is_none());
}

#[test]
fn another_lane_or_another_width_changes_no_initial_weight() {
    let lstm = Network::<f64>::seeded(&config(CellKind::Lstm, 2, 6, 1), 7);
    // Networks made in between and more inputs: w_hh and w_out have streams of their own.
    for cell in CellKind::ALL {
        let _ = Network::<f64>::seeded(&config(cell, 2, 6, 1), 7);
    }
    let wider = Network::<f64>::seeded(&config(CellKind::Lstm, 9, 6, 1), 7);
    for name in ["w_hh", "w_out", "b", "b_out"] {
        assert_eq!(lstm.parameters().slice(name), wider.parameters().slice(name), "{name}");
    }
    let tanh = Network::<f64>::seeded(&config(CellKind::RnnTanh, 2, 6, 1), 7);
    let sigmoid = Network::<f64>::seeded(&config(CellKind::RnnSigmoid, 2, 6, 1), 7);
    assert_ne!(tanh.parameters(), sigmoid.parameters(), "each lane code has weights of its own");
    let next = Network::<f64>::seeded(&config(CellKind::Lstm, 2, 6, 1), 8);
    assert_ne!(lstm.parameters(), next.parameters(), "so has each seed");
    let half: Network<f32> = Network::seeded(&config(CellKind::Lstm, 2, 6, 1), 7);
    assert_eq!(half, lstm.cast(), "f32 and f64 hold the same numbers up to rounding");
}

#[test]
fn initial_weights_are_uniform_within_one_over_root_h_and_biases_are_zero_but_the_forget_gates() {
    let config = NetworkConfig { forget_bias: 2.5, ..config(CellKind::Lstm, 4, 64, 4) };
    let network = Network::<f64>::seeded(&config, 1);
    for name in ["w_ih", "w_hh", "w_out"] {
        let values = network.parameters().slice(name);
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!((0.12..=0.125).contains(&largest) && mean.abs() < 0.02, "{name}: {largest} {mean}");
    }
    let bias = network.parameters().slice("b");
    assert!(bias[64..128].iter().all(|&bias| bias == 2.5));
    assert!(bias[..64].iter().chain(&bias[128..]).all(|&bias| bias == 0.0));
    assert!(network.parameters().slice("b_out").iter().all(|&bias| bias == 0.0));
    assert_eq!(network.parameter_count(), 4 * 64 * (4 + 64 + 1) + 4 * (64 + 1));
}

#[test]
fn weights_of_another_network_are_refused() {
    let (four, five) = (config(CellKind::Lstm, 2, 4, 1), config(CellKind::Lstm, 2, 5, 1));
    let weights = Parameters::<f64>::zeros(&four);
    assert!(Network::with_parameters(&four, weights.clone()).is_ok());
    assert!(matches!(Network::with_parameters(&five, weights), Err(NetworkError::Parameters { .. })));
    let none = config(CellKind::Lstm, 2, 0, 1);
    assert!(matches!(
        Network::with_parameters(&none, Parameters::<f64>::zeros(&none)),
        Err(NetworkError::Empty { .. })
    ));
}

#[test]
fn codes_and_kinds_name_each_other() {
    for kind in CellKind::ALL {
        assert_eq!(CellKind::from_code(kind.code()), Some(kind));
    }
    for kind in OptimizerKind::ALL {
        assert_eq!(OptimizerKind::from_code(kind.code()), Some(kind));
    }
    let codes = CellKind::ALL.map(CellKind::code).join(" ");
    let variants = "lstm-nfg lstm-nig lstm-nog lstm-niaf lstm-noaf lstm-cifg lstm-peephole lstm-fgr";
    assert_eq!(codes, format!("rnn-sigmoid rnn-tanh rnn-relu lstm gru window {variants}"));
    assert_eq!(OptimizerKind::ALL.map(OptimizerKind::code), ["sgd", "momentum", "rmsprop", "adam", "adamw"]);
    assert_eq!((CellKind::from_code("mlp"), OptimizerKind::from_code("Adam")), (None, None));
    assert_eq!(CellKind::Lstm.gates(), [Gate::Input, Gate::Forget, Gate::Candidate, Gate::Output]);
}

#[test]
fn a_batch_that_is_none_is_refused() {
    let make = |columns: usize, targets: usize, lengths: Vec<usize>, len| {
        let inputs = DMatrix::<f32>::zeros(2, columns);
        Batch::new(inputs, Targets::Classes(vec![0; targets]), lengths, len).err()
    };
    assert_eq!(make(6, 6, vec![3, 2], 3), None);
    assert_eq!(make(0, 0, vec![], 3), Some(BatchError::Empty { len: 3, batch: 0 }));
    assert_eq!(make(0, 0, vec![0], 0), Some(BatchError::Empty { len: 0, batch: 1 }));
    assert_eq!(make(0, 0, vec![1, 1], usize::MAX), Some(BatchError::Empty { len: usize::MAX, batch: 2 }));
    assert_eq!(make(5, 6, vec![3, 2], 3), Some(BatchError::Inputs { expected: 6, found: 5 }));
    assert_eq!(make(6, 5, vec![3, 2], 3), Some(BatchError::Targets { expected: 6, found: 5 }));
    assert_eq!(make(6, 6, vec![3, 4], 3), Some(BatchError::Length { sequence: 1, found: 4, len: 3 }));
    assert_eq!(make(6, 6, vec![0, 3], 3), Some(BatchError::Length { sequence: 0, found: 0, len: 3 }));

    let mut batch = Batch::new(DMatrix::<f32>::zeros(2, 6), Targets::Classes(vec![1; 6]), vec![3, 2], 3).unwrap();
    let error = batch.refill(|slots| slots.inputs[5] = f32::NAN);
    assert_eq!(error, Err(BatchError::NotFinite { what: "input", step: 1, sequence: 0 }));
    assert_eq!(batch.lengths(), [3, 3], "what is left is a batch all the same");
    assert!(batch.inputs().iter().all(|&value| value == 0.0));

    let spec = LOSSES[3];
    let mut batch = Batch::new(DMatrix::<f32>::zeros(2, 6), Targets::Classes(vec![1; 6]), vec![3, 2], 3).unwrap();
    assert_eq!(batch.check_fits(&config(CellKind::Lstm, 2, 4, 2), spec), Ok(()));
    assert!(batch.check_fits(&config(CellKind::Lstm, 3, 4, 2), spec).is_err());
    assert!(batch.check_fits(&config(CellKind::Lstm, 2, 4, 2), LOSSES[0]).is_err());
    batch
        .refill(|slots| {
            if let TargetSlots::Classes(classes) = slots.targets {
                classes[4] = 2;
            }
        })
        .unwrap();
    let error = BatchError::Class { step: 2, sequence: 0, class: 2, outputs: 2 };
    assert_eq!(batch.check_fits(&config(CellKind::Lstm, 2, 4, 2), spec), Err(error));
}

#[test]
fn clipping_scales_all_gradients_to_the_norm_and_tells_the_norm_before() {
    let mut gradients = [3.0_f64, -4.0];
    assert_eq!(clip_global_norm(&mut gradients, 0.0), 5.0);
    assert_eq!(clip_global_norm(&mut gradients, 5.1), 5.0);
    assert_eq!(gradients, [3.0, -4.0], "off, and under the limit, nothing changes");
    assert_eq!(clip_global_norm(&mut gradients, 1.0), 5.0);
    // torch.nn.utils.clip_grad_norm_: factor 1 / (5 + 1e-6)
    assert!((gradients[0] - 3.0 / 5.000_001).abs() < 1e-15 && (gradients[1] + 4.0 / 5.000_001).abs() < 1e-15);
    let mut tiny = [1e-30_f32; 4];
    assert!((clip_global_norm(&mut tiny, 1.0) / 2e-30 - 1.0).abs() < 1e-6);
    let mut broken = [1.0, f32::NAN];
    assert!(clip_global_norm(&mut broken, 1.0).is_nan() && broken[0].is_nan());
}

#[test]
fn each_optimiser_makes_the_updates_of_its_equations() {
    let gradients = [0.5_f64, -2.0, 0.0];
    let after = |kind, updates| {
        let (mut weights, mut optimizer) = ([1.0; 3], Optimizer::new(kind, 0.1, 3));
        (0..updates).for_each(|_| optimizer.step(&mut weights, &gradients));
        weights
    };
    let close = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(close(after(OptimizerKind::Sgd, 2), [0.9, 1.4, 1.0]));
    // velocity g, then 1.9 g
    assert!(close(after(OptimizerKind::Momentum, 2), [1.0 - 0.05 * 2.9, 1.0 + 0.2 * 2.9, 1.0]));
    // With a constant gradient Adam moves by the learning rate, whatever the gradient's size.
    assert!(close(after(OptimizerKind::Adam, 3), [0.7, 1.3, 1.0]));
    // v is g²/100, then 199 g²/10,000.
    let moved = 0.1 * (10.0 + 10.0 / 1.99_f64.sqrt());
    assert!(close(after(OptimizerKind::RmsProp, 2), [1.0 - moved, 1.0 + moved, 1.0]));
    // Adam's step from weights that each time lose a thousandth of themselves.
    let thrice = |step: f64| (0..3).fold(1.0, |weight, _| weight * 0.999 - step);
    assert!(close(after(OptimizerKind::AdamW, 3), [thrice(0.1), thrice(-0.1), thrice(0.0)]));
}

#[test]
fn weight_decay_adds_its_share_of_each_weight_to_the_gradient_but_adamws() {
    for kind in OptimizerKind::ALL {
        let plain = OptimizerSettings { decay: 0.0, ..OptimizerSettings::new(kind, 0.1) };
        let settings = OptimizerSettings { decay: 0.5, ..plain };
        let (mut decayed, mut expected) = ([1.0_f64, -2.0, 0.0], [1.0, -2.0, 0.0]);
        let mut optimizer = Optimizer::with_settings(settings, 3);
        let mut by_hand = Optimizer::with_settings(plain, 3);
        for _ in 0..4 {
            optimizer.step(&mut decayed, &[0.5, -2.0, 0.0]);
            let mut gradients = [0.5, -2.0, 0.0];
            for (gradient, weight) in gradients.iter_mut().zip(&mut expected) {
                if kind == OptimizerKind::AdamW { *weight *= 1.0 - 0.1 * 0.5 } else { *gradient += 0.5 * *weight }
            }
            by_hand.step(&mut expected, &gradients);
        }
        assert_eq!(decayed, expected, "{}", kind.code());
    }
}

#[test]
fn an_optimiser_continues_from_a_checkpoint_as_if_never_stopped() {
    for kind in OptimizerKind::ALL {
        let mut random = KeyedRng::new(1, *b"test", "checkpoint", [0; 8]);
        let gradients: Vec<Vec<f32>> =
            (0..20).map(|_| (0..7).map(|_| random.uniform(-1.0, 1.0) as f32).collect()).collect();
        let (mut weights, mut optimizer) = (vec![0.0; 7], Optimizer::new(kind, 0.01, 7));
        gradients[..10].iter().for_each(|gradients| optimizer.step(&mut weights, gradients));
        let (mut resumed, mut other) = (weights.clone(), Optimizer::new(kind, 0.01, 7));
        assert!(other.restore(optimizer.state().clone()));
        for gradients in &gradients[10..] {
            optimizer.step(&mut weights, gradients);
            other.step(&mut resumed, gradients);
        }
        assert_eq!((weights, optimizer), (resumed, other), "{}", kind.code());
    }
    let mut adam = Optimizer::<f32>::new(OptimizerKind::Adam, 0.01, 7);
    assert!(!adam.restore(Optimizer::new(OptimizerKind::Sgd, 0.01, 7).state().clone()));
    assert!(!adam.restore(Optimizer::new(OptimizerKind::Adam, 0.01, 8).state().clone()));
}

#[test]
fn named_random_numbers_never_change() {
    let mut random = KeyedRng::new(7, *b"init", "lstm", KeyedRng::index_of_name("w_ih"));
    let first: Vec<f64> = (0..3).map(|_| random.unit()).collect();
    assert_eq!(first, NAMED, "every published link depends on these numbers");
    let other = |seed, domain, code, index| KeyedRng::new(seed, domain, code, index).unit();
    let w_ih = KeyedRng::index_of_name("w_ih");
    assert_ne!(first[0], other(8, *b"init", "lstm", w_ih));
    assert_ne!(first[0], other(7, *b"data", "lstm", w_ih));
    assert_ne!(first[0], other(7, *b"init", "rnn-tanh", w_ih));
    assert_ne!(first[0], other(7, *b"init", "lstm", 7_u64.to_le_bytes()));
    assert_eq!(first[0], other(7, *b"init", "lstm", w_ih));
    let _ = KeyedRng::new(0, [0; 4], "a code of more than sixteen letters", KeyedRng::index_of_name("a long name"));
}

#[test]
fn every_block_of_weights_has_a_stream_of_its_own_and_biases_have_none() {
    for config in every(3, 4, 2).into_iter().map(|config| NetworkConfig { layers: 3, ..config }) {
        let blocks = config.blocks();
        // The eighth letter's place is the layer's, and a code has sixteen.
        assert!(blocks.iter().all(|block| block.name.len() <= 7 && block.layer < 256), "{blocks:?}");
        assert!(config.code().len() <= 16, "{}", config.code());
        let names: BTreeSet<(usize, &str)> = blocks.iter().map(|block| (block.layer, block.name)).collect();
        assert_eq!(names.len(), blocks.len(), "{}: each name once in a layer", config.code());
        let network = Network::<f64>::seeded(&config, 3);
        let drawn: Vec<&[f64]> = blocks
            .iter()
            .map(|block| &network.parameters().values()[block.range()])
            .zip(&blocks)
            .filter(|(_, block)| !block.is_bias())
            .map(|(values, _)| values)
            .collect();
        let first: BTreeSet<u64> = drawn.iter().map(|values| values[0].to_bits()).collect();
        assert_eq!(first.len(), drawn.len(), "{}: no two begin alike", config.code());
        assert!(drawn.iter().all(|values| values.iter().all(|&value| value != 0.0)), "{}", config.code());
        for block in blocks.iter().filter(|block| block.is_bias()) {
            assert!(block.cols == 1 && !block.name.starts_with("w_"), "{block:?}");
            let values = &network.parameters().values()[block.range()];
            assert!(values.iter().all(|&value| value == 0.0 || value == 1.0 && block.name == "b"), "{block:?}");
        }
    }
}

const NAMED: [f64; 3] = [0.786118858473432, 0.20696618208389161, 0.110396516363092];

#[test]
fn integers_below_n_are_all_equally_likely() {
    let mut random = KeyedRng::new(1, *b"test", "below", [0; 8]);
    let mut counts = [0; 6];
    (0..60_000).for_each(|_| counts[random.below(6) as usize] += 1);
    assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
    assert_eq!((random.below(0), random.below(1)), (0, 0));
    assert!((0..1000).all(|_| random.below(u64::MAX) < u64::MAX));
    assert!((0..1000).all(|_| (0.0..1.0).contains(&random.unit())));
}

#[test]
fn products_of_every_small_shape_are_sums_of_products() {
    let fill = |len: usize, seed: u32| -> Vec<f64> {
        let mut random = KeyedRng::new(seed, *b"test", "product", [0; 8]);
        (0..len).map(|_| random.uniform(-1.0, 1.0)).collect()
    };
    for (m, k, n) in (0..9 * 9 * 9).map(|index| (index / 81, index / 9 % 9, index % 9)) {
        let (a, x, d, y) = (fill(m * k, 1), fill(k * n, 2), fill(m * n, 3), fill(m.max(k) * n.max(k), 4));
        let entry = |matrix: &[f64], rows: usize, row: usize, col: usize| matrix[col * rows + row];
        let check = |actual: &[f64], rows: usize, cols: usize, expected: &dyn Fn(usize, usize) -> f64| {
            for (row, col) in (0..rows * cols).map(|at| (at % rows, at / rows)) {
                let error = (entry(actual, rows, row, col) - expected(row, col)).abs();
                assert!(error < 1e-14, "{m} {k} {n} at ({row}, {col}): {error}");
            }
        };
        let mut plain = y.clone();
        product::add_product(&mut plain, &a, &x, m, k, n);
        check(&plain[..m * n], m, n, &|row, col| {
            y[col * m + row] + (0..k).map(|j| entry(&a, m, row, j) * entry(&x, k, j, col)).sum::<f64>()
        });
        let mut transposed = y.clone();
        product::add_transposed_product(&mut transposed, &a, &d, m, k, n);
        check(&transposed[..k * n], k, n, &|row, col| {
            y[col * k + row] + (0..m).map(|i| entry(&a, m, i, row) * entry(&d, m, i, col)).sum::<f64>()
        });
        let mut outer = vec![f64::NAN; m * k];
        product::outer_products(&mut outer, &d, &x, m, k, n);
        check(&outer, m, k, &|row, col| (0..n).map(|j| entry(&d, m, row, j) * entry(&x, k, col, j)).sum());
    }
}

#[test]
fn columns_of_any_size_have_a_largest_singular_value() {
    // Beside the diagonal entries down to where their squares, and then they themselves, are subnormal or 0.
    let mut random = KeyedRng::new(2, *b"data", "spectral", [0; 8]);
    for size in [2, 3, 8] {
        for power in 0..320 {
            let matrix = DMatrix::from_fn(size, size, |row, col| {
                random.uniform(-1.0, 1.0) * 10.0_f64.powi(-power * row.abs_diff(col) as i32)
            });
            let value = largest_singular_value(matrix.as_view()).unwrap();
            let expected = matrix.singular_values().max();
            assert!((value / expected - 1.0).abs() < 1e-13, "size {size}, 1e-{power}: {value} for {expected}");
        }
    }
}

#[test]
fn the_largest_singular_value_is_the_largest_stretch() {
    let matrix = DMatrix::from_row_slice(2, 2, &[3.0_f64, 0.0, 4.0, 5.0]);
    let value = largest_singular_value(matrix.as_view()).unwrap();
    assert!((value - 45.0_f64.sqrt()).abs() < 1e-12, "{value}");
    assert_eq!(largest_singular_value(DMatrix::<f32>::zeros(3, 3).as_view()), Some(0.0));
    assert_eq!(largest_singular_value(DMatrix::<f32>::zeros(0, 0).as_view()), None);
    assert_eq!(largest_singular_value(DMatrix::from_element(3, 3, f32::INFINITY).as_view()), None);
    let mut random = KeyedRng::new(1, *b"data", "spectral", [0; 8]);
    for size in [1, 2, 3, 16, 64] {
        let matrix = DMatrix::from_fn(size, size, |_, _| random.uniform(-1.0, 1.0));
        let value = largest_singular_value(matrix.as_view()).unwrap();
        let expected = matrix.singular_values().max();
        assert!((value / expected - 1.0).abs() < 1e-13, "size {size}: {value} for {expected}");
    }
    let tiny = largest_singular_value(DMatrix::<f64>::identity(4, 4).scale(1e-200).as_view()).unwrap();
    assert!((tiny / 1e-200 - 1.0).abs() < 1e-12);
}

#[test]
fn softmax_does_not_overflow() {
    let mut answer = [1000.0_f32, 1000.0, -1000.0];
    softmax(&mut answer);
    assert_eq!(answer, [0.5, 0.5, 0.0]);
}

#[test]
fn truncation_cuts_after_every_window_from_the_start() {
    let cuts = |window| (0..10).filter(|&t| Truncation::new(window).cuts_before(t)).collect::<Vec<_>>();
    assert_eq!(cuts(0), [0; 0]);
    assert_eq!(cuts(1), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(cuts(3), [3, 6, 9]);
    assert_eq!(cuts(7), [7]);
    assert_eq!(cuts(10), [0; 0]);
}

#[test]
fn behind_a_cut_a_loss_at_the_last_step_leaves_exact_zeros_and_states_carry_over() {
    for config in every(2, 6, 3) {
        let network = shaken(&Network::seeded(&config, 1));
        let batch = example_batch(&config, LossKind::SquaredError, vec![8], 8);
        let full = Probe::new(&config, 8, LOSSES[0]).trace(&network, &batch);
        for (window, first) in [(0, 0), (1, 7), (3, 6), (5, 5), (7, 7), (8, 0), (9, 0)] {
            let mut probe = Probe::new(&config, 8, LOSSES[0]).truncated(Truncation::new(window));
            let cut = probe.trace(&network, &batch);
            let what = format!("{} window {window}", config.code());
            assert_eq!((&cut.h, &cut.c, &cut.output, cut.loss), (&full.h, &full.c, &full.output, full.loss), "{what}");
            // Before the first cut on the way back it is the same gradient, and after it none.
            for (cut, full) in [(&cut.grad_h, &full.grad_h), (&cut.grad_c, &full.grad_c)] {
                let from = (first * 6).min(full.len());
                assert!(cut[..from].iter().all(|&gradient| gradient == 0.0), "{what}: {cut:?}");
                assert_eq!(cut[from..], full[from..], "{what}");
            }
            for (cut, full) in cut.grad_z.iter().zip(&full.grad_z) {
                assert!(cut.values[..first * 6].iter().all(|&gradient| gradient == 0.0), "{what}");
                assert_eq!(cut.values[first * 6..], full.values[first * 6..], "{what}");
            }
        }
    }
}

#[test]
fn the_weight_gradient_sums_over_the_chunks_and_takes_the_states_before_a_cut_for_constants() {
    for cell in CellKind::ALL {
        if !cell.is_recurrent() {
            continue;
        }
        let config = config(cell, 2, 5, 3);
        let network = shaken(&Network::seeded(&config, 1));
        let batch = example_batch(&config, LossKind::SquaredError, vec![6], 6);
        let mut unroll = Unroll::new(&config, 6, 1).truncated(Truncation::new(3));
        let mut gradients = Parameters::zeros(&config);
        unroll.forward(&network, &batch);
        unroll.loss(&batch, LOSSES[1]);
        unroll.backward(&network, &batch, &mut gradients);
        let mut expected = DMatrix::zeros(unroll.grad_z().nrows(), 5);
        for t in 1..6 {
            let mut delta = unroll.grad_z().column(t).into_owned();
            if cell == CellKind::Gru {
                // U h of the candidate goes through the reset gate.
                let reset = unroll.gates().view((0, t), (5, 1)).into_owned();
                delta.rows_mut(10, 5).component_mul_assign(&reset);
            }
            expected += delta * unroll.h().column(t - 1).transpose();
        }
        let found = gradients.view("w_hh").unwrap();
        assert!((found - &expected).abs().max() <= 1e-12 * expected.abs().max(), "{}", cell.code());
    }
}

#[test]
fn a_state_that_overflows_beyond_a_sequence_leaves_the_gradients_alone() {
    for config in every(2, 6, 3) {
        let cell = config.cell;
        for loss in LOSSES {
            let network = shaken(&Network::seeded(&config, 1));
            let lengths = vec![5, 8, 3, 8];
            let mut batch = example_batch(&config, loss.kind, lengths.clone(), 8);
            let (_, before, loss_before) = pass(&network, &batch, loss);
            batch
                .refill(|slots| {
                    for (column, inputs) in slots.inputs.chunks_exact_mut(2).enumerate() {
                        if column / 4 >= lengths[column % 4] {
                            // W x is ∞, and −∞ beside it: the states are ∞ and NaN.
                            inputs.copy_from_slice(&[f64::MAX, if column % 3 == 0 { f64::MAX } else { -f64::MAX }]);
                        }
                    }
                })
                .unwrap();
            // Weights large enough for it, in a network that is otherwise the same.
            let mut large = network.clone();
            large.parameters_mut().slice_mut("w_ih").iter_mut().for_each(|weight| *weight *= 64.0);
            let what = format!("{} {loss:?}", config.code());
            let (unroll, after, loss_after) = pass(&network, &batch, loss);
            assert_eq!((&before, loss_before), (&after, loss_after), "{what}");
            let (_, after, loss_after) = pass(&large, &batch, loss);
            assert!(loss_after.is_finite() && after.values().iter().all(|value| value.is_finite()), "{what}");
            if cell == CellKind::RnnRelu {
                let (beyond, ..) = pass(&large, &batch, loss);
                assert!(beyond.h().iter().any(|h| !h.is_finite()), "{what}: nothing overflows");
            }
            assert!(unroll.grad_z().iter().all(|gradient| gradient.is_finite()), "{what}");
        }
    }
}

#[test]
fn a_window_network_is_an_mlp_on_the_last_inputs_and_blind_beyond() {
    let config = config(CellKind::Window, 2, 4, 3);
    let network = shaken(&Network::seeded(&config, 2));
    let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Last };
    let batch = example_batch(&config, loss.kind, vec![6, 6], 6);
    let mut unroll = Unroll::new(&config, 6, 2);
    unroll.forward(&network, &batch);
    let (w, bias) = (network.parameters().view("w_ih").unwrap(), network.parameters().slice("b"));
    assert_eq!(
        (w.nrows(), w.ncols(), network.parameters().slice("w_hh").len()),
        (4, 6, 0),
        "three steps of two inputs"
    );
    for t in 0..6 {
        for b in 0..2 {
            for u in 0..4 {
                let mut z = bias[u];
                // Zeros before the start.
                for k in 0..3.min(t + 1) {
                    for d in 0..2 {
                        z += w[(u, k * 2 + d)] * batch.inputs()[(d, (t - k) * 2 + b)];
                    }
                }
                assert!((unroll.h()[(u, t * 2 + b)] - z.tanh()).abs() < 1e-14, "step {t}");
            }
        }
    }
    unroll.loss(&batch, loss);
    unroll.backward(&network, &batch, &mut Parameters::zeros(&config));
    assert!(unroll.grad_h_norms()[..5].iter().all(|&norm| norm == 0.0), "no state, no way back");
    for member in 0..2 {
        let norms = unroll.input_norms(&network, member);
        assert!(norms[..3].iter().all(|&norm| norm == 0.0), "exactly zero beyond the window: {norms:?}");
        assert!(norms[3..].iter().all(|&norm| norm > 0.0), "{norms:?}");
        // Against a difference in each input.
        for (t, &norm) in norms.iter().enumerate().skip(3) {
            let mut squares = 0.0;
            for d in 0..2 {
                let mut moved = |by: f64| {
                    let mut batch = batch.clone();
                    batch.refill(|slots| slots.inputs[(t * 2 + member) * 2 + d] += by).unwrap();
                    unroll.forward(&network, &batch);
                    unroll.loss(&batch, loss)
                };
                squares += ((moved(1e-5) - moved(-1e-5)) / 2e-5).powi(2);
            }
            assert!((norm - squares.sqrt()).abs() <= 1e-8 * norm, "step {t}: {} {}", norm, squares.sqrt());
        }
    }
}
