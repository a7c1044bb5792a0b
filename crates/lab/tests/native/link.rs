//! The share link: everything an experiment says goes through it and comes back.

use std::fmt::Write as _;

use lab::Allowed;
use lab::Experiment;
use lab::KEYS;
use lab::Key;
use lab::Problem;
use lab::Reason;
use lab::Role;
use lab::Settings;
use lab::experiment::keys::{self, PARTS};
use lab::experiment::limits::MOST_EDITS;
use lab::experiment::link;
use nn::{CellKind, NetworkConfig, OptimizerKind};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use tasks::TaskKind;

/// Any value that the table allows for a key, as text.
fn value_of(key: &Key) -> BoxedStrategy<String> {
    match key.allowed {
        Allowed::Whole(min, max) => prop_oneof![Just(min), Just(max), min..=max].prop_map(|n| n.to_string()).boxed(),
        Allowed::WholeOr(min, max, word) => {
            prop_oneof![Just(word.to_owned()), (min..=max).prop_map(|n| n.to_string())].boxed()
        }
        // Of every size, not only near the upper end, and in either notation.
        Allowed::Real(min, max) => {
            let tiny = (-320.0..6.0_f64).prop_map(|power| 10_f64.powf(power));
            let number = prop_oneof![Just(min), Just(max), Just(0.0), min..=max, tiny.clone(), tiny.prop_map(|x| -x)];
            (number, any::<bool>())
                .prop_map(move |(x, plain)| (x.clamp(min, max), plain))
                .prop_map(
                    |(x, plain)| if plain && x.to_string().len() <= 32 { x.to_string() } else { format!("{x:e}") },
                )
                .boxed()
        }
        Allowed::OneOf(words) => select(words).prop_map(str::to_owned).boxed(),
        Allowed::ListOf(words, min, max) => {
            subsequence(words, min..=max).prop_shuffle().prop_map(|words| words.join(",")).boxed()
        }
        Allowed::Lanes(codes, most) => {
            let init = prop::option::of(select(vec!["uniform", "xavier", "orthogonal", "identity"]));
            let own = (prop::option::of(1..=128_usize), prop::option::of(-5.0..=5.0_f64), any::<bool>(), init);
            let lane = (select(codes), own).prop_map(|(code, (hidden, forget, first, init))| {
                let hidden = hidden.map_or(String::new(), |hidden| format!(":hidden={hidden}"));
                let forget = forget.map_or(String::new(), |forget| format!(":forget={forget}"));
                let init = init.map_or(String::new(), |init| format!(":init={init}"));
                if first { format!("{code}{hidden}{forget}{init}") } else { format!("{code}{forget}{init}{hidden}") }
            });
            prop::collection::vec(lane, 1..=most).prop_map(|lanes| lanes.join(",")).boxed()
        }
        Allowed::Name(longest) => prop::string::string_regex(&format!("[A-Za-z0-9.-]{{1,{longest}}}")).unwrap().boxed(),
        Allowed::Edits => prop::collection::vec(any_edit(), 1..=MOST_EDITS).prop_map(|edits| edits.join(";")).boxed(),
        Allowed::Part(..) | Allowed::Layers(_) | Allowed::Places(_) => unreachable!("of an edit, not of a key"),
    }
}

/// Edits that fit every experiment, of lane 0, and some that fit only those with room for them.
fn any_edit() -> impl Strategy<Value = String> {
    let value = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0_f64, (-300.0..0.0_f64).prop_map(|power| 10_f64.powf(power))];
    let place = prop_oneof![
        9 => select(vec!["0.w[1,1]", "0.u[1,1]", "0.b[1]", "0.w_out[1,1]", "0.b_out[1]", "0.x[2,1]"]).prop_map(str::to_owned),
        1 => (0..4_usize, select(vec![
            "w[3,2]", "u[3,5]", "x[9,1]", "f[*]", "i[2]", "g[*]", "o[1]", "u2[1,1]", "b3[2]", "o2[*]", "p_i[1]", "v2[1,4]", "b_hn[3]",
        ]))
            .prop_map(|(lane, place)| format!("{lane}.{place}")),
    ];
    (place, value, any::<bool>(), 0..=1_000_000_u64).prop_map(|(place, value, minus, update)| {
        let value = if minus && !place.contains("[*]") && !place.contains("i[") && !place.contains("o[") {
            -value
        } else {
            value
        };
        let plain = value.to_string();
        let value = if plain.len() <= 32 { plain } else { format!("{value:e}") };
        format!("{place}={value}@{update}")
    })
}

