//! Every value shown as a sum equals its terms with the digits shown, in the inspector, in the film and in opened sums.

use explain::film::frames::Frame;
use explain::film::scene::Scene;
use explain::inspector_text::Labels;
use explain::readout::Readout;
use explain::step::{At, Gathering};
use explain::sum::Sum;
use explain::tree::Expr;
use explain::tree::digits::{DIGITS, Digits};
use explain::tree::equation::{Line, Relation};
use nn::Truncation;

use crate::equations::{LANES, LINKS, SIDES, as_programs_do, read};
use test_utils::runs::{snapshot, trained};

/// How many sums there were, and how many of them say that they are near.
#[derive(Debug, Default)]
struct Counted {
    sums: usize,
    near: usize,
}

/// A number as it is shown.
fn shown(text: &str) -> f64 {
    let plain = as_programs_do(&text.replace("×10", " × 10")).replace('−', "-");
    plain.parse().unwrap_or_else(|_| panic!("a number: {text}"))
}

impl Counted {
    /// Asserts of lines whose last side is a sum of terms that the numbers on show give the result on show.
    fn check(&mut self, lines: &[Line], what: &str) {
        for line in lines {
            let sum = line.sides.last().filter(|(_, side)| matches!(side, Expr::Sum(_)));
            // One of symbols alone has no number to be checked.
            let sum = sum.filter(|(_, side)| side.evaluate(&|number| number.value).is_finite());
            let Some((computed, value, _)) = sum.and_then(|_| read(line)) else {
                assert_eq!(line.relation, Relation::Equals, "{what}: {}", line.plain());
                continue;
            };
            self.count(line.relation, computed, value, &format!("{what}: {}", line.plain()));
        }
    }

    /// The same of the terms of an open sum, and of those of which only the largest are shown.
    fn check_opened(&mut self, at: &At<'_>, lines: &[Line], what: &str) {
        for line in lines {
            let Some(sum) = line.sum.filter(|sum| !matches!(sum, Sum::JacobianRow(_))) else { continue };
            for all in [false, true] {
                let terms = at.terms(sum, all);
                let rest = terms.rest.as_ref().map(|(_, line)| line);
                let computed: f64 = terms.lines.iter().chain(rest).map(|line| shown(line.value())).sum();
                let whole = at.whole(sum);
                let whole = whole.as_ref().unwrap_or(line);
                self.count(terms.relation, computed, shown(whole.value()), &format!("{what}: {}", whole.plain()));
            }
        }
    }

    fn count(&mut self, relation: Relation, computed: f64, value: f64, what: &str) {
        self.sums += 1;
        if relation == Relation::Approximately {
            self.near += 1;
        } else {
            assert_eq!(relation, Relation::Equals, "{what}");
            assert_eq!(numbers::round(computed, DIGITS), numbers::round(value, DIGITS), "{what}");
        }
    }

    /// Asserts that there were so many sums, few of which no digits give.
    fn assert_many(&self, least: usize) {
        assert!(self.sums > least && self.near * 50 < self.sums, "{self:?}");
    }
}

#[test]
fn the_terms_of_every_sum_give_the_result_on_show() {
    let (mut closed, mut opened) = (Counted::default(), Counted::default());
    for (link, lanes) in LINKS.iter().flat_map(|link| LANES.map(|lanes| (*link, lanes))) {
        for layers in ["", "&layers=2&layer=1&dropout=0.3"] {
            let link = format!("lanes={lanes}&{link}{layers}");
            let mut trainer = trained(&link, 40);
            let snapshot = snapshot(&mut trainer);
            let experiment = trainer.experiment();
            for lane in &snapshot.lanes {
                for (t, u) in (0..lane.trace.len).flat_map(|t| (0..lane.trace.hidden).map(move |u| (t, u))) {
                    let readout = Readout::of_probe(experiment, &snapshot.sequence);
                    let truncation = Truncation::new(experiment.truncation);
                    let at =
                        At::new(lane, &snapshot.sequence, (t, u), truncation, Digits::Shown('.')).answering(readout);
                    for side in SIDES {
                        let lines = at.side(side);
                        let what = format!("{link} {t} {u}");
                        closed.check(&lines, &what);
                        opened.check_opened(&at, &lines, &what);
                    }
                }
            }
        }
    }
    closed.assert_many(10_000);
    opened.assert_many(10_000);
}

#[test]
fn the_terms_of_every_sum_of_a_film_give_the_result_on_show() {
    let (mut closed, mut opened) = (Counted::default(), Counted::default());
    let links = [
        "task=order&len=6&opt=adam",
        "task=order&len=5&opt=adam&decay=0.02&clip=0.01&clipmode=value",
        "task=adding&len=6&opt=adamw&decay=0.03",
        "task=recall&len=6&opt=momentum&decay=0.05",
        "task=adding&len=6&opt=sgd&clip=0&decay=0.1",
        "task=sine&len=6&opt=rmsprop&clip=0.5&ragged=1",
    ];
    for (link, lanes) in links.iter().flat_map(|link| LANES.map(|lanes| (link, lanes))) {
        let link = format!("lanes={lanes}&batch=5&hidden=6&{link}");
        for updates in [0, 1, 9, 30] {
            let mut trainer = trained(&link, updates);
            let (shown, inside) = trainer.inside(0, 0, 0, false, (1, 0));
            let experiment = trainer.experiment();
            for (lane, film) in shown.lanes.iter().zip(&inside.films) {
                let film = film.as_ref().unwrap();
                for (index, unit) in (0..Frame::count(lane.trace.len)).flat_map(|index| [(index, 0), (index, 2)]) {
                    let (len, sequence) = (lane.trace.len, &shown.sequence);
                    let frame = Frame::at(index, len);
                    let readout = Readout::of_member(experiment, sequence, film);
                    let place = (frame.step(len).unwrap_or(0), unit);
                    let at = At::new(lane, sequence, place, Truncation::new(0), Digits::Shown('.'))
                        .gathering(Gathering { inside: &inside, film, sequence })
                        .naming(&readout);
                    let scene = Scene { experiment, update: trainer.update() + 1, sequence, film, at: &at };
                    let lines = scene.beside(frame);
                    let what = format!("{link} {updates} {frame:?} {unit}");
                    closed.check(&lines, &what);
                    opened.check_opened(&at, &lines, &what);
                }
            }
        }
    }
    closed.assert_many(1_000);
    opened.assert_many(1_000);
}

#[test]
fn a_line_whose_open_terms_do_not_add_up_says_so() {
    let labels = Labels {
        sum: "sum",
        held: "held",
        off: "off",
        coupled: "coupled",
        target: "target",
        what_if: "",
        go: &|_, _| String::new(),
        more: &|_| String::new(),
    };
    let mut trainer = trained("lanes=lstm,rnn-tanh&task=order&len=6&hidden=4&batch=3", 9);
    let mut snapshot = snapshot(&mut trainer);
    // Pre-activations that are not those of their terms.
    for lane in &mut snapshot.lanes {
        for series in &mut lane.trace.z {
            series.values.iter_mut().for_each(|z| *z += 0.01);
        }
    }
    for (lane, open) in [(0, "Zf"), (1, "Zz")] {
        let digits = Digits::Shown('.');
        let at = At::new(&snapshot.lanes[lane], &snapshot.sequence, (3, 1), Truncation::new(0), digits);
        let markup = |open: &str| at.markup(SIDES[0], open, &labels);
        assert_eq!(markup(open).matches('≈').count(), 1, "{}", markup(open));
        assert!(!markup("").contains('≈'));
    }
}
