//! "What if?": edits as text, their effect on a run, and that undoing them leaves nothing.

use lab::Allowed;
use lab::Experiment;
use lab::LaneSnapshot;
use lab::Reason;
use lab::Snapshot;
use lab::Trainer;
use lab::experiment::edit::{self, Edit};
use lab::experiment::limits::MOST_EDITS;
use lab::experiment::link;
use lab::experiment::names::NAMES;
use lab::experiment::offered;
use lab::experiment::place::Place;
use nn::{Batch, CellKind, Gate, LossAt, LossKind, LossSpec, Network, Probe, Truncation, Unroll, gradient_check};
use proptest::prelude::*;
use proptest::sample::select;

use test_utils::bits::bits;
use test_utils::networks::{config, example_batch, shaken};
use test_utils::runs::{experiment, snapshot, trained};

const LANES: &str = "lanes=rnn-tanh,lstm&len=8&hidden=5&batch=4";

/// Cells that have weights beside those of all, in two layers.
const DEEP: &str = "lanes=lstm-peephole,lstm-fgr,gru,lstm&layers=2&len=8&hidden=4&batch=4";

fn edited(edits: &str) -> String {
    format!("{LANES}&edit={edits}")
}

/// Goes to an update as a seek does.
fn go(trainer: &mut Trainer, update: u64) {
    trainer.approach(update);
    while trainer.update() < update {
        trainer.step();
    }
}

/// Takes other edits in, and goes on to where the run was.
fn take(trainer: &mut Trainer, edits: &str) {
    let at = trainer.update();
    let with = trainer.experiment().without("edit").unwrap();
    let with = if edits.is_empty() { with } else { with.with("edit", edits).unwrap() };
    trainer.edit(&with);
    go(trainer, at);
}

/// Every number of a snapshot, whatever went before: the losses told are those since update 0.
fn all(trainer: &mut Trainer) -> (Vec<u64>, String) {
    bits(&trainer.snapshot(0, trainer.experiment().probe, 0, true))
}

/// The lane as its ghost has it, in the place of a lane nobody touched.
fn ghost_bits(lane: &LaneSnapshot) -> (Vec<f32>, Vec<f64>, Vec<f32>) {
    let ghost = lane.ghost.as_ref().expect("a ghost");
    (ghost.trace.h.clone(), ghost.trace.grad_h_norms.clone(), ghost.new_losses.1.clone())
}

