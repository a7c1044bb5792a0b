//! Training: the same link gives the same bits, and a lane that diverges stops alone.

use lab::Experiment;
use lab::Snapshot;
use lab::StopReason;
use lab::Trainer;
use lab::experiment::link;
use lab::recent_mean;
use nn::{CellKind, Network, Optimizer, Parameters, Probe, Truncation, Unroll, clip_global_norm};
use test_utils::runs::{experiment, snapshot, trained};

use test_utils::bits::bits;

fn loss_bits(trainer: &Trainer, lane: usize) -> Vec<u32> {
    trainer.losses(lane).iter().map(|loss| loss.to_bits()).collect()
}

const ALL_LANES: &str = "lanes=rnn-sigmoid,rnn-tanh,rnn-relu,lstm";

/// Lanes of which the first diverges, with the quantity that fails first. The seeds belong to it.
const DIVERGING: [(&str, StopReason); 3] = [
    ("seed=7&data=4&task=adding&lanes=rnn-relu,lstm&lr=10&opt=sgd&clip=1&len=30", StopReason::Loss),
    ("seed=7&data=4&task=order&lanes=rnn-relu,lstm&lr=10&opt=sgd&clip=0&len=20", StopReason::Loss),
    ("seed=7&data=4&task=adding&lanes=rnn-relu,lstm&lr=10&opt=adam&clip=1&len=200", StopReason::Loss),
];

#[test]
fn the_same_link_gives_the_same_bits() {
    for task in ["order", "adding", "recall", "sine"] {
        let hash = format!("task={task}&{ALL_LANES}&len=12");
        let [mut a, mut b] = [trained(&hash, 60), trained(&hash, 60)];
        (0..4).for_each(|lane| assert_eq!(loss_bits(&a, lane), loss_bits(&b, lane)));
        assert_eq!(bits(&snapshot(&mut a)), bits(&snapshot(&mut b)));
    }
}

#[test]
fn what_is_looked_at_changes_no_number() {
    let hash = format!("{ALL_LANES}&len=12");
    let mut looked_at = Trainer::new(&experiment(&hash));
    for n in 0..60 {
        looked_at.snapshot(1, n, u64::from(n), n % 2 == 0);
        looked_at.step();
    }
    let mut left_alone = trained(&hash, 60);
    assert_eq!(bits(&snapshot(&mut looked_at)), bits(&snapshot(&mut left_alone)));
}

#[test]
fn a_lane_does_not_depend_on_the_others() {
    let codes = ["rnn-sigmoid", "rnn-tanh", "rnn-relu", "lstm"];
    for code in codes {
        let mut alone = trained(&format!("lanes={code}&len=12"), 40);
        let expected = snapshot(&mut alone);
        for lanes in [format!("{code},{code}"), format!("lstm,{code}"), format!("rnn-relu,{code},rnn-tanh,rnn-sigmoid")]
        {
            let mut together = trained(&format!("lanes={lanes}&len=12"), 40);
            let mut found = snapshot(&mut together);
            assert_eq!(loss_bits(&together, 1), loss_bits(&alone, 0), "{code} in {lanes}");
            found.lanes = vec![found.lanes.swap_remove(1)];
            assert_eq!(bits(&found), bits(&expected), "{code} in {lanes}");
        }
    }
}

#[test]
fn a_replay_gives_what_the_steps_gave() {
    let hash = format!("{ALL_LANES}&len=12");
    let mut stepped = Trainer::new(&experiment(&hash));
    for until in [1, 2, 7, 30] {
        while stepped.update() < until {
            stepped.step();
        }
        let mut replayed = trained(&hash, until);
        assert_eq!(bits(&snapshot(&mut replayed)), bits(&snapshot(&mut stepped)), "update {until}");
    }
    // Lane by lane it is the same update.
    let mut by_lane = Trainer::new(&experiment(&hash));
    let turns = (0..120).filter(|_| by_lane.step_lane()).count();
    assert_eq!((turns, by_lane.update()), (30, 30));
    assert_eq!(bits(&snapshot(&mut by_lane)), bits(&snapshot(&mut stepped)));
}

#[test]
fn the_loss_at_update_0_is_that_of_the_first_update() {
    for task in ["order", "adding", "recall", "sine"] {
        let mut trainer = Trainer::new(&experiment(&format!("task={task}&{ALL_LANES}")));
        let before = snapshot(&mut trainer);
        trainer.step();
        let after = snapshot(&mut trainer);
        for (lane, (before, after)) in before.lanes.iter().zip(&after.lanes).enumerate() {
            assert_eq!(before.loss.to_bits(), after.loss.to_bits(), "{task} lane {lane}");
            assert_eq!((before.new_losses.1.len(), after.new_losses.1.as_slice()), (0, [after.loss].as_slice()));
            assert_eq!((before.recent_loss, after.recent_loss), (None, None));
        }
    }
}

