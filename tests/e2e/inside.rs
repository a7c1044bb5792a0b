//! One update watched from inside: by keys alone, to its end or not.

use thirtyfour::Key;

use crate::harness::Page;

const LINK: &str = "#lang=en&len=8&hidden=5&batch=6&update=12";

async fn open(page: &Page) {
    page.focus("[data-testid=step-inside]").await;
    page.press(Key::Enter).await;
    page.until("!!document.querySelector('[data-testid=unrolled] svg')", "the film").await;
    page.until("document.activeElement.dataset.testid === 'inside'", "the focus in the panel").await;
}

async fn frame(page: &Page) -> u64 {
    let at = page.eval("Number(document.querySelector('[data-testid=inside-position]').value)").await;
    at.as_f64().unwrap() as u64
}

#[tokio::test]
async fn a_film_stepped_through_by_keys_makes_the_same_update_as_a_step() {
    let page = Page::open(LINK).await;
    let before = page.snapshot().await;
    open(&page).await;
    let inside = page.snapshot().await;
    assert_eq!(inside["update"], 12, "no update is made by looking");
    assert_ne!(inside["lanes"][1]["h"], before["lanes"][1]["h"], "a sequence of the batch is on show");
    // The batch, 8 steps on, the readout, 8 steps back, gather, clip, optimiser: the last key makes the update.
    for at in 1..=2 * 8 + 4 {
        page.press(Key::Right).await;
        assert_eq!(frame(&page).await, at);
        assert_eq!(page.update().await, 12, "frame {at}");
    }
    page.press(Key::Left).await;
    page.press(Key::Right).await;
    page.press(Key::Right).await;
    page.until_update(13).await;
    page.until(
        "document.querySelector('[data-testid=inside-words]').innerText.includes('Update 13 is made')",
        "it says so",
    )
    .await;
    let made = page.snapshot().await;
    // Nothing more is made by going back in the film and on again.
    page.press(Key::Home).await;
    page.press(Key::End).await;
    page.press(Key::Escape).await;
    page.until("!document.querySelector('[data-testid=inside]')", "the panel is closed").await;
    assert_eq!(page.snapshot().await, made);
    page.goto(LINK).await;
    page.eval("gatescope.step(1)").await;
    assert_eq!(page.snapshot().await, made, "to the bit");
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_film_of_a_sequence_shorter_than_the_probe_ends_with_its_own_numbers() {
    let page = Page::open("#lang=en&task=sine&len=20&hidden=4&ragged=1&update=300").await;
    page.until_update(300).await;
    open(&page).await;
    let own = page.snapshot().await["lanes"][0]["h"].as_array().unwrap().len() as u64;
    page.press(Key::End).await;
    page.until_update(301).await;
    page.until("document.querySelector('[data-testid=inside-equations]').innerText.includes('←')", "the new weights")
        .await;
    let probe = page.snapshot().await["lanes"][0]["h"].as_array().unwrap().len() as u64;
    assert!(own < probe, "the test is of a shorter sequence: {own} {probe}");
    assert_eq!(frame(&page).await, 2 * own + 5);
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn leaving_before_the_end_changes_nothing() {
    let page = Page::open(LINK).await;
    let before = page.snapshot().await;
    open(&page).await;
    // As far as it goes without the last frame.
    page.eval(
        "(() => { const slider = document.querySelector('[data-testid=inside-position]');
           slider.value = slider.max - 1; slider.dispatchEvent(new Event('input', { bubbles: true })); })()",
    )
    .await;
    assert_eq!(frame(&page).await, 20);
    page.press(Key::Escape).await;
    page.until("!document.querySelector('[data-testid=inside]')", "the panel is closed").await;
    assert_eq!(page.eval("document.activeElement.dataset.testid").await, "step-inside", "the focus is back");
    page.eval("gatescope.configure({ probe: 1 })").await;
    page.eval("gatescope.configure({ probe: 0 })").await;
    assert_eq!(page.snapshot().await, before);
    page.eval("gatescope.step(1)").await;
    let after = page.snapshot().await;
    page.goto("#lang=en&len=8&hidden=5&batch=6&update=13").await;
    assert_eq!(page.snapshot().await, after);
}

