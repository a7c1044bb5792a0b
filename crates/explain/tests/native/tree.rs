//! Trees of equations: their digits, and their two renderings.

use explain::tree::digits::{Digits, Value};
use explain::tree::equation::{Equation, Line, Relation};
use explain::tree::mathml;
use explain::tree::{Activation, Expr, Function, Index, Label, Symbol, Tint};
use nn::Gate;

type Tree = Expr<Value>;

const SHOWN: Digits = Digits::Shown('.');

fn number(value: f64) -> Tree {
    Expr::Number(Value::new(value))
}

fn symbol(letter: &'static str) -> Tree {
    Symbol::new(letter).into()
}

fn line_in(digits: Digits, side: Tree, result: f64) -> Line {
    Equation::new(None, symbol("a")).equals(side).gives(Value::new(result)).line(digits, &|value| *value)
}

fn line(side: Tree, result: f64) -> Line {
    line_in(SHOWN, side, result)
}

/// An expression as plain text, without numbers to decide about.
fn plain(side: Tree) -> String {
    Equation::new(None, side).line(SHOWN, &|value| *value).plain()
}

/// The same as MathML, without its tags.
fn text_of_mathml(side: Tree) -> String {
    let markup = mathml::line(&Equation::new(None, side).line(SHOWN, &|value| *value));
    markup.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect()
}

/// Expressions, and each as plain text.
fn examples() -> Vec<(Tree, &'static str)> {
    let gate = |gate: Gate| Tree::from(Symbol::gate(gate));
    let loss_by = |by: Tree| symbol("L").by(by);
    let z = Tree::from(Symbol::new("z").at(12).of(Label::Gate(Gate::Input)));
    let own = Symbol::new("U").of(Label::UnitOf(Gate::Forget, 3)).of(Label::Number(2));
    vec![
        (z.apply(Function::Sigmoid), "σ(z₁₂(i))"),
        (own.into(), "U(f3; 2)"),
        (Symbol::new("W").indexed(Index::Out).transposed().into(), "Wₒᵤₜᵀ"),
        (Symbol::new("b").indexed(Index::HiddenNew).of_layer(Some(2)).into(), "bₕₙ⁽²⁾"),
        (Symbol::hidden().of_layer(Some(2)).at(7).into(), "h⁽²⁾₇"),
        (Symbol::new("x").indexed(Index::Back(4)).into(), "x₄₋ₖ"),
        (loss_by(Symbol::cell_state().at(3).into()), "∂L/∂c₃"),
        (Expr::Product(vec![gate(Gate::Update).complement(), gate(Gate::New)]), "(1 − z)·n"),
        (symbol("a").minus(symbol("b").minus(symbol("c"))), "a − (b − c)"),
        (symbol("a").over(Expr::Product(vec![symbol("B"), symbol("T")])), "a/(B·T)"),
        (Expr::Product(vec![symbol("a").over(symbol("b")), symbol("c")]), "a/b·c"),
        (Expr::Product(vec![symbol("W"), Expr::Product(vec![symbol("m"), symbol("h")])]), "W·(m·h)"),
        (Symbol::cell_state().at(2).apply_tanh().squared().complement(), "1 − tanh²(c₂)"),
        (symbol("z").apply(Function::SlopeOf(Activation::Relu)), "ReLU′(z)"),
        (symbol("z").apply(Function::IsPositive), "1(z > 0)"),
        (symbol("v").apply(Function::Sqrt).over(symbol("b").complement().apply(Function::Sqrt)), "√v/√(1 − b)"),
        (Expr::Apply(Function::Min, vec![Expr::Integer(1), symbol("l")]), "min(1, l)"),
        (Expr::SumOver(Index::Any, Box::new(Symbol::new("l").indexed(Index::Any).into())), "Σₜ lₜ"),
        (Symbol::new("Σ").of(Label::OtherThan(2)).into(), "Σ(b ≠ 2)"),
        (Expr::Entry(Box::new(symbol("y")), Label::Class("XY")), "(y)(XY)"),
        (Expr::Sum(vec![symbol("w"), Symbol::new("w").change().into()]).norm(), "‖w + Δw‖"),
        (Expr::Product(vec![number(0.5), number(-0.25)]), "0.5000·(−0.2500)"),
        (number(-0.5).minus(number(-0.25)), "−0.5000 − (−0.2500)"),
        (number(-0.5).squared(), "(−0.5000)²"),
        (number(2e-8).squared(), "(2.000 × 10⁻⁸)²"),
        (number(0.5).squared(), "0.5000²"),
        (Expr::Product(vec![Expr::Number(Value::setting(0.01)), symbol("g")]).negative(), "−0.01·g"),
        (Expr::Power(Box::new(Expr::Number(Value::setting(0.9))), 12).complement(), "1 − 0.9¹²"),
        (Expr::Sum(vec![symbol("n"), Expr::PowerOfTen(-6)]), "n + 10⁻⁶"),
        (Expr::sum(Vec::new()), "0"),
    ]
}

