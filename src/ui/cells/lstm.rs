//! The LSTM on the page.

use super::{CellText, Wire};

/// Equations and diagram.
pub const TEXT: CellText = CellText {
    forward: "i|i@n = σ(z@n(i)) = σ({zi})|si|Zi
f|f@n = σ(z@n(f)) = σ({zf})|sf|Zf
g|g@n = tanh(z@n(g)) = tanh({zg})|sg|Zg
o|o@n = σ(z@n(o)) = σ({zo})|so|Zo
c|c@n = f@n·c@p + i@n·g@n = {sf}·<c-> + {si}·<sg>|c
h|h@n = o@n·tanh(c@n) = {so}·tanh({c})|h",
    backward: "h|∂L/∂h@n = ⟦Uᵀ·δ@l + ⟧Wₒᵤₜᵀ·∂L/∂y@n|H|H
c|∂L/∂c@n = ⟦f@l·∂L/∂c@l + ⟧∂L/∂h@n·o·(1 − tanh²(c@n)) = ⟦{sf+}·<C+> + ⟧<H>·{so}·(1 − tanh²({c}))|C
i|δ(i) = ∂L/∂c·g·i·(1 − i) = <C>·<sg>·{si}·(1 − {si})|di
f|δ(f) = ∂L/∂c·c@p·f·(1 − f) = <C>·<c->·{sf}·(1 − {sf})|df
g|δ(g) = ∂L/∂c·i·(1 − g²) = <C>·{si}·(1 − <sg>²)|dg
o|δ(o) = ∂L/∂h·tanh(c)·o·(1 − o) = <H>·tanh({c})·{so}·(1 − {so})|do",
    jacobian: "f|∂c@n/∂c@p = f@n|sf
c|∂h@n/∂c@p = o·(1 − tanh²(c@n))·f = {so}·(1 − tanh²({c}))·{sf}|a
c|∂c@n([K])/∂h@p([K]) = g·i·(1 − i)·U(i) + c@p·f·(1 − f)·U(f) + i·(1 − g²)·U(g) = <ji>·<wi> + <jf>·<wf> + <jg>·<wg>|Ec|Rc
h|∂h@n([K])/∂h@p([K]) = o·(1 − tanh²(c@n))·∂c@n/∂h@p + tanh(c@n)·o·(1 − o)·U(o) = {e}·<Ec> + <Jo>·<wo>|Eh|Rh",
    rows: &[("c", &["ji", "jf", "jg", ""]), ("h", &["ei", "ef", "eg", "Jo"])],
    derived: |name, number| {
        let (i, f, g, o) = (number("si"), number("sf"), number("sg"), number("so"));
        let (before, tanh) = (number("c-"), number("c").tanh());
        let (by_h, by_c) = (number("H"), number("C"));
        let shown = o * (1.0 - tanh * tanh);
        let (by_i, by_f, by_g, by_o) = (
            number("!i") * g * i * (1.0 - i),
            number("!f") * before * f * (1.0 - f),
            number("!g") * i * (1.0 - g * g),
            number("!o") * tanh * o * (1.0 - o),
        );
        let along = || by_i * number("wi") + by_f * number("wf") + by_g * number("wg");
        match name {
            "T" => tanh,
            "e" => shown,
            "a" => shown * f,
            "m" => f * before,
            "M" => i * g,
            "ti" => by_c * g,
            "tf" => by_c * before,
            "tg" => by_c * i,
            "to" => by_h * tanh,
            "k" => by_h * o,
            "E" => by_h * shown,
            "Kc" => by_c * f,
            "ji" => by_i,
            "jf" => by_f,
            "jg" => by_g,
            "Jo" => by_o,
            "ei" => shown * by_i,
            "ef" => shown * by_f,
            "eg" => shown * by_g,
            "Ec" => along(),
            "Eh" => shown * along() + by_o * number("wo"),
            _ => f64::NAN,
        }
    },
    nodes: concat!(
        r#"<circle cx="24" cy="46" r="10"/><text x="24" y="50">×</text><circle cx="130" cy="46" r="10"/><text x="130" y="50">+</text>"#,
        r#"<circle cx="130" cy="112" r="10"/><text x="130" y="116">×</text><circle cx="236" cy="128" r="10"/><text x="236" y="132">×</text>"#,
        r#"<rect x="214" y="72" width="44" height="20" rx="4"/><text x="236" y="86">tanh</text>"#,
        r#"<g data-gate="f"><rect x="6" y="176" width="36" height="24" rx="4"/><text x="24" y="192">f σ</text></g>"#,
        r#"<g data-gate="i"><rect x="76" y="176" width="36" height="24" rx="4"/><text x="94" y="192">i σ</text></g>"#,
        r#"<g data-gate="g"><rect x="142" y="176" width="48" height="24" rx="4"/><text x="166" y="192">g tanh</text></g>"#,
        r#"<g data-gate="o"><rect x="218" y="176" width="36" height="24" rx="4"/><text x="236" y="192">o σ</text></g>"#,
    ),
    height: 276,
    wires: &[
        Wire { gate: "c", path: &[(0, 46), (14, 46)], label: (0, 14), symbol: ("c@p", "f@n·∂L/∂c@n"), number: ("c-", "Kc") },
        Wire { gate: "c", path: &[(34, 46), (120, 46)], label: (80, 14), symbol: ("f·c@p", ""), number: ("m", "C") },
        Wire { gate: "c", path: &[(140, 46), (304, 46)], label: (-304, 14), symbol: ("c@n", "∂L/∂c@n"), number: ("c", "C") },
        Wire { gate: "f", path: &[(24, 176), (24, 56)], label: (28, 86), symbol: ("f", "∂L/∂f"), number: ("sf", "tf") },
        Wire { gate: "i", path: &[(94, 176), (94, 112), (120, 112)], label: (98, 150), symbol: ("i", "∂L/∂i"), number: ("si", "ti") },
        Wire { gate: "g", path: &[(166, 176), (166, 112), (140, 112)], label: (170, 150), symbol: ("g", "∂L/∂g"), number: ("sg", "tg") },
        Wire { gate: "", path: &[(130, 102), (130, 56)], label: (136, 74), symbol: ("i·g", ""), number: ("M", "C") },
        Wire { gate: "", path: &[(236, 46), (236, 72)], label: (-230, 52), symbol: ("", ""), number: ("", "E") },
        Wire { gate: "", path: &[(236, 92), (236, 118)], label: (-230, 95), symbol: ("", ""), number: ("T", "k") },
        Wire { gate: "o", path: &[(236, 176), (236, 138)], label: (240, 150), symbol: ("o", "∂L/∂o"), number: ("so", "to") },
        Wire { gate: "h", path: &[(246, 128), (304, 128)], label: (-304, 104), symbol: ("h@n", "∂L/∂h@n"), number: ("h", "H") },
        Wire { gate: "h", path: &[(0, 240), (236, 240)], label: (0, 256), symbol: ("h@p", "Uᵀ·δ@n"), number: ("h-", "B") },
        Wire { gate: "f", path: &[(24, 240), (24, 200)], label: (28, 214), symbol: ("z", "δ"), number: ("zf", "df") },
        Wire { gate: "i", path: &[(94, 240), (94, 200)], label: (98, 214), symbol: ("z", "δ"), number: ("zi", "di") },
        Wire { gate: "g", path: &[(166, 240), (166, 200)], label: (170, 214), symbol: ("z", "δ"), number: ("zg", "dg") },
        Wire { gate: "o", path: &[(236, 240), (236, 200)], label: (240, 214), symbol: ("z", "δ"), number: ("zo", "do") },
    ],
};
