//! Unpacks the page's program, in the browser, before there is a page. Without the standard library, which would weigh more than the rest.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::vec;
use alloc::vec::Vec;

use lzma_rust2::LzmaReader;
// The crate has a trait of its own where there is no standard library.
#[cfg(not(feature = "pack"))]
use lzma_rust2::Read;
#[cfg(feature = "pack")]
use std::io::Read;

/// A program of more bytes than this is a damaged file, not a program.
const MAX_BYTES: u64 = 1 << 26;

/// What is in a file in LZMA's own format (`.lzma`) whose header says how many bytes there are. Empty when the file is damaged.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen::prelude::wasm_bindgen)]
#[must_use]
pub fn unpack(packed: &[u8]) -> Vec<u8> {
    read(packed).unwrap_or_default()
}

/// The header is a byte of properties, four of the dictionary's size and eight of the content's.
fn read(packed: &[u8]) -> Option<Vec<u8>> {
    let length = u64::from_le_bytes(packed.get(5..13)?.try_into().ok()?);
    if length > MAX_BYTES {
        return None;
    }
    let mut content = vec![0; length as usize];
    let mut reader = LzmaReader::new_mem_limit(packed, (MAX_BYTES / 1024) as u32, None).ok()?;
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
