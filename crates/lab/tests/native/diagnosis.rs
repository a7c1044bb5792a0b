//! The facts behind the page's sentences: consistent to the digits shown, on real runs of every kind.

use lab::LaneSnapshot;
use lab::Snapshot;
use lab::Trainer;
use lab::analysis::diagnosis::{
    Bound, Kept, LaneDiagnosis, Loss, NEAR_GUESS, Progress, Reach, by_heart, diagnose, fell_below, solved_at,
};
use nn::{CellKind, LossAt, Truncation};
use proptest::prelude::*;
use tasks::TaskKind;

use test_utils::runs::{experiment, snapshot, trained};

/// The most digits that a sentence gives to a factor.
const CAP: usize = 7;

fn rounded(value: f64) -> f64 {
    numbers::round(value, numbers::DIGITS)
}

/// Whether what is shown of a share adds up: the shown keep, to the power of the steps, is the shown share.
fn adds_up(kept: &Kept) -> bool {
    kept.keep == numbers::round(kept.keep, kept.digits)
        && (numbers::DIGITS..=CAP).contains(&kept.digits)
        && rounded(kept.keep.powi(kept.back as i32) * numbers::round(kept.depth, kept.digits)) == rounded(kept.ratio)
}

/// Whether what is shown of a bound is on the right side of 1 and of the keep that it bounds, and is the product of what is
/// shown of its factors.
fn bounds(bound: &Bound, slope: f64, sigma: f64, keep: f64) -> bool {
    let near = |shown: f64, exact: f64| (shown / exact - 1.0).abs() <= 0.5 * 10_f64.powi(1 - bound.digits as i32);
    let last = 10_f64.powi(1 - bound.digits as i32);
    let adds_up = bound.product == numbers::round(bound.slope * bound.sigma, bound.digits);
    near(bound.slope, slope)
        && near(bound.sigma, sigma)
        && (bound.product < 1.0) == (slope * sigma < 1.0)
        && bound.product >= keep
        && (adds_up || bound.digits == CAP && (bound.product / (slope * sigma) - 1.0).abs() <= 2.0 * last)
        && (numbers::DIGITS..=CAP).contains(&bound.digits)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_global_rejects: 100_000, ..ProptestConfig::with_cases(20_000) })]

    #[test]
    fn the_keep_shown_explains_the_share_shown(power in -76.0..38.0_f64, back in 1..200_usize, depth in prop_oneof![Just(1.0), 1e-9..10.0_f64]) {
        let kept = Kept::new(10_f64.powf(power), back, depth);
        prop_assert!(adds_up(&kept), "{kept:?}");
        // Within one in its last digit of what it is, and with no more digits than are needed.
        let exact = (kept.ratio / depth).powf(1.0 / back as f64);
        prop_assert!((kept.keep / exact - 1.0).abs() <= 10_f64.powi(1 - kept.digits as i32), "{kept:?}");
        let fewer = numbers::round(exact, kept.digits - 1);
        let explains =
            rounded(fewer.powi(back as i32) * numbers::round(depth, kept.digits - 1)) == rounded(kept.ratio);
        prop_assert!(kept.digits == numbers::DIGITS || !explains);
    }

    #[test]
    fn the_bound_shown_is_one_and_is_the_product_of_its_factors_shown(
        slope in prop_oneof![0.0..=0.25_f64, Just(0.25), Just(1.0), 1e-9..1.0_f64],
        sigma in prop_oneof![0.1..20.0_f64, 1e-6..1e6_f64, Just(1.0), Just(4.0)],
        share in 0.0..=1.0_f64,
        back in 1..200_usize,
    ) {
        prop_assume!(slope * sigma * share > 1e-35);
        // What a step keeps is at most the bound.
        let ratio = (slope * sigma * share).powi(back as i32);
        prop_assume!((1e-300..1e300).contains(&ratio));
        let kept = Kept::new(ratio, back, 1.0);
        let (kept, bound) = Bound::over(slope, sigma, kept);
        prop_assert!(adds_up(&kept), "{kept:?}");
        prop_assert!(bounds(&bound, slope, sigma, kept.keep) , "{slope} {sigma} {kept:?} {bound:?}");
    }

    #[test]
    fn rounding_up_gives_the_next_number_of_so_many_digits(value in prop_oneof![1e-12..1e12_f64, 0.1..10.0_f64], digits in 1..8_usize) {
        let up = numbers::round_up(value, digits);
        prop_assert!(up >= value);
        prop_assert_eq!(numbers::round(up, digits), up);
        // The number before it is below.
        let exponent = value.log10().floor() as i32;
        let before = numbers::round(up - 10_f64.powi(exponent + 1 - digits as i32), digits);
        prop_assert!(before < value, "{} {} {}", before, value, up);
    }
}

