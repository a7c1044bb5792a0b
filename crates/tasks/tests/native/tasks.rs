//! The toy sequences are exactly what their files say of them.

use std::collections::BTreeSet;

use nn::{KeyedRng, LossAt, LossKind};
use tasks::{Sequence, Target, TargetAt, Task, TaskKind};

const LENGTHS: [usize; 12] = [2, 3, 4, 5, 9, 10, 19, 20, 30, 99, 101, 200];

/// Many sequences of one length: every update of several seeds.
fn sequences(kind: TaskKind, len: usize) -> Vec<Sequence> {
    let batches = (0..8_u32).flat_map(|seed| (1..=8).map(move |update| (seed.wrapping_mul(0x9e37_79b9), update)));
    batches.flat_map(|(seed, update)| kind.batch_sequences(seed, update, len, 16)).collect()
}

/// The symbol of each step of a one-hot input.
fn symbols(sequence: &Sequence, width: usize) -> Vec<usize> {
    assert_eq!(sequence.inputs.len(), sequence.len * width);
    let symbol = |step: &[f64]| {
        assert!(step.iter().all(|&x| x == 0.0 || x == 1.0), "{step:?}");
        assert_eq!(step.iter().sum::<f64>(), 1.0, "{step:?}");
        step.iter().position(|&x| x == 1.0).unwrap()
    };
    sequence.inputs.chunks(width).map(symbol).collect()
}

fn class(sequence: &Sequence) -> usize {
    match sequence.target {
        Target::Class(class) => class,
        Target::Values(_) => panic!("expected a class"),
    }
}

fn values(sequence: &Sequence) -> &[f64] {
    match &sequence.target {
        Target::Values(values) => values,
        Target::Class(_) => panic!("expected values"),
    }
}

