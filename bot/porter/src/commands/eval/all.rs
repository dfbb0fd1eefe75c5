use porter_embeddings::catalogue::MINILM;
use porter_evals::Run;

use super::{answers, attacks, dialogues, triage};
use crate::config::Config;
use crate::error::PorterError;

/// Every eval that needs no data set from outside, on the project's own cases, in the order in which the report shows them.
pub(super) async fn run(config: &Config) -> Result<Vec<Run>, PorterError> {
    Ok(vec![
        triage::run(config, None, false).await?,
        answers::run(config, None, MINILM.name).await?,
        dialogues::run(config, None, 1, 1).await?,
        attacks::run(config, None).await?,
    ])
}
