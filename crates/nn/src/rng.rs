//! Random numbers that depend on a name, not on the numbers drawn before.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of random numbers for one purpose: ChaCha8 (Bernstein 2008, *ChaCha, a variant of Salsa20*) under a 256-bit
/// key that names the purpose of the numbers.
///
/// Bytes 0–3 of the key are the seed, 4–7 the domain, 8–23 a code, 24–31 an index, nothing is hashed: two purposes that
/// differ in name have different streams, and adding one leaves every other as it was. The same on every platform.
#[derive(Clone, Debug)]
pub struct KeyedRng(ChaCha8Rng);

impl KeyedRng {
    /// Opens the stream of (seed, domain, code, index), for example `(7, *b"init", "lstm", *b"w_ih\0\0\0\0")`.
    ///
    /// `code` is ASCII, zero-padded to 16 bytes; bytes beyond the sixteenth are ignored.
    #[must_use]
    pub fn new(seed: u32, domain: [u8; 4], code: &str, index: [u8; 8]) -> Self {
        let mut key = [0; 32];
        key[0..4].copy_from_slice(&seed.to_le_bytes());
        key[4..8].copy_from_slice(&domain);
        for (byte, &letter) in key[8..24].iter_mut().zip(code.as_bytes()) {
            *byte = letter;
        }
        key[24..32].copy_from_slice(&index);
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Makes an index of a short name, zero-padded; bytes beyond the eighth are ignored.
    #[must_use]
    pub fn index_of_name(name: &str) -> [u8; 8] {
        let mut index = [0; 8];
        for (byte, &letter) in index.iter_mut().zip(name.as_bytes()) {
            *byte = letter;
        }
        index
    }

    /// Draws a number uniform in [0, 1), of 53 random bits.
    pub fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 * STEP
    }

    /// Draws an integer uniform in 0 … n − 1, without bias; 0 for n = 0.
    ///
    /// The widening product of Lemire 2019, *Fast Random Integer Generation in an Interval*: the few products whose
    /// low half would favour some integers are drawn again.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let unfair = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(n);
            if product as u64 >= unfair {
                return (product >> 64) as u64;
            }
        }
    }

    /// Draws a normal number of mean 0 and variance 1, by Marsaglia's polar method.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (self.uniform(-1.0, 1.0), self.uniform(-1.0, 1.0));
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// Draws a number uniform in [low, high).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}
