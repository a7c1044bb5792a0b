//! Gradient check: backpropagation against finite differences, block by block.

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
    /// `‖bp‖` over the parameters compared.
    pub norm: f64,
    /// The distance of the differences fd from those with half of ε, divided by 2 ‖fd‖, over the weights at which fd and bp
    /// disagree: about as large as `error` where ε is too large, or the loss too coarse, for the differences to be reliable.
    pub unsure: f64,
    /// Number of parameters compared.
    pub compared: usize,
    /// Number of parameters left out because ±ε moves some z of a ReLU across its kink, where no derivative exists.
    pub left_out: usize,
}

impl BlockCheck {
    /// The largest error that finite differences and 64 bits explain; a larger one means a wrong gradient.
    pub const RIGHT: f64 = 1e-6;
}

/// Compares backpropagation with central differences `(L(θ + ε) − L(θ − ε)) / 2ε` in f64, for every weight.
///
/// With truncation, L continues after each cut from the states of the unchanged network, which the truncated gradient
/// treats as constants.
///
/// # Panics
/// If the batch does not suit network and loss; [`Batch::check_fits`] checks that.
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

/// Does the same with the truncation and the dropout masks of `unroll`, which stay as they are.
///
/// # Panics
/// As for [`gradient_check`].
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

/// A gradient check that compares one weight per call, so that the caller can do other work in between.
pub struct GradientCheck {
    /// The network; one weight is changed by ε while it is compared.
    network: Network<f64>,
    batch: Batch<f64>,
    loss: LossSpec,
    epsilon: f64,
    unroll: Unroll<f64>,
    unmoved: Unroll<f64>,
    gradients: Parameters<f64>,
    /// Whether each z is above the kink, for a network with one.
    signs: Vec<bool>,
    /// The distance from one compared weight to the next.
    stride: usize,
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
    /// Prepares the check of a network's loss over a batch, with a truncated gradient.
    ///
    /// # Panics
    /// If the batch does not suit network and loss; [`Batch::check_fits`] checks that.
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
        Self { network, batch, loss, epsilon, unmoved, unroll, gradients, signs, stride: 1, next: 0, tallies }
    }

    /// Limits the check to so many weights, evenly spread. The first of every block is always compared.
    #[must_use]
    pub fn at_most(self, weights: usize) -> Self {
        Self { stride: self.gradients.len().div_ceil(weights.max(1)).max(1), ..self }
    }

    /// Compares the next weight; whether there are more.
    pub fn step(&mut self) -> bool {
        let index = self.next;
        let Some(at) = self.gradients.blocks().iter().position(|block| block.range().contains(&index)) else {
            return false;
        };
        let block: Block = self.gradients.blocks()[at];
        let exact = self.gradients.values()[index];
        let slope = self.slope(index, self.epsilon);
        // Where the two agree a smaller ε is not needed.
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
        // The first weight of a block is always compared.
        let end = block.range().end;
        self.next = if index + 1 < end { (index + self.stride).min(end) } else { end };
        self.next < self.gradients.len()
    }

    /// Computes the slope of the loss by one weight, as a central difference; `None` where a z crosses the kink.
    fn slope(&mut self, index: usize, epsilon: f64) -> Option<f64> {
        let ((above, over), (below, under)) = (self.moved(index, epsilon), self.moved(index, -epsilon));
        (!over && !under).then(|| (above - below) / (2.0 * epsilon))
    }

    /// Computes the loss with one weight changed, and whether a z crossed the kink.
    fn moved(&mut self, index: usize, by: f64) -> (f64, bool) {
        let value = self.network.parameters().values()[index];
        self.network.parameters_mut().values_mut()[index] = value + by;
        self.unroll.forward_holding(&self.network, &self.batch, Some(&self.unmoved));
        self.network.parameters_mut().values_mut()[index] = value;
        let crossed = signs(&self.unroll).zip(&self.signs).any(|(now, before)| now != *before);
        (self.unroll.loss(&self.batch, self.loss), crossed)
    }

    /// The part of the check that is done, 0 to 1.
    #[must_use]
    pub fn done(&self) -> f64 {
        self.next.min(self.gradients.len()) as f64 / self.gradients.len() as f64
    }

    /// The results so far.
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

/// Whether each z of all layers is above the kink.
fn signs(unroll: &Unroll<f64>) -> impl Iterator<Item = bool> {
    unroll.layers().iter().flat_map(|layer| layer.z().iter().map(|&z| z > 0.0).collect::<Vec<_>>())
}
