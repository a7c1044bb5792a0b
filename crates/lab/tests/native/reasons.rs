//! Why a gradient shrinks or grows: bounds bound, and what goes back a step at a time is what a pass gives.

use lab::Experiment;
use lab::experiment::link;
use nn::{
    Batch, CellKind, CreditWalk, FactorsWalk, GradientCheck, LossAt, LossKind, LossSpec, Network, Probe, Truncation,
    gradient_check, largest_singular_value,
};

use test_utils::networks::{every, example_batch, shaken};

const LEN: usize = 12;

fn each() -> Vec<(Network<f32>, Batch<f32>, LossSpec)> {
    let mut each = Vec::new();
    for config in every(2, 5, 3) {
        for (kind, at) in [
            (LossKind::CrossEntropy, LossAt::Last),
            (LossKind::SquaredError, LossAt::Last),
            (LossKind::SquaredError, LossAt::Every),
        ] {
            let network = shaken(&Network::<f64>::seeded(&config, 3));
            let batch = example_batch(&config, kind, vec![LEN], LEN);
            each.push((network.cast(), batch.cast(), LossSpec { kind, at }));
        }
    }
    each
}

#[test]
fn the_product_of_the_factors_is_never_below_the_exact_norm() {
    for (network, batch, spec) in each() {
        let mut walk = FactorsWalk::new(&network, &batch, spec);
        let mut steps = 1;
        while walk.step() {
            steps += 1;
        }
        let (factors, code) = (walk.finish(), network.config().code());
        assert_eq!((steps, factors.exact.len(), factors.exact[LEN - 1]), (LEN, LEN, 1.0), "{code}");
        let cell = network.config().cell;
        let is_rnn = !cell.has_gates() && cell.is_recurrent();
        assert_eq!([&factors.bound, &factors.slope].map(Vec::len), [if is_rnn { LEN } else { 0 }; 2], "{code}");
        assert_eq!(factors.carousel.len(), if cell.has_cell_state() { LEN } else { 0 }, "{code}");
        for (t, bound) in factors.bound.iter().enumerate() {
            let exact = factors.exact[t];
            assert!(exact <= bound * (1.0 + 1e-12), "{code} step {t}: {exact} is over its bound {bound}");
        }
        if let Some(sigma) = factors.sigma {
            let of_u = largest_singular_value(network.parameters().view("w_hh").unwrap()).unwrap();
            assert!((sigma - of_u).abs() <= 1e-12 * of_u);
            let product: f64 = factors.slope[1..].iter().map(|slope| slope * sigma).product();
            assert!((product - factors.bound[0]).abs() <= 1e-12 * product, "{code}: {product}, {}", factors.bound[0]);
        }
    }
}

#[test]
fn exact_norms_are_those_of_the_jacobians_along_the_states_of_f32() {
    for (network, batch, spec) in each() {
        let mut walk = FactorsWalk::new(&network, &batch, spec);
        while walk.step() {}
        let exact = walk.finish().exact;
        let mut unroll = nn::Unroll::new(network.config(), LEN, 1);
        unroll.forward(&network, &batch);
        let jacobians = unroll.cast::<f64>().state_jacobians(&network.cast(), 0);
        for (t, (exact, jacobian)) in exact.iter().zip(&jacobians).enumerate() {
            let norm = largest_singular_value(jacobian.as_view()).unwrap();
            assert!((exact - norm).abs() <= 1e-13 * norm, "{} step {t}: {exact}, not {norm}", network.config().code());
        }
    }
}

#[test]
fn along_the_cell_alone_comes_back_what_the_forget_gates_let_through() {
    for (network, batch, spec) in each() {
        let mut walk = FactorsWalk::new(&network, &batch, spec);
        while walk.step() {}
        let carousel = walk.finish().carousel;
        let trace = Probe::new(network.config(), LEN, spec).trace(&network, &batch);
        let Some(forget) = trace.gates.iter().find(|gate| gate.name == "f").filter(|_| !carousel.is_empty()) else {
            continue;
        };
        for (t, kept) in carousel.iter().enumerate() {
            let of_unit = |unit: usize| (t + 1..LEN).map(|t| f64::from(forget.values[t * 5 + unit])).product::<f64>();
            let most = (0..5).map(of_unit).fold(0.0, f64::max);
            assert!((kept - most).abs() <= 1e-12 * most, "step {t}: {kept}, not {most}");
        }
    }
}

