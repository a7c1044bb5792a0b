use charts::Style;
use charts::lines::{Scale, UnitLines};
use charts::palette::{Theme, ground, lane};
use charts::plotted::Plotted;
use charts::series::{InputBars, PredictionChart};
use charts::svg::svg;

use super::read::shapes;

const SCALE: Scale = Scale { low: -5.0, high: 5.0 };

#[test]
fn each_unit_is_a_line_at_its_values_and_the_chosen_one_is_bold_and_last() {
    let (steps, units) = (10, 3);
    let values: Vec<f32> = (0..steps * units).map(|k| (k as f32 * 0.7).sin() * 4.0).collect();
    let chart =
        UnitLines { lane: 1, code: "lstm", values: &values, steps, units, chosen: Some(1), scale: SCALE, ghost: &[] };
    let style = Style::new(Theme::Light, 1.0);
    let text = svg(300, 90, &style, "c", "", |area, style| chart.draw(area, style)).unwrap();
    let paths: Vec<_> = shapes(&text).into_iter().filter(|s| s.tag == "polyline").collect();
    assert_eq!(paths.len(), 3);
    assert!(paths[2].number("stroke-width") > 2.0 * paths[0].number("stroke-width"));
    assert_eq!(paths[2].text_of("opacity"), Some("1"));
    for (path, unit) in paths.iter().zip([0, 2, 1]) {
        for (step, (x, y)) in path.points().into_iter().enumerate() {
            assert!((x - 300.0 * (step as f64 + 0.5) / 10.0).abs() < 0.5);
            let value = SCALE.high - (y - 2.0) / 86.0 * 10.0;
            assert!((value - f64::from(values[step * units + unit])).abs() < 0.5 * 10.0 / 86.0);
        }
    }
    let Plotted::Lines(lines) = chart.plotted() else { panic!("lines expected") };
    assert_eq!((lines[2].lane, lines[2].name.as_str(), lines[2].y[3]), (1, "2", f64::from(values[3 * units + 2])));
}

#[test]
fn a_line_stops_at_what_is_not_a_number_and_missing_values_are_not() {
    let values = [0.0, 1.0, f32::NAN, 2.0, 3.0];
    let chart = UnitLines {
        lane: 0,
        code: "lstm",
        values: &values,
        steps: 6,
        units: 1,
        chosen: None,
        scale: SCALE,
        ghost: &[],
    };
    let text = svg(60, 40, &Style::new(Theme::Dark, 1.0), "c", "", |area, style| chart.draw(area, style)).unwrap();
    let lengths: Vec<_> = shapes(&text).iter().filter(|s| s.tag == "polyline").map(|s| s.points().len()).collect();
    assert_eq!(lengths, [2, 2]);
}

#[test]
fn the_scale_beside_the_lines_has_its_ends_and_zero() {
    let style = Style::new(Theme::Light, 2.0).with_decimal(',');
    let scale = Scale { low: -2.5, high: 2.5 };
    let ticks = scale.ticks(100.0, &style);
    assert_eq!(ticks.iter().map(|(_, t)| t.label.as_str()).collect::<Vec<_>>(), ["2,5", "0", "−2,5"]);
    assert_eq!(ticks.iter().map(|(y, _)| *y).collect::<Vec<_>>(), [4.0, 50.0, 96.0]);
    assert_eq!(Scale { low: 0.0, high: 1.0 }.ticks(100.0, &style).len(), 2);
}

#[test]
fn a_lone_target_is_a_ring_and_neighbours_are_a_line() {
    let n = f32::NAN;
    let prediction = [0.1, 0.2, 0.3, 0.4, 0.5];
    let style = Style::new(Theme::Light, 1.0);
    let draw = |target: &[f32]| {
        let chart = PredictionChart {
            code: "lstm",
            prediction: &prediction,
            target,
            scale: Scale { low: 0.0, high: 1.0 },
            ghost: &[],
        };
        svg(200, 60, &style, "answer", "", |area, style| chart.draw(area, style)).unwrap()
    };
    let (grey, colour) = (ground(Theme::Light).guess.css(), lane("lstm", Theme::Light).line.css());
    let count = |text: &str, tag: &str, colour: &str| {
        shapes(text).iter().filter(|s| s.tag == tag && s.has_colour(colour)).count()
    };
    let last = draw(&[n, n, n, n, 0.9]);
    assert_eq!(
        (count(&last, "circle", &grey), count(&last, "polyline", &grey), count(&last, "polyline", &colour)),
        (1, 0, 1)
    );
    let ring = shapes(&last)
        .into_iter()
        .find(|s| s.tag == "circle" && s.has_colour(&grey))
        .map(|s| (s.number("cx"), s.number("cy")))
        .unwrap();
    assert!((ring.0 - 180.0).abs() < 0.5 && (ring.1 - (2.0 + 0.1 * 56.0)).abs() < 0.5);
    let every = draw(&[0.1, 0.2, 0.3, 0.4, 0.5]);
    assert_eq!((count(&every, "circle", &grey), count(&every, "polyline", &grey)), (0, 1));
}

#[test]
fn input_bars_stand_on_zero() {
    let bars =
        InputBars { values: &[0.5, f32::NAN, 1.0], steps: &[3], marked: None, scale: Scale { low: 0.0, high: 1.0 } };
    let text = svg(90, 24, &Style::new(Theme::Light, 1.0), "input", "", |area, style| bars.draw(area, style)).unwrap();
    let all: Vec<_> = shapes(&text).into_iter().filter(|s| s.tag == "rect").skip(1).collect();
    assert_eq!(all.len(), 3, "two bars and the zero line");
    assert!((all[0].number("height") - 10.0).abs() < 0.5 && (all[1].number("height") - 20.0).abs() < 0.5);
    assert!(all[1].has_colour(&ground(Theme::Light).text.css()));
}