trait ApplyTanh {
    fn apply_tanh(self) -> Tree;
}

impl ApplyTanh for Symbol {
    fn apply_tanh(self) -> Tree {
        Tree::from(self).apply(Function::Tanh)
    }
}

#[test]
fn plain_text_has_the_brackets_that_an_expression_needs_and_no_others() {
    for (expr, text) in examples() {
        assert_eq!(plain(expr), text);
    }
}

#[test]
fn both_renderings_say_the_same() {
    let lowered = |text: &str| {
        let plain = |c: char| match c {
            '₀'..='₉' => char::from_digit(c as u32 - '₀' as u32, 10).unwrap(),
            'ₒ' => 'o',
            'ᵤ' => 'u',
            'ₜ' => 't',
            'ₕ' => 'h',
            'ₙ' => 'n',
            'ₖ' => 'k',
            '₋' => '−',
            other => other,
        };
        let text = text.replace("⁽²⁾", "(2)").replace(' ', "");
        text.chars().map(plain).collect::<String>()
    };
    for (expr, text) in examples() {
        assert_eq!(text_of_mathml(expr).replace("&gt;", ">"), lowered(text));
    }
}

#[test]
fn mathml_marks_names_numbers_operators_and_colours() {
    let value = Value::tinted(-0.25, Some(Tint::Gate(Gate::Forget)));
    let product = Expr::Product(vec![Symbol::gate(Gate::Forget).at(2).into(), Expr::Number(value)]);
    let o = "<mo stretchy=\"false\">";
    let expected = format!(
        "<math><msub><mi class=\"q-f\">f</mi><mi>2</mi></msub>{o}·</mo>{o}(</mo>\
         <mrow class=\"q-f\"><mo stretchy=\"false\" form=\"prefix\">−</mo><mn>0.2500</mn></mrow>{o})</mo></math>"
    );
    assert_eq!(mathml::line(&Equation::new(None, product).line(SHOWN, &|value| *value)), expected);
}

#[test]
fn a_word_of_the_pages_language_is_the_pages() {
    let line = Equation::new(None, Tree::from(Symbol::word("target").at(3))).line(SHOWN, &|value| *value);
    assert_eq!(line.plain(), "target₃");
    assert_eq!(
        mathml::line_with(&line, &|_| "atteso".to_owned()),
        "<math><msub><mi>atteso</mi><mi>3</mi></msub></math>"
    );
}

