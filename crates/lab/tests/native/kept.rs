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

/// A run as builds before the JSON form wrote it.
fn old_line(run: &KeptRun) -> String {
    let mut line = format!("1\t{}\t{}\t{}", run.id, run.name, link::format(&run.experiment));
    for lane in &run.lanes {
        let whole = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
        let loss = if lane.loss.is_finite() { f64::from(lane.loss).to_string() } else { "NaN".to_owned() };
        let ratio = lane.ratio.map_or("-".to_owned(), |ratio| ratio.to_string());
        line += &format!("\t{loss} {} {} {ratio}", whole(lane.solved), whole(lane.stopped));
        if let Some(held_out) = lane.held_out {
            line += &format!(" h{}", f64::from(held_out));
        }
        for (update, loss) in &lane.curve {
            line += &format!(" {update}:{}", f64::from(*loss));
        }
    }
    line + "\n"
}

fn runs() -> [KeptRun; 3] {
    [run(7, ""), run(8, "#task=adding&lanes=lstm&lr=0.003&probe=3"), run(1_763_900_000_000, "#tbptt=5")]
}

#[test]
fn what_is_written_reads_back_to_the_bit() {
    let runs = runs();
    let mut text = String::new();
    for run in &runs {
        text = stored::with(&text, run);
    }
    assert_eq!(stored::read(&text), (runs.to_vec(), 0));
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
fn a_line_says_its_version_and_is_json() {
    let text = stored::with("", &run(7, ""));
    let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!((&line["version"], &line["id"]), (&serde_json::json!(2), &serde_json::json!(7)));
    assert_eq!(line["lanes"].as_array().unwrap().len(), 2);
}

#[test]
fn the_form_of_before_is_read_and_written_anew_and_nothing_is_lost() {
    let runs = runs();
    let old: String = runs.iter().map(old_line).collect();
    assert_eq!(stored::read(&old), (runs.to_vec(), 0));
    // A line of before held-out losses were kept has none.
    let (mut oldest, line) = (runs[0].clone(), old_line(&runs[0]));
    oldest.lanes[1].held_out = None;
    let word = line.split(' ').find(|word| word.starts_with('h')).expect("the held-out loss");
    assert_eq!(stored::read(&line.replace(&format!(" {word}"), "")), (vec![oldest], 0));
    let renewed = stored::renewed(&old).unwrap();
    assert_eq!(renewed, runs.iter().fold(String::new(), |text, run| stored::with(&text, run)));
    assert_eq!(stored::read(&renewed), (runs.to_vec(), 0));
    assert_eq!(stored::renewed(&renewed), None, "once");
    // What cannot be read stays in its place.
    let broken = "1\tx\ty\n{\"not\": \"ours\"}\n1\t3\tname\t#len=9&build=0\t<script>\n";
    let mixed = [broken, &old, broken].concat();
    assert_eq!(stored::renewed(&mixed), Some([broken, &renewed, broken].concat()));
    assert_eq!(stored::renewed(broken), None);
    // So do runs beyond those that are read.
    let many: String = (0..100).map(|id| old_line(&run(id, ""))).collect();
    let renewed = stored::renewed(&many).unwrap();
    assert!(renewed.lines().count() == 100 && renewed.lines().all(|line| line.starts_with('{')));
    // A run that is changed or taken out before its line is written anew.
    let mut other = runs[1].clone();
    other.name = "another name".into();
    assert_eq!(stored::read(&stored::with(&old, &other)).0, [runs[0].clone(), other, runs[2].clone()]);
    assert_eq!(stored::read(&stored::without(&old, 8)).0, [runs[0].clone(), runs[2].clone()]);
    let mut diverged = run(9, "#lanes=lstm");
    diverged.lanes[0].loss = f32::NAN;
    let read = stored::read(&stored::renewed(&old_line(&diverged)).unwrap()).0;
    assert!(read[0].lanes[0].loss.is_nan());
}

/// Lines that are none are not read and stay where they are; `good` is whole.
fn check_broken(good: &str, broken: &[String]) {
    for line in broken {
        assert_ne!(line, good);
        assert_eq!(stored::read(line), (vec![], 1), "{line}");
        let text = stored::with(line, &run(8, ""));
        assert!(text.contains(line), "what cannot be read is not thrown away");
        assert_eq!(stored::read(&text).0.len(), 1);
        assert_eq!(stored::read(&stored::readable(&text)).1, 0, "unless it is asked for");
        assert_eq!(stored::renewed(line), None, "{line}");
    }
    let twice = [good, good].join("\n");
    assert_eq!((stored::read(&twice).0.len(), stored::read(&twice).1), (1, 1));
}

#[test]
fn a_line_that_is_not_whole_is_not_read_and_stays_where_it_is() {
    let good = old_line(&run(7, ""));
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
    check_broken(good, &broken);
    let many: String = (0..100).map(|id| stored::with("", &run(id, ""))).collect();
    assert_eq!((stored::read(&many).0.len(), stored::read(&many).1), (MOST_RUNS, 100 - MOST_RUNS));
}

#[test]
fn a_line_of_json_that_is_not_whole_is_not_read_and_stays_where_it_is() {
    let good = stored::with("", &run(7, ""));
    let good = good.trim_end();
    let broken = [
        good.replace("\"version\":2", "\"version\":3"),
        good.replace("\"version\":2,", ""),
        good.replace("\"id\":7", "\"id\":-7"),
        good.replace("\"id\":7", "\"id\":9007199254740992"),
        good.replace("\"id\":7", "\"id\":7,\"more\":0"),
        good.replace("#", "#colour=blue&"),
        good.replace("&build=", "&bould="),
        good.replace("#", "#lanes=lstm&"),
        good.replace("[2.5,", "[0.5,"),
        good.replace("[400.0,", "[4000000,"),
        good.replace("[400.0,", "[-1,"),
        good.replace("[400.0,", "[1e999,"),
        good.replace("[400.0,", "[null,"),
        good.replace("0.007]", "1e300]"),
        good.replace("0.007]", "null]"),
        good.replace("0.007]", "0.007,1]"),
        good.replace(":311,", ":311.5,"),
        good.replace(":311,", ":4000000,"),
        good.replace("\"held_out\":1.7", "\"held_out\":\"1.7\""),
        good.replace("\"held_out\":1.7,", ""),
        good.replace("\"held_out\":1.7", "\"held_out\":1e300"),
        good.replace("\"ratio\":3", "\"ratio\":-3"),
        good.replace("\"loss\":0.1,", "\"loss\":1e300,"),
        good.replace("\"loss\":0.1,", ""),
        good.replace("Run", "Run\u{7}"),
        good.replace("Run", "Run\\u0007"),
        good.replace("Run", " Run"),
        good[..good.len() / 2].to_owned(),
        [good, "extra"].concat(),
        [good, good].concat(),
        good.replacen('{', "[", 1),
    ];
    check_broken(good, &broken);
}

fn number() -> impl Strategy<Value = f32> {
    let special = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, f32::MIN_POSITIVE, 1e-45, f32::MAX];
    prop_oneof![proptest::sample::select(special.to_vec()), any::<u32>().prop_map(f32::from_bits)]
}

