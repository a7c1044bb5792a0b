//! Messages between page and worker arrive unchanged.

use std::collections::HashSet;
use std::mem::discriminant;

use lab::analysis::bench::{BenchResult, BenchSpec};
use lab::analysis::findings::{Check, CheckedBlock, CreditTriangles, Found};
use lab::experiment::link;
use lab::packed::{Packed, ProtocolError};
use lab::run::film::{BLOCKS, BlockNorms, Followed};
use lab::worker::command::Command;
use lab::worker::event::{Activity, Event, Report};
use lab::{
    Experiment, Film, Findings, Ghost, Inside, LaneSnapshot, Member, SequenceOnShow, Snapshot, Speed, StopReason,
    Stopped, Trainer, Why,
};
use nn::{CellKind, Factors, ProbeTrace, Quantity};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use test_utils::bits::{bits, packed_bits};

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

fn pack(report: &Report) -> Packed {
    Event::Report(Box::new(report.clone())).pack().unwrap()
}

fn unpack(packed: Packed) -> Result<Report, ProtocolError> {
    match Event::unpack(packed)? {
        Event::Report(report) => Ok(*report),
        other => panic!("a report, not {other:?}"),
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
            let read = unpack(pack(&sent)).unwrap();
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
    assert_eq!(bits(&unpack(pack(&sent)).unwrap().snapshot), bits(&sent.snapshot));
}

#[test]
fn large_arrays_travel_beside_the_buffer() {
    let packed = pack(&report("lanes=rnn-tanh,lstm&len=100", 30, true));
    assert!(packed.head.len() < 1000 && packed.floats.len() > 10_000, "{} bytes", packed.head.len());
}

#[test]
fn arrays_of_another_length_are_an_error() {
    for (hash, updates) in LINKS {
        let packed = pack(&report(hash, updates, true));
        for cut in [1, 2, packed.floats.len() / 2, packed.floats.len()] {
            let floats = packed.floats[cut..].to_vec();
            assert_eq!(unpack(Packed { floats, ..packed.clone() }), Err(ProtocolError::Length));
        }
        let floats = [packed.floats.as_slice(), &[0.0]].concat();
        assert_eq!(unpack(Packed { floats, ..packed.clone() }), Err(ProtocolError::Length));
        for cut in [1, 2, packed.doubles.len() / 2, packed.doubles.len()] {
            let doubles = packed.doubles[..packed.doubles.len() - cut].to_vec();
            assert_eq!(unpack(Packed { doubles, ..packed.clone() }), Err(ProtocolError::Length));
        }
        let doubles = packed.doubles[1..].to_vec();
        assert!(unpack(Packed { doubles, ..packed.clone() }).is_err());
        for cut in 1..packed.head.len() {
            let head = packed.head[..cut].to_vec();
            assert!(unpack(Packed { head, ..packed.clone() }).is_err(), "{cut}");
        }
        let head = [packed.head.as_slice(), &[0]].concat();
        assert_eq!(unpack(Packed { head, ..packed }), Err(ProtocolError::Unknown));
    }
}

#[test]
fn a_message_of_another_build_is_an_error_and_no_panic() {
    let sent = report("", 3, true);
    let packed = pack(&sent);
    // The kind of the event, then what the worker is doing.
    for place in [0, 1] {
        let mut head = packed.head.clone();
        head[place] = 40;
        assert_eq!(unpack(Packed { head, ..packed.clone() }), Err(ProtocolError::Unknown));
    }
    for place in 0..packed.head.len() {
        for value in [0, 1, 2, 31, 127, 128, 255] {
            let mut head = packed.head.clone();
            head[place] = value;
            // It may be another report, or another event; what it says of its arrays is then true of them.
            let _ = Event::unpack(Packed { head, ..packed.clone() });
        }
    }
    let changes: [fn(&mut Report); 14] = [
        |report| report.snapshot.sequence.len += 1,
        |report| report.snapshot.sequence.len = 0,
        |report| report.snapshot.lanes[0].trace.len -= 1,
        |report| report.snapshot.lanes[0].trace.hidden += 1,
        |report| report.snapshot.lanes[0].trace.hidden = usize::MAX,
        |report| report.snapshot.lanes[0].trace.outputs = 0,
        |report| report.snapshot.lanes[0].trace.cell = CellKind::Lstm,
        |report| report.snapshot.lanes[0].trace.h.push(0.0),
        |report| report.snapshot.lanes[0].trace.answer.clear(),
        |report| report.snapshot.lanes[1].trace.c.clear(),
        |report| report.snapshot.lanes[1].trace.gates.truncate(2),
        |report| report.snapshot.lanes[1].trace.gates[0].name = "?",
        |report| report.snapshot.lanes[1].trace.grad_h_norms.clear(),
        |report| report.inside = Some(Inside { member: 0, window: 0, members: Vec::new(), films: Vec::new() }),
    ];
    for (k, change) in changes.into_iter().enumerate() {
        let mut changed = sent.clone();
        change(&mut changed);
        assert!(unpack(pack(&changed)).is_err(), "change {k}");
    }
}

#[test]
fn commands_survive_the_way() {
    let spec = BenchSpec { cell: "lstm".into(), hidden: 128, batch: 1, len: 200, updates: 1_000_000 };
    let link = link::format(&Experiment::default().with("len", "20").unwrap());
    let mut all = vec![
        Command::Configure { link: link.clone(), run: 2, id: 7 },
        Command::Edit { link, run: 2, id: 7 },
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
    let kinds: HashSet<_> = all.iter().map(discriminant).collect();
    assert_eq!(kinds.len(), 14, "every command is here");
    for command in all {
        let packed = command.pack().unwrap();
        assert_eq!(Command::unpack(packed.clone()), Ok(command));
        let head = [packed.head.as_slice(), &[0; 9]].concat();
        assert_eq!(Command::unpack(Packed { head, ..packed.clone() }), Err(ProtocolError::Unknown), "more bytes");
        assert_eq!(Command::unpack(Packed { floats: vec![0.0], ..packed }), Err(ProtocolError::Length), "an array");
    }
    let nonsense = Packed { head: vec![14], ..Packed::default() };
    assert_eq!(Command::unpack(nonsense), Err(ProtocolError::Unknown));
    assert_eq!(Command::unpack(Packed::default()), Err(ProtocolError::Unknown));
}

/// Every f64 there is, and often one that is special.
fn number() -> impl Strategy<Value = f64> {
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE, 5e-324, 1e300, 1.0];
    prop_oneof![select(special.to_vec()), any::<u64>().prop_map(f64::from_bits)]
}

fn float() -> impl Strategy<Value = f32> {
    let special = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, f32::MIN_POSITIVE, 1e-45, 1e30, 1.0];
    prop_oneof![select(special.to_vec()), any::<u32>().prop_map(f32::from_bits)]
}

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    vec(number(), 0..9)
}