#[tokio::test]
async fn keys_choose_the_unit_and_play_and_what_is_shown_follows() {
    let page = Page::open(LINK).await;
    page.media(&[("prefers-reduced-motion", "reduce")]).await;
    open(&page).await;
    page.press(Key::Down).await;
    page.until("(await gatescope.config()).unit === 2", "the next unit").await;
    page.press(Key::Up).await;
    page.until("(await gatescope.config()).unit === 1", "the unit before").await;
    for _ in 0..3 {
        page.press(Key::Right).await;
    }
    let title = "document.querySelector('[data-testid=inspector] h2').innerText";
    page.until(&format!("{title}.includes('step 3')"), "the inspector is at the film's step").await;
    let equations = page.eval("document.querySelector('[data-testid=inside-equations]').textContent").await;
    let equations = equations.as_str().unwrap();
    assert!(equations.contains("i3=σ(z3(i))=σ(") && equations.contains("c3=f3·c2+i3·g3="), "{equations}");
    page.press(" ").await;
    page.until("Number(document.querySelector('[data-testid=inside-position]').value) >= 5", "the film plays").await;
    page.press(" ").await;
    let still = page.eval("document.getAnimations().length").await;
    assert_eq!(still, 0, "nothing moves where motion is to be reduced");
    let at = frame(&page).await;
    page.click("inside-back").await;
    assert_eq!(frame(&page).await, at - 1);
    page.enter("[data-testid=inside-member]", "4").await;
    page.until("document.querySelector('.hero').innerText.includes('sequence 4')", "another member").await;
    assert_eq!(frame(&page).await, at - 1, "the film stays where it is");
    // Whatever sets the run going ends the film first.
    page.click("step").await;
    page.until_update(13).await;
    page.until("!document.querySelector('[data-testid=inside]')", "the panel is closed").await;
}

