//! The two number types that the engine computes in, and casts between them.

use std::{
    fmt::Debug,
    ops::{Add, Mul},
};

use nalgebra::Field;
use wide::{f32x8, f64x8};

use crate::Passes;
use crate::Products;

/// A real number type of the engine: `f32` while training, `f64` for gradient checks and reference cases.
///
/// Besides the field operations it carries what [`crate::math`] needs to build its functions out of operations
/// that vectorise: constants and the two bit tricks on the exponent and the sign.
pub trait Scalar: Passes + Products + nalgebra::Scalar + Field + Copy + Default + PartialOrd + Send + Sync {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// The smallest positive normal number; below it arithmetic is slow and loses digits.
    const MIN_POSITIVE: Self;
    /// The power of two by which gradients are multiplied in the backward pass ([`crate::Unroll::backward`]), so that the products
    /// of the smallest ones with weights and states stay normal numbers. 1 where no gradient gets that small.
    const RAISE: Self;
    /// `1.5 · 2^p` with p the number of stored mantissa bits. Adding it to a number of magnitude below `2^(p−1)` rounds
    /// that number to an integer, which subtracting it again gives back.
    const ROUNDER: Self;
    /// log₂ e.
    const LOG2_E: Self;
    /// ln 2.
    const LN_2: Self;
    /// The leading bits of ln 2, few enough that their product with an exponent is exact.
    const LN_2_HIGH: Self;
    /// ln 2 − `LN_2_HIGH`.
    const LN_2_LOW: Self;
    /// A number well below the one from which exp is 0 in this type.
    const EXP_LOW: Self;
    /// A number well above the one from which exp overflows in this type.
    const EXP_HIGH: Self;
    /// A number whose exp is so large that adding 1 does not change it in this type.
    const SATURATED: Self;
    /// A number whose exp rounds to `2^n` with n the first exponent beyond this type: infinite by [`Scalar::power_of_two`], too.
    const OVERFLOWN: Self;
    /// The coefficients of `(e^r − 1 − r) / r²` on `|r| ≤ ln 2 / 2`, as many as this type can resolve: for f64 those of the Taylor
    /// series, 1/2!, 1/3! …; for f32 those of the polynomial whose largest error in `e^r` is least, 3.1e-9 (Remez's algorithm).
    const EXP_SERIES: Self::Series;
    /// The array of these coefficients.
    type Series: Copy + AsRef<[Self]>;

    /// Eight numbers in vector registers.
    type Eight: Copy + Add<Output = Self::Eight> + Mul<Output = Self::Eight> + From<[Self; 8]> + Debug + Send + Sync;

    /// Repeats this number eight times.
    fn eight(self) -> Self::Eight;
    /// The eight numbers as an array.
    fn to_array(eight: Self::Eight) -> [Self; 8];
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
    /// Converts to f64, exactly.
    fn to_f64(self) -> f64;
    /// Computes `2^n` given `n + ROUNDER`, for an integer-valued n within the exponents of normal numbers; ∞ for the next n and 0 for the
    /// one before; any number at all for a NaN.
    fn power_of_two(shifted: Self) -> Self;
    /// The magnitude.
    fn magnitude(self) -> Self;
    /// The square root, correctly rounded.
    fn square_root(self) -> Self;
    /// Whether it is neither infinite nor NaN.
    fn finite(self) -> bool;

    /// Returns zero where the magnitude is below `smallest`, else the number itself (NaN stays NaN).
    ///
    /// The gradients of a sigmoid RNN fall below the smallest normal number within 40 steps, and subnormal arithmetic is up to a
    /// hundred times slower than normal.
    #[inline(always)]
    fn flushed_below(self, smallest: Self) -> Self {
        if self.magnitude() < smallest { Self::ZERO } else { self }
    }

    /// Divides a raised gradient by its power of two; zero where the result is below the smallest normal number.
    #[inline(always)]
    fn lowered(self, raise: Self) -> Self {
        self.flushed_below(raise * Self::MIN_POSITIVE) / raise
    }
}

macro_rules! scalar {
    ($type:ty, $eight:ty, $raise:expr, $mantissa:literal, $low:literal, $high:literal, $saturated:literal, $overflown:literal, $ln_2_high:expr, $ln_2_low:expr, $terms:literal, $series:expr) => {
        impl Scalar for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const MIN_POSITIVE: Self = <$type>::MIN_POSITIVE;
            const RAISE: Self = $raise;
            const ROUNDER: Self = (3_u64 << ($mantissa - 1)) as Self;
            const LOG2_E: Self = std::f64::consts::LOG2_E as Self;
            const LN_2: Self = std::f64::consts::LN_2 as Self;
            const LN_2_HIGH: Self = $ln_2_high;
            const LN_2_LOW: Self = $ln_2_low;
            const EXP_LOW: Self = $low;
            const EXP_HIGH: Self = $high;
            const SATURATED: Self = $saturated;
            const OVERFLOWN: Self = $overflown;
            const EXP_SERIES: Self::Series = $series;
            type Series = [Self; $terms];

            type Eight = $eight;

            #[inline(always)]
            fn eight(self) -> $eight {
                <$eight>::splat(self)
            }
            #[inline(always)]
            fn to_array(eight: $eight) -> [Self; 8] {
                eight.to_array()
            }
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn power_of_two(shifted: Self) -> Self {
                // The lowest mantissa bits are n; shifted up, and with the exponent of 1 added, they are the exponent of 2^n.
                Self::from_bits((shifted.to_bits() << $mantissa).wrapping_add(Self::ONE.to_bits()))
            }
            #[inline(always)]
            fn magnitude(self) -> Self {
                self.abs()
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
    f32x8,
    4_294_967_296.0, // 2^32
    23,
    -110.0,
    95.0,
    30.0,
    88.9,
    0.693_359_4, // 355/512, 9 bits
    -2.121_944_4e-4,
    5,
    [0.499_999_93, 0.166_665_2, 0.041_668_39, 0.008_368_756, 0.001_381_451_7]
);
scalar!(
    f64,
    f64x8,
    1.0,
    52,
    -760.0,
    720.0,
    60.0,
    710.0,
    // 32 bits and the rest, the split of fdlibm's e_exp.c (Sun Microsystems, 1993)
    6.931_471_803_691_238e-1,
    1.908_214_929_270_587_7e-10,
    12,
    [
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
