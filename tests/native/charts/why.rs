//! The panels' charts have the numbers that were found.

use gatescope::lab::reasons::series;
use gatescope::lab::{Findings, Why};
use gatescope::nn::CellKind;
use gatescope::ui::charts::gradient::GradientChart;
use gatescope::ui::charts::histogram::{BARS, Histograms, Spread};
use gatescope::ui::charts::palette::{Theme, gate};
use gatescope::ui::charts::plotted::Plotted;
use gatescope::ui::charts::range::{Kind, StableRange};
use gatescope::ui::charts::svg::svg;
use gatescope::ui::charts::{Style, palette};
use gatescope::ui::why::charts::{CreditMap, FactorLines, peak, place, plotted_triangle, side, spreads};

use super::{gradient, read::shapes};
use crate::trainer::{snapshot, trained};

fn found(lanes: Vec<Vec<Vec<f64>>>) -> Findings {
    Findings { why: Why::Factors, run: 1, update: 3, probe: 0, done: 1.0, lanes }
}

#[test]
fn an_rnn_has_its_bound_and_the_ceiling_of_its_slope_and_an_lstm_its_forget_gates() {
    let (exact, bound, slope) = (vec![1e-5, 0.02, 1.0], vec![2e-4, 0.03, 1.0], vec![0.1, 0.2, 0.15]);
    let rnn = vec![exact.clone(), bound.clone(), slope.clone(), vec![1.5], vec![]];
    let lstm = vec![exact.clone(), vec![], vec![], vec![], vec![0.3, 0.6, 1.0]];
    let found = found(vec![rnn, lstm]);
    let of = |lane: usize, cell: CellKind| {
        let owned = FactorLines::new(&found, lane, cell, str::to_owned);
        let lines = owned.lines(lane);
        let mut range = StableRange::new(Kind::Decades);
        range.look(GradientChart::values(&lines));
        let chart = gradient::chart(&lines, 3, &range, ("absolute", ""));
        let Plotted::Lines(plotted) = chart.plotted() else { panic!("lines") };
        let drawn =
            svg(400, 200, &Style::new(Theme::Light, 1.0), "a", "b", |area, style| chart.draw(area, style)).unwrap();
        (plotted, drawn)
    };
    let (plotted, drawn) = of(0, CellKind::RnnSigmoid);
    let names: Vec<&str> = plotted.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["ceiling", "slope", "sigma", "bound", "exact"]);
    assert_eq!(plotted[0].y, [0.25; 3]);
    assert_eq!((&plotted[1].y, &plotted[2].y, &plotted[3].y, &plotted[4].y), (&slope, &vec![1.5; 3], &bound, &exact));
    assert!(plotted.iter().all(|line| line.lane == 0 && line.x == [1.0, 2.0, 3.0]));
    let texts: Vec<&str> = shapes(&drawn).iter().map(|shape| shape.content).collect();
    assert!(names.iter().all(|name| texts.contains(name)), "{texts:?}");
    let (plotted, drawn) = of(1, CellKind::Lstm);
    assert_eq!(plotted.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["carousel", "exact"]);
    let forget = gate("f", Theme::Light).line.css();
    assert!(shapes(&drawn).iter().any(|shape| shape.has_colour(&forget)));
    // What was not found yet has no lines.
    assert!(FactorLines::new(&found, 2, CellKind::Lstm, str::to_owned).lines(2).iter().all(|line| line.y.is_empty()));
    assert_eq!(found.series(1, series::BOUND), [0.0; 0]);
}

#[test]
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

#[test]
fn every_value_is_in_one_bar() {
    let values = [0.0, 0.024, 0.025, 0.125, 0.25, 0.3, -1.0, f32::NAN];
    let spread = Spread::new("dphi", (0.0, 0.25), &values);
    assert_eq!(spread.counts.len(), BARS);
    assert_eq!((spread.counts[0], spread.counts[1], spread.counts[2], spread.counts[10]), (2, 1, 1, 1));
    assert_eq!((spread.counts[19], spread.counts.iter().sum::<u64>()), (2, 7), "the ends take what is beyond");
    assert!((spread.share(0..2) - 3.0 / 7.0).abs() < 1e-12);
    let labelled = [(spread, "φ′(z)".to_owned(), palette::lane("rnn-sigmoid", Theme::Light))];
    let chart = Histograms { lane: 1, spreads: &labelled };
    let Plotted::Lines(lines) = chart.plotted() else { panic!("lines") };
    assert_eq!((lines[0].lane, lines[0].name.as_str(), lines[0].scale.as_str()), (1, "dphi", "count"));
    assert!((lines[0].x[0] - 0.25 / 40.0).abs() < 1e-12 && lines[0].y[0] == 2.0);
    let drawn = svg(300, 100, &Style::new(Theme::Light, 1.0), "a", "b", |area, style| chart.draw(area, style)).unwrap();
    let orange = palette::lane("rnn-sigmoid", Theme::Light).line.css();
    assert_eq!(shapes(&drawn).iter().filter(|shape| shape.tag == "rect" && shape.has_colour(&orange)).count(), 5);
    // Nothing to draw, and nothing that is a number, are no panic.
    for spreads in [vec![], vec![(Spread::new("i", (0.0, 1.0), &[f32::NAN]), String::new(), gate("i", Theme::Dark))]] {
        let chart = Histograms { lane: 0, spreads: &spreads };
        svg(3, 2, &Style::new(Theme::Dark, 2.0), "a", "b", |area, style| chart.draw(area, style)).unwrap();
    }
}

#[test]
fn a_lane_s_spreads_count_every_unit_and_step_of_each_gate() {
    let snapshot = snapshot(&mut trained("len=7&hidden=3&lanes=rnn-tanh,lstm", 1));
    let rnn = spreads(&snapshot.lanes[0], Theme::Light);
    assert_eq!((rnn.len(), rnn[0].0.name, rnn[0].0.high), (1, "dphi", 1.0));
    let lstm = spreads(&snapshot.lanes[1], Theme::Light);
    let ranges: Vec<_> = lstm.iter().map(|(spread, _)| (spread.name, spread.low, spread.high)).collect();
    assert_eq!(ranges, [("i", 0.0, 1.0), ("f", 0.0, 1.0), ("g", -1.0, 1.0), ("o", 0.0, 1.0)]);
    assert!(rnn.iter().chain(&lstm).all(|(spread, _)| spread.counts.iter().sum::<u64>() == 21));
}
