//! Initialisation, regularisation and what a run trains on: each does what it says, and nothing where it is off.

use lab::Experiment;
use lab::Trainer;
use lab::experiment::link;
use lab::run::held_out;
use lab::run::log::run;
use nalgebra::DMatrix;
use nn::{
    CellKind, ClipMode, Init, KeyedRng, LossAt, LossKind, LossSpec, Network, NetworkConfig, Optimizer, Parameters,
    ProbeTrace, Quantity, Truncation, Unroll, clip, gradient_check_of,
};
use tasks::{Scaling, Sequence, Source, TaskKind};

use test_utils::bits::bits;
use test_utils::networks::{config, every, example_batch, shaken};
use test_utils::runs::{experiment, snapshot, trained};

fn initial(config: &NetworkConfig, init: Init, seed: u32) -> Parameters<f64> {
    Network::seeded(&NetworkConfig { init, ..*config }, seed).parameters().clone()
}

/// The block of each gate of a stacked matrix.
fn gates(parameters: &Parameters<f64>, name: &str, units: usize) -> Vec<DMatrix<f64>> {
    // A window network has no U.
    let Some(matrix) = parameters.view(name) else { return Vec::new() };
    (0..matrix.nrows() / units).map(|gate| matrix.rows(gate * units, units).into_owned()).collect()
}

#[test]
fn initial_weights_are_drawn_as_their_way_says() {
    for config in every(3, 12, 4) {
        let seen = 3.0 * if config.cell.is_recurrent() { 1.0 } else { config.window as f64 };
        let within = |init: Init, name: &str, limit: f64| {
            let parameters = initial(&config, init, 5);
            let block = parameters.slice(name);
            let largest = block.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
            assert!(largest <= limit, "{} {init:?} {name}: {largest} > {limit}", config.code());
            assert!(largest > 0.8 * limit, "{} {init:?} {name} fills its range: {largest} of {limit}", config.code());
        };
        let (uniform, glorot) = ((1.0_f64 / 12.0).sqrt(), |rows: f64, cols: f64| (6.0 / (rows + cols)).sqrt());
        for (name, of_xavier) in
            [("w_ih", glorot(12.0, seen)), ("w_hh", glorot(12.0, 12.0)), ("w_out", glorot(4.0, 12.0))]
        {
            if initial(&config, Init::Uniform, 5).view(name).is_none() {
                assert!(!config.cell.is_recurrent() && name == "w_hh", "{} has {name}", config.code());
                continue;
            }
            within(Init::Uniform, name, uniform);
            within(Init::Xavier, name, of_xavier);
            if name != "w_hh" {
                within(Init::Orthogonal, name, of_xavier);
                within(Init::Identity, name, uniform);
            }
        }
        let identity = DMatrix::identity(12, 12);
        let orthogonal = gates(&initial(&config, Init::Orthogonal, 5), "w_hh", 12);
        for (k, gate) in orthogonal.iter().enumerate() {
            assert!((gate.transpose() * gate - &identity).amax() < 1e-12, "{} gate {k}", config.code());
            assert!(orthogonal[..k].iter().all(|other| (other - gate).amax() > 0.1), "each gate has its own");
        }
        for gate in gates(&initial(&config, Init::Identity, 5), "w_hh", 12) {
            assert_eq!(gate, identity, "{}", config.code());
        }
        for (init, _) in Init::ALL {
            let (one, other) = (initial(&config, init, 5), initial(&config, init, 6));
            assert_eq!(one, initial(&config, init, 5));
            assert_ne!(one.slice("w_ih"), other.slice("w_ih"), "another seed");
            let biases = one.slice("b");
            assert!(biases.iter().all(|&bias| bias == 0.0 || bias == 1.0), "only a forget gate has one");
        }
    }
}

