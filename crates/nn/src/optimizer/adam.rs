//! Adam (Kingma & Ba 2015, in PyTorch's form):
//!
//! ```text
//! m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
//! θ ← θ − lr / (1 − β₁ⁿ) · m / (√v / √(1 − β₂ⁿ) + ε)
//! ```
//!
//! at update n = 1, 2, …

use crate::OptimizerSettings;
use crate::Scalar;

/// Makes update number `update` (from 1).
///
/// # Panics
/// If there is not one of each moment per weight.
pub(super) fn step<S: Scalar>(
    settings: &OptimizerSettings,
    update: u64,
    parameters: &mut [S],
    gradients: &[S],
    first: &mut [S],
    second: &mut [S],
) {
    assert_eq!((parameters.len(), parameters.len()), (first.len(), second.len()), "two moments per weight");
    let (beta1, beta2) = settings.betas;
    let step = S::from_f64(settings.lr / (1.0 - power(beta1, update)));
    let unbias = S::from_f64((1.0 - power(beta2, update)).sqrt());
    let epsilon = S::from_f64(settings.epsilon);
    let (new1, new2) = (S::from_f64(1.0 - beta1), S::from_f64(1.0 - beta2));
    let keep2 = S::from_f64(beta2);
    let moments = first.iter_mut().zip(second);
    for ((parameter, &gradient), (first, second)) in parameters.iter_mut().zip(gradients).zip(moments) {
        *first += new1 * (gradient - *first);
        *second = keep2 * *second + new2 * (gradient * gradient);
        *parameter -= step * *first / (second.square_root() / unbias + epsilon);
    }
}

/// Computes `base^exponent` by squaring: the same products, and so the same bits, on every machine.
fn power(mut base: f64, mut exponent: u64) -> f64 {
    let mut power = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power *= base;
        }
        base *= base;
        exponent /= 2;
    }
    power
}
