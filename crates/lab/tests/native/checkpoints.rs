//! Going back and on again: the same bits, a short replay, and a bounded memory.

use lab::Trainer;
use lab::run::checkpoints::{BUDGET, Checkpoints, LaneCheckpoint, RECENT};
use nn::OptimizerState;

use test_utils::bits::bits;
use test_utils::runs::{experiment, trained};

/// Checkpoints of the default run's size, as they are after so many updates.
fn offered(lane: &[LaneCheckpoint], store: &mut Checkpoints, updates: std::ops::RangeInclusive<u64>) {
    for update in updates {
        if store.wants(update) {
            store.keep(update, lane.to_vec());
        }
        assert!(store.bytes() <= BUDGET, "{} bytes at update {update}", store.bytes());
    }
}

/// A lane of so many weights with Adam's moments.
fn lane(weights: usize) -> LaneCheckpoint {
    let numbers = vec![0.5_f32; weights];
    LaneCheckpoint {
        before: numbers.clone(),
        optimizer: OptimizerState { updates: 1, moments: vec![numbers.clone(), numbers.clone()] },
        weights: numbers,
        updates: 1,
        stopped: None,
        twin: None,
    }
}

/// The most updates to be made again on the way to any update in the range.
fn worst(store: &Checkpoints, targets: std::ops::RangeInclusive<u64>) -> u64 {
    targets.map(|target| target - store.before(target).map_or(0, |(update, _)| update)).max().unwrap()
}

#[test]
fn any_of_the_last_10_000_updates_of_a_default_run_is_a_short_replay_away() {
    let trainer = trained("", 10);
    let (update, lanes) = trainer.checkpoints().before(11).unwrap();
    assert_eq!((update, lanes.len()), (10, 2));
    println!("{} bytes a checkpoint", trainer.checkpoints().bytes());
    let mut store = Checkpoints::default();
    let mut from = 1;
    for front in [1_000, 10_000, 10_700, 20_000, 50_000, 100_000, 300_000] {
        offered(lanes, &mut store, from..=front);
        from = front + 1;
        let (near, far) = (worst(&store, front.saturating_sub(RECENT).max(1)..=front), worst(&store, 1..=front));
        println!(
            "{front}: {} checkpoints, {} bytes, replay {near}, {far} before",
            store.updates().count(),
            store.bytes()
        );
        assert!(near <= 20, "{near} updates again at {front}");
        assert!(far <= (front / 250).max(20), "{far} updates again at {front}");
    }
}

#[test]
fn the_largest_networks_have_their_share_of_checkpoints_too() {
    // Four lanes of 128 units with four gates.
    let lanes = vec![lane(4 * 128 * (9 + 128 + 1) + 9 * 129); 4];
    let mut store = Checkpoints::default();
    for front in [50, 400, 3000, 20_000, 100_000] {
        offered(&lanes, &mut store, 1..=front);
        let far = worst(&store, 1..=front);
        println!("{front}: {:?}, replay {far}", store.updates().collect::<Vec<_>>());
        assert!(far <= (front / 2).max(50), "{far} updates again at {front}");
        assert!((2..=7).contains(&store.updates().count()));
    }
}

#[test]
fn what_does_not_fit_at_all_is_not_kept() {
    let mut store = Checkpoints::new(10_000);
    store.keep(10, vec![lane(1000)]);
    assert_eq!((store.bytes(), store.before(100)), (0, None));
    for update in (10..=5000).step_by(10) {
        store.keep(update, vec![lane(500)]);
        assert!(store.bytes() <= 10_000);
    }
    assert!(store.updates().count() <= 1);
}

#[test]
fn going_back_over_known_ground_thins_nothing() {
    let mut store = Checkpoints::default();
    let lanes = [lane(30_000)];
    offered(&lanes, &mut store, 1..=4000);
    let before: Vec<u64> = store.updates().collect();
    offered(&lanes, &mut store, 1..=4000);
    assert_eq!(store.updates().collect::<Vec<_>>(), before);
}