#[test]
fn a_share_on_the_edge_between_two_roundings_is_explained_too() {
    // 7.15 and a little, shown as 7.2: the nearest keep of seven digits gives 7.1.
    let edge = Kept::new(10_f64.powf(10.854_309_094_367_59), 123, 1.0);
    assert!(rounded(edge.ratio) == 7.2e10 && adds_up(&edge), "{edge:?}");
    // 20,000 more, just above and just below an edge.
    for k in 0..20_000 {
        let edge = f64::from(10 + k % 90) + 0.5;
        let ratio = edge * (1.0 + 1e-9 * f64::from(k % 7 - 3)) * 10_f64.powi(-(k % 37));
        let kept = Kept::new(ratio, 1 + (k as usize * 31) % 199, 1.0);
        assert!(adds_up(&kept), "{kept:?}");
    }
}

#[test]
fn a_bound_under_1_is_shown_under_1_however_near_it_is() {
    let over = |slope: f64, sigma: f64, keep: f64| Bound::over(slope, sigma, Kept::new(keep, 1, 1.0)).1;
    let near = over(0.25, 3.99, 0.9);
    assert_eq!((near.slope, near.sigma, near.product, near.digits), (0.25, 3.99, 0.998, 3));
    let orthogonal = over(1.0, 1.000_000_026, 0.7);
    assert_eq!((orthogonal.sigma, orthogonal.product, orthogonal.digits), (1.0, 1.0, 2));
    assert!(over(0.25, 3.999_999_99, 0.9).product < 1.0);
}

#[test]
fn of_numbers_that_are_not_finite_only_where_they_begin_is_said() {
    let mut trainer = Trainer::new(&experiment("lanes=rnn-relu,lstm&gain=20&clip=0&len=100"));
    let snapshot = snapshot(&mut trainer);
    let lanes = diagnose(&snapshot, TaskKind::Order.task(), Truncation::new(0));
    let Reach::Overflow { step, back: false } = lanes[0].reach else { panic!("{:?}", lanes[0].reach) };
    let (hidden, h) = (snapshot.lanes[0].trace.hidden, &snapshot.lanes[0].trace.h);
    assert!(
        h[..(step - 1) * hidden].iter().all(|h| h.is_finite()) && !h[..step * hidden].iter().all(|h| h.is_finite())
    );
}

#[test]
fn a_share_of_1_or_more_is_kept_or_grows() {
    let same = Kept::new(1.0, 20, 1.0);
    assert_eq!((same.keep, same.digits), (1.0, 2));
    let grown = Kept::new(20.0, 29, 1.0);
    assert!(grown.keep > 1.0 && adds_up(&grown), "{grown:?}");
    let one_step = Kept::new(0.37, 1, 1.0);
    assert_eq!((one_step.keep, one_step.digits), (0.37, 2));
}

