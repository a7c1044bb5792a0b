//! `pack PACKED CANDIDATE…`: packs each candidate in every way that LZMA offers, keeps the smallest result as PACKED, and prints
//! how many bytes it has. The candidates are one program with its functions in different orders.

use std::io::Write;
use std::{env, fs};

use lzma_rust2::{LzmaOptions, LzmaWriter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let target = arguments.next().ok_or("pack PACKED CANDIDATE…")?;
    let mut lightest: Option<Vec<u8>> = None;
    for candidate in arguments {
        let content = fs::read(candidate)?;
        // Which bits of the place and of the byte before predict a byte.
        for (lc, lp, pb) in [(3, 0, 0), (4, 0, 0), (3, 0, 1), (2, 0, 0), (1, 0, 0), (0, 0, 0), (3, 0, 2)] {
            let packed = pack(&content, lc, lp, pb)?;
            if gatescope_unpack::unpack(&packed) != content {
                return Err("what was packed does not unpack to the same".into());
            }
            if lightest.as_ref().is_none_or(|least| packed.len() < least.len()) {
                lightest = Some(packed);
            }
        }
    }
    let lightest = lightest.ok_or("nothing to pack")?;
    fs::write(target, &lightest)?;
    println!("{}", lightest.len());
    Ok(())
}

fn pack(content: &[u8], lc: u32, lp: u32, pb: u32) -> lzma_rust2::Result<Vec<u8>> {
    let mut options = LzmaOptions::with_preset(9);
    // The browser allocates as much; more than the content is of no use.
    options.dict_size = content.len().next_power_of_two() as u32;
    (options.lc, options.lp, options.pb) = (lc, lp, pb);
    options.nice_len = LzmaOptions::NICE_LEN_MAX;
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(content.len() as u64))?;
    writer.write_all(content)?;
    writer.finish()
}
