//! `pack PACKED CANDIDATE…`: packs each candidate, keeps the smallest result as PACKED, and prints how many bytes it has. The
//! candidates are one program with its functions in different orders.

use std::io::Write;
use std::{env, fs};

use gatescope_unpack::streams::{Apart, walk};
use lzma_rust2::{LzmaOptions, LzmaWriter};

/// Which bits of the place and of the byte before predict a byte.
const WAYS: [(u32, u32, u32); 8] =
    [(3, 0, 0), (4, 0, 0), (3, 0, 1), (2, 0, 0), (1, 0, 0), (0, 0, 0), (3, 0, 2), (0, 2, 2)];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let target = arguments.next().ok_or("pack PACKED CANDIDATE…")?;
    let mut lightest: Option<Vec<u8>> = None;
    for candidate in arguments {
        let content = fs::read(candidate)?;
        let mut apart = Apart::new(&content);
        walk(&mut apart).ok_or("no module of WebAssembly 2.0")?;
        let mut packed = Vec::new();
        for stream in &apart.streams {
            packed.extend(lightest_of(stream)?);
        }
        if gatescope_unpack::unpack(&packed) != content {
            return Err("what was packed does not unpack to the same".into());
        }
        if lightest.as_ref().is_none_or(|least| packed.len() < least.len()) {
            lightest = Some(packed);
        }
    }
    let lightest = lightest.ok_or("nothing to pack")?;
    fs::write(target, &lightest)?;
    println!("{}", lightest.len());
    Ok(())
}

/// A stream with its header, packed in the way that makes it smallest.
fn lightest_of(stream: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let length = u32::try_from(stream.len())?;
    let mut lightest: Option<Vec<u8>> = None;
    for (lc, lp, pb) in WAYS {
        let mut options = LzmaOptions::with_preset(9);
        // The browser allocates as much; more than the content is of no use.
        options.dict_size = length.next_power_of_two();
        (options.lc, options.lp, options.pb) = (lc, lp, pb);
        options.nice_len = LzmaOptions::NICE_LEN_MAX;
        let mut writer = LzmaWriter::new_no_header(Vec::new(), &options, false)?;
        writer.write_all(stream)?;
        let content = writer.finish()?;
        let mut packed = vec![options.get_props()];
        packed.extend(u32::try_from(content.len())?.to_le_bytes());
        packed.extend(length.to_le_bytes());
        packed.extend(content);
        if lightest.as_ref().is_none_or(|least| packed.len() < least.len()) {
            lightest = Some(packed);
        }
    }
    lightest.ok_or_else(|| "no way to pack".into())
}