#[tokio::test]
async fn the_film_plays_backwards_too_and_as_slowly_as_one_likes() {
    let page = Page::open(LINK).await;
    open(&page).await;
    let pick = "(pace => { const field = document.querySelector('[data-testid=inside-pace]'); field.value = pace; field.dispatchEvent(new Event('change')); })";
    page.eval(&format!("{pick}('4')")).await;
    page.click("inside-play").await;
    page.until("Number(document.querySelector('[data-testid=inside-position]').value) >= 4", "it plays on").await;
    page.click("inside-play").await;
    let at = frame(&page).await;
    page.click("inside-play-back").await;
    page.until("Number(document.querySelector('[data-testid=inside-position]').value) === 0", "it plays back").await;
    let label = "document.querySelector('[data-testid=inside-play-back]').getAttribute('aria-label')";
    page.until(&format!("{label}.startsWith('Play')"), "it rests at the first frame").await;
    assert!(at >= 4);
    // From the first frame backwards it plays from the last but one: the last is the update, which nobody asked for.
    page.press(Key::Shift + " ").await;
    page.until("Number(document.querySelector('[data-testid=inside-position]').value) >= 18", "from the other end")
        .await;
    page.press(" ").await;
    assert_eq!(page.update().await, 12, "no update was made");
    // At the slowest pace a frame stays.
    page.eval(&format!("{pick}('0')")).await;
    let before = frame(&page).await;
    page.click("inside-play").await;
    page.eval("new Promise(done => setTimeout(done, 1200))").await;
    assert_eq!(frame(&page).await, before);
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn with_dropout_the_film_shows_the_mask() {
    let page = Page::open("#lang=en&len=6&hidden=16&batch=6&dropout=0.5&update=12").await;
    open(&page).await;
    for _ in 0..7 {
        page.press(Key::Right).await;
    }
    let equations = "document.querySelector('[data-testid=inside-equations]').textContent";
    page.until(&format!("{equations}.includes('m6(1)=')"), "the mask of the unit").await;
    page.eval("document.querySelector('[data-testid=inside-equations] [data-sum=Y0]').click()").await;
    page.until(&format!("{equations}.includes('·m6(')"), "in the terms").await;
    let words = "document.querySelector('[data-testid=inside-words]').innerText";
    page.until(&format!("{words}.includes('m is 0 where a number is left out')"), "what m is").await;
}

#[tokio::test]
async fn axe_finds_nothing_on_the_open_film() {
    for (width, hash) in [(1280, LINK), (390, "#lang=it&theme=dark&len=12&update=5")] {
        let page = Page::blank(width, 844).await;
        page.goto(hash).await;
        page.eval("document.querySelector('[data-testid=step-inside]').click()").await;
        page.until("!!document.querySelector('[data-testid=unrolled] svg')", "the film").await;
        for at in [0, 4, 14, 20] {
            page.eval(&format!(
                "(() => {{ const slider = document.querySelector('[data-testid=inside-position]');
                   slider.value = {at}; slider.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
            ))
            .await;
            assert_eq!(page.axe().await, Vec::<String>::new(), "{hash}, frame {at}");
        }
        let over = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(page.eval(over).await, 0, "nothing sticks out");
    }
}

#[tokio::test]
async fn a_cut_that_is_tried_zeroes_what_lies_behind_it_and_makes_no_update() {
    let page = Page::open(LINK).await;
    let before = page.snapshot().await;
    open(&page).await;
    // Drawn in from its place at the end, to before step 5.
    page.eval(
        "(() => { const cut = document.querySelector('[data-cut]').getBoundingClientRect();
        const to = document.querySelector('[data-step=\"4\"]').getBoundingClientRect();
        const panel = document.querySelector('[data-testid=unrolled]');
        const at = (type, box) => ({ pointerId: 1, bubbles: true, cancelable: true, clientX: box.x + (type ? 2 : box.width / 2), clientY: box.y + box.height / 2 });
        document.querySelector('[data-cut] rect').dispatchEvent(new PointerEvent('pointerdown', at('', cut)));
        panel.dispatchEvent(new PointerEvent('pointermove', at('left', to)));
        panel.dispatchEvent(new PointerEvent('pointerup', at('', to))); })()",
    )
    .await;
    page.until("document.querySelector('[data-testid=inside-window]').value === '4'", "the window follows").await;
    let said = "document.querySelector('[data-testid=inside-truncated]').innerText";
    page.until(&format!("{said}.includes('window 4')"), "angle and length are said").await;
    let cut = page.snapshot().await;
    assert!(cut["lanes"][1]["gradientNorms"]["h"].as_array().unwrap()[..4].iter().all(|norm| norm == 0.0), "{cut}");
    assert!(cut["lanes"][1]["gradientNorms"]["h"][4].as_f64().unwrap() > 0.0);
    page.press(Key::End).await;
    page.until("document.querySelector('[data-testid=inside-words]').innerText.includes('not made')", "it says so")
        .await;
    assert_eq!(page.update().await, 12);
    page.eval("document.querySelector('[data-testid=inside-own-window]').click()").await;
    page.until("document.querySelector('[data-testid=inside-window]').value === '0'", "back").await;
    page.press(Key::Escape).await;
    page.until("!document.querySelector('[data-testid=inside]')", "the panel is closed").await;
    page.eval("gatescope.pause()").await;
    assert_eq!(page.snapshot().await, before);
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_keys_go_on_where_a_sum_that_had_the_focus_is_gone() {
    let page = Page::open(LINK).await;
    open(&page).await;
    for _ in 0..8 {
        page.press(Key::Right).await;
    }
    page.focus("[data-testid=inside-equations] [data-sum]").await;
    // Readout, then back through the steps, and what comes after them: some have sums, some have none.
    for at in 9..=19 {
        page.press(Key::Right).await;
        assert_eq!(frame(&page).await, at);
        let inside = "document.querySelector('[data-testid=inside]').contains(document.activeElement)";
        assert_eq!(page.eval(inside).await, true, "frame {at}");
    }
}

#[tokio::test]
async fn an_answer_opens_into_its_terms_and_all_of_them_on_demand() {
    let page = Page::open("#lang=en&len=6&hidden=16&batch=6&update=12").await;
    open(&page).await;
    for _ in 0..7 {
        page.press(Key::Right).await;
    }
    page.eval("document.querySelector('[data-testid=inside-equations] [data-sum=Y0]').click()").await;
    let terms = "document.querySelectorAll('[data-testid=inside-equations] .terms li').length";
    page.until(&format!("{terms} === 11"), "the ten largest, and how many more").await;
    page.eval("document.querySelector('[data-testid=inside-equations] [data-key=more]').click()").await;
    page.until(&format!("{terms} === 17"), "16 products and the bias").await;
    page.eval("document.querySelector('[data-testid=inside-equations] [data-sum=Y0]').click()").await;
    page.until(&format!("{terms} === 0"), "shut").await;
}

const WORDS: &str = "document.querySelector('[data-testid=inside-words]').innerText";

