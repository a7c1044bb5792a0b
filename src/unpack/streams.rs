//! A WebAssembly module taken apart into streams of one kind of byte each, and put together again.
//!
//! An instruction is an opcode and what it refers to: a local, a function, a place in memory. What comes next depends on the
//! last of its own kind far more than on the byte before, so LZMA makes each kind by itself smaller than all of them mixed: the
//! page's code by a twelfth. Which kind a byte is of follows from the bytes before it, so nothing says where they belong, and one
//! [`walk`] does both ways.

use alloc::vec::Vec;

/// How many streams there are.
pub const COUNT: usize = 19;

// Where bytes go.
const REST: usize = 0;
const DATA: usize = 1;
const HEAD: usize = 2;
const OPCODE: usize = 3;
const LOCAL: usize = 4;
const LOCAL_SET: usize = 5;
const FUNCTION: usize = 6;
const LOAD_OFFSET: usize = 7;
const STORE_OFFSET: usize = 8;
const INT: usize = 9;
const LONG: usize = 10;
const FLOAT: usize = 11;
const BRANCH: usize = 12;
const OTHER: usize = 13;
/// Alignments, a stream for each that an instruction has by nature: there it is nearly always the one.
const ALIGN: usize = 14;

/// The alignments, as powers of two, that loads and stores from 0x28 to 0x3e have by nature.
const NATURAL: [u8; 23] = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];
/// That of vectors.
const OF_VECTORS: usize = 4;

const CODE_SECTION: u8 = 10;
const DATA_SECTION: u8 = 11;

/// What a walk needs: the next byte of a stream, which it finds in the module or in the stream.
pub trait Bytes {
    /// The next byte, of this stream; none where there is no more.
    fn next(&mut self, stream: usize) -> Option<u8>;
    /// How many bytes of the module there have been.
    fn place(&self) -> usize;
    /// How many bytes the module has.
    fn length(&self) -> usize;
    /// The number of bytes of what begins here, which follows from those bytes and is in no stream.
    fn begin(&mut self) -> Option<usize>;
    /// What began there ends here.
    fn end(&mut self, began: usize) -> Option<()>;
}

/// Takes a module apart.
pub struct Apart<'a> {
    module: &'a [u8],
    place: usize,
    /// What stands in each stream.
    pub streams: [Vec<u8>; COUNT],
}

impl<'a> Apart<'a> {
    /// Before the first byte of the module.
    pub fn new(module: &'a [u8]) -> Self {
        Self { module, place: 0, streams: Default::default() }
    }
}

impl Bytes for Apart<'_> {
    fn next(&mut self, stream: usize) -> Option<u8> {
        let byte = *self.module.get(self.place)?;
        self.place += 1;
        self.streams[stream].push(byte);
        Some(byte)
    }

    fn place(&self) -> usize {
        self.place
    }

    fn length(&self) -> usize {
        self.module.len()
    }

    fn begin(&mut self) -> Option<usize> {
        while *self.module.get(self.place)? >= 128 {
            self.place += 1;
        }
        self.place += 1;
        Some(self.place)
    }

    fn end(&mut self, _: usize) -> Option<()> {
        Some(())
    }
}

/// Puts a module together.
pub struct Together {
    /// The streams.
    pub streams: [Vec<u8>; COUNT],
    /// How many bytes of each have been taken.
    taken: [usize; COUNT],
    /// The module so far.
    pub module: Vec<u8>,
    length: usize,
}

impl Together {
    /// Of these streams.
    pub fn new(streams: [Vec<u8>; COUNT]) -> Self {
        let length = streams.iter().map(Vec::len).sum();
        // Sizes of functions come on top.
        Self { streams, taken: [0; COUNT], module: Vec::with_capacity(length + length / 64), length }
    }
}

impl Bytes for Together {
    fn next(&mut self, stream: usize) -> Option<u8> {
        let byte = *self.streams[stream].get(self.taken[stream])?;
        self.taken[stream] += 1;
        self.module.push(byte);
        Some(byte)
    }

    fn place(&self) -> usize {
        self.module.len()
    }

    fn length(&self) -> usize {
        self.length
    }

    fn begin(&mut self) -> Option<usize> {
        Some(self.module.len())
    }

    fn end(&mut self, began: usize) -> Option<()> {
        let mut size = self.module.len().checked_sub(began)?;
        let mut number = Vec::new();
        while size >= 128 {
            number.push(size as u8 | 128);
            size >>= 7;
        }
        number.push(size as u8);
        self.length += number.len();
        self.module.splice(began..began, number);
        Some(())
    }
}