/// Checks a lane's diagnosis against the trace that it is made from, by sums of its own.
fn check(lane: &LaneSnapshot, diagnosis: &LaneDiagnosis, marks: &[usize], at: LossAt) {
    if at == LossAt::Every {
        return assert_eq!(diagnosis.reach, Reach::EveryStep);
    }
    let (trace, norms) = (&lane.trace, &lane.trace.grad_h_norms);
    let (mark, last) = (marks[0], trace.len - 1);
    let exact = |norms: &[f64]| norms[mark] / norms[last];
    // Of several layers all are seen against the last one.
    let top = trace.layer_norms.last().map_or(norms[last], |norms| norms[last]);
    match &diagnosis.reach {
        Reach::Overflow { .. } => unreachable!("nothing overflows"),
        Reach::Window { window, from, step, share } => {
            assert_eq!((*window, *from, *step), (lane.window, trace.len.saturating_sub(*window) + 1, mark + 1));
            let most = trace.grad_x_norms.iter().copied().fold(0.0, f64::max);
            let seen = step >= from;
            assert!(seen || trace.grad_x_norms[mark] == 0.0, "it is blind to what it does not see");
            let of_most = if most > 0.0 { trace.grad_x_norms[mark] / most } else { 0.0 };
            assert_eq!(*share, seen.then_some(of_most));
        }
        Reach::EveryStep => panic!("the task asks at the last step"),
        Reach::NoError => assert_eq!(norms[last], 0.0),
        Reach::Lost { step, ends, along_cell, .. } => {
            assert_eq!(*step, mark + 1);
            assert!(norms[mark..*ends].iter().all(|&norm| norm == 0.0) && norms[*ends] > 0.0);
            if trace.c.is_empty() {
                assert!(norms[..mark].iter().all(|&norm| norm == 0.0), "an RNN has no other way back");
            }
            assert!(along_cell.is_none_or(|kept| adds_up(&kept) && kept.ratio == exact(&trace.grad_c_norms)));
        }
        Reach::Arrives { step, kept, bound, along_cell } => {
            assert_eq!((*step, kept.back, kept.ratio), (mark + 1, last - mark, norms[mark] / top));
            assert!(adds_up(kept), "{kept:?}");
            let covered = trace.layer + 1 < trace.layer_norms.len();
            let unbound = covered || trace.cell.has_gates();
            assert_eq!((bound.is_none(), along_cell.is_some()), (unbound, !trace.c.is_empty()));
            if let Some(bound) = bound {
                let hidden = trace.hidden;
                let on_the_way = &trace.gates[0].values[(mark + 1) * hidden..];
                let slope = f64::from(on_the_way.iter().copied().fold(0.0, f32::max));
                let sigma = trace.sigma_max.unwrap();
                let measured = kept.ratio.powf(1.0 / kept.back as f64);
                assert!(measured <= slope * sigma * (1.0 + 1e-5), "{measured} > {slope} · {sigma}");
                assert!(bounds(bound, slope, sigma, kept.keep), "{bound:?} {kept:?}");
            }
            if let Some((along, forget)) = along_cell {
                assert!(adds_up(along) && along.ratio == exact(&trace.grad_c_norms));
                assert!((0.0..=1.0).contains(forget));
            }
        }
    }
}

/// Diagnoses a snapshot of a run with full BPTT, each lane checked against its trace.
fn diagnosed(snapshot: &Snapshot, kind: TaskKind) -> Vec<LaneDiagnosis> {
    diagnosed_with(snapshot, kind, 0)
}

fn diagnosed_with(snapshot: &Snapshot, kind: TaskKind, window: usize) -> Vec<LaneDiagnosis> {
    let lanes = diagnose(snapshot, kind.task(), Truncation::new(window));
    assert_eq!(lanes.len(), snapshot.lanes.len());
    for (lane, diagnosis) in snapshot.lanes.iter().zip(&lanes) {
        assert_eq!((lane.cell, lane.stopped), (diagnosis.cell, diagnosis.stopped));
        check(lane, diagnosis, &snapshot.sequence.marks, kind.task().loss().at);
    }
    lanes
}

fn after(hash: &str, updates: u64) -> Vec<LaneDiagnosis> {
    let mut trainer = trained(hash, updates);
    let (kind, window) = (trainer.experiment().task, trainer.experiment().truncation);
    diagnosed_with(&snapshot(&mut trainer), kind, window)
}

/// The share that arrives, and the bound of a step.
fn arrives(lane: &LaneDiagnosis) -> (Kept, Option<Bound>) {
    match &lane.reach {
        Reach::Arrives { kept, bound, .. } => (*kept, *bound),
        other => panic!("{other:?}"),
    }
}