async fn go(page: &Page, frame: u64) {
    page.eval(&format!(
        "(() => {{ const slider = document.querySelector('[data-testid=inside-position]');
           slider.value = {frame}; slider.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    ))
    .await;
}

#[tokio::test]
async fn the_batch_shows_its_sequences_and_a_key_on_one_follows_it_in_the_next_film_too() {
    let page = Page::open(LINK).await;
    open(&page).await;
    let shown = "[...document.querySelectorAll('[data-testid=inside-batch] [data-member]')]";
    assert_eq!(page.eval(&format!("{shown}.length")).await, 6);
    let targets = page.eval(&format!("{shown}.map((of) => of.textContent.trim().split(/\\s+/)[1])")).await;
    assert!(
        targets.as_array().unwrap().iter().all(|target| ["XX", "XY", "YX", "YY"].contains(&target.as_str().unwrap()))
    );
    page.focus("[data-member='3']").await;
    page.press(Key::Enter).await;
    page.until(&format!("{shown}[3].ariaPressed === 'true'"), "another sequence is followed").await;
    assert_eq!(page.eval("document.activeElement.dataset.member").await, "3", "the focus stays on it");
    assert_eq!(page.eval("document.querySelector('[data-testid=inside-member]').value").await, "4");
    // At the readout each has its loss, and their mean is L.
    go(&page, 9).await;
    page.until(&format!("{shown}.every((of) => /\\d$/.test(of.textContent))"), "losses").await;
    page.eval("document.querySelector('[data-testid=inside-equations] [data-sum=L]').click()").await;
    page.until("document.querySelectorAll('[data-testid=inside-equations] .terms li').length === 6", "a term each")
        .await;
    go(&page, 4).await;
    page.until(&format!("{shown}.length === 0"), "a step is not about all of them").await;
    page.press(Key::Escape).await;
    page.until("!document.querySelector('[data-testid=inside]')", "the panel is closed").await;
    open(&page).await;
    assert_eq!(page.eval("document.querySelector('[data-testid=inside-member]').value").await, "4", "it is remembered");
    page.press(Key::Escape).await;
    page.eval("gatescope.configure({ batch: 2 })").await;
    open(&page).await;
    assert_eq!(
        page.eval("document.querySelector('[data-testid=inside-member]').value").await,
        "1",
        "this batch has none"
    );
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_loss_at_every_step_is_told_as_such_and_the_sequences_own_only_once_all_are_there() {
    let page = Page::open("#lang=en&task=sine&len=6&hidden=4&batch=3&update=5").await;
    open(&page).await;
    let equations = "document.querySelector('[data-testid=inside-equations]').textContent";
    go(&page, 3).await;
    page.until(&format!("{equations}.includes('l3=')"), "the step's own loss").await;
    assert_eq!(page.eval(&format!("{equations}.includes('L(b)')")).await, false, "the mean is not there yet");
    go(&page, 7).await;
    page.until(&format!("{equations}.includes('L(b)=')"), "now it is").await;
    page.until(&format!("{WORDS}.includes('every step has a loss')"), "and said").await;
    page.eval("document.querySelector('[data-testid=inside-equations] [data-sum=l]').click()").await;
    page.until("document.querySelectorAll('[data-testid=inside-equations] .terms li').length === 6", "a term a step")
        .await;
}

#[tokio::test]
async fn the_gathered_shares_are_told_of_sequence_and_batch_and_what_a_cut_takes_has_not_vanished() {
    let page = Page::open(LINK).await;
    open(&page).await;
    go(&page, 18).await;
    page.until(
        &format!("{WORDS}.includes('of this sequence step 2 has') && {WORDS}.includes('of the whole batch')"),
        "both",
    )
    .await;
    page.enter("[data-testid=inside-window]", "3").await;
    page.until(&format!("{WORDS}.includes('it was cut off, it did not vanish')"), "the cut").await;
}

#[tokio::test]
async fn fields_of_the_film_refuse_what_they_cannot_take_and_say_what_they_can() {
    let page = Page::open(LINK).await;
    open(&page).await;
    let value = async |field: &str| page.eval(&format!("document.querySelector('[data-testid={field}]').value")).await;
    for (field, wrong, allowed, stays) in [
        ("inside-window", "9", "from 0 to 8", "0"),
        ("inside-window", "-1", "from 0 to 8", "0"),
        ("inside-member", "7", "from 1 to 6", "1"),
        ("inside-member", "0", "from 1 to 6", "1"),
    ] {
        page.enter(&format!("[data-testid={field}]"), wrong).await;
        let notices = page.notices().await.join(" ");
        assert!(notices.contains(wrong) && notices.contains(allowed), "{field} {wrong}: {notices}");
        assert_eq!(value(field).await, stays, "{field}");
    }
    // As long as the sequence: nothing is cut, and the update is the run's own.
    page.enter("[data-testid=inside-window]", "8").await;
    page.until("document.querySelector('[data-testid=inside-window]').value === '8'", "taken").await;
    assert_eq!(page.eval("!!document.querySelector('[data-testid=inside-own-window]')").await, false);
    page.press(Key::End).await;
    page.until_update(13).await;
}

#[tokio::test]
async fn a_lane_that_has_stopped_says_once_that_it_has_no_film() {
    let page = Page::open("#lang=en&update=60&lanes=rnn-relu,lstm&opt=sgd&lr=10&clip=0&gain=5").await;
    page.until_update(60).await;
    page.eval("document.querySelector('[data-testid=step-inside]').click()").await;
    page.until("!!document.querySelector('[data-testid=inside]')", "the film").await;
    page.eval("document.querySelector('[data-testid=inside] .tabs button').click()").await;
    page.until(&format!("{WORDS}.includes('has no film')"), "it says so").await;
    let said = page.text(WORDS.trim_end_matches(".innerText")).await;
    assert!(!said.contains("has been made") && !said.contains("Forward"), "{said}");
}

#[tokio::test]
async fn of_several_layers_the_film_names_the_one_on_show_and_changes_it() {
    let page = Page::open("#lang=en&len=6&hidden=4&batch=3&layers=2&update=5").await;
    open(&page).await;
    let title = "document.querySelector('[data-testid=inside] h2').innerText";
    page.until(&format!("{title}.endsWith('layer 1')"), "which layer").await;
    go(&page, 14).await;
    let equations = "document.querySelector('[data-testid=inside-equations]').textContent";
    page.until(&format!("{equations}.includes('U(1)')"), "its weights").await;
    page.eval(
        "(() => { const field = document.querySelector('[data-testid=inside-layer]');
           field.value = '2'; field.dispatchEvent(new Event('change')); })()",
    )
    .await;
    page.until(&format!("{title}.endsWith('layer 2') && {equations}.includes('U(2)')"), "the other layer").await;
    assert_eq!(frame(&page).await, 14, "the film stays where it is");
}

