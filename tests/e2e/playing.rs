//! Training: played, stepped, started again, sought.

use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::harness::{Page, number, with_id};

#[tokio::test]
async fn play_trains_until_pause_which_stops_within_the_update_in_hand() {
    // An update of this size takes a good while: a worker that did not listen between updates would make many more.
    let page = Page::open("#lang=en&len=100&hidden=48&batch=48&speed=max").await;
    let mut least = u64::MAX;
    // A browser that is held up between the picture and the click meets a worker further on: of five times the best counts. A
    // worker that did not listen would make many more every time.
    for _ in 0..5 {
        assert_eq!(page.text_of("play").await, "▶ Play");
        let from = page.update().await;
        page.click("play").await;
        page.until_update(from + 2).await;
        assert_eq!(page.text_of("play").await, "❚❚ Pause");
        let answer = page
            .eval(
                "(async () => {
                   const before = (await gatescope.snapshot()).update;
                   document.querySelector('[data-testid=play]').click();
                   await new Promise(requestAnimationFrame);
                   const text = document.querySelector('[data-testid=play]').innerText;
                   await gatescope.pause();
                   return { made: (await gatescope.snapshot()).update - before, text };
                 })()",
            )
            .await;
        assert_eq!(answer["text"], "▶ Play", "the button answers within a frame");
        least = least.min(answer["made"].as_u64().unwrap());
        if least <= 3 {
            break;
        }
    }
    // What is on show is two frames old where drawing takes long.
    assert!(least <= 3, "the updates on their way to the screen and the one in hand: {least}");
    let stopped = page.update().await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(page.update().await, stopped);
}

#[tokio::test]
async fn step_makes_exactly_one_update_and_step_n_exactly_n() {
    let page = Page::open("#lang=en").await;
    for update in 1..=3 {
        page.click("step").await;
        page.until_update(update).await;
        page.eval("gatescope.pause()").await;
        assert_eq!(page.snapshot().await["update"], update);
    }
    for (call, update) in [("step(7)", 10), ("step()", 11), ("step(0)", 11), ("step(100)", 111)] {
        page.eval(&format!("gatescope.{call}")).await;
        assert_eq!(page.snapshot().await["update"], update, "after {call}");
    }
    for bad in ["-1", "1.5", "'three'", "NaN", "null", "2000000"] {
        let refused = page.eval(&format!("gatescope.step({bad}).then(() => 'taken', (error) => error.message)")).await;
        assert!(refused.as_str().unwrap().contains("whole number"), "step({bad}): {refused}");
    }
    assert_eq!(page.snapshot().await["update"], 111);
}

#[tokio::test]
async fn counters_carry_the_numbers_of_the_snapshot() {
    let page = Page::open("#lang=en").await;
    for updates in [0, 1, 1234] {
        page.eval(&format!("gatescope.step({updates})")).await;
        let snapshot = page.snapshot().await;
        assert_eq!(json!(page.update().await), snapshot["update"]);
        let shown: String = page.text_of("update-count").await.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(shown, snapshot["update"].to_string());
        for lane in 0..2 {
            let test_id = format!("loss-{lane}");
            let loss = snapshot["lanes"][lane]["loss"].as_f64().unwrap();
            assert_eq!(page.value_of(&test_id).await.parse::<f64>().unwrap(), loss);
            let shown = number(&page.text_of(&test_id).await);
            assert!((shown - loss).abs() <= 0.005 * loss, "{shown} stands for {loss}");
        }
    }
    assert_eq!(page.value_of("updates-per-second").await.parse::<f64>().map(|rate| rate >= 0.0), Ok(true));
}

#[tokio::test]
async fn reset_goes_back_to_update_0_and_meets_the_same_numbers_again() {
    let page = Page::open("").await;
    let untrained = page.snapshot().await;
    page.eval("gatescope.step(25)").await;
    let trained = page.snapshot().await;
    assert_ne!(untrained["lanes"], trained["lanes"]);
    // Reset stops a run that plays, too.
    page.click("play").await;
    page.until_update(28).await;
    page.click("reset").await;
    page.until("(await gatescope.snapshot()).update === 0", "update 0").await;
    assert_eq!(page.snapshot().await, untrained);
    assert_eq!(page.plotted("loss").await[0]["y"], json!([]));
    page.eval("gatescope.step(25)").await;
    assert_eq!(page.snapshot().await, trained);
}

#[tokio::test]
async fn new_weights_and_new_data_take_the_next_seed_and_start_again() {
    let page = Page::open("#seed=7&data=9").await;
    let before = page.snapshot().await;
    page.eval("gatescope.step(3)").await;
    page.click("new-weights").await;
    page.until("(await gatescope.config()).seed === 8 && (await gatescope.snapshot()).update === 0", "seed 8").await;
    let weights = page.snapshot().await;
    assert_ne!(weights["lanes"][0]["h"], before["lanes"][0]["h"], "other weights give other states");
    assert_eq!(weights["lanes"][0]["target"], before["lanes"][0]["target"], "of the same sequence");
    page.eval("gatescope.step(3)").await;
    page.click("new-data").await;
    page.until("(await gatescope.config()).data === 10 && (await gatescope.snapshot()).update === 0", "data 10").await;
    assert_eq!(page.eval("(await gatescope.config()).seed").await, 8);
    assert_ne!(page.snapshot().await["lanes"][0]["h"], weights["lanes"][0]["h"], "another sequence");
    page.until("location.hash.includes('seed=8') && location.hash.includes('data=10')", "the address follows").await;
}

