//! The program that the browser loads. All of it is in the library: see this folder's Cargo.toml.

fn main() {
    gatescope::start();
}
