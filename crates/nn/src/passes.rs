//! The loops over all numbers of a network, compiled in this crate once for each number type.
//!
//! A generic function is compiled in the crate that names its type, with that crate's optimisation. This crate is always
//! compiled for speed, in development builds too, so the generic methods that loop over a network's numbers reach their
//! loops through these traits: the functions of an `impl` are not generic, hence they are compiled here.

use crate::Batch;
use crate::KeyedRng;
use crate::LossSpec;
use crate::Network;
use crate::Optimizer;
use crate::Parameters;
use crate::Probe;
use crate::Quantity;
use crate::Scalar;
use crate::Unroll;
use crate::clip;
use crate::math;
use crate::panels;
use crate::panels::Term;
use crate::product;

/// Declares each function once, as `name(arguments) = the generic function that it calls`, for the trait and both types.
macro_rules! passes {
    ($(#[$of:meta])* $trait:ident; $($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? = $generic:path;)*) => {
        $(#[$of])*
        pub trait $trait: Sized {
            $($(#[$doc])* #[doc(hidden)] fn $name($($argument: $type),*) $(-> $result)? where Self: Scalar;)*
        }
        passes!(@$trait for f32: $(fn $name($($argument: $type),*) $(-> $result)? = $generic;)*);
        passes!(@$trait for f64: $(fn $name($($argument: $type),*) $(-> $result)? = $generic;)*);
    };
    // Never inlined: an inlined function is compiled again with its caller.
    (@$trait:ident for $number:ty: $(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? = $generic:path;)*) => {
        impl $trait for $number {
            $(#[inline(never)] fn $name($($argument: $type),*) $(-> $result)? { $generic($($argument),*) })*
        }
    };
}

passes! {
    /// The passes of a number type; callers use the methods and functions that each is named after.
    Passes;
    /// [`Unroll::forward`].
    fn forward(unroll: &mut Unroll<Self>, network: &Network<Self>, batch: &Batch<Self>) = Unroll::forward_pass;
    /// [`Unroll::loss`].
    fn loss(unroll: &mut Unroll<Self>, batch: &Batch<Self>, spec: LossSpec) -> f64 = Unroll::loss_pass;
    /// [`Unroll::backward`].
    fn backward(
        unroll: &mut Unroll<Self>,
        network: &Network<Self>,
        batch: &Batch<Self>,
        gradients: &mut Parameters<Self>
    ) = Unroll::backward_pass;
    /// [`clip_global_norm`](crate::clip_global_norm).
    fn clip_global_norm(gradients: &mut [Self], max: f64) -> f64 = clip::by_norm;
    /// [`clip`](crate::clip) by value.
    fn clip_values(gradients: &mut [Self], max: f64) -> f64 = clip::by_value;
    /// [`Unroll::drop_out`].
    fn drop_out(unroll: &mut Unroll<Self>, rate: f64, random: &mut KeyedRng) = Unroll::drop_out_pass;
    /// [`Optimizer::step`].
    fn step(optimizer: &mut Optimizer<Self>, parameters: &mut [Self], gradients: &[Self]) = Optimizer::step_pass;
    /// The part of [`Probe::trace`] that computes.
    fn probe(probe: &mut Probe<Self>, network: &Network<Self>, batch: &Batch<Self>) = Probe::pass;
    /// [`Unroll::recurrent_shares`].
    fn recurrent_shares(unroll: &Unroll<Self>, layer: usize) -> Vec<f64> = Unroll::recurrent_shares_pass;
    /// [`Unroll::first_overflow`].
    fn first_overflow(unroll: &Unroll<Self>, lengths: &[usize], back: bool) -> Option<(Quantity, usize)>
        = Unroll::first_overflow_pass;
    /// [`Unroll::input_norms`].
    fn input_norms(unroll: &Unroll<Self>, network: &Network<Self>, member: usize) -> Vec<f64> = Unroll::input_norms_pass;
    /// [`math::sigmoids`].
    fn sigmoids(from: &[Self], to: &mut [Self]) = math::sigmoids_pass;
    /// [`math::tanhs`].
    fn tanhs(from: &[Self], to: &mut [Self]) = math::tanhs_pass;
    /// [`math::norms`].
    fn norms(values: &[Self], run: usize) -> Vec<f64> = math::norms_pass;
    /// [`math::all_finite`].
    fn all_finite(values: &[Self]) -> bool = math::all_finite_pass;
}

passes! {
    /// The matrix products of a number type.
    Products;
    /// [`add_product`](crate::product::add_product).
    fn add_product(y: &mut [Self], a: &[Self], x: &[Self], m: usize, k: usize, n: usize) = product::add_product_of;
    /// [`add_transposed_product`](crate::product::add_transposed_product).
    fn add_transposed_product(y: &mut [Self], a: &[Self], d: &[Self], m: usize, k: usize, n: usize)
        = product::add_transposed_product_of;
    /// [`outer_products`](crate::product::outer_products).
    fn outer_products(y: &mut [Self], d: &[Self], x: &[Self], m: usize, k: usize, n: usize) = product::outer_products_of;
    /// [`add_products`](panels::add_products).
    fn add_products(y: &mut [Self], m: usize, bias: Option<&[Self]>, terms: &[Term<'_, Self>]) = panels::add_products;
}