#[tokio::test]
async fn the_speed_slider_goes_from_one_update_a_second_to_as_fast_as_it_goes() {
    let page = Page::open("#lang=en").await;
    let speed = || page.eval("(await gatescope.config()).speed");
    assert_eq!(speed().await, 40);
    page.focus("[data-testid=speed]").await;
    page.press(Key::Left).await;
    assert_eq!(speed().await, 20);
    page.press(Key::Home).await;
    assert_eq!(speed().await, 1);
    // However slow the machine, the third comes no sooner than two seconds after the first.
    let pressed = std::time::Instant::now();
    page.click("play").await;
    page.until_update(3).await;
    assert!(pressed.elapsed() >= Duration::from_millis(1900), "one update a second: {:?}", pressed.elapsed());
    page.focus("[data-testid=speed]").await;
    page.press(Key::End).await;
    assert_eq!(speed().await, "max");
    assert_eq!(page.eval(&format!("{}.getAttribute('aria-valuetext')", with_id("speed"))).await, "max");
    // At one a second this would take longer than the test's patience.
    page.until_update(200).await;
}

#[tokio::test]
async fn seeking_back_and_forth_gives_the_same_bits() {
    let page = Page::open("").await;
    let mut first = Vec::new();
    let places = [60, 0, 61, 7, 60, 0, 7, 61];
    for update in places {
        page.eval(&format!("gatescope.seek({update})")).await;
        let state = (page.snapshot().await, page.plotted("loss").await);
        assert_eq!(state.0["update"], update);
        assert_eq!(state.1[1]["y"].as_array().unwrap().len(), update as usize);
        match first.iter().find(|(at, _)| *at == update) {
            Some((_, before)) => assert_eq!(&state, before, "update {update}"),
            None => first.push((update, state)),
        }
    }
}

/// Mean loss of updates 381 to 400.
fn mean_at_400(line: &Value) -> f64 {
    let losses = line["y"].as_array().unwrap();
    losses[380..400].iter().map(|loss| loss.as_f64().unwrap()).sum::<f64>() / 20.0
}

#[tokio::test]
async fn by_update_400_the_lstm_has_solved_the_default_problem_and_the_question_is_answered() {
    let page = Page::open("#lang=en&speed=max").await;
    let question = "document.querySelector('.question')";
    let verdict = format!("{question}.querySelector('.verdict')");
    assert!(page.text(question).await.contains("after 400 updates?"));
    let answers = page.eval(&format!("[...{question}.querySelectorAll('button')].map((one) => one.innerText)")).await;
    assert_eq!(answers, json!(["Sigmoid RNN", "LSTM", "Both", "None"]));
    page.eval(&format!("{question}.querySelectorAll('button')[1].click()")).await;
    let pressed = format!("[...{question}.querySelectorAll('[aria-pressed=true]')].map((one) => one.innerText)");
    assert_eq!(page.eval(&pressed).await, json!(["LSTM"]));
    assert_eq!(page.text(&verdict).await, "Press Play and watch.");
    page.click("play").await;
    page.until(&format!("{verdict}.innerText.includes('Solved by then')"), "a verdict").await;
    page.eval("gatescope.pause()").await;
    assert!(page.update().await >= 400);
    assert_eq!(page.text(&verdict).await, "You were right. Solved by then: LSTM.");

    page.eval("gatescope.seek(400)").await;
    let losses = page.plotted("loss").await;
    let (rnn, lstm) = (mean_at_400(&losses[0]), mean_at_400(&losses[1]));
    assert!(rnn > 1.1, "the RNN goes on guessing: {rnn}");
    assert!(lstm < 0.1, "the LSTM has solved it: {lstm}");
    let said = page.text_of("diagnosis").await;
    assert!(said.contains("About as good as guessing") && said.contains("Solved: mean loss"), "{said}");
}

#[tokio::test]
async fn a_wrong_answer_is_called_wrong_and_a_question_can_be_skipped_but_not_answered_late() {
    let page = Page::open("#lang=en").await;
    page.eval("document.querySelectorAll('.question button')[2].click()").await;
    page.eval("gatescope.step(400)").await;
    let verdict = page.text("document.querySelector('.question .verdict')").await;
    assert_eq!(verdict, "Not quite. Solved by then: LSTM.");
    page.goto("#lang=en&lanes=rnn-tanh").await;
    let answers = "[...document.querySelectorAll('.question button')].map((one) => one.innerText)";
    assert_eq!(page.eval(answers).await, json!(["Tanh RNN", "None"]));
    page.click("play").await;
    page.until("document.querySelector('.question').innerText.includes('Not answered.')", "the question is skipped")
        .await;
    page.until_update(2).await;
    page.eval("document.querySelectorAll('.question button')[0].click()").await;
    assert_eq!(page.eval("document.querySelectorAll('.question [aria-pressed=true]').length").await, 0);
    page.goto("#lang=en&update=10").await;
    assert_eq!(page.eval("document.querySelector('.question')").await, Value::Null, "a later update has no before");
}