/// Keys whose upper bound is a size.
const BOUNDED: [&str; 5] = ["t", "unit", "layer", "tbptt", "edit"];

/// Any experiment: a value for some of the keys, `t` and `unit` within the sizes chosen.
fn any_experiment() -> impl Strategy<Value = Experiment> {
    let all: Vec<usize> = (0..KEYS.len()).collect();
    let values: Vec<BoxedStrategy<String>> = KEYS.iter().map(value_of).collect();
    (subsequence(all, 0..=KEYS.len()), values).prop_map(|(chosen, values)| {
        // `with` refuses a step, unit or window beyond the sizes.
        let apply = |experiment: Experiment, index: usize| match experiment.with(KEYS[index].name, &values[index]) {
            Ok(changed) => changed,
            Err(problem) => {
                assert!(BOUNDED.contains(&problem.key.as_str()), "{problem}");
                experiment
            }
        };
        chosen.into_iter().fold(Experiment::default(), apply)
    })
}

fn short(problem: &Problem) -> bool {
    let text = problem.to_string();
    problem.key.chars().count() <= 33 && problem.found.chars().count() <= 33 && text.chars().count() <= 250
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_experiment_comes_back_from_its_link(experiment in any_experiment()) {
        let hash = link::format(&experiment);
        let (read, problems) = link::parse(&hash);
        prop_assert_eq!(problems, vec![], "{}", hash);
        prop_assert_eq!(&read, &experiment, "{}", hash);
        prop_assert!(read.same_run(&experiment));
        prop_assert_eq!(link::format(&read), hash);
    }

    #[test]
    fn the_order_of_keys_does_not_matter(experiment in any_experiment(), seed in any::<u64>()) {
        let hash = link::format(&experiment);
        let mut pieces: Vec<&str> = hash[1..].split('&').collect();
        // A shuffle by the seed.
        for k in (1..pieces.len()).rev() {
            pieces.swap(k, (seed as usize).wrapping_mul(k + 7) % (k + 1));
        }
        prop_assert_eq!(link::parse(&pieces.join("&")), (experiment, vec![]));
    }

    #[test]
    fn any_text_gives_an_experiment_and_short_problems(text in "\\PC*") {
        let (experiment, problems) = link::parse(&text);
        prop_assert!(problems.iter().all(short));
        prop_assert_eq!(link::parse(&link::format(&experiment)), (experiment, vec![]));
    }

    #[test]
    fn any_values_of_the_known_keys_give_an_experiment_and_short_problems(
        pieces in prop::collection::vec(
            (select(KEYS.iter().map(|key| key.name).collect::<Vec<_>>()), "(\\PC{0,40}|[0-9eE+.,-]{0,40}|%[0-9A-F]{2}[a-z%]{0,3})"),
            0..40,
        ),
    ) {
        let text: Vec<String> = pieces.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let (experiment, problems) = link::parse(&text.join("&"));
        prop_assert!(problems.iter().all(short));
        prop_assert_eq!(link::parse(&link::format(&experiment)), (experiment, vec![]));
    }

    #[test]
    fn percent_encoding_says_the_same(experiment in any_experiment()) {
        let encoded = link::format(&experiment)[1..].chars().fold(String::new(), |mut text, letter| {
            match letter {
                '=' | '&' => text.push(letter),
                other => write!(text, "%{:02X}", u32::from(other)).unwrap(),
            }
            text
        });
        prop_assert_eq!(link::parse(&encoded), (experiment, vec![]));
    }

    #[test]
    fn changing_a_key_changes_it_alone(experiment in any_experiment(), index in 0..KEYS.len(), seed in any::<u64>()) {
        let key = &KEYS[index];
        let mut runner = proptest::test_runner::TestRunner::new_with_rng(
            ProptestConfig::default(),
            proptest::test_runner::TestRng::from_seed(
                proptest::test_runner::RngAlgorithm::ChaCha,
                &[seed.to_le_bytes(); 4].concat(),
            ),
        );
        let value = value_of(key).new_tree(&mut runner).unwrap().current();
        let changed = match experiment.with(key.name, &value) {
            Ok(changed) => changed,
            Err(problem) => {
                prop_assert!(BOUNDED.contains(&key.name), "{}", problem);
                return Ok(());
            }
        };
        let back = changed.without(key.name).unwrap();
        prop_assert_eq!((key.get)(&back), (key.get)(&Experiment::default()), "{}", key.name);
        for other in KEYS.iter().filter(|other| other.name != key.name) {
            // What the new size lacks is let go, or fitted.
            if !BOUNDED.contains(&other.name) {
                prop_assert_eq!((other.get)(&changed), (other.get)(&experiment), "{}", other.name);
            }
        }
        prop_assert!(changed.step.is_none_or(|step| (1..=changed.len).contains(&step)));
        prop_assert!((1..=changed.units()).contains(&changed.unit));
        prop_assert!((1..=changed.layers).contains(&changed.layer));
        prop_assert!(changed.truncation <= changed.len);
        prop_assert_eq!(changed.same_run(&experiment), key.role != Role::Run || (key.get)(&changed) == (key.get)(&experiment));
    }
}