/// The training loop once more, from the engine's parts: network and losses after `updates`.
fn by_hand(experiment: &Experiment, cell: CellKind, updates: u64) -> (Network<f32>, Vec<f32>) {
    let (task, config) = (experiment.task, experiment.network(cell));
    let mut network = Network::<f32>::seeded(&config, experiment.seed);
    let truncation = Truncation::new(experiment.truncation);
    let mut unroll = Unroll::new(&config, experiment.len, experiment.batch).truncated(truncation);
    let mut gradients = Parameters::zeros(&config);
    let mut optimizer = Optimizer::new(experiment.optimizer, experiment.lr, network.parameter_count());
    let losses = (1..=updates)
        .map(|update| {
            let sequences = task.batch_sequences(experiment.data, update, experiment.len, experiment.batch);
            let batch = task.batch(&sequences).unwrap();
            unroll.forward(&network, &batch);
            let loss = unroll.loss(&batch, task.task().loss());
            unroll.backward(&network, &batch, &mut gradients);
            clip_global_norm(gradients.values_mut(), experiment.clip);
            optimizer.step(network.parameters_mut().values_mut(), gradients.values());
            loss as f32
        })
        .collect();
    (network, losses)
}

#[test]
fn what_is_shown_is_what_the_engine_computes_in_f64_from_the_same_weights() {
    for (task, updates, window) in [
        ("order", 0, 0),
        ("order", 150, 0),
        ("order", 40, 6),
        ("adding", 40, 0),
        ("recall", 25, 0),
        ("sine", 30, 0),
        ("sine", 30, 3),
    ] {
        let experiment = experiment(&format!("task={task}&{ALL_LANES}&len=20&probe=5&tbptt={window}"));
        let mut trainer = trained(&link::format(&experiment), updates);
        let shown = snapshot(&mut trainer);
        let sequence = experiment.task.probe_sequence(experiment.data, 5, 20);
        let batch = experiment.task.batch::<f64>(std::slice::from_ref(&sequence)).unwrap();
        for (index, (&cell, lane)) in experiment.lanes.iter().zip(&shown.lanes).enumerate() {
            let (network, losses) = by_hand(&experiment, cell, updates);
            assert_eq!(trainer.losses(index), losses, "the losses of the same loop, to the bit");
            assert_eq!(lane.parameters, network.config().acting_count());
            let mut probe =
                Probe::new(network.config(), 20, experiment.task.task().loss()).truncated(Truncation::new(window));
            let exact = probe.trace(&network.cast::<f64>(), &batch);
            let close = |name: &str, found: &[f32], expected: &[f64]| {
                let largest = expected.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
                assert_eq!(found.len(), expected.len(), "{name}");
                for (found, expected) in found.iter().zip(expected) {
                    let error = (f64::from(*found) - expected).abs();
                    assert!(error <= 1e-4 * largest, "{task} {cell:?} {name}: {found}, expected {expected}");
                }
            };
            let trace = &lane.trace;
            close("h", &trace.h, &exact.h);
            close("c", &trace.c, &exact.c);
            close("output", &trace.output, &exact.output);
            close("answer", &trace.answer, &exact.answer);
            for (found, expected) in trace.z.iter().chain(&trace.gates).zip(exact.z.iter().chain(&exact.gates)) {
                assert_eq!(found.name, expected.name);
                close(found.name, &found.values, &expected.values);
            }
            let norms = trace.grad_h_norms.iter().zip(&exact.grad_h_norms);
            for (found, expected) in norms.chain(trace.grad_c_norms.iter().zip(&exact.grad_c_norms)) {
                assert!(
                    (found - expected).abs() <= 1e-3 * expected || *expected < 1e-30,
                    "{cell:?}: {found} {expected}"
                );
            }
            assert!((trace.loss - exact.loss).abs() <= 1e-4 * exact.loss.max(1e-3), "{} {}", trace.loss, exact.loss);
        }
    }
}

#[test]
fn the_norms_of_the_batch_are_those_of_the_update_just_made() {
    let experiment = experiment(&format!("{ALL_LANES}&len=9&batch=5"));
    let mut trainer = trained(&link::format(&experiment), 7);
    let asked = trainer.snapshot(0, 0, 0, true);
    let sequences = experiment.task.batch_sequences(experiment.data, 7, 9, 5);
    let batch = experiment.task.batch(&sequences).unwrap();
    for (lane, &cell) in asked.lanes.iter().zip(&experiment.lanes) {
        // The pass of update 7 is made with the weights after update 6.
        let (network, _) = by_hand(&experiment, cell, 6);
        let mut unroll = Unroll::new(network.config(), 9, 5);
        unroll.forward(&network, &batch);
        unroll.loss(&batch, experiment.task.task().loss());
        unroll.backward(&network, &batch, &mut Parameters::zeros(network.config()));
        let along_cell = if cell == CellKind::Lstm { unroll.grad_c_norms() } else { vec![] };
        assert_eq!(lane.batch_norms, (unroll.grad_h_norms(), along_cell), "{cell:?}");
        assert_eq!(lane.batch_norms.0.len(), 9);
    }
    for lane in snapshot(&mut trainer).lanes {
        assert_eq!(lane.batch_norms, (vec![], vec![]), "nobody asked");
    }
    for lane in Trainer::new(&experiment).snapshot(0, 0, 0, true).lanes {
        assert_eq!(lane.batch_norms, (vec![], vec![]), "no update made");
    }
}

