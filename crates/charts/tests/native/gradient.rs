use charts::Style;
use charts::dash::Dash;
use charts::gradient::{GradientChart, GradientLine};
use charts::palette::{Theme, lane};
use charts::plotted::Plotted;
use charts::range::{Kind, StableRange};
use charts::svg::svg;

use super::read::shapes;

const SIZE: (u32, u32) = (780, 200);

fn line<'a>(lane: usize, code: &'a str, name: &'a str, label: &'a str, x: &'a [f64], y: &'a [f64]) -> GradientLine<'a> {
    GradientLine { lane, code, name, dash: Dash::of(0, name == "c"), label, x, y }
}

/// The chart of these lines.
pub fn chart<'a>(
    lines: &'a [GradientLine<'a>],
    length: usize,
    range: &'a StableRange,
    (scale, limit): (&'a str, &'a str),
) -> GradientChart<'a> {
    GradientChart { lines, length, range, scale, x_name: "step", limit, zero: "0" }
}

fn draw(lines: &[GradientLine], length: usize, check: impl FnOnce(&str, &GradientChart, &Style)) {
    let mut range = StableRange::new(Kind::Decades);
    range.look(GradientChart::values(lines));
    let chart = chart(lines, length, &range, ("relative", ""));
    let style = Style::new(Theme::Light, 1.0);
    let text = svg(SIZE.0, SIZE.1, &style, "Gradient", "two & more", |area, style| chart.draw(area, style)).unwrap();
    check(&text, &chart, &style);
}

#[test]
fn the_end_of_f32_is_drawn_where_norms_are_near_it() {
    let x = steps(3);
    for (most, is_near) in [(1e33, true), (1e20, false)] {
        let y = [most, 1.0, 1e-3];
        let lines = [line(0, "rnn-tanh", "h", "Tanh", &x, &y)];
        let mut range = StableRange::new(Kind::Decades);
        range.look(GradientChart::values_to_limit(&lines));
        let chart = chart(&lines, 3, &range, ("absolute", "end of f32"));
        let style = Style::new(Theme::Light, 1.0);
        let text = svg(SIZE.0, SIZE.1, &style, "", "", |area, style| chart.draw(area, style)).unwrap();
        assert_eq!(text.contains("end of f32"), is_near, "{most}");
        assert_eq!(range.high() >= f64::from(f32::MAX).log10(), is_near);
    }
}

/// The texts of a chart so wide.
fn draw_wide(width: u32, lines: &[GradientLine], check: impl FnOnce(&[String])) {
    let mut range = StableRange::new(Kind::Decades);
    range.look(GradientChart::values(lines));
    let chart = chart(lines, 3, &range, ("relative", ""));
    let style = Style::new(Theme::Light, 1.0);
    let text = svg(width, 200, &style, "", "", |area, style| chart.draw(area, style)).unwrap();
    check(&shapes(&text).iter().filter(|s| s.tag == "text").map(|s| s.content.to_owned()).collect::<Vec<_>>());
}

fn steps(length: usize) -> Vec<f64> {
    (1..=length).map(|t| t as f64).collect()
}

#[test]
fn points_lie_where_the_norms_say() {
    let x = steps(30);
    let y: Vec<f64> = x.iter().map(|t| 10f64.powf((t - 30.0) * 0.31)).collect();
    draw(&[line(0, "rnn-sigmoid", "h", "Sigmoid RNN", &x, &y)], 30, |text, chart, style| {
        let plot = chart.plot_box(780.0, 200.0, style);
        let colour = lane("rnn-sigmoid", Theme::Light).line.css();
        let all = shapes(text);
        let path = all.iter().find(|s| s.tag == "polyline" && s.has_colour(&colour)).unwrap().points();
        assert_eq!(path.len(), 30);
        let lowest = chart.y_of(10f64.powf(chart.range.low()), &plot, style);
        for (k, (px, py)) in path.into_iter().enumerate() {
            let t = (px - plot.left) / plot.width() * 30.0 + 0.5;
            assert!((t - x[k]).abs() * plot.width() / 30.0 < 0.5, "step {}: drawn at {t}", x[k]);
            let decade =
                chart.range.low() + (lowest - py) / (lowest - plot.top) * (chart.range.high() - chart.range.low());
            let pixel = (chart.range.high() - chart.range.low()) / (lowest - plot.top);
            assert!((decade - y[k].log10()).abs() < 0.5 * pixel, "norm {}: drawn at 10^{decade}", y[k]);
        }
    });
}

#[test]
fn zeros_are_hollow_marks_on_the_floor_and_not_joined() {
    let x = steps(8);
    let y = [0.0, 0.0, 1e-6, 1e-4, 0.0, 1e-2, f64::NAN, 1.0];
    draw(&[line(0, "rnn-relu", "h", "ReLU RNN", &x, &y)], 8, |text, chart, style| {
        let plot = chart.plot_box(780.0, 200.0, style);
        let colour = lane("rnn-relu", Theme::Light).line.css();
        let all = shapes(text);
        // Beyond the plot stands the label with a piece of its line.
        let within = |points: &Vec<(f64, f64)>| points.iter().all(|point| point.0 <= plot.right);
        let lines = all.iter().filter(|s| s.tag == "polyline" && s.has_colour(&colour)).map(|s| s.points());
        let paths: Vec<_> = lines.filter(within).collect();
        assert_eq!(paths.iter().map(Vec::len).collect::<Vec<_>>(), [2], "only steps 3 and 4 are neighbours");
        let rings: Vec<_> = all.iter().filter(|s| s.tag == "circle" && s.text_of("fill") == Some("none")).collect();
        assert_eq!(rings.len(), 3);
        for (ring, t) in rings.iter().zip([1.0, 2.0, 5.0]) {
            assert!((ring.number("cy") - plot.bottom).abs() < 0.5);
            assert!((ring.number("cx") - plot.x_at((t - 0.5) / 8.0)).abs() < 0.5);
        }
        let lowest = paths[0].iter().map(|p| p.1).fold(0.0, f64::max);
        assert!(lowest <= plot.bottom - 10.0, "a small norm keeps clear of the floor");
        assert!(all.iter().any(|s| s.tag == "text" && s.content == "0"));
    });
}

