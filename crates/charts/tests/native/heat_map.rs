use charts::Style;
use charts::heat_map::{HeatMap, Layout, Pooling};
use charts::palette::{Rgb, Theme, gate, ground};
use charts::plotted::Plotted;
use charts::scale::ColourScale;
use charts::svg::{FACTOR, svg};

use super::read::shapes;

fn map(values: &[f32], rows: usize, cols: usize, scale: ColourScale) -> HeatMap<'_> {
    HeatMap { values, rows, cols, layout: Layout::RowMajor, scale }
}

fn pixel(bytes: &[u8], width: usize, x: usize, y: usize) -> Rgb {
    let at = 4 * (y * width + x);
    assert_eq!(bytes[at + 3], 255);
    Rgb(bytes[at], bytes[at + 1], bytes[at + 2])
}

#[test]
fn scales_end_in_their_colours_with_zero_on_the_surface() {
    for theme in [Theme::Light, Theme::Dark] {
        let g = ground(theme);
        let hue = gate("i", theme).line;
        let gate = ColourScale::Sequential { hue, max: 1.0 };
        assert_eq!(
            [0.0, 1.0, 7.0, -1.0].map(|v| gate.colour(v, theme)),
            [Some(g.surface), Some(hue), Some(hue), Some(g.surface)]
        );
        let signed = ColourScale::Diverging { bound: 2.0 };
        assert_eq!(
            [-2.0, 0.0, 2.0, f32::INFINITY].map(|v| signed.colour(v, theme)),
            [Some(g.diverging[0]), Some(g.surface), Some(g.diverging[4]), Some(g.diverging[4])]
        );
        assert_eq!(ColourScale::Grey.colour(1.0, theme), Some(g.text));
        assert_eq!(gate.colour(f32::NAN, theme), None);
        let bar = signed.legend(5, theme);
        assert_eq!(bar, g.diverging);
        // Both arms grow away from the surface step by step.
        let contrast: Vec<f64> = signed.legend(41, theme).iter().map(|c| c.contrast(g.surface)).collect();
        assert!(
            (0..20).all(|k| contrast[k] > contrast[k + 1]) && (20..40).all(|k| contrast[k] < contrast[k + 1]),
            "{contrast:?}"
        );
    }
}

#[test]
fn each_value_is_a_crisp_block_of_pixels() {
    let values = [0.0, 0.5, 1.0, 1.0, 0.0, 0.25];
    let map = map(&values, 2, 3, ColourScale::Grey);
    let (w, h) = (10, 5);
    let bytes = map.pixels(w, h, Theme::Light);
    assert_eq!(bytes.len(), 4 * w * h);
    for y in 0..h {
        for x in 0..w {
            let (row, col) = ((y * 2 + 1) * 2 / (2 * h), (x * 2 + 1) * 3 / (2 * w));
            let expected = ColourScale::Grey.colour(values[row * 3 + col], Theme::Light).unwrap();
            // A pixel cut exactly in half may go to either side.
            if (y * 2 + 1) * 2 % (2 * h) != 0 && (x * 2 + 1) * 3 % (2 * w) != 0 {
                assert_eq!(pixel(&bytes, w, x, y), expected, "pixel {x}, {y}");
            }
        }
    }
}

#[test]
fn a_snapshot_by_step_draws_the_same_map_with_units_as_rows() {
    let by_unit = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let by_step = [1.0, 4.0, 2.0, 5.0, 3.0, 6.0];
    let scale = ColourScale::Diverging { bound: 6.0 };
    let a = map(&by_unit, 2, 3, scale);
    let b = HeatMap { values: &by_step, layout: Layout::ColumnMajor, ..a };
    assert_eq!(a.pixels(9, 8, Theme::Dark), b.pixels(9, 8, Theme::Dark));
    assert_eq!(a.plotted(), b.plotted());
    assert_eq!(b.plotted(), Plotted::Map { rows: 2, cols: 3, values: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] });
}

#[test]
fn pooling_takes_the_largest_magnitude_and_says_so() {
    let mut values = vec![0.1f32; 128 * 4];
    values[5 * 4 + 2] = -0.9;
    let scale = ColourScale::Diverging { bound: 1.0 };
    let map = map(&values, 128, 4, scale);
    assert_eq!(map.pooled(400, 640), Some(Pooling { rows_per: 2, cols_per: 1 }));
    let bytes = map.pixels(400, 640, Theme::Light);
    let expected = |v| scale.colour(v, Theme::Light).unwrap();
    assert_eq!(pixel(&bytes, 400, 250, 25), expected(-0.9));
    assert_eq!(pixel(&bytes, 400, 250, 35), expected(0.1));
    assert_eq!(map.pooled(2, 16), Some(Pooling { rows_per: 8, cols_per: 2 }));
    let small = HeatMap { rows: 64, ..map };
    assert_eq!(small.pooled(4, 64), None);
}

#[test]
fn what_is_not_a_number_is_hatched_even_when_pooled() {
    let values = [0.0, f32::NAN, 1.0, 0.5];
    let map = map(&values, 2, 2, ColourScale::Grey);
    let bytes = map.pixels(40, 40, Theme::Light);
    let found: std::collections::HashSet<_> =
        (0..20).flat_map(|y| (20..40).map(move |x| (x, y))).map(|(x, y)| pixel(&bytes, 40, x, y)).collect();
    assert_eq!(found, ground(Theme::Light).hatch.into_iter().collect());
    assert!(ground(Theme::Light).hatch.contains(&pixel(&map.pixels(1, 1, Theme::Light), 1, 0, 0)));
}

#[test]
fn rectangles_have_the_pixels_colours_and_fill_the_area() {
    let values = [0.0, 0.5, 1.0, -1.0, f32::NAN, 0.25];
    let map = map(&values, 2, 3, ColourScale::Diverging { bound: 1.0 });
    let style = Style::new(Theme::Dark, 1.0);
    let text = svg(100, 40, &style, "h", "", |area, style| map.draw(area, style)).unwrap();
    let bytes = map.pixels(100, 40, Theme::Dark);
    let cells: Vec<_> = shapes(&text).into_iter().filter(|s| s.tag == "rect").skip(1).collect();
    assert_eq!(cells.len(), 6);
    let mut area = 0.0;
    for (k, cell) in cells.iter().enumerate() {
        let (x, y, w, h) = (cell.number("x"), cell.number("y"), cell.number("width"), cell.number("height"));
        area += w * h;
        if !values[k].is_nan() {
            let at = pixel(&bytes, 100, (x + w / 2.0) as usize, (y + h / 2.0) as usize);
            assert!(cell.has_colour(&at.css()), "cell {k}");
        }
    }
    assert_eq!(area, 4000.0);
    assert_eq!(FACTOR, 8);
}

#[test]
fn maps_of_nothing_or_with_values_missing_do_not_fail() {
    assert!(map(&[], 0, 0, ColourScale::Grey).pixels(0, 5, Theme::Light).is_empty());
    assert_eq!(map(&[], 0, 5, ColourScale::Grey).pixels(3, 3, Theme::Light).len(), 36);
    assert_eq!(map(&[1.0], 2, 2, ColourScale::Grey).pixels(3, 3, Theme::Light).len(), 36);
    assert!(map(&[1.0], 2, 2, ColourScale::Grey).value(1, 1).is_nan());
}