#[test]
fn a_random_orthogonal_matrix_prefers_no_direction() {
    let config = config(CellKind::RnnTanh, 1, 8, 1);
    let (mut sum, mut squares) = (DMatrix::<f64>::zeros(8, 8), 0.0);
    for seed in 0..400 {
        let matrix = gates(&initial(&config, Init::Orthogonal, seed), "w_hh", 8).remove(0);
        squares += matrix[(0, 0)].powi(2);
        sum += matrix;
    }
    assert!(sum.amax() / 400.0 < 0.08, "entries have mean 0: {}", sum.amax() / 400.0);
    assert!((squares / 400.0 - 1.0 / 8.0).abs() < 0.03, "and variance 1/H: {}", squares / 400.0);
}

#[test]
fn normal_numbers_are_normal() {
    let mut random = KeyedRng::new(1, *b"test", "normal", [0; 8]);
    let numbers: Vec<f64> = (0..40_000).map(|_| random.normal()).collect();
    let mean = |of: &dyn Fn(f64) -> f64| numbers.iter().map(|&x| of(x)).sum::<f64>() / numbers.len() as f64;
    assert!(mean(&|x| x).abs() < 0.02 && (mean(&|x| x * x) - 1.0).abs() < 0.03);
    assert!((mean(&|x| x.powi(4)) - 3.0).abs() < 0.15, "{}", mean(&|x| x.powi(4)));
}

#[test]
fn clipping_by_value_takes_each_gradient_to_the_limit() {
    // torch.nn.utils.clip_grad_value_ clamps each number.
    let mut gradients = [3.0_f64, -4.0, 0.5, -0.0];
    assert_eq!(clip(ClipMode::Value, &mut gradients, 0.0), 41.25_f64.sqrt().min(5.024_937_810_560_445));
    assert_eq!(gradients, [3.0, -4.0, 0.5, 0.0], "0 is off");
    clip(ClipMode::Value, &mut gradients, 1.0);
    assert_eq!(gradients, [1.0, -1.0, 0.5, 0.0]);
    let mut broken = [f32::NAN, f32::INFINITY, 2.0];
    assert!(!clip(ClipMode::Value, &mut broken, 1.0).is_finite(), "and the norm tells what was not finite");
    assert!(broken[0].is_nan());
}