fn floats() -> impl Strategy<Value = Vec<f32>> {
    vec(float(), 0..9)
}

fn why() -> impl Strategy<Value = Why> {
    select(Why::ALL.to_vec())
}

fn any_command() -> impl Strategy<Value = Command> {
    let speed = prop_oneof![Just(Speed::Max), any::<u32>().prop_map(Speed::PerSecond)];
    let bench = (any::<String>(), any::<(usize, usize, usize)>(), any::<u64>());
    let bench = bench.prop_map(|(cell, (hidden, batch, len), updates)| BenchSpec { cell, hidden, batch, len, updates });
    prop_oneof![
        any::<(String, u32, u32)>().prop_map(|(link, run, id)| Command::Configure { link, run, id }),
        any::<(String, u32, u32)>().prop_map(|(link, run, id)| Command::Edit { link, run, id }),
        any::<u32>().prop_map(|id| Command::Play { id }),
        any::<u32>().prop_map(|id| Command::Pause { id }),
        any::<(u64, u32)>().prop_map(|(updates, id)| Command::Step { updates, id }),
        any::<(u64, u32)>().prop_map(|(update, id)| Command::Seek { update, id }),
        (any::<(u32, bool)>(), speed).prop_map(|((probe, batch_norms), speed)| Command::Look {
            probe,
            batch_norms,
            speed
        }),
        option::of(why()).prop_map(|why| Command::Why { why }),
        any::<u32>().prop_map(|id| Command::Show { id }),
        any::<(Option<usize>, usize, u32)>().prop_map(|(member, window, id)| Command::Inside { member, window, id }),
        any::<usize>().prop_map(|layer| Command::Layer { layer }),
        Just(Command::Drawn),
        (bench, any::<u32>()).prop_map(|(spec, id)| Command::Bench { spec, id }),
        Just(Command::Ping),
    ]
}

