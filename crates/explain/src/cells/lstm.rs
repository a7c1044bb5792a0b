//! The LSTM on the page, and its variants: their equations are its own with what is changed put in its place.

use super::CellText;
use super::SILENT;
use super::Wire;
use nn::{CellKind, math};

/// Equations and diagram.
pub const TEXT: CellText = CellText {
    forward: "i|i@n = σ(z@n(i)) = σ({zi})|si|Zi
f|f@n = σ(z@n(f)) = σ({zf})|sf|Zf
g|g@n = tanh(z@n(g)) = tanh({zg})|sg|Zg
o|o@n = σ(z@n(o)) = σ({zo})|so|Zo
c|c@n = f@n·c@p + i@n·g@n = {sf}·<c-> + {si}·<sg>|c
h|h@n = o@n·tanh(c@n) = {so}·tanh({c})|h",
    backward: "h|∂L/∂h@n = ⟦Uᵀ·δ@l + ⟧Wₒᵤₜᵀ·∂L/∂y@n|H|H
c|∂L/∂c@n = ⟦f@l·∂L/∂c@l + ⟧∂L/∂h@n·o·(1 − tanh²(c@n)) = ⟦{sf+}·<C+> + ⟧<H>·{so}·(1 − <T>²)|C
i|δ(i) = ∂L/∂c·g·i·(1 − i) = <C>·<sg>·{si}·(1 − {si})|di
f|δ(f) = ∂L/∂c·c@p·f·(1 − f) = <C>·<c->·{sf}·(1 − {sf})|df
g|δ(g) = ∂L/∂c·i·(1 − g²) = <C>·{si}·(1 − <sg>²)|dg
o|δ(o) = ∂L/∂h·tanh(c)·o·(1 − o) = <H>·tanh({c})·{so}·(1 − {so})|do",
    jacobian: "f|∂c@n/∂c@p = f@n|sf
c|∂h@n/∂c@p = o·(1 − tanh²(c@n))·f = {so}·(1 − <T>²)·{sf}|a
c|∂c@n([K])/∂h@p([K]) = g·i·(1 − i)·U(i) + c@p·f·(1 − f)·U(f) + i·(1 − g²)·U(g) = <ji>·<wi> + <jf>·<wf> + <jg>·<wg>|Ec|Rc
h|∂h@n([K])/∂h@p([K]) = o·(1 − tanh²(c@n))·∂c@n/∂h@p + tanh(c@n)·o·(1 − o)·U(o) = <e>·<Ec> + <Jo>·<wo>|Eh|Rh",
    rows: &[("c", &["ji", "jf", "jg", ""]), ("h", &["ei", "ef", "eg", "Jo"])],
    derived: |cell, name, number| {
        let (i, f, g, o) = (number("si"), number("sf"), number("sg"), number("so"));
        let (before, c) = (number("c-"), number("c"));
        let linear = cell == CellKind::LstmNoaf;
        // That of the pass: where f32 has it at 1, nothing comes through it.
        let tanh = if linear { c } else { f64::from(math::tanh(c as f32)) };
        let (by_h, by_c) = (number("H"), number("C"));
        let written = if cell == CellKind::LstmCifg { g - before } else { g };
        let slope = if cell == CellKind::LstmNiaf { 1.0 } else { 1.0 - g * g };
        // Of a number that the cell does not have, nothing.
        let any = |name: &str| Some(number(name)).filter(|number| number.is_finite()).unwrap_or_default();
        let (by_i, by_f, by_g, by_o) = (
            number("!i") * written * i * (1.0 - i),
            number("!f") * before * f * (1.0 - f),
            number("!g") * i * slope,
            number("!o") * tanh * o * (1.0 - o),
        );
        let shown = o * if linear { 1.0 } else { 1.0 - tanh * tanh };
        let out = shown + by_o * any("po");
        let along = || by_i * number("wi") + by_f * number("wf") + by_g * number("wg");
        let cell_kept = f + by_i * any("pi") + by_f * any("pf");
        // Of FGR, by a gate of the step before.
        let from_gate = |gate: &str| by_i * number(&["vi", gate].concat()) + by_f * number(&["vf", gate].concat());
        match name {
            "T" => tanh,
            "e" => out,
            "X" => cell_kept,
            "a" => out * cell_kept,
            "m" => f * before,
            "M" => i * g,
            "ti" => by_c * written + any("li"),
            "tf" => by_c * before + any("lf"),
            "tg" => by_c * i,
            "to" => by_h * tanh + any("lo"),
            "k" => by_h * o,
            "E" => by_h * shown,
            "Kc" => number("!<") * (f * by_c + any("Ri") + any("Rf")),
            "A" => {
                let peepholes = any("pi") * any("di+") + any("pf") * any("df+");
                number("!>") * (any("sf+") * any("C+") + peepholes)
            }
            "Pi" | "Pf" => any(["pi", "pf"][usize::from(name == "Pf")]) * before,
            "Po" => any("po") * c,
            "Ri" => any("pi") * number("di"),
            "Rf" => any("pf") * number("df"),
            "Ro" => any("po") * number("do"),
            "ji" => by_i,
            "jf" => by_f,
            "jg" => by_g,
            "Jo" => by_o,
            "ei" => out * by_i,
            "ef" => out * by_f,
            "eg" => out * by_g,
            "Ec" => along(),
            "Eh" => out * along() + by_o * number("wo"),
            _ => match name.split_at_checked(1) {
                Some(("N", gate)) => from_gate(gate),
                Some(("O", gate)) => out * from_gate(gate) + by_o * number(&["vo", gate].concat()),
                Some(("M", gate)) => {
                    let own = number(&["s", gate].concat());
                    number(&["!", gate].concat()) * own * (1.0 - own) * number(&["v", gate, gate].concat())
                }
                _ => f64::NAN,
            },
        }
    },
    nodes: concat!(
        r#"<circle cx="24" cy="46" r="10"/><text x="24" y="50">×</text><circle cx="128" cy="46" r="10"/><text x="128" y="50">+</text>"#,
        r#"<circle cx="128" cy="116" r="10"/><text x="128" y="120">×</text><circle cx="228" cy="128" r="10"/><text x="228" y="132">×</text>"#,
        r#"<rect x="206" y="72" width="44" height="20" rx="4"/><text x="228" y="86">tanh</text>"#,
        r#"<g data-gate="f"><rect x="6" y="190" width="36" height="24" rx="4"/><text x="24" y="206">f σ</text></g>"#,
        r#"<g data-gate="i"><rect x="74" y="190" width="36" height="24" rx="4"/><text x="92" y="206">i σ</text></g>"#,
        r#"<g data-gate="g"><rect x="136" y="190" width="48" height="24" rx="4"/><text x="160" y="206">g tanh</text></g>"#,
        r#"<g data-gate="o"><rect x="210" y="190" width="36" height="24" rx="4"/><text x="228" y="206">o σ</text></g>"#,
    ),
    height: 304,
    wires: &[
        Wire { gate: "c", path: &[(0, 46), (14, 46)], label: (0, 14), symbol: ("c@p", "f@n·∂L/∂c@n"), number: ("c-", "Kc") },
        Wire { gate: "c", path: &[(34, 46), (118, 46)], label: (80, 14), symbol: ("f·c@p", SILENT), number: ("m", "C") },
        Wire { gate: "c", path: &[(138, 46), (228, 46)], label: (146, 14), symbol: (SILENT, "∂L/∂c@n"), number: ("c", "C") },
        Wire { gate: "c", path: &[(228, 46), (304, 46)], label: (-304, 14), symbol: ("c@n", "f@l·∂L/∂c@l"), number: ("c", "A") },
        Wire { gate: "f", path: &[(24, 190), (24, 56)], label: (28, 86), symbol: ("f", "∂L/∂f"), number: ("sf", "tf") },
        Wire { gate: "i", path: &[(92, 190), (92, 116), (118, 116)], label: (96, 154), symbol: ("i", "∂L/∂i"), number: ("si", "ti") },
        Wire { gate: "g", path: &[(160, 190), (160, 116), (138, 116)], label: (164, 154), symbol: ("g", "∂L/∂g"), number: ("sg", "tg") },
        Wire { gate: "", path: &[(128, 106), (128, 56)], label: (134, 80), symbol: ("i·g", "∂L/∂c@n"), number: ("M", "C") },
        Wire { gate: "", path: &[(228, 46), (228, 72)], label: (-222, 52), symbol: (SILENT, ""), number: ("c", "E") },
        Wire { gate: "", path: &[(228, 92), (228, 118)], label: (-222, 96), symbol: ("", ""), number: ("T", "k") },
        Wire { gate: "o", path: &[(228, 190), (228, 138)], label: (232, 148), symbol: ("o", "∂L/∂o"), number: ("so", "to") },
        Wire { gate: "h", path: &[(238, 128), (304, 128)], label: (-297, 106), symbol: ("h@n", "∂L/∂h@n"), number: ("h", "H") },
        Wire { gate: "h", path: &[(0, 254), (228, 254)], label: (0, 270), symbol: ("h@p", "Uᵀ·δ@n"), number: ("h-", "B") },
        Wire { gate: "", path: &[(76, 304), (76, 254)], label: (82, 290), symbol: ("x@n", "x@n"), number: ("", "") },
        Wire { gate: "f", path: &[(24, 254), (24, 214)], label: (28, 229), symbol: ("z", "δ"), number: ("zf", "df") },
        Wire { gate: "i", path: &[(92, 254), (92, 214)], label: (96, 229), symbol: ("z", "δ"), number: ("zi", "di") },
        Wire { gate: "g", path: &[(160, 254), (160, 214)], label: (164, 229), symbol: ("z", "δ"), number: ("zg", "dg") },
        Wire { gate: "o", path: &[(228, 254), (228, 214)], label: (232, 229), symbol: ("z", "δ"), number: ("zo", "do") },
    ],
    beside: "",
};