/// Cells, losses, windows, lengths, depths and rates of dropout, all against central differences.
#[test]
fn gradients_agree_through_every_depth_with_masks_held_still() {
    for layers in 1..=3 {
        for one in every(2, 4, 3) {
            let config = NetworkConfig { layers, ..one };
            let mut network = shaken(&Network::seeded(&config, 3));
            // Large enough for the lowest layer's gradients to stand out from rounding.
            network.parameters_mut().values_mut().iter_mut().for_each(|weight| *weight *= 1.5);
            for (kind, at) in [
                (LossKind::SquaredError, LossAt::Last),
                (LossKind::SquaredError, LossAt::Every),
                (LossKind::CrossEntropy, LossAt::Last),
                (LossKind::CrossEntropy, LossAt::Every),
            ] {
                for lengths in [vec![5, 5], vec![5, 3]] {
                    for (window, rate) in [(0, 0.0), (2, 0.0), (3, 0.0), (0, 0.4), (1, 0.4), (2, 0.4)] {
                        if layers == 1 && rate == 0.0 {
                            continue;
                        }
                        let batch = example_batch(&config, kind, lengths.clone(), 5);
                        let mut unroll = Unroll::new(&config, 5, 2).truncated(Truncation::new(window));
                        if rate > 0.0 {
                            unroll.drop_out(rate, &mut KeyedRng::new(1, *b"drop", "test", [0; 8]));
                        }
                        let loss = LossSpec { kind, at };
                        for block in gradient_check_of(unroll, &network, &batch, loss, 1e-5) {
                            let what = format!("{} × {layers} {loss:?} {lengths:?} {window} {rate}", config.code());
                            assert!(block.error <= 1e-6, "{what}: {block:?}");
                            // A mask can leave out all that a block's gradient comes by.
                            assert!(block.compared > 0 && (block.norm > 0.0 || rate > 0.0), "{what}: {block:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn dropout_leaves_out_its_share_and_keeps_the_mean() {
    let config = NetworkConfig { layers: 2, ..config(CellKind::RnnTanh, 6, 10, 2) };
    let network = shaken(&Network::seeded(&config, 1));
    let batch = example_batch(&config, LossKind::SquaredError, vec![12; 9], 12);
    let plain = |unroll: &mut Unroll<f64>| {
        unroll.forward(&network, &batch);
        unroll.output().into_owned()
    };
    let mut unroll = Unroll::new(&config, 12, 9);
    let whole = plain(&mut unroll);
    let draw = |unroll: &mut Unroll<f64>, seed| {
        unroll.drop_out(0.3, &mut KeyedRng::new(seed, *b"drop", "lstm", [0; 8]));
        unroll.forward(&network, &batch);
        unroll.output().into_owned()
    };
    let (one, again, other) = (draw(&mut unroll, 1), draw(&mut unroll, 1), draw(&mut unroll, 2));
    assert_eq!(one, again);
    assert_ne!(one, other);
    unroll.keep_all();
    assert_eq!(plain(&mut unroll), whole, "off is off");
    // A readout of the sum of its inputs sees what is left of them: with h = 1 everywhere, the share that stays.
    let config = nn::NetworkConfig { layers: 1, ..config };
    let mut network = Network::<f64>::seeded(&config, 1);
    network.parameters_mut().values_mut().fill(0.0);
    network.parameters_mut().slice_mut("b").fill(100.0);
    network.parameters_mut().slice_mut("w_out").fill(1.0);
    let batch = example_batch(&config, LossKind::SquaredError, vec![100; 20], 100);
    let mut unroll = Unroll::new(&config, 100, 20);
    unroll.drop_out(0.3, &mut KeyedRng::new(1, *b"drop", "lstm", [0; 8]));
    unroll.forward(&network, &batch);
    let kept: Vec<f64> = unroll.output().row(0).iter().map(|sum| sum * 0.7).collect();
    assert!(kept.iter().all(|count| (count - count.round()).abs() < 1e-9), "each h counts 1/0.7 or 0");
    let mean = kept.iter().sum::<f64>() / kept.len() as f64;
    assert!((mean - 7.0).abs() < 0.1, "{mean} of 10 stay");
}

#[test]
fn masks_depend_on_seed_lane_and_update_alone() {
    let losses = |hash: &str, lane| trained(hash, 12).losses(lane).to_vec();
    let alone = losses("dropout=0.4&lanes=lstm&len=8", 0);
    assert_eq!(losses("dropout=0.4&lanes=rnn-tanh,lstm&len=8", 1), alone, "another lane changes none");
    assert_eq!(losses("dropout=0.4&lanes=lstm,lstm&len=8", 1), alone, "lanes of one code have the same");
    assert_ne!(losses("dropout=0&lanes=lstm&len=8", 0), alone);
    let mut looked = Trainer::new(&experiment("dropout=0.4&lanes=lstm&len=8&train=20"));
    for n in 0..12 {
        looked.snapshot(0, n, 0, true);
        looked.inside(0, 0, 0, true, (1, 3));
        looked.step();
    }
    assert_eq!(looked.losses(0), losses("dropout=0.4&lanes=lstm&len=8&train=20", 0), "looking draws no mask");
    // The film of the next update has that update's mask.
    let (_, inside) = looked.inside(0, 0, 0, false, (0, 0));
    looked.step();
    assert_eq!(inside.films[0].as_ref().unwrap().loss, f64::from(looked.losses(0)[12]));
    // What it shows as read is what the mask has left: of every input nothing, or 1/0.6 of it.
    let (shown, _) = looked.inside(0, 0, 0, false, (0, 0));
    let (read, drawn) = (&shown.lanes[0].trace.below, &shown.sequence.inputs);
    assert_eq!(read.len(), drawn.len());
    assert!(read.iter().zip(drawn).all(|(read, x)| *read == 0.0 || (read * 0.6 - x).abs() < 1e-6));
}

#[test]
fn the_probe_and_what_is_held_out_lose_nothing() {
    // At update 0 the weights do not depend on dropout, so neither does what is shown.
    let [mut with, mut without] = ["dropout=0.5&len=9", "len=9"].map(|hash| Trainer::new(&experiment(hash)));
    let [with, without] = [&mut with, &mut without].map(|trainer| snapshot(trainer).lanes);
    for (with, without) in with.iter().zip(&without) {
        assert_eq!(with.trace, without.trace);
        assert_ne!(with.loss, without.loss, "the batch's loss is that of a pass with a mask");
    }
}

/// The training loop by the engine's parts: losses, and those of what is held out.
fn by_hand(experiment: &Experiment, cell: CellKind, updates: u64) -> (Vec<f32>, Vec<f32>) {
    let (config, source, spec) = (experiment.network(cell), experiment.source(), experiment.task.task().loss());
    let mut network = Network::<f32>::seeded(&config, experiment.seed);
    let mut optimizer = Optimizer::with_settings(experiment.optimizer_settings(), network.parameter_count());
    let mut gradients = Parameters::zeros(&config);
    let (mut losses, mut held) = (Vec::new(), Vec::new());
    for update in 1..=updates {
        let mut unroll =
            Unroll::new(&config, experiment.len, experiment.batch).truncated(Truncation::new(experiment.truncation));
        if experiment.dropout > 0.0 {
            let key = update.to_le_bytes();
            unroll.drop_out(experiment.dropout, &mut KeyedRng::new(experiment.seed, *b"drop", cell.code(), key));
        }
        let batch = source.batch(&source.batch_sequences(update)).unwrap();
        unroll.forward(&network, &batch);
        losses.push(unroll.loss(&batch, spec) as f32);
        unroll.backward(&network, &batch, &mut gradients);
        clip(experiment.clip_mode, gradients.values_mut(), experiment.clip);
        optimizer.step(network.parameters_mut().values_mut(), gradients.values());
        if held_out::every(experiment).is_some_and(|every| update % every == 0) {
            let size = experiment.batch as u64;
            let batches = (held_out::HELD_OUT as u64).div_ceil(size);
            let mut whole = Unroll::new(&config, experiment.len, experiment.batch);
            let sum: f64 = (0..batches)
                .map(|k| {
                    let sequences: Vec<Sequence> = (k * size..(k + 1) * size).map(|n| source.held_out(n)).collect();
                    let batch = source.batch(&sequences).unwrap();
                    whole.forward(&network, &batch);
                    whole.loss(&batch, spec)
                })
                .sum();
            held.push((sum / batches as f64) as f32);
        }
    }
    (losses, held)
}

#[test]
fn a_run_is_the_loop_of_the_engines_parts_whatever_its_remedies() {
    for link in [
        "init=xavier&decay=0.01",
        "init=orthogonal&opt=adamw&decay=0.1",
        "init=identity&clipmode=value&clip=0.01",
        "opt=momentum&decay=0.02&dropout=0.2",
        "dropout=0.5&ragged=1",
        "norm=1&task=adding-raw",
        "train=3&batch=40",
        "ragged=1&task=sine&tbptt=4",
        "layers=3&dropout=0.1&ragged=1&task=sine&train=30",
        "layers=2&init=orthogonal",
    ] {
        let experiment = experiment(&format!("lanes=rnn-relu,lstm&len=11&{link}"));
        let trainer = trained(&link::format(&experiment), 45);
        let shown = Trainer::snapshot(&mut trained(&link::format(&experiment), 45), 0, 0, 0, false);
        for (lane, &cell) in experiment.lanes.iter().enumerate() {
            let (losses, held) = by_hand(&experiment, cell, 45);
            assert_eq!(trainer.losses(lane), losses, "{link} lane {lane}");
            assert_eq!(shown.lanes[lane].held_out, (0, held), "{link} lane {lane}");
        }
    }
}

#[test]
fn adamw_decays_as_it_always_did_where_a_link_says_nothing() {
    let settings = |hash: &str| experiment(hash).optimizer_settings().decay;
    assert_eq!((settings(""), settings("opt=adamw"), settings("opt=adamw&decay=0")), (0.0, 0.01, 0.0));
    assert_eq!((settings("decay=0.5"), settings("decay=-0")), (0.5, 0.0));
}

#[test]
fn a_training_set_is_all_that_updates_see_and_what_is_held_out_never_is() {
    for task in TaskKind::ALL {
        let source = Source { train: 7, ..experiment("len=14").source() };
        let source = Source { task, ..source };
        let set: Vec<Sequence> = (0..7).map(|index| source.training(index)).collect();
        let held: Vec<Sequence> = (0..64).map(|index| source.held_out(index)).collect();
        let mut counts = [0; 7];
        for update in 1..=200 {
            for sequence in source.batch_sequences(update) {
                assert!(task == TaskKind::Order || !held.contains(&sequence));
                counts[set.iter().position(|known| *known == sequence).unwrap()] += 1;
            }
        }
        assert!(counts.iter().all(|&count| (360..560).contains(&count)), "{counts:?}");
        assert_eq!(source.batch_sequences(40), source.batch_sequences(40));
        // A larger set begins with the smaller one.
        assert_eq!(Source { train: 9, ..source.clone() }.training(3), set[3]);
        let fresh = Source { train: 0, ..source };
        assert_eq!(fresh.batch_sequences(5), task.batch_sequences(fresh.data, 5, 14, fresh.size), "as ever");
        assert_eq!(fresh.probe(3), task.probe_sequence(fresh.data, 3, 14));
    }
}

#[test]
fn what_is_held_out_costs_less_than_a_tenth_of_training_and_changes_nothing_of_it() {
    for batch in [1, 3, 8, 16, 64, 100, 128] {
        let experiment = experiment(&format!("train=10&batch={batch}"));
        let every = held_out::every(&experiment).unwrap() as f64;
        let sequences = (held_out::HELD_OUT.div_ceil(batch) * batch) as f64;
        // Forward is less than half of an update.
        assert!(sequences / 2.0 / (every * batch as f64) < 0.1);
    }
    assert_eq!(held_out::every(&experiment("train=0")), None);
}

#[test]
fn going_back_and_on_gives_the_same_held_out_losses() {
    let hash = "train=12&len=8&dropout=0.2";
    let expected = snapshot(&mut trained(hash, 90));
    let mut trainer = trained(hash, 90);
    trainer.approach(33);
    assert!(trainer.update() < 33);
    let early = snapshot(&mut trainer);
    assert_eq!(early.lanes[1].held_out.1.len() as u64, trainer.update() / 40, "only what was reached");
    while trainer.update() < 90 {
        trainer.step();
    }
    assert_eq!(bits(&snapshot(&mut trainer)), bits(&expected));
    let later = trainer.snapshot(0, 0, 45, false);
    assert_eq!(later.lanes[0].held_out, (1, expected.lanes[0].held_out.1[1..].to_vec()), "those after update 45");
}

#[test]
fn a_lane_edited_by_hand_has_held_out_losses_of_its_own() {
    let hash = "train=12&len=8&edit=1.u[1,1]=3@50";
    let (edited, plain) = (snapshot(&mut trained(hash, 90)), snapshot(&mut trained("train=12&len=8", 90)));
    let held = |lane: usize| (&edited.lanes[lane].held_out.1, &plain.lanes[lane].held_out.1);
    assert_eq!(held(0).0, held(0).1);
    assert_eq!(held(1).0[0], held(1).1[0], "before the edit");
    assert_ne!(held(1).0[1..], held(1).1[1..]);
}

#[test]
fn a_small_training_set_is_learnt_by_heart() {
    let lanes = run("task=recall&len=12&lanes=lstm&train=8&seed=3", Some(600)).unwrap();
    let (train, held) = (lanes[0].recent_loss.unwrap(), lanes[0].held_out.last().unwrap().1);
    assert!(train < 0.05 && held > 0.4, "training loss {train}, held out {held}");
}

#[test]
fn lengths_differ_within_half_and_whole() {
    for len in [2, 3, 9, 30] {
        let source = experiment(&format!("ragged=1&len={len}&batch=40")).source();
        let mut seen = vec![0; len + 1];
        for update in 1..=60 {
            let sequences = source.batch_sequences(update);
            sequences.iter().for_each(|sequence| seen[sequence.len] += 1);
            let batch = source.batch::<f32>(&sequences).unwrap();
            assert_eq!((batch.len(), batch.batch()), (len, 40), "room for the longest there can be");
            assert!(batch.lengths().iter().zip(&sequences).all(|(length, sequence)| *length == sequence.len));
        }
        let least = len.div_ceil(2).max(2);
        assert!(
            seen[..least].iter().all(|&count| count == 0) && seen[least..].iter().all(|&count| count > 0),
            "{seen:?}"
        );
    }
}

#[test]
fn of_a_shorter_sequence_only_its_own_steps_are_shown() {
    let hash = "ragged=1&len=20&lanes=rnn-tanh,lstm&task=sine";
    let source = experiment(hash).source();
    let probe = (0..20).find(|&probe| source.probe(probe).len < 18).unwrap();
    let len = source.probe(probe).len;
    let mut trainer = trained(hash, 5);
    let shown = trainer.snapshot(0, probe, 0, false);
    assert_eq!(shown.sequence.len, len);
    for lane in &shown.lanes {
        assert_eq!((lane.trace.len, lane.trace.grad_h_norms.len(), lane.trace.h.len()), (len, len, 16 * len));
    }
    let member = source.batch_sequences(6).iter().position(|sequence| sequence.len < 18).unwrap();
    let (shown, inside) = trainer.inside(0, 0, 0, false, (member, 0));
    for (lane, film) in shown.lanes.iter().zip(&inside.films) {
        let film = film.as_ref().unwrap();
        assert_eq!(lane.trace.len, shown.sequence.len);
        assert_eq!((film.shares.len(), film.own_shares.len()), (lane.trace.len, lane.trace.len));
        assert!(lane.trace.grad_h_norms.iter().all(|&norm| norm > 0.0), "every step of it has a gradient");
    }
}

#[test]
fn normalised_inputs_have_mean_0_and_deviation_1() {
    for (task, ragged) in TaskKind::ALL.into_iter().flat_map(|task| [(task, 0), (task, 1)]) {
        let plain = Source { task, ..experiment(&format!("len=20&batch=100&ragged={ragged}")).source() };
        let source = Source { scaling: Some(Scaling::of(&plain)), ..plain.clone() };
        let width = task.task().inputs();
        let drawn = |source: &Source| (1..=20).flat_map(|update| source.batch_sequences(update)).collect::<Vec<_>>();
        let scaled = drawn(&source);
        for input in 0..width {
            let values: Vec<f64> =
                scaled.iter().flat_map(|one| one.inputs.iter().skip(input).step_by(width)).copied().collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
            assert!(mean.abs() < 0.1 && (deviation - 1.0).abs() < 0.1, "{task:?} input {input}: {mean} ± {deviation}");
        }
        for (scaled, plain) in scaled.iter().zip(drawn(&plain)) {
            assert_eq!((&scaled.target, &scaled.marks), (&plain.target, &plain.marks), "nothing else changes");
        }
    }
}

#[test]
fn readings_far_from_0_are_learnt_once_they_are_normalised() {
    let recent = |norm: u8| {
        let hash = format!("task=adding-raw&len=10&lanes=lstm&norm={norm}&seed=2");
        run(&hash, Some(700)).unwrap()[0].recent_loss.unwrap()
    };
    let (raw, normalised) = (recent(0), recent(1));
    assert!(raw > 0.1 && normalised < 0.02, "raw {raw}, normalised {normalised}; guessing 0.167");
}

#[test]
fn the_identity_lets_a_relu_network_solve_what_it_otherwise_does_not() {
    let recent = |init: &str| run(&format!("lanes=rnn-relu&init={init}"), Some(400)).unwrap()[0].recent_loss.unwrap();
    let (uniform, identity) = (recent("uniform"), recent("identity"));
    assert!(uniform > 1.0 && identity < 0.2, "uniform {uniform}, identity {identity}");
}

#[test]
fn a_lane_that_diverges_tells_the_first_quantity_that_overflowed() {
    // h doubles at each step from 1e30 on until z is beyond f32.
    let config = config(CellKind::RnnRelu, 1, 1, 1);
    let mut network = Network::<f32>::seeded(&config, 1);
    network.parameters_mut().values_mut().copy_from_slice(&[1e30, 2.0, 0.0, 1.0, 0.0]);
    let mut batch = example_batch(&config, LossKind::SquaredError, vec![60], 60).cast::<f32>();
    batch
        .refill(|slots| slots.inputs.iter_mut().enumerate().for_each(|(t, x)| *x = f32::from(u8::from(t == 0))))
        .unwrap();
    let mut unroll = Unroll::new(&config, 60, 1);
    unroll.forward(&network, &batch);
    let first = (0..60).find(|&t| !unroll.h()[(0, t)].is_finite()).unwrap();
    assert_eq!(unroll.first_overflow(&[60], false), Some((Quantity::PreActivation, first)));
    assert_eq!(unroll.first_overflow(&[first], false), None, "what is beyond a sequence's end counts for nothing");
    let lanes = run("seed=7&task=adding&lanes=rnn-relu&lr=10&opt=sgd", Some(50)).unwrap();
    assert_eq!(lanes[0].stopped.unwrap().1, "loss");
    let (what, step) = lanes[0].first_overflow.expect("a loss names what overflowed");
    assert!(["z", "h", "y", "L"].contains(&what) && (1..=30).contains(&step), "{what} at step {step}");
    // Here y is finite, and its square is not; the loss is that of the last step.
    let lanes = run("task=adding&lr=10&clip=0&opt=sgd", Some(40)).unwrap();
    let stopped = lanes.iter().filter_map(|lane| Some((lane.stopped?.1, lane.first_overflow)));
    assert!(stopped.clone().any(|stop| stop == ("loss", Some(("L", 30)))), "{:?}", stopped.collect::<Vec<_>>());
}

#[test]
fn layers_have_weights_of_their_own_and_the_first_has_those_of_one_alone() {
    for one in every(3, 5, 2).into_iter().filter(|config| config.cell.is_recurrent()) {
        let deep = NetworkConfig { layers: 3, ..one };
        let (deep, one) = (Network::<f64>::seeded(&deep, 4), Network::<f64>::seeded(&one, 4));
        for block in one.parameters().blocks() {
            assert_eq!(deep.parameters().slice(block.name), one.parameters().slice(block.name), "{}", block.name);
        }
        let of = |layer, name| {
            let block = deep.parameters().block_of(layer, name).unwrap();
            (block.rows, block.cols, deep.parameters().values()[block.range()].to_vec())
        };
        let (second, third) = (of(1, "w_hh"), of(2, "w_hh"));
        assert_ne!(second, third);
        assert_ne!(of(0, "w_hh"), second);
        assert_eq!((of(1, "w_ih").1, of(2, "w_ih").1), (5, 5), "layers read the H numbers below");
    }
}

#[test]
fn a_layers_trace_is_of_that_layer() {
    let hash = "layers=3&len=9&lanes=rnn-tanh,lstm&batch=4";
    let mut trainer = trained(hash, 6);
    let layers: Vec<_> = (0..3)
        .map(|layer| {
            trainer.show_layer(layer);
            snapshot(&mut trainer)
        })
        .collect();
    for lane in 0..2 {
        let traces: Vec<&ProbeTrace<f32>> = layers.iter().map(|shown| &shown.lanes[lane].trace).collect();
        for (layer, trace) in traces.iter().enumerate() {
            assert_eq!((trace.layer, trace.layer_norms.len()), (layer, 3));
            assert_eq!(trace.grad_h_norms, trace.layer_norms[layer]);
            assert_eq!(trace.answer, traces[0].answer, "there is one readout");
            let below = if layer == 0 { &[][..] } else { &traces[layer - 1].h };
            assert_eq!(trace.below, below, "it reads the layer below");
        }
        let counts = [layers[0].lanes[lane].weights.len(), layers[1].lanes[lane].weights.len()];
        assert!(counts[0] != counts[1] && counts[1] < layers[1].lanes[lane].parameters);
    }
    // Looking at another layer changes no number of training.
    let mut other = trained(hash, 6);
    (0..9).for_each(|_| trainer.step());
    (0..9).for_each(|_| other.step());
    assert_eq!(trainer.losses(1), other.losses(1));
    // A film is of the layer on show too.
    trainer.show_layer(1);
    let (shown, inside) = trainer.inside(0, 0, 0, false, (2, 0));
    let film = inside.films[1].as_ref().unwrap();
    assert_eq!(shown.lanes[1].trace.layer, 1);
    // An LSTM has nothing beside the usual blocks.
    assert!(film.blocks[..5].iter().all(|block| block.gradient > 0.0) && film.blocks[5].gradient == 0.0);
}

#[test]
fn a_window_network_has_one_layer_and_a_lane_may_be_drawn_in_a_way_of_its_own() {
    let (experiment, problems) =
        lab::experiment::link::parse("layers=3&init=xavier&lanes=window,lstm,lstm:init=orthogonal");
    assert_eq!(problems, vec![]);
    let network = |lane: usize| Network::<f64>::seeded(&experiment.lane_network(lane), 4);
    assert!(network(0).parameters().blocks().iter().all(|block| block.layer == 0));
    for lane in 0..3 {
        assert_eq!(network(lane).parameter_count(), experiment.lane_network(lane).parameter_count());
    }
    assert_eq!(experiment.lane_network(1).init, Init::Xavier);
    for gate in gates(network(2).parameters(), "w_hh", 16) {
        assert!((gate.transpose() * &gate - DMatrix::identity(16, 16)).amax() < 1e-12);
    }
    // It trains beside networks of several layers, each of which can be looked at.
    let mut trainer = trained("layers=2&len=9&lanes=window,gru,lstm-fgr&hidden=4&batch=4", 6);
    for layer in [0, 1] {
        trainer.show_layer(layer);
        let (shown, inside) = trainer.inside(0, 0, 0, false, (2, 0));
        assert_eq!(shown.lanes.iter().map(|lane| lane.trace.layer).collect::<Vec<_>>(), [0, layer, layer]);
        assert!(inside.films.iter().all(Option::is_some));
    }
}

#[test]
fn the_gain_makes_the_initial_recurrent_weights_of_every_layer_larger_and_no_others() {
    let shown = |gain: &str, layer: usize| {
        let mut trainer = trained(&format!("layers=2&len=6&lanes=rnn-tanh&hidden=4&batch=2&gain={gain}"), 0);
        trainer.show_layer(layer);
        snapshot(&mut trainer).lanes.remove(0).weights
    };
    for layer in [0, 1] {
        let (plain, large) = (shown("1", layer), shown("6", layer));
        let times = |k: usize| large[k] / plain[k];
        let recurrent = (0..plain.len()).filter(|&k| plain[k] != 0.0 && (times(k) - 6.0).abs() < 1e-5).count();
        let same = (0..plain.len()).filter(|&k| plain[k] == large[k]).count();
        assert_eq!((recurrent, recurrent + same), (16, plain.len()), "layer {layer}");
    }
}
