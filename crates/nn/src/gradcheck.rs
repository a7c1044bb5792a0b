//! Are the gradients right? Backpropagation against finite differences, block by block.

use crate::Batch;
use crate::Block;
use crate::LossSpec;
use crate::Network;
use crate::Parameters;
use crate::Truncation;
use crate::Unroll;

/// The outcome for one parameter block.
#[derive(Clone, PartialEq, Debug)]
pub struct BlockCheck {
    /// The block's name.
    pub name: &'static str,
    /// Its layer, from 0; of the readout 0.
    pub layer: usize,
    /// `‖fd − bp‖ / (‖fd‖ + ‖bp‖)` over the parameters compared; 0 if both are zero. Right gradients stay under 1e-6
    /// with ε = 1e-5.
    pub error: f64,
    /// `‖bp‖` of those.
    pub norm: f64,
    /// How far the differences fd are from those with half of ε, by 2 ‖fd‖, over the weights at which they are not what
    /// backpropagation says: about as much as `error` where ±ε is too far, or the loss too coarse, for differences to tell.
    pub unsure: f64,
    /// How many parameters were compared.
    pub compared: usize,
    /// How many were left out because ±ε moves some z of a ReLU across its kink, where no derivative exists.
    pub left_out: usize,
}

impl BlockCheck {
    /// Errors up to here are those of differences and of 64 bits, not of a wrong gradient.
    pub const RIGHT: f64 = 1e-6;
}

/// Compares backpropagation with central differences `(L(θ + ε) − L(θ − ε)) / 2ε` in f64, for every weight.
///
/// Where truncation cuts, L goes on from the states that the network has there unmoved: those the truncated gradient
/// takes for constants.
///
/// # Panics
/// If the batch does not suit network and loss; [`Batch::check_fits`] tells beforehand.
#[must_use]
pub fn gradient_check(
    network: &Network<f64>,
    batch: &Batch<f64>,
    loss: LossSpec,
    truncation: Truncation,
    epsilon: f64,
) -> Vec<BlockCheck> {
    let unroll = Unroll::new(network.config(), batch.len(), batch.batch()).truncated(truncation);
    gradient_check_of(unroll, network, batch, loss, epsilon)
}

/// The same for the passes of `unroll`, cut where it cuts, and with the masks of dropout that it has, which stay as they are.
///
/// # Panics
/// As [`gradient_check`].
#[must_use]
pub fn gradient_check_of(
    unroll: Unroll<f64>,
    network: &Network<f64>,
    batch: &Batch<f64>,
    loss: LossSpec,
    epsilon: f64,
) -> Vec<BlockCheck> {
    let mut check = GradientCheck::of(unroll.clone(), unroll, network.clone(), batch.clone(), loss, epsilon);
    while check.step() {}
    check.blocks()
}

/// The same, a weight at a time, so that whoever makes it can listen in between.
pub struct GradientCheck {
    /// Moved by ε while a weight is looked at.
    network: Network<f64>,
    batch: Batch<f64>,
    loss: LossSpec,
    epsilon: f64,
    unroll: Unroll<f64>,
    unmoved: Unroll<f64>,
    gradients: Parameters<f64>,
    /// Of every z, for a network with a kink.
    signs: Vec<bool>,
    /// How far apart the weights are that are compared.
    apart: usize,
    next: usize,
    tallies: Vec<Tally>,
}

/// Sums of squares over a block.
#[derive(Clone, Default)]
struct Tally {
    finite: f64,
    exact: f64,
    difference: f64,
    unsure: f64,
    compared: usize,
    left_out: usize,
}

impl GradientCheck {
    /// Of a network's loss of a batch, with its gradient cut.
    ///
    /// # Panics
    /// If the batch does not suit network and loss; [`Batch::check_fits`] tells beforehand.
    #[must_use]
    pub fn new(network: Network<f64>, batch: Batch<f64>, loss: LossSpec, truncation: Truncation, epsilon: f64) -> Self {
        let unroll = Unroll::new(network.config(), batch.len(), batch.batch()).truncated(truncation);
        Self::of(unroll.clone(), unroll, network, batch, loss, epsilon)
    }

