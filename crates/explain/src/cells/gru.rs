//! The GRU on the page. u is what its reset gate goes over, `U(n)·h + b_hn`. Pre-activations are a here, for z is a gate.

use super::CellText;
use super::SILENT;
use super::Wire;

/// Equations and diagram.
pub const TEXT: CellText = CellText {
    forward: "r|r@n = σ(a@n(r)) = σ({zr})|sr|Zr
z|z@n = σ(a@n(z)) = σ({zz})|sz|Zz
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
            "k" => number("!<") * z * by_h,
            "b" => by_h * before,
            "u" => by_h * n,
            "U" => -by_h * n,
            "X" => number("zn") - r * u,
            "tr" => number("dn") * u,
            "tz" => by_h * (before - n),
            "tn" => by_h * (1.0 - z),
            "P" => number("dn") * r,
            _ => f64::NAN,
        }
    },
    nodes: concat!(
        r#"<circle cx="64" cy="46" r="10"/><text x="64" y="50">×</text><circle cx="272" cy="46" r="10"/><text x="272" y="50">+</text>"#,
        r#"<circle cx="272" cy="118" r="10"/><text x="272" y="122">×</text><circle cx="202" cy="212" r="10"/><text x="202" y="216">×</text>"#,
        r#"<circle cx="104" cy="118" r="10"/><text x="104" y="122">1−</text>"#,
        r#"<g data-gate="z"><rect x="46" y="200" width="36" height="24" rx="4"/><text x="64" y="216">z σ</text></g>"#,
        r#"<g data-gate="r"><rect x="114" y="200" width="36" height="24" rx="4"/><text x="132" y="216">r σ</text></g>"#,
        r#"<g data-gate="n"><rect x="248" y="200" width="48" height="24" rx="4"/><text x="272" y="216">n tanh</text></g>"#,
    ),
    height: 330,
    wires: &[
        Wire {
            gate: "h",
            path: &[(0, 46), (54, 46)],
            label: (0, 14),
            symbol: ("h@p", "z·∂L/∂h@n"),
            number: ("h-", "k"),
        },
        Wire {
            gate: "h",
            path: &[(74, 46), (262, 46)],
            label: (130, 14),
            symbol: ("z·h@p", "∂L/∂h@n"),
            number: ("m", "H"),
        },
        Wire {
            gate: "h",
            path: &[(282, 46), (304, 46)],
            label: (-304, 14),
            symbol: ("h@n", "∂L/∂h@n"),
            number: ("h", "H"),
        },
        Wire {
            gate: "z",
            path: &[(64, 200), (64, 118)],
            label: (68, 156),
            symbol: ("z", "∂L/∂z"),
            number: ("sz", "tz"),
        },
        Wire {
            gate: "z",
            path: &[(64, 118), (64, 56)],
            label: (68, 72),
            symbol: (SILENT, "h@p·∂L/∂h@n"),
            number: ("sz", "b"),
        },
        Wire { gate: "z", path: &[(64, 118), (94, 118)], label: (0, 0), symbol: (SILENT, SILENT), number: ("sz", "U") },
        Wire {
            gate: "z",
            path: &[(114, 118), (262, 118)],
            label: (150, 98),
            symbol: ("1 − z", "n·∂L/∂h@n"),
            number: ("y", "u"),
        },
        Wire {
            gate: "n",
            path: &[(272, 200), (272, 128)],
            label: (-268, 153),
            symbol: ("n", "∂L/∂n"),
            number: ("sn", "tn"),
        },
        Wire {
            gate: "",
            path: &[(272, 108), (272, 56)],
            label: (-266, 66),
            symbol: ("(1 − z)·n", "∂L/∂h@n"),
            number: ("M", "H"),
        },
        Wire {
            gate: "r",
            path: &[(150, 212), (192, 212)],
            label: (138, 182),
            symbol: ("r", "∂L/∂r"),
            number: ("sr", "tr"),
        },
        Wire {
            gate: "",
            path: &[(212, 212), (248, 212)],
            label: (206, 182),
            symbol: ("r·u", "δ(n)"),
            number: ("p", "dn"),
        },
        Wire {
            gate: "h",
            path: &[(0, 268), (202, 268)],
            label: (0, 284),
            symbol: ("h@p", "Uᵀ·δ@n"),
            number: ("h-", "B"),
        },
        Wire {
            gate: "",
            path: &[(202, 268), (202, 222)],
            label: (206, 242),
            symbol: ("u", "∂L/∂u"),
            number: ("q", "P"),
        },
        Wire { gate: "z", path: &[(64, 268), (64, 224)], label: (68, 242), symbol: ("a", "δ"), number: ("zz", "dz") },
        Wire {
            gate: "r",
            path: &[(132, 268), (132, 224)],
            label: (136, 242),
            symbol: ("a", "δ"),
            number: ("zr", "dr"),
        },
        Wire {
            gate: "n",
            path: &[(0, 318), (272, 318), (272, 224)],
            label: (-268, 290),
            symbol: ("W·x@n + b", "δ"),
            number: ("X", "dn"),
        },
        Wire { gate: "", path: &[(64, 318), (64, 268)], label: (68, 290), symbol: ("x@n", "x@n"), number: ("", "") },
        Wire { gate: "", path: &[(132, 318), (132, 268)], label: (0, 0), symbol: ("", ""), number: ("", "") },
    ],
    beside: "bₕₙ",
};