#[tokio::test]
async fn what_is_followed_is_named_as_it_is_in_each_network() {
    let page = Page::open("#lang=en&len=6&hidden=4&batch=3&lanes=rnn-tanh,lstm,window&update=5").await;
    open(&page).await;
    go(&page, 16).await;
    for (lane, said) in [(0, "of unit 1 on itself."), (1, "on itself in its input gate."), (2, "of its window.")] {
        page.eval(&format!("document.querySelectorAll('[data-testid=inside] .tabs button')[{lane}].click()")).await;
        page.until(&format!("{WORDS}.trim().endsWith('{said}')"), said).await;
    }
}

#[tokio::test]
async fn controls_sentence_drawing_and_equations_are_in_view_together() {
    for (width, height, hash, all) in [
        (1440, 900, "#lang=en&update=60", true),
        (1280, 720, "#lang=it&update=60", false),
        (1440, 900, "#lang=en&update=60&present=1", false),
    ] {
        let page = Page::blank(width, height).await;
        page.goto(hash).await;
        open(&page).await;
        go(&page, 20).await;
        page.eval("document.querySelector('[data-testid=inside-open-cell]').click()").await;
        page.until("!!document.querySelector('[data-testid=inside-cell] svg')", "the cell").await;
        let place = async |what: &str, side: &str| {
            page.eval(&format!("document.querySelector('[data-testid={what}]').getBoundingClientRect().{side}"))
                .await
                .as_f64()
                .unwrap()
        };
        let height = f64::from(height);
        assert!(place("inside-words", "top").await >= 0.0);
        assert!(place("unrolled", "bottom").await <= height, "{hash}: the drawing");
        assert!(place("inside-equations", "top").await + 60.0 <= height, "{hash}: the first equations");
        if all {
            assert!(place("inside-cell", "bottom").await <= height, "{hash}: the cell");
        }
    }
}