#[test]
fn before_training_hardly_anything_reaches_back_in_a_sigmoid_rnn() {
    let lanes = after("", 0);
    assert!(lanes.iter().all(|lane| lane.progress == Progress::Untrained && lane.stopped.is_none()));
    let (kept, bound) = arrives(&lanes[0]);
    let bound = bound.unwrap();
    assert!(kept.ratio < 1e-12 && kept.keep < 0.4, "{kept:?}");
    assert!(bound.slope <= 0.25 && bound.product < 1.0, "{bound:?}");
    assert!(arrives(&lanes[1]).0.ratio > 1e-6);
}

#[test]
fn the_default_run_is_early_then_guessing_or_solved() {
    assert!(after("", 19).iter().all(|lane| lane.progress == Progress::Early));
    let lanes = after("", 900);
    assert!(matches!(lanes[0].progress, Progress::Guessing(_) | Progress::Better(_)), "{:?}", lanes[0].progress);
    assert!(matches!(lanes[1].progress, Progress::Solved(_)), "{:?}", lanes[1].progress);
    let Reach::Arrives { along_cell: Some((along, forget)), kept, .. } = &lanes[1].reach else { panic!() };
    assert!(along.ratio > kept.ratio && *forget > 1e-3, "the cell is the way back: {along:?} {kept:?} {forget}");
}

#[test]
fn every_lane_of_every_task_has_a_diagnosis_that_adds_up() {
    for kind in TaskKind::ALL {
        for (k, cells) in CellKind::ALL.chunks(4).enumerate() {
            let lanes = cells.iter().map(|cell| cell.code()).collect::<Vec<_>>().join(",");
            for len in [2, 3, 12, 30] {
                let mut trainer = Trainer::new(&experiment(&format!("task={}&len={len}&lanes={lanes}", kind.code())));
                assert_eq!(trainer.experiment().lanes, cells);
                // The plain cells longer: what they come to is most various.
                for checkpoint in [0, 1, 25, if k == 0 { 300 } else { 50 }] {
                    while trainer.update() < checkpoint {
                        trainer.step();
                    }
                    for probe in 0..4 {
                        diagnosed(&trainer.snapshot(0, probe, 0, false), kind);
                    }
                }
            }
        }
    }
}

#[test]
fn a_loss_at_every_step_can_not_be_read_from_the_curve() {
    let mut trainer = trained("task=sine&lanes=rnn-sigmoid,lstm", 30);
    let lanes = diagnose(&snapshot(&mut trainer), TaskKind::Sine.task(), Truncation::default());
    assert!(lanes.iter().all(|lane| lane.reach == Reach::EveryStep));
}

#[test]
fn a_sigmoid_rnn_over_200_steps_falls_below_f32() {
    for updates in [0, 60] {
        let Reach::Lost { loss, ends, step, .. } =
            after("seed=7&data=4&len=200&lanes=rnn-sigmoid", updates)[0].reach.clone()
        else {
            panic!("200 steps of at most a third each are more than f32 holds")
        };
        assert!(loss == Loss::Below && ends > step && (100..180).contains(&ends), "{step} {ends}");
    }
}

#[test]
fn only_what_became_too_small_is_called_below_f32() {
    let below = |hash: &str, updates: u64, window: usize| {
        let mut trainer = trained(hash, updates);
        fell_below(&snapshot(&mut trainer).lanes[0], Truncation::new(window))
    };
    assert!(below("seed=7&data=4&len=200&lanes=rnn-sigmoid", 0, 0), "too small");
    assert!(!below("seed=7&data=4&lanes=rnn-sigmoid", 0, 0), "small, and not zero");
    assert!(!below("lanes=rnn-sigmoid&tbptt=7", 3, 7), "cut");
    assert!(!below("seed=7&data=4&lanes=rnn-relu", 1500, 0), "off");
    assert!(!below("lanes=window", 0, 0), "no state");
}

#[test]
fn a_relu_rnn_whose_units_are_all_off_passes_nothing() {
    // In PyTorch too: with these weights its gradient on `order` 30 is exactly 0 from update 500 on.
    let lanes = after("seed=7&data=4&lanes=rnn-relu", 1500);
    let Reach::Lost { loss, .. } = lanes[0].reach else { panic!("{:?}", lanes[0].reach) };
    assert_eq!(loss, Loss::Dead, "off, not too small");
}

