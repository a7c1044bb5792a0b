use charts::Style;
use charts::dash::Dash;
use charts::history::{LossHistory, stretches};
use charts::loss::{Ghost, Guess, LossChart, LossLine, last_update, plot_box};
use charts::palette::{Theme, lane};
use charts::plotted::Plotted;
use charts::range::{Kind, StableRange};
use charts::svg::svg;

use super::read::shapes;

fn noisy(count: usize) -> Vec<f32> {
    let mut state = 7u32;
    (0..count)
        .map(|k| {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            1.0 + (state >> 8) as f32 / (1u32 << 24) as f32 - k as f32 / count as f32
        })
        .collect()
}

fn history(values: &[f32]) -> LossHistory {
    let mut history = LossHistory::new();
    history.extend(values);
    history
}

fn plain_extremes(values: &[f32]) -> (f32, f32) {
    values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)))
}

#[test]
fn extremes_of_any_stretch_are_those_of_its_values() {
    let values = noisy(700);
    let history = history(&values);
    for from in (0..700).step_by(7) {
        for to in from + 1..=700 {
            assert_eq!(history.extremes(from..to), Some(plain_extremes(&values[from..to])), "{from}..{to}");
        }
    }
    assert_eq!(history.extremes(5..5), None);
    assert_eq!(history.extremes(700..900), None);
}

#[test]
fn winding_back_forgets_and_goes_on() {
    let values = noisy(600);
    let mut history = history(&values);
    history.truncate(333);
    assert_eq!(history.values(), &values[..333]);
    history.extend(&values[333..]);
    for (from, to) in [(0, 600), (320, 350), (64, 512)] {
        assert_eq!(history.extremes(from..to), Some(plain_extremes(&values[from..to])));
    }
    let mut broken = history.clone();
    broken.push(f32::NAN);
    broken.push(1.0);
    assert_eq!((broken.len(), broken.finite(), broken.broken_at()), (602, 600, Some(601)));
    broken.truncate(600);
    assert_eq!(broken.broken_at(), None);
    broken.push(0.5);
    assert_eq!(broken.finite(), 601);
}

#[test]
fn a_lone_spike_does_not_set_the_top_but_noise_does() {
    let mut values = noisy(6400);
    let usual = history(&values).usual_top().unwrap();
    assert!((1.7..2.0).contains(&usual), "{usual}");
    values[100] = 50.0;
    values[6000] = 70.0;
    let mut spiked = history(&values);
    assert!(spiked.usual_top().unwrap() < 2.0);
    let whole = spiked.usual_top();
    spiked.truncate(640);
    assert_eq!(spiked.usual_top(), history(&values[..640]).usual_top());
    spiked.extend(&values[640..]);
    assert_eq!(spiked.usual_top(), whole);
    assert_eq!((history(&[3.0, 1.0]).usual_top(), history(&[]).usual_top()), (Some(3.0), None));
}

#[test]
fn no_spike_is_lost_by_thinning() {
    let mut values = vec![0.5f32; 100_000];
    for k in [0, 1, 777, 50_000, 99_999] {
        values[k] = 3.0 + k as f32;
        values[k / 2 + 3] = -1.0 - k as f32;
    }
    let history = history(&values);
    let mut out = Vec::new();
    for per_column in [2.5, 77.3, 150.0, 1000.0, 1e6] {
        history.thin(per_column, &mut out);
        let column = |update: f64| (update / per_column).floor();
        let mut expected = std::collections::BTreeMap::new();
        for (k, v) in values.iter().enumerate() {
            let e = expected.entry(column((k + 1) as f64) as u64).or_insert((*v, *v));
            *e = (e.0.min(*v), e.1.max(*v));
        }
        let mut found = std::collections::BTreeMap::new();
        for (u, v) in &out {
            let e = found.entry(column(*u) as u64).or_insert((*v, *v));
            *e = (e.0.min(*v), e.1.max(*v));
        }
        assert_eq!(found, expected, "{per_column} a column");
        assert!(out.len() <= 4 * expected.len());
        assert!(out.windows(2).all(|p| p[0].0 <= p[1].0), "left to right");
    }
    history.thin(1.0, &mut out);
    assert_eq!(out.len(), values.len());
}

#[test]
fn the_work_of_thinning_grows_with_columns_and_not_with_updates() {
    let history = history(&noisy(1_000_000));
    let mut out = Vec::new();
    history.thin(1_000_000.0 / 800.0, &mut out);
    assert!((801..=4 * 801).contains(&out.len()), "{} points of 800 columns and the last update's", out.len());
    // A column asks for its extremes once; where it lies makes no difference.
    for from in (0..1_000_000).step_by(1250) {
        let (mut looks, mut indices) = (0, 0);
        stretches(from..from + 1250, |level, stretch| {
            looks += stretch.len();
            indices += stretch.len() * 8_usize.pow(level as u32);
        });
        assert_eq!(indices, 1250, "each value is looked at once");
        assert!(looks <= 14 * 4, "{looks} looks at 1,250 values from {from} on");
    }
    let mut looks = 0;
    stretches(1..999_999, |_, stretch| looks += stretch.len());
    assert!(looks <= 14 * 7, "{looks} looks at a million values");
}

