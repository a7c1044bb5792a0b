//! The two number types that the engine computes in, and casts between them.

use nalgebra::Field;

use crate::{Passes, Products};

/// A real number type of the engine: `f32` while training, `f64` for gradient checks and reference cases.
///
/// Besides the field operations it carries what [`crate::math`] needs to build its functions out of operations
/// that vectorise: constants and the two bit tricks on the exponent and the sign.
pub trait Scalar: Passes + Products + nalgebra::Scalar + Field + Copy + Default + PartialOrd + Send + Sync {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The smallest positive normal number; below it arithmetic is slow and loses digits.
    const MIN_POSITIVE: Self;
    /// `1.5 · 2^p` with p the number of stored mantissa bits. Adding it to a number of magnitude below `2^(p−1)` rounds
    /// that number to an integer, which subtracting it again gives back.
    const ROUNDER: Self;
    /// log₂ e.
    const LOG2_E: Self;
    /// The leading bits of ln 2, few enough that their product with an exponent is exact.
    const LN_2_HIGH: Self;
    /// ln 2 − `LN_2_HIGH`.
    const LN_2_LOW: Self;
    /// Below this exp is 0 in this type, with room to spare.
    const EXP_LOW: Self;
    /// Above this exp overflows in this type, with room to spare.
    const EXP_HIGH: Self;
    /// `1/2!, 1/3!, 1/4! …`: as many coefficients of the Taylor series of exp as this type can see on `|r| ≤ ln 2 / 2`.
    const EXP_SERIES: &'static [Self];

    /// Whether networks train in this type in this program: functions are then compiled anew where they are called, and
    /// vectorise there, and large products go to packed kernels. In a page f64 serves checks alone; there each function of
    /// it is there once.
    const FAST: bool;

    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
    /// The same number, exactly.
    fn to_f64(self) -> f64;
    /// `2^n` for an integer-valued `n` within the exponents of normal numbers; any number at all for a NaN.
    fn power_of_two(n: Self) -> Self;
    /// The magnitude.
    fn magnitude(self) -> Self;
    /// The magnitude of `self` with the sign bit of `sign`.
    fn with_sign_of(self, sign: Self) -> Self;
    /// The square root, correctly rounded.
    fn square_root(self) -> Self;
    /// Neither infinite nor NaN.
    fn finite(self) -> bool;

    /// Zero where the magnitude is below the smallest normal number, else the number itself (NaN stays NaN).
    ///
    /// The gradients of a sigmoid RNN pass through that range within 40 steps, and subnormal arithmetic is up to a
    /// hundred times slower than normal.
    #[inline(always)]
    fn flushed(self) -> Self {
        if self.magnitude() < Self::MIN_POSITIVE { Self::ZERO } else { self }
    }
}

macro_rules! scalar {
    ($type:ty, $fast:expr, $bias:literal, $mantissa:literal, $low:literal, $high:literal, $ln_2_high:expr, $ln_2_low:expr, $series:expr) => {
        impl Scalar for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const MIN_POSITIVE: Self = <$type>::MIN_POSITIVE;
            const ROUNDER: Self = (3_u64 << ($mantissa - 1)) as Self;
            const LOG2_E: Self = std::f64::consts::LOG2_E as Self;
            const LN_2_HIGH: Self = $ln_2_high;
            const LN_2_LOW: Self = $ln_2_low;
            const EXP_LOW: Self = $low;
            const EXP_HIGH: Self = $high;
            const EXP_SERIES: &'static [Self] = $series;
            const FAST: bool = $fast;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn power_of_two(n: Self) -> Self {
                // The lowest mantissa bits of the sum are n + bias; shifted up they are the exponent of 2^n.
                Self::from_bits((n + (Self::ROUNDER + $bias)).to_bits() << $mantissa)
            }
            #[inline(always)]
            fn magnitude(self) -> Self {
                self.abs()
            }
            #[inline(always)]
            fn with_sign_of(self, sign: Self) -> Self {
                self.copysign(sign)
            }
            #[inline(always)]
            fn square_root(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn finite(self) -> bool {
                <$type>::is_finite(self)
            }
        }
    };
}

scalar!(
    f32,
    true,
    127.0,
    23,
    -110.0,
    95.0,
    0.693_359_4, // 355/512, 9 bits
    -2.121_944_4e-4,
    &[0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0]
);
scalar!(
    f64,
    !cfg!(target_arch = "wasm32"),
    1023.0,
    52,
    -760.0,
    720.0,
    // 32 bits and the rest, the split of fdlibm's e_exp.c (Sun Microsystems, 1993)
    6.931_471_803_691_238e-1,
    1.908_214_929_270_587_7e-10,
    &[
        0.5,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ]
);
