//! The tasks that each network learns or fails to learn, as the page explains.

use lab::run::log::{LaneRun, run};

/// ‖∂L/∂h_1‖ / ‖∂L/∂h_T‖.
fn ratio(norms: &[f64]) -> f64 {
    norms[0] / norms[norms.len() - 1]
}

fn recent(lane: &LaneRun) -> f64 {
    lane.recent_loss.unwrap()
}

#[test]
fn an_lstm_learns_temporal_order_and_a_sigmoid_rnn_does_not() {
    // `order` 30 at update 1,000. In PyTorch the LSTM solves it by then with 12 of 13 seeds, the sigmoid RNN with none.
    let runs: Vec<_> = (1..=5).map(|seed| run(&format!("seed={seed}&data={seed}"), Some(1000)).unwrap()).collect();
    for lanes in &runs {
        println!("sigmoid RNN {:.3}, LSTM {:.4}", recent(&lanes[0]), recent(&lanes[1]));
    }
    assert!(runs.iter().filter(|lanes| recent(&lanes[1]) < 0.1).count() >= 4);
    assert!(runs.iter().all(|lanes| recent(&lanes[0]) > 1.1));
}

#[test]
fn the_story_holds_for_the_link_without_keys() {
    let lanes = run("", Some(900)).unwrap();
    let [rnn, lstm] = lanes.as_slice() else { panic!("two lanes") };
    for lane in [rnn, lstm] {
        let (before, now) = (ratio(&lane.initial_gradient_h), ratio(&lane.gradient_h));
        println!("{}: loss {:.4}, ratio {before:.1e} before, {now:.1e} at 900", lane.code, recent(lane));
    }
    assert!(recent(lstm) < 0.1 && recent(rnn) > 1.1);
    assert!(ratio(&rnn.initial_gradient_h) < 1e-12 && ratio(&rnn.gradient_h) < 1e-4);
    assert!(ratio(&lstm.gradient_h) > 1e-3);
    // Solved within the ten seconds that the page takes for 400 updates.
    let window = &lstm.losses[380..400];
    assert!(window.iter().sum::<f32>() / 20.0 < 0.1, "the LSTM has solved it by update 400");
}

#[test]
fn it_holds_for_nine_of_ten_other_seeds() {
    let holds = |seed: u32| {
        let lanes = run(&format!("seed={seed}&data={seed}"), Some(900)).unwrap();
        let [rnn, lstm] = lanes.as_slice() else { panic!("two lanes") };
        let numbers = (
            recent(rnn),
            recent(lstm),
            ratio(&rnn.initial_gradient_h),
            ratio(&rnn.gradient_h),
            ratio(&lstm.gradient_h),
        );
        println!("seed {seed}: {numbers:?}");
        numbers.1 < 0.1 && numbers.0 > 1.1 && numbers.2 < 1e-12 && numbers.3 < 1e-4 && numbers.4 > 1e-3
    };
    let held = (100..110).filter(|&seed| holds(seed)).count();
    assert!(held >= 9, "{held} of 10");
}
