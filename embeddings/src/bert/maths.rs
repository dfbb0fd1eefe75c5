//! The element-wise functions, without branches, so that the compiler makes vector instructions of them.

/// `e^x` for x <= 0, to 2e-7 of its value; 0 from about -87 on down to 2^-126.
pub(crate) fn exp(x: f32) -> f32 {
    // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    // ln 2 in two parts, so that the product with the first is exact.
    let rest = x - whole * 0.693_359_4 - whole * -2.121_944_4e-4;
    // Cephes' expf.
    let mut series = 1.987_569_2e-4;
    for factor in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        series = series * rest + factor;
    }
    let scale = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (series * rest * rest + rest + 1.0) * scale
}

/// The error function to 3e-7, by the rational function of Eigen's `erf` for floats.
fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    let mut above = -2.726_142_3e-10;
    for factor in [2.770_681_5e-8, -2.101_024e-6, -5.692_506_5e-5, -7.349_906_5e-4, -2.954_6e-3, -1.609_603_3e-2] {
        above = above * square + factor;
    }
    let mut below = -1.456_607_2e-5;
    for factor in [-2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_474e-2] {
        below = below * square + factor;
    }
    x * above / below
}

/// GELU by the error function, in place.
pub(crate) fn gelu(values: &mut [f32]) {
    for value in values {
        *value *= 0.5 + 0.5 * erf(*value * std::f32::consts::FRAC_1_SQRT_2);
    }
}

/// Softmax of each row of that width, in place.
pub(crate) fn softmax(values: &mut [f32], width: usize) {
    for row in values.chunks_exact_mut(width) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for value in row.iter_mut() {
            *value = exp(*value - largest);
        }
        let factor = 1.0 / sum(row);
        for value in row {
            *value *= factor;
        }
    }
}

/// A sum in eight parts: faster than one after the other, and more exact.
pub(crate) fn sum(values: &[f32]) -> f32 {
    let mut parts = [0.0_f32; 8];
    let pieces = values.chunks_exact(8);
    let rest: f32 = pieces.remainder().iter().sum();
    for piece in pieces {
        for (part, value) in parts.iter_mut().zip(piece) {
            *part += value;
        }
    }
    parts.iter().sum::<f32>() + rest
}

/// The sum of the products of equal places.
pub(crate) fn dot(values: &[f32], others: &[f32]) -> f32 {
    sum(&values.iter().zip(others).map(|(value, other)| value * other).collect::<Vec<f32>>())
}

/// Adds `other` to `values`.
pub(crate) fn add(values: &mut [f32], other: &[f32]) {
    for (value, addend) in values.iter_mut().zip(other) {
        *value += addend;
    }
}

/// Divides by the length; a vector of zeros stays.
pub(crate) fn to_unit_length(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    for value in vector {
        *value /= length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_close_to_the_exact_one() {
        for step in 0..8_700_u16 {
            let x = -f32::from(step) / 100.0;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "{x}");
        }
        assert!((exp(0.0) - 1.0).abs() < f32::EPSILON && exp(-1e30) < 1e-37);
    }

    /// Values of Abramowitz and Stegun, table 7.1.
    #[test]
    fn the_error_function_has_its_known_values() {
        for (x, exact) in [(0.0, 0.0), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (2.0, 0.995_322_3), (9.0, 1.0), (-1.0, -0.842_700_8)]
        {
            assert!((erf(x) - exact).abs() < 4e-7, "{x}: {}", erf(x));
        }
    }

    #[test]
    fn softmax_sums_to_one_a_row() {
        let mut rows = vec![1.0, 2.0, 3.0, -500.0, 0.0, 500.0];
        softmax(&mut rows, 3);
        assert!((sum(&rows[..3]) - 1.0).abs() < 1e-6 && (rows[5] - 1.0).abs() < 1e-6 && (rows[2] - 0.665_240_94).abs() < 1e-6);
    }

    #[test]
    fn a_sum_takes_what_is_left_over() {
        assert!((sum(&[1.0; 19]) - 19.0).abs() < 1e-6);
    }
}
