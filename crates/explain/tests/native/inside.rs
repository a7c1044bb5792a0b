//! One update looked at from inside: the numbers are those of the update that follows, and nothing changes by looking.

use explain::film::frames::{Frame, Whose};
use explain::film::layout::{LEAST, LEAST_AT_CUT, Layout, Slot, slots};
use explain::film::losses::losses;
use explain::film::scene::Scene;
use explain::film::unrolled::Unrolled;
use explain::scale::decades;
use explain::step::{At, Gathering};
use explain::sum::Sum;
use explain::tree::digits::{Digits, Value};
use explain::tree::equation::{Equation, Line};
use explain::tree::mathml::line as as_markup;
use explain::tree::{Expr, Index, Symbol, Tint};
use lab::Film;
use lab::Inside;
use lab::Snapshot;
use lab::Trainer;
use lab::packed::{Packed, pack};
use lab::worker::event::{Activity, Event, Report};
use nn::{Batch, Network, Optimizer, Parameters, ProbeTrace, Truncation, Unroll, clip, math};

use test_utils::bits::{bits, packed_bits};
use test_utils::runs::{snapshot, trained};

const ALL_LANES: &str = "lanes=rnn-sigmoid,gru,lstm-peephole,lstm";

const LINKS: [&str; 9] = [
    "task=order&len=12&opt=adam&hidden=5&batch=6",
    "task=order&len=9&opt=rmsprop&hidden=5&batch=4",
    "task=adding&len=8&opt=adamw&hidden=5&batch=4",
    "task=adding&len=10&opt=sgd&clip=0&hidden=4&batch=3",
    "task=recall&len=8&opt=momentum&clip=0.1&hidden=7&batch=5",
    "task=sine&len=15&opt=adam&clip=0.5&hidden=5&batch=4",
    "task=order&len=2&batch=1&hidden=1",
    "task=adding&len=7&opt=momentum&decay=0.05&hidden=5&batch=4",
    "task=order&len=6&opt=adam&decay=0.02&clip=0.01&clipmode=value&hidden=4&batch=3",
];

fn inside(trainer: &mut Trainer, member: usize) -> (Snapshot, Inside) {
    let window = trainer.experiment().truncation;
    trainer.inside(0, trainer.experiment().probe, 0, false, (member, window))
}

fn report(trainer: &mut Trainer, member: usize) -> Report {
    let (snapshot, inside) = inside(trainer, member);
    Report { activity: Activity::Idle, rate: 0.0, answered: vec![], cancelled: false, snapshot, inside: Some(inside) }
}

fn film(inside: &Inside, lane: usize) -> &Film {
    inside.films[lane].as_ref().unwrap()
}

#[test]
fn looking_inside_changes_nothing() {
    for link in LINKS {
        let hash = format!("{ALL_LANES}&{link}");
        let (mut looked, mut left) = (trained(&hash, 7), trained(&hash, 7));
        let before = bits(&snapshot(&mut looked));
        for member in [0, 3, 99] {
            inside(&mut looked, member);
        }
        assert_eq!(bits(&snapshot(&mut looked)), before, "{link}");
        looked.step();
        left.step();
        assert_eq!(bits(&snapshot(&mut looked)), bits(&snapshot(&mut left)), "{link}");
    }
}

/// The update made with the engine's own functions: the unroll, the gradients before and after clipping, the weights.
struct Made {
    unroll: Unroll<f32>,
    loss: f64,
    norm: f64,
    gradients: Parameters<f32>,
    clipped: Parameters<f32>,
    before: Network<f32>,
    after: Network<f32>,
}

fn made(trainer: &Trainer, lane: usize) -> Made {
    let experiment = trainer.experiment();
    let cell = experiment.lanes[lane];
    let config = experiment.network(cell);
    let spec = experiment.task.task().loss();
    let mut network = Network::seeded(&config, experiment.seed);
    let mut optimizer = Optimizer::with_settings(experiment.optimizer_settings(), network.parameter_count());
    let truncation = Truncation::new(experiment.truncation);
    let mut unroll = Unroll::new(&config, experiment.len, experiment.batch).truncated(truncation);
    let mut gradients = network.parameters().clone();
    for update in 1..=trainer.update() + 1 {
        let sequences = experiment.task.batch_sequences(experiment.data, update, experiment.len, experiment.batch);
        let batch: Batch<f32> = experiment.task.batch(&sequences).unwrap();
        unroll.forward(&network, &batch);
        let loss = unroll.loss(&batch, spec);
        unroll.backward(&network, &batch, &mut gradients);
        let unclipped = gradients.clone();
        let norm = clip(experiment.clip_mode, gradients.values_mut(), experiment.clip);
        let before = network.clone();
        optimizer.step(network.parameters_mut().values_mut(), gradients.values());
        if update > trainer.update() {
            return Made { unroll, loss, norm, gradients: unclipped, clipped: gradients, before, after: network };
        }
    }
    unreachable!("the last update returns")
}

