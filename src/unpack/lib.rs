//! Unpacks the page's program, in the browser, before there is a page. Without the standard library, which would weigh more than the rest.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod streams;

use alloc::vec;
use alloc::vec::Vec;

use lzma_rust2::LzmaReader;
use streams::Together;
// The crate has a trait of its own where there is no standard library.
#[cfg(not(feature = "pack"))]
use lzma_rust2::Read;
#[cfg(feature = "pack")]
use std::io::Read;

/// A program of more bytes than this is a damaged file, not a program.
const MAX_BYTES: u32 = 1 << 26;

/// What one stream of a packed file is preceded by: LZMA's byte of properties, and in four bytes each how many bytes it has packed and
/// unpacked, lowest first.
const HEADER: usize = 9;

/// The program in a packed file, whose [`streams`] stand one after another, each packed by itself. Empty when the file is damaged.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen::prelude::wasm_bindgen)]
#[must_use]
pub fn unpack(packed: &[u8]) -> Vec<u8> {
    read(packed).unwrap_or_default()
}

fn read(mut packed: &[u8]) -> Option<Vec<u8>> {
    let mut streams: [Vec<u8>; streams::COUNT] = Default::default();
    for stream in &mut streams {
        let (header, rest) = packed.split_at_checked(HEADER)?;
        let length = |at: usize| Some(u32::from_le_bytes(header.get(at..at + 4)?.try_into().ok()?));
        let (content, after) = rest.split_at_checked(length(1)? as usize)?;
        *stream = unpack_stream(content, header[0], length(5)?)?;
        packed = after;
    }
    let mut together = Together::new(streams);
    streams::walk(&mut together)?;
    Some(together.module)
}

fn unpack_stream(packed: &[u8], properties: u8, length: u32) -> Option<Vec<u8>> {
    if length > MAX_BYTES {
        return None;
    }
    let mut content = vec![0; length as usize];
    let dictionary = length.next_power_of_two();
    let mut reader = LzmaReader::new_with_props(packed, u64::from(length), properties, dictionary, None).ok()?;
    reader.read_exact(&mut content).ok()?;
    Some(content)
}

/// Gives nothing back: the module is dropped when it has unpacked one program.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::LeakingAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::LeakingAllocator::new());

/// Without the standard library somebody must say what a panic does: boot.js catches the trap and says that the page could not start.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
