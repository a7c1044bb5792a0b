//! Charts of a run's own numbers: what they plot is what the run computed.

use charts::gradient::{GradientChart, GradientLine};
use charts::history::LossHistory;
use charts::palette::gate;
use charts::plotted::Plotted;
use charts::range::{Kind, StableRange};
use charts::reach::ReachHistory;
use charts::svg::svg;
use charts::{Style, Theme};
use gatescope::pictures::GradientLines;
use gatescope::why::charts::{CreditMap, FactorLines, peak, place, plotted_triangle, side, spreads};
use lab::GradientScale;
use lab::analysis::diagnosis::{Reach, diagnose};
use lab::run::reach::{COLUMNS, updates_per_column};
use lab::stored::MOST_POINTS;
use nn::{CellKind, Factors, Truncation};
use tasks::TaskKind;
use test_utils::runs::{snapshot, trained};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn an_rnn_has_its_bound_and_the_ceiling_of_its_slope_and_an_lstm_its_forget_gates() {
    let (exact, bound, slope) = (vec![1e-5, 0.02, 1.0], vec![2e-4, 0.03, 1.0], vec![0.1, 0.2, 0.15]);
    let rnn = Factors {
        exact: exact.clone(),
        bound: bound.clone(),
        slope: slope.clone(),
        sigma: Some(1.5),
        carousel: Vec::new(),
    };
    let lstm = Factors { exact: exact.clone(), carousel: vec![0.3, 0.6, 1.0], ..Factors::default() };
    let found = [rnn, lstm];
    let of = |lane: usize, cell: CellKind| {
        let owned = FactorLines::new(&found[lane], cell, str::to_owned);
        let lines = owned.lines(lane);
        let mut range = StableRange::new(Kind::Decades);
        range.look(GradientChart::values(&lines));
        let chart = GradientChart {
            lines: &lines,
            length: 3,
            range: &range,
            scale: "absolute",
            x_name: "step",
            limit: "",
            zero: "0",
        };
        let Plotted::Lines(plotted) = chart.plotted() else { panic!("lines") };
        let style = Style::new(Theme::Light, 1.0);
        let drawn = svg(400, 200, &style, "a", "b", |area, style| chart.draw(area, style)).unwrap();
        (plotted, drawn)
    };
    let (plotted, drawn) = of(0, CellKind::RnnSigmoid);
    let names: Vec<&str> = plotted.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["ceiling", "slope", "sigma", "bound", "exact"]);
    assert_eq!(plotted[0].y, [0.25; 3]);
    assert_eq!((&plotted[1].y, &plotted[2].y, &plotted[3].y, &plotted[4].y), (&slope, &vec![1.5; 3], &bound, &exact));
    assert!(plotted.iter().all(|line| line.lane == 0 && line.x == [1.0, 2.0, 3.0]));
    assert!(names.iter().all(|name| drawn.contains(&format!("{name}\n</text>"))), "{drawn}");
    let (plotted, drawn) = of(1, CellKind::Lstm);
    assert_eq!(plotted.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["carousel", "exact"]);
    let forget = gate("f", Theme::Light).line.css();
    assert!(drawn.to_lowercase().contains(&forget), "{forget}: {drawn}");
    // What was not found yet has no lines.
    let none = FactorLines::new(&Factors::default(), CellKind::Lstm, str::to_owned);
    assert!(none.lines(2).iter().all(|line| line.y.is_empty()));
}

#[wasm_bindgen_test]
fn a_triangle_is_drawn_in_powers_of_ten_of_its_largest_and_plotted_as_it_is() {
    let triangle = [1.0, 0.1, 100.0, 0.0, 1e-3, 10.0];
    assert_eq!((side(6), side(0), side(1), place(2, 1), peak(&triangle)), (3, 0, 1, 4, 100.0));
    let credit = CreditMap::new(&triangle);
    let map = credit.map("lstm", Theme::Light);
    assert_eq!((map.rows, map.cols), (3, 3));
    assert!((map.value(0, 0) + 2.0).abs() < 1e-6 && map.value(1, 1) == 0.0 && (map.value(2, 1) + 5.0).abs() < 1e-6);
    assert!(map.value(0, 1).is_nan() && map.value(2, 0) == f32::NEG_INFINITY, "after τ there is none; zero is zero");
    let Plotted::Map { rows, cols, values } = plotted_triangle(&triangle) else { panic!("a map") };
    assert_eq!((rows, cols, values[0], values[3], values[4], values[6]), (3, 3, 1.0, 0.1, 100.0, 0.0));
    assert!(values[1].is_nan() && values[2].is_nan() && values[5].is_nan());
    let none = CreditMap::new(&[0.0]);
    assert_eq!(none.map("lstm", Theme::Light).value(0, 0), f32::NEG_INFINITY, "all zero is no panic");
}

