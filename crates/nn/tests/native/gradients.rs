//! Backpropagation against central differences, for every cell, loss, kind of target and block.

use nn::{
    Batch, CellKind, Gate, LossAt, LossKind, LossSpec, LstmVariant, Network, NetworkConfig, Parameters, Truncation,
    Unroll, gradient_check,
};

use test_utils::networks::{config, example_batch, shaken};

const EPSILON: f64 = 1e-5;
const TOLERANCE: f64 = 1e-6;
const FULL: Truncation = Truncation::new(0);

fn check(config: &NetworkConfig, batch: &Batch<f64>, loss: LossSpec, what: &str) {
    check_truncated(config, batch, loss, FULL, what);
}

fn check_truncated(config: &NetworkConfig, batch: &Batch<f64>, loss: LossSpec, truncation: Truncation, what: &str) {
    let network = shaken(&Network::seeded(config, 3));
    let checks = gradient_check(&network, batch, loss, truncation, EPSILON);
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    let blocks: Vec<&str> = network.parameters().blocks().iter().map(|block| block.name).collect();
    assert_eq!(names, blocks);
    for block in checks {
        assert!(block.error <= TOLERANCE, "{what}: {block:?}");
        assert!(block.compared > 2 * block.left_out, "{what}: too few compared, {block:?}");
        assert!(block.norm > 0.0, "{what}: nothing to compare, {block:?}");
        assert!(block.left_out == 0 || config.cell == CellKind::RnnRelu, "{what}: {block:?}");
    }
}

#[test]
fn every_gradient_agrees_with_finite_differences() {
    for cell in CellKind::ALL {
        for kind in [LossKind::SquaredError, LossKind::CrossEntropy] {
            for at in [LossAt::Last, LossAt::Every] {
                for lengths in [vec![6, 6, 6], vec![6, 2, 4]] {
                    let loss = LossSpec { kind, at };
                    let what = format!("{} {loss:?} lengths {lengths:?}", cell.code());
                    let config = config(cell, 2, 5, 3);
                    check(&config, &example_batch(&config, kind, lengths, 6), loss, &what);
                }
            }
        }
    }
}

#[test]
fn truncated_gradients_agree_with_differences_that_hold_the_states_at_the_cuts() {
    for cell in CellKind::ALL {
        for kind in [LossKind::SquaredError, LossKind::CrossEntropy] {
            for at in [LossAt::Last, LossAt::Every] {
                for lengths in [vec![6, 6, 6], vec![6, 2, 4]] {
                    for window in [1, 2, 4, 6, 9] {
                        let loss = LossSpec { kind, at };
                        let what = format!("{} {loss:?} lengths {lengths:?} window {window}", cell.code());
                        let config = config(cell, 2, 5, 3);
                        let batch = example_batch(&config, kind, lengths.clone(), 6);
                        check_truncated(&config, &batch, loss, Truncation::new(window), &what);
                    }
                }
            }
        }
    }
}

/// Every LSTM with one thing changed.
fn variants() -> impl Iterator<Item = NetworkConfig> {
    let cells = CellKind::ALL.into_iter().filter(|cell| cell.variant() != LstmVariant::Vanilla);
    cells.map(|cell| config(cell, 2, 4, 3))
}

#[test]
fn every_variant_of_the_lstm_agrees_with_finite_differences_whatever_loss_lengths_and_window() {
    for config in variants() {
        for kind in [LossKind::SquaredError, LossKind::CrossEntropy] {
            for at in [LossAt::Last, LossAt::Every] {
                for lengths in [vec![6, 6, 6], vec![6, 2, 4]] {
                    for window in [0, 1, 3, 4] {
                        let loss = LossSpec { kind, at };
                        let what = format!("{} {loss:?} lengths {lengths:?} window {window}", config.code());
                        let batch = example_batch(&config, kind, lengths.clone(), 6);
                        check_truncated(&config, &batch, loss, Truncation::new(window), &what);
                    }
                }
            }
        }
    }
}

#[test]
fn gates_of_a_gru_or_a_variant_that_are_held_follow_from_nothing() {
    let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Every };
    for config in variants().chain([config(CellKind::Gru, 2, 4, 3)]) {
        let batch = example_batch(&config, loss.kind, vec![6, 3], 6);
        for gate in 0..config.cell.gates().len() {
            let mut network = shaken(&Network::seeded(&config, 3));
            network.hold(vec![vec![(gate * 4 + 1, 0.3), (gate * 4 + 2, 0.8)]]);
            for block in gradient_check(&network, &batch, loss, FULL, EPSILON) {
                assert!(block.error <= TOLERANCE, "{} gate {gate}: {block:?}", config.code());
            }
        }
    }
}

