//! What the worker sends arrives as it was.

use lab::Experiment;
use lab::Trainer;
use lab::Why;
use lab::experiment::link;
use lab::worker::event::{Activity, ProtocolError, Report, pack, unpack};
use test_utils::bits::bits;

fn report(hash: &str, updates: usize, batch_norms: bool) -> Report {
    let (experiment, problems) = link::parse(hash);
    assert_eq!(problems, vec![]);
    let mut trainer = Trainer::new(&experiment);
    (0..updates).for_each(|_| trainer.step());
    Report {
        activity: Activity::Playing,
        rate: 41.5,
        answered: vec![3, 1, 4],
        cancelled: true,
        snapshot: trainer.snapshot(9, experiment.probe, 2, batch_norms),
        inside: None,
    }
}

const LINKS: [(&str, usize); 7] = [
    ("", 0),
    ("lanes=rnn-sigmoid,rnn-tanh,rnn-relu,lstm&len=7&hidden=5", 25),
    ("task=adding&len=9", 3),
    ("task=sine&len=2&hidden=1&lanes=rnn-relu", 4),
    ("task=recall&lanes=lstm,lstm&probe=8", 30),
    ("lanes=rnn-tanh,lstm&edit=1.f[2]=1@3;0.u[1,2]=0.25@10;0.x[4,1]=0.5@2", 12),
    ("edit=1.x[4,1]=0.5@2", 5),
];

#[test]
fn a_report_comes_back_bit_for_bit() {
    for (hash, updates) in LINKS {
        for batch_norms in [false, true] {
            let sent = report(hash, updates, batch_norms);
            let (floats, doubles) = pack(&sent);
            let read = unpack(&floats, &doubles).unwrap();
            assert_eq!(bits(&read.snapshot), bits(&sent.snapshot), "{hash}");
            let rest = |r: &Report| (r.activity, r.rate.to_bits(), r.answered.clone(), r.cancelled);
            assert_eq!(rest(&read), rest(&sent));
        }
    }
}

#[test]
fn numbers_that_are_none_cross_as_they_are() {
    let mut sent = report("task=adding&len=4&hidden=2", 30, false);
    assert!(sent.snapshot.sequence.values[0].is_nan(), "a step without a target");
    let lane = &mut sent.snapshot.lanes[0];
    (lane.trace.h[0], lane.trace.h[1], lane.trace.h[2]) = (f32::NAN, f32::INFINITY, -0.0);
    (lane.trace.grad_h_norms[0], lane.recent_loss, lane.trace.sigma_max) = (f64::NAN, None, None);
    let (floats, doubles) = pack(&sent);
    assert_eq!(bits(&unpack(&floats, &doubles).unwrap().snapshot), bits(&sent.snapshot));
}

#[test]
fn arrays_of_another_length_are_an_error() {
    for (hash, updates) in LINKS {
        let (floats, doubles) = pack(&report(hash, updates, true));
        for cut in [1, 2, floats.len() / 2, floats.len()] {
            assert_eq!(unpack(&floats[cut..], &doubles), Err(ProtocolError::Length));
        }
        let longer = [floats.as_slice(), &[0.0]].concat();
        assert_eq!(unpack(&longer, &doubles), Err(ProtocolError::Length));
        for cut in [1, 2, doubles.len() / 2, doubles.len()] {
            assert_eq!(unpack(&floats, &doubles[..doubles.len() - cut]), Err(ProtocolError::Length));
        }
        assert!(unpack(&floats, &doubles[1..]).is_err());
    }
}

#[test]
fn numbers_of_another_build_are_an_error_and_no_panic() {
    let sent = report("", 3, true);
    let (floats, doubles) = pack(&sent);
    let changed = |place: usize, value: f64| {
        let mut doubles = doubles.clone();
        doubles[place] = value;
        unpack(&floats, &doubles)
    };
    // Three ids and the marks follow the 16 numbers of the report; then those of the first lane.
    let lane = 16 + 3 + sent.snapshot.sequence.marks.len();
    assert_eq!((doubles[lane], doubles[lane + 1]), (0.0, 16.0), "an RNN of 16 units");
    for place in [0, lane] {
        assert_eq!(changed(place, 40.0), Err(ProtocolError::Unknown));
    }
    let mut stopped = doubles.clone();
    (stopped[lane + 7], stopped[lane + 8]) = (2.0, 3.0);
    assert_eq!(unpack(&floats, &stopped), Err(ProtocolError::Unknown));
    let counts = [
        6,
        7,
        9,
        12,
        13,
        14,
        lane + 1,
        lane + 2,
        lane + 4,
        lane + 12,
        lane + 14,
        lane + 16,
        lane + 17,
        lane + 18,
        lane + 19,
    ];
    for place in counts {
        for value in [0.0, 1.0, 31.0, 1_000_000_007.0, 1e19, 1e300, f64::INFINITY, f64::NAN, -1.0] {
            let same = doubles[place] as usize == value as usize;
            assert!(same || changed(place, value).is_err(), "{place} = {value}");
        }
    }
    let mut none = doubles;
    (none[6], none[lane + 1], none[lane + 2]) = (f64::INFINITY, 0.0, 0.0);
    assert!(unpack(&floats, &none).is_err());
}

#[test]
fn commands_survive_being_plain_values() {
    use lab::Speed;
    use lab::analysis::bench::BenchSpec;
    use lab::worker::command::{Command, Plain};
    let spec = BenchSpec { cell: "lstm".into(), hidden: 128, batch: 1, len: 200, updates: 1_000_000 };
    let link = link::format(&Experiment::default().with("len", "20").unwrap());
    let mut all = vec![
        Command::Configure { link, run: 2, id: 7 },
        Command::Play { id: u32::MAX },
        Command::Pause { id: 1 },
        Command::Step { updates: 1_000_000, id: 2 },
        Command::Seek { update: 0, id: 3 },
        Command::Show { id: 4 },
        Command::Inside { member: None, window: 0, id: 5 },
        Command::Inside { member: Some(0), window: 0, id: 6 },
        Command::Inside { member: Some(127), window: 12, id: 7 },
        Command::Layer { layer: 2 },
        Command::Drawn,
        Command::Bench { spec, id: 8 },
        Command::Ping,
        Command::Why { why: None },
        Command::Why { why: Some(Why::Check) },
    ];
    for speed in [Speed::Max, Speed::PerSecond(1), Speed::PerSecond(1000)] {
        all.extend([true, false].map(|batch_norms| Command::Look { probe: u32::MAX, batch_norms, speed }));
    }
    let mut codes: Vec<u32> = all.iter().map(|command| command.to_plain().code).collect();
    codes.dedup();
    assert_eq!(codes.len(), 13, "every command is here, and has a code of its own");
    for command in all {
        let plain = command.to_plain();
        assert_eq!(Command::from_plain(plain.clone()), Some(command));
        let more = Plain { numbers: [plain.numbers.as_slice(), &[0.0; 9]].concat(), ..plain };
        assert_eq!(Command::from_plain(more), None, "another number of numbers");
    }
    let nonsense = Plain { code: 11, numbers: Vec::new(), text: String::new() };
    assert_eq!(Command::from_plain(nonsense), None);
}