/// Goes over a module from its first byte to its last. None where it is not one, or has instructions that are not among those of
/// WebAssembly 2.0.
pub fn walk(bytes: &mut impl Bytes) -> Option<()> {
    skip(bytes, REST, 8)?;
    while bytes.place() < bytes.length() {
        let section = bytes.next(REST)?;
        let size = number(bytes, REST)?;
        match section {
            CODE_SECTION => {
                for _ in 0..number(bytes, HEAD)? {
                    function(bytes)?;
                }
            }
            DATA_SECTION => skip(bytes, DATA, size)?,
            _ => skip(bytes, REST, size)?,
        }
    }
    Some(())
}

fn function(bytes: &mut impl Bytes) -> Option<()> {
    let began = bytes.begin()?;
    for _ in 0..number(bytes, HEAD)? {
        number(bytes, HEAD)?;
        bytes.next(HEAD)?;
    }
    // It ends where as many blocks have ended as have begun, and itself.
    let mut depth = 1;
    while depth > 0 {
        let opcode = bytes.next(OPCODE)?;
        match opcode {
            0x02..=0x04 => depth += 1,
            0x0b => depth -= 1,
            _ => {}
        }
        operands(bytes, opcode)?;
    }
    bytes.end(began)
}

/// What follows an instruction's opcode.
fn operands(bytes: &mut impl Bytes, opcode: u8) -> Option<()> {
    match opcode {
        // block, loop, if: their type. global.get and .set, table.get and .set, memory.size and .grow, ref.null and .func
        0x02..=0x04 | 0x23..=0x26 | 0x3f | 0x40 | 0xd0 | 0xd2 => numbers(bytes, OTHER, 1),
        // br, br_if
        0x0c | 0x0d => numbers(bytes, BRANCH, 1),
        // br_table: as many as it says, and the last
        0x0e => {
            let places = number(bytes, BRANCH)?;
            numbers(bytes, BRANCH, places.checked_add(1)?)
        }
        0x10 => numbers(bytes, FUNCTION, 1),
        // call_indirect: type and table
        0x11 => numbers(bytes, OTHER, 2),
        // select with a type
        0x1c => {
            let types = number(bytes, OTHER)?;
            skip(bytes, OTHER, types)
        }
        0x20 => numbers(bytes, LOCAL, 1),
        0x21 | 0x22 => numbers(bytes, LOCAL_SET, 1),
        0x28..=0x3e => {
            let offset = if opcode < 0x36 { LOAD_OFFSET } else { STORE_OFFSET };
            memory(bytes, NATURAL[usize::from(opcode - 0x28)].into(), offset)
        }
        0x41 => numbers(bytes, INT, 1),
        0x42 => numbers(bytes, LONG, 1),
        0x43 => skip(bytes, FLOAT, 4),
        0x44 => skip(bytes, FLOAT, 8),
        0xfc => match number(bytes, OTHER)? {
            // rounding without traps
            0..=7 => Some(()),
            // memory.init and .copy, table.init and .copy
            8 | 10 | 12 | 14 => numbers(bytes, OTHER, 2),
            _ => numbers(bytes, OTHER, 1),
        },
        0xfd => vector(bytes),
        _ => Some(()),
    }
}

/// What follows the first byte of an instruction on vectors.
fn vector(bytes: &mut impl Bytes) -> Option<()> {
    match number(bytes, OTHER)? {
        0..=11 | 92 | 93 => memory(bytes, OF_VECTORS, LOAD_OFFSET),
        // v128.const, i8x16.shuffle
        12 | 13 => skip(bytes, FLOAT, 16),
        // the number of a lane
        21..=34 => skip(bytes, OTHER, 1),
        84..=91 => {
            memory(bytes, OF_VECTORS, LOAD_OFFSET)?;
            skip(bytes, OTHER, 1)
        }
        _ => Some(()),
    }
}

/// A place in memory: alignment, which by nature is this power of two, and offset.
fn memory(bytes: &mut impl Bytes, natural: usize, offset: usize) -> Option<()> {
    numbers(bytes, ALIGN + natural, 1)?;
    numbers(bytes, offset, 1)
}

fn numbers(bytes: &mut impl Bytes, stream: usize, count: usize) -> Option<()> {
    for _ in 0..count {
        number(bytes, stream)?;
    }
    Some(())
}

fn skip(bytes: &mut impl Bytes, stream: usize, count: usize) -> Option<()> {
    for _ in 0..count {
        bytes.next(stream)?;
    }
    Some(())
}

/// A number in LEB128, the value of its lowest 32 bits.
fn number(bytes: &mut impl Bytes, stream: usize) -> Option<usize> {
    let mut value = 0;
    for place in 0..10 {
        let byte = bytes.next(stream)?;
        if place < 5 {
            value |= u32::from(byte & 127) << (7 * place);
        }
        if byte < 128 {
            return Some(value as usize);
        }
    }
    None
}