#[test]
fn gates_held_in_an_upper_layer_follow_from_nothing_and_leave_the_other_layers_as_they_are() {
    let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Every };
    let lstms = variants().chain([config(CellKind::Lstm, 2, 4, 3), config(CellKind::Gru, 2, 4, 3)]);
    for config in lstms.map(|config| NetworkConfig { layers: 3, ..config }) {
        let batch = example_batch(&config, loss.kind, vec![6, 3], 6);
        for gate in 0..config.cell.gates().len() {
            let mut network = shaken(&Network::seeded(&config, 3));
            let free = network.clone();
            let clamps = |values: [f64; 2]| vec![(gate * 4 + 1, values[0]), (gate * 4 + 2, values[1])];
            network.hold(vec![Vec::new(), clamps([0.3, 0.8])]);
            let run = |network: &Network<f64>| {
                let (mut unroll, mut gradients) = (Unroll::new(&config, 6, 2), Parameters::zeros(&config));
                unroll.forward(network, &batch);
                unroll.loss(&batch, loss);
                unroll.backward(network, &batch, &mut gradients);
                (unroll, gradients)
            };
            let ((unroll, gradients), (untouched, _)) = (run(&network), run(&free));
            assert_eq!(unroll.layers()[0].h(), untouched.layers()[0].h(), "{} gate {gate}", config.code());
            assert_ne!(unroll.layers()[1].h(), untouched.layers()[1].h(), "{} gate {gate}", config.code());
            for (unit, value) in [(1, 0.3), (2, 0.8)] {
                let gates = unroll.layers()[1].gates();
                assert!(gates.row(gate * 4 + unit).iter().all(|&gate| gate == value), "{} gate {gate}", config.code());
            }
            let off = config.cell.switches_off(config.cell.gates()[gate]);
            for block in gradients.blocks().iter().filter(|block| ["w_ih", "w_hh", "b"].contains(&block.name)) {
                for unit in 0..4 {
                    let values = &gradients.values()[block.range()];
                    let zero = values.iter().skip(gate * 4 + unit).step_by(block.rows).all(|&gradient| gradient == 0.0);
                    let held = off || (block.layer == 1 && [1, 2].contains(&unit));
                    assert_eq!(zero, held, "{} gate {gate} of unit {unit}: {block:?}", config.code());
                }
            }
            network.hold(vec![clamps([0.7, 0.2]), Vec::new(), clamps([0.4, 0.6])]);
            for block in gradient_check(&network, &batch, loss, Truncation::new(4), EPSILON) {
                assert!(block.error <= TOLERANCE, "{} gate {gate}: {block:?}", config.code());
            }
        }
    }
}

#[test]
fn the_rows_of_a_gate_that_is_switched_off_have_a_gradient_of_exactly_zero() {
    let loss = LossSpec { kind: LossKind::CrossEntropy, at: LossAt::Every };
    for config in variants() {
        let network = shaken(&Network::seeded(&config, 3));
        let batch = example_batch(&config, loss.kind, vec![6, 3], 6);
        let mut unroll = Unroll::new(&config, 6, 2);
        let mut gradients = Parameters::zeros(&config);
        unroll.forward(&network, &batch);
        unroll.loss(&batch, loss);
        unroll.backward(&network, &batch, &mut gradients);
        let gates = [Gate::Input, Gate::Forget, Gate::Candidate, Gate::Output];
        for (k, gate) in gates.into_iter().enumerate() {
            let off = config.cell.switches_off(gate);
            for name in ["w_ih", "w_hh", "b"] {
                let rows = gradients.view(name).unwrap();
                let zero = rows.rows(k * 4, 4).iter().all(|&gradient| gradient == 0.0);
                assert_eq!(zero, off, "{} {name} {gate:?}", config.code());
            }
        }
    }
}

#[test]
fn gradients_agree_where_products_are_large_enough_for_packed_kernels() {
    for cell in CellKind::ALL {
        let loss = LossSpec { kind: LossKind::CrossEntropy, at: LossAt::Every };
        let config = config(cell, 7, 8, 6);
        let batch = example_batch(&config, loss.kind, vec![4, 4, 3, 4, 2, 4, 4, 1], 4);
        check(&config, &batch, loss, cell.code());
    }
}

#[test]
fn gradients_agree_for_the_smallest_network() {
    for cell in CellKind::ALL {
        let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Every };
        let config = config(cell, 1, 1, 1);
        let batch = example_batch(&config, loss.kind, vec![2], 2);
        let checks = gradient_check(&Network::seeded(&config, 1), &batch, loss, FULL, EPSILON);
        assert!(checks.iter().all(|block| block.error <= TOLERANCE), "{}: {checks:?}", cell.code());
    }
}

#[test]
fn both_gradients_zero_passes() {
    // Weights so negative that every unit of the ReLU network is dead.
    let config = config(CellKind::RnnRelu, 2, 3, 1);
    let mut network = Network::seeded(&config, 1);
    network.parameters_mut().slice_mut("b").fill(-100.0);
    let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Last };
    let batch = example_batch(&config, loss.kind, vec![4, 4], 4);
    for block in gradient_check(&network, &batch, loss, FULL, EPSILON) {
        assert!(block.error <= TOLERANCE, "{block:?}");
    }
}

#[test]
fn a_relu_on_its_kink_is_left_out_and_counted() {
    let config = config(CellKind::RnnRelu, 1, 1, 1);
    let mut network = Network::seeded(&config, 1);
    network.parameters_mut().values_mut().copy_from_slice(&[1.0, 0.5, 0.0, 1.0, 0.0]);
    let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Last };
    let mut batch = example_batch(&config, loss.kind, vec![1], 1);
    batch.refill(|slots| slots.inputs.fill(1e-7)).unwrap();
    let checks = gradient_check(&network, &batch, loss, FULL, EPSILON);
    let left_out: Vec<usize> = checks.iter().map(|block| block.left_out).collect();
    assert_eq!(left_out, [0, 0, 1, 0, 0], "the bias moves z = 1e-7 across 0, nothing else does: {checks:?}");
}
