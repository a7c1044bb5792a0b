//! Lanes as a link writes them, each with its own values: `lstm,lstm:hidden=8:forget=-2`.

use crate::experiment::limits::{FORGET_BIAS, MOST_HIDDEN};
use crate::experiment::read;
use crate::experiment::settings::{Own, Settings};
use nn::{CellKind, Init};

/// Reads all lanes of a link's value; `None` if one of them cannot be read.
pub(crate) fn read_all(text: &str) -> Option<(Vec<CellKind>, Vec<Own>)> {
    text.split(',').map(read).collect::<Option<Vec<_>>>().map(|lanes| lanes.into_iter().unzip())
}

/// Reads one lane. Each value of its own may be given once.
fn read(text: &str) -> Option<(CellKind, Own)> {
    let mut pieces = text.split(':');
    let cell = CellKind::from_code(pieces.next()?)?;
    let mut own = Own::default();
    for piece in pieces {
        let (key, value) = piece.split_once('=')?;
        match key {
            "hidden" if own.hidden.is_none() => {
                let hidden = usize::try_from(read::whole(value)?).ok()?;
                own.hidden = Some((1..=MOST_HIDDEN).contains(&hidden).then_some(hidden)?);
            }
            "forget" if own.forget.is_none() => {
                let ((low, high), bias) = (FORGET_BIAS, read::real(value)?);
                own.forget = Some((low..=high).contains(&bias).then_some(bias)?);
            }
            "init" if own.init.is_none() => own.init = Some(Init::from_code(value)?),
            _ => return None,
        }
    }
    Some((cell, own))
}

/// Writes all lanes of an experiment.
pub(crate) fn write(settings: &Settings) -> String {
    let lane = |(k, cell): (usize, &CellKind)| {
        let own = settings.own(k);
        let mut text = cell.code().to_owned();
        if let Some(hidden) = own.hidden {
            text += &format!(":hidden={hidden}");
        }
        if let Some(forget) = own.forget {
            text += &format!(":forget={}", numbers::written(forget));
        }
        if let Some(init) = own.init {
            text += &format!(":init={}", init.code());
        }
        text
    };
    settings.lanes.iter().enumerate().map(lane).collect::<Vec<_>>().join(",")
}