proptest! {
    #[test]
    fn every_number_of_a_run_reads_back_to_the_bit_and_none_that_is_not_finite(
        loss in number(),
        held_out in proptest::option::of(number()),
        ratio in proptest::option::of(any::<u64>().prop_map(|bits| f64::from_bits(bits).abs())),
        points in proptest::collection::vec((0.0..1e6_f64, number()), 0..9),
    ) {
        let mut curve = points;
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut kept = run(7, "#lanes=lstm");
        kept.lanes[0] = KeptLane { loss, held_out, ratio, curve, ..kept.lanes[0].clone() };
        let (read, others) = stored::read(&stored::with("", &kept));
        prop_assert_eq!((read.len(), others), (1, 0));
        let (sent, read) = (&kept.lanes[0], &read[0].lanes[0]);
        prop_assert!(read.loss.to_bits() == loss.to_bits() || read.loss.is_nan() && !loss.is_finite());
        let finite = held_out.filter(|loss| loss.is_finite());
        prop_assert_eq!(read.held_out.map(f32::to_bits), finite.map(f32::to_bits));
        let finite = ratio.filter(|ratio| ratio.is_finite());
        prop_assert_eq!(read.ratio.map(f64::to_bits), finite.map(f64::to_bits));
        let bits = |curve: &[(f64, f32)]| -> Vec<(u64, u32)> {
            curve.iter().filter(|point| point.1.is_finite()).map(|(x, y)| (x.to_bits(), y.to_bits())).collect()
        };
        prop_assert_eq!(bits(&read.curve), bits(&sent.curve));
        // The form of before says the same.
        if loss.is_finite() && held_out == read.held_out && ratio == read.ratio && read.curve.len() == sent.curve.len() {
            prop_assert_eq!(stored::renewed(&old_line(&kept)), Some(stored::with("", &kept)));
        }
    }

    #[test]
    fn no_stored_text_brings_it_down(text in "(1\t[0-9]{1,3}\t\\PC{0,9}\t#(len=[0-9]{1,3})?(&build=a)?(\t[0-9.eE:NaN \\-]{0,40}){0,3}\n?|\\{\"version\":[12],\"id\":[0-9]{1,3},\"name\":\"\\PC{0,9}\",\"link\":\"#(&build=a)?\",\"lanes\":[0-9.e:nul,\\[\\]]{0,20}\\}\n?|\\PC|\t|\n){0,40}") {
        let (runs, others) = stored::read(&text);
        prop_assert!(runs.len() <= MOST_RUNS && runs.len() + others <= text.lines().count());
        prop_assert_eq!(stored::read(&stored::readable(&text)).0.len(), runs.len());
        let with = stored::with(&text, &run(5000, ""));
        prop_assert!(stored::read(&with).0.len() <= runs.len() + 1);
        stored::without(&text, 1);
        let renewed = stored::renewed(&text).unwrap_or_else(|| text.clone());
        prop_assert_eq!(format!("{:?}", stored::read(&renewed)), format!("{:?}", (runs, others)));
        prop_assert!(stored::renewed(&renewed).is_none());
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