    fn of(
        mut unroll: Unroll<f64>,
        mut unmoved: Unroll<f64>,
        network: Network<f64>,
        batch: Batch<f64>,
        loss: LossSpec,
        epsilon: f64,
    ) -> Self {
        let mut gradients = Parameters::zeros(network.config());
        unroll.forward(&network, &batch);
        unroll.loss(&batch, loss);
        unroll.backward(&network, &batch, &mut gradients);
        unmoved.forward(&network, &batch);
        let signs = if network.config().cell.has_kink() { signs(&unroll).collect() } else { Vec::new() };
        let tallies = vec![Tally::default(); gradients.blocks().len()];
        Self { network, batch, loss, epsilon, unmoved, unroll, gradients, signs, apart: 1, next: 0, tallies }
    }

    /// Compares so many weights at most, evenly spread, of a network that has more. Every block keeps its first.
    #[must_use]
    pub fn at_most(self, weights: usize) -> Self {
        Self { apart: self.gradients.len().div_ceil(weights.max(1)).max(1), ..self }
    }

    /// The next weight; whether there are more.
    pub fn step(&mut self) -> bool {
        let index = self.next;
        let Some(at) = self.gradients.blocks().iter().position(|block| block.range().contains(&index)) else {
            return false;
        };
        let block: Block = self.gradients.blocks()[at];
        let exact = self.gradients.values()[index];
        let slope = self.slope(index, self.epsilon);
        // Where the two agree nothing needs to be surer.
        let agree = slope.is_none_or(|slope| (slope - exact).abs() <= BlockCheck::RIGHT * (slope.abs() + exact.abs()));
        let closer = if agree { slope } else { self.slope(index, self.epsilon / 2.0) };
        let tally = &mut self.tallies[at];
        if let (Some(finite), Some(closer)) = (slope, closer) {
            tally.unsure += (finite - closer) * (finite - closer);
            tally.finite += finite * finite;
            tally.exact += exact * exact;
            tally.difference += (finite - exact) * (finite - exact);
            tally.compared += 1;
        } else {
            tally.left_out += 1;
        }
        // A block's first weight is compared whatever came before it.
        let end = block.range().end;
        self.next = if index + 1 < end { (index + self.apart).min(end) } else { end };
        self.next < self.gradients.len()
    }

    /// How much the loss grows with one weight, by central difference; None where a z crosses the kink.
    fn slope(&mut self, index: usize, epsilon: f64) -> Option<f64> {
        let ((above, over), (below, under)) = (self.moved(index, epsilon), self.moved(index, -epsilon));
        (!over && !under).then(|| (above - below) / (2.0 * epsilon))
    }

    /// The loss with one weight moved, and whether a z crossed the kink.
    fn moved(&mut self, index: usize, by: f64) -> (f64, bool) {
        let value = self.network.parameters().values()[index];
        self.network.parameters_mut().values_mut()[index] = value + by;
        self.unroll.forward_holding(&self.network, &self.batch, Some(&self.unmoved));
        self.network.parameters_mut().values_mut()[index] = value;
        let crossed = signs(&self.unroll).zip(&self.signs).any(|(now, before)| now != *before);
        (self.unroll.loss(&self.batch, self.loss), crossed)
    }

    /// How much of it is done, 0 to 1.
    #[must_use]
    pub fn done(&self) -> f64 {
        self.next.min(self.gradients.len()) as f64 / self.gradients.len() as f64
    }

    /// What was found so far.
    #[must_use]
    pub fn blocks(&self) -> Vec<BlockCheck> {
        let outcome = |(block, tally): (&Block, &Tally)| {
            let scale = tally.finite.sqrt() + tally.exact.sqrt();
            BlockCheck {
                name: block.name,
                layer: block.layer,
                error: if scale == 0.0 { 0.0 } else { tally.difference.sqrt() / scale },
                norm: tally.exact.sqrt(),
                unsure: if tally.unsure == 0.0 { 0.0 } else { tally.unsure.sqrt() / (2.0 * tally.finite.sqrt()) },
                compared: tally.compared,
                left_out: tally.left_out,
            }
        };
        self.gradients.blocks().iter().zip(&self.tallies).map(outcome).collect()
    }
}

/// Which z of all layers are above the kink.
fn signs(unroll: &Unroll<f64>) -> impl Iterator<Item = bool> {
    unroll.layers().iter().flat_map(|layer| layer.z().iter().map(|&z| z > 0.0).collect::<Vec<_>>())
}
