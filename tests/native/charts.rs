//! What the charts draw is where the numbers say: drawings are read back from SVG.

mod demo;
mod gradient;
mod heat_map;
mod lines;
mod loss;
mod palette;
mod reach;
mod read;
mod ticks;
mod why;
