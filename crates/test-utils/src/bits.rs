//! Comparison of numbers to the bit.

use lab::Snapshot;
use lab::packed::Packed;

/// Returns a packed message with its numbers as bits.
pub fn packed_bits(packed: &Packed) -> (Vec<u8>, Vec<u32>, Vec<u64>) {
    let floats = packed.floats.iter().map(|number| number.to_bits());
    let doubles = packed.doubles.iter().map(|number| number.to_bits());
    (packed.head.clone(), floats.collect(), doubles.collect())
}

/// Returns every number of a snapshot as bits, and everything else as text.
pub fn bits(snapshot: &Snapshot) -> (Vec<u64>, String) {
    let mut bits = Vec::new();
    let mut text =
        format!("{} {} {:?}", snapshot.run, snapshot.update, (snapshot.sequence.class, &snapshot.sequence.marks));
    let floats = |values: &[f32], bits: &mut Vec<u64>| {
        bits.push(values.len() as u64);
        bits.extend(values.iter().map(|value| u64::from(value.to_bits())));
    };
    let doubles = |values: &[f64], bits: &mut Vec<u64>| {
        bits.push(values.len() as u64);
        bits.extend(values.iter().map(|value| value.to_bits()));
    };
    floats(&snapshot.sequence.inputs, &mut bits);
    floats(&snapshot.sequence.values, &mut bits);
    for lane in &snapshot.lanes {
        floats(&lane.inputs, &mut bits);
        if let Some(ghost) = &lane.ghost {
            let (trace, (from, losses)) = (&ghost.trace, &ghost.new_losses);
            text += &format!(" ghost {from} {}", trace.loss.to_bits());
            for values in [losses, &trace.h, &trace.c, &trace.output, &trace.answer, &trace.grad_h, &trace.grad_c] {
                floats(values, &mut bits);
            }
            for series in trace.z.iter().chain(&trace.gates).chain(&trace.grad_z) {
                floats(&series.values, &mut bits);
            }
            [&trace.grad_h_norms, &trace.grad_c_norms].iter().for_each(|values| doubles(values, &mut bits));
            doubles(trace.sigma_max.as_slice(), &mut bits);
        }
        let trace = &lane.trace;
        text += &format!(" {:?} {} {:?} {}", lane.cell, lane.parameters, lane.stopped, lane.new_losses.0);
        text += &format!(" {:?} {} {} {}", trace.cell, trace.len, trace.hidden, trace.outputs);
        floats(&lane.new_losses.1, &mut bits);
        for values in [&trace.h, &trace.c, &trace.output, &trace.answer, &trace.grad_h, &trace.grad_c] {
            floats(values, &mut bits);
        }
        for series in trace.z.iter().chain(&trace.gates).chain(&trace.grad_z) {
            text += series.name;
            floats(&series.values, &mut bits);
        }
        for values in [&lane.batch_norms.0, &lane.batch_norms.1, &trace.grad_h_norms, &trace.grad_c_norms] {
            doubles(values, &mut bits);
        }
        doubles(&[f64::from(lane.loss), trace.loss], &mut bits);
        doubles(lane.recent_loss.as_slice(), &mut bits);
        doubles(trace.sigma_max.as_slice(), &mut bits);
    }
    (bits, text)
}