#[test]
fn a_film_has_the_numbers_of_the_update_that_follows() {
    for link in LINKS {
        let mut trainer = trained(&format!("{ALL_LANES}&{link}"), 9);
        let (shown, looked) = inside(&mut trainer, 2);
        let expected: Vec<Made> = (0..4).map(|lane| made(&trainer, lane)).collect();
        trainer.step();
        for (lane, made) in expected.iter().enumerate() {
            let film = film(&looked, lane);
            assert_eq!(film.loss, f64::from(trainer.losses(lane)[9]), "{link}: the loss of the update made");
            assert_eq!(film.loss, f64::from(made.loss as f32));
            assert_eq!(film.norm, made.norm, "{link}");
            assert_eq!(film.clipped_norm, math::norm(made.clipped.values()));
            let names = ["w_ih", "w_hh", "b", "w_out", "b_out"];
            for (norms, name) in film.blocks.iter().zip(names) {
                let block = made.after.parameters().block(name).unwrap();
                let of = |parameters: &Parameters<f32>| math::norm(&parameters.values()[block.range()]);
                assert_eq!(norms.gradient, of(&made.gradients), "{link} {}", block.name);
                assert_eq!(norms.clipped, of(&made.clipped));
                assert_eq!(norms.before, of(made.before.parameters()));
                assert_eq!(norms.after, of(made.after.parameters()));
            }
            for (u, one) in film.followed.iter().enumerate() {
                assert_eq!(one.column, u);
                let entry = |parameters: &Parameters<f32>| f64::from(parameters.view("w_hh").unwrap()[(u, u)]);
                assert_eq!(one.before, entry(made.before.parameters()));
                assert_eq!(one.gradient, entry(&made.gradients));
                assert_eq!(one.clipped, entry(&made.clipped));
                assert_eq!(one.after, entry(made.after.parameters()));
            }
            let size = trainer.experiment().batch;
            let member = looked.member;
            let trace = &shown.lanes[lane].trace;
            let hidden = trace.hidden;
            for t in 0..trace.len {
                let column = |values: &[f32]| values[t * hidden..(t + 1) * hidden].to_vec();
                let own =
                    |matrix: gatescope_matrix::View<'_>| matrix.column(t * size + member).iter().copied().collect();
                let (h, grad_h): (Vec<f32>, Vec<f32>) = (own(made.unroll.h()), own(made.unroll.grad_h().as_view()));
                assert_eq!(column(&trace.h), h, "{link}: the batch pass' own column");
                assert_eq!(column(&trace.grad_h), grad_h, "{link}");
            }
            // The shares of all steps add up to the gradient, so its norm is at most their sum.
            let sum: f64 = film.shares.iter().sum();
            assert!(film.blocks[1].gradient <= sum * (1.0 + 1e-5), "{link}: {} {sum}", film.blocks[1].gradient);
            assert_eq!((film.shares[0], film.own_shares[0]), (0.0, 0.0), "before the first step h is 0");
        }
    }
}

mod gatescope_matrix {
    pub(super) type View<'a> = nalgebra::DMatrixView<'a, f32>;
}

#[test]
fn a_members_share_is_the_norm_of_delta_times_the_state_before() {
    let mut trainer = trained(&format!("{ALL_LANES}&len=6&hidden=5"), 3);
    let (shown, looked) = inside(&mut trainer, 1);
    for (lane, snapshot) in shown.lanes.iter().enumerate() {
        let trace = &snapshot.trace;
        for t in 1..trace.len {
            let mut sum = 0.0;
            let delta = |series: &nn::GateSeries<f32>, at: usize| {
                f64::from(series.values[at] * trace.reset_of(series.name).map_or(1.0, |reset| reset[at]))
            };
            let deltas = trace.grad_z.iter().flat_map(|series| (t * 5..(t + 1) * 5).map(move |at| delta(series, at)));
            for delta in deltas {
                for h in &trace.h[(t - 1) * 5..t * 5] {
                    sum += (delta * f64::from(*h)).powi(2);
                }
            }
            let share = film(&looked, lane).own_shares[t];
            assert!((share - sum.sqrt()).abs() <= 1e-12 * sum.sqrt(), "lane {lane}, step {t}: {share}");
        }
    }
}

#[test]
fn a_batch_of_one_is_its_own_member() {
    let mut trainer = trained("lanes=lstm,rnn-tanh&batch=1&len=7&hidden=4", 5);
    let (shown, looked) = inside(&mut trainer, 0);
    for (lane, snapshot) in shown.lanes.iter().enumerate() {
        let film = film(&looked, lane);
        assert_eq!(film.loss as f32, snapshot.trace.loss as f32);
        for (own, all) in film.own_shares.iter().zip(&film.shares) {
            assert!((own - all).abs() <= 1e-5 * all.abs(), "{own} {all}");
        }
    }
}