/// What a variant has beside: wires of its diagram, and the symbol of its own weights.
static MORE: [(CellKind, &[Wire], &str); 3] = [
    (CellKind::LstmPeephole, PEEPHOLES, "p"),
    (CellKind::LstmFgr, GATES_BEFORE, "V"),
    (CellKind::LstmCifg, COUPLING, ""),
];

pub(super) fn more(cell: CellKind) -> Option<&'static (CellKind, &'static [Wire], &'static str)> {
    MORE.iter().find(|(known, ..)| *known == cell)
}

/// By which gates see the cell state: i and f that of the step before, o that of its own.
const PEEPHOLES: &[Wire] = &[
    Wire {
        gate: "f",
        path: &[(2, 46), (2, 202), (6, 202)],
        label: (0, 0),
        symbol: (SILENT, SILENT),
        number: ("Pf", "Rf"),
    },
    Wire {
        gate: "i",
        path: &[(2, 46), (2, 182), (58, 182), (58, 202), (74, 202)],
        label: (28, 162),
        symbol: ("p(i)·c@p", "p(i)·δ(i)"),
        number: ("Pi", "Ri"),
    },
    Wire {
        gate: "o",
        path: &[(301, 46), (301, 202), (246, 202)],
        label: (-297, 174),
        symbol: ("p(o)·c@n", "p(o)·δ(o)"),
        number: ("Po", "Ro"),
    },
];

