use charts::dash::{Dash, dashes};
use charts::palette::{ENTRIES, Rgb, Theme, css, ground, lane, lane_key, rank};

const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];

#[test]
fn every_line_has_three_to_one_and_every_text_four_and_a_half_on_both_backgrounds() {
    for theme in THEMES {
        let g = ground(theme);
        for behind in [g.page, g.surface] {
            for e in &ENTRIES {
                let s = if theme == Theme::Light { e.light } else { e.dark };
                let (line, text) = (s.line.contrast(behind), s.text.contrast(behind));
                assert!(line >= 3.0, "{theme:?} {} line: expected 3, found {line:.2}", e.key);
                assert!(text >= 4.5, "{theme:?} {} text: expected 4.5, found {text:.2}", e.key);
            }
            for (name, colour, least) in [("text", g.text, 4.5), ("muted", g.muted, 4.5), ("guess", g.guess, 3.0)] {
                let found = colour.contrast(behind);
                assert!(found >= least, "{theme:?} {name}: expected {least}, found {found:.2}");
            }
        }
    }
}

#[test]
fn contrast_is_that_of_wcag() {
    assert!((Rgb(0, 0, 0).contrast(Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
    assert!((Rgb::hex(0x777777).contrast(Rgb(255, 255, 255)) - 4.48).abs() < 0.005);
}

#[test]
fn no_two_lanes_or_gates_share_a_colour_in_a_theme() {
    for theme in THEMES {
        let lines: std::collections::HashSet<_> =
            ENTRIES.iter().map(|e| if theme == Theme::Light { e.light.line } else { e.dark.line }).collect();
        assert_eq!(lines.len(), ENTRIES.len());
    }
}

#[test]
fn lstm_variants_wear_the_lstms_colour_and_unknown_codes_that_of_text() {
    assert_eq!(lane("lstm-peephole", Theme::Light), lane("lstm", Theme::Light));
    assert_eq!(lane_key("lstm-peephole"), Some("lane-lstm"));
    assert_eq!(lane("", Theme::Dark).line, ground(Theme::Dark).text);
    for code in ["rnn-sigmoid", "rnn-tanh", "rnn-relu", "lstm", "gru", "window"] {
        assert!(lane_key(code).is_some(), "{code}");
    }
}

#[test]
fn lanes_of_one_colour_differ_by_dash() {
    let codes = ["lstm", "rnn-sigmoid", "lstm-cifg", "lstm"];
    assert_eq!([0, 1, 2, 3].map(|k| rank(&codes, k)), [0, 0, 1, 2]);
    let browns = ["rnn-sigmoid", "gru", "rnn-tanh", "rnn-relu"];
    assert_eq!([0, 1, 2, 3].map(|k| rank(&browns, k)), [0, 0, 1, 2], "browns are one colour to many eyes");
    let all = (0..4).flat_map(|k| [Dash::of(k, false), Dash::of(k, true), Dash::Layer(k, 0), Dash::Layer(k, 1)]);
    let patterns: std::collections::HashSet<_> = all.clone().map(|dash| format!("{:?}", dash.pattern())).collect();
    assert_eq!(patterns.len(), 16);
    // A legend shows a pattern whole, at least to its first gap and the dash behind it.
    assert!(all.clone().all(|dash| dash.pattern().iter().sum::<f64>() <= 26.0));
}

#[test]
fn css_names_each_colour_once() {
    let text = css(Theme::Light);
    for part in ["--lane-lstm: #0072b2;", "--lane-lstm-text: #", "--gate-i: #009e73;", "--muted: #"] {
        assert_eq!(text.matches(part).count(), 1, "{part} in {text}");
    }
    assert_eq!(text.matches("--").count(), 2 * ENTRIES.len() + 7);
}

#[test]
fn dashes_cover_their_share_of_the_line_and_bend_with_it() {
    let corner = [(0.0, 0.0), (9.0, 0.0), (9.0, 9.0)];
    let mut found = Vec::new();
    dashes::<()>(&corner, &[4.0, 2.0], |d| {
        found.push(d.to_vec());
        Ok(())
    })
    .unwrap();
    assert_eq!(
        found,
        vec![vec![(0.0, 0.0), (4.0, 0.0)], vec![(6.0, 0.0), (9.0, 0.0), (9.0, 1.0)], vec![(9.0, 3.0), (9.0, 7.0)]]
    );
    // A pattern of nothing must not hang.
    dashes::<()>(&corner, &[0.0, 0.0], |_| Ok(())).unwrap();
}