#[test]
fn saturated_units_and_gates_pass_nothing_either() {
    // Steps so large that every unit sits at the end of its function, where the slope is 0 in f32.
    let lanes = after("seed=7&data=4&task=adding&lanes=rnn-tanh,lstm&lr=10&clip=0&len=20", 300);
    for lane in &lanes {
        let Reach::Lost { loss, .. } = lane.reach else { panic!("{:?}", lane.reach) };
        assert_eq!(loss, Loss::Dead, "{:?}: saturated, not too small", lane.cell);
    }
    // A closed forget gate over 200 steps is another thing: small, not zero.
    let lanes = after("seed=7&data=4&task=adding&len=200&lanes=lstm&forget=-5", 0);
    let Reach::Lost { loss, along_cell, .. } = lanes[0].reach else { panic!("{:?}", lanes[0].reach) };
    assert!(loss == Loss::Below && along_cell.is_none());
}

#[test]
fn behind_a_cut_nothing_arrives_because_of_the_cut() {
    // Windows that end between the first step that matters and the last.
    for (window, ends) in [(1, 29), (7, 28), (8, 24), (15, 15), (29, 29)] {
        for lane in after(&format!("lanes=rnn-sigmoid,rnn-tanh,lstm&tbptt={window}"), 3) {
            let Reach::Lost { loss, ends: found, along_cell, .. } = lane.reach else { panic!("{:?}", lane.reach) };
            assert_eq!((loss, found, along_cell), (Loss::Cut(window), ends, None), "{:?}", lane.cell);
        }
    }
    // A cut before the step that matters takes nothing from it: marks lie at a tenth of the length and later.
    for window in [0, 30] {
        let lanes = after(&format!("lanes=rnn-tanh,lstm&tbptt={window}"), 3);
        assert!(lanes.iter().all(|lane| matches!(lane.reach, Reach::Arrives { .. })), "{window}: {lanes:?}");
    }
    // What is lost before it meets a cut is not lost by the cut.
    let Reach::Lost { loss, ends, .. } = after("seed=7&data=4&len=200&lanes=rnn-sigmoid&tbptt=90", 0)[0].reach.clone()
    else {
        panic!("200 steps of at most a third each are more than f32 holds")
    };
    assert_eq!(loss, if ends == 180 { Loss::Cut(90) } else { Loss::Below });
}

#[test]
fn where_the_error_is_zero_there_is_nothing_to_compare_with() {
    // Logits so far apart that the right class has probability 1 exactly.
    let lanes = after("seed=7&data=2&lanes=rnn-tanh&opt=momentum&lr=10&clip=0&len=20", 300);
    assert_eq!(lanes[0].reach, Reach::NoError);
}

#[test]
fn a_lane_that_diverged_keeps_its_last_finite_facts() {
    let lanes = after("seed=7&data=4&task=adding&lanes=rnn-relu,lstm&lr=10&opt=sgd&clip=1&len=30", 300);
    assert_eq!(lanes[0].stopped.unwrap().update, 9);
    assert_eq!(lanes[0].progress, Progress::Early);
    assert_eq!(lanes[1].stopped, None);
}

#[test]
fn progress_is_told_by_the_mean_of_the_last_20_losses() {
    let kind = TaskKind::Order;
    let mut shown = snapshot(&mut trained("len=4", 20));
    let guess = kind.task().guess_level();
    let mut told = |mean: f64| {
        shown.lanes[0].recent_loss = Some(mean);
        diagnose(&shown, kind.task(), Truncation::default())[0].progress
    };
    assert_eq!(told(0.0999), Progress::Solved(0.0999));
    assert_eq!(told(0.1), Progress::Better(0.1));
    for (factor, near) in
        [(1.0 - NEAR_GUESS - 1e-6, false), (1.0 - NEAR_GUESS + 1e-6, true), (1.0 + NEAR_GUESS - 1e-6, true)]
    {
        let mean = guess * factor;
        assert_eq!(told(mean), if near { Progress::Guessing(mean) } else { Progress::Better(mean) });
    }
    assert_eq!(told(guess * 1.13), Progress::Worse(guess * 1.13));
}

