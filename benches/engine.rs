//! The engine's speed: whole updates at two sizes, the products of single steps against nalgebra's, and the activations against
//! the standard library.
//!
//! Natively matrixmultiply takes the widest vectors that the processor has, and the engine those that every one has; what decided
//! for a kernel of our own is the same comparison in wasm, which `make bench-browser` makes.

#[path = "wasm/products.rs"]
#[allow(dead_code, reason = "the rest is for wasm")]
mod products;

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lab::analysis::bench::{BenchRun, BenchSpec};
use nn::{CellKind, Scalar, math};
use products::Products;

fn updates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update");
    for cell in [CellKind::Lstm, CellKind::RnnSigmoid] {
        for (batch, hidden, len) in [(8, 16, 50), (32, 32, 100)] {
            let spec = BenchSpec { cell: cell.code().to_owned(), hidden, batch, len, updates: 1 };
            let id = BenchmarkId::new(cell.code(), format!("B={batch} H={hidden} T={len}"));
            group.bench_function(id, |bencher| {
                let mut run = BenchRun::new(&spec).expect("sizes are in range");
                bencher.iter(|| run.update());
            });
        }
    }
    group.finish();
}

fn products_of_steps(criterion: &mut Criterion) {
    type Way = (&'static str, fn(&mut Products));
    let mut group = criterion.benchmark_group("products of single steps");
    for (batch, hidden, len) in [(8, 16, 50), (32, 32, 100), (32, 64, 100)] {
        let mut products = Products::new(hidden, batch, len);
        let ways: [Way; 2] = [("our kernel", Products::steps_by_panels), ("nalgebra's gemm", Products::steps_by_gemm)];
        for (name, way) in ways {
            let id = BenchmarkId::new(name, format!("B={batch} H={hidden} T={len}"));
            group.throughput(Throughput::Elements(products.flops_of_steps() as u64));
            group.bench_function(id, |bencher| bencher.iter(|| way(&mut products)));
        }
    }
    group.finish();
}

fn activations(criterion: &mut Criterion) {
    type Function = (&'static str, fn(&mut [f32]));
    let functions: [Function; 4] = [
        ("sigmoid", |values| {
            let from = values.to_vec();
            math::sigmoids(&from, values);
        }),
        ("sigmoid std", |values| values.iter_mut().for_each(|z| *z = 1.0 / (1.0 + (-*z).exp()))),
        ("tanh", |values| {
            let from = values.to_vec();
            math::tanhs(&from, values);
        }),
        ("tanh std", |values| values.iter_mut().for_each(|z| *z = z.tanh())),
    ];
    let input: Vec<f32> = (0..1024).map(|k| (k as f32 - 512.0) / 100.0).collect();
    let mut group = criterion.benchmark_group("activation of 1024 numbers");
    for (name, function) in functions {
        let mut values = input.clone();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                values.copy_from_slice(&input);
                function(black_box(&mut values));
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = updates, products_of_steps, activations
}
criterion_main!(benches);
