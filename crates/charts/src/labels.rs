//! Positions and lengths of labels.

/// Moves labels apart as little as possible: given wanted positions (centres) of labels of this height, returns positions inside
/// `low` … `high`, in the same order, at least `height` apart while there is room for all, evenly spaced where there is not.
/// Labels with the same wanted position keep their order.
pub fn spread(wanted: &[f64], height: f64, low: f64, high: f64) -> Vec<f64> {
    let count = wanted.len();
    if count == 0 {
        return Vec::new();
    }
    let (first, last) = (low + height / 2.0, (high - height / 2.0).max(low + height / 2.0));
    let gap = if count > 1 { height.min((last - first) / (count - 1) as f64) } else { height };
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));

    // With k·gap taken off, "gap apart" is "not descending": pool neighbours that descend into their mean (isotonic
    // regression by pool-adjacent-violators), which is the least-squares move.
    let mut pools: Vec<(f64, usize)> = Vec::with_capacity(count);
    for (k, index) in order.iter().enumerate() {
        let mut pool = (wanted[*index] - k as f64 * gap, 1);
        while let Some(before) = pools.last().copied().filter(|before| before.0 > pool.0) {
            let size = before.1 + pool.1;
            pool = ((before.0 * before.1 as f64 + pool.0 * pool.1 as f64) / size as f64, size);
            pools.pop();
        }
        pools.push(pool);
    }
    let ceiling = last - (count - 1) as f64 * gap;
    let mut out = vec![0.0; count];
    let mut k = 0;
    for (value, size) in pools {
        for _ in 0..size {
            out[order[k]] = value.min(ceiling).max(first) + k as f64 * gap;
            k += 1;
        }
    }
    out
}

/// Estimates a text's width in multiples of its font size, as charts never measure text. The estimate is an upper bound for the
/// widest system fonts, good enough for margins.
pub fn guessed_width(text: &str, bold: bool) -> f64 {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | '\'' | '(' | ')' | '\u{202f}' => 0.42,
        'm' | 'w' | 'M' | 'W' | '…' => 1.0,
        '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' | '⁻' => 0.45,
        c if c.is_uppercase() => 0.74,
        _ => 0.64,
    };
    text.chars().map(width).sum::<f64>() * if bold { 1.1 } else { 1.0 }
}

/// Shortens a text to `width` (in multiples of the font size) with an ellipsis; the part after ` · ` is kept, as it may be the
/// only difference between two labels.
pub fn shortened(text: &str, bold: bool, width: f64) -> std::borrow::Cow<'_, str> {
    if guessed_width(text, bold) <= width {
        return text.into();
    }
    let (text, end) = text.split_at(text.rfind(" · ").unwrap_or(text.len()));
    let width = width - guessed_width("…", bold) - guessed_width(end, bold);
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        if guessed_width(&cut, bold) > width {
            cut.pop();
            break;
        }
    }
    let mut cut = cut.trim_end().to_owned();
    cut.push('…');
    (cut + end).into()
}