fn reasons(hash: &str) -> Vec<(String, Reason)> {
    link::parse(hash).1.into_iter().map(|problem| (problem.key, problem.reason)).collect()
}

#[test]
fn the_example_link_is_read_as_it_stands() {
    let hash = "#task=order&len=30&lanes=rnn-sigmoid,lstm&hidden=16&batch=16&lr=0.01&opt=adam&clip=1&tbptt=0&forget=1&seed=7&data=7&update=300";
    let (experiment, problems) = link::parse(hash);
    assert_eq!(problems, vec![]);
    let expected = Settings { seed: 7, data: 7, update: 300, ..Settings::default() };
    assert_eq!(*experiment, expected);
    assert_eq!(link::parse(&link::format(&experiment)), (experiment, vec![]));
}

#[test]
fn a_link_without_keys_is_the_default() {
    for hash in ["", "#", "&", "#&&&"] {
        assert_eq!(link::parse(hash), (Experiment::default(), vec![]), "{hash:?}");
    }
    assert_eq!(link::format(&Experiment::default()), "#");
    let defaults = Settings::default();
    assert_eq!(
        (defaults.task, defaults.len, defaults.hidden, defaults.batch, defaults.optimizer),
        (TaskKind::Order, 30, 16, 16, OptimizerKind::Adam)
    );
    assert_eq!((defaults.lr, defaults.clip, defaults.forget, defaults.update), (0.01, 1.0, 1.0, 0));
    assert_eq!(defaults.lanes, [CellKind::RnnSigmoid, CellKind::Lstm]);
    // The table lets through what it says of itself.
    for key in KEYS {
        let value = (key.get)(&defaults);
        assert!(value.is_empty() || key.allowed.lets_through(&value), "{}={value}", key.name);
    }
}