/// A trace of `len` steps whose numbers are taken in turn from those given.
fn trace(len: usize) -> impl Strategy<Value = ProbeTrace<f32>> {
    let shape = (select(CellKind::ALL.to_vec()), 0..4_usize, 0..3_usize);
    let rest = (any::<usize>(), floats(), floats(), 0..3_usize, number(), option::of(number()));
    (shape, vec(float(), 1..50), vec(number(), 1..20), rest).prop_map(
        move |((cell, hidden, outputs), some, doubles, (layer, below, mask, layers, loss, sigma_max))| {
            let mut trace = ProbeTrace::zeros(cell, len, hidden, outputs);
            trace.layer_norms = vec![vec![0.0; len]; layers];
            let mut some = some.into_iter().cycle();
            let series = trace.z.iter_mut().chain(&mut trace.gates).chain(&mut trace.grad_z);
            let states = [&mut trace.h, &mut trace.c, &mut trace.output, &mut trace.answer];
            let gradients = [&mut trace.grad_output, &mut trace.grad_h, &mut trace.grad_c];
            for values in states.into_iter().chain(gradients).chain(series.map(|series| &mut series.values)) {
                values.fill_with(|| some.next().unwrap());
            }
            let mut doubles = doubles.into_iter().cycle();
            let norms = [&mut trace.grad_h_norms, &mut trace.grad_c_norms, &mut trace.grad_x_norms];
            for values in norms.into_iter().chain(&mut trace.layer_norms) {
                values.fill_with(|| doubles.next().unwrap());
            }
            ProbeTrace { layer, below, mask, loss, sigma_max, ..trace }
        },
    )
}

fn stopped() -> impl Strategy<Value = Stopped> {
    let reason = select(vec![StopReason::Loss, StopReason::Gradient, StopReason::Weights]);
    let first = option::of((select(Quantity::ALL.to_vec()), any::<usize>()));
    (any::<u64>(), reason, first).prop_map(|(update, reason, first)| Stopped { update, reason, first })
}

fn losses() -> impl Strategy<Value = (u64, Vec<f32>)> {
    (any::<u64>(), floats())
}

fn lane(len: usize) -> impl Strategy<Value = LaneSnapshot> {
    let ghost = (losses(), trace(len)).prop_map(|(new_losses, trace)| Box::new(Ghost { new_losses, trace }));
    let head = (select(CellKind::ALL.to_vec()), any::<(usize, usize)>(), float(), option::of(number()));
    let arrays = (losses(), losses(), (numbers(), numbers()), floats(), floats());
    (head, option::of(stopped()), arrays, trace(len), option::of(ghost)).prop_map(
        |((cell, (parameters, window), loss, recent_loss), stopped, arrays, trace, ghost)| {
            let (new_losses, held_out, batch_norms, weights, inputs) = arrays;
            LaneSnapshot {
                cell,
                parameters,
                loss,
                recent_loss,
                stopped,
                new_losses,
                held_out,
                batch_norms,
                weights,
                window,
                trace,
                inputs,
                ghost,
            }
        },
    )
}

fn block_norms() -> impl Strategy<Value = [BlockNorms; BLOCKS]> {
    let one = [number(), number(), number(), number(), number()];
    vec(one, BLOCKS).prop_map(|blocks| {
        let norms =
            |[gradient, clipped, before, step, after]: [f64; 5]| BlockNorms { gradient, clipped, before, step, after };
        blocks.into_iter().map(norms).collect::<Vec<_>>().try_into().unwrap()
    })
}

fn film() -> impl Strategy<Value = Film> {
    let moments = || [option::of(number()), option::of(number())];
    let followed = (any::<usize>(), [number(), number(), number(), number()], moments(), moments()).prop_map(
        |(column, [before, gradient, clipped, after], moments_before, moments)| Followed {
            column,
            before,
            gradient,
            clipped,
            moments_before,
            moments,
            after,
        },
    );
    let head = [number(), number(), number(), number(), number(), number(), number()];
    (head, block_norms(), numbers(), numbers(), numbers(), vec(followed, 0..4)).prop_map(
        |(
            [loss, norm, clipped_norm, factor, angle, relative, target_steps],
            blocks,
            own_shares,
            shares,
            losses,
            followed,
        )| {
            Film {
                loss,
                norm,
                clipped_norm,
                factor,
                angle,
                relative,
                target_steps,
                blocks,
                own_shares,
                shares,
                losses,
                followed,
            }
        },
    )
}