#[test]
fn the_last_step_s_credit_is_the_gradient_of_the_pass_where_only_that_step_has_a_loss() {
    for (network, batch, spec) in each() {
        let mut walk = CreditWalk::new(&network, &batch, spec);
        while walk.step() {}
        let (credit, code) = (walk.finish(), network.config().code());
        assert_eq!(credit.h.iter().map(Vec::len).collect::<Vec<_>>(), (1..=LEN).collect::<Vec<_>>());
        if spec.at == LossAt::Every {
            let mut unroll = nn::Unroll::new(network.config(), LEN, 1);
            unroll.forward(&network, &batch);
            unroll.loss(&batch, spec);
            let (unroll, network) = (unroll.cast::<f64>(), network.cast::<f64>());
            assert_eq!(credit, unroll.credit(&network, &batch.cast(), spec, 0), "{code}");
            continue;
        }
        // ∂L/∂h_t = (∂y_T/∂h_t)ᵀ ∂L/∂y_T is at most the spectral norm times ‖∂L/∂y_T‖; of one answer it is just that.
        let trace = Probe::new(network.config(), LEN, spec).trace(&network, &batch);
        let last = &trace.grad_output[(LEN - 1) * 3..];
        let by_answer = last.iter().map(|grad| f64::from(grad * grad)).sum::<f64>().sqrt();
        for (t, (sensitivity, norm)) in credit.h[LEN - 1].iter().zip(&trace.grad_h_norms).enumerate() {
            assert!(*norm <= sensitivity * by_answer * 1.0001, "{code} step {t}: {norm} > {sensitivity} × {by_answer}");
        }
    }
}

#[test]
fn with_one_answer_the_gradient_of_the_last_loss_is_its_error_times_the_sensitivity() {
    let experiment = Experiment::default().with("task", "adding").unwrap();
    for cell in CellKind::ALL {
        let config = experiment.network(cell);
        let network = Network::<f32>::seeded(&config, 1);
        let spec = experiment.task.task().loss();
        let sequence = experiment.task.probe_sequence(4, 0, 30);
        let batch = experiment.task.batch(std::slice::from_ref(&sequence)).unwrap();
        let trace = Probe::new(&config, 30, spec).trace(&network, &batch);
        let mut walk = CreditWalk::new(&network, &batch, spec);
        while walk.step() {}
        let credit = walk.finish();
        let error = f64::from(trace.grad_output[29]).abs();
        for (norms, rows) in [(&trace.grad_h_norms, &credit.h), (&trace.grad_c_norms, &credit.c)] {
            for (t, norm) in norms.iter().enumerate().filter(|(_, norm)| **norm > 1e-30) {
                let found = rows[29][t] * error;
                assert!((found - norm).abs() <= 1e-3 * norm, "{cell:?} step {t}: {found}, not {norm}");
            }
        }
    }
}

#[test]
fn a_gradient_check_of_some_weights_takes_from_every_block_and_finds_no_fault() {
    for (network, batch, spec) in each() {
        let (network, batch) = (network.cast::<f64>(), batch.cast::<f64>());
        let all = gradient_check(&network, &batch, spec, Truncation::new(0), 1e-5);
        let mut check = GradientCheck::new(network.clone(), batch, spec, Truncation::new(0), 1e-5).at_most(20);
        while check.step() {
            assert!((0.0..1.0).contains(&check.done()));
        }
        assert_eq!(check.done(), 1.0);
        let some = check.blocks();
        let compared: usize = some.iter().map(|block| block.compared + block.left_out).sum();
        assert!(compared <= 20 + some.len() && compared >= some.len(), "{compared} weights");
        for (some, all) in some.iter().zip(&all) {
            assert!(some.error <= 1e-6 && some.compared + some.left_out > 0 && some.name == all.name, "{some:?}");
            assert!(some.norm <= all.norm * (1.0 + 1e-12), "{some:?} of {all:?}");
        }
    }
}

#[test]
fn where_differences_cannot_tell_a_check_says_how_unsure_they_are() {
    let (experiment, problems) = link::parse("lanes=rnn-tanh&len=100");
    assert!(problems.is_empty(), "{problems:?}");
    let worst = |gain: f64| {
        let mut network = Network::<f64>::seeded(&experiment.lane_network(0), 1);
        network.parameters_mut().slice_mut("w_hh").iter_mut().for_each(|weight| *weight *= gain);
        let batch = experiment.source().batch(&[experiment.source().probe(0)]).unwrap();
        let blocks = gradient_check(&network, &batch, experiment.task.task().loss(), Truncation::new(0), 1e-5);
        blocks.into_iter().max_by(|a, b| a.error.total_cmp(&b.error)).unwrap()
    };
    let right = worst(1.0);
    assert!(right.error <= 1e-6 && right.unsure <= 1e-6, "{right:?}");
    // The loss of a network whose gradient explodes is no straight line over ±ε.
    let exploding = worst(6.0);
    assert!(exploding.error > 1e-6 && exploding.unsure > exploding.error / 4.0, "{exploding:?}");
}