fn all_finite(snapshot: &Snapshot) -> bool {
    snapshot.lanes.iter().all(|lane| {
        let trace = &lane.trace;
        let series = trace.z.iter().chain(&trace.gates).chain(&trace.grad_z).flat_map(|series| &series.values);
        let states =
            [&trace.h, &trace.c, &trace.output, &trace.answer, &trace.grad_h, &trace.grad_c, &lane.new_losses.1];
        let norms = [&trace.grad_h_norms, &trace.grad_c_norms, &lane.batch_norms.0, &lane.batch_norms.1];
        states.into_iter().flatten().chain(series).all(|x| x.is_finite())
            && norms.into_iter().flatten().all(|x| x.is_finite())
            && lane.loss.is_finite()
            && trace.loss.is_finite()
            && lane.recent_loss.is_none_or(f64::is_finite)
    })
}

#[test]
fn a_lane_that_diverges_stops_and_the_other_goes_on() {
    for (hash, reason) in DIVERGING {
        let mut trainer = Trainer::new(&experiment(hash));
        for update in 1..=300 {
            trainer.step();
            // Around the updates at which they diverge, and now and then.
            let probes = if update <= 12 || update % 60 == 0 { 0..3 } else { 0..0 };
            for probe in probes {
                assert!(all_finite(&trainer.snapshot(0, probe, 0, true)), "{hash} at update {update}, probe {probe}");
            }
        }
        let shown = snapshot(&mut trainer);
        let stopped = shown.lanes[0].stopped.unwrap();
        println!("{hash}: {stopped:?}, loss {}", shown.lanes[0].loss);
        assert_eq!(stopped.reason, reason, "{hash}");
        assert_eq!(trainer.losses(0).len() as u64, stopped.update - 1, "losses end before the update that failed");
        assert_eq!((shown.lanes[1].stopped, trainer.losses(1).len(), trainer.update()), (None, 300, 300));
        assert!(!trainer.all_stopped());
        assert_eq!(shown.lanes[0].loss, *trainer.losses(0).last().unwrap());
        // The survivor is as it would be alone.
        let alone = trained(&hash.replace("rnn-relu,lstm", "lstm"), 300);
        assert_eq!(loss_bits(&alone, 0), loss_bits(&trainer, 1));
        // A replay that nobody looked at shows the same.
        assert_eq!(bits(&snapshot(&mut trained(hash, 300))), bits(&shown), "{hash}");
    }
}

#[test]
fn when_every_lane_has_diverged_the_run_is_over() {
    let hash = "seed=7&data=4&task=adding&lanes=rnn-relu&lr=10&opt=sgd&clip=0&len=50";
    let mut trainer = Trainer::new(&experiment(hash));
    while !trainer.all_stopped() {
        trainer.step();
        assert!(trainer.update() < 1000);
    }
    let update = trainer.update();
    assert_eq!(trainer.losses(0).len() as u64 + 1, update);
    trainer.step();
    assert_eq!(trainer.update(), update, "no update is made, and none is counted");
    assert!(all_finite(&snapshot(&mut trainer)));
}

#[test]
fn the_mean_of_the_last_20_losses_needs_20() {
    let losses: Vec<f32> = (0..25).map(|k| k as f32).collect();
    assert_eq!(recent_mean(&losses[..19]), None);
    assert_eq!(recent_mean(&losses[..20]), Some(9.5));
    assert_eq!(recent_mean(&losses), Some(14.5));
}

#[test]
fn new_losses_begin_after_the_last_snapshot() {
    let mut trainer = trained("len=4&hidden=3", 10);
    let from_7 = trainer.snapshot(0, 0, 6, false);
    for (index, lane) in from_7.lanes.iter().enumerate() {
        assert_eq!(lane.new_losses, (7, trainer.losses(index)[6..].to_vec()));
    }
    assert_eq!(trainer.snapshot(0, 0, 10, false).lanes[0].new_losses, (11, vec![]));
    assert_eq!(trainer.losses(2), &[0.0_f32; 0], "there is no such lane");
}

#[test]
fn what_counts_as_a_parameter_is_what_training_moves() {
    for lanes in ["lstm,lstm-nfg,lstm-nig,lstm-nog", "lstm-cifg,lstm-peephole,lstm-fgr,gru"] {
        let experiment = experiment(&format!("task=sine&len=6&hidden=5&layers=2&lanes={lanes}"));
        for &cell in &experiment.lanes {
            let (network, _) = by_hand(&experiment, cell, 3);
            let start = Network::<f32>::seeded(network.config(), experiment.seed);
            let pairs = network.parameters().values().iter().zip(start.parameters().values());
            let moved = pairs.filter(|(now, before)| now != before).count();
            assert_eq!(moved, network.config().acting_count(), "{}", cell.code());
        }
    }
}
