use charts::Style;
use charts::labels::spread;
use charts::palette::Theme;
use charts::range::{Kind, StableRange, nice_bound};
use charts::step_at;
use charts::step_centre;
use charts::ticks::{decades, linear, steps, updates};
use numbers::power_of_ten;

fn said(ticks: Vec<charts::ticks::Tick>) -> Vec<String> {
    ticks.into_iter().map(|t| t.label).collect()
}

#[test]
fn linear_ticks_are_1_2_5_with_just_enough_digits() {
    assert_eq!(said(linear(0.0, 1.0, 5, '.')), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(said(linear(-5.0, 5.0, 4, '.')), ["−5", "0", "5"]);
    assert_eq!(said(linear(0.0, 0.25, 5, ',')), ["0,00", "0,05", "0,10", "0,15", "0,20", "0,25"]);
    assert_eq!(said(linear(0.0, 1500.0, 3, '.')), ["0", "500", "1000", "1500"]);
    assert!(linear(1.0, 1.0, 5, '.').is_empty() && linear(0.0, f64::NAN, 5, '.').is_empty());
}

#[test]
fn numbers_have_a_true_minus_and_no_negative_zero() {
    assert_eq!(said(linear(-0.5, 0.5, 2, '.')), ["−0.5", "0.0", "0.5"]);
    assert_eq!(
        [4.9, -0.25, 0.0, 9.99, 1.2e-8, -3e9].map(|v| numbers::compact(v, 2, '.')),
        ["4.9", "−0.25", "0", "10", "1.2×10⁻⁸", "−3×10⁹"]
    );
}

#[test]
fn decades_are_written_as_a_scientist_does_and_thin_out() {
    assert_eq!(said(decades(-10, 1, 6)), ["10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "1"]);
    assert_eq!(said(decades(-2, 1, 6)), ["10⁻²", "10⁻¹", "1", "10"]);
    assert_eq!(said(decades(-38, 0, 5)), ["10⁻³⁰", "10⁻²⁰", "10⁻¹⁰", "1"]);
    assert_eq!(power_of_ten(20), "10²⁰");
    assert!(decades(1, 0, 5).is_empty());
}

#[test]
fn step_ticks_hold_1_and_t_and_never_touch() {
    assert_eq!(steps(30, 660.0, 24.0), [1, 5, 10, 15, 20, 25, 30]);
    assert_eq!(steps(1, 600.0, 24.0), [1]);
    assert_eq!(steps(0, 600.0, 24.0), [0; 0]);
    for length in 2..=200 {
        for width in [60.0, 250.0, 600.0, 1500.0] {
            let ticks = steps(length, width, 25.0);
            assert_eq!(*ticks.last().unwrap(), length);
            for pair in ticks.windows(2) {
                assert!(
                    (pair[1] - pair[0]) as f64 * width / length as f64 >= 25.0,
                    "T = {length}, {width} px: {ticks:?}"
                );
            }
        }
    }
}

#[test]
fn updates_are_grouped_by_thousands() {
    assert_eq!(said(updates(20_000, 2)), ["0", "10\u{202f}000", "20\u{202f}000"]);
    assert_eq!(said(updates(100, 5)), ["0", "20", "40", "60", "80", "100"]);
}

#[test]
fn nice_bounds_stand_just_above() {
    assert_eq!([4.9, 0.3, 1.0, 1.871, 0.0, 1.1e-7].map(nice_bound), [5.0, 0.3, 1.0, 2.0, 1.0, 1.2e-7]);
}

#[test]
fn a_range_grows_at_once_and_shrinks_late() {
    let mut range = StableRange::new(Kind::Symmetric);
    assert!(range.look([0.2, -2.2]));
    assert_eq!((range.low(), range.high()), (-2.5, 2.5));
    assert!(!range.look([2.4]), "a little movement changes nothing");
    assert!(range.look([f64::NAN, 4.9]));
    assert_eq!(range.high(), 5.0);
    for _ in 1..StableRange::PATIENCE {
        assert!(!range.look([1.1]));
    }
    assert!(range.look([1.1]));
    assert_eq!(range.high(), 1.2);
}

#[test]
fn a_range_between_two_sizes_does_not_jitter() {
    let mut range = StableRange::new(Kind::Decades);
    range.look([1e-10, 1.0]);
    let changes = (0..500).filter(|k| range.look([if k % 20 == 0 { 1e-10 } else { 1e-3 }, 1.0])).count();
    assert_eq!(changes, 0);
}

#[test]
fn a_range_of_decades_holds_all_positive_values_and_ignores_zeros() {
    let mut range = StableRange::new(Kind::Decades);
    range.look([0.0, 1.4e-9, 1.0, f64::INFINITY]);
    assert_eq!((range.low(), range.high()), (-10.0, 0.0));
    assert!((range.fraction(1e-5) - 0.5).abs() < 1e-12);
    range.look([2.0]);
    assert_eq!(range.high(), 1.0);
    let mut single = StableRange::new(Kind::Decades);
    assert!(!single.look([0.0]));
    single.look([1.0]);
    assert!(single.high() - single.low() >= 2.0 && single.fraction(1.0) <= 1.0);
}

#[test]
fn labels_move_apart_as_little_as_possible() {
    assert_eq!(spread(&[10.0, 50.0], 10.0, 0.0, 100.0), [10.0, 50.0]);
    assert_eq!(spread(&[50.0, 50.0], 10.0, 0.0, 100.0), [45.0, 55.0]);
    assert_eq!(spread(&[2.0, 3.0, 90.0], 10.0, 0.0, 100.0), [5.0, 15.0, 90.0]);
    let tight = spread(&[50.0; 8], 16.0, 0.0, 64.0);
    assert!(tight.iter().all(|y| (0.0..=64.0).contains(y)));
}

#[test]
fn labels_never_overlap_wherever_the_lines_end() {
    let mut state = 1u64;
    for _ in 0..2000 {
        let wanted: Vec<f64> = (0..8)
            .map(|_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 33) as f64 / (1u64 << 31) as f64 * 200.0
            })
            .collect();
        let mut placed = spread(&wanted, 16.0, 0.0, 200.0);
        placed.sort_by(f64::total_cmp);
        assert!(placed.windows(2).all(|p| p[1] - p[0] > 16.0 - 1e-6), "{wanted:?} → {placed:?}");
        assert!(placed[0] > 8.0 - 1e-6 && placed[7] < 192.0 + 1e-6);
    }
}

#[test]
fn a_step_lies_in_the_middle_of_its_cell() {
    assert_eq!(step_centre(1.0, 30), 0.5 / 30.0);
    for t in 1..=30 {
        assert_eq!(step_at(step_centre(t as f64, 30), 30), t);
    }
    assert_eq!((step_at(-1.0, 30), step_at(2.0, 30)), (1, 30));
}

#[test]
fn a_style_of_no_size_is_one_of_size_one() {
    assert_eq!(Style::new(Theme::Light, 0.0).scale, 1.0);
    assert_eq!(Style::new(Theme::Dark, f64::NAN).px(3.0), 3.0);
}
