//! Names of things in the page's language: every part of the page uses these, so that each thing has one name.

use crate::i18n::{I18n, t_string, use_i18n};
use crate::shelf::{How, Kept};
use lab::Allowed;
use lab::Experiment;
use lab::Key;
use lab::Lang;
use lab::Own;
use lab::Problem;
use lab::Reason;
use lab::StopReason;
use lab::Stopped;
use lab::experiment::limits::MOST_EDITS;
use nn::{CellKind, OptimizerKind};
use tasks::TaskKind;

/// Builds the names in the page's language.
#[derive(Clone, Copy)]
pub struct Words {
    i18n: I18n,
}

impl Words {
    /// Uses the language of the component's context.
    pub fn here() -> Self {
        Self { i18n: use_i18n() }
    }

    /// Returns the texts for `t_string!`.
    pub fn i18n(self) -> I18n {
        self.i18n
    }

    /// Returns the decimal mark.
    pub fn mark(self) -> char {
        match self.i18n.lang() {
            Lang::En => '.',
            Lang::It => ',',
        }
    }

    /// Writes a share or mean in a sentence, with two significant digits.
    pub fn share(self, value: f64) -> String {
        numbers::significant(value, numbers::DIGITS, self.mark())
    }

    /// Names a network.
    pub fn cell(self, cell: CellKind) -> &'static str {
        let i18n = self.i18n;
        match cell {
            CellKind::RnnSigmoid => t_string!(i18n, cells.rnn_sigmoid),
            CellKind::RnnTanh => t_string!(i18n, cells.rnn_tanh),
            CellKind::RnnRelu => t_string!(i18n, cells.rnn_relu),
            CellKind::Lstm => t_string!(i18n, cells.lstm),
            CellKind::Gru => "GRU",
            CellKind::Window => t_string!(i18n, cells.window),
            // Names from papers, the same in every language.
            CellKind::LstmNfg => "LSTM NFG",
            CellKind::LstmNig => "LSTM NIG",
            CellKind::LstmNog => "LSTM NOG",
            CellKind::LstmNiaf => "LSTM NIAF",
            CellKind::LstmNoaf => "LSTM NOAF",
            CellKind::LstmCifg => "LSTM CIFG",
            CellKind::LstmPeephole => "LSTM peephole",
            CellKind::LstmFgr => "LSTM FGR",
        }
    }

    /// Describes the change in a variant of the LSTM.
    pub fn variant(self, cell: CellKind) -> &'static str {
        let i18n = self.i18n;
        match cell {
            CellKind::LstmNfg => t_string!(i18n, variants.nfg),
            CellKind::LstmNig => t_string!(i18n, variants.nig),
            CellKind::LstmNog => t_string!(i18n, variants.nog),
            CellKind::LstmNiaf => t_string!(i18n, variants.niaf),
            CellKind::LstmNoaf => t_string!(i18n, variants.noaf),
            CellKind::LstmCifg => t_string!(i18n, variants.cifg),
            CellKind::LstmPeephole => t_string!(i18n, variants.peephole),
            CellKind::LstmFgr => t_string!(i18n, variants.fgr),
            _ => t_string!(i18n, variants.plain),
        }
    }

    /// Names a lane: its network, numbered if another lane has the same one.
    pub fn lane(self, cells: &[CellKind], index: usize) -> String {
        let Some(cell) = cells.get(index) else { return String::new() };
        let name = self.cell(*cell);
        if cells.iter().filter(|other| *other == cell).count() > 1 {
            format!("{name} {}", index + 1)
        } else {
            name.to_owned()
        }
    }

    /// Names a kept run.
    pub fn kept(self, kept: &Kept) -> String {
        match kept.how {
            How::Before => t_string!(self.i18n, runs.before).to_owned(),
            _ => kept.run.name.clone(),
        }
    }

    /// Names a key of the link, as its control does.
    pub fn key(self, key: &'static str) -> &'static str {
        let i18n = self.i18n;
        match key {
            "task" => t_string!(i18n, settings.task),
            "len" => t_string!(i18n, settings.len),
            "lanes" => t_string!(i18n, settings.networks),
            "hidden" => t_string!(i18n, settings.hidden),
            "window" => t_string!(i18n, settings.window),
            "match" => t_string!(i18n, settings.matched),
            "batch" => t_string!(i18n, settings.batch),
            "lr" => t_string!(i18n, settings.lr),
            "opt" => t_string!(i18n, settings.optimizer),
            "clip" => t_string!(i18n, settings.clip),
            "tbptt" => t_string!(i18n, settings.tbptt),
            "gain" => t_string!(i18n, settings.gain),
            "forget" => t_string!(i18n, settings.forget),
            "init" => t_string!(i18n, remedies.init),
            "layers" => t_string!(i18n, remedies.layers),
            "clipmode" => t_string!(i18n, remedies.clip_mode),
            "decay" => t_string!(i18n, remedies.decay),
            "dropout" => t_string!(i18n, remedies.dropout),
            "norm" => t_string!(i18n, remedies.norm),
            "train" => t_string!(i18n, remedies.train),
            "ragged" => t_string!(i18n, remedies.ragged),
            "seed" => t_string!(i18n, runs.seed),
            "data" => t_string!(i18n, runs.data),
            "update" => t_string!(i18n, transport.update),
            "probe" => t_string!(i18n, inspector.probe),
            "t" => t_string!(i18n, inspector.step),
            "unit" => t_string!(i18n, inspector.unit),
            "edit" => t_string!(i18n, edits.list),
            other => other,
        }
    }

    /// Writes the value of a key as the page shows it.
    pub fn value(self, key: &Key, of: &Experiment) -> String {
        let value = (key.get)(of);
        match (key.name, key.allowed) {
            ("task", _) => self.task(of.task).to_owned(),
            ("lanes", _) => {
                let lane = |lane: usize| self.lane(&of.lanes, lane) + &self.own(of.own(lane));
                (0..of.lanes.len()).map(lane).collect::<Vec<_>>().join(", ")
            }
            ("decay", _) => numbers::written(of.optimizer_settings().decay).replace('.', &self.mark().to_string()),
            (_, Allowed::Real(..)) => value.replace('.', &self.mark().to_string()),
            _ => match self.code(key.name, &value) {
                "" => value,
                word => word.to_owned(),
            },
        }
    }

    /// Lists a lane's own settings in brackets; empty if it has none.
    fn own(self, own: Own) -> String {
        let mut said = Vec::new();
        if let Some(hidden) = own.hidden {
            said.push(format!("H {hidden}"));
        }
        if let Some(forget) = own.forget {
            let forget = numbers::written(forget).replace('.', &self.mark().to_string()).replace('-', "−");
            said.push(format!("b_f {forget}"));
        }
        if let Some(init) = own.init {
            said.push(format!("U {}", self.code("init", init.code())));
        }
        if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) }
    }

    /// Names a word or switch of the link; empty if the page has no name for it.
    pub fn code(self, key: &str, code: &str) -> &'static str {
        let i18n = self.i18n;
        if let Some(optimizer) = OptimizerKind::from_code(code) {
            return optimizer.name();
        }
        match (key, code) {
            (_, "uniform") => t_string!(i18n, remedies.uniform),
            (_, "xavier") => t_string!(i18n, remedies.xavier),
            (_, "orthogonal") => t_string!(i18n, remedies.orthogonal),
            (_, "identity") => t_string!(i18n, remedies.identity),
            ("clipmode", "norm") => t_string!(i18n, remedies.by_norm),
            ("clipmode", _) => t_string!(i18n, remedies.by_value),
            ("norm" | "ragged" | "match", "0") => t_string!(i18n, remedies.no),
            ("norm" | "ragged" | "match", _) => t_string!(i18n, remedies.yes),
            _ => "",
        }
    }

    /// Names a gate series of the trace in full.
    pub fn gate(self, name: &str) -> &'static str {
        let i18n = self.i18n;
        match name {
            "i" => t_string!(i18n, gates.input),
            "f" => t_string!(i18n, gates.forget),
            "g" => t_string!(i18n, gates.candidate),
            "o" => t_string!(i18n, gates.output),
            "r" => t_string!(i18n, gates.reset),
            "z" => t_string!(i18n, gates.update),
            "n" => t_string!(i18n, gates.candidate),
            _ => t_string!(i18n, gates.slope),
        }
    }

    /// Names a task.
    pub fn task(self, task: TaskKind) -> &'static str {
        let i18n = self.i18n;
        match task {
            TaskKind::Order => t_string!(i18n, tasks.order),
            TaskKind::Adding => t_string!(i18n, tasks.adding),
            TaskKind::Recall => t_string!(i18n, tasks.recall),
            TaskKind::Sine => t_string!(i18n, tasks.sine),
            TaskKind::RawAdding => t_string!(i18n, tasks.raw),
            TaskKind::Stream => t_string!(i18n, tasks.stream),
        }
    }

    /// Describes a task in a sentence or two.
    pub fn task_text(self, task: TaskKind, len: usize) -> String {
        let i18n = self.i18n;
        match task {
            TaskKind::Order => t_string!(i18n, tasks.order_text, len = len),
            TaskKind::Adding => t_string!(i18n, tasks.adding_text).to_owned(),
            TaskKind::Recall => t_string!(i18n, tasks.recall_text, len = len),
            TaskKind::Sine => t_string!(i18n, tasks.sine_text).to_owned(),
            TaskKind::RawAdding => t_string!(i18n, tasks.raw_text).to_owned(),
            TaskKind::Stream => t_string!(i18n, tasks.stream_text).to_owned(),
        }
    }

    /// Says when a lane diverged, and which quantity was no longer finite first.
    pub fn stopped(self, stopped: Stopped) -> String {
        let i18n = self.i18n;
        let what = match stopped.reason {
            StopReason::Loss => t_string!(i18n, stopped.loss),
            StopReason::Gradient => t_string!(i18n, stopped.gradient),
            StopReason::Weights => t_string!(i18n, stopped.weights),
        };
        let first = stopped.first.map_or_else(String::new, |(quantity, step)| {
            t_string!(i18n, stopped.first, what = quantity.symbol(), step = step + 1)
        });
        t_string!(i18n, stopped.lane, update = numbers::grouped(stopped.update), what = what, first = first)
    }

    /// Describes a refused key: the value found, and the values allowed.
    pub fn problem(self, problem: &Problem) -> String {
        let i18n = self.i18n;
        let (key, found) = (problem.key.clone(), problem.found.clone());
        match &problem.reason {
            Reason::UnknownKey => t_string!(i18n, problems.unknown, key = key),
            Reason::NotBuilt => t_string!(i18n, problems.not_built, key = key, found = found),
            Reason::Repeated => t_string!(i18n, problems.repeated, key = key),
            Reason::Malformed => t_string!(i18n, problems.malformed, key = key),
            Reason::NotAllowed(allowed) => {
                let allowed = self.allowed(allowed);
                t_string!(i18n, problems.not_allowed, key = key, found = found, allowed = allowed)
            }
        }
    }

    /// Describes a value that was typed into a field and refused, without the name, which is beside it; `holds` is the
    /// value in force.
    pub fn refused(self, problem: &Problem, holds: &str) -> String {
        let i18n = self.i18n;
        let said = match &problem.reason {
            Reason::NotAllowed(allowed) if problem.found.is_empty() => {
                t_string!(i18n, problems.empty, allowed = self.allowed(allowed))
            }
            Reason::NotAllowed(allowed) => {
                t_string!(i18n, problems.typed, found = problem.found.clone(), allowed = self.allowed(allowed))
            }
            _ => self.problem(problem),
        };
        format!("{said} {}", t_string!(i18n, problems.holds, value = holds))
    }

    /// Describes the values that a key may have.
    pub fn allowed(self, allowed: &Allowed) -> String {
        let i18n = self.i18n;
        match *allowed {
            Allowed::Whole(min, max) => t_string!(i18n, allowed.whole, min = min, max = max),
            Allowed::WholeOr(min, max, word) => {
                t_string!(i18n, allowed.whole_or, min = min, max = max, word = word)
            }
            Allowed::Real(min, max) => {
                let text = |bound: f64| bound.to_string().replace('.', &self.mark().to_string());
                t_string!(i18n, allowed.real, min = text(min), max = text(max))
            }
            Allowed::OneOf(words) => words.join(", "),
            Allowed::ListOf(words, min, max) => {
                t_string!(i18n, allowed.list, min = min, max = max, words = words.join(", "))
            }
            Allowed::Lanes(words, most) => t_string!(i18n, allowed.lanes, most = most, words = words.join(", ")),
            Allowed::Name(longest) => t_string!(i18n, allowed.name, longest = longest),
            Allowed::Edits => t_string!(i18n, allowed.edits, most = MOST_EDITS),
            Allowed::Layers(most) => format!("{} 1–{most}", t_string!(i18n, hero.layer)),
            Allowed::Part(..) | Allowed::Places(_) => allowed.to_string(),
        }
    }
}
