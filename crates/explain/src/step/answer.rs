//! The readout's equations at a step with their numbers.

use super::At;
use crate::readout::{Readout, ReadoutNames, ReadoutNumber};
use crate::tree::digits::Value;
use crate::tree::equation::{Equation, Line};
use nn::math;

impl At<'_> {
    /// From the states to the answer and, where the step has a target, its loss.
    pub fn answer(&self, of: &Readout<'_>) -> Vec<Line> {
        self.filled(of, &of.answer(&self.readout_names(of)))
    }

    /// From the loss back to the answer; nothing where the step has no target.
    pub fn answer_back(&self, of: &Readout<'_>) -> Vec<Line> {
        self.filled(of, &of.answer_back(&self.readout_names(of)))
    }

    fn readout_names(&self, of: &Readout<'_>) -> ReadoutNames {
        // Of a p close to 1 the logarithm depends on the digits that are not shown.
        let is_sure = of.class().is_some_and(|class| {
            self.lane.trace.answer.get(self.t * of.classes().len() + class).is_some_and(|&p| p > 0.9)
        });
        ReadoutNames {
            step: self.t + 1,
            unit: self.u + 1,
            is_last: self.t + 1 == self.lane.trace.len,
            last_layer: self.last_layer(),
            is_masked: self.is_masked(),
            is_sure,
        }
    }

    fn filled(&self, of: &Readout<'_>, equations: &[Equation<ReadoutNumber>]) -> Vec<Line> {
        let trace = &self.lane.trace;
        let first = self.t * trace.outputs;
        let of_step = |values: &[f32], k: usize| values.get(first + k).map_or(f64::NAN, |&value| f64::from(value));
        let exp = |k: usize| math::exp(of_step(&trace.output, k));
        // p, which f32 rounds to 1 where the loss, in f64, does not.
        let exact = |k: usize| {
            let y = of_step(&trace.output, k);
            1.0 / (0..trace.outputs).map(|j| math::exp(of_step(&trace.output, j) - y)).sum::<f64>()
        };
        let target = || of_step(of.targets(), 0);
        let value = |number: &ReadoutNumber| {
            let value = match *number {
                ReadoutNumber::Output(k) => of_step(&trace.output, k),
                ReadoutNumber::Probability(k) => of_step(&trace.answer, k),
                ReadoutNumber::ExactProbability(k) => exact(k),
                ReadoutNumber::OtherProbability(k) => 1.0 - exact(k),
                ReadoutNumber::OutputGradient(k) => of_step(&trace.grad_output, k),
                ReadoutNumber::Exponential(k) => exp(k),
                ReadoutNumber::ExponentialSum => (0..trace.outputs).map(exp).sum(),
                ReadoutNumber::LossCount => return Value::setting(of.loss_count()),
                ReadoutNumber::Mask => self.mask(self.t, self.u),
                ReadoutNumber::Target => target(),
                ReadoutNumber::StepLoss => (of_step(&trace.output, 0) - target()).powi(2),
                ReadoutNumber::Loss => trace.loss,
            };
            Value::new(value)
        };
        equations.iter().map(|equation| equation.line(self.digits, &value)).collect()
    }
}