#[test]
fn ranges_hold_at_both_ends_and_not_beyond() {
    for key in KEYS {
        // `t`, `unit` and `tbptt` have the sizes for a bound too.
        let read = |value: &str| {
            link::parse(
                &format!("len=200&hidden=128&layers=3&{}={value}", key.name)
                    .replace(if key.name == "layers" { "layers=3&" } else { "\0" }, "")
                    .replace(if key.name == "len" { "len=200&" } else { "\0" }, "")
                    .replace(if key.name == "hidden" { "hidden=128&" } else { "\0" }, ""),
            )
        };
        let taken = |value: &str| {
            let (experiment, problems) = read(value);
            assert_eq!(problems, vec![], "{}={value}", key.name);
            let same = (key.get)(&experiment) == value || (key.get)(&experiment).parse::<f64>() == value.parse::<f64>();
            assert!(same, "{}={value} became {}", key.name, (key.get)(&experiment));
        };
        let refused = |value: &str| {
            let (experiment, problems) = read(value);
            assert_eq!(
                problems,
                vec![Problem::new(key.name, value, Reason::NotAllowed(key.allowed))],
                "{}={value}",
                key.name
            );
            assert_eq!((key.get)(&experiment), (key.get)(&Experiment::default()), "the default stays");
        };
        match key.allowed {
            Allowed::Whole(min, max) | Allowed::WholeOr(min, max, _) => {
                [min, max].iter().for_each(|n| taken(&n.to_string()));
                [i128::from(min) - 1, i128::from(max) + 1].iter().for_each(|n| refused(&n.to_string()));
                ["1.5", "1e1", "+5", " 5", "0x5", "", "٣", "-0", "18446744073709551616", "5 "]
                    .into_iter()
                    .for_each(refused);
            }
            Allowed::Real(min, max) => {
                [min, max].iter().for_each(|x| taken(&x.to_string()));
                let beyond = (max - min) * 1e-9;
                refused(&format!(
                    "{:e}",
                    if min == 0.0 { -f64::MIN_POSITIVE } else { min - beyond.min(min.abs() / 2.0) }
                ));
                refused(&format!("{:e}", max + beyond));
                ["", "nan", "inf", "-inf", "1e999", "0x1", "1,5", "1e", ".", "1_0", "infinity"]
                    .into_iter()
                    .for_each(refused);
            }
            Allowed::OneOf(words) => {
                words.iter().for_each(|word| taken(word));
                refused("");
                refused("no-such-word");
                refused(&words[0].to_uppercase());
            }
            Allowed::ListOf(words, min, max) => {
                taken(&words[..min].join(","));
                taken(&words[..max].join(","));
                refused(&words[..min - 1].join(","));
                refused(&format!("{0},{1},{0}", words[0], words[1]));
                refused(&format!("{},", words[0]));
                refused(&format!("{} ,{}", words[0], words[0]));
            }
            Allowed::Lanes(words, most) => {
                taken(words[0]);
                taken(&vec!["lstm:hidden=128:forget=-5"; most].join(","));
                refused(&vec![words[0]; most + 1].join(","));
                refused("");
                refused(&format!("{} ,{}", words[0], words[0]));
            }
            Allowed::Name(longest) => {
                taken(&"a".repeat(longest));
                refused(&"a".repeat(longest + 1));
                refused("");
                refused("a b");
            }
            Allowed::Edits => {
                let of = |count: usize| vec!["0.u[1,1]=0.5@3"; count].join(";");
                taken(&of(1));
                taken(&of(MOST_EDITS));
                taken("1.f[*]=1@0;1.f[128]=0@1000000;1.u[512,128]=-1000@7;0.b_out[4]=1000@1;0.x[200,6]=-2.5@0");
            }
            Allowed::Part(..) | Allowed::Layers(_) | Allowed::Places(_) => unreachable!("of an edit, not of a key"),
        }
    }
}

#[test]
fn repeated_and_malformed_and_unknown_keys_are_named() {
    let not_allowed = |key: &str| Reason::NotAllowed(keys::find(key).unwrap().allowed);
    let named = |key: &str, reason: Reason| (key.to_owned(), reason);
    assert_eq!(reasons("len=20&len=30&len=40&hidden=8"), [named("len", Reason::Repeated)]);
    assert_eq!(link::parse("len=20&hidden=8&len=40").0, Experiment::default().with("hidden", "8").unwrap());
    assert_eq!(reasons("len"), [named("len", Reason::Malformed)]);
    assert_eq!(reasons("len="), [named("len", not_allowed("len"))]);
    assert_eq!(reasons("=5"), [named("", Reason::UnknownKey)]);
    assert_eq!(reasons("Len=5"), [named("Len", Reason::UnknownKey)]);
    assert_eq!(reasons("colour=red"), [named("colour", Reason::UnknownKey)]);
    assert_eq!(reasons("len=20=30"), [named("len", not_allowed("len"))]);
    assert_eq!(reasons("lesson=1"), [named("lesson", Reason::NotBuilt)]);
    for (key, value) in [
        ("lanes", "lstm,windows"),
        ("lanes", "lstm-nxg"),
        ("lanes", "lstm,"),
        ("lanes", "lstm:"),
        ("lanes", "lstm:hidden"),
        ("lanes", "lstm:hidden="),
        ("lanes", "lstm:hidden=0"),
        ("lanes", "lstm:hidden=129"),
        ("lanes", "lstm:hidden=8:hidden=8"),
        ("lanes", "lstm:forget=-5.1"),
        ("lanes", "lstm:forget=nan"),
        ("lanes", "lstm:colour=1"),
        ("lanes", "lstm:init=zero"),
        ("lanes", "lstm:init=xavier:init=xavier"),
        ("lanes", "lstm:batch=8"),
        ("lanes", "lstm,lstm,lstm,lstm,lstm:hidden=8"),
        ("window", "0"),
        ("window", "201"),
        ("match", "2"),
        ("opt", "adagrad"),
    ] {
        assert_eq!(reasons(&format!("{key}={value}")), [named(key, not_allowed(key))], "{value}");
    }
}