fn own_bits(lane: &LaneSnapshot) -> (Vec<f32>, Vec<f64>, Vec<f32>) {
    (lane.trace.h.clone(), lane.trace.grad_h_norms.clone(), lane.new_losses.1.clone())
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let value = prop_oneof![Just(0.0), -1000.0..1000.0_f64, (-320.0..3.0_f64).prop_map(|power| 10_f64.powf(power)),];
    let lane = (0..9_usize, 0..3_usize);
    (
        lane,
        select(NAMES.map(|(name, _)| name).to_vec()),
        (1..999_usize, 1..999_usize),
        value,
        0..2_000_000_u64,
        any::<bool>(),
    )
        .prop_map(|((lane, layer), name, (i, j), value, update, all)| {
            let two = matches!(name, "w" | "u" | "v" | "w_out" | "x");
            let layer = if matches!(name, "w_out" | "b_out" | "x") { 0 } else { layer };
            let gate = matches!(name, "i" | "f" | "g" | "o");
            let at = [if gate && all { 0 } else { i }, if two { j } else { 0 }];
            Edit { place: Place { lane, layer, name, at }, value: value + 0.0, update }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn an_edit_comes_back_from_its_text(edit in any_edit()) {
        let text = edit.to_string();
        prop_assert_eq!(Edit::read(&text), Some(edit), "{}", text);
    }

    #[test]
    fn any_text_as_edits_gives_an_experiment_and_short_problems(
        text in "(\\PC{0,60}|([0-9]{0,3}[.,;@=\\[\\]*xufbg_]{0,3}[-0-9e.]{0,5}){0,40})",
    ) {
        let (experiment, problems) = link::parse(&format!("len=8&edit={text}&hidden=3"));
        prop_assert_eq!((experiment.len, experiment.hidden), (8, 3), "the rest of the link stands");
        prop_assert!(problems.len() <= MOST_EDITS + 2 && experiment.edits.len() <= MOST_EDITS);
        for problem in &problems {
            prop_assert!(problem.key.chars().count() <= 33 && problem.found.chars().count() <= 33);
            prop_assert!(problem.to_string().chars().count() <= 250);
        }
        prop_assert_eq!(link::parse(&link::format(&experiment)), (experiment, vec![]));
    }

}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn any_edit_that_fits_can_be_trained_with(edits in prop::collection::vec(any_edit(), 1..6)) {
        // Cut to what fits, and early enough to be reached.
        let fit = |mut edit: Edit| {
            edit.place.lane %= 4;
            edit.place.layer %= 2;
            edit.place.at = edit.place.at.map(|at| if at == 0 { 0 } else { at % 2 + 1 });
            edit.update %= 5;
            edit
        };
        let edits = edit::format(&edits.into_iter().map(fit).collect::<Vec<_>>());
        let (experiment, _) = link::parse(&format!("{DEEP}&edit={edits}"));
        let mut trainer = Trainer::new(&experiment);
        go(&mut trainer, 6);
        let shown = snapshot(&mut trainer);
        for lane in &shown.lanes {
            prop_assert!(lane.trace.h.iter().chain(&lane.trace.grad_h).all(|value| value.is_finite()));
        }
    }
}

#[test]
fn the_example_of_the_documents_means_what_it_says() {
    let experiment = experiment("edit=1.u[3,5]=0.2@120;1.f[*]=1@0");
    let [weight, gate] = experiment.edits.as_slice() else { panic!("two edits") };
    assert_eq!((weight.place.lane, weight.place.name, weight.place.at), (1, "u", [3, 5]));
    assert_eq!((weight.value, weight.update), (0.2, 120));
    assert_eq!((gate.place.at, gate.place.is_gate(), gate.value, gate.update), ([0, 0], true, 1.0, 0));
}

#[test]
fn an_edit_that_does_not_fit_is_named_with_what_is_allowed_and_the_others_stand() {
    let cases = [
        ("2.u[1,1]=1@0", Allowed::Part("k", 0.0, 1.0)),
        ("1.u[65,1]=1@0", Allowed::Part("i", 1.0, 64.0)),
        ("0.u[17,1]=1@0", Allowed::Part("i", 1.0, 16.0)),
        ("1.u[1,17]=1@0", Allowed::Part("j", 1.0, 16.0)),
        ("1.w[1,7]=1@0", Allowed::Part("j", 1.0, 6.0)),
        ("1.b_out[5]=1@0", Allowed::Part("i", 1.0, 4.0)),
        ("1.x[31,1]=1@0", Allowed::Part("i", 1.0, 30.0)),
        ("1.f[17]=1@0", Allowed::Part("i", 1.0, 16.0)),
        ("1.f[3]=1.5@0", Allowed::Part("v", 0.0, 1.0)),
        ("1.i[*]=-0.1@0", Allowed::Part("v", 0.0, 1.0)),
        ("1.g[*]=-1.1@0", Allowed::Part("v", -1.0, 1.0)),
        ("1.u[1,1]=1e4@0", Allowed::Part("v", -1000.0, 1000.0)),
        ("1.u[1,1]=1@1000001", Allowed::Part("n", 0.0, 1e6)),
        ("0.f[1]=1@0", Allowed::Places(CellKind::RnnSigmoid)),
        ("0.z[1]=0.5@0", Allowed::Places(CellKind::RnnSigmoid)),
        ("1.z[1]=0.5@0", Allowed::Places(CellKind::Lstm)),
        ("1.p_i[1]=1@0", Allowed::Places(CellKind::Lstm)),
        ("1.v[1,1]=1@0", Allowed::Places(CellKind::Lstm)),
        ("1.b_hn[1]=1@0", Allowed::Places(CellKind::Lstm)),
        ("0.f2[1]=1@0", Allowed::Places(CellKind::RnnSigmoid)),
        ("1.u2[1,1]=1@0", Allowed::Layers(1)),
        ("1.f9[*]=1@0", Allowed::Layers(1)),
    ];
    let malformed = [
        "",
        "1",
        "1.u",
        "1.u[1,1]",
        "1.u[1,1]=1",
        "1.u[1,1]=@0",
        "1.u[1,1]=1@",
        "1.u[1]=1@0",
        "1.u[1,1,1]=1@0",
        "1.b[1,1]=1@0",
        "1.u[0,1]=1@0",
        "1.u[*,1]=1@0",
        "1.b[*]=1@0",
        "1.y[1]=0.5@0",
        "1.u[1,1]=nan@0",
        "1.u[1,1]=inf@0",
        "1.u[1,1]=1@-1",
        "-1.u[1,1]=1@0",
        "1.u[+1,1]=1@0",
        "1.u[1,1]=1@1.5",
        "1.U[1,1]=1@0",
        " 1.u[1,1]=1@0",
        "1.f[]=1@0",
        "1.f=1@0",
        "1.u0[1,1]=1@0",
        "1.u11[1,1]=1@0",
        "1.u 1[1,1]=1@0",
        "1.2[1]=1@0",
        "1.x1[1,1]=1@0",
        "1.w_out2[1,1]=1@0",
        "1.b_out1[1]=1@0",
        "1.v[1]=1@0",
        "1.p_o[1,1]=1@0",
        "1.p_o[*]=1@0",
        "1.u[99999999999999999999,1]=1@0",
    ];
    let malformed = malformed.map(|text| (text, Allowed::Edits));
    for (text, allowed) in cases.into_iter().chain(malformed) {
        let (experiment, problems) = link::parse(&format!("len=30&edit=1.o[2]=0.5@3;{text};0.b[1]=1@0"));
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
        assert_eq!(problem.reason, Reason::NotAllowed(allowed), "{text}");
        assert_eq!((problem.key.as_str(), problem.found.as_str()), ("edit", text));
        assert_eq!(edit::format(&experiment.edits), "1.o[2]=0.5@3;0.b[1]=1@0", "{text}");
        let before = Experiment::default().with("edit", "1.o[2]=0.5@3").unwrap();
        assert!(before.with("edit", text).is_err(), "{text}");
    }
    let flood = vec!["1.o[2]=0.5@3"; 5000].join(";");
    let (experiment, problems) = link::parse(&format!("edit={flood}"));
    assert_eq!((experiment.edits.len(), problems.len()), (MOST_EDITS, 1));
}

#[test]
fn a_place_that_a_cell_or_a_layer_does_not_have_is_named_with_what_is_allowed() {
    let base = "lanes=lstm-peephole,lstm-fgr,gru,window&layers=2&len=8&hidden=5&task=adding";
    for (text, allowed) in [
        ("0.p_f[6]=1@0", Allowed::Part("i", 1.0, 5.0)),
        ("0.p_g[1]=1@0", Allowed::Edits),
        ("0.v[1,1]=1@0", Allowed::Places(CellKind::LstmPeephole)),
        ("0.w[1,3]=1@0", Allowed::Part("j", 1.0, 2.0)),
        ("0.w2[1,6]=1@0", Allowed::Part("j", 1.0, 5.0)),
        ("0.u3[1,1]=1@0", Allowed::Layers(2)),
        ("0.o3[1]=1@0", Allowed::Layers(2)),
        ("0.p_o3[1]=1@0", Allowed::Layers(2)),
        ("1.v[16,1]=1@0", Allowed::Part("i", 1.0, 15.0)),
        ("1.v2[1,16]=1@0", Allowed::Part("j", 1.0, 15.0)),
        ("1.p_i2[1]=1@0", Allowed::Places(CellKind::LstmFgr)),
        ("2.b_hn[6]=1@0", Allowed::Part("i", 1.0, 5.0)),
        ("2.b_hn2[1]=1001@0", Allowed::Part("v", -1000.0, 1000.0)),
        ("2.z2[1]=1.5@0", Allowed::Part("v", 0.0, 1.0)),
        ("2.f2[1]=1@0", Allowed::Places(CellKind::Gru)),
        ("3.w2[1,1]=1@0", Allowed::Layers(1)),
        ("3.u2[1,1]=1@0", Allowed::Places(CellKind::Window)),
    ] {
        let (experiment, problems) = link::parse(&format!("{base}&edit={text};0.b2[1]=1@0"));
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
        assert_eq!(problem.reason, Reason::NotAllowed(allowed), "{text}");
        assert_eq!(edit::format(&experiment.edits), "0.b2[1]=1@0", "{text}");
    }
    // Of a gate that is switched off no weight does anything.
    let off = "lanes=lstm-nig,lstm-nfg,lstm-nog,lstm-cifg&hidden=5&task=adding";
    let cells = [CellKind::LstmNig, CellKind::LstmNfg, CellKind::LstmNog, CellKind::LstmCifg];
    for ((lane, cell), gate) in cells.into_iter().enumerate().zip([0, 1, 3, 1]) {
        for row in 1..=20 {
            let refused = link::parse(&format!("{off}&edit={lane}.u[{row},1]=1@0")).1;
            let idle = (row - 1) / 5 == gate;
            let reasons = refused.into_iter().map(|problem| problem.reason).collect::<Vec<_>>();
            let wanted = vec![Reason::NotAllowed(Allowed::Places(cell)); usize::from(idle)];
            assert_eq!(reasons, wanted, "{cell:?} row {row}");
        }
    }
    let said = |cell: CellKind| Allowed::Places(cell).to_string();
    assert_eq!(said(CellKind::LstmNfg), "w, u, b (i, g, o), w_out, b_out, x, i, g, o");
    assert_eq!(said(CellKind::Window), "w, b, w_out, b_out, x");
    assert_eq!(said(CellKind::LstmPeephole), "w, u, b, p_i, p_f, p_o, w_out, b_out, x, i, f, g, o");
    assert_eq!(said(CellKind::LstmFgr), "w, u, b, v, w_out, b_out, x, i, f, g, o");
    assert_eq!(said(CellKind::Gru), "w, u, b, b_hn, w_out, b_out, x, r, z, n");
    assert_eq!(Allowed::Layers(2).to_string(), "layer 1–2");
    // The first layer may be named, and is written as it is without.
    let (experiment, problems) =
        link::parse(&format!("{base}&edit=0.u1[1,2]=1@0;0.p_i1[2]=1@3;2.n1[*]=0@0;3.w1[5,20]=1@0"));
    assert_eq!(problems, []);
    assert_eq!(edit::format(&experiment.edits), "0.u[1,2]=1@0;0.p_i[2]=1@3;2.n[*]=0@0;3.w[5,20]=1@0");
}

#[test]
fn edits_of_what_is_another_thing_then_are_dropped_with_the_change() {
    let edits = "0.u[1,1]=1@0;1.f[2]=0@3;1.x[8,1]=1@0";
    let experiment = experiment(&edited(edits));
    let left = |key: &str, value: &str| edit::format(&experiment.with(key, value).unwrap().edits);
    for (key, value) in
        [("seed", "9"), ("data", "9"), ("lr", "0.1"), ("probe", "3"), ("len", "9"), ("lanes", "rnn-tanh,lstm,lstm")]
    {
        assert_eq!(left(key, value), edits, "{key}");
    }
    assert_eq!(left("len", "7"), "0.u[1,1]=1@0;1.f[2]=0@3");
    assert_eq!(left("lanes", "rnn-relu,lstm"), "1.f[2]=0@3;1.x[8,1]=1@0");
    assert_eq!(left("lanes", "rnn-tanh"), "0.u[1,1]=1@0");
    assert_eq!((left("hidden", "6"), left("task", "adding")), (String::new(), String::new()));
    let same = experiment.with("hidden", "5").unwrap();
    assert_eq!(same, experiment, "a change to what it was drops nothing");
    let deeper = experiment.with("layers", "3").unwrap();
    assert_eq!(edit::format(&deeper.edits), edits, "the first layer is what it was");
    let all = "0.u[1,1]=1@0;0.u2[1,1]=1@0;1.f2[2]=0@3;1.b3[4]=1@0;1.w_out[1,1]=1@0";
    let deeper = deeper.with("edit", all).unwrap();
    let left = |layers: &str| edit::format(&deeper.with("layers", layers).unwrap().edits);
    assert_eq!(left("3"), all);
    assert_eq!(left("2"), all.replace("1.b3[4]=1@0;", ""));
    assert_eq!(left("1"), "0.u[1,1]=1@0;1.w_out[1,1]=1@0");
    assert_eq!(edit::format(&deeper.without("layers").unwrap().edits), "0.u[1,1]=1@0;1.w_out[1,1]=1@0");
    assert_eq!(edit::format(&deeper.with("layer", "3").unwrap().edits), all, "what is shown drops nothing");
}

const SOME: [&str; 6] = [
    "1.f[*]=1@20",
    "1.f[3]=0.25@0;1.g[2]=-0.5@13;1.o[1]=1@13",
    "0.u[3,5]=0.2@12;1.u[12,4]=-0.7@31",
    "1.x[3,2]=0.5@12;0.x[1,1]=-1@0",
    "0.w_out[2,3]=2@20;0.b[1]=-1@20;1.b_out[4]=0.5@21;1.w[20,6]=0.5@5",
    "1.i[*]=0@7;1.i[2]=1@9;1.i[2]=0.5@30;0.x[2,3]=1@40",
];

#[test]
fn an_edit_undone_leaves_the_run_as_it_would_have_been_to_the_bit() {
    for edits in SOME {
        let mut trainer = trained(LANES, 45);
        take(&mut trainer, edits);
        assert_ne!(snapshot(&mut trainer).lanes, snapshot(&mut trained(LANES, 45)).lanes, "{edits} change something");
        take(&mut trainer, "");
        assert_eq!(all(&mut trainer), all(&mut trained(LANES, 45)), "{edits}");
        go(&mut trainer, 60);
        assert_eq!(all(&mut trainer), all(&mut trained(LANES, 60)), "{edits}: and it goes on so");
    }
}

#[test]
fn every_block_and_every_layer_can_be_edited_and_all_is_as_it_was_when_undone() {
    let untouched = snapshot(&mut trained(DEEP, 24));
    for text in [
        "0.p_i[2]=1.5@12",
        "0.p_f2[3]=-1.5@12",
        "0.p_o[1]=1.5@12",
        "0.i2[*]=0.5@12",
        "1.v[6,11]=1.5@12",
        "1.v2[12,1]=-1.5@12",
        "1.o2[2]=0@12",
        "2.b_hn[2]=1.5@12",
        "2.b_hn2[4]=-1.5@12",
        "2.z2[*]=0.5@12",
        "3.w2[16,4]=1.5@12",
        "3.u2[5,1]=-1.5@12",
        "3.b2[3]=1.5@12",
        "3.f2[*]=1@12;3.f[1]=0@15",
    ] {
        let mut trainer = trained(DEEP, 24);
        take(&mut trainer, text);
        let shown = snapshot(&mut trainer);
        let lane = usize::from(text.as_bytes()[0] - b'0');
        for (k, (found, expected)) in shown.lanes.iter().zip(&untouched.lanes).enumerate() {
            assert_eq!(found.trace.output != expected.trace.output, k == lane, "{text}: lane {k}");
            assert_eq!(found.new_losses.1[..12], expected.new_losses.1[..12], "{text}: not before its update");
        }
        assert_eq!(ghost_bits(&shown.lanes[lane]), own_bits(&untouched.lanes[lane]), "{text}");
        let hash = format!("{DEEP}&edit={text}");
        for update in [24, 12, 11, 30, 17] {
            go(&mut trainer, update);
            assert_eq!(all(&mut trainer), all(&mut trained(&hash, update)), "{text} at {update}");
        }
        go(&mut trainer, 24);
        take(&mut trainer, "");
        assert_eq!(all(&mut trainer), all(&mut trained(DEEP, 24)), "{text}: undone");
    }
}

#[test]
fn a_gate_held_in_an_upper_layer_follows_from_nothing_and_is_seen_where_that_layer_is() {
    let edits = "edit=0.f2[*]=0.75@5;1.i2[2]=0.5@9;2.r2[*]=0.25@0;3.f[1]=0.5@0;2.r2[3]=1@10";
    let shown = |layer: usize| snapshot(&mut trained(&format!("{DEEP}&{edits}&layer={layer}"), 20));
    let (first, second) = (shown(1), shown(2));
    let of = |shown: &Snapshot, lane: usize, gate: usize, unit: usize| -> (Vec<f32>, Vec<f32>) {
        let trace = &shown.lanes[lane].trace;
        let every = |values: &[f32]| values.iter().skip(unit).step_by(4).copied().collect();
        (every(&trace.gates[gate].values), every(&trace.grad_z[gate].values))
    };
    let experiment = experiment(&format!("{DEEP}&{edits}&layer=2"));
    for (lane, gate, unit, value) in [(0, 1, 0, 0.75), (0, 1, 3, 0.75), (1, 0, 1, 0.5), (2, 0, 0, 0.25), (2, 0, 2, 1.0)]
    {
        let (gates, gradients) = of(&second, lane, gate, unit);
        assert!(gates.iter().all(|&gate| gate == value), "lane {lane}: {gates:?}");
        assert!(gradients.iter().all(|&gradient| gradient == 0.0), "what is held does not learn: {gradients:?}");
        let (gates, gradients) = of(&first, lane, gate, unit);
        assert!(gates.iter().all(|&gate| gate != value), "the layer below is free: {gates:?}");
        assert!(gradients.iter().any(|&gradient| gradient != 0.0));
        let letter = experiment.lanes[lane].gates()[gate].letter();
        assert!(experiment.holds(lane, letter, unit, 20));
        assert!(!experiment.with("layer", "1").unwrap().holds(lane, letter, unit, 20), "of the layer on show alone");
    }
    assert_eq!(experiment.held(2, "r", 20), [(0, 0.25), (3, 1.0)]);
    assert_eq!((experiment.held(0, "f", 4), experiment.held(3, "f", 20)), (vec![], vec![]));
    assert_eq!(experiment.with("layer", "1").unwrap().held(3, "f", 20), [(1, 0.5)]);
    assert!(of(&first, 3, 1, 0).0.iter().all(|&gate| gate == 0.5));
}

#[test]
fn edits_made_on_the_way_and_the_link_that_says_so_give_the_same_run() {
    // One after the other as a person makes them, with a journey back in between.
    let mut trainer = Trainer::new(&experiment(LANES));
    go(&mut trainer, 12);
    take(&mut trainer, "1.f[*]=1@12");
    go(&mut trainer, 25);
    take(&mut trainer, "1.f[*]=1@12;0.u[3,5]=0.2@25");
    go(&mut trainer, 40);
    go(&mut trainer, 18);
    let third = "1.f[*]=1@12;0.u[3,5]=0.2@25;1.u[2,2]=0.5@18";
    take(&mut trainer, third);
    for update in [18, 19, 24, 25, 26, 40, 52, 13, 12, 11, 0, 52] {
        go(&mut trainer, update);
        let mut replayed = Trainer::new(&experiment(&edited(third)));
        go(&mut replayed, update);
        assert_eq!(all(&mut trainer), all(&mut replayed), "at update {update}");
    }
    // Undone one by one, not in the order they were made.
    for edits in ["1.f[*]=1@12;1.u[2,2]=0.5@18", "1.u[2,2]=0.5@18", ""] {
        take(&mut trainer, edits);
        let hash = if edits.is_empty() { LANES.to_owned() } else { edited(edits) };
        let mut replayed = Trainer::new(&experiment(&hash));
        go(&mut replayed, 52);
        assert_eq!(all(&mut trainer), all(&mut replayed), "{edits:?}");
    }
}

#[test]
fn the_ghost_is_the_lane_that_nobody_touched_to_the_bit() {
    for edits in SOME {
        let mut trainer = Trainer::new(&experiment(&edited(edits)));
        for update in [0, 12, 13, 33, 50, 8, 21, 50] {
            go(&mut trainer, update);
            let (found, expected) = (snapshot(&mut trainer), snapshot(&mut trained(LANES, update)));
            for (lane, untouched) in found.lanes.iter().zip(&expected.lanes) {
                if lane.ghost.is_none() {
                    assert_eq!(own_bits(lane), own_bits(untouched), "{edits} at {update}: not edited yet");
                    continue;
                }
                let (h, norms, losses) = ghost_bits(lane);
                let (expected_h, expected_norms, expected_losses) = own_bits(untouched);
                assert_eq!((h, norms), (expected_h, expected_norms), "{edits} at {update}");
                // Where only inputs are edited the ghost's losses are the lane's.
                assert!(losses.is_empty() || losses == expected_losses, "{edits} at {update}");
            }
        }
    }
    let shown = snapshot(&mut trained(&edited("1.f[*]=1@10;1.u[1,1]=0@10"), 30));
    let [untouched, touched] = shown.lanes.as_slice() else { panic!("two lanes") };
    assert!(untouched.ghost.is_none(), "a lane without edits has none");
    assert_eq!(touched.ghost.as_ref().unwrap().new_losses.1.len(), 30);
    assert_ne!(touched.new_losses.1[10..], touched.ghost.as_ref().unwrap().new_losses.1[10..]);
    assert_eq!(touched.new_losses.1[..10], touched.ghost.as_ref().unwrap().new_losses.1[..10]);
}

#[test]
fn an_edit_takes_effect_at_its_update_and_not_before() {
    let mut trainer = Trainer::new(&experiment(&edited("1.f[2]=0.25@10;1.x[3,1]=0.5@11")));
    let forget = |shown: &Snapshot| -> Vec<f32> {
        shown.lanes[1].trace.gates[1].values.chunks_exact(5).map(|units| units[1]).collect()
    };
    go(&mut trainer, 9);
    let shown = snapshot(&mut trainer);
    assert!(forget(&shown).iter().all(|&f| f != 0.25) && shown.lanes[1].ghost.is_none());
    go(&mut trainer, 10);
    let shown = snapshot(&mut trainer);
    assert!(forget(&shown).iter().all(|&f| f == 0.25) && shown.lanes[1].ghost.is_some());
    assert!(shown.lanes[1].inputs.is_empty());
    go(&mut trainer, 11);
    let shown = snapshot(&mut trainer);
    let inputs = shown.lanes[1].inputs(&shown.sequence);
    let changed: Vec<usize> = (0..inputs.len()).filter(|&at| inputs[at] != shown.sequence.inputs[at]).collect();
    assert_eq!((changed, inputs[12]), (vec![12], 0.5), "step 3, input 1 of 6");
    assert!(shown.lanes[0].inputs.is_empty(), "the other lane sees the sequence as it is");
}

#[test]
fn a_weight_is_set_where_the_equations_have_it() {
    // Row 12 of the stacked gates of 5 units is unit 2 of the candidate: z_g of unit 2 sees h of unit 4 through it.
    let mut trainer = trained(LANES, 10);
    let before = snapshot(&mut trainer);
    take(&mut trainer, "1.u[12,4]=0.75@10");
    let after = snapshot(&mut trainer);
    let (before, after) = (&before.lanes[1].trace, &after.lanes[1].trace);
    let z = |trace: &nn::ProbeTrace<f32>, gate: usize, t: usize, u: usize| trace.z[gate].values[t * 5 + u];
    for gate in 0..4 {
        for u in 0..5 {
            assert_eq!(z(before, gate, 0, u), z(after, gate, 0, u), "the first step has no state before it");
            let same = z(before, gate, 1, u) == z(after, gate, 1, u);
            assert_eq!(same, (gate, u) != (2, 1), "gate {gate}, unit {u} at step 2");
        }
    }
}

#[test]
fn a_forget_gate_held_at_1_adds_what_is_written_and_keeps_all_the_rest() {
    let shown = snapshot(&mut trained(&edited("1.f[*]=1@10"), 30));
    let trace = &shown.lanes[1].trace;
    let (i, g) = (&trace.gates[0].values, &trace.gates[2].values);
    for at in 0..trace.c.len() {
        let before = if at < 5 { 0.0 } else { trace.c[at - 5] };
        assert_eq!(trace.c[at], before + i[at] * g[at], "step {}, unit {}", at / 5 + 1, at % 5 + 1);
    }
    assert!(trace.grad_z[1].values.iter().all(|&gradient| gradient == 0.0), "what is held does not learn");
}

/// Clamps of an LSTM of 5 units: all of f, one of i, one of g and o each.
fn held(network: &Network<f64>) -> Network<f64> {
    let mut network = network.clone();
    let gate = |k: usize, unit: usize| 5 * k + unit;
    let mut clamps: Vec<(usize, f64)> = (0..5).map(|unit| (gate(1, unit), 0.9)).collect();
    clamps.extend([(gate(0, 2), 0.3), (gate(2, 2), -0.6), (gate(3, 4), 0.2), (gate(3, 0), 1.0)]);
    network.hold(vec![clamps]);
    network
}

#[test]
fn gradients_with_gates_held_agree_with_finite_differences() {
    for lengths in [vec![6, 6, 6], vec![6, 2, 4]] {
        for window in [0, 2] {
            for (kind, at) in [(LossKind::SquaredError, LossAt::Every), (LossKind::CrossEntropy, LossAt::Last)] {
                let config = config(CellKind::Lstm, 2, 5, 3);
                let network = held(&shaken(&Network::seeded(&config, 3)));
                let batch = example_batch(&config, kind, lengths.clone(), 6);
                let checks = gradient_check(&network, &batch, LossSpec { kind, at }, Truncation::new(window), 1e-5);
                for block in checks {
                    assert!(block.error <= 1e-6, "window {window}: {block:?}");
                    assert_eq!(block.left_out, 0);
                }
            }
        }
    }
}

#[test]
fn rows_of_a_held_gate_have_no_gradient_and_no_other_row_loses_its_own() {
    let config = config(CellKind::Lstm, 2, 5, 3);
    let network = held(&shaken(&Network::seeded(&config, 3)));
    let batch = example_batch(&config, LossKind::SquaredError, vec![6, 6, 6], 6);
    let mut unroll = Unroll::new(&config, 6, 3);
    let mut gradients = network.parameters().clone();
    unroll.forward(&network, &batch);
    unroll.loss(&batch, LossSpec { kind: LossKind::SquaredError, at: LossAt::Every });
    unroll.backward(&network, &batch, &mut gradients);
    let rows: Vec<usize> = network.clamps(0).iter().map(|(row, _)| *row).collect();
    for row in 0..20 {
        let zero = gradients.view("w_hh").unwrap().row(row).iter().all(|&gradient| gradient == 0.0);
        assert_eq!(zero, rows.contains(&row), "row {row}");
    }
}

#[test]
fn the_trace_with_gates_held_satisfies_the_equations_of_the_cell() {
    let config = config(CellKind::Lstm, 2, 5, 3);
    let network = held(&shaken(&Network::seeded(&config, 3)));
    let loss = LossSpec { kind: LossKind::SquaredError, at: LossAt::Every };
    let batch = example_batch(&config, LossKind::SquaredError, vec![6], 6);
    let trace = Probe::new(&config, 6, loss).trace(&network, &batch);
    let [i, f, g, o] = [0, 1, 2, 3].map(|k| &trace.gates[k].values);
    for at in 0..30 {
        let c_before = if at < 5 { 0.0 } else { trace.c[at - 5] };
        assert!((trace.c[at] - (f[at] * c_before + i[at] * g[at])).abs() < 1e-15);
        assert!((trace.h[at] - o[at] * trace.c[at].tanh()).abs() < 1e-14);
        let u = at % 5;
        assert_eq!(f[at], 0.9);
        assert_eq!((u == 2).then_some(i[at]), (u == 2).then_some(0.3));
        assert_eq!((u == 2).then_some(g[at]), (u == 2).then_some(-0.6));
        let sigma = |z: f64| 1.0 / (1.0 + (-z).exp());
        assert!(u == 2 || (i[at] - sigma(trace.z[0].values[at])).abs() < 1e-14, "the others are what they were");
        let back = |k: usize| trace.grad_z[k].values[at];
        assert_eq!(back(1), 0.0);
        assert!(
            (back(3)
                - if u == 4 || u == 0 { 0.0 } else { trace.grad_h[at] * trace.c[at].tanh() * o[at] * (1.0 - o[at]) })
            .abs()
                < 1e-14
        );
    }
    let step = |t: usize, u: usize| t * 5 + u;
    for t in 0..5 {
        for u in 0..5 {
            let here = trace.grad_h[step(t, u)] * o[step(t, u)] * (1.0 - trace.c[step(t, u)].tanh().powi(2));
            let carried = f[step(t + 1, u)] * trace.grad_c[step(t + 1, u)];
            assert!(
                (trace.grad_c[step(t, u)] - here - carried).abs() < 1e-14,
                "the gradient goes through the held gate"
            );
        }
    }
}

#[test]
fn only_gates_can_be_held() {
    assert_eq!(Gate::PreActivation.range(), None);
    let config = config(CellKind::RnnTanh, 2, 5, 3);
    let mut network = Network::<f64>::seeded(&config, 1);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| network.hold(vec![vec![(0, 1.0)]]))).is_err());
    let before: Batch<f64> = example_batch(&config, LossKind::SquaredError, vec![4], 4);
    assert_eq!(before.len(), 4);
}