#[wasm_bindgen_test]
fn a_lane_s_spreads_count_every_unit_and_step_of_each_gate() {
    let snapshot = snapshot(&mut trained("len=7&hidden=3&lanes=rnn-tanh,lstm", 1));
    let rnn = spreads(&snapshot.lanes[0], Theme::Light);
    assert_eq!((rnn.len(), rnn[0].0.name, rnn[0].0.high), (1, "dphi", 1.0));
    let lstm = spreads(&snapshot.lanes[1], Theme::Light);
    let ranges: Vec<_> = lstm.iter().map(|(spread, _)| (spread.name, spread.low, spread.high)).collect();
    assert_eq!(ranges, [("i", 0.0, 1.0), ("f", 0.0, 1.0), ("g", -1.0, 1.0), ("o", 0.0, 1.0)]);
    assert!(rnn.iter().chain(&lstm).all(|(spread, _)| spread.counts.iter().sum::<u64>() == 21));
}

#[wasm_bindgen_test]
fn what_is_said_of_a_layer_is_what_the_chart_plots() {
    for layer in 1..=3 {
        let mut trainer = trained(&format!("layers=3&layer={layer}&lanes=rnn-sigmoid,lstm,lstm"), 60);
        let snapshot = snapshot(&mut trainer);
        let lines = GradientLines::new(&snapshot, GradientScale::Relative, |_, _, name| name.to_owned());
        for (k, lane) in diagnose(&snapshot, TaskKind::Order.task(), Truncation::default()).iter().enumerate() {
            let Reach::Arrives { kept, .. } = &lane.reach else { panic!("{:?}", lane.reach) };
            let lines = lines.lines();
            let h = lines.iter().find(|line| line.lane == k && line.name == "h").unwrap();
            let last = h.y.len() - 1;
            assert_eq!((kept.ratio, kept.depth), (h.y[last - kept.back], h.y[last]), "{:?} {layer}", lane.cell);
            assert_eq!(kept.depth == 1.0, layer == 3);
        }
        // Every line of a colour has a dash of its own: of 1 RNN and 2 LSTMs, 3 layers each, and c.
        let look = |line: &GradientLine| format!("{} {:?}", line.code, line.dash.pattern());
        let looks: std::collections::HashSet<_> = lines.lines().iter().map(look).collect();
        assert_eq!((looks.len(), lines.lines().len()), (11, 11), "{looks:?}");
    }
}

#[wasm_bindgen_test]
fn a_kept_curve_has_few_points_and_every_extreme() {
    for count in [0usize, 1, 2, 99, 100, 101, 199, 1000, 54_321] {
        let mut history = LossHistory::new();
        let value = |k: usize| if k % 977 == 400 { 50.0 } else { ((k * 7919) % 1000) as f32 / 1000.0 };
        history.extend(&(0..count).map(value).collect::<Vec<_>>());
        let points = history.in_few_points(50);
        assert!(points.len() <= 204 && points.len() < MOST_POINTS, "{count}: {}", points.len());
        assert!(points.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{count}");
        let of = |pick: fn(f32, f32) -> f32, values: &mut dyn Iterator<Item = f32>| values.reduce(pick);
        for pick in [f32::min, f32::max] {
            let all = of(pick, &mut history.values().iter().copied());
            assert_eq!(of(pick, &mut points.iter().map(|point| point.1)), all, "{count}");
        }
        if count > 0 {
            assert_eq!((points[0].0, points[points.len() - 1].0), (1.0, count as f64));
        }
    }
}

#[wasm_bindgen_test]
fn one_update_for_each_column_leaves_no_gap() {
    let mut reach = ReachHistory::new(4, COLUMNS);
    reach.record(0, &norms(0));
    for update in (1..=9_999).filter(|update| update % updates_per_column(*update) == 0) {
        reach.record(update, &norms(update));
        assert_eq!(reach.recorded().count(), reach.columns(), "update {update}");
        assert!(reach.columns() as u64 <= COLUMNS);
    }
}

/// Norms whose share at step t is 10^−(T−t), as the update shrinks them all.
fn norms(update: u64) -> Vec<f64> {
    (0..4).map(|t| 10_f64.powi(t - 3) / (update + 1) as f64).collect()
}