#[test]
fn a_lane_that_will_stop_has_no_film_and_finite_charts() {
    let hash = "seed=7&data=4&task=adding&lanes=rnn-relu,lstm&lr=10&opt=sgd&clip=1&len=30";
    let mut trainer = trained(hash, 0);
    let mut without = 0;
    for _ in 0..200 {
        let (shown, looked) = inside(&mut trainer, 0);
        let finite = |trace: &ProbeTrace<f32>| math::all_finite(&trace.h) && math::all_finite(&trace.grad_h);
        assert!(shown.lanes.iter().all(|lane| finite(&lane.trace)));
        trainer.step();
        let stopped = snapshot(&mut trainer).lanes[0].stopped.is_some();
        assert_eq!(looked.films[0].is_none(), stopped);
        without += usize::from(stopped);
    }
    assert!(without > 0, "this lane diverges");
}

#[test]
fn a_film_arrives_as_it_was_sent() {
    for link in LINKS {
        let report = report(&mut trained(&format!("{ALL_LANES}&{link}"), 4), 1);
        let packed = Event::Report(Box::new(report.clone())).pack().unwrap();
        let Event::Report(arrived) = Event::unpack(packed.clone()).unwrap() else { panic!("a report") };
        let numbers = |report: &Report| {
            let films = report.inside.as_ref().unwrap().films.iter();
            films.map(|film| packed_bits(&pack(film.as_ref().unwrap()).unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(bits(&arrived.snapshot), bits(&report.snapshot));
        assert_eq!(numbers(&arrived), numbers(&report));
        let (arrived, sent) = (arrived.inside.unwrap(), report.inside.unwrap());
        assert_eq!(arrived.member, 1.min(sent.member));
        let members = |inside: &Inside| {
            inside.members.iter().map(|of| (of.target_steps, of.target.map(f64::to_bits))).collect::<Vec<_>>()
        };
        assert_eq!(members(&arrived), members(&sent));
        let doubles = packed.doubles[..packed.doubles.len() - 1].to_vec();
        assert!(Event::unpack(Packed { doubles, ..packed }).is_err());
    }
}

#[test]
fn frames_follow_the_update_in_order() {
    for len in [2, 3, 30, 200] {
        let mut expected = vec![Frame::Batch];
        expected.extend((0..len).map(Frame::Forward));
        expected.push(Frame::Readout);
        expected.extend((0..len).rev().map(Frame::Backward));
        expected.extend([Frame::Gather, Frame::Clip, Frame::Optimiser, Frame::Weights]);
        assert_eq!(Frame::count(len), expected.len());
        for (index, frame) in expected.into_iter().enumerate() {
            assert_eq!(Frame::at(index, len), frame, "frame {index} of T = {len}");
            assert_eq!(frame.index(len), index);
        }
        assert_eq!(Frame::at(usize::MAX, len), Frame::Weights);
    }
    assert_eq!(Frame::Batch.of_step(4), Frame::Forward(4));
    assert_eq!(Frame::Backward(9).of_step(4), Frame::Backward(4));
    assert_eq!(Frame::Forward(0).whose(), Whose::Own);
    assert_eq!(Frame::Backward(0).whose(), Whose::Part);
    assert_eq!(Frame::Clip.whose(), Whose::Batch);
}

/// A number as [`numbers`] writes it.
fn number(text: &str) -> f64 {
    let plain: String = text.replace('−', "-").replace(" × 10", "e");
    let digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
    let plain: String = plain
        .chars()
        .map(|c| match digits.chars().position(|digit| digit == c) {
            Some(digit) => char::from_digit(digit as u32, 10).unwrap(),
            None if c == '⁻' => '-',
            None => c,
        })
        .collect();
    plain.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn close(text: &str, value: f64) {
    assert!((number(text) - value).abs() <= 6e-4 * value.abs(), "{text}, not {value}");
}

fn equations(trainer: &mut Trainer, lane: usize, unit: usize, frame: Frame) -> Vec<Line> {
    let (shown, looked) = inside(trainer, 0);
    let last = (shown.lanes[lane].trace.len - 1, unit);
    let truncation = Truncation::new(looked.window);
    let here = At::new(&shown.lanes[lane], &shown.sequence, last, truncation, Digits::Shown('.'));
    let scene = Scene {
        at: &here,
        experiment: trainer.experiment(),
        update: trainer.update() + 1,
        sequence: &shown.sequence,
        film: film(&looked, lane),
    };
    let at = |t| {
        let truncation = Truncation::new(looked.window);
        At::new(&shown.lanes[lane], &shown.sequence, (t, unit), truncation, Digits::Shown('.'))
    };
    let mut lines = match frame {
        Frame::Forward(t) => at(t).forward(),
        Frame::Backward(t) => at(t).backward(),
        _ => Vec::new(),
    };
    lines.extend(scene.beside(frame));
    lines
}

#[test]
fn the_numbers_in_the_equations_satisfy_them() {
    let mut trainer = trained(&format!("{ALL_LANES}&len=12&opt=sgd&clip=0.01&hidden=5"), 5);
    let (shown, looked) = inside(&mut trainer, 0);
    for lane in 0..4 {
        let (trace, film) = (&shown.lanes[lane].trace, film(&looked, lane));
        let at = |values: &[f32], t: usize| f64::from(values[t * 5 + 2]);
        let back = equations(&mut trainer, lane, 2, Frame::Backward(7));
        close(back[0].value(), at(&trace.grad_h, 7));
        let [.., share, followed] = back.as_slice() else { panic!("{back:?}") };
        close(share.value(), film.own_shares[7]);
        // The followed weight's part of this step: its first gate's δ times its own h before.
        close(followed.value(), at(&trace.grad_z[0].values, 7) * at(&trace.h, 6));
        if lane == 3 {
            let kept = at(&trace.gates[1].values, 8) * at(&trace.grad_c, 8);
            let squash = 1.0 - at(&trace.c, 7).tanh().powi(2);
            let sum = kept + at(&trace.grad_h, 7) * at(&trace.gates[3].values, 7) * squash;
            assert!((sum - at(&trace.grad_c, 7)).abs() <= 1e-4 * sum.abs(), "∂L/∂c is the sum of its two paths");
            close(back[1].value(), sum);
        } else if lane == 0 {
            close(back[1].value(), at(&trace.grad_h, 7) * at(&trace.gates[0].values, 7));
        }
        let clip = equations(&mut trainer, lane, 2, Frame::Clip);
        close(clip[0].value(), film.norm);
        close(clip[1].value(), (0.01 / (film.norm + 1e-6)).min(1.0));
        close(clip[3].value(), film.followed[2].clipped);
        let step = equations(&mut trainer, lane, 2, Frame::Optimiser);
        assert!((number(step[0].value()) + 0.01 * film.followed[2].clipped).abs() < 1e-7, "Δ = −η·g");
        let after = equations(&mut trainer, lane, 2, Frame::Weights);
        close(after[0].value(), film.followed[2].after);
    }
}

#[test]
fn every_frame_of_every_task_and_optimiser_has_an_equation_in_mathml() {
    for link in LINKS {
        let mut trainer = trained(&format!("{ALL_LANES}&{link}"), 2);
        let len = trainer.experiment().len;
        for lane in 0..4 {
            for index in 0..Frame::count(len) {
                let frame = Frame::at(index, len);
                let lines = equations(&mut trainer, lane, 0, frame);
                assert!(!lines.is_empty(), "{link} {frame:?}");
                assert!(lines.iter().all(|line| !line.left().contains("NaN") && line.value() != "–"), "{lines:?}");
                assert_markup(&lines.iter().map(as_markup).collect::<String>());
            }
        }
    }
}

#[test]
fn indices_become_subscripts() {
    let product = |factors: [Symbol; 2]| Expr::Product(factors.map(Expr::Symbol).into());
    let line = Equation::new(Some(Tint::CellState), Symbol::hidden().at(12))
        .equals(product([Symbol::new("U").transposed(), Symbol::new("δ").indexed(Index::BeforeAny)]))
        .gives(Value::new(-1.5e-8))
        .line_to(Digits::Shown('.'), 2);
    let o = "<mo stretchy=\"false\">";
    let expected = format!(
        "<math><msub><mi class=\"q-h\">h</mi><mi>12</mi></msub></math>\
         <math>{o}=</mo><mi>Uᵀ</mi>{o}·</mo><msub><mi>δ</mi><mi>t−1</mi></msub></math>\
         <strong><math>{o}=</mo><mo stretchy=\"false\" form=\"prefix\">−</mo><mn>1.5</mn>{o}×</mo><mn>10⁻⁸</mn></math></strong>"
    );
    assert_eq!(as_markup(&line), expected);
    let of_layer = Equation::new(None, Symbol::hidden().of_layer(Some(2)).at(7)).line_to(Digits::Shown('.'), 4);
    let expected = "<math><msub><msup><mi class=\"q-h\">h</mi><mn>(2)</mn></msup><mi>7</mi></msub></math>";
    assert_eq!(as_markup(&of_layer), expected, "the number of a layer");
}

#[test]
fn a_window_that_is_tried_has_the_film_of_a_run_with_that_window() {
    for link in LINKS {
        let len = trained(link, 0).experiment().len;
        for window in [1, len / 2, len - 1].map(|window| window.max(1)) {
            let mut tried = trained(&format!("{ALL_LANES}&{link}"), 0);
            let mut own = trained(&format!("{ALL_LANES}&{link}&tbptt={window}"), 0);
            let (shown, looked) = tried.inside(0, 0, 0, false, (1, window));
            for (own, tried) in inside(&mut own, 1).1.films.iter().zip(&looked.films) {
                let numbers = |film: &Option<Film>| packed_bits(&pack(film.as_ref().unwrap()).unwrap());
                assert_eq!(numbers(own), numbers(tried), "{link} {window}");
            }
            assert_eq!(looked.window, window);
            let before = bits(&snapshot(&mut tried));
            assert_eq!(bits(&snapshot(&mut tried)), before, "{link}: nothing changes");
            for (lane, film) in looked.films.iter().enumerate() {
                let film = film.as_ref().unwrap();
                let full = made(&tried, lane);
                assert!((film.relative - film.norm / full.norm).abs() <= 1e-9, "{link} {window}");
                // The law of cosines: what the cut takes away, from both lengths and the angle between them.
                let cut = made(&own, lane);
                let apart: f64 = full
                    .gradients
                    .values()
                    .iter()
                    .zip(cut.gradients.values())
                    .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
                    .sum();
                let cosine = film.angle.to_radians().cos();
                let expected = full.norm.powi(2) + cut.norm.powi(2) - 2.0 * full.norm * cut.norm * cosine;
                assert!((apart - expected).abs() <= 1e-6 * full.norm.powi(2), "{link} {window} {apart} {expected}");
            }
            assert_eq!(shown.update, 0);
        }
    }
}

#[test]
fn the_step_of_the_optimisers_rule_is_that_of_the_weight_up_to_its_last_bit() {
    for opt in ["sgd", "momentum", "rmsprop", "adam", "adamw"] {
        let mut trainer = trained(&format!("lanes=lstm&len=8&hidden=4&batch=5&opt={opt}"), 6);
        for unit in 0..4 {
            let lines = equations(&mut trainer, 0, unit, Frame::Optimiser);
            let rule = lines.iter().find(|line| line.left().contains("ΔU")).unwrap();
            let followed = film(&inside(&mut trainer, 0).1, 0).followed[unit];
            let (said, made) = (number(rule.value()), followed.after - followed.before);
            let last_bit = f64::from(f32::EPSILON) * followed.before.abs();
            assert!((said - made).abs() <= last_bit + 1e-3 * said.abs(), "{opt} {}: {made}", rule.plain());
        }
    }
}

/// Every tag that is opened is closed, in order.
pub fn assert_markup(text: &str) {
    let mut open = Vec::new();
    for piece in text.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap_or_else(|| panic!("{text}"));
        assert!(!rest.contains('>'), "{text}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name.to_owned()), "{text}"),
            None if tag.ends_with('/') => assert_eq!(tag.matches('"').count() % 2, 0),
            None => open.push(tag.split(' ').next().unwrap().to_owned()),
        }
    }
    assert!(open.is_empty(), "{open:?} is never closed");
}

#[test]
fn long_sequences_are_pressed_together_around_the_chosen_step() {
    assert_eq!(slots(5, 2, 8), (0..5).map(Slot::Step).collect::<Vec<_>>());
    for (len, most) in [(30, 8), (200, 5), (9, 8), (200, 12), (4, 3)] {
        for around in 0..len {
            let slots = slots(len, around, most);
            let mut next = 0;
            for slot in &slots {
                next = match *slot {
                    Slot::Step(t) if t == next => t + 1,
                    Slot::Gap(from, to) if from == next && to > from => to,
                    slot => panic!("{slot:?} at {next}"),
                };
            }
            assert_eq!(next, len, "every step once");
            assert!(slots.contains(&Slot::Step(around)), "the chosen step is drawn");
            assert!(slots.iter().filter(|slot| matches!(slot, Slot::Step(_))).count() <= most);
        }
    }
}

#[test]
fn a_cut_can_be_dragged_before_every_step_and_let_go_there_to_the_pixel() {
    for len in [2, 9, 30, 200] {
        for width in [330.0, 700.0, 1400.0] {
            for around in [0, len / 3, len - 1] {
                let layout = Layout::new(len, (around, LEAST), width);
                for k in 0..=len {
                    assert_eq!(layout.nearest(layout.start(k)), k, "{len} steps on {width}, around {around}");
                }
                assert_eq!((layout.nearest(-5.0), layout.nearest(width + 5.0)), (0, len));
                let mut end = layout.places[0].1;
                for &(_, left, right) in &layout.places {
                    assert!(left == end && right > left, "no hole between places");
                    end = right;
                }
                assert!((end - width).abs() < 1e-6);
            }
            for k in 0..=len {
                // Drawn around where a cut was let go a little off, every neighbour has pixels of its own.
                for off in [k.saturating_sub(1), (k + 1).min(len - 1)] {
                    let layout = Layout::new(len, (off, LEAST_AT_CUT), width);
                    let x = layout.start(k);
                    let there = [x.floor(), x.ceil()].map(|pixel| layout.nearest(pixel));
                    assert!(there.contains(&k), "{k} of {len} steps on {width}, around {off}: {there:?}");
                }
            }
        }
    }
}

fn drawing(trainer: &mut Trainer, lane: usize, frame: Frame, width: f64) -> String {
    let (shown, looked) = inside(trainer, 0);
    let snapshot = &shown.lanes[lane];
    let inputs: Vec<String> = (1..=snapshot.trace.len).map(|t| format!("<{t}")).collect();
    let norms = snapshot.trace.grad_h_norms.iter().chain(&snapshot.trace.grad_c_norms).copied();
    let film = film(&looked, lane);
    let mark = '.';
    let decades = decades(norms);
    let truncation = Truncation::new(looked.window);
    let at = At::new(snapshot, &shown.sequence, (0, 0), truncation, Digits::Shown(mark));
    let (losses, from_losses) = (vec![f64::NAN; snapshot.trace.len], at.from_losses());
    let back_along = |t: usize| at.back_along(t);
    Unrolled {
        back_along: &back_along,
        classes: &[],
        lane: snapshot,
        film,
        losses: &losses,
        from_losses: &from_losses,
        truncation,
        inputs: &inputs,
        frame,
        step: 3,
        around: None,
        unit: 1,
        decades,
        width,
        mark,
    }
    .svg()
}

#[test]
fn the_unrolled_network_shows_where_the_film_is() {
    for (link, lanes) in [("len=9", 0..4), ("len=60", 3..4), ("task=sine&len=20", 0..4)] {
        let mut trainer = trained(&format!("{ALL_LANES}&{link}"), 3);
        let len = trainer.experiment().len;
        for lane in lanes {
            let film = inside(&mut trainer, 0).1.films[lane].clone().unwrap();
            for index in 0..Frame::count(len) {
                let frame = Frame::at(index, len);
                for width in [330.0, 900.0] {
                    let svg = drawing(&mut trainer, lane, frame, width);
                    assert_markup(&svg);
                    assert!(!svg.contains("NaN") && !svg.contains("style="), "{svg}");
                    assert_eq!(svg.matches("u-now").count(), 1, "{frame:?}");
                    let back = (0..len).filter(|&t| index >= Frame::Backward(t).index(len));
                    let bars = back.filter(|&t| film.own_shares[t] > 0.0).count();
                    assert_eq!(svg.matches("u-bar").count(), bars, "a bar for each step that the way back has reached");
                }
            }
        }
    }
}

#[test]
fn a_stronger_gradient_is_drawn_thicker() {
    let mut trainer = trained("lanes=rnn-sigmoid&len=9&hidden=5", 0);
    let svg = drawing(&mut trainer, 0, Frame::Gather, 900.0);
    let widths: Vec<f64> = svg
        .split("class=\"u-flow\"")
        .skip(1)
        .map(|rest| rest.split("stroke-width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
        .filter(|&width| width != 1.0 + 5.0 * 0.2)
        .collect();
    assert!(widths.len() >= 6, "{widths:?}");
    assert!(widths.is_sorted(), "a sigmoid RNN's gradient shrinks on its way back: {widths:?}");
}

#[test]
fn one_range_of_powers_holds_all_values() {
    assert_eq!(decades([0.0, 3e-9, 0.2].into_iter()), (-9.0, 0.0));
    assert_eq!(decades([1.0].into_iter()), (0.0, 1.0));
    assert_eq!(decades([0.0].into_iter()), (-1.0, 0.0));
}

/// Returns the sum of the terms of a sum, and the largest of them.
fn total(at: &At<'_>, sum: Sum) -> (f64, f64) {
    let terms = at.terms(sum, true).lines.into_iter().map(|line| line.value().parse::<f64>().unwrap());
    terms.fold((0.0, 0.0), |(total, largest), term| (total + term, f64::max(largest, term.abs())))
}

#[test]
fn an_answer_and_a_weights_gradient_open_into_terms_that_add_up() {
    for lanes in ["rnn-sigmoid,lstm,gru,window:hidden=5", "lstm-nig,lstm-peephole,lstm-fgr,rnn-relu"] {
        for (task, batch) in [("order", 6), ("adding", 1), ("sine", 1)] {
            let mut trainer = trained(&format!("lanes={lanes}&task={task}&len=9&hidden=12&batch={batch}"), 7);
            let (shown, looked) = inside(&mut trainer, 0);
            for (index, lane) in shown.lanes.iter().enumerate() {
                let (last, film) = (lane.trace.len - 1, film(&looked, index));
                for unit in [0, lane.trace.hidden - 1] {
                    let gradient = film.followed[unit].gradient;
                    let sequence = &shown.sequence;
                    let at = At::new(lane, sequence, (last, unit), Truncation::new(0), Digits::All)
                        .gathering(Gathering { inside: &looked, film, sequence });
                    for o in 0..lane.trace.outputs {
                        let (sum, largest) = total(&at, Sum::Output(o));
                        let output = f64::from(lane.trace.output[last * lane.trace.outputs + o]);
                        assert!((sum - output).abs() <= 4e-6 * largest.max(1.0), "{lanes} {index} {sum} {output}");
                    }
                    let (sum, largest) = total(&at, Sum::FollowedGradient);
                    assert!((sum - gradient).abs() <= 1e-9 * largest, "{lanes} {index} {sum} {gradient}");
                    if batch == 1 {
                        // There are no others, and nothing is left for them.
                        let terms = at.terms(Sum::FollowedGradient, true).lines;
                        let others = terms.iter().find(|line| line.left().starts_with('Σ')).unwrap();
                        let others: f64 = others.value().parse().unwrap();
                        assert!(others.abs() <= 4e-6 * largest + 1e-30, "{lanes} {task} {index} {others} {largest}");
                    }
                }
            }
        }
    }
}

#[test]
fn with_dropout_an_answer_and_what_a_state_is_told_open_into_terms_under_the_mask() {
    let mut left_out = 0;
    for task in ["order", "sine"] {
        let link = format!("lanes=rnn-tanh,lstm,gru&task={task}&len=9&hidden=12&batch=4&dropout=0.4");
        let mut trainer = trained(&link, 7);
        let (shown, _) = inside(&mut trainer, 1);
        for lane in &shown.lanes {
            for (t, unit) in (0..lane.trace.len).flat_map(|t| [(t, 0), (t, 5), (t, 11)]) {
                let at = At::new(lane, &shown.sequence, (t, unit), Truncation::new(0), Digits::All);
                left_out += usize::from(lane.trace.mask[t * lane.trace.hidden + unit] == 0.0);
                let shown = [
                    (Sum::Output(0), lane.trace.output[t * lane.trace.outputs]),
                    (Sum::HiddenGradient, lane.trace.grad_h[t * lane.trace.hidden + unit]),
                ];
                for (name, value) in shown {
                    let (sum, largest) = total(&at, name);
                    let error = (sum - f64::from(value)).abs();
                    assert!(error <= 4e-6 * largest.max(1e-3), "{link} {t} {unit} {name:?}: {sum} instead of {value}");
                }
            }
        }
    }
    assert!(left_out > 20, "the test is of numbers that are left out: {left_out}");
    // Without dropout, and of the probe, there is no mask.
    let mut trainer = trained("dropout=0.4&len=9", 2);
    assert!(snapshot(&mut trainer).lanes.iter().all(|lane| lane.trace.mask.is_empty()));
}

#[test]
fn a_layer_under_another_is_told_by_that_one_and_not_by_the_readout() {
    let mut trainer = trained("lanes=lstm&task=order&len=6&hidden=4&batch=6&layers=2&layer=1", 5);
    let snapshot = snapshot(&mut trainer);
    let at = At::new(&snapshot.lanes[0], &snapshot.sequence, (5, 1), Truncation::new(0), Digits::All);
    let terms = at.terms(Sum::HiddenGradient, true).lines;
    assert!(terms.iter().all(|term| !term.left().contains("out") && !term.left().contains("Wₒ")), "{terms:?}");
    // At the last step nothing comes from later ones.
    assert_eq!((terms.len(), terms[0].left()), (1, "(W⁽²⁾ᵀ·δ⁽²⁾)(2)".to_owned()));
}

#[test]
fn the_batchs_loss_opens_into_the_losses_of_its_sequences_each_as_its_own_film_has_it() {
    for link in
        ["task=order&len=9", "task=adding&len=8", "task=sine&len=12", "task=sine&len=20&ragged=1", "task=stream&len=9"]
    {
        let mut trainer = trained(&format!("lanes=rnn-tanh,lstm,window&batch=5&hidden=4&{link}"), 4);
        let own: Vec<Vec<f64>> = (0..5)
            .map(|member| inside(&mut trainer, member).0.lanes.iter().map(|lane| lane.trace.loss).collect())
            .collect();
        let (shown, looked) = inside(&mut trainer, 2);
        for (index, lane) in shown.lanes.iter().enumerate() {
            let film = film(&looked, index);
            for (b, own) in own.iter().enumerate() {
                assert_eq!(film.losses[b], own[index], "{link}: sequence {b}");
            }
            let sequence = &shown.sequence;
            let at = At::new(lane, sequence, (0, 0), Truncation::new(0), Digits::All).gathering(Gathering {
                inside: &looked,
                film,
                sequence,
            });
            let (sum, largest) = total(&at, Sum::BatchLoss);
            assert!(
                (sum - film.loss).abs() <= 1e-6 * largest.max(film.loss),
                "{link} {index}: {sum}, not {}",
                film.loss
            );
            assert_eq!(at.terms(Sum::BatchLoss, true).lines.len(), 5);
            if losses(sequence, &lane.trace)[0].is_finite() {
                let (sum, _) = total(&at, Sum::SequenceLoss);
                assert!((sum - lane.trace.loss).abs() <= 1e-6 * sum, "{link} {index}: {sum}, not {}", lane.trace.loss);
            }
        }
    }
}

#[test]
fn the_targets_of_a_batch_are_those_that_its_sequences_have() {
    for link in ["task=order&len=9", "task=adding&len=8", "task=sine&len=12", "task=sine&len=20&ragged=1"] {
        let mut trainer = trained(&format!("lanes=lstm&batch=6&{link}"), 2);
        let looked = inside(&mut trainer, 0).1;
        for (b, told) in looked.members.iter().enumerate() {
            let sequence = inside(&mut trainer, b).0.sequence;
            let every = link.contains("sine");
            assert_eq!(told.target_steps, if every { sequence.len as f64 } else { 1.0 }, "{link}");
            match sequence.class {
                Some(class) => assert_eq!(told.target, Some(class as f64)),
                None if every => assert_eq!(told.target, None),
                None => assert_eq!(told.target.unwrap() as f32, *sequence.values.last().unwrap()),
            }
        }
    }
}

#[test]
fn a_window_networks_film_follows_a_weight_that_has_a_gradient_and_names_it_in_every_frame() {
    let mut trainer = trained("lanes=window&task=order&len=9&hidden=4&batch=3&opt=adam", 3);
    let (_, looked) = inside(&mut trainer, 0);
    for unit in 0..4 {
        let followed = film(&looked, 0).followed[unit];
        assert!(followed.gradient != 0.0, "unit {unit}");
        let name = format!("W({}; {})", unit + 1, followed.column + 1);
        for (frame, said) in [(Frame::Gather, "g = ∂L/∂"), (Frame::Optimiser, "Δ = Δ"), (Frame::Weights, "")] {
            let lines = equations(&mut trainer, 0, unit, frame);
            assert!(
                lines.iter().any(|line| line.left().starts_with(&format!("{said}{name}"))),
                "{frame:?} {name}: {lines:?}"
            );
        }
    }
}

#[test]
fn of_several_layers_each_block_is_named_with_the_one_that_it_is_of() {
    for layer in [1, 2] {
        let mut trainer = trained("lanes=lstm&len=6&hidden=4&batch=3&layers=2", 2);
        trainer.show_layer(layer - 1);
        for frame in [Frame::Gather, Frame::Optimiser, Frame::Weights] {
            let lines = equations(&mut trainer, 0, 1, frame);
            let mark = if layer == 1 { "U⁽¹⁾" } else { "U⁽²⁾" };
            assert!(lines.iter().any(|line| line.left().contains(mark)), "{lines:?}");
            assert!(lines.iter().all(|line| !line.left().contains("U‖") && !line.left().contains('§')), "{lines:?}");
            assert_markup(&lines.iter().map(as_markup).collect::<String>());
        }
    }
    let mut trainer = trained("lanes=lstm&len=6&hidden=4&batch=3", 2);
    assert!(equations(&mut trainer, 0, 1, Frame::Gather).iter().all(|line| !line.left().contains('⁽')));
}

#[test]
fn a_share_that_has_all_but_vanished_has_a_bar_that_shows_it() {
    let mut trainer = trained("lanes=rnn-sigmoid&task=recall&len=60&hidden=8", 0);
    let (_, looked) = inside(&mut trainer, 0);
    let svg = drawing(&mut trainer, 0, Frame::Gather, 6000.0);
    let heights: Vec<f64> = svg
        .split("class=\"u-bar\"")
        .skip(1)
        .map(|rest| rest.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
        .collect();
    let shares: Vec<f64> = film(&looked, 0).own_shares.iter().copied().filter(|share| *share > 0.0).collect();
    assert_eq!(heights.len(), shares.len());
    let tallest = heights.iter().copied().fold(0.0, f64::max);
    for (height, share) in heights.iter().zip(&shares) {
        // No bar is as tall as its share would be on more than twelve powers of ten.
        let below = film(&looked, 0).shares.iter().copied().fold(0.0, f64::max).log10() - share.log10();
        assert!(*height <= 46.0 * (1.0 - (below - 1.0) / 12.0).max(0.04), "{height} of {tallest}: {share}");
    }
    // The scale is written beside the bars.
    assert_eq!(svg.matches("class=\"u-share\" x=\"20\"").count(), 2, "two powers of ten");
}

#[test]
fn a_window_network_is_drawn_with_the_inputs_that_it_reads_and_without_what_it_has_not() {
    let mut trainer = trained("lanes=window,lstm&len=9&hidden=5", 2);
    let window = inside(&mut trainer, 0).0.lanes[0].window;
    let edges = |svg: &str| svg.matches("class=\"u-edge\"").count();
    let at = |trainer: &mut Trainer, t: usize| drawing(trainer, 0, Frame::Forward(t), 900.0);
    let (first, later) = (at(&mut trainer, 0), at(&mut trainer, 6));
    // Step by step an input's thin line becomes an arrow.
    assert_eq!(edges(&later) + 6 - edges(&first), window.min(7) - 1, "{window}");
    for frame in [Frame::Gather, Frame::Backward(4)] {
        let svg = drawing(&mut trainer, 0, frame, 900.0);
        assert!(!svg.contains("δ·h") && !svg.contains("u-cut") && !svg.contains("u-bar"));
        assert!(drawing(&mut trainer, 1, frame, 900.0).contains("δ·h"));
    }
}
