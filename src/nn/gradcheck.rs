//! Are the gradients right? Backpropagation against finite differences, block by block.

use crate::{Batch, CellKind, LossSpec, Network, Parameters, Truncation, Unroll, math};

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
    /// How many parameters were compared.
    pub compared: usize,
    /// How many were left out because ±ε moves some z of a ReLU across its kink, where no derivative exists.
    pub left_out: usize,
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
    mut unroll: Unroll<f64>,
    network: &Network<f64>,
    batch: &Batch<f64>,
    loss: LossSpec,
    epsilon: f64,
) -> Vec<BlockCheck> {
    let mut gradients = Parameters::zeros(network.config());
    unroll.forward(network, batch);
    unroll.loss(batch, loss);
    unroll.backward(network, batch, &mut gradients);
    let unmoved = unroll.clone();
    let has_kink = network.config().cell == CellKind::RnnRelu;
    let signs = |unroll: &Unroll<f64>| -> Vec<bool> {
        let layers = unroll.layers().iter();
        layers.flat_map(|layer| layer.z().iter().map(|&z| z > 0.0).collect::<Vec<_>>()).collect()
    };
    let unmoved_signs = signs(&unroll);

    let mut probe = network.clone();
    let mut moved = |index: usize, by: f64| {
        let value = network.parameters().values()[index];
        probe.parameters_mut().values_mut()[index] = value + by;
        unroll.forward_holding(&probe, batch, Some(&unmoved));
        probe.parameters_mut().values_mut()[index] = value;
        let crossed = has_kink && signs(&unroll) != unmoved_signs;
        (unroll.loss(batch, loss), crossed)
    };
    let mut check = |block: &crate::Block| {
        let (mut finite, mut exact, mut difference) = (Vec::new(), Vec::new(), Vec::new());
        for index in block.range() {
            let ((above, crossed_above), (below, crossed_below)) = (moved(index, epsilon), moved(index, -epsilon));
            if crossed_above || crossed_below {
                continue;
            }
            finite.push((above - below) / (2.0 * epsilon));
            exact.push(gradients.values()[index]);
            difference.push(finite[finite.len() - 1] - exact[exact.len() - 1]);
        }
        let scale = math::norm(&finite) + math::norm(&exact);
        BlockCheck {
            name: block.name,
            layer: block.layer,
            error: if scale == 0.0 { 0.0 } else { math::norm(&difference) / scale },
            compared: finite.len(),
            left_out: block.len() - finite.len(),
        }
    };
    network.parameters().blocks().iter().map(&mut check).collect()
}
