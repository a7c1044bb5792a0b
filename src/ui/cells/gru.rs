//! The GRU on the page. u is what its reset gate goes over, `U(n)·h + b_hn`.

use super::{CellText, Wire};

/// Equations and diagram.
pub const TEXT: CellText = CellText {
    forward: "r|r@n = σ(z@n(r)) = σ({zr})|sr|Zr
z|z@n = σ(z@n(z)) = σ({zz})|sz|Zz
|u@n = U(n)·h@p + bₕₙ|q|Q
n|n@n = tanh(W(n)·x@n + b(n) + r@n·u@n) = tanh({zn})|sn|Zn
h|h@n = (1 − z@n)·n@n + z@n·h@p = (1 − {sz})·<sn> + {sz}·<h->|h",
    backward: "h|∂L/∂h@n = ⟦U(r)ᵀ·δ@l(r) + U(z)ᵀ·δ@l(z) + U(n)ᵀ·r@l·δ@l(n) + z@l·∂L/∂h@l + ⟧Wₒᵤₜᵀ·∂L/∂y@n|H|H
r|δ(r) = δ(n)·u·r·(1 − r) = <dn>·<q>·{sr}·(1 − {sr})|dr
z|δ(z) = ∂L/∂h·(h@p − n)·z·(1 − z) = <H>·(<h-> − <sn>)·{sz}·(1 − {sz})|dz
n|δ(n) = ∂L/∂h·(1 − z)·(1 − n²) = <H>·(1 − {sz})·(1 − <sn>²)|dn",
    jacobian: "h|∂h@n([K])/∂h@p([K]) = z + (h@p − n)·z·(1 − z)·U(z) + (1 − z)·(1 − n²)·r·U(n) + (1 − z)·(1 − n²)·u·r·(1 − r)·U(r) = {sz} + <jz>·<wz> + <jn>·<wn> + <jr>·<wr>|E|Rh",
    rows: &[("h", &["jr", "jz", "jn", "sz"])],
    derived: |_, name, number| {
        let (r, z, n, u) = (number("sr"), number("sz"), number("sn"), number("q"));
        let (before, by_h) = (number("h-"), number("H"));
        let by_u = number("!n") * (1.0 - z) * (1.0 - n * n);
        let (by_r, by_z, by_n) =
            (number("!r") * by_u * u * r * (1.0 - r), number("!z") * (before - n) * z * (1.0 - z), by_u * r);
        match name {
            "jr" => by_r,
            "jz" => by_z,
            "jn" => by_n,
            "E" => z + by_z * number("wz") + by_n * number("wn") + by_r * number("wr"),
            "m" => z * before,
            "y" => 1.0 - z,
            "M" => (1.0 - z) * n,
            "p" => r * u,
            "k" => z * by_h,
            "tr" => number("dn") * u,
            "tz" => by_h * (before - n),
            "tn" => by_h * (1.0 - z),
            "P" => number("dn") * r,
            _ => f64::NAN,
        }
    },
    nodes: concat!(
        r#"<circle cx="48" cy="46" r="10"/><text x="48" y="50">×</text><circle cx="220" cy="46" r="10"/><text x="220" y="50">+</text>"#,
        r#"<circle cx="220" cy="112" r="10"/><text x="220" y="116">×</text><circle cx="162" cy="206" r="10"/><text x="162" y="210">×</text>"#,
        r#"<g data-gate="z"><rect x="30" y="194" width="36" height="24" rx="4"/><text x="48" y="210">z σ</text></g>"#,
        r#"<g data-gate="r"><rect x="84" y="194" width="36" height="24" rx="4"/><text x="102" y="210">r σ</text></g>"#,
        r#"<g data-gate="n"><rect x="196" y="194" width="48" height="24" rx="4"/><text x="220" y="210">n tanh</text></g>"#,
    ),
    height: 296,
    wires: &[
        Wire {
            gate: "h",
            path: &[(0, 46), (38, 46)],
            label: (0, 14),
            symbol: ("h@p", "z·∂L/∂h@n"),
            number: ("h-", "k"),
        },
        Wire { gate: "h", path: &[(58, 46), (210, 46)], label: (110, 14), symbol: ("z·h@p", ""), number: ("m", "H") },
        Wire {
            gate: "h",
            path: &[(230, 46), (304, 46)],
            label: (-304, 14),
            symbol: ("h@n", "∂L/∂h@n"),
            number: ("h", "H"),
        },
        Wire {
            gate: "z",
            path: &[(48, 194), (48, 56)],
            label: (52, 150),
            symbol: ("z", "∂L/∂z"),
            number: ("sz", "tz"),
        },
        Wire {
            gate: "z", path: &[(48, 112), (210, 112)], label: (100, 84), symbol: ("1 − z", ""), number: ("y", "")
        },
        Wire {
            gate: "n",
            path: &[(220, 194), (220, 122)],
            label: (224, 150),
            symbol: ("n", "∂L/∂n"),
            number: ("sn", "tn"),
        },
        Wire {
            gate: "",
            path: &[(220, 102), (220, 56)],
            label: (226, 74),
            symbol: ("(1 − z)·n", ""),
            number: ("M", "H"),
        },
        Wire {
            gate: "r",
            path: &[(120, 206), (152, 206)],
            label: (104, 168),
            symbol: ("r", "∂L/∂r"),
            number: ("sr", "tr"),
        },
        Wire {
            gate: "", path: &[(172, 206), (196, 206)], label: (160, 168), symbol: ("r·u", ""), number: ("p", "dn")
        },
        Wire {
            gate: "h",
            path: &[(0, 262), (162, 262)],
            label: (0, 278),
            symbol: ("h@p", "Uᵀ·δ@n"),
            number: ("h-", "B"),
        },
        Wire {
            gate: "",
            path: &[(162, 262), (162, 216)],
            label: (166, 236),
            symbol: ("u", "∂L/∂u"),
            number: ("q", "P"),
        },
        Wire { gate: "z", path: &[(48, 262), (48, 218)], label: (52, 236), symbol: ("z", "δ"), number: ("zz", "dz") },
        Wire {
            gate: "r",
            path: &[(102, 262), (102, 218)],
            label: (106, 236),
            symbol: ("z", "δ"),
            number: ("zr", "dr"),
        },
        Wire {
            gate: "n",
            path: &[(220, 276), (220, 218)],
            label: (226, 244),
            symbol: ("z", "δ"),
            number: ("zn", "dn"),
        },
    ],
};