#[test]
fn the_film_of_an_update_with_edits_is_that_update() {
    let hash = edited("1.f[*]=1@5;1.o[2]=0.25@8;0.u[3,5]=0.2@12;1.x[3,1]=0.5@0");
    let deep = format!("{hash};1.i2[*]=0.5@5;0.w2[2,3]=-1@12&layers=2");
    for (hash, update) in [(&hash, 5), (&hash, 11), (&hash, 12), (&hash, 20), (&deep, 5), (&deep, 12), (&deep, 20)] {
        let mut trainer = trained(hash, update);
        let probe = snapshot(&mut trainer);
        let (shown, inside) = trainer.inside(0, 0, 0, false, (2, 0));
        assert!(shown.lanes.iter().all(|lane| lane.ghost.is_none() && lane.inputs.is_empty()), "a member of the batch");
        assert_eq!(bits(&snapshot(&mut trainer)), bits(&probe), "looking changes nothing");
        if update >= 8 {
            let o = shown.lanes[1].trace.gates[3].values.chunks_exact(5).map(|units| units[1]);
            assert!(o.into_iter().all(|o| o == 0.25), "the gate is held in the film");
        }
        trainer.step();
        let made = trainer.snapshot(0, 0, 0, true);
        for (lane, film) in made.lanes.iter().zip(&inside.films) {
            let film = film.as_ref().unwrap();
            assert_eq!(film.loss, f64::from(lane.loss), "update {update}");
        }
    }
}