#[test]
fn ticks_read_as_powers_of_ten_and_the_picture_has_a_name() {
    let x = steps(30);
    let y: Vec<f64> = x.iter().map(|t| 10f64.powf((t - 30.0) * 0.31)).collect();
    draw(&[line(0, "rnn-sigmoid", "h", "Sigmoid RNN", &x, &y)], 30, |text, _, _| {
        let texts: Vec<_> =
            shapes(text).into_iter().filter(|s| s.tag == "text").map(|s| s.content.to_owned()).collect();
        for said in ["10⁻¹⁰", "10⁻⁸", "10⁻²", "1", "15", "30", "step", "Sigmoid RNN"] {
            assert!(texts.iter().any(|t| t == said), "{said} in {texts:?}");
        }
        assert!(text.starts_with("<svg ") && text.contains("role=\"img\"") && text.contains("<title>Gradient</title>"));
        assert!(text.contains("<desc>two &amp; more</desc>") && text.trim_end().ends_with("</svg>"));
    });
}

#[test]
fn direct_labels_do_not_overlap() {
    let (x, ones) = (steps(12), [1.0; 12]);
    let codes = ["rnn-sigmoid", "lstm", "lstm", "gru", "rnn-tanh"];
    let lines: Vec<_> = codes
        .iter()
        .enumerate()
        .map(|(k, code)| line(k, code, if k == 2 { "c" } else { "h" }, "Lane", &x, &ones))
        .collect();
    draw(&lines, 12, |text, _, _| {
        let mut ys: Vec<_> =
            shapes(text).iter().filter(|s| s.tag == "text" && s.content == "Lane").map(|s| s.number("y")).collect();
        assert_eq!(ys.len(), 5);
        ys.sort_by(f64::total_cmp);
        assert!(ys.windows(2).all(|p| p[1] - p[0] >= 15.0), "{ys:?}");
        assert!(ys[0] > 6.0);
    });
}

#[test]
fn labels_stand_as_the_lines_lie_before_they_meet() {
    let x = steps(12);
    let (low, high): (Vec<f64>, Vec<f64>) =
        x.iter().map(|t| (10f64.powf(t - 12.0), 10f64.powf((t - 12.0) / 10.0))).unzip();
    draw(&[line(0, "rnn-tanh", "h", "low", &x, &low), line(1, "lstm", "h", "high", &x, &high)], 12, |text, _, _| {
        let all = shapes(text);
        let y = |label: &str| all.iter().find(|s| s.tag == "text" && s.content == label).unwrap().number("y");
        assert!(y("high") + 15.0 <= y("low"));
    });
}

#[test]
fn a_label_without_room_keeps_what_tells_it_from_others() {
    let x = steps(3);
    draw_wide(360, &[line(0, "lstm", "c", "A network of a long name · c", &x, &[0.1, 0.5, 1.0])], |texts| {
        assert!(texts.iter().any(|text| text.starts_with("A n") && text.ends_with("… · c")), "{texts:?}");
    });
}

#[test]
fn odd_input_draws_what_can_be_drawn() {
    let empty: [f64; 0] = [];
    draw(&[line(0, "lstm", "h", "LSTM", &empty, &empty)], 0, |text, chart, _| {
        assert!(shapes(text).iter().all(|s| s.content != "LSTM"));
        assert_eq!(chart.plotted(), Plotted::Lines(vec![]));
    });
    draw(
        &[line(0, "lstm", "h", "a label that is much too long for the margin of any chart", &[1.0], &[1e300])],
        1,
        |text, chart, style| {
            let plot = chart.plot_box(780.0, 200.0, style);
            assert!(plot.width() > 400.0);
            assert!(text.contains('…'));
        },
    );
    draw(&[line(0, "lstm", "h", "LSTM", &[1.0, 2.0], &[f64::NAN, f64::INFINITY])], 2, |text, _, _| {
        assert!(!text.contains("NaN"));
    });
}

#[test]
fn plotted_is_the_input_itself() {
    let (x, y) = (steps(3), [0.0, 1.2345678901234567e-30, 1.0]);
    draw(&[line(1, "lstm", "c", "LSTM c", &x, &y)], 3, |_, chart, _| {
        let json = serde_json::to_string(&chart.plotted()).unwrap();
        let back: Plotted = serde_json::from_str(&json).unwrap();
        let Plotted::Lines(lines) = back else { panic!("lines expected") };
        assert_eq!((lines[0].lane, lines[0].name.as_str(), lines[0].scale.as_str()), (1, "c", "relative"));
        assert_eq!((lines[0].x.as_slice(), lines[0].y.as_slice()), (x.as_slice(), y.as_slice()));
    });
}