#[test]
fn temporal_order_has_its_markers_where_the_definition_puts_them() {
    for len in LENGTHS {
        let (from, until) = (len / 10, (2 * len / 10).max(len / 10 + 1));
        let (middle_from, middle_to) = (5 * len / 10, 6 * len / 10);
        let (mut first_steps, mut second_steps, mut classes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut distractors = BTreeSet::<usize>::new();
        for sequence in sequences(TaskKind::Order, len) {
            let symbols = symbols(&sequence, 6);
            let [p, q] = sequence.marks[..] else { panic!("two marks, found {:?}", sequence.marks) };
            assert!((from..until).contains(&p) && (middle_from..=middle_to).contains(&q) && p < q, "T {len}: {p} {q}");
            for (t, &symbol) in symbols.iter().enumerate() {
                assert_eq!(symbol < 2, t == p || t == q, "T {len}: symbol {symbol} at step {t}, markers {p}, {q}");
            }
            distractors.extend(symbols.iter().filter(|&&symbol| symbol >= 2));
            assert_eq!(class(&sequence), 2 * symbols[p] + symbols[q]);
            first_steps.insert(p);
            second_steps.insert(q);
            classes.insert(class(&sequence));
        }
        assert_eq!(first_steps, (from..until).collect(), "every allowed first step occurs, T {len}");
        assert_eq!(second_steps, (middle_from..=middle_to).collect(), "every allowed second step occurs, T {len}");
        assert_eq!(classes, (0..4).collect());
        assert_eq!(distractors.len(), if len == 2 { 0 } else { 4 }, "a to d, where there is room for them");
    }
}

#[test]
fn adding_marks_one_step_of_each_half_and_asks_for_the_sum() {
    for len in LENGTHS {
        let half = len / 2;
        let (mut first_steps, mut second_steps) = (BTreeSet::new(), BTreeSet::new());
        for sequence in sequences(TaskKind::Adding, len) {
            assert_eq!(sequence.inputs.len(), 2 * len);
            let [p, q] = sequence.marks[..] else { panic!("two marks, found {:?}", sequence.marks) };
            assert!(p < half && (half..len).contains(&q), "T {len}: {p} {q}");
            for (t, step) in sequence.inputs.chunks(2).enumerate() {
                assert!((0.0..1.0).contains(&step[0]), "T {len}: v = {}", step[0]);
                assert_eq!(step[1], if t == p || t == q { 1.0 } else { 0.0 });
            }
            assert_eq!(values(&sequence)[len - 1], sequence.inputs[2 * p] + sequence.inputs[2 * q]);
            first_steps.insert(p);
            second_steps.insert(q);
        }
        assert_eq!((first_steps.len(), second_steps.len()), (half, len - half), "every step occurs, T {len}");
    }
}

#[test]
fn recall_asks_for_the_first_symbol_at_the_end() {
    for len in LENGTHS {
        let mut classes = BTreeSet::new();
        for sequence in sequences(TaskKind::Recall, len) {
            let symbols = symbols(&sequence, 9);
            assert!(symbols[0] < 4 && symbols[len - 1] == 8);
            assert!(symbols[1..len - 1].iter().all(|symbol| (4..8).contains(symbol)), "{symbols:?}");
            assert_eq!((class(&sequence), sequence.marks.as_slice()), (symbols[0], [0].as_slice()));
            classes.insert(symbols[0]);
        }
        assert_eq!(classes, (0..4).collect());
    }
}

#[test]
fn sine_asks_at_every_step_for_the_next_sample_of_two_sines() {
    for len in LENGTHS {
        for sequence in sequences(TaskKind::Sine, len) {
            let (inputs, targets) = (&sequence.inputs, values(&sequence));
            assert_eq!((inputs.len(), targets.len(), sequence.marks.len()), (len, len, 0));
            assert_eq!(inputs[1..], targets[..len - 1], "the target is the next input");
            assert!(inputs.iter().chain(targets).all(|x| x.abs() <= 1.0));
        }
    }
    // Two sines of periods P and Q satisfy a recurrence of four terms: with s_t + s_{t−2} = 2 cos(2π/P) s_{t−1} for each,
    // x_{t+2} + x_{t−2} = (a + b) (x_{t+1} + x_{t−1}) − (2 + a b) x_t, a = 2 cos(2π/P), b = 2 cos(2π/Q).
    for sequence in sequences(TaskKind::Sine, 60) {
        let x = &sequence.inputs;
        // Least squares for (a + b) and −(2 + a b), two unknowns.
        let [mut uu, mut uv, mut vv, mut uy, mut vy] = [0.0; 5];
        for t in 2..58 {
            let (u, v, y) = (x[t + 1] + x[t - 1], x[t], x[t + 2] + x[t - 2]);
            (uu, uv, vv, uy, vy) = (uu + u * u, uv + u * v, vv + v * v, uy + u * y, vy + v * y);
        }
        let determinant = uu * vv - uv * uv;
        let (sum, product) = ((uy * vv - vy * uv) / determinant, -(uu * vy - uv * uy) / determinant - 2.0);
        let root = (sum * sum / 4.0 - product).max(0.0).sqrt();
        let period = |double_cosine: f64| std::f64::consts::TAU / (double_cosine / 2.0).acos();
        let (fast, slow) = (period(sum / 2.0 - root), period(sum / 2.0 + root));
        assert!((7.99..16.01).contains(&fast) && (19.9..40.1).contains(&slow), "periods {fast} and {slow}");
    }
}

#[test]
fn every_number_of_a_sequence_is_uniform_where_it_should_be() {
    // Markers, distractors and values in 20,000 sequences of T = 30: each share within five standard deviations.
    let count = 20_000;
    let near = |found: usize, share: f64, total: f64| {
        let deviation = (share * (1.0 - share) * total).sqrt();
        assert!(
            (found as f64 - share * total).abs() < 5.0 * deviation,
            "{found} of {total}, expected a share of {share}"
        );
    };
    let draws = |kind: TaskKind| (0..count / 100).flat_map(move |n| kind.batch_sequences(1, n + 1, 30, 100));
    let (mut first, mut second, mut classes, mut distractors) = ([0; 30], [0; 30], [0; 4], [0; 6]);
    for sequence in draws(TaskKind::Order) {
        first[sequence.marks[0]] += 1;
        second[sequence.marks[1]] += 1;
        classes[class(&sequence)] += 1;
        symbols(&sequence, 6).into_iter().for_each(|symbol| distractors[symbol] += 1);
    }
    let total = count as f64;
    first[3..6].iter().for_each(|&found| near(found, 1.0 / 3.0, total));
    second[15..19].iter().for_each(|&found| near(found, 1.0 / 4.0, total));
    classes.iter().for_each(|&found| near(found, 1.0 / 4.0, total));
    distractors[2..].iter().for_each(|&found| near(found, 1.0 / 4.0, 28.0 * total));
    let mut tenths = [0; 10];
    for sequence in draws(TaskKind::Adding) {
        sequence.inputs.iter().step_by(2).for_each(|v| tenths[(10.0 * v) as usize] += 1);
    }
    tenths.iter().for_each(|&found| near(found, 1.0 / 10.0, 30.0 * total));
}

#[test]
fn the_level_of_guessing_is_the_loss_of_the_best_constant_answer() {
    for kind in TaskKind::ALL {
        let task = kind.task();
        for len in [2, 30] {
            let drawn: Vec<Sequence> = (1..=1000).flat_map(|update| kind.batch_sequences(3, update, len, 20)).collect();
            let measured = match task.loss().kind {
                LossKind::SquaredError => {
                    let counted: Vec<f64> = drawn.iter().flat_map(|sequence| counted(task, sequence)).collect();
                    let mean = counted.iter().sum::<f64>() / counted.len() as f64;
                    counted.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / counted.len() as f64
                }
                LossKind::CrossEntropy => (0..task.outputs())
                    .map(|k| {
                        let share = drawn.iter().filter(|s| class(s) == k).count() as f64 / drawn.len() as f64;
                        -share * share.ln()
                    })
                    .sum(),
            };
            let error = measured / task.guess_level() - 1.0;
            assert!(error.abs() < 0.02, "{} {len}: {measured}, said {}", kind.code(), task.guess_level());
        }
        assert!(task.solved_below() < task.guess_level());
    }
}

/// The values that the loss asks for.
fn counted(task: &dyn Task, sequence: &Sequence) -> Vec<f64> {
    (0..sequence.len)
        .filter_map(|t| match sequence.target_at(task, t)? {
            TargetAt::Values(values) => Some(values.to_vec()),
            TargetAt::Class(_) => None,
        })
        .flatten()
        .collect()
}

#[test]
fn only_steps_with_a_target_have_one() {
    for kind in TaskKind::ALL {
        let (task, sequence) = (kind.task(), kind.probe_sequence(1, 2, 7));
        for t in 0..7 {
            let has = sequence.target_at(task, t).is_some();
            assert_eq!(has, task.loss().at == LossAt::Every || t == 6, "{} step {t}", kind.code());
        }
    }
}

#[test]
fn a_batch_depends_on_data_seed_and_update_alone() {
    for kind in TaskKind::ALL {
        let batch = |seed, update| kind.batch_sequences(seed, update, 30, 8);
        let asked_first = batch(7, 300);
        for update in 1..=20 {
            batch(7, update);
        }
        assert_eq!(batch(7, 300), asked_first, "what was drawn before does not matter");
        assert_ne!(batch(7, 301), asked_first);
        assert_ne!(batch(8, 300), asked_first);
        // Larger batches begin with the same sequences.
        assert_eq!(kind.batch_sequences(7, 300, 30, 20)[..8], asked_first[..]);
    }
}

#[test]
fn a_stream_asks_for_the_number_that_opened_the_chained_sequence() {
    for len in LENGTHS {
        let mut lengths = BTreeSet::new();
        for sequence in sequences(TaskKind::Stream, len) {
            assert_eq!((sequence.inputs.len(), sequence.marks[0]), (2 * len, 0));
            lengths.extend(sequence.marks.windows(2).map(|pair| pair[1] - pair[0]));
            for (t, step) in sequence.inputs.chunks(2).enumerate() {
                let opened = *sequence.marks.iter().rfind(|mark| **mark <= t).unwrap();
                assert!((0.0..1.0).contains(&step[0]));
                assert_eq!(step[1], if opened == t { 1.0 } else { 0.0 });
                assert_eq!(values(&sequence)[t], sequence.inputs[2 * opened]);
            }
        }
        assert!(len < 60 || lengths == (4..=9).collect(), "T {len}: {lengths:?}");
    }
}

#[test]
fn the_probe_is_in_no_batch() {
    for kind in TaskKind::ALL {
        for probe in [0, 1, 17, u32::MAX] {
            let shown = kind.probe_sequence(4, probe, 30);
            assert_eq!(shown, kind.probe_sequence(4, probe, 30));
            assert_ne!(shown, kind.probe_sequence(4, probe.wrapping_add(1), 30));
            for update in (1..=200).chain([u64::from(probe)]) {
                assert!(!kind.batch_sequences(4, update, 30, 16).contains(&shown), "{kind:?} probe {probe}");
            }
        }
    }
}

#[test]
fn the_same_names_give_the_same_bits_always() {
    // Pinned: a change here changes what every link shows.
    let order = TaskKind::Order.probe_sequence(4, 0, 30);
    assert_eq!((class(&order), order.marks.as_slice()), PINNED_ORDER);
    let letters: String = symbols(&order, 6).into_iter().map(|k| TaskKind::Order.task().symbols()[k]).collect();
    assert_eq!(letters, PINNED_LETTERS);
    let adding = &TaskKind::Adding.batch_sequences(4, 1, 20, 1)[0];
    assert_eq!(adding.inputs[0].to_bits(), PINNED_ADDING, "{}", adding.inputs[0]);
    let recall: Vec<usize> = TaskKind::Recall.batch_sequences(4, 2, 20, 8).iter().map(class).collect();
    assert_eq!(recall, PINNED_RECALL);
    let sine = TaskKind::Sine.probe_sequence(4, 0, 30);
    assert_eq!((sine.inputs[0].to_bits(), sine.inputs[29].to_bits()), PINNED_SINE);
}

const PINNED_ORDER: (usize, &[usize]) = (1, &[4, 16]);
const PINNED_LETTERS: &str = "dadaXcabbcabccbbYbdaccabdbcdaa";
const PINNED_ADDING: u64 = 0x3fdc_adcc_ac0a_3e46;
const PINNED_RECALL: [usize; 8] = [0, 0, 1, 3, 1, 3, 1, 0];
const PINNED_SINE: (u64, u64) = (0x3fb7_35d9_8160_43d1, 0x3fd7_05ac_a938_c254);

#[test]
fn a_batch_holds_its_sequences_side_by_side() {
    for kind in TaskKind::ALL {
        let task = kind.task();
        for len in 2..=200 {
            let sequences = kind.batch_sequences(9, 1, len, 3);
            let batch = kind.batch::<f32>(&sequences).unwrap();
            assert_eq!((batch.len(), batch.batch(), batch.lengths()), (len, 3, [len; 3].as_slice()));
            for (b, sequence) in sequences.iter().enumerate() {
                for t in [0, len / 2, len - 1] {
                    let width = task.inputs();
                    let column: Vec<f32> = batch.inputs().column(t * 3 + b).iter().copied().collect();
                    let expected = sequence.inputs[t * width..(t + 1) * width].iter().map(|&x| x as f32);
                    assert!(column.into_iter().eq(expected), "{kind:?} {len}");
                }
            }
        }
        assert!(kind.batch::<f32>(&[]).is_err());
    }
}

#[test]
fn sequences_of_different_lengths_make_one_batch() {
    for kind in TaskKind::ALL {
        let task = kind.task();
        for lengths in [[5, 6], [6, 5]] {
            let sequences = lengths.map(|len| kind.probe_sequence(0, 0, len));
            let batch = kind.batch::<f64>(&sequences).unwrap();
            assert_eq!((batch.len(), batch.lengths()), (6, lengths.as_slice()));
            for (b, sequence) in sequences.iter().enumerate() {
                let column = |t: usize| batch.inputs().column(2 * t + b).iter().copied().collect::<Vec<f64>>();
                let inputs: Vec<f64> = (0..sequence.len).flat_map(column).collect();
                assert_eq!(inputs, sequence.inputs);
                assert!((sequence.len..6).all(|t| column(t).iter().all(|&x| x == 0.0)));
            }
            assert_eq!(batch.inputs().nrows(), task.inputs());
        }
    }
}

#[test]
fn names_of_symbols_and_classes_fit_the_shapes() {
    for kind in TaskKind::ALL {
        let task = kind.task();
        assert_eq!(TaskKind::from_code(kind.code()), Some(kind));
        assert!(task.symbols().is_empty() || task.symbols().len() == task.inputs());
        assert_eq!(task.classes().len(), if task.loss().kind == LossKind::CrossEntropy { task.outputs() } else { 0 });
        let mut rng = KeyedRng::new(0, *b"test", kind.code(), [0; 8]);
        assert_eq!(task.draw(&mut rng, 2).len, 2);
    }
}