#[test]
fn the_step_and_the_unit_are_bounded_by_the_sizes_wherever_these_stand() {
    for hash in ["t=50&len=60&unit=20&hidden=32", "hidden=32&unit=20&len=60&t=50"] {
        let (experiment, problems) = link::parse(hash);
        assert_eq!((experiment.step, experiment.unit, problems), (Some(50), 20, vec![]));
    }
    for hash in ["t=31&unit=17", "len=30&t=31&hidden=16&unit=17"] {
        let (experiment, problems) = link::parse(hash);
        assert_eq!((experiment.step, experiment.unit), (None, 1));
        let bounds = [Allowed::Whole(1, 30), Allowed::Whole(1, 16)].map(Reason::NotAllowed);
        assert_eq!(problems.into_iter().map(|problem| problem.reason).collect::<Vec<_>>(), bounds);
    }
    let chosen = Experiment::default().with("t", "30").unwrap().with("unit", "16").unwrap();
    let smaller = chosen.with("len", "29").unwrap().with("hidden", "4").unwrap();
    assert_eq!((smaller.step, smaller.unit), (None, 4));
}

#[test]
fn the_window_of_truncation_is_at_most_the_length() {
    for hash in ["tbptt=60&len=60", "len=60&tbptt=60"] {
        let (experiment, problems) = link::parse(hash);
        assert_eq!((experiment.truncation, problems), (60, vec![]));
    }
    let beyond = Problem::new("tbptt", "31", Reason::NotAllowed(Allowed::Whole(0, 30)));
    let (experiment, problems) = link::parse("tbptt=31&len=30");
    assert_eq!((experiment.truncation, problems), (0, vec![beyond.clone()]));
    assert_eq!(Experiment::default().with("tbptt", "31"), Err(beyond));
    for value in ["-1", "201", "x"] {
        let problem = Problem::new("tbptt", value, Reason::NotAllowed(Allowed::Whole(0, 30)));
        assert_eq!(Experiment::default().with("tbptt", value), Err(problem), "one range, whatever is wrong");
    }
    for (key, value) in [("clip", "1e-400"), ("forget", "-1e-999"), ("decay", "0.1e-330")] {
        assert!(Experiment::default().with(key, value).is_err(), "{key}={value} is not 0");
    }
    let windowed = Experiment::default().with("tbptt", "10").unwrap();
    assert!(!windowed.same_run(&Experiment::default()));
    let fitted = ["20", "7", "30"].map(|len| windowed.with("len", len).unwrap().truncation);
    assert_eq!(fitted, [10, 7, 10], "a shorter sequence fits it");
}

#[test]
fn a_change_that_is_refused_changes_nothing() {
    let experiment = Experiment::default();
    for (key, value) in [("len", "1"), ("len", "x"), ("tbptt", "31"), ("", ""), ("lr", "nan"), ("lanes", "")] {
        assert!(experiment.with(key, value).is_err(), "{key}={value}");
    }
    assert_eq!(experiment, Experiment::default());
}

#[test]
fn enormous_and_hostile_links_give_short_problems() {
    let many: String = (0..5000).map(|k| format!("&key{k}=value")).collect();
    let same: String = "&len=20".repeat(100_000);
    let bare: String = "&len".repeat(10_000);
    let long = format!("task={}", "x".repeat(1_000_000));
    let long_key = format!("{}=1", "k".repeat(1_000_000));
    let percents = "%".repeat(100_000);
    let hostile = [
        many.as_str(),
        &same,
        &bare,
        &long,
        &long_key,
        &percents,
        "#%",
        "#%=%&%4=%zz&%%41=1&len=%33%30",
        "task=%00%0a%1b[31m",
        "task=%ff%fe&%ff=1",
        "len=%F0%9F%98%80",
        "task=<script>alert(1)</script>",
        "hide=header,header,header,header,header,header,header",
        "lanes=,,,",
        "\u{0}\u{1}&\u{202e}=1",
        "update=99999999999999999999999999",
    ];
    for hash in hostile {
        let (experiment, problems) = link::parse(hash);
        assert!(!problems.is_empty() && problems.len() <= 65, "{:.40}: {}", hash, problems.len());
        assert!(problems.iter().all(short), "{:.40}", hash);
        let text: String = problems.iter().map(ToString::to_string).collect();
        assert!(!text.chars().any(char::is_control), "{text}");
        assert_eq!(link::parse(&link::format(&experiment)), (experiment, vec![]));
    }
    assert_eq!(link::parse("#%6Cen=%33%30").1, vec![]);
}