#[test]
fn what_was_kept_before_an_edit_stays_and_what_came_after_it_goes() {
    let mut trainer = trained(LANES, 60);
    assert_eq!(trainer.checkpoints().updates().collect::<Vec<_>>(), [10, 20, 30, 40, 50, 60]);
    go(&mut trainer, 35);
    let with = trainer.experiment().with("edit", "1.f[*]=1@35").unwrap();
    assert_eq!(trainer.edit(&with), Some(35));
    assert_eq!(trainer.update(), 35, "what takes effect here needs no way back");
    assert_eq!(trainer.checkpoints().updates().collect::<Vec<_>>(), [10, 20, 30]);
    go(&mut trainer, 60);
    let bytes = trainer.checkpoints().bytes();
    assert_eq!(trainer.edit(&trainer.experiment().without("edit").unwrap()), Some(35));
    assert_eq!((trainer.update(), trainer.checkpoints().updates().collect::<Vec<_>>()), (30, vec![10, 20, 30]));
    go(&mut trainer, 60);
    assert!(trainer.checkpoints().bytes() < bytes, "the untouched lane beside the edited one takes room of its own");
    // An input is seen by no update: nothing is made again for it.
    let with = trainer.experiment().with("edit", "1.x[2,2]=1@5").unwrap();
    assert_eq!((trainer.edit(&with), trainer.update()), (None, 60));
}

