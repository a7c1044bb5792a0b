//! The film's batch: every sequence with its target and, once known, its loss. A click follows another one.

use leptos::prelude::With;

use super::shown::Shown;
use crate::i18n::t_string;
use explain::film::frames::Frame;

impl Shown<'_> {
    /// Builds the sequences as buttons, in the frames about the whole batch; empty in others.
    pub(super) fn batch(&self) -> String {
        let losses = match self.frame {
            Frame::Batch => false,
            Frame::Readout => true,
            _ => return String::new(),
        };
        let Some(of) = &self.report.inside else { return String::new() };
        let classes = self.view.lab.experiment.with(|experiment| experiment.task.task().classes());
        let text = |value: f64| numbers::compact(value, 3, self.view.words.mark());
        let everywhere = of.members.iter().all(|member| member.target.is_none());
        let i18n = self.view.words.i18n();
        let title = match (losses, everywhere) {
            (true, _) => t_string!(i18n, inside.batch_losses),
            (_, true) => t_string!(i18n, inside.batch_sequences),
            _ => t_string!(i18n, inside.batch_targets),
        };
        let mut html = format!("<p>{title}</p>");
        for (b, (member, loss)) in of.members.iter().zip(&self.film.losses).enumerate() {
            let class = member.target.and_then(|target| classes.get(target as usize));
            let target = match (class, member.target) {
                (Some(class), _) => (*class).to_owned(),
                (None, target) => target.map(text).unwrap_or_default(),
            };
            let loss = if losses { text(*loss) } else { String::new() };
            html += &format!(
                "<button data-key=\"b{b}\" data-member=\"{b}\" aria-pressed=\"{}\"><b>{}</b> {target} <i>{loss}</i></button>",
                b == of.member,
                b + 1
            );
        }
        html
    }
}