#[test]
fn the_smallest_numbers_come_back_too() {
    for (key, value) in [("clip", "5e-324"), ("clip", "1.2345678901234567e-300"), ("forget", "-1.2345678901234567e-15")]
    {
        let experiment = Experiment::default().with(key, value).unwrap();
        assert_eq!(link::parse(&link::format(&experiment)), (experiment, vec![]), "{key}={value}");
    }
    let zero = Experiment::default().with("clip", "0").unwrap();
    assert!(zero.same_run(&Experiment::default().with("clip", "-0").unwrap()), "there is one zero");
}

#[test]
fn every_key_of_the_table_is_unlike_its_default_in_some_link() {
    // So that a key which its `get` or `set` forgets is found.
    for key in KEYS {
        let values: &[&str] = match key.allowed {
            Allowed::Whole(0, 1) => &["0", "1"],
            Allowed::Whole(1, 3) => &["1", "2", "3"],
            Allowed::Whole(..) | Allowed::WholeOr(..) => &["5", "6"],
            Allowed::Real(..) => &["0.5", "0.25"],
            Allowed::OneOf(words) => words,
            Allowed::ListOf(words, ..) => {
                if key.name == "hide" {
                    PARTS
                } else {
                    words
                }
            }
            Allowed::Lanes(words, _) => words,
            Allowed::Name(_) => &["a", "b"],
            Allowed::Edits => &["1.u[3,5]=0.2@120", "1.f[*]=1@0"],
            Allowed::Part(..) | Allowed::Layers(_) | Allowed::Places(_) => unreachable!("of an edit, not of a key"),
        };
        for value in values {
            // Only several layers have another one to show.
            if key.name == "layer" {
                let deep = Experiment::default().with("layers", "3").unwrap().with("layer", value).unwrap();
                assert_eq!(deep.get("layer").as_deref(), Some(*value));
                assert_eq!(link::parse(&link::format(&deep)), (deep, vec![]));
                continue;
            }
            let changed = Experiment::default().with(key.name, value).unwrap();
            assert_eq!(changed.get(key.name).as_deref(), Some(*value));
            let said = changed != Experiment::default();
            assert_eq!(link::format(&changed), if said { format!("#{}={value}", key.name) } else { "#".to_owned() });
        }
    }
}

#[test]
fn a_lane_has_its_own_sizes_and_the_others_those_of_the_run() {
    let (experiment, problems) = link::parse("lanes=lstm,lstm:forget=-2:hidden=8,gru&hidden=20&unit=20&forget=0.5");
    assert_eq!(problems, vec![]);
    let shapes: Vec<_> = (0..3).map(|lane| experiment.lane_network(lane)).collect();
    assert_eq!(shapes.iter().map(|shape| shape.hidden).collect::<Vec<_>>(), [20, 8, 20]);
    assert_eq!(shapes.iter().map(|shape| shape.forget_bias).collect::<Vec<_>>(), [0.5, -2.0, 0.5]);
    // As written by a link: the size first.
    let hash = "#lanes=lstm,lstm:hidden=8:forget=-2,gru&hidden=20&forget=0.5&unit=20";
    assert_eq!(link::format(&experiment), hash);
    // The chosen unit may be of the largest lane only.
    let (experiment, problems) = link::parse("lanes=lstm:hidden=40,gru&unit=33");
    assert_eq!((experiment.unit, problems), (33, vec![]));
    let smaller = experiment.with("lanes", "lstm,gru").unwrap();
    assert_eq!(smaller.unit, 16);
    // An edit of a unit that its lane does not have.
    let (_, problems) = link::parse("lanes=lstm,lstm:hidden=4&edit=0.f[9]=1@0;1.f[9]=1@0");
    let problem = Problem::new("edit", "1.f[9]=1@0", Reason::NotAllowed(Allowed::Part("i", 1.0, 4.0)));
    assert_eq!(problems, [problem]);
    // What a lane was told to do is dropped with its size, that of another stays.
    let edited = link::parse("lanes=lstm,lstm&edit=0.f[*]=1@0;1.f[*]=1@0").0;
    assert_eq!(edited.with("lanes", "lstm,lstm:hidden=8").unwrap().get("edit").unwrap(), "0.f[*]=1@0");
}

