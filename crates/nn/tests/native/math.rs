//! The engine's own exp, tanh and σ against the standard library in f64.

use nn::{
    Scalar,
    math::{exp, norm, sigmoid, tanh},
};

/// Largest error over f32, in units of the last place of the exact value, and where.
fn worst((_, function, exact, flushes): Function, stride: usize) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    for bits in (0..=u32::MAX).step_by(stride) {
        let x = f32::from_bits(bits);
        if !x.is_finite() {
            continue;
        }
        let (actual, exact) = (function(x), exact(f64::from(x)));
        // An exact value that rounds to infinity must be infinite; where a function may flush, a subnormal one may be zero.
        let error = if flushes && actual == 0.0 && exact < f64::from(f32::MIN_POSITIVE) {
            0.0
        } else if (exact as f32).is_infinite() || actual.is_infinite() {
            if actual == exact as f32 { 0.0 } else { f64::INFINITY }
        } else {
            (f64::from(actual) - exact).abs() / unit_in_last_place(exact)
        };
        if error > worst.0 || error.is_nan() {
            worst = (error, x);
        }
    }
    worst
}

/// The distance of neighbouring f32 around an f64.
fn unit_in_last_place(x: f64) -> f64 {
    let exponent = ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    2.0_f64.powi((exponent - 23).max(-149))
}

fn exact_sigmoid(z: f64) -> f64 {
    let e = (-z.abs()).exp();
    (if z < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// A name, the function, what it should be, and whether it may be zero where that is below the smallest normal number.
type Function = (&'static str, fn(f32) -> f32, fn(f64) -> f64, bool);

const FUNCTIONS: [Function; 3] =
    [("exp", exp, f64::exp, false), ("tanh", tanh, f64::tanh, false), ("sigmoid", sigmoid, exact_sigmoid, true)];

/// The maximum sum of the rounding errors: one unit for exp, half a unit each for the sum and the quotient, and these
/// count up to double where the result is just below a power of two.
const LIMIT: f64 = 3.0;

#[test]
fn every_function_is_within_three_units_in_the_last_place_over_all_of_f32() {
    for function in FUNCTIONS {
        let (name, (error, at)) = (function.0, worst(function, 251));
        assert!(error <= LIMIT, "{name}({at:e}): error {error} units in the last place");
    }
}

/// Takes minutes; run it when a function changes and put what it prints into the docs of `nn::math`.
#[test]
#[ignore = "looks at all 4 billion numbers"]
fn every_single_f32() {
    for function in FUNCTIONS {
        let (name, (error, at)) = (function.0, worst(function, 1));
        println!("{name}: at most {error:.3} units in the last place, at {at:e}");
        assert!(error <= LIMIT, "{name}");
    }
}

#[test]
fn f64_is_within_a_few_units_in_the_last_place_of_the_standard_library() {
    type Pair = (&'static str, fn(f64) -> f64, fn(f64) -> f64);
    let pairs: [Pair; 3] = [("exp", exp, f64::exp), ("tanh", tanh, f64::tanh), ("sigmoid", sigmoid, exact_sigmoid)];
    for (name, function, exact) in pairs {
        for k in -200_000..=200_000 {
            let fine = f64::from(k) * 1e-5 + 1e-9;
            let tiny = f64::from(k) * 1e-30;
            for x in [fine, f64::from(k) * 3.7e-3, tiny] {
                let (actual, exact) = (function(x), exact(x));
                let error = (actual - exact).abs();
                let allowed =
                    if exact.abs() < f64::MIN_POSITIVE { f64::from_bits(1) } else { 4.0 * f64::EPSILON * exact.abs() };
                // σ may be zero below the smallest normal number.
                let same = actual == exact || (name == "sigmoid" && actual == 0.0 && exact < f64::MIN_POSITIVE);
                assert!(same || error <= allowed, "{name}({x:e}): actual {actual:e}, expected {exact:e}");
            }
        }
    }
}

fn special_values<S: Scalar + std::fmt::LowerExp>(infinity: S, nan: S, overflow: f64, vanish: f64) {
    let s = S::from_f64;
    assert!(!(exp(nan).finite() || tanh(nan).finite() || sigmoid(nan).finite()), "NaN stays NaN");
    let exact = [
        ("exp(0)", exp(s(0.0)), s(1.0)),
        ("exp(-0)", exp(s(-0.0)), s(1.0)),
        ("exp(∞)", exp(infinity), infinity),
        ("exp(−∞)", exp(-infinity), s(0.0)),
        ("exp(overflow)", exp(s(overflow)), infinity),
        ("exp(vanish)", exp(s(vanish)), s(0.0)),
        ("tanh(0)", tanh(s(0.0)), s(0.0)),
        ("tanh(∞)", tanh(infinity), s(1.0)),
        ("tanh(−∞)", tanh(-infinity), s(-1.0)),
        ("tanh(40)", tanh(s(40.0)), s(1.0)),
        ("tanh(smallest)", tanh(S::MIN_POSITIVE), S::MIN_POSITIVE),
        ("σ(0)", sigmoid(s(0.0)), s(0.5)),
        ("σ(∞)", sigmoid(infinity), s(1.0)),
        ("σ(−∞)", sigmoid(-infinity), s(0.0)),
        ("σ(−overflow)", sigmoid(s(2.0 * vanish)), s(0.0)),
    ];
    for (what, actual, expected) in exact {
        assert!(actual == expected, "{what}: actual {actual:e}, expected {expected:e}");
    }
}

#[test]
fn special_values_come_out_exactly() {
    special_values::<f32>(f32::INFINITY, f32::NAN, 88.73, -104.0);
    special_values::<f64>(f64::INFINITY, f64::NAN, 709.79, -745.2);
    for nan in [f32::NAN, -f32::NAN, f32::from_bits(0x7fff_ffff), f32::from_bits(0xff80_0001)] {
        assert!(exp(nan).is_nan() && tanh(nan).is_nan() && sigmoid(nan).is_nan());
    }
    // exp reaches the largest number and the smallest subnormal one.
    assert!(exp(88.72_f32).is_finite() && exp(709.78_f64).is_finite());
    assert_eq!((exp(-103.9_f32), exp(-745.1_f64)), (f32::from_bits(1), f64::from_bits(1)));
}

#[test]
fn a_vector_of_tiny_numbers_has_a_norm() {
    assert!((norm(&[1e-30_f32; 16]) / 4e-30 - 1.0).abs() < 1e-6);
    assert_eq!(norm::<f32>(&[]), 0.0);
    assert_eq!(norm(&[3.0_f64, 4.0]), 5.0);
}
