//! The lanes as a link writes them, each with what it has of its own: `lstm,lstm:hidden=8:forget=-2`.

use crate::experiment::allowed::Allowed;
use crate::experiment::keys::{self, FORGET, MOST_HIDDEN};
use crate::experiment::settings::{Own, Settings};
use nn::{CellKind, Init};

/// One lane; none for a text that is none.
pub(crate) fn read(text: &str) -> Option<(CellKind, Own)> {
    let mut pieces = text.split(':');
    let cell = CellKind::from_code(pieces.next()?)?;
    let mut own = Own::default();
    for piece in pieces {
        let (key, value) = piece.split_once('=')?;
        let fits = |allowed: Allowed, taken: bool| (!taken && allowed.lets_through(value)).then_some(());
        match key {
            "hidden" => {
                fits(Allowed::Whole(1, MOST_HIDDEN as u64), own.hidden.is_some())?;
                own.hidden = value.parse().ok();
            }
            "forget" => {
                fits(FORGET, own.forget.is_some())?;
                own.forget = Some(keys::real(value, 0.0));
            }
            "init" => {
                let init = Init::from_code(value).filter(|_| own.init.is_none())?;
                own.init = Some(init);
            }
            _ => return None,
        }
    }
    Some((cell, own))
}

/// All of them.
pub(crate) fn write(settings: &Settings) -> String {
    let lane = |(k, cell): (usize, &CellKind)| {
        let own = settings.own(k);
        let mut text = cell.code().to_owned();
        if let Some(hidden) = own.hidden {
            text += &[":hidden=", &hidden.to_string()].concat();
        }
        if let Some(forget) = own.forget {
            text += &[":forget=", &numbers::written(forget)].concat();
        }
        if let Some(init) = own.init {
            text += &[":init=", init.code()].concat();
        }
        text
    };
    settings.lanes.iter().enumerate().map(lane).collect::<Vec<_>>().join(",")
}