#[test]
fn sizes_can_follow_the_parameters_of_the_first_lane() {
    for first in CellKind::ALL {
        let lanes: Vec<_> = [CellKind::RnnTanh, CellKind::Gru, CellKind::Window].map(CellKind::code).to_vec();
        let hash = format!("match=1&hidden=12&lanes={},{}", first.code(), lanes.join(","));
        let (experiment, problems) = link::parse(&hash);
        assert_eq!(problems, vec![]);
        let count = |lane: usize| experiment.lane_network(lane).acting_count() as i64;
        assert_eq!(experiment.hidden_of(0), 12);
        for lane in 1..4 {
            let shape = experiment.lane_network(lane);
            for hidden in [shape.hidden - 1, shape.hidden + 1] {
                let other = NetworkConfig { hidden, ..shape }.acting_count() as i64;
                assert!((count(lane) - count(0)).abs() <= (other - count(0)).abs(), "{hash} {lane}");
            }
            let network = nn::Network::<f32>::seeded(&shape, 1);
            assert_eq!(network.parameter_count(), shape.parameter_count(), "counted without being made");
        }
        // What a lane was given of its own holds.
        let own = experiment.with("lanes", "lstm,gru:hidden=5").unwrap();
        assert_eq!((own.hidden_of(1), own.without("match").unwrap().hidden_of(1)), (5, 5));
    }
    // The rows of a gate that is switched off do not count: they would make such a network look larger than it is.
    let coupled = link::parse("match=1&lanes=rnn-tanh,lstm-cifg,lstm-nfg").0;
    for lane in 1..3 {
        let of = |hidden: usize| NetworkConfig { hidden, ..coupled.lane_network(lane) }.acting_count();
        assert_eq!(of(16), coupled.network(CellKind::Lstm).parameter_count() - 16 * (6 + 16 + 1));
    }
    assert_eq!((coupled.hidden_of(1), coupled.hidden_of(2)), (9, 9));
}

#[test]
fn keys_changed_together_hold_whatever_their_order() {
    let before = link::parse("#lanes=lstm,gru&layers=2&layer=2&unit=12&t=25&edit=0.u2[1,1]=1@0").0;
    let together: [&[(&str, &str)]; 5] = [
        &[("unit", "50"), ("lanes", "lstm:hidden=64")],
        &[("layer", "3"), ("layers", "3")],
        &[("edit", "2.u[1,1]=1@0"), ("lanes", "lstm,gru,rnn-tanh")],
        &[("edit", "0.u3[1,1]=1@0"), ("layers", "3")],
        &[("edit", "0.w[1,5]=1@0"), ("task", "recall")],
    ];
    for keys in together {
        let given: Vec<(&str, Option<&str>)> = keys.iter().map(|(key, value)| (*key, Some(*value))).collect();
        let backwards: Vec<_> = given.iter().rev().copied().collect();
        let changed = before.with_all(&given).unwrap();
        for (key, value) in keys {
            assert_eq!(changed.get(key).as_deref(), Some(*value), "{keys:?}");
        }
        assert_eq!(changed, before.with_all(&backwards).unwrap(), "{keys:?}");
    }
    // What was not asked for is fitted, and edits of what is another thing then are dropped.
    let changed = before.with_all(&[("len", Some("9")), ("layers", None), ("hidden", Some("8"))]).unwrap();
    assert_eq!((changed.step, changed.unit, changed.layer, changed.edits.len()), (None, 8, 1, 0));
    // Edits that were asked for are not.
    let refused = before.with_all(&[("edit", Some("0.u2[1,1]=1@0")), ("layers", Some("1")), ("lr", Some("x"))]);
    let named: Vec<String> = refused.unwrap_err().into_iter().map(|problem| problem.key).collect();
    assert_eq!(named, ["lr", "edit"]);
}

#[test]
fn the_hidden_units_of_a_lane_without_its_own_are_known_while_it_has_some() {
    let run = link::parse("#lanes=lstm:hidden=8,gru:hidden=5&match=1").0;
    assert_eq!((run.hidden_of(0), run.usual_hidden(0)), (8, 16));
    let matched = link::parse("#lanes=lstm:hidden=8,gru&match=1").0;
    assert_eq!((run.hidden_of(1), run.usual_hidden(1)), (5, matched.hidden_of(1)));
}
