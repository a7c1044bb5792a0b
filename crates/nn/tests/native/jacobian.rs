//! How states depend on the states before them, held against backpropagation and against differences.

use nalgebra::DVector;
use nn::{Batch, CellKind, LossAt, LossKind, LossSpec, LstmVariant, Network, NetworkConfig, Parameters, Unroll};

use test_utils::networks::{every, example_batch, shaken};

const LEN: usize = 7;

/// A pass over three sequences of full length.
fn pass(config: &NetworkConfig, loss: LossSpec) -> (Network<f64>, Batch<f64>, Unroll<f64>) {
    let network = shaken(&Network::seeded(config, 3));
    let batch = example_batch(config, loss.kind, vec![LEN; 3], LEN);
    let mut unroll = Unroll::new(config, LEN, 3);
    unroll.forward(&network, &batch);
    unroll.loss(&batch, loss);
    unroll.backward(&network, &batch, &mut Parameters::zeros(config));
    (network, batch, unroll)
}

#[test]
fn the_gradient_of_a_loss_at_the_last_step_is_the_jacobian_transposed_times_that_by_the_last_state() {
    for config in every(2, 5, 3) {
        let cell = config.cell;
        for kind in [LossKind::SquaredError, LossKind::CrossEntropy] {
            let (network, _, unroll) = pass(&config, LossSpec { kind, at: LossAt::Last });
            for member in 0..3 {
                let jacobians = unroll.state_jacobians(&network, member);
                assert_eq!(jacobians.len(), LEN);
                let states = jacobians[0].nrows();
                // ∂L/∂s_T: L sees the last state by its h alone.
                let mut last = DVector::zeros(states);
                last.rows_mut(0, 5).copy_from(&unroll.grad_h().column((LEN - 1) * 3 + member));
                for (t, jacobian) in jacobians.iter().enumerate() {
                    let by_state = jacobian.transpose() * &last;
                    let at = t * 3 + member;
                    let grad_h = unroll.grad_h().column(at).into_owned();
                    let close = |a: &DVector<f64>, b: &DVector<f64>| (a - b).amax() <= 1e-12 * b.amax();
                    assert!(close(&by_state.rows(0, 5).into_owned(), &grad_h), "{} step {t}", config.code());
                    if !cell.has_cell_state() {
                        continue;
                    }
                    // The total ∂L/∂c_t has the way by h_t in it, which for s_t is an argument of its own; with peepholes
                    // also that by o_t.
                    let gates = unroll.gates().column(at).into_owned();
                    let part = |values: &DVector<f64>, k: usize| values.rows(5 * k, 5).into_owned();
                    let (i, f, g, o) = (part(&gates, 0), part(&gates, 1), part(&gates, 2), part(&gates, 3));
                    let c = unroll.c().column(at).into_owned();
                    let linear = cell.variant() == LstmVariant::Noaf;
                    let shown = if linear { c.clone() } else { c.map(f64::tanh) };
                    let slope = shown.map(|shown| if linear { 1.0 } else { 1.0 - shown * shown });
                    let grad_z = unroll.grad_z().column(at).into_owned();
                    let mut total = part(&by_state, 1) + grad_h.component_mul(&o).component_mul(&slope);
                    if cell.variant() == LstmVariant::Peephole {
                        let peephole = DVector::from_column_slice(network.parameters().slice("p_o"));
                        total += peephole.component_mul(&part(&grad_z, 3));
                    }
                    let grad_c = unroll.grad_c().column(at).into_owned();
                    assert!(close(&total, &grad_c), "{} c {t}", config.code());
                    if cell.variant() == LstmVariant::Fgr {
                        // Of s_t the gates see later steps; ∂L/∂z has beside that what they do at their own.
                        let before = match t {
                            0 => DVector::zeros(5),
                            t => unroll.c().column((t - 1) * 3 + member).into_owned(),
                        };
                        let own = [
                            (&i, grad_c.component_mul(&g)),
                            (&f, grad_c.component_mul(&before)),
                            (&o, grad_h.component_mul(&shown)),
                        ];
                        for (k, (gate, own)) in own.into_iter().enumerate() {
                            let told =
                                (part(&by_state, 2 + k) + own).component_mul(&gate.map(|gate| gate * (1.0 - gate)));
                            assert!(close(&told, &part(&grad_z, [0, 1, 3][k])), "{} gate {k} {t}", config.code());
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn with_two_layers_the_way_back_is_that_of_the_top_one_and_no_gate_that_is_held_there_is_on_it() {
    let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Last };
    for config in every(2, 5, 3).into_iter().map(|config| NetworkConfig { layers: 2, ..config }) {
        // First with nothing held.
        let gates = if config.cell.has_gates() { config.cell.gates().len() } else { 0 };
        for gate in std::iter::once(None).chain((0..gates).map(Some)) {
            let mut network = shaken(&Network::seeded(&config, 3));
            if let Some(gate) = gate {
                network.hold(vec![vec![(gate * 5, 0.6)], vec![(gate * 5 + 1, 0.3), (gate * 5 + 4, 0.8)]]);
            }
            let batch = example_batch(&config, loss.kind, vec![LEN], LEN);
            let mut unroll = Unroll::new(&config, LEN, 1);
            unroll.forward(&network, &batch);
            unroll.loss(&batch, loss);
            unroll.backward(&network, &batch, &mut Parameters::zeros(&config));
            let jacobians = unroll.state_jacobians(&network, 0);
            let mut last = DVector::zeros(jacobians[0].nrows());
            last.rows_mut(0, 5).copy_from(&unroll.grad_h().column(LEN - 1));
            for (t, jacobian) in jacobians.iter().enumerate() {
                let (by_state, grad_h) = (jacobian.transpose() * &last, unroll.grad_h().column(t).into_owned());
                let apart = (by_state.rows(0, 5) - &grad_h).amax();
                assert!(apart <= 1e-12 * grad_h.amax(), "{} gate {gate:?} step {t}: {apart}", config.code());
            }
        }
    }
}

#[test]
fn the_last_state_is_its_own_and_the_way_from_any_step_is_a_product_of_single_steps() {
    for config in every(2, 5, 3) {
        let cell = config.cell;
        let (network, _, unroll) = pass(&config, LossSpec { kind: LossKind::SquaredError, at: LossAt::Last });
        let jacobians = unroll.state_jacobians(&network, 1);
        assert!(jacobians[LEN - 1].is_identity(0.0), "{}", config.code());
        if cell != CellKind::RnnRelu {
            // ∂s_T/∂s_{T−2} = ∂s_T/∂s_{T−1} · ∂s_{T−1}/∂s_{T−2}; the same pass ended a step earlier has the latter.
            let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Last };
            let full = example_batch(&config, loss.kind, vec![LEN; 3], LEN);
            let inputs = full.inputs().columns(0, (LEN - 1) * 3).into_owned();
            let targets = nn::Targets::Values(nalgebra::DMatrix::zeros(3, (LEN - 1) * 3));
            let shorter = Batch::new(inputs, targets, vec![LEN - 1; 3], LEN - 1).unwrap();
            let mut earlier = Unroll::new(&config, LEN - 1, 3);
            earlier.forward(&network, &shorter);
            let before = earlier.state_jacobians(&network, 1);
            for t in 0..LEN - 1 {
                let product = &jacobians[LEN - 2] * &before[t];
                assert!((&product - &jacobians[t]).amax() <= 1e-13 * jacobians[t].amax(), "{} {t}", config.code());
            }
        }
    }
}

#[test]
fn credits_of_a_loss_at_the_last_step_alone_are_the_gradient_norms_of_a_pass() {
    for config in every(2, 5, 3) {
        let cell = config.cell;
        let loss = LossSpec { kind: LossKind::CrossEntropy, at: LossAt::Last };
        let network = shaken(&Network::seeded(&config, 3));
        let batch = example_batch(&config, loss.kind, vec![LEN], LEN);
        let mut unroll = Unroll::new(&config, LEN, 1);
        unroll.forward(&network, &batch);
        unroll.loss(&batch, loss);
        unroll.backward(&network, &batch, &mut Parameters::zeros(&config));
        let credit = unroll.credit(&network, &batch, loss, 0);
        assert_eq!(credit.h.iter().map(Vec::len).collect::<Vec<_>>(), (1..=LEN).collect::<Vec<_>>());
        assert_eq!(credit.c.len(), if cell.has_cell_state() { LEN } else { 0 });
        let close = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14);
        assert!(close(&credit.h[LEN - 1], &unroll.grad_h_norms()), "{}", config.code());
        assert!(credit.c.last().is_none_or(|c| close(c, &unroll.grad_c_norms())), "{}", config.code());
        // The steps before the last have no loss.
        assert!(credit.h[..LEN - 1].iter().flatten().all(|&norm| norm == 0.0), "{}", config.code());
    }
}
