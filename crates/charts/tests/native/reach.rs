use charts::palette::{Rgb, Theme};
use charts::reach::{LOWEST, ReachHistory};
use charts::scale::ColourScale;

const COLUMNS: u64 = 256;

/// Norms whose share at step t is 10^−(T−t), as the update shrinks them all.
fn norms(update: u64) -> Vec<f64> {
    (0..4).map(|t| 10_f64.powi(t - 3) / (update + 1) as f64).collect()
}

#[test]
fn every_update_on_show_has_a_column_while_there_is_room() {
    let mut reach = ReachHistory::new(4, COLUMNS);
    (0..256).for_each(|update| reach.record(update, &norms(update)));
    assert_eq!((reach.columns(), reach.end()), (256, 255));
    for (update, (recorded, powers)) in reach.recorded().enumerate() {
        assert_eq!(recorded, update as u64);
        assert_eq!(powers.iter().map(|power| power.round()).collect::<Vec<_>>(), [-3.0, -2.0, -1.0, 0.0]);
    }
    assert_eq!([0.0, 0.5, 1.0].map(|fraction| reach.update_at(fraction)), [Some(0), Some(128), Some(255)]);
}

#[test]
fn a_long_run_keeps_a_bounded_number_of_columns_and_its_first_update() {
    let mut reach = ReachHistory::new(4, COLUMNS);
    (0..100_000).step_by(7).for_each(|update| reach.record(update, &norms(update)));
    assert!((128..=256).contains(&reach.columns()), "{}", reach.columns());
    let updates: Vec<u64> = reach.recorded().map(|(update, _)| update).collect();
    assert_eq!(updates[0], 0);
    assert_eq!(updates.len(), reach.columns(), "no column is empty");
    assert!(updates.windows(2).all(|pair| pair[0] < pair[1]) && updates.iter().all(|update| update % 7 == 0));
    assert!(reach.end() == 99_995 && reach.update_at(1.0).unwrap() <= 99_995);
    assert!(reach.recorded().all(|(_, powers)| (powers[0] + 3.0).abs() < 1e-5));
}

#[test]
fn what_was_not_on_show_is_a_gap_and_going_back_changes_nothing() {
    let mut reach = ReachHistory::new(4, COLUMNS);
    reach.record(0, &norms(0));
    reach.record(3, &norms(3));
    reach.record(9, &norms(9));
    let map = reach.map(Rgb(0, 0, 0));
    assert!(map.value(0, 4).is_nan() && (map.value(0, 9) + 3.0).abs() < 1e-5);
    assert!(map.value(0, 2).is_nan(), "nothing is made up");
    assert_eq!(reach.update_at(0.7), Some(3), "the nearest before a gap");
    reach.record(4, &[0.0, 1.0, 1.0, 2.0]);
    reach.record(4, &norms(4));
    let map = reach.map(Rgb(0, 0, 0));
    assert_eq!(map.value(0, 4), f32::NEG_INFINITY, "a zero is a zero; the first record of an update stands");
    reach.record(5, &[1.0, 1.0, 1.0, 0.0]);
    assert!(reach.map(Rgb(0, 0, 0)).value(0, 5).is_nan(), "nothing to compare with");
    reach.record(6, &[1.0]);
    assert_eq!(reach.recorded().count(), 5, "norms of another length are none of its own");
    assert_eq!(reach.end(), 9, "going back has not shortened it");
    reach.forget_from(5);
    assert_eq!((reach.columns(), reach.end()), (5, 4));
}

#[test]
fn decades_run_from_the_surface_to_the_hue() {
    let hue = Rgb(0, 114, 178);
    let scale = ColourScale::Decades { hue, low: LOWEST, high: 0.0 };
    let at = |power: f32| scale.colour(power, Theme::Light).unwrap();
    assert_eq!((at(0.0), at(3.0)), (hue, hue));
    assert_eq!((at(LOWEST), at(f32::NEG_INFINITY)), (Rgb(255, 255, 255), Rgb(255, 255, 255)));
    assert!(at(-6.0).0 > 100 && at(-6.0).0 < 155, "half way");
    assert_eq!(scale.colour(f32::NAN, Theme::Light), None);
}

#[test]
fn the_scale_reaches_up_to_what_a_gradient_that_explodes_needs() {
    let mut reach = ReachHistory::new(2, COLUMNS);
    let tops = [(1.0, 0.0), (0.5, 0.0), (3.0, 1.0), (0.1, 1.0), (2e8, 10.0), (1e34, 40.0), (f64::INFINITY, 40.0)];
    for (update, (share, top)) in tops.into_iter().enumerate() {
        reach.record(update as u64, &[share, 1.0]);
        assert_eq!(reach.top(), top, "{share}");
    }
    let hue = Rgb(0, 114, 178);
    let at = |power: f32| reach.scale(hue).colour(power, Theme::Light).unwrap();
    assert_eq!((at(40.0), at(LOWEST)), (hue, Rgb(255, 255, 255)));
    assert_ne!(at(8.0), at(34.0));
}

#[test]
fn from_an_update_there_is_a_way_to_those_beside_it() {
    let mut reach = ReachHistory::new(4, COLUMNS);
    [0, 3, 9].into_iter().for_each(|update| reach.record(update, &norms(update)));
    assert_eq!([0, 3, 5, 9].map(|update| reach.beside(update, true)), [Some(3), Some(9), Some(9), None]);
    assert_eq!([0, 3, 5, 9].map(|update| reach.beside(update, false)), [None, Some(0), Some(3), Some(3)]);
}
