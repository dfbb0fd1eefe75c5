//! The model that words answers, as the configuration names it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_desk::Reword;
use porter_embeddings::{EncoderService, Progress};
use porter_kernel::clock::SystemClock;
use porter_knowledge_base::{Extract, Found};
use porter_rephrase::{Guard, Guarded, LocalModel, Model, OpenAiModel, OpenAiSettings, Question, Rephraser};

use crate::assemble;
use crate::config::{Answers, Config};
use crate::error::PorterError;

/// A turn's lease must outlive an answer that is waited for.
const LONGEST: u32 = 20;

/// The desk's seam on one side, the rephraser on the other.
#[derive(Debug)]
struct Worded(Rephraser);

#[async_trait]
impl Reword for Worded {
    async fn reword(
        &self,
        question: &str,
        passages: &[Found],
        extract: &Extract,
        draft: &(dyn for<'p> Fn(&'p [String]) + Send + Sync),
    ) -> Option<Vec<String>> {
        let found = self.0.rephrase(Question { text: question, passages, floor: extract }, draft).await;
        if let Some(fault) = &found.fault {
            tracing::warn!(%fault, "an answer was not worded by the model, or not to its end");
        }
        found.pieces
    }
}

/// The configured model behind its guards; `None` where answers are the articles' own sentences.
pub(crate) async fn reword(
    config: &Config,
    encoder: &EncoderService,
    progress: &dyn Progress,
) -> Result<Option<Arc<dyn Reword>>, PorterError> {
    let Answers { model_url, local, .. } = &config.answers;
    let model: Arc<dyn Model> = match (model_url, local) {
        (None, false) => return Ok(None),
        (Some(_), true) => {
            let why = "answers.model_url and answers.local are both set: choose one of them";
            return Err(PorterError::Usage(why.to_owned()));
        }
        (Some(url), false) => endpoint(&config.answers, url)?,
        (None, true) => Arc::new(LocalModel::new(assemble::generator(config, progress).await?)),
    };
    Ok(Some(Arc::new(Worded(rephraser(&config.answers, model, guard(&config.answers)?, encoder)))))
}

/// The endpoint at that address, with the model and key of the configuration.
pub(crate) fn endpoint(answers: &Answers, url: &str) -> Result<Arc<dyn Model>, PorterError> {
    let Some(model) = &answers.model else {
        return Err(PorterError::Usage("answers.model is not set: name the model that the endpoint is to use".to_owned()));
    };
    let key = answers.model_key.as_ref().map(|key| key.reveal().to_owned());
    Ok(Arc::new(OpenAiModel::new(OpenAiSettings { url: url.to_owned(), key, model: model.clone() })?))
}

/// How far the model's trouble may reach.
pub(crate) fn guard(answers: &Answers) -> Result<Guard, PorterError> {
    let seconds = answers.timeout_seconds.get();
    if seconds > LONGEST {
        return Err(PorterError::Usage(format!(
            "answers.timeout_seconds = {seconds}: nobody waits longer than {LONGEST} for an answer"
        )));
    }
    Ok(Guard { timeout: Duration::from_secs(seconds.into()), ..Guard::default() })
}

/// A rephraser with this model behind its guard.
pub(crate) fn rephraser(answers: &Answers, model: Arc<dyn Model>, guard: Guard, encoder: &EncoderService) -> Rephraser {
    let guarded = Guarded::new(model, Arc::new(SystemClock), guard);
    Rephraser::new(Arc::new(guarded), encoder.clone(), answers.max_tokens.get())
}
