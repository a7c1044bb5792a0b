//! The Elman RNN on the page.

use super::CellText;
use super::Wire;

/// Equations and diagram.
pub const TEXT: CellText = CellText {
    forward: "|z@n = W·x@n + U·h@p + b|zz|Zz
dphi|h@n = φ(z@n) = φ({zz})|h
dphi|φ′(z@n) = §|sdphi",
    backward: "|∂L/∂h@n = ⟦Uᵀ·δ@l + ⟧Wₒᵤₜᵀ·∂L/∂y@n|H|H
dphi|δ@n = ∂L/∂z@n = ∂L/∂h@n·φ′(z@n) = <H>·{sdphi}|dz",
    jacobian: "dphi|∂h@n/∂h@p = diag(φ′(z@n))·U|
|∂h@n([K])/∂h@p([K]) = φ′(z@n)·U([K]; [K]) = {sdphi}·<wz>|E|Rh",
    rows: &[("h", &["sdphi"])],
    derived: |_, name, number| match name {
        "E" => number("sdphi") * number("wz"),
        _ => f64::NAN,
    },
    nodes: r#"<circle cx="112" cy="80" r="12"/><text x="112" y="84">Σ</text><rect x="170" y="66" width="48" height="28" rx="4"/><text x="194" y="84">φ</text>"#,
    height: 176,
    wires: &[
        Wire {
            gate: "h", path: &[(0, 80), (100, 80)], label: (0, 46), symbol: ("h@p", "Uᵀ·δ@n"), number: ("h-", "B")
        },
        Wire {
            gate: "",
            path: &[(112, 168), (112, 92)],
            label: (118, 130),
            symbol: ("W·x@n + b", ""),
            number: ("x", ""),
        },
        Wire {
            gate: "dphi",
            path: &[(124, 80), (170, 80)],
            label: (118, 46),
            symbol: ("z@n", "δ@n"),
            number: ("zz", "dz"),
        },
        Wire {
            gate: "h",
            path: &[(218, 80), (304, 80)],
            label: (-304, 46),
            symbol: ("h@n", "∂L/∂h@n"),
            number: ("h", "H"),
        },
    ],
    beside: "",
};
