//! The program that the browser loads, for the page and for its worker.

fn main() {
    gatescope::start();
}
