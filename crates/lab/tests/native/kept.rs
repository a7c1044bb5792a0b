//! Runs that are kept: what is remembered, in which keys they differ, and a store that may hold anything.

use lab::Experiment;
use lab::analysis::diagnosis::solved_at;
use lab::experiment::link;
use lab::stored::{self, KeptLane, KeptRun, MOST_RUNS};
use proptest::prelude::*;
use tasks::{SOLVED_WINDOW, TaskKind};

fn experiment(hash: &str, update: u64) -> Experiment {
    let (experiment, problems) = link::parse(hash);
    assert_eq!(problems, []);
    stored::remembered(&experiment, update, "0.1.0-abc")
}

fn run(id: u64, hash: &str) -> KeptRun {
    let experiment = experiment(hash, 400);
    let lane = |k: usize| KeptLane {
        loss: 0.1 + k as f32 / 3.0,
        held_out: (k > 0).then_some(1.7),
        solved: (k > 0).then_some(311),
        stopped: (k == 0).then_some(12),
        ratio: (k > 0).then_some(1.0 / 3.0e-9),
        curve: vec![(1.0, 1.386_294_4), (2.5, f32::MIN_POSITIVE), (400.0, 0.007)],
    };
    let lanes = (0..experiment.lanes.len()).map(lane).collect();
    KeptRun { id, name: format!("Run <{id}> \"è\" & co"), experiment, lanes }
}

#[test]
fn what_is_written_reads_back_to_the_bit() {
    let runs = [run(7, ""), run(8, "#task=adding&lanes=lstm&lr=0.003&probe=3"), run(1_763_900_000_000, "#tbptt=5")];
    let mut text = String::new();
    for run in &runs {
        text = stored::with(&text, run);
    }
    assert_eq!(stored::read(&text), (runs.to_vec(), 0));
    // A line of before held-out losses were kept has none.
    let (mut old, stored) = (runs[0].clone(), stored::with("", &runs[0]));
    old.lanes[1].held_out = None;
    let word = stored.split(' ').find(|word| word.starts_with('h')).expect("the held-out loss");
    assert_eq!(stored::read(&stored.replace(&format!(" {word}"), "")), (vec![old], 0));
    let mut other = runs[1].clone();
    other.name = "another name".into();
    text = stored::with(&text, &other);
    assert_eq!(stored::read(&text).0, [runs[0].clone(), other, runs[2].clone()], "its place stays its own");
    text = stored::without(&text, 7);
    assert_eq!(stored::read(&text).0.len(), 2);
    let mut diverged = run(9, "#lanes=lstm");
    diverged.lanes[0].loss = f32::INFINITY;
    diverged.lanes[0].curve.clear();
    let read = stored::read(&stored::with("", &diverged)).0;
    assert!(read[0].lanes[0].loss.is_nan() && read[0].lanes[0].curve.is_empty());
}

#[test]
fn a_line_that_is_not_whole_is_not_read_and_stays_where_it_is() {
    let good = stored::with("", &run(7, ""));
    let good = good.trim_end();
    let broken = [
        good.replacen('1', "2", 1),
        good.replace("\t7\t", "\t-7\t"),
        good.replace("#", "#colour=blue&"),
        good.replace("&build=", "&bould="),
        good.replace("#", "#lanes=lstm&"),
        good.replace("2.5:", "0.5:"),
        good.replace("400:", "4000000:"),
        good.replace("400:", "inf:"),
        good.replace("2.5:", "2.5"),
        good.replace(" 311 ", " 311.5 "),
        good.replace(" h1.", " hx1."),
        good.replace(" h", " h1 h"),
        good.replace("Run", "Run\u{7}"),
        good[..good.len() / 2].to_owned(),
        [good, "\textra"].concat(),
        "{\"runs\": []}".to_owned(),
        "\u{0}\u{fffd}".to_owned(),
    ];
    for line in broken {
        assert_ne!(line, good);
        assert_eq!(stored::read(&line), (vec![], 1), "{line}");
        let text = stored::with(&line, &run(8, ""));
        assert!(text.contains(&line), "what cannot be read is not thrown away");
        assert_eq!(stored::read(&text).0.len(), 1);
        assert_eq!(stored::read(&stored::readable(&text)).1, 0, "unless it is asked for");
    }
    let many: String = (0..100).map(|id| stored::with("", &run(id, ""))).collect();
    assert_eq!((stored::read(&many).0.len(), stored::read(&many).1), (MOST_RUNS, 100 - MOST_RUNS));
    let twice = [good, good].join("\n");
    assert_eq!((stored::read(&twice).0.len(), stored::read(&twice).1), (1, 1));
}

