//! The panels' charts have the numbers that were found.

use charts::Style;
use charts::histogram::{BARS, Histograms, Spread};
use charts::palette;
use charts::palette::{Theme, gate};
use charts::plotted::Plotted;
use charts::svg::svg;

use super::read::shapes;

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
