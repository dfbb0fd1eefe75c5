//! Scaled dot-product attention (Vaswani et al. 2017) within each text.

use candle_core::{Device, Tensor};

use super::maths;

/// Weighted values of every token. `projected` holds query, key and value of a token in one row; `runs` as in [`super::batch::Batch::runs`].
pub(crate) fn attend(projected: &[f32], runs: &[(usize, usize)], heads: usize) -> Result<Vec<f32>, candle_core::Error> {
    let rows: usize = runs.iter().map(|(texts, tokens)| texts * tokens).sum();
    let width = projected.len() / rows.max(1) / 3;
    let size = width / heads.max(1);
    let mut attended = Vec::with_capacity(rows * width);
    let mut rest = projected;
    for (texts, tokens) in runs.iter().copied() {
        let (own, later) = rest.split_at_checked(texts * tokens * 3 * width).unwrap_or((rest, &[]));
        rest = later;
        // Text, head, token: every head's rows lie together.
        let part = |part: usize, factor: f32| {
            let mut gathered = Vec::with_capacity(texts * tokens * width);
            for text in own.chunks_exact(tokens * 3 * width) {
                for head in 0..heads {
                    let from = part * width + head * size;
                    for row in text.chunks_exact(3 * width) {
                        gathered.extend(row.iter().skip(from).take(size).map(|value| value * factor));
                    }
                }
            }
            Tensor::from_vec(gathered, (texts * heads, tokens, size), &Device::Cpu)
        };
        #[expect(clippy::cast_precision_loss, reason = "a head's size, some tens")]
        let query = part(0, 1.0 / (size as f32).sqrt())?;
        let mut scores = query.matmul(&part(1, 1.0)?.t()?)?.flatten_all()?.to_vec1::<f32>()?;
        maths::softmax(&mut scores, tokens);
        let scores = Tensor::from_vec(scores, (texts * heads, tokens, tokens), &Device::Cpu)?;
        let mixed = scores.matmul(&part(2, 1.0)?)?.flatten_all()?.to_vec1::<f32>()?;
        for text in mixed.chunks_exact(tokens * width) {
            for token in 0..tokens {
                for head in text.chunks_exact(tokens * size) {
                    attended.extend(head.iter().skip(token * size).take(size));
                }
            }
        }
    }
    Ok(attended)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two heads of one number. Query 0: every token counts alike, so the mean of the values comes out.
    #[test]
    fn equal_scores_give_the_mean_of_the_own_text_alone() {
        let token = |value: f32| [0.0, 0.0, 1.0, 1.0, value, 10.0 * value];
        let projected = [token(1.0), token(3.0), token(5.0), token(7.0), token(9.0)].concat();
        let attended = attend(&projected, &[(2, 2), (1, 1)], 2).unwrap();
        assert_eq!(attended, [2.0, 20.0, 2.0, 20.0, 6.0, 60.0, 6.0, 60.0, 9.0, 90.0]);
    }

    #[test]
    fn a_key_like_the_query_wins() {
        let attended = attend(&[50.0, 50.0, 1.0, 50.0, -50.0, 2.0], &[(1, 2)], 1).unwrap();
        assert!(attended.iter().all(|value| (value - 1.0).abs() < 1e-5), "{attended:?}");
    }
}