fn with_chart(values: &[f32], guess: Option<f64>, check: impl FnOnce(&str, &LossChart)) {
    let history = history(values);
    let lines = [LossLine { lane: 0, code: "rnn-tanh", dash: Dash::Solid, history: &history, every: 1, label: "" }];
    let mut range = StableRange::new(Kind::FromZero);
    range.look([LossChart::top(&lines, guess)]);
    let guess = guess.map(|level| Guess { level, label: "guessing" });
    let chart = LossChart {
        lines: &lines,
        ghosts: &[],
        guess,
        range: &range,
        last: last_update(values.len() as u32),
        cursor: None,
        axes: true,
    };
    let text =
        svg(600, 160, &Style::new(Theme::Light, 1.0), "loss", "", |area, style| chart.draw(area, style)).unwrap();
    check(&text, &chart);
}

#[test]
fn losses_lie_where_they_should_and_guessing_is_in_sight() {
    let values: Vec<f32> = (0..50).map(|k| 1.4 - 0.02 * k as f32).collect();
    with_chart(&values, Some(4f64.ln()), |text, chart| {
        assert_eq!(chart.last, 100);
        let plot = plot_box(600.0, 160.0, true, &Style::new(Theme::Light, 1.0));
        let colour = lane("rnn-tanh", Theme::Light).line.css();
        let all = shapes(text);
        let path = all.iter().find(|s| s.tag == "polyline" && s.has_colour(&colour)).unwrap().points();
        assert_eq!(path.len(), 50);
        for (k, (x, y)) in path.into_iter().enumerate() {
            assert!((x - plot.x_at((k + 1) as f64 / 100.0)).abs() < 0.5);
            let loss = (plot.bottom - y) / plot.height() * chart.range.high();
            assert!((loss - f64::from(values[k])).abs() < 0.5 * chart.range.high() / plot.height());
        }
        let label = all.iter().find(|s| s.tag == "text" && s.content == "guessing").unwrap();
        assert!(label.number("y") > 0.0);
        assert!(all.iter().any(|s| s.tag == "text" && s.content == "100"));
    });
}

#[test]
fn what_goes_beyond_the_top_is_marked_and_what_diverges_ends_with_a_cross() {
    let mut values = vec![1.0f32; 60];
    values[20] = 500.0;
    values[50] = f32::INFINITY;
    with_chart(&values, Some(1.0), |text, chart| {
        assert!(chart.range.high() <= 3.0);
        let colour = lane("rnn-tanh", Theme::Light).line.css();
        let all = shapes(text);
        assert_eq!(all.iter().filter(|s| s.tag == "polygon").count(), 1);
        let paths: Vec<_> =
            all.iter().filter(|s| s.tag == "polyline" && s.has_colour(&colour)).map(|s| s.points().len()).collect();
        assert_eq!(paths, [50, 2, 2]);
        let Plotted::Lines(lines) = chart.plotted() else { panic!("lines expected") };
        assert_eq!((lines[0].x.len(), lines[0].y[20]), (60, 500.0));
    });
}

#[test]
fn the_axis_of_updates_grows_by_nice_steps() {
    assert_eq!(
        [0, 99, 100, 101, 401, 999_999, 1_000_000].map(last_update),
        [100, 100, 100, 120, 500, 1_000_000, 1_000_000]
    );
    with_chart(&[], None, |text, _| assert!(!text.contains("NaN")));
    with_chart(&[f32::NAN], Some(0.0), |text, _| assert!(!text.contains("NaN")));
}

#[test]
fn a_ghost_is_drawn_under_the_lines_with_its_letter_where_it_ends() {
    let history = history(&[1.0, 0.8, 0.6]);
    let lines = [LossLine { lane: 0, code: "lstm", dash: Dash::Solid, history: &history, every: 1, label: "" }];
    let points = [(1.0, 1.2f32), (20.0, 0.9), (50.0, 9.0)];
    let ghosts = [Ghost { code: "rnn-tanh", letter: "B", points: &points }];
    let mut range = StableRange::new(Kind::FromZero);
    range.look([LossChart::top(&lines, Some(1.0))]);
    let chart =
        LossChart { lines: &lines, ghosts: &ghosts, guess: None, range: &range, last: 100, cursor: None, axes: false };
    let text = svg(600, 40, &Style::new(Theme::Light, 1.0), "loss", "", |area, style| chart.draw(area, style)).unwrap();
    let all = shapes(&text);
    let label = all.iter().position(|s| s.tag == "text" && s.content == "B").unwrap();
    assert!((all[label].number("x") - 300.0).abs() < 2.0, "where it ends: {}", all[label].number("x"));
    let colour = |code: &str| lane(code, Theme::Light).line.css();
    let dots = all.iter().filter(|s| s.tag == "polyline" && s.has_colour(&colour("rnn-tanh"))).count();
    assert!(dots > 20, "dotted, in the colour of its network: {dots}");
    let line = all.iter().position(|s| s.tag == "polyline" && s.has_colour(&colour("lstm"))).unwrap();
    assert!(line > label, "the run on show lies above");
    let ghost = ghosts[0];
    assert_eq!(
        [0.0, 1.0, 19.0, 20.0, 50.0, 51.0].map(|update| ghost.at(update)),
        [None, Some(1.2), Some(1.2), Some(0.9), Some(9.0), None]
    );
    let Plotted::Lines(plotted) = chart.plotted() else { panic!("lines") };
    assert_eq!(plotted.len(), 1, "what is plotted is the run on show");
}
