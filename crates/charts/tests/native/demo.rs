//! Pictures to look at: `cargo test --test native charts::demo -- --ignored` writes SVG files into `target/charts`.

use std::{fs, path::Path};

use charts::Style;
use charts::dash::Dash;
use charts::gradient::{GradientChart, GradientLine};
use charts::heat_map::{HeatMap, Layout};
use charts::history::LossHistory;
use charts::lines::{Scale, UnitLines};
use charts::loss::{Guess, LossChart, LossLine, last_update};
use charts::palette::{Theme, gate};
use charts::range::{Kind, StableRange};
use charts::scale::ColourScale;
use charts::series::{InputBars, PredictionChart};
use charts::svg::svg;

use super::gradient;

fn write(name: &str, theme: Theme, text: Result<String, charts::svg::SvgError>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/charts");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}-{theme:?}.svg").to_lowercase()), text.unwrap()).unwrap();
}

fn wave(k: usize) -> f64 {
    ((k as f64) * 1.7).sin() + 0.5 * ((k as f64) * 0.37).cos()
}

#[test]
#[ignore = "writes pictures for people to look at"]
fn pictures() {
    for theme in [Theme::Light, Theme::Dark] {
        let style = Style::new(theme, 1.0);
        hero("hero", 780, 200, theme, 30, false);
        hero("hero-zeros", 780, 200, theme, 30, true);
        hero("hero-long", 780, 200, theme, 200, true);
        hero("hero-phone", 360, 180, theme, 30, false);

        let (steps, units) = (30, 16);
        let cell: Vec<f32> = (0..steps * units)
            .map(|k| (wave(k % units * 7) * (k / units) as f64 / 9.0 + 0.15 * wave(k)) as f32)
            .collect();
        let scale = Scale { low: -5.0, high: 5.0 };
        let lines =
            UnitLines { lane: 1, code: "lstm", values: &cell, steps, units, chosen: Some(11), scale, ghost: &[] };
        write("cell", theme, svg(300, 90, &style, "c", "", |area, style| lines.draw(area, style)));
        let map = HeatMap {
            values: &cell,
            rows: units,
            cols: steps,
            layout: Layout::ColumnMajor,
            scale: ColourScale::Diverging { bound: 3.0 },
        };
        write("signed", theme, svg(300, 64, &style, "g", "", |area, style| map.draw(area, style)));
        let mut gates: Vec<f32> = cell.iter().map(|c| 1.0 / (1.0 + (-c).exp())).collect();
        gates[3 * units + 4] = f32::NAN;
        let hue = gate("f", theme).line;
        let map = HeatMap { values: &gates, scale: ColourScale::Sequential { hue, max: 1.0 }, ..map };
        write("gate", theme, svg(300, 64, &style, "f", "", |area, style| map.draw(area, style)));

        let target: Vec<f32> = (0..40).map(|k| wave(k) as f32 * 0.5).collect();
        let prediction: Vec<f32> = target.iter().enumerate().map(|(k, v)| v * (k as f32 / 40.0)).collect();
        let scale = Scale { low: -1.0, high: 1.0 };
        let chart = PredictionChart { code: "lstm", prediction: &prediction, target: &target, scale, ghost: &[] };
        write("sine", theme, svg(300, 80, &style, "answer", "", |area, style| chart.draw(area, style)));
        let mut lone = vec![f32::NAN; 40];
        lone[39] = 0.7;
        let chart = PredictionChart { target: &lone, ..chart };
        write("adding", theme, svg(300, 60, &style, "answer", "", |area, style| chart.draw(area, style)));
        let input: Vec<f32> = target.iter().map(|v| v.abs()).collect();
        let bars = InputBars { values: &input, steps: &[6, 25], marked: None, scale: Scale { low: 0.0, high: 1.0 } };
        write("input", theme, svg(300, 30, &style, "input", "", |area, style| bars.draw(area, style)));

        loss(theme, 420, "loss", 600, 160, true);
        loss(theme, 420, "timeline", 470, 40, false);
        loss(theme, 90_000, "loss-long", 600, 160, true);
    }
}

fn hero(name: &str, width: u32, height: u32, theme: Theme, length: usize, zeros: bool) {
    let x: Vec<f64> = (1..=length).map(|t| t as f64).collect();
    let back = |t: &f64| length as f64 - t;
    let mut rnn: Vec<f64> =
        x.iter().map(|t| 10f64.powf(-0.3 * back(t) + 0.1 * wave(*t as usize) * back(t).min(1.0))).collect();
    if zeros {
        rnn.iter_mut().take(length / 4).for_each(|v| *v = 0.0);
    }
    let lstm: Vec<f64> = x
        .iter()
        .map(|t| 10f64.powf(-(back(t).min(3.0)) * 0.45 + 0.05 * wave(*t as usize) * back(t).min(1.0)))
        .collect();
    let memory: Vec<f64> = x.iter().map(|t| 10f64.powf(0.2 * (back(t) / length as f64).powi(6))).collect();
    let line =
        |lane, code, name, label, y| GradientLine { lane, code, name, dash: Dash::of(0, name == "c"), label, x: &x, y };
    let lines = [
        line(0, "rnn-sigmoid", "h", "Sigmoid RNN", rnn.as_slice()),
        line(1, "lstm", "h", "LSTM h", lstm.as_slice()),
        line(1, "lstm", "c", "LSTM c", memory.as_slice()),
    ];
    let mut range = StableRange::new(Kind::Decades);
    range.look(GradientChart::values(&lines));
    let chart = gradient::chart(&lines, length, &range, ("relative", ""));
    write(
        name,
        theme,
        svg(width, height, &Style::new(theme, 1.0), "Gradient", "", |area, style| chart.draw(area, style)),
    );
}

fn loss(theme: Theme, count: usize, name: &str, width: u32, height: u32, axes: bool) {
    let (mut a, mut b) = (LossHistory::new(), LossHistory::new());
    for k in 0..count {
        let part = k as f64 / count as f64;
        a.push((1.386 + 0.03 * wave(k)) as f32);
        b.push(
            (1.4 * (-5.0 * part).exp() * (1.0 + 0.12 * wave(k * 3)) + if k == count / 3 { 9.0 } else { 0.0 }) as f32,
        );
    }
    let line = |lane, code, history| LossLine { lane, code, dash: Dash::Solid, history, every: 1, label: "" };
    let lines = [line(0, "rnn-sigmoid", &a), line(1, "lstm", &b)];
    let mut range = StableRange::new(Kind::FromZero);
    range.look([LossChart::top(&lines, Some(4f64.ln()))]);
    let guess = Some(Guess { level: 4f64.ln(), label: "guessing" });
    let chart = LossChart {
        lines: &lines,
        ghosts: &[],
        guess,
        range: &range,
        last: last_update(count as u32),
        cursor: None,
        axes,
    };
    write(name, theme, svg(width, height, &Style::new(theme, 1.0), "Loss", "", |area, style| chart.draw(area, style)));
}