#[test]
fn only_what_is_solved_in_training_and_not_beyond_it_is_learnt_by_heart() {
    let (solved, better, guess, worse) =
        (Progress::Solved(0.05), Progress::Better(0.45), Progress::Guessing(1.4), Progress::Worse(3.0));
    assert!(by_heart(solved, worse) && by_heart(solved, guess));
    assert!(!by_heart(better, worse), "a training loss of 0.45 is not learnt yet");
    assert!(![solved, better].into_iter().any(|held_out| by_heart(solved, held_out)));
    assert!(![guess, worse, Progress::Early].into_iter().any(|trained| by_heart(trained, worse)));
}

#[test]
fn a_run_has_solved_its_task_when_20_losses_say_so() {
    let task = TaskKind::Adding.task();
    let losses: Vec<f32> = (0..60).map(|k| if k < 30 { 0.5 } else { 0.001 }).collect();
    assert_eq!(solved_at(&losses, 19, task), None);
    assert_eq!(solved_at(&losses, 20, task), Some(false));
    assert_eq!(solved_at(&losses, 49, task), Some(false));
    assert_eq!(solved_at(&losses, 50, task), Some(true));
    assert_eq!(solved_at(&losses, 61, task), None);
}

#[test]
fn the_gradient_of_a_sigmoid_rnn_comes_back_on_adding() {
    let mut trainer = Trainer::new(&experiment("seed=7&data=4&task=adding&len=20&lanes=rnn-sigmoid"));
    let mut story = vec![];
    for checkpoint in (0..=6000).step_by(250) {
        while trainer.update() < checkpoint {
            trainer.step();
        }
        let lanes = diagnosed(&snapshot(&mut trainer), TaskKind::Adding);
        let (kept, bound) = arrives(&lanes[0]);
        println!("{checkpoint}: {kept:?} {:?} {:?}", bound.unwrap(), lanes[0].progress);
        story.push((kept.ratio, bound.unwrap().product, lanes[0].progress));
    }
    let (first, last) = (&story[0], &story[story.len() - 1]);
    assert!(first.0 < 1e-12 && first.1 < 1.0, "{first:?}");
    assert!(last.0 > 1e-3 && last.1 > 1.0 && matches!(last.2, Progress::Solved(_)), "{last:?}");
}

#[test]
fn a_window_network_is_said_to_be_blind_to_what_lies_before_its_window() {
    for (window, sees) in [(10, false), (29, true), (200, true)] {
        let mut trainer = test_utils::runs::trained(&format!("lanes=window,lstm&len=30&window={window}"), 5);
        let snapshot = test_utils::runs::snapshot(&mut trainer);
        let lanes = diagnose(&snapshot, trainer.experiment().task.task(), Truncation::new(0));
        let norms = &snapshot.lanes[0].trace.grad_x_norms;
        let Reach::Window { window: said, from, step, share } = lanes[0].reach else { panic!("{:?}", lanes[0]) };
        assert_eq!((said, from), (window, 31_usize.saturating_sub(window).max(1)));
        assert_eq!(share.is_some(), sees && norms[step - 1] > 0.0, "{window}");
        assert!(norms[..from - 1].iter().all(|&norm| norm == 0.0) && norms[from - 1..].iter().all(|&norm| norm > 0.0));
        assert!(matches!(lanes[1].reach, Reach::Arrives { .. }));
    }
}

#[test]
fn without_a_forget_gate_the_cell_grows_along_the_stream_and_with_one_it_does_not() {
    for seed in [1, 2, 3] {
        let hash = format!("task=stream&len=100&lanes=lstm-nfg,lstm&seed={seed}");
        let mut trainer = test_utils::runs::trained(&hash, 300);
        let snapshot = test_utils::runs::snapshot(&mut trainer);
        let task = trainer.experiment().task.task();
        let facts = lab::analysis::diagnosis::diagnose(&snapshot, task, nn::Truncation::default());
        let growth: Vec<f64> =
            facts.iter().map(|lane| lane.growth.unwrap()).map(|(first, second)| second / first).collect();
        assert!(growth[0] > 1.5 && growth[1] < 1.2, "seed {seed}: {growth:?}");
    }
}