fn inside(lanes: usize) -> impl Strategy<Value = Inside> {
    let member = (number(), option::of(number())).prop_map(|(target_steps, target)| Member { target_steps, target });
    (any::<(usize, usize)>(), vec(member, 0..4), vec(option::of(film()), lanes))
        .prop_map(|((member, window), members, films)| Inside { member, window, members, films })
}

fn any_report() -> impl Strategy<Value = Report> {
    (0..4_usize, 0..3_usize).prop_flat_map(|(len, count)| {
        let sequence = (any::<u32>(), floats(), option::of(any::<usize>()), floats(), vec(any::<usize>(), 0..4))
            .prop_map(move |(probe, inputs, class, values, marks)| SequenceOnShow {
                probe,
                len,
                inputs,
                class,
                values,
                marks,
            });
        let snapshot = (any::<(u32, u64)>(), sequence, vec(lane(len), count))
            .prop_map(|((run, update), sequence, lanes)| Snapshot { run, update, sequence, lanes });
        let activity = select(vec![Activity::Idle, Activity::Playing, Activity::Stepping]);
        (activity, number(), any::<(Vec<u32>, bool)>(), snapshot, option::of(inside(count))).prop_map(
            |(activity, rate, (answered, cancelled), snapshot, inside)| Report {
                activity,
                rate,
                answered,
                cancelled,
                snapshot,
                inside,
            },
        )
    })
}

fn any_findings() -> impl Strategy<Value = Findings> {
    let factors = ([numbers(), numbers(), numbers(), numbers()], option::of(number()))
        .prop_map(|([exact, bound, slope, carousel], sigma)| Factors { exact, bound, slope, sigma, carousel });
    let credit = (numbers(), numbers()).prop_map(|(h, c)| CreditTriangles { h, c });
    let block = (number(), number(), any::<(usize, usize)>())
        .prop_map(|(error, unsure, (compared, left_out))| CheckedBlock { error, unsure, compared, left_out });
    let check = (number(), vec(vec(block, 0..6), 0..3)).prop_map(|(done, lanes)| Check { done, lanes });
    let found = prop_oneof![
        vec(factors, 0..3).prop_map(Found::Factors),
        vec(credit, 0..3).prop_map(Found::Credit),
        check.prop_map(Found::Check),
    ];
    (any::<(u32, u64, u32)>(), found).prop_map(|((run, update, probe), found)| Findings { run, update, probe, found })
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Ready),
        any::<String>().prop_map(Event::Fatal),
        any_report().prop_map(|report| Event::Report(Box::new(report))),
        any::<(u32, u64, u64, u64)>().prop_map(|(run, from, update, until)| Event::Progress {
            run,
            from,
            update,
            until
        }),
        (any::<(u32, u32, usize, u64)>(), vec(numbers(), 0..4))
            .prop_map(|((run, probe, layer, update), norms)| Event::Reach { run, probe, layer, update, norms }),
        (any::<u32>(), number(), number()).prop_map(|(id, updates_per_second, gflops)| {
            Event::Bench { id, result: BenchResult { updates_per_second, gflops } }
        }),
        any::<(u32, String)>().prop_map(|(id, problem)| Event::BenchRefused { id, problem }),
        any_findings().prop_map(|findings| Event::Findings(Box::new(findings))),
        Just(Event::Pong),
    ]
}

proptest! {
    #[test]
    fn every_command_arrives_as_it_was(command in any_command()) {
        let packed = command.pack().unwrap();
        prop_assert_eq!(Command::unpack(packed), Ok(command));
    }

    #[test]
    fn every_event_arrives_bit_for_bit(event in any_event()) {
        let packed = event.pack().unwrap();
        let arrived = Event::unpack(packed.clone()).unwrap();
        // NaN is not equal to itself: the fields are compared as text, the numbers as bits.
        prop_assert_eq!(format!("{arrived:?}"), format!("{event:?}"));
        prop_assert_eq!(packed_bits(&arrived.pack().unwrap()), packed_bits(&packed));
    }

    #[test]
    fn no_bytes_bring_it_down(head in vec(any::<u8>(), 0..200), floats in floats(), doubles in numbers()) {
        let packed = Packed { head, floats, doubles };
        let _ = (Event::unpack(packed.clone()), Command::unpack(packed));
    }
}