proptest! {
    #[test]
    fn no_stored_text_brings_it_down(text in "(1\t[0-9]{1,3}\t\\PC{0,9}\t#(len=[0-9]{1,3})?(&build=a)?(\t[0-9.eE:NaN \\-]{0,40}){0,3}\n?|\\PC|\t|\n){0,40}") {
        let (runs, others) = stored::read(&text);
        prop_assert!(runs.len() <= MOST_RUNS && runs.len() + others <= text.lines().count());
        prop_assert_eq!(stored::read(&stored::readable(&text)).0.len(), runs.len());
        let with = stored::with(&text, &run(5000, ""));
        prop_assert!(stored::read(&with).0.len() <= runs.len() + 1);
        stored::without(&text, 1);
    }
}

#[test]
fn only_the_keys_in_which_runs_differ_are_named() {
    let names = |hashes: &[(&str, u64)]| -> Vec<&str> {
        let all: Vec<Experiment> = hashes.iter().map(|(hash, update)| experiment(hash, *update)).collect();
        stored::differing(&all.iter().collect::<Vec<_>>()).into_iter().map(|key| key.name).collect()
    };
    assert!(names(&[]).is_empty() && names(&[("#len=20", 3)]).is_empty());
    assert!(names(&[("#len=20", 3), ("#len=20", 3)]).is_empty());
    assert_eq!(names(&[("#len=20", 3), ("#len=20", 4), ("#lr=0.1&probe=2&len=20", 3)]), ["lr", "update", "probe"]);
    // How it was looked at is no difference.
    assert!(names(&[("#theme=dark&t=3&lang=it&speed=max", 3), ("#unit=4&scale=absolute&hide=lanes", 3)]).is_empty());
}

#[test]
fn a_run_is_gone_back_to_as_the_page_is_seen_now() {
    let kept = experiment("#len=9&lang=it&theme=dark&t=8&seed=3&probe=4", 40);
    let now = link::parse("#len=30&t=20&unit=3&lang=en&speed=max&probe=9&scale=absolute&seed=1").0;
    let seen = stored::seen_as(&kept, &now);
    assert!(seen.same_run(&kept) && seen.update == 40 && seen.probe == 4);
    let written = link::format(&seen.without_build());
    assert_eq!(written, "#len=9&seed=3&update=40&probe=4&unit=3&scale=absolute&speed=max&lang=en");
}

#[test]
fn solved_is_the_first_update_at_which_the_last_twenty_say_so() {
    let task = TaskKind::Order.task();
    let mut state = 1u32;
    for scale in [0.3, 0.5, 1.0, 3.0] {
        let losses: Vec<f32> = (0..3000)
            .map(|k| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                scale * (state >> 8) as f32 / (1u32 << 24) as f32 * (1.1 - k as f32 / 3000.0)
            })
            .collect();
        let plain = (1..=losses.len()).find(|&update| solved_at(&losses, update, task) == Some(true));
        assert_eq!(stored::first_solved(&losses, task), plain.map(|update| update as u64), "{scale}");
    }
    assert_eq!(stored::first_solved(&[0.0; SOLVED_WINDOW - 1], task), None);
    assert_eq!(stored::first_solved(&[0.0; SOLVED_WINDOW], task), Some(SOLVED_WINDOW as u64));
    assert_eq!(stored::first_solved(&[f32::NAN; 50], task), None);
}

#[test]
fn a_name_is_short_and_plain() {
    assert_eq!(stored::name("  with\ttabs\nand lines  ").as_deref(), Some("with tabs and lines"));
    assert_eq!(stored::name(" \n "), None);
    assert_eq!(stored::name(&"è".repeat(100)).map(|name| name.chars().count()), Some(stored::LONGEST_NAME));
}