/// By which a forget gate is what the input gate leaves.
const COUPLING: &[Wire] = &[Wire {
    gate: "i",
    path: &[(92, 138), (58, 138), (58, 202), (42, 202)],
    label: (0, 0),
    symbol: (SILENT, SILENT),
    number: ("si", "tf"),
}];

/// By which gates see those of the step before.
const GATES_BEFORE: &[Wire] = &[Wire {
    gate: "",
    path: &[(150, 304), (150, 254)],
    label: (156, 290),
    symbol: ("i@p, f@p, o@p", "i@p, f@p, o@p"),
    number: ("", ""),
}];

/// What a variant puts in the place of parts of the LSTM's templates, one after the other.
const CHANGES: [(CellKind, &[(&str, &str)]); 7] = [
    (CellKind::LstmNig, &[(">i σ<", ">i = 1<")]),
    (CellKind::LstmNfg, &[(">f σ<", ">f = 1<")]),
    (CellKind::LstmNog, &[(">o σ<", ">o = 1<")]),
    (
        CellKind::LstmNiaf,
        &[("tanh(z@n(g)) = tanh({zg})", "z@n(g)"), ("·(1 − g²)", ""), ("·(1 − <sg>²)", ""), (">g tanh<", ">g<")],
    ),
    (
        CellKind::LstmNoaf,
        &[
            ("·(1 − tanh²(c@n))", ""),
            ("·(1 − <T>²)", ""),
            ("tanh(c@n)", "c@n"),
            ("tanh(c)", "c"),
            ("tanh({c})", "<c>"),
            (">tanh<", ">c<"),
        ],
    ),
    (
        CellKind::LstmCifg,
        &[
            ("σ(z@n(f)) = σ({zf})|sf|Zf", "1 − i@n = 1 − {si}|sf"),
            ("∂L/∂c·g·i·(1 − i) = <C>·<sg>·", "∂L/∂c·(g − c@p)·i·(1 − i) = <C>·(<sg> − <c->)·"),
            ("g·i·(1 − i)·U(i)", "(g − c@p)·i·(1 − i)·U(i)"),
            (">f σ<", ">1 − i<"),
        ],
    ),
    (
        CellKind::LstmPeephole,
        &[
            ("f@l·∂L/∂c@l + ", "f@l·∂L/∂c@l + p(i)·δ@l(i) + p(f)·δ@l(f) + "),
            ("{sf+}·<C+> + ", "{sf+}·<C+> + <pi>·<di+> + <pf>·<df+> + "),
            ("·(1 − tanh²(c@n)) = ⟦", "·(1 − tanh²(c@n)) + p(o)·δ@n(o) = ⟦"),
            ("(1 − <T>²)|C", "(1 − <T>²) + <po>·<do>|C"),
            (
                "∂c@n/∂c@p = f@n|sf",
                "∂c@n/∂c@p = f@n + g·i·(1 − i)·p(i) + c@p·f·(1 − f)·p(f) = {sf} + <ji>·<pi> + <jf>·<pf>|X",
            ),
            ("·f = {so}·(1 − <T>²)·{sf}|a", "·∂c@n/∂c@p = <e>·<X>|a"),
            ("= o·(1 − tanh²(c@n))·", "= (o·(1 − tanh²(c@n)) + tanh(c@n)·o·(1 − o)·p(o))·"),
        ],
    ),
];