#[test]
fn the_terms_of_a_sum_show_the_fewest_digits_that_give_the_result() {
    let sum = |a: f64, b: f64| line(Expr::Sum(vec![number(a), number(b)]), a + b);
    assert_eq!(sum(0.5, 0.25).plain(), "a = 0.5000 + 0.2500 = 0.7500");
    // With four digits it would be −0.2960.
    assert_eq!(sum(-0.289456, -0.0064864).plain(), "a = −0.28946 + (−0.0064864) = −0.2959");
    // Of one difference with 1 three digits are lost, of the next two.
    assert_eq!(line(number(0.997865).complement(), 0.002135).plain(), "a = 1 − 0.997865 = 0.002135");
    assert_eq!(line(number(0.9921).complement(), 0.0079).plain(), "a = 1 − 0.9921 = 0.007900");
    // The largest number below 1 of f32 takes more than nine.
    let last = 1.0 - 2_f64.powi(-24);
    assert_eq!(line(number(last).complement(), 2_f64.powi(-24)).plain(), "a = 1 − 0.9999999403954 = 5.960 × 10⁻⁸");
    assert_eq!(line(number(1.0).complement(), 0.0).plain(), "a = 1 − 1 = 0");
    // Far more of one term is lost than is left.
    assert_eq!(sum(0.123456, -0.123321).plain(), "a = 0.123456 + (−0.123321) = 1.350 × 10⁻⁴");
}

#[test]
fn a_sum_that_no_digits_give_says_that_it_is_near() {
    // f32 rounds a sum of numbers that all but cancel.
    let near = line(Expr::Sum(vec![number(1.0), number(-0.9999999)]), 1.19e-7);
    assert_eq!(near.relation, Relation::Approximately);
    assert_eq!(near.plain(), "a = 1.00000000 + (−0.999999900) ≈ 1.190 × 10⁻⁷");
    assert!(mathml::line(&near).contains("<strong><math><mo stretchy=\"false\">≈</mo>"));
    // Off by one in the last digit, four digits say as much as nine.
    let off = line(Expr::Sum(vec![number(0.25), number(0.125)]), 0.3751);
    assert_eq!(off.plain(), "a = 0.2500 + 0.1250 ≈ 0.3751");
    // Copied, all digits are there.
    assert_eq!(line_in(Digits::All, Expr::Sum(vec![number(0.25), number(0.125)]), 0.3751).relation, Relation::Equals);
}

#[test]
fn a_sum_on_the_edge_between_two_roundings_takes_another_digit() {
    // 0.12344 + 0.00001 is 0.12345, which may be read as 0.1234 or 0.1235.
    let edge = line(Expr::Sum(vec![number(0.1234), number(0.0000500004)]), 0.1234500004);
    assert_eq!(edge.plain(), "a = 0.123400 + 5.00004 × 10⁻⁵ = 0.1235");
}

#[test]
fn the_sides_of_a_difference_show_as_many_digits_as_it_loses() {
    let z = 0.997865;
    let difference = Expr::Product(vec![number(2.0), number(z).complement()]);
    assert_eq!(line(difference, 2.0 * (1.0 - z)).plain(), "a = 2.000·(1 − 0.997865) = 0.004270");
    let squares = Expr::Product(vec![number(2.0), number(0.99).squared().complement()]);
    assert_eq!(line(squares, 0.0398).plain(), "a = 2.000·(1 − 0.99000²) = 0.03980");
    // Of a far negative z, σ(z) is e^z, whose digits are the decimals of z.
    assert_eq!(line(number(-12.34567).apply(Function::Sigmoid), 4.35e-6).plain(), "a = σ(−12.346) = 4.350 × 10⁻⁶");
    // Settings have the digits that they have.
    assert_eq!(plain(Expr::Number(Value::setting(0.999)).complement()), "1 − 0.999");
}

#[test]
fn an_expression_is_worth_what_it_says() {
    let value = |expr: &Tree| expr.evaluate(&|value| value.value);
    let gate = number(0.25);
    assert_eq!(value(&Expr::Sum(vec![Expr::Product(vec![gate.clone().complement(), number(2.0)]), gate])), 1.75);
    assert_eq!(
        value(&number(3.0).over(Expr::Sum(vec![Expr::Integer(1), Expr::Integer(1)])).squared().negative()),
        -2.25
    );
    assert_eq!(value(&number(-1.0).apply(Function::IsPositive)), 0.0);
    assert!(value(&symbol("a")).is_nan());
}