#[test]
fn an_edit_can_end_a_lane_and_undone_it_goes_on() {
    let hash = "lanes=rnn-relu,lstm&len=30&hidden=5&batch=4&clip=0&opt=sgd";
    let mut trainer = trained(hash, 12);
    take(&mut trainer, "0.u[1,1]=1000@12;0.b[1]=1000@12;0.u[2,1]=1000@12");
    trainer.step();
    assert!(trainer.snapshot(0, 0, 0, false).lanes[0].stopped.is_some(), "its numbers grow beyond all bounds");
    go(&mut trainer, 25);
    let shown = trainer.snapshot(0, 0, 0, false);
    assert_eq!(shown.lanes[0].ghost.as_ref().unwrap().new_losses.1.len(), 25, "the untouched one goes on");
    take(&mut trainer, "");
    assert_eq!(all(&mut trainer), all(&mut trained(hash, 25)));
}

#[test]
fn the_value_that_stands_at_a_place_is_the_one_that_an_edit_would_replace() {
    let link = "lanes=rnn-tanh,lstm&task=adding&len=8&hidden=5&batch=3";
    let shown = |edits: &str| snapshot(&mut trained(&format!("{link}&edit={edits}"), 4));
    for text in
        ["1.w[7,2]", "1.u[12,4]", "1.b[20]", "1.w_out[1,3]", "1.b_out[1]", "1.x[3,2]", "0.u[5,1]", "1.f[2]", "1.o[*]"]
    {
        let place = Place::read(text).unwrap();
        let shown = shown(&format!("{text}=0.375@4"));
        for step in [0, 7] {
            let value = place.present(&shown.lanes[place.lane], &shown.sequence, step);
            assert_eq!(value, Some(0.375), "{text}");
        }
    }
}