/// Goes to an update as the driver does.
fn go(trainer: &mut Trainer, target: u64) -> u64 {
    trainer.approach(target);
    let from = trainer.update();
    while trainer.update() < target && !trainer.all_stopped() {
        trainer.step();
    }
    from
}

/// All that can be told of a trainer, with every loss and the norms of the batch.
fn told(trainer: &mut Trainer) -> (Vec<u64>, String) {
    bits(&trainer.snapshot(0, 3, 0, true))
}

const PLACES: [u64; 13] = [95, 10, 11, 9, 1, 0, 60, 95, 94, 3, 50, 0, 95];

#[test]
fn going_back_and_on_gives_what_never_going_back_gives() {
    for optimizer in ["sgd", "momentum", "rmsprop", "adam", "adamw"] {
        for task in ["order", "sine"] {
            let hash = format!("task={task}&opt={optimizer}&lanes=rnn-sigmoid,rnn-tanh,rnn-relu,lstm&len=8&tbptt=5");
            let mut trainer = trained(&hash, 95);
            for target in PLACES {
                let from = go(&mut trainer, target);
                assert!(target - from <= 10 && (from < target || target == 0 || from == 95), "{target} from {from}");
                let mut straight = trained(&hash, target);
                assert_eq!(told(&mut trainer), told(&mut straight), "{hash} update {target}");
                (0..4).for_each(|lane| assert_eq!(trainer.losses(lane), straight.losses(lane)));
            }
            // And on from a place in between, past all that is known.
            go(&mut trainer, 42);
            while trainer.update() < 130 {
                trainer.step();
            }
            assert_eq!(told(&mut trainer), told(&mut trained(&hash, 130)), "{hash}");
        }
    }
}

#[test]
fn the_divergence_of_a_lane_is_met_again_at_the_same_update() {
    for (hash, places) in [
        (
            "seed=7&data=4&task=adding&lanes=rnn-relu,lstm&lr=10&opt=sgd&clip=1&len=30",
            [40, 9, 8, 10, 11, 0, 30, 7, 12, 40],
        ),
        (
            "seed=7&data=4&task=order&lanes=rnn-relu,lstm&lr=10&opt=sgd&clip=0&len=20",
            [40, 4, 8, 10, 11, 0, 30, 7, 12, 40],
        ),
        ("seed=7&data=4&task=adding&lanes=rnn-relu&lr=10&opt=sgd&clip=0&len=50", [40, 1, 2, 3, 4, 0, 5, 6, 2, 40]),
    ] {
        let mut trainer = Trainer::new(&experiment(hash));
        for target in places {
            go(&mut trainer, target);
            let mut straight = Trainer::new(&experiment(hash));
            go(&mut straight, target);
            assert_eq!(told(&mut trainer), told(&mut straight), "{hash} update {target}");
            (0..2).for_each(|lane| assert_eq!(trainer.losses(lane), straight.losses(lane)));
        }
        assert!(told(&mut trainer).1.contains("Stopped"), "{hash}");
    }
}

#[test]
fn an_update_in_hand_is_dropped_or_finished() {
    let hash = "len=6&hidden=4";
    let in_hand = || {
        let mut trainer = trained(hash, 25);
        assert!(!trainer.step_lane());
        trainer
    };
    let mut on = in_hand();
    assert!(!on.approach(27), "ahead: it goes on");
    go(&mut on, 27);
    let mut back = in_hand();
    assert!(back.approach(25), "the update that is half gone");
    go(&mut back, 25);
    for (mut found, update) in [(on, 27), (back, 25)] {
        assert_eq!(told(&mut found), told(&mut trained(hash, update)));
    }
}

#[test]
fn nothing_moves_to_where_the_run_is() {
    let mut trainer = trained("len=6&hidden=4", 30);
    assert!(!trainer.approach(30) && !trainer.approach(31) && !trainer.approach(1000));
    assert!(trainer.approach(29));
    assert_eq!(trainer.update(), 20);
    // What is known ahead is nearer than the way there.
    go(&mut trainer, 5);
    assert!(trainer.approach(30));
    assert_eq!(trainer.update(), 20);
}
