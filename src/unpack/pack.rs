//! `pack PACKED CANDIDATE…`: packs each candidate, keeps the smallest result as PACKED, and prints how many bytes it has. The
//! candidates are one program with its functions in different orders.

use std::error::Error;
use std::io::Write;
use std::{env, fs};

use gatescope_unpack::streams::{Apart, walk};
use lzma_rust2::{LzmaOptions, LzmaWriter};

/// Which bits of the place and of the byte before predict a byte.
const WAYS: [(u32, u32, u32); 8] =
    [(3, 0, 0), (4, 0, 0), (3, 0, 1), (2, 0, 0), (1, 0, 0), (0, 0, 0), (3, 0, 2), (0, 2, 2)];

/// From which length on a repetition is taken without looking further.
const NICE: [u32; 4] = [12, 20, 40, LzmaOptions::NICE_LEN_MAX];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let target = arguments.next().ok_or("pack PACKED CANDIDATE…")?;
    let packed = arguments.map(pack).collect::<Result<Vec<_>, _>>()?;
    let lightest = packed.into_iter().min_by_key(Vec::len).ok_or("nothing to pack")?;
    fs::write(target, &lightest)?;
    println!("{}", lightest.len());
    Ok(())
}

fn pack(candidate: String) -> Result<Vec<u8>, Box<dyn Error>> {
    let content = fs::read(candidate)?;
    let mut apart = Apart::new(&content);
    walk(&mut apart).ok_or("no module of WebAssembly 2.0")?;
    let mut packed = Vec::new();
    for stream in &apart.streams {
        let ways = WAYS.into_iter().flat_map(|way| NICE.map(|nice| pack_stream(stream, way, nice)));
        let ways = ways.collect::<Result<Vec<_>, _>>()?;
        packed.extend(ways.into_iter().min_by_key(Vec::len).ok_or("no way to pack")?);
    }
    if gatescope_unpack::unpack(&packed) != content {
        return Err("what was packed does not unpack to the same".into());
    }
    Ok(packed)
}

/// A stream with its header.
fn pack_stream(stream: &[u8], (lc, lp, pb): (u32, u32, u32), nice: u32) -> Result<Vec<u8>, Box<dyn Error>> {
    let length = u32::try_from(stream.len())?;
    let mut options = LzmaOptions::with_preset(9);
    // The browser allocates as much; more than the content is of no use.
    options.dict_size = length.next_power_of_two();
    (options.lc, options.lp, options.pb) = (lc, lp, pb);
    options.nice_len = nice;
    let mut writer = LzmaWriter::new_no_header(Vec::new(), &options, false)?;
    writer.write_all(stream)?;
    let content = writer.finish()?;
    let mut packed = vec![options.get_props()];
    packed.extend(u32::try_from(content.len())?.to_le_bytes());
    packed.extend(length.to_le_bytes());
    packed.extend(content);
    Ok(packed)
}