#[test]
fn the_form_offers_everything_of_the_layer_on_show_with_the_value_that_stands_there() {
    for (layer, deep) in [(1, DEEP), (2, DEEP), (1, LANES), (1, "lanes=window,rnn-relu,lstm-cifg,lstm-nog&layers=2")] {
        let hash = format!("{deep}&layer={layer}&unit=3&t=4");
        let mut trainer = trained(&hash, 3);
        let shown = snapshot(&mut trainer);
        let experiment = trainer.experiment();
        for lane in 0..experiment.lanes.len() {
            let offered = offered::places(experiment, lane);
            for place in &offered {
                assert_eq!(Place::read(&place.to_string()).as_ref(), Some(place));
                assert_eq!((Edit { place: *place, value: 0.5, update: 0 }).check(experiment), Ok(()), "{place}");
                let value = place.present(&shown.lanes[lane], &shown.sequence, 3);
                assert!(value.is_some_and(f64::is_finite), "{hash}: {place}");
                let mut with = Trainer::new(&self::experiment(&format!("{hash}&edit={place}=0.375@3")));
                go(&mut with, 3);
                let with = snapshot(&mut with);
                assert_eq!(place.present(&with.lanes[lane], &with.sequence, 3), Some(0.375), "{hash}: {place}");
                let other = Place { layer: 1 - place.layer, ..*place };
                let told = other.present(&shown.lanes[lane], &shown.sequence, 3);
                assert!(!place.has_layer() || told.is_none(), "of another layer nothing is told");
            }
            let mut names: Vec<&str> = offered.iter().map(|place| place.name).collect();
            names.dedup();
            let said = Allowed::Places(experiment.lanes[lane]).to_string();
            let known: Vec<&str> = NAMES
                .into_iter()
                .map(|(name, _)| name)
                .filter(|name| said.split([',', ' ', '(', ')']).any(|one| one == *name))
                .collect();
            assert!(known.iter().all(|name| names.contains(name)) && names.len() == known.len(), "{names:?} {said}");
        }
    }
    let places = |hash: &str, lane: usize| -> Vec<String> {
        offered::places(&experiment(hash), lane).iter().map(Place::to_string).collect()
    };
    let of_fgr = places(&format!("{DEEP}&layer=2&unit=3"), 1);
    assert_eq!(of_fgr[..4], ["1.i2[*]", "1.f2[*]", "1.g2[*]", "1.o2[*]"]);
    assert_eq!(of_fgr.iter().filter(|place| place.starts_with("1.v2[")).count(), 9, "from each gate to each");
    assert!(
        ["1.v2[3,3]", "1.v2[3,7]", "1.v2[11,11]", "1.w2[15,1]"].iter().all(|one| of_fgr.contains(&one.to_string()))
    );
    assert!(places(DEEP, 2).contains(&"2.b_hn[1]".to_owned()) && places(DEEP, 0).contains(&"0.p_o[1]".to_owned()));
}