/// The states that gates of the step before are in FGR, and how those of a step depend on them; % stands for the gate.
const BY_GATES: &str = "
%|∂%@n([K])/∂%@p([K]) = %·(1 − %)·V(%; %) = {s%}·(1 − {s%})·<v%%>|M%
c|∂c@n([K])/∂%@p([K]) = g·i·(1 − i)·V(i; %) + c@p·f·(1 − f)·V(f; %) = <ji>·<vi%> + <jf>·<vf%>|N%
h|∂h@n([K])/∂%@p([K]) = o·(1 − tanh²(c@n))·∂c@n/∂%@p + tanh(c@n)·o·(1 − o)·V(o; %) = <e>·<N%> + <Jo>·<vo%>|O%";

/// A template of the LSTM with what a variant changes in it.
pub fn varied(cell: CellKind, template: &str) -> String {
    let mut text = template.to_owned();
    for (from, to) in CHANGES.iter().find(|(known, _)| *known == cell).map_or(&[][..], |(_, changes)| changes) {
        text = text.replace(from, to);
    }
    if cell == CellKind::LstmFgr {
        for gate in ["i", "f", "o"] {
            let (symbol, number) = match gate {
                "i" => ("∂L/∂c·g·", "<C>·<sg>·"),
                "f" => ("∂L/∂c·c@p·", "<C>·<c->·"),
                _ => ("∂L/∂h·tanh(c)·", "<H>·tanh({c})·"),
            };
            // By the gate itself first, which those of the step after join.
            let told = [symbol, number].map(|side| side.trim_end_matches('·'));
            let by_gate = ["∂L/∂% = ", told[0], "⟦ + V(%)ᵀ·δ@l⟧ = ", told[1], "⟦ + <l%>⟧|t%\n%|"].concat();
            text = text
                .replace(
                    &["δ(", gate, ") = ", symbol].concat(),
                    &[&by_gate, "δ(%) = ∂L/∂%·"].concat().replace('%', gate),
                )
                .replace(&[" = ", number].concat(), &[" = <t", gate, ">·"].concat());
            if template.starts_with("f|∂c@n") {
                text += &BY_GATES.replace('%', gate);
            }
        }
    }
    text
}
